"""A process that keeps records is killed at random moments; the benchmark `reliability` does it more often."""

from __future__ import annotations

from pathlib import Path

from benchmarks._kills import kill_database, kill_plain_file

KILLS = 20


def test_a_killed_process_leaves_a_whole_list_of_runs(tmp_path: Path) -> None:
    found = kill_database(tmp_path, KILLS)
    assert (found.kills, found.unreadable, found.wrong, found.lost) == (KILLS, 0, 0, 0)
    assert found.records > 200


def test_the_same_kills_break_a_plain_file(tmp_path: Path) -> None:
    found = kill_plain_file(tmp_path, KILLS)
    assert found.unreadable > 0
