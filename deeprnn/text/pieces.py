"""Bytes to characters piece by piece, in bounded memory: first what they are, then as often as anyone wants."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from ..errors import TextError
from ..messages import message
from .account import Account, label, preview_of
from .decoding import BYTE_ORDER_MARKS, REPLACEMENT, SAMPLE_BYTES, Decoded, decode

PIECE_BYTES = 1 << 20
MAX_LINE_CHARACTERS = 32 * 10**6
OPEN_SHARE = 10  # of the bytes, one in so many may be unreadable in an encoding that was asked for
# Those that a user may ask for; Python knows others, but they are not of texts, or run code-like escapes.
ENCODINGS = (
    *("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030", "gbk", "big5", "big5hkscs"),
    *("shift_jis", "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "koi8-r", "koi8-u", "cp866", "cp437", "cp850"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("mac-roman", "mac-cyrillic", "tis-620", "ascii"),
)
_KNOWN = {codecs.lookup(name).name: name for name in ENCODINGS}
_CONTROL_BYTES = bytes({*range(32), 127} - set(b"\t\n\r\x0b\x0c\x1b"))
_BAD = "\udcff"  # stands for one undecodable byte; no decoder ever yields it

Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Pieces:
    """Yield the characters of a file in pieces of about a million; may be iterated more than once.

    Args:
        open: opens the file at its beginning.
        encoding: Python's name of it.
        skip: bytes of the byte order mark.
        kept: whatever must live as long as the file does.
    """

    open: Opener
    encoding: str
    skip: int = 0
    kept: object = None

    def __iter__(self) -> Iterator[str]:
        """Yield each piece, never empty, without NUL and with U+FFFD for each undecodable byte."""
        for text in self.marked("deeprnn.mark"):
            if piece := text.replace(_BAD, REPLACEMENT).replace("\0", ""):
                yield piece

    def marked(self, errors: str) -> Iterator[str]:
        """Yield each piece as it was decoded."""
        decoder = codecs.getincrementaldecoder(self.encoding)(errors)
        with self.open() as file:
            file.seek(self.skip)
            while data := file.read(PIECE_BYTES):
                yield decoder.decode(data)
            yield decoder.decode(b"", True)


def opener(path: Path) -> Opener:
    """Return what opens a file at its beginning."""
    return lambda: path.open("rb")


def scan(open_file: Opener, name: str, encoding: str | None = None, declared: str = "") -> tuple[Account, Pieces]:
    """Find out what a text is written in, and count all of it.

    Args:
        open_file: opens the file at its beginning.
        name: what to call it in messages.
        encoding: what the user says it is; None to find it out.
        declared: what the file itself says it is; believed if all of it can be read so.

    Raises:
        TextError: it is empty, or not a text; or not of the encoding asked for.
    """
    with open_file() as file:
        head = file.read(PIECE_BYTES + 1)
    if not head.strip():
        raise TextError("empty_text")
    if encoding is not None:
        return _scan_as(open_file, name, head, known_encoding(encoding))
    if (believed := _lookup(declared)) and not head.startswith(tuple(mark for mark, _ in BYTE_ORDER_MARKS)):
        account, pieces = _count(Pieces(open_file, believed), name)
        if not account.undecodable:
            return account, pieces
    found = decode(head) if len(head) <= PIECE_BYTES else _decode_long(open_file, head)
    if found is None or (not found.encoding.startswith(("utf-16", "utf-32")) and is_binary(head)):
        raise TextError("not_plain_text", name=label(name))
    account, pieces = _count(Pieces(open_file, found.encoding, _mark_bytes(head, found.encoding)), name)
    account = replace(account, is_guess=found.is_guess, candidates=tuple(getattr(found, "candidates", ())))
    if found.is_guess:
        guess = message("encoding_guessed", encoding=public(found.encoding), preview=account.preview)
        account = replace(account, notices=(guess, *account.notices))
    return account, pieces


def known_encoding(name: str) -> str:
    """Return Python's name of an encoding that a user may ask for.

    Raises:
        TextError: it is none of those.
    """
    found = _lookup(name)
    if found is None:
        raise TextError("unknown_encoding", encoding=label(name), allowed=", ".join(ENCODINGS))
    return found


def _lookup(name: str) -> str | None:
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le", "gb2312": "gbk"}.get(found, found)
    return plain if plain in _KNOWN else None


def _scan_as(open_file: Opener, name: str, head: bytes, encoding: str) -> tuple[Account, Pieces]:
    account, pieces = _count(Pieces(open_file, encoding, _mark_bytes(head, encoding)), name)
    if account.undecodable * OPEN_SHARE > account.characters:
        details = {"count": account.undecodable, "encoding": public(encoding), "allowed": ", ".join(ENCODINGS)}
        raise TextError("encoding_unfit", name=label(name), **details)
    return account, pieces


def _decode_long(open_file: Opener, head: bytes) -> Decoded | None:
    """Tell what a long file is written in: by its beginning, or from where it first leaves ASCII and UTF-8."""
    start = head[:SAMPLE_BYTES]
    marks = [mark for mark, _ in BYTE_ORDER_MARKS]
    if start.startswith(tuple(marks)):
        return decode(start)
    if b"\0" in start and (wide := decode(start)) and wide.encoding.startswith(("utf-16", "utf-32")):
        return wide
    offset = _first_bad_byte(open_file)
    if offset is None:
        return Decoded("", "utf-8")
    with open_file() as file:
        begin = max(0, offset - SAMPLE_BYTES)
        file.seek(begin)
        around = file.read(2 * SAMPLE_BYTES)
    # Not in the middle of a character: after the line end or blank that is nearest, far before the byte in question.
    cut = max(around.find(end, 0, offset - begin) + 1 for end in (b"\n", b" ")) if begin else 0
    return decode(around[cut:])


def _first_bad_byte(open_file: Opener) -> int | None:
    """Return the place of the first byte that is not UTF-8, or of an escape sequence of ISO-2022, if there is any."""
    decoder, before = codecs.getincrementaldecoder("utf-8")("strict"), 0
    with open_file() as file:
        while data := file.read(PIECE_BYTES):
            if b"\x1b$" in data:
                return before + data.index(b"\x1b$")
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(data)
            except UnicodeDecodeError as error:
                return before + error.start - pending
            before += len(data)
        return before - len(decoder.getstate()[0]) if decoder.getstate()[0] else None


def _count(pieces: Pieces, name: str) -> tuple[Account, Pieces]:
    """Read all of a file once; say how long it is and what cannot be read of it.

    Raises:
        TextError: nothing of it can be seen.
    """
    characters = undecodable = nuls = 0
    visible, preview = False, ""
    for text in pieces.marked("deeprnn.mark"):
        undecodable += text.count(_BAD)
        nuls += text.count("\0")
        characters += len(text)
        if not visible:
            clean = text.replace(_BAD, REPLACEMENT).replace("\0", "").lstrip()
            visible, preview = bool(clean), preview_of(clean)
    if not visible:
        raise TextError("empty_text")
    notices = []
    if undecodable:
        notices.append(message("undecodable", count=undecodable, encoding=public(pieces.encoding)))
    if nuls:
        notices.append(message("nuls_removed", count=nuls))
    account = Account(label(name), encoding=pieces.encoding, undecodable=undecodable)
    return replace(account, characters=characters - nuls, preview=preview, notices=tuple(notices)), pieces


def _mark_bytes(head: bytes, encoding: str) -> int:
    """Return the length of the byte order mark of an encoding, 0 where there is none."""
    return next((len(m) for m, known in BYTE_ORDER_MARKS if known == encoding and head.startswith(m)), 0)


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
    held = ""
    for piece in pieces:
        *whole, held = (held + translate.decode(piece)).split("\n")
        yield from (line + "\n" for line in whole)
        if len(held) > MAX_LINE_CHARACTERS:
            raise TextError("line_too_long", most=MAX_LINE_CHARACTERS // 10**6)
    if held := held + translate.decode("", final=True):
        yield held


def public(encoding: str) -> str:
    """Return the name of an encoding as people write it."""
    return encoding.upper().replace("_", "-")
