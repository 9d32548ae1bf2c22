"""The texts of the studio, known ones and the user's own: read, kept, examined, and made into tokens."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..config import Recipe, TextConfig, TrainConfig
from ..errors import TextError
from ..messages import Message, message
from ..text import catalogue, hub
from ..text.account import Account, Reading, label, say_left_out, together
from ..text.catalogue import CorpusEntry
from ..text.corpus import Corpus, build_corpus
from ..text.doctor import Report, examine
from ..text.hub import DatasetName
from ..text.meter import Progress
from ..text.reading import AS_IT_COMES, Joined, open_pieces, read_bytes, read_pasted
from .limits import LOCAL, Limits
from .once import Once
from .shelf import Shelf

NAME_CHARACTERS = 80
READ_TWICE = 2  # a text is gone through for its key, and once more to be written

NamedFile = tuple[Path, Reading]


class Texts:
    """Keep the texts of a home and what was made of them; every method may be called from any thread.

    Args:
        shelf: where own texts are kept.
        limits: how long a text may be, and how many are kept.
    """

    def __init__(self, shelf: Shelf, limits: Limits = LOCAL) -> None:
        self._shelf, self._limits = shelf, limits
        self._corpora, self._reports = Once[Corpus](4), Once[Report](16)

    def entries(self) -> tuple[CorpusEntry, ...]:
        """Return every text that can be learnt: bundled, downloadable, synthetic, and the user's own."""
        own = (catalogue.own_entry(key, name) for key, name in reversed(self._shelf.names().items()))
        return (*catalogue.entries(), *own)

    def add_text(self, name: str, data: bytes | str, how: Reading = AS_IT_COMES) -> tuple[CorpusEntry, Account]:
        """Take in a pasted text, or the bytes of one file.

        Raises:
            TextError: it cannot be read, is too short, or cannot be kept.
        """
        read = read_bytes(data, name, how) if isinstance(data, bytes) else read_pasted(data)
        return self._keep(name, read.account, (read.text,))

    def add_files(
        self, files: Sequence[NamedFile], name: str = "", progress: Progress | None = None, *, every: bool = True
    ) -> tuple[CorpusEntry, Account, tuple[NamedFile, ...]]:
        """Take in files as one text, in their order, each read in its own way.

        Args:
            files: each with the choices in reading it.
            name: what to call the text; the first file's if empty.
            progress: told how much is done; what it raises ends the work.
            every: whether one that cannot be read refuses all; else it is left out, which the account says.

        Returns:
            the text, how it was read, and the files that it holds.

        Raises:
            TextError: one of them, or all of them, cannot be read, the text is too short, or cannot be kept.
        """
        kept, opened, left_out = _open(files, progress, every=every)
        account, pieces = opened[0]
        if len(opened) > 1:
            account = together([account for account, _ in opened], "files", left_out)
            pieces = Joined(tuple(pieces for _, pieces in opened))
        elif left_out:
            account = dataclasses.replace(account, notices=(*account.notices, *left_out))
        more = f" + {len(kept) - 1}" if len(kept) > 1 else ""
        return *self._keep(name or kept[0][0].name + more, account, pieces, progress), kept

    def add_dataset(self, wanted: DatasetName, progress: Progress | None = None) -> tuple[CorpusEntry, Account]:
        """Take in a part of a data set of the Hub.

        Raises:
            TextError: it cannot be had, is too short, or cannot be kept.
        """
        account, pieces = hub.open_dataset(wanted, progress)
        return self._keep(wanted.repository.rpartition("/")[2], account, pieces, progress)

    def remove(self, key: str) -> None:
        """Forget an own text; a run that learns it keeps what it has."""
        self._shelf.remove(key)

    def account(self, key: str) -> Account | None:
        """Return how an own text was read, None for any other and for those of an older version."""
        return self._shelf.account(key)

    def corpus(self, key: str, config: TextConfig, progress: Progress | None = None) -> Corpus:
        """Return a text as tokens; the last few are remembered.

        Raises:
            TextError: there is no such text, or too little of it is left to learn from.
        """
        return self._corpora.get((key, config), lambda tell: self._build(key, config, tell), progress)

    def report(self, key: str, recipe: Recipe, progress: Progress | None = None) -> Report:
        """Examine a text as a recipe would read it; the last few reports are remembered.

        Raises:
            TextError: there is no such text, or too little of it is left to learn from.
        """
        # How it is trained changes nothing in a text.
        plain = Recipe("", recipe.text, recipe.model, TrainConfig())
        return self._reports.get((key, plain), lambda tell: self._examine(key, plain, tell), progress)

    def _keep(
        self, name: str, account: Account, pieces: Iterable[str], progress: Progress | None = None
    ) -> tuple[CorpusEntry, Account]:
        # Half a character, as some systems leave in a file's name, becomes U+FFFD: UTF-8 cannot write it.
        name = name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")[:NAME_CHARACTERS]
        self._refuse_too_much(account)
        refuse_what_cannot_be_learnt(pieces, name)
        told = Told(pieces, progress, READ_TWICE * account.characters)
        return catalogue.own_entry(self._shelf.save(name, told, account), name), account

    def _refuse_too_much(self, account: Account) -> None:
        characters, texts = self._limits.corpus_characters, self._limits.kept_texts
        if texts is not None and len(self._shelf.names()) >= texts:
            raise TextError("too_many_kept_texts" if texts else "nothing_kept", most=texts)
        if characters is not None and account.characters > characters:
            raise TextError("text_too_long", characters=account.characters, most=characters)

    def _build(self, key: str, config: TextConfig, progress: Progress) -> Corpus:
        if key.startswith("own:"):
            name, pieces = self._shelf.load(key)
            return build_corpus(pieces, config, name, progress=progress)
        loaded = catalogue.load(key)
        corpus = build_corpus(loaded.text, config, catalogue.title(key), loaded.entropy_floor, progress)
        return dataclasses.replace(corpus, notices=(*loaded.notices, *corpus.notices))

    def _examine(self, key: str, recipe: Recipe, progress: Progress) -> Report:
        corpus = self.corpus(key, recipe.text, progress)
        pieces = self._shelf.load(key)[1] if key.startswith("own:") else (catalogue.load(key).text,)
        return examine(Told(pieces, progress, corpus.characters), corpus, recipe)


def _open(
    files: Sequence[NamedFile], progress: Progress | None, *, every: bool
) -> tuple[tuple[NamedFile, ...], list[tuple[Account, Iterable[str]]], tuple[Message, ...]]:
    """Return the files that can be read, what they hold, and what is said of the others."""
    kept, opened = [], []
    left_out: list[Message] = []
    for path, how in files:
        try:
            opened.append(open_pieces(path, how, progress))
            kept.append((path, how))
        except TextError as error:
            if every or len(files) == 1:
                raise
            left_out.append(message("left_out", name=label(path.name), reason=error.message))
    if left_out and not opened:
        raise TextError("no_readable_file", count=len(files), reason=left_out[0])
    if not opened:
        raise TextError("empty_text")
    return tuple(kept), opened, say_left_out(left_out)


@dataclass
class Told:
    """Yield the pieces of a text and tell how many of its characters were yielded, over all passes.

    Args:
        pieces: of the text.
        progress: who is told, if anyone.
        total: characters of all passes together.
    """

    pieces: Iterable[str]
    progress: Progress | None
    total: int
    done: int = 0

    def __iter__(self) -> Iterator[str]:
        """Yield each piece."""
        for piece in self.pieces:
            if self.progress is not None:
                self.progress(self.done, self.total)
            self.done += len(piece)
            yield piece


def refuse_what_cannot_be_learnt(pieces: Iterable[str], name: str) -> None:
    """Refuse now a text that no settings could learn from; the beginning of a long one is usually enough to know.

    Raises:
        TextError: it is too short, or repeats one character.
    """
    try:
        build_corpus(next(iter(pieces), ""), TextConfig(), name)
    except TextError:
        build_corpus("".join(pieces), TextConfig(), name)


def missing_hub_command() -> str:
    """Return the command that installs what the Hub needs; nothing where it is there."""
    return "" if find_spec("datasets") else hub.COMMAND
