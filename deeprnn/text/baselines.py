"""Reference lines for the curve: what simple models of counts reach on the same held-out text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus

MAX_TOKENS = 5_000_000  # more to count would not move the lines

Ids = NDArray[np.int64]
Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class ReferenceLine:
    """Name a perplexity to compare with.

    Args:
        key: uniform, unigram, bigram, trigram or entropy.
        perplexity: per token, on the held-out text.
    """

    key: str
    perplexity: float


def reference_lines(corpus: Corpus) -> tuple[ReferenceLine, ...]:
    """Measure simple models of the training text on the held-out text, or on itself if nothing is held out.

    As in an evaluation, every token but the first is predicted. The unigram adds one to every count; the bigram and
    trigram interpolate as Witten and Bell ("The zero-frequency problem", 1991) do:
    P(w | h) = (c(h w) + t(h) P(w | shorter h)) / (c(h) + t(h)), with t(h) the number of different tokens seen after h.

    Returns:
        uniform, unigram, bigram, trigram, and entropy if the source's is known.
    """
    train = corpus.train_ids[-MAX_TOKENS:].astype(np.int64)
    held_out = corpus.validation_ids.astype(np.int64) if len(corpus.validation_ids) >= 2 else train
    size = corpus.tokenizer.vocab_size
    unigram = ((np.bincount(train, minlength=size) + 1) / (len(train) + size))[held_out[1:]]
    bigram = _witten_bell(train, held_out, size, 2, unigram)
    # The second token has one token before it: there the trigram is the bigram.
    trigram = np.concatenate([bigram[:1], _witten_bell(train, held_out, size, 3, bigram[1:])])
    lines = [ReferenceLine("uniform", float(size))]
    for key, probabilities in (("unigram", unigram), ("bigram", bigram), ("trigram", trigram)):
        lines.append(ReferenceLine(key, math.exp(-float(np.log(probabilities).mean()))))
    if corpus.entropy_floor is not None:
        lines.append(ReferenceLine("entropy", math.exp(corpus.entropy_floor / corpus.tokens_per_character)))
    return tuple(lines)


def _witten_bell(train: Ids, held_out: Ids, size: int, order: int, shorter: Probabilities) -> Probabilities:
    """Return the probability of each held-out token that has order - 1 tokens before it.

    Args:
        train: (tokens,) where n-grams are counted.
        held_out: (tokens,) where they are asked for.
        size: the vocabulary's; an n-gram is one number in that base, so size ** order must fit 63 bits.
        order: 2 for a bigram.
        shorter: (held-out tokens - order + 1,) what the model with one token less says of the same tokens.
    """
    grams, gram_counts = np.unique(_grams(train, size, order), return_counts=True)
    asked = _grams(held_out, size, order)
    if not len(grams):
        return shorter
    # Sorted n-grams keep those of one context together.
    contexts, starts, followers = np.unique(grams // size, return_index=True, return_counts=True)
    context_counts = np.add.reduceat(gram_counts, starts)
    seen = _look_up(grams, gram_counts, asked)
    before = _look_up(contexts, context_counts, asked // size)
    different = _look_up(contexts, followers, asked // size)
    known = before > 0
    return np.where(known, (seen + different * shorter) / np.maximum(before + different, 1), shorter)


def _grams(ids: Ids, size: int, order: int) -> Ids:
    """Return the (tokens - order + 1,) n-grams of a text, each as one number."""
    count = max(0, len(ids) - order + 1)
    grams = np.zeros(count, np.int64)
    for place in range(order):
        grams = grams * size + ids[place : place + count]
    return grams


def _look_up(keys: Ids, values: NDArray[np.integer[Any]], wanted: Ids) -> Ids:
    """Return the value of each wanted key, 0 where it is none of the sorted keys."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
