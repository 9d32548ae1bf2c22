"""Training against an independent transcription of the chapter's loop, and what it promises to its users."""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from deeprnn.config import ModelConfig, Recipe, TrainConfig
from deeprnn.device import Device
from deeprnn.errors import TrainingError
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.training.evaluate import Evaluation, evaluate
from deeprnn.training.feed import DATA_STREAM
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord, perplexity
from deeprnn.training.report import make_checkpoint
from deeprnn.training.train import Training

CPU = Device("cpu", "CPU", 1)


def verse(lines: int = 60) -> str:
    """Return a text with something to learn, long enough for a few minibatches."""
    rng = np.random.default_rng(3)
    words = ["the", "bell", "was", "silent", "and", "river", "low", "under", "stone", "again"]
    return "\n".join(" ".join(rng.choice(words, 8)) + "." for _ in range(lines))


def small(**changes: Any) -> Recipe:
    model = ModelConfig(hidden_size=16, num_layers=2, embedding_size=8)
    train = TrainConfig(batch_size=4, sequence_length=10, max_epochs=2, optimizer="adamw", learning_rate=0.01)
    return Recipe("small", model=model, train=train).replace(**changes)


def training(recipe: Recipe | None = None, text: str = "") -> Training:
    recipe = recipe or small()
    return Training(build_corpus(text or verse(), recipe.text, "verse"), recipe, CPU)


def chapter_loop(corpus: Corpus, model: nn.LSTM, head: nn.Linear, epochs: int, seed: int) -> list[float]:
    """Transcribe the chapter's training loop: one-hot input, SGD at 2, clipping at 1, carried state."""
    batch, steps, vocab = 32, 35, corpus.tokenizer.vocab_size
    rng, losses = np.random.default_rng((seed, DATA_STREAM)), []
    parameters = [*model.parameters(), *head.parameters()]
    ids = torch.from_numpy(corpus.train_ids.astype(np.int64))
    for _ in range(epochs):
        offset = int(rng.integers(0, steps + 1))
        count = (len(ids) - offset - 1) // batch * batch
        xs, ys = ids[offset : offset + count].view(batch, -1), ids[offset + 1 : offset + 1 + count].view(batch, -1)
        state = None
        for i in range(0, xs.shape[1] // steps * steps, steps):
            x, y = xs[:, i : i + steps], ys[:, i : i + steps]
            if state is not None:
                state = tuple(part.detach() for part in state)
            hidden, state = model(F.one_hot(x.T, vocab).float(), state)
            loss = F.cross_entropy(head(hidden.reshape(-1, hidden.shape[-1])), y.T.reshape(-1))
            for p in parameters:
                p.grad = None
            loss.backward()
            norm = torch.stack([(p.grad**2).sum() for p in parameters if p.grad is not None]).sum().sqrt()
            with torch.no_grad():
                for p in parameters:
                    assert p.grad is not None
                    p.sub_(2.0 * p.grad * min(1.0, 1.0 / norm.item()))
            losses.append(loss.item())
    return losses


def test_d2l_preset_is_the_chapters_loop_loss_by_loss(corpora: Path) -> None:
    """Three epochs of the chapter's recipe, against the loop above on `nn.LSTM(28, 256, 2)` with the same weights."""
    recipe = PRESETS["d2l"].replace(max_epochs=3)
    corpus = build_corpus((corpora / "timemachine.txt").read_text("utf-8"), recipe.text, "The Time Machine")
    assert (len(corpus.train_ids), corpus.tokenizer.vocab_size) == (10_000, 28)
    ours = Training(corpus, recipe, CPU)
    torch.manual_seed(recipe.train.seed)
    model, head = nn.LSTM(28, 256, 2), nn.Linear(256, 28)
    theirs = chapter_loop(corpus, model, head, epochs=3, seed=recipe.train.seed)
    losses = [record.loss for record in ours]
    assert len(losses) == len(theirs) == 24
    assert losses == pytest.approx(theirs, abs=1e-5)


def comparable(records: list[TrainRecord]) -> list[tuple[Any, ...]]:
    return [(r.step, r.epoch, r.tokens, r.loss, r.validation_perplexity, r.gradient_norm) for r in records]


@pytest.mark.parametrize("partition", ["sequential", "random"])
def test_one_seed_gives_one_run_to_the_last_bit_whatever_the_global_state(partition: str) -> None:
    recipe = small(partition=partition, dropout=0.3)
    first = training(recipe)
    records = list(first)
    torch.manual_seed(999)
    np.random.seed(999)
    torch.rand(7)
    second = training(recipe)
    before = torch.get_rng_state()
    assert comparable(list(second)) == comparable(records)
    assert torch.equal(before, torch.get_rng_state())
    for name, value in first.weights().items():
        assert torch.equal(value, second.weights()[name]), name
    other = training(recipe.replace(seed=1))
    assert comparable(list(other)) != comparable(records)


def test_records_add_up() -> None:
    run = training(small(max_epochs=3))
    records = list(run)
    assert [r.step for r in records] == list(range(1, run.total_steps + 1))
    assert run.total_steps == 3 * run.steps_per_epoch
    assert [r.tokens for r in records] == [40 * r.step for r in records]
    for r in records:
        assert r.perplexity == pytest.approx(math.exp(r.loss))
        assert r.bits_per_character == pytest.approx(r.loss / math.log(2))
    checked = [r.step for r in records if r.validation_perplexity is not None]
    assert checked[-1] == run.total_steps
    assert run.best.perplexity == min(r.validation_perplexity for r in records if r.validation_perplexity)


def test_max_steps_ends_a_run_early() -> None:
    assert [r.step for r in training(small(max_steps=3))] == [1, 2, 3]


def test_a_training_that_has_ended_stays_as_it_is() -> None:
    """A second look at its records took a step beyond the schedule and changed the weights."""
    run = training(small(max_steps=3))
    before = (len(list(run)), run.weights())
    assert list(run) == []
    assert before[0] == run.step == 3
    assert all(torch.equal(value, before[1][name]) for name, value in run.weights().items())


def test_the_time_of_the_watcher_does_not_count() -> None:
    ticks = itertools.count()
    run = training(small(max_steps=3))
    run._clock = lambda: float(next(ticks))  # one second a look
    elapsed = []
    for record in run:
        elapsed.append(record.elapsed_seconds)
        for _ in range(1000):
            next(ticks)  # the watcher is slow
    assert elapsed[-1] < 10


def test_state_is_carried_within_an_epoch_and_zero_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    run, states = training(small(max_epochs=2)), []
    update = run._update

    def spy(inputs: Any, targets: Any, state: Any) -> Any:
        result = update(inputs, targets, state)
        states.append((state, result[2]))
        return result

    monkeypatch.setattr(run, "_update", spy)
    list(run)
    assert states[0][0] is None
    assert sum(state is None for state, _ in states) == 2  # once an epoch
    for (_, left), (taken, _) in itertools.pairwise(states):
        assert taken is None or taken is left
        assert not any(part.requires_grad for part in left)


def test_learns() -> None:
    run = training(small(max_epochs=40))
    records = list(run)
    assert run.best.perplexity < 0.3 * records[0].perplexity


def test_without_validation_the_newest_weights_are_the_best() -> None:
    run = training(small(validation_fraction=0.0))
    assert {r.validation_perplexity for r in run} == {None}
    assert run.best.step == run.total_steps


def test_a_run_that_ends_before_its_first_check_keeps_what_it_has_learnt() -> None:
    """The best weights of such a run used to be the untrained ones."""
    run = training(small(evaluations=1, max_epochs=5))
    list(itertools.islice(run, 3))
    run.keep_newest()
    assert run.best.step == 3
    assert torch.equal(run.best.weights["output.weight"], run.weights()["output.weight"])
    checked = training(small(max_epochs=4))
    list(checked)
    chosen = checked.best
    checked.keep_newest()
    assert checked.best is chosen


def explode(run: Training) -> None:
    with torch.no_grad():
        run.network.output.bias[0] = math.nan


def until_its_first_check(run: Training) -> Iterator[TrainRecord]:
    steps = iter(run)
    while not run.best.step:
        next(steps)
    return steps


def test_an_explosion_goes_back_to_the_last_good_check_with_half_the_rate() -> None:
    run = training(small(max_epochs=20))
    steps = until_its_first_check(run)
    good, rate = run.snapshot(), run.recipe.train.learning_rate
    next(steps)
    explode(run)
    record = next(steps)
    assert record.step == run.step == run.best.step + 1
    assert record.learning_rate == rate / 2
    assert list(run.curve.steps) == list(range(1, record.step + 1))
    [event] = run.events
    assert (event.step, event.kind) == (run.step + 1, "exploded")
    assert event.details == {"back_to": run.best.step, "rate": rate / 2}
    other = Training.resume(run.corpus, run.recipe, CPU, good)
    next(iter(other))
    assert all(torch.equal(value, run.weights()[name]) for name, value in other.weights().items())
    assert run.feed.position() == other.feed.position()


def test_a_second_explosion_sets_the_step_back_to_that_of_the_weights() -> None:
    """The last model of an exploded run used to carry the newest step beside the weights of an older one."""
    run = training(small(max_epochs=20))
    steps = until_its_first_check(run)
    kept, tokens = run.best.step, run.tokens
    explode(run)
    next(steps)
    explode(run)
    with pytest.raises(TrainingError, match=f"model of step {kept} is kept"):
        next(steps)
    assert (run.step, run.tokens, run.curve.steps[-1]) == (kept, tokens, kept)
    assert make_checkpoint(run, "last", best=False).metrics["step"] == kept
    assert all(torch.isfinite(value).all() for value in run.snapshot().tensors.values())


def test_whoever_has_lowered_the_rate_after_an_explosion_gets_another_chance() -> None:
    run = training(small(max_epochs=20))
    steps = until_its_first_check(run)
    explode(run)
    next(steps)
    run.change(learning_rate=0.001)
    explode(run)
    assert next(steps).learning_rate == 0.0005
    branch = Training.resume(run.corpus, run.recipe.replace(learning_rate=0.002), CPU, run.snapshot())
    steps = iter(branch)
    explode(branch)
    assert next(steps).learning_rate == 0.001
    explode(branch)
    with pytest.raises(TrainingError):
        next(steps)


@pytest.mark.parametrize("changes", [{"learning_rate": 1e6, "max_grad_norm": 1e6}, {"learning_rate": 1e6}])
def test_an_explosion_stops_with_advice_and_keeps_the_last_good_model(changes: dict[str, float]) -> None:
    """A rate of a million used to run on, with a perplexity of 1e304 and a model of no use to anybody."""
    run = training(small(optimizer="sgd", max_epochs=50, **changes))
    with pytest.raises(TrainingError, match="lower learning rate"):
        list(run)
    assert all(torch.isfinite(value).all() for value in run.weights().values())
    assert math.isfinite(make_checkpoint(run, "kept").network.output.weight.sum().item())


def test_an_explosion_without_validation_keeps_only_what_still_predicts_its_text() -> None:
    """The newest weights were kept unseen: of an exploded run of the chapter's recipe, a model that did not load."""
    run = training(small(validation_fraction=0.0, optimizer="sgd", learning_rate=1e6, evaluations=100, max_epochs=50))
    with pytest.raises(TrainingError, match="lower learning rate"):
        list(run)
    worst = 3 * math.log(run.corpus.tokenizer.vocab_size + 1)
    assert evaluate(run.network, run.corpus.train_ids).loss < worst


def test_a_check_that_is_no_number_is_an_explosion(monkeypatch: pytest.MonkeyPatch) -> None:
    """It used to be written into a record, which the command line could not print and the page could not draw."""
    run = training(small(max_epochs=5, evaluations=100))
    steps = iter(run)
    next(steps)
    nothing = Evaluation(math.nan, math.nan, math.nan, 10, 10)
    monkeypatch.setattr("deeprnn.training.train.evaluate", lambda *_: nothing)
    with pytest.raises(TrainingError, match="lower learning rate"):
        list(steps)
    assert perplexity(math.nan) == perplexity(math.inf) == math.exp(700)


def test_a_loss_that_is_not_a_number_never_reaches_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    run = training(small(max_epochs=5))
    steps = iter(run)
    next(steps)
    explode(run)
    assert next(steps).step == 1
    explode(run)
    with pytest.raises(TrainingError, match="step 2"):
        next(steps)
    assert all(torch.isfinite(value).all() for value in run.weights().values())


def test_a_checkpoint_carries_the_figures_and_the_curve() -> None:
    run = training(small(max_epochs=4))
    records = list(run)
    kept = make_checkpoint(run, "verse 1", best=False)
    last = [r.loss for r in records[-run.steps_per_epoch :]]
    assert kept.metrics["loss"] == pytest.approx(sum(last) / len(last))
    assert kept.metrics["step"] == run.total_steps
    assert kept.metrics["history"]["train"][0][-1] == run.total_steps
    best = make_checkpoint(run, "verse 1", best=True)
    assert best.metrics["validation_perplexity"] == pytest.approx(run.best.perplexity)
    for name, value in best.network.state_dict().items():
        assert torch.equal(value, run.best.weights[name])


# when it ends before its last step


def test_it_ends_after_so_many_checks_without_a_better_one() -> None:
    run = training(small(max_epochs=500, evaluations=500, learning_rate=0.05, patience=3))
    checks = [record.validation_perplexity or math.inf for record in run if record.validation_perplexity]
    assert run.step < run.total_steps
    best = min(checks)
    assert checks.index(best) == len(checks) - 4
    assert run.ended
    assert str(run.ended.message) == f"Step {run.step}: ended by patience = 3."
    assert run.events == [run.ended]
    assert list(run) == []
    run.change(patience=4)
    assert run.ended is None
    assert next(iter(run)).step == run.step


@pytest.mark.parametrize("held_out", [0.1, 0.0])
def test_it_ends_at_a_target(held_out: float) -> None:
    run = training(small(max_epochs=500, evaluations=500, target_perplexity=6.0, validation_fraction=held_out))
    perplexities = [record.validation_perplexity for record in run]
    assert run.step < run.total_steps
    assert run.lowest <= 6.0
    assert run.ended
    assert run.ended.details == {"name": "target_perplexity", "value": 6.0}
    if held_out:
        assert [value for value in perplexities if value and value <= 6.0] == [run.best.perplexity]


def test_it_ends_after_some_minutes_and_checks_what_it_has_learnt() -> None:
    ticks = itertools.count()
    run = training(small(max_epochs=20, evaluations=1, max_minutes=1))
    run._clock = lambda: 5.0 * next(ticks)  # seconds: ten and more for each step
    records = list(run)
    assert len(records) < 10
    assert records[-1].elapsed_seconds >= 60 > records[-2].elapsed_seconds
    assert run.ended
    assert run.ended.kind == "ended"
    assert run.best.step == run.step
    later = Training.resume(run.corpus, run.recipe, CPU, run.snapshot())
    assert list(later) == []
    later = Training.resume(run.corpus, run.recipe.replace(max_minutes=100), CPU, run.snapshot())
    assert next(iter(later)).step == run.step + 1


def test_a_regular_end_is_no_event() -> None:
    run = training(small(max_steps=4, patience=1))
    list(run)
    assert run.ended is None
    assert [event.kind for event in run.events if event.step == 4] == []
