"""One door to every format: recognises a file and hands it to its reader. It knows no limits of time and memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath

from ...errors import TextError
from ..account import Account, Reading, label
from ..pieces import opener, scan
from . import compressed, docx, epub, folder, html, pdf, records, subtitles, tables
from .kinds import HEAD_BYTES, PLAIN, recognise, wrong_suffix

Write = Callable[[str], None]
DOCUMENTS: dict[str, Callable[[Path, str, Write], Account]] = {"docx": docx.read, "epub": epub.read, "pdf": pdf.read}


def read_any(path: Path, name: str, how: Reading, write: Write, place: Path, *, inside: bool = False) -> Account:
    """Write the text of a file of any format.

    Args:
        path: of the file.
        name: its own name.
        how: what to choose where there is a choice.
        write: takes the text, piece by piece.
        place: a folder for what has to be unpacked.
        inside: whether it came out of an archive; there is none in that.

    Raises:
        TextError: it cannot be read.
    """
    with path.open("rb") as file:
        kind = recognise(file.read(HEAD_BYTES), name)
    if kind == "zip":
        kind = folder.kind_of(path, name)
    if inside and kind in ("zip", *compressed.OPEN):
        raise TextError("nested_archive", name=label(name))
    if kind in compressed.OPEN:
        within, inner = place / "unpacked", inner_name(name)
        compressed.unpack(path, name, kind, within)
        return read_any(within, inner, how, write, place, inside=True)
    account = _read_kind(kind, path, name, how, write, place)
    return replace(account, notices=(*account.notices, *wrong_suffix(account.kind, name)))


def _read_kind(kind: str, path: Path, name: str, how: Reading, write: Write, place: Path) -> Account:
    if kind == "zip":
        return folder.read(path, name, how, write, place, partial(read_any, place=place, inside=True))
    if kind in ("csv", "tsv"):
        return tables.read(path, name, kind, how, write)
    if kind in ("json", "jsonl"):
        return records.read(path, name, kind, how, write)
    if kind == "html":
        return html.read(path, name, how, write)
    if kind == "srt":
        return subtitles.read(path, name, how, write)
    if kind != PLAIN:
        return DOCUMENTS[kind](path, name, write)
    account, pieces = scan(opener(path), name, how.encoding)
    for piece in pieces:
        write(piece)
    return account


def inner_name(name: str) -> str:
    """Return what a compressed file is called when it is unpacked."""
    path = PurePath(name)
    return path.stem if path.suffix.lower() in (".gz", ".bz2", ".xz") else name
