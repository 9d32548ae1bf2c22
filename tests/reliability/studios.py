"""A studio with a small text and endless runs, whose lines beside the curve nobody measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deeprnn.runs.references import References
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from ..runs.test_studio import CPU, ENDLESS

WORDS = "the bell was still and deep under the water of the green lake "
LONG = 60.0  # seconds after which something hangs
RECIPE = ENDLESS.replace(hidden_size=8, evaluations=100)


@contextmanager
def open_studio(home: Path) -> Iterator[Studio]:
    """Open the studio of a home, and close it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(References, "begin", lambda self, corpus: None)
        studio = Studio(Store(home, bundled=home / "none"), CPU)
        try:
            yield studio
        finally:
            assert studio.close(LONG)


def add_text(studio: Studio) -> str:
    """Add the text and return its key."""
    return studio.add_text("lake.txt", WORDS * 40)[0].key


def until(condition: Callable[[], object], what: str, seconds: float = LONG) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.002)
