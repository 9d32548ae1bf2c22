"""Runs and records as the tests of the database keep them."""

from __future__ import annotations

import math

from deeprnn.config import Recipe
from deeprnn.runs.rows import RunRow
from deeprnn.training.record import TrainRecord, perplexity


def a_run(name: str = "bell 1") -> RunRow:
    return RunRow(Recipe(), name=name, corpus="thirsty_bell", corpus_name="The Thirsty Bell")


def a_record(step: int, loss: float | None = None, validation: float | None = None) -> TrainRecord:
    """Return the record of a step with a loss that goes up and down."""
    value = 2 + math.sin(step * step) if loss is None else loss
    bits = None if validation is None else validation / 3
    return TrainRecord(
        step,
        step / 7,
        64 * step,
        value,
        perplexity(value),
        value / 0.7,
        validation,
        0.1 / step,
        3.25,
        1e4,
        step / 9,
        bits,
    )


def records(first: int, last: int) -> list[TrainRecord]:
    return [a_record(step, validation=5 + step % 13 if step % 10 == 0 else None) for step in range(first, last + 1)]
