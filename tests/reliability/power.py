"""Power cuts, simulated: after every prefix of what the disk was told, whatever was not forced to it may be missing.

A disk promises only what an fsync has returned for: the bytes of a file by an fsync of that file, the names in a folder
by one of that folder. Each file keeps its forced bytes, a torn mixture, or all; each folder keeps its names of any
moment since they were forced.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

from deeprnn.runs import state

from ..model.crafting import make_checkpoint
from .figure import Figure
from .savers import IN_PLACE, OURS, Saver, at_step, lost
from .watched_disk import Operation, watched

SAVES = 4
ACKNOWLEDGED = "acknowledged"
Choice = Callable[[int], int]  # how many moments there are -> which of them is on the disk


@dataclass
class File:
    """Hold a file's bytes: as forced to the disk, and at each moment since."""

    moments: list[bytes] = field(default_factory=lambda: [b""])

    def write(self, data: bytes) -> None:
        """Append, and let the disk be in the middle of it: half there, or the length there and the bytes not."""
        before = self.moments[-1]
        self.moments += [before + data[: len(data) // 2], before + bytes(len(data)), before + data]


@dataclass
class Folder:
    """Hold a folder's names: as forced to the disk, and at each moment since."""

    moments: list[dict[str, File | Folder]] = field(default_factory=lambda: [{}])

    def change(self, **names: File | Folder | None) -> None:
        """Give names, or take them away with None, at one moment."""
        self.moments.append({k: v for k, v in {**self.moments[-1], **names}.items() if v is not None})

    def now(self) -> dict[str, File | Folder]:
        """Return the names that programs see."""
        return self.moments[-1]


class Disk:
    """Replay operations, remembering what was forced.

    Args:
        root: the folder that stands for the whole disk.
    """

    def __init__(self, root: Path) -> None:
        self._root, self.top = PurePosixPath(root), Folder()

    def apply(self, operation: Operation) -> None:
        """Do what a program asked for."""
        parent, name = self._find(operation.path)
        if operation.kind == "create":
            parent.change(**{name: File()})
        elif operation.kind == "mkdir":
            parent.change(**{name: Folder()})
        elif operation.kind in ("unlink", "rmdir"):
            parent.change(**{name: None})
        elif operation.kind == "rename":
            other, target = self._find(operation.target)
            assert other is parent  # else the two names would change at two moments
            parent.change(**{name: None, target: parent.now()[name]})
        elif operation.kind == "write":
            file = parent.now()[name]
            assert isinstance(file, File)
            file.write(operation.data)
        elif operation.kind == "fsync":
            forced = parent.now()[name] if name else self.top
            del forced.moments[:-1]

    def _find(self, path: str) -> tuple[Folder, str]:
        parts = PurePosixPath(path).relative_to(self._root).parts
        folder = self.top
        for part in parts[:-1]:
            inner = folder.now()[part]
            assert isinstance(inner, Folder)
            folder = inner
        return folder, parts[-1] if parts else ""

    def after_a_cut(self, choose: Choice) -> dict[str, bytes | None]:
        """Return the files, and None for each folder, that are there when the power comes back, by path."""
        found: dict[str, bytes | None] = {}

        def visit(folder: Folder, above: str) -> None:
            for name, inner in sorted(folder.moments[choose(len(folder.moments))].items()):
                path = f"{above}{name}"
                found[path] = None if isinstance(inner, Folder) else inner.moments[choose(len(inner.moments))]
                if isinstance(inner, Folder):
                    visit(inner, f"{path}/")

        visit(self.top, "")
        return found


def measure(folder: Path, draws: int, control_draws: int = 2) -> Figure:
    """Cut the power after every operation of our ways to save, with so many random choices beside the extreme ones."""
    trials, failures, controls = 0, [], []
    for number, (way, saver) in enumerate(OURS.items()):
        found, count = cut_everywhere(saver, folder / str(number), draws)
        failures += [f"{way}: {failure}" for failure in found]
        trials += count
    controls.append(cut_everywhere(IN_PLACE, folder / "control", control_draws))
    lost_in_control, cuts = sum(len(found) for found, _ in controls), sum(count for _, count in controls)
    return Figure(trials, tuple(failures), lost_in_control, cuts)


def cut_everywhere(saver: Saver, folder: Path, draws: int) -> tuple[list[str], int]:
    """Return what was lost, and how many different disks were looked at."""
    recorded, seen, failures = record(saver, folder / "recorded"), set(), []
    disk, acknowledged = Disk(folder / "recorded"), 0
    for count, operation in enumerate(recorded):
        if operation.kind == ACKNOWLEDGED:
            acknowledged += 1
        else:
            disk.apply(operation)
        for choose in choices(random.Random(count), draws):
            left = disk.after_a_cut(choose)
            if (key := (acknowledged, *sorted(left.items(), key=lambda item: item[0]))) in seen:
                continue
            seen.add(key)
            failure = lost(saver, build(left, folder / "cuts" / str(len(seen))), acknowledged)
            failures += [f"after {count} operations: {failure}"] if failure else []
    return failures, len(seen)


def record(saver: Saver, folder: Path) -> list[Operation]:
    """Save a few times and return all that the disk was told, and after which of it each save returned."""
    operations: list[Operation] = []
    folder.mkdir(parents=True)
    checkpoint = make_checkpoint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "ROOM", 0.0)  # asks for no more than the size of the disk
        for step in range(1, SAVES + 1):
            with watched(folder, after=operations.append):
                saver.save(folder, *at_step(checkpoint, step))
            operations.append(Operation(ACKNOWLEDGED, ""))
    return [operation for operation in operations if operation.kind != "open"]


def choices(draw: random.Random, draws: int) -> Iterator[Choice]:
    """Yield ways to choose what is on the disk: nothing but what was forced, everything, and random mixtures."""
    yield lambda moments: 0
    yield lambda moments: moments - 1
    for _ in range(draws):
        yield lambda moments: draw.randrange(moments)


def build(left: dict[str, bytes | None], folder: Path) -> Path:
    """Make a real folder of what the power cut left."""
    folder.mkdir(parents=True)
    for path, data in left.items():
        if data is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(data)
    return folder
