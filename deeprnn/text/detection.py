"""Bytes to the encoding that they are most likely written in, and how sure that is. It changes nothing."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, BinaryIO

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
_IMPLAUSIBLE = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Detected:
    """Say in which encoding a text is written.

    Args:
        encoding: Python's name of it.
        is_guess: whether the bytes did not prove it.
        certain: whether the guess may be trusted without asking.
        candidates: other encodings worth offering, best first; each gives a different text.
        mark: bytes of the byte order mark at the beginning, which are no part of the text.
    """

    encoding: str
    is_guess: bool = False
    certain: bool = True
    candidates: tuple[str, ...] = ()
    mark: int = 0


def detect(data: bytes) -> Detected | None:
    """Find the encoding of a text: by its byte order mark, else UTF-8 if it is that, else the likeliest.

    Args:
        data: a whole text.

    Returns:
        None if no encoding fits.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Detected(encoding, mark=len(mark))
    if wide := _wide_encoding(data):
        return Detected(wide, is_guess=True, certain=False)
    if b"\x1b$" not in data:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            if _is_damaged_utf8(data[max(0, error.start - SAMPLE_BYTES) :][: 2 * SAMPLE_BYTES]):
                return Detected("utf-8")
        else:
            return Detected("utf-8")
    sample = _sample(data)
    guess = _japanese_encoding(sample) or _likeliest_encoding(sample)
    return Detected(guess, is_guess=True, certain=False) if guess else None


def detect_file(file: BinaryIO) -> Detected | None:
    """Find the encoding of a file from its beginning and samples of the rest, in bounded memory.

    Args:
        file: seekable; read from its beginning, wherever it stands.

    Returns:
        None if no encoding fits.
    """
    file.seek(0)
    return detect(file.read(SAMPLE_BYTES))


def _is_damaged_utf8(around: bytes) -> bool:
    """Tell whether the bytes around a bad one are mostly UTF-8; another encoding has more bad than good there."""
    text = around.decode(errors="replace")
    bad = text.count("\ufffd")
    return _beyond_ascii(text) - bad >= INTACT_PER_BAD * bad


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
