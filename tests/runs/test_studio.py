"""The studio as a page uses it: learn a text, watch, write meanwhile, pause, stop, keep, load back."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprnn.config import ModelConfig, Recipe, SamplingConfig, TrainConfig
from deeprnn.device import Device
from deeprnn.errors import CheckpointError, InputError, TextError
from deeprnn.runs import run as run_room
from deeprnn.runs import saving
from deeprnn.runs.entries import KeptCheckpoint
from deeprnn.runs.job import DONE, FAILED, PAUSED
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import Sample
from deeprnn.training import memory
from deeprnn.training.train import Training

CPU = Device("cpu", "CPU", 1)
LONG = 60.0
GREEDY = SamplingConfig(temperature=0.0, max_new_tokens=20)


def tiny(**changes: Any) -> Recipe:
    model = ModelConfig(hidden_size=16, num_layers=1, embedding_size=8)
    train = TrainConfig(batch_size=4, sequence_length=10, max_epochs=3, optimizer="adamw", learning_rate=0.01)
    return Recipe("tiny", model=model, train=train).replace(**changes)


ENDLESS = tiny(max_epochs=1_000_000)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = Studio(Store(tmp_path / "home", bundled=tmp_path / "none"), CPU)
    yield opened
    assert opened.close(LONG)


@pytest.fixture
def verse(studio: Studio) -> str:
    words = np.random.default_rng(0).choice(["the", "bell", "was", "still", "and", "deep"], 400)
    return studio.add_text("verse.txt", " ".join(words))[0].key


def test_a_run_from_start_to_a_model_that_writes(studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    view = studio.run()
    assert (view.number, view.state, view.message) == (number, DONE, None)
    records = studio.runs.records(number)
    assert [r.step for r in records] == list(range(1, view.total_steps + 1))
    assert records[-1] == view.last
    assert view.sample is not None
    assert {key for key, _ in view.lines} >= {"uniform", "unigram"}
    assert [(m.kind, m.number) for m in studio.models()] == [("best", number), ("last", number)]
    written = "".join(token.text for token in studio.write(f"run:{number}:best", "the ", GREEDY).tokens)
    assert len(written) == 20


def test_records_are_read_by_cursor_and_none_is_missing(studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny(max_epochs=30))
    seen: list[int] = []
    for _ in itertools.count():
        ended = studio.wait(0.01)
        seen.extend(r.step for r in studio.runs.records(number, after=seen[-1] if seen else 0))
        if ended:
            break
    assert seen == list(range(1, studio.run().total_steps + 1))


def test_pause_keeps_the_model_usable_and_resume_goes_on(studio: Studio, verse: str) -> None:
    studio.start(verse, ENDLESS)
    while studio.run().cursor < 3:
        studio.wait(0.01)
    studio.pause()
    assert studio.settle(LONG)
    assert studio.run().state == PAUSED
    step = studio.run().cursor
    assert "".join(token.text for token in studio.write("live", "the ", GREEDY).tokens)
    assert studio.run().cursor == step
    studio.resume()
    studio.stop()
    assert studio.wait(LONG)
    assert studio.run().state == DONE


def test_a_pause_saves_where_the_run_is(studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may last longer than the program."""
    real, saved = studio.store.kept, threading.Event()

    def kept(number: int) -> tuple[KeptCheckpoint, ...]:
        found = real(number)
        if found:
            saved.set()
        return found

    monkeypatch.setattr(studio.store, "kept", kept)
    studio.start(verse, ENDLESS)
    while studio.run().cursor < 3:
        studio.wait(0.01)
    studio.pause()
    assert saved.wait(LONG)
    assert studio.run().checkpoints[-1].step == studio.run().cursor


def test_stop_keeps_the_best_and_the_last_model(studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS)
    while studio.run().cursor < 5:
        studio.wait(0.01)
    studio.stop()
    assert studio.wait(LONG)
    last = studio.store.load(f"run:{number}:last")
    assert last.metrics["step"] == studio.run().cursor
    assert 0 < studio.store.load(f"run:{number}:best").metrics["step"] <= last.metrics["step"]
    assert studio.close(LONG)  # ended by itself, it used to refuse


def test_a_stop_does_not_wait_for_a_hundred_samples_that_were_asked_for(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was written one after the other before the stop was looked at: a stop took minutes."""
    real, inside, go_on = Training._update, threading.Event(), threading.Event()

    def update(self: Training, *batch: Any) -> Any:
        inside.set()
        assert go_on.wait(LONG)
        return real(self, *batch)

    monkeypatch.setattr(Training, "_update", update)
    number = studio.start(verse, ENDLESS)
    assert inside.wait(LONG)
    for count in range(100):
        studio.sample_now()
        studio.save_now()
        studio.change(prefix=f"the {count}")
    studio.stop()
    go_on.set()
    assert studio.wait(LONG)
    assert studio.store.recorder.flush(LONG)
    assert 0 < len(studio.runs.samples(number)) <= 4
    assert [event.details["changes"] for event in studio.store.database.events(number)] == ["prefix → the 99"]


def test_the_end_of_the_program_waits_for_no_long_step_and_keeps_the_best(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step of a large network takes longer than a program may take to end; all since the last save was lost."""
    real, inside, go_on = Training._update, threading.Event(), threading.Event()

    def update(self: Training, *batch: Any) -> Any:
        if self.step == 4:
            inside.set()
            assert go_on.wait(LONG)
        return real(self, *batch)

    monkeypatch.setattr(Training, "_update", update)
    number = studio.start(verse, ENDLESS.replace(evaluations=10_000, max_steps=10_000))
    assert inside.wait(LONG)
    assert not studio.close(0.1)
    assert 0 < studio.store.load(f"run:{number}:best").metrics["step"] <= 4
    go_on.set()
    assert studio.wait(LONG)


def test_a_run_stopped_before_its_first_check_keeps_what_it_has_learnt_as_the_best(studio: Studio, verse: str) -> None:
    """It used to keep the untrained weights, select them to write, and say that they were those of the last step."""
    number = studio.start(verse, ENDLESS.replace(evaluations=1))
    while studio.run().cursor < 3:
        studio.wait(0.01)
    studio.stop()
    assert studio.wait(LONG)
    best, last = (studio.store.load(f"run:{number}:{which}") for which in ("best", "last"))
    assert best.metrics["step"] == last.metrics["step"] == studio.run().cursor
    for name, value in last.network.state_dict().items():
        assert value.equal(best.network.state_dict()[name])


def test_a_model_that_could_be_saved_after_all_is_not_told_as_unsaved(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = studio.store.save_best, [True]

    def save(*args: Any) -> None:
        if full:
            full.pop()
            raise CheckpointError("cannot_write", path="x", reason="No space left on device")
        real(*args)

    monkeypatch.setattr(studio.store, "save_best", save)
    monkeypatch.setattr(saving, "BEST_SECONDS", 0.0)
    monkeypatch.setattr(saving, "SAVE_SHARE", 0.0)
    studio.start(verse, tiny())
    assert studio.wait(LONG)
    assert not full
    assert not [notice for notice in studio.run().notices if notice.key == "save_failed"]


def test_writing_does_not_disturb_the_weights_that_train(studio: Studio, verse: str) -> None:
    """Two runs of one seed, one of them written with at every step, must end with the same bits."""
    studio.start(verse, tiny())
    while not studio.wait(0.0):
        if any(model.key == "live" for model in studio.models()):
            try:
                list(studio.write("live", "the ", GREEDY).tokens)
            except CheckpointError:  # the run has just begun, or just ended
                continue
    training = Training(studio.texts.corpus(verse, tiny().text), tiny(), CPU)
    list(training)
    run = studio.runs.current()
    assert run is not None
    assert (disturbed := run.training) is not None
    for name, value in training.weights().items():
        assert value.equal(disturbed.weights()[name]), name


def test_a_failure_is_a_state_with_its_message_and_the_good_model_stays(studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS.replace(optimizer="sgd", learning_rate=1e6, max_grad_norm=1e6))
    assert studio.wait(LONG)
    view = studio.run()
    assert view.state == FAILED
    assert view.message is not None
    assert view.message.key == "exploded_at_once"
    assert view.seconds_left is None
    assert f"run:{number}:best" not in {model.key for model in studio.models()}  # there is nothing to keep
    studio.start(verse, tiny())
    assert studio.wait(LONG)
    assert studio.run().state == DONE


def test_a_fault_of_the_program_is_shown_too(studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(Training, "_update", broken)
    studio.start(verse, tiny())
    assert studio.wait(LONG)
    failure = studio.run().message
    assert failure is not None
    assert "ZeroDivisionError: oh" in str(failure)


def test_training_goes_on_when_the_disk_is_full_and_the_page_says_so(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise CheckpointError("cannot_write", path="somewhere", reason="No space left on device")

    monkeypatch.setattr("deeprnn.runs.store.save_checkpoint", full)
    studio.start(verse, tiny())
    assert studio.wait(LONG)
    view = studio.run()
    assert view.state == DONE
    assert [n for n in view.notices if n.key == "save_failed" and "No space left" in str(n)]


def test_a_model_travels_as_one_file(studio: Studio, verse: str, tmp_path: Path) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    packed = studio.export_model(f"run:{number}:best")
    assert packed.name == f"verse-txt-run-{number}-best.zip"
    other = Studio(Store(tmp_path / "elsewhere", bundled=tmp_path / "none"), CPU)
    entry = other.import_model(packed)
    assert [m.key for m in other.models()] == [entry.key]
    texts = [
        "".join(t.text for t in s.write(key, "the ", GREEDY).tokens)
        for s, key in ((studio, f"run:{number}:best"), (other, entry.key))
    ]
    assert texts[0] == texts[1]
    assert other.model_curve(entry.key)["runs"][0]["ghost"]


def test_models_and_texts_are_there_again_after_a_restart(studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    assert studio.close(LONG)
    again = Studio(Store(studio.store.home, bundled=studio.store.home / "none"), CPU)
    assert {m.key for m in again.models()} == {f"run:{number}:best", f"run:{number}:last"}
    assert verse in {entry.key for entry in again.corpora()}
    assert again.start(verse, tiny()) == number + 1
    assert again.close(LONG)


def test_a_run_that_cannot_fit_the_memory_never_starts(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda device: 10**7)
    huge = tiny(batch_size=512, sequence_length=512, hidden_size=2048, precision="auto")
    with pytest.raises(InputError, match=r"only 0\.01 GB are free"):
        studio.start(verse, huge)
    plan = studio.plan(verse, huge)  # it foretells what start refuses, and tries nothing out
    assert (plan.fits, plan.seconds, plan.findings[0].key) == (False, None, "not_enough_memory")
    assert plan.findings[0].message.details["needed"] == f"{plan.memory / 1e9:.1f}"
    monkeypatch.setattr(memory, "free_memory", lambda device: 4 * 10**7)
    plan = studio.plan(verse, tiny(), measure=False)
    assert plan.fits
    assert "memory" in [finding.key for finding in plan.findings]


def test_plan_says_what_a_run_would_be(studio: Studio, verse: str) -> None:
    plan = studio.plan(verse, tiny(batch_size=64, sequence_length=512))
    assert plan.seconds is not None
    assert plan.seconds > 0
    assert "minibatch_shrunk" in {n.key for n in plan.notices}
    training = Training(studio.texts.corpus(verse, plan.recipe.text), plan.recipe, CPU)
    assert plan.parameters == sum(p.numel() for p in training.network.parameters())
    assert studio.plan(verse, tiny(), measure=False).seconds is None


def test_the_model_of_a_run_that_never_was_is_unknown(studio: Studio) -> None:
    """A program that asked for it was told to try again in a second, for ever."""
    with pytest.raises(CheckpointError) as refusal:
        studio.write("live", "the ", GREEDY)
    assert refusal.value.message.key == "unknown_model"


@pytest.mark.parametrize("key", ["../../etc/passwd", "own:../x", "run:1:best", "", "bundled:..", "live"])
def test_a_key_is_never_a_path(studio: Studio, key: str) -> None:
    with pytest.raises(CheckpointError):
        studio.write(key, "a", GREEDY)
    with pytest.raises(CheckpointError):
        studio.export_model(key)
    with pytest.raises(InputError):
        studio.plan(key, tiny())


@pytest.mark.parametrize("data", [b"", b"   \n", b"a" * 50, b"\x00\x01\x02" * 99])
def test_texts_that_cannot_be_learnt_are_refused_when_they_are_added(studio: Studio, data: bytes) -> None:
    with pytest.raises(TextError):
        studio.add_text("bad.txt", data)
    assert all(entry.kind != "own" for entry in studio.corpora())


def test_samples_come_from_one_prefix_and_are_rewritten(
    studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_room, "SAMPLE_SECONDS", 0.0)
    studio.start(verse, ENDLESS)
    samples: dict[int, Sample] = {}
    while len(samples) < 3:
        studio.wait(0.01)
        if (sample := studio.run().sample) is not None:
            samples[sample.step] = sample
    assert len({sample.prefix for sample in samples.values()}) == 1


def test_closing_saves_what_was_learnt(studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS)
    while studio.run().cursor < 3:
        studio.wait(0.01)
    assert studio.close(LONG)
    step = studio.run().cursor
    again = Store(studio.store.home, bundled=studio.store.home / "none")
    assert again.load(f"run:{number}:last").metrics["step"] == step
    assert again.database.run(number).state == "interrupted"
    again.close()


def test_a_crash_between_the_two_renames_of_a_save_loses_nothing(studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    assert studio.close(LONG)
    best = studio.store.home / "runs" / f"{number:04d}" / "best"
    best.rename(best.with_name(".best.deeprnn-old-1"))
    again = Store(studio.store.home, bundled=studio.store.home / "none")
    assert f"run:{number}:best" in again.models()
    assert again.load(f"run:{number}:best").metrics["step"] > 0
