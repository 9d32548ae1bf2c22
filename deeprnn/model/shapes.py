"""The shapes of a network's parameters, and what each part of it costs, without making it."""

from __future__ import annotations

import math

from ..config import ModelConfig
from .cells import CELLS

MAX_PARAMETERS = 200_000_000  # with gradients and the optimiser's moments, some 3 GB


def parameter_shapes(config: ModelConfig, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every parameter of a network, in order."""
    hidden, rows, size = config.hidden_size, CELLS[config.cell].gates * config.hidden_size, config.vector_size
    shapes: dict[str, tuple[int, ...]] = {}
    if size is not None:
        shapes["embedding.weight"] = (vocab_size, size)
    inputs = size or vocab_size
    for depth in range(config.num_layers):
        shapes[f"layers.{depth}.weight_ih_l0"] = (rows, inputs if depth == 0 else hidden)
        shapes[f"layers.{depth}.weight_hh_l0"] = (rows, hidden)
        shapes[f"layers.{depth}.bias_ih_l0"] = shapes[f"layers.{depth}.bias_hh_l0"] = (rows,)
    output = (size or hidden) if config.tie_weights else vocab_size
    return {**shapes, "output.weight": (output, hidden), "output.bias": (vocab_size,)}


def parameter_count(config: ModelConfig, vocab_size: int) -> int:
    """Return how many numbers a network learns."""
    return sum(parameter_table(config, vocab_size).values())


def parameter_table(config: ModelConfig, vocab_size: int) -> dict[str, int]:
    """Return how many numbers each part of a network learns: "embedding", "layers" and "output".

    With one-hot input there is no embedding, and the lowest layer's matrix grows with the vocabulary; with shared
    weights the embedding is the output's matrix too, and counts once.
    """
    table = {"embedding": 0, "layers": 0, "output": 0}
    for name, shape in parameter_shapes(config, vocab_size).items():
        table[name.split(".")[0]] += math.prod(shape)
    return table
