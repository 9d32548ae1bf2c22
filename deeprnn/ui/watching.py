"""What happens when the page is opened, ticks, or a button of the run is pressed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from ..errors import DeepRNNError
from ..messages import Message, message
from ..runs.studio import LIVE, Studio
from ..runs.view import ModelEntry, RunView
from ..training.presets import PRESETS
from . import frames
from .buttons import button_frames
from .choices import corpus_choices, model_choices
from .fields import field_value
from .form import read_choice, read_recipe
from .page import Page
from .steer_frames import answer_frame, banner_frame, marked_curve, parent_text, steer_frame

Updates = dict[Any, Any]

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

    def load(self, remembered: object = None) -> Updates:
        """Fill a page that was opened just now: the same run and curve in every tab.

        Args:
            remembered: the text that this tab had chosen before it was loaded again.
        """
        page, view, models = self._page, self._view(), self._studio.models()
        corpora = self._studio.corpora()
        chosen = frames.first_model(models)
        keys = [entry.key for entry in corpora]
        wanted = (read_choice(remembered), view.corpus, *keys)
        shown = next((key for key in wanted if key in keys), None)  # an own text may be gone by now
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
        if seen is None or seen.run != now.run:
            return self.show(chosen)
        changed = self._curve(view, self._studio.curve(parents=False)) if seen.curve != now.curve else {}
        if seen.status != now.status:
            changed[self._page.status] = frames.status_frame(view)
        if seen.steer != now.steer:
            changed |= self._steer(view)
        if seen.sample != now.sample:
            changed[self._page.sample] = frames.sample_frame(view)
        return {self._seen: now, **changed}

    def start(self, corpus: object, preset: object, *values: object) -> Updates:
        """Start a run from the form, or let it wait; the newest weights of one that starts are chosen to write."""
        settings = dict(zip(self._page.settings, values, strict=True))
        try:
            number = self._studio.start(read_choice(corpus), read_recipe(preset, settings))
        except DeepRNNError as error:
            return self.refuse(error.message)
        return self.begun(number)

    def pause(self, chosen: object) -> Updates:
        """Ask for a pause."""
        return self._act(self._studio.pause, chosen)

    def resume(self, chosen: object) -> Updates:
        """Go on, after a pause or after an end that left something to do."""
        number = self._view().number
        return self._act(lambda: self._studio.runs.resume(number) if number else self._studio.resume(), chosen)

    def stop(self, chosen: object) -> Updates:
        """Ask for the end."""
        return self._act(self._studio.stop, chosen)

    def show_model(self, chosen: object) -> Any:
        """Show how the chosen model once learned, as long as no run is on the page."""
        return {self._page.chart: self._ghost(read_choice(chosen))} if not self._view().number else gr.skip()

    def show(self, chosen: object, ticket: object = None) -> Updates:
        """Show the whole run.

        Args:
            chosen: the model that is chosen to write.
            ticket: of a panel whose wish was carried out.
        """
        view, models = self._view(), self._studio.models()
        updates = self._all(view, models, frames.next_model(read_choice(chosen), view, models), ticket)
        if updates[self._page.model]["value"] == chosen:  # a choice that was made while this was under way stays
            del updates[self._page.model]["value"]
        return updates

    def begun(self, number: int, ticket: object = None) -> Updates:
        """Show a run that has begun and choose its newest weights to write, or say where in the queue it waits."""
        view, models = self._view(), self._studio.models()
        if number == view.number:  # it may have failed already
            return self._all(view, models, frames.next_model(LIVE, view, models), ticket)
        place = self._studio.runs.entry(number).place
        said = message("status_queued", number=number, place=place or 1)
        return {self._page.status: frames.status_frame(view, refusal=said), **self._steer(view, ticket)}

    def refuse(self, why: Message, ticket: object = None) -> Updates:
        """Say why nothing was done: in the panel that has asked, or beside the state."""
        view = self._view()
        if ticket is not None:
            return self._steer(view, ticket, why)
        return {**self._state(view, has_model=True), self._page.status: frames.status_frame(view, refusal=why)}

    def choose_model(self, updates: Updates, key: str) -> None:
        """Choose a model to write with, if it is there."""
        if key in {entry.key for entry in self._studio.models()}:
            updates[self._page.model]["value"] = key

    def _act(self, act: Callable[[], None], chosen: object) -> Updates:
        try:
            act()
        except DeepRNNError as error:
            return self.refuse(error.message)
        self._studio.settle(SETTLE_SECONDS)  # most steps are short: what was asked for shows with this answer
        return self.show(chosen)

    def _view(self) -> RunView:
        return self._studio.run()

    def _all(self, view: RunView, models: tuple[ModelEntry, ...], chosen: str | None, ticket: object = None) -> Updates:
        page, curve = self._page, self._studio.curve()
        updates = {
            page.banner: banner_frame(view, str(self._studio.store.home), self._studio.limits),
            page.header: frames.header_frame(self._studio.device, view.precision or self._studio.precision),
            **self._curve(view, curve),
            **self._state(view, has_model=bool(models)),
            **self._steer(view, ticket),
            page.parent: parent_text(view, curve),
            page.sample: frames.sample_frame(view),
            **{part: gr.update(interactive=not view.read_only) for part in page.adds},
            page.model: gr.update(choices=model_choices(models), value=chosen),
            self._seen: revision(view),
        }
        if not view.number:
            updates[page.chart] = self._ghost(chosen)
        return updates

    def _form(self, view: RunView) -> Updates:
        """Return the form as the run on the page was started; without one, or for one of a sweep, it stays as it is."""
        page, recipe = self._page, view.recipe
        if recipe is None or view.group:  # what a sweep has derived is no wish of the user's
            return {}
        settings = recipe.settings()
        named = {page.recipe: recipe.name} if recipe.name in PRESETS else {}  # a program may have named it otherwise
        return {**named, **{field: field_value(name, settings[name]) for name, field in page.settings.items()}}

    def _curve(self, view: RunView, curve: frames.Frame) -> Updates:
        drawn = frames.chart_frame(marked_curve(curve, view))
        return {self._page.chart: drawn, self._page.figures: frames.figures_frame(view, curve)}

    def _state(self, view: RunView, *, has_model: bool) -> Updates:
        buttons = {getattr(self._page, name): gr.update(**how) for name, how in button_frames(view).items()}
        return {self._page.status: frames.status_frame(view, has_model=has_model), **buttons}

    def _steer(self, view: RunView, ticket: object = None, why: Message | None = None) -> Updates:
        answer = None if ticket is None else answer_frame(ticket, why)
        return {self._page.steer: steer_frame(view, self._studio.runs.entries(deleted=True), answer)}

    def _ghost(self, chosen: str | None) -> str:
        curve = frames.EMPTY_CHART
        if chosen and chosen != LIVE:
            with contextlib.suppress(DeepRNNError):  # a damaged model says so when it is asked to write
                curve = self._studio.model_curve(chosen)
        return frames.chart_frame(curve)


class Revision(NamedTuple):
    """Say what a tab has drawn: each part changes whenever the page has something new to draw there."""

    run: tuple[Any, ...]
    curve: tuple[Any, ...]
    status: tuple[Any, ...]
    steer: tuple[Any, ...]
    sample: int | None


def revision(view: RunView) -> Revision:
    """Return what a tab has drawn when it has drawn this."""
    steps = tuple(one.step for one in view.checkpoints)
    return Revision(
        run=(view.number, view.state, view.place, view.read_only),
        curve=(view.cursor, len(view.lines), len(view.events), steps),
        status=(len(view.notices), view.beaten, frames.minutes_unsaved(view)),
        steer=(steps, len(view.events), view.advice),
        sample=view.sample.step if view.sample else None,
    )
