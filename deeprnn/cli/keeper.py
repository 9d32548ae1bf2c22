"""Keeps the folder of a training run such that it holds, at any moment, a model that loads and a run that goes on."""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from ..model.package import check_place
from ..runs.saving import checked
from ..runs.state import save_state
from ..training.report import make_checkpoint
from ..training.snapshot import Snapshot
from ..training.train import Training

SAVE_SECONDS = 10.0  # between two saves
SAVE_SHARE = 20.0  # at least so many times as long as the last save took: a large network is saved less often


class Keeper:
    """Save a training's best model, and all that the training is, into one folder.

    Args:
        training: between two of its records whenever a method is called.
        folder: new, empty, or an older model, which stays until there is something better than untrained weights.
        notes: to be saved with it, as plain JSON values.
        goes_on: whether the folder holds an earlier state of the same run.

    Raises:
        CheckpointError: the folder holds other things, or cannot be written.
    """

    def __init__(
        self, training: Training, folder: Path, notes: dict[str, Any] | None = None, *, goes_on: bool = False
    ) -> None:
        self.training, self.folder, self._notes = training, folder, notes or {}
        self._next_save = 0.0
        self.older = not goes_on and folder.is_dir() and (folder / "config.json").is_file()
        check_place(folder)
        self._newest = self._take()
        self.save()

    def save_if_due(self) -> None:
        """Save every few seconds; a disk that refuses does not end the training."""
        begin = time.monotonic()
        if begin < self._next_save:
            return
        try:
            self.save()
        except CheckpointError as error:
            print(f"deeprnn: {error} Training goes on.", file=sys.stderr)
        end = time.monotonic()
        self._next_save = end + max(SAVE_SECONDS, SAVE_SHARE * (end - begin))

    def save(self) -> None:
        """Save the best model so far and where the training is.

        Raises:
            CheckpointError: they cannot be written.
        """
        self._newest = self._take()
        self.save_best()

    def save_best(self) -> None:
        """Save the best model so far and where the training was last seen; it may be in the middle of a step.

        Raises:
            CheckpointError: they cannot be written.
        """
        if self.training.best.step or not self.older:
            model = make_checkpoint(self.training, self.training.corpus.name)
            save_state(self.folder, model, self._newest, checked(self.training))

    def _take(self) -> Snapshot:
        snapshot = self.training.snapshot()
        return dataclasses.replace(snapshot, values={**snapshot.values, **self._notes})


def free_folder(name: str) -> Path:
    """Return a folder in the working directory that does not exist yet, called after a text."""
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in name.lower())[:60] or "text"
    number = 1
    while (folder := Path(f"{stem}-model" if number == 1 else f"{stem}-model-{number}")).exists():
        number += 1
    return folder
