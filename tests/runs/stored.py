"""Runs and records as the tests of the database keep them."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
from pathlib import Path

from deeprnn.config import Recipe
from deeprnn.runs.rows import RunRow
from deeprnn.training.record import TrainRecord, perplexity


def a_run(name: str = "bell 1") -> RunRow:
    return RunRow(Recipe(), name=name, corpus="thirsty_bell", corpus_name="The Thirsty Bell")


def a_record(step: int, loss: float | None = None, validation: float | None = None) -> TrainRecord:
    """Return the record of a step with a loss that goes up and down."""
    value = 2 + math.sin(step * step) if loss is None else loss
    bits = None if validation is None else validation / 3
    return TrainRecord(
        step,
        step / 7,
        64 * step,
        value,
        perplexity(value),
        value / 0.7,
        validation,
        0.1 / step,
        3.25,
        1e4,
        step / 9,
        bits,
    )


def records(first: int, last: int) -> list[TrainRecord]:
    return [a_record(step, validation=5 + step % 13 if step % 10 == 0 else None) for step in range(first, last + 1)]


EIGHT = """
import os, sys, traceback
from pathlib import Path
from deeprnn.runs.database import Database
from deeprnn.runs.recorder import Recorder
from tests.runs.stored import a_run, records


def work(path):
{work}


for turn in range({turns}):
    start, all_are_there = os.pipe()
    children = []
    for _ in range(8):
        child = os.fork()
        if not child:
            os.close(all_are_there)
            os.read(start, 1)
            try:
                os.write(1, b"%d " % work(Path(sys.argv[1]) / f"runs-{{turn}}.db"))
                os._exit(0)
            finally:
                traceback.print_exc()
                os._exit(1)
        children.append(child)
    os.close(start), os.close(all_are_there)
    for child in children:
        os.waitpid(child, 0)
"""


def eight_processes(work: str, folder: Path, turns: int = 1) -> list[int]:
    """Let eight processes do something at the same moment, in each of several turns with a new database.

    Args:
        work: Python that returns a number; `path` is that of the database, `runs-<turn>.db`.
        folder: for the databases.
        turns: how often.

    Returns:
        The numbers. What a process says on standard error fails the test.
    """
    code = EIGHT.format(work=textwrap.indent(work, "    "), turns=turns)
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=300)
    assert (done.stderr, done.returncode) == ("", 0)
    return [int(number) for number in done.stdout.split()]
