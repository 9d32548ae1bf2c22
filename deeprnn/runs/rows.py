"""One run as the database keeps it, and how its values become what SQLite takes and back."""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..config import Recipe
from ..errors import ConfigError
from ..messages import Message
from ..text.account import plain_message, read_message
from .entries import RunEntry
from .shelf import printable

DAMAGED = (ConfigError, LookupError, TypeError, ValueError)  # what unpacking spoilt values ends in


@dataclass(frozen=True)
class RunRow:
    """Hold everything about one run but its records, samples, checkpoints and events.

    Args:
        recipe: its settings.
        number: given by the database.
        id: random, for a link that others may read.
        name: what the user calls it.
        notes: of the user.
        owner: who may steer it, "" where there is one user.
        state: one of `deeprnn.runs.job.STATES`, or "waiting" or "interrupted".
        message: why it failed.
        corpus: key of its text.
        corpus_name: title of its text.
        corpus_sha256: of its text.
        parent: number of the run that it went on from.
        parent_step: the step of the parent from which it went on.
        group: common to the runs of one sweep.
        created: when it was asked for, in seconds since the epoch of Unix, like the other times.
        started: when it began to train.
        ended: when it ended.
        seconds: time spent training.
        step: how far it has come.
        total_steps: steps planned.
        best_step: of the best model, None before the first check.
        best_perplexity: of the best model on the held-out text.
        bits_per_character: of the best model on the held-out text.
        tokens_per_second: on the whole.
        steps_per_epoch: optimiser steps in one pass over the text.
        tokens_per_character: 1 for a character model.
        validation_tokens_per_character: of the held-out text; None where it is the other's.
        lines: reference perplexities of the text, by key.
        notices: what the user should know about it.
        deleted: when it was deleted, None if it was not.
    """

    recipe: Recipe
    number: int = 0
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    name: str = ""
    notes: str = ""
    owner: str = ""
    state: str = "waiting"
    message: Message | None = None
    corpus: str = ""
    corpus_name: str = ""
    corpus_sha256: str = ""
    parent: int | None = None
    parent_step: int | None = None
    group: str = ""
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    seconds: float = 0.0
    step: int = 0
    total_steps: int = 0
    best_step: int | None = None
    best_perplexity: float | None = None
    bits_per_character: float | None = None
    tokens_per_second: float = 0.0
    steps_per_epoch: int = 0
    tokens_per_character: float = 1.0
    validation_tokens_per_character: float | None = None
    lines: tuple[tuple[str, float], ...] = ()
    notices: tuple[Message, ...] = ()
    deleted: float | None = None

    @property
    def best(self) -> tuple[int, float] | None:
        """Return step and validation perplexity of the best model, None before the first check."""
        if self.best_step is None or self.best_perplexity is None:
            return None
        return self.best_step, self.best_perplexity

    def entry(self, differs: Mapping[str, Any], place: int | None = None) -> RunEntry:
        """Return what stands in the list of all runs.

        Args:
            differs: the settings that differ from its preset.
            place: in the queue.
        """
        same = {f.name for f in dataclasses.fields(RunEntry)} & set(COLUMNS)
        return RunEntry(differs=differs, place=place, best=self.best, **{name: getattr(self, name) for name in same})


COLUMNS = tuple(f.name for f in dataclasses.fields(RunRow))
TEXTS = ("id", "name", "notes", "owner", "state", "corpus", "corpus_name", "corpus_sha256", "group")


def pack(column: str, value: Any) -> Any:
    """Return the value of a column as SQLite takes it.

    Raises:
        TypeError: there is no such column.
    """
    if column not in COLUMNS:
        raise TypeError(f"a run has no {column}")
    if column in TEXTS:
        return printable(value)
    if column == "recipe":
        return pack_json(value.to_dict())
    if column == "message":
        return None if value is None else pack_json(plain_message(value))
    if column == "notices":
        return pack_json([plain_message(notice) for notice in value])
    if column == "lines":
        return pack_json(value)
    return pack_number(value)


def unpack_run(values: Sequence[Any]) -> RunRow:
    """Return the run whose columns these are, in the order of `COLUMNS`.

    Raises:
        ConfigError, LookupError, TypeError, ValueError: its values are damaged.
    """
    row = dict(zip(COLUMNS, values, strict=True))
    row["recipe"] = _recipe(row["recipe"])
    row["message"] = None if row["message"] is None else read_message(json.loads(row["message"]))
    row["notices"] = tuple(read_message(notice) for notice in json.loads(row["notices"]))
    row["lines"] = tuple((str(key), float(value)) for key, value in json.loads(row["lines"]))
    for name in ("best_perplexity", "bits_per_character"):
        row[name] = unpack_number(row[name])
    return RunRow(**row)


@lru_cache(1024)  # many runs have one in common, and a page asks for all of them again and again
def _recipe(text: str) -> Recipe:
    return Recipe.from_dict(json.loads(text))


def pack_json(value: Any) -> str:
    """Return plain values as JSON that SQLite takes, whatever is in their texts."""
    return printable(json.dumps(value, ensure_ascii=False))


def pack_number(value: float | None) -> float | str | None:
    """Return a number as SQLite keeps it: it would take what is no number for nothing at all."""
    return "nan" if value is not None and value != value else value


def unpack_number(value: float | str | None) -> float | None:
    """Return the number that `pack_number` made this of."""
    return None if value is None else float(value)
