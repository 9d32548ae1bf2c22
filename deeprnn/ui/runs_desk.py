"""What happens in the section of runs: looking, renaming, deleting, the queue, sweeps, and files to take away."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from ..errors import DeepRNNError, InputError
from ..messages import Message, message
from ..runs.entries import RunEntry
from ..runs.exports import export_runs
from ..runs.studio import Studio
from ..runs.sweep import REPEATS, summarise
from . import runs_frames as frames
from .form import read_choice, read_recipe, shown
from .frames import EXACT, Frame
from .page import Page

Updates = dict[Any, Any]
MOST_TAKEN = 1000  # runs in one file


class RunsDesk:
    """Show the runs of the studio and do what the reader wants with them.

    A wish comes from the browser as the data of an event: what is wanted, and what the tab knows already.

    Args:
        studio: the one door.
        page: the components.
        sent: what a tab has been sent.
    """

    def __init__(self, studio: Studio, page: Page, sent: gr.State) -> None:
        self._studio, self._page, self._sent = studio, page, sent

    def look(self, event: gr.EventData, sent: frames.Sent) -> Any:
        """Send what this tab lacks; that nothing is new is an answer too, after which it asks again."""
        return self._answer(read_wish(event), sent)

    def act(self, event: gr.EventData, sent: frames.Sent) -> Any:
        """Do one thing with one run, and say how it went."""
        wish = read_wish(event)
        said = None
        try:
            self._do(wish.get("action"), wish)
        except DeepRNNError as error:
            said = error.message
        return self._answer(wish, sent, said)

    def sweep(self, event: gr.EventData, sent: frames.Sent, corpus: object, preset: object, *values: object) -> Any:
        """Queue the runs of a sweep with the text and the recipe of the form."""
        wish = read_wish(event)
        settings = dict(zip(self._page.settings, values, strict=True))
        try:
            numbers = self._studio.runs.sweep(
                read_choice(corpus),
                read_recipe(preset, settings),
                read_choice(wish.get("axis")),
                equal_parameters=wish.get("equal") is True,
                repeats=REPEATS if wish.get("repeat") is True else 1,
            )
            said = message("sweep_queued", count=len(numbers))
        except DeepRNNError as error:
            said = error.message
        return self._answer(wish, sent, said)

    def take(self, event: gr.EventData, sent: frames.Sent) -> Any:
        """Write runs into a file, which the browser then downloads."""
        wish = read_wish(event)
        numbers = wish.get("numbers")
        try:
            wanted = [read_number(one) for one in numbers[:MOST_TAKEN]] if isinstance(numbers, list) else []
            folder = self._studio.store.exports / f"runs-{secrets.token_hex(8)}"
            path = export_runs(self._studio.runs, wanted, read_choice(wish.get("form")), folder)
        except DeepRNNError as error:
            return {self._page.runs_file: None, **self._answer(wish, sent, error.message)}
        return {self._page.runs_file: str(path)}

    def _do(self, action: object, wish: Mapping[str, Any]) -> None:
        runs, number, value = self._studio.runs, read_number(wish.get("number")), wish.get("value")
        text = value.strip() if isinstance(value, str) else ""
        acts: dict[object, Callable[[], None]] = {
            "rename": lambda: runs.rename(number, text),
            "annotate": lambda: runs.annotate(number, text),
            "discard": lambda: runs.discard(number),
            "restore": lambda: runs.restore(number),
            "resume": lambda: runs.resume(number),
            "move": lambda: runs.move(number, read_number(value)),
            "cancel": lambda: runs.cancel(number),
        }
        if isinstance(action, str) and action in acts:
            acts[action]()

    def _answer(self, wish: Mapping[str, Any], sent: frames.Sent, said: Message | None = None) -> Updates:
        every = self._studio.runs.entries(deleted=True)
        entries = [entry for entry in every if entry.deleted is None]
        deleted = [entry for entry in every if entry.deleted is not None]
        rest = frames.rest_frame(entries, deleted, read_only=self._studio.store.read_only)
        listed, now = frames.list_frame(entries, rest, sent, wish.get("seen"), said)
        answer: Updates = {self._page.runs: listed, self._sent: now}
        packets = [self._packet(entry, after) for entry, after in frames.wanted(wish.get("known"), entries)]
        outcome = self._outcome(wish.get("group"), entries)
        if packets or outcome:
            answer[self._page.curves] = frames.curves_frame(packets, outcome)
        return answer

    def _packet(self, entry: RunEntry, after: int) -> Frame:
        runs, number = self._studio.runs, entry.number
        return frames.packet(
            entry, runs.compare((number,))["runs"][0], runs.view(number).lines, runs.samples(number), after
        )

    def _outcome(self, known: object, entries: Sequence[RunEntry]) -> Frame | None:
        """Return the outcome of the sweep that a tab looks at, None if it has it already.

        Args:
            known: the name of the sweep, and the digest of the outcome that the tab has.
            entries: all runs.
        """
        if not (isinstance(known, list) and len(known) == 2):
            return None
        group, digest = known
        members = [entry for entry in entries if entry.group and entry.group == group]
        if not members:
            return None
        try:
            corpus = self._studio.texts.corpus(members[0].corpus, members[0].recipe.text)
        except DeepRNNError:  # the text is gone
            return None
        outcome = frames.outcome_frame(str(group), summarise(members, corpus.tokenizer.vocab_size))
        return outcome if outcome["digest"] != digest else None


def read_number(value: object) -> int:
    """Return a whole number.

    Raises:
        InputError: it is none, or no run can have it.
    """
    if type(value) is not int or not 0 < value < EXACT:
        raise InputError("unknown_run", number=shown(value)[:20])
    return value


def read_wish(event: gr.EventData) -> Mapping[str, Any]:
    """Return what a browser has sent with an event, nothing if it is not what it should be."""
    return event._data if isinstance(event._data, dict) else {}
