"""Thinning keeps what the eye would miss: peaks, valleys and the last point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.training.curve import Curve, thin
from deeprnn.training.record import TrainRecord


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=2000), st.sampled_from([10, 50, 300]))
def test_thinned_points_are_points_of_the_curve(values: list[float], points: int) -> None:
    steps = list(range(1, len(values) + 1))
    kept, shown = thin(steps, values, points)
    assert len(kept) <= max(points, 4)
    assert kept == sorted(set(kept))
    assert (kept[0], kept[-1]) == (steps[0], steps[-1])
    assert shown == pytest.approx([values[step - 1] for step in kept], rel=1e-4)
    assert max(shown) == pytest.approx(max(values), rel=1e-4)
    assert min(shown) == pytest.approx(min(values), rel=1e-4)


def test_a_short_curve_is_sent_whole() -> None:
    assert thin([1, 2, 3], [3.0, 2.0, 1.0], 300) == [[1, 2, 3], [3.0, 2.0, 1.0]]
    assert thin([], [], 300) == [[], []]


def test_one_spike_in_a_million_survives() -> None:
    values = [5.0] * 1_000_000
    values[123_456] = 99.0
    steps, shown = thin(range(1_000_000), values, 300)
    assert len(steps) <= 300
    assert (123_456, 99.0) in zip(steps, shown, strict=True)


def record(step: int, validation: float | None = None) -> TrainRecord:
    return TrainRecord(step, 0.0, step, 1.0, float(step), 1.0, validation, 0.1, 1.0, 1.0, 1.0)


def test_validation_points_are_a_series_of_their_own() -> None:
    curve = Curve()
    for step in (1, 2, 3):
        curve.append(record(step, validation=7.0 if step == 2 else None))
    assert curve.thinned() == {"train": [[1, 2, 3], [1.0, 2.0, 3.0]], "validation": [[2], [7.0]]}
