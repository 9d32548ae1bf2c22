"""How a file or a folder of ours reaches the disk: whole or not at all, whoever writes there at the same time.

What is unfinished or set aside stands beside its place, under a hidden name that nobody else gives.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

NEW, OLD = ".deeprnn-new-", ".deeprnn-old-"
ABANDONED_SECONDS = 86_400.0  # nobody writes one model for a day: its writer is dead
ATTEMPTS = 100  # to be the one writer of several whose folder stays


@contextmanager
def new_file(place: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its place when the block ends well, and leaves nothing otherwise.

    Args:
        place: where it will stand.
        durable: whether it is forced to the disk first; not worth waiting for where a torn file is noticed.

    Raises:
        OSError: the disk refuses; an older file is left as it was.
    """
    _sweep(place)
    beside = _beside(place, NEW)
    file = beside.open("xb")
    try:
        with file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.replace(place)
        if durable:
            with suppress(OSError):  # it stands; where the name cannot be forced, a power cut may bring the older back
                _force_names(place.parent)
    finally:
        _remove(beside)


def put_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder that appears whole or not at all, and survives a power cut once this has returned.

    The files are written beside and forced to the disk; an older folder is set aside, the new one renamed, the older
    one removed. `restore_folder` puts it back if the process died between, and `standing` finds it until then.

    Raises:
        OSError: the disk refuses; an older folder is left as it was.
    """
    place = folder.resolve()
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
    _make_durably(place.parent)
    restore_folder(place)
    _sweep(place)
    beside = _beside(place, NEW)
    beside.mkdir()
    try:
        for name, data in contents.items():
            with (beside / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _force_names(beside)
        _take_place(beside, place)
    finally:
        _remove(beside)


def drop_folder(folder: Path) -> None:
    """Remove a folder such that its place never shows a part of it, not even after a crash or a power cut.

    Raises:
        OSError: the disk refuses; the folder is left as it was, or is gone.
    """
    place = folder.resolve()
    beside = place.rename(_beside(place, NEW))
    _force_names(place.parent)
    _remove(beside)


def sweep_folder(parent: Path) -> None:
    """Put back or remove what writers that died have left unfinished or set aside in a folder.

    Only for who alone writes there, before the first write: what another has in hand looks the same.
    """
    with suppress(OSError):  # there is nothing yet, or the disk does not answer
        for path in sorted(parent.iterdir()):
            name, mark, _ = path.name[1:].rpartition(OLD)
            if path.name.startswith(".") and mark:
                restore_folder(parent / name)
            elif path.name.startswith(".") and NEW in path.name:
                _remove(path)


def restore_folder(folder: Path) -> None:
    """Put the older folder back if a crash left none; remove it if the newer one is in its place."""
    place = folder.resolve()
    if not place.exists():
        for old in _marked(place, OLD)[-1:]:
            with suppress(OSError):  # another writer was faster, or the disk refuses and `standing` still finds it
                old.rename(place)
    if place.exists():
        for old in _marked(place, OLD):
            _remove(old)


def standing(folder: Path) -> Path:
    """Return the folder, or the older one while a writer is between its two renames or has died there."""
    if folder.exists():
        return folder
    return (_marked(folder.resolve(), OLD) or [folder])[-1]


def _make_durably(folder: Path) -> None:
    """Make a folder and those above it; a power cut cannot take them away with what is put inside."""
    if folder.is_dir():
        return
    _make_durably(folder.parent)
    folder.mkdir(exist_ok=True)
    _force_names(folder.parent)


def _take_place(beside: Path, place: Path) -> None:
    aside: list[Path] = []
    try:
        for _ in range(ATTEMPTS):
            with suppress(FileNotFoundError):
                aside.append(place.rename(_beside(place, OLD)))
            try:
                beside.rename(place)
                break
            except OSError as error:  # another writer's folder took the place in between: set that aside too
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
        else:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
        try:
            _force_names(place.parent)
        except BaseException:
            _remove(place)
            raise
    except BaseException:
        restore_folder(place)
        raise
    for old in aside:
        _remove(old)


def _beside(place: Path, mark: str) -> Path:
    """Return a free hidden name; no process id, for two threads have the same."""
    return place.with_name(f".{place.name}{mark}{uuid.uuid4().hex[:8]}")


def _marked(place: Path, mark: str) -> list[Path]:
    """Return what stands beside a place under one of its hidden names, the newest last."""
    found = []
    with suppress(OSError):
        for path in place.parent.iterdir():
            if path.name.startswith(f".{place.name}{mark}"):
                with suppress(OSError):  # its writer has just removed it
                    found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found)]


def _sweep(place: Path) -> None:
    """Remove what writers that died long ago have left unfinished."""
    for path in _marked(place, NEW):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                _remove(path)


def _remove(path: Path) -> None:
    """Remove a file or folder of ours, if it is there and the disk lets us."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _force_names(folder: Path) -> None:
    """Force the list of a folder's names to the disk, where the system has a way to."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
