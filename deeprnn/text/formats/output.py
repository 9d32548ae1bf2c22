"""The text of a reader as a UTF-8 file: repaired, counted, and never longer than a text may be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from ...errors import TextError
from ..account import PREVIEW_CHARACTERS, Account, label, preview_of
from ..repair import repair, say_changes

MAX_OUTPUT_BYTES = 4 * 10**9
PREVIEW_FROM = 16 * PREVIEW_CHARACTERS


class TextFile:
    """Take the pieces of a text, of any size and number.

    Args:
        path: of the file that is made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._changes: Counter[str] = Counter()
        self._characters = self._bytes = 0
        self._beginning = ""
        self._blank = True

    def __enter__(self) -> TextFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, text: str) -> None:
        """Write a piece.

        Raises:
            TextError: the whole is longer than a text may be.
        """
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = b"\0"  # both repairs are made in one place
        if b"\0" in data:
            text, changes = repair(text)
            self._changes.update(changes)
            data = text.encode()
        self._characters += len(text)
        self._bytes += len(data)
        if self._bytes > MAX_OUTPUT_BYTES:
            raise TextError(
                "text_too_large", name="text", megabytes=self._bytes // 10**6, most=MAX_OUTPUT_BYTES // 10**6
            )
        if self._blank and text.strip():
            self._blank = False
        if len(self._beginning) < PREVIEW_FROM:
            self._beginning = (self._beginning + text[:PREVIEW_FROM]).lstrip()
        self._file.write(data)

    def complete(self, account: Account, name: str) -> Account:
        """Return the account of a reader with what only its output tells.

        Raises:
            TextError: nothing of the text can be seen.
        """
        if self._blank:
            raise TextError("no_text_in", name=label(name))
        said = {notice.key for notice in account.notices}
        changes = (change for change in say_changes(self._changes) if change.key not in said)
        return replace(
            account,
            name=label(name),
            characters=self._characters,
            preview=preview_of(self._beginning),
            notices=(*account.notices, *changes),
        )
