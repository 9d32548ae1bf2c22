"""The shape of a long curve in few numbers: of every stretch of steps the lowest, the highest and the last point."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

from ..training.curve import thin
from ..training.record import MAX_LOSS, perplexity

STRETCHES = 256  # at most; half of that is nearly what a chart draws
MOST = math.exp(MAX_LOSS)  # the largest that a perplexity can be
Point = tuple[int, float]  # a step and its value
Stretch = tuple[Point, Point, Point]  # its lowest, highest and last point


@dataclass
class Series:
    """Summarise values by step, which only rises; one more takes the same time however many there are.

    Args:
        width: steps in a stretch, a power of two.
        first: the first point.
        stretches: each that has a point, in order.
    """

    width: int = 1
    first: Point | None = None
    stretches: list[Stretch] = field(default_factory=list)

    def add(self, step: int, value: float) -> None:
        """Add a value after the last one; what is no number is shown as the largest one."""
        point = (step, float(f"{value if math.isfinite(value) else MOST:.5g}"))
        if self.first is None:
            self.first = point
        self._put((point, point, point))
        while len(self.stretches) > STRETCHES:
            self.width *= 2
            old, self.stretches = self.stretches, []
            for stretch in old:
                self._put(stretch)

    def cut(self, step: int) -> None:
        """Forget what begins at a step, which is the beginning of a stretch, or later."""
        while self.stretches and self.stretches[-1][0][0] >= step:
            self.stretches.pop()
        if not self.stretches:
            self.first = None

    def thinned(self, points: int) -> list[list[float]]:
        """Return [steps, values] of at most so many points, the first and the last among them."""
        if self.first is None:
            return [[], []]
        lowest_and_highest = {point for stretch in self.stretches for point in stretch[:2]}
        kept = sorted({self.first, *lowest_and_highest, self.stretches[-1][2]})
        return thin([step for step, _ in kept], [value for _, value in kept], points)

    def _put(self, new: Stretch) -> None:
        """Add a stretch to the last one if it lies in the same place, or after it."""
        if self.stretches and self.stretches[-1][0][0] // self.width == new[0][0] // self.width:
            low, high, _ = self.stretches[-1]
            low = new[0] if new[0][1] < low[1] else low
            high = new[1] if new[1][1] > high[1] else high
            self.stretches[-1] = (low, high, new[2])
        else:
            self.stretches.append(new)


@dataclass
class Summary:
    """Summarise the training and the validation perplexities of a run.

    Args:
        step: up to which the records are in it.
        train: of every record.
        validation: of the records that have one.
    """

    step: int = 0
    train: Series = field(default_factory=Series)
    validation: Series = field(default_factory=Series)

    def add(self, step: int, loss: float, validation: float | None) -> None:
        """Add a record: its step, its loss in nats per token, its validation perplexity."""
        self.train.add(step, perplexity(loss))
        if validation is not None:
            self.validation.add(step, validation)
        self.step = step

    def cut(self, step: int) -> None:
        """Forget what came after a step, and a little before; the records after `self.step` are to be added again."""
        width = max(self.train.width, self.validation.width)
        beginning = step // width * width  # of the stretch in which the step lies, in both series
        if beginning <= self.step:
            self.train.cut(beginning)
            self.validation.cut(beginning)
            self.step = max(0, beginning - 1)

    def thinned(self, points: int) -> dict[str, list[list[float]]]:
        """Return both series with at most so many points each, as `deeprnn.training.curve.Curve` does."""
        return {"train": self.train.thinned(points), "validation": self.validation.thinned(points)}

    def dumps(self) -> str:
        """Return it as JSON."""
        series = [[s.width, s.first, s.stretches] for s in (self.train, self.validation)]
        return json.dumps([self.step, *series], separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Summary:
        """Return what `dumps` wrote."""
        step, *series = json.loads(text)
        return cls(step, *(_series(width, first, stretches) for width, first, stretches in series))


def _series(width: int, first: list[float] | None, stretches: list[list[list[float]]]) -> Series:
    def point(pair: list[float]) -> Point:
        return int(pair[0]), pair[1]

    built = [(point(low), point(high), point(last)) for low, high, last in stretches]
    return Series(width, None if first is None else point(first), built)
