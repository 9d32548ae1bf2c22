"""The benchmarks' own command line; what they measure takes minutes and is not run here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from benchmarks import chapter, quick
from benchmarks.__main__ import NAMES, main


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Replace two measurements by a note of what they were given."""
    notes: list[tuple[str, list[str]]] = []

    def note(name: str, options: Sequence[str]) -> None:
        notes.append((name, list(options)))

    monkeypatch.setattr(chapter, "main", lambda options: note("chapter", options))
    monkeypatch.setattr(quick, "main", lambda options: note("quick", options))
    return notes


def test_one_name_takes_the_options_that_follow_it(called: list[tuple[str, list[str]]]) -> None:
    """The options used to be taken for names, and refused."""
    assert main(["chapter", "--threads", "2"]) == 0
    assert called == [("chapter", ["--threads", "2"])]


def test_several_names_run_one_after_the_other(called: list[tuple[str, list[str]]]) -> None:
    assert main(["quick", "chapter"]) == 0
    assert called == [("quick", []), ("chapter", [])]


@pytest.mark.parametrize("arguments", [[], ["--threads"], ["nothing"], ["chapter", "quick", "--threads", "2"]])
def test_anything_else_is_answered_with_the_names(
    arguments: list[str], called: list[tuple[str, list[str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert {"chapter", "encodings", "page", "quick", "size", "tune", "weights"} <= set(capsys.readouterr().out.split())
    assert called == []


@pytest.mark.parametrize("name", NAMES)
def test_every_measurement_says_what_it_measures(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m benchmarks {name}" in capsys.readouterr().out
