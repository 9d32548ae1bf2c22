"""What happens when the page is opened, ticks, or a button of the run is pressed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import gradio as gr

from ..errors import DeepRNNError
from ..messages import Message
from ..runs.studio import LIVE, Studio
from ..runs.view import ModelEntry, RunView
from ..training.presets import PRESETS
from . import frames
from .choices import corpus_choices, model_choices
from .fields import field_value
from .form import read_choice, read_recipe
from .page import Page

Updates = dict[Any, Any]
Revision = tuple[Any, ...]

SETTLE_SECONDS = 0.8  # that a button waits for the step in hand; after it a tick shows the rest


class Watch:
    """Show the run of the studio on a page; the run itself never waits for it.

    Args:
        studio: the one door.
        page: the components.
        seen: what a tab has drawn last, so that a tick sends nothing when nothing is new.
    """

    def __init__(self, studio: Studio, page: Page, seen: gr.State) -> None:
        self._studio, self._page, self._seen = studio, page, seen

    def load(self) -> Updates:
        """Fill a page that was opened just now: the same run and curve in every tab."""
        page, view, models = self._page, self._view(), self._studio.models()
        corpora = self._studio.corpora()
        chosen = frames.first_model(models)
        keys = [entry.key for entry in corpora]
        shown = view.corpus if view.corpus in keys else next(iter(keys), None)  # an own text may be gone by now
        return {
            page.corpus: gr.update(choices=corpus_choices(corpora), value=shown),
            **self._form(view),
            **self._all(view, models, chosen),
        }

    def tick(self, seen: Revision | None, chosen: object) -> Any:
        """Send what has changed since this tab drew last."""
        view = self._view()
        now = revision(view)
        if now == seen:
            return gr.skip()
        if seen is None or seen[:2] != now[:2]:
            return self._whole(view, chosen)
        changed = self._curve(view)
        if seen[-2] != now[-2]:
            changed[self._page.status] = frames.status_frame(view)
        if seen[-1] != now[-1]:
            changed[self._page.sample] = frames.sample_frame(view)
        return {self._seen: now, **changed}

    def start(self, corpus: object, preset: object, *values: object) -> Updates:
        """Start a run from the form; its newest weights are chosen to write."""
        settings = dict(zip(self._page.settings, values, strict=True))
        try:
            self._studio.start(read_choice(corpus), read_recipe(preset, settings))
        except DeepRNNError as error:
            return self._refused(error.message)
        view, models = self._view(), self._studio.models()
        return self._all(view, models, frames.next_model(LIVE, view, models))  # it may have failed already

    def pause(self, chosen: object) -> Updates:
        """Ask for a pause."""
        return self._act(self._studio.pause, chosen)

    def resume(self, chosen: object) -> Updates:
        """Go on."""
        return self._act(self._studio.resume, chosen)

    def stop(self, chosen: object) -> Updates:
        """Ask for the end."""
        return self._act(self._studio.stop, chosen)

    def show_model(self, chosen: object) -> Any:
        """Show how the chosen model once learned, as long as no run is on the page."""
        return {self._page.chart: self._ghost(read_choice(chosen))} if not self._view().number else gr.skip()

    def _act(self, act: Callable[[], None], chosen: object) -> Updates:
        try:
            act()
        except DeepRNNError as error:
            return self._refused(error.message)
        self._studio.settle(SETTLE_SECONDS)  # most steps are short: what was asked for shows with this answer
        return self._whole(self._view(), chosen)

    def _whole(self, view: RunView, chosen: object) -> Updates:
        models = self._studio.models()
        updates = self._all(view, models, frames.next_model(read_choice(chosen), view, models))
        if updates[self._page.model]["value"] == chosen:  # a choice that was made while this was under way stays
            del updates[self._page.model]["value"]
        return updates

    def _refused(self, why: Message) -> Updates:
        view = self._view()
        return {**self._state(view, has_model=True), self._page.status: frames.status_frame(view, refusal=why)}

    def _view(self) -> RunView:
        return self._studio.run()

    def _all(self, view: RunView, models: tuple[ModelEntry, ...], chosen: str | None) -> Updates:
        page = self._page
        updates = {
            page.header: frames.header_frame(self._studio.device, view.precision or self._studio.precision),
            **self._curve(view),
            **self._state(view, has_model=bool(models)),
            page.sample: frames.sample_frame(view),
            page.model: gr.update(choices=model_choices(models), value=chosen),
            self._seen: revision(view),
        }
        if not view.number:
            updates[page.chart] = self._ghost(chosen)
        return updates

    def _form(self, view: RunView) -> Updates:
        """Return the form as the run on the page was started; without one the page keeps its own."""
        page, recipe = self._page, view.recipe
        if recipe is None:
            return {}
        settings = recipe.settings()
        named = {page.recipe: recipe.name} if recipe.name in PRESETS else {}  # a program may have named it otherwise
        return {**named, **{field: field_value(name, settings[name]) for name, field in page.settings.items()}}

    def _curve(self, view: RunView) -> Updates:
        curve = self._studio.curve()
        return {self._page.chart: frames.chart_frame(curve), self._page.figures: frames.figures_frame(view, curve)}

    def _state(self, view: RunView, *, has_model: bool) -> Updates:
        buttons = {
            getattr(self._page, name): gr.update(visible=visible, interactive=active)
            for name, (visible, active) in frames.button_frames(view.state).items()
        }
        return {self._page.status: frames.status_frame(view, has_model=has_model), **buttons}

    def _ghost(self, chosen: str | None) -> str:
        curve = frames.EMPTY_CHART
        if chosen and chosen != LIVE:
            with contextlib.suppress(DeepRNNError):  # a damaged model says so when it is asked to write
                curve = self._studio.model_curve(chosen)
        return frames.chart_frame(curve)


def revision(view: RunView) -> Revision:
    """Return what changes whenever the page has something new to draw; number and state come first."""
    sample = view.sample.step if view.sample else None
    return view.number, view.state, view.cursor, len(view.lines), (len(view.notices), view.beaten), sample
