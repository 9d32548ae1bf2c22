"""What happens when a run is steered: changed while it learns, saved, discarded, continued from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from ..errors import DeepRNNError, InputError
from ..runs import job
from ..runs.studio import Studio
from ..training.advice import CHANGE, CONTINUE, TRAIN_LONGER, USE_BEST
from .steer_form import read_changes, read_live, read_whole
from .watching import Updates, Watch

LONGEST_STOP = 8.0  # seconds that a run may take to end before another goes on from it


class Steering:
    """Carry out what is asked of the run on the page; every value is checked, since anyone may send anything.

    Args:
        studio: the one door.
        watch: shows what came of it.
    """

    def __init__(self, studio: Studio, watch: Watch) -> None:
        self._studio, self._watch = studio, watch

    def apply(self, event: gr.EventData, chosen: object) -> Updates:
        """Change settings while the run learns."""
        sent = _sent(event)
        return self._do(lambda: self._studio.change(**read_live(sent.get("settings"))), chosen, sent.get("ticket"))

    def save(self, chosen: object) -> Updates:
        """Save a checkpoint now."""
        return self._do(self._studio.save_now, chosen)

    def sample(self, chosen: object) -> Updates:
        """Write a sample now."""
        return self._do(self._studio.sample_now, chosen)

    def discard(self, event: gr.EventData, chosen: object) -> Updates:
        """Delete a run; it can be brought back for a day."""
        return self._do(lambda: self._studio.runs.discard(_number(event)), chosen)

    def restore(self, event: gr.EventData, chosen: object) -> Updates:
        """Bring a deleted run back."""
        return self._do(lambda: self._studio.runs.restore(_number(event)), chosen)

    def cancel(self, event: gr.EventData, chosen: object) -> Updates:
        """Take a waiting run out of the queue."""
        return self._do(lambda: self._studio.runs.cancel(_number(event)), chosen)

    def cancel_shown(self, chosen: object) -> Updates:
        """Take the run on the page out of the queue."""
        return self._do(lambda: self._studio.runs.cancel(self._studio.run().number), chosen)

    def branch(self, event: gr.EventData) -> Updates:
        """Let a new run go on from a checkpoint."""
        sent = _sent(event)

        def act() -> int:
            run, step = (read_whole(name, sent.get(name)) for name in ("run", "step"))
            return self._studio.runs.branch(run, step, read_changes(sent.get("changes")))

        return self._begin(act, sent.get("ticket"))

    def advise(self, event: gr.EventData, chosen: object) -> Updates:
        """Do what the advice says."""
        sent = _sent(event)
        action, settings = sent.get("action"), sent.get("settings")
        if action == USE_BEST:
            return self._use_best(chosen)
        if action in (CONTINUE, TRAIN_LONGER):
            return self._begin(lambda: self._go_on(read_changes(settings), best=action == CONTINUE))
        if action == CHANGE:
            return self._do(lambda: self._studio.change(**read_live(settings)), chosen)
        return self._watch.show(chosen)

    def _use_best(self, chosen: object) -> Updates:
        number = self._studio.run().number
        updates = self._do(self._end, chosen)
        self._watch.choose_model(updates, f"run:{number}:best")
        return updates

    def _end(self) -> None:
        """End the run if it has not ended; its best model is kept."""
        if self._studio.run().state in job.ACTIVE:
            self._studio.stop()
            self._studio.wait(LONGEST_STOP)

    def _go_on(self, changes: Mapping[str, Any], *, best: bool) -> int:
        """Let a new run go on from the best checkpoint, or from the newest."""
        number = self._studio.run().number
        self._end()
        kept = self._studio.run().checkpoints
        wanted = [one.step for one in kept if one.best or not best]
        if not wanted:
            raise InputError("nothing_to_go_on", number=number)
        return self._studio.runs.branch(number, wanted[-1], changes)

    def _begin(self, act: Callable[[], int], ticket: object = None) -> Updates:
        """Let a run begin and show it, or say why none did."""
        try:
            return self._watch.begun(act(), ticket)
        except DeepRNNError as error:
            return self._watch.refuse(error.message, ticket)

    def _do(self, act: Callable[[], object], chosen: object, ticket: object = None) -> Updates:
        """Act and show what came of it, or why nothing did."""
        try:
            act()
        except DeepRNNError as error:
            return self._watch.refuse(error.message, ticket)
        return self._watch.show(chosen, ticket)


def _sent(event: gr.EventData) -> Mapping[str, Any]:
    return event._data if isinstance(event._data, Mapping) else {}


def _number(event: gr.EventData) -> int:
    return read_whole("number", _sent(event).get("number"))
