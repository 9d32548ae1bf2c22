"""The checkpoints of one run: the newest that is whole is found again, whatever happened to the disk or the program."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..disk import OLD, drop_folder, standing, sweep_folder
from ..errors import CheckpointError
from ..messages import message
from ..model.checkpoint import Checkpoint
from ..training.snapshot import Snapshot
from .entries import KeptCheckpoint
from .manifest import Manifest, read_manifest
from .state import Loaded, load_state, save_state

KEEP = 3  # of the newest, beside the best
NAME = re.compile(rf"\.?step-(\d{{8,12}})(?:{re.escape(OLD)}\w+)?")  # or set aside, while it is replaced


class Checkpoints:
    """Keep the best and the newest checkpoints of one run, each a folder of its own.

    One thread saves; any may read meanwhile.

    Args:
        folder: made when something is first saved.
        keep: how many of the newest are kept.
    """

    def __init__(self, folder: Path, keep: int = KEEP) -> None:
        self.folder, self._keep = folder, max(1, keep)

    def save(self, checkpoint: Checkpoint, snapshot: Snapshot, perplexity: float | None = None) -> KeptCheckpoint:
        """Save a checkpoint; once it is on the disk, remove those that are no longer needed.

        A run that was set back goes on from an earlier step: checkpoints of later steps are of no run any more.

        Args:
            checkpoint: the model at this step.
            snapshot: the training at this step.
            perplexity: on the held-out text at this step, None where it was not measured.

        Raises:
            CheckpointError: anything at all went wrong; those that are there stay.
        """
        step = int(snapshot.values["step"])
        saved = save_state(self._place(step), checkpoint, snapshot, perplexity)
        with suppress(OSError, CheckpointError):  # what the disk does not let go now goes with the next save
            self._retire(step)
        return _entry(saved, best=step == _best({step: saved, **self._manifests()}))

    def load(self, step: int | None = None) -> Loaded:
        """Load the newest checkpoint that is whole, or that of one step.

        Raises:
            CheckpointError: there is none; none is whole; the newest is of a newer program, which must not be undone.
        """
        steps = self._steps()
        if not steps or (step is not None and step not in steps):
            raise CheckpointError("no_checkpoint", path=str(self.folder if step is None else self._place(step)))
        if step is not None:
            return load_state(self._place(step), card_too=True)
        errors: list[CheckpointError] = []
        for candidate in reversed(steps):
            try:
                loaded = load_state(self._place(candidate), card_too=True)
            except CheckpointError as error:
                if error.message.key == "checkpoint_version":
                    raise
                errors.append(error)
                continue
            if errors:
                told = message("fell_back", newest=steps[-1], step=candidate)
                return replace(loaded, fell_back=told)
            return loaded
        raise errors[0]

    def kept(self) -> tuple[KeptCheckpoint, ...]:
        """Return what is kept, in order of step; whether it is whole shows when it is loaded.

        Raises:
            CheckpointError: the disk does not answer.
        """
        manifests = self._manifests()
        best = _best(manifests)
        return tuple(_entry(manifest, best=step == best) for step, manifest in sorted(manifests.items()))

    def newest(self) -> Path | None:
        """Return the folder of the newest checkpoint, a model that loads; None where there is none."""
        with suppress(CheckpointError):
            for step in reversed(self._steps()):
                return standing(self._place(step))
        return None

    def sweep(self) -> None:
        """Remove what saves that died have left; only for who alone writes here, before the first save."""
        sweep_folder(self.folder)

    def _retire(self, saved: int) -> None:
        """Remove all but the best and the newest; the one that was just saved is among these.

        One that cannot be read stays: the disk may answer again tomorrow.

        Raises:
            OSError: the disk refuses.
        """
        later = [step for step in self._steps() if step > saved]
        manifests = {step: manifest for step, manifest in self._manifests().items() if step <= saved}
        older = sorted(manifests)[: -self._keep]
        best = _best(manifests)
        for step in [*later, *older]:
            if step != best:
                drop_folder(self._place(step))

    def _place(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}"

    def _steps(self) -> list[int]:
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CheckpointError("checkpoint_unreadable", path=str(self.folder), reason=str(error)) from error
        return sorted({int(found[1]) for name in names if (found := NAME.fullmatch(name))})

    def _manifests(self) -> dict[int, Manifest]:
        """Return the manifests that can be read, by step."""
        found = {}
        for step in self._steps():
            with suppress(CheckpointError):
                found[step] = read_manifest(standing(self._place(step)))
        return found


def _best(manifests: dict[int, Manifest]) -> int | None:
    """Return the step with the lowest perplexity, the first of equals, None where none was measured."""
    measured = [(m.perplexity, step) for step, m in manifests.items() if m.perplexity is not None]
    return min(measured)[1] if measured else None


def _entry(manifest: Manifest, *, best: bool) -> KeptCheckpoint:
    return KeptCheckpoint(manifest.step, manifest.perplexity, best, manifest.seconds)
