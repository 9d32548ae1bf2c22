"""Which settings learn most in the time? Trains each candidate on each corpus and prints a table of held-out loss.

The runs from which the presets were chosen are in `benchmarks/tune.md`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import Any

from deeprnn.config import Recipe
from deeprnn.device import choose_device
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

CORPORA = ("the_thirsty_bell", "time_machine", "tiny_shakespeare")
# Each row changes these settings of the preset it is listed under.
CANDIDATES: dict[str, list[dict[str, Any]]] = {
    "quick": [
        {},
        {"learning_rate": 4e-3},
        {"learning_rate": 1.2e-2},
        {"batch_size": 32, "max_steps": 350},
        {"num_layers": 1, "hidden_size": 384},
        {"dropout": 0.2},
    ],
    "balanced": [
        {},
        {"dropout": 0.2},
        {"learning_rate": 4e-3},
        {"max_epochs": 50},
        {"hidden_size": 384, "learning_rate": 6e-3},
    ],
    "quality": [{}, {"dropout": 0.6}, {"learning_rate": 2e-3}],
}


def measure(corpus_key: str, recipe: Recipe) -> tuple[float, int, float, float]:
    """Train once; return best held-out perplexity, its step, the whole seconds and tokens per second."""
    corpus = build_corpus(catalogue.load(corpus_key).text, recipe.text, corpus_key)
    training = Training(corpus, recipe, choose_device("cpu"))
    for _ in training:
        pass
    assert training.last_record is not None
    seconds = training.last_record.elapsed_seconds
    return training.best.perplexity, training.best.step, seconds, training.tokens / seconds


def main(arguments: Sequence[str]) -> None:
    """Print one table row per candidate and corpus."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tune", description=__doc__)
    parser.add_argument("--preset", choices=CANDIDATES, action="append")
    parser.add_argument("--corpus", choices=CORPORA, action="append")
    options = parser.parse_args(arguments)
    print("| preset | changed | corpus | held-out perplexity | bits/char | best step | seconds | tokens/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for preset in options.preset or CANDIDATES:
        for changes in CANDIDATES[preset]:
            for key in options.corpus or CORPORA:
                best, step, seconds, speed = measure(key, PRESETS[preset].replace(**changes))
                changed = ", ".join(f"{name}={value}" for name, value in changes.items()) or "-"
                figures = f"{best:.3f} | {math.log2(best):.3f} | {step} | {seconds:.0f} | {speed:.0f}"
                print(f"| {preset} | {changed} | {key} | {figures} |", flush=True)
