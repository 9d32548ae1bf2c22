"""What every kind of token has in common. Nothing here knows a kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...config import MAX_VOCABULARY, TextConfig
from ..replacement import UNKNOWN, Replacement

MAX_SYMBOL_BYTES = 128  # of one token in UTF-8; so the largest vocabulary stays under the limit of its file

DEFAULTS = TextConfig()

TokenIds = NDArray[np.unsignedinteger[Any]]
Lengths = NDArray[np.unsignedinteger[Any]]
T = TypeVar("T", bound="Tokenizer")


class Decoder(Protocol):
    """Turn token ids into text one by one; a character appears when it is complete."""

    def feed(self, token_id: int) -> str:
        """Return the characters that a token completes, often its own, sometimes none."""
        ...

    def finish(self) -> str:
        """Return what is left when no token follows: U+FFFD for a character that was begun, else nothing."""
        ...


class Tokenizer(Protocol):
    """Cut a text into tokens, number them, and put them together again.

    `symbols` are what a reader is shown of each token. `unknown_id` is the token that stands for everything the
    vocabulary leaves out, or None where nothing is left out.
    """

    kind: ClassVar[str]

    @property
    def vocab_size(self) -> int:
        """Return the number of tokens, the unknown one included."""
        ...

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger[Any]]:
        """Return the smallest unsigned type that holds every token id."""
        ...

    @property
    def unknown_id(self) -> int | None:
        """Return the token that stands for what is not in the vocabulary."""
        ...

    @classmethod
    def train(cls: type[T], pieces: Iterable[str], config: TextConfig = DEFAULTS) -> T:
        """Build the vocabulary of a text.

        Args:
            pieces: the text, whole or in pieces; gone through once.
            config: the limits of the vocabulary.
        """
        ...

    def encode(self, text: str) -> TokenIds:
        """Return the (tokens,) token ids of a text."""
        ...

    def lengths(self, text: str) -> Lengths:
        """Return the (tokens,) characters that each token of a text stands for; they add up to its length."""
        ...

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids."""
        ...

    def decoder(self) -> Decoder:
        """Return a new decoder for a text that comes token by token."""
        ...

    def symbol(self, token_id: int) -> str:
        """Return how a reader is shown one token by itself."""
        ...

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text written with known tokens only, and what was replaced, each once, in order."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        ...

    @classmethod
    def from_dict(cls: type[T], values: Any) -> T:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        Raises:
            CheckpointError: it is not such a vocabulary.
        """
        ...


def smallest_type(vocab_size: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the smallest unsigned type that holds every token id of a vocabulary."""
    return np.min_scalar_type(vocab_size - 1)


def plain_ids(ids: Iterable[int] | TokenIds) -> Iterable[int]:
    """Return token ids as Python's own numbers."""
    return ids.tolist() if isinstance(ids, np.ndarray) else ids


def in_pieces(text: Iterable[str]) -> Iterable[str]:
    """Return a text in pieces; a whole text, which Python would go through character by character, is one piece."""
    return [text] if isinstance(text, str) else text


def frequent_symbols(counts: dict[str, int], config: TextConfig, rarest: int = 1) -> tuple[str, ...]:
    """Return `<unk>` and the symbols that a vocabulary keeps: falling frequency, ties by first appearance.

    Args:
        counts: of each symbol, in order of first appearance.
        config: its `max_vocab_size` counts `<unk>`.
        rarest: how often a symbol must occur where the settings do not say.
    """
    least = rarest if config.min_frequency is None else config.min_frequency
    ordered = sorted(counts, key=counts.__getitem__, reverse=True)
    kept = [symbol for symbol in ordered if counts[symbol] >= least and is_short(symbol) and symbol != UNKNOWN]
    return (UNKNOWN, *kept[: (config.max_vocab_size or MAX_VOCABULARY) - 1])


def is_short(symbol: str) -> bool:
    """Tell whether a symbol may stand in a vocabulary by its length."""
    return 1 <= len(symbol) <= MAX_SYMBOL_BYTES and len(symbol.encode("utf-8", "replace")) <= MAX_SYMBOL_BYTES
