"""Bytes as tokens: a text in UTF-8, 256 symbols, nothing unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...config import TextConfig
from ...errors import CheckpointError
from ..replacement import Replacement, name_of
from .kind import DEFAULTS, Lengths, TokenIds, plain_ids
from .utf8 import Utf8Decoder, lone_surrogates, shown_bytes, writable

SINGLE = tuple(bytes([value]) for value in range(256))


@dataclass(frozen=True)
class ByteTokenizer:
    """Read a text as the bytes of its UTF-8; the token id is the byte."""

    kind: ClassVar[str] = "byte"
    vocab_size: ClassVar[int] = 256
    dtype: ClassVar[np.dtype[np.unsignedinteger[Any]]] = np.dtype(np.uint8)
    unknown_id: ClassVar[int | None] = None

    @classmethod
    def train(cls, pieces: Iterable[str], config: TextConfig = DEFAULTS) -> ByteTokenizer:
        """Return the tokenizer, which is the same for every text and every limit."""
        return cls()

    def encode(self, text: str) -> TokenIds:
        """Return the (bytes,) token ids of a text; a lone surrogate is read as U+FFFD."""
        return np.frombuffer(writable(text).encode("utf-8"), np.uint8)

    def lengths(self, text: str) -> Lengths:
        """Return the (bytes,) characters that each byte stands for: 1 for the first of a character, else 0."""
        lengths: Lengths = (self.encode(text) & 0xC0 != 0x80).astype(np.uint8)
        return lengths

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of bytes; what is no UTF-8 becomes U+FFFD."""
        return bytes(plain_ids(ids)).decode("utf-8", "replace")

    def decoder(self) -> Utf8Decoder:
        """Return a new decoder for a text that comes byte by byte."""
        return Utf8Decoder(SINGLE.__getitem__)

    def symbol(self, token_id: int) -> str:
        """Return the character of a byte, or its name where it is a part of one."""
        return shown_bytes(SINGLE[token_id])

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text with U+FFFD for every lone surrogate, and which these were."""
        return writable(text), tuple(Replacement(name_of(lone), "\ufffd") for lone in lone_surrogates(text))

    def to_dict(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {"kind": "byte"}

    @classmethod
    def from_dict(cls, values: Any) -> ByteTokenizer:
        """Return the tokenizer if that is what the values ask for.

        Raises:
            CheckpointError: they ask for something else.
        """
        if values != {"kind": "byte"}:
            raise CheckpointError("tokenizer_shape")
        return cls()
