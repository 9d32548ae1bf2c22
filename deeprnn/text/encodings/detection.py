"""Bytes to the encoding that they are most likely written in, and how sure that is. It changes nothing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from .readings import BROAD, WIDE, Reading, plausibility, rank
from .samples import CONTEXT, JUDGED_BYTES, PLACES, after_break, first_beyond, is_utf8, places_of, telling
from .samples import SAMPLE_BYTES as SAMPLE_BYTES

# The longer marks first: that of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
ESCAPED = ((b"\x1b$", ("iso2022_jp", "iso2022_jp_2", "iso2022_kr")), (b"~{", ("hz",)))  # shifted by plain ASCII
BIG5 = ("big5", "cp950", "big5hkscs")  # one within the other, nearly
EBCDIC = ["cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"]  # of mainframes; anything fits them
INTACT_PER_BAD = 3  # well-formed UTF-8 sequences for each byte that is not, if the file is damaged UTF-8
INTACT = 8  # well-formed UTF-8 sequences that are no accident
MARGIN = 20.0  # by how many nats the best reading must lead to be trusted; no wrong one in the tests led by 10
FLUENT = {"narrow": -5.5, "broad": -8.0}  # nats for each character judged, of a text in a language known here
MOST_ODD = 0.03  # share of the characters judged that the language does not use
WORTH_NAMING = -11.0  # below it, it is noise
OFFERED = 6
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")


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
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return find(data, error.start)
    return find(data, None)


def find(data: bytes, bad: int | None) -> Detected | None:
    """Find the encoding of a text as `detect` does, knowing where it stops being UTF-8.

    Args:
        data: a whole text.
        bad: its first byte that is not UTF-8, None if all is.

    Returns:
        None if no encoding fits.
    """
    if found := _by_mark(data) or _escaped(data) or _wide(data):
        return found
    if bad is None:
        return _utf8(data) if len(data) <= JUDGED_BYTES else Detected("utf-8")
    if found := _damaged_utf8(data[max(0, bad - SAMPLE_BYTES) :][: 2 * SAMPLE_BYTES]):
        return found
    found = _likeliest(places_of(data), whole=len(data) <= JUDGED_BYTES)
    if found and found.encoding == BIG5[0]:
        return replace(found, encoding=next((name for name in BIG5 if _can_read(data, name)), found.encoding))
    return found


def _can_read(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def detect_file(file: BinaryIO) -> Detected | None:
    """Find the encoding of a file from its first bytes beyond ASCII and samples of the rest, in bounded memory.

    Args:
        file: seekable; read from its beginning, wherever it stands.

    Returns:
        None if no encoding fits.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(SAMPLE_BYTES)
    if size <= SAMPLE_BYTES:
        return detect(head)
    if found := _by_mark(head) or _escaped(head) or _wide(head):
        return found
    start, block = 0, head
    while block.isascii():
        start, block = file.tell(), file.read(4 * SAMPLE_BYTES)
        if not block:
            return Detected("utf-8")
        if found := _escaped(block):
            return found
    start = max(start + first_beyond(block) - CONTEXT, 0)
    places = []
    for place in range(PLACES):
        file.seek(start + (size - start) * place // PLACES)
        sample = file.read(SAMPLE_BYTES)
        places.append(after_break(sample) if place else sample)
    if not all(is_utf8(sample, cut=len(sample) == SAMPLE_BYTES) for sample in places):
        return _damaged_utf8(b"\n".join(places)) or _likeliest(places, whole=False)
    return Detected("utf-8")


def _by_mark(data: bytes) -> Detected | None:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return Detected(encoding, mark=len(mark))
    return None


def _escaped(data: bytes) -> Detected | None:
    """Find an encoding that shifts between tables by escape sequences; those of terminals are no such thing."""
    for sign, encodings in ESCAPED:
        if sign[:1] not in data or sign not in data or not data.isascii():  # one byte is found ten times faster
            continue
        line = data.rfind(b"\n", 0, data.index(sign)) + 1  # each line begins unshifted
        sample = data[line:][:SAMPLE_BYTES]
        sample = sample[: sample.rfind(b"\n") + 1] if len(sample) == SAMPLE_BYTES else sample
        for encoding in encodings:
            try:
                text = sample.decode(encoding)
            except UnicodeDecodeError:
                continue
            score, judged = plausibility(text)
            if judged and score / judged > FLUENT["broad"]:
                return Detected(encoding, is_guess=True, certain=judged >= INTACT, candidates=("utf-8",))
    return None


def _wide(data: bytes) -> Detected | None:
    """Find a UTF-16 or UTF-32 without byte order mark: every other byte is a zero or another control, or nearly."""
    sample = data[:JUDGED_BYTES]
    if len(sample) % 2 and len(sample) > INTACT:
        sample = sample[:-1]  # cut in the middle of a character
    kana = any(2 * half.count(b"0") > len(half) for half in (sample[::2], sample[1::2]))  # theirs is U+30xx
    if not kana and not _CONTROLS.search(sample) and (sample.isascii() or len(data) > JUDGED_BYTES):
        return None
    for encoding in ("utf-32-le", "utf-32-be"):
        try:
            text = sample.decode(encoding)
            if len(text) > 1 and "\0" not in text:  # no other text fits by accident: one zero byte in four
                return Detected(encoding, is_guess=True)
        except UnicodeDecodeError:
            continue
    readings = rank(sample, wide=True)
    if not readings or readings[0].encoding not in WIDE or readings[0].bad:
        return None
    if _rate(readings[0]) < FLUENT["broad"] + (readings[0].judged < INTACT):
        return None
    return _chosen(sample, readings)


def _utf8(sample: bytes) -> Detected:
    """Doubt a very short text that is UTF-8, perhaps by accident: two signs of Chinese can be."""
    text = sample.decode(errors="ignore")
    beyond = [character for character in text if not character.isascii()]
    if not beyond or len(beyond) >= INTACT or max(beyond) > "\u07ff":
        return Detected("utf-8")
    score, _ = plausibility(text)
    readings = [reading for reading in rank(sample) if not reading.bad and reading.score > score - MARGIN / 4]
    others = _distinct(sample, readings, text)
    return Detected("utf-8", is_guess=bool(others), certain=not others, candidates=others)


def _damaged_utf8(sample: bytes) -> Detected | None:
    """Find UTF-8 with some bad bytes; another encoding has more bad than good ones."""
    text = sample.decode(errors="replace")
    bad = text.count("\ufffd")
    intact = len(text) - len(text.encode("ascii", "ignore")) - bad
    if intact < INTACT_PER_BAD * bad:
        return None
    certain = intact >= INTACT
    others = () if certain else _distinct(sample, rank(sample), text)
    return Detected("utf-8", is_guess=not certain, certain=certain, candidates=others)


def _likeliest(places: Sequence[bytes], *, whole: bool) -> Detected | None:
    """Find the most plausible reading of samples, or ask the detector of other people's experience."""
    sample = places[0] if whole else b"\n".join(telling(place, JUDGED_BYTES // len(places)) for place in places)
    readings = rank(sample)
    if readings and _rate(readings[0]) > WORTH_NAMING:
        return _chosen(sample, readings, cuts=0 if whole else len(places))
    from charset_normalizer import from_bytes  # takes a while, and few texts need it

    if best := from_bytes(sample, cp_exclusion=EBCDIC).best():
        others = _distinct(sample, readings, str(best))
        return Detected(codecs.lookup(best.encoding).name, is_guess=True, certain=False, candidates=others)
    return replace(_chosen(sample, readings), certain=False) if readings else None


def _chosen(sample: bytes, readings: Sequence[Reading], *, cuts: int = 0) -> Detected:
    """Trust the best reading if it is fluent, whole but for cuts, and leads clearly before all other texts."""
    best = readings[0]
    text = sample.decode(best.encoding, "replace")
    others = _distinct(sample, readings[1:], text)
    scores = {reading.encoding: reading.score for reading in reversed(readings)}
    clear = not others or best.score - scores[others[0]] >= MARGIN
    fluent = _rate(best) >= FLUENT["broad" if best.encoding in (*BROAD, *WIDE) else "narrow"]
    certain = clear and fluent and best.bad <= cuts and best.odd <= MOST_ODD * best.judged
    return Detected(best.encoding, is_guess=True, certain=certain, candidates=others)


def _distinct(sample: bytes, readings: Sequence[Reading], text: str) -> tuple[str, ...]:
    """Return the first encodings whose texts differ from the given one and from each other."""
    texts = {text}
    names: list[str] = []
    for reading in readings:
        other = sample.decode(reading.encoding, "replace")
        if other not in texts and len(names) < OFFERED:
            texts.add(other)
            names.append(reading.encoding)
    return tuple(names)


def _rate(reading: Reading) -> float:
    return reading.score / max(reading.judged, 1)
