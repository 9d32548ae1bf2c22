"""A text as its tokenizer will see it: in pieces of bounded length, as often as anyone asks, the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ..config import TextConfig
from ..errors import TextError
from ..messages import Message
from .characters import cut
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
        self.characters, self.sha256 = 0, ""  # of the text as it came, in UTF-8; known after the first pass
        self.changes: tuple[Message, ...] = ()  # made by cleaning
        self._text, self._config, self._meter = text, config, meter

    def __iter__(self) -> Iterator[str]:
        """Yield each piece.

        Raises:
            TextError: at the end, if the text is not what it was in the first pass.
        """
        characters, digest, cleaner = 0, hashlib.sha256(), Cleaner(self._config)

        def came() -> Iterator[str]:
            nonlocal characters
            for part in [self._text] if isinstance(self._text, str) else self._text:
                for piece in cut(part):
                    data = piece.encode("utf-8", "surrogatepass")
                    digest.update(data)
                    characters += len(piece)
                    self._meter.add(len(data))
                    yield piece

        for cleaned in cleaner.clean(came()):
            yield from cut(cleaned)
        if self.sha256 and digest.hexdigest() != self.sha256:
            raise TextError("text_changed")
        self.characters, self.sha256, self.changes = characters, digest.hexdigest(), cleaner.changes
