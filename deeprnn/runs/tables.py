"""Runs and their records as CSV and JSON, for other programs; nothing of a file is lost when it is read back.

In a CSV a text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that already
begins with an apostrophe: taking one away gives the text back.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..config import RECIPE_FIELDS
from ..training.record import TrainRecord
from .database import Database
from .entries import RunEntry

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # as spreadsheets of any language begin one
# Of a run; its id is left out, for whoever has it may read the run.
RUN_COLUMNS = (
    "number", "name", "notes", "corpus", "corpus_name", "state", "step", "total_steps", "best_step", "best_perplexity",
    "bits_per_character", "seconds", "tokens_per_second", "created", "parent", "parent_step", "group", "preset",
)  # fmt: skip
RECORD_COLUMNS = tuple(field.name for field in dataclasses.fields(TrainRecord))


def stored_records(database: Database, number: int) -> Iterator[TrainRecord]:
    """Yield the records of a run as they are kept, some at a time."""
    step = 0
    while records := database.records(number, step):
        yield from records
        step = records[-1].step


def runs_csv(entries: Iterable[RunEntry]) -> Iterator[str]:
    """Yield the lines of a table of runs, one row for each, its settings in columns of their own."""
    return write_csv((*RUN_COLUMNS, *RECIPE_FIELDS), map(run_row, entries))


def records_csv(runs: Iterable[tuple[int, Iterable[TrainRecord]]]) -> Iterator[str]:
    """Yield the lines of a table of records.

    Args:
        runs: the number of each run and its records.
    """
    rows = ({"run": number, **dataclasses.asdict(record)} for number, records in runs for record in records)
    return write_csv(("run", *RECORD_COLUMNS), rows)


def runs_json(runs: Iterable[tuple[RunEntry, Iterable[TrainRecord]]]) -> Iterator[str]:
    """Yield the pieces of one JSON object: {"columns": [...], "runs": [...]}, each run with "recipe" and "records".

    Args:
        runs: each run with its records, which become rows of numbers in the order of the columns.
    """
    yield f'{{"columns": {_json(RECORD_COLUMNS)}, "runs": ['
    for index, (entry, records) in enumerate(runs):
        row = {name: value for name, value in run_row(entry).items() if name not in RECIPE_FIELDS}
        head = _json({**row, "recipe": entry.recipe.to_dict()}).removesuffix("}")
        yield f'{"," if index else ""}\n{head}, "records": ['
        for place, record in enumerate(records):
            values = [_finite(getattr(record, name)) for name in RECORD_COLUMNS]
            yield f"{',' if place else ''}\n{_json(values)}"
        yield "]}"
    yield "]}\n"


def run_row(entry: RunEntry) -> dict[str, Any]:
    """Return a run as plain values by column."""
    step, perplexity = entry.best or (None, None)
    known = {name: getattr(entry, name) for name in RUN_COLUMNS if hasattr(entry, name)}
    known |= {"best_step": step, "best_perplexity": perplexity, "preset": entry.recipe.name}
    return {name: _finite(value) for name, value in {**known, **entry.recipe.settings()}.items()}


def write_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file, the names of the columns first; None is an empty cell, numbers are exact."""
    columns = tuple(columns)
    yield _line(columns)
    for row in rows:
        yield _line([cell(row[name]) for name in columns])


def cell(value: Any) -> Any:
    """Return a value as it may stand in a table: no text is a formula, true and false are as one types them."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(("'", *FORMULA)) else value


def _line(cells: Iterable[Any]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow(cells)
    return file.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    """Return None in place of a number that JSON has no word for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
