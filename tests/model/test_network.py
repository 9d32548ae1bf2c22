"""The network against torch's own modules, and against the equations."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from deeprnn.config import RECIPE_FIELDS, ModelConfig
from deeprnn.errors import ConfigError
from deeprnn.model.cells import CELLS
from deeprnn.model.equations import stacked_step
from deeprnn.model.network import LanguageModel
from deeprnn.model.shapes import parameter_count, parameter_shapes

VOCAB, HIDDEN, TIME, BATCH = 11, 7, 9, 3
TORCH_CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn_tanh": nn.RNN}
VECTORS: list[dict[str, Any]] = [{}, {"embedding_size": 5}, {"embedding_size": 5, "tie_weights": True}]
CASES = list(itertools.product(CELLS, (1, 2, 3, 4), VECTORS))


def make_tokens(seed: int = 0) -> Tensor:
    return torch.randint(VOCAB, (TIME, BATCH), generator=torch.Generator().manual_seed(seed))


def make_state(network: LanguageModel) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    return tuple(part.uniform_(-1, 1, generator=generator) for part in network.initial_state(BATCH))


def test_the_table_has_the_cells_that_can_be_chosen() -> None:
    assert tuple(CELLS) == RECIPE_FIELDS["cell"].metadata["choices"]


def run_equations(network: LanguageModel, tokens: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    weights = network.weights()
    states = [tuple(part[depth] for part in state) for depth in range(network.config.num_layers)]
    logits = []
    for X in tokens:
        O_t, states = stacked_step(weights.inputs(X), states, weights.step, weights.layers, weights.W_hq, weights.b_q)
        logits.append(O_t)
    return torch.stack(logits), *(torch.stack(parts) for parts in zip(*states, strict=True))


def gradients(network: LanguageModel, outputs: tuple[Tensor, ...]) -> list[Tensor]:
    """Gradients of a loss that weighs every number of logits and state differently."""
    generator = torch.Generator().manual_seed(7)
    losses = [(out * torch.rand(out.shape, generator=generator, dtype=out.dtype)).square().sum() for out in outputs]
    return list(torch.autograd.grad(losses, list(network.parameters())))


@pytest.mark.parametrize(("cell", "layers", "vectors"), CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-5)])
def test_equations_equal_the_network(
    cell: str, layers: int, vectors: dict[str, Any], dtype: torch.dtype, tolerance: float
) -> None:
    config = ModelConfig(cell=cell, hidden_size=HIDDEN, num_layers=layers, **vectors)
    network = LanguageModel(config, VOCAB, seed=3).to(dtype)
    tokens, state = make_tokens(), make_state(network)
    logits, new_state = network(tokens, state)
    fast, slow = (logits, *new_state), run_equations(network, tokens, state)
    for a, b in zip(fast, slow, strict=True):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)
    for a, b in zip(gradients(network, fast), gradients(network, slow), strict=True):
        torch.testing.assert_close(a, b, rtol=10 * tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("cell", ["rnn_tanh", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_one_seed_gives_the_weights_and_outputs_of_torchs_own_modules(cell: str, layers: int) -> None:
    network = LanguageModel(ModelConfig(cell=cell, hidden_size=HIDDEN, num_layers=layers), VOCAB, seed=42)
    with torch.random.fork_rng():
        torch.manual_seed(42)
        stack, output = TORCH_CELLS[cell](VOCAB, HIDDEN, layers), nn.Linear(HIDDEN, VOCAB)
    for ours, theirs in zip(network.parameters(), [*stack.parameters(), *output.parameters()], strict=True):
        assert torch.equal(ours, theirs)
    tokens = make_tokens()
    outputs, state = stack(F.one_hot(tokens, VOCAB).float())
    logits, new_state = network(tokens)
    torch.testing.assert_close(logits, output(outputs))
    for ours, theirs in zip(new_state, state if cell == "lstm" else (state,), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_one_seed_gives_the_weights_of_torchs_own_modules_with_an_embedding() -> None:
    network = LanguageModel(ModelConfig(hidden_size=HIDDEN, embedding_size=5), VOCAB, seed=1)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        modules = nn.Embedding(VOCAB, 5), nn.LSTM(5, HIDDEN, 2), nn.Linear(HIDDEN, VOCAB)
    theirs = [parameter for module in modules for parameter in module.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), theirs, strict=True))


def test_gradients_of_the_one_hot_lstm_pass_a_numerical_check() -> None:
    network = LanguageModel(ModelConfig(hidden_size=3, num_layers=1), 4, seed=0).double()
    tokens = torch.tensor([[1, 2], [3, 0], [1, 1]])
    names = [name for name, _ in network.named_parameters()]

    def run(h: Tensor, c: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        logits, state = torch.func.functional_call(
            network, dict(zip(names, values, strict=True)), (tokens, (h[None], c[None]))
        )
        return (logits, *state)

    generator = torch.Generator().manual_seed(0)
    state = [torch.randn(2, 3, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(run, (*state, *network.parameters()))


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_read_in_two_parts_gives_the_same_as_in_one(cell: str) -> None:
    network = LanguageModel(ModelConfig(cell=cell, hidden_size=HIDDEN), VOCAB).double()
    tokens = make_tokens()
    whole, end = network(tokens)
    first, state = network(tokens[:4])
    second, state = network(tokens[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
    torch.testing.assert_close(state, end)


def test_making_and_running_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    network = LanguageModel(ModelConfig(hidden_size=HIDDEN, dropout=0.5, embedding_size=3), VOCAB)
    network(make_tokens(), None, torch.Generator().manual_seed(0))
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_repeats_with_its_generator_and_is_off_without_one_and_in_evaluation() -> None:
    network, plain = (LanguageModel(ModelConfig(hidden_size=HIDDEN, dropout=p), VOCAB) for p in (0.5, 0.0))
    tokens, expected = make_tokens(), plain(make_tokens())[0]
    first, again, other = (network(tokens, None, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(network(tokens)[0], expected)
    assert torch.equal(network.eval()(tokens, None, torch.Generator())[0], expected)


def test_dropout_keeps_the_mean_of_a_layers_outputs() -> None:
    network = LanguageModel(ModelConfig(hidden_size=HIDDEN, dropout=0.25), VOCAB)
    dropped = network._drop(torch.ones(100_000), torch.Generator().manual_seed(0))
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("cell", "layers", "vectors"), CASES)
def test_parameter_names_shapes_and_count_are_those_of_the_real_network(
    cell: str, layers: int, vectors: dict[str, Any]
) -> None:
    config = ModelConfig(cell=cell, hidden_size=HIDDEN, num_layers=layers, **vectors)
    network = LanguageModel(config, VOCAB)
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    assert list(parameter_shapes(config, VOCAB).items()) == list(shapes.items())
    assert parameter_count(config, VOCAB) == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding", [None, 5])
def test_autocast_to_bfloat16_stays_near_float32(cell: str, embedding: int | None) -> None:
    network = LanguageModel(ModelConfig(cell=cell, hidden_size=16, embedding_size=embedding), VOCAB)
    tokens = make_tokens()
    logits, state = network(tokens)
    exact = gradients(network, (logits,))
    with torch.autocast("cpu", torch.bfloat16):
        half, half_state = network(tokens, tuple(torch.zeros_like(part) for part in state))
    torch.testing.assert_close(half.float(), logits, rtol=0.05, atol=0.02)
    for a, b in zip(gradients(network, (half.float(),)), exact, strict=True):
        assert a.dtype == torch.float32
        torch.testing.assert_close(a, b, rtol=0.1, atol=0.05 * b.abs().max().item())
    with torch.autocast("cpu", torch.bfloat16):
        network(tokens, half_state)  # the state goes on


class WidthSpy(TorchDispatchMode):
    """Note the last size of every tensor that any operation makes, those of autograd's own among them."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.shapes: list[tuple[int, ...]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.shapes += [tuple(leaf.shape) for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        return result


@pytest.mark.parametrize("cell", CELLS)
def test_one_hot_input_makes_no_tensor_of_time_batch_vocabulary(cell: str) -> None:
    vocab = 1009
    network = LanguageModel(ModelConfig(cell=cell, hidden_size=4), vocab)
    network.output = nn.Linear(4, 1)  # the logits have the vocabulary's width by right
    with WidthSpy() as spy:
        network(make_tokens())[0].sum().backward()
    gates = len(network.weights().layers[0].b)
    assert (vocab, gates) in spy.shapes  # the gradient of W_x: so the spy sees the backward pass too
    assert max(math.prod(shape) for shape in spy.shapes if vocab in shape) == vocab * gates < TIME * BATCH * vocab


def test_a_network_that_would_fill_the_memory_is_refused_before_it_is_made() -> None:
    """Eight layers of 4096 units, each allowed alone, together took the memory and the process with it."""
    with pytest.raises(ConfigError, match="at most 200000000"):
        LanguageModel(ModelConfig(hidden_size=4096, num_layers=8), 100)
