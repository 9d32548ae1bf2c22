"""The perplexity curve of one run: grows while it is read, thinned for a chart or a file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .record import TrainRecord
from .series import Series


class Curve:
    """Collect training and validation perplexities by step.

    One thread appends and truncates, any other may read.
    """

    def __init__(self) -> None:
        self._train, self._validation = Series(), Series()

    @property
    def steps(self) -> Sequence[int]:
        """Return the steps trained."""
        return self._train.steps

    @property
    def perplexities(self) -> Sequence[float]:
        """Return the training perplexity of each step."""
        return self._train.values

    @property
    def validation_steps(self) -> Sequence[int]:
        """Return the steps after which the held-out text was measured."""
        return self._validation.steps

    @property
    def validation_perplexities(self) -> Sequence[float]:
        """Return the perplexity of each of these."""
        return self._validation.values

    def append(self, record: TrainRecord) -> None:
        """Add the perplexities of a record."""
        self._train.append(record.step, record.perplexity)
        if record.validation_perplexity is not None:
            self._validation.append(record.step, record.validation_perplexity)

    def truncate(self, step: int) -> None:
        """Forget all after a step, to which the training has gone back."""
        self._train, self._validation = self._train.until(step), self._validation.until(step)

    def thinned(self, points: int = 300) -> dict[str, list[list[Any]]]:
        """Return both series with at most so many points each: {"train": [steps, perplexities], "validation": ...}."""
        return {"train": self._train.thinned(points), "validation": self._validation.thinned(points)}

    def columns(self) -> dict[str, array[Any]]:
        """Return a copy of all points: steps as int64, perplexities as float64."""
        train, held_out = self._train, self._validation
        columns: dict[str, array[Any]] = {
            "steps": train.steps, "perplexities": train.values,
            "validation_steps": held_out.steps, "validation_perplexities": held_out.values,
        }  # fmt: skip
        return {name: column[:] for name, column in columns.items()}

    @classmethod
    def of(cls, columns: Mapping[str, Iterable[Any]]) -> Curve:
        """Return the curve of which these are the `columns`.

        Raises:
            KeyError, ValueError: they are not.
        """
        curve = cls()
        curve._train = Series.of(columns["steps"], columns["perplexities"])
        curve._validation = Series.of(columns["validation_steps"], columns["validation_perplexities"])
        return curve


def thin(steps: Sequence[int], values: Sequence[float], points: int) -> list[list[Any]]:
    """Thin a series that lies there whole, as `Series.thinned` does."""
    return Series.of(steps, values).thinned(points)
