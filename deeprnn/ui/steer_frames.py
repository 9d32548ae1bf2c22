"""What the page shows of steering a run, as plain JSON values: marks and checkpoints of its curve, what would help."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, TypedDict

from ..messages import Message, message
from ..runs.entries import RunEntry
from ..runs.limits import LOCAL, Limits
from ..runs.view import RunView
from ..text.doctor import Finding
from .frames import Frame, chart_frame, message_frame, notice_frame, plain

LIVE_SETTINGS = ("learning_rate", "dropout", "max_grad_norm")  # of a run that learns
BRANCH_SETTINGS = (*LIVE_SETTINGS, "max_epochs", "max_steps")  # of one that goes on from a checkpoint
MARKS = 40  # the newest that the curve shows
ADVICE = 2  # findings: what the first says, and what else would help
UNDO_SECONDS = 24 * 3600.0


class Answer(TypedDict):
    """Say what became of what a panel has sent: without a refusal it was done."""

    ticket: Any
    refusal: Frame | None


def answer_frame(ticket: object, refusal: Message | None = None) -> Answer:
    """Return the answer to a panel, which knows it by its ticket."""
    return {"ticket": plain(ticket), "refusal": message_frame(refusal) if refusal else None}


def marked_curve(curve: Frame, view: RunView) -> Frame:
    """Return the chart's value with what happened to the run, and the checkpoints from which it can go on.

    The curve of its parent is not among it: it does not change, and would double what travels with every tick.
    """
    settings = view.recipe.settings() if view.recipe else {}
    own = {
        "kept": None if view.read_only else [[one.step, one.perplexity, one.best] for one in view.checkpoints],
        "events": [{"step": event.step, "message": message_frame(event.message)} for event in view.events[-MARKS:]],
        "settings": {name: settings.get(name) for name in BRANCH_SETTINGS},
    }
    return {**curve, "runs": [{**run, **own} for run in curve["runs"] if not run["ghost"]]}


def banner_frame(view: RunView, home: str, limits: Limits = LOCAL) -> Frame | None:
    """Return what is true of the whole page: that another process uses its home, or that its machine is shared."""
    if view.read_only:
        return notice_frame(message("home_in_use", path=home))
    if limits.visitor_bytes is None or limits.slice_seconds is None:
        return None
    room, minutes = round(limits.visitor_bytes / 1e6), round(limits.slice_seconds / 60)
    return notice_frame(message("shared_machine", megabytes=room, minutes=minutes))


def parent_text(view: RunView, curve: Frame) -> str | None:
    """Return the curve of the run's parent as one text of JSON, for the chart to draw it pale; None without one.

    Args:
        view: the run.
        curve: its chart value, which has that of the parent too.
    """
    pale = next((run for run in curve["runs"] if run["ghost"]), None)
    if pale is None:
        return None
    return chart_frame({"child": view.number, **pale, "kept": None, "events": [], "settings": {}})


def steer_frame(view: RunView, entries: Sequence[RunEntry], answer: Answer | None = None) -> Frame:
    """Return what one can do with the run, and what would help it.

    Args:
        view: the run.
        entries: all runs, and those that were discarded and can be brought back.
        answer: to the panel that has asked last.
    """
    settings = view.recipe.settings() if view.recipe else {}
    frame: Frame = plain(
        {
            "state": view.state,
            "number": view.number,
            "read_only": view.read_only,
            "settings": {name: settings.get(name) for name in LIVE_SETTINGS},
            "prefix": view.sample.prefix if view.sample else "",
            "saved": view.saved_seconds_ago,
            "advice": [_advice(finding) for finding in view.advice[:ADVICE]],
            "waiting": _next_waiting(view.number, entries),
            "discarded": None if view.read_only else _just_discarded(entries),
            "answer": answer,
        }
    )
    return frame


def _advice(finding: Finding) -> Frame:
    remedy = finding.remedy
    return {
        "key": finding.key,
        "severity": finding.severity,
        "message": message_frame(finding.message),
        "remedy": {"action": remedy.action, "settings": dict(remedy.settings)} if remedy else None,
    }


def _next_waiting(shown: int, entries: Sequence[RunEntry]) -> Frame | None:
    """Return the run that is next in the queue, but for the one on the page."""
    waiting = [entry for entry in entries if entry.place is not None and entry.number != shown]
    first = min(waiting, key=lambda entry: entry.place or 0, default=None)
    return {"number": first.number, "place": first.place, "count": len(waiting)} if first else None


def _just_discarded(entries: Sequence[RunEntry]) -> int | None:
    """Return the run that was discarded last, as long as it can be brought back and none was begun since."""
    gone = [(entry.deleted, entry.number) for entry in entries if entry.deleted is not None]
    deleted, number = max(gone, default=(0.0, 0))
    begun = max((entry.created for entry in entries if entry.deleted is None), default=0.0)
    return number if deleted > max(begun, time.time() - UNDO_SECONDS) else None
