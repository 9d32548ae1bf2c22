"""Foretold memory against the real peak of a child process; refusals and warnings against a made-up machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.memory import RUNS, measure, predict
from deeprnn import device as devices
from deeprnn.config import Recipe
from deeprnn.device import Device, choose_device, free_memory
from deeprnn.errors import ConfigError
from deeprnn.text.corpus import build_corpus
from deeprnn.training import memory
from deeprnn.training.memory import memory_finding, predict_memory, refuse_what_does_not_fit
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

CPU = choose_device("cpu")
HUGE = Recipe().replace(batch_size=512, sequence_length=512, hidden_size=2048)
MEASURED = [RUNS[10], RUNS[13], RUNS[16], RUNS[17]]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("run", MEASURED, ids=lambda run: f"{run[1]}-{run[8]}")
def test_what_is_foretold_is_what_is_taken(run: tuple[object, ...]) -> None:
    real = measure(run)
    assert 0.9 * real <= predict(run) <= 2.2 * real


def test_there_are_twenty_runs_of_every_kind() -> None:
    assert len(set(RUNS)) == 20
    assert {run[1] for run in RUNS} == {"lstm", "gru", "rnn_tanh", "rnn_relu"}
    assert {run[7:9] for run in RUNS} >= {("sgd", "float32"), ("adamw", "float32"), ("adamw", "bfloat16")}


@pytest.mark.parametrize("name", ["hidden_size", "num_layers", "batch_size", "sequence_length", "embedding_size"])
def test_more_of_anything_takes_more(name: str) -> None:
    recipe = PRESETS["balanced"].replace(batch_size=256)
    more = recipe.replace(**{name: 2 * recipe.settings()[name]})
    assert predict_memory(more, 100).total > predict_memory(recipe, 100).total
    assert predict_memory(recipe, 200).total > predict_memory(recipe, 100).total


def free(monkeypatch: pytest.MonkeyPatch, size: float | None) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda device: None if size is None else int(size))


def test_what_surely_does_not_fit_is_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, story: str
) -> None:
    free(monkeypatch, 16e9)
    with pytest.raises(ConfigError, match=r"about \d+\.\d GB.*16\.0 GB.*batch_size, sequence_length, hidden_size"):
        refuse_what_does_not_fit(HUGE, 100, CPU)
    corpus = build_corpus(story * 4, HUGE.text, "x")
    with pytest.raises(ConfigError) as caught:
        Training(corpus, HUGE, CPU)
    assert caught.value.message.key == "not_enough_memory"
    free(monkeypatch, 1e8)
    with pytest.raises(ConfigError, match="hidden_size, num_layers"):
        refuse_what_does_not_fit(Recipe().replace(hidden_size=2048, batch_size=1), 100, CPU)
    free(monkeypatch, None)
    refuse_what_does_not_fit(HUGE, 100, CPU)


def test_a_warning_comes_with_a_recipe_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 64e9)
    assert memory_finding(Recipe(), 100, CPU) is None
    finding = memory_finding(HUGE, 100, CPU)
    assert finding
    assert finding.remedy
    assert set(finding.remedy.settings) == {"batch_size"}
    assert memory_finding(HUGE.replace(**finding.remedy.settings), 100, CPU) is None
    free(monkeypatch, 3e8)
    wide = Recipe().replace(hidden_size=2048, batch_size=1)
    finding = memory_finding(wide, 100, CPU)
    assert finding
    assert finding.remedy
    assert set(finding.remedy.settings) == {"hidden_size"}
    free(monkeypatch, 1e6)
    finding = memory_finding(wide, 100, CPU)
    assert finding
    assert finding.remedy is None
    free(monkeypatch, None)
    assert memory_finding(HUGE, 100, CPU) is None


# what is free


def test_this_machine_has_some_memory_left() -> None:
    left = free_memory(CPU)
    assert left is None or 1e6 < left < 1e14


def test_the_tightest_limit_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n", "ascii")
    (tmp_path / "memory.current").write_text("700\n", "ascii")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 100\n", "ascii")
    assert devices._container_rest(str(tmp_path)) == 400
    (tmp_path / "memory.max").write_text("max\n", "ascii")
    assert devices._container_rest(str(tmp_path)) is None
    assert devices._container_rest(str(tmp_path / "none")) is None
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    7 kB\n", "ascii")
    assert devices._available(str(tmp_path / "meminfo")) == 7 * 1024
    for name, size in (("_available", 50), ("_container_rest", 40), ("_process_rest", None)):
        monkeypatch.setattr(devices, name, lambda size=size: size)
    assert free_memory(CPU) == 40
    monkeypatch.setattr(devices, "_container_rest", lambda: -5)
    assert free_memory(CPU) == 0
    for name in ("_available", "_container_rest"):
        monkeypatch.setattr(devices, name, lambda: None)
    assert free_memory(Device("cpu", "CPU", 1)) is None
