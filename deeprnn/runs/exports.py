"""Runs as files to take away: a table of them, or their records, written where the page may serve it from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..errors import ConfigError, StoreError
from ..training.record import TrainRecord
from .entries import RunEntry
from .history import History
from .tables import records_csv, runs_csv, runs_json

FORMS = {"table": "runs.csv", "csv": "records.csv", "json": "runs.json"}


def export_runs(runs: History, numbers: Sequence[int], form: str, folder: Path) -> Path:
    """Write runs into a file and return its path.

    Args:
        runs: where they are found.
        numbers: of the runs.
        form: "table" for one row of each run, "csv" for their records, "json" for both.
        folder: where the file is put; an older one of the same form is replaced.

    Raises:
        ConfigError: there is no such form.
        StoreError: there is no such run, or the disk refuses.
    """
    if form not in FORMS:
        raise ConfigError("not_a_choice", name="form", value=form[:60], allowed=", ".join(FORMS))
    entries = [runs.entry(number) for number in numbers]
    target = folder / FORMS[form]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(_pieces(runs, entries, form))
    except OSError as error:
        raise StoreError("cannot_write", path=str(target), reason=str(error)) from error
    return target


def _pieces(runs: History, entries: Sequence[RunEntry], form: str) -> Iterator[str]:
    def records(entry: RunEntry) -> Iterable[TrainRecord]:
        return runs.records(entry.number)  # asked for one run after the other: together they may be millions

    if form == "table":
        return runs_csv(entries)
    if form == "csv":
        return records_csv((entry.number, records(entry)) for entry in entries)
    return runs_json((entry, records(entry)) for entry in entries)
