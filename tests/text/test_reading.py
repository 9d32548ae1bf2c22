"""Reading: every encoding, every oddity, and a notice for whatever was changed."""

from __future__ import annotations

import codecs
import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.errors import TextError
from deeprnn.text import reading
from deeprnn.text.reading import ReadText, read_bytes, read_file, read_pasted

RUSSIAN = (
    "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.\n"
    "Всё смешалось в доме Облонских. Жена узнала, что муж был в связи с гувернанткой.\n"
)
FRENCH = (
    "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se\n"
    "fermaient si vite que je n’avais pas le temps de me dire : « Je m’endors. » Et, une demi-heure après…\n"
)
JAPANESE = (
    "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で"
    "ニャーニャー泣いていた事だけは記憶している。吾輩はここで始めて人間というものを見た。\n"
)
SIMPLIFIED = (
    "从前有座山，山里有座庙，庙里有个老和尚在给小和尚讲故事。\n讲的是什么故事呢？他说，很久以前，"
    "海边住着一个收集风的人，每天早上都要到石头上去听一听，看看今天的风从哪里来。\n"
)
TRADITIONAL = (
    "從前有座山，山裡有座廟，廟裡有個老和尚在給小和尚講故事。\n講的是什麼故事呢？他說，很久以前，"
    "海邊住著一個收集風的人，每天早上都要到石頭上去聽一聽，看看今天的風從哪裡來。\n"
)
KOREAN = (
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.\n"
    "인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.\n"
)
LEGACY = [
    (RUSSIAN, "cp1251"),
    (RUSSIAN, "koi8-r"),
    (RUSSIAN, "cp866"),
    (FRENCH, "cp1252"),
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    (JAPANESE, "iso2022_jp"),
    (SIMPLIFIED, "gbk"),
    (SIMPLIFIED, "gb18030"),
    (TRADITIONAL, "big5"),
    (KOREAN, "euc_kr"),
]
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
TEXTS = (RUSSIAN, FRENCH, JAPANESE, SIMPLIFIED, TRADITIONAL, KOREAN)


def keys(read: ReadText) -> list[str]:
    return [notice.key for notice in read.notices]


def summary(read: ReadText) -> tuple[str, str, list[str]]:
    return read.text, read.encoding, keys(read)


@pytest.mark.parametrize(("text", "encoding"), LEGACY, ids=[encoding for _, encoding in LEGACY])
def test_legacy_encodings_are_guessed_and_said(text: str, encoding: str) -> None:
    read = read_bytes(text.encode(encoding), "book.txt")
    assert read.text == text
    assert keys(read) == ["encoding_guessed"]
    assert text[:20].split("\n")[0] in str(read.notices[0])
    assert read_bytes(text.encode(encoding) * 1000, "long.txt").text == text * 1000  # only a sample is looked at


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_marked_unicode_is_certain(text: str, mark: bytes, encoding: str) -> None:
    assert summary(read_bytes(mark + text.encode(encoding), "x")) == (text, encoding, [])


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", WIDE)
def test_unmarked_wide_unicode_is_guessed(text: str, encoding: str) -> None:
    read = read_bytes(text.encode(encoding), "x")
    assert (read.text, read.encoding, keys(read)) == (text, encoding, ["encoding_guessed"])


@given(st.text(st.characters(exclude_categories=["Cc"]) | st.sampled_from("\0\t\n\r\x85"), min_size=1, max_size=200))
def test_what_utf8_can_write_is_never_changed(text: str) -> None:
    try:
        read = read_pasted(text)
    except TextError:
        assert not text.replace("\0", "").strip()
        return
    assert (read.text == text) == (not read.notices)
    # What was repaired stays as it is, and comes back from a file byte for byte.
    assert summary(read_pasted(read.text)) == (read.text, "", [])
    assert summary(read_bytes(codecs.BOM_UTF8 + read.text.encode(), "x")) == (read.text, "utf-8", [])


REPAIRED = [
    ("nuls_removed", 2, "a\0b\0c\t", "abc\t"),
    ("surrogates_joined", 1, "a\ud83d\ude00", "a😀"),
    ("surrogates_replaced", 2, "a\ud83db\ude00", "a\ufffdb\ufffd"),
]


@pytest.mark.parametrize(("key", "count", "text", "repaired"), REPAIRED)
def test_each_repair_is_counted(key: str, count: int, text: str, repaired: str) -> None:
    read = read_pasted(text)
    assert read.text == repaired
    assert [(notice.key, notice.details) for notice in read.notices] == [(key, {"count": count})]


def test_odd_but_lawful_characters_stay() -> None:
    odd = "\uffff\ufffe\ufffd e\u0301 \u200d\u202e 👩‍👩‍👧 🇨🇳 \ue000 \u2028 \U0010ffff\t\n\r\n\x1b\x85 \ufeff"
    assert summary(read_pasted(odd)) == (odd, "", [])
    assert summary(read_bytes(odd.encode(), "x")) == (odd, "utf-8", [])


@pytest.mark.parametrize("blank", [b"", b" \n\t", "\u3000\u00a0\n".encode(), b"\xef\xbb\xbf", b"\xff\xfe", b"\n\0\n"])
def test_nothing_to_see_is_refused(blank: bytes) -> None:
    with pytest.raises(TextError) as caught:
        read_bytes(blank, "x")
    assert caught.value.message.key in ("empty_text", "not_plain_text")


def test_undecodable_bytes_are_counted_and_kept_visible() -> None:
    data = RUSSIAN.encode()
    read = read_bytes(data[:-3] + b"\xff\xfe" + data, "x")
    assert read.encoding == "utf-8"
    assert [(n.key, n.details["count"]) for n in read.notices] == [("undecodable", 3)]
    assert read.text.count("\ufffd") == 3
    assert read.text.endswith(RUSSIAN)
    odd = read_bytes(codecs.BOM_UTF16_LE + "odd end".encode("utf-16-le") + b"\x41", "x")
    assert (odd.text, keys(odd)) == ("odd end\ufffd", ["undecodable"])


def test_damage_far_inside_a_long_file_does_not_change_its_encoding() -> None:
    data = (SIMPLIFIED * 1000).encode()
    read = read_bytes(data + b"\xff" + data[:-1], "x")
    assert (read.encoding, keys(read), read.text.count("\ufffd")) == ("utf-8", ["undecodable"], 1)


def test_a_replacement_character_of_the_text_itself_is_not_counted() -> None:
    assert summary(read_bytes("a\ufffdb".encode(), "x")) == ("a\ufffdb", "utf-8", [])


def packed(members: dict[str, str | bytes]) -> bytes:
    """Return a zip archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


BINARY = [
    ("7Z", b"7z\xbc\xaf\x27\x1c"),
    ("TAR", b"a.txt".ljust(257, b"\0") + b"ustar\x0000"),
    ("XLSX", packed({"[Content_Types].xml": "", "xl/workbook.xml": ""})),
    ("pickle", b"\x80\x04\x95\x10\x00"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("RTF", b"{\\rtf1 text}"),
]


@pytest.mark.parametrize(("kind", "data"), BINARY)
def test_other_formats_are_named(kind: str, data: bytes) -> None:
    with pytest.raises(TextError, match=f"is a {kind} file"):
        read_bytes(data, "book")


@pytest.mark.parametrize(
    "data",
    [random.Random(0).randbytes(50_000), bytes(range(32)) * 9, b"\0" * 500, b"text " * 20 + bytes(30), b"\0\1\2\3"],
)
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(TextError) as caught:
        read_bytes(data, "data.bin")
    assert caught.value.message.key == "not_plain_text"


def test_a_stray_zero_byte_does_not_make_a_text_binary() -> None:
    read = read_bytes(b"once upon a\0 time there was", "x")
    assert (read.text, keys(read)) == ("once upon a time there was", ["nuls_removed"])


def test_a_line_of_a_million_characters() -> None:
    for text in ("x" * 1_000_000, "道可道，非常道。" * 125_000):
        assert summary(read_bytes(text.encode(), "x")) == (text, "utf-8", [])


def test_names_never_break_a_message() -> None:
    with pytest.raises(TextError) as caught:
        read_bytes(b"Rar!", "a\ud800\n" + "b" * 500)
    str(caught.value).encode()
    assert len(str(caught.value)) < 250


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book.txt"
    book.write_bytes(SIMPLIFIED.encode())
    assert read_file(book).text == SIMPLIFIED
    for bad in (tmp_path / "none.txt", tmp_path, Path("a\0b")):
        with pytest.raises(TextError):
            read_file(bad)
    monkeypatch.setattr(reading, "MAX_MEGABYTES", 0.00005)
    with pytest.raises(TextError, match=r"at most 5e-05 MB"):
        read_file(book)
    with pytest.raises(TextError, match=r"at most 5e-05 MB"):
        read_bytes(book.read_bytes(), "x")
    with pytest.raises(TextError, match=r"at most 5e-05 MB"):
        read_pasted("x" * 101)
