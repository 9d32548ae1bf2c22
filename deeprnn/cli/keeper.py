"""Keeps the folder of a training run such that it holds, at any moment, a model that loads."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ..errors import CheckpointError
from ..model.checkpoint import save_checkpoint
from ..model.package import check_place
from ..training.report import make_checkpoint
from ..training.train import Training

SAVE_SECONDS = 10.0  # at least, between two saves of a model that still improves


class Keeper:
    """Save a training's best model into one folder.

    Args:
        training: between two of its records whenever a method is called.
        folder: new, empty, or an older model, which stays until there is something better than untrained weights.

    Raises:
        CheckpointError: the folder holds other things, or cannot be written.
    """

    def __init__(self, training: Training, folder: Path) -> None:
        self.training, self.folder = training, folder
        self._saved_step, self._next_save = 0, 0.0
        self.older = folder.is_dir() and (folder / "config.json").is_file()
        check_place(folder)
        self.save()

    def save_if_better(self) -> None:
        """Save when the last check found a better model; a disk that refuses does not end the training."""
        if self.training.best.step == self._saved_step or time.monotonic() < self._next_save:
            return
        try:
            self.save()
            self._saved_step = self.training.best.step
        except CheckpointError as error:
            print(f"deeprnn: {error} Training goes on.", file=sys.stderr)
        self._next_save = time.monotonic() + SAVE_SECONDS

    def save(self) -> None:
        """Save the best model so far.

        Raises:
            CheckpointError: it cannot be written.
        """
        if self.training.best.step or not self.older:
            save_checkpoint(self.folder, make_checkpoint(self.training, self.training.corpus.name))


def free_folder(name: str) -> Path:
    """Return a folder in the working directory that does not exist yet, called after a text."""
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in name.lower())[:60] or "text"
    number = 1
    while (folder := Path(f"{stem}-model" if number == 1 else f"{stem}-model-{number}")).exists():
        number += 1
    return folder
