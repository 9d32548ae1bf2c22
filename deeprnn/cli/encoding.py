"""Shows how far a long text is encoded, and lets Ctrl-C end that with nothing left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from ..errors import Cancelled
from ..text.meter import Progress
from .interruption import Interruption

PATIENCE_SECONDS = 1.0  # what is done sooner shows no bar


@contextmanager
def show_encoding(interruption: Interruption, as_json: bool) -> Iterator[Progress]:
    """Yield what is told how far the work is: it draws a bar on a terminal, and raises after a signal.

    Args:
        interruption: knows whether the user wants to stop.
        as_json: whether a program reads the output, which wants no bar.
    """
    tqdm.monitor_interval = 0  # no thread beside the work
    hidden = as_json or not sys.stderr.isatty()
    with tqdm(
        desc="encoding", unit="B", unit_scale=True, leave=False, delay=PATIENCE_SECONDS, disable=hidden, ncols=80
    ) as bar:

        def progress(done: int, total: int) -> None:
            if interruption.signal:
                raise Cancelled("cancelled")
            bar.total = total or None
            bar.update(done - bar.n)

        yield progress
