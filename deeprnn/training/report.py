"""What a training run leaves behind: a checkpoint with its figures and its curve."""

from __future__ import annotations

import math
from typing import Any

from ..device import machine
from ..model.checkpoint import Checkpoint, build_card
from ..model.network import LanguageModel
from .record import bits_per_character
from .train import Training


def make_checkpoint(training: Training, name: str, *, best: bool = True) -> Checkpoint:
    """Return a checkpoint of a training, on the CPU, independent of what the training does next.

    Args:
        training: between two of its records.
        name: what the model will be called.
        best: the best weights so far instead of the newest; before the first check these are the untrained ones.
    """
    corpus, recipe = training.corpus, training.recipe
    network = LanguageModel(recipe.model, corpus.tokenizer.vocab_size, seed=recipe.train.seed)
    network.load_state_dict(training.best.weights if best else training.weights())
    metrics = measure(training, training.best.step if best else training.step)
    checkpoint = Checkpoint(name, network.eval(), corpus.tokenizer, recipe, metrics, card="")
    return Checkpoint(name, network, corpus.tokenizer, recipe, metrics, card=build_card(checkpoint))


def measure(training: Training, step: int) -> dict[str, Any]:
    """Return the figures of a training at one of its steps, as plain JSON values."""
    corpus, curve = training.corpus, training.curve
    validation = dict(zip(curve.validation_steps, curve.validation_perplexities, strict=False)).get(step)
    loss = recent_loss(training, step)
    ratio, held_out = corpus.tokens_per_character, corpus.validation_tokens_per_character
    return {
        "step": step,
        "epoch": round(step / training.steps_per_epoch, 3),
        "tokens": training.tokens * step // max(training.step, 1),
        "loss": loss,
        "perplexity": math.exp(loss) if loss is not None else None,
        "bits_per_character": bits_per_character(loss, ratio) if loss is not None else None,
        "validation_perplexity": validation,
        "validation_bits_per_character": bits_per_character(math.log(validation), held_out) if validation else None,
        "seconds": round(training.seconds, 2),
        "device": training.device.kind,
        "precision": training.precision,
        "machine": machine(),
        "corpus": {"name": corpus.name, "characters": corpus.characters, "sha256": corpus.sha256},
        "history": history(training),
    }


def recent_loss(training: Training, step: int) -> float | None:
    """Return the mean training loss over the epoch that ends at a step, in nats per token; None before step 1."""
    curve = training.curve
    window = curve.perplexities[max(0, step - training.steps_per_epoch) : step]
    return sum(map(math.log, window)) / len(window) if window else None


def history(training: Training, points: int = 300) -> dict[str, Any]:
    """Return the curve of a training with what a chart needs to draw it."""
    return {
        **training.curve.thinned(points),
        "steps_per_epoch": training.steps_per_epoch,
        "total_steps": training.total_steps,
        "tokens_per_character": training.corpus.tokens_per_character,
        "validation_tokens_per_character": training.corpus.validation_tokens_per_character,
    }
