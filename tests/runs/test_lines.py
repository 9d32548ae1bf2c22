"""The child that measures the lines: it says what would be measured here, blocks nothing and leaves nothing behind."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deeprnn.config import ModelConfig, Recipe, TextConfig, TrainConfig
from deeprnn.device import Device
from deeprnn.errors import JobError
from deeprnn.runs import lines as lines_room
from deeprnn.runs import references as references_room
from deeprnn.runs.job import DONE, FAILED
from deeprnn.runs.lines import LineMeasurement, read_comparison, write_comparison
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import Beaten, newest_beaten
from deeprnn.text.baselines import Comparison, ReferenceLine, comparison, measure_lines
from deeprnn.text.corpus import Corpus, build_corpus

LONG = 60.0
MODEL = ModelConfig(hidden_size=16, num_layers=1, embedding_size=8)
TRAIN = TrainConfig(batch_size=4, sequence_length=10, max_epochs=1_000_000, optimizer="adamw", learning_rate=0.01)
ENDLESS = Recipe("tiny", model=MODEL, train=TRAIN)

# A parent that starts a child, says so and waits to be killed; the child holds the pipe open as long as it lives.
PARENT = """
import subprocess, sys
child = "import os, time; from deeprnn.runs.lines import end_with; end_with(os.getppid()); print(1, flush=True)"
subprocess.run([sys.executable, "-c", child + "; time.sleep(1000)"])
"""


@pytest.fixture
def corpus(story: str) -> Corpus:
    return build_corpus(story, TextConfig(), "story")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = Studio(Store(tmp_path / "home", bundled=tmp_path / "none"), Device("cpu", "CPU", 1))
    yield opened
    assert opened.close(LONG)


def start(studio: Studio, story: str, recipe: Recipe = ENDLESS) -> None:
    studio.start(studio.add_text("story", story[:20_000])[0].key, recipe)


def test_the_child_measures_what_would_be_measured_here(corpus: Corpus) -> None:
    assert tuple(LineMeasurement(corpus)) == tuple(measure_lines(comparison(corpus)))


@pytest.mark.parametrize("entropy", [None, 1.5])
def test_what_is_measured_travels_whole(entropy: float | None) -> None:
    ids = np.arange(40_000, dtype=np.uint16)[::2]  # no array in one piece
    sent = Comparison(ids, ids[:3].astype(np.uint8), b"\n\x00\xff", "深い".encode(), 50_000, entropy)
    file = io.BytesIO()
    write_comparison(file, sent)
    file.seek(0)
    read = read_comparison(file)
    assert [read.train_ids.dtype.name, read.held_out_ids.dtype.name] == ["uint16", "uint8"]
    assert read.train_ids.tolist() == ids.tolist()
    assert read.held_out_ids.tolist() == [0, 2, 4]
    assert (read.train_text, read.held_out_text) == (sent.train_text, sent.held_out_text)
    assert (read.vocab_size, read.entropy) == (50_000, entropy)
    assert file.read() == b""


def test_an_iteration_left_early_ends_its_child(corpus: Corpus) -> None:
    measurement = LineMeasurement(corpus)
    lines = iter(measurement)
    assert next(lines).key == "uniform"
    lines.close()  # type: ignore[attr-defined]
    assert measurement._child is not None
    assert measurement._child.returncode is not None


def test_a_cancelled_measurement_ends_without_complaint(corpus: Corpus) -> None:
    measurement = LineMeasurement(corpus)
    measurement.cancel()
    assert list(measurement) == []
    measurement = LineMeasurement(corpus)
    for line in measurement:
        assert line.key in ("uniform", "unigram", "bigram")  # lines already written may still be read
        measurement.cancel()
        break
    assert measurement._child is not None
    assert measurement._child.wait(LONG) is not None


def test_a_child_ends_with_a_parent_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"1\n"
        parent.kill()
        assert parent.stdout.read() == b""  # the end of the file comes when no process holds the pipe any more


def test_a_child_that_cannot_start_or_fails_is_told(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(lines_room, "write_comparison", lambda file, task: file.write(b"no JSON\n"))
        with pytest.raises(JobError, match=r"could not be measured \(their process ended with code 1\)"):
            list(LineMeasurement(corpus))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(JobError, match="No such file"):
        list(LineMeasurement(corpus))


def test_a_run_goes_on_without_its_lines(studio: Studio, story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    start(studio, story)
    while not studio.run().notices or studio.run().cursor < 5:
        studio.wait(0.01)
    assert [notice.key for notice in studio.run().notices] == ["lines_failed"]
    assert studio.run().lines == ()


def test_a_run_does_not_wait_for_its_lines_and_cancels_them(
    studio: Studio, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They used to be measured between two steps."""
    cancelled = threading.Event()

    class Slow:
        def __init__(self, corpus: Corpus) -> None:
            assert comparison(corpus).vocab_size

        def __iter__(self) -> Iterator[ReferenceLine]:
            yield ReferenceLine("uniform", 30.0)
            assert cancelled.wait(LONG)

        cancel = cancelled.set

    monkeypatch.setattr(references_room, "LineMeasurement", Slow)
    start(studio, story)
    while studio.run().cursor < 30 or not studio.run().lines:
        studio.wait(0.01)
    assert studio.run().lines == (("uniform", 30.0),)
    assert not cancelled.is_set()
    studio.stop()
    assert studio.wait(LONG)
    assert studio.run().state == DONE
    assert cancelled.is_set()


def test_lines_that_were_cancelled_are_measured_anew_as_soon_as_the_first_have_ended(
    monkeypatch: pytest.MonkeyPatch, story: str, studio: Studio
) -> None:
    """A run that gave way kept half of its lines for good, and one that came back at once failed: they were busy."""
    may_end, made = threading.Event(), list[object]()

    class Slow:
        def __init__(self, corpus: Corpus) -> None:
            made.append(self)

        def __iter__(self) -> Iterator[ReferenceLine]:
            yield ReferenceLine("uniform", 30.0)
            assert may_end.wait(LONG)

        def cancel(self) -> None:
            """Take a while."""

    monkeypatch.setattr(references_room, "LineMeasurement", Slow)
    key = studio.add_text("story.txt", story)[0].key
    corpus, references = studio.texts.corpus(key, ENDLESS.text), references_room.References()
    references.begin(corpus)
    references.cancel()
    references.begin(corpus)  # after the next step it is asked again
    assert len(made) == 1
    may_end.set()
    references.wait()
    references.begin(corpus)
    references.wait()
    assert len(made) == 2
    references.begin(corpus)
    assert len(made) == 2


@pytest.mark.parametrize("fraction", [0.0, 0.1])
def test_a_run_says_whom_it_has_beaten(studio: Studio, story: str, fraction: float) -> None:
    start(studio, story, ENDLESS.replace(validation_fraction=fraction, evaluations=10_000, max_steps=10_000))
    while (beaten := studio.run().beaten) is None:
        assert studio.run().state != FAILED
        studio.wait(0.01)
    lines = dict(studio.run().lines)
    assert lines[beaten.key] == beaten.line > beaten.perplexity


def test_the_newest_line_beaten_is_the_lowest_so_far() -> None:
    lines = [("uniform", 28.0), ("entropy", 2.0), ("unigram", 17.0), ("bigram", 10.0)]
    assert newest_beaten(lines, 28.0, None) is None
    first = newest_beaten(lines, 20.0, None)
    assert first == Beaten("uniform", 28.0, 20.0)
    assert newest_beaten(lines, 19.0, first) is first  # the sentence keeps the figures of the crossing
    assert newest_beaten(lines, 30.0, first) is first
    assert newest_beaten(lines, 40.0, first) is None  # overfitted, it used to be told of the bigram for ever
    below = newest_beaten(lines, 1.5, first)  # two lines at once, and the exact limit by luck
    assert below == Beaten("bigram", 10.0, 1.5)
    assert newest_beaten([], 1.0, below) is below
