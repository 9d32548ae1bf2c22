"""XML as a stream of events, without entities: what they could multiply or fetch is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from ...errors import TextError
from ..account import label

CHUNK_BYTES = 1 << 16
MAX_DEPTH = 1000


def parse(
    source: IO[bytes],
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda tag: None,
    text: Callable[[str], None] = lambda text: None,
) -> None:
    """Call back for each element that begins or ends and for the characters between.

    Args:
        source: the document.
        name: what to call it in messages.
        start: gets `namespace name` of an element, and its attributes, named likewise.
        end: gets the same name.
        text: gets characters.

    Raises:
        TextError: it is no XML, declares entities, or is nested too deeply.
    """

    def refuse_entity(*declared: object) -> None:
        raise TextError("xml_entities", name=label(name))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = _within_depth(start, end, name)
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, refuse_entity
    parser.buffer_text = True
    try:
        while chunk := source.read(CHUNK_BYTES):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise TextError("format_broken", name=label(name), kind="XML") from error


def _within_depth(
    start: Callable[[str, dict[str, str]], None], end: Callable[[str], None], name: str
) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
    """Return the two callbacks with a limit to how many elements are open at a time."""
    depth = 0

    def deeper(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise TextError("nested_too_deeply", name=label(name))
        start(tag, attributes)

    def higher(tag: str) -> None:
        nonlocal depth
        depth -= 1
        end(tag)

    return deeper, higher


def local(tag: str) -> str:
    """Return the name of an element without its namespace."""
    return tag.rpartition(" ")[2]
