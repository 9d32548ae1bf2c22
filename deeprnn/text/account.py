"""What was read and how: the wishes of the user and the account of a reader, both also as plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import TextError
from ..messages import Message, message
from .encodings.decoding import REPLACEMENT

NAME_CHARACTERS = 80
PREVIEW_CHARACTERS = 80
LEFT_OUT_NAMED = 3  # files that were not read
ASKED_FOR = ("unknown_column", "unknown_encoding")  # refusals that the user can put right for all files at once


@dataclass(frozen=True)
class Reading:
    """Say how a file shall be read where its reader would have to choose.

    Args:
        encoding: Python's name of one, None to find it out.
        columns: names of columns or fields, none to take the one with most text.
    """

    encoding: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """Hold a column of a table, or a field of records, and how many characters it would give to the text."""

    name: str
    characters: int


@dataclass(frozen=True)
class Account:
    """Say what was read.

    Args:
        name: of the file, fit to be shown.
        kind: its format, such as text, csv or epub; folder and files for several together.
        encoding: Python's name of it; empty where the format settles it, and for pasted text.
        is_guess: whether the bytes did not prove the encoding.
        certain: whether it may be trusted without asking.
        undecodable: bytes that the encoding cannot read; each is U+FFFD in the text.
        candidates: other encodings that could be meant, the likeliest first.
        columns: what could be chosen.
        chosen: names of the columns that were read.
        characters: of the text.
        preview: its beginning, on one line.
        notices: what was guessed, changed or left out; none means that nothing was.
        parts: the account of each file, where several were read together.
    """

    name: str = ""
    kind: str = "text"
    encoding: str = ""
    is_guess: bool = False
    certain: bool = True
    undecodable: int = 0
    candidates: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    chosen: tuple[str, ...] = ()
    characters: int = 0
    preview: str = ""
    notices: tuple[Message, ...] = ()
    parts: tuple[Account, ...] = ()


PASTED = Account()


def together(parts: Sequence[Account], kind: str, notices: Sequence[Message] = ()) -> Account:
    """Return the account of several texts that are read as one."""
    said = [message("in_file", name=part.name, notice=notice) for part in parts for notice in part.notices]
    return Account(
        parts[0].name,
        kind,
        undecodable=sum(part.undecodable for part in parts),
        is_guess=any(part.is_guess for part in parts),
        certain=all(part.certain for part in parts),
        characters=sum(part.characters for part in parts),
        preview=parts[0].preview,
        notices=(*notices, *said),
        parts=tuple(parts),
    )


def say_left_out(left_out: Sequence[Message]) -> tuple[Message, ...]:
    """Return what is said of files that were not read: the first few sentences, and how many more there are."""
    if len(left_out) <= LEFT_OUT_NAMED:
        return tuple(left_out)
    return (*left_out[:LEFT_OUT_NAMED], message("more_left_out", count=len(left_out) - LEFT_OUT_NAMED))


def to_plain(account: Account) -> dict[str, Any]:
    """Return an account as values that JSON can write."""
    plain = {field.name: getattr(account, field.name) for field in dataclasses.fields(account)}
    plain["columns"] = [[column.name, column.characters] for column in account.columns]
    plain["notices"] = [plain_message(notice) for notice in account.notices]
    plain["parts"] = [to_plain(part) for part in account.parts]
    return plain


def from_plain(plain: Mapping[str, Any]) -> Account:
    """Return the account that `to_plain` wrote."""
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}
    values["columns"] = tuple(Column(name, characters) for name, characters in plain["columns"])
    values["notices"] = tuple(read_message(notice) for notice in plain["notices"])
    values["parts"] = tuple(from_plain(part) for part in plain["parts"])
    return Account(**values)


def plain_message(said: Message) -> dict[str, Any]:
    """Return a message as values that JSON can write; a message among its details is one that has a key."""
    details = {k: plain_message(v) if isinstance(v, Message) else v for k, v in said.details.items()}
    return {"key": said.key, "details": details}


def read_message(plain: Mapping[str, Any]) -> Message:
    """Return the message that `plain_message` wrote."""
    details = {k: read_message(v) if isinstance(v, dict) else v for k, v in plain["details"].items()}
    return message(plain["key"], **details)


def choose_columns(
    columns: tuple[Column, ...], how: Reading, name: str, words: Sequence[int] | None = None
) -> tuple[str, ...]:
    """Return the names of the columns to read: those asked for, else the one with most text.

    Args:
        columns: that are there.
        how: the wish.
        name: of the file.
        words: characters of each column that are no numbers; None where every character counts.

    Raises:
        TextError: a column is not there, or none has any text.
    """
    allowed = [column.name for column in columns]
    for wanted in how.columns:
        if wanted not in allowed:
            there = ", ".join(label(column) for column in allowed[:50])
            raise TextError("unknown_column", column=label(wanted), name=label(name), allowed=there)
    if how.columns:
        return how.columns
    weights = [column.characters for column in columns] if words is None else words
    if not any(weights):
        raise TextError("no_text_in", name=label(name))
    return (columns[weights.index(max(weights))].name,)


def label(name: str) -> str:
    """Return a name that any page and terminal can show."""
    shown = "".join(c if c.isprintable() else REPLACEMENT for c in name)
    return shown if len(shown) <= NAME_CHARACTERS else "…" + shown[1 - NAME_CHARACTERS :]


def preview_of(text: str) -> str:
    """Return the beginning of a text on one line, fit to be shown."""
    words = " ".join(text[: 4 * PREVIEW_CHARACTERS].split())[:PREVIEW_CHARACTERS]
    return "".join(c if c.isprintable() else REPLACEMENT for c in words)
