"""Thinning keeps what the eye would miss: peaks, valleys and the last point. Checked against the plain way to do it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.training.curve import Curve, thin
from deeprnn.training.record import TrainRecord
from deeprnn.training.series import Series

# Few different values, so that the first of equal ones must be found, and lengths around the blocks.
CURVES = st.lists(st.floats(1.0, 1e6) | st.sampled_from([1.0, 2.0, 3.0]), max_size=1200)


def plain(steps: Sequence[int], values: Sequence[float], points: int) -> list[list[float]]:
    """Look at every value of every bin."""
    count, bins = len(steps), max(1, points // 2 - 1)
    keep = set(range(count)) if count <= points else {0, count - 1}
    if count > points:
        for b in range(bins):
            inside = range(b * count // bins, (b + 1) * count // bins)
            keep |= {min(inside, key=values.__getitem__), max(inside, key=values.__getitem__)}
    return [[steps[i] for i in sorted(keep)], [float(f"{values[i]:.5g}") for i in sorted(keep)]]


@given(CURVES, st.sampled_from([2, 4, 10, 50, 300]))
def test_thinned_as_the_plain_way_does(values: list[float], points: int) -> None:
    steps = list(range(1, 3 * len(values) + 1, 3))
    series = Series.of(steps, values)
    kept, shown = series.thinned(points)
    assert [kept, shown] == thin(steps, values, points) == plain(steps, values, points)
    assert len(kept) <= max(points, 4)
    if values:
        assert (kept[0], kept[-1]) == (steps[0], steps[-1])
        assert max(shown) == pytest.approx(max(values), rel=1e-4)
        assert min(shown) == pytest.approx(min(values), rel=1e-4)


@given(CURVES, st.integers(-1, 1300), st.lists(st.floats(1.0, 9.0), max_size=30))
def test_what_is_cut_off_is_forgotten(values: list[float], step: int, after: list[float]) -> None:
    series = Series.of(range(len(values)), values).until(step)
    for value in after:
        series.append(len(series.steps), value)
    whole = [*values[: step + 1], *after]
    assert list(series.values) == whole
    assert series.thinned(10) == plain(range(len(whole)), whole, 10)


class Counted(list[float]):
    """Count how often a value is looked at."""

    looks = 0

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        self.looks += 1
        return super().__getitem__(index)


def test_a_million_points_are_thinned_with_a_look_at_few_of_them() -> None:
    """It used to look at all of them, at every tick of every page."""
    values = [5.0 + step % 7 for step in range(1_000_000)]
    values[123_456] = 99.0
    series = Series.of(range(1_000_000), values)
    counted = Counted(values)
    series.values = counted  # type: ignore[assignment]
    steps, shown = series.thinned(300)
    assert counted.looks < 60 * 300
    assert len(steps) <= 300
    assert (123_456, 99.0) in zip(steps, shown, strict=True)
    assert (steps[-1], shown[-1]) == (999_999, values[-1])


def record(step: int, validation: float | None = None) -> TrainRecord:
    return TrainRecord(step, 0.0, step, 1.0, float(step), 1.0, validation, 0.1, 1.0, 1.0, 1.0)


def test_validation_points_are_a_series_of_their_own() -> None:
    curve = Curve()
    for step in (1, 2, 3):
        curve.append(record(step, validation=7.0 if step == 2 else None))
    assert curve.thinned() == {"train": [[1, 2, 3], [1.0, 2.0, 3.0]], "validation": [[2], [7.0]]}


def test_a_curve_survives_being_columns_and_going_back() -> None:
    curve = Curve()
    assert Curve.of(curve.columns()).thinned() == curve.thinned()
    for step in range(1, 1000):
        curve.append(record(step, validation=1 / step if step % 10 == 0 else None))
    copied = Curve.of(curve.columns())
    assert copied.columns() == curve.columns()
    before = curve.steps
    curve.truncate(25)
    assert (list(curve.steps), list(curve.validation_steps)) == (list(range(1, 26)), [10, 20])
    assert len(before) == 999  # whoever reads meanwhile reads the old one to its end
    with pytest.raises(ValueError, match="shorter"):
        Curve.of({**copied.columns(), "perplexities": [1.0] * 3})
