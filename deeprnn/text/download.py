"""Files that may be downloaded: checked by their hash, kept in a cache. It knows no text and no encoding."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import ssl
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from ..errors import TextError
from ..home import home_folder
from ..messages import Message, message

CONNECT_SECONDS = 15.0  # without any byte
TOTAL_SECONDS = 120.0
MAX_BYTES = 10 * 10**6
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Download:
    """Say where a file is and how to know it.

    Args:
        file: its name in the cache and in the folder of `DEEPRNN_CORPORA`.
        url: where it is fetched from.
        sha1: of its bytes.
    """

    file: str
    url: str
    sha1: str


def cache_folder() -> Path:
    """Return the folder of downloaded texts."""
    return home_folder() / "corpora"


def obtain(download: Download) -> bytes:
    """Return a file: from the folder named by `DEEPRNN_CORPORA`, else from the cache, else from the network.

    Raises:
        TextError: it cannot be had, or is not the file it should be.
    """
    named = os.environ.get("DEEPRNN_CORPORA")
    if named and (data := _read(Path(named) / download.file)) is not None:
        _check(download, data, str(Path(named) / download.file))
        return data
    cached = cache_folder() / download.file
    data = _read(cached)
    if data is not None and hashlib.sha1(data).hexdigest() == download.sha1:
        return data
    data = _fetch(download)
    _check(download, data, download.url)
    # Without a place to keep it the text is still at hand; the next time it is fetched again.
    with contextlib.suppress(OSError):
        _write(cached, data)
    return data


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None


def _check(download: Download, data: bytes, place: str) -> None:
    found = hashlib.sha1(data).hexdigest()
    if found != download.sha1:
        raise TextError("wrong_hash", place=place[:200], found=found, expected=download.sha1)


def _fetch(download: Download) -> bytes:
    deadline = time.monotonic() + TOTAL_SECONDS
    data = bytearray()
    try:
        with urllib.request.urlopen(download.url, timeout=CONNECT_SECONDS) as response:
            while chunk := response.read(CHUNK_BYTES):
                data += chunk
                if len(data) > MAX_BYTES:
                    raise _failed(download, message("why_many_bytes", most=MAX_BYTES))
                if time.monotonic() > deadline:
                    raise _failed(download, message("why_slow", seconds=round(TOTAL_SECONDS)))
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise _failed(download, _why(error)) from error
    return bytes(data)


def _failed(download: Download, reason: Message) -> TextError:
    return TextError("download_failed", name=download.file, reason=reason)


def _why(error: Exception) -> Message:
    """Say why a download failed; the words of the operating system would be English and full of numbers."""
    if isinstance(error, urllib.error.HTTPError):
        return message("why_http", code=error.code)
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return message("why_silence", seconds=round(CONNECT_SECONDS))
    if isinstance(inner, OSError) and inner.strerror and not isinstance(inner, ssl.SSLError):
        return message("why_no_connection")
    return message("why_broken", kind=type(inner).__name__)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, also when several threads write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
