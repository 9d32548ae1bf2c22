"""A text much larger than what may be in memory: counted, encoded and trained in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

MEGABYTES, MOST_MEGABYTES, OWN_MEGABYTES = 200, 512, 200
PROGRAM = """
import sys
from pathlib import Path
import deeprnn
from deeprnn.device import set_threads

set_threads(1)
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
import deeprnn.training.train
libraries = peak()
told = []
training = deeprnn.train(
    Path(sys.argv[1]), "d2l", device="cpu", progress=lambda *numbers: told.append(numbers), letters_only=False,
    max_tokens=None, validation_fraction=0.1, hidden_size=32, num_layers=1, partition=sys.argv[2], max_steps=3,
)
print(len(list(training)), training.corpus.characters, training.corpus.tokenizer.vocab_size, told[-1])
print(libraries, peak())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak of memory")
def test_a_text_of_200_megabytes_is_trained_within_512(story: str, tmp_path: Path) -> None:
    """Before, it was held as a string, its UTF-32 and its ids, and 200 MB were the most that could be read."""
    block = (story * (4 * 10**6 // len(story))).encode()
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        for _ in range(MEGABYTES * 10**6 // len(block)):
            file.write(block)
    size, characters = path.stat().st_size, len(block.decode()) * (MEGABYTES * 10**6 // len(block))
    for partition in ("sequential", "random"):
        command = [sys.executable, "-c", PROGRAM, str(path), partition]
        environment = {**os.environ, "DEEPRNN_HOME": str(tmp_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        trained, memory = done.stdout.splitlines()
        symbols = len(set(story)) + 1
        assert trained == f"3 {characters} {symbols} ({2 * size}, {2 * size})"
        libraries, peak = (1024 * int(part) for part in memory.split())
        # A torch with its libraries for a GPU takes more than that by being imported.
        assert peak < MOST_MEGABYTES * 10**6 or (torch.version.cuda and peak - libraries < OWN_MEGABYTES * 10**6)
    assert sorted(file.suffix for file in (tmp_path / "encoded").iterdir()) == [".ids", ".json"]
    path.unlink()
