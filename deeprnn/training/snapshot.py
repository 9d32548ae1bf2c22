"""All that a training is between two steps: with it another process goes on as if nothing had happened."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..config import Recipe
from ..errors import CheckpointError, ConfigError
from .best import Best
from .changes import refuse_another_network
from .curve import Curve
from .event import Event
from .optimizer import read_memory, write_memory

if TYPE_CHECKING:
    from .train import Training

READING = ("seed", "partition", "batch_size", "sequence_length")  # settings that say which minibatch comes when
BROKEN = (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError, ConfigError)


@dataclass(frozen=True)
class Snapshot:
    """Hold a training between two of its records; independent of what the training does next.

    Args:
        tensors: on the CPU, by name: "weights.*" (newest), "best.*", "optimizer.*", "state.*" (carried hidden state),
            "dropout" (state of its generator), "curve.*".
        values: everything else as plain JSON values: step, tokens, place in the data, random state, best value, recipe
            as it is now, seconds, events.
    """

    tensors: dict[str, Tensor]
    values: dict[str, Any]

    def part(self, name: str) -> dict[str, Tensor]:
        """Return the tensors called `<name>.*`, without that beginning."""
        return {key[len(name) + 1 :]: value for key, value in self.tensors.items() if key.startswith(f"{name}.")}


def take_snapshot(training: Training, *, curve: bool = True) -> Snapshot:
    """Copy what a training is; without the curve for one that is only ever put back into the same training."""
    best = training.best
    parts: dict[str, Mapping[str, Tensor]] = {
        "weights": best.weights if best.step == training.step else training.weights(),  # nobody writes into those
        "best": best.weights,
        "optimizer": read_memory(training.optimizer, training.network),
        "state": {str(i): part.cpu() for i, part in enumerate(training.state or ())},
        "curve": curve_tensors(training.curve) if curve else {},
    }
    tensors = {f"{name}.{key}": value for name, part in parts.items() for key, value in part.items()}
    tensors["dropout"] = training.dropout_generator.get_state()
    values = {
        "step": training.step,
        "tokens": training.tokens,
        "seconds": training.seconds,
        "exploded": training.exploded,
        "rescued": training.rescued,
        "best": {"step": best.step, "perplexity": _finite(best.perplexity)},
        "lowest": _finite(training.lowest),
        "checks_without_better": training.checks_without_better,
        "feed": training.feed.position(),
        "events": [asdict(event) for event in training.events],
        "recipe": training.recipe.to_dict(),
        "corpus": describe_corpus(training),
        "device": training.device.kind,
    }
    return Snapshot(tensors, values)


def describe_corpus(training: Training) -> dict[str, Any]:
    """Return what a text must have in common with that of a snapshot."""
    corpus = training.corpus
    sizes = {"train_tokens": len(corpus.train_ids), "validation_tokens": len(corpus.validation_ids)}
    return {"sha256": corpus.sha256, "vocab_size": corpus.tokenizer.vocab_size, **sizes}


def refuse_another(training: Training, snapshot: Snapshot) -> None:
    """Refuse a snapshot of another text or network.

    Raises:
        CheckpointError: the text is another, or the snapshot is damaged.
        ConfigError: a setting differs that cannot change on the way.
    """
    try:
        corpus, recipe = snapshot.values["corpus"], Recipe.from_dict(snapshot.values["recipe"])
    except BROKEN as error:
        raise CheckpointError("state_damaged") from error
    refuse_another_network(recipe, training.recipe)
    if corpus != describe_corpus(training):
        raise CheckpointError("resume_other_text", name=training.corpus.name)


def put_back(training: Training, snapshot: Snapshot) -> None:
    """Make a training what a snapshot says; its recipe stays as it is.

    Where the recipe reads otherwise, or has another optimiser or seed, it begins that part afresh.

    Raises:
        CheckpointError: the snapshot is damaged.
    """
    values = snapshot.values
    try:
        before, now = Recipe.from_dict(values["recipe"]).settings(), training.recipe.settings()
        training.network.load_state_dict(snapshot.part("weights"))
        if before["optimizer"] == now["optimizer"]:
            write_memory(training.optimizer, training.network, snapshot.part("optimizer"))
        if all(before[name] == now[name] for name in READING):
            training.feed.go_to(values["feed"])
            state = snapshot.part("state")
            training.state = tuple(state[key].to(training.device.torch) for key in sorted(state)) or None
        if (before["seed"], values["device"]) == (now["seed"], training.device.kind):
            training.dropout_generator.set_state(snapshot.tensors["dropout"])
        training.step, training.tokens = int(values["step"]), int(values["tokens"])
        training.exploded = int(values["exploded"])
        training.rescued = bool(values["rescued"]) and before["learning_rate"] == now["learning_rate"]
        training.lowest, training.checks_without_better = (
            _number(values["lowest"]),
            int(values["checks_without_better"]),
        )
        training.best = read_best(training, snapshot)
    except BROKEN as error:
        raise CheckpointError("state_damaged") from error


def read_best(training: Training, snapshot: Snapshot) -> Best:
    """Return the best model of a snapshot.

    Raises:
        KeyError, TypeError, ValueError: its tensors are not those of the network, or it has no figures.
    """
    weights, wanted = snapshot.part("best"), training.network.state_dict()
    if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in wanted.items()}:
        raise ValueError(sorted(weights))
    best = snapshot.values["best"]
    return Best(int(best["step"]), _number(best["perplexity"]), weights)


def put_back_history(training: Training, snapshot: Snapshot) -> None:
    """Give a training the past of a snapshot: its curve, its events, the time it took.

    Raises:
        CheckpointError: the snapshot is damaged.
    """
    try:
        training.curve = Curve.of({name: part.tolist() for name, part in snapshot.part("curve").items()})
        training.events = [Event(**event) for event in snapshot.values["events"]]
        training.seconds = float(snapshot.values["seconds"])
    except BROKEN as error:
        raise CheckpointError("state_damaged") from error


def _finite(number: float) -> float | None:
    """Return a number as JSON can hold it."""
    return number if math.isfinite(number) else None


def _number(value: Any) -> float:
    """Return the number of which this is the `_finite`."""
    return math.inf if value is None else float(value)


def curve_tensors(curve: Curve) -> dict[str, Tensor]:
    """Return the points of a curve as tensors."""
    return {name: torch.from_numpy(np.array(column)) for name, column in curve.columns().items()}
