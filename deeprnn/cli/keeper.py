"""Keeps the folder of a training run such that it holds, at any moment, a model that loads."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ..errors import CheckpointError
from ..model.checkpoint import save_checkpoint
from ..training.report import make_checkpoint
from ..training.train import Training

SAVE_SECONDS = 10.0  # at least, between two saves of a model that still improves


class Keeper:
    """Save a training's best model into one folder.

    Args:
        training: between two of its records whenever a method is called.
        folder: new, empty, or an older model, which is replaced.

    Raises:
        CheckpointError: the folder holds other things.
    """

    def __init__(self, training: Training, folder: Path) -> None:
        self.training, self.folder = training, folder
        self._saved_step, self._next_save = 0, 0.0
        try:
            taken = folder.exists() and not holds_model(folder) and not is_empty(folder)
        except OSError as error:  # a name that is too long, a folder that may not be looked into
            raise CheckpointError("cannot_write", path=str(folder)[:80], reason=error.strerror or "") from error
        if taken:
            raise CheckpointError("not_a_model_folder", path=str(folder))

    def save_if_better(self) -> None:
        """Save when the last check found a better model; a disk that refuses does not end the training."""
        if self.training.best.step == self._saved_step or time.monotonic() < self._next_save:
            return
        try:
            self.save()
        except CheckpointError as error:
            print(f"deeprnn: {error} Training goes on.", file=sys.stderr)
        self._saved_step = self.training.best.step
        self._next_save = time.monotonic() + SAVE_SECONDS

    def save(self) -> None:
        """Save the best model so far.

        Raises:
            CheckpointError: it cannot be written.
        """
        save_checkpoint(self.folder, make_checkpoint(self.training, self.training.corpus.name))


def holds_model(folder: Path) -> bool:
    """Tell whether a folder looks like a saved model."""
    return (folder / "model.safetensors").is_file() and (folder / "config.json").is_file()


def is_empty(folder: Path) -> bool:
    """Tell whether a path is a folder without anything in it."""
    return folder.is_dir() and not any(folder.iterdir())


def free_folder(name: str) -> Path:
    """Return a folder in the working directory that does not exist yet, called after a text."""
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in name.lower())[:60] or "text"
    number = 1
    while (folder := Path(f"{stem}-model" if number == 1 else f"{stem}-model-{number}")).exists():
        number += 1
    return folder
