"""The perplexity curve of one run: grows while it is read, thinned for a chart or a file."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

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

    def tensors(self) -> dict[str, Tensor]:
        """Return a copy of all points, steps as int64 and perplexities as float64."""
        arrays: dict[str, array[Any]] = {
            "steps": self._train.steps,
            "perplexities": self._train.values,
            "validation_steps": self._validation.steps,
            "validation_perplexities": self._validation.values,
        }
        return {name: torch.from_numpy(np.array(values[:])) for name, values in arrays.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Curve:
        """Return the curve of which these are the `tensors`.

        Raises:
            KeyError, ValueError: they are not.
        """
        curve = cls()
        curve._train = Series.of(tensors["steps"].tolist(), tensors["perplexities"].tolist())
        held_out = tensors["validation_steps"].tolist(), tensors["validation_perplexities"].tolist()
        curve._validation = Series.of(*held_out)
        return curve


def thin(steps: Sequence[int], values: Sequence[float], points: int) -> list[list[Any]]:
    """Thin a series that lies there whole, as `Series.thinned` does."""
    return Series.of(steps, values).thinned(points)
