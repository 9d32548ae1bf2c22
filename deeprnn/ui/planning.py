"""What happens when a text, a recipe or a setting is chosen: the facts of the run that would come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ..errors import DeepRNNError, TextError
from ..messages import Message, message
from ..runs.job import ACTIVE
from ..runs.studio import Studio
from ..runs.view import Plan
from . import frames
from .choices import corpus_choices
from .form import fill_form, read_choice, read_recipe, shown
from .page import Page

Updates = dict[Any, Any]
Form = tuple[object, object, Sequence[object]]  # corpus, recipe and settings as the page holds them

# One step of a network is about 6 operations for each parameter and token; this many take seconds on two cores.
MEASURABLE_OPERATIONS = 2e11


class Planner:
    """Say what a run would be, before it starts.

    Args:
        studio: the one door.
        page: the components.
    """

    def __init__(self, studio: Studio, page: Page) -> None:
        self._studio, self._page = studio, page

    def plan(self, corpus: object, preset: object, *values: object) -> Iterator[Updates]:
        """Yield the facts that are known at once, then those that a short trial measures."""
        for facts in self._facts(corpus, preset, values):
            yield {self._page.facts: facts}

    def fill(self, preset: object) -> Updates:
        """Fill the form with a recipe."""
        try:
            settings = fill_form(preset)
        except DeepRNNError as error:
            return {self._page.facts: frames.notice_frame(error.message)}
        return {field: settings[name] for name, field in self._page.settings.items()}

    def paste(self, text: object, name: object, corpus: object, preset: object, *values: object) -> Iterator[Updates]:
        """Add a pasted text."""
        said = name.strip() if isinstance(name, str) else ""
        data = text if isinstance(text, str) else ""
        yield from self._add(said or _first_words(data), data, (corpus, preset, values), empties=True)

    def upload(self, path: object, corpus: object, preset: object, *values: object) -> Iterator[Updates]:
        """Add a text file."""
        try:
            file = Path(str(path))
            data = file.read_bytes()
        except OSError as error:
            why = message("cannot_read", name=shown(path), reason=str(error))
            yield from self._refused(why, (corpus, preset, values))
            return
        yield from self._add(file.name, data, (corpus, preset, values))

    def _refused(self, why: Message, form: Form) -> Iterator[Updates]:
        """Say why a text was refused, before the facts of the one that is still chosen."""
        for facts in self._facts(*form, [why]):
            yield {self._page.facts: facts}

    def _add(self, name: str, data: str | bytes, form: Form, *, empties: bool = False) -> Iterator[Updates]:
        page, (_, preset, values) = self._page, form
        try:
            if not data:
                raise TextError("empty_text")
            entry, notices = self._studio.add_text(name, data)
        except DeepRNNError as error:
            yield from self._refused(error.message, form)
            return
        chosen = {page.corpus: gr.update(choices=corpus_choices(self._studio.corpora()), value=entry.key)}
        emptied = {page.paste: "", page.text_name: ""} if empties else {}
        for facts in self._facts(entry.key, preset, values, notices):
            yield {page.facts: facts, **chosen, **emptied}
            chosen, emptied = {}, {}

    def _facts(
        self, corpus: object, preset: object, values: Sequence[object], said: Sequence[Message] = ()
    ) -> Iterator[frames.Frame]:
        settings = dict(zip(self._page.settings, values, strict=True))
        try:
            recipe = read_recipe(preset, settings)
            plan = self._studio.plan(read_choice(corpus), recipe, measure=False)
            idle = self._studio.run(since=frames.NO_RECORDS).state not in ACTIVE and is_measurable(plan)
            yield _with(said, {**frames.facts_frame(plan), "measuring": idle})
            if idle:
                yield _with(said, frames.facts_frame(self._studio.plan(read_choice(corpus), recipe, measure=True)))
        except DeepRNNError as error:
            yield _with(said, frames.notice_frame(error.message))


def is_measurable(plan: Plan) -> bool:
    """Tell whether one step of a run is short enough to be tried out."""
    tokens = plan.recipe.train.batch_size * plan.recipe.train.sequence_length
    return 6 * plan.parameters * tokens < MEASURABLE_OPERATIONS


def _with(said: Sequence[Message], facts: frames.Frame) -> frames.Frame:
    """Put what was said while a text was read before the notices of the plan."""
    mine = [frames.message_frame(one) for one in said]
    others = [notice for notice in facts["notices"] if notice not in mine]
    return {**facts, "notices": mine + others}


def _first_words(text: str) -> str:
    """Return a name for a text that came without one."""
    return " ".join(text.split()[:4])[:40]
