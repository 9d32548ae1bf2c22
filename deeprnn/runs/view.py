"""What a watcher sees of runs, models and plans: frozen values, safe on any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..config import Recipe
from ..messages import Message
from ..training.event import Event
from ..training.record import TrainRecord
from .entries import KeptCheckpoint
from .job import IDLE

if TYPE_CHECKING:  # they would load torch and more, which takes seconds, for a list of runs
    from ..generation import GeneratedToken
    from ..text.doctor import Finding
    from ..text.replacement import Replacement


@dataclass(frozen=True)
class Sample:
    """Show what a network wrote at one step of its training, always from the same prefix and seed."""

    prefix: str
    text: str
    step: int


@dataclass(frozen=True)
class Beaten:
    """Name the line that a network has beaten last: perplexity of the line, and of the network then."""

    key: str
    line: float
    perplexity: float


@dataclass(frozen=True)
class Plan:
    """Say what a run would be, before it starts.

    Args:
        characters: length of the text.
        symbols: size of the vocabulary.
        tokens: tokens to train on.
        parameters: numbers that the network learns.
        seconds: expected length of the run on this machine; None when it was not measured.
        recipe: the recipe as it will run, shrunk to a short text if need be.
        notices: what was changed and why.
        seconds_per_epoch: expected length of one pass over the text; None when it was not measured.
        memory: bytes that it will take, beside the program itself.
        free_memory: bytes that are free for it; None where nobody can tell.
        findings: what its user should know, the verdict among them.
        fits: whether it may start; it may not where it surely needs more memory than is free.
    """

    characters: int
    symbols: int
    tokens: int
    parameters: int
    seconds: float | None
    recipe: Recipe
    notices: tuple[Message, ...]
    seconds_per_epoch: float | None = None
    memory: int = 0
    free_memory: int | None = None
    findings: tuple[Finding, ...] = ()
    fits: bool = True


@dataclass(frozen=True)
class RunView:
    """Show one run at one moment.

    Args:
        number: 1 for the first run of this home; 0 when there was none yet.
        name: what the user calls it.
        state: one of `deeprnn.runs.job.STATES`, or "waiting" or "interrupted".
        message: why it failed, or None.
        corpus: key of its text.
        recipe: its settings, None before the first run.
        total_steps: steps planned.
        steps_per_epoch: optimiser steps in one pass over the text.
        tokens_per_character: 1 for a character model.
        cursor: steps that there are records of.
        last: the newest record.
        best: step and perplexity of the best model so far.
        lines: reference perplexities of the text, by key.
        sample: what the network writes now.
        seconds_left: expected time to the end.
        seconds: time spent training.
        notices: what the user should know about this run.
        precision: in which it computes, "" before it is known.
        beaten: the newest line below which it has come, None before the first.
        validation_tokens_per_character: of the held-out text; None where it is the other's.
        place: in the queue, None for a run that does not wait.
        events: what happened beside the steps, in order.
        checkpoints: from which it can go on, in order.
        saved_seconds_ago: age of the newest checkpoint, None before the first.
        advice: what would help now, the most urgent first; a remedy's action is one of `deeprnn.training.advice`.
        read_only: whether another process uses this home.
        id: random, for a link that others may read.
        parent: number of the run that it went on from, None for none.
        group: common to the runs of one sweep, "" for none.
    """

    number: int
    name: str
    state: str
    message: Message | None
    corpus: str
    recipe: Recipe | None
    total_steps: int
    steps_per_epoch: int
    tokens_per_character: float
    cursor: int
    last: TrainRecord | None
    best: tuple[int, float] | None
    lines: tuple[tuple[str, float], ...]
    sample: Sample | None
    seconds_left: float | None
    seconds: float
    notices: tuple[Message, ...]
    precision: str = ""
    beaten: Beaten | None = None
    validation_tokens_per_character: float | None = None
    place: int | None = None
    events: tuple[Event, ...] = ()
    checkpoints: tuple[KeptCheckpoint, ...] = ()
    saved_seconds_ago: float | None = None
    advice: tuple[Finding, ...] = ()
    read_only: bool = False
    id: str = ""
    parent: int | None = None
    group: str = ""


NO_RUN = RunView(0, "", IDLE, None, "", None, 0, 0, 1.0, 0, None, None, (), None, None, 0.0, ())


@dataclass(frozen=True)
class ModelEntry:
    """Name a model that can write.

    Args:
        key: what to call it in `Studio.write`; never a path.
        kind: "bundled", "live" (newest weights of the run that trains), "best" or "last" of a run, or "own" (imported).
        name: the name in the file, for example "The Time Machine".
        number: of the run it comes from, 0 for none.
    """

    key: str
    kind: str
    name: str
    number: int = 0


@dataclass(frozen=True)
class Writing:
    """Hold a text that is being written.

    Args:
        prefix: the beginning as the model reads it.
        replacements: characters of the beginning that the model does not know, and what they were read as.
        tokens: what follows, one token at a time.
    """

    prefix: str
    replacements: tuple[Replacement, ...]
    tokens: Iterator[GeneratedToken]


LOST = 1.2  # times the perplexity of a line: what is less is the noise of minibatches


def newest_beaten(lines: Sequence[tuple[str, float]], perplexity: float, before: Beaten | None) -> Beaten | None:
    """Return the lowest line above a perplexity, or the one beaten before if that was no higher.

    A text's entropy is no line to beat: what comes below it has been lucky with the held-out text. A network that has
    become clearly worse than the line again has not beaten it.
    """
    if before is not None and perplexity > LOST * before.line:
        before = None
    above = [(line, key) for key, line in lines if line > perplexity and key != "entropy"]
    if not above or (before is not None and min(above)[0] >= before.line):
        return before
    line, key = min(above)
    return Beaten(key, line, perplexity)


def chart_run(view: RunView, history: Mapping[str, Any], *, main: bool = True, ghost: bool = False) -> dict[str, Any]:
    """Return the value that the chart draws as one run, from a history as `metrics.json` keeps it."""
    best = view.best
    return {
        "number": view.number,
        "name": view.name,
        "train": history["train"],
        "validation": history["validation"],
        "checkpoints": [list(best)] if best else [],
        "kept": [[kept.step, kept.perplexity, kept.best] for kept in view.checkpoints],
        "events": [{"step": event.step, "message": event.message} for event in view.events],
        "settings": view.recipe.settings() if view.recipe else {},
        "steps_per_epoch": history["steps_per_epoch"],
        "total_steps": history["total_steps"],
        "tokens_per_character": history["tokens_per_character"],
        "validation_tokens_per_character": history.get("validation_tokens_per_character"),
        "main": main,
        "ghost": ghost,
    }
