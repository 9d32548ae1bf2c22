"""How a command ends when it is interrupted, and when the fault is ours."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import deeprnn
from deeprnn.cli import main
from deeprnn.cli.interruption import Interruption
from deeprnn.errors import CheckpointError
from deeprnn.model.checkpoint import Checkpoint
from deeprnn.runs.state import save_state
from deeprnn.text.counting import CodePoints
from deeprnn.text.tokens.character import CharacterTokenizer
from deeprnn.text.tokens.kind import TokenIds
from deeprnn.training.snapshot import Snapshot

from .conftest import TINY


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_training_is_saved_and_says_so(
    number: signal.Signals, code: int, text_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    endless = ["--set", "max_steps=1000000", "--set", "max_epochs=1000000", "--set", "evaluations=10000"]
    command = [
        sys.executable,
        "-m",
        "deeprnn",
        "train",
        str(text_file),
        *TINY,
        *endless,
        "--json",
        "--out",
        str(folder),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        records = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert deeprnn.load(folder).metrics["step"] == 0  # it holds a model from the beginning
        process.send_signal(number)
        rest, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert str(folder) in said
    assert said.count("\n") == 1
    last = json.loads(rest.splitlines()[-1])["step"] if rest else records[-1]["step"]
    model = deeprnn.load(folder)
    assert 0 < model.metrics["step"] <= last
    assert len(model.generate("the ", max_new_tokens=5)) == 9


def test_an_interruption_while_a_text_is_encoded_leaves_nothing(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("deeprnn.text.encoding.MEMORY_TOKENS", 100)
    encode, once = CharacterTokenizer.encode_codes, iter([signal.SIGTERM])

    def interrupted(tokenizer: CharacterTokenizer, codes: CodePoints) -> TokenIds:
        for number in once:
            signal.raise_signal(number)
        return encode(tokenizer, codes)

    monkeypatch.setattr("deeprnn.text.encodings.wellformed.BLOCK_BYTES", 50)
    monkeypatch.setattr("deeprnn.text.ahead.THREADS", 0)
    monkeypatch.setattr(CharacterTokenizer, "encode_codes", interrupted)
    assert main(["train", str(text_file), *TINY, "--out", str(tmp_path / "model")]) == 143
    assert "nothing of it was kept" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    assert list((tmp_path / "home" / "encoded").iterdir()) == []


def test_a_second_interruption_does_not_wait() -> None:
    before = signal.getsignal(signal.SIGINT)  # a shell starts its background commands with Ctrl-C ignored
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_step_that_does_not_end_is_not_waited_for(text_file: Path, tmp_path: Path) -> None:
    """A large network's step used to hold back Ctrl-C and SIGTERM until it was done, half a minute and more."""
    folder = tmp_path / "model"
    program = f"""
import os, signal, sys, threading
from deeprnn.cli import main
from deeprnn.training.train import Training

def never_ends(self, *batch):
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait()

Training._update = never_ends
sys.exit(main({["train", str(text_file), *TINY, "--out", str(folder)]!r}))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 143
    assert ended.stderr.startswith("deeprnn: stopped at step 0 of ")
    assert ended.stderr.count("\n") == 1
    assert deeprnn.load(folder).metrics["step"] == 0


def test_an_explosion_keeps_the_last_good_model(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = ["--set", "optimizer=sgd", "--set", "learning_rate=1e6", "--set", "max_grad_norm=1e6"]
    code = main(["train", str(text_file), *TINY, *wild, "--set", "schedule=constant", "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err.splitlines()[-1]
    assert code == 2
    assert "exploded" in said
    assert "lower learning rate" in said
    assert all(tensor.isfinite().all() for tensor in deeprnn.load(tmp_path / "out").network.state_dict().values())


def test_a_run_that_learns_nothing_leaves_the_older_model(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A good model used to be replaced by an untrained one before the first step, and by an exploded one later."""
    command = ["train", str(text_file), *TINY, "--set", "max_steps=20", "--out", str(tmp_path / "out")]
    assert main(command) == 0
    before = (tmp_path / "out" / "model.safetensors").read_bytes()
    wild = ["--set", "optimizer=adamw", "--set", "learning_rate=1000", "--set", "schedule=constant"]
    assert main([*command, *wild, "--set", "max_steps=60"]) == 2
    assert "lower learning rate" in capsys.readouterr().err
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == before


def test_a_folder_with_other_things_is_left_alone(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever held a model.safetensors and a config.json was replaced whole, with all that lay beside them."""
    for name in ("config.json", "model.safetensors", "thesis.txt"):
        (tmp_path / name).write_text("mine")
    assert main(["train", str(text_file), *TINY, "--set", "max_steps=2", "--out", str(tmp_path)]) == 2
    assert "holds other things" in capsys.readouterr().err
    with pytest.raises(CheckpointError, match="holds other things"):
        deeprnn.TrainedModel.from_training(deeprnn.train(text_file, "quick", hidden_size=8)).save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_full_disk_does_not_end_the_training(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, saves = tmp_path / "out", []

    def save(place: Path, checkpoint: Checkpoint, snapshot: Snapshot, perplexity: float | None) -> None:
        saves.append(snapshot.values["step"])
        if len(saves) == 2:
            raise CheckpointError("cannot_write", path=str(place), reason="No space left on device")
        save_state(place, checkpoint, snapshot, perplexity)

    monkeypatch.setattr("deeprnn.cli.keeper.save_state", save)
    assert main(["train", str(text_file), *TINY, "--set", "max_steps=6", "--out", str(folder)]) == 0
    assert "No space left on device" in capsys.readouterr().err
    assert saves == [0, 1, 6]
    assert deeprnn.load(folder).metrics["step"] == 6


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_ours_is_one_line_and_a_traceback_only_when_asked_for(
    debug: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(path: str) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("deeprnn.trained_model.load", broken)
    assert main(["generate", "anywhere", *["--debug"] * debug]) == 1
    out, said = capsys.readouterr()
    assert out == ""
    assert ("Traceback" in said) == debug
    assert said.splitlines()[-1].startswith("deeprnn: RuntimeError: two lines. This is a fault of the program.")
    assert debug or said.count("\n") == 1


def test_ctrl_c_while_nothing_trains_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(path: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("deeprnn.trained_model.load", interrupted)
    assert main(["generate", "anywhere"]) == 130
    assert capsys.readouterr().err == "deeprnn: Stopped.\n"
