"""A text as its user names it: a file, a key of the catalogue, or the characters themselves."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import TextError
from ..messages import Message
from . import catalogue
from .reading import clean_text, read_file

MAX_NAME_CHARACTERS = 255  # no longer than the name of a file may be


@dataclass(frozen=True)
class NamedText:
    """Hold a text that was found.

    Args:
        name: what to call it.
        text: its characters.
        entropy_floor: nats per character that no model can beat, None unless known exactly.
        notices: what was changed in reading it.
    """

    name: str
    text: str
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()


def find_text(source: str | Path) -> NamedText:
    """Read a text.

    Args:
        source: a path, or the key of a text that the program knows (a file of that name comes first), or, if it has
            a line break or more than 255 characters, the text itself.

    Raises:
        TextError: there is nothing of that name, or it cannot be read.
    """
    if isinstance(source, str) and ("\n" in source or len(source) > MAX_NAME_CHARACTERS):
        read = clean_text(source)
        return NamedText("text", read.text, notices=read.notices)
    keys = [entry.key for entry in catalogue.entries()]
    exists = os.path.exists(source)  # unlike Path's, it answers no where looking is not allowed
    if source in keys and not exists:
        loaded = catalogue.load(str(source))
        return NamedText(catalogue.title(str(source)), loaded.text, loaded.entropy_floor, loaded.notices)
    if not exists:
        raise TextError("no_such_text", name=str(source)[:200], allowed=", ".join(keys))
    read = read_file(Path(source))
    return NamedText(Path(source).stem, read.text, notices=read.notices)
