"""The doctor's card: what the command line says of a text, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deeprnn.cli import main
from deeprnn.text.corpus import build_corpus
from deeprnn.text.doctor import examine
from deeprnn.training import memory
from deeprnn.training.presets import PRESETS

from .conftest import TEXT

KEYS = {
    *("encoding", "certain", "undecodable_bytes", "characters", "distinct_characters", "lines", "tokens", "vocab_size"),
    *("seconds", "findings", "script", "language", "duplicate_lines", "shared_lines", "unseen_share", "memory_bytes"),
}


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["corpus", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def values(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    read = json.loads(said(capsys, *arguments, "--json"))
    assert set(read) >= KEYS
    return dict(read)


def test_json_is_what_the_doctor_says(text_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = values(capsys, text_file)
    recipe = PRESETS["balanced"]
    report = examine(TEXT, build_corpus(TEXT, recipe.text, "bell"), recipe)
    assert read["characters"] == read["tokens"] == len(TEXT)
    assert read["distinct_characters"] == len(set(TEXT)) == read["vocab_size"] - 1
    assert (read["encoding"], read["certain"], read["undecodable_bytes"]) == ("utf-8", True, 0)
    assert (read["language"], read["script"]) == ("en", {"Latin": 1.0})
    wanted = [(finding.key, finding.severity, str(finding.message)) for finding in report.findings]
    found = [(finding["key"], finding["severity"], finding["message"]) for finding in read["findings"]]
    assert found[0][0].startswith("verdict_")
    assert found[1:] == wanted
    assert read["seconds"] >= 0


def test_the_card_is_aligned_and_names_each_remedy(text_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, text_file).splitlines()
    assert lines[0] == "bell"
    assert all(line.startswith("  ") and line[15:16] == " " and line[16:17] != " " for line in lines[1:])
    assert any(line.strip() == "--set num_layers=1 --set hidden_size=128 --set dropout=0.3" for line in lines)
    assert any(line.split()[:2] == ["characters", "3"] for line in lines)


def test_settings_have_friendly_forms(text_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = values(capsys, text_file)
    clean = values(capsys, text_file, "--clean", "letters_only,,lower_case", "--clean", "nfc", "--clean", "")
    assigned = values(capsys, text_file, "--set", "letters_only=true", "--set", "lower_case=true")
    assert clean["distinct_characters"] == assigned["distinct_characters"] < plain["distinct_characters"]
    on = {choice["name"] for choice in clean["cleaning"] if choice["is_on"]}
    assert on >= {"letters_only", "lower_case", "nfc", "line_ends"}


def test_several_files_are_one_text(text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes("Ещё одна книга, и в ней всё не так, как в первой.\n".encode("cp1251") * 9)
    read = values(capsys, text_file, other)
    assert read["characters"] == len(TEXT) + 1 + 50 * 9
    assert set(read["script"]) == {"Latin", "Cyrillic"}
    assert read["encoding"] == "utf-8, cp1251"
    assert read["name"] == "bell"


def test_a_run_that_does_not_fit_is_a_finding(
    text_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda device: 10**7)
    found = values(capsys, text_file)["findings"]
    assert found[0]["key"] == "not_enough_memory"
    assert found[1]["key"].startswith("verdict_")


def test_encoding_and_columns_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    rows = [("title", "body"), *((f"é{number}", f"the body of text number {number}") for number in range(30))]
    table.write_bytes("".join(f"{a},{b}\n" for a, b in rows).encode("cp1252"))
    read = values(capsys, table, "--encoding", "cp1252", "--column", "title")
    assert (read["encoding"], read["columns"], read["format"]) == ("cp1252", ["title"], "csv")
    assert "é" in read["alphabet"]
    assert "t" not in read["alphabet"]


def test_a_choice_that_is_switched_off_reaches_the_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = tmp_path / "book.txt"
    book.write_bytes(b"one line\r\nand another\r\n" * 9)
    assert "\r" not in values(capsys, book)["alphabet"]
    assert "\r" in values(capsys, book, "--set", "line_ends=false")["alphabet"]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["nowhere.txt"], "no file"),
        (["the_thirsty_bell", "--clean", "scrub"], "letters_only"),
        (["the_thirsty_bell", "--preset", "fast"], "quick"),
        (["the_thirsty_bell", "--set", "nfc=perhaps"], "true or false"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpus", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert wanted in err
    assert err.count("\n") == 1
