"""The kinds of tokens that there are: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...config import TextConfig
from ...errors import CheckpointError
from .byte import ByteTokenizer
from .character import CharacterTokenizer
from .grapheme import GraphemeTokenizer
from .kind import Tokenizer
from .subword import SubwordTokenizer
from .word import WordTokenizer

KINDS: dict[str, type[Tokenizer]] = {
    kind.kind: kind for kind in (CharacterTokenizer, GraphemeTokenizer, WordTokenizer, SubwordTokenizer, ByteTokenizer)
}


def train_tokenizer(pieces: Iterable[str], config: TextConfig) -> Tokenizer:
    """Build the vocabulary of a text.

    Args:
        pieces: the text, whole or in pieces; gone through once.
        config: the kind of token and the limits of the vocabulary.

    Raises:
        TextError: the limits leave nothing.
    """
    return KINDS[config.tokenizer].train(pieces, config)


def read_tokenizer(values: Any) -> Tokenizer:
    """Build a tokenizer from what its `to_dict` returned, trusting nothing.

    Raises:
        CheckpointError: it is no vocabulary that is known here.
    """
    kind = values.get("kind") if isinstance(values, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise CheckpointError("tokenizer_shape")
    return KINDS[kind].from_dict(values)
