"""How long does the doctor take? Seconds for a million characters, on one core, beside counting them in pure Python."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

from deeprnn.device import machine
from deeprnn.text import catalogue
from deeprnn.text.cleaning import clean, preview
from deeprnn.text.corpus import build_corpus
from deeprnn.text.doctor import examine
from deeprnn.training.presets import PRESETS

CHARACTERS, ROUNDS = 1_000_000, 5
TEXTS = ("the_thirsty_bell", "cun_feng_de_shitou", "tiny_shakespeare")
RECIPE = PRESETS["balanced"]


def main(arguments: Sequence[str]) -> None:
    """Print medians of processor time as JSON; a short text is repeated, which is the harder case."""
    argparse.ArgumentParser(prog="python -m benchmarks doctor", description=__doc__).parse_args(arguments)
    print(json.dumps({**{key: measure(key) for key in TEXTS}, **machine()}, indent=1))


def measure(key: str) -> dict[str, float]:
    """Return the seconds of each part for one text."""
    text = catalogue.load(key).text
    text = (text * (CHARACTERS // len(text) + 1))[:CHARACTERS]
    corpus = build_corpus(text, RECIPE.text, key)
    return {
        "doctor": seconds(lambda: examine(text, corpus, RECIPE)),
        "preview_of_cleaning": seconds(lambda: preview(text, RECIPE.text)),
        "cleaning": seconds(lambda: clean(text, RECIPE.text)),
        "counting_in_python": seconds(lambda: Counter(text)),
    }


def seconds(work: Callable[[], object]) -> float:
    """Return the median of the processor seconds that some work takes; other programs do not count."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return round(statistics.median(times), 3)
