from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

TEXT = "the bell was thirsty, and the sea was far away; nobody in the town had heard it ring.\n" * 40
TINY = ["--device", "cpu", "--preset", "quick"]
TINY += ["--set", "hidden_size=16", "--set", "embedding_size=8", "--set", "precision=float32"]


@pytest.fixture(scope="session")
def run() -> Run:
    """Return a function that runs the command line as a user does."""

    def run_command(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deeprnn", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)

    return run_command


@pytest.fixture(scope="session")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "bell.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture(scope="session")
def trained(
    run: Run, text_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Train a tiny model with --json; return its folder and what the command said."""
    folder = tmp_path_factory.mktemp("out") / "model"
    return folder, run("train", text_file, *TINY, "--set", "max_steps=12", "--json", "--seed", 3, "--out", folder)
