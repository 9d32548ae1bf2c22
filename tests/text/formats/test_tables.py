"""Tables and records: which column is text, which others there are, and what is no table at all."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprnn.errors import TextError
from deeprnn.text.account import Reading
from deeprnn.text.formats import tables
from deeprnn.text.reading import ReadText, read_bytes

ROWS = [["id", "title", "text"], ["1", "One", "The bell rang."], ["2", "Two", 'It said "no",\nthen; stopped.']]
WORDS = 'The bell rang.\nIt said "no",\nthen; stopped.\n'


def write_table(rows: list[list[str]], delimiter: str) -> bytes:
    data = io.StringIO()
    csv.writer(data, delimiter=delimiter).writerows(rows)
    return data.getvalue().encode()


def columns(read: ReadText) -> dict[str, int]:
    return {column.name: column.characters for column in read.account.columns}


@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("|", "a.csv")])
def test_the_column_with_most_text_is_read(delimiter: str, name: str) -> None:
    read = read_bytes(write_table(ROWS, delimiter), name)
    assert (read.text, read.account.chosen) == (WORDS, ("text",))
    assert columns(read) == {"id": 4, "title": 8, "text": len(WORDS)}
    assert [notice.key for notice in read.notices] == ["columns_read"]


def test_columns_may_be_chosen() -> None:
    table = write_table(ROWS, ",")
    assert read_bytes(table, "a.csv", Reading(columns=("title",))).text == "One\nTwo\n"
    both = read_bytes(table, "a.csv", Reading(columns=("text", "title")))
    assert both.text == 'The bell rang.\nOne\nIt said "no",\nthen; stopped.\nTwo\n'
    with pytest.raises(TextError, match=r"no column body\. Allowed: id, title, text"):
        read_bytes(table, "a.csv", Reading(columns=("body",)))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_column_gives_as_many_characters_as_are_told(name: str) -> None:
    """A column of numbers was told to give none."""
    rows = [["n", "mixed", "text"], ["1250", "7", "The bell rang."], ["", "north", " "], ["0,5", " 8 ", "It stopped."]]
    records = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    data = write_table(rows, ";") if name == "a.csv" else "\n".join(map(json.dumps, records)).encode()
    read = read_bytes(data, name)
    assert read.account.chosen == ("text",)
    alone = {column: len(read_bytes(data, name, Reading(columns=(column,))).text) for column in rows[0]}
    assert columns(read) == alone


def test_a_table_without_names_has_numbers() -> None:
    read = read_bytes(write_table([["1", "The bell rang."], ["2", "Then it stopped."]], ","), "a.csv")
    assert (read.text, read.account.chosen) == ("The bell rang.\nThen it stopped.\n", ("2",))


def test_rows_may_be_shorter_and_longer_than_their_names() -> None:
    read = read_bytes(b"a,text\n1,one\n\n2\n3,three,more words than the others\n", "a.csv")
    assert (columns(read), read.account.chosen) == ({"a": 6, "text": 10, "3": 27}, ("3",))


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=5), min_size=3, max_size=9))
def test_whatever_a_writer_quotes_comes_back(cells: list[str]) -> None:
    data = io.StringIO()
    csv.writer(data).writerows([["number", "words"], *([str(n), cell] for n, cell in enumerate(cells))])
    rows = list(tables._rows([data.getvalue()], tables._delimiter(data.getvalue(), "csv")))
    assert [row[1] for row in rows[1:]] == cells


RECORDS = [
    {"id": 1, "text": "The bell rang.", "meta": {"by": "A"}},
    {"id": 2, "text": "Then\u2028stopped. \U0001f514"},
    {"text": None, "meta": {"by": "B", "tags": ["x", "y"]}},
]
SAID = "The bell rang.\nThen\u2028stopped. \U0001f514\n"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_records_are_read_by_field(ascii_only: bool) -> None:
    lines = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in RECORDS)
    for data, name, kind in (
        (lines, "a.jsonl", "jsonl"),
        (lines, "a.json", "jsonl"),  # as many are called
        (json.dumps(RECORDS, indent=1, ensure_ascii=ascii_only), "a.json", "json"),
        (json.dumps({"data": RECORDS}, ensure_ascii=ascii_only), "a.json", "json"),
    ):
        read = read_bytes(data.encode(), name)
        prefix = "data." if '"data"' in data else ""
        assert (read.text, read.account.kind, read.account.chosen) == (SAID, kind, (f"{prefix}text",))
        assert columns(read) == {f"{prefix}text": 31, f"{prefix}meta.by": 4, f"{prefix}meta.tags": 4}
        tags = read_bytes(data.encode(), name, Reading(columns=(f"{prefix}meta.tags",)))
        assert tags.text == "x\ny\n"


def test_words_in_a_list_need_no_field() -> None:
    assert read_bytes(b'["one", ["two", 3], {}]', "a.json").text == "one\ntwo\n"
    many = {f"key {number}": f"words {number}" for number in range(300)}
    assert read_bytes(json.dumps(many).encode(), "a.json").text == "\n".join(many.values()) + "\n"


def test_lines_that_are_no_records_are_counted() -> None:
    read = read_bytes(b'{"text": "one"}\n{"text": \n{"text": "two"}\n', "a.jsonl")
    assert (read.text, str(read.notices[0])) == ("one\ntwo\n", "1 lines are no JSON and were left out.")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_what_is_no_json_is_plain_text_and_said(name: str) -> None:
    read = read_bytes(b"dear diary,\ntoday [nothing] happened", name)
    assert read.text == "dear diary,\ntoday [nothing] happened"
    assert "not_json" in [notice.key for notice in read.notices]


def test_surrogates_and_nul_in_records_are_repaired_and_counted() -> None:
    read = read_bytes(rb'{"text": "a\u0000b \ud83d\ude00 \ud800"}', "a.json")
    assert read.text == "ab \U0001f600 \ufffd\n"
    assert {n.key: n.details["count"] for n in read.notices} == {"nuls_removed": 1, "surrogates_replaced": 1}


def test_a_table_of_numbers_has_no_text() -> None:
    for data, name in ((b"a,b\n1,2\n3,4\n", "a.csv"), (b'[{"a": 1}]', "a.json"), (b"1\n2\n", "a.jsonl")):
        with pytest.raises(TextError, match="no text"):
            read_bytes(data, name)
