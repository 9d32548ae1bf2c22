"""Whatever happens to a program while it trains, its runs are there when it starts again.

The numbers are small here; `python -m benchmarks reliability` takes the full ones.
"""

from __future__ import annotations

from pathlib import Path

from . import cycles, full_run, hammer, killed_states, machine, servers


def test_a_program_killed_in_any_state_lists_its_runs_and_they_go_on(quick: Path) -> None:
    killed_states.measure(quick).check()


def test_sigterm_saves_a_run_and_a_dropped_connection_does_not_touch_it(tmp_path: Path) -> None:
    ends, drops = servers.measure_ends(0, tmp_path, drops=3)
    ends.check()
    drops.check()


def test_starting_and_stopping_leaves_nothing_behind(quick: Path) -> None:
    cycles.measure(24, quick).check()


def test_eight_threads_that_press_everything_get_defined_answers(quick: Path) -> None:
    hammer.measure(8, 50, quick).check()


def test_a_run_goes_on_while_the_disk_is_full_and_is_saved_when_there_is_room(quick: Path) -> None:
    full_run.measure(2, quick).check()


def test_random_actions_leave_every_run_as_a_model_says() -> None:
    figure = machine.measure(12, 25)
    figure.check()
    assert figure.trials > 100
