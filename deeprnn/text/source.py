"""A text as its user names it: files, a folder, standard input, a key of the catalogue, a data set, or itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import TextError
from ..messages import Message, message
from . import catalogue, hub
from .account import ASKED_FOR, PASTED, Account, Reading, label, say_left_out, together
from .formats.kinds import PLAIN
from .meter import Progress
from .reading import (
    AS_IT_COMES,
    MAX_FILES,
    MAX_MEGABYTES,
    Joined,
    ReadText,
    in_memory,
    open_pieces,
    read_bytes,
    read_pasted,
    refuse_none_or_too_many,
)

MAX_NAME_CHARACTERS = 255  # no longer than the name of a file may be
STANDARD_INPUT = "-"
Source = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class NamedText:
    """Hold a text that was found.

    Args:
        name: what to call it.
        text: its characters.
        entropy_floor: nats per character that no model can beat, None unless known exactly.
        notices: what was changed in reading it.
        account: what is known of how it was read.
    """

    name: str
    text: str
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()
    account: Account = PASTED


@dataclass(frozen=True)
class NamedPieces:
    """Hold a text that was found and not yet read; as `NamedText`, but in pieces that may be iterated repeatedly."""

    name: str
    pieces: Iterable[str]
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()
    account: Account = PASTED


def find_text(source: Source, how: Reading = AS_IT_COMES) -> NamedText:
    """Read a text into memory.

    Args:
        source: as for `find_pieces`.
        how: what to choose where there is a choice.

    Raises:
        TextError: there is nothing of that name, or it cannot be read, or is too large for that.
    """
    found = find_pieces(source, how)
    text = in_memory(found.account, found.pieces).text
    return NamedText(found.name, text, found.entropy_floor, found.notices, found.account)


def find_pieces(source: Source, how: Reading = AS_IT_COMES, progress: Progress | None = None) -> NamedPieces:
    """Find a text and open it for reading in pieces.

    Args:
        source: a path of a file in any format, or of a folder of them; several paths, which are read as one text;
            `-` for standard input; the key of a text that the program knows (a file of that name comes first);
            `hub:owner/name`, a data set of the Hugging Face Hub; or, if it has a line break or more than 255
            characters, the text itself.
        how: what to choose where there is a choice.
        progress: told how far each file is read, as `open_pieces` says.

    Raises:
        TextError: there is nothing of that name, or it cannot be read.
    """
    if not isinstance(source, str | Path):
        return _find_several(source, how, progress)
    return _find_several([source], how, progress)


def _find_one(source: str | Path, how: Reading, progress: Progress | None) -> NamedPieces:
    if isinstance(source, str):
        if "\n" in source or len(source) > MAX_NAME_CHARACTERS:
            return _whole("text", read_pasted(source))
        if source == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_MEGABYTES * 10**6 + 1)
            name = f"standard input{_suffix(data, how)}"
            return _whole("standard input", read_bytes(data, name, how))
        if source.startswith(hub.SCHEME):
            wanted = hub.parse(source)
            return _named(wanted.repository.rpartition("/")[2], *hub.open_dataset(wanted, progress))
    keys = [entry.key for entry in catalogue.entries()]
    exists = os.path.exists(source)  # unlike Path's, it answers no where looking is not allowed
    if source in keys and not exists:
        loaded = catalogue.load(str(source))
        account = Account(str(source), characters=len(loaded.text))
        title = catalogue.title(str(source))
        return NamedPieces(title, (loaded.text,), loaded.entropy_floor, loaded.notices, account)
    if not exists:
        raise TextError("no_such_text", name=label(str(source)), allowed=", ".join(keys))
    path = Path(source)
    if path.is_dir():
        return _named(path.resolve().name, *open_folder(path, how, progress))
    return _named(path.resolve().stem, *open_pieces(path, how, progress))


def open_folder(
    folder: Path, how: Reading = AS_IT_COMES, progress: Progress | None = None
) -> tuple[Account, Iterable[str]]:
    """Open every file of a folder, and of the folders in it, as one text, in the order of their names.

    Hidden ones are passed over; what cannot be read is left out and said.

    Raises:
        TextError: nothing in it can be read, or there are too many files.
    """
    paths = [path for path in _files(folder) if not path.name.startswith(".")]
    if len(paths) > MAX_FILES:
        raise TextError("too_many_files", count=len(paths), most=MAX_FILES)
    opened: list[tuple[Account, Iterable[str]]] = []
    left_out: list[Message] = []
    for path in paths:
        try:
            opened.append(open_pieces(path, how, progress))
        except TextError as error:
            if error.message.key in ASKED_FOR:
                raise
            left_out.append(message("left_out", name=label(path.name), reason=error.message))
    if not paths:
        raise TextError("empty_folder", name=label(str(folder)))
    if not opened:
        raise TextError("no_readable_member", name=label(str(folder)), count=len(paths), reason=left_out[0])
    account = together([account for account, _ in opened], "folder", say_left_out(left_out))
    return account, Joined(tuple(pieces for _, pieces in opened))


def _suffix(data: bytes, how: Reading) -> str:
    """Return the suffix of what came without a name: records say that they are some, a table is one if it shall be."""
    if data.lstrip()[:1] in (b"{", b"[") and (how.columns or _is_json(data.lstrip().partition(b"\n")[0])):
        return ".jsonl"
    return ".csv" if how.columns else ""


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _files(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):  # which follows no links to folders, so it ends
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place) / name for name in names]
        if len(found) > MAX_FILES:
            break
    return sorted(found)


def _find_several(sources: Sequence[str | Path], how: Reading, progress: Progress | None) -> NamedPieces:
    """Find several texts of any kind; they are one text, in their order."""
    refuse_none_or_too_many(sources)
    found = [_find_one(source, how, progress) for source in sources]
    if how.columns and all(text.account.kind == PLAIN for text in found):
        raise TextError("no_columns", name=label(found[0].name))
    if len(found) == 1:
        return found[0]
    account = together([replace(text.account, name=text.name, notices=text.notices) for text in found], "files")
    return _named(found[0].name, account, Joined(tuple(text.pieces for text in found)))


def _named(name: str, account: Account, pieces: Iterable[str]) -> NamedPieces:
    return NamedPieces(name, pieces, notices=account.notices, account=account)


def _whole(name: str, read: ReadText) -> NamedPieces:
    return NamedPieces(name, (read.text,), notices=read.notices, account=read.account)
