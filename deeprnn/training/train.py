"""The training loop: a generator of records over one network, one corpus and one recipe."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..config import Recipe
from ..device import Device, choose_precision
from ..errors import TrainingError
from ..model.network import LanguageModel
from ..text.batches import batches_per_epoch, random_batches, sequential_batches
from ..text.corpus import Corpus
from .curve import Curve
from .evaluate import Evaluation, evaluate
from .loss import mean_loss
from .memory import refuse_what_does_not_fit
from .record import TrainRecord, bits_per_character, perplexity
from .schedule import learning_rate_factor

Weights = dict[str, Tensor]
SPEED_WINDOW = 20  # records over which tokens per second are averaged
# A check during a run reads so many held-out tokens at most, spread over all of them: a pause waits for it.
CHECK_TOKENS, CHECK_STREAMS = 20_000, 16
# One seed starts several streams. After a prefix that the book continues in several ways, the order of the data decides
# which line greedy writing takes; with this stream and seed 0 the chapter's recipe gives the chapter's line.
DATA_STREAM = 1
# A loss this far above guessing evenly, so many steps in a row, is an explosion and not a bad batch.
EXPLODED_FACTOR, EXPLODED_STEPS = 3.0, 5


@dataclass(frozen=True)
class Best:
    """Hold the weights that validation chose.

    Args:
        step: after which they were copied.
        perplexity: on the held-out text; infinite when nothing was measured.
        weights: on the CPU.
    """

    step: int
    perplexity: float
    weights: Weights


class Training:
    """Train one network; iterate over it to run it, step by step, each yielding a record.

    Between two records the training stands still: whoever iterates may read or copy the weights then, without a lock.

    Args:
        corpus: the text, as tokens.
        recipe: every setting; its seed starts every random choice.
        device: where to train.
        clock: seconds, for the speed in the records.

    Raises:
        ConfigError: it would surely need more memory than is free.
    """

    def __init__(
        self, corpus: Corpus, recipe: Recipe, device: Device, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        config = recipe.train
        self.precision = choose_precision(config.precision, device)
        # What a measurement chose is written down: it may choose otherwise another time, and then the bits differ.
        recipe = recipe.with_tying().replace(precision=self.precision)
        size = len(corpus.train_ids) + len(corpus.validation_ids)
        refuse_what_does_not_fit(recipe, corpus.tokenizer.vocab_size, device, size)
        self.corpus, self.recipe, self.device, self._clock = corpus, recipe, device, clock
        self.network = LanguageModel(recipe.model, corpus.tokenizer.vocab_size, seed=config.seed).to(device.torch)
        self.optimizer = make_optimizer(self.network, recipe)
        self.rng = np.random.default_rng((config.seed, DATA_STREAM))
        self.dropout_generator = torch.Generator(device.torch).manual_seed(config.seed)
        self.steps_per_epoch = batches_per_epoch(len(corpus.train_ids), config.batch_size, config.sequence_length)
        self.total_steps = self.planned_steps(corpus, recipe)
        self.step = self.tokens = 0
        self.curve = Curve()
        self.last_record: TrainRecord | None = None
        self.best = Best(0, math.inf, self.weights())
        self._exploded = 0
        self._worst_loss = EXPLODED_FACTOR * math.log(corpus.tokenizer.vocab_size + 1)

    @staticmethod
    def planned_steps(corpus: Corpus, recipe: Recipe) -> int:
        """Return how many steps a recipe takes over a corpus: its epochs or its own limit, whichever ends first."""
        config = recipe.train
        epochs = config.max_epochs * batches_per_epoch(len(corpus.train_ids), config.batch_size, config.sequence_length)
        return min(epochs, config.max_steps or epochs)

    def weights(self) -> Weights:
        """Return a copy of the newest weights on the CPU."""
        return {name: value.detach().cpu().clone() for name, value in self.network.state_dict().items()}

    def __iter__(self) -> Iterator[TrainRecord]:
        """Train to the end of the recipe; nothing is left to do once it has been reached.

        Whoever leaves the records and asks for them again goes on with the next step, in a new epoch and with a new
        clock.

        Raises:
            TrainingError: the loss or the gradient exploded; weights and step are set back to the best.
        """
        if self.step >= self.total_steps:
            return
        seconds, recent = 0.0, deque([(0.0, self.tokens)], maxlen=SPEED_WINDOW)
        start, state = self._clock(), None
        for inputs, targets, afresh in self._batches():
            self.network.train()
            rate = self._set_learning_rate()
            loss, norm, state = self._update(inputs, targets, None if afresh else state)
            self._refuse_explosion(loss, norm)
            self.step, self.tokens = self.step + 1, self.tokens + inputs.size
            held_out = self._check_in() if self._check_is_due() else None
            now = seconds + self._clock() - start
            recent.append((now, self.tokens))
            speed = (self.tokens - recent[0][1]) / max(now - recent[0][0], 1e-9)
            record = self._record(loss, norm, rate, held_out, speed, now)
            self.curve.append(record)
            self.last_record = record
            yield record
            seconds, start = now, self._clock()  # time spent by whoever iterates does not count
            if self.step >= self.total_steps:
                return

    def _batches(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], bool]]:
        """Yield minibatches and whether each starts from the zero state: the first of an epoch, or all if random."""
        config, sequential = self.recipe.train, self.recipe.train.partition == "sequential"
        cut = sequential_batches if sequential else random_batches
        for _ in range(config.max_epochs):
            epoch = cut(self.corpus.train_ids, config.batch_size, config.sequence_length, self.rng)
            for index, (inputs, targets) in enumerate(epoch):
                yield inputs, targets, index == 0 or not sequential

    def _update(
        self, inputs: NDArray[np.int64], targets: NDArray[np.int64], state: tuple[Tensor, ...] | None
    ) -> tuple[float, float, tuple[Tensor, ...]]:
        """Take one optimiser step on a (batch, time) minibatch; return loss in nats, gradient norm, detached state."""
        device = self.device.torch
        tokens = torch.from_numpy(inputs.T.copy()).to(device)  # (time, batch)
        wanted = torch.from_numpy(targets.T.copy()).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            H, state = self.network.read(tokens, state, self.dropout_generator)
            loss = mean_loss(self.network, H, wanted)
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.train.max_grad_norm)
        if torch.isfinite(norm):
            self.optimizer.step()
        return loss.item(), norm.item(), tuple(part.detach() for part in state)

    def _set_learning_rate(self) -> float:
        config = self.recipe.train
        factor = learning_rate_factor(config.schedule, (self.step + 1) / self.total_steps, config.warmup_fraction)
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * factor
        return config.learning_rate * factor

    def _refuse_explosion(self, loss: float, norm: float) -> None:
        self._exploded = self._exploded + 1 if loss > self._worst_loss else 0
        if math.isfinite(loss) and math.isfinite(norm) and self._exploded < EXPLODED_STEPS:
            return
        raise self._set_back(self.step + 1)

    def _set_back(self, exploded: int) -> TrainingError:
        """Go back to the best weights; return what to say of the step that exploded."""
        self.tokens = self.tokens * self.best.step // max(self.step, 1)
        self.step = self.best.step
        self.network.load_state_dict(self.best.weights)
        if not self.step:
            return TrainingError("exploded_at_once", step=exploded)
        return TrainingError("exploded", step=exploded, kept=self.step)

    def _check_is_due(self) -> bool:
        return self.step % max(1, self.total_steps // self.recipe.train.evaluations) == 0 or (
            self.step == self.total_steps
        )

    def _check_in(self) -> Evaluation | None:
        """Keep the weights if they are the best so far and return how they predict the held-out text.

        Without validation the newest are the best. What predicts far worse than guessing has exploded, and is not kept.
        """
        held_out = self.validate(CHECK_STREAMS, CHECK_TOKENS)
        measured = held_out or evaluate(self.network, self.corpus.train_ids, None, CHECK_STREAMS, CHECK_TOKENS)
        if not math.isfinite(measured.loss):
            raise self._set_back(self.step)
        better = held_out is None or held_out.perplexity < self.best.perplexity
        if better and measured.loss < self._worst_loss:
            self.best = Best(self.step, held_out.perplexity if held_out else math.inf, self.weights())
        return held_out

    def keep_newest(self) -> None:
        """Take the newest weights for the best, unless a check has measured better ones; for the end of a run."""
        if math.isinf(self.best.perplexity):
            self.best = Best(self.step, math.inf, self.weights())

    def validate(self, streams: int = 1, most: int | None = None) -> Evaluation | None:
        """Evaluate the newest weights on the held-out text; None when nothing is held out. Arguments: `evaluate`."""
        if len(self.corpus.validation_ids) < 2:
            return None
        ids, ratio = self.corpus.validation_ids, self.corpus.validation_tokens_per_character
        return evaluate(self.network, ids, (len(ids) - 1) / ratio, streams, most)

    def _record(
        self, loss: float, norm: float, rate: float, held_out: Evaluation | None, speed: float, seconds: float
    ) -> TrainRecord:
        bits = bits_per_character(loss, self.corpus.tokens_per_character)
        epoch = self.step / self.steps_per_epoch
        return TrainRecord(
            step=self.step,
            epoch=epoch,
            tokens=self.tokens,
            loss=loss,
            perplexity=perplexity(loss),
            bits_per_character=bits,
            validation_perplexity=held_out.perplexity if held_out else None,
            learning_rate=rate,
            gradient_norm=norm,
            tokens_per_second=speed,
            elapsed_seconds=seconds,
            validation_bits_per_character=held_out.bits_per_character if held_out else None,
        )


def make_optimizer(network: LanguageModel, recipe: Recipe) -> torch.optim.Optimizer:
    """Build the optimiser of a recipe; weight decay pulls on matrices only, never on biases."""
    config = recipe.train
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=config.learning_rate)
    matrices = [p for p in network.parameters() if p.dim() > 1]
    biases = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    # The second moment forgets faster than torch's default: a run has hundreds of steps, not hundreds of thousands.
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))
