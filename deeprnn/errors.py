"""The one tree of errors: each says what came, what is allowed, what to do."""

from __future__ import annotations

from typing import Any

from .messages import Message, message


class DeepRNNError(Exception):
    """Carry a message that can be shown to the user in any language.

    Args:
        key: the key of the sentence in `deeprnn.messages.ENGLISH`.
        details: the values of its placeholders.
    """

    def __init__(self, key: str, **details: Any) -> None:
        self.message = message(key, **details)
        super().__init__(str(self.message))


class InputError(DeepRNNError):
    """Refuse something that the user gave."""


class ConfigError(InputError):
    """Refuse a setting."""


class TextError(InputError):
    """Refuse a text, or say that it cannot be had."""


class CheckpointError(InputError):
    """Refuse a checkpoint, or say that it cannot be written."""


class JobError(InputError):
    """Refuse an action that the state of the job does not allow."""


class StoreError(DeepRNNError):
    """Say that the list of runs cannot be read or written."""


class TrainingError(DeepRNNError):
    """Stop a training run that cannot go on."""


class Cancelled(DeepRNNError):
    """End a long work because the user wants it no more."""


def failure_of(error: BaseException) -> Message:
    """Return what to say of an error: its own words, or for a fault of the program its kind and reason."""
    if isinstance(error, DeepRNNError):
        return error.message
    return message("unexpected", kind=type(error).__name__, reason=str(error)[:200])
