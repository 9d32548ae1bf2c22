"""What the page shows, as plain JSON values: pure functions of views and plans; knows no Gradio and no language."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Sequence
from typing import Any

from ..device import Device
from ..generation import GeneratedToken
from ..messages import Message, message
from ..runs import job, store
from ..runs.entries import INTERRUPTED, WAITING
from ..runs.studio import LIVE
from ..runs.view import ModelEntry, RunView
from ..training.record import bits_per_character

Frame = dict[str, Any]

# One half of a surrogate pair cannot be sent as UTF-8: a single one ends the whole event stream of a browser tab.
_SURROGATE = re.compile("[\ud800-\udfff]")

FIRST_MODEL = f"bundled:{store.FIRST_MODEL}"
EXACT = 2**53  # beyond it, the numbers of a browser skip whole numbers
EMPTY_CHART: Frame = {"runs": [], "lines": []}
_FIGURES = (
    "perplexity", "training_perplexity", "bits_per_character", "best_bits_per_character", "epoch", "step",
    "total_steps", "tokens_per_second", "learning_rate", "gradient_norm", "seconds_left", "seconds", "progress",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value that JSON and a browser can take: no NaN, no infinity, no half of a surrogate pair.

    A whole number beyond what a browser holds exactly becomes a float: Gradio cannot write one of more than 64 bits,
    and the whole event stream of the tab would end.
    """
    if isinstance(value, int) and abs(value) > EXACT:
        value = float(value) if abs(value) < sys.float_info.max else math.inf
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return _SURROGATE.sub("�", value)
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def message_frame(said: Message) -> Frame:
    """Return a message as key and details, one inside another too; the browser says it in its own language."""
    details = {
        name: message_frame(value) if isinstance(value, Message) else plain(value)
        for name, value in said.details.items()
    }
    return {"key": said.key, "details": details}


def chart_frame(curve: Frame) -> str:
    """Return the chart's value as one text of JSON, with gaps where a perplexity is no number.

    To Gradio a text is one value; lists it would copy and compare number by number at every event of the page.
    """
    return json.dumps(plain(curve), ensure_ascii=False, separators=(",", ":"))


def status_frame(view: RunView, *, has_model: bool = True, refusal: Message | None = None) -> Frame:
    """Return the state of the run with one sentence about it.

    Args:
        view: the run.
        has_model: whether there is any model to write with.
        refusal: why the last press of a button did nothing; said instead of the usual sentence.
    """
    # A model that could not be saved matters more than that all goes well otherwise.
    said = refusal or view.message or _unsaved(view) or _sentence(view, has_model)
    step = view.last.step if view.last else 0
    return {"state": view.state, "message": message_frame(said), "step": step}


def minutes_unsaved(view: RunView) -> int | None:
    """Return how old the last good checkpoint is while saving fails, None while it does not or there is none."""
    failed = any(notice.key == "save_failed" for notice in view.notices)
    ago = view.saved_seconds_ago
    return int(ago // 60) if failed and ago is not None else None


def _unsaved(view: RunView) -> Message | None:
    """Say that saving fails, and from where the run could still go on."""
    failed = next((notice for notice in view.notices if notice.key == "save_failed"), None)
    minutes = minutes_unsaved(view)
    if failed is None or minutes is None or not view.checkpoints:
        return failed
    return message("status_unsaved", failure=failed, step=view.checkpoints[-1].step, minutes=minutes)


def _sentence(view: RunView, has_model: bool) -> Message:
    step = view.last.step if view.last else 0
    if view.state == job.IDLE:
        return message("status_idle" if has_model else "status_no_model")
    if view.state == job.RUNNING:
        return _learning(view)
    if view.state == job.PAUSED:
        return message("status_paused", step=step)
    if view.state == INTERRUPTED:  # records reach further than what it can go on from
        return message("status_interrupted", step=view.checkpoints[-1].step if view.checkpoints else 0)
    if view.state == WAITING:
        return message("status_waiting", place=view.place or 1)
    if view.state == job.DONE and not step:
        return message("status_nothing_learnt")
    if view.state == job.DONE and view.best:
        bits = _bits(view.best[1], view.validation_tokens_per_character or view.tokens_per_character)
        said = {"perplexity": round(view.best[1], 2), "bits": round(bits or 0.0, 2)}
        return message("status_done", step=view.best[0], **said)
    if view.state == job.DONE:
        return message("status_done_unmeasured", step=step)
    return message(f"status_{view.state}")


def _learning(view: RunView) -> Message:
    """Say what is special about a run that learns: what failed beside it, or whom it has beaten last."""
    failed = next((notice for notice in view.notices if notice.key == "lines_failed"), None)
    if view.beaten is None:
        return failed or message("status_running", number=view.number)
    # Near 1, where a text is known by heart, two places would make both figures the same.
    line, reached = float(f"{view.beaten.line:.4g}"), float(f"{view.beaten.perplexity:.4g}")
    name = message(f"line_{view.beaten.key}")
    return message("status_beaten", number=view.number, line=name, perplexity=reached, than=line)


def figures_frame(view: RunView, curve: Frame) -> Frame:
    """Return the figures beside the curve, None for each that is not known yet.

    Args:
        view: the run.
        curve: its chart value, which remembers the last validation.
    """
    last = view.last
    if last is None:
        return dict.fromkeys(_FIGURES)
    validation: list[float] = next((run["validation"][1] for run in curve["runs"] if run["main"]), [])
    shown = validation[-1] if validation else last.perplexity
    held_out = view.validation_tokens_per_character or view.tokens_per_character
    figures: Frame = plain(
        {
            "perplexity": shown,
            "training_perplexity": last.perplexity,
            "bits_per_character": _bits(shown, held_out if validation else view.tokens_per_character),
            "best_bits_per_character": _bits(view.best[1], held_out) if view.best else None,
            "epoch": last.epoch,
            "step": last.step,
            "total_steps": view.total_steps or None,
            "tokens_per_second": last.tokens_per_second,
            "learning_rate": last.learning_rate,
            "gradient_norm": last.gradient_norm,
            "seconds_left": view.seconds_left,
            "seconds": view.seconds,
            "progress": min(1.0, last.step / view.total_steps) if view.total_steps else None,
        }
    )
    return figures


def _bits(perplexity: float | None, tokens_per_character: float) -> float | None:
    if perplexity is None or not math.isfinite(perplexity) or perplexity <= 0:
        return None
    return bits_per_character(math.log(perplexity), tokens_per_character)


def sample_frame(view: RunView) -> Frame | None:
    """Return what the network writes while it learns, None before its first words."""
    if view.sample is None:
        return None
    return {"prefix": plain(view.sample.prefix), "text": plain(view.sample.text), "step": view.sample.step}


def notice_frame(*notices: Message) -> Frame:
    """Return the facts line when there is something to say instead of facts."""
    return {"notices": [message_frame(notice) for notice in notices]}


def header_frame(device: Device, precision: str) -> Frame:
    """Return what the device badge shows."""
    return {"device": plain(device.name), "cores": device.cores, "precision": precision}


def writer_frame(
    ticket: str,
    prefix: str,
    tokens: str,
    notices: Sequence[Message] = (),
    foot: Frame | None = None,
) -> Frame:
    """Return the written text so far; `foot` is given when it has ended.

    Args:
        ticket: tells two texts apart.
        prefix: the beginning as the model reads it.
        tokens: one line of `token_line` after the other. A text is one value to Gradio and the browser, and only what
            was appended travels; as lists, 400 tokens kept the browser busy for half a second at every event.
        notices: what the reader should know.
        foot: how many characters, how fast, with which seed.
    """
    return {
        "id": ticket,
        "prefix": plain(prefix),
        "tokens": tokens,
        "done": foot is not None,
        "foot": foot,
        "notices": [message_frame(notice) for notice in notices],
    }


def token_line(token: GeneratedToken) -> str:
    """Return one token, its probability and the likeliest choices at its place as one line of JSON.

    Its symbol among the choices follows where it is not its text: a byte within a character has no text yet.
    """
    choices = [[text, round(probability, 4)] for text, probability in token.alternatives]
    known_by = [token.symbol] if token.symbol not in ("", token.text) else []
    value = plain([token.text, round(token.probability, 4), choices, *known_by])
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def first_model(models: Sequence[ModelEntry]) -> str | None:
    """Return the model to write with when nobody has chosen: the one in training, else the chapter's."""
    keys = [entry.key for entry in models]
    return next((key for key in (LIVE, FIRST_MODEL, *keys) if key in keys), None)


def next_model(chosen: str | None, view: RunView, models: Sequence[ModelEntry]) -> str | None:
    """Return the model to select after the list has changed: when a run ends, its best stands in for its newest."""
    keys = [entry.key for entry in models]
    if chosen in keys:
        return chosen
    best = f"run:{view.number}:best"
    return best if chosen == LIVE and best in keys else first_model(models)
