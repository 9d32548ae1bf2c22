"""How fast, and in how much memory, does a large text become token ids, and does training from the disk cost anything?

Beside it the usual way: the whole text as one string, a dictionary, a Python list of ids. It is given a part of the
text only, for it needs about ten times its size in memory; the ids of that part are compared one by one.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprnn.config import Recipe, TextConfig
from deeprnn.device import choose_device, machine
from deeprnn.text import catalogue
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.text.source import find_pieces
from deeprnn.training.train import Training

STORIES = {"ascii": "the_thirsty_bell", "chinese": "cun_feng_de_shitou"}
TRAINING_STEPS, PARTS = 20, 20


def main(arguments: Sequence[str]) -> None:
    """Measure each script in processes of their own and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks size", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the text (default: 1000)")
    parser.add_argument("--usual-megabytes", type=int, default=100, help="of its part for the usual way (default: 100)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median counts (default: 3)")
    parser.add_argument("--script", choices=STORIES, nargs="*", default=[*STORIES], help="default: all")
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        what, path = options.child
        print(json.dumps(CHILDREN[what](Path(path))))
        return
    result: dict[str, Any] = {"megabytes": options.megabytes, **machine()}
    for script, key in ((name, STORIES[name]) for name in options.script):
        with tempfile.TemporaryDirectory() as folder:
            result[script] = measure(Path(folder), catalogue.load(key).text, options)
    print(json.dumps(result, indent=1))


def measure(folder: Path, story: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one script, medians of several runs that take turns."""
    if story.isascii() or len(story.encode()) < 1.2 * len(story):
        story = story.encode("ascii", "ignore").decode()
    large, small = folder / "large.txt", folder / "small.txt"
    write(large, story, options.megabytes * 10**6)
    write(small, story, options.usual_megabytes * 10**6)
    runs: dict[str, list[dict[str, Any]]] = {"encode": [], "again": [], "ours": [], "usual": []}
    for repeat in range(options.repeats):
        home = folder / str(repeat)
        for what, path in (("encode", large), ("again", large), ("ours", small), ("usual", small)):
            runs[what].append(child("encode" if what in ("again", "ours") else what, path, home))
        if repeat < options.repeats - 1:
            for file in (home / "encoded").iterdir():
                file.unlink()
    found = {what: middle(runs[what]) for what in runs}
    digests = {run["digest"] for what in ("ours", "usual") for run in runs[what]}
    home = folder / str(options.repeats - 1)
    return {
        "encode": found["encode"],
        "again": found["again"],
        "ours_on_the_part": found["ours"],
        "usual_way_on_the_part": found["usual"],
        "equal": len(digests) == 1,
        "times_faster": times(found["encode"], found["usual"], "megabytes_per_second"),
        "times_faster_on_the_part": times(found["ours"], found["usual"], "megabytes_per_second"),
        "times_less_work": times(found["encode"], found["usual"], "megabytes_per_processor_second"),
        "training": child("train", large, home),
    }


def times(ours: dict[str, Any], others: dict[str, Any], rate: str) -> float:
    """Return how many times a rate of theirs is ours."""
    return round(float(ours[rate] / others[rate]), 1)


def middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of every figure, leaving out what is no figure."""
    names = [name for name, value in runs[0].items() if isinstance(value, int | float)]
    return {name: statistics.median(run[name] for run in runs) for name in names}


def write(path: Path, story: str, size: int) -> None:
    """Write a story again and again until a file has a size in bytes, nearly."""
    block = story.encode() * max(1, 4 * 10**6 // len(story))
    with path.open("wb") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)


def child(what: str, path: Path, home: Path) -> dict[str, Any]:
    """Return what a measurement prints in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "size", "--child", what, str(path)]
    environment = {**os.environ, "DEEPRNN_HOME": str(home)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def encode(path: Path) -> dict[str, Any]:
    """Encode a text our way, take the first step of two trainings, and say what that took."""
    begin, busy = time.perf_counter(), time.process_time()
    found = find_pieces(path)
    looked = time.perf_counter() - begin
    corpus = build_corpus(found.pieces, TextConfig(), path.stem)
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    figures = rates(path, seconds, busy) | {"seconds_to_find_the_encoding": round(looked, 2)}
    for run in ("first", "second"):  # the first one of a process imports parts of torch
        begin = time.perf_counter()
        next(iter(Training(corpus, recipe("sequential"), choose_device("cpu"))))
        figures[f"seconds_to_first_step_of_{run}_run"] = round(time.perf_counter() - begin, 3)
    return figures | {"digest": digest([corpus.train_ids, corpus.validation_ids], path)}


def usual(path: Path) -> dict[str, Any]:
    """Encode a text the usual way, as nanoGPT's `data/shakespeare_char/prepare.py` does.

    Read it whole, number its sorted characters, list the ids of nine tenths and of the rest, save them as two arrays.
    """
    begin, busy = time.perf_counter(), time.process_time()
    text = path.read_text("utf-8")
    numbers = {character: number for number, character in enumerate(sorted(set(text)))}
    split = int(len(text) * 0.9)
    lists = [[numbers[character] for character in part] for part in (text[:split], text[split:])]
    arrays = [np.array(ids, np.uint16) for ids in lists]
    for name, ids in zip((".train", ".val"), arrays, strict=True):
        ids.tofile(path.with_suffix(name))
    figures = rates(path, time.perf_counter() - begin, time.process_time() - busy)
    frequent = sorted(counts := Counter(text), key=counts.__getitem__, reverse=True)
    ours = np.zeros(len(numbers), np.uint16)
    ours[[numbers[character] for character in frequent]] = np.arange(1, len(frequent) + 1)
    return figures | {"digest": digest([ours[ids] for ids in arrays], path)}


def rates(path: Path, seconds: float, busy: float) -> dict[str, Any]:
    """Return how fast a file was encoded, and the most memory that this process has ever had."""
    peak = peak_bytes()
    size = path.stat().st_size / 10**6
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(busy, 2),
        "megabytes_per_second": round(size / seconds, 1),
        "megabytes_per_processor_second": round(size / busy, 1),
        "peak_megabytes": peak // 10**6,
    }


def peak_bytes() -> int:
    """Return the most memory that this process has had; what `resource` says includes its parent on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def digest(parts: Sequence[NDArray[Any]], path: Path) -> str:
    """Return a hash of all ids of the smaller file, which is what is compared."""
    if path.stem != "small":
        return ""
    return hashlib.sha256(b"".join(ids.astype("<u2").tobytes() for ids in parts)).hexdigest()


def train(path: Path) -> dict[str, Any]:
    """Train from the disk and from memory in turns; say how the speeds compare."""
    corpus = build_corpus(find_pieces(path).pieces, TextConfig(), path.stem)
    memory = dataclasses.replace(corpus, train_ids=np.array(corpus.train_ids))
    return {partition: compare(corpus, memory, recipe(partition)) for partition in ("sequential", "random")}


def compare(disk: Corpus, memory: Corpus, recipe: Recipe) -> dict[str, Any]:
    """Return the median seconds of a step from the disk and from memory."""
    device = choose_device("cpu")
    runs = {name: iter(Training(c, recipe, device)) for name, c in (("disk", disk), ("memory", memory))}
    seconds: dict[str, list[float]] = {"disk": [], "memory": []}
    for part in range(PARTS + 1):
        for name in sorted(runs, reverse=bool(part % 2)):
            begin = time.perf_counter()
            for _ in itertools.islice(runs[name], TRAINING_STEPS):
                pass
            if part > 0:  # the first part sets up the kernels
                seconds[name].append((time.perf_counter() - begin) / TRAINING_STEPS)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = statistics.median(d / m for d, m in zip(seconds["disk"], seconds["memory"], strict=True))
    return {f"milliseconds_per_step_{n}": round(1000 * s, 2) for n, s in middle.items()} | {"ratio": round(ratio, 3)}


def recipe(partition: str) -> Recipe:
    """Return settings of a network so small that fetching its minibatches would show."""
    return Recipe().replace(partition=partition, hidden_size=64, num_layers=1, max_epochs=1, evaluations=1)


CHILDREN: dict[str, Callable[[Path], dict[str, Any]]] = {"encode": encode, "usual": usual, "train": train}
