"""Which event calls what: the whole page as one readable table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from ..runs.visitors import Visitors
from .api import TEXTS_AT_ONCE, add_api
from .desk import Desk
from .intake import Intake
from .page import Page, build_page
from .planning import Planner
from .runs_desk import RunsDesk
from .runs_frames import Sent
from .shared import Shared
from .steering import Steering
from .visiting import for_each_visitor
from .waiting import Works
from .watching import Watch
from .writing import Stops

QUEUE_LENGTH = 64
PLANS_AT_ONCE = 2

# Downloads the file that the button now holds, and empties the button, so that the next press packs anew.
_DOWNLOAD = """(file) => {
    if (file) {
        const link = document.createElement("a");
        link.href = file.url;
        link.download = file.orig_name ?? "";
        link.click();
    }
    return null;
}"""
# The text that a tab has chosen outlives a reload, as what was typed does.
_REMEMBERED = '(shown) => window.deeprnn.remembered("corpus") ?? shown'
_REMEMBER = '(key) => { window.deeprnn.remember("corpus", key); return []; }'
_NEXT_SEED = "(seed) => (Number.isInteger(seed) ? seed : 0) + 1"


def build_app(visitors: Visitors) -> Page:
    """Build the page and connect it to the studios of those who come.

    Args:
        visitors: who has which studio.
    """
    page = build_page()
    with page.demo:
        add_api(visitors)  # first, so that no private handler takes one of its names
        _connect_run(visitors, page)
        _connect_writing(visitors, page)
        _connect_runs(visitors, page)
        shared = Shared(visitors, page.shared, page.shared_chart)
        _on(page.demo.load, shared.show_shared, [], [page.shared, page.shared_chart])
    page.demo.queue(max_size=QUEUE_LENGTH, api_open=True)
    return page


def _connect_run(visitors: Visitors, page: Page) -> None:
    seen = gr.State(None)
    watch = for_each_visitor(visitors, lambda studio: Watch(studio, page, seen))
    buttons = [page.train, page.pause, page.resume, page.new_run, page.stop, page.cancel, page.queue_run]
    drawn = [page.header, page.banner, page.chart, page.parent, page.figures, page.steer, page.status, page.sample]
    watched = [seen, *drawn, page.model, *page.adds, *buttons]
    form = [page.corpus, page.recipe, *page.settings.values()]
    opened = _on(page.demo.load, watch.load, [page.corpus], [*form, *watched], js=_REMEMBERED)
    _on(page.timer.tick, watch.tick, [seen, page.model], watched)
    _on([page.train.click, page.new_run.click, page.queue_run.click], watch.start, form, watched)
    _on(page.pause.click, watch.pause, [page.model], watched)
    _on(page.resume.click, watch.resume, [page.model], watched)
    _on(page.stop.click, watch.stop, [page.model], watched)
    _on(page.model.input, watch.show_model, [page.model], [page.chart])
    steering = for_each_visitor(visitors, lambda studio: Steering(studio, Watch(studio, page, seen)))
    model = [page.model]
    _on(page.chart.branch, steering.branch, [], watched)
    _on(page.cancel.click, steering.cancel_shown, model, watched)
    for name in ("apply", "save", "sample", "discard", "restore", "cancel", "advise"):
        _on(getattr(page.steer, name), getattr(steering, name), model, watched)
    _connect_text(visitors, page, opened)


def _connect_text(visitors: Visitors, page: Page, opened: Any) -> None:
    own, works = gr.State(None), Works()
    planner = for_each_visitor(visitors, lambda studio: Planner(studio, page, works))
    intake = for_each_visitor(visitors, lambda studio: Intake(studio, page, Planner(studio, page, works), own))
    fields = list(page.settings.values())
    # A list has no "blur" worth listening to; a number is planned again when it is left.
    edits = [getattr(field, name) for field in fields for name in ("input", "blur") if hasattr(field, name)]

    plan: dict[str, Any] = {
        "fn": planner.plan,
        "inputs": [page.corpus, page.recipe, *fields],
        "outputs": [page.facts, page.verdict, page.doctor],
        "trigger_mode": "always_last",
        "concurrency_limit": PLANS_AT_ONCE,
        "concurrency_id": "plan",
    }
    chosen = [own, page.corpus]
    takes = _connect_own(page, intake, own)
    for first in (
        opened,
        _on(page.recipe.input, planner.fill, [page.recipe], [page.facts, *fields]),
        _on(page.doctor.remedy, planner.apply, fields, fields, postprocess=False),
        _on(page.verdict.remedy, planner.apply, fields, fields, postprocess=False),
        _on(page.steer.remedy, planner.apply, fields, fields, postprocess=False),
        *takes,
    ):
        first.then(**plan, **_QUIET)
    _on([page.corpus.input, *edits], **plan, queue=True)
    # While a run takes the machine nothing is timed: what the next one will take is said when it has ended.
    _on(page.status.ended, **plan, queue=True)
    _on(page.verdict.cancel, planner.cancel, [], [])
    opened.then(intake.show, chosen, [page.files], **_QUIET, queue=False)
    _on(page.corpus.input, intake.show, chosen, [page.files])
    for choose in (page.corpus.input, *(take.then for take in takes)):
        choose(None, page.corpus, [], js=_REMEMBER, api_visibility="private")


def _connect_own(page: Page, intake: Intake, own: gr.State) -> tuple[Any, ...]:
    """Connect the ways to a text of the user's own; each ends with that text chosen."""
    chosen, added = [own, page.corpus], [own, page.corpus, page.files, page.verdict, page.paste, page.text_name]
    named, dataset = [page.text_name, *chosen], [page.hub_name, page.hub_split, page.hub_column, page.hub_characters]
    return (
        _on(page.use_text.click, intake.paste, [page.paste, *named], added, queue=True),
        _on(page.upload.upload, intake.upload, [page.upload, *named], added, queue=True, preprocess=True),
        _on(page.hub_read.click, intake.fetch, [*dataset, *chosen], added, queue=True),
        _on(page.files.edit, intake.edit, chosen, added, queue=True, trigger_mode="multiple"),
    )


def _connect_writing(visitors: Visitors, page: Page) -> None:
    ticket, stops = gr.State(""), Stops()
    desk = for_each_visitor(visitors, lambda studio: Desk(studio, page, ticket, stops))
    seed = page.sampling["seed"]
    write: dict[str, Any] = {
        "fn": desk.write,
        "inputs": [page.prefix, page.model, page.greedy, *page.sampling.values()],
        "outputs": [page.writer, page.told, ticket, page.write, page.stop_writing, page.again],
        "concurrency_limit": TEXTS_AT_ONCE,
        "concurrency_id": "write",
    }
    _on([page.write.click, page.prefix.submit], **write, queue=True)
    _on(page.writer.begin, begin, [], [page.prefix], preprocess=True).then(**write, **_QUIET)
    page.again.click(None, seed, seed, js=_NEXT_SEED, api_visibility="private").then(**write, **_QUIET)
    _on(page.stop_writing.click, desk.stop, [ticket], [])

    _on(page.import_model.upload, desk.take_in, [page.import_model, page.model], [page.model, page.told],
        queue=True, preprocess=True)  # fmt: skip
    packed = _on(page.export_model.click, desk.take_out, [page.model], [page.export_model, page.told], queue=True)
    packed.then(None, page.export_model, page.export_model, js=_DOWNLOAD, api_visibility="private")


def _connect_runs(visitors: Visitors, page: Page) -> None:
    sent = gr.State(Sent())
    desk = for_each_visitor(visitors, lambda studio: RunsDesk(studio, page, sent))
    shown = [page.runs, page.curves, sent]
    form = [page.corpus, page.recipe, *page.settings.values()]
    _on(page.runs.look, desk.look, [sent], shown, trigger_mode="multiple")
    _on(page.runs.act, desk.act, [sent], shown, trigger_mode="multiple")
    _on(page.runs.sweep, desk.sweep, [sent, *form], shown)
    taken = _on(page.runs.take, desk.take, [sent], [page.runs_file, *shown], queue=True)
    taken.then(None, page.runs_file, page.runs_file, js=_DOWNLOAD, api_visibility="private")


def begin(event: gr.EventData) -> str:
    """Return the beginning that was pressed on the empty page."""
    data = event._data
    text = data.get("text") if isinstance(data, dict) else None
    return text if isinstance(text, str) else ""


# Values reach the handlers as the browser sent them: Gradio would refuse bad ones in English only. Nothing shows
# progress: marking every output as busy, and no longer busy, was most of the browser's work at each tick.
_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "show_progress_on": [],
    "api_visibility": "private",
    "preprocess": False,
}


def _on(
    triggers: Any, fn: Callable[..., Any], inputs: Sequence[Any], outputs: Sequence[Any], *, queue: bool = False,
    **options: Any,
) -> Any:  # fmt: skip
    """Connect one or more events to a handler, hidden from programs and without a spinner.

    Without `queue` a handler answers even when the queue is full, which a stop button must.
    """
    settings = {**_QUIET, "queue": queue, **options}
    if isinstance(triggers, list):
        return gr.on(triggers, fn, list(inputs), list(outputs), **settings)
    return triggers(fn, list(inputs), list(outputs), **settings)
