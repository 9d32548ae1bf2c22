"""The files of a checkpoint as one thing, a folder or a .zip: what they may weigh, how they are read and packed.

Nothing here knows what the files say.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from ..disk import NEW, new_file, put_folder, standing
from ..errors import CheckpointError

WEIGHTS, CONFIG, TOKENIZER, METRICS, CARD = FILES = (
    "model.safetensors",
    "config.json",
    "tokenizer.json",
    "metrics.json",
    "README.md",
)
# What a training needs to go on from a model; may stand in its folder, never in its .zip.
TENSORS, VALUES, MANIFEST = STATE_FILES = ("state.safetensors", "state.json", "manifest.json")
# Bytes. The largest vocabulary, of long words, is under 7 MB, a curve of some hundred points far under 1 MB.
LIMITS = {
    WEIGHTS: 1 << 30,
    CONFIG: 1 << 16,
    TOKENIZER: 1 << 23,
    METRICS: 1 << 22,
    CARD: 1 << 20,
    TENSORS: 1 << 32,
    VALUES: 1 << 26,
    MANIFEST: 1 << 16,
}
MAX_RATIO = 100  # of packed to unpacked size; weights hardly shrink, JSON about tenfold
# What zipfile raises on a damaged or encrypted archive.
BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
END_RECORD = struct.Struct("<4s4H2LH")  # of a .zip without a comment: its last bytes
MAX_DIRECTORY = 4096  # bytes of the list of a .zip with five short names


class Package:
    """Give the size and the content of the files.

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
    path = standing(path)
    if path.is_dir():
        yield open_folder(path, FILES)
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


def open_folder(path: Path, names: Sequence[str]) -> Package:
    """Open some of the files in a folder.

    Raises:
        CheckpointError: one of them is missing, too large or unreadable.
    """
    try:
        for name in names:
            if not (path / name).is_file():
                raise CheckpointError("checkpoint_file_missing", name=name, files=", ".join(names))
        sizes = {name: (path / name).stat().st_size for name in names}
    except OSError as error:  # it may have been removed meanwhile
        raise CheckpointError("checkpoint_unreadable", path=str(path), reason=_reason(error)) from error
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
    if mark != b"PK\x05\x06":  # the list stands at the end: a download that was cut off has lost it
        raise CheckpointError("checkpoint_bad_zip", name=path.name)
    if count != len(FILES) or directory > MAX_DIRECTORY:
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
    with (
        _refusals_of_the_disk(target),
        open_package(folder) as package,
        new_file(target) as file,
        zipfile.ZipFile(file, "w") as archive,
    ):
        for name in FILES:
            member = zipfile.ZipInfo(name)  # without the time of day: one model is always the same file
            # random weights do not shrink; stored, they pack and load at the speed of the disk
            member.compress_type = zipfile.ZIP_STORED if name == WEIGHTS else zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, package.read(name))


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder that appears whole or not at all, and survives a power cut once this has returned.

    Raises:
        CheckpointError: the folder holds other things than a model, or the disk refuses; it is left as it was.
    """
    with _refusals_of_the_disk(folder):
        _refuse_other_things(folder)
        put_folder(folder, contents)


def check_place(folder: Path) -> None:
    """Find out, before an hour of training, whether a model may be written at a place.

    Raises:
        CheckpointError: a folder there holds other things than a model, or the disk refuses.
    """
    with _refusals_of_the_disk(folder):
        _refuse_other_things(folder)
        place = folder.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent, prefix=f".{place.name}{NEW}"):
            pass


def _refuse_other_things(folder: Path) -> None:
    if folder.is_dir() and not set(os.listdir(folder)) <= {*FILES, *STATE_FILES}:
        raise CheckpointError("not_a_model_folder", path=str(folder))


@contextmanager
def _refusals_of_the_disk(target: Path) -> Iterator[None]:
    """Turn what a disk refuses into one sentence; a fault of the program stays one."""
    try:
        yield
    except OSError as error:
        raise CheckpointError("cannot_write", path=str(target), reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200]
