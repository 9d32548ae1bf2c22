"""Which format a file has: by its first bytes, then by its name. It opens nothing."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from ...errors import TextError
from ...messages import Message, message
from ..account import label

HEAD_BYTES = 1 << 12
PLAIN = "text"
# What a file is by its first bytes, whatever it is called.
BINARY = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)
# What a file that is a text may be, by its name; all other names are plain text, such as .txt, .md and source code.
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".srt": "srt",
    ".vtt": "srt",
    ".epub": "epub",
    ".docx": "docx",
    ".pdf": "pdf",
    ".zip": "zip",
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
}
PLAIN_SUFFIXES = (".txt", ".text", ".md", ".rst", ".log")
TEXTUAL = ("csv", "tsv", "json", "jsonl", "html", "srt")
MAY_HOLD_HTML = ("", ".txt", *SUFFIXES)
# Files that are often taken for text, by their first bytes; the names are the same in every language.
OTHER_FORMATS = (
    (b"7z\xbc\xaf\x27\x1c", "7Z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "ZSTD"),
    (b"\xd0\xcf\x11\xe0", "DOC/XLS/PPT"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WAV/WEBP/AVI"),
    (b"ID3", "MP3"),
    (b"OggS", "OGG"),
    (b"\x7fELF", "ELF"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x93NUMPY", "NumPy"),
    *((bytes((0x80, protocol)), "pickle") for protocol in range(2, 6)),
)
_HTML = re.compile(r"\s*(<\?xml[^>]{0,200}>\s*)?(<!--.{0,1000}?-->\s*)*<(!doctype\s+html|html)\b", re.I | re.S)


def recognise(head: bytes, name: str) -> str:
    """Return the format of a file.

    Args:
        head: its first 4096 bytes or more, or all of it.
        name: its name; only the suffix counts.

    Raises:
        TextError: it is of a format that holds no text, or none that can be read here.
    """
    for magic, kind in BINARY:
        if head.startswith(magic):
            return kind
    for magic, other in OTHER_FORMATS:
        if head.startswith(magic):
            raise TextError("other_format", name=label(name), kind=other)
    if head[257:262] == b"ustar":
        raise TextError("other_format", name=label(name), kind="TAR")
    suffix = suffix_of(name)
    named = SUFFIXES.get(suffix, PLAIN)
    if named == "pdf" and b"%PDF-" in head[:1024]:  # some writers put a few bytes before it
        return named
    if suffix in MAY_HOLD_HTML and _HTML.match(_loosely(head[:HEAD_BYTES])):
        return "html"
    return named if named in TEXTUAL else PLAIN


def wrong_suffix(kind: str, name: str) -> tuple[Message, ...]:
    """Say that a file is of another format than its name says, if it is."""
    suffix = suffix_of(name)
    said = SUFFIXES.get(suffix, PLAIN if suffix in PLAIN_SUFFIXES else kind)
    if said == kind or {said, kind} <= {"csv", "tsv"} or {said, kind} <= {"json", "jsonl"}:
        return ()
    return (message("wrong_suffix", name=label(name), suffix=suffix, kind=kind.upper()),)


def suffix_of(name: str) -> str:
    """Return the last suffix of a name in lower case."""
    return PurePath(name.replace("\\", "/")).suffix.lower()


def _loosely(head: bytes) -> str:
    """Return what is ASCII in a beginning, in whatever encoding it is."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").decode("latin-1")
