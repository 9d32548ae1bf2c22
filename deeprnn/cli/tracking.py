"""The option that follows a run in trackio or TensorBoard; what they print goes to standard error."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..home import home_folder

if TYPE_CHECKING:
    from ..config import Recipe
    from ..runs.tracking import Tracker
    from ..training.record import TrainRecord

OPEN_SECONDS, CLOSE_SECONDS = 30.0, 3.0  # that a run waits for them before its first step and after its last
TRACK_HELP = "follow the run in trackio, which keeps it on this machine, or tensorboard; needs that package"


def add_tracking(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument("--track", metavar="NAME", help=TRACK_HELP)


def check_tracking(options: argparse.Namespace) -> None:
    """Refuse a tracker that cannot be used.

    Raises:
        ConfigError: it is unknown or not installed.
    """
    if options.track is not None:
        from ..runs.tracking import check_tracker

        check_tracker(options.track)


@contextlib.contextmanager
def tracking(options: argparse.Namespace, name: str, recipe: Recipe) -> Iterator[Tracker | None]:
    """Open the tracker that was asked for and close it at the end; None where there is none.

    Args:
        options: of the command.
        name: of the run.
        recipe: of the run.
    """
    if options.track is None:
        yield None
        return
    from ..runs.tracking import open_tracker

    folder = home_folder() / "tensorboard"
    tracker = open_tracker(options.track, name, recipe, folder)
    with contextlib.redirect_stdout(sys.stderr):
        tracker.open(OPEN_SECONDS)
    if options.track == "tensorboard":
        print(f"deeprnn: look at it with: tensorboard --logdir {folder}", file=sys.stderr)
    try:
        yield tracker
    finally:
        with contextlib.redirect_stdout(sys.stderr):
            tracker.close(CLOSE_SECONDS)
        for notice in tracker.notices:
            print(f"deeprnn: {notice}", file=sys.stderr)


def passed_on(records: Iterator[TrainRecord], tracker: Tracker | None) -> Iterator[TrainRecord]:
    """Yield records after they were handed to a tracker, if there is one."""
    for record in records:
        if tracker is not None:
            tracker.add(record)
        yield record
