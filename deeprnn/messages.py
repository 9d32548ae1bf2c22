"""What the program says to its user: a key, its details, and the one English sentence of each key.

A message travels as key and details, so that a page may say it in another language; the command line says the English
sentence. Other languages live in `deeprnn/ui/texts`; a test holds the tables equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENGLISH: dict[str, str] = {
    # settings
    "unknown_setting": "There is no setting called {name}. Allowed: {allowed}.",
    "not_int": "{name} is {value}, but must be a whole number.",
    "not_float": "{name} is {value}, but must be a finite number.",
    "not_bool": "{name} is {value}, but must be true or false.",
    "not_str": "{name} is {value}, but must be a word.",
    "not_a_recipe": "This is not a recipe: it must name exactly name, text, model and train.",
    "out_of_range": "{name} is {value}, but must be between {low} and {high}.",
    "not_a_choice": "{name} is {value}, but must be one of: {allowed}.",
    "bad_assignment": "{value} is not of the form name=value, for example hidden_size=128.",
    "unknown_preset": "There is no recipe called {name}. Allowed: {allowed}.",
    "unknown_device": "There is no device called {name}. Allowed: {allowed}.",
    # jobs
    "job_busy": "A run has not ended yet. Stop it first, or wait for its end.",
    "nothing_to_pause": "There is nothing to pause: no run is training.",
    "nothing_to_resume": "There is nothing to resume: no run is paused.",
    "nothing_to_stop": "There is nothing to stop: no run is training or paused.",
    "save_failed": "The model could not be saved: {reason}. Training goes on; make room on the disk.",
    "cannot_write": "{path} cannot be written: {reason}. Choose another folder or make room on the disk.",
    "unknown_corpus": "There is no text called {name}. Choose one from the list.",
    "unknown_model": "There is no model called {name}. Choose one from the list.",
    "no_model_yet": "The run has no weights yet. Try again in a second.",
    "unexpected": "Something went wrong in the program itself ({kind}: {reason}). What was saved is safe.",
    # training
    "exploded": "The loss exploded at step {step}. The model of step {kept} is kept. Try a lower learning rate.",
    "text_too_short": "The text has {characters} characters; at least {needed} are needed. Add more text.",
    "device_missing": "This machine has no {name} device that torch can use. Choose cpu or auto.",
}


@dataclass(frozen=True)
class Message:
    """Say one thing to the user.

    Args:
        key: a key of `ENGLISH`.
        details: plain values for the placeholders of the sentence.
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
