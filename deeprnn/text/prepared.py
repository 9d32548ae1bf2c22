"""A text as its tokenizer will see it: in pieces of bounded length, as often as anyone asks, the same every time."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from ..config import TextConfig
from ..errors import TextError
from ..messages import Message
from .ahead import ahead
from .cleaning import Cleaner
from .counting import PIECE_CHARACTERS, CodePoints, Piece, cut
from .meter import Meter

Pieces = str | Iterable[str]


@runtime_checkable
class LookedAt(Protocol):
    """Be a text whose pieces know more of themselves than their characters, which saves to make it anew."""

    def pieces(self) -> Iterator[Piece]:
        """Yield its pieces of bounded length."""
        ...


class PreparedText:
    """Yield a text piece by piece; the first pass is hashed, and all make sure that it stays the same.

    Args:
        text: whole, or in pieces that can be gone through more than once.
        config: how it is cleaned.
        meter: counts the bytes of every pass.
    """

    def __init__(self, text: Pieces, config: TextConfig, meter: Meter) -> None:
        # Of the text as it came, in UTF-8, and what cleaning changed; known after the first pass.
        self.characters, self.bytes, self.sha256 = 0, 0, ""
        self.changes: tuple[Message, ...] = ()
        self._mark, self._mends = 0, True
        self._text, self._config, self._meter = text, config, meter

    def __iter__(self) -> Iterator[str]:
        """Yield the characters of each piece, as `pieces` does."""
        return (piece.text for piece in self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """Yield each piece.

        Raises:
            TextError: the text is not what it was in the first pass, which may be known only at the end.
        """
        characters = size = mark = 0
        digest, cleaner = hashlib.sha256(), Cleaner(self._config, mends=self._mends)

        def came() -> Iterator[Piece]:
            nonlocal characters, size, mark
            look = Piece.counted if not self.sha256 else Piece.numbered  # only the first pass is counted
            for piece in ahead(look, self._came()):
                if not self.sha256:
                    digest.update(piece.utf8)
                characters, size = characters + len(piece.codes), size + piece.size
                mark = _follow(mark, piece.codes)
                self._meter.add(piece.size)
                yield piece

        try:
            yield from cleaner.through(came())
        except UnicodeDecodeError as error:  # all of it could be read when it was found
            raise TextError("text_changed") from error
        if not self.sha256:
            self.characters, self.bytes, self.sha256 = characters, size, digest.hexdigest()
            self.changes, self._mark, self._mends = cleaner.changes, mark, cleaner.mends
        elif (mark, size) != (self._mark, self.bytes):
            raise TextError("text_changed")

    def _came(self) -> Iterator[Piece]:
        if isinstance(self._text, LookedAt):
            return self._text.pieces()
        parts = [self._text] if isinstance(self._text, str) else self._text
        return (Piece(piece) for part in parts for piece in cut(part, PIECE_CHARACTERS))


def _follow(mark: int, codes: CodePoints) -> int:
    """Return a mark of all pieces so far: a sum, which notices an edit, and takes a tenth of the time of a hash."""
    data = codes.view(np.uint8)
    words = np.frombuffer(data, np.uint64, len(data) // 8)
    return zlib.crc32(data[8 * len(words) :].data, zlib.crc32(words.sum(dtype=np.uint64).tobytes(), mark))
