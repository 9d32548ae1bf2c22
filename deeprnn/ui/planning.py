"""What happens when a text, a recipe or a setting is chosen: what is known of the text and the run over it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, TypeVar

import gradio as gr

from ..config import Recipe
from ..errors import Cancelled, DeepRNNError
from ..runs.job import ACTIVE
from ..runs.studio import Studio
from ..runs.view import Plan
from ..text.meter import Progress
from . import frames
from .fields import field_value
from .form import fill_form, read_choice, read_recipe
from .page import Page
from .text_frames import all_findings, doctor_frame, facts_frame, verdict_frame
from .waiting import Works

Updates = dict[Any, Any]
T = TypeVar("T")

# One step of a network is about 6 operations for each parameter and token; this many take seconds on two cores.
MEASURABLE_OPERATIONS = 2e11


class Planner:
    """Say what a text is and what a run over it would be, before it starts.

    Args:
        studio: the one door.
        page: the components.
        works: where long works are known.
    """

    def __init__(self, studio: Studio, page: Page, works: Works) -> None:
        self._studio, self._page, self._works = studio, page, works

    def plan(self, corpus: object, preset: object, *values: object) -> Iterator[Updates]:
        """Yield the facts that are known at once, then what the doctor finds, then what a short trial measures."""
        page, key = self._page, read_choice(corpus)
        try:
            recipe = read_recipe(preset, dict(zip(page.settings, values, strict=True)))
            plan = yield from self.watch("encoding", lambda told: self._plan(key, recipe, told))
            yield from self._examine(plan, key)
        except DeepRNNError as error:
            yield {page.facts: frames.notice_frame(error.message), page.verdict: None}
            if not isinstance(error, Cancelled):  # what was known of the text is still so
                yield {page.doctor: None}

    def fill(self, preset: object) -> Updates:
        """Fill the form with a recipe."""
        try:
            settings = fill_form(preset)
        except DeepRNNError as error:
            return {self._page.facts: frames.notice_frame(error.message)}
        return {field: field_value(name, settings[name]) for name, field in self._page.settings.items()}

    def apply(self, event: gr.EventData, *values: object) -> Updates:
        """Put the settings of a remedy into the form; what they are worth is checked with the rest of it."""
        data = event._data if isinstance(event._data, Mapping) else {}
        wished = data.get("settings")
        settings: dict[str, Any] = frames.plain(dict(zip(self._page.settings, values, strict=True)))
        if isinstance(wished, Mapping):
            settings |= {
                name: field_value(name, frames.plain(value)) for name, value in wished.items() if name in settings
            }
        return {field: settings[name] for name, field in self._page.settings.items()}

    def cancel(self, event: gr.EventData) -> None:
        """End the work whose ticket the tab holds."""
        self._works.cancel(event._data.get("ticket") if isinstance(event._data, dict) else None)

    def watch(self, doing: str, act: Callable[[Progress], T]) -> Generator[Updates, None, T]:
        """Do a work that may be long, and show it.

        Args:
            doing: what it is called: reading, encoding or examining.
            act: the work.
        """
        with contextlib.closing(self._works.follow(doing, act)) as following:
            while True:
                try:
                    frame = next(following)
                except StopIteration as end:
                    result: T = end.value
                    return result
                yield {self._page.verdict: frame}

    def _plan(self, key: str, recipe: Recipe, told: Progress | None = None, *, measure: bool = False) -> Plan:
        return self._studio.plan(key, recipe, measure=measure, progress=told)

    def _examine(self, plan: Plan, key: str) -> Iterator[Updates]:
        """Yield the facts, what the doctor finds, and what a trial measures."""
        page, recipe, account = self._page, plan.recipe, self._studio.texts.account(key)
        idle = self._studio.run().state not in ACTIVE and is_measurable(plan)
        foreseen = verdict_frame(all_findings(plan, None, account), examining=True)
        yield {page.facts: {**facts_frame(plan), "measuring": idle}, page.verdict: foreseen}
        report = yield from self.watch("examining", lambda told: self._studio.texts.report(key, recipe, told))
        yield {
            page.doctor: doctor_frame(plan, report, account),
            page.verdict: verdict_frame(all_findings(plan, report, account)),
        }
        if idle:
            yield {page.facts: facts_frame(self._plan(key, recipe, measure=True))}


def is_measurable(plan: Plan) -> bool:
    """Tell whether one step of a run is short enough to be tried out, and fits the memory."""
    tokens = plan.recipe.train.batch_size * plan.recipe.train.sequence_length
    return plan.fits and 6 * plan.parameters * tokens < MEASURABLE_OPERATIONS
