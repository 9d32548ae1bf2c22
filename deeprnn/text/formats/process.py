"""Starts the process that reads a complex format, ends it when its time is over, and takes in what it left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ...errors import TextError
from ..account import Account, Reading, from_plain, label, read_message
from ..meter import Meter, Progress
from ..pieces import Pieces, opener

CHILD = f"{__package__}.child"
ROOT = Path(__file__).resolve().parents[3]  # of the package, for a process that begins elsewhere
MAX_CONTAINER_BYTES = 2 * 10**9
# A page of a PDF takes a fiftieth of a second, so a long book some ten seconds; a small file that takes more is a trap.
SECONDS, BYTES_PER_SECOND, MAX_SECONDS = 10, 1 << 18, 900
LOOK_SECONDS = 0.2  # between two looks at how far it is
# Beside what Python and the readers take themselves, some 30 MB; what JSON makes of a file is twenty times its size.
MEMORY_BYTES, MEMORY_PER_BYTE, MAX_MEMORY_BYTES = 48 << 20, 24, 4 << 30
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # of numpy, which waits


class Place:
    """Hold a folder that goes when nobody holds this any more."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="deeprnn-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def read_apart(path: Path, name: str, how: Reading, progress: Progress | None = None) -> tuple[Account, Pieces]:
    """Read a file in a process of its own.

    Args:
        path: of the file.
        name: its own name.
        how: what to choose where there is a choice.
        progress: told the bytes unpacked and written, and 0; what it raises ends the process.

    Returns:
        the account, and the text in pieces.

    Raises:
        TextError: the file is refused, or takes more time or memory than a text would.
    """
    size = path.stat().st_size
    if size > MAX_CONTAINER_BYTES:
        details = {"megabytes": round(size / 10**6, 1), "most": MAX_CONTAINER_BYTES // 10**6}
        raise TextError("text_too_large", name=label(name), **details)
    place, seconds = Place(), min(MAX_SECONDS, SECONDS + size // BYTES_PER_SECOND)
    request = {
        "path": str(path.resolve()),
        "name": name.encode("utf-8", "replace").decode(),
        "encoding": how.encoding,
        "columns": how.columns,
        "seconds": seconds,
        "memory_bytes": min(MAX_MEMORY_BYTES, MEMORY_BYTES + MEMORY_PER_BYTE * size),
    }
    try:
        _run(request, place.folder, seconds, name, Meter(progress, 0))
    except BaseException:
        place.remove()  # the error may be kept, and would keep it
        raise
    return _answer(place, name)


def _answer(place: Place, name: str) -> tuple[Account, Pieces]:
    """Return what the child has left in its folder."""
    from .child import ACCOUNT, TEXT

    try:
        answer = json.loads((place.folder / ACCOUNT).read_text("utf-8"))
    except (OSError, ValueError):  # it ended before it could say why: the system ended it
        raise TextError("reader_ended", name=label(name)) from None
    if error := answer.get("error"):
        said = read_message(error)
        raise TextError(said.key, **said.details)
    text = place.folder / TEXT
    size = text.stat().st_size
    return from_plain(answer["account"]), Pieces(opener(text), "utf-8", kept=place, total_bytes=size, is_clean=True)


def _run(request: Mapping[str, object], folder: Path, seconds: int, name: str, meter: Meter) -> None:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        with subprocess.Popen(
            [sys.executable, "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
        ) as child:
            try:
                _wait(child, json.dumps(request).encode(), folder, seconds, meter)
            finally:
                child.kill()  # whatever ended the wait
    except subprocess.TimeoutExpired:
        raise TextError("reader_too_slow", name=label(name), seconds=seconds) from None
    except OSError as error:
        raise TextError("cannot_read", name=label(name), reason=error.strerror or str(error)) from error


def _wait(child: subprocess.Popen[bytes], request: bytes, folder: Path, seconds: int, meter: Meter) -> None:
    """Hand over the request and wait for the end, telling how much is there.

    Raises:
        subprocess.TimeoutExpired: it takes too long.
    """
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin:  # it has ended already; that it left no account says so
        child.stdin.write(request)
    end = time.monotonic() + seconds
    while True:
        try:
            child.wait(LOOK_SECONDS)
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() > end:
                raise
        meter.reach(sum(entry.stat().st_size for entry in os.scandir(folder)))
