"""A process that keeps records is killed at random moments; `python -m benchmarks reliability` does it more often."""

from __future__ import annotations

from pathlib import Path

from . import records


def test_a_killed_writer_leaves_every_record_that_it_said_was_kept(tmp_path: Path) -> None:
    records.measure(20, 50, tmp_path, enough=1).check()
