"""Zip archives: opened only within limits of members, size and ratio. It knows no format inside them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ...errors import TextError
from ..account import label

MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = 4 << 20  # of the list of members
MAX_UNPACKED_BYTES = 2 * 10**9
FREE_BYTES = 10 * 10**6  # up to this the ratio is not asked for
MAX_RATIO = 100  # text is packed to a third or a tenth
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def open_archive(path: Path, name: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose members may be unpacked without harm.

    Raises:
        TextError: it is damaged, or unpacks to more than any collection of texts.
    """
    _check_directory(path, name)
    try:
        archive = zipfile.ZipFile(path)
    except BAD_ZIP as error:
        raise TextError("format_broken", name=label(name), kind="ZIP") from error
    with archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise TextError("too_many_members", name=label(name), most=MAX_MEMBERS)
        check_unpacked(sum(member.file_size for member in members), path.stat().st_size, name)
        yield archive


@contextmanager
def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo | str, name: str) -> Iterator[IO[bytes]]:
    """Open one member; what is wrong with it while it is read is said as a refusal.

    Raises:
        TextError: it is not there, damaged or encrypted.
    """
    try:
        with archive.open(member) as file:
            yield file
    except (KeyError, *BAD_ZIP) as error:
        raise TextError("format_broken", name=label(name), kind="ZIP") from error


def check_unpacked(unpacked: int, packed: int, name: str) -> None:
    """Refuse what unpacks to more than a text would.

    Raises:
        TextError: it does.
    """
    if unpacked > MAX_UNPACKED_BYTES:
        megabytes, most = round(unpacked / 10**6), round(MAX_UNPACKED_BYTES / 10**6)
        raise TextError("unpacks_too_large", name=label(name), megabytes=megabytes, most=most)
    if unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise TextError("packed_too_well", name=label(name), ratio=round(unpacked / packed), most=MAX_RATIO)


def _check_directory(path: Path, name: str) -> None:
    """Refuse a list of members too long to be read into memory; zipfile would read it first and count then."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END.size - 0xFFFF))
        tail = file.read()
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) - place < _END.size:  # it was cut off in a download, for one
        raise TextError("format_broken", name=label(name), kind="ZIP")
    _, _, _, _, count, directory, _, _ = _END.unpack_from(tail, place)
    if count > MAX_MEMBERS or directory > MAX_DIRECTORY_BYTES:
        raise TextError("too_many_members", name=label(name), most=MAX_MEMBERS)
