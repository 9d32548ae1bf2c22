"""The records of a run in the database: appended in batches, read by cursor, drawn from a summary beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..training.record import TrainRecord, perplexity
from .rows import DAMAGED, pack_number, unpack_number
from .summary import Summary

COLUMNS = (
    "step", "epoch", "tokens", "loss", "bits_per_character", "validation_perplexity", "learning_rate", "gradient_norm",
    "tokens_per_second", "elapsed_seconds", "validation_bits_per_character",
)  # fmt: skip
INSERT = f"INSERT OR REPLACE INTO records (run, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM records WHERE run = ?"
SUMMARISE = 500  # records: what a reader adds to the summary by itself is at most so many


def append(connection: sqlite3.Connection, run: int, records: Sequence[TrainRecord]) -> None:
    """Keep records; one of the same step is replaced.

    Args:
        connection: that may write.
        run: its number.
        records: by rising step.
    """
    connection.executemany(INSERT, ((run, *map(pack_number, _values(record))) for record in records))
    kept = connection.execute("SELECT step FROM curves WHERE run = ?", (run,)).fetchone()
    summarised = kept[0] if kept else 0
    if records[0].step <= summarised:
        _summarise(connection, run, cut=records[0].step)
    elif records[-1].step - summarised >= SUMMARISE:
        _summarise(connection, run)


def read(connection: sqlite3.Connection, run: int, after: int, limit: int) -> tuple[TrainRecord, ...]:
    """Return at most so many records after a step, in order."""
    rows = connection.execute(f"{SELECT} AND step > ? ORDER BY step LIMIT ?", (run, after, limit))
    return tuple(map(_record, rows))


def last(connection: sqlite3.Connection, run: int) -> TrainRecord | None:
    """Return the newest record, None before the first."""
    row = connection.execute(f"{SELECT} ORDER BY step DESC LIMIT 1", (run,)).fetchone()
    return _record(row) if row else None


def truncate(connection: sqlite3.Connection, run: int, step: int) -> None:
    """Forget the records and samples after a step."""
    for table in ("records", "samples"):
        connection.execute(f"DELETE FROM {table} WHERE run = ? AND step > ?", (run, step))
    _summarise(connection, run, cut=step)


def summary(connection: sqlite3.Connection, run: int) -> Summary:
    """Return the shape of the curve up to the newest record; takes the same time for any number of records."""
    kept = _kept(connection, run)
    _extend(connection, run, kept)
    return kept


def axes(connection: sqlite3.Connection, run: int, steps: Iterable[int]) -> tuple[list[int], list[float]]:
    """Return tokens and seconds of training at some steps, each in the same order: of the last record up to there."""
    found = [
        connection.execute(
            "SELECT tokens, elapsed_seconds FROM records WHERE run = ? AND step <= ? ORDER BY step DESC LIMIT 1",
            (run, step),
        ).fetchone()
        or (0, 0.0)  # a run that goes back is just forgetting it
        for step in steps
    ]
    return [tokens for tokens, _ in found], [float(seconds) for _, seconds in found]


def _summarise(connection: sqlite3.Connection, run: int, cut: int | None = None) -> None:
    kept = _kept(connection, run)
    if cut is not None:
        kept.cut(cut)
    _extend(connection, run, kept)
    connection.execute("INSERT OR REPLACE INTO curves VALUES (?, ?, ?)", (run, kept.step, kept.dumps()))


def _kept(connection: sqlite3.Connection, run: int) -> Summary:
    row = connection.execute("SELECT summary FROM curves WHERE run = ?", (run,)).fetchone()
    if row:
        with suppress(*DAMAGED):  # the records say it again
            return Summary.loads(row[0])
    return Summary()


def _extend(connection: sqlite3.Connection, run: int, kept: Summary) -> None:
    """Add the records that came after a summary."""
    for step, loss, validation in connection.execute(
        "SELECT step, loss, validation_perplexity FROM records WHERE run = ? AND step > ? ORDER BY step",
        (run, kept.step),
    ):
        kept.add(step, float(loss), unpack_number(validation))


def _values(record: TrainRecord) -> list[float | None]:
    return [getattr(record, name) for name in COLUMNS]


def _record(row: Sequence[float | str | None]) -> TrainRecord:
    values = {
        name: value if name in ("step", "tokens") else unpack_number(value)
        for name, value in zip(COLUMNS, row, strict=True)
    }
    return TrainRecord(perplexity=perplexity(values["loss"]), **values)  # type: ignore[arg-type]
