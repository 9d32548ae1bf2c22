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
from ..model.network import LanguageModel
from ..text.batches import batches_per_epoch
from ..text.corpus import Corpus
from .best import Best, Weights
from .changes import change_recipe, differences
from .curve import Curve
from .evaluate import Evaluation, evaluate
from .event import Event
from .explosion import EXPLODED_STEPS, Exploded, go_back, worst_loss
from .feed import Feed
from .loss import mean_loss
from .memory import refuse_what_does_not_fit
from .optimizer import make_optimizer
from .record import TrainRecord, make_record
from .schedule import learning_rate_factor
from .snapshot import Snapshot, put_back, put_back_history, refuse_another, take_snapshot
from .stopping import out_of_time, stopped

SPEED_WINDOW = 20  # records over which tokens per second are averaged
# A check during a run reads so many held-out tokens at most, spread over all of them: a pause waits for it.
CHECK_TOKENS, CHECK_STREAMS = 20_000, 16


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
        config, vocab_size = recipe.train, corpus.tokenizer.vocab_size
        self.precision = choose_precision(config.precision, device)
        # What a measurement chose is written down: it may choose otherwise another time, and then the bits differ.
        recipe = recipe.with_tying().replace(precision=self.precision)
        refuse_what_does_not_fit(recipe, vocab_size, device, len(corpus.train_ids) + len(corpus.validation_ids))
        self.corpus, self.recipe, self.device, self._clock = corpus, recipe, device, clock
        self.network = LanguageModel(recipe.model, vocab_size, seed=config.seed).to(device.torch)
        self.optimizer = make_optimizer(self.network, recipe.train)
        self.feed = Feed(corpus.train_ids, recipe.train)
        self.state: tuple[Tensor, ...] | None = None  # carried from one minibatch to the next
        self.dropout_generator = torch.Generator(device.torch).manual_seed(config.seed)
        self.steps_per_epoch = batches_per_epoch(len(corpus.train_ids), config.batch_size, config.sequence_length)
        self.total_steps = self.planned_steps(corpus, recipe)
        self.step = self.tokens = 0
        self.seconds = 0.0  # spent training, without the time of whoever iterates
        self.curve, self.events = Curve(), list[Event]()
        self.last_record: TrainRecord | None = None
        self.best = Best(0, math.inf, self.weights())
        self.lowest, self.checks_without_better = math.inf, 0  # perplexity of any check; checks since the best
        self.exploded, self.rescued = 0, False  # steps in a row that have; whether the rate was lowered for it
        self._good = take_snapshot(self, curve=False)

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
        training._good = take_snapshot(training, curve=False)
        return training

    def change(self, **settings: Any) -> None:
        """Change settings between two records: the next step obeys, and an event remembers it.

        Args:
            settings: some of `CHANGEABLE`, by their own names.

        Raises:
            ConfigError: a setting is another, or its value is refused.
        """
        before, self.recipe = self.recipe, change_recipe(self.recipe, settings)
        self.network.config = self.recipe.model
        self.rescued = self.rescued and "learning_rate" not in settings  # the user has lowered it, presumably
        if changes := differences(before, self.recipe):
            self.events.append(Event(self.step, "changed", {"changes": changes}))

    @property
    def ended(self) -> Event | None:
        """Return by which setting the run is over before its last step, None while it may go on."""
        return stopped(self) if self.step < self.total_steps else None

    def __iter__(self) -> Iterator[TrainRecord]:
        """Train to the end of the recipe; nothing is left to do once it has been reached.

        Whoever leaves the records and asks for them again goes on with the next step, as if nothing had been between.
        After an explosion the steps begin again behind the last good check, once.

        Raises:
            TrainingError: the loss or the gradient exploded twice; it is set back to the last good check.
        """
        while self.step < self.total_steps and not self.ended:
            try:
                yield from self._records()
            except Exploded as explosion:
                go_back(self, self._good, explosion.step)

    def _records(self) -> Iterator[TrainRecord]:
        """Train until the run is over or explodes."""
        recent, start = deque([(self.seconds, self.tokens)], maxlen=SPEED_WINDOW), self._clock()
        for inputs, targets, afresh in self.feed:
            self.network.train()
            rate = self._set_learning_rate()
            loss, norm, self.state = self._update(inputs, targets, None if afresh else self.state)
            self._refuse_explosion(loss, norm)
            self.step, self.tokens = self.step + 1, self.tokens + inputs.size
            start = self._count_time(start)
            held_out = self._check_in() if self._check_is_due() else None
            recent.append((self.seconds, self.tokens))
            speed = (self.tokens - recent[0][1]) / max(self.seconds - recent[0][0], 1e-9)
            self.last_record = record = make_record(self, loss, norm, rate, held_out, speed)
            self.curve.append(record)
            if ended := self.ended:
                self.events.append(ended)
            left = self._clock()
            yield record
            start += self._clock() - left  # time spent by whoever iterates does not count
            if self.step >= self.total_steps or self.ended:
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

    def _count_time(self, start: float) -> float:
        """Add the seconds since a reading of the clock; return the new one."""
        now = self._clock()
        self.seconds += now - start
        return now

    def _refuse_explosion(self, loss: float, norm: float) -> None:
        self.exploded = self.exploded + 1 if loss > worst_loss(self.corpus.tokenizer.vocab_size) else 0
        if not (math.isfinite(loss) and math.isfinite(norm) and self.exploded < EXPLODED_STEPS):
            raise Exploded(self.step + 1)

    def _check_is_due(self) -> bool:
        every = max(1, self.total_steps // self.recipe.train.evaluations)
        return self.step % every == 0 or self.step == self.total_steps or out_of_time(self)

    def _check_in(self) -> Evaluation | None:
        """Keep the weights if they are the best so far and return how they predict the held-out text.

        Without validation the newest are the best. What predicts far worse than guessing has exploded, and is not kept.
        """
        held_out = self.validate(CHECK_STREAMS, CHECK_TOKENS)
        measured = held_out or evaluate(self.network, self.corpus.train_ids, None, CHECK_STREAMS, CHECK_TOKENS)
        if not math.isfinite(measured.loss):
            raise Exploded(self.step)
        self.lowest = min(self.lowest, measured.perplexity)
        self.checks_without_better += 1
        if measured.loss < worst_loss(self.corpus.tokenizer.vocab_size):
            if held_out is None or held_out.perplexity < self.best.perplexity:
                self.best = Best(self.step, held_out.perplexity if held_out else math.inf, self.weights())
                self.checks_without_better = 0
            self._good = take_snapshot(self, curve=False)
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
