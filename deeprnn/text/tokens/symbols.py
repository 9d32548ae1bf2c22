"""A vocabulary of written symbols, `<unk>` first: what characters, grapheme clusters and words have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...config import MAX_VOCABULARY
from ...errors import CheckpointError
from ..replacement import UNKNOWN
from .kind import is_short, smallest_type
from .utf8 import lone_surrogates


@dataclass(frozen=True)
class SymbolVocabulary:
    """Number symbols; whatever is none of them is token 0.

    Args:
        symbols: `<unk>` first, then what the kind calls a token, each once.
    """

    symbols: tuple[str, ...]
    kind: ClassVar[str]
    unknown_id: ClassVar[int | None] = 0

    @property
    def vocab_size(self) -> int:
        """Return the number of symbols, `<unk>` included."""
        return len(self.symbols)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger[Any]]:
        """Return the smallest unsigned type that holds every token id."""
        return smallest_type(self.vocab_size)

    def symbol(self, token_id: int) -> str:
        """Return the symbol of a token."""
        return self.symbols[token_id]

    def to_dict(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {"kind": self.kind, "symbols": list(self.symbols)}


class SymbolDecoder:
    """Decode tokens that are written one after the other as they are.

    Args:
        symbols: of each token.
    """

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = symbols

    def feed(self, token_id: int) -> str:
        """Return the characters of a token."""
        return self._symbols[token_id]

    def finish(self) -> str:
        """Return nothing: every symbol is whole."""
        return ""


def read_symbols(values: Any, kind: str, is_symbol: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the symbols of a vocabulary from anybody's file.

    Args:
        values: {"kind": kind, "symbols": [...]}.
        kind: what it must be.
        is_symbol: tells whether a string may be a symbol of this kind.

    Raises:
        CheckpointError: it is no such vocabulary, or one of its symbols is not allowed.
    """
    if not isinstance(values, Mapping) or set(values) != {"kind", "symbols"} or values["kind"] != kind:
        raise CheckpointError("tokenizer_shape")
    symbols = values["symbols"]
    if not isinstance(symbols, list | tuple):
        raise CheckpointError("tokenizer_shape")
    if not 2 <= len(symbols) <= MAX_VOCABULARY:
        raise CheckpointError("tokenizer_size", count=len(symbols), high=MAX_VOCABULARY)
    seen: set[str] = set()
    for position, symbol in enumerate(symbols):
        right = symbol == UNKNOWN if position == 0 else _is_plain(symbol) and symbol not in seen and is_symbol(symbol)
        if not right:
            raise CheckpointError("tokenizer_symbol", position=position, value=ascii(symbol)[:40])
        seen.add(symbol)
    return tuple(symbols)


def _is_plain(symbol: object) -> bool:
    """Tell whether something is a short string that UTF-8 can write."""
    return isinstance(symbol, str) and is_short(symbol) and not lone_surrogates(symbol)
