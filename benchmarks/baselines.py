"""How long do the reference lines of 1 MB of text take, and what do they cost the training beside them?

The lines are measured on one core, in this process. Then one training runs alone, with the child beside it, and alone
again, a few seconds each and several times in turn. It takes about a minute and a half.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from deeprnn.config import TextConfig
from deeprnn.device import choose_device, machine
from deeprnn.runs.job import DONE, FAILED, Job
from deeprnn.runs.lines import LineMeasurement
from deeprnn.text import catalogue
from deeprnn.text.baselines import comparison, measure_lines
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord
from deeprnn.training.train import Training

CHARACTERS = 1_000_000
THREADS = 2
REPEATS = 3
WARM_UP = 5  # steps
SECONDS = 6.0  # of training alone, beside the child, and alone again; it is not done by then where no core is idle

Records = Iterator[TrainRecord]


def main(arguments: Sequence[str]) -> None:
    """Measure both on Tiny Shakespeare and print the medians as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks baselines", description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    corpus = build_corpus(catalogue.load("tiny_shakespeare").text[:CHARACTERS], TextConfig(), "text")
    lines = [measure(corpus) for _ in range(options.repeats)]
    records = iter(Training(corpus, PRESETS["quick"].replace(max_steps=None), choose_device("cpu")))
    collect(records, WARM_UP)
    runs = [compare(records, corpus) for _ in range(options.repeats)]
    result = {
        "characters": corpus.characters,
        "seconds_until_each_line": {key: median(each[key][0] for each in lines) for key in lines[0]},
        "bits_per_character": {key: lines[0][key][1] for key in lines[0]},
        "training": {key: median(run[key] for run in runs) for key in runs[0]},
        "slowdowns": sorted(run["slowdown_percent"] for run in runs),
        **machine(),
    }
    print(json.dumps(result, indent=1))


def median(values: Any) -> float:
    """Return the median, to three digits after the point."""
    return round(float(statistics.median(values)), 3)


def measure(corpus: Corpus) -> dict[str, tuple[float, float]]:
    """Return for each line the processor seconds until it is known, and its bits per character."""
    begin = time.process_time()
    found = {}
    for line in measure_lines(comparison(corpus)):
        bits = math.log2(line.perplexity) * corpus.tokens_per_character
        found[line.key] = (time.process_time() - begin, round(bits, 2))
    return found


def compare(records: Records, corpus: Corpus) -> dict[str, float]:
    """Train alone, beside the child from its start on, and alone again; return what was seen."""
    before = rate(records, lambda: False)
    job, measurement = Job(), LineMeasurement(corpus)
    job.start(lambda: iter(measurement))
    beside = rate(records, lambda: job.wait_for(DONE, FAILED, timeout=0.0))
    measurement.cancel()
    job.join()
    alone = (before + rate(records, lambda: False)) / 2
    return {
        "steps_per_second_beside": beside,
        "steps_per_second_alone": alone,
        "slowdown_percent": round(100 * (alone / beside - 1), 1),
    }


def rate(records: Records, is_over: Callable[[], bool]) -> float:
    """Return the steps per second of a training, for some seconds or until something is over."""
    begin, steps = time.perf_counter(), 0
    while (spent := time.perf_counter() - begin) < SECONDS and not (steps and is_over()):
        steps += len(collect(records, 1))
    return steps / spent


def collect(records: Records, count: int) -> list[Any]:
    """Run so many steps."""
    return list(itertools.islice(records, count))
