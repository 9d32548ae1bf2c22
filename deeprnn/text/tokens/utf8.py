"""Bytes that come one after the other, as text. It knows no vocabulary."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_SURROGATE = re.compile("[\ud800-\udfff]")
_make_incremental = codecs.getincrementaldecoder("utf-8")


class Utf8Decoder:
    """Decode tokens that stand for bytes: a character appears with its last byte, what is no UTF-8 becomes U+FFFD.

    Args:
        bytes_of: returns the bytes of a token.
    """

    def __init__(self, bytes_of: Callable[[int], bytes]) -> None:
        self._bytes_of = bytes_of
        self._incremental = _make_incremental("replace")

    def feed(self, token_id: int) -> str:
        """Return the characters that a token completes."""
        return self._incremental.decode(self._bytes_of(token_id))

    def finish(self) -> str:
        """Return U+FFFD for a character that was begun and not completed."""
        return self._incremental.decode(b"", final=True)


def writable(text: str, instead: str = "\ufffd") -> str:
    """Return a text that UTF-8 can write, with something instead of every lone surrogate."""
    return _SURROGATE.sub(instead, text)


def lone_surrogates(text: str) -> list[str]:
    """Return the surrogates in a text, each once."""
    return list(dict.fromkeys(_SURROGATE.findall(text)))


def shown_bytes(data: bytes) -> str:
    """Return bytes as a reader is shown them: as text, or named as in `<E4 B8>` where they are no whole characters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"<{data.hex(' ').upper()}>"


def characters_begun(data: bytes) -> int:
    """Return how many characters begin in some bytes of a UTF-8 text."""
    return sum(byte & 0xC0 != 0x80 for byte in data)
