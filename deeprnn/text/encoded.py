"""Encoded texts on disk: token ids as one memory-mapped array with a JSON header beside it, found by their content.

Whoever reads one holds a shared lock on it, so that only what nobody uses is removed when the folder is full.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..disk import NEW, new_file
from ..errors import TextError
from ..home import home_folder
from ..messages import message

if sys.platform != "win32":
    import fcntl

FORMAT = 2  # 1 counted no unknown characters
MOST_BYTES = 20 * 10**9  # kept in the folder, all together
SPARE_BYTES = 256 * 10**6  # left free on the disk for whatever else is written there
BLOCK_BYTES = 1 << 22
YOUNG_SECONDS = 60.0  # a new file may not be locked yet
DTYPES = ("uint8", "uint16", "uint32")

TokenIds = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Header:
    """Describe an array of token ids.

    Args:
        text_sha256: of the text as it came, in UTF-8.
        settings: what the text was prepared and cut into tokens with.
        tokenizer: as plain JSON values.
        tokenizer_sha256: of those, as `digest` makes it.
        tokens: length of the array.
        dtype: numpy's name of its type.
        crc32: of its bytes.
        unknown: tokens that the vocabulary leaves out.
        marks: numbers of tokens, and the characters that so many from the beginning stand for.
        byte_order: of this machine, little or big.
        format: version of this header and its array.
    """

    text_sha256: str
    settings: Mapping[str, Any]
    tokenizer: Mapping[str, Any]
    tokenizer_sha256: str
    tokens: int
    dtype: str
    crc32: int
    unknown: int
    marks: tuple[tuple[int, ...], tuple[int, ...]]
    byte_order: str = sys.byteorder
    format: int = FORMAT


def digest(values: Any) -> str:
    """Return the SHA-256 of plain JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def key_of(text_sha256: str, settings: Mapping[str, Any]) -> str:
    """Return the key of an encoded text: the same text with the same settings is the same array."""
    return digest([FORMAT, sys.byteorder, unicodedata.unidata_version, text_sha256, settings])[:32]


def encoded_folder() -> Path:
    """Return the folder of encoded texts; it may not exist yet."""
    return home_folder() / "encoded"


def open_encoded(key: str, tick: Callable[[], None] = lambda: None) -> tuple[Header, TokenIds] | None:
    """Return an encoded text, its ids mapped read-only, after every byte of it was checked.

    Args:
        key: under which it was written.
        tick: called again and again while it is checked; may raise to end that.

    Returns:
        None if there is none.

    Raises:
        TextError: it is damaged, or cannot be read.
    """
    place = encoded_folder() / f"{key}.ids"
    try:
        with place.open("rb") as file:
            if not _lock(file, alone=False):
                return None  # it is being removed
            header = _read_header(place, os.fstat(file.fileno()).st_size)
            if header is None or _checksum(file, tick) != header.crc32:
                raise TextError("encoded_damaged", path=str(place))
            os.utime(place)
            return header, _map(file, header)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TextError("encoded_damaged", path=str(place)) from error


def write_encoded(key: str, describe: Callable[[int, int], Header], parts: Iterable[TokenIds]) -> TokenIds:
    """Write token ids part by part and return them all, mapped read-only; whatever stops it leaves nothing behind.

    Args:
        key: under which `open_encoded` finds them.
        describe: makes the header from the number of tokens and their checksum.
        parts: all of one type.

    Raises:
        TextError: the disk refuses.
    """
    place = encoded_folder() / f"{key}.ids"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        tokens = crc = 0
        with new_file(place, durable=False) as file:  # its checksum tells when a power cut tore it
            _lock(file, alone=False)
            for part in parts:
                file.write(part.data)
                tokens, crc = tokens + len(part), zlib.crc32(part.data, crc)
        header = describe(tokens, crc)
        with new_file(place.with_suffix(".json"), durable=False) as file:
            file.write(json.dumps(asdict(header)).encode())
        with place.open("rb") as file:
            _lock(file, alone=False)
            ids = _map(file, header)
        make_room(0)
        return ids
    except OSError as error:
        raise cannot_write(error) from error


def cannot_write(error: OSError) -> TextError:
    """Return what is said when the disk refuses."""
    return TextError("cannot_write", path=str(encoded_folder()), reason=error.strerror or type(error).__name__)


def make_room(needed: int) -> None:
    """Remove the texts used longest ago, but none in use, until there is room for another.

    Args:
        needed: bytes of the one to come.

    Raises:
        TextError: the disk has no room for it even so.
    """
    folder = encoded_folder()
    for path in folder.glob(f".*{NEW}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > YOUNG_SECONDS:
                _remove_unused(path)
    kept = []
    for path in folder.glob("*.ids"):
        with contextlib.suppress(OSError):  # another program has just removed it
            kept.append((path.stat().st_mtime, path.stat().st_size, path))
    total = sum(size for _, size, _ in kept) + needed
    there = next(place for place in (folder, *folder.parents) if place.exists())
    for _, size, path in sorted(kept):
        full = total > MOST_BYTES or (needed and _free(there) < needed + SPARE_BYTES)
        if full and _remove_unused(path):
            total -= size
    if needed and _free(there) < needed + SPARE_BYTES:
        reason = message("why_disk_full", needed=_megabytes(needed + SPARE_BYTES), free=_megabytes(_free(there)))
        raise TextError("cannot_write", path=str(folder), reason=reason)


def _read_header(place: Path, size: int) -> Header | None:
    """Return the header of an array of so many bytes, None if the two do not fit or it is not as it was written."""
    try:
        header = Header(**json.loads(place.with_suffix(".json").read_bytes()))
        whole = digest(header.tokenizer) == header.tokenizer_sha256
        mine = key_of(header.text_sha256, header.settings) == place.stem
        numbers, characters = header.marks
        fits = (
            (header.format, header.byte_order) == (FORMAT, sys.byteorder)
            and len(numbers) == len(characters)
            and numbers[-1] == header.tokens
            and header.dtype in DTYPES
            and header.tokens * np.dtype(header.dtype).itemsize == size > 0
        )
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return header if whole and mine and fits else None


def _checksum(file: IO[bytes], tick: Callable[[], None]) -> int:
    crc = 0
    while block := file.read(BLOCK_BYTES):
        crc = zlib.crc32(block, crc)
        tick()
    return crc


def _map(file: IO[bytes], header: Header) -> TokenIds:
    """Return the ids as a plain array; the map below it keeps the file, and so its lock, open."""
    mapped = np.memmap(file, np.dtype(header.dtype), "r", shape=(header.tokens,))
    return mapped.view(np.ndarray)


def _lock(file: IO[bytes], *, alone: bool) -> bool:
    """Hold a file as one that is in use, or alone; return False if others do."""
    if sys.platform == "win32":  # refuses by itself to remove a file that is open
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # this file system has no locks; whoever has a removed file open can still read it
        return True
    return True


def _remove_unused(path: Path) -> bool:
    """Remove a file and its header, unless somebody uses it; return whether it is gone."""
    try:
        with path.open("rb") as file:
            if not _lock(file, alone=True):
                return False
        path.unlink()  # whoever has opened it since can still read it
        path.with_suffix(".json").unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _megabytes(size: int) -> int:
    return round(size / 10**6)
