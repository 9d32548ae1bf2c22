"""What happened in a training beside its steps: a setting changed, the loss exploded, the run went on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..messages import Message, message

KINDS = ("changed", "exploded", "resumed", "branched", "failed", "ended")


@dataclass(frozen=True)
class Event:
    """Mark one step of a training, as the curve shows it.

    Args:
        step: after which it happened.
        kind: one of `KINDS`; its sentence is `event_<kind>`.
        details: what the sentence needs, as plain JSON values.
    """

    step: int
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> Message:
        """Return the sentence for the mark."""
        return message(f"event_{self.kind}", step=self.step, **self.details)
