"""Runs that a home remembers, written into its list directly: a test of what is shown of them need not train."""

from __future__ import annotations

import math
from typing import Any

from deeprnn.config import Recipe
from deeprnn.device import choose_device
from deeprnn.runs.rows import RunRow
from deeprnn.runs.store import Store
from deeprnn.runs.view import Sample
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord
from deeprnn.training.report import make_checkpoint
from deeprnn.training.train import Training

CORPUS = {"corpus": "the_thirsty_bell", "corpus_name": "The Thirsty Bell"}
CHECK, STEPS = 20, 200
GROWTH = ("ee e eeee", "thhe eththe te", "the bell wasd on the roap", "the bell in the valley had not rung")


def validation(step: int, best: float) -> float:
    """Return the perplexity of a check: it falls towards the best, which the last step reaches."""
    return best + 40 * math.exp(-step / 40) - 40 * math.exp(-STEPS / 40)


def record(step: int, best: float, speed: float) -> TrainRecord:
    loss = math.log(best * 0.9 + 50 * math.exp(-step / 30) + step % 7 / 20)
    checked = validation(step, best) if step % CHECK == 0 else None
    bits = None if checked is None else math.log2(checked)
    return TrainRecord(
        step, step / 50, 64 * step, loss, math.exp(loss), loss / math.log(2), checked, 0.01, 0.5, speed,
        64 * step / speed, bits,
    )  # fmt: skip


def remember(
    store: Store, name: str, *, best: float = 5.0, steps: int = STEPS, speed: float = 6400.0, **columns: Any
) -> int:
    """Put a run into the list of a home, with records and samples; return its number."""
    done = steps == STEPS
    given: dict[str, Any] = {
        "recipe": PRESETS["quick"],
        "state": "done" if done else "interrupted",
        **CORPUS,
        **columns,
    }
    checked = steps - steps % CHECK
    row = RunRow(
        name=name,
        seconds=64 * steps / speed,
        step=steps,
        total_steps=STEPS,
        best_step=checked or None,
        best_perplexity=validation(checked, best) if checked else None,
        bits_per_character=math.log2(validation(checked, best)) if checked else None,
        tokens_per_second=speed,
        steps_per_epoch=50,
        lines=(("uniform", 60.0), ("unigram", 18.0)),
        **given,
    )
    number = store.claim(row)
    store.database.append_records(number, [record(step, best, speed) for step in range(1, steps + 1)])
    for i, text in enumerate(GROWTH):
        if i * 50 <= steps:
            store.database.add_sample(number, Sample("the bell ", f"{text} {number}", i * 50))
    return number


def layers(number: int) -> Recipe:
    return PRESETS["quick"].replace(num_layers=number)


def remember_sweep(store: Store) -> tuple[int, ...]:
    """Put a sweep of one, two and three layers into the list, each with three seeds; the deepest is the best."""
    return tuple(
        remember(
            store,
            f"The Thirsty Bell · num_layers {n}, seed {seed}",
            best=8.0 - n + seed / 10,
            group="num_layers 1",
            recipe=layers(n).replace(seed=seed),
        )
        for n in (1, 2, 3)
        for seed in range(3)
    )


def remember_checkpoint(store: Store, name: str, step: int = 20) -> int:
    """Put a run into the list that has learnt so many steps of twice as many, and has kept a checkpoint there."""
    sizes = {"hidden_size": 24, "embedding_size": 16, "batch_size": 8, "sequence_length": 16, "max_steps": 2 * step}
    recipe, key = PRESETS["quick"].replace(**sizes), CORPUS["corpus"]
    corpus = build_corpus(catalogue.load(key).text, recipe.text, CORPUS["corpus_name"])
    training = Training(corpus, recipe, choose_device("cpu"))
    for _ in zip(range(step), training, strict=False):
        pass
    number = remember(store, name, steps=step, state="done", recipe=training.recipe, corpus_sha256=corpus.sha256)
    checkpoint = make_checkpoint(training, name, best=False)
    store.checkpoints(number).save(checkpoint, training.snapshot(), validation(step, 5.0))
    return number
