"""What happens when a text of one's own is added, read in another way, or examined, as a browser would press it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from deeprnn.device import choose_device
from deeprnn.errors import Cancelled
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.text.account import Reading
from deeprnn.text.hub import DatasetName
from deeprnn.text.meter import Progress
from deeprnn.training import memory
from deeprnn.training.presets import DEFAULT_PRESET
from deeprnn.ui import waiting
from deeprnn.ui.form import fill_form
from deeprnn.ui.intake import Intake, Own, changed
from deeprnn.ui.page import build_page
from deeprnn.ui.planning import Planner
from deeprnn.ui.waiting import Works

WORDS = "It was a dark and stormy night; the rain fell in torrents. " * 40
RUSSIAN = "Шёл дождь, и ветер гнал по улице сухие листья; никто не вышел из дому. " * 20


class Desk:
    """A page with its handlers, and what a browser would hold of it."""

    def __init__(self, home: Path) -> None:
        self.studio, self.page = Studio(Store(home, bundled=home / "none"), choose_device("cpu")), build_page()
        self.works, self.own = Works(), gr.State(None)
        self.planner = Planner(self.studio, self.page, self.works)
        self.intake = Intake(self.studio, self.page, self.planner, self.own)
        settings = fill_form(DEFAULT_PRESET)
        self.values = [settings[field] for field in self.page.settings]
        self.shown: dict[Any, Any] = {}

    def see(self, updates: Iterator[dict[Any, Any]]) -> dict[Any, Any]:
        """Go through a handler and the plan that follows; return the last value of each place, and remember it."""
        for update in updates:
            self.shown |= update
        for update in self.planner.plan(self.chosen()[1], DEFAULT_PRESET, *self.values):
            self.shown |= update
        return self.shown

    def chosen(self) -> tuple[Own | None, str]:
        return self.shown.get(self.own), self.shown.get(self.page.corpus, {"value": ""})["value"]

    def edit(self, **wish: object) -> dict[Any, Any]:
        return self.see(self.intake.edit(gr.EventData(None, wish), *self.chosen()))

    def upload(self, *files: Path, name: str = "") -> dict[Any, Any]:
        return self.see(self.intake.upload([str(file) for file in files], name, *self.chosen()))

    def titles(self) -> list[str]:
        return [entry.title for entry in self.studio.corpora() if entry.kind == "own"]

    def text(self) -> str:
        return "".join(self.studio.store.shelf.load(self.chosen()[1])[1])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = {
        "one.txt": WORDS.encode(),
        "two.txt": RUSSIAN.encode("koi8-r"),
        "rows.csv": b"no,said\n" + b"1,ho ho\n" * 90,
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in made]


@pytest.mark.parametrize(
    ("beginning", "name"), [("", "It was a dark"), ("\ud800", "\ufffdIt was a dark"), ("\n\udfff ", "\ufffd It was a")]
)
def test_a_pasted_text_without_a_name_is_called_by_its_first_words(beginning: str, name: str, desk: Desk) -> None:
    desk.see(desk.intake.paste(beginning + WORDS, "", *desk.chosen()))
    assert desk.titles() == [name]


def test_a_name_that_is_given_may_hold_half_a_surrogate_pair(desk: Desk) -> None:
    desk.see(desk.intake.paste(WORDS, "a\ud800", *desk.chosen()))
    assert desk.titles() == ["a\ufffd"]


def test_a_refused_text_leaves_the_facts_of_the_chosen_one(desk: Desk, tmp_path: Path) -> None:
    """After any refusal the line of facts was gone, though the corpus of before was still chosen."""
    desk.see(desk.intake.paste(WORDS, "kept", *desk.chosen()))
    before = desk.chosen()
    for refusing, why in (
        (desk.intake.paste("", "", *before), "empty_text"),
        (desk.intake.upload([str(tmp_path / "no such file")], "", *before), "cannot_read"),
        (desk.intake.fetch("no owner", "", "", "", *before), "hub_form"),
    ):
        seen = desk.see(refusing)
        assert seen[desk.page.facts]["characters"] == len(WORDS)
        assert seen[desk.page.files]["refusal"]["key"] == why
        assert desk.chosen() == before


def test_files_become_one_text_in_their_order_and_each_can_be_read_otherwise(desk: Desk, files: list[Path]) -> None:
    seen = desk.upload(*files)
    assert desk.titles() == ["one.txt + 2"]
    listed = seen[desk.page.files]
    assert [file["name"] for file in listed["files"]] == ["one.txt", "two.txt", "rows.csv"]
    assert listed["editable"]
    assert listed["files"][1]["encoding"] == "koi8-r"
    assert listed["files"][2]["columns"] == [["no", 2 * 90], ["said", 6 * 90]]
    assert desk.text() == "\n\n".join((WORDS.rstrip("\n"), RUSSIAN, "ho ho\n" * 90))

    desk.edit(action="up", index=1)
    assert desk.text().startswith(RUSSIAN)
    seen = desk.edit(action="encoding", index=0, value="cp1251")
    assert desk.text().startswith(RUSSIAN.encode("koi8-r").decode("cp1251"))
    assert seen[desk.page.files]["files"][0]["asked"] == "cp1251"
    desk.edit(action="columns", index=2, value=["no", "said"])
    assert "1\nho ho\n" in desk.text()
    desk.edit(action="remove", index=0)
    assert not is_russian(desk.text())
    assert desk.titles() == ["one.txt + 2"]  # one text, whatever was done to it
    assert len(list((desk.studio.store.home / "texts").glob("*.txt"))) == 1


def test_a_file_that_cannot_be_read_is_left_out_and_the_others_are_taken(desk: Desk, files: list[Path]) -> None:
    """One bad file among several once refused all."""
    empty, broken = files[0].with_name("empty.txt"), files[0].with_name("broken.epub")
    empty.write_bytes(b"")
    broken.write_bytes(b"PK\3\4 no archive")
    seen = desk.upload(empty, files[0], broken, files[1])
    listed = seen[desk.page.files]
    assert listed["refusal"] is None
    assert [file["name"] for file in listed["files"]] == ["one.txt", "two.txt"]
    said = [(notice["key"], notice["details"]["name"]) for notice in listed["notices"]]
    assert said == [("left_out", "empty.txt"), ("left_out", "broken.epub")]
    assert desk.titles() == ["one.txt + 1"]
    desk.edit(action="remove", index=0)  # of those that are listed, not of those that were chosen
    assert desk.text() == RUSSIAN

    alone = desk.upload(broken, files[0])[desk.page.files]["files"]
    assert [notice["key"] for notice in alone[0]["notices"]] == ["left_out"]
    before = desk.chosen()
    refusal = desk.upload(empty, broken)[desk.page.files]["refusal"]
    assert (refusal["key"], refusal["details"]["count"]) == ("no_readable_file", 2)
    assert desk.upload(empty)[desk.page.files]["refusal"]["key"] == "empty_text"
    assert desk.chosen() == before


def is_russian(text: str) -> bool:
    return any("а" <= character <= "я" for character in text.lower())


def test_a_refused_change_leaves_the_text_as_it_was(desk: Desk, files: list[Path]) -> None:
    desk.upload(files[1], name="Rain")
    before, text = desk.chosen(), desk.text()
    seen = desk.edit(action="encoding", index=0, value="ascii")
    assert seen[desk.page.files]["refusal"]["key"] == "encoding_unfit"
    first = seen[desk.page.files]["nonce"]
    assert seen[desk.page.files]["files"][0]["encoding"] == "koi8-r"
    assert (desk.chosen(), desk.text()) == (before, text)
    assert desk.edit(action="encoding", index=0, value="ascii")[desk.page.files]["nonce"] != first


def test_how_a_text_was_read_is_still_known_after_a_restart(desk: Desk, files: list[Path]) -> None:
    seen = desk.upload(files[1])
    again = Studio(desk.studio.store, desk.studio.device).texts.account(desk.chosen()[1])
    assert again is not None
    assert (again.name, again.encoding, again.is_guess) == ("two.txt", "koi8-r", True)
    assert seen[desk.page.files]["files"][0]["guess"]
    reloaded = desk.intake.show(None, desk.chosen()[1])
    assert not reloaded[desk.page.files]["editable"]  # the files are the browser's: it has to give them again


OWN = Own("own:1", "n", ((Path("a"), Reading()), (Path("b"), Reading())))


@pytest.mark.parametrize(
    "wish",
    [{}, {"action": "up", "index": 0}, {"action": "down", "index": 1}, {"action": "down", "index": True},
     {"action": "columns", "index": 0, "value": []}, {"action": "remove", "index": 5}, {"action": 7, "index": 0},
     {"action": "encoding", "index": 0, "value": 5}, {"action": "encoding", "index": -1, "value": "utf-8"}],
)  # fmt: skip
def test_wishes_that_cannot_be_change_nothing(wish: dict[str, object]) -> None:
    assert changed(OWN, wish) is None


def test_the_column_of_a_data_set_can_be_chosen() -> None:
    own = Own("own:1", "n", (), DatasetName("a/b"))
    wanted = changed(own, {"action": "columns", "index": 0, "value": ["story"]})
    assert wanted
    assert wanted.dataset == DatasetName("a/b", column="story")


def test_the_doctor_speaks_of_the_recipe_that_would_run(desk: Desk) -> None:
    seen = desk.see(desk.intake.paste(WORDS, "kept", *desk.chosen()))
    doctor, verdict = seen[desk.page.doctor], seen[desk.page.verdict]
    assert doctor["characters"] == len(WORDS)
    assert doctor["findings"][0]["key"] == "verdict_small"
    assert {effect["name"] for effect in doctor["effects"]} >= {"nfc", "letters_only"}
    remedy = verdict["finding"]["remedy"]["settings"]
    filled = desk.planner.apply(gr.EventData(None, {"settings": remedy}), *desk.values)
    assert filled.keys() == set(desk.page.settings.values())  # a field of a closed panel takes only a whole value
    before = seen[desk.page.facts]["parameters"]
    desk.values = list(filled.values())
    after = desk.see(iter(()))
    assert after[desk.page.facts]["parameters"] < before
    assert after[desk.page.doctor]["findings"][0]["remedy"] is None  # nothing smaller is advised


def test_a_run_that_does_not_fit_is_said_before_it_starts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda _: 10**6)
    seen = desk.see(desk.intake.paste(WORDS, "kept", *desk.chosen()))
    assert seen[desk.page.facts]["characters"] == len(WORDS)
    assert seen[desk.page.facts]["seconds"] is None
    assert seen[desk.page.verdict]["finding"]["key"] == "not_enough_memory"


def test_a_long_work_is_shown_and_whoever_holds_its_ticket_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.0)
    works = Works()

    def endless(told: Progress) -> None:
        while True:
            told(1, 4)

    following = works.follow("reading", endless)
    frame = next(following)
    while frame["work"]["share"] is None:
        frame = next(following)
    assert (frame["work"]["doing"], frame["work"]["share"]) == ("reading", 0.25)
    works.cancel("another")
    assert next(following)
    works.cancel(frame["work"]["ticket"])
    with pytest.raises(Cancelled):
        next(following)  # it may not wait for the work to notice


def test_a_work_that_fails_says_why_and_one_that_ends_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(act: Any) -> Any:
        with pytest.raises(StopIteration) as end:
            next(Works().follow("reading", act))
        return end.value.value

    assert get(lambda _: 7) == 7
    with pytest.raises(ZeroDivisionError):
        next(Works().follow("reading", lambda _: 1 // 0))
