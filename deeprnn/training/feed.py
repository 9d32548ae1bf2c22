"""What a training reads: minibatches without end, from any place in the text on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import TrainConfig
from ..text.batches import TokenIds, random_batches, sequential_batches

Minibatch = tuple[NDArray[np.int64], NDArray[np.int64], bool]

# One seed starts several streams. After a prefix that the book continues in several ways, the order of the data decides
# which line greedy writing takes; with this stream and seed 0 the chapter's recipe gives the chapter's line.
DATA_STREAM = 1


class Feed:
    """Read a text in minibatches, one epoch after the other.

    Whoever leaves it and asks again goes on with the minibatch after the last one taken.

    Args:
        ids: (tokens,) the training part of the text.
        config: its seed, partition, batch size and sequence length.
    """

    def __init__(self, ids: TokenIds, config: TrainConfig) -> None:
        self.epoch = self.place = 0  # epochs ended; minibatches taken since
        self._ids, self._config = ids, config
        self._rng = np.random.default_rng((config.seed, DATA_STREAM))
        self._epoch_start = self._rng.bit_generator.state

    def __iter__(self) -> Iterator[Minibatch]:
        """Yield inputs, targets and whether they start from the zero state: the first of an epoch, or all if random."""
        config, sequential = self._config, self._config.partition == "sequential"
        cut = sequential_batches if sequential else random_batches
        while True:
            self._rng.bit_generator.state = self._epoch_start
            for inputs, targets in cut(
                self._ids, config.batch_size, config.sequence_length, self._rng, skip=self.place
            ):
                self.place += 1
                yield inputs, targets, self.place == 1 or not sequential
            self._epoch_start = self._rng.bit_generator.state
            self.epoch, self.place = self.epoch + 1, 0

    def position(self) -> dict[str, Any]:
        """Return where it is, as plain JSON values: with it another feed of the same text goes on from there."""
        return {"epoch": self.epoch, "place": self.place, "random": self._epoch_start}

    def go_to(self, position: dict[str, Any]) -> None:
        """Go to a position of a feed of the same text and settings; those who read on must ask for minibatches anew.

        Raises:
            KeyError, TypeError, ValueError: it is no position.
        """
        epoch, place = int(position["epoch"]), int(position["place"])
        if min(epoch, place) < 0:
            raise ValueError(position)
        self._rng.bit_generator.state = position["random"]
        self._epoch_start, self.epoch, self.place = self._rng.bit_generator.state, epoch, place
