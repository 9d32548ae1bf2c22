"""Whatever happens to a program or a disk during a save, the training is there afterwards.

The numbers are small here; `python -m benchmarks reliability` takes the full ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from . import corruption, faults, full_disk, kills, power


def test_a_writer_killed_at_a_random_moment_loses_nothing(quick: Path) -> None:
    kills.measure(20, 200, quick, enough=1).check()


def test_an_error_of_the_disk_at_any_call_loses_nothing(quick: Path) -> None:
    figure = faults.measure(quick, every=7)
    figure.check()
    assert figure.trials > 50


def test_a_power_cut_after_any_operation_loses_nothing(quick: Path) -> None:
    figure = power.measure(quick, draws=1)
    figure.check()
    assert figure.trials > 100


@pytest.mark.parametrize("mount", [True, False])
def test_a_full_disk_loses_nothing(quick: Path, mount: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody may mount a file system, both times no file may grow."""
    if not mount:
        monkeypatch.setattr(full_disk, "MOUNTING", ())
    figure = full_disk.measure(4, 4, quick)
    figure.check()
    assert mount or "size of files" in figure.note


def test_a_flipped_bit_is_noticed(quick: Path) -> None:
    corruption.measure(24, quick).check()
