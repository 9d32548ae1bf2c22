"""The list of all runs of one home, in one SQLite file that several threads and processes may use at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import StoreError
from ..training.event import Event
from ..training.record import TrainRecord
from . import records as kept_records
from .connections import Connections
from .entries import KeptCheckpoint
from .rows import COLUMNS, DAMAGED, RunRow, pack, pack_json, pack_number, unpack_number, unpack_run
from .shelf import printable
from .view import Sample

UNDO_SECONDS = 86_400.0  # that a deleted run can be brought back
# What is written so often that it need not survive a power cut: the records say it again.
PROGRESS = {"step", "seconds", "tokens_per_second", "best_step", "best_perplexity", "bits_per_character"}
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)


class Database:
    """Keep runs with their records, samples, checkpoints and events; safe to use from any thread.

    Args:
        path: of the file, made if it is not there.
        read_only: whether every change is refused.

    Raises:
        StoreError: the file is none of ours, no longer whole, of a newer program, or cannot be opened.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._connections = Connections(path, read_only=read_only)
        self.path, self.read_only = path, read_only
        self.check, self.close = self._connections.check, self._connections.close
        self._reading, self._writing = self._connections.reading, self._connections.writing

    # runs

    def add_run(self, row: RunRow) -> int:
        """Keep a new run and return its number, which nobody else has or will get.

        Args:
            row: the run; its number is ignored.
        """
        values = [pack(name, getattr(row, name)) for name in COLUMNS if name != "number"]
        marks = ", ".join(["NULL", *"?" * len(values)])
        names = ", ".join(['"number"', *(f'"{name}"' for name in COLUMNS if name != "number")])
        with self._writing() as connection:
            number = connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", values).lastrowid
        assert number is not None
        return number

    def begin_after(self, number: int) -> None:
        """Give the next run a number beyond this one; for folders whose runs are not in the list."""
        with self._writing() as connection:
            connection.execute("INSERT INTO sqlite_sequence SELECT 'runs', 0 WHERE NOT EXISTS "
                               "(SELECT 1 FROM sqlite_sequence WHERE name = 'runs')")  # fmt: skip
            connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'runs'", (number,))

    def update_run(self, number: int, **columns: Any) -> None:
        """Change columns of a run; it survives a power cut unless only its progress changes.

        Raises:
            StoreError: there is no such run, or the disk refuses.
        """
        values = [pack(name, value) for name, value in columns.items()]
        changes = ", ".join(f'"{name}" = ?' for name in columns) or "number = number"
        with self._writing_of(number, durable=not PROGRESS.issuperset(columns)) as connection:
            connection.execute(f"UPDATE runs SET {changes} WHERE number = ?", (*values, number))

    def run(self, number: int) -> RunRow:
        """Return a run, deleted or not.

        Raises:
            StoreError: there is no such run, or it cannot be read.
        """
        found = self._runs("number = ?", number)
        if not found:
            raise StoreError("unknown_run", number=number)
        return found[0]

    def run_of_id(self, id: str) -> RunRow | None:
        """Return the run of a shared link, None where there is none."""
        found = self._runs("id = ? AND deleted IS NULL", printable(id))
        return found[0] if found else None

    def runs(self, *, deleted: bool = False) -> tuple[RunRow, ...]:
        """Return all runs, or all deleted ones, the newest first; one that is damaged is left out."""
        return self._runs("deleted IS NOT NULL" if deleted else "deleted IS NULL")

    def in_state(self, *states: str) -> tuple[RunRow, ...]:
        """Return the runs in one of these states that are not deleted, the newest first."""
        return self._runs(f"state IN ({', '.join('?' * len(states))}) AND deleted IS NULL", *states)

    def expired(self, now: float | None = None) -> tuple[int, ...]:
        """Return the runs that were deleted too long ago to be brought back: first their folders go, then `purge`.

        Args:
            now: seconds since the epoch of Unix; None for the clock's.
        """
        before = (time.time() if now is None else now) - UNDO_SECONDS
        return tuple(run.number for run in self.runs(deleted=True) if run.deleted is not None and run.deleted < before)

    def purge(self, numbers: Iterable[int]) -> None:
        """Forget runs and all that belongs to them; their children stay."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM runs WHERE number = ?", [(number,) for number in numbers])

    # records

    def append_records(self, number: int, records: Sequence[TrainRecord]) -> None:
        """Keep records, by rising step; one of the same step is replaced.

        Raises:
            StoreError: there is no such run, or the disk refuses.
        """
        if records:
            with self._writing_of(number, durable=False) as connection:
                kept_records.append(connection, number, records)

    def records(self, number: int, after: int = 0, limit: int = 1000) -> tuple[TrainRecord, ...]:
        """Return at most so many records after a step, in order; the step of the last one is the next cursor."""
        with self._reading() as connection:
            return kept_records.read(connection, number, after, limit)

    def last_record(self, number: int) -> TrainRecord | None:
        """Return the newest record, None before the first."""
        with self._reading() as connection:
            return kept_records.last(connection, number)

    def truncate(self, number: int, step: int) -> None:
        """Forget the records and samples after a step."""
        with self._writing_of(number) as connection:
            kept_records.truncate(connection, number, step)

    def curve(self, number: int, points: int = 300) -> dict[str, list[list[float]]]:
        """Return the curve with at most so many points in each series, as `deeprnn.training.curve.Curve.thinned`.

        It takes the same time for any number of records; the first and the last point are always there.
        """
        with self._reading() as connection:
            return kept_records.summary(connection, number).thinned(points)

    def axes(self, number: int, steps: Iterable[int]) -> tuple[list[int], list[float]]:
        """Return tokens and seconds of training at some steps of the curve, each in the same order."""
        with self._reading() as connection:
            return kept_records.axes(connection, number, steps)

    # what belongs to a run beside its records

    def add_sample(self, number: int, sample: Sample, seed: int = 0) -> None:
        """Keep a sample; one of the same step, prefix and seed is replaced."""
        values = (number, sample.step, printable(sample.prefix), seed, printable(sample.text))
        with self._writing_of(number, durable=False) as connection:
            connection.execute("INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?)", values)

    def samples(self, number: int, after: int = -1) -> tuple[Sample, ...]:
        """Return the samples after a step, in order."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT prefix, text, step FROM samples WHERE run = ? AND step > ? ORDER BY step", (number, after)
            )
            return tuple(Sample(*row) for row in found)

    def add_event(self, number: int, event: Event) -> None:
        """Keep an event after those there are."""
        values = (number, number, event.step, event.kind, pack_json(dict(event.details)), time.time())
        with self._writing_of(number) as connection:
            connection.execute("INSERT INTO events SELECT ?, (SELECT count(*) FROM events WHERE run = ?), ?, ?, ?, ?",
                               values)  # fmt: skip

    def events(self, number: int) -> tuple[Event, ...]:
        """Return the events of a run in the order in which they were added."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT step, kind, details FROM events WHERE run = ? ORDER BY seq", (number,)
            ).fetchall()
        return tuple(Event(step, kind, json.loads(details)) for step, kind, details in found)

    def set_checkpoints(self, number: int, checkpoints: Iterable[KeptCheckpoint]) -> None:
        """Keep which checkpoints there are, in place of those before; the records so far survive a power cut too."""
        rows = [(number, c.step, pack_number(c.perplexity), c.best, c.seconds) for c in checkpoints]
        with self._writing_of(number) as connection:
            connection.execute("DELETE FROM checkpoints WHERE run = ?", (number,))
            connection.executemany("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)", rows)

    def checkpoints(self, number: int) -> tuple[KeptCheckpoint, ...]:
        """Return the checkpoints by rising step."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT step, perplexity, best, saved FROM checkpoints WHERE run = ? ORDER BY step", (number,)
            )
            return tuple(KeptCheckpoint(step, unpack_number(p), bool(best), saved) for step, p, best, saved in found)

    @contextmanager
    def _writing_of(self, number: int, *, durable: bool = True) -> Iterator[Any]:
        with self._writing(durable=durable) as connection:
            if connection.execute("SELECT 1 FROM runs WHERE number = ?", (number,)).fetchone() is None:
                raise StoreError("unknown_run", number=number)
            yield connection

    def _runs(self, condition: str, *values: object) -> tuple[RunRow, ...]:
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {NAMES} FROM runs WHERE {condition} ORDER BY number DESC", values
            ).fetchall()
        found: list[RunRow] = []
        for row in rows:
            with suppress(*DAMAGED):
                found.append(unpack_run(row))
        return tuple(found)
