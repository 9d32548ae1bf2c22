"""The list of all runs: what is put in comes out, from any thread and process, whatever was in it before."""

from __future__ import annotations

import dataclasses
import math
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from deeprnn.config import Recipe
from deeprnn.errors import StoreError
from deeprnn.messages import message
from deeprnn.runs.database import UNDO_SECONDS, Database
from deeprnn.runs.entries import KeptCheckpoint
from deeprnn.runs.view import Sample
from deeprnn.training.event import Event
from deeprnn.training.record import TrainRecord

from .stored import a_record, a_run, eight_processes, records


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "runs.db")


def again(database: Database) -> Database:
    """Open the same file anew, as after a restart."""
    return Database(database.path)


def test_every_value_of_a_run_comes_back(database: Database) -> None:
    parent = database.add_run(a_run())
    run = dataclasses.replace(
        a_run("2 layers, rate 0.1"),
        recipe=Recipe().replace(num_layers=3, tokenizer="word"),
        notes="first\nsecond",
        owner="c0ffee",
        state="failed",
        message=message("save_failed", reason=message("why_slow", seconds=3)),
        corpus_sha256="ab" * 32,
        parent=parent,
        parent_step=120,
        group="depth",
        started=2.5,
        ended=3.5,
        seconds=4.25,
        step=5,
        total_steps=600,
        best_step=4,
        best_perplexity=7.5,
        bits_per_character=2.25,
        tokens_per_second=1e5,
        steps_per_epoch=30,
        tokens_per_character=0.25,
        validation_tokens_per_character=0.5,
        lines=(("uniform", 27.0), ("unigram", 17.25)),
        notices=(message("save_failed", reason="disk full"),),
    )
    number = database.add_run(run)
    assert again(database).run(number) == dataclasses.replace(run, number=number)
    default = {f.name: f.default for f in dataclasses.fields(run)}
    left = {name for name, value in default.items() if getattr(run, name) == value}
    assert left == {"number", "deleted"}  # every other column had a value of its own


def test_a_run_becomes_an_entry_of_the_list(database: Database) -> None:
    number = database.add_run(dataclasses.replace(a_run(), best_step=4, best_perplexity=7.5, step=9))
    entry = database.run(number).entry({"num_layers": 3}, place=2)
    assert (entry.number, entry.best, entry.step, entry.place, entry.differs) == (
        number,
        (4, 7.5),
        9,
        2,
        {"num_layers": 3},
    )


def test_changes_are_kept_and_a_misspelt_column_is_refused(database: Database) -> None:
    one, other = database.add_run(a_run()), database.add_run(a_run("other"))
    database.update_run(one)
    database.update_run(one, name="new", state="done", best_perplexity=3.5)
    run = again(database).run(one)
    assert (run.name, run.state, run.best_perplexity) == ("new", "done", 3.5)
    assert database.run(other).name == "other"
    with pytest.raises(TypeError, match="nmae"):
        database.update_run(one, nmae="x")


def test_there_is_no_such_run(database: Database) -> None:
    database.add_run(a_run())
    acts: list[Callable[[], object]] = [
        lambda: database.run(2),
        lambda: database.update_run(2, name="x"),
        lambda: database.append_records(2, [a_record(1)]),
        lambda: database.truncate(2, 1),
        lambda: database.add_sample(2, Sample("a", "b", 1)),
        lambda: database.add_event(2, Event(1, "changed")),
        lambda: database.set_checkpoints(2, ()),
    ]
    for act in acts:
        with pytest.raises(StoreError, match="no run 2"):
            act()


@pytest.mark.parametrize("text", ["\ud800", "file\udcff", "a\0b", "''; DROP TABLE runs; --", "😀", ""])
def test_any_name_can_be_kept_and_shown(database: Database, text: str) -> None:
    """A lone surrogate, as in a file's name that is no UTF-8, is refused by SQLite and by the browser."""
    number = database.add_run(a_run(text))
    database.update_run(number, notes=text)
    database.add_sample(number, Sample(text, text, 3))
    database.add_event(number, Event(3, "changed", {"prefix": text}))
    shown = text.encode("utf-8", "replace").decode()
    run = again(database).run(number)
    assert (run.name, run.notes, database.samples(number)) == (shown, shown, (Sample(shown, shown, 3),))
    assert database.events(number)[0].details == {"prefix": shown}


def test_records_come_back_exactly_and_by_cursor(database: Database) -> None:
    number, other = database.add_run(a_run()), database.add_run(a_run())
    put = records(1, 50)
    for start in range(0, 50, 7):
        database.append_records(number, put[start : start + 7])
    database.append_records(other, [a_record(1)])
    fresh, cursor = again(database), 0
    got: list[TrainRecord] = []
    while page := fresh.records(number, cursor, limit=9):
        assert len(page) <= 9
        got += page
        cursor = page[-1].step
    assert got == put
    assert fresh.last_record(number) == put[-1]
    assert fresh.last_record(99) is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 5e-324, 1.7e308, 0.1 + 0.2])
def test_what_is_no_number_comes_back_as_it_was(database: Database, number: float) -> None:
    """SQLite takes NaN for NULL: a loss that exploded was refused, and a check that did had never been."""
    run = database.add_run(dataclasses.replace(a_run(), best_step=1, best_perplexity=number))
    record = dataclasses.replace(a_record(1, number, number), gradient_norm=number)
    database.append_records(run, [record])
    database.set_checkpoints(run, [KeptCheckpoint(1, number, True, 2.0)])
    [got] = database.records(run)
    values = [got.loss, got.validation_perplexity, got.gradient_norm, database.run(run).best_perplexity]
    values.append(database.checkpoints(run)[0].perplexity)
    assert [repr(value) for value in values] == [repr(number)] * 5
    assert repr(got) == repr(record)


def test_samples_events_and_checkpoints_come_in_order(database: Database) -> None:
    number = database.add_run(a_run())
    for step in (30, 10, 20):
        database.add_sample(number, Sample("the", f"the {step}", step))
    database.add_sample(number, Sample("the", "the new 20", 20))  # again: it takes the place of the older one
    events = [Event(9, "changed", {"learning_rate": 0.5}), Event(5, "exploded", {"back_to": 4}), Event(5, "ended")]
    for event in events:
        database.add_event(number, event)
    first = (KeptCheckpoint(10, 9.5, True, 1.0), KeptCheckpoint(20, None, False, 2.0))
    second = (KeptCheckpoint(10, 9.5, False, 1.0), KeptCheckpoint(30, 8.5, True, 3.0))
    for checkpoints in (first, second):
        database.set_checkpoints(number, reversed(checkpoints))
        assert database.checkpoints(number) == checkpoints
    assert [sample.text for sample in database.samples(number)] == ["the 10", "the new 20", "the 30"]
    assert [sample.step for sample in database.samples(number, after=10)] == [20, 30]
    assert list(database.events(number)) == events


def test_what_came_after_a_rollback_point_is_forgotten(database: Database) -> None:
    number, other = database.add_run(a_run()), database.add_run(a_run())
    for run in (number, other):
        database.append_records(run, records(1, 20))
        for step in (10, 20):
            database.add_sample(run, Sample("the", "the", step))
    database.truncate(number, 12)
    assert [record.step for record in database.records(number)] == list(range(1, 13))
    assert [sample.step for sample in database.samples(number)] == [10]
    assert len(database.records(other)) == 20
    database.append_records(number, records(13, 15))
    assert database.last_record(number) == records(15, 15)[0]


def test_a_deleted_run_can_be_brought_back_for_a_day(database: Database) -> None:
    kept, gone = database.add_run(a_run("kept")), database.add_run(a_run("gone"))
    child = database.add_run(dataclasses.replace(a_run("child"), parent=gone, parent_step=3))
    for number in (kept, gone):
        database.append_records(number, records(1, 3))
        database.update_run(number, deleted=time.time())
    assert [run.number for run in database.runs()] == [child]
    assert [run.number for run in database.runs(deleted=True)] == [gone, kept]
    database.update_run(kept, deleted=None)
    assert [run.number for run in database.runs()] == [child, kept]
    deleted = database.run(gone).deleted
    assert deleted
    assert database.expired(deleted + UNDO_SECONDS - 1) == ()
    assert database.expired(deleted + UNDO_SECONDS + 1) == (gone,)
    database.purge([gone])
    assert database.runs(deleted=True) == ()
    assert (database.records(gone), database.curve(gone)["train"]) == ((), [[], []])
    assert len(database.records(kept)) == 3
    assert database.run(child).parent is None
    assert database.add_run(a_run()) == child + 1


def test_a_number_is_never_given_twice(database: Database) -> None:
    """A folder or a link of a run that is gone must not become another run's."""
    numbers = [database.add_run(a_run()) for _ in range(3)]
    database.purge(numbers)
    assert database.add_run(a_run()) == 4
    database.begin_after(40)
    database.begin_after(7)
    assert again(database).add_run(a_run()) == 41


def test_the_shared_link_of_a_run(database: Database) -> None:
    number = database.add_run(a_run())
    id = database.run(number).id
    assert len(id) == 32
    found = database.run_of_id(id)
    assert found
    assert found.number == number
    assert [database.run_of_id(other) for other in ("", "0" * 32, id.upper(), "\ud800", "%")] == [None] * 5
    database.update_run(number, deleted=time.time())
    assert database.run_of_id(id) is None


def test_runs_are_found_by_their_state(database: Database) -> None:
    for state in ("waiting", "running", "done", "running"):
        database.add_run(dataclasses.replace(a_run(), state=state))
    gone = database.add_run(dataclasses.replace(a_run(), state="running", deleted=1.0))
    assert gone == 5
    assert [run.number for run in database.in_state("running", "waiting")] == [4, 2, 1]
    assert database.in_state("failed") == ()


def test_a_damaged_run_does_not_hide_the_others(database: Database) -> None:
    good, bad, worse = (database.add_run(a_run()) for _ in range(3))
    with sqlite3.connect(database.path) as connection:
        connection.execute("UPDATE runs SET recipe = '{}' WHERE number = ?", (bad,))
        connection.execute("UPDATE runs SET name = CAST(X'FFFE41' AS TEXT) WHERE number = ?", (worse,))
    connection.close()
    assert [run.number for run in database.runs()] == [worse, good]
    assert database.run(worse).name == "��A"
    with pytest.raises(StoreError, match="no run"):
        database.run(bad)


def test_what_must_survive_a_power_cut_is_forced_to_the_disk(database: Database) -> None:
    """What a kill leaves tells nothing about it: only what SQLite was asked for does."""
    number = database.add_run(a_run())

    def forced(act: Callable[[], object]) -> bool:
        with database._reading() as connection:
            connection.set_trace_callback(said.append)
        said.clear()
        act()
        return "PRAGMA synchronous = FULL" in said[: said.index("BEGIN IMMEDIATE")]

    said = list[str]()
    assert forced(lambda: database.add_run(a_run()))
    assert forced(lambda: database.update_run(number, state="done", step=3))
    assert forced(lambda: database.update_run(number, deleted=1.0))
    assert forced(lambda: database.truncate(number, 3))
    assert forced(lambda: database.set_checkpoints(number, ()))
    assert forced(lambda: database.add_event(number, Event(3, "changed")))
    assert not forced(lambda: database.append_records(number, records(1, 3)))  # twice a second: a laptop's disk sleeps
    assert not forced(lambda: database.update_run(number, step=4, seconds=2.5, tokens_per_second=9.0))
    assert forced(lambda: database.update_run(number, state="failed"))  # nothing is left over from the one before


def test_a_reader_sees_one_moment(database: Database) -> None:
    """The summary of the curve and the records after it are read by two questions: no truncation may come between."""
    number = database.add_run(a_run())
    database.append_records(number, records(1, 10))
    with database._reading() as connection:
        before = connection.execute("SELECT count(*) FROM records").fetchone()
        database.truncate(number, 5)
        assert connection.execute("SELECT count(*) FROM records").fetchone() == before == (10,)
    assert len(database.records(number)) == 5


def test_the_second_process_reads_and_cannot_write(database: Database) -> None:
    number = database.add_run(a_run())
    reader = Database(database.path, read_only=True)
    assert reader.run(number).name == "bell 1"
    with pytest.raises(StoreError, match="readonly"):
        reader.update_run(number, name="x")
    database.append_records(number, records(1, 3))
    assert len(reader.records(number)) == 3


def test_eight_processes_begin_the_same_new_list(tmp_path: Path) -> None:
    """Some found it locked, and some found tables in what had been empty a moment before: another program's file."""
    numbers = eight_processes("return Database(path).add_run(a_run())", tmp_path, turns=20)
    assert sorted(numbers) == sorted([*range(1, 9)] * 20)


def test_eight_processes_claim_and_write_at_once_and_none_finds_it_locked(tmp_path: Path) -> None:
    work = """
        database = Database(path)
        numbers = [database.add_run(a_run()) for _ in range(10)]
        for start in range(1, 201, 10):
            for number in numbers:
                database.append_records(number, records(start, start + 9))
        return sum(1 << number for number in numbers)
    """
    numbers = eight_processes(dedent(work), tmp_path)
    assert sum(numbers) == sum(1 << number for number in range(1, 81))  # each has ten of its own
    database = Database(tmp_path / "runs-0.db")
    database.check()
    assert all(database.records(run.number) == tuple(records(1, 200)) for run in database.runs())


def test_a_list_of_runs_is_read_without_torch() -> None:
    """It takes seconds to load: a command that only lists runs must not wait for it."""
    code = "import sys, deeprnn.runs.opening, deeprnn.runs.recorder; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
