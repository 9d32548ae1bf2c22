"""Kill -9 at random moments of saves that follow each other without a pause, then start again and load.

`python -m tests.reliability.kills TRIALS CONTROL_TRIALS ENOUGH FOLDER` runs it: a process of one thread, for
only that can be forked.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from deeprnn.device import set_threads

from ..model.crafting import make_checkpoint
from .figure import Figure
from .savers import CHECKPOINTS, IN_PLACE, MODEL, Saver, at_step, lost

HIDDEN = 128  # units: a state of about 3 MB
SAVES = 2.0  # the kill comes within so many times the time that a save takes, after the first


def measure(trials: int, control_trials: int, folder: Path, enough: int = 1 << 30) -> Figure:
    """Kill so many times, half of them into each of our two ways to save, then the control.

    Args:
        trials: kills of our own writers.
        control_trials: kills of those that write in place, at most.
        folder: where they write.
        enough: losses of the control after which it has shown what it is there for.
    """
    numbers = map(str, (trials, control_trials, enough))
    command = [sys.executable, "-m", "tests.reliability.kills", *numbers, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    failures, lost_in_control, controls = json.loads(done.stdout)
    return Figure(trials, tuple(failures), len(lost_in_control), controls)


def run(trials: int, control_trials: int, enough: int, folder: Path) -> tuple[list[str], list[str], int]:
    """Return what was lost, what was lost in the control, and how often the control was tried."""
    half, draw = trials // 2, random.Random(0)
    failures, _ = kill_all(CHECKPOINTS, half, folder / "checkpoints", draw)
    others, _ = kill_all(MODEL, trials - half, folder / "model", draw)
    return [*failures, *others], *kill_all(IN_PLACE, control_trials, folder / "control", draw, enough)


def kill_all(
    saver: Saver, trials: int, folder: Path, draw: random.Random, enough: int = 1 << 30
) -> tuple[list[str], int]:
    """Kill so many writers, one after the other; return what was lost, and how often that was tried."""
    checkpoint, step = make_checkpoint(hidden_size=HIDDEN), 1
    failures: list[str] = []
    folder.mkdir(parents=True)
    saver.save(folder, *at_step(checkpoint, step))
    for trial in range(trials):
        if len(failures) >= enough:
            return failures, trial
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            save_forever(saver, folder, step + 1, write)
        os.close(write)
        acknowledged = kill_after(child, read, draw.uniform(0.0, SAVES))
        step = acknowledged
        if failure := lost(saver, folder, step):
            failures.append(failure)
            shutil.rmtree(folder)
            folder.mkdir()
            saver.save(folder, *at_step(checkpoint, step))
    return failures, trials


def save_forever(saver: Saver, folder: Path, step: int, write: int) -> None:
    """Save step after step, saying before the first that it begins and after each that it returned."""
    try:
        checkpoint = make_checkpoint(hidden_size=HIDDEN)
        os.write(write, b"begins\n")
        while True:
            saver.save(folder, *at_step(checkpoint, step))
            os.write(write, b"%d\n" % step)
            step += 1
    finally:
        os._exit(1)


def kill_after(child: int, read: int, saves: float) -> int:
    """Kill a writer after its first save and so many times as long; return the last step whose save returned."""
    with os.fdopen(read, "rb") as pipe:
        pipe.readline()
        begin = time.monotonic()
        first = pipe.readline()
        time.sleep(saves * (time.monotonic() - begin))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer ended by itself"
        return max(map(int, [first, *pipe.readlines()]))


if __name__ == "__main__":
    set_threads(1)  # a fork has none of its parent's other threads, and would wait for them
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
