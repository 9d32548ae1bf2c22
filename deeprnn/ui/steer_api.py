"""How programs steer runs: the public endpoints beside those of `api`, with typed keyword parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..runs.entries import RunEntry
from ..runs.studio import Studio
from .frames import plain
from .steer_form import read_changes, read_live, read_name, read_whole

Act = Callable[[], object]


class SteerApi:
    """Answer programs that steer runs; every method checks all it is given, since anyone may call it with anything.

    Args:
        studio: the one door.
        after: does something and returns the state of the run, as /status gives it, or refuses.
    """

    def __init__(self, studio: Studio, after: Callable[[Act], dict[str, Any]]) -> None:
        self._studio, self._after = studio, after

    def runs(self) -> list[dict[str, Any]]:
        """List all runs, the newest first.

        Returns:
            Number, name, state and figures of each run, its place in the queue, the run from which it went on, and the
            settings in which it differs from its recipe.
        """
        return [run_row(entry) for entry in self._studio.runs.entries()]

    def resume_run(self, number: int) -> dict[str, Any]:
        """Go on with a run that was interrupted, stopped or has failed; it waits its turn if another trains.

        Args:
            number: of the run, as /runs lists it.

        Returns:
            The state of the run on the page, as /status gives it.
        """
        return self._after(lambda: self._studio.runs.resume(read_whole("number", number)))

    def branch(
        self, number: int, step: int, settings: dict[str, Any] | None = None, name: str | None = None
    ) -> dict[str, Any]:
        """Start a new run that goes on from a checkpoint of another; it waits its turn if another trains.

        Args:
            number: of the run, as /runs lists it.
            step: of the checkpoint, as /status lists them for the run on the page.
            settings: what is to be otherwise: learning_rate, dropout, max_grad_norm, max_epochs, max_steps.
            name: what to call it; none says what changed.

        Returns:
            The state of the run on the page, as /status gives it.
        """

        def act() -> object:
            run, at = read_whole("number", number), read_whole("step", step)
            return self._studio.runs.branch(run, at, read_changes(settings), name=read_name(name) or "")

        return self._after(act)

    def change(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Change settings of the run that trains; each change is marked on its curve.

        Args:
            settings: some of learning_rate, dropout, max_grad_norm, and prefix: with what its samples begin.

        Returns:
            The state of the run, as /status gives it.
        """
        return self._after(lambda: self._studio.change(**read_live(settings)))

    def save(self) -> dict[str, Any]:
        """Save a checkpoint of the run that trains, after the step in hand.

        Returns:
            The state of the run, as /status gives it.
        """
        return self._after(self._studio.save_now)

    def discard(self, number: int) -> dict[str, Any]:
        """Delete a run, ending it if it trains; for a day the page can bring it back.

        Args:
            number: of the run, as /runs lists it.

        Returns:
            The state of the run on the page, as /status gives it.
        """
        return self._after(lambda: self._studio.runs.discard(read_whole("number", number)))


def run_row(entry: RunEntry) -> dict[str, Any]:
    """Return one run of the list as plain JSON values."""
    row: dict[str, Any] = plain(
        {
            "number": entry.number,
            "id": entry.id,
            "name": entry.name,
            "notes": entry.notes,
            "corpus": entry.corpus,
            "preset": entry.recipe.name,
            "differs": dict(entry.differs),
            "state": entry.state,
            "place": entry.place,
            "step": entry.step,
            "total_steps": entry.total_steps,
            "best_step": entry.best[0] if entry.best else None,
            "best_perplexity": entry.best[1] if entry.best else None,
            "bits_per_character": entry.bits_per_character,
            "seconds": entry.seconds,
            "tokens_per_second": entry.tokens_per_second,
            "parent": entry.parent,
            "parent_step": entry.parent_step,
            "group": entry.group,
        }
    )
    return row
