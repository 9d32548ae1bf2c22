"""The character tokenizer: characters to token ids and back. It knows no files and no minibatches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError
from .characters import CharacterCounter, code_points, cut
from .replacement import Replacement, replace_characters

UNKNOWN = "<unk>"
MAX_SYMBOLS = 50_000
CODE_POINTS = 0x110000  # of Unicode, surrogates included

TokenIds = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class CharacterTokenizer:
    """Number the characters of a vocabulary; every other character is token 0.

    Args:
        symbols: `<unk>` first, then single characters, each once.
    """

    symbols: tuple[str, ...]

    @property
    def vocab_size(self) -> int:
        """Return the number of symbols, `<unk>` included."""
        return len(self.symbols)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger[Any]]:
        """Return the smallest unsigned type that holds every token id."""
        return np.min_scalar_type(self.vocab_size - 1)

    @classmethod
    def train(cls, text: str) -> CharacterTokenizer:
        """Build the vocabulary of a text: falling frequency, ties by first appearance, as in the chapter's `Vocab`.

        A text with more than `MAX_SYMBOLS` - 1 different characters keeps the most frequent ones.
        """
        return cls.from_counts(count_characters(text))

    @classmethod
    def from_counts(cls, counts: Mapping[str, int]) -> CharacterTokenizer:
        """Build the vocabulary from how often each character occurs, in order of first appearance."""
        frequent = sorted(counts, key=counts.__getitem__, reverse=True)
        return cls((UNKNOWN, *frequent[: MAX_SYMBOLS - 1]))

    @cached_property
    def _ids(self) -> TokenIds:
        """(CODE_POINTS,) the token id of every code point."""
        table = np.zeros(CODE_POINTS, self.dtype)
        table[[ord(symbol) for symbol in self.symbols[1:]]] = np.arange(1, self.vocab_size)
        return table

    @cached_property
    def _ascii_ids(self) -> bytes | None:
        """The token id of every byte, if each fits one."""
        return self._ids[:256].tobytes() if self.dtype == np.uint8 else None

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.symbols[1:])

    def encode(self, text: str) -> TokenIds:
        """Return the (characters,) token ids of a text; unknown characters become 0."""
        ids = np.empty(len(text), self.dtype)
        begin = 0
        for piece in cut(text):
            ids[begin : begin + len(piece)] = self._encode(piece)
            begin += len(piece)
        return ids

    def _encode(self, piece: str) -> TokenIds:
        if self._ascii_ids and piece.isascii():
            return np.frombuffer(piece.encode("ascii").translate(self._ascii_ids), np.uint8)
        return np.take(self._ids, code_points(piece), mode="clip")  # none is clipped; "raise" would copy once more

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids; token 0 is written as `<unk>`.

        Args:
            ids: (tokens,) each from 0 to vocab_size - 1.
        """
        listed = ids.tolist() if isinstance(ids, np.ndarray) else ids
        return "".join(map(self.symbols.__getitem__, listed))

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text written with known characters only, and what was replaced.

        Args:
            text: what a user typed.

        Returns:
            the text, and each replacement once, in order of first appearance.
        """
        return replace_characters(text, self._known)

    def to_dict(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {"kind": "character", "symbols": list(self.symbols)}

    @classmethod
    def from_dict(cls, values: Any) -> CharacterTokenizer:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        Raises:
            CheckpointError: it is not a character vocabulary, or one of its symbols is not allowed.
        """
        if (
            not isinstance(values, Mapping)
            or set(values) != {"kind", "symbols"}
            or values["kind"] != "character"
            or not isinstance(values["symbols"], list | tuple)
        ):
            raise CheckpointError("tokenizer_shape")
        symbols = values["symbols"]
        if not 2 <= len(symbols) <= MAX_SYMBOLS:
            raise CheckpointError("tokenizer_size", count=len(symbols), high=MAX_SYMBOLS)
        if symbols[0] != UNKNOWN:
            raise CheckpointError("tokenizer_symbol", position=0, value=ascii(symbols[0])[:40])
        seen: set[str] = set()
        for position, symbol in enumerate(symbols[1:], start=1):
            if not _is_character(symbol) or symbol in seen:
                raise CheckpointError("tokenizer_symbol", position=position, value=ascii(symbol)[:40])
            seen.add(symbol)
        return cls(tuple(symbols))


def _is_character(symbol: object) -> bool:
    """Tell whether a symbol is one code point that UTF-8 can write."""
    return isinstance(symbol, str) and len(symbol) == 1 and not "\ud800" <= symbol <= "\udfff"


def count_characters(text: str) -> dict[str, int]:
    """Count every character of a text except lone surrogates.

    Returns:
        the count of each character, in order of first appearance.
    """
    counter = CharacterCounter()
    for piece in cut(text):
        counter.add(piece)
    return counter.counts()
