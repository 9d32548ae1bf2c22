"""Lines and stretches that stand in a text twice, found by hashes in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cleaning.stages import UNIQUE_CHARACTERS

SHORTEST = 64  # characters of a stretch that is looked for, a power of two
# In a longer text, one stretch in so many is remembered, chosen by its own hash, so that its twin is too.
EXACT_CHARACTERS, SAMPLED = 1 << 18, 8
CONSIDERED, CANDIDATES = 10_000, 32  # of the longest pairs, the first; of those, so many are measured to the end
COMPARED = 1 << 12  # characters at once
_MULTIPLIER = 0x9E3779B97F4A7C15  # odd; spreads code points over 64 bits

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class LineCounts:
    """Count lines of at least 20 characters.

    Args:
        long: all of them.
        duplicates: those that stood before.
        duplicate_characters: in those.
        validation: those of the validation part.
        shared: those of the validation part that stand in the training part too.
    """

    long: int
    duplicates: int
    duplicate_characters: int
    validation: int
    shared: int


def count_lines(text: str, split: int) -> LineCounts:
    """Count equal lines.

    Args:
        text: the text, or its beginning and end.
        split: where the validation part begins.
    """
    train, validation = (_long_lines(part) for part in (text[:split], text[split:]))
    counts, trained = Counter([*train, *validation]), set(train)
    doubled = sum(counts.values()) - len(counts)
    characters = sum((count - 1) * (len(line) + 1) for line, count in counts.items())
    shared = sum(line in trained for line in validation)
    return LineCounts(sum(counts.values()), doubled, characters, len(validation), shared)


def _long_lines(text: str) -> list[str]:
    return [bare for line in text.split("\n") if len(bare := line.strip()) >= UNIQUE_CHARACTERS]


def longest_repeat(text: str) -> tuple[int, int]:
    """Find the longest stretch that stands in a text twice.

    Stretches of 64 characters or more are found by their hashes; of equally long doublings the first few are measured.
    Two places may overlap, as they do where a line is repeated over and over.

    Returns:
        its length, 0 if there is none of 64 characters, and where it begins for the second time.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
    hashes = _double(codes.astype(np.uint64) * np.uint64(_MULTIPLIER), 1, SHORTEST)
    one_in = np.uint64(1 if len(text) <= EXACT_CHARACTERS else SAMPLED)
    places = np.flatnonzero((hashes >> np.uint64(40)) % one_in == 0)
    length, pairs = SHORTEST, _equal_pairs(hashes, places)
    found = pairs
    while len(pairs):
        found = pairs
        hashes = _double(hashes, length, 2 * length)
        length *= 2
        doubled = np.zeros(len(codes), bool)
        doubled[pairs] = True  # a longer stretch that comes twice begins with a shorter one
        pairs = _equal_pairs(hashes, np.flatnonzero(doubled[: len(hashes)]))
    found = np.stack([found.min(axis=1), found.max(axis=1)], axis=1)
    length, place = _longest(codes, found[np.argsort(found[:, 0], kind="stable")][:CONSIDERED])
    return (length, place) if length >= SHORTEST else (0, 0)


def _longest(codes: NDArray[np.uint32], pairs: NDArray[Any]) -> tuple[int, int]:
    """Return the length of the longest doubling among the first few pairs, and where it begins for the second time."""
    best, measured = (0, 0), dict[int, int]()  # by the distance of two places, where its last doubling ends
    for first, second in pairs.tolist():
        if len(measured) == CANDIDATES:
            break
        if second < measured.get(second - first, 0):
            continue  # in the middle of what was measured
        length, place = _extend(codes, first, second)
        measured[second - first] = place + length
        best = max(best, (length, place))
    return best


def _double(hashes: Hashes, length: int, wanted: int) -> Hashes:
    """Return the hash of every stretch of a length, from those of a shorter one."""
    while length < wanted:
        factor = np.uint64(pow(_MULTIPLIER, 2 * length + 1, 1 << 64))
        mixed = hashes[: max(0, len(hashes) - length)] * factor
        mixed ^= mixed >> np.uint64(29)
        hashes = mixed + hashes[length:]
        length *= 2
    return hashes


def _equal_pairs(hashes: Hashes, places: NDArray[np.intp]) -> NDArray[Any]:
    """Return (pairs, 2) places with equal hashes."""
    if len(places) < 2:
        return np.zeros((0, 2), np.intp)
    order = np.argsort(hashes[places])
    ordered = hashes[places][order]
    equal = np.flatnonzero(ordered[1:] == ordered[:-1])
    return np.stack([places[order[equal]], places[order[equal + 1]]], axis=1)


def _extend(codes: NDArray[np.uint32], first: int, second: int) -> tuple[int, int]:
    """Return the length of the equal stretches around two places, and where the second begins."""
    before = _equal_length(codes[:first][::-1], codes[:second][::-1])
    after = _equal_length(codes[first:], codes[second:])
    return before + after, second - before


def _equal_length(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> int:
    """Return how many items two arrays begin with in common."""
    length = min(len(one), len(other))
    for begin in range(0, length, COMPARED):
        end = min(begin + COMPARED, length)
        different = np.flatnonzero(one[begin:end] != other[begin:end])
        if len(different):
            return begin + int(different[0])
    return length
