"""Characters as numbers: pieces of a text, their code points, and how often each occurs. It knows no tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

PIECE_CHARACTERS = 1 << 20  # bounds the memory of whoever goes through a text
PAIRED = 1 << 16  # bytes from which on counting two at a time pays for its larger table
LONGEST_CHARACTERS = 8 * PIECE_CHARACTERS  # of a piece that waits for the end of a line

CodePoints = NDArray[np.unsignedinteger[Any]]
Histogram = NDArray[np.intp]


def cut(text: str, size: int = PIECE_CHARACTERS) -> Iterator[str]:
    """Yield a text piece by piece, none longer than a size in characters; none of an empty text."""
    for begin in range(0, len(text), size):
        yield text[begin : begin + size]


def at_line_starts(pieces: Iterable[str], longest: int = LONGEST_CHARACTERS) -> Iterator[str]:
    """Yield a text in pieces that begin with a line, so that no word, cluster or run of blanks is cut in two.

    Args:
        pieces: the text.
        longest: characters after which it is cut all the same.
    """
    held = ""
    for piece in pieces:
        held += piece
        end = held.rfind("\n", 0, -1)
        while end >= 0 and (held[end + 1].isspace() or held[end - 1 : end].isspace()):
            end = held.rfind("\n", 0, end)
        if end >= 0 or len(held) >= longest:
            end = end if end >= 0 else len(held) - 1
            yield held[: end + 1]
            held = held[end + 1 :]
    if held:
        yield held


def code_points(text: str) -> CodePoints:
    """Return the (characters,) code points of a text, lone surrogates included, in the narrowest type at hand."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    wide = text.encode("utf-16-le", "surrogatepass")
    if len(wide) == 2 * len(text):
        return np.frombuffer(wide, np.dtype("<u2"))
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def utf8_bytes(codes: CodePoints) -> int:
    """Return the bytes that code points take in UTF-8; of a surrogate three."""
    more = () if codes.dtype == np.uint8 else (0x7F, 0x7FF, 0xFFFF)[: codes.itemsize]
    return len(codes) + sum(int(np.count_nonzero(codes > limit)) for limit in more)


class Piece:
    """Hold a piece of a text; what else it is, is made when first asked for.

    Args:
        text: its characters; None where they are given in UTF-8.
        utf8: the same, whole characters only.
    """

    def __init__(self, text: str | None = None, utf8: bytes | None = None) -> None:
        if text is not None:
            self.text = text
        if utf8 is not None:
            self.utf8 = utf8

    @cached_property
    def text(self) -> str:
        """Return its characters."""
        return self.utf8.decode()

    @cached_property
    def utf8(self) -> bytes:
        """Return it in UTF-8; a lone surrogate takes three bytes."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def codes(self) -> CodePoints:
        """Return its (characters,) code points, as `code_points` does."""
        if "text" not in self.__dict__ and self.utf8.isascii():
            return np.frombuffer(self.utf8, np.uint8)
        return code_points(self.text)

    @property
    def size(self) -> int:
        """Return how many bytes it takes in UTF-8."""
        return len(self.utf8) if "utf8" in self.__dict__ else utf8_bytes(self.codes)

    @cached_property
    def histogram(self) -> Histogram:
        """Return how often each code point occurs, (highest + 1,)."""
        return _histogram(self.codes)

    def numbered(self) -> Piece:
        """Return it with its code points made."""
        self.codes  # noqa: B018
        return self

    def counted(self) -> Piece:
        """Return it with its code points made and counted."""
        self.histogram  # noqa: B018
        return self


class CharacterCounter:
    """Count the characters of a text that comes in pieces."""

    def __init__(self) -> None:
        self.characters = 0  # seen so far, surrogates included
        self._totals: NDArray[np.int64] = np.zeros(0, np.int64)  # (highest code point so far + 1,)
        self._order: list[int] = []

    def add(self, piece: Piece) -> None:
        """Count the characters of the next piece."""
        codes, counts = piece.codes, piece.histogram
        self.characters += len(codes)
        if (more := len(counts) - len(self._totals)) > 0:
            self._totals = np.pad(self._totals, (0, more))
        totals = self._totals[: len(counts)]
        totals += counts
        if np.count_nonzero(self._totals) > len(self._order):
            fresh = codes[(totals == counts)[codes]]
            _, first = np.unique(fresh, return_index=True)
            self._order.extend(fresh[np.sort(first)].tolist())

    def counts(self) -> dict[str, int]:
        """Return how often each character but the lone surrogates was seen, in order of first appearance."""
        return {chr(code): int(self._totals[code]) for code in self._order if not 0xD800 <= code <= 0xDFFF}


def _histogram(codes: CodePoints) -> Histogram:
    """Return how often each code point occurs; ASCII is counted two characters at a time, which is faster."""
    if codes.dtype != np.uint8 or len(codes) < PAIRED:
        return np.bincount(codes)
    even = len(codes) // 2 * 2
    pairs = np.bincount(codes[:even].view(np.uint16), minlength=1 << 16).reshape(256, 256)
    counts: NDArray[np.intp] = pairs.sum(0) + pairs.sum(1)
    counts[codes[even:]] += 1
    return counts[: int(codes.max()) + 1]
