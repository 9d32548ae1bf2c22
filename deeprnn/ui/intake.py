"""What happens when a text of one's own is added: pasted, from files, from the Hub; and when it is read otherwise."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import DeepRNNError
from ..messages import Message
from ..runs.studio import Studio
from ..runs.texts import NamedFile
from ..text.account import Reading
from ..text.catalogue import CorpusEntry
from ..text.hub import SCHEME, DatasetName, parse
from ..text.meter import Progress
from .choices import corpus_choices
from .form import read_choice
from .frames import Frame
from .page import Page
from .planning import Planner, Updates
from .text_frames import files_frame

Added = tuple[CorpusEntry, tuple[NamedFile, ...]]  # and the files that it holds


@dataclass(frozen=True)
class Own:
    """Remember from what a tab has made a text of the user's, so that it can be read again in another way.

    Args:
        key: of the text; empty before there is one.
        name: what it is called.
        files: in their order, each with the choices in reading it.
        dataset: the data set it comes from, None for files.
    """

    key: str = ""
    name: str = ""
    files: tuple[NamedFile, ...] = ()
    dataset: DatasetName | None = None

    def asked(self, key: str) -> tuple[str | None, ...]:
        """Return for each file of a text the encoding asked for; nothing if it is another text."""
        if key != self.key:
            return ()
        return (None,) if self.dataset else tuple(how.encoding for _, how in self.files)


class Intake:
    """Take texts in, and take in again those that shall be read in another way.

    Args:
        studio: the one door.
        page: the components.
        planner: shows a work that may be long.
        own: where a tab remembers from what its own text was made.
    """

    def __init__(self, studio: Studio, page: Page, planner: Planner, own: gr.State) -> None:
        self._studio, self._page, self._planner, self._own = studio, page, planner, own

    def show(self, own: Own | None, corpus: object) -> Updates:
        """Show how the files of the chosen text were read."""
        return {self._page.files: self._files(own or Own(), read_choice(corpus))}

    def paste(self, text: object, name: object, own: Own | None, corpus: object) -> Iterator[Updates]:
        """Add a pasted text."""
        data = text if isinstance(text, str) else ""
        called = _word(name) or _first_words(data)
        yield from self._add(Own(name=called), lambda _: (self._studio.add_text(called, data)[0], ()), own, corpus)

    def upload(self, paths: object, name: object, own: Own | None, corpus: object) -> Iterator[Updates]:
        """Add the files that were chosen, in their order, as one text; say which of several cannot be read."""
        chosen = paths if isinstance(paths, list) else [paths]
        wanted = Own(name=_word(name), files=tuple((Path(str(path)), Reading()) for path in chosen))
        yield from self._read(wanted, own, corpus)

    def fetch(
        self, name: object, split: object, column: object, characters: object, own: Own | None, corpus: object
    ) -> Iterator[Updates]:
        """Add a part of a data set of the Hub; nothing was asked of it before."""
        limit = _word(characters)
        try:
            wanted = parse(f"{SCHEME}{_word(name)}" + (f"@{limit}" if limit else ""))
        except DeepRNNError as error:
            yield {self._page.files: self._files(own or Own(), read_choice(corpus), error.message)}
            return
        wanted = replace(wanted, split=_word(split) or wanted.split, column=_word(column) or wanted.column)
        yield from self._read(Own(dataset=wanted), own, corpus)

    def edit(self, event: gr.EventData, own: Own | None, corpus: object) -> Iterator[Updates]:
        """Read the own text again, in another order or way; if that is refused, it stays as it was."""
        wish = event._data if isinstance(event._data, Mapping) else {}
        wanted = changed(own, wish) if own and own.key == corpus else None
        if wanted is None:
            yield self.show(own, corpus)
        else:
            yield from self._read(wanted, own, corpus, again=True)

    def _read(self, wanted: Own, own: Own | None, corpus: object, *, again: bool = False) -> Iterator[Updates]:
        def act(told: Progress) -> Added:
            if wanted.dataset is not None:
                return self._studio.texts.add_dataset(wanted.dataset, told)[0], ()
            entry, _, kept = self._studio.texts.add_files(wanted.files, wanted.name, told, every=again)
            return entry, kept

        yield from self._add(wanted, act, own, corpus, again=again)

    def _add(
        self, wanted: Own, act: Callable[[Progress], Added], own: Own | None, corpus: object, *, again: bool = False
    ) -> Iterator[Updates]:
        """Take a text in and choose it; say why if it is refused, and leave what is chosen."""
        page = self._page
        try:
            entry, kept = yield from self._planner.watch("reading", act)
        except DeepRNNError as error:
            yield {page.files: self._files(own or Own(), read_choice(corpus), error.message)}
            return
        if again and own and own.key != entry.key:
            self._studio.texts.remove(own.key)
        now = replace(wanted, key=entry.key, name=entry.title, files=kept)
        yield {
            self._own: now,
            page.corpus: gr.update(choices=corpus_choices(self._studio.corpora()), value=entry.key),
            page.files: self._files(now, entry.key),
            **({} if again else {page.paste: "", page.text_name: ""}),
        }

    def _files(self, own: Own, key: str, refusal: Message | None = None) -> Frame:
        frame = files_frame(self._studio.texts.account(key), own.asked(key), refusal)
        # The same refusal once more is a new value: what the reader chose is set back.
        return {**frame, "nonce": secrets.token_hex(4)} if refusal else frame


def changed(own: Own, wish: Mapping[str, Any]) -> Own | None:
    """Return an own text as its reader wants it, None for a wish that cannot be.

    Args:
        own: as it was read.
        wish: {action, index, value}; the action is up, down, remove, encoding or columns.
    """
    action, at, value = wish.get("action"), wish.get("index"), wish.get("value")
    files = list(own.files)
    if own.dataset is not None and action == "columns" and (column := _names(value)):
        return replace(own, dataset=replace(own.dataset, column=column[0]))
    if type(at) is not int or not 0 <= at < len(files):
        return None
    path, how = files[at]
    beside = at + {"up": -1, "down": 1}.get(str(action), 0)
    if action == "encoding" and (value is None or isinstance(value, str)):
        files[at] = path, replace(how, encoding=value or None)
    elif action == "columns" and (columns := _names(value)):
        files[at] = path, replace(how, columns=columns)
    elif action == "remove" and len(files) > 1:
        del files[at]
    elif beside != at and 0 <= beside < len(files):
        files[at], files[beside] = files[beside], files[at]
    else:
        return None
    return replace(own, files=tuple(files))


def _names(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _word(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _first_words(text: str) -> str:
    """Return a name for a text that came without one."""
    return " ".join(text.split()[:4])[:40]
