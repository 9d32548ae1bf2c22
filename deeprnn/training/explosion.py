"""A loss that explodes: how it is noticed, and the one time that it is put right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..config import RECIPE_FIELDS
from ..errors import TrainingError
from .event import Event
from .snapshot import Snapshot, put_back

if TYPE_CHECKING:
    from .train import Training

# A loss this far above guessing evenly, so many steps in a row, is an explosion and not a bad batch.
EXPLODED_FACTOR, EXPLODED_STEPS = 3.0, 5


class Exploded(Exception):
    """Leave a step whose numbers are of no use.

    Args:
        step: its number.
    """

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


def worst_loss(vocab_size: int) -> float:
    """Return the nats per token above which a network has learnt nothing."""
    return EXPLODED_FACTOR * math.log(vocab_size + 1)


def go_back(training: Training, good: Snapshot, step: int) -> None:
    """Set a training back to its last good check and halve its rate; the second time only the former.

    Args:
        training: has exploded.
        good: was taken at that check, or at the start.
        step: that exploded.

    Raises:
        TrainingError: the lower rate has exploded too.
    """
    again = training.rescued
    put_back(training, good)
    training.curve.truncate(training.step)
    training.exploded, training.rescued = 0, True
    if again and training.best.step:
        raise TrainingError("exploded", step=step, kept=training.best.step)
    if again:
        raise TrainingError("exploded_at_once", step=step)
    rate = max(training.recipe.train.learning_rate / 2, RECIPE_FIELDS["learning_rate"].metadata["low"])
    training.recipe = training.recipe.replace(learning_rate=rate)
    training.events.append(Event(step, "exploded", {"back_to": training.step, "rate": float(f"{rate:.3g}")}))
