"""What stands in the list of all runs: frozen values, safe on any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config import Recipe

INTERRUPTED, WAITING = "interrupted", "waiting"  # states of a run that no job has


@dataclass(frozen=True)
class KeptCheckpoint:
    """Name a checkpoint from which a run can go on.

    Args:
        step: of the run.
        perplexity: on the held-out text at this step, None where it was not measured then.
        best: whether it is the best of those kept.
        seconds: when it was saved, since the epoch of Unix.
    """

    step: int
    perplexity: float | None
    best: bool
    seconds: float


@dataclass(frozen=True)
class RunEntry:
    """Describe one run in the list of all runs.

    Args:
        number: 1 for the first run of this home.
        id: random, for a link that others may read.
        name: what the user calls it, or what changed against the run before.
        notes: of the user.
        corpus: key of its text.
        corpus_name: title of its text.
        recipe: its settings.
        differs: the settings that differ from its preset, by name.
        state: one of `deeprnn.runs.job.STATES`, or "waiting" or "interrupted".
        place: in the queue, 1 for the next; None for a run that does not wait.
        step: how far it has come.
        total_steps: steps planned.
        best: step and validation perplexity of the best model, None before the first check.
        bits_per_character: of the best model, None before the first check.
        seconds: time spent training.
        tokens_per_second: on the whole.
        created: when it was asked for, since the epoch of Unix.
        parent: number of the run that it went on from, None for none.
        parent_step: the step of the parent from which it went on.
        group: common to the runs of one sweep, "" for none.
        deleted: when it was deleted, None if it was not; it can be brought back for a day.
    """

    number: int
    id: str
    name: str
    notes: str
    corpus: str
    corpus_name: str
    recipe: Recipe
    differs: Mapping[str, Any]
    state: str
    place: int | None
    step: int
    total_steps: int
    best: tuple[int, float] | None
    bits_per_character: float | None
    seconds: float
    tokens_per_second: float
    created: float
    parent: int | None = None
    parent_step: int | None = None
    group: str = ""
    deleted: float | None = None
