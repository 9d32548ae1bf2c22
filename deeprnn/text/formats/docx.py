"""Word documents: the paragraphs of the body, tables included, one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..account import Account
from .archive import open_archive, open_member
from .xml import local, parse

BODY = "word/document.xml"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_STRICT_WORDS = "http://purl.oclc.org/ooxml/wordprocessingml/main "
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def read(path: Path, name: str, write: Callable[[str], None]) -> Account:
    """Write the text of a document.

    Raises:
        TextError: it is damaged.
    """
    within = hidden = 0  # a run's text; the second version of a drawing, for older programs

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal within, hidden
        if local(tag) == "Fallback":
            hidden += 1
        elif tag.startswith((_WORDS, _STRICT_WORDS)) and not hidden:
            if local(tag) == "t":
                within += 1
            elif local(tag) in _SIGNS and not in_tabs:
                write(_SIGNS[local(tag)])
            elif local(tag) == "tabs":
                in_tabs.append(tag)

    def end(tag: str) -> None:
        nonlocal within, hidden
        if local(tag) == "Fallback":
            hidden -= 1
        elif tag.startswith((_WORDS, _STRICT_WORDS)) and not hidden:
            if local(tag) == "t":
                within -= 1
            elif local(tag) == "p":
                write("\n")
            elif local(tag) == "tabs":
                in_tabs.pop()

    def text(characters: str) -> None:
        if within and not hidden:
            write(characters)

    in_tabs: list[str] = []  # where a paragraph's tab stops are declared, a tab is no sign
    with open_archive(path, name) as archive, open_member(archive, BODY, name) as body:
        parse(body, name, start, end, text)
    return Account(kind="docx")
