"""Books and pages: what a reader would see of them, in the order in which it would be seen."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text.reading import ReadText, read_bytes

from .making import make_docx, make_docx_body, make_epub, make_pdf, make_zip

PAGE = (
    "<!DOCTYPE html><html><head><title>Title</title><style>p { margin: 0 }</style><script>var x = '<p>no</p>'</script>"
    "</head><body><h1>The Bell</h1>\n<p>It rang <b>tw</b>ice\n   on &lt;Monday&gt;,<br/>then &#22478; not.</p>"
    "<p>钟</p><noscript>no script</noscript><ul><li>one<li>two</ul>"
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><pre>  x\n   y</pre></body></html>"
)
SEEN = "The Bell\n\nIt rang twice on <Monday>,\nthen 城 not.\n\n钟\n\none\ntwo\n\na b\nc\n\n  x\n   y\n"


def keys(read: ReadText) -> list[str]:
    return [notice.key for notice in read.notices]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(TextError) as caught:
        read_bytes(data, name)
    return caught.value.message.key


def test_a_page_is_what_a_reader_sees_of_it() -> None:
    read = read_bytes(PAGE.encode(), "page.html")
    assert (read.text, read.account.kind, read.encoding, keys(read)) == (SEEN, "html", "utf-8", [])


def test_a_page_says_its_encoding_itself() -> None:
    page = PAGE.replace("<head>", '<head><meta charset="gb2312">').encode("gbk")
    read = read_bytes(page, "page.htm")
    assert (read.text, read.encoding, read.account.is_guess) == (SEEN, "gb18030", False)
    western = '<html><head><meta charset="iso-8859-1"></head><body><p>“Œuvre” – 5 €</p></body></html>'.encode("cp1252")
    assert read_bytes(western, "page.html").text == "“Œuvre” – 5 €\n"
    lies = PAGE.replace("<head>", '<head><meta charset="ascii">').encode()
    assert read_bytes(lies, "page.htm").encoding == "utf-8"


def test_a_page_without_any_end_tags() -> None:
    assert read_bytes(b"<html><head><title>t</title><p>one<p>two <i>three", "x.html").text == "one\n\ntwo three\n"


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    chapters = {"b": "<p>Second.</p>", "a": "<h1>I</h1><p>First &amp; foremost.</p>", "c": "<p>not in the spine</p>"}
    read = read_bytes(make_epub(chapters, ["a", "b"]), "book.epub")
    assert (read.text, read.account.kind, keys(read)) == ("I\n\nFirst & foremost.\n\nSecond.\n", "epub", [])


def test_a_book_without_some_of_its_chapters() -> None:
    book = make_epub({"a": "<p>First.</p>"}, ["a"])
    torn = book.replace(b"OEBPS/text/a .xhtml", b"OEBPS/text/z .xhtml")
    assert refusal(torn, "book.epub") == "no_text_in"


def test_a_book_under_a_licence_is_refused_in_words() -> None:
    reference = '<e><CipherReference URI="OEBPS/text/a%20.xhtml"/></e>'
    book = make_epub({"a": "<p>x</p>"}, ["a"], **{"META-INF/encryption.xml": reference})
    assert refusal(book, "book.epub") == "encrypted"
    fonts = make_epub({"a": "<p>x</p>"}, ["a"], **{"META-INF/encryption.xml": reference.replace("a%20", "font")})
    assert read_bytes(fonts, "book.epub").text == "x\n"


def test_a_word_document_is_read_by_its_paragraphs() -> None:
    paragraphs = ["城里的钟", "one\ttwo", "", "line\nbreak"]
    read = read_bytes(make_docx(paragraphs), "letter.docx")
    assert (read.text, read.account.kind, keys(read)) == ("\n".join(paragraphs) + "\n", "docx", [])


def test_a_word_document_without_what_was_deleted_or_doubled() -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>kept</w:t><w:delText>gone</w:delText></w:r>"
        '<mc:AlternateContent xmlns:mc="m"><mc:Choice><w:t> once</w:t></mc:Choice>'
        "<mc:Fallback><w:t>twice</w:t></mc:Fallback></mc:AlternateContent></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    assert read_bytes(make_docx_body(body), "x.docx").text == "kept once\ncell\n"


def test_a_pdf_is_read_page_by_page() -> None:
    read = read_bytes(make_pdf([["The bell rang", "twice."], ["Then it stopped."]]), "book.pdf")
    assert (read.text, read.account.kind, keys(read)) == ("The bell rang\ntwice.\n\nThen it stopped.", "pdf", [])


def test_a_pdf_of_pictures_says_so() -> None:
    assert refusal(make_pdf([[], []]), "scan.pdf") == "only_pictures"
    half = read_bytes(make_pdf([["words"], []]), "scan.pdf")
    assert (half.text, keys(half)) == ("words", ["pages_without_text"])


def test_a_missing_reader_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pypdf.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(TextError, match=r'pip install "pypdf'):
        read_bytes(make_pdf([["words"]]), "book.pdf")


SUBTITLES = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i> there,\r\n- who is it?\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}42\r\n\r\n3\r\n00:00:05,000 --> 00:00:06,000\r\n\r\n"
)


def test_subtitles_are_what_is_spoken() -> None:
    read = read_bytes(SUBTITLES.encode(), "film.srt")
    assert (read.text, read.account.kind) == ("Hello there,\n- who is it?\n42\n", "srt")
    web = "WEBVTT\n\nNOTE a note\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi\n00:03.000 --> 00:04.000\nBye"
    assert read_bytes(web.encode(), "film.vtt").text == "Hi\nBye\n"
    assert read_bytes(b"no times\nat all", "film.srt").text == "no times\nat all"


@pytest.mark.parametrize(("suffix", "squeeze"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_what_its_inner_name_says(suffix: str, squeeze: Callable[[bytes], bytes]) -> None:
    read = read_bytes(squeeze(b"id,text\n1,hello there\n2,good bye\n"), f"data.csv.{suffix}")
    assert (read.text, read.account.kind) == ("hello there\ngood bye\n", "csv")


FOLDER: dict[str, str | bytes] = {
    "book/b.txt": "second\n",
    "book/a.md": "first",
    "book/c.html": PAGE,
    "book/picture.png": b"\x89PNG\r\n\x1a\n",
    "book/.hidden": "hidden",
    "__MACOSX/book/b.txt": "not the user's",
    "book/d.docx": make_docx(["last"]),
}


def test_an_archive_is_a_folder_of_texts_in_the_order_of_their_names() -> None:
    read = read_bytes(make_zip(FOLDER), "book.zip")
    assert read.text == f"first\n\nsecond\n\n{SEEN}\nlast\n"
    assert [part.kind for part in read.account.parts] == ["text", "text", "html", "docx"]
    assert sum(part.characters for part in read.account.parts) == len(read.text) - 4  # what parts them
    assert (keys(read), "picture.png is a PNG file" in str(read.notices[0])) == (["left_out"], True)


def test_an_archive_is_as_certain_as_what_is_in_it() -> None:
    """An archive once called itself certain whatever was guessed in it, and said nothing of bytes that were lost."""
    members = {"a.txt": "Где ёж?".encode("cp1251"), "b.txt": "déjà vu, déjà lu. ".encode() * 9 + b"\xff"}
    guessed, damaged = (read_bytes(data, name).account for name, data in members.items())
    assert (guessed.is_guess, guessed.certain, damaged.undecodable) == (True, False, 1)
    archive = read_bytes(make_zip(members), "a.zip").account
    assert (archive.is_guess, archive.certain, archive.undecodable) == (True, False, 1)


def test_an_archive_of_nothing_readable_says_what_was_tried() -> None:
    with pytest.raises(TextError, match=r"Nothing in x\.zip.*a\.png is a PNG file"):
        read_bytes(make_zip({"a.png": b"\x89PNG\r\n\x1a\n"}), "x.zip")
    assert refusal(make_zip({}), "x.zip") == "empty_folder"


WRONG = [
    ("text", "plain words", "book.docx"),
    ("text", "plain words", "book.pdf"),
    ("text", "plain words", "book.zip"),
    ("html", PAGE, "book.txt"),
    ("docx", make_docx(["words"]), "book.txt"),
    ("epub", make_epub({"a": "<p>x</p>"}, ["a"]), "book.zip"),
    ("pdf", make_pdf([["words"]]), "book.html"),
    ("zip", make_zip({"a.txt": "words"}), "book.epub"),
]


@pytest.mark.parametrize(("kind", "data", "name"), WRONG, ids=[f"{kind} as {name}" for kind, _, name in WRONG])
def test_a_wrong_suffix_is_said_and_the_file_read(kind: str, data: str | bytes, name: str) -> None:
    read = read_bytes(data.encode() if isinstance(data, str) else data, name)
    assert (read.account.kind, keys(read)[-1:]) == (kind, ["wrong_suffix"])


def test_source_code_is_plain_text() -> None:
    code = '<?php\necho "<html>";\n'
    assert (read_bytes(code.encode(), "page.php").text, read_bytes(b"# a,b;c\n", "x.py").text) == (code, "# a,b;c\n")


DOCUMENTS = {
    "a.docx": make_docx(["words"]),
    "a.epub": make_epub({"a": "<p>x</p>"}, ["a"]),
    "a.zip": make_zip(FOLDER),
    "a.pdf": make_pdf([["words"]]),
    "a.gz": gzip.compress(b"words " * 99),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_damaged_document_is_refused_or_read_but_never_a_fault(name: str) -> None:
    data = DOCUMENTS[name]
    for damaged in (data[: len(data) // 2], data[:-30], data[:60] + b"\xff" * 40 + data[100:], data[:30]):
        with contextlib.suppress(TextError):
            assert read_bytes(damaged, name).text
