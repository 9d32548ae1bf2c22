"""Subtitles (.srt, .vtt): what is spoken, without numbers, times and markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..account import Account, Reading
from ..pieces import lines, opener, scan

_TIMES = re.compile(r"\s*(\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}\s*-->")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,200}\}|<\d[\d:.]{0,20}>")


def read(path: Path, name: str, how: Reading, write: Callable[[str], None]) -> Account:
    """Write the dialogue, line by line; a file without any times is written as it is.

    Raises:
        TextError: it is not a text, or not in the encoding asked for.
    """
    account, pieces = scan(opener(path), name, how.encoding)
    if not any(_TIMES.match(line) for line in lines(pieces)):
        for piece in pieces:
            write(piece)
        return account
    speaking, held = False, ""
    for line in lines(pieces):
        words = line.strip()
        if _TIMES.match(line):
            _say("" if held.isdecimal() else held, write)  # a number here is that of this one
            speaking, held = True, ""
        elif not words:
            _say(held, write)
            speaking, held = False, ""
        elif speaking:
            _say(held, write)
            held = words
    _say(held, write)
    return replace(account, kind="srt")


def _say(words: str, write: Callable[[str], None]) -> None:
    if spoken := _MARKUP.sub("", words).strip():
        write(spoken + "\n")
