"""Whatever happens to a program while it trains, its runs are there when it starts again.

The numbers are small here; `python -m benchmarks reliability` takes the full ones.
"""

from __future__ import annotations

from pathlib import Path

from . import killed_states


def test_a_program_killed_in_any_state_lists_its_runs_and_they_go_on(quick: Path) -> None:
    killed_states.measure(quick).check()
