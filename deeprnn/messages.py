"""What the program says to its user: a key, its details, and the one English sentence of each key.

A message travels as key and details, so that a page may say it in another language; the command line says the English
sentence. Other languages live in `deeprnn/ui/texts`; a test holds the tables equal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ENGLISH: dict[str, str] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


@dataclass(frozen=True)
class Message:
    """Say one thing to the user.

    Args:
        key: a key of `ENGLISH`.
        details: plain values for the placeholders of the sentence, or messages, for a reason in words.
    """

    key: str
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English sentence."""
        return ENGLISH[self.key].format(**self.details)


def message(key: str, **details: Any) -> Message:
    """Build a message.

    Raises:
        KeyError: the key has no English sentence, or the sentence has a placeholder without a detail.
    """
    built = Message(key, details)
    str(built)
    return built
