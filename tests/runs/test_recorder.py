"""The recorder: nothing is lost, nothing waits for the disk, and the order stays."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from textwrap import dedent
from typing import Any

import pytest

from deeprnn.errors import StoreError
from deeprnn.runs.database import Database
from deeprnn.runs.job import DONE, IDLE
from deeprnn.runs.recorder import Recorder
from deeprnn.runs.view import Sample
from deeprnn.training.record import TrainRecord

from .stored import a_record, a_run, eight_processes, records

LONG = 60.0
NEVER = 1e6  # seconds between two batches, so that only `flush` ends the time between them


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "runs.db")


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    made = Recorder(database, batch_seconds=NEVER, retry_seconds=NEVER)
    yield made
    made.close(LONG)


class Refusing(Database):
    """Refuse to append records while it is told to, as a disk does; counts what it is asked."""

    refuses = True
    asked = 0

    def append_records(self, number: int, records: list[TrainRecord]) -> None:  # type: ignore[override]
        self.asked += 1
        if self.refuses:
            raise StoreError("store_failed", reason="database or disk is full")
        super().append_records(number, records)


def test_records_are_written_by_themselves(database: Database) -> None:
    recorder, number, written = Recorder(database, batch_seconds=0.001), database.add_run(a_run()), SimpleQueue[int]()
    for record in records(1, 100):
        recorder.put(number, record)
    recorder.then(lambda: written.put(len(database.records(number))))
    assert written.get(timeout=LONG) == 100
    assert recorder.close(LONG)


def test_a_burst_is_one_transaction_and_none_of_it_is_lost(database: Database, recorder: Recorder) -> None:
    """2 000 records in the time of a few steps: they must not be written one by one."""
    number, put = database.add_run(a_run()), records(1, 2000)
    for record in put:
        recorder.put(number, record)
    before = changes(database)
    assert recorder.flush(LONG)
    assert changes(database) - before <= 2
    assert database.records(number, limit=3000) == tuple(put)


def changes(database: Database) -> int:
    """Return a number that each transaction of another connection raises: the frames' count of the log's header."""
    wal = database.path.with_name("runs.db-wal").read_bytes()
    size = 24 + 4096
    frames = [wal[start : start + 24] for start in range(32, len(wal), size)]
    salt = wal[16:24]
    return sum(1 for frame in frames if frame[8:16] == salt and frame[4:8] != bytes(4))  # of these, the ends of one


def test_the_training_never_waits_for_the_disk(database: Database) -> None:
    """A write that hangs, as on a sleeping disk or behind another process, used to stop the training too."""
    hangs, go_on = threading.Event(), threading.Event()
    recorder, number = Recorder(database, batch_seconds=0.001), database.add_run(a_run())

    def hang() -> None:
        hangs.set()
        assert go_on.wait(LONG)

    recorder.then(hang)
    assert hangs.wait(LONG)
    for record in records(1, 500):  # each returns while the disk hangs, or this never ends
        recorder.put(number, record)
    assert not recorder.flush(0.01)
    assert database.records(number) == ()
    go_on.set()
    assert recorder.flush(LONG)
    assert len(database.records(number)) == 500
    assert recorder.close(LONG)


def test_32_threads_put_1000_records_each_and_none_is_lost(database: Database) -> None:
    recorder = Recorder(database, batch_seconds=0.01)
    numbers = [database.add_run(a_run()) for _ in range(32)]

    def put(number: int) -> None:
        for record in records(1, 1000):
            recorder.put(number, record)

    threads = [threading.Thread(target=put, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG * 3)
    assert recorder.close(LONG * 3)
    assert all(database.records(number) == tuple(records(1, 1000)) for number in numbers)


def test_eight_processes_write_at_once_and_none_finds_it_locked(tmp_path: Path) -> None:
    work = """
        database = Database(path)
        recorder, number = Recorder(database, batch_seconds=0.001), database.add_run(a_run())
        for record in records(1, 1000):
            recorder.put(number, record)
            recorder.then(lambda: database.update_run(number, step=record.step))
        assert recorder.close(60), recorder.failure
        assert recorder.failure is None, recorder.failure
        return number
    """
    numbers = eight_processes(dedent(work), tmp_path)
    assert sorted(numbers) == list(range(1, 9))
    database = Database(tmp_path / "runs-0.db")
    assert all(database.records(number) == tuple(records(1, 1000)) for number in numbers)


def test_records_and_changes_keep_their_order(database: Database, recorder: Recorder) -> None:
    number, other, seen = database.add_run(a_run()), database.add_run(a_run()), list[tuple[int, int]]()

    def look() -> None:
        seen.append((len(database.records(number)), len(database.records(other))))

    for record in records(1, 3):
        recorder.put(number, record)
    recorder.then(look)
    recorder.put(other, a_record(1))
    recorder.then(look)
    recorder.then(lambda: database.truncate(number, 1))
    recorder.put(number, a_record(2, 9.0))
    recorder.then(look)
    assert recorder.flush(LONG)
    assert seen == [(3, 0), (3, 1), (2, 1)]
    assert database.records(number) == (records(1, 1)[0], a_record(2, 9.0))


def test_what_the_disk_refuses_is_kept_and_said_and_written_later(tmp_path: Path) -> None:
    """A full disk used to end the training, or to lose its records without a word."""
    database = Refusing(tmp_path / "runs.db")
    recorder = Recorder(database, batch_seconds=NEVER, retry_seconds=NEVER)
    number, after = database.add_run(a_run()), list[int]()
    for start in (1, 11, 21):
        for record in records(start, start + 9):
            recorder.put(number, record)
        recorder.then(lambda: after.append(1))
        assert not recorder.flush(LONG)  # it is told at once
    assert str(recorder.failure) == (
        "The disk does not take the records of the run: database or disk is full. "
        "They are kept in memory and tried again; training goes on. Make room on the disk."
    )
    assert after == []  # what comes after them waits for them
    database.refuses = False
    assert recorder.flush(LONG)
    assert recorder.failure is None
    assert database.records(number) == tuple(records(1, 30))
    assert after == [1, 1, 1]
    assert recorder.close(LONG)


def test_it_is_tried_again_without_being_asked(tmp_path: Path) -> None:
    database, written = Refusing(tmp_path / "runs.db"), threading.Event()
    recorder, number = Recorder(database, batch_seconds=0.001, retry_seconds=0.001), database.add_run(a_run())
    recorder.put(number, a_record(1))
    recorder.then(written.set)
    while database.asked < 3:
        written.wait(0.001)
    database.refuses = False
    assert written.wait(LONG)
    assert len(database.records(number)) == 1
    assert recorder.close(LONG)


@pytest.mark.parametrize(
    "refusal",
    [
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.OperationalError("attempt to write a readonly database"),
        sqlite3.OperationalError("unable to open database file"),
    ],
    ids=str,
)
def test_whichever_call_fails_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: sqlite3.Error
) -> None:
    """Each statement of a batch fails once, from the opening of a connection to the commit."""

    calls_left = [0]

    class Connection(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            return self._counted(super().execute, *arguments)

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            return self._counted(super().executemany, *arguments)

        def _counted(self, act: Callable[..., sqlite3.Cursor], *arguments: Any) -> sqlite3.Cursor:
            calls_left[0] -= 1
            if calls_left[0] == 0:
                raise refusal
            return act(*arguments)

    database = Database(tmp_path / "runs.db")
    real, failed = sqlite3.connect, 0
    number, put = database.add_run(a_run()), list[TrainRecord]()
    database.close()
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **k, factory=Connection))
    recorder = Recorder(database, batch_seconds=NEVER, retry_seconds=NEVER)
    for call in range(1, 40):
        new = records(1 + 600 * (call - 1), 600 * call)
        for record in new:
            recorder.put(number, record)
        recorder.then(lambda last=new[-1].step: database.update_run(number, step=last))  # type: ignore[misc]
        recorder.then(lambda step=call: database.add_sample(number, Sample("the", "bell", step)))  # type: ignore[misc]
        put += new
        calls_left[0] = call
        if recorder.flush(LONG):
            break
        failed += 1
        assert recorder.failure
        assert str(refusal) in str(recorder.failure)
        calls_left[0] = 0
        assert recorder.flush(LONG)
        assert database.records(number, limit=10**6) == tuple(put)
        assert (database.run(number).step, len(database.samples(number))) == (put[-1].step, call)
        database.close()
    assert failed > 10
    assert recorder.close(LONG)


def test_a_real_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite itself refuses: the file may not grow, as if there were no room."""
    database, real, full = Database(tmp_path / "runs.db"), sqlite3.connect, True
    number = database.add_run(a_run())
    database.close()

    def connect(*arguments: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*arguments, **named)  # type: ignore[call-overload]
        if full:
            connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the number of pages that there are
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    recorder = Recorder(database, batch_seconds=NEVER, retry_seconds=NEVER)
    for record in records(1, 2000):
        recorder.put(number, record)
    assert not recorder.flush(LONG)
    assert "database or disk is full" in str(recorder.failure)
    assert database.records(number) == ()
    full = False
    database.close()
    assert recorder.close(LONG)
    assert database.records(number, limit=3000) == tuple(records(1, 2000))


def test_a_run_that_is_gone_keeps_nobody_waiting(database: Database, recorder: Recorder) -> None:
    gone, stays = database.add_run(a_run()), database.add_run(a_run())
    database.purge([gone])
    recorder.put(gone, a_record(1))
    recorder.put(stays, a_record(1))
    assert recorder.flush(LONG)
    assert recorder.failure is None
    assert len(database.records(stays)) == 1


def test_a_change_that_can_never_be_made_is_said_and_left_out(database: Database, recorder: Recorder) -> None:
    number = database.add_run(a_run())
    recorder.then(lambda: database.update_run(number, nonsense=1))
    assert recorder.flush(LONG)
    assert "a run has no nonsense" in str(recorder.failure)
    recorder.put(number, a_record(1))
    assert recorder.flush(LONG)
    assert len(database.records(number)) == 1


def test_there_is_no_thread_before_the_first_record_and_none_after_the_end(database: Database) -> None:
    """A server with many visitors would have a thread for each who only looks."""
    recorder, number = Recorder(database), database.add_run(a_run())
    assert recorder.flush(LONG)
    assert recorder.close(LONG)
    assert recorder._job.state == IDLE
    for _ in range(3):
        for record in records(1, 5):
            recorder.put(number, record)
        assert recorder._job.active
        assert recorder.close(LONG)
        assert recorder._job.state == DONE
        assert recorder._job.join(LONG)
    assert len(database.records(number)) == 5


def test_many_may_ask_at_once_and_each_is_answered(database: Database) -> None:
    recorder, number, answers = Recorder(database, batch_seconds=NEVER), database.add_run(a_run()), list[bool]()

    def ask(first: int) -> None:
        for step in range(first, first + 30):
            recorder.put(number, a_record(step))
            answers.append(recorder.flush(LONG))

    threads = [threading.Thread(target=ask, args=(first,)) for first in (1, 101, 201, 301)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG * 2)
    assert answers == [True] * 120
    assert len(database.records(number)) == 120
    assert recorder.close(LONG)


def test_other_programs_read_the_records(database: Database, recorder: Recorder) -> None:
    """The file is plain SQLite: whoever has another tool needs nothing of ours."""
    number = database.add_run(a_run())
    recorder.put(number, a_record(1, 1.5))
    assert recorder.flush(LONG)
    with closing(sqlite3.connect(database.path)) as connection:
        assert connection.execute("SELECT run, step, loss, tokens FROM records").fetchall() == [(number, 1, 1.5, 64)]
