"""Subwords as tokens: byte pair encoding, trained on the corpus itself; any text comes back exactly.

Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016), on bytes as in GPT-2.
The library `tokenizers` trains and encodes; a vocabulary is kept here as the list of its merges, which is all there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import tokenizers
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from ...config import MAX_VOCABULARY, TextConfig
from ...errors import CheckpointError, TextError
from ..replacement import Replacement, name_of
from .byte import SINGLE
from .kind import DEFAULTS, MAX_SYMBOL_BYTES, Lengths, TokenIds, in_pieces, plain_ids, smallest_type
from .utf8 import Utf8Decoder, characters_begun, lone_surrogates, shown_bytes, writable

BYTES = 256  # the first tokens
USUAL_SIZE = 2000  # of the vocabulary where the settings do not say
RAREST = 2  # how often a pair must occur to be merged, where the settings do not say

Merge = tuple[int, int]


def _letters() -> tuple[str, ...]:
    """Return the letter that stands for each byte in the library: itself if it can be seen, else one from U+0100 on."""
    seen = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return tuple(chr(byte if byte in seen else next(others)) for byte in range(BYTES))


LETTERS = _letters()


@dataclass(frozen=True)
class SubwordTokenizer:
    """Join pairs of neighbouring tokens, starting from bytes, in the order in which training found them.

    Args:
        merges: each joins two earlier tokens into the next one; tokens 0 to 255 are the bytes.
    """

    merges: tuple[Merge, ...]
    kind: ClassVar[str] = "subword"
    unknown_id: ClassVar[int | None] = None

    @property
    def vocab_size(self) -> int:
        """Return the number of tokens, the 256 bytes included."""
        return BYTES + len(self.merges)

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger[Any]]:
        """Return the smallest unsigned type that holds every token id."""
        return smallest_type(self.vocab_size)

    @classmethod
    def train(cls, pieces: Iterable[str], config: TextConfig = DEFAULTS) -> SubwordTokenizer:
        """Build the vocabulary of a text.

        Raises:
            TextError: the limit of the vocabulary leaves no room beside the bytes.
        """
        size = config.max_vocab_size or USUAL_SIZE
        if size <= BYTES:
            raise TextError("vocabulary_too_small", value=size, needed=BYTES + 1)
        trainer = BpeTrainer(
            vocab_size=size,
            min_frequency=RAREST if config.min_frequency is None else config.min_frequency,
            initial_alphabet=list(LETTERS),
            max_token_length=MAX_SYMBOL_BYTES,
            show_progress=False,
        )
        library = _library(BPE())
        library.train_from_iterator(map(writable, in_pieces(pieces)), trainer)
        return cls(tuple(_merges_of(library)))

    @cached_property
    def symbols(self) -> tuple[bytes, ...]:
        """Return the bytes of each token."""
        symbols = list(SINGLE)
        for left, right in self.merges:
            symbols.append(symbols[left] + symbols[right])
        return tuple(symbols)

    @cached_property
    def _library(self) -> tokenizers.Tokenizer:
        written = ["".join(LETTERS[byte] for byte in symbol) for symbol in self.symbols]
        merges = [(written[left], written[right]) for left, right in self.merges]
        return _library(BPE(dict(zip(written, range(self.vocab_size), strict=True)), merges))

    @cached_property
    def _lengths(self) -> Lengths:
        return np.array([characters_begun(symbol) for symbol in self.symbols], np.uint8)

    def encode(self, text: str) -> TokenIds:
        """Return the (tokens,) token ids of a text; a lone surrogate is read as U+FFFD."""
        (encoding,) = self._library.encode_batch_fast([writable(text)], add_special_tokens=False)
        return np.array(encoding.ids, self.dtype)

    def lengths(self, text: str) -> Lengths:
        """Return the (tokens,) characters of each token: those that begin in it."""
        lengths: Lengths = self._lengths[self.encode(text)]
        return lengths

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids; what is no UTF-8 becomes U+FFFD."""
        return b"".join(map(self.symbols.__getitem__, plain_ids(ids))).decode("utf-8", "replace")

    def decoder(self) -> Utf8Decoder:
        """Return a new decoder for a text that comes token by token."""
        return Utf8Decoder(self.symbols.__getitem__)

    def symbol(self, token_id: int) -> str:
        """Return the characters of a token, or the names of its bytes where they are no whole characters."""
        return shown_bytes(self.symbols[token_id])

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text with U+FFFD for every lone surrogate, and which these were."""
        return writable(text), tuple(Replacement(name_of(lone), "\ufffd") for lone in lone_surrogates(text))

    def to_dict(self) -> dict[str, Any]:
        """Return the tokenizer as plain JSON values."""
        return {"kind": "subword", "merges": [list(merge) for merge in self.merges]}

    @classmethod
    def from_dict(cls, values: Any) -> SubwordTokenizer:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        The bytes of a token are known only when those of its parts are, so each merge is checked before the next.

        Raises:
            CheckpointError: it is not a list of merges, or one of them is not allowed.
        """
        if not isinstance(values, Mapping) or set(values) != {"kind", "merges"} or values["kind"] != "subword":
            raise CheckpointError("tokenizer_shape")
        merges = values["merges"]
        if not isinstance(merges, list | tuple):
            raise CheckpointError("tokenizer_shape")
        if not len(merges) <= MAX_VOCABULARY - BYTES:
            raise CheckpointError("tokenizer_size", count=BYTES + len(merges), high=MAX_VOCABULARY)
        symbols, known = list(SINGLE), set(SINGLE)
        for position, merge in enumerate(merges):
            symbol = _joined(merge, symbols)
            if symbol is None or symbol in known:
                raise CheckpointError("tokenizer_merge", position=position, value=ascii(merge)[:40])
            symbols.append(symbol)
            known.add(symbol)
        return cls(tuple((left, right) for left, right in merges))


def _joined(merge: Any, symbols: list[bytes]) -> bytes | None:
    """Return the bytes of two earlier tokens together, None if they are no such tokens or too long."""
    if not isinstance(merge, list | tuple) or len(merge) != 2:
        return None
    if not all(type(part) is int and 0 <= part < len(symbols) for part in merge):
        return None
    left, right = (symbols[part] for part in merge)
    return left + right if len(left) + len(right) <= MAX_SYMBOL_BYTES else None


def _library(model: BPE) -> tokenizers.Tokenizer:
    """Return the library's tokenizer of bytes that joins nothing across the borders of words."""
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
    return library


def _merges_of(library: tokenizers.Tokenizer) -> Iterator[Merge]:
    """Yield the merges that the library has found, with the numbers that their tokens have here."""
    numbers = {letter: byte for byte, letter in enumerate(LETTERS)}
    for left, right in json.loads(library.to_str())["model"]["merges"]:
        if left + right not in numbers:  # one token may be found in two ways; the first is the one to keep
            yield numbers[left], numbers[right]
            numbers[left + right] = len(numbers)
