"""Does the `d2l` preset reproduce the chapter? Perplexity and text after 500 epochs on The Time Machine (5 minutes).

One thread unless `--threads` says otherwise, because the number of threads changes the rounding, and so, after 4 000
steps, perhaps the text.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence

import torch

from deeprnn.config import SamplingConfig
from deeprnn.device import choose_device, machine
from deeprnn.generation import generate
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

PREFIXES = ("time traveller", "traveller")
EXPECTED = "time travelleryou can show black is white by argument said filby"
MARKS = (50, 100, 150, 200, 250, 300, 400, 500)


def main(arguments: Sequence[str]) -> None:
    """Train as the chapter does and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chapter", description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args(arguments).threads)
    recipe = PRESETS["d2l"]
    text = catalogue.load("time_machine").text
    corpus = build_corpus(text, recipe.text, "The Time Machine")
    training = Training(corpus, recipe, choose_device("cpu"))
    start, losses, perplexities = time.perf_counter(), [], {}
    for record in training:
        losses.append(record.loss)
        epoch, rest = divmod(record.step, training.steps_per_epoch)
        if rest == 0:
            perplexities[epoch] = math.exp(sum(losses) / len(losses))
            losses.clear()
    seconds = time.perf_counter() - start
    greedy = SamplingConfig(temperature=0.0, max_new_tokens=50)
    texts = {p: p + "".join(generate(training.network, corpus.tokenizer, p, greedy)) for p in PREFIXES}
    result = {
        "perplexity_at_epoch": {mark: round(perplexities[mark], 3) for mark in MARKS},
        "texts": texts,
        "texts_are_the_chapters": all(text.startswith(p + EXPECTED[14:]) for p, text in texts.items()),
        "seconds": round(seconds),
        "tokens_per_second": round(training.tokens / seconds),
        **machine(),
    }
    print(json.dumps(result, indent=1))
