"""The training loop: a generator of records over one network, one corpus and one recipe."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..config import Recipe
from ..device import Device, choose_precision
from ..errors import TrainingError
from ..model.network import LanguageModel
from ..text.batches import batches_per_epoch
from ..text.corpus import Corpus
from .best import Best, Weights
from .changes import change_recipe
from .curve import Curve
from .evaluate import Evaluation, evaluate
from .event import Event
from .feed import Feed
from .loss import mean_loss
from .memory import refuse_what_does_not_fit
from .optimizer import make_optimizer
from .record import TrainRecord, bits_per_character, perplexity
from .schedule import learning_rate_factor
from .snapshot import Snapshot, put_back, put_back_history, refuse_another, take_snapshot

SPEED_WINDOW = 20  # records over which tokens per second are averaged
# A check during a run reads so many held-out tokens at most, spread over all of them: a pause waits for it.
CHECK_TOKENS, CHECK_STREAMS = 20_000, 16
# A loss this far above guessing evenly, so many steps in a row, is an explosion and not a bad batch.
EXPLODED_FACTOR, EXPLODED_STEPS = 3.0, 5


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
        self.optimizer = make_optimizer(self.network, recipe.train)
        self.feed = Feed(corpus.train_ids, recipe.train)
        self.state: tuple[Tensor, ...] | None = None  # carried from one minibatch to the next
        self.dropout_generator = torch.Generator(device.torch).manual_seed(config.seed)
        self.steps_per_epoch = batches_per_epoch(len(corpus.train_ids), config.batch_size, config.sequence_length)
        self.total_steps = self.planned_steps(corpus, recipe)
        self.step = self.tokens = self.exploded = 0  # the last counts steps in a row with far too high a loss
        self.seconds = 0.0  # spent training, without the time of whoever iterates
        self.curve = Curve()
        self.events: list[Event] = []
        self.last_record: TrainRecord | None = None
        self.best = Best(0, math.inf, self.weights())
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

    def snapshot(self) -> Snapshot:
        """Return all that the training is, between two of its records; `resume` goes on from it."""
        return take_snapshot(self)

    @classmethod
    def resume(
        cls,
        corpus: Corpus,
        recipe: Recipe,
        device: Device,
        snapshot: Snapshot,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Training:
        """Go on where a snapshot was taken: on the same machine with the same recipe to the last bit, on a CPU.

        Args:
            corpus: the same text, prepared in the same way.
            recipe: that of the snapshot, or one with another dropout or other settings of training: a branch.
            device: where to train; need not be the one it came from.
            snapshot: of a training that may have been another process.
            clock: seconds, for the speed in the records.

        Raises:
            CheckpointError: the text is another, or the snapshot is damaged.
            ConfigError: a setting differs that cannot change, or it would need more memory than is free.
        """
        training = cls(corpus, recipe, device, clock)
        refuse_another(training, snapshot)
        put_back(training, snapshot)
        put_back_history(training, snapshot)
        return training

    def change(self, **settings: Any) -> None:
        """Change settings between two records: the next step obeys, and an event remembers it.

        Args:
            settings: some of `CHANGEABLE`, by their own names.

        Raises:
            ConfigError: a setting is another, or its value is refused.
        """
        before = self.recipe.settings()
        self.recipe = change_recipe(self.recipe, settings)
        self.network.config = self.recipe.model
        now = self.recipe.settings()
        changes = [f"{name} {before[name]} → {now[name]}" for name in settings if before[name] != now[name]]
        if changes:
            self.events.append(Event(self.step, "changed", {"changes": ", ".join(changes)}))

    def __iter__(self) -> Iterator[TrainRecord]:
        """Train to the end of the recipe; nothing is left to do once it has been reached.

        Whoever leaves the records and asks for them again goes on with the next step, as if nothing had been between.

        Raises:
            TrainingError: the loss or the gradient exploded; weights and step are set back to the best.
        """
        if self.step >= self.total_steps:
            return
        recent, start = deque([(self.seconds, self.tokens)], maxlen=SPEED_WINDOW), self._clock()
        for inputs, targets, afresh in self.feed:
            self.network.train()
            rate = self._set_learning_rate()
            loss, norm, self.state = self._update(inputs, targets, None if afresh else self.state)
            self._refuse_explosion(loss, norm)
            self.step, self.tokens = self.step + 1, self.tokens + inputs.size
            held_out = self._check_in() if self._check_is_due() else None
            self.seconds += self._clock() - start
            recent.append((self.seconds, self.tokens))
            speed = (self.tokens - recent[0][1]) / max(self.seconds - recent[0][0], 1e-9)
            record = self._record(loss, norm, rate, held_out, speed)
            self.curve.append(record)
            self.last_record = record
            yield record
            start = self._clock()  # time spent by whoever iterates does not count
            if self.step >= self.total_steps:
                return

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
        self.exploded = self.exploded + 1 if loss > self._worst_loss else 0
        if math.isfinite(loss) and math.isfinite(norm) and self.exploded < EXPLODED_STEPS:
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

    def _record(self, loss: float, norm: float, rate: float, held_out: Evaluation | None, speed: float) -> TrainRecord:
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
            elapsed_seconds=self.seconds,
            validation_bits_per_character=held_out.bits_per_character if held_out else None,
        )
