"""Grapheme clusters as tokens: what a reader takes for one character, such as a letter with its accents or a flag."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

from ...config import TextConfig
from ..replacement import Replacement, name_of, replace_characters
from .kind import DEFAULTS, Lengths, TokenIds, frequent_symbols, in_pieces, plain_ids
from .symbols import SymbolDecoder, SymbolVocabulary, read_symbols
from .utf8 import lone_surrogates, writable

# Nothing in these blocks ever joins its neighbours: most texts need no look at the rules of Unicode.
_SINGLE = re.compile(
    "[\0-\x0c\x0e-\xa8\xaa-\xac\xaf-\u02ff\u0370-\u0482\u048a-\u0590\u3000-\u3029\u3041-\u3098\u309b-\u3296\u329a-\ua66e\uff00-\uff9d]*"
)


@cache
def _splitter() -> Split:
    return Split(Regex(r"\X"), behavior="isolated")


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of a text, as Unicode's Annex 29 divides it; together they are the text.

    A lone surrogate is U+FFFD.
    """
    if _SINGLE.fullmatch(text):
        return list(text)
    return [cluster for cluster, _ in _splitter().pre_tokenize_str(writable(text))]


@dataclass(frozen=True)
class GraphemeTokenizer(SymbolVocabulary):
    """Number the grapheme clusters of a vocabulary; an unknown one is read as its characters, or as token 0.

    Args:
        symbols: `<unk>` first, then clusters, each once.
    """

    kind: ClassVar[str] = "grapheme"

    @classmethod
    def train(cls, pieces: Iterable[str], config: TextConfig = DEFAULTS) -> GraphemeTokenizer:
        """Build the vocabulary of a text: falling frequency, ties by first appearance."""
        counts: Counter[str] = Counter()
        for piece in in_pieces(pieces):
            counts.update(clusters(piece))
        return cls(frequent_symbols(counts, config))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols) if number}

    def _parts(self, text: str) -> Iterable[str]:
        """Yield known clusters whole, and the others by characters."""
        for cluster in clusters(text):
            yield from (cluster,) if cluster in self._ids else cluster

    def encode(self, text: str) -> TokenIds:
        """Return the (tokens,) token ids of a text; unknown characters become 0."""
        known = self._ids.get
        return np.fromiter((known(part, 0) for part in self._parts(text)), self.dtype)

    def lengths(self, text: str) -> Lengths:
        """Return the (tokens,) characters of each token."""
        return np.fromiter((len(part) for part in self._parts(text)), np.uint32)

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids; token 0 is written as `<unk>`."""
        return "".join(map(self.symbols.__getitem__, plain_ids(ids)))

    def decoder(self) -> SymbolDecoder:
        """Return a new decoder for a text that comes cluster by cluster."""
        return SymbolDecoder(self.symbols)

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text written with known clusters and characters only, and what was replaced."""
        written, said = [], {lone: Replacement(name_of(lone), "") for lone in lone_surrogates(text)}
        for cluster in clusters(writable(text, "")):
            new, replaced = (cluster, ()) if cluster in self._ids else replace_characters(cluster, self._ids)
            written.append(new)
            said.update((one.character, one) for one in replaced)
        return "".join(written), tuple(said.values())

    @classmethod
    def from_dict(cls, values: Any) -> GraphemeTokenizer:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        Raises:
            CheckpointError: it is not a vocabulary of grapheme clusters.
        """
        return cls(read_symbols(values, "grapheme", lambda symbol: len(clusters(symbol)) == 1))
