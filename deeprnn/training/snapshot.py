"""All that a training is between two steps: with it another process goes on as if nothing had happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Snapshot:
    """Hold a training between two of its records; independent of what the training does next.

    Args:
        tensors: on the CPU, by name: "weights.*" (newest), "best.*", "optimizer.*", "state.*" (carried hidden state),
            "dropout" (state of its generator), "curve.*".
        values: everything else as plain JSON values: step, tokens, place in the data, random state, best value, recipe
            as it is now, seconds, events.
    """

    tensors: dict[str, Tensor]
    values: dict[str, Any]
