"""Bytes to characters piece by piece, in bounded memory: first what they are, then as often as anyone wants."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..errors import TextError
from ..messages import message
from .account import Account, label, preview_of
from .ahead import ahead
from .counting import Piece
from .encodings.decoding import DecodedPieces, resolve
from .encodings.detection import BYTE_ORDER_MARKS, SAMPLE_BYTES, detect_file
from .encodings.wellformed import blocks, count_well_formed
from .meter import Meter

MAX_LINE_CHARACTERS = 32 * 10**6
OPEN_SHARE = 10  # of the bytes, one in so many may be unreadable in an encoding that was asked for
DECLARED = {"gb2312": "gbk"}  # what is meant by a name that pages use loosely
_CONTROL_BYTES = bytes({*range(32), 127} - set(b"\t\n\r\x0b\x0c\x1b"))

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True)
class Pieces:
    """Yield the characters of a file in pieces of about a million; may be iterated more than once.

    Args:
        open: opens the file at its beginning.
        encoding: Python's name of it.
        skip: bytes of the byte order mark.
        kept: whatever must live as long as the file does.
        total_bytes: of the text in UTF-8, 0 if nobody knows.
        is_clean: whether all can be read, and there is no NUL.
    """

    open: Opener
    encoding: str
    skip: int = 0
    kept: object = None
    total_bytes: int = 0
    is_clean: bool = False

    def __iter__(self) -> Iterator[str]:
        """Yield each piece, never empty, without NUL and with U+FFFD for each undecodable byte.

        Raises:
            TextError: the file is no longer clean.
        """
        with self.open() as file:
            decoded = DecodedPieces(file, self.encoding, self.skip)
            for text in decoded:
                if self.is_clean and decoded.undecodable:
                    raise TextError("text_changed")
                if piece := text if self.is_clean else text.replace("\0", ""):
                    yield piece

    def pieces(self) -> Iterator[Piece]:
        """Yield the same, of a clean UTF-8 as its bytes, which need not be decoded by whoever hashes or counts them."""
        if not self.is_clean or self.encoding != "utf-8":
            yield from map(Piece, self)
            return
        with self.open() as file:
            for block in blocks(file, self.skip):
                yield Piece(utf8=block)


def opener(path: Path) -> Opener:
    """Return what opens a file at its beginning."""
    return lambda: path.open("rb")


def scan(
    open_file: Opener, name: str, encoding: str | None = None, declared: str = "", meter: Meter | None = None
) -> tuple[Account, Pieces]:
    """Find out what a text is written in, and count all of it.

    Args:
        open_file: opens the file at its beginning.
        name: what to call it in messages.
        encoding: what the user says it is; None to find it out.
        declared: what the file itself says it is; believed if all of it can be read so.
        meter: counts the bytes of every pass.

    Raises:
        TextError: it is empty, or not a text; or not of the encoding asked for.
    """
    meter = meter or Meter(None, 0)
    with open_file() as file:
        head = file.read(SAMPLE_BYTES)
        if encoding is not None:
            return _scan_as(open_file, name, meter, *resolve(encoding, head))
        marked = head.startswith(tuple(mark for mark, _ in BYTE_ORDER_MARKS))
        if (believed := _declared(declared)) and not marked:
            account, pieces = _count(Pieces(open_file, believed), name, meter)
            if not account.undecodable:
                return account, pieces
        found = detect_file(file)
    if found is None or (not found.encoding.startswith(("utf-16", "utf-32")) and is_binary(head)):
        raise TextError("not_plain_text", name=label(name)) if head.strip() else TextError("empty_text")
    account, pieces = _count(Pieces(open_file, found.encoding, found.mark), name, meter)
    account = replace(account, is_guess=found.is_guess, certain=found.certain, candidates=found.candidates)
    if found.is_guess:
        guess = message("encoding_guessed", encoding=public(found.encoding), preview=account.preview)
        account = replace(account, notices=(guess, *account.notices))
    return account, pieces


def _declared(name: str) -> str | None:
    """Return Python's name of the encoding that a file says it has, None if there is none of that name."""
    try:
        return resolve(DECLARED.get(name.lower(), name))[0]
    except TextError:
        return None


def _scan_as(open_file: Opener, name: str, meter: Meter, encoding: str, mark: int) -> tuple[Account, Pieces]:
    account, pieces = _count(Pieces(open_file, encoding, mark), name, meter)
    if account.undecodable * OPEN_SHARE > account.characters:
        raise TextError("encoding_unfit", name=label(name), count=account.undecodable, encoding=public(encoding))
    return account, pieces


def _count(pieces: Pieces, name: str, meter: Meter) -> tuple[Account, Pieces]:
    """Read all of a file once; say how long it is and what cannot be read of it.

    Raises:
        TextError: nothing of it can be seen.
    """
    counted = (_count_utf8(pieces, meter) if pieces.encoding == "utf-8" else None) or _count_decoded(pieces, meter)
    characters, nuls, undecodable, preview = counted
    if not preview:
        raise TextError("empty_text")
    notices = []
    if undecodable:
        notices.append(message("undecodable", count=undecodable, encoding=public(pieces.encoding)))
    if nuls:
        notices.append(message("nuls_removed", count=nuls))
    account = Account(label(name), encoding=pieces.encoding, undecodable=undecodable)
    account = replace(account, characters=characters - nuls, preview=preview, notices=tuple(notices))
    return account, replace(pieces, is_clean=not nuls and not undecodable)


def _count_utf8(pieces: Pieces, meter: Meter) -> tuple[int, int, int, str] | None:
    """Return what `_count_decoded` does without decoding it, None for a file that is not UTF-8 everywhere."""
    characters = nuls = 0
    preview = ""
    with pieces.open() as file:
        for block, count in ahead(lambda block: (block, count_well_formed(block)), blocks(file, pieces.skip)):
            if count is None:
                return None
            characters += count
            meter.add(len(block))
            if b"\0" in block:  # to look is faster than to count nothing
                nuls += block.count(b"\0")
            preview = preview or _first_words(block.decode())
    return characters, nuls, 0, preview


def _count_decoded(pieces: Pieces, meter: Meter) -> tuple[int, int, int, str]:
    """Return the characters of a file, its NULs, its undecodable bytes, and its first words."""
    characters = nuls = 0
    preview = ""
    with pieces.open() as file:
        decoded = DecodedPieces(file, pieces.encoding, pieces.skip)
        for text in decoded:
            meter.reach(file.tell())
            if "\0" in text:  # to look is faster than to count nothing
                nuls += text.count("\0")
            characters += len(text)
            preview = preview or _first_words(text)
    return characters, nuls, decoded.undecodable, preview


def _first_words(text: str) -> str:
    return preview_of(text.replace("\0", "").lstrip())


def is_binary(head: bytes) -> bool:
    """Tell whether a file has more control characters than a text damaged here and there."""
    sample = head[:SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    return controls * 10 > len(sample) or (controls > 8 and controls * 100 > len(sample))


def join(texts: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the pieces of several texts with one blank line between two of them."""
    last = ""
    for pieces in texts:
        if last:
            yield "\n" if last == "\n" else "\n\n"
        for piece in pieces:
            last = piece[-1]
            yield piece


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in pieces, each with one line feed at its end, whatever stood there.

    Raises:
        TextError: a line is longer than any of a table or of subtitles.
    """
    translate = io.IncrementalNewlineDecoder(None, translate=True)
    held: list[str] = []  # of a line that has not ended; put together once, so that a long one takes no longer
    length = 0
    for piece in pieces:
        first, *more = translate.decode(piece).split("\n")
        held.append(first)
        length += len(first)
        if more:
            yield "".join(held) + "\n"
            yield from (line + "\n" for line in more[:-1])
            held, length = more[-1:], len(more[-1])
        if length > MAX_LINE_CHARACTERS:
            raise TextError("line_too_long", most=MAX_LINE_CHARACTERS // 10**6)
    if last := "".join(held) + translate.decode("", final=True):
        yield last


def public(encoding: str) -> str:
    """Return the name of an encoding as people write it."""
    return encoding.upper().replace("_", "-")
