"""Kill -9 at random moments of a process that keeps the records of a run, then open what it left.

`python -m tests.reliability.records TRIALS CONTROL_TRIALS ENOUGH FOLDER` runs it: a process of one thread, for only
that can be forked.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from deeprnn.errors import StoreError
from deeprnn.runs.database import Database
from deeprnn.training.record import TrainRecord

from ..runs.stored import a_run, records
from .figure import Figure

LONGEST = 0.25  # seconds from the first word of a writer to its end
BACK = 30  # records that a rollback takes away
MOST = 3000  # records, so that reading them again after each kill stays short
BATCH = 60  # records at once, at most

Say = Callable[[int], object]  # told how many records are surely kept
Write = Callable[[Path, random.Random, Say], None]
Read = Callable[[Path], list[TrainRecord]]


def measure(trials: int, control_trials: int, folder: Path, enough: int = 1 << 30) -> Figure:
    """Kill so many writers, one after the other, then the control, which writes all records into one plain file.

    Args:
        trials: kills of writers to one database.
        control_trials: kills of the control, at most.
        folder: where they write.
        enough: losses of the control after which it has shown what it is there for.
    """
    numbers = map(str, (trials, control_trials, enough))
    command = [sys.executable, "-m", "tests.reliability.records", *numbers, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    failures, lost_in_control, controls, most = json.loads(done.stdout)
    return Figure(trials, tuple(failures), len(lost_in_control), controls, f"up to {most} records")


def run(trials: int, control_trials: int, enough: int, folder: Path) -> tuple[list[str], list[str], int, int]:
    """Return what was lost, what was lost in the control, how often the control was tried, and the most records."""
    failures, _, most = kill_all(write_database, read_database, trials, folder / "runs.db")
    lost, controls, _ = kill_all(write_plain_file, read_plain_file, control_trials, folder / "runs.json", enough)
    return failures, lost, controls, most


def kill_all(write: Write, read: Read, trials: int, path: Path, enough: int = 1 << 30) -> tuple[list[str], int, int]:
    """Kill so many writers; return what was lost, how often that was tried, and the most records found after a kill."""
    draw, most = random.Random(0), 0
    failures: list[str] = []
    for trial in range(trials):
        if len(failures) >= enough:
            return failures, trial, most
        kept = write_until_killed(partial(write, path, random.Random(trial)), draw.uniform(0, LONGEST))
        try:
            found = read(path)
        except (StoreError, ValueError, OSError) as error:
            failures.append(f"cannot be read: {error}")
            continue
        most = max(most, len(found))
        if len(found) < kept:
            failures.append(f"{len(found)} records of {kept}")
        if found != records(1, len(found)):
            failures.append("other records than were written")
    return failures, trials, most


def write_until_killed(write: Callable[[Say], None], seconds: float) -> int:
    """Start a writer, kill it so long after its first word, and return how many records it said were kept."""
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(lambda kept: os.write(mouth, b"%d\n" % kept))
        finally:
            os._exit(1)
    os.close(mouth)
    with os.fdopen(ear, "rb") as said:
        first = said.readline()
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer ended by itself"
        return int([first, *said][-1])


def batches(draw: random.Random, kept: int) -> Iterator[list[TrainRecord]]:
    """Yield records after so many, a few at a time."""
    while True:
        new = draw.randrange(1, BATCH)
        yield records(kept + 1, kept + new)
        kept += new


def write_database(path: Path, draw: random.Random, say: Say) -> None:
    """Keep records as a training does, going back now and then as after an explosion."""
    database = Database(path)
    if not database.runs():
        database.add_run(a_run())
    newest = database.last_record(1)
    kept = newest.step if newest else 0
    while True:
        say(kept)
        for batch in batches(draw, kept):
            database.append_records(1, batch)
            kept = batch[-1].step
            database.update_run(1, step=kept)
            say(kept)
            if draw.random() < 0.1:
                break
        kept = max(0, kept - BACK) if kept < MOST else 0
        say(kept)  # before: after a kill nobody knows whether it was done
        database.truncate(1, kept)


def read_database(path: Path) -> list[TrainRecord]:
    """Return the records, after a look at the whole file."""
    database = Database(path)
    try:
        database.check()
        found = database.records(1, limit=10**7)
        assert database.curve(1)["train"][0][-1:] == [record.step for record in found[-1:]]
        return list(found)
    finally:
        database.close()


def write_plain_file(path: Path, draw: random.Random, say: Say) -> None:
    """Write all records anew after each batch, as many programs keep their history."""
    kept: list[TrainRecord] = []
    say(0)
    for batch in batches(draw, 0):
        kept += batch
        with path.open("w", encoding="utf-8") as file:
            json.dump([vars(record) for record in kept], file)
        say(len(kept))


def read_plain_file(path: Path) -> list[TrainRecord]:
    """Return the records of a plain file."""
    return [TrainRecord(**values) for values in json.loads(path.read_text("utf-8"))]


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
