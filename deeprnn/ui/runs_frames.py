"""What the section of runs shows, as JSON texts: pure functions of entries; knows no Gradio and no language.

A frame of the list holds what a tab does not know yet: all runs at first, then those that changed. A frame of curves
holds packets, one for each run that was asked for and has become longer. To Gradio each is one text, so it compares
nothing inside.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..messages import Message
from ..runs.entries import RunEntry
from ..runs.sweep import Band, Summary
from ..runs.view import Sample
from .frames import Frame, message_frame, plain

# In this order the values of a run travel.
FIELDS = (
    "number", "name", "corpus", "differs", "state", "step", "total", "perplexity", "bits", "seconds", "speed",
    "place", "parent", "parent_step", "group", "notes",
)  # fmt: skip
_REVISIONS = itertools.count(1)  # never twice: two answers to one tab may overtake each other
MOST_COMPARED = 12  # curves in one picture
SAMPLE_CHARACTERS = 600  # of one sample


@dataclass(frozen=True)
class Sent:
    """Remember what a tab has been sent.

    Args:
        revision: of the newest frame; a tab that has another one gets everything.
        rows: a digest of each run by its number.
        rest: a digest of everything else in the list.
    """

    revision: int = 0
    rows: Mapping[int, int] = field(default_factory=dict)
    rest: int = 0


def row(entry: RunEntry) -> list[Any]:
    """Return one run as a list of values, in the order of `FIELDS`; those that are missing at its end are left out."""
    values = (
        entry.number,
        entry.name,
        entry.corpus,
        {name: short(value) for name, value in entry.differs.items()},
        entry.state,
        entry.step,
        entry.total_steps,
        short(entry.best[1]) if entry.best else None,
        short(entry.bits_per_character),
        round(entry.seconds),
        short(entry.tokens_per_second),
        entry.place,
        entry.parent,
        entry.parent_step,
        entry.group or None,
        entry.notes or None,
    )
    known = max(i for i, value in enumerate(values, 1) if value is not None)
    return plain(values[:known])  # type: ignore[no-any-return]


def short(value: Any) -> Any:
    """Return a number with four digits that count, anything else as it is."""
    if not isinstance(value, float):
        return value
    return int(rounded) if (rounded := float(f"{value:.4g}")) == rounded // 1 and abs(rounded) < 1e15 else rounded


def list_frame(
    entries: Sequence[RunEntry], rest: Frame, sent: Sent, seen: object, said: Message | None = None
) -> tuple[str, Sent]:
    """Return what a tab lacks of the list of runs, which may be nothing, and what it has been sent then.

    Args:
        entries: all runs that are not deleted, the newest first.
        rest: what stands beside them: deleted runs, titles of the texts.
        sent: what the tab was sent.
        seen: the revision that the tab itself says it has.
        said: the answer to what its reader has just done.
    """
    whole = not sent.revision or seen != sent.revision
    rows = [row(entry) for entry in entries]
    digests = {values[0]: hash(encode(values)) for values in rows}
    now = Sent(next(_REVISIONS), digests, hash(encode(rest)))
    new = [values for values in rows if whole or sent.rows.get(values[0]) != digests[values[0]]]
    gone = [] if whole else sorted(set(sent.rows) - set(digests))
    frame = {"revision": now.revision, "whole": whole, "gone": gone, **with_tables(new)}
    if whole or now.rest != sent.rest:
        frame |= rest
    if said:
        frame["said"] = message_frame(said)
    return encode(frame), now


def with_tables(rows: Sequence[Sequence[Any]]) -> Frame:
    """Return rows with a place in a table instead of each value that many of them have in common, and these tables."""
    if not rows:
        return {}
    tables: dict[str, dict[str, Any]] = {"corpus": {}, "differs": {}}
    columns = {name: FIELDS.index(name) for name in tables}
    short_rows = []
    for values in rows:
        made = [*values]
        for name, column in columns.items():
            key, table = encode(values[column]), tables[name]
            table.setdefault(key, values[column])
            made[column] = [*table].index(key)
        short_rows.append(made)
    return {"fields": FIELDS, "runs": short_rows, "tables": {name: [*table.values()] for name, table in tables.items()}}


def rest_frame(entries: Sequence[RunEntry], deleted: Iterable[RunEntry], *, read_only: bool = False) -> Frame:
    """Return what stands beside the list of runs.

    Args:
        entries: all runs that are not deleted.
        deleted: those that can be brought back.
        read_only: whether another process uses this home.
    """
    return {
        "corpora": plain({entry.corpus: entry.corpus_name for entry in entries}),
        "deleted": plain([[entry.number, entry.name] for entry in deleted]),
        "read_only": read_only,
    }


def wanted(known: object, entries: Sequence[RunEntry]) -> list[tuple[RunEntry, int]]:
    """Return the runs of which a tab lacks something, each with the step of the newest sample that it has.

    Args:
        known: what the tab says: for each number of a chosen run the step and state of its curve, and the step of its
            newest sample; -1 for what it does not have.
        entries: all runs.
    """
    if not isinstance(known, list):
        return []
    by_number = {entry.number: entry for entry in entries}
    found = []
    for one in known[:MOST_COMPARED]:
        if not (isinstance(one, list) and len(one) == 4 and type(one[0]) is int and type(one[3]) is int):
            continue
        entry = by_number.get(one[0])
        if entry is not None and [entry.step, entry.state] != one[1:3]:
            found.append((entry, one[3]))
    return found


def packet(
    entry: RunEntry, run: Frame, lines: Iterable[tuple[str, float]], samples: Iterable[Sample], after: int
) -> Frame:
    """Return the curve of a run with the lines of its text, its settings, and its samples after a step."""
    new = [sample for sample in samples if sample.step > after]
    events = [{**event, "message": message_frame(event["message"])} for event in run["events"]]
    return {
        "number": entry.number,
        "id": entry.id,
        "step": entry.step,
        "state": entry.state,
        "curve": {**run, "events": events},
        "lines": [list(line) for line in lines],
        "settings": entry.recipe.settings(),
        "samples": [[sample.step, sample.prefix, sample.text[:SAMPLE_CHARACTERS]] for sample in new],
        "after": after,
    }


def curves_frame(packets: Sequence[Frame], outcome: Frame | None) -> str:
    """Return packets, and the outcome of a sweep if it is new, as the value of the curves."""
    return encode(plain({"packets": packets, "outcome": outcome}))


def encode(value: Any) -> str:
    """Return a value as one text of JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def outcome_frame(group: str, summary: Summary) -> Frame:
    """Return the table of a sweep and what it says; `digest` tells two outcomes apart."""
    rows = [
        {
            "value": row.value,
            "runs": len(row.numbers),
            "measured": row.measured,
            "perplexity": band(row.perplexity),
            "bits": band(row.bits_per_character),
            "parameters": row.parameters,
            "seconds": short(row.seconds),
        }
        for row in summary.rows
    ]
    frame = {"group": group, "axis": summary.axis, "rows": rows, "verdict": [*map(message_frame, summary.verdict)]}
    return {**frame, "digest": zlib.crc32(encode(frame).encode())}


def band(found: Band | None) -> list[float] | None:
    """Return mean, least and most."""
    return [short(found.mean), short(found.low), short(found.high)] if found else None
