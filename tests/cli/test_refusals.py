"""What the user can put right: one line on standard error, exit code 2, nothing on standard output, no traceback."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from deeprnn.cli import main

from .conftest import Run


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must be refused; return the one line that it says."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as end:  # how argparse ends
        code = int(end.code or 0)
    out, said = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said.count("\n") == 1
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    "arguments", [[], ["teach"], ["train"], ["generate"], ["evaluate", "x"], ["train", "x", "--sed"]]
)
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "--help" in refused(capsys, *arguments)


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--port", "70000"], ["--bogus"], ["--host"]])
def test_bad_usage_of_the_page(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "app", *arguments).startswith("deeprnn app: ")


@pytest.mark.parametrize(
    ("assignment", "wanted"),
    [
        ("hidden_sise=3", "Allowed: letters_only"),
        ("hidden_size=0", "between 1 and 4096"),
        ("hidden_size=many", "whole number"),
        ("hidden_size=2.5", "whole number"),
        ("learning_rate=nan", "finite number"),
        ("learning_rate=inf", "finite number"),
        ("dropout=1", "between 0.0 and 0.9"),
        ("cell=transformer", "lstm, gru"),
        ("letters_only=perhaps", "true or false"),
        ("hidden_size", "name=value"),
    ],
)
def test_a_bad_setting_is_refused_with_what_is_allowed(
    assignment: str, wanted: str, text_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wanted in refused(capsys, "train", text_file, "--set", assignment)


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--preset", "fast", "quick, balanced"),
        ("--device", "tpu", "auto, cpu"),
        ("--seed", "-1", "between 0"),
        ("--max-epochs", "0", "between 1"),
    ],
)
def test_a_bad_option_of_train(
    option: str, value: str, wanted: str, text_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wanted in refused(capsys, "train", text_file, f"{option}={value}")


@pytest.mark.parametrize(
    ("option", "value"), [("--temperature", "nan"), ("--top-k", "-1"), ("--top-p", "0"), ("--max-new-tokens", "1e9")]
)
def test_a_bad_option_of_generate(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert option.strip("-").replace("-", "_") in refused(capsys, "generate", "nowhere", f"{option}={value}")


@pytest.mark.parametrize(
    "data",
    [b"", b" \n\n", b"a" * 1000, b"too short", bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 50],
    ids=["empty", "blank", "one character", "short", "bytes", "picture"],
)
def test_a_text_that_is_none(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    refused(capsys, "train", path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_text_that_is_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "the_thirsty_bell" in refused(capsys, "train", tmp_path / "nowhere.txt")
    assert str(tmp_path)[-50:] in refused(capsys, "train", tmp_path)
    assert "nowhere" in refused(capsys, "train", "the_thirsty_bell", tmp_path / "nowhere.txt")


def test_a_choice_of_reading_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,words\n1,once upon a time\n")
    assert "Allowed: id, words" in refused(capsys, "train", table, "--column", "body")
    assert "no character encoding" in refused(capsys, "train", table, "--encoding", "klingon")
    assert "hub:owner/name" in refused(capsys, "train", "hub:nothing")


def test_a_checkpoint_that_is_none(tmp_path: Path, text_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.safetensors").write_bytes(pickle.dumps({"weight": [1.0]}))
    (tmp_path / "empty.zip").write_bytes(b"")
    for path in (tmp_path / "nowhere", tmp_path, tmp_path / "empty.zip", tmp_path / "model.safetensors", text_file):
        refused(capsys, "generate", path)
    refused(capsys, "evaluate", tmp_path, text_file)


def test_a_folder_with_other_things_is_left_alone(
    tmp_path: Path, text_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("do not lose me")
    assert "other things" in refused(capsys, "train", text_file, "--out", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_is_all_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was shrunk to a short text was said first, and the refusal on a second line."""
    text = tmp_path / "short.txt"
    text.write_text("The bell in the valley had not rung for a year. " * 2)
    assert "cannot be written" in refused(capsys, "train", text, "--out", text)


def test_as_a_process_too(run: Run, text_file: Path) -> None:
    done = run("train", text_file, "--set", "hidden_sise=3")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
