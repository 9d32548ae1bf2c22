"""How much memory a run will take, told before it starts, and what to do where it is too much.

The units were measured (`python -m benchmarks memory`): what torch's recurrent layers keep is not written anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..config import Recipe
from ..device import Device, free_memory
from ..errors import ConfigError
from ..messages import message
from ..model.shapes import parameter_count
from ..text.doctor import WARNING, Finding, Remedy
from .evaluate import CHUNK_TOKENS
from .loss import LOGIT_BYTES

FLOAT = 4  # bytes
MEGABYTE = 10**6
TIGHT, TOO_MUCH = 0.7, 1.15  # shares of the free memory: from the first on a warning, from the second on a refusal
ONCE = 28 * MEGABYTE  # compiled kernels, buffers of the allocator and of the threads
# Copies of the parameters: themselves, their gradients, the best so far, those published, and in the layers' own order;
# and, with what the optimiser remembers, those of the last good check and those that are being saved.
COPIES, WITH_MOMENTS = 5, 2
FULL_WIDTH_COPIES = 2  # more of them in float32: torch's layers put weights and gradients into blocks of their own
# Numbers for each token and hidden unit of a layer, forward and backward together: torch's own layer, in float32 and
# in bfloat16, and the lowest layer over one-hot input, which is a loop of ours.
LAYER = {"lstm": (11.0, 7.0), "gru": (13.0, 11.0), "rnn_tanh": (6.0, 4.0), "rnn_relu": (6.0, 4.0)}
ONE_HOT = {"lstm": 28.0, "gru": 20.0, "rnn_tanh": 7.0, "rnn_relu": 7.0}
DROPOUT = 2.0
LOGITS = 4.0  # for each token and symbol: logits, their softmax, its gradient, the gradient of the logits
# The same for a check, which keeps nothing for a backward pass and has one layer in hand at a time.
CHECKED_LAYER, CHECKED_LOGITS = 3.5, 2.0
CHECKED_ONE_HOT = {"lstm": 14.0, "gru": 9.0, "rnn_tanh": 5.0, "rnn_relu": 5.0}


@dataclass(frozen=True)
class Memory:
    """Foretell the largest memory of a run, in bytes.

    Args:
        weights: parameters with gradients, copies and what the optimiser remembers.
        minibatch: what one step keeps until its gradient is known.
        check: what one piece of a validation check takes.
        ids: the text as token ids, as far as it lies in memory.
    """

    weights: int
    minibatch: int
    check: int
    ids: int

    @property
    def total(self) -> int:
        """Return what is there together at the worst moment."""
        return ONCE + self.weights + max(self.minibatch, self.check) + self.ids


def predict_memory(recipe: Recipe, vocab_size: int, tokens: int = 0) -> Memory:
    """Foretell how much memory a run takes beside the program itself.

    Args:
        recipe: what would be trained, its precision chosen.
        vocab_size: symbols of the tokenizer.
        tokens: of the text, both parts together, as far as they lie in memory.
    """
    model, train = recipe.with_tying().model, recipe.train
    one_hot = model.vector_size is None
    layer = LAYER[model.cell][train.precision == "bfloat16"]
    units = layer * model.num_layers + DROPOUT * model.num_layers * (model.dropout > 0)
    units += (ONE_HOT[model.cell] - layer) * one_hot
    checked = CHECKED_ONE_HOT[model.cell] if one_hot else CHECKED_LAYER
    inputs = 2 * (model.vector_size or 0)
    moments = 2 if train.optimizer == "adamw" else 0
    copies = COPIES + moments + WITH_MOMENTS * (1 + moments) + FULL_WIDTH_COPIES * (train.precision != "bfloat16")
    batch = train.batch_size * train.sequence_length
    return Memory(
        weights=FLOAT * parameter_count(model, vocab_size) * copies,
        minibatch=_bytes(batch, units * model.hidden_size + inputs) + round(LOGITS * _logits(batch, vocab_size)),
        check=_bytes(CHUNK_TOKENS, checked * model.hidden_size + inputs)
        + round(CHECKED_LOGITS * _logits(CHUNK_TOKENS, vocab_size)),
        ids=tokens * (1 if vocab_size <= 256 else 2 if vocab_size <= 1 << 16 else 4),
    )


def _bytes(tokens: int, numbers: float) -> int:
    """Return what so many numbers for each token take."""
    return round(FLOAT * tokens * numbers)


def _logits(tokens: int, vocab_size: int) -> int:
    """Return what the logits take that exist at one time."""
    return min(FLOAT * tokens * vocab_size, LOGIT_BYTES)


def refuse_what_does_not_fit(recipe: Recipe, vocab_size: int, device: Device, tokens: int = 0) -> None:
    """Refuse a run that surely needs more memory than is free.

    Raises:
        ConfigError: it does; the sentence says what to lower.
    """
    free, needed = free_memory(device), predict_memory(recipe, vocab_size, tokens)
    if free is not None and needed.total > TOO_MUCH * free:
        raise ConfigError(
            "not_enough_memory", needed=_gigabytes(needed.total), free=_gigabytes(free), lower=_lower(needed)
        )


def memory_finding(recipe: Recipe, vocab_size: int, device: Device, tokens: int = 0) -> Finding | None:
    """Warn where a run needs most of the memory that is free, with a recipe that does not."""
    free, needed = free_memory(device), predict_memory(recipe, vocab_size, tokens)
    if free is None or needed.total <= TIGHT * free:
        return None

    def fits(smaller: Recipe) -> bool:
        return predict_memory(smaller, vocab_size, tokens).total <= TIGHT * free

    details = {"needed": _gigabytes(needed.total), "free": _gigabytes(free), "lower": _lower(needed)}
    return Finding("memory", WARNING, message("finding_memory", **details), _smaller(recipe, needed, fits))


def _smaller(recipe: Recipe, needed: Memory, fits: Callable[[Recipe], bool]) -> Remedy | None:
    """Return the setting that brings a run into memory: fewer streams, or fewer units where the weights are most."""
    name = "hidden_size" if needed.weights > needed.minibatch else "batch_size"
    value = int(recipe.settings()[name]) // 2
    while value >= 1:
        if fits(recipe.replace(**{name: value})):
            return Remedy({name: value})
        value //= 2
    return None


def _lower(needed: Memory) -> str:
    """Return the names of the settings that the memory hangs on most."""
    if needed.weights > needed.minibatch:
        return "hidden_size, num_layers"
    return "batch_size, sequence_length, hidden_size"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f}" if size >= 1e8 else f"{size / 1e9:.2f}"
