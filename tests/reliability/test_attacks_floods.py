"""One visitor floods, or many come at once; `floods` says what is tried."""

from __future__ import annotations

from pathlib import Path

from . import floods


def test_who_floods_keeps_nobody_from_steering_and_writing(tmp_path: Path) -> None:
    floods.measure(200, tmp_path).check()


def test_many_guests_get_each_their_own_texts(tmp_path: Path) -> None:
    floods.measure_guests(12, 2, tmp_path).check()
