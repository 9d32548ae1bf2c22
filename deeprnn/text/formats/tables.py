"""Tables (.csv, .tsv): the cells of the chosen columns, one line each; the first row names them if it looks so."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ...errors import TextError
from ...messages import message
from ..account import Account, Column, Reading, choose_columns, label
from ..pieces import lines, opener, scan

SAMPLE_CHARACTERS = 1 << 15
DELIMITERS = ",;\t|"
MAX_CELL_CHARACTERS = 16 * 10**6
MAX_COLUMNS = 1000


def read(path: Path, name: str, kind: str, how: Reading, write: Callable[[str], None]) -> Account:
    """Write the chosen columns of a table.

    Raises:
        TextError: it is not a text, has no such column, or has no text.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    account, pieces = scan(opener(path), name, how.encoding)
    sample = next(iter(pieces))[:SAMPLE_CHARACTERS]
    try:
        delimiter = _delimiter(sample, kind)
        header = next(_rows(pieces, delimiter), [])
        names = _names(header, sample, delimiter)
        first = 0 if names is None else 1
        names = names or [str(number) for number in range(1, len(header) + 1)]
        columns, words = _measure(itertools.islice(_rows(pieces, delimiter), first, None), names, name)
        chosen = choose_columns(columns, how, name, words)
        places = [[column.name for column in columns].index(column) for column in chosen]
        for row in itertools.islice(_rows(pieces, delimiter), first, None):
            cells = [row[place] for place in places if place < len(row) and row[place].strip()]
            if cells:
                write("\n".join(cells) + "\n")
    except csv.Error as error:
        raise TextError("format_broken", name=label(name), kind=kind.upper()) from error
    said = message("columns_read", columns=", ".join(map(label, chosen)), count=len(columns))
    notices = (*account.notices, said) if len(columns) > 1 or first else account.notices
    return replace(account, kind=kind, columns=columns, chosen=chosen, notices=notices)


def _rows(pieces: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    return (row for row in csv.reader(lines(pieces), delimiter=delimiter) if row)


def _delimiter(sample: str, kind: str) -> str:
    """Return what parts the cells: the sign by which most rows have the same number of cells, more than one.

    The library's own sniffer counts signs and not cells, and takes a comma in a sentence for the sign.
    """
    if kind == "tsv":
        return "\t"
    whole = sample[: sample.rfind("\n") + 1] or sample
    best, most = DELIMITERS[0], (0.0, 1)
    for delimiter in DELIMITERS:
        widths = Counter(map(len, _rows([whole], delimiter))) or Counter([1])
        width, rows = widths.most_common(1)[0]
        if width > 1 and (rows / widths.total(), width) > most:
            best, most = delimiter, (rows / widths.total(), width)
    return best


def _names(header: list[str], sample: str, delimiter: str) -> list[str] | None:
    """Return the names of the columns if the first row holds them: short, different words, and not numbers."""
    words = [cell.strip() for cell in header]
    if not all(words) or len(set(words)) < len(words) or any(len(w) > 60 or "\n" in w or _is_number(w) for w in words):
        return None
    below = list(itertools.islice(_rows([sample], delimiter), 1, 21))
    if len(words) == 1:
        # One column of text: its first cell is a name only if it is one word, and most cells below are longer.
        longer = sum(len(row[0]) > len(words[0]) for row in below if row)
        return words if " " not in words[0] and words[0].isascii() and 2 * longer > len(below) else None
    return words


def _is_number(word: str) -> bool:
    try:
        float(word.replace(",", "."))
    except ValueError:
        return False
    return True


def _measure(rows: Iterable[list[str]], names: list[str], name: str) -> tuple[tuple[Column, ...], list[int]]:
    """Return every column with the characters that it would give, and how many of these are in cells of words."""
    totals: Counter[int] = Counter()
    words: Counter[int] = Counter()
    width = len(names)
    for row in rows:
        width = max(width, len(row))
        if width > MAX_COLUMNS:
            raise TextError("too_many_columns", name=label(name), most=MAX_COLUMNS)
        for place, cell in enumerate(row):
            if cell.strip():
                totals[place] += len(cell) + 1  # each is a line
                words[place] += 0 if _is_number(cell[:40]) else len(cell)
    names = [*names, *(str(number) for number in range(len(names) + 1, width + 1))]
    columns = tuple(Column(column, totals[place]) for place, column in enumerate(names))
    return columns, [words[place] for place in range(width)]
