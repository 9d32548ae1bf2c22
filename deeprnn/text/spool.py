"""The code points of a text that is gone through a second time: kept, so that nobody decodes and cleans it again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np

from .counting import CodePoints
from .encoded import cannot_write, encoded_folder, make_room

MEMORY_BYTES = 8_000_000  # of a longer text, they lie on the disk


class Spool:
    """Take code points piece by piece, and yield them again; a file of no name holds them until the end.

    Args:
        most: characters that are kept; what comes after is not asked for.
        expected: bytes of all of them together, if anyone knows.
    """

    def __init__(self, most: int, expected: int = 0) -> None:
        self.characters = 0
        self._most, self._expected = most, expected
        self._sizes: list[tuple[np.dtype[np.unsignedinteger], int]] = []  # type and length of each piece
        self._held: list[CodePoints] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.clear()
        if self._file is not None:
            self._file.close()

    def add(self, codes: CodePoints) -> None:
        """Keep the next piece.

        Raises:
            TextError: the disk refuses.
        """
        codes = codes[: self._most - self.characters]
        if not len(codes):
            return
        self.characters, self._bytes = self.characters + len(codes), self._bytes + codes.nbytes
        self._sizes.append((codes.dtype, len(codes)))
        self._held.append(codes)
        if self._bytes > MEMORY_BYTES:
            self._write()

    def __iter__(self) -> Iterator[CodePoints]:
        """Yield each piece."""
        if self._file is None:
            yield from self._held
            return
        self._file.seek(0)
        for dtype, length in self._sizes:
            yield np.frombuffer(self._file.read(length * dtype.itemsize), dtype)

    def _write(self) -> None:
        try:
            if self._file is None:
                encoded_folder().mkdir(parents=True, exist_ok=True)
                make_room(max(self._expected, self._bytes))
                self._file = tempfile.TemporaryFile(dir=encoded_folder(), buffering=0)  # noqa: SIM115
            for codes in self._held:
                self._file.write(codes.data)
            self._held.clear()
        except OSError as error:
            raise cannot_write(error) from error
