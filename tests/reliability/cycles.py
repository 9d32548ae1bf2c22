"""Runs are started and stopped again and again: memory, threads and open files stay level."""

from __future__ import annotations

import gc
import os
import statistics
import threading
from pathlib import Path

from .figure import Figure
from .studios import LONG, RECIPE, add_text, open_studio, until

STEPS = 5
WINDOW = 5  # cycles whose median is compared
POOLED_FILES = 8  # of the connections to the list of runs that are kept open
MOST_MEGABYTES = 8.0  # of growth that is noise


def measure(cycles: int, folder: Path) -> Figure:
    """Start and stop so many runs; the first quarter is not counted, while everything is set up for the first time."""
    memory, threads, files = [], [], []
    with open_studio(folder) as studio:
        key = add_text(studio)
        for _ in range(cycles):
            studio.start(key, RECIPE)
            until(lambda: studio.run().cursor >= STEPS, "steps")
            run = studio.runs.current()
            studio.stop()
            assert run is not None
            assert run.job.join(LONG)
            assert studio.store.recorder.flush(LONG)
            gc.collect()
            memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
            threads.append(threading.active_count())
            files.append(len(os.listdir("/proc/self/fd")))
    warm = cycles // 4
    grown = statistics.median(memory[-WINDOW:]) - statistics.median(memory[warm : warm + WINDOW])
    failures = [f"{grown:.1f} MB more"] if grown > MOST_MEGABYTES else []
    before, after = (slice(warm, warm + WINDOW), slice(-WINDOW, None))
    failures += [
        f"{what} grew from {max(counts[before])} to {max(counts[after])}"
        for what, counts, most in (("threads", threads, 0), ("files", files, POOLED_FILES))
        if max(counts[after]) > max(counts[before]) + most
    ]
    return Figure(cycles, tuple(failures), note=f"{grown:+.1f} MB, threads and files level")
