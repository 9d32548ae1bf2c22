"""Single files made smaller (.gz, .bz2, .xz): unpacked to a file beside, within limits."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import TextError
from ..account import label
from .archive import check_unpacked

OPEN: dict[str, Callable[[Path], Any]] = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}
CHUNK_BYTES = 1 << 18


def unpack(path: Path, name: str, kind: str, target: Path) -> None:
    """Write the content of a compressed file.

    Raises:
        TextError: it is damaged, or unpacks to more than any text.
    """
    packed, unpacked = path.stat().st_size, 0
    try:
        with OPEN[kind](path) as source, target.open("wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                unpacked += len(chunk)
                check_unpacked(unpacked, packed, name)
                file.write(chunk)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError) as error:
        raise TextError("format_broken", name=label(name), kind=kind.upper()) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise TextError("format_broken", name=label(name), kind=kind.upper()) from error
