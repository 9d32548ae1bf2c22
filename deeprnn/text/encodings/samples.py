"""Samples of a text's bytes that tell its encoding: what is not ASCII, from the beginning and from places beyond."""

from __future__ import annotations

import codecs
import re

SAMPLE_BYTES = 1 << 16  # what is read in one place of a text
JUDGED_BYTES = 1 << 13  # what is judged of all places together
PLACES = 8
CONTEXT = 64  # bytes of ASCII before the first that is not: the word that it ends may tell its language
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def places_of(data: bytes) -> list[bytes]:
    """Return the beginning of what is not ASCII, and samples of the rest."""
    if len(data) <= JUDGED_BYTES:
        return [data]
    first = max(first_beyond(data) - CONTEXT, 0)
    starts = [first + (len(data) - first) * place // PLACES for place in range(1, PLACES)]
    return [data[first:][:SAMPLE_BYTES], *(after_break(data[start:][:SAMPLE_BYTES]) for start in starts)]


def is_utf8(sample: bytes, *, cut: bool) -> bool:
    """Tell whether a sample is UTF-8, the last character of which may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=not cut)
    except UnicodeDecodeError:
        return False
    return True


def first_beyond(data: bytes) -> int:
    """Return where the first byte beyond ASCII is, 0 if there is none."""
    found = _BEYOND_ASCII.search(data)
    return found.start() if found else 0


def after_break(sample: bytes) -> bytes:
    """Return a sample from its first blank or line end on, where a character begins in every encoding of bytes."""
    found = re.search(rb"[\n ]", sample)
    return sample[found.end() :] if found else b""


def telling(sample: bytes, room: int) -> bytes:
    """Return the first lines of a sample that are not ASCII, cut after a blank or line end if there is one."""
    lines, length = [], 0
    for line in sample.splitlines(keepends=True):
        if length < room and not line.isascii():
            lines.append(line)
            length += len(line)
    chosen = b"".join(lines)[:room]
    return chosen[: max(chosen.rfind(b"\n"), chosen.rfind(b" ")) + 1] or chosen
