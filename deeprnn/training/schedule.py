"""How the learning rate changes during a run."""

from __future__ import annotations

import math

ONE_CYCLE_START = 1 / 25  # of the highest rate (Smith and Topin, "Super-Convergence", 2018)
FINAL_FRACTION = 1e-2  # of the highest rate, at the end of cosine and one-cycle


def learning_rate_factor(schedule: str, progress: float, warmup_fraction: float) -> float:
    """Return the share of the highest learning rate at a point of the run.

    Args:
        schedule: constant, cosine (linear warm-up, then half a cosine) or one_cycle (cosine up, cosine down).
        progress: share of the run that is done, 0 to 1.
        warmup_fraction: share of the run in which the rate rises.
    """
    if schedule == "constant":
        return 1.0
    if progress < warmup_fraction:
        rise = progress / warmup_fraction
        if schedule == "cosine":
            return rise
        return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * (1 - math.cos(math.pi * rise)) / 2
    fall = (progress - warmup_fraction) / (1 - warmup_fraction)
    return FINAL_FRACTION + (1 - FINAL_FRACTION) * (1 + math.cos(math.pi * min(fall, 1.0))) / 2
