"""Is the memory of a run foretold well? Predicted against real peak of 20 runs, each in a process of its own.

Real is the growth of the resident memory over what the program has once it has trained anything at all. Linux only.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deeprnn.config import Recipe
from deeprnn.device import choose_device, machine
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.training.memory import predict_memory
from deeprnn.training.train import Training

from .size import peak_bytes

STEPS = 3
TOKENS = 60_000  # at least, so that the check reads as much as it does in a real run
COLUMNS = "vocabulary cell hidden_size num_layers embedding_size batch_size sequence_length optimizer precision dropout"
RUNS: tuple[tuple[Any, ...], ...] = (
    (28, "lstm", 256, 2, None, 32, 35, "sgd", "float32", 0.0),
    (90, "lstm", 256, 2, 64, 16, 64, "adamw", "float32", 0.4),
    (90, "lstm", 256, 2, 64, 16, 64, "adamw", "bfloat16", 0.4),
    (90, "lstm", 512, 2, 128, 16, 64, "adamw", "bfloat16", 0.5),
    (90, "lstm", 512, 2, 128, 16, 64, "adamw", "float32", 0.5),
    (100, "lstm", 128, 2, 64, 64, 64, "adamw", "float32", 0.0),
    (100, "lstm", 128, 2, 64, 64, 64, "adamw", "bfloat16", 0.0),
    (100, "lstm", 128, 2, None, 64, 64, "sgd", "float32", 0.0),
    (100, "lstm", 128, 2, None, 64, 64, "sgd", "bfloat16", 0.3),
    (100, "lstm", 64, 4, 32, 128, 64, "sgd", "float32", 0.3),
    (100, "lstm", 64, 1, 32, 256, 128, "sgd", "float32", 0.0),
    (100, "lstm", 1024, 1, 64, 8, 16, "adamw", "float32", 0.0),
    (10_000, "lstm", 32, 1, 32, 32, 64, "adamw", "float32", 0.0),
    (3_000, "lstm", 128, 1, 64, 64, 64, "adamw", "bfloat16", 0.0),
    (100, "gru", 128, 2, 64, 64, 64, "adamw", "float32", 0.0),
    (100, "gru", 128, 2, 64, 64, 64, "adamw", "bfloat16", 0.0),
    (100, "gru", 128, 1, None, 64, 64, "sgd", "float32", 0.0),
    (100, "rnn_tanh", 256, 2, 64, 64, 64, "adamw", "float32", 0.0),
    (100, "rnn_relu", 256, 2, None, 64, 64, "sgd", "float32", 0.0),
    (100, "rnn_tanh", 256, 4, 64, 64, 64, "adamw", "bfloat16", 0.0),
)
# Sizes and mixtures that nobody looked at when the prediction was made.
FRESH: tuple[tuple[Any, ...], ...] = (
    (60, "lstm", 192, 2, None, 20, 50, "sgd", "float32", 0.0),
    (75, "lstm", 320, 3, 48, 24, 48, "adamw", "float32", 0.2),
    (75, "lstm", 320, 3, 48, 24, 48, "adamw", "bfloat16", 0.2),
    (130, "lstm", 96, 1, 24, 200, 30, "sgd", "float32", 0.1),
    (130, "lstm", 96, 5, 24, 40, 90, "adamw", "float32", 0.1),
    (220, "lstm", 640, 1, 96, 12, 40, "adamw", "bfloat16", 0.0),
    (500, "lstm", 200, 2, 100, 32, 32, "adamw", "float32", 0.3),
    (1_500, "lstm", 160, 2, None, 16, 40, "sgd", "float32", 0.0),
    (4_000, "lstm", 96, 1, 96, 48, 48, "adamw", "float32", 0.0),
    (6_000, "lstm", 128, 2, 64, 24, 64, "adamw", "bfloat16", 0.2),
    (20_000, "lstm", 64, 1, 48, 16, 32, "sgd", "float32", 0.0),
    (45, "gru", 384, 1, 32, 48, 24, "adamw", "float32", 0.0),
    (45, "gru", 384, 1, 32, 48, 24, "adamw", "bfloat16", 0.0),
    (85, "gru", 224, 3, None, 30, 60, "sgd", "float32", 0.25),
    (2_500, "gru", 144, 2, 72, 40, 40, "adamw", "float32", 0.1),
    (85, "rnn_tanh", 448, 1, 64, 36, 72, "adamw", "float32", 0.0),
    (110, "rnn_tanh", 160, 3, None, 100, 40, "sgd", "bfloat16", 0.0),
    (110, "rnn_relu", 288, 2, 56, 28, 100, "adamw", "float32", 0.15),
    (3_500, "rnn_relu", 112, 1, 112, 60, 30, "sgd", "float32", 0.0),
    (95, "lstm", 768, 2, 128, 10, 30, "adamw", "float32", 0.5),
)


def main(arguments: Sequence[str]) -> None:
    """Measure every run and print the table, then the extremes as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    parser.add_argument("--one", type=json.loads, help="measure one run, a JSON list, in this very process")
    parser.add_argument("--fresh", action="store_true", help="20 runs of other sizes than those it was fitted to")
    options = parser.parse_args(arguments)
    if options.one is not None:
        print(measure_here(tuple(options.one)))
        return
    print("| " + " | ".join([*COLUMNS.split(), "predicted MB", "real MB", "ratio"]) + " |\n" + "| --- " * 13 + "|")
    ratios = []
    for run in FRESH if options.fresh else RUNS:
        predicted, real = predict(run), measure(run)
        ratios.append(predicted / real)
        shown = [*run, round(predicted / 1e6), round(real / 1e6), f"{predicted / real:.2f}"]
        print("| " + " | ".join(map(str, shown)) + " |", flush=True)
    extremes = {"least": min(ratios), "median": statistics.median(ratios), "most": max(ratios)}
    print(json.dumps({name: round(ratio, 2) for name, ratio in extremes.items()} | machine()))


def recipe_of(run: Sequence[Any]) -> Recipe:
    """Return the recipe of a row of the table, at a rate at which nothing explodes in a few steps."""
    settings = dict(zip(COLUMNS.split()[1:], run[1:], strict=True))
    rate = 1e-3 if settings["optimizer"] == "adamw" else 0.1
    return Recipe().replace(**settings, learning_rate=rate, max_steps=STEPS, evaluations=1)


def predict(run: Sequence[Any]) -> int:
    """Return the bytes foretold."""
    return predict_memory(recipe_of(run), run[0], tokens_of(recipe_of(run))).total


def tokens_of(recipe: Recipe) -> int:
    """Return how long the text is that a row is trained on."""
    return max(TOKENS, 3 * recipe.train.batch_size * recipe.train.sequence_length)


def measure(run: Sequence[Any]) -> int:
    """Return the bytes that a run really takes, from a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "memory", "--one", json.dumps(run)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return int(done.stdout)


def measure_here(run: Sequence[Any]) -> int:
    """Return by how many bytes the memory of this process grows at most while it trains."""
    torch.set_num_threads(1)
    recipe = recipe_of(run)
    small = recipe.replace(hidden_size=8, num_layers=1, batch_size=2, sequence_length=4)
    train(small, make_corpus(16, 2000, small))
    corpus = make_corpus(run[0], tokens_of(recipe), recipe)
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak is counted from here
    before = peak_bytes()
    train(recipe, corpus)
    return peak_bytes() - before


def make_corpus(vocabulary: int, tokens: int, recipe: Recipe) -> Corpus:
    """Return a text of characters drawn evenly, each of them at least once."""
    drawn = np.random.default_rng(0).integers(0, vocabulary - 1, tokens)
    drawn[: vocabulary - 1] = np.arange(vocabulary - 1)
    return build_corpus("".join(map(chr, 0x4E00 + drawn)), recipe.text, "drawn")


def train(recipe: Recipe, corpus: Corpus) -> None:
    """Train as a page does that publishes the weights of every step and saves each."""
    training = Training(corpus, recipe, choose_device("cpu"))
    published, saved = training.weights(), training.snapshot()
    for _ in training:
        published, saved = training.weights(), training.snapshot()
    assert published
    assert saved
