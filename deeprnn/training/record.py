"""The record that training yields: plain numbers, frozen, safe to hand to any thread or file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .evaluate import Evaluation
    from .train import Training

# exp of a larger loss is no longer a float; a perplexity this large says all there is to say.
MAX_LOSS = 700.0


@dataclass(frozen=True)
class TrainRecord:
    """Report one step of training.

    Args:
        step: optimiser updates so far.
        epoch: passes over the training text so far, with its fraction.
        tokens: tokens trained on so far.
        loss: mean nats per token of this step's minibatch.
        perplexity: exp(loss).
        bits_per_character: loss in bits, for each character of the training text.
        validation_perplexity: on the held-out text, in the steps that measured it.
        learning_rate: the size of this update.
        gradient_norm: the norm before it was clipped.
        tokens_per_second: the speed since the last few records.
        elapsed_seconds: time spent training.
        validation_bits_per_character: on the held-out text, in the steps that measured it.
    """

    step: int
    epoch: float
    tokens: int
    loss: float
    perplexity: float
    bits_per_character: float
    validation_perplexity: float | None
    learning_rate: float
    gradient_norm: float
    tokens_per_second: float
    elapsed_seconds: float
    validation_bits_per_character: float | None = None


def make_record(
    training: Training, loss: float, norm: float, rate: float, held_out: Evaluation | None, speed: float
) -> TrainRecord:
    """Report the step that a training has just done; arguments as `TrainRecord` calls them."""
    return TrainRecord(
        step=training.step,
        epoch=training.step / training.steps_per_epoch,
        tokens=training.tokens,
        loss=loss,
        perplexity=perplexity(loss),
        bits_per_character=bits_per_character(loss, training.corpus.tokens_per_character),
        validation_perplexity=held_out.perplexity if held_out else None,
        learning_rate=rate,
        gradient_norm=norm,
        tokens_per_second=speed,
        elapsed_seconds=training.seconds,
        validation_bits_per_character=held_out.bits_per_character if held_out else None,
    )


def perplexity(loss: float) -> float:
    """Return exp(loss), the number of equally likely tokens that would be as surprising.

    Args:
        loss: mean nats per token.
    """
    return math.exp(loss if loss <= MAX_LOSS else MAX_LOSS)  # which is so for no number too


def bits_per_character(loss: float, tokens_per_character: float) -> float:
    """Return a loss in the unit in which models with different tokens compare.

    Args:
        loss: mean nats per token.
        tokens_per_character: 1 for a character model.
    """
    return loss / math.log(2) * tokens_per_character
