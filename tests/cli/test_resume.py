"""A run on the command line that was killed goes on to the same end; what cannot go on is refused in words."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import deeprnn
from deeprnn.cli import main
from deeprnn.config import Recipe
from deeprnn.device import choose_device
from deeprnn.runs.rows import RunRow
from deeprnn.runs.state import load_state
from deeprnn.runs.store import Store
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.report import make_checkpoint
from deeprnn.training.train import Training

from .conftest import TEXT, TINY, Run
from .test_refusals import refused

STEPS = 90
LEARN = [*TINY, "--set", f"max_steps={STEPS}", "--set", "dropout=0.3", "--set", "evaluations=4"]
# A command whose folder is saved after every step, not every ten seconds.
HASTY = """
import sys
from deeprnn.cli import keeper, main
keeper.SAVE_SECONDS = keeper.SAVE_SHARE = 0.0
sys.exit(main(sys.argv[1:]))
"""


def kill_after(lines: int, *arguments: object) -> int:
    """Kill a command without a warning once it has done so many steps; return the number of the last one seen."""
    command = [sys.executable, "-c", HASTY, *map(str, arguments), "--json"]
    # A small pipe, read byte by byte, so that it can run ahead by a few steps only.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, pipesize=4096
    ) as process:
        assert process.stdout is not None
        seen = [json.loads(process.stdout.readline())["step"] for _ in range(lines)]
        process.kill()
    return int(seen[-1])


def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been(
    run: Run, text_file: Path, tmp_path: Path
) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    last = kill_after(5, "train", text_file, *LEARN, "--out", killed)
    for lines in (1, 9, 4):
        # What is on the disk is the step that was seen, or the one before, whose save was the last to end.
        at = load_state(killed).step
        assert last - 1 <= at <= STEPS
        assert deeprnn.load(killed).generate("the ", max_new_tokens=3).startswith("the ")
        last = kill_after(lines, "train", "--resume", killed)
        assert last == at + lines
    for arguments in (("--resume", killed), (text_file, *LEARN, "--out", whole)):
        assert run("train", *arguments).returncode == 0
    one, other = load_state(killed).snapshot, load_state(whole).snapshot
    assert one.tensors.keys() == other.tensors.keys()
    assert [name for name, value in one.tensors.items() if not torch.equal(value, other.tensors[name])] == []
    assert {k: v for k, v in one.values.items() if k != "seconds"} == {
        k: v for k, v in other.values.items() if k != "seconds"
    }
    assert (killed / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


@pytest.fixture
def ended(text_file: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "ended"
    assert main(["train", str(text_file), *LEARN, "--set", "max_steps=6", "--out", str(folder)]) == 0
    return folder


def resume(*arguments: object) -> int:
    return main(["train", "--resume", *map(str, arguments)])


def test_it_goes_on_for_longer_with_what_may_change(
    ended: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert resume(ended, "--set", "dropout=0.1", "--set", "max_steps=8") == 0
    assert "step 8 of 8" in capsys.readouterr().out
    assert load_state(ended).step == 8
    assert resume(ended, "--max-epochs", 5, "--out", "other") == 0
    state = load_state(Path("other"))
    epochs = state.snapshot.values["step"] / state.checkpoint.metrics["history"]["steps_per_epoch"]
    assert epochs == 5
    assert state.checkpoint.recipe.model.dropout == 0.1
    assert load_state(ended).step == 8


def test_a_run_that_is_at_its_end_stays_as_it_is(ended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (ended / "model.safetensors").read_bytes()
    assert resume(ended) == 0
    assert "Ended at step 6 of 6." in capsys.readouterr().out
    assert (ended / "model.safetensors").read_bytes() == before


def test_it_ends_by_patience_and_says_so(ended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert resume(ended, "--max-epochs", 90, "--set", "evaluations=10000", "--set", "target_perplexity=12") == 0
    said = capsys.readouterr()
    step = load_state(ended).step
    assert f"deeprnn: Step {step}: ended by target_perplexity = 12.0.\n" in said.err
    assert f"Ended at step {step} of " in said.out
    assert f"Ended at step {step} of {step}." not in said.out


def test_what_does_not_fit_is_refused(ended: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.txt"
    other.write_text(TEXT.replace("bell", "ball"), "utf-8")
    plain = tmp_path / "plain"
    deeprnn.load(ended).save(plain)
    capsys.readouterr()
    command = ("train", "--resume")
    assert "hidden_size cannot change" in refused(capsys, *command, ended, "--set", "hidden_size=8")
    assert "not the text" in refused(capsys, *command, ended, other)
    assert "Leave out --preset quick" in refused(capsys, *command, ended, "--preset", "quick")
    assert "go on" in refused(capsys, *command, plain)
    assert "none" in refused(capsys, *command, tmp_path / "none")
    (ended / "state.json").write_bytes(b"{}")
    assert "state.json" in refused(capsys, *command, ended)


class Piped(io.TextIOWrapper):
    def __init__(self, text: str) -> None:
        super().__init__(io.BytesIO(text.encode()), "utf-8")


def test_a_text_from_standard_input_must_be_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(TEXT))
    assert main(["train", "-", *LEARN, "--set", "max_steps=2", "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert "which text it was" in refused(capsys, "train", "--resume", tmp_path / "out")
    monkeypatch.setattr(sys, "stdin", Piped(TEXT))
    assert resume(tmp_path / "out", "-", "--set", "max_steps=3") == 0
    assert load_state(tmp_path / "out").step == 3


def test_a_run_of_the_page_goes_on_in_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    key = "the_thirsty_bell"
    recipe = Recipe("small").replace(hidden_size=8, batch_size=8, max_epochs=1, max_steps=2)
    corpus = build_corpus(catalogue.load(key).text, recipe.text, catalogue.title(key))
    training = Training(corpus, recipe, choose_device("cpu"))
    list(training)
    store = Store(tmp_path / "home")
    number = store.claim(RunRow(recipe, name="small", corpus=key))
    store.checkpoints(number).save(make_checkpoint(training, "small", best=False), training.snapshot())
    store.close()
    assert resume(number, "--set", "max_steps=4", "--out", "went-on") == 0
    assert load_state(Path("went-on")).step == 4
    assert resume("went-on", "--set", "max_steps=5") == 0
    capsys.readouterr()
    assert "no run 77" in refused(capsys, "train", "--resume", 77)
