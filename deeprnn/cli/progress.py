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

WIDE = 110  # columns of a terminal on which all figures stand beside the bar
BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


def show_records(training: Training, as_json: bool) -> Iterator[TrainRecord]:
    """Yield the records of a training, each after it was shown with what happened beside it."""
    show = show_json if as_json else show_bar if sys.stderr.isatty() else show_lines
    told = len(training.events)
    for record in show(training):
        for event in training.events[told:]:
            tqdm.write(f"deeprnn: {event.message}", file=sys.stderr)
        told = len(training.events)
        yield record


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
    validation: TrainRecord | None = None
    columns = os.get_terminal_size(sys.stderr.fileno()).columns  # none where a terminal has no window
    width: dict[str, Any] = {"dynamic_ncols": True} if columns else {"ncols": 80, "nrows": 24}
    with tqdm(total=training.total_steps, initial=training.step, bar_format=BAR, **width) as bar:
        for record in training:
            validation = record if record.validation_perplexity else validation
            bar.set_postfix_str(figures(record, validation, bits=columns >= WIDE), refresh=False)
            bar.update()
            yield record


def figures(record: TrainRecord, validation: TrainRecord | None = None, *, bits: bool = True) -> str:
    """Return what a person wants to know of a record, in a few words.

    Args:
        record: the newest.
        validation: the last that was measured on the held-out text.
        bits: whether there is room for the bits per character, of the held-out text if it was measured.
    """
    held_out = record if record.validation_perplexity else validation
    parts = [f"perplexity {record.perplexity:.3g}"]
    if held_out and held_out.validation_perplexity:
        parts.append(f"validation {held_out.validation_perplexity:.3g}")
    if bits:
        measured = held_out.validation_bits_per_character if held_out else None
        parts.append(f"{record.bits_per_character if measured is None else measured:.3g} bits per character")
    return ", ".join([*parts, f"{tqdm.format_sizeof(record.tokens_per_second)} tokens/s"])
