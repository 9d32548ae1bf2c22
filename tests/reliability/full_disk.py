"""A disk that is really full: a small file system is filled up, a save is tried, and what was saved is loaded.

`python -m tests.reliability.full_disk TRIALS CONTROL_TRIALS FOLDER` does it in a folder that is such a file system.
Where the system lets nobody mount one, no file may grow beyond some size, which looks the same to the program.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from deeprnn.errors import CheckpointError
from deeprnn.runs import state

from ..model.crafting import make_checkpoint
from .figure import Figure
from .savers import IN_PLACE, OURS, Saver, at_step, lost

MEGABYTES = 12  # of the small file system: some checkpoints
MOUNTING = (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"])  # for root, and for some others
FILLING = "filling"
LittleRoom = Callable[[Path, int], AbstractContextManager[None]]  # of a folder, and the bytes that are free in it


def measure(trials: int, control_trials: int, folder: Path) -> Figure:
    """Fill the disk so many times under each of our ways to save, and under the control."""
    mount = next((command for command in MOUNTING if can_mount(command, folder)), None)
    if mount is None:
        found = fill_all(trials, control_trials, folder, short_files)
    else:
        numbers = (str(trials), str(control_trials))
        command = [sys.executable, "-m", "tests.reliability.full_disk", *numbers, str(folder)]
        done = subprocess.run(in_new_disk(mount, folder, command), check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
    failures = [failure for way in OURS for failure in found[way]]
    kind = "a full file system" if mount else "a limit on the size of files"
    return Figure(trials * len(OURS), tuple(failures), len(found["control"]), control_trials, kind)


def can_mount(command: list[str], folder: Path) -> bool:
    """Tell whether this user may mount a file system that nobody else sees."""
    try:
        return subprocess.run(in_new_disk(command, folder, ["true"]), capture_output=True).returncode == 0
    except OSError:  # there is no such command here
        return False


def in_new_disk(command: list[str], folder: Path, then: list[str]) -> list[str]:
    """Return a command that runs another one with a small file system at a folder."""
    script = f'mount -t tmpfs -o size={MEGABYTES}m deeprnn "$0" && exec "$@"'
    return [*command, "sh", "-c", script, str(folder), *then]


def fill_all(trials: int, control_trials: int, folder: Path, little_room: LittleRoom) -> dict[str, list[str]]:
    """Return what was lost in each of our ways to save, and in the control."""
    found = {}
    for way, saver in {**OURS, "control": IN_PLACE}.items():
        place = folder / way.replace(" ", "-")
        place.mkdir(parents=True)
        count = trials if way in OURS else control_trials
        found[way] = fill_often(saver, count, place, little_room, random.Random(0))
        shutil.rmtree(place)
    return found


def fill_often(saver: Saver, trials: int, folder: Path, little_room: LittleRoom, draw: random.Random) -> list[str]:
    """Save where a random part of what is needed is free; every other time the program may ask how much that is."""
    checkpoint, failures, step = make_checkpoint(hidden_size=64), [], 1
    saver.save(folder, *at_step(checkpoint, step))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    for trial in range(trials):
        with pytest.MonkeyPatch.context() as patch:
            if trial % 2:  # another program takes the room between the question and the writing
                patch.setattr(state, "ROOM", 0.0)
            refused = ""
            with little_room(folder, int(draw.uniform(0.0, 0.9) * size)):
                try:
                    saver.save(folder, *at_step(checkpoint, step + 1))
                except (CheckpointError, OSError) as error:
                    refused = str(error)
        failure = lost(saver, folder, step) if refused else "the disk was not full"
        failures += [f"{failure} ({refused})"] if failure else []
        step += 1
        saver.save(folder, *at_step(checkpoint, step))  # there is room again
        failures += [failure] if (failure := lost(saver, folder, step)) else []
    return failures


@contextmanager
def full_disk(folder: Path, free: int) -> Iterator[None]:
    """Fill the file system of a folder but for so many bytes."""
    there = os.statvfs(folder)
    fill = folder / FILLING
    with suppress(OSError):  # the program may have taken some of it meanwhile
        fill.write_bytes(bytes(max(0, there.f_bavail * there.f_frsize - free)))
    try:
        yield
    finally:
        fill.unlink()


@contextmanager
def short_files(folder: Path, free: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, at most the size of the larger ones of a checkpoint."""
    largest = max(path.stat().st_size for path in folder.rglob("*"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(free, largest - 1), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


if __name__ == "__main__":
    print(json.dumps(fill_all(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), full_disk)))
