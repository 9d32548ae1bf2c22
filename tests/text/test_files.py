"""Files as a user gives them: several, large, in a named encoding, odd; read whole and in pieces alike."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text.account import Account, Column, Reading, from_plain, to_plain
from deeprnn.text.pieces import lines
from deeprnn.text.reading import open_files, open_pieces, read_bytes, read_file, read_files

from .formats.making import make_docx, make_zip
from .test_reading import FRENCH, RUSSIAN, SIMPLIFIED, keys

ODD = {
    "empty": b"",
    "one blank": b" ",
    "one character": b"a",
    "one character of Chinese": "钟".encode(),
    "one distinct character": b"a" * 1000,
    "shorter than a sequence": b"abc\n",
    "exactly a sequence and one": b"0123456789" * 3 + b"012345",
    "NUL": b"a\0b" * 20,
    "only NUL": b"\0" * 40,
    "carriage returns": b"a\rb\rc\r" * 9,
    "carriage returns and line feeds": b"a\r\nb\r\n" * 9,
    "all line ends": "a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\u2029i".encode(),
    "no line end": b"a b c d e",
    "only line ends": b"\n" * 100,
    "lone surrogate as UTF-8": b"a\xed\xa0\x80b" * 20,
    "surrogate pair as UTF-8": b"a\xed\xa0\xbd\xed\xb8\x80b" * 20,
    "U+FFFF": "a\uffffb".encode() * 9,
    "U+FFFE": "a\ufffeb".encode() * 9,
    "mark inside": "a\ufeffb\ufeff".encode() * 9,
    "only a mark": b"\xef\xbb\xbf",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbfabc",
    "half a mark": b"\xef\xbbabc",
    "UTF-16 of odd length": "a text".encode("utf-16-le") + b"b",
    "UTF-16 with a lone surrogate": b"\xff\xfea\0\x00\xd8b\0",
    "UTF-16 cut in a pair": b"\xff\xfe" + "a\U0001f600".encode("utf-16-le")[:-2],
    "combining marks": ("e" + "\u0301" * 500).encode(),
    "zero width joiners": "👩‍👩‍👧‍👦👨‍🚀".encode() * 9,
    "flags": "🇨🇳🇫🇷🇬🇧🏴󠁧󠁢󠁳󠁣󠁴󠁿".encode() * 9,
    "right to left": "שלום \u202eabc\u202c مرحبا".encode() * 9,
    "private use": "\ue000\U000f0000\U0010ffff".encode() * 9,
    "unassigned": "\u0378\U0003fffd".encode() * 9,
    "control characters": bytes(range(1, 32)) + b"text " * 80,
    "terminal colours": b"\x1b[31mred\x1b[0m text " * 9,
    "backspaces": b"a\bb\bc words " * 9,
    "overlong UTF-8": b"abc\xc0\xaf\xe0\x80\xaf" * 9,
    "beyond Unicode": b"abc\xf4\x90\x80\x80" * 9,
    "cut UTF-8": "城里的钟".encode()[:-1],
    "all bytes": bytes(range(256)),
    "one long line": b"x" * 10_000_000,
    "long line of Chinese": ("道可道，非常道。" * 100_000).encode(),
    "almost a zip": b"PK once upon a time",
    "almost JSON": b'{"a": "b", ',
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_text_is_read_the_same_way_whole_and_in_pieces_or_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(ODD[case])
    try:
        account, pieces = open_pieces(path)
    except TextError:
        with pytest.raises(TextError):
            read_bytes(ODD[case], "odd.txt")
        return
    for _ in range(2):  # it may be iterated again
        found = list(pieces)
        assert all(found)
        text = "".join(found)
        assert len(text) == account.characters
        text.encode()  # no surrogate
        assert "\0" not in text
    assert read_bytes(ODD[case], "odd.txt").text == text == read_file(path).text
    if not account.notices and account.encoding == "utf-8":
        assert text.encode() == ODD[case].removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(SIMPLIFIED, "utf-8"), (SIMPLIFIED, "gb18030"), (RUSSIAN, "koi8-r"), (FRENCH, "cp1252"), (RUSSIAN, "utf-16-be")],
)
def test_a_long_file_comes_in_pieces_that_cut_no_character(text: str, encoding: str, tmp_path: Path) -> None:
    path, whole = tmp_path / "long.txt", text * (3_000_000 // len(text.encode(encoding)))
    path.write_bytes(whole.encode(encoding))
    account, pieces = open_pieces(path)
    found = list(pieces)
    assert len(found) > 2
    assert max(map(len, found)) <= 2**20 + 2
    assert ("".join(found), account.encoding.replace("_", "-"), account.undecodable) == (whole, encoding, 0)


def test_an_encoding_may_be_named(tmp_path: Path) -> None:
    data = RUSSIAN.encode("koi8-r")
    named = read_bytes(data, "x.txt", Reading(encoding="KOI8-R"))
    assert (named.text, named.encoding, keys(named)) == (RUSSIAN, "koi8-r", [])
    wrong = read_bytes(data, "x.txt", Reading(encoding="cp866"))
    assert (wrong.text, wrong.encoding) == (data.decode("cp866"), "cp866")  # as the user wishes
    for bad in ("klingon", "rot13", "base64", "idna", "", "a\0b"):
        with pytest.raises(TextError, match="no character encoding"):
            read_bytes(data, "x.txt", Reading(encoding=bad))
    with pytest.raises(TextError, match="cannot be UTF-8"):
        read_bytes(data, "x.txt", Reading(encoding="utf-8"))
    table = tmp_path / "t.csv"
    table.write_bytes("номер,слова\n1,Все счастливые семьи\n".encode("cp1251"))
    assert read_file(table, Reading(encoding="cp1251")).text == "Все счастливые семьи\n"


def test_a_guess_has_a_preview_and_other_candidates() -> None:
    account = read_bytes(RUSSIAN.encode("cp1251"), "x.txt").account
    assert (account.is_guess, account.preview[:20]) == (True, RUSSIAN[:20])
    assert account.encoding not in account.candidates


def test_several_files_are_one_text_in_the_given_order(tmp_path: Path) -> None:
    files = {"b.txt": b"second\n", "a.txt": b"first", "c.docx": make_docx(["third"]), "d.txt": RUSSIAN.encode("koi8-r")}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [tmp_path / name for name in files]
    read = read_files(paths)
    assert read.text == f"second\n\nfirst\n\nthird\n\n{RUSSIAN}"
    assert [(part.name, part.kind) for part in read.account.parts] == [
        ("b.txt", "text"),
        ("a.txt", "text"),
        ("c.docx", "docx"),
        ("d.txt", "text"),
    ]
    assert (keys(read), "d.txt: The file was read as KOI8-R" in str(read.notices[0])) == (["in_file"], True)
    _, pieces = open_files(paths)
    assert "".join(pieces) == read.text == "".join(pieces)
    (tmp_path / "d.txt").unlink()
    with pytest.raises(TextError, match=r"d\.txt"):
        read_files(paths)
    with pytest.raises(TextError):
        read_files([])


def test_a_device_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deeprnn.text.reading.MAX_MEGABYTES", 0.01)
    if os.path.exists("/dev/zero"):
        with pytest.raises(TextError, match=r"at most 0\.01 MB"):
            open_pieces("/dev/zero")


def test_an_account_survives_the_way_between_processes() -> None:
    part = read_bytes(make_zip({"a.txt": RUSSIAN.encode("cp1251"), "b.png": b"\x89PNG"}), "x.zip").account
    account = Account("n", "csv", columns=(Column("a", 3),), chosen=("a",), notices=part.notices, parts=(part,))
    assert from_plain(to_plain(account)) == account


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_are_the_same_wherever_the_pieces_end(size: int) -> None:
    text = "one\r\ntwo\rthree\n\n\u2028four\x0cfive"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(lines(pieces)) == ["one\n", "two\n", "three\n", "\n", "\u2028four\x0cfive"]
