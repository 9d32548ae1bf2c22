"""Files made to hang or to fill a reader: each is refused in words, and the program goes on.

How long that takes and how much memory, `python -m benchmarks bombs` measures; here it must only happen.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable

import pytest

from deeprnn.errors import TextError
from deeprnn.text.formats import process
from deeprnn.text.reading import read_bytes

from .making import make_docx_body, make_epub, make_pdf, make_zip

ENTITIES = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(
        f"<!ENTITY {name} '" + f"&{before};" * 8 + "'>" for before, name in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    + "]>"
)


def zeros(megabytes: int) -> bytes:
    """Return zeros as one stream of zlib."""
    squeeze, chunk = zlib.compressobj(9), bytes(10**6)
    return b"".join(squeeze.compress(chunk) for _ in range(megabytes)) + squeeze.flush()


def false_size() -> bytes:
    """Return an archive whose list says that a member of 30 MB has one byte."""
    data = bytearray(make_zip({"a.txt": bytes(30 * 10**6)}))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (1).to_bytes(4, "little")
    return bytes(data)


def quine() -> bytes:
    """Return an archive that holds archives which hold archives, to any depth that a reader would follow."""
    data = make_zip({"a.txt": "end"})
    for _ in range(30):
        data = make_zip({"r.zip": data, "s.zip": data})[: 1 << 20]
    return data


def many_members() -> bytes:
    return make_zip({f"{number}.txt": "" for number in range(10_001)})


def overlapping() -> bytes:
    """Return an archive in which a thousand members are one and the same."""
    whole = make_zip({"a.txt": b"once upon a time " * 100_000})
    end = whole.rfind(b"PK\x05\x06")
    begin = whole.rfind(b"PK\x01\x02")
    entry = whole[begin:end]
    tail = bytearray(whole[end:])
    tail[8:12] = (1000).to_bytes(2, "little") * 2
    tail[12:16] = (1000 * len(entry)).to_bytes(4, "little")
    return whole[:begin] + entry * 1000 + bytes(tail)


def page_loop() -> bytes:
    return make_pdf([["words"]], kids="2 0 R 2 0 R 2 0 R")


def form_loop() -> bytes:
    """Return a page that draws itself twice, and so on."""
    page = make_pdf([["words"]], streams={0: zlib.compress(b"BT /F1 12 Tf (words) Tj ET /X Do /X Do " * 50)})
    form = b"/Resources<</XObject<</X 4 0 R>>/Font"
    return page.replace(b"/Resources<</Font", form).replace(b"<</Length", b"<</Type/XObject/Subtype/Form/Length")


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip of zeros": ("a.zip", lambda: make_zip({"a.txt": bytes(30 * 10**6)})),
    "zip with a false size": ("a.zip", false_size),
    "zip of zips": ("a.zip", quine),
    "zip of many members": ("a.zip", many_members),
    "zip of overlapping members": ("a.zip", overlapping),
    "gzip of zeros": ("a.txt.gz", lambda: gzip.compress(bytes(30 * 10**6))),
    "bzip2 of zeros": ("a.txt.bz2", lambda: bz2.compress(bytes(30 * 10**6))),
    "xz of zeros": ("a.txt.xz", lambda: lzma.compress(bytes(30 * 10**6), preset=0)),
    "gzip of gzip": ("a.gz.gz", lambda: gzip.compress(gzip.compress(bytes(10**6)))),
    "docx of entities": ("a.docx", lambda: make_docx_body("<w:p><w:r><w:t>&k;</w:t></w:r></w:p>", ENTITIES)),
    "docx nested": ("a.docx", lambda: make_docx_body("<w:p>" * 50_000)),
    "docx of zeros": ("a.docx", lambda: make_zip({"word/document.xml": b" " * 30 * 10**6})),
    "epub of entities": (
        "a.epub",
        lambda: make_epub({"a": "x"}, ["a"], **{"META-INF/container.xml": f"{ENTITIES}<container>&k;</container>"}),
    ),
    "epub of zeros": ("a.epub", lambda: make_epub({"a": " " * 30 * 10**6}, ["a"])),
    "json nested": ("a.json", lambda: b"[" * 10**6),
    "json nested and closed": ("a.json", lambda: b"[" * 900 + b'"x"' + b"]" * 900),
    "json of empty lists": ("a.json", lambda: b"[" + b"{}," * 300_000 + b"{}]"),
    "json of a long number": ("a.json", lambda: b'{"a": ' + b"9" * 1_000_000 + b"}"),
    "jsonl nested": ("a.jsonl", lambda: b'{"a": 1}\n' + b'{"a":' * 100_000),
    "csv of one cell": ("a.csv", lambda: b'a,b\n"' + b"x" * (40 << 20)),
    "csv of many columns": ("a.csv", lambda: b"a,b\n" + b"," * 10**6),
    "pdf with a giant stream": ("a.pdf", lambda: make_pdf([["a"]], streams={0: zeros(30)})),
    "pdf whose pages are a loop": ("a.pdf", page_loop),
}
# What could hang, but can be read to its end.
HARMLESS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "html nested": ("a.html", lambda: b"<!DOCTYPE html>" + b"<div><b>" * 20_000 + b"words"),
    "html of open tags": ("a.html", lambda: b"<!DOCTYPE html>words" + b"<a " * 20_000),
    "html of entities": ("a.html", lambda: ENTITIES.encode() + b"<html>words &k;"),
    "pdf that draws itself": ("a.pdf", form_loop),
    "subtitles of brackets": ("a.srt", lambda: b"1\n00:00:01,000 --> 00:00:02,000\nwords " + b"<a{\\" * 50_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_words(bomb: str) -> None:
    name, make = BOMBS[bomb]
    with pytest.raises(TextError) as caught:
        read_bytes(make(), name)
    assert caught.value.message.key != "reader_too_slow"


@pytest.mark.parametrize("file", HARMLESS)
def test_what_only_looks_like_a_bomb_is_read(file: str) -> None:
    name, make = HARMLESS[file]
    assert "words" in read_bytes(make(), name).text


def test_what_the_machine_reserves_is_not_counted_against_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a core more, an honest archive of 10 KB was said to need too much memory."""
    monkeypatch.setattr(process, "ONE_THREAD", {"OPENBLAS_NUM_THREADS": "16", "OMP_NUM_THREADS": "16"})
    text = "once upon a time there was a bell " * 30_000
    assert read_bytes(make_zip({"a.txt": text}), "a.zip").text == text


def test_a_reader_without_end_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CHILD", "http.server")  # serves until it is ended
    monkeypatch.setattr(process, "SECONDS", 1)
    with pytest.raises(TextError, match="given up after 1 s"):
        read_bytes(b"a,b\n1,2\n", "a.csv")


def test_a_reader_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CHILD", "this")  # prints a poem and writes no account
    with pytest.raises(TextError, match="ended its reader"):
        read_bytes(b"a,b\n1,2\n", "a.csv")
