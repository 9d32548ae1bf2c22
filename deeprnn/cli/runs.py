"""List the runs of a home, show the curve of one, or hand both to other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import SAMPLING_FIELDS, SamplingConfig
from ..errors import CheckpointError, StoreError
from ..home import home_folder
from .settings import add_settings, read_settings

if TYPE_CHECKING:
    from ..runs.database import Database
    from ..runs.entries import RunEntry

POINTS = 12  # of the curve of a run
HEAD = ("run", "state", "step", "validation", "bits", "time", "tokens/s", "name")
NONE = "-"
PREFIX_HELP = "write on from TEXT with the best model of each run, all with the same seed"
CSV_HELP = "write a table of the runs, or of the records of those that are named, to FILE, or - for standard output"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("numbers", metavar="NUMBER", type=int, nargs="*", help="of a run; none lists all of them")
    parser.add_argument("--home", metavar="DIR", type=Path, help="whose runs (default: DEEPRNN_HOME, or ~/deeprnn)")
    parser.add_argument("--json", action="store_true", help="print one JSON object; runs that are named with records")
    parser.add_argument("--csv", metavar="FILE", help=CSV_HELP)
    parser.add_argument("--prefix", metavar="TEXT", help=PREFIX_HELP)
    add_settings(parser, SAMPLING_FIELDS)


def run(options: argparse.Namespace) -> int:
    """Print what was asked for."""
    from ..runs.database import Database
    from ..runs.opening import FILE

    path = (options.home or home_folder()) / FILE
    sampling = SamplingConfig(**read_settings(options, SAMPLING_FIELDS))
    database = Database(path, read_only=True) if path.exists() else None
    try:
        if options.prefix is None:
            pieces = told(database, options)
        else:
            pieces = beside(path.parent, find(database, options.numbers), options.prefix, sampling)
        for piece in pieces:
            print(piece, end="", flush=True)
    finally:
        if database is not None:
            database.close()
    return 0


def told(database: Database | None, options: argparse.Namespace) -> Iterator[str]:
    """Yield what goes to standard output; a table may go to a file instead.

    Raises:
        StoreError: a run is not there, or the list cannot be read.
        CheckpointError: the file cannot be written.
    """
    from ..runs.tables import records_csv, runs_csv, runs_json, stored_records

    entries, named = find(database, options.numbers), bool(options.numbers)
    records = ((entry, stored_records(database, entry.number) if named and database else ()) for entry in entries)
    if options.csv is not None:
        lines = records_csv((entry.number, some) for entry, some in records) if named else runs_csv(entries)
        yield from write(lines, options.csv)
    elif options.json:
        yield from runs_json(records)
    elif named and database:
        yield "\n".join("".join(summary(database, entry)) for entry in entries)
    else:
        yield from table(HEAD, [cells(entry) for entry in entries])


def beside(home: Path, entries: Sequence[RunEntry], prefix: str, sampling: SamplingConfig) -> Iterator[str]:
    """Yield what the best model of each run writes from the same prefix with the same seed.

    Raises:
        CheckpointError: a run has no model yet, or it is damaged.
    """
    from ..model.checkpoint import load_checkpoint
    from ..runs.beside import write_beside
    from ..runs.store import run_folder

    folders = ((f"{entry.number}  {entry.name}", run_folder(home, entry.number) / "best") for entry in entries)
    models = ((label, load_checkpoint(folder)) for label, folder in folders)
    for written in write_beside(models, prefix, sampling):
        yield f"{written.label}\n{written.prefix}{written.text}\n\n"


def find(database: Database | None, numbers: Sequence[int]) -> list[RunEntry]:
    """Return the runs of these numbers, or all of them, the newest first.

    Raises:
        StoreError: a run is not there, or the list cannot be read.
    """
    from ..runs.naming import differs_from_preset

    if database is None:
        for number in numbers:
            raise StoreError("unknown_run", number=number)
        return []
    rows = [database.run(number) for number in numbers] if numbers else database.runs()
    return [row.entry(differs_from_preset(row.recipe)) for row in rows]


def write(lines: Iterable[str], place: str) -> Iterator[str]:
    """Write lines to a file, or yield them where its name is a dash.

    Raises:
        CheckpointError: the file cannot be written.
    """
    if place == "-":
        yield from lines
        return
    try:
        with open(place, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
    except OSError as error:
        raise CheckpointError("cannot_write", path=place, reason=error.strerror or str(error)) from error
    print(f"deeprnn: written to {place}", file=sys.stderr)


def cells(entry: RunEntry) -> tuple[str, ...]:
    """Return a run as the words of one line."""
    best = entry.best[1] if entry.best else None
    figures = [NONE if value is None else f"{value:.4g}" for value in (best, entry.bits_per_character)]
    step, speed = f"{entry.step}/{entry.total_steps}", f"{entry.tokens_per_second:.0f}"
    return (str(entry.number), entry.state, step, *figures, clock(entry.seconds), speed, entry.name)


def summary(database: Database, entry: RunEntry) -> Iterator[str]:
    """Yield what is to be said of one run, with its curve in a few lines, its events and its last sample."""
    from ..runs.naming import word

    yield from table(HEAD, [cells(entry)])
    settings = ", ".join(f"{name}={word(value)}" for name, value in entry.differs.items())
    yield f"\ntext {entry.corpus_name}; preset {entry.recipe.name}{f' with {settings}' if settings else ''}\n"
    if entry.parent is not None:
        yield f"went on from run {entry.parent}, step {entry.parent_step}\n"
    if entry.notes:
        yield f"{entry.notes}\n"
    curve = database.curve(entry.number, POINTS)
    for title, series in (("training", curve["train"]), ("validation", curve["validation"])):
        if series[0]:
            yield "\n"
            yield from table(("step", title), [(str(s), f"{p:.4g}") for s, p in zip(*series, strict=True)])
    for event in database.events(entry.number):
        yield f"\n{event.message}\n"
    for sample in database.samples(entry.number)[-1:]:
        yield f"\nstep {sample.step} writes:\n{sample.prefix}{sample.text}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; its last column, which may be in any script, is not aligned."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        aligned = (cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False))
        yield "  ".join([*aligned, row[-1]]) + "\n"


def clock(seconds: float) -> str:
    """Return seconds as 0:39 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
