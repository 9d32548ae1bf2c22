"""How a run reaches the disk while it trains: checkpoints to go on from, its best model, and its row in the list."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from typing import Any

from ..errors import CheckpointError
from ..messages import Message, message
from ..training.record import TrainRecord, bits_per_character
from ..training.report import make_checkpoint
from ..training.snapshot import Snapshot
from ..training.train import Training
from .rows import RunRow
from .store import Store

SAVE_SECONDS = 20.0  # between two checkpoints
BEST_SECONDS = 5.0  # at least, between a checkpoint and one of a better model: to it people want to go back
SAVE_SHARE = 20.0  # at least so many times as long as the last save took: a large network is saved less often


class Saver:
    """Save one run; training goes on when the disk refuses, and the page says so.

    Args:
        row: what the list of runs says of it.
        store: where they are kept.
    """

    def __init__(self, row: RunRow, store: Store) -> None:
        self.number, self.name = row.number, f"{row.corpus_name} {row.number}"
        self.kept = store.kept(row.number)  # from where it can go on
        self.failed: Message | None = None
        self.refused: Snapshot | None = None  # what the disk did not take; it would be lost with this process
        self._store, self._branches = store, row.parent_step is not None  # which never begins anew
        self._best_step = 0
        self._last, self._took = time.monotonic(), 0.0

    def newest(self) -> tuple[Snapshot | None, tuple[Message, ...]]:
        """Return where the run can go on, None for its beginning, and what is to be said of that.

        Raises:
            CheckpointError: there are checkpoints, but none is whole.
        """
        if self.refused is not None:
            return self.refused, ()
        try:
            loaded = self._store.checkpoints(self.number).load()
        except CheckpointError as error:
            if error.message.key != "no_checkpoint" or self._branches:  # one that cannot be read is not written over
                raise
            return None, ()
        return loaded.snapshot, (loaded.fell_back,) if loaded.fell_back else ()

    def is_due(self, training: Training, record: TrainRecord) -> bool:
        """Tell whether it is time for a checkpoint after this record."""
        better = record.validation_perplexity is not None and training.best.step == record.step
        wait = BEST_SECONDS if better else SAVE_SECONDS
        return time.monotonic() - self._last >= max(wait, SAVE_SHARE * self._took)

    def save(self, training: Training) -> None:
        """Save a checkpoint of a training between two of its records, and its best model if that is a new one."""
        begin = time.monotonic()
        snapshot = training.snapshot()
        try:
            checkpoint = make_checkpoint(training, self.name, best=False)
            self._store.checkpoints(self.number).save(checkpoint, snapshot, checked(training))
            self.kept = kept = self._store.kept(self.number)
            self.failed = self.refused = None
            self._store.recorder.then(lambda: self._store.database.set_checkpoints(self.number, kept))
            self._save_best(training)
        except CheckpointError as error:
            reason = error.message.details.get("reason", str(error))
            self.failed, self.refused = message("save_failed", reason=reason), snapshot
        self._last = time.monotonic()
        self._took = self._last - begin

    def save_kept(self, training: Training | None) -> None:
        """Save the best model from another thread, while the training is in the middle of a step."""
        with suppress(CheckpointError):
            if training is not None:
                self._save_best(training)

    def _save_best(self, training: Training) -> None:
        best = training.best.step
        if best and best != self._best_step:
            self._store.save_best(self.number, make_checkpoint(training, self.name))
            self._best_step = best


def checked(training: Training) -> float | None:
    """Return the held-out perplexity that was measured at the newest step, None if it was not."""
    last = training.last_record
    return last.validation_perplexity if last is not None and last.step == training.step else None


def best_of(training: Training) -> tuple[int, float] | None:
    """Return step and validation perplexity of the best model so far, None before the first good check."""
    best = training.best
    return (best.step, best.perplexity) if math.isfinite(best.perplexity) else None


def progress_of(training: Training) -> dict[str, Any]:
    """Return what the list of runs shows of a training, as columns of its row."""
    corpus, seconds, best = training.corpus, training.seconds, best_of(training)
    held_out = corpus.validation_tokens_per_character
    step, perplexity = best or (None, None)
    return {
        "step": training.step,
        "total_steps": training.total_steps,
        "best_step": step,
        "best_perplexity": perplexity,
        "bits_per_character": bits_per_character(math.log(perplexity), held_out) if perplexity else None,
        "seconds": seconds,
        "tokens_per_second": training.tokens / seconds if seconds else 0.0,
        "steps_per_epoch": training.steps_per_epoch,
        "tokens_per_character": corpus.tokens_per_character,
        "validation_tokens_per_character": held_out,
        "recipe": training.recipe,
    }
