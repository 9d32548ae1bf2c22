"""Runs that are resumed in another process; started as a module it is that process.

`python -m tests.training.resuming begin FOLDER` runs without an interruption and writes snapshots into a folder;
`go-on FOLDER` goes on from each. Both print {name: digest} of what a run is at its end.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import sys
from dataclasses import replace
from itertools import islice
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
STEPS = 20
POINTS = ("first step", "middle of an epoch", "end of an epoch", "step after it", "after a pause", "after a new rate")
PARTS = ("order", "dropout", "optimizer", "place", "state")
PAUSE, CHANGE = 12, 14  # steps
BASE = Recipe(
    "resumed",
    model=ModelConfig(hidden_size=32, num_layers=2, embedding_size=16, dropout=0.3),
    train=TrainConfig(batch_size=16, sequence_length=20, max_epochs=99, max_steps=STEPS, evaluations=3),
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


def run_through(recipe: Recipe) -> tuple[dict[str, tuple[Snapshot, str]], Snapshot]:
    """Run without an interruption, twice; return the six snapshots with what comes of each, and the start.

    The second run gets a new rate on its way, which is then part of the snapshot.
    """
    training, changed = make(recipe), make(recipe)
    start, taken, places = training.snapshot(), [], []
    for _ in islice(training, PAUSE):
        taken.append(training.snapshot())
        places.append((training.feed.epoch, training.feed.place))
    for _ in training:  # who has left the records and asks for them again
        taken.append(training.snapshot())
    assert len(taken) == STEPS
    end = next(step for step, (epoch, _) in enumerate(places) if epoch == 1)  # the last step of the first epoch
    assert 3 < end < PAUSE - 2
    list(islice(changed, CHANGE))
    changed.change(learning_rate=0.5 * changed.recipe.train.learning_rate)
    list(islice(changed, 2))
    after_change = changed.snapshot()
    list(changed)
    ended, steps = digest(training), (1, end - 2, end, end + 1, PAUSE + 1)
    points = {point: (taken[step - 1], ended) for point, step in zip(POINTS, steps, strict=False)}
    return {**points, POINTS[-1]: (after_change, digest(changed))}, start


def without(snapshot: Snapshot, start: Snapshot, part: str) -> Snapshot:
    """Return a snapshot in which one part is as it was before the first step."""
    tensors, values = dict(snapshot.tensors), copy.deepcopy(snapshot.values)
    if part == "order":
        values["feed"]["random"] = start.values["feed"]["random"]
    elif part == "place":
        values["feed"]["place"] = 0
    else:
        tensors = {name: value for name, value in tensors.items() if name.split(".")[0] != part}
        tensors |= {name: value for name, value in start.tensors.items() if name.split(".")[0] == part}
    return replace(snapshot, tensors=tensors, values=values)


def begin(folder: Path) -> dict[str, str]:
    """Run every recipe on one thread and on two; write the snapshots of all points and return what comes of them."""
    wanted = {}
    for (seed, recipe), threads in itertools.product(RECIPES.items(), (1, 2)):
        torch.set_num_threads(threads)
        points, start = run_through(recipe)
        for point, (snapshot, end) in points.items():
            name = f"{point}, seed {seed}, {threads} threads"
            wanted[name] = end
            write(folder / name, snapshot, threads)
        if (seed, threads) == (0, 1):
            snapshot, end = points["after a pause"]  # in the second epoch: its order is no longer that of the start
            for part in PARTS:
                wanted[f"without {part}"] = end
                write(folder / f"without {part}", without(snapshot, start, part), threads)
    return wanted


def go_on(folder: Path) -> dict[str, str]:
    """Go on from every snapshot of a folder; return what comes of them."""
    return {path.stem: resume(path) for path in sorted(folder.glob("*.json"))}


if __name__ == "__main__":
    print(json.dumps({"begin": begin, "go-on": go_on}[sys.argv[1]](Path(sys.argv[2]))))
