"""Every call that reaches the disk during a save fails once, and from there on, with each of four errors."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from deeprnn.errors import CheckpointError

from ..model.crafting import make_checkpoint
from .figure import Figure
from .savers import IN_PLACE, OURS, Saver, at_step, lost
from .watched_disk import Operation, watched

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS)
OLDER, NEWER = 3, 4  # steps


class Fault:
    """Let the n-th call fail, or it and all that follow."""

    def __init__(self, number: int, error: int, *, stays: bool) -> None:
        self.calls, self._number, self._error, self._stays = 0, number, error, stays

    def __call__(self, operation: Operation) -> None:
        """Count a call; raise if it is to fail."""
        self.calls += 1
        if self.calls == self._number or (self._stays and self.calls > self._number):
            raise OSError(self._error, os.strerror(self._error), operation.path)


def measure(folder: Path, every: int = 1) -> Figure:
    """Let every n-th call fail, in both of our ways to save; the control is treated alike."""
    trials, failures = 0, []
    for number, (way, saver) in enumerate(OURS.items()):
        found, count = fail_everywhere(saver, folder / str(number), every)
        failures += [f"{way}: {failure}" for failure in found]
        trials += count
    control, control_trials = fail_everywhere(IN_PLACE, folder / "control", every)
    return Figure(trials, tuple(failures), len(control), control_trials)


def fail_everywhere(saver: Saver, folder: Path, every: int) -> tuple[list[str], int]:
    """Return what was lost, and the number of faults."""
    failures, trials, checkpoint = [], 0, make_checkpoint()
    folder.mkdir(parents=True)
    for step in (1, OLDER):  # two, so that there is also something to remove
        saver.save(folder, *at_step(checkpoint, step))
    prepared = shutil.copytree(folder, folder.with_name(f"{folder.name}-prepared"))
    for error in ERRORS:
        for stays in (False, True):
            number = 1
            while True:
                shutil.rmtree(folder)
                shutil.copytree(prepared, folder)
                fault = Fault(number, error, stays=stays)
                failure = attempt(saver, folder, fault)
                if fault.calls < number:
                    break
                trials += 1
                failures += [f"{errno.errorcode[error]} at call {number}: {failure}"] if failure else []
                number += every
    return failures, trials


def attempt(saver: Saver, folder: Path, fault: Fault) -> str:
    """Save with a fault; return what is wrong afterwards, empty if nothing is."""
    saved = OLDER
    try:
        with watched(folder, fault):
            saver.save(folder, *at_step(make_checkpoint(), NEWER))
        saved = NEWER
    except CheckpointError:
        pass
    except Exception as error:
        if saver is not IN_PLACE:
            return f"{type(error).__name__} instead of CheckpointError: {error}"
    return lost(saver, folder, saved)
