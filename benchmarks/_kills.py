"""Kills a process that keeps records of a run, at random moments, and looks at what is left; used by tests as well."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deeprnn.config import Recipe
from deeprnn.errors import StoreError
from deeprnn.runs.database import Database
from deeprnn.runs.rows import RunRow
from deeprnn.training.record import TrainRecord, perplexity

Say = Callable[[int], object]  # told how many records are kept, at least
LONGEST = 0.25  # seconds from the first word of a process to its end
MOST = 3000  # records, so that reading them again after each kill stays short
BACK = 30  # records that a rollback takes away


@dataclass(frozen=True)
class Kills:
    """Count what was found after the kills.

    Args:
        kills: of a process that was writing.
        unreadable: files that could not be read after one, or were not whole.
        wrong: files in which a record was missing or another than was written.
        lost: files without a record that was said to be kept.
        records: the most that were found after a kill.
    """

    kills: int
    unreadable: int
    wrong: int
    lost: int
    records: int


def made_up_record(step: int) -> TrainRecord:
    """Return the record of a step, always the same."""
    loss = 1.5 + 2 / math.sqrt(step) + 0.2 * math.sin(step * step)
    validation = perplexity(loss + 0.1) if step % 20 == 0 else None
    bits = None if validation is None else math.log2(validation)
    return TrainRecord(
        step, step / 50, 1024 * step, loss, perplexity(loss), loss / math.log(2), validation, 0.01, 1.25, 2e4,
        step / 20, bits,
    )  # fmt: skip


def kill_database(folder: Path, kills: int, seed: int = 0) -> Kills:
    """Let processes write records into one database, one after the other, and kill each of them.

    Args:
        folder: for the database.
        kills: how often.
        seed: of the moments.
    """
    return _kill("database", folder, kills, seed)


def kill_plain_file(folder: Path, kills: int, seed: int = 0) -> Kills:
    """Do the same to processes that write all records into one plain file: if nothing breaks, the kills are no test."""
    return _kill("plain", folder, kills, seed)


def _kill(writer: str, folder: Path, kills: int, seed: int) -> Kills:
    """Do it in a process of its own: only one that has no threads may be doubled, and doubling it is quick."""
    command = [sys.executable, "-m", "benchmarks._kills", writer, str(folder), str(kills), str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1])
    return Kills(**json.loads(done.stdout))


def _kill_here(writer: str, folder: Path, kills: int, seed: int) -> Kills:
    path = folder / writer
    write, read = WRITERS[writer]
    chance, unreadable, wrong, lost, most = random.Random(seed), 0, 0, 0, 0
    for turn in range(kills):
        kept = _write_until_killed(partial(write, path, random.Random(seed + turn)), chance.uniform(0, LONGEST))
        try:
            records = read(path)
        except (StoreError, ValueError, OSError):
            unreadable += 1
            continue
        wrong += records != [made_up_record(step) for step in range(1, len(records) + 1)]
        lost += len(records) < kept
        most = max(most, len(records))
    return Kills(kills, unreadable, wrong, lost, most)


def _write_until_killed(write: Callable[[Say], None], seconds: float) -> int:
    """Start a writer, kill it, and return how many records it said were kept."""
    ear, mouth = os.pipe()
    writer = os.fork()
    if not writer:
        try:
            write(lambda kept: os.write(mouth, b"%d\n" % kept))
        finally:
            os._exit(1)
    os.close(mouth)
    with open(ear, encoding="ascii") as said:
        first = said.readline()
        time.sleep(seconds)
        os.kill(writer, signal.SIGKILL)
        last = [first, *said][-1]
    if os.waitpid(writer, 0)[1] != signal.SIGKILL:
        raise RuntimeError("the writer ended by itself")
    return int(last)


def _read_database(path: Path) -> list[TrainRecord]:
    database = Database(path)
    try:
        database.check()
        database.curve(1)
        return list(database.records(1, limit=10**7))
    finally:
        database.close()


def _read_plain_file(path: Path) -> list[TrainRecord]:
    return [TrainRecord(**values) for values in json.loads(path.read_text("utf-8"))]


def _batches(chance: random.Random, kept: int) -> Iterator[list[TrainRecord]]:
    while True:
        new = chance.randrange(1, 60)
        yield [made_up_record(step) for step in range(kept + 1, kept + new + 1)]
        kept += new


def _write_database(path: Path, chance: random.Random, say: Say) -> None:
    database = Database(path)
    if not database.runs():
        database.add_run(RunRow(Recipe()))
    newest = database.last_record(1)
    kept = newest.step if newest else 0
    while True:
        say(kept)
        for batch in _batches(chance, kept):
            database.append_records(1, batch)
            kept = batch[-1].step
            database.update_run(1, step=kept)
            say(kept)
            if chance.random() < 0.1:
                break
        kept = max(0, kept - BACK) if kept < MOST else 0
        say(kept)  # before: it is not known after a kill whether the rollback was made
        database.truncate(1, kept)


def _write_plain_file(path: Path, chance: random.Random, say: Say) -> None:
    records: list[TrainRecord] = []
    say(0)
    for batch in _batches(chance, 0):
        records += batch
        with path.open("w", encoding="utf-8") as file:
            json.dump([vars(record) for record in records], file)
        say(len(records))


WRITERS: dict[str, tuple[Callable[[Path, random.Random, Say], None], Callable[[Path], list[TrainRecord]]]] = {
    "database": (_write_database, _read_database),
    "plain": (_write_plain_file, _read_plain_file),
}

if __name__ == "__main__":
    which, place, *numbers = sys.argv[1:]
    print(json.dumps(vars(_kill_here(which, Path(place), *map(int, numbers)))))
