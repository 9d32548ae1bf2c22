"""Bytes to characters: which encoding, and which bytes it cannot read. It knows no files and refuses nothing."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from charset_normalizer import from_bytes

SAMPLE_BYTES = 1 << 16  # what a guess looks at
# The longer marks first: that of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In use for plain text; with more to choose from, short texts are guessed worse.
COMMON = ["gb18030", "big5", "big5hkscs", "cp932", "euc_jp", "cp949", "koi8_r", "cp866", "utf_16_le", "utf_16_be"]
COMMON += [f"cp{number}" for number in range(1250, 1259)]
EBCDIC = ["cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"]  # of mainframes; anything fits them
JAPANESE = ("iso2022_jp", "cp932", "euc_jp")
HIRAGANA_SHARE = 0.15  # of what is not ASCII; Japanese prose has about half, other texts misread as Japanese none
INTACT_PER_BAD = 3  # well-formed UTF-8 sequences for each byte that is not, if the file is damaged UTF-8
PATIENT_THRESHOLD = 0.5  # share of disorder that the detector forgives; it is 0.2 unless said
REPLACEMENT = "\ufffd"
_BAD = "\udcff"  # stands for one undecodable byte; no decoder ever yields it
_IMPLAUSIBLE = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Decoded:
    """Hold the characters of a file.

    Args:
        text: each undecodable byte is U+FFFD.
        encoding: Python's name of it.
        is_guess: whether the bytes did not prove it.
        undecodable: bytes that the encoding cannot read.
    """

    text: str
    encoding: str
    is_guess: bool = False
    undecodable: int = 0


def decode(data: bytes) -> Decoded | None:
    """Decode bytes: by their byte order mark, else as UTF-8 if they are, else by the likeliest encoding.

    Args:
        data: a whole text.

    Returns:
        None if no encoding fits.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding)
    if wide := _wide_encoding(data):
        return _decode_as(data, wide, is_guess=True)
    if b"\x1b$" not in data:
        try:
            return Decoded(data.decode(), "utf-8")
        except UnicodeDecodeError as error:
            if _is_damaged_utf8(data[max(0, error.start - SAMPLE_BYTES) :][: 2 * SAMPLE_BYTES]):
                return _decode_as(data, "utf-8")
    sample = _sample(data)
    guess = _japanese_encoding(sample) or _likeliest_encoding(sample)
    return _decode_as(data, guess, is_guess=True) if guess else None


def _decode_as(data: bytes, encoding: str, *, is_guess: bool = False) -> Decoded:
    text = data.decode(encoding, "deeprnn.mark")
    undecodable = text.count(_BAD)
    return Decoded(text.replace(_BAD, REPLACEMENT), encoding, is_guess, undecodable)


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stand one sign for each undecodable byte, so that they can be counted; knows no state, as it is global."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _BAD * (error.end - error.start), error.end


codecs.register_error("deeprnn.mark", _mark_bad_bytes)


def _is_damaged_utf8(around: bytes) -> bool:
    """Tell whether the bytes around a bad one are mostly UTF-8; another encoding has more bad than good there."""
    sample = _decode_as(around, "utf-8")
    return _beyond_ascii(sample.text) - sample.undecodable >= INTACT_PER_BAD * sample.undecodable


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _sample(data: bytes) -> bytes:
    """Return the beginning of a text, cut where no character is cut in two: after a blank or line end, or evenly."""
    if len(data) <= SAMPLE_BYTES:
        return data
    return data[: max(data.rfind(end, 0, SAMPLE_BYTES) + 1 for end in (b"\n", b" ")) or SAMPLE_BYTES]


def _wide_encoding(data: bytes) -> str | None:
    """Return the UTF-16 or UTF-32 that a text without byte order mark is written in.

    Blanks and line ends give it away: they have a zero byte there, and in no other encoding of text.
    """
    sample = data[:SAMPLE_BYTES]
    if b"\0" not in sample:
        return None
    best, most = None, 0
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        if len(data) % (int(encoding[4:6]) // 8):
            continue
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _IMPLAUSIBLE.search(text) or any(unicodedata.category(c) == "Cn" for c in set(text)):
            continue
        ascii_characters = len(text) - _beyond_ascii(text)
        if ascii_characters > most:
            best, most = encoding, ascii_characters
    return best


def _japanese_encoding(sample: bytes) -> str | None:
    """Return the Japanese encoding in which the sample has hiragana; the detector takes it for Korean."""
    for encoding in JAPANESE:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        hiragana = sum(1 for character in text if "\u3041" <= character <= "\u309f")
        if hiragana > HIRAGANA_SHARE * _beyond_ascii(text):
            return encoding
    return None


def _likeliest_encoding(sample: bytes) -> str | None:
    """Return the detector's best guess; a dialogue full of quotation marks looks untidy to it and needs patience."""
    tries: list[dict[str, Any]] = [
        {"cp_isolation": COMMON},
        {"cp_exclusion": EBCDIC},
        {"cp_isolation": COMMON, "threshold": PATIENT_THRESHOLD},
    ]
    for options in tries:
        if best := from_bytes(sample, **options).best():
            return best.encoding
    return None
