"""A zip archive as a folder of texts: every member that can be read, in the order of the names."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from ...errors import TextError
from ...messages import Message, message
from ..account import ASKED_FOR, Account, Reading, label, say_left_out, together
from ..pieces import Pieces, opener
from .archive import open_archive, open_member
from .kinds import SUFFIXES
from .output import TextFile

OFFICE = (("xl/workbook.xml", "XLSX"), ("ppt/presentation.xml", "PPTX"), ("content.xml", "ODT/ODS/ODP"))
COPY_BYTES = 1 << 18
ReadMember = Callable[[Path, str, Reading, Callable[[str], None]], Account]


def kind_of(path: Path, name: str) -> str:
    """Return docx or epub for a document in a zip, else zip.

    Raises:
        TextError: it is a damaged archive, or a document that is not read here.
    """
    with open_archive(path, name) as archive:
        names = set(archive.namelist())
    for member, kind in (("META-INF/container.xml", "epub"), ("word/document.xml", "docx")):
        if member in names:
            return kind
    for member, kind in OFFICE:
        if member in names and ("mimetype" in names or "[Content_Types].xml" in names):
            raise TextError("other_format", name=label(name), kind=kind)
    return "zip"


def read(
    path: Path, name: str, how: Reading, write: Callable[[str], None], place: Path, read_member: ReadMember
) -> Account:
    """Write the texts of an archive with one blank line between two of them.

    Args:
        path: of the archive.
        name: what to call it in messages.
        how: for each member.
        write: takes the text.
        place: a folder to unpack members to, one at a time.
        read_member: reads one; no archive in the archive.

    Raises:
        TextError: nothing in it can be read, or it is more than a collection of texts.
    """
    parts: list[Account] = []
    left_out: list[Message] = []
    last = ""
    with open_archive(path, name) as archive:
        for member in sorted(_files(archive), key=lambda member: member.filename):
            try:
                part, text = _read_one(archive, member, how, place, read_member)
            except TextError as error:
                if error.message.key in ASKED_FOR:
                    raise
                left_out.append(message("left_out", name=label(member.filename), reason=error.message))
                continue
            for piece in ("\n" if last == "\n" else "\n\n" if last else "", *text):
                write(piece)
                last = piece[-1:] or last
            parts.append(part)
    if not parts and not left_out:
        raise TextError("empty_folder", name=label(name))
    if not parts:
        raise TextError("no_readable_member", name=label(name), count=len(left_out), reason=left_out[0])
    return together(parts, "zip", say_left_out(left_out))


def _read_one(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, how: Reading, place: Path, read_member: ReadMember
) -> tuple[Account, Iterable[str]]:
    """Return the account and the text of one member, which is read to its end before any of it is used."""
    unpacked, spool = place / f"member{_safe_suffix(member.filename)}", place / "member-text"
    with open_member(archive, member, member.filename) as source, unpacked.open("wb") as file:
        shutil.copyfileobj(source, file, COPY_BYTES)
    with TextFile(spool) as text:
        account = read_member(unpacked, member.filename, how, text.write)
    return text.complete(account, member.filename), Pieces(opener(spool), "utf-8")


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return what is a file of the user's: no folder, nothing hidden, nothing that an operating system added."""
    found = []
    for member in archive.infolist():
        parts = member.filename.replace("\\", "/").split("/")
        if not member.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in parts):
            found.append(member)
    return found


def _safe_suffix(name: str) -> str:
    """Return the suffix of a name if it is one of ours, so that no name of a member reaches the disk."""
    return next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
