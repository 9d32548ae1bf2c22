"""A text as its tokenizer will see it: in pieces of bounded length, as often as anyone asks, the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ..config import TextConfig
from ..errors import TextError
from ..messages import Message
from .characters import PIECE_CHARACTERS, cut
from .cleaning import Cleaner
from .meter import Meter

Pieces = str | Iterable[str]


class PreparedText:
    """Yield a text piece by piece; every pass is hashed.

    Args:
        text: whole, or in pieces that can be gone through more than once.
        config: how it is cleaned.
        meter: counts the bytes of every pass.
    """

    def __init__(self, text: Pieces, config: TextConfig, meter: Meter) -> None:
        # Of the text as it came, in UTF-8, and what cleaning changed; known after the first pass.
        self.characters, self.bytes, self.sha256 = 0, 0, ""
        self.changes: tuple[Message, ...] = ()
        self._text, self._config, self._meter = text, config, meter

    def __iter__(self) -> Iterator[str]:
        """Yield each piece.

        Raises:
            TextError: at the end, if the text is not what it was in the first pass.
        """
        characters, size, digest, cleaner = 0, 0, hashlib.sha256(), Cleaner(self._config)

        def came() -> Iterator[str]:
            nonlocal characters, size
            for part in [self._text] if isinstance(self._text, str) else self._text:
                for piece in cut(part, PIECE_CHARACTERS):
                    data = piece.encode("utf-8", "surrogatepass")
                    digest.update(data)
                    characters, size = characters + len(piece), size + len(data)
                    self._meter.add(len(data))
                    yield piece

        for cleaned in cleaner.clean(came()):
            yield from cut(cleaned, PIECE_CHARACTERS)
        if self.sha256 and digest.hexdigest() != self.sha256:
            raise TextError("text_changed")
        self.characters, self.bytes, self.sha256 = characters, size, digest.hexdigest()
        self.changes = cleaner.changes
