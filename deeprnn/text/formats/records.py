"""Records (.json, .jsonl): the words in the chosen fields, one after the other; fields of fields are named a.b."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ...errors import TextError
from ...messages import message
from ..account import Account, Column, Reading, choose_columns, label
from ..pieces import Pieces, lines, opener, scan

MAX_JSON_BYTES = 500 * 10**6  # one document is held in memory; of lines, only one is
MAX_FIELDS = 200
ALL_FIELDS = "*"  # where every record names its fields anew
NO_FIELD = "text"  # of words in a list, or alone
MAX_DEPTH = 200
Words = Iterator[tuple[str, str]]


def read(path: Path, name: str, kind: str, how: Reading, write: Callable[[str], None]) -> Account:
    """Write the chosen fields of records; a file that only seems to hold records is written as it is.

    Raises:
        TextError: it is not a text, has no such field, has no text, or is nested too deeply.
    """
    account, pieces = scan(opener(path), name, how.encoding)
    kind = _kind(pieces, kind)
    broken = 0
    if kind == "json":
        if path.stat().st_size > MAX_JSON_BYTES:
            raise TextError("json_too_large", name=label(name), most=MAX_JSON_BYTES // 10**6)
        try:
            documents: Iterable[object] = [_load("".join(pieces), name)]
        except ValueError as error:
            return _as_plain(account, pieces, kind, name, error, write)
    else:
        good, broken, wrong = _check_lines(pieces, name)
        if broken > good:
            return _as_plain(account, pieces, kind, name, wrong, write)
        documents = _Lines(pieces, name)
    columns = _measure(documents, name)
    chosen = choose_columns(columns, how, name)
    for field, words in _all_words(documents, name):
        if (field in chosen or chosen == (ALL_FIELDS,)) and words.strip():
            write(words + "\n")
    notices = [*account.notices]
    if broken:
        notices.append(message("lines_not_json", count=broken))
    if len(columns) > 1:
        notices.append(message("columns_read", columns=", ".join(map(label, chosen)), count=len(columns)))
    return replace(account, kind=kind, columns=columns, chosen=chosen, notices=tuple(notices))


class _Lines:
    """Yield the document of each line that holds one, as often as it is iterated."""

    def __init__(self, pieces: Pieces, name: str) -> None:
        self._pieces, self._name = pieces, name

    def __iter__(self) -> Iterator[object]:
        for line in lines(self._pieces):
            if line.strip():
                try:
                    document = _load(line, self._name)
                except ValueError:
                    continue  # counted before
                yield document


def _kind(pieces: Pieces, kind: str) -> str:
    """Return json for one document, jsonl for one on each line, whichever name the file has."""
    first, *more = (line for _, line in zip(range(20), lines(pieces), strict=False) if line.strip())
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return "json" if first.lstrip()[:1] in "[{" and kind == "json" else kind
    return "jsonl" if more else "json" if kind == "json" else kind


def _check_lines(pieces: Pieces, name: str) -> tuple[int, int, ValueError]:
    """Return how many lines hold a document and how many do not, and what is wrong with the last of these."""
    good = broken = 0
    wrong = ValueError()
    for line in lines(pieces):
        if line.strip():
            try:
                _load(line, name)
                good += 1
            except ValueError as error:
                broken, wrong = broken + 1, error
    return good, broken, wrong


def _load(text: str, name: str) -> object:
    try:
        return json.loads(text, parse_int=float)  # which is fast for any number of digits
    except RecursionError:
        raise TextError("nested_too_deeply", name=label(name)) from None


def _as_plain(
    account: Account, pieces: Pieces, kind: str, name: str, error: ValueError, write: Callable[[str], None]
) -> Account:
    for piece in pieces:
        write(piece)
    line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
    why = message("not_json", name=label(name), kind=kind.upper(), line=line, column=column)
    return replace(account, notices=(*account.notices, why))


def _measure(documents: Iterable[object], name: str) -> tuple[Column, ...]:
    """Return every field with its characters, the one that comes first first; all as one where there are too many."""
    totals: Counter[str] = Counter()
    for field, words in _all_words(documents, name):
        if len(totals) > MAX_FIELDS:
            field = ALL_FIELDS
        totals[field] += len(words) + 1 if words.strip() else 0  # each is a line
    if len(totals) > MAX_FIELDS:
        return (Column(ALL_FIELDS, sum(totals.values())),)
    return tuple(Column(field, characters) for field, characters in totals.items())


def _all_words(documents: Iterable[object], name: str) -> Words:
    for document in documents:
        yield from _words(document, "", name, 0)


def _words(value: object, field: str, name: str, depth: int) -> Words:
    """Yield every string of a document with the names of the fields that lead to it."""
    if depth > MAX_DEPTH:
        raise TextError("nested_too_deeply", name=label(name))
    if isinstance(value, str):
        yield field or NO_FIELD, value
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, field, name, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _words(item, f"{field}.{key}" if field else key, name, depth + 1)
