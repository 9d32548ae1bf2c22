"""One visitor against another: every endpoint there is, by every way in that a stranger could try."""

from __future__ import annotations

from pathlib import Path

from . import strangers
from .strangers import handlers, row_of
from .visiting import serve


def test_every_endpoint_has_a_row(tmp_path: Path) -> None:
    with serve(tmp_path) as (_, address):
        found = handlers(address)
    assert [one["api_name"] for one in found if row_of(one) is None] == []
    assert len(found) > 40


def test_no_endpoint_lets_a_stranger_in(tmp_path: Path) -> None:
    strangers.measure(tmp_path).check()
