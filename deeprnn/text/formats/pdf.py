"""PDF: the text of each page, as far as the file tells which glyph is which character."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import TextError
from ...messages import message
from ..account import Account, label

COMMAND = 'pip install "pypdf>=7,<8"'  # what the extra `formats` names
MAX_PAGES = 10_000
MAX_STREAM_BYTES = 8 << 20  # of one page's content; a page of text has a few kilobytes
STREAMS = [f"{kind}_maximum_output_length" for kind in ("zlib", "lzw", "run_length", "array_based_stream")]
LIMITS: dict[str, Any] = {
    **dict.fromkeys(STREAMS, MAX_STREAM_BYTES),
    "stream_decoding_work_maximum_length": 4 * MAX_STREAM_BYTES,
    "stream_parsing_work_maximum_count": 500_000,
}


def read(path: Path, name: str, write: Callable[[str], None]) -> Account:
    """Write the text of a document, a blank line between two pages.

    Raises:
        TextError: its reader is not installed; it is damaged, encrypted, or has no text.
    """
    try:
        import pypdf
        from pypdf.errors import DependencyError, PyPdfError
    except ImportError:
        raise TextError("needs_package", what="PDF", command=COMMAND) from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    pypdf.overwrite_configuration(**LIMITS)
    try:
        with path.open("rb") as file:
            reader = pypdf.PdfReader(file)
            if reader.is_encrypted and not reader.decrypt(""):
                raise TextError("encrypted", name=label(name))
            pages, empty = len(reader.pages), 0
            if pages > MAX_PAGES:
                raise TextError("too_many_members", name=label(name), most=MAX_PAGES)
            for number, page in enumerate(reader.pages):
                text = page.extract_text().strip()
                empty += not text
                write(("\n\n" if number and text else "") + text)
    except DependencyError:
        raise TextError("encrypted", name=label(name)) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, OSError) as error:
        raise TextError("format_broken", name=label(name), kind="PDF") from error
    if pages == empty:
        raise TextError("only_pictures", name=label(name), pages=pages)
    return Account(kind="pdf", notices=(message("pages_without_text", count=empty, pages=pages),) if empty else ())
