"""Everything that Python asks of the disk under one folder passes by here: it can be recorded, or made to fail."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Operation:
    """Name one call that reaches the disk.

    Args:
        kind: "open", "create", "write", "fsync", "rename", "mkdir", "unlink" or "rmdir".
        path: of the file or folder.
        target: of a renaming.
        data: of a writing.
    """

    kind: str
    path: str
    target: str = ""
    data: bytes = b""


Tell = Callable[[Operation], None]


class WatchedFile(io.FileIO):
    """Tell of each write that reaches the system, which buffers above have put together."""

    def __init__(self, path: str, mode: str, before: Tell, after: Tell) -> None:
        self._before, self._after = before, after
        super().__init__(path, mode)

    def write(self, data: Any) -> int:
        """Write, and tell before and after."""
        operation = Operation("write", str(self.name), data=bytes(data))
        self._before(operation)
        written = super().write(data)
        self._after(operation)
        return written


def nothing(operation: Operation) -> None:
    """Take no notice."""


@contextmanager
def watched(root: Path, before: Tell = nothing, after: Tell = nothing) -> Iterator[None]:
    """Tell of every call that reaches the disk under a folder.

    Args:
        root: the folder.
        before: called before each; what it raises, the call raises.
        after: called after each that did not fail.
    """
    inside = os.path.realpath(root) + os.sep

    def full(path: Any, folder: int | None = None) -> str:
        if isinstance(path, int):
            return os.readlink(f"/proc/self/fd/{path}")
        above = os.readlink(f"/proc/self/fd/{folder}") if folder is not None else os.getcwd()
        return os.path.normpath(os.path.join(above, os.fspath(path)))

    def told(kind: str, function: Callable[..., Any], path: str, target: str = "") -> Any:
        if not (path + os.sep).startswith(inside):
            return function()
        operation = Operation(kind, path, target)
        before(operation)
        result = function()
        after(operation)
        return result

    def wrapped(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            target = full(args[0]) if kind == "rename" else ""
            return told(kind, lambda: function(path, *args, **kwargs), full(path, kwargs.get("dir_fd")), target)

        return call

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, int) or "b" not in mode:
            return real_open(file, mode, *args, **kwargs)
        place = full(file)
        if mode[0] == "r" or not place.startswith(inside):
            return told("open", lambda: real_open(file, mode, *args, **kwargs), place)
        raw = mode.replace("b", "")
        return told("create", lambda: io.BufferedWriter(WatchedFile(place, raw, before, after)), place)

    real_open = io.open
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "mkdir", "unlink", "rmdir", "rename", "open"):
            patch.setattr(os, name, wrapped(name, getattr(os, name)))
        patch.setattr(os, "replace", wrapped("rename", os.replace))
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        yield
