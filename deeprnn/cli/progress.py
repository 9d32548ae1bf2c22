"""Shows a training run: a bar on a terminal, a line per check elsewhere, or one JSON object per record."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

from ..training.record import TrainRecord
from ..training.train import Training

BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


def show_records(training: Training, as_json: bool) -> Iterator[TrainRecord]:
    """Yield the records of a training, each after it was shown."""
    if as_json:
        return show_json(training)
    return show_bar(training) if sys.stderr.isatty() else show_lines(training)


def show_json(training: Training) -> Iterator[TrainRecord]:
    """Print each record as one JSON object on one line of standard output."""
    for record in training:
        print(json.dumps(dataclasses.asdict(record), allow_nan=False), flush=True)
        yield record


def show_lines(training: Training) -> Iterator[TrainRecord]:
    """Print a line on standard error for each twentieth of the run."""
    every = max(1, training.total_steps // 20)
    for record in training:
        if record.step % every == 0 or record.validation_perplexity is not None:
            print(f"step {record.step}/{training.total_steps}  {figures(record)}", file=sys.stderr, flush=True)
        yield record


def show_bar(training: Training) -> Iterator[TrainRecord]:
    """Draw a bar with perplexity, tokens per second and time left on standard error."""
    tqdm.monitor_interval = 0  # no thread beside the training; every record refreshes the bar
    validation: float | None = None
    known = os.get_terminal_size(sys.stderr.fileno()).columns > 0  # a terminal without a window has no width
    width: dict[str, Any] = {"dynamic_ncols": True} if known else {"ncols": 80, "nrows": 24}
    with tqdm(total=training.total_steps, bar_format=BAR, **width) as bar:
        for record in training:
            validation = record.validation_perplexity or validation
            bar.set_postfix_str(figures(record, validation), refresh=False)
            bar.update()
            yield record


def figures(record: TrainRecord, validation: float | None = None) -> str:
    """Return what a person wants to know of a record, in a few words."""
    held_out = record.validation_perplexity or validation
    parts = [f"perplexity {record.perplexity:.3g}"]
    if held_out:
        parts.append(f"validation {held_out:.3g}")
    return ", ".join([*parts, f"{tqdm.format_sizeof(record.tokens_per_second)} tokens/s"])
