"""The five files of a checkpoint as one thing, a folder or a .zip: what they may weigh, how they reach the disk whole.

Nothing here knows what the files say.
"""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import CheckpointError

WEIGHTS, CONFIG, TOKENIZER, METRICS, CARD = FILES = (
    "model.safetensors",
    "config.json",
    "tokenizer.json",
    "metrics.json",
    "README.md",
)
# Bytes. The largest vocabulary is under 1 MB, a curve of some hundred points far under 1 MB.
LIMITS = {WEIGHTS: 1 << 30, CONFIG: 1 << 16, TOKENIZER: 1 << 21, METRICS: 1 << 22, CARD: 1 << 20}
MAX_RATIO = 100  # of packed to unpacked size; weights hardly shrink, JSON about tenfold
# What zipfile raises on a damaged or encrypted archive.
BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
END_RECORD = struct.Struct("<4s4H2LH")  # of a .zip without a comment: its last bytes
MAX_DIRECTORY = 4096  # bytes of the list of a .zip with five short names


class Package:
    """Give the size and the content of the five files.

    Args:
        sizes: bytes of each file, already under its limit.
        open_file: opens one of them for reading.
    """

    def __init__(self, sizes: Mapping[str, int], open_file: Callable[[str], IO[bytes]]) -> None:
        self.sizes, self._open = sizes, open_file

    def read(self, name: str, size: int | None = None) -> bytes:
        """Return one file whole, or its first bytes.

        Raises:
            CheckpointError: it cannot be read, or is shorter than it said.
        """
        wanted = self.sizes[name] if size is None else size
        try:
            with self._open(name) as file:
                data = file.read(wanted)
        except OSError as error:
            raise CheckpointError("checkpoint_unreadable", path=name, reason=_reason(error)) from error
        except BAD_ZIP as error:
            raise CheckpointError("checkpoint_bad_zip", name=name) from error
        if len(data) != wanted:
            raise CheckpointError("checkpoint_truncated", name=name)
        return data


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open a folder, or the .zip of one.

    Raises:
        CheckpointError: it is neither, or a file is missing, too large or unreadable.
    """
    if not path.exists() and _older(path).is_dir():
        path = _older(path)  # a writer is between its two renames, or died there
    if path.is_dir():
        yield _folder(path)
        return
    try:
        _refuse_other_files(path)
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise CheckpointError("checkpoint_unreadable", path=str(path), reason=_reason(error)) from error
    except BAD_ZIP as error:
        raise CheckpointError("checkpoint_bad_zip", name=path.name) from error
    with archive:
        yield _archive(archive, path.name)


def _folder(path: Path) -> Package:
    for name in FILES:
        if not (path / name).is_file():
            raise CheckpointError("checkpoint_file_missing", name=name, files=", ".join(FILES))
    sizes = {name: (path / name).stat().st_size for name in FILES}
    return Package(_within_limits(sizes), lambda name: (path / name).open("rb"))


def _within_limits(sizes: dict[str, int]) -> dict[str, int]:
    for name, size in sizes.items():
        if size > LIMITS[name]:
            raise CheckpointError("checkpoint_too_large", name=name, size=size, limit=LIMITS[name])
    return sizes


def _refuse_other_files(path: Path) -> None:
    """Refuse a missing file, a single weights file, and any .zip whose list of contents could be large."""
    if not path.exists():
        raise CheckpointError("checkpoint_missing", path=str(path))
    if path.name.lower().endswith(".safetensors"):
        raise CheckpointError("checkpoint_single_file", name=path.name)
    with path.open("rb") as file:
        start = file.read(4)
        if start != b"PK\x03\x04":
            raise CheckpointError("checkpoint_not_zip", name=path.name)
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - END_RECORD.size))
        end = file.read()
    # zipfile reads the whole list into memory, so its size is checked first; what we pack has no comment after it.
    mark, _, _, _, count, directory, _, _ = END_RECORD.unpack(end)
    if mark != b"PK\x05\x06" or count != len(FILES) or directory > MAX_DIRECTORY:
        raise CheckpointError("checkpoint_members", name=path.name, files=", ".join(FILES))


def _archive(archive: zipfile.ZipFile, path_name: str) -> Package:
    members = archive.infolist()
    if sorted(member.filename for member in members) != sorted(FILES):
        raise CheckpointError("checkpoint_members", name=path_name, files=", ".join(FILES))
    sizes = _within_limits({member.filename: member.file_size for member in members})
    for member in members:
        if member.file_size > MAX_RATIO * member.compress_size:
            raise CheckpointError("checkpoint_ratio", name=member.filename, limit=MAX_RATIO)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CheckpointError("checkpoint_bad_zip", name=path_name)
    return Package(sizes, archive.open)


def pack_folder(folder: Path, target: Path) -> None:
    """Pack the five files of a folder into one .zip, which appears whole or not at all.

    Raises:
        CheckpointError: a file is missing, or the disk refuses.
    """
    beside = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    with _refusals_of_the_disk(target, beside), open_package(folder):
        with beside.open("xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in FILES:
                    # random weights do not shrink; stored, they pack and load at the speed of the disk
                    packing = zipfile.ZIP_STORED if name == WEIGHTS else zipfile.ZIP_DEFLATED
                    archive.write(folder / name, name, packing)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder that appears whole or not at all, and survives a power cut once this has returned.

    The files are written beside, forced to the disk, and the folder is renamed. An older one is moved to `NAME.old`
    just before, and removed after; `restore_folder` puts it back if the process died between the two renames, and
    `open_package` reads it there until then.

    Raises:
        CheckpointError: the disk refuses; an older folder is left as it was.
    """
    beside, old = folder.with_name(f"{folder.name}.tmp-{os.getpid()}"), _older(folder)
    with _refusals_of_the_disk(folder, beside):
        restore_folder(folder)
        for leftover in folder.parent.glob(f"{folder.name}.tmp-*"):  # of a process that died; a folder has one writer
            shutil.rmtree(leftover)
        beside.mkdir(parents=True)
        for name, data in contents.items():
            with (beside / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _force_names(beside)
        if folder.exists():
            folder.rename(old)
        try:
            beside.rename(folder)
            _force_names(folder.parent)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)  # the new one, if it got there
            restore_folder(folder)
            raise
    shutil.rmtree(old, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Put the older folder back if a crash left none; remove it if the newer one is in its place."""
    old = _older(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.is_dir():
        old.rename(folder)


def _older(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _force_names(folder: Path) -> None:
    """Force the list of a folder's names to the disk, where the system has a way to."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _refusals_of_the_disk(target: Path, beside: Path) -> Iterator[None]:
    """Turn any failure of writing into one sentence, and leave nothing half-written."""
    try:
        yield
    except CheckpointError:
        raise
    except Exception as error:  # torch and zipfile have errors of their own for a full disk
        raise CheckpointError("cannot_write", path=str(target), reason=_reason(error)) from error
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        elif beside.exists():
            beside.unlink()


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
