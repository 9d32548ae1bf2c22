"""Runs that are resumed in another process; started as a module it is that process.

`python -m tests.training.resuming FOLDER` goes on from every snapshot in a folder and prints {name: digest} of what
each has become at its end.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from deeprnn.config import ModelConfig, Recipe, TrainConfig
from deeprnn.device import Device
from deeprnn.text.corpus import build_corpus
from deeprnn.training.snapshot import Snapshot
from deeprnn.training.train import Training

CPU = Device("cpu", "CPU", 1)
STEPS = 26
BASE = Recipe(
    "resumed",
    model=ModelConfig(hidden_size=32, num_layers=2, embedding_size=16, dropout=0.3),
    train=TrainConfig(batch_size=16, sequence_length=20, max_epochs=99, max_steps=STEPS, evaluations=5),
)
# Every optimiser, partition and schedule, carried state and none, vectors and one-hot, held-out text and none.
RECIPES = {
    0: BASE.replace(optimizer="adamw", learning_rate=0.01, schedule="one_cycle"),
    1: BASE.replace(cell="gru", partition="random", learning_rate=1.0, dropout=0.2, validation_fraction=0.0, seed=1),
    2: BASE.replace(embedding_size=None, partition="random", optimizer="adamw", learning_rate=0.01, seed=2),
}


def verse(lines: int = 60) -> str:
    """Return a text with something to learn, long enough for a few minibatches."""
    rng = np.random.default_rng(3)
    words = ["the", "bell", "was", "silent", "and", "river", "low", "under", "stone", "again"]
    return "\n".join(" ".join(rng.choice(words, 8)) + "." for _ in range(lines))


def make(recipe: Recipe, snapshot: Snapshot | None = None) -> Training:
    """Return a training at its beginning, or where a snapshot was taken."""
    corpus = build_corpus(verse(), recipe.text, "verse")
    return Training.resume(corpus, recipe, CPU, snapshot) if snapshot else Training(corpus, recipe, CPU)


def digest(training: Training) -> str:
    """Return the SHA-256 of everything that a training is, but for the seconds it took."""
    snapshot = training.snapshot()
    values = {name: value for name, value in snapshot.values.items() if name != "seconds"}
    total = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for name, value in sorted(snapshot.tensors.items()):
        total.update(f"{name} {value.dtype} {tuple(value.shape)}".encode() + value.numpy().tobytes())
    return total.hexdigest()


def write(path: Path, snapshot: Snapshot, threads: int) -> None:
    """Write a snapshot as two files."""
    save_file({name: value.clone() for name, value in snapshot.tensors.items()}, path.with_suffix(".safetensors"))
    path.with_suffix(".json").write_text(json.dumps({"threads": threads, **snapshot.values}), "utf-8")


def resume(path: Path) -> str:
    """Go on from a snapshot to the end; return the digest."""
    values: dict[str, Any] = json.loads(path.read_text("utf-8"))
    torch.set_num_threads(values.pop("threads"))
    snapshot = Snapshot(load_file(path.with_suffix(".safetensors")), values)
    training = make(Recipe.from_dict(values["recipe"]), snapshot)
    for _ in training:
        pass
    assert training.step == STEPS
    return digest(training)


if __name__ == "__main__":
    print(json.dumps({path.stem: resume(path) for path in sorted(Path(sys.argv[1]).glob("*.json"))}))
