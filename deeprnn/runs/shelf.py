"""The user's own texts: each a file of UTF-8 and one that says what it is called and how it was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..disk import new_file
from ..errors import TextError
from ..text.account import PASTED, Account, from_plain, to_plain
from ..text.pieces import Pieces, opener

DAMAGED = (OSError, ValueError, KeyError, TypeError, RecursionError)  # what a spoilt JSON file ends in


class Shelf:
    """Keep texts in a folder; a key names one and is never part of a path.

    Args:
        folder: made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, name: str, pieces: Iterable[str], account: Account = PASTED) -> str:
        """Keep a text and return its key.

        Args:
            name: what the user calls it.
            pieces: of the text; gone through twice.
            account: how it was read.

        Raises:
            TextError: the disk refused.
        """
        digest = hashlib.sha256(f"{name}\n".encode())
        for piece in pieces:
            digest.update(piece.encode())
        key = digest.hexdigest()[:12]
        kept = {"name": name, "account": to_plain(account)}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with new_file(self._folder / f"{key}.txt") as file:
                for piece in pieces:
                    file.write(piece.encode())
            with new_file(self._folder / f"{key}.json") as file:  # last: what has a name has a text
                file.write(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))
        except OSError as error:
            raise TextError("cannot_write", path=str(self._folder), reason=str(error)) from error
        return f"own:{key}"

    def names(self) -> dict[str, str]:
        """Return the name of every text by its key, the newest last; what is damaged is left out."""
        found = []
        with suppress(OSError):  # none is kept yet
            for file in self._folder.iterdir():
                if file.suffix == ".json" and not file.name.startswith("."):
                    with suppress(*DAMAGED):
                        found.append((file.stat().st_mtime_ns, f"own:{file.stem}", _kept(file)[0]))
        return {key: name for _, key, name in sorted(found)}

    def load(self, key: str) -> tuple[str, Iterable[str]]:
        """Return name and pieces of a text; they may be gone through again and again.

        Raises:
            TextError: there is none of that key, or its file is damaged.
        """
        try:
            name, source = _kept(self._file(key))
            return name, (source,) if isinstance(source, str) else _pieces(source)
        except DAMAGED:
            raise TextError("unknown_corpus", name=key[:60]) from None

    def account(self, key: str) -> Account | None:
        """Return how a text was read; None for one of an older version, or where there is none."""
        with suppress(*DAMAGED):
            return from_plain(json.loads(self._file(key).read_bytes())["account"])
        return None

    def remove(self, key: str) -> None:
        """Remove a text, if it is there and the disk lets it go."""
        with suppress(*DAMAGED):
            file = self._file(key)
            file.unlink()
            file.with_suffix(".txt").unlink()

    def _file(self, key: str) -> Path:
        if key not in self.names():
            raise KeyError(key)
        return self._folder / f"{key.removeprefix('own:')}.json"


def printable(name: object) -> str:
    """Return a name from a file as what UTF-8 can write."""
    return str(name).encode("utf-8", "replace").decode()


def _pieces(path: Path) -> Pieces:
    """Return the pieces of a text that `Shelf.save` wrote."""
    return Pieces(opener(path), "utf-8", total_bytes=path.stat().st_size, is_clean=True)


def _kept(file: Path) -> tuple[str, str | Path]:
    """Return the name of a kept text and its file, or the text itself where an older version kept both in one."""
    kept, text = json.loads(file.read_bytes()), file.with_suffix(".txt")
    if text.is_file():
        return printable(kept["name"]), text
    if not isinstance(kept["text"], str):
        raise TypeError("no text")
    return printable(kept["name"]), kept["text"]
