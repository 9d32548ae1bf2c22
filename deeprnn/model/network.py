"""The stacked recurrent language model; knows neither texts nor training."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..errors import ConfigError
from .cells import CELLS
from .equations import Layer, State, Step, input_product
from .recurrence import run_layer
from .shapes import MAX_PARAMETERS, parameter_count
from .tying import TiedOutput


@dataclass(frozen=True)
class Weights:
    """Hold the matrices of a network as the equations want them; views of its parameters where that is possible.

    Args:
        step: phi, the cell.
        layers: the matrices of each layer, from the lowest up.
        W_hq: (hidden, vocabulary); with shared weights a product made for the occasion.
        b_q: (vocabulary).
        embedding: (vocabulary, embedding) the vector of each token; None when the input is one-hot.
    """

    step: Step
    layers: tuple[Layer, ...]
    W_hq: Tensor
    b_q: Tensor
    embedding: Tensor | None

    def inputs(self, tokens: Tensor) -> Tensor:
        """Return H_t^(0) of int64 token ids: their vectors, or the ids themselves, which stand for one-hot rows."""
        return tokens if self.embedding is None else nn.functional.embedding(tokens, self.embedding)


class LanguageModel(nn.Module):
    """Predict the next token from all before it, by a stack of recurrent layers.

    One seed gives the weights that torch's own modules draw from it, made in the order embedding, recurrent stack,
    linear layer. No global random state is read or changed.

    With `tie_weights` the output layer scores each token by the vector that it has at the input (`TiedOutput`).

    Args:
        config: cell, sizes, dropout.
        vocab_size: tokens, `<unk>` included.
        seed: the start of the random weights.

    Raises:
        ConfigError: it would have too many parameters.
    """

    def __init__(self, config: ModelConfig, vocab_size: int, seed: int = 0) -> None:
        super().__init__()
        if (parameters := parameter_count(config, vocab_size)) > MAX_PARAMETERS:
            raise ConfigError("network_too_large", parameters=parameters, most=MAX_PARAMETERS)
        self.config, self.vocab_size = config, vocab_size
        with torch.device("meta"):  # so that torch's own initialisation neither runs nor draws
            size = config.vector_size
            weights = torch.empty(vocab_size, size or 0)
            self.embedding = None if size is None else nn.Embedding.from_pretrained(weights, freeze=False)
            # One module a layer: each keeps torch's fused kernel, and dropout between them keeps its own generator.
            inputs = [size or vocab_size] + [config.hidden_size] * (config.num_layers - 1)
            self.layers = nn.ModuleList(CELLS[config.cell].module(width, config.hidden_size) for width in inputs)
            tied = TiedOutput(config.hidden_size, size, vocab_size) if size and config.tie_weights else None
            self.output = tied or nn.Linear(config.hidden_size, vocab_size)
        # As `to_empty`, which imports half of torch's compiler to make a tensor like another one.
        self._apply(lambda old: torch.empty(old.shape, dtype=old.dtype, device="cpu"))  # type: ignore[no-untyped-call]
        self._initialise(torch.Generator().manual_seed(seed))

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        if self.embedding is not None:
            self.embedding.weight.normal_(generator=generator)
        bound = 1 / math.sqrt(self.config.hidden_size)
        for parameter in self.layers.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
        nn.init.kaiming_uniform_(self.output.weight, a=math.sqrt(5), generator=generator)  # as nn.Linear does
        self.output.bias.uniform_(-bound, bound, generator=generator)

    def forward(
        self, tokens: Tensor, state: State | None = None, dropout_generator: torch.Generator | None = None
    ) -> tuple[Tensor, State]:
        """Predict the token after each token.

        Args:
            tokens: (time, batch) int64.
            state: (H,), or (H, C) for the LSTM, each (num_layers, batch, hidden); zeros if None.
            dropout_generator: draws the dropout masks, on the network's device. While training, the outputs of every
                layer are dropped, the last one's too; without a generator, or in evaluation, nothing is.

        Returns:
            The logits, (time, batch, vocabulary), and the state after the last step. Under autocast the logits have its
            number format.
        """
        H, new_state = self.read(tokens, state, dropout_generator)
        return self.predict(H), new_state

    def predict(self, H: Tensor) -> Tensor:
        """Return the logits, (..., vocabulary), of H^(L), (..., hidden)."""
        if isinstance(self.output, TiedOutput) and self.embedding is not None:
            return self.output.scores(H, self.embedding.weight)
        logits: Tensor = self.output(H)
        return logits

    def read(
        self, tokens: Tensor, state: State | None = None, dropout_generator: torch.Generator | None = None
    ) -> tuple[Tensor, State]:
        """Read tokens without predicting; arguments as for `forward`.

        Returns:
            H^(L) of every step, (time, batch, hidden), and the state after the last step.
        """
        past = self.initial_state(tokens.shape[1]) if state is None else state
        new_states = []
        H = tokens if self.embedding is None else self.embedding(tokens)
        for depth in range(self.config.num_layers):
            H, now = self._run_layer(depth, H, tuple(part[depth] for part in past))
            H = self._drop(H, dropout_generator)
            new_states.append(now)
        return H, tuple(torch.stack(parts) for parts in zip(*new_states, strict=True))

    def _run_layer(self, depth: int, H: Tensor, past: State) -> tuple[Tensor, State]:
        """Run one layer over (time, batch, inputs) numbers or (time, batch) one-hot token ids."""
        if H.dtype == torch.int64:
            layer = self._layer(depth)
            return run_layer(self.config.cell, input_product(H, layer), past, layer)
        parts = [part[None] for part in past]  # a one-layer module wants (1, batch, hidden)
        outputs, now = self.layers[depth](H, tuple(parts) if len(parts) > 1 else parts[0])
        return outputs, tuple(part[0] for part in (now if isinstance(now, tuple) else (now,)))

    def _drop(self, H: Tensor, generator: torch.Generator | None) -> Tensor:
        rate = self.config.dropout
        if not self.training or generator is None or rate == 0:
            return H
        kept = torch.empty_like(H).bernoulli_(1 - rate, generator=generator)
        return H * kept.div_(1 - rate)

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state, each part (num_layers, batch_size, hidden)."""
        shape = (self.config.num_layers, batch_size, self.config.hidden_size)
        return tuple(self.output.bias.new_zeros(shape) for _ in range(CELLS[self.config.cell].state_parts))

    def weights(self) -> Weights:
        """Return the network's matrices, as the equations want them; gradients flow back to the parameters."""
        layers = tuple(self._layer(depth) for depth in range(self.config.num_layers))
        embedding = None if self.embedding is None else self.embedding.weight
        output, rows = self.output, self.output.weight
        if isinstance(output, TiedOutput) and embedding is not None:
            rows = output.rows(embedding)
        return Weights(CELLS[self.config.cell].step, layers, rows.T, output.bias, embedding)

    def _layer(self, depth: int) -> Layer:
        W_ih, W_hh, b_ih, b_hh = self.layers[depth].parameters()
        if self.config.cell != "gru":
            return Layer(W_ih.T, W_hh.T, b_ih + b_hh, b_hh[:0])
        # The candidate's hidden bias is multiplied by the reset gate, so it cannot join the input's.
        b_hr_hz, b_hh = b_hh.split([2 * self.config.hidden_size, self.config.hidden_size])
        return Layer(W_ih.T, W_hh.T, b_ih + torch.cat([b_hr_hz, torch.zeros_like(b_hh)]), b_hh)
