"""Files and pasted text to text, with an honest account of what was read, guessed and lost. It knows no tokens."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..errors import TextError
from ..messages import Message
from .account import Account, Reading, label, preview_of, together
from .encodings.decoding import resolve
from .formats.kinds import HEAD_BYTES, PLAIN, recognise, wrong_suffix
from .formats.process import Place, read_apart
from .meter import Meter, Progress
from .pieces import join, opener, scan
from .repair import repair, say_changes

MAX_MEGABYTES = 500  # of a text that is held in memory as a whole
MAX_FILE_MEGABYTES = 100_000  # of a plain text that is read in pieces
MAX_FILES = 10_000
AS_IT_COMES = Reading()


@dataclass(frozen=True)
class ReadText:
    """Hold a text that was read.

    Args:
        text: as it came, but without NUL and surrogates, which neither a page nor a file can carry.
        account: what is known of how it was read.
    """

    text: str
    account: Account

    @property
    def encoding(self) -> str:
        """Return Python's name of the encoding; empty for pasted text."""
        return self.account.encoding

    @property
    def notices(self) -> tuple[Message, ...]:
        """Return what was guessed, changed or left out; none means that nothing was."""
        return self.account.notices


def open_pieces(
    path: Path | str, how: Reading = AS_IT_COMES, progress: Progress | None = None
) -> tuple[Account, Iterable[str]]:
    """Find out what a file holds, and open it for reading in pieces.

    Args:
        path: of a file in any format.
        how: what to choose where there is a choice.
        progress: told the bytes read and those of the file; of a container, those unpacked, and 0. What it raises
            ends the work and leaves nothing behind.

    Returns:
        the account of the whole file, and its text in pieces of about a million characters, none of them empty, as
        often as it is iterated; a plain text stays where it is, so that memory does not grow with it.

    Raises:
        TextError: it cannot be read, is too large, is empty or holds no text.
    """
    path = Path(path)
    with _refusals_of_the_disk(path):
        size = path.stat().st_size
        if size > MAX_FILE_MEGABYTES * 10**6:
            raise _too_large(path.name, size, MAX_FILE_MEGABYTES)
        with path.open("rb") as file:
            if not path.is_file():  # a pipe or a device can be read only once, and need not have an end
                return _open_bytes(file.read(int(MAX_MEGABYTES * 10**6) + 1), path.name, how)
            head = file.read(HEAD_BYTES)
        if _is_plain(head, path.name, how):
            account, pieces = scan(opener(path), path.name, how.encoding, meter=Meter(progress, size))
            pieces = replace(pieces, total_bytes=size if pieces.encoding == "utf-8" else 0)
            return _with_suffix(account, path.name), pieces
        return read_apart(path, path.name, how, progress)


def read_file(path: Path | str, how: Reading = AS_IT_COMES) -> ReadText:
    """Read a file of any format into memory.

    Raises:
        TextError: it cannot be read, is too large, is empty or holds no text.
    """
    return read_files([path], how)


def read_bytes(data: bytes, name: str, how: Reading = AS_IT_COMES) -> ReadText:
    """Read the bytes of a file of any format.

    Args:
        data: the whole file.
        name: what to call it in messages; its suffix counts where the bytes leave the format open.
        how: what to choose where there is a choice.

    Raises:
        TextError: it is too large, empty or holds no text.
    """
    return in_memory(*_open_bytes(data, name, how))


def read_pasted(text: str) -> ReadText:
    """Take a pasted text as it came, but for what neither a page nor a file can carry.

    Raises:
        TextError: it is too large, or nothing of it can be seen.
    """
    if len(text) > MAX_MEGABYTES * 10**6:
        raise _too_large("text", len(text), MAX_MEGABYTES)
    text, changes = repair(text)
    if not text.strip():
        raise TextError("empty_text")
    return ReadText(text, Account(characters=len(text), preview=preview_of(text), notices=say_changes(changes)))


def read_files(paths: Sequence[Path | str], how: Reading = AS_IT_COMES) -> ReadText:
    """Read several files as one text, in their order, with one blank line between two of them.

    Raises:
        TextError: one of them cannot be read, or together they are too large.
    """
    account, pieces = open_files(paths, how)
    with _refusals_of_the_disk(Path(paths[0])):
        return in_memory(account, pieces)


def open_files(paths: Sequence[Path | str], how: Reading = AS_IT_COMES) -> tuple[Account, Iterable[str]]:
    """Open several files as one text in pieces; as `open_pieces` for one.

    Raises:
        TextError: one of them cannot be read.
    """
    refuse_none_or_too_many(paths)
    opened = [open_pieces(path, how) for path in paths]
    if len(opened) == 1:
        return opened[0]
    return together([account for account, _ in opened], "files"), Joined(tuple(pieces for _, pieces in opened))


def refuse_none_or_too_many(texts: Sequence[object]) -> None:
    """Refuse to read no text, or too many, as one.

    Raises:
        TextError: there is none, or there are more than `MAX_FILES`.
    """
    if not texts:
        raise TextError("empty_text")
    if len(texts) > MAX_FILES:
        raise TextError("too_many_files", count=len(texts), most=MAX_FILES)


@dataclass(frozen=True)
class Joined:
    """Yield the pieces of several texts with one blank line between two, as often as it is iterated."""

    texts: tuple[Iterable[str], ...]

    def __iter__(self) -> Iterator[str]:
        return join(self.texts)


def in_memory(account: Account, pieces: Iterable[str]) -> ReadText:
    """Return a text as a whole.

    Raises:
        TextError: it is too large for that.
    """
    if account.characters > MAX_MEGABYTES * 10**6:
        raise _too_large(account.name, account.characters, MAX_MEGABYTES)
    return ReadText("".join(pieces), account)


def _open_bytes(data: bytes, name: str, how: Reading) -> tuple[Account, Iterable[str]]:
    if len(data) > MAX_MEGABYTES * 10**6:
        raise _too_large(name, len(data), MAX_MEGABYTES)
    if _is_plain(data[:HEAD_BYTES], name, how):
        account, pieces = scan(partial(io.BytesIO, data), name, how.encoding)
        return _with_suffix(account, name), pieces
    place = Place()  # which goes on return: the text has a place of its own
    with _refusals_of_the_disk(Path(name)):
        (place.folder / "file").write_bytes(data)
        return read_apart(place.folder / "file", name, how)


def _is_plain(head: bytes, name: str, how: Reading) -> bool:
    """Tell whether a file is read as it is; refuse what could not be put right by reading it."""
    if how.encoding is not None:
        resolve(how.encoding)
    return not head.strip() or recognise(head, name) == PLAIN


def _with_suffix(account: Account, name: str) -> Account:
    return replace(account, notices=(*account.notices, *wrong_suffix(account.kind, name)))


def _too_large(name: str, size: int, most: float) -> TextError:
    return TextError("text_too_large", name=label(name), megabytes=round(size / 10**6, 1), most=most)


@contextmanager
def _refusals_of_the_disk(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into one sentence."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TextError("cannot_read", name=label(str(path)), reason=reason) from error
