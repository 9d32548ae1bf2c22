"""What happens in the section of runs: looking, renaming, deleting, the queue, sweeps, and files to take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from ..errors import DeepRNNError, InputError
from ..messages import Message, message
from ..runs.entries import RunEntry
from ..runs.studio import Studio
from ..runs.sweep import summarise
from . import runs_frames as frames
from .form import read_choice, read_recipe
from .frames import NO_RECORDS, Frame
from .page import Page

Updates = dict[Any, Any]
MAX_NAME, MAX_NOTES = 64, 2000  # characters


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
        """Send what this tab lacks; nothing if nothing is new."""
        return self._answer(read_wish(event), sent) or gr.skip()

    def act(self, event: gr.EventData, sent: frames.Sent) -> Any:
        """Do one thing with one run, and say how it went."""
        wish = read_wish(event)
        try:
            said = self._do(str(wish.get("action")), wish)
        except DeepRNNError as error:
            said = error.message
        return self._answer(wish, sent, said) or gr.skip()

    def sweep(self, event: gr.EventData, sent: frames.Sent, corpus: object, preset: object, *values: object) -> Any:
        """Queue the runs of a sweep with the text and the recipe of the form."""
        wish = read_wish(event)
        settings = dict(zip(self._page.settings, values, strict=True))
        try:
            numbers = self._studio.sweep(
                read_choice(corpus),
                read_recipe(preset, settings),
                read_choice(wish.get("axis")),
                equal_parameters=wish.get("equal") is True,
            )
            said = message("sweep_queued", count=len(numbers))
        except DeepRNNError as error:
            said = error.message
        return self._answer(wish, sent, said)

    def _do(self, action: str, wish: Mapping[str, Any]) -> Message | None:
        studio, number = self._studio, wish.get("number")
        if type(number) is not int:
            raise InputError("unknown_run", number=str(number)[:20])
        value = wish.get("value")
        text = value.strip() if isinstance(value, str) else ""
        acts: dict[str, Callable[[], Any]] = {
            "rename": lambda: studio.rename(number, text[:MAX_NAME]),
            "annotate": lambda: studio.annotate(number, text[:MAX_NOTES]),
            "discard": lambda: studio.discard(number),
            "restore": lambda: studio.restore(number),
            "resume": lambda: studio.resume_run(number),
            "move": lambda: studio.move(number, value if type(value) is int else 1),
            "cancel": lambda: studio.cancel(number),
        }
        if action in acts:
            acts[action]()
        return None

    def _answer(self, wish: Mapping[str, Any], sent: frames.Sent, said: Message | None = None) -> Updates:
        entries = self._studio.runs()
        rest = frames.rest_frame(
            entries,
            [entry for entry in self._studio.runs(deleted=True) if entry.deleted is not None],
            read_only=self._studio.run(since=NO_RECORDS).read_only,
        )
        listed, now = frames.list_frame(entries, rest, sent, wish.get("seen"), said)
        answer: Updates = {self._page.runs: listed, self._sent: now} if listed is not None else {}
        packets = [self._packet(entry, after) for entry, after in frames.wanted(wish.get("known"), entries)]
        outcome = self._outcome(wish.get("group"), entries)
        if packets or outcome:
            answer[self._page.curves] = frames.curves_frame(packets, outcome)
        return answer

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

    def _packet(self, entry: RunEntry, after: int) -> Frame:
        curve = self._studio.compare((entry.number,))
        return frames.packet(entry, curve, self._studio.samples(entry.number), after)


def read_wish(event: gr.EventData) -> Mapping[str, Any]:
    """Return what a browser has sent with an event, nothing if it is not what it should be."""
    return event._data if isinstance(event._data, dict) else {}
