"""What a trial of the program's reliability found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Say how often something was tried and how often it went wrong.

    Args:
        trials: how often.
        failures: what went wrong, one sentence each.
        control: failures of the same trials where the program saves as most do: every file written in its place.
        control_trials: how often that was tried; 0 where there is nothing to compare with.
        note: what else was measured.
    """

    trials: int
    failures: tuple[str, ...]
    control: int = 0
    control_trials: int = 0
    note: str = ""

    def check(self) -> None:
        """Fail if anything went wrong, or if nothing did where it must: then the trial sees nothing.

        Raises:
            AssertionError: it is so.
        """
        assert self.trials > 0
        assert not self.failures, f"{len(self.failures)} of {self.trials}: {self.failures[:3]}"
        assert self.control or not self.control_trials, "the control did not fail"
