"""How often does a training survive what it must survive? Every figure of the README's table, each beside its control.

The trials are those of `tests/reliability`, which takes smaller numbers. The control saves as most programs do, every
file written in its place: where it does not fail, a trial sees nothing. On two cores the whole takes half an hour.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deeprnn.device import set_threads
from tests.reliability import (
    corruption,
    cycles,
    faults,
    floods,
    full_disk,
    full_run,
    hammer,
    killed_states,
    kills,
    machine,
    power,
    records,
    servers,
    strangers,
)
from tests.reliability.figure import Figure

TRIALS: dict[str, Callable[[Path], tuple[Figure, ...]]] = {
    "kill -9 during saves": lambda folder: (kills.measure(300, 60, folder),),
    "kill -9 while records are written": lambda folder: (records.measure(300, 60, folder),),
    "I/O error at every call": lambda folder: (faults.measure(folder),),
    "power cut after every operation": lambda folder: (power.measure(folder, draws=20, control_draws=20),),
    "full disk during a save": lambda folder: (full_disk.measure(20, 20, folder),),
    "full disk during a run": lambda folder: (full_run.measure(20, folder),),
    "one flipped bit": lambda folder: (corruption.measure(100, folder),),
    "SIGTERM; dropped connections": lambda folder: servers.measure_ends(10, folder, drops=10),
    "kill -9 in every state of a run": lambda folder: (killed_states.measure(folder),),
    "start and stop": lambda folder: (cycles.measure(200, folder),),
    "eight threads press everything": lambda folder: (hammer.measure(8, 500, folder),),
    "random actions beside a model": lambda folder: (machine.measure(250, 30),),
    "attacks by another visitor": lambda folder: (strangers.measure(folder),),
    "a flood by another visitor": lambda folder: (floods.measure(200, folder),),
    "50 visitors at once": lambda folder: (floods.measure_guests(50, 10, folder),),
}


def main(options: Sequence[str]) -> None:
    """Print one line for each hazard, and what went wrong below it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability", description=__doc__)
    parser.add_argument("--only", choices=TRIALS, help="one of the hazards")
    given = parser.parse_args(options)
    set_threads(1)  # small networks are fastest so
    print(f"{'hazard':<36}{'trials':>8}{'failures':>10}{'control':>12}{'seconds':>9}  note")
    for name in [given.only] if given.only else TRIALS:
        begin = time.perf_counter()
        with TemporaryDirectory() as folder:
            figures = TRIALS[name](Path(folder))
        for title, figure in zip(name.split("; "), figures, strict=True):
            control = f"{figure.control}/{figure.control_trials}" if figure.control_trials else "-"
            line = f"{title:<36}{figure.trials:>8}{len(figure.failures):>10}{control:>12}"
            print(f"{line}{time.perf_counter() - begin:>9.0f}  {figure.note}", flush=True)
            for failure in figure.failures[:9]:
                print(f"    {failure}")
