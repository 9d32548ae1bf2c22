"""The character tokenizer: characters to token ids and back. It knows no files and no minibatches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ...config import TextConfig
from ..counting import PAIRED, PIECE_CHARACTERS, CharacterCounter, CodePoints, Piece, code_points, cut
from ..replacement import Replacement, replace_characters
from .kind import DEFAULTS, Lengths, TokenIds, frequent_symbols, in_pieces, plain_ids
from .symbols import SymbolDecoder, SymbolVocabulary, read_symbols

CODE_POINTS = 0x110000  # of Unicode, surrogates included


@dataclass(frozen=True)
class CharacterTokenizer(SymbolVocabulary):
    """Number the characters of a vocabulary; every other character is token 0.

    Args:
        symbols: `<unk>` first, then single characters, each once.
    """

    kind: ClassVar[str] = "character"

    @classmethod
    def train(cls, pieces: Iterable[str], config: TextConfig = DEFAULTS) -> CharacterTokenizer:
        """Build the vocabulary of a text: falling frequency, ties by first appearance, as in the chapter's `Vocab`.

        A text with more different characters than the limit keeps the most frequent ones.
        """
        return cls.from_counts(count_characters(pieces), config)

    @classmethod
    def from_counts(cls, counts: dict[str, int], config: TextConfig = DEFAULTS) -> CharacterTokenizer:
        """Build the vocabulary from how often each character occurs, in order of first appearance."""
        return cls(frequent_symbols(counts, config))

    @cached_property
    def _ids(self) -> TokenIds:
        """(CODE_POINTS,) the token id of every code point."""
        table = np.zeros(CODE_POINTS, self.dtype)
        table[[ord(symbol) for symbol in self.symbols[1:]]] = np.arange(1, self.vocab_size)
        return table

    @cached_property
    def _pair_ids(self) -> TokenIds:
        """(65536,) the ids of any two characters below 256, if each fits one byte."""
        return self._ids[np.arange(1 << 16, dtype=np.uint16).view(np.uint8)].view(np.uint16)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.symbols[1:])

    def encode(self, text: str) -> TokenIds:
        """Return the (characters,) token ids of a text; unknown characters become 0."""
        if len(text) <= PIECE_CHARACTERS:
            return self.encode_codes(code_points(text))
        ids = np.empty(len(text), self.dtype)
        begin = 0
        for piece in cut(text):
            ids[begin : begin + len(piece)] = self.encode_codes(code_points(piece))
            begin += len(piece)
        return ids

    def encode_codes(self, codes: CodePoints) -> TokenIds:
        """Return the ids of code points; those of ASCII are looked up two at a time, which is faster."""
        ids, begin = np.empty(len(codes), self.dtype), 0
        if codes.dtype == ids.dtype == np.uint8 and len(codes) >= PAIRED:
            begin = len(codes) // 2 * 2
            pairs = codes[:begin].view(np.uint16)
            np.take(self._pair_ids, pairs, out=ids[:begin].view(np.uint16), mode="clip")
        np.take(self._ids, codes[begin:], out=ids[begin:], mode="clip")  # none is clipped; "raise" would copy once more
        return ids

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids; token 0 is written as `<unk>`.

        Args:
            ids: (tokens,) each from 0 to vocab_size - 1.
        """
        return "".join(map(self.symbols.__getitem__, plain_ids(ids)))

    def lengths(self, text: str) -> Lengths:
        """Return (characters,) ones: each token is one character, an unknown one too."""
        return np.ones(len(text), np.uint8)

    def decoder(self) -> SymbolDecoder:
        """Return a decoder for a text that comes token by token."""
        return SymbolDecoder(self.symbols)

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text written with known characters only, and what was replaced.

        Args:
            text: what a user typed.

        Returns:
            the text, and each replacement once, in order of first appearance.
        """
        return replace_characters(text, self._known)

    @classmethod
    def from_dict(cls, values: Any) -> CharacterTokenizer:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        Raises:
            CheckpointError: it is not a character vocabulary, or one of its symbols is not allowed.
        """
        return cls(read_symbols(values, "character", _is_character))


def _is_character(symbol: str) -> bool:
    return len(symbol) == 1


def count_characters(pieces: Iterable[str]) -> dict[str, int]:
    """Count every character of a text except lone surrogates.

    Args:
        pieces: the text, whole or in pieces.

    Returns:
        the count of each character, in order of first appearance.
    """
    counter = CharacterCounter()
    for part in in_pieces(pieces):
        for piece in cut(part):
            counter.add(Piece(piece))
    return counter.counts()
