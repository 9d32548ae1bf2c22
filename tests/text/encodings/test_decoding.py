"""Decoding: encodings found, encodings named, damaged files, and large files in pieces."""

from __future__ import annotations

import codecs
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.encodings import cells, samples, texts
from deeprnn.errors import TextError
from deeprnn.text.encodings import decoding
from deeprnn.text.encodings.decoding import Decoded, DecodedPieces, decode, known_encodings, resolve
from deeprnn.text.encodings.detection import SAMPLE_BYTES, Detected, detect, detect_file

CELLS = list(cells())
SCRIPTS = {
    "Latin": ("fr", "de", "pl", "cs", "tr", "lt", "vi"),
    "Cyrillic": ("ru", "uk"),
    "Greek": ("el",),
    "Hebrew": ("he",),
    "Arabic": ("ar",),
    "simplified": ("zh-Hans",),
    "traditional": ("zh-Hant",),
    "Japanese": ("ja",),
    "Korean": ("ko",),
}


# Thirty samples of each encoding; fewer of their neighbours, which have the same encodings.
LEADING = ("fr", "ru", "ar", "zh-Hans", "zh-Hant", "ja", "ko", "el", "he")


def right(piece: str, encoding: str) -> bool:
    decoded = decode(piece.encode(encoding))
    return decoded is not None and decoded.text == piece


@pytest.mark.parametrize("script", SCRIPTS)
def test_at_200_characters_98_of_100_are_read_rightly(script: str) -> None:
    """Each encoding with each language that it can hold; and no wrong one claims to be certain."""
    read: list[bool] = []
    for language, encoding, story in CELLS:
        if language in SCRIPTS[script]:
            pieces = samples(story, 200, 30 if language in LEADING else 8)
            ours = [decode(piece.encode(encoding)) for piece in pieces]
            hits = [one is not None and one.text == piece for one, piece in zip(ours, pieces, strict=True)]
            assert sum(hits) >= (0.9 if language in LEADING else 0.6) * len(hits), (language, encoding)
            assert all(hit or (one is not None and not one.certain) for one, hit in zip(ours, hits, strict=True))
            read += hits
    assert len(read) >= 5 * 30
    assert sum(read) >= 0.98 * len(read)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_short_text_is_never_misread_in_silence(script: str) -> None:
    for language, encoding, story in CELLS:
        if language not in SCRIPTS[script]:
            continue
        for size in (5, 12, 25, 50, 90, 150):
            for piece in samples(story, size, 2, seed=1):
                decoded = decode(piece.encode(encoding))
                assert decoded is not None, (encoding, piece)
                assert decoded.text == piece or not decoded.certain, (encoding, decoded.encoding, piece)
                assert decoded.certain or decoded.candidates, (encoding, piece)


def test_the_matrix_is_as_large_as_promised() -> None:
    legacy = {encoding for _, encoding, _ in CELLS if not encoding.startswith("utf")}
    assert len(legacy) >= 12
    assert {language for language, _, _ in CELLS} >= {"zh-Hans", "zh-Hant", "ja", "ru", "fr", "ar", "ko"}
    assert all(len(texts()[language]) > 700 for language in texts())


def test_short_french_is_not_baltic() -> None:
    """A few accents in cp1252 were once read as cp1257, in which nobody writes French."""
    for sentence in (
        "Où est ma clé ? À côté du château.",
        "Le garçon était déjà parti à la fenêtre.",
        "Noël à Besançon",
    ):
        decoded = decode(sentence.encode("cp1252"))
        assert decoded
        assert (decoded.text, decoded.encoding) == (sentence, "cp1252")


CAPITALS = "ВСЕМ ПАССАЖИРАМ! ПОЕЗД НОМЕР ПЯТЬ ОТПРАВЛЯЕТСЯ С ТРЕТЬЕГО ПУТИ В ВОСЕМНАДЦАТЬ ЧАСОВ. ПРОСИМ ЗАНЯТЬ МЕСТА."


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5"])
def test_capitals_are_not_small_letters_of_another_encoding(encoding: str) -> None:
    """KOI8-R has its capitals where cp1251 has small letters, and Greek stands where KOI8-R's small letters are."""
    assert right(CAPITALS, encoding)


UNKNOWN = [
    (
        "iso8859-3",
        "Il-ġurnata kienet sabiħa u t-tfal kienu qed jilagħbu ħdejn il-baħar. Żagħżugħ wieħed qal li ra dgħajsa.",
    ),
    ("iso8859-14", "Roedd hen ŵr yn byw yn y tŷ ar ben y bryn. Bob bore âi allan i weld yr haul yn codi dros y môr."),
    ("cp437", "╔════════╗\n║ Hello  ║\n╚════════╝\n"),
    ("cp932", "ｱｲｳｴｵ ｶﾀｶﾅ ﾃｽﾄ ｼﾞﾄﾞｳｼｬ ﾄｳｷｮｳ ﾆﾎﾝ ｺﾝﾋﾟｭｰﾀ"),
    ("shift_jis", "営業時間は９時〜１８時です。お休みは月曜日〜水曜日。どうぞよろしくお願いします。"),
]


@pytest.mark.parametrize(("encoding", "text"), UNKNOWN)
def test_what_is_not_known_is_not_certain(encoding: str, text: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded
    assert decoded.text == text or (not decoded.certain and decoded.candidates)


def test_candidates_give_other_texts_and_the_right_one_is_among_them() -> None:
    wave = "営業時間は９時〜１８時です。"
    decoded = decode(wave.encode("shift_jis"))
    assert decoded
    assert (decoded.encoding, decoded.certain) == ("cp932", False)
    assert "shift_jis" in decoded.candidates
    offered = [wave.encode("shift_jis").decode(name, "replace") for name in decoded.candidates]
    assert len({*offered, decoded.text}) == len(offered) + 1


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred\x1b[0m and \x1b[1;4mbold\x1b[0m\n", "plain", "cost: $5 \x1b$ 7", "~{ not Chinese ~}", "a" * 99],
)
def test_ascii_is_certain_whatever_its_escape_sequences(text: str) -> None:
    assert decode(text.encode()) == Decoded(text, "utf-8")


@pytest.mark.parametrize(("language", "encoding"), [("ja", "iso2022_jp"), ("ko", "iso2022_kr"), ("zh-Hans", "hz")])
def test_encodings_made_of_escape_sequences(language: str, encoding: str) -> None:
    text = next(line for line in texts()[language].split("\n") if len(line) > 30 and "—" not in line)
    decoded = decode(text.encode(encoding, "ignore"))
    assert decoded
    assert (decoded.encoding, decoded.is_guess) == (encoding, True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["الله أكبر كبيرا", "Привет, мир", "世界，你好", "てほしいとのこと", "שלום לכולם", "an apple"]
)
def test_wide_unicode_without_a_mark(text: str, encoding: str) -> None:
    """Arabic and Russian are ASCII bytes with control characters there, and hiragana even without them."""
    assert right(text, encoding)
    cut = decode(text.encode(encoding) + b"\x41")
    assert cut
    assert cut.encoding == encoding
    assert (cut.text, cut.undecodable) == (text + "\ufffd", 1)


def test_mainframe_text_is_never_guessed() -> None:
    for text in ("The quick brown fox jumps over the lazy dog, and then it sleeps.", "Größe und Übermaß" * 9):
        decoded = decode(text.encode("cp500"))
        assert decoded is None or decoded.encoding not in ("cp037", "cp273", "cp500", "cp1026", "cp1140")
        assert decoded is None or not decoded.certain


def test_marks_decide_and_marks_inside_stay() -> None:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ):
        text = "a\ufeffb 鱼\n"
        assert decode(mark + text.encode(encoding)) == Decoded(text, encoding)
        assert decode(mark + text.encode(encoding), encoding) == Decoded(text, encoding)
    assert decode(codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "utf-16") == Decoded("é", "utf-16-be")
    assert decode("é".encode("utf-16-le"), "utf-16") == Decoded("é", "utf-16-le")


def test_a_stray_byte_does_not_make_utf8_something_else() -> None:
    story = texts()["ru"]
    for place in (0, 2000, len(story)):
        decoded = decode(story[:place].encode() + b"\xff" + story[place:].encode())
        assert decoded
        assert (decoded.encoding, decoded.undecodable, decoded.certain) == ("utf-8", 1, True)
        assert decoded.text.replace("\ufffd", "") == texts()["ru"]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp932", "cp1251", "cp1255"])
def test_a_damaged_file_is_read_but_not_certain(encoding: str) -> None:
    language = {"gb18030": "zh-Hans", "big5": "zh-Hant", "cp932": "ja", "cp1251": "ru", "cp1255": "he"}[encoding]
    text = texts()[language][:400]
    bad = {"cp1251": b"\x98", "cp1255": b"\xff", "cp932": b"\x81\n"}.get(encoding, b"\xff\n")
    data = text[:200].encode(encoding) + bad + text[200:].encode(encoding)
    decoded = decode(data)
    assert decoded
    assert decoded.encoding == encoding
    assert decoded.undecodable == decoded.text.count("\ufffd") == 1
    assert not decoded.certain


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_without_loss(data: bytes) -> None:
    decoded = decode(data)
    if decoded and not decoded.undecodable and not decoded.encoding.startswith(("iso2022", "hz")):
        found = detect(data)
        assert found
        assert decoded.text.encode(decoded.encoding, "surrogatepass") in (data, data[found.mark :])


NAMED = [
    ("latin1", "iso8859-1"),
    ("UTF8", "utf-8"),
    ("Windows-1251", "cp1251"),
    ("GB2312", "gb2312"),
    ("sjis", "shift_jis"),
]


@pytest.mark.parametrize(("name", "canonical"), NAMED)
def test_a_named_encoding_is_used_without_a_guess(name: str, canonical: str) -> None:
    assert decode(b"\xc3\xa9", name) == Decoded(*_expected(canonical))


def _expected(encoding: str) -> tuple[str, str, bool, int]:
    text = b"\xc3\xa9".decode(encoding, "replace")
    return text, encoding, False, text.count("\ufffd")


@pytest.mark.parametrize(
    "name",
    ["rot13", "base64", "hex", "zlib", "idna", "punycode", "unicode_escape", "raw-unicode-escape", "utf-7", "mbcs"],
)
def test_what_is_no_character_encoding_is_refused(name: str) -> None:
    with pytest.raises(TextError, match="no character encoding called"):
        decode(b"abc", name)


@pytest.mark.parametrize("name", ["", "nonsense", "a" * 500, "\0", "../x", "é", "\ud800"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(TextError) as caught:
        resolve(name)
    assert len(str(caught.value)) < 250


def test_every_encoding_that_is_offered_can_be_used() -> None:
    for name in known_encodings():
        decoded = decode(b"abcd", name)
        assert decoded
        assert list(DecodedPieces(io.BytesIO(b"abcd"), decoded.encoding)) == [decoded.text]
    assert {"utf-8", "gb18030", "big5", "shift_jis", "euc_kr", "koi8-r", "cp1252", "cp037"} <= set(known_encodings())


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "cp932", "iso2022_jp"])
def test_pieces_are_the_whole(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = texts()["ja"].replace("\n", "\r\n")
    data = text.encode(encoding)
    for size in (1, 7, 1000):
        monkeypatch.setattr(decoding, "PIECE_BYTES", size)
        pieces = DecodedPieces(io.BytesIO(data), encoding)
        for _ in range(2):  # as often as needed
            parts = list(pieces)
            assert "".join(parts) == text
            assert not any(part.endswith("\r") for part in parts[:-1])
            assert pieces.undecodable == 0


def test_pieces_count_what_they_cannot_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "PIECE_BYTES", 3)
    data = b"\xef\xbb\xbf" + "été".encode() + b"\xff\xc3" + "\ufffd鱼".encode() + b"\xe9\xb1"
    pieces = DecodedPieces(io.BytesIO(data), "utf-8", 3)
    whole = decode(data)
    assert whole
    for _ in range(2):
        assert "".join(pieces) == whole.text == "été\ufffd\ufffd\ufffd鱼\ufffd\ufffd"
        assert pieces.undecodable == whole.undecodable == 4


def test_pieces_end_with_half_a_character() -> None:
    pieces = DecodedPieces(io.BytesIO("ab".encode("utf-16-be") + b"\0"), "utf-16-be")
    assert (list(pieces), pieces.undecodable) == (["ab", "\ufffd"], 1)


def test_a_rare_character_far_inside_a_large_file_is_read() -> None:
    """Hong Kong's own characters are in no Big5 but theirs; the samples may miss them."""
    text = texts()["zh-Hant"] * 20 + "叉燒包好味㗎" + texts()["zh-Hant"]
    decoded = decode(text.encode("big5hkscs"))
    assert decoded
    assert (decoded.text, decoded.encoding, decoded.undecodable) == (text, "big5hkscs", 0)


def test_escape_sequences_may_come_late_in_a_file() -> None:
    data = b"ASCII only, so far.\n" * 90_000 + (texts()["ja"] * 9).encode("iso2022_jp", "ignore")
    found = detect_file(io.BytesIO(data))
    assert found
    assert (found.encoding, found.is_guess) == ("iso2022_jp", True)


LARGE = [("utf-8", "ru"), ("gb18030", "zh-Hans"), ("cp1251", "ru"), ("cp932", "ja"), ("cp1250", "pl")]


def long_file(encoding: str, language: str, ascii_lines: int) -> bytes:
    start = b"Nothing but ASCII to begin with, as in many a book.\n" * ascii_lines
    return start + (texts()[language] * 60).encode(encoding, "ignore")


@pytest.mark.parametrize(("encoding", "language"), LARGE)
@pytest.mark.parametrize("ascii_lines", [0, 30_000])
def test_a_large_file_is_judged_by_samples(encoding: str, language: str, ascii_lines: int) -> None:
    data = long_file(encoding, language, ascii_lines)
    found, whole = detect_file(io.BytesIO(data)), detect(data)
    assert found
    assert whole
    assert (found.encoding, found.certain, whole.encoding, whole.certain) == (encoding, True, encoding, True)


@pytest.mark.parametrize(("encoding", "language"), LARGE)
def test_a_large_file_of_one_line_is_judged_by_its_beginning(encoding: str, language: str) -> None:
    line = "".join(texts()[language].split()) * 60
    found = detect_file(io.BytesIO(line.encode(encoding, "ignore")))
    assert found
    assert (found.encoding, found.certain) == (encoding, True)


@pytest.mark.parametrize("length", [SAMPLE_BYTES - 1, SAMPLE_BYTES, 2 * SAMPLE_BYTES, 5 * SAMPLE_BYTES - 1])
def test_the_only_letter_beyond_ascii_is_found_wherever_it_stands(length: int) -> None:
    """At the end of a block that is read, half a character of UTF-8 looks like one that goes on."""
    start = ("a cafe " * length)[: length - 3] + "caf"
    for encoding, end in (("cp1252", "\xe9"), ("cp1252", "\xe9 and more"), ("utf-8", "é"), ("utf-8", "é und")):
        found = detect_file(io.BytesIO((start + end).encode(encoding)))
        assert found
        assert found.encoding.startswith(encoding[:2])
        assert (start + end).encode(encoding).decode(found.encoding) == start + end


def test_large_files_that_need_no_samples() -> None:
    assert detect_file(io.BytesIO(b"ascii " * 400_000)) == Detected("utf-8")
    marked = codecs.BOM_UTF16_LE + ("ascii " * 40_000).encode("utf-16-le")
    assert detect_file(io.BytesIO(marked)) == Detected("utf-16-le", mark=2)
    plain = detect_file(io.BytesIO(marked[2:]))
    assert plain
    assert (plain.encoding, plain.mark) == ("utf-16-le", 0)
    damaged = ("щ " * 90_000).encode() + b"\xff" + ("щ " * 90_000).encode()
    found = detect_file(io.BytesIO(damaged))
    assert found
    assert found.encoding == "utf-8"


def test_binary_noise_is_not_certain() -> None:
    found = detect(random.Random(0).randbytes(5_000_000))
    assert found is None or not found.certain
