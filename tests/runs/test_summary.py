"""The summary of a long curve against all of its records."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprnn.runs.database import Database
from deeprnn.runs.records import SUMMARISE
from deeprnn.runs.summary import STRETCHES, Series, Summary
from deeprnn.training.curve import Curve, thin
from deeprnn.training.record import TrainRecord

from .stored import a_record, a_run, records


def rounded(value: float) -> float:
    return float(f"{value:.5g}")


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=400), st.integers(1, 9), st.integers(2, 60))
def test_a_short_series_is_thinned_as_the_training_does(values: list[float], gap: int, points: int) -> None:
    steps = [3 + gap * n for n in range(len(values))]
    series = Series()
    for step, value in zip(steps, values, strict=True):
        series.add(step, value)
    assert series.thinned(10**6) == thin(steps, [rounded(value) for value in values], 10**6)
    got = series.thinned(points)
    assert got[0] == sorted(set(got[0]))
    assert (got[0][0], got[0][-1], got[1][-1]) == (steps[0], steps[-1], rounded(values[-1]))


@pytest.mark.parametrize("count", [STRETCHES, STRETCHES + 1, 5000, 30_011])
def test_no_peak_and_no_pit_of_a_long_series_is_lost(count: int) -> None:
    chance = random.Random(count)
    truth = {step: rounded(math.exp(chance.gauss(2, 1))) for step in range(1, count + 1)}
    series = Series()
    for step, value in truth.items():
        series.add(step, value)
    assert len(series.stretches) <= STRETCHES
    assert series.width < 4 * count / STRETCHES + 2  # and they are as short as they may be
    for low, high, last in series.stretches:
        begin = low[0] // series.width * series.width
        inside = {step: truth[step] for step in range(begin, begin + series.width) if step in truth}
        assert (low[1], high[1], last) == (min(inside.values()), max(inside.values()), list(inside.items())[-1])
        assert truth[low[0]] == low[1]
        assert truth[high[0]] == high[1]
    steps, values = series.thinned(300)
    assert len(steps) <= 300
    assert all(truth[int(step)] == value for step, value in zip(steps, values, strict=True))
    assert {min(truth.values()), max(truth.values())} <= set(values)
    assert (steps[0], steps[-1]) == (1, count)


def test_a_value_that_is_no_number_leaves_valid_json() -> None:
    series = Series()
    for step, value in enumerate([2.0, math.nan, math.inf, -math.inf, 1e300, 3.0], 1):
        series.add(step, value)
    text = json.dumps(series.thinned(300), allow_nan=False)
    steps, values = json.loads(text)
    assert (steps, values[0], values[-1]) == ([1, 2, 3, 4, 5, 6], 2.0, 3.0)


def test_a_summary_comes_back_from_its_text() -> None:
    summary = Summary()
    for record in records(1, 3000):
        summary.add(record.step, record.loss, record.validation_perplexity)
    back = Summary.loads(summary.dumps())
    assert back == summary
    assert Summary.loads(Summary().dumps()) == Summary()


def whole(put: list[TrainRecord], points: int) -> dict[str, list[list[float]]]:
    """Return the curve that the training itself would show."""
    curve = Curve()
    for record in put:
        curve.append(record)
    return curve.thinned(points)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "runs.db")


def same_but_for_the_oldest(got: dict[str, list[list[float]]], truth: list[TrainRecord]) -> None:
    """Check that a curve shows only what was, and nothing of it is missing that a reader would see."""
    shown = whole(truth, 10**6)
    for name in ("train", "validation"):
        values = dict(zip(*shown[name], strict=True))
        assert all(values[step] == value for step, value in zip(*got[name], strict=True))
        assert got[name][0][:1] + got[name][0][-1:] == shown[name][0][:1] + shown[name][0][-1:]
        if values:
            assert {min(values.values()), max(values.values())} <= set(got[name][1])


@pytest.mark.parametrize("batch", [1, 7, 999, 1000, 1001, 5000])
def test_the_curve_is_that_of_all_records_however_they_came(database: Database, batch: int) -> None:
    number, put = database.add_run(a_run()), records(1, 200 if batch == 1 else 5003)
    for start in range(0, len(put), batch):
        database.append_records(number, put[start : start + batch])
    same_but_for_the_oldest(database.curve(number), put)
    assert all(len(series[0]) <= 40 for series in database.curve(number, 40).values())
    if batch == 1:
        assert database.curve(number) == whole(put, 300)


def test_a_reader_adds_few_records_to_the_summary(database: Database) -> None:
    """A page's tick reads what is not summarised yet: it must not grow with the run."""
    number = database.add_run(a_run())
    for start in range(1, 20_001, 250):
        database.append_records(number, records(start, start + 249))
        with database._reading() as connection:
            summarised = connection.execute("SELECT step FROM curves").fetchone()
        assert start + 249 - (summarised[0] if summarised else 0) < SUMMARISE


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 2500), st.floats(0, 1)), min_size=1, max_size=6))
def test_the_curve_follows_every_rollback(plan: list[tuple[int, float]]) -> None:
    summary, truth, new = Summary(), list[TrainRecord](), 0.0
    for more, part in plan:
        new += 1
        first = len(truth) + 1
        for step in range(first, first + more):
            record = a_record(step, 2 + math.sin(step * new), 5 + step % 7 if step % 30 == 0 else None)
            truth.append(record)
            summary.add(step, record.loss, record.validation_perplexity)
        step = int(part * len(truth))
        del truth[step:]
        summary.cut(step)
        assert summary.step <= step
        for record in truth[summary.step :]:
            summary.add(record.step, record.loss, record.validation_perplexity)
        same_but_for_the_oldest(summary.thinned(300), truth)


@pytest.mark.parametrize("step", [0, 1, 640, 641, 2999, 3000, 4000])
def test_the_curve_ends_at_the_rollback_and_goes_on_from_there(database: Database, step: int) -> None:
    number, old = database.add_run(a_run()), records(1, 3000)
    database.append_records(number, old)
    database.truncate(number, step)
    same_but_for_the_oldest(database.curve(number), old[:step])
    new = [a_record(n, 1.0) for n in range(min(step, 3000) + 1, 6000)]
    database.append_records(number, new)
    same_but_for_the_oldest(database.curve(number), old[:step] + new)


def test_records_that_are_written_again_replace_their_points(database: Database) -> None:
    number, old = database.add_run(a_run()), records(1, 3000)
    database.append_records(number, old)
    again = [a_record(step, 9.0) for step in range(1500, 1700)]
    database.append_records(number, again)
    same_but_for_the_oldest(database.curve(number), [*old[:1499], *again, *old[1699:]])


def test_a_damaged_summary_is_made_anew_from_the_records(database: Database) -> None:
    number, put = database.add_run(a_run()), records(1, 3000)
    database.append_records(number, put)
    with database._writing() as connection:
        assert connection.execute("UPDATE curves SET summary = '[3000, \"x'").rowcount == 1
    same_but_for_the_oldest(database.curve(number), put)
    database.append_records(number, records(3001, 3002))
    same_but_for_the_oldest(database.curve(number), records(1, 3002))


def test_tokens_and_seconds_of_the_points(database: Database) -> None:
    number, put = database.add_run(a_run()), records(1, 3000)
    database.append_records(number, put)
    steps = [int(step) for step in database.curve(number)["train"][0]]
    tokens, seconds = database.axes(number, steps)
    assert tokens == [put[step - 1].tokens for step in steps]
    assert seconds == [put[step - 1].elapsed_seconds for step in steps]


def test_a_tick_asks_sqlite_for_as_little_after_a_long_run(database: Database) -> None:
    """The work of SQLite itself, in its own steps: a clock would measure the machine."""

    def work(number: int) -> int:
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        with database._reading() as connection:
            connection.set_progress_handler(count, 10)
            connection.execute("SELECT 1")
        database.curve(number)
        database.records(number, after=database.run(number).step, limit=300)
        with database._reading() as connection:
            connection.set_progress_handler(None, 10)
        return counted

    short, long = database.add_run(a_run()), database.add_run(a_run())
    database.append_records(short, records(1, 1000))
    for start in range(1, 40_001, 4000):
        database.append_records(long, records(start, start + 3999))
    database.update_run(short, step=1000)
    database.update_run(long, step=40_000)
    assert work(short) > 0
    assert work(long) < 3 * work(short)
