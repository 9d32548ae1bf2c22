"""Train, generate, evaluate: run as a user runs them, compared with the same work done in Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import deeprnn
from deeprnn.cli import main

from .conftest import TEXT, TINY, Run

KEYS = """step epoch tokens loss perplexity bits_per_character validation_perplexity learning_rate gradient_norm
tokens_per_second elapsed_seconds validation_bits_per_character"""

Trained = tuple[Path, "subprocess.CompletedProcess[str]"]


def test_json_is_one_object_per_step_and_nothing_else(trained: Trained) -> None:
    records = [json.loads(line) for line in trained[1].stdout.splitlines()]
    assert trained[1].returncode == 0, trained[1].stderr
    assert [record["step"] for record in records] == list(range(1, 13))
    assert all(list(record) == KEYS.split() for record in records)
    assert any(record["validation_perplexity"] for record in records)


def test_the_records_are_those_of_python(trained: Trained, text_file: Path) -> None:
    settings: dict[str, Any] = {
        "hidden_size": 16,
        "embedding_size": 8,
        "precision": "float32",
        "max_steps": 12,
        "seed": 3,
    }
    training = deeprnn.train(text_file, "quick", device="cpu", **settings)
    shown = [json.loads(line)["loss"] for line in trained[1].stdout.splitlines()]
    assert shown == [record.loss for record in training]


def test_the_folder_holds_the_best_model(trained: Trained) -> None:
    records = [json.loads(line) for line in trained[1].stdout.splitlines()]
    measured = {r["step"]: r["validation_perplexity"] for r in records if r["validation_perplexity"]}
    model = deeprnn.load(trained[0])
    assert model.metrics["step"] == min(measured, key=measured.__getitem__)
    assert model.recipe.train.seed == 3
    assert model.recipe.model.hidden_size == 16


def test_generate_prints_the_prefix_and_the_text_only(run: Run, trained: Trained) -> None:
    done = run(
        "generate", trained[0], "--prefix", "the bell", "--max-new-tokens", 30, "--temperature", 0.9, "--seed", 5
    )
    wanted = deeprnn.load(trained[0]).generate("the bell", max_new_tokens=30, temperature=0.9, seed=5)
    assert (done.returncode, done.stdout, done.stderr) == (0, wanted + "\n", "")
    assert wanted.startswith("the bell")
    assert len(wanted) == len("the bell") + 30


def test_a_prefix_keeps_its_letters_where_the_locale_knows_ascii_only(trained: Trained) -> None:
    """An accent used to arrive as two half characters, and was said to be U+DCC3 and U+DCA9."""
    command = [sys.executable, "-m", "deeprnn", "generate", str(trained[0]), "--max-new-tokens", "1", "--prefix", "thé"]
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, env=plain, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    assert "é → e" in done.stderr


def test_generate_says_what_it_replaced(run: Run, trained: Trained) -> None:
    done = run("generate", trained[0], "--prefix", "The 鐘", "--max-new-tokens", 5)
    assert done.returncode == 0
    assert done.stdout.startswith("the ")
    assert "鐘" in done.stderr
    assert "鐘" not in done.stdout


def test_evaluate_prints_what_python_measures(run: Run, trained: Trained, text_file: Path) -> None:
    done = run("evaluate", trained[0], text_file, "--json")
    result = json.loads(done.stdout)
    wanted = deeprnn.evaluate(trained[0], text_file)
    assert done.returncode == 0
    assert result["loss"] == pytest.approx(wanted.loss, rel=1e-5)
    assert {"perplexity", "bits_per_character", "tokens", "characters"} <= set(result)
    assert (result["tokens"], result["unknown_tokens"]) == (len(TEXT) - 1, 0)


def test_evaluate_says_that_bits_do_not_compare_where_tokens_are_unknown(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("the bell 鐘鐘, 鐘", "utf-8")
    model = deeprnn.load(trained[0])
    known = set(map(model.tokenizer.symbol, range(1, model.tokenizer.vocab_size)))
    unknown = sum(character not in known for character in "he bell 鐘鐘, 鐘")
    assert main(["evaluate", str(trained[0]), str(tmp_path / "text.txt"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unknown_tokens"] == unknown >= 3
    assert main(["evaluate", str(trained[0]), str(tmp_path / "text.txt")]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f"over 13 tokens, {unknown} of them unknown to the model")
    assert f"({unknown} of 13) are unknown" in second
    assert "do not compare" in second


def test_app_hands_its_arguments_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def serve(arguments: list[str], program: str) -> int:
        seen.extend([program, *arguments])
        return 0

    monkeypatch.setattr("deeprnn.ui.server.main", serve)
    assert main(["app", "--port", "7999", "--help"]) == 0
    assert seen == ["deeprnn app", "--port", "7999", "--help"]


def test_a_bar_moves_on_a_terminal(text_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deeprnn", "train", str(text_file), *TINY, "--set", "max_steps=5"]
    ours, theirs = os.openpty()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path, encoding="utf-8")
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:  # how Linux says that the other end was closed
        pass
    os.close(ours)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert all(word in said for word in (b"5/5", b"perplexity", b"validation", b"tokens/s"))
    assert "bell-model" in out
    assert deeprnn.load(tmp_path / "bell-model").metrics["step"] > 0


def test_a_reader_that_has_had_enough_is_no_fault(trained: Trained) -> None:
    command = [sys.executable, "-m", "deeprnn", "generate", str(trained[0]), "--max-new-tokens", "20000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
