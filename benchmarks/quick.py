"""How soon does the `quick` preset write words? Seconds of training until nine words in ten of a sample are real.

Two threads, because two processor cores are what the README promises to be enough.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Sequence
from typing import Any

import torch

from deeprnn.config import SamplingConfig
from deeprnn.device import choose_device, machine
from deeprnn.generation import generate
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

THREADS = 2
SEEDS = (0, 1, 2)
SHARE = 0.9
SAMPLE_EVERY = 20  # steps
PREFIX = "Hester "
SAMPLING = SamplingConfig(temperature=0.7, max_new_tokens=500)


def main(arguments: Sequence[str]) -> None:
    """Train on the bundled story with three seeds and print each run and the medians as JSON."""
    argparse.ArgumentParser(prog="python -m benchmarks quick", description=__doc__).parse_args(arguments)
    torch.set_num_threads(THREADS)
    text = catalogue.load("the_thirsty_bell").text
    runs = [measure(text, seed) for seed in SEEDS]
    result = {
        "seconds_until_nine_words_in_ten": statistics.median(run["seconds_until_nine_words_in_ten"] for run in runs),
        "seconds_of_the_whole_run": statistics.median(run["seconds_of_the_whole_run"] for run in runs),
        "each": runs,
        **machine(),  # the number of threads is among these
    }
    print(json.dumps(result, indent=1))


def measure(text: str, seed: int) -> dict[str, Any]:
    """Train once; return its times, and what it writes in the end."""
    recipe, known = PRESETS["quick"].replace(seed=seed), set(words(text))
    training = Training(build_corpus(text, recipe.text, "story"), recipe, choose_device("cpu"))
    reached, elapsed, sample = float("inf"), 0.0, ""
    for record in training:
        elapsed = record.elapsed_seconds
        if record.step % SAMPLE_EVERY and record.step < training.total_steps:
            continue
        sample = "".join(generate(training.network, training.corpus.tokenizer, PREFIX, SAMPLING))
        written = words(sample)[:-1]  # the last may be cut off
        if sum(word in known for word in written) >= SHARE * len(written):
            reached = min(reached, elapsed)
    return {
        "seed": seed,
        "seconds_until_nine_words_in_ten": round(reached, 1),
        "seconds_of_the_whole_run": round(elapsed, 1),
        "sample": PREFIX + sample,
    }


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"[a-z']+", text.lower())
