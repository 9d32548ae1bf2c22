"""Files and pasted text to clean text, with an honest account of what was changed. It knows no tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import TextError
from ..messages import Message, message
from .decoding import REPLACEMENT, decode
from .detection import SAMPLE_BYTES

MAX_MEGABYTES = 200
PREVIEW_CHARACTERS = 80
NAME_CHARACTERS = 80
# Files that are often taken for text, by their first bytes; the names are the same in every language.
OTHER_FORMATS = (
    (b"PK\x03\x04", "ZIP/DOCX/EPUB"),
    (b"PK\x05\x06", "ZIP"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ", "XZ"),
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"\xd0\xcf\x11\xe0", "DOC/XLS/PPT"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x93NUMPY", "NumPy"),
    *((bytes((0x80, protocol)), "pickle") for protocol in range(2, 6)),
)
_CONTROL_BYTES = bytes({*range(32), 127} - set(b"\t\n\r\x0b\x0c\x1b"))
_ODD = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85]")
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class ReadText:
    """Hold a text that was read.

    Args:
        text: with line feeds only, and no control characters but tabs.
        encoding: Python's name of it; empty for pasted text.
        notices: what was guessed or changed; none means that nothing was.
    """

    text: str
    encoding: str
    notices: tuple[Message, ...] = ()


def read_file(path: Path | str) -> ReadText:
    """Read a text file.

    Raises:
        TextError: it cannot be read, is too large, is empty or is not a text.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_MEGABYTES * 10**6:
            raise _too_large(path.name, size)
        with path.open("rb") as file:
            data = file.read(MAX_MEGABYTES * 10**6 + 1)  # a device, for one, has no size and no end
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TextError("cannot_read", name=_label(str(path)), reason=reason) from error
    return read_bytes(data, path.name)


def read_bytes(data: bytes, name: str) -> ReadText:
    """Read the bytes of a text file.

    Args:
        data: the whole file.
        name: what to call it in messages.

    Raises:
        TextError: it is too large, empty or not a text.
    """
    if len(data) > MAX_MEGABYTES * 10**6:
        raise _too_large(name, len(data))
    if not data.strip():
        raise TextError("empty_text")
    for magic, kind in OTHER_FORMATS:
        if data.startswith(magic):
            raise TextError("other_format", name=_label(name), kind=kind)
    decoded = decode(data)
    if decoded is None or (not decoded.encoding.startswith(("utf-16", "utf-32")) and _is_binary(data)):
        raise TextError("not_plain_text", name=_label(name))
    clean = clean_text(decoded.text)
    notices = []
    if decoded.is_guess:
        preview = " ".join(clean.text[: 4 * PREVIEW_CHARACTERS].split())[:PREVIEW_CHARACTERS]
        notices.append(message("encoding_guessed", encoding=_public(decoded.encoding), preview=preview))
    if decoded.undecodable:
        count, encoding = decoded.undecodable, _public(decoded.encoding)
        notices.append(message("undecodable", count=count, encoding=encoding))
    return ReadText(clean.text, decoded.encoding, (*notices, *clean.notices))


def clean_text(text: str) -> ReadText:
    """Clean a text: line feeds only, no control characters but tabs, nothing that UTF-8 cannot write.

    Args:
        text: what was decoded or pasted.

    Raises:
        TextError: it is too large, or nothing of it can be seen.
    """
    if len(text) > MAX_MEGABYTES * 10**6:
        raise _too_large("text", len(text))
    notices: list[Message] = []

    def substitute(pattern: re.Pattern[str], new: str, key: str) -> None:
        nonlocal text
        text, count = pattern.subn(new, text)
        if count:
            notices.append(message(key, count=count))

    if _ODD.search(text):
        substitute(_LINE_ENDS, "\n", "line_ends")
        substitute(_CONTROLS, "", "controls_removed")
        substitute(re.compile("\ufeff"), "", "byte_order_marks")
        pairs = len(_PAIRS.findall(text))
        if pairs:
            text = _PAIRS.sub(lambda pair: _join(pair.group()), text)
            notices.append(message("surrogates_joined", count=pairs))
        substitute(_SURROGATES, REPLACEMENT, "surrogates_replaced")
    if not text.strip():
        raise TextError("empty_text")
    return ReadText(text, "", tuple(notices))


def _join(pair: str) -> str:
    """Return the one character that two surrogates write together in UTF-16."""
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _is_binary(data: bytes) -> bool:
    """Tell whether a file has more control characters than a text damaged here and there."""
    sample = data[:SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    return controls * 10 > len(sample) or (controls > 8 and controls * 100 > len(sample))


def _too_large(name: str, size: int) -> TextError:
    return TextError("text_too_large", name=_label(name), megabytes=round(size / 10**6, 1), most=MAX_MEGABYTES)


def _label(name: str) -> str:
    """Return a name that any page and terminal can show."""
    shown = "".join(c if c.isprintable() else REPLACEMENT for c in name)
    return shown if len(shown) <= NAME_CHARACTERS else "…" + shown[1 - NAME_CHARACTERS :]


def _public(encoding: str) -> str:
    return encoding.upper().replace("_", "-")
