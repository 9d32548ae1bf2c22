"""How often does a training survive what it must survive? Every figure of the README's table, each beside its control.

The trials are those of `tests/reliability`, which takes smaller numbers. The control saves as most programs do, every
file written in its place: where it does not fail, a trial sees nothing. On two cores the whole takes some minutes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability import corruption, faults, full_disk, kills, power, records
from tests.reliability.figure import Figure

TRIALS: dict[str, Callable[[Path], Figure]] = {
    "kill -9 during saves": lambda folder: kills.measure(300, 60, folder),
    "kill -9 while records are kept": lambda folder: records.measure(300, 60, folder),
    "I/O error at every call": faults.measure,
    "power cut after every operation": lambda folder: power.measure(folder, draws=20, control_draws=20),
    "full disk": lambda folder: full_disk.measure(20, 20, folder),
    "one flipped bit": lambda folder: corruption.measure(100, folder),
}


def main(options: Sequence[str]) -> None:
    """Print one line for each hazard, and what went wrong below it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reliability", description=__doc__)
    parser.add_argument("--only", choices=TRIALS, help="one of the hazards")
    given = parser.parse_args(options)
    print(f"{'hazard':<36}{'trials':>8}{'failures':>10}{'control':>12}{'seconds':>9}  note")
    for name in [given.only] if given.only else TRIALS:
        begin = time.perf_counter()
        with TemporaryDirectory() as folder:
            figure = TRIALS[name](Path(folder))
        control = f"{figure.control}/{figure.control_trials}" if figure.control_trials else "-"
        line = f"{name:<36}{figure.trials:>8}{len(figure.failures):>10}{control:>12}"
        print(f"{line}{time.perf_counter() - begin:>9.0f}  {figure.note}", flush=True)
        for failure in figure.failures[:9]:
            print(f"    {failure}")
