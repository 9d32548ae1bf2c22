"""A text as its tokenizer will see it: in pieces of bounded length, as often as anyone asks, the same every time."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from ..config import TextConfig
from ..errors import TextError
from ..messages import Message
from .cleaning import Cleaner
from .counting import PIECE_CHARACTERS, CodePoints, code_points, cut, utf8_bytes
from .meter import Meter

Pieces = str | Iterable[str]


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
        """Yield each piece.

        Raises:
            TextError: at the end, if the text is not what it was in the first pass.
        """
        characters = size = mark = 0
        digest, cleaner = hashlib.sha256(), Cleaner(self._config, mends=self._mends)

        def came() -> Iterator[str]:
            nonlocal characters, size, mark
            for part in [self._text] if isinstance(self._text, str) else self._text:
                for piece in cut(part, PIECE_CHARACTERS):
                    codes = code_points(piece)
                    if not self.sha256:
                        digest.update(codes.data if piece.isascii() else piece.encode("utf-8", "surrogatepass"))
                    length = utf8_bytes(codes)
                    characters, size, mark = characters + len(codes), size + length, _follow(mark, codes)
                    self._meter.add(length)
                    yield piece

        for cleaned in cleaner.clean(came()):
            yield from cut(cleaned, PIECE_CHARACTERS)
        if not self.sha256:
            self.characters, self.bytes, self.sha256 = characters, size, digest.hexdigest()
            self.changes, self._mark, self._mends = cleaner.changes, mark, cleaner.mends
        elif (mark, size) != (self._mark, self.bytes):
            raise TextError("text_changed")


def _follow(mark: int, codes: CodePoints) -> int:
    """Return a mark of all pieces so far: a sum, which notices an edit, and takes a tenth of the time of a hash."""
    data = codes.view(np.uint8)
    words = np.frombuffer(data, np.uint64, len(data) // 8)
    return zlib.crc32(data[8 * len(words) :].data, zlib.crc32(words.sum(dtype=np.uint64).tobytes(), mark))
