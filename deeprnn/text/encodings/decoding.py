"""Bytes to characters, whole or piece by piece, in the encoding found or named; what it cannot read is counted."""

from __future__ import annotations

import codecs
import encodings
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from ...errors import TextError
from .detection import BYTE_ORDER_MARKS, find
from .marking import BAD, MARK

PIECE_BYTES = 1 << 18  # larger ones are slower: each then gets fresh memory from the system
REPLACEMENT = "\ufffd"
# Not the writing of a text but of something else: host names, program text, mail; or not the same on each machine.
NOT_FOR_TEXTS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "charmap", "utf_7"}
NOT_FOR_TEXTS |= {"mbcs", "oem"}


@dataclass(frozen=True)
class Decoded:
    """Hold the characters of a file.

    Args:
        text: each undecodable byte is U+FFFD.
        encoding: Python's name of it.
        is_guess: whether the bytes did not prove it, and nobody named it.
        undecodable: bytes that the encoding cannot read.
        candidates: other encodings worth offering, best first; each gives a different text.
        certain: whether the encoding may be trusted without asking.
    """

    text: str
    encoding: str
    is_guess: bool = False
    undecodable: int = 0
    candidates: tuple[str, ...] = ()
    certain: bool = True


def decode(data: bytes, encoding: str | None = None) -> Decoded | None:
    """Decode bytes in the named encoding; or by their byte order mark, as UTF-8 if they are, or in the likeliest.

    Args:
        data: a whole text.
        encoding: any name that Python has for a character encoding; None to find it out.

    Returns:
        None if no encoding was named and none fits.

    Raises:
        TextError: there is no such encoding.
    """
    if encoding is not None:
        name, mark = resolve(encoding, data)
        text, undecodable = _decode_as(data[mark:], name)
        return Decoded(text, name, undecodable=undecodable)
    try:
        whole, bad = data.decode(), None  # kept if it is the answer, as it mostly is
    except UnicodeDecodeError as error:
        whole, bad = "", error.start
    found = find(data, bad)
    if found is None:
        return None
    if found.encoding == "utf-8" and bad is None:
        text, undecodable = whole[1:] if found.mark else whole, 0
    else:
        text, undecodable = _decode_as(data[found.mark :], found.encoding)
    return Decoded(text, found.encoding, found.is_guess, undecodable, found.candidates, found.certain)


@dataclass
class DecodedPieces:
    """Iterate over the text of a file in pieces of up to 262 144 characters, as often as needed.

    No piece ends between a carriage return and its line feed.

    Args:
        file: seekable.
        encoding: Python's name of it, from `Detected` or `resolve`.
        mark: bytes at the beginning that are no part of the text.
        undecodable: bytes read as U+FFFD so far, by the newest iteration.
    """

    file: BinaryIO
    encoding: str
    mark: int = 0
    undecodable: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[str]:
        """Yield the pieces, none empty; the file must not be moved in between."""
        decoder = codecs.getincrementaldecoder(self.encoding)(MARK)
        self.file.seek(self.mark)
        self.undecodable, held, more = 0, "", True
        while more:
            data = self.file.read(PIECE_BYTES)
            more = bool(data)
            text = held + decoder.decode(data, final=not more) if held else decoder.decode(data, final=not more)
            held = "\r" if more and text.endswith("\r") else ""
            text = text[: len(text) - len(held)]
            if bad := text.count(BAD):
                self.undecodable += bad
                text = text.replace(BAD, REPLACEMENT)
            if text:
                yield text


def resolve(encoding: str, beginning: bytes = b"") -> tuple[str, int]:
    """Return Python's name of a named encoding, and how many bytes of byte order mark to leave out.

    UTF-16 and UTF-32 without a word on the order of bytes follow the mark, and are little-endian without one.

    Args:
        encoding: as the user wrote it.
        beginning: the first bytes of the text.

    Raises:
        TextError: there is no such encoding, or it is none of characters.
    """
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise TextError("unknown_encoding", name=encoding[:40]) from error
    if name.replace("-", "_") not in _known():
        raise TextError("unknown_encoding", name=encoding[:40])
    name = {"utf-8-sig": "utf-8"}.get(name, name)
    for mark, marked in BYTE_ORDER_MARKS:
        if marked.startswith(name) and beginning.startswith(mark):
            return marked, len(mark)
    return {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name), 0


def known_encodings() -> tuple[str, ...]:
    """Return the names of all encodings that can be chosen."""
    return tuple(sorted({codecs.lookup(name).name for name in _known()} - {"utf-8-sig"}))


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Return the character encodings among Python's codecs, written with underscores."""
    names = set()
    for name in (module.name for module in pkgutil.iter_modules(encodings.__path__)):
        try:
            info = codecs.lookup(name)
        except LookupError:
            continue
        # Python's own mark of a codec between bytes and characters; rot13 or base64 lack it.
        if name not in NOT_FOR_TEXTS and getattr(info, "_is_text_encoding", False):
            names.add(info.name.replace("-", "_"))
    return frozenset(names - NOT_FOR_TEXTS)


def _decode_as(data: bytes, encoding: str) -> tuple[str, int]:
    text = data.decode(encoding, MARK)
    undecodable = text.count(BAD)
    return (text.replace(BAD, REPLACEMENT) if undecodable else text), undecodable
