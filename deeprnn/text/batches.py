"""Minibatches of token ids: the chapter's sequential and random partition. They know no text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_SHUFFLED = 1 << 23  # stretches: 64 MB

TokenIds = NDArray[np.integer[Any]]
Batch = tuple[NDArray[np.int64], NDArray[np.int64]]


def sequential_batches(
    ids: TokenIds, batch_size: int, sequence_length: int, rng: np.random.Generator, skip: int = 0
) -> Iterator[Batch]:
    """Yield minibatches in which row i goes on where row i of the last minibatch ended.

    `seq_data_iter_sequential` of Dive into Deep Learning 8.3: an offset from 0 to sequence_length, both included.

    Args:
        ids: (tokens,) of any integer type; may be memory-mapped.
        batch_size: rows, each its own stretch of the text.
        sequence_length: time steps.
        rng: draws the offset.
        skip: leave out so many minibatches, without reading them; the rest are those that would have followed.

    Yields:
        (inputs, targets), both (batch_size, sequence_length); a target is the token after its input.
    """
    offset = int(rng.integers(0, sequence_length + 1))
    columns = max(0, len(ids) - offset - 1) // batch_size
    end = offset + columns * batch_size
    inputs = ids[offset:end].reshape(batch_size, columns)
    targets = ids[offset + 1 : end + 1].reshape(batch_size, columns)
    for begin in range(skip * sequence_length, columns // sequence_length * sequence_length, sequence_length):
        part = slice(begin, begin + sequence_length)
        yield inputs[:, part].astype(np.int64), targets[:, part].astype(np.int64)


def random_batches(
    ids: TokenIds,
    batch_size: int,
    sequence_length: int,
    rng: np.random.Generator,
    most_shuffled: int = MOST_SHUFFLED,
    skip: int = 0,
) -> Iterator[Batch]:
    """Yield minibatches of stretches drawn at random, none overlapping another.

    `seq_data_iter_random` of Dive into Deep Learning 8.3: an offset from 0 to sequence_length - 1, both included. The
    order of a text with very many stretches is drawn part by part, the parts in random order too.

    Args:
        ids: (tokens,) of any integer type; may be memory-mapped.
        batch_size: rows, each its own stretch of the text.
        sequence_length: time steps.
        rng: draws the offset, then the order.
        most_shuffled: stretches whose order is in memory at once.
        skip: leave out so many minibatches, without reading them; the rest are those that would have followed.

    Yields:
        (inputs, targets), both (batch_size, sequence_length); a target is the token after its input.
    """
    offset = int(rng.integers(0, sequence_length))
    stretches = max(0, len(ids) - offset - 1) // sequence_length
    steps = np.arange(sequence_length)
    part = max(1, most_shuffled // batch_size) * batch_size
    for first in (rng.permutation(-(-stretches // part)) * part).tolist():
        order = first + rng.permutation(min(part, stretches - first))
        full = len(order) // batch_size
        skipped = min(skip, full)
        skip -= skipped
        for begin in range(skipped * batch_size, full * batch_size, batch_size):
            starts = offset + order[begin : begin + batch_size, None] * sequence_length
            positions = starts + steps  # (batch_size, sequence_length)
            yield ids[positions].astype(np.int64), ids[positions + 1].astype(np.int64)


def batches_per_epoch(tokens: int, batch_size: int, sequence_length: int) -> int:
    """Return how many minibatches every epoch has, whatever its offset and partition.

    The offset costs at most sequence_length tokens and the last target one more; a luckier offset may yield one
    minibatch more than this.

    Args:
        tokens: length of the training text.
        batch_size: rows of a minibatch.
        sequence_length: its time steps.
    """
    return max(0, tokens - sequence_length - 1) // (batch_size * sequence_length)
