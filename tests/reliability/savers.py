"""Ways to save a training: two of the program, and one as most programs do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from deeprnn.disk import sweep_folder
from deeprnn.model.checkpoint import Checkpoint
from deeprnn.runs.checkpoints import Checkpoints
from deeprnn.runs.state import Loaded, load_state, save_state, state_files
from deeprnn.training.snapshot import Snapshot

from ..runs.states import make_snapshot

RUN = Path("runs", "0007")  # below the folder of a trial: the program makes it
MODEL_FOLDER = RUN / "model"


@dataclass(frozen=True)
class Saver:
    """Save and load a training under one folder.

    Args:
        save: gets the folder, the model, the training.
        load: gets the folder.
        start: what the program does there when it starts.
    """

    save: Callable[[Path, Checkpoint, Snapshot], object]
    load: Callable[[Path], Loaded]
    start: Callable[[Path], None] = lambda folder: sweep_folder(folder / RUN)


def write_in_place(folder: Path, checkpoint: Checkpoint, snapshot: Snapshot) -> None:
    """Write every file over the older one, and force nothing to the disk."""
    (folder / MODEL_FOLDER).mkdir(parents=True, exist_ok=True)
    for name, data in state_files(checkpoint, snapshot, None)[0].items():
        with (folder / MODEL_FOLDER / name).open("wb") as file:
            file.write(data)


CHECKPOINTS = Saver(
    lambda folder, checkpoint, snapshot: Checkpoints(folder / RUN, keep=1).save(checkpoint, snapshot),
    lambda folder: Checkpoints(folder / RUN).load(),
    lambda folder: Checkpoints(folder / RUN).sweep(),
)
MODEL = Saver(
    lambda folder, checkpoint, snapshot: save_state(folder / MODEL_FOLDER, checkpoint, snapshot),
    lambda folder: load_state(folder / MODEL_FOLDER),
)
OURS = {"checkpoints": CHECKPOINTS, "model folder": MODEL}
IN_PLACE = Saver(write_in_place, lambda folder: load_state(folder / MODEL_FOLDER))


def at_step(checkpoint: Checkpoint, step: int) -> tuple[Checkpoint, Snapshot]:
    """Return a model and its training at a step; all but the last weights differ from step to step."""
    named = replace(checkpoint, name=f"step {step}")
    return named, make_snapshot(checkpoint, step)


def lost(saver: Saver, folder: Path, acknowledged: int) -> str:
    """Start again and load; return what is wrong, empty if nothing is.

    Args:
        saver: that saved.
        folder: where.
        acknowledged: the step whose save returned; what is loaded must be as new.
    """
    try:
        saver.start(folder)
        loaded = saver.load(folder)
    except Exception as error:
        return f"{type(error).__name__}: {error}" if acknowledged else ""
    if loaded.step < acknowledged or loaded.fell_back:
        return f"step {loaded.step} instead of {acknowledged} ({loaded.fell_back})"
    if loaded.checkpoint.name != f"step {loaded.step}" or loaded.snapshot.values["step"] != loaded.step:
        return f"files of different steps: {loaded.checkpoint.name}, {loaded.step}"
    left = [path.name for path in folder.rglob("*") if path.name.startswith(".")]
    return f"leftovers: {left}" if left else ""
