"""The option --track: a tracker that chatters, fails or hangs leaves the run and its output as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import TINY

TRACKIO = """
import os, pathlib, sys, time
class Run:
    def log(self, metrics, step=None):
        with open(os.environ["TOLD"], "a") as file:
            file.write(f"{step}\\n")
    def finish(self):
        print("* Run finished.")
def init(project, name, **more):
    print("* Trackio project initialized:", project)
    mode = os.environ["MODE"]
    if mode == "raise":
        raise RuntimeError("no server")
    if mode == "exit":
        sys.exit("gone")
    return Run()
"""
Train = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def train(tmp_path: Path, text_file: Path) -> Train:
    """Return a function that trains with a trackio of ours, which behaves as it is told."""
    (tmp_path / "trackio.py").write_text(TRACKIO, "utf-8")

    def run(mode: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
        environment = {**os.environ, "PYTHONPATH": path, "MODE": mode, "TOLD": str(tmp_path / "told")}
        command = [sys.executable, "-m", "deeprnn", "train", str(text_file), *TINY, "--set", "max_steps=12", "--json"]
        command += ["--track", "trackio", "--out", str(tmp_path / "model")]
        return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=120)

    return run


def test_every_step_is_told_and_standard_output_is_json_alone(train: Train, tmp_path: Path) -> None:
    done = train("well")
    assert done.returncode == 0
    assert [json.loads(line)["step"] for line in done.stdout.splitlines()] == list(range(1, 13))
    assert "Trackio project initialized" in done.stderr
    assert "Run finished" in done.stderr
    assert (tmp_path / "told").read_text().split() == [str(step) for step in range(1, 13)]


@pytest.mark.parametrize(("mode", "reason"), [("raise", "RuntimeError: no server"), ("exit", "SystemExit: gone")])
def test_a_tracker_that_fails_is_told_once_and_the_model_is_there(
    train: Train, tmp_path: Path, mode: str, reason: str
) -> None:
    done = train(mode)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 12
    assert done.stderr.count(reason) == 1
    assert (tmp_path / "model" / "model.safetensors").exists()


def test_a_tracker_that_is_unknown_is_refused_before_anything_is_read(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run("train", tmp_path / "missing.txt", "--track", "wandb")
    assert done.returncode == 2
    assert "trackio, tensorboard" in done.stderr
