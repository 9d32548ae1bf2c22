"""Exports: read back by the readers of Python's own library they give the very same values, and run no formula."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import RECIPE_FIELDS, Recipe
from deeprnn.runs.entries import RunEntry
from deeprnn.runs.tables import RECORD_COLUMNS, records_csv, run_row, runs_csv, runs_json
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord

RECIPE = PRESETS["balanced"].replace(tokenizer="word", lower_case=True, learning_rate=0.1 + 0.2)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
# What a database in UTF-8 can hold, in one line or several; Python 3.10 reads no NUL in a table.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
RECORDS = st.builds(
    TrainRecord,
    **dict.fromkeys(("step", "tokens"), st.integers(0, 2**53)),
    **dict.fromkeys(("validation_perplexity", "validation_bits_per_character"), st.none() | NUMBERS),
    **dict.fromkeys(set(RECORD_COLUMNS) - {"step", "tokens", "validation_perplexity", "validation_bits_per_character"},
                    NUMBERS),
)  # fmt: skip


def entry(number: int = 1, name: str = "Book · balanced", notes: str = "", **changes: Any) -> RunEntry:
    values: dict[str, Any] = {
        "id": "secret-link",
        "corpus": "own-1",
        "corpus_name": "Book",
        "recipe": RECIPE,
        "differs": {"dropout": 0.2},
        "state": "done",
        "place": None,
        "step": 90,
        "total_steps": 100,
        "best": (80, 4.1 + 0.2),
        "bits_per_character": 2.05,
        "seconds": 12.5,
        "tokens_per_second": 1e5 / 3,
        "created": 1_790_000_000.25,
    }
    return RunEntry(number=number, name=name, notes=notes, **{**values, **changes})


def read_csv(lines: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(lines), newline="")))


def text_of(cell: str) -> str:
    """Take away the apostrophe that keeps a text from being a formula."""
    return cell.removeprefix("'")


def number_of(cell: str) -> Any:
    return float(cell) if cell else None


@given(TEXTS, TEXTS)
def test_every_text_comes_back_from_a_table_and_none_is_a_formula(name: str, notes: str) -> None:
    (row,) = read_csv(runs_csv([entry(name=name, notes=notes)]))
    assert (text_of(row["name"]), text_of(row["notes"])) == (name, notes)
    assert not row["notes"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_text_that_begins_with_an_apostrophe_is_told_from_a_guarded_one() -> None:
    rows = read_csv(runs_csv([entry(notes="'=1"), entry(notes="=1")]))
    assert [text_of(row["notes"]) for row in rows] == ["'=1", "=1"]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "－2"])
def test_a_formula_is_a_text_in_a_spreadsheet(formula: str) -> None:
    (row,) = read_csv(runs_csv([entry(notes=formula)]))
    assert row["notes"] == "'" + formula


def test_a_negative_number_stays_a_number() -> None:
    assert read_csv(runs_csv([entry(bits_per_character=-0.5)]))[0]["bits_per_character"] == "-0.5"


def test_a_table_of_runs_has_every_column_and_every_setting() -> None:
    (row,) = read_csv(runs_csv([entry(parent=3, parent_step=40, group="g")]))
    assert set(RECIPE_FIELDS) <= set(row)
    assert row["preset"] == "balanced"
    assert (row["best_step"], float(row["best_perplexity"])) == ("80", 4.1 + 0.2)
    assert float(row["learning_rate"]) == 0.1 + 0.2
    assert float(row["created"]) == 1_790_000_000.25
    assert (row["parent"], row["parent_step"], row["group"]) == ("3", "40", "g")
    assert (row["lower_case"], row["nfc"], row["embedding_size"], row["max_tokens"]) == ("true", "false", "64", "")


def test_whoever_gets_a_table_cannot_open_the_run_with_it() -> None:
    pieces = [*runs_csv([entry()]), *runs_json([(entry(), [])])]
    assert not any("secret-link" in piece for piece in pieces)


@given(st.lists(RECORDS, max_size=3))
def test_records_come_back_exactly_from_both_kinds(records: list[TrainRecord]) -> None:
    rows = read_csv(records_csv([(7, records)]))
    assert [row.pop("run") for row in rows] == ["7"] * len(records)
    assert [TrainRecord(**{name: number_of(text) for name, text in row.items()}) for row in rows] == records
    document = json.loads("".join(runs_json([(entry(), iter(records))])))
    assert [
        TrainRecord(**dict(zip(document["columns"], row, strict=True))) for row in document["runs"][0]["records"]
    ] == records


@given(TEXTS, TEXTS)
def test_runs_come_back_exactly_from_json(name: str, notes: str) -> None:
    runs = [entry(1, name, notes), entry(2, parent=1, best=None, bits_per_character=None)]
    document = json.loads("".join(runs_json((run, []) for run in runs)))
    for run, said in zip(runs, document["runs"], strict=True):
        assert Recipe.from_dict(said["recipe"]) == run.recipe
        assert said["records"] == []
        assert (said["name"], said["notes"], said["number"]) == (run.name, run.notes, run.number)
        assert {name: value for name, value in run_row(run).items() if name in said} == {
            name: value for name, value in said.items() if name not in ("recipe", "records")
        }


def test_no_runs_are_an_empty_list_and_a_table_of_names() -> None:
    assert json.loads("".join(runs_json([])))["runs"] == []
    assert len("".join(runs_csv([])).splitlines()) == 1


def test_what_is_no_number_is_nothing_and_the_file_stays_json() -> None:
    """A run without validation has an infinite best perplexity, which no strict reader of JSON takes."""
    run = entry(best=(80, math.inf))

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads("".join(runs_json([(run, [])])), parse_constant=refuse)
    assert document["runs"][0]["best_perplexity"] is None
    assert read_csv(runs_csv([run]))[0]["best_perplexity"] == ""
