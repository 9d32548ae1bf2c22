"""The perplexity curve of one run: grows while it is read, thinned for a chart or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .record import TrainRecord


@dataclass
class Curve:
    """Collect training and validation perplexities by step.

    One thread appends, any other may read: a value is appended before its step, so every step seen has its value.
    """

    steps: list[int] = field(default_factory=list)
    perplexities: list[float] = field(default_factory=list)
    validation_steps: list[int] = field(default_factory=list)
    validation_perplexities: list[float] = field(default_factory=list)

    def append(self, record: TrainRecord) -> None:
        """Add the perplexities of a record."""
        self.perplexities.append(record.perplexity)
        self.steps.append(record.step)
        if record.validation_perplexity is not None:
            self.validation_perplexities.append(record.validation_perplexity)
            self.validation_steps.append(record.step)

    def tensors(self) -> dict[str, Tensor]:
        """Return a copy of all points, steps as int64 and perplexities as float64."""
        return {
            "steps": torch.tensor(self.steps, dtype=torch.int64),
            "perplexities": torch.tensor(self.perplexities, dtype=torch.float64),
            "validation_steps": torch.tensor(self.validation_steps, dtype=torch.int64),
            "validation_perplexities": torch.tensor(self.validation_perplexities, dtype=torch.float64),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Curve:
        """Return the curve of which these are the `tensors`.

        Raises:
            KeyError: one is missing.
        """
        names = ("steps", "perplexities", "validation_steps", "validation_perplexities")
        return cls(*(tensors[name].tolist() for name in names))

    def thinned(self, points: int = 300) -> dict[str, list[list[Any]]]:
        """Return both series with at most so many points each: {"train": [steps, perplexities], "validation": ...}."""
        return {
            "train": thin(self.steps, self.perplexities, points),
            "validation": thin(self.validation_steps, self.validation_perplexities, points),
        }


def thin(steps: Sequence[int], values: Sequence[float], points: int) -> list[list[Any]]:
    """Keep the lowest and the highest value of each of points/2 equal bins, and always the first and the last point.

    Args:
        steps: rising step numbers; may grow while this runs.
        values: one per step, or more.
        points: how many to keep at most.

    Returns:
        [steps, values], values rounded to five significant digits.
    """
    count = len(steps)
    if count <= points:
        keep = list(range(count))
    else:
        bins = max(1, points // 2 - 1)
        keep = []
        for b in range(bins):
            inside = range(b * count // bins, (b + 1) * count // bins)
            keep.extend(sorted({min(inside, key=values.__getitem__), max(inside, key=values.__getitem__)}))
        keep = sorted({0, *keep, count - 1})
    return [[steps[i] for i in keep], [float(f"{values[i]:.5g}") for i in keep]]
