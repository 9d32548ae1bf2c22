"""How long does a page wait for the curve of a run with up to a million records? Milliseconds on the server, and bytes.

Beside it the naive way: read all records and send every training perplexity. Runs are appended in batches, as they
are in a training.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deeprnn.config import Recipe
from deeprnn.device import machine
from deeprnn.runs.database import Database
from deeprnn.runs.rows import RunRow
from deeprnn.training.record import TrainRecord, perplexity

COUNTS = (100, 1_000, 10_000, 100_000, 1_000_000)
BATCH = 250  # records: half a second of a small network
TICKS = 20


def main(arguments: Sequence[str]) -> None:
    """Measure every length and print medians and maxima as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks records", description=__doc__)
    parser.add_argument("--most", type=int, default=COUNTS[-1], help="records of the longest run")
    most = parser.parse_args(arguments).most
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "runs.db")
        rows = [measure(database, count) for count in COUNTS if count <= most]
        database.close()
    print(json.dumps({"machine": machine(), "runs": rows}, indent=1))


def measure(database: Database, count: int) -> dict[str, Any]:
    """Return the cost of one tick of a page that shows a run of so many records."""
    number = database.add_run(RunRow(Recipe()))
    start = time.perf_counter()
    for first in range(1, count + 1, BATCH):
        database.append_records(number, [made_up_record(n) for n in range(first, min(first + BATCH, count + 1))])
    seconds = time.perf_counter() - start

    def tick() -> str:
        last = database.last_record(number)
        return json.dumps([database.curve(number), last and vars(last)], separators=(",", ":"))

    def naive() -> str:
        found = database.records(number, limit=count)
        return json.dumps([[record.step for record in found], [record.perplexity for record in found]])

    ticks = timed(tick, TICKS)
    return {
        "records": count,
        "append_microseconds_per_record": round(seconds / count * 1e6, 1),
        "tick_median_ms": round(statistics.median(ticks), 2),
        "tick_maximum_ms": round(max(ticks), 2),
        "tick_bytes": len(tick()),
        "naive_ms": round(statistics.median(timed(naive, 3)), 2),
        "naive_bytes": len(naive()),
    }


def made_up_record(step: int) -> TrainRecord:
    """Return the record of a step of a training that goes well; every 20th has been checked."""
    loss = 1.5 + 2 / math.sqrt(step) + 0.2 * math.sin(step * step)
    validation = loss + 0.1 if step % 20 == 0 else None
    return TrainRecord(
        step, step / 50, 1024 * step, loss, perplexity(loss), loss / math.log(2),
        None if validation is None else perplexity(validation), 0.01, 1.25, 2e4, step / 20,
        None if validation is None else validation / math.log(2),
    )  # fmt: skip


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Return how many milliseconds something takes, each time."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1e3)
    return taken
