"""Electronic books: the chapters in the order of the spine, as a reader turns the pages."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ...errors import TextError
from ...messages import message
from ..account import Account, label
from ..pieces import scan
from .archive import open_archive, open_member
from .html import declared_encoding, write_visible
from .xml import local, parse

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
MAX_CHAPTER_BYTES = 64 << 20
MAX_CHAPTERS = 10_000


def read(path: Path, name: str, write: Callable[[str], None]) -> Account:
    """Write the text of a book, a blank line between two chapters.

    Raises:
        TextError: it is damaged or copy-protected.
    """
    with open_archive(path, name) as archive:
        names, chapters = set(archive.namelist()), _spine(archive, name)
        if ENCRYPTION in names and _encrypted(archive, name) & set(chapters):
            raise TextError("encrypted", name=label(name))
        missing, begun = 0, False
        for chapter in chapters:
            if chapter not in names:
                missing += 1
                continue
            data = _chapter(archive, chapter, name)
            if not data.strip():
                continue
            if begun:
                write("\n")
            begun = True
            _, pieces = scan(partial(BytesIO, data), name, declared=declared_encoding(data[:4096]))
            write_visible(pieces, write)
    notices = (message("chapters_missing", count=missing),) if missing else ()
    return Account(kind="epub", notices=notices)


def _chapter(archive: zipfile.ZipFile, chapter: str, name: str) -> bytes:
    with open_member(archive, chapter, name) as file:
        data = file.read(MAX_CHAPTER_BYTES + 1)
    if len(data) > MAX_CHAPTER_BYTES:
        raise TextError(
            "unpacks_too_large", name=label(name), megabytes=len(data) // 10**6, most=MAX_CHAPTER_BYTES // 10**6
        )
    return data


def _spine(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return the names of the chapters' files in reading order."""
    books: list[str] = []

    def container(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "rootfile" and "full-path" in attributes:
            books.append(attributes["full-path"])

    with open_member(archive, CONTAINER, name) as file:
        parse(file, name, container)
    if not books:
        raise TextError("format_broken", name=label(name), kind="EPUB")
    places: dict[str, str] = {}
    order: list[str] = []

    def package(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "item" and attributes.get("media-type") in PAGES:
            places[attributes.get("id", "")] = attributes.get("href", "")
        elif local(tag) == "itemref" and attributes.get("linear", "yes") != "no":
            order.append(attributes.get("idref", ""))

    with open_member(archive, books[0], name) as file:
        parse(file, name, package)
    folder = posixpath.dirname(books[0])
    chapters = [places[item] for item in dict.fromkeys(order) if item in places]
    if not chapters or len(chapters) > MAX_CHAPTERS:
        raise TextError("format_broken", name=label(name), kind="EPUB")
    return [posixpath.normpath(posixpath.join(folder, unquote(urlsplit(place).path))) for place in chapters]


def _encrypted(archive: zipfile.ZipFile, name: str) -> set[str]:
    """Return the names of encrypted files; fonts often are, and harm nothing."""
    found: set[str] = set()

    def reference(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "CipherReference":
            found.add(unquote(attributes.get("URI", "")))

    with open_member(archive, ENCRYPTION, name) as file:
        parse(file, name, reference)
    return found
