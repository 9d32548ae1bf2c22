"""What happens when a text of one's own is added: its name comes from its words when nobody gave one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.training.presets import DEFAULT_PRESET
from deeprnn.ui.form import fill_form
from deeprnn.ui.page import build_page
from deeprnn.ui.planning import Planner

WORDS = "It was a dark and stormy night; the rain fell in torrents. " * 40


@pytest.mark.parametrize(
    ("beginning", "name"), [("", "It was a dark"), ("\ud800", "\ufffdIt was a dark"), ("\n\udfff ", "\ufffd It was a")]
)
def test_a_pasted_text_without_a_name_is_called_by_its_first_words(beginning: str, name: str, tmp_path: Path) -> None:
    studio, page = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu")), build_page()
    settings = fill_form(DEFAULT_PRESET)
    values = [settings[field] for field in page.settings]
    adding = Planner(studio, page).paste(beginning + WORDS, "", None, DEFAULT_PRESET, *values)
    said = next(adding)[page.facts]["notices"]
    assert own_titles(studio) == [name], said


def test_a_name_that_is_given_may_hold_half_a_surrogate_pair(tmp_path: Path) -> None:
    studio, page = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu")), build_page()
    settings = fill_form(DEFAULT_PRESET)
    adding = Planner(studio, page).paste(
        WORDS, "a\ud800", None, DEFAULT_PRESET, *(settings[field] for field in page.settings)
    )
    next(adding)
    assert own_titles(studio) == ["a\ufffd"]


def test_a_refused_text_leaves_the_facts_of_the_chosen_one(tmp_path: Path) -> None:
    """After any refusal the line of facts was gone, though the corpus of before was still chosen."""
    studio, page = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu")), build_page()
    settings, key = fill_form(DEFAULT_PRESET), studio.add_text("kept", WORDS)[0].key
    form = key, DEFAULT_PRESET, *(settings[field] for field in page.settings)
    planner = Planner(studio, page)
    for refusing, why in (
        (planner.paste("", "", *form), "empty_text"),
        (planner.upload(tmp_path / "no such file", *form), "cannot_read"),
    ):
        first = next(refusing)
        assert page.corpus not in first
        assert first[page.facts]["characters"] == len(WORDS)
        assert first[page.facts]["notices"][0]["key"] == why


def own_titles(studio: Studio) -> list[str]:
    return [entry.title for entry in studio.corpora() if entry.kind == "own"]
