"""What happens on the writing side: write, stop, bring a model in, take one out."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import DeepRNNError, InputError
from ..messages import Message, message
from ..runs.studio import LIVE, Studio
from . import frames
from .choices import model_choices
from .form import read_choice, read_prefix, read_sampling
from .page import Page
from .writing import Stops, Wish, write_on

Updates = dict[Any, Any]


class Desk:
    """Let visitors write; each text has a secret ticket, and only who holds it can stop the text.

    Args:
        studio: the one door.
        page: the components.
        ticket: that of the text a tab is writing.
        stops: of all texts.
    """

    def __init__(self, studio: Studio, page: Page, ticket: gr.State, stops: Stops) -> None:
        self._studio, self._page, self._ticket, self._stops = studio, page, ticket, stops

    def write(self, prefix: object, model: object, greedy: object, *values: object) -> Iterator[Updates]:
        """Write on from the beginning; the buttons follow."""
        page, ticket = self._page, secrets.token_hex(8)
        beginning: Updates = {self._ticket: ticket, page.told: None, **self._buttons(writing=True)}
        frame: frames.Frame | None = None
        try:
            if not model:
                raise InputError("no_models")
            sampling = read_sampling(dict(zip(page.sampling, values, strict=True)), greedy=greedy)
            wish = Wish(
                read_choice(model), read_prefix(prefix, self._studio.limits.prefix_characters), sampling, ticket
            )
            for written in write_on(self._studio, wish, self._stops):
                frame = written.frame
                yield {page.writer: frame, **beginning, **(self._buttons(writing=False) if frame["done"] else {})}
                beginning = {}
        except DeepRNNError as error:
            yield {page.writer: self._failed(ticket, prefix, frame, error.message), **self._buttons(writing=False)}

    def stop(self, ticket: object) -> None:
        """Ask for the end of the text that this tab writes."""
        if isinstance(ticket, str):
            self._stops.stop(ticket)

    def take_in(self, path: object, chosen: object) -> Updates:
        """Check a model file and let it write."""
        try:
            entry = self._studio.import_model(Path(str(path)))
        except DeepRNNError as error:
            return {**self._models(read_choice(chosen)), **self._said(error.message)}
        return {**self._models(entry.key), **self._said(message("model_added", name=entry.name))}

    def take_out(self, chosen: object) -> Updates:
        """Pack the chosen model for download."""
        try:
            if not chosen or chosen == LIVE:
                raise InputError("nothing_to_export")
            packed = str(self._studio.export_model(read_choice(chosen)))
            return {self._page.export_model: packed, self._page.told: None}
        except DeepRNNError as error:
            return {self._page.export_model: None, **self._said(error.message)}

    def _models(self, chosen: str) -> Updates:
        return {self._page.model: gr.update(choices=model_choices(self._studio.models()), value=chosen)}

    def _said(self, what: Message) -> Updates:
        return {self._page.told: frames.notice_frame(what)}

    def _buttons(self, *, writing: bool) -> Updates:
        page = self._page
        return {
            page.write: gr.update(visible=not writing),
            page.stop_writing: gr.update(visible=writing),
            page.again: gr.update(interactive=not writing),
        }

    def _failed(self, ticket: str, prefix: object, frame: frames.Frame | None, why: Message) -> frames.Frame:
        """Return the text as far as it came, with the reason for its end."""
        if frame is None:
            frame = frames.writer_frame(ticket, prefix[:200] if isinstance(prefix, str) else "", "")
        return {**frame, "notices": [*frame["notices"], frames.message_frame(why)], "done": True}
