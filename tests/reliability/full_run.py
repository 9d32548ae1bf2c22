"""The disk becomes full while a run trains: it goes on, says that it is not saved, and is saved when there is room.

`python -m tests.reliability.full_run TRIALS FOLDER LIMIT` does it in a folder that is a small file system of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from deeprnn.runs.studio import Studio

from .figure import Figure
from .full_disk import MOUNTING, LittleRoom, can_mount, full_disk, in_new_disk, short_files
from .studios import LONG, RECIPE, add_text, open_studio, until

STEPS = 20  # that a run must take on a full disk


def measure(trials: int, folder: Path) -> Figure:
    """Fill the disk so many times while a run trains."""
    mount = next((command for command in MOUNTING if can_mount(command, folder)), None)
    limit = "disk" if mount else "file"
    command = [sys.executable, "-m", "tests.reliability.full_run", str(trials), str(folder), limit]
    command = in_new_disk(mount, folder, command) if mount else command
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    kind = "a full file system" if mount else "a limit on the size of files"
    return Figure(trials, tuple(map(str, json.loads(done.stdout))), note=kind)


def train(trials: int, folder: Path, little_room: LittleRoom) -> list[str]:
    """Train, and fill the disk so many times; return what went wrong."""
    failures = []
    with open_studio(folder / "home") as studio:
        number = studio.start(add_text(studio), RECIPE)
        save(studio, number)
        for _ in range(trials):
            kept = studio.store.kept(number)[-1].step
            with little_room(folder, 0):
                studio.save_now()
                until(lambda: is_told(studio), "a word that the run is not saved")
                advance(studio)
                loaded = studio.store.checkpoints(number).load().step
                failures += [] if loaded == kept else [f"step {loaded} is kept instead of {kept}"]
            save(studio, number)
            until(lambda: not is_told(studio), "a word that it is saved again")
        studio.stop()
        assert studio.wait(LONG)
        assert studio.store.recorder.flush(LONG)
        steps = [record.step for record in studio.runs.records(number)]
        missing = sorted(set(range(1, studio.run().cursor + 1)) - set(steps))
    return [*failures, *([f"{len(missing)} points are missing, the first is {missing[0]}"] if missing else [])]


def save(studio: Studio, number: int) -> None:
    """Save a checkpoint, and wait until there is a newer one than before."""
    until(lambda: studio.run().cursor, "a step")
    before = studio.run().cursor
    studio.save_now()
    until(lambda: [kept for kept in studio.store.kept(number) if kept.step >= before], "a checkpoint")


def advance(studio: Studio) -> None:
    """Wait until the run has taken some steps."""
    step = studio.run().cursor
    until(lambda: studio.run().cursor >= step + STEPS, "steps on a full disk")


def is_told(studio: Studio) -> bool:
    """Tell whether the page says that the run could not be saved."""
    return any(notice.key == "save_failed" for notice in studio.run().notices)


if __name__ == "__main__":
    room = {"disk": full_disk, "file": short_files}[sys.argv[3]]
    print(json.dumps(train(int(sys.argv[1]), Path(sys.argv[2]), room)))
