"""What a run would be, before it starts: its size, its memory, and how long it takes here by a trial of a second."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

from ..config import Recipe
from ..device import Device, choose_precision, free_memory, use_all_threads
from ..model.shapes import parameter_count
from ..text.batches import batches_per_epoch
from ..text.corpus import Corpus, fit_recipe
from ..training.memory import predict_memory
from ..training.preflight import foresee
from ..training.train import Training
from .view import Plan

TRIAL_SECONDS = 1.0
TRIAL_STEPS = 200


def make_plan(corpus: Corpus, recipe: Recipe, device: Device, measure: Callable[[Recipe], float | None]) -> Plan:
    """Say what a run would be.

    Args:
        corpus: its text.
        recipe: as it was asked for.
        device: where it would train.
        measure: returns the seconds of one step of the recipe as it will run; None where it is not known.
    """
    fitted, notices = fit_recipe(recipe, corpus)
    findings, fits = foresee(corpus, fitted, device)
    step = measure(fitted) if fits else None
    vocab_size, train = corpus.tokenizer.vocab_size, fitted.train
    computed = fitted.replace(precision=choose_precision(train.precision, device))
    epoch = batches_per_epoch(len(corpus.train_ids), train.batch_size, train.sequence_length)
    return Plan(
        characters=corpus.characters,
        symbols=vocab_size,
        tokens=len(corpus.train_ids),
        parameters=parameter_count(fitted.model, vocab_size),
        seconds=None if step is None else step * Training.planned_steps(corpus, fitted),
        recipe=fitted,
        notices=(*corpus.notices, *notices),
        seconds_per_epoch=None if step is None else step * epoch,
        memory=predict_memory(computed, vocab_size, len(corpus.train_ids) + len(corpus.validation_ids)).total,
        free_memory=free_memory(device),
        findings=findings,
        fits=fits,
    )


def measure_step(corpus: Corpus, recipe: Recipe, device: Device) -> float:
    """Return the seconds that one step takes here, from a trial that is thrown away."""
    use_all_threads()
    training = Training(corpus, recipe.replace(evaluations=1), device)
    training.total_steps += TRIAL_STEPS  # so that the trial never validates
    begin = time.perf_counter()
    times = []
    for record in itertools.islice(training, TRIAL_STEPS):
        times.append(record.elapsed_seconds)
        if time.perf_counter() - begin > TRIAL_SECONDS:
            break
    # The first step is slower: it sets up the kernels.
    return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else times[0]
