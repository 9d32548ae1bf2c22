"""Models of counts: how probable a token is after the one to four before it. Knows numbers only, no text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Probabilities = NDArray[np.float64]


def witten_bell(train: Ids, held_out: Ids, size: int, orders: int) -> Iterator[Probabilities]:
    """Yield what the models of order 1, 2, ... say of each held-out token but the first.

    The first adds one to every count. The others interpolate as Witten and Bell do ("The zero-frequency problem",
    1991): P(w | h) = (c(h w) + t(h) P(w | shorter h)) / (c(h) + t(h)), with t(h) the number of different tokens seen
    after h.

    An n-gram is numbered by its place among those of the training text, not by its tokens: a number times `size` stays
    below 2 ** 63 for any order and any vocabulary.

    Args:
        train: (tokens,) where n-grams are counted; at least one.
        held_out: (tokens,) where they are asked for; at least two.
        size: of the vocabulary.
        orders: of the longest model; 3 for a trigram.

    Yields:
        (held-out tokens - 1,) probabilities; a token with fewer tokens before it has those of the shorter model.
    """
    said = ((np.bincount(train, minlength=size) + 1) / (len(train) + size))[held_out[1:]]
    yield said
    # (positions,) the number of the n-gram that begins there, -1 for one that the training text does not have.
    known, asked = train, held_out
    for order in range(2, orders + 1):
        before, wanted = asked[:-1], np.where(asked[:-1] < 0, -1, asked[:-1] * size + held_out[order - 1 :])
        grams, known, counts = np.unique(
            known[:-1] * size + train[order - 1 :], return_inverse=True, return_counts=True
        )
        asked = _places(grams, wanted)
        contexts = grams // size
        followers = _pick(np.bincount(contexts), before)  # t(h)
        total = _pick(np.bincount(contexts, weights=counts), before)  # c(h)
        mixed = (_pick(counts, asked) + followers * said[order - 2 :]) / np.maximum(total + followers, 1)
        said = np.concatenate([said[: order - 2], np.where(total > 0, mixed, said[order - 2 :])])
        yield said


def _places(rising: Ids, wanted: Ids) -> Ids:
    """Return the place of each wanted value among rising ones, -1 where it is none of them."""
    if not len(rising):
        return np.full(len(wanted), -1)
    places = np.minimum(np.searchsorted(rising, wanted), len(rising) - 1)
    return np.where(rising[places] == wanted, places, -1)


def _pick(values: NDArray[Any], places: Ids) -> NDArray[Any]:
    """Return the value at each place, 0 at one that there is not."""
    padded = np.append(values, 0)
    picked: NDArray[Any] = padded[np.where((places < 0) | (places > len(values)), len(values), places)]
    return picked
