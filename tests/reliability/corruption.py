"""One random bit of the newest checkpoint flips; the older one must be taken, and that must be said."""

from __future__ import annotations

import random
from pathlib import Path

import safetensors
import safetensors.torch

from deeprnn.model.package import FILES, STATE_FILES
from deeprnn.runs.checkpoints import Checkpoints

from ..model.crafting import make_checkpoint
from .figure import Figure
from .savers import at_step

NAMES = (*FILES, *STATE_FILES)


def measure(trials: int, folder: Path) -> Figure:
    """Flip so many bits, in each file in turn.

    The control is the library that reads the tensors: alone, it takes most flipped bits for other numbers.
    """
    checkpoints, checkpoint, draw = Checkpoints(folder), make_checkpoint(hidden_size=64), random.Random(0)
    for step in (1, 2):
        checkpoints.save(*at_step(checkpoint, step))
    failures, unnoticed, control_trials = [], 0, 0
    for trial in range(trials):
        path = folder / "step-00000002" / NAMES[trial % len(NAMES)]
        good = path.read_bytes()
        bit = draw.randrange(8 * len(good))
        spoilt = bytearray(good)
        spoilt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoilt)
        loaded = checkpoints.load()
        if loaded.step != 1 or loaded.fell_back is None:
            failures.append(f"bit {bit} of {path.name}: step {loaded.step}, {loaded.fell_back}")
        if path.suffix == ".safetensors":
            control_trials += 1
            unnoticed += loads(path)
        path.write_bytes(good)
    failures += [] if checkpoints.load().step == 2 else ["the whole checkpoint was not taken"]
    return Figure(trials, tuple(failures), unnoticed, control_trials)


def loads(path: Path) -> bool:
    """Tell whether the library alone reads a file."""
    try:
        safetensors.torch.load(path.read_bytes())
    except Exception:
        return False
    return True
