"""Which kind of token predicts best? The `quick` preset with each, on the same text, in bits per character.

Every kind takes the same number of steps over the same minibatch of tokens, so a longer token has read more text.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import torch

from deeprnn.config import RECIPE_FIELDS
from deeprnn.device import choose_device
from deeprnn.model.shapes import parameter_table
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus, fit_recipe
from deeprnn.training.presets import find_preset
from deeprnn.training.train import Training

COLUMNS = "tokenizer", "vocabulary", "tokens per character", "embedding", "layers", "output"
FIGURES = "held-out perplexity per token", "held-out bits per character", "seconds"


def main(arguments: Sequence[str]) -> None:
    """Print one row of a table for each kind."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tokens", description=__doc__)
    parser.add_argument("--corpus", default="time_machine", help="key of a text that the program knows")
    parser.add_argument("--steps", type=int, default=700, help="of each training")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    text = catalogue.load(options.corpus).text
    print("|", " | ".join((*COLUMNS, *FIGURES)), "|")
    print("|", " | ".join("---" for _ in (*COLUMNS, *FIGURES)), "|")
    for kind in RECIPE_FIELDS["tokenizer"].metadata["choices"]:
        print("|", " | ".join(row(text, kind, options.steps)), "|", flush=True)


def row(text: str, kind: str, steps: int) -> list[str]:
    """Train once with a kind of token; return what the table says of it."""
    begin, recipe = time.perf_counter(), find_preset("quick").replace(tokenizer=kind, max_steps=steps)
    corpus = build_corpus(text, recipe.text, kind)
    training = Training(corpus, fit_recipe(recipe, corpus)[0], choose_device("cpu"))
    for _ in training:
        pass
    training.network.load_state_dict(training.best.weights)
    measured, size = training.validate(), corpus.tokenizer.vocab_size
    costs = [f"{count:,}" for count in parameter_table(training.recipe.model, size).values()]
    figures = [f"{measured.perplexity:.2f}", f"{measured.bits_per_character:.3f}"] if measured else ["", ""]
    seconds = f"{time.perf_counter() - begin:.0f}"
    return [kind, f"{size:,}", f"{corpus.tokens_per_character:.3f}", *costs, *figures, seconds]
