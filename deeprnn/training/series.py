"""A series of numbers by step that grows and is thinned at once, however long it has become."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

BRANCHES = 8  # blocks of one level in a block of the next


class Series:
    """Hold a value for each of some rising steps, and where the lowest and the highest of each block of them are.

    One thread appends, any other may read: what a step needs is there before the step is.

    A block of level k has `BRANCHES ** (k + 1)` values, so that the extremes of any stretch are among those of a few
    blocks: appending takes the same time at a million values as at a hundred, and so does thinning.
    """

    def __init__(self) -> None:
        self.steps, self.values = array("q"), array("d")
        self._blocks: list[tuple[array[int], array[int]]] = []  # by level: positions of lowest and highest

    @classmethod
    def of(cls, steps: Iterable[int], values: Iterable[float]) -> Series:
        """Return a series of some points.

        Raises:
            ValueError: there are not as many steps as values.
        """
        series = cls()
        for step, value in zip(steps, values, strict=True):
            series.append(step, value)
        return series

    def append(self, step: int, value: float) -> None:
        """Add a point at the end."""
        self.values.append(value)
        count, size, level = len(self.values), BRANCHES, 0
        while count % size == 0:
            if level == len(self._blocks):
                self._blocks.append((array("q"), array("q")))
            found = self._extremes(count - size, count, level)
            for positions, position in zip(self._blocks[level], found, strict=True):
                positions.append(position)
            size, level = size * BRANCHES, level + 1
        self.steps.append(step)

    def until(self, step: int) -> Series:
        """Return a series of the points up to a step, itself included."""
        count = bisect_right(self.steps, step)
        return Series.of(self.steps[:count], self.values[:count])

    def thinned(self, points: int = 300) -> list[list[Any]]:
        """Keep the lowest and the highest value of each of points/2 equal bins, and always the first and last point.

        Args:
            points: how many to keep at most.

        Returns:
            [steps, values], values rounded to five significant digits.
        """
        count = len(self.steps)
        if count <= points:
            keep = list(range(count))
        else:
            bins, found = max(1, points // 2 - 1), {0, count - 1}
            for b in range(bins):
                found.update(self._extremes(b * count // bins, (b + 1) * count // bins, len(self._blocks)))
            keep = sorted(found)
        return [[self.steps[i] for i in keep], [float(f"{self.values[i]:.5g}") for i in keep]]

    def _extremes(self, begin: int, end: int, levels: int) -> tuple[int, int]:
        """Return the first positions of the lowest and highest value in a stretch, from so many levels of blocks."""
        values, lowest, highest = self.values, begin, begin
        while begin < end:
            level, size = -1, 1  # the largest block that begins here and does not reach beyond
            while level + 1 < levels and begin % (size * BRANCHES) == 0 and begin + size * BRANCHES <= end:
                level, size = level + 1, size * BRANCHES
            low, high = begin, begin
            if level >= 0:
                low, high = (positions[begin // size] for positions in self._blocks[level])
            lowest = low if values[low] < values[lowest] else lowest
            highest = high if values[high] > values[highest] else highest
            begin += size
        return lowest, highest
