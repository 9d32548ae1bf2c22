"""Data sets: the real loader reads folders that look like repositories; the network is never used."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text import hub
from deeprnn.text.hub import DatasetName, open_dataset, parse
from deeprnn.text.source import find_text

pytest.importorskip("datasets")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    place = tmp_path / "stories"
    place.mkdir()
    for split, count in (("train", 200), ("test", 3)):
        rows = [{"id": f"{n:04}", "story": f"This is story {n} of {split}.", "n": n} for n in range(count)]
        (place / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return place


def test_the_form_of_a_name() -> None:
    assert parse("hub:a/b") == DatasetName("a/b")
    assert parse("hub:a-1/b.c:en/test#text@5000") == DatasetName("a-1/b.c", "en", "test", "text", 5000)
    for bad in ("hub:", "hub:a", "hub:a/b/c/d", "hub:a/b@0", "hub:a/b@x", "hub:../a/b", "hub:https://x/a/b"):
        with pytest.raises(TextError, match="hub:owner/name"):
            find_text(bad)


def test_the_column_with_most_text_of_the_training_split(folder: Path) -> None:
    account, pieces = open_dataset(DatasetName(str(folder)))
    text = "".join(pieces)
    assert text == "".join(f"This is story {n} of train.\n" for n in range(200)) == "".join(pieces)
    assert (account.kind, account.chosen, account.characters) == ("hub", ("story",), len(text))
    assert [column.name for column in account.columns] == ["id", "story"]


def test_a_split_a_column_and_a_number_of_characters(folder: Path) -> None:
    account, pieces = open_dataset(DatasetName(str(folder), split="test", column="id", characters=7))
    assert ("".join(pieces), account.characters) == ("0000\n00", 7)
    assert [(notice.key, notice.details["characters"]) for notice in account.notices] == [("hub_cut", 7)]


def test_what_is_not_there_is_refused_with_what_is(folder: Path) -> None:
    for wanted, allowed in (
        (DatasetName(str(folder), split="nope"), "Allowed: train, test"),
        (DatasetName(str(folder), column="nope"), "Allowed: id, story"),
        (DatasetName(str(folder), configuration="nope"), "Allowed: default"),
    ):
        with pytest.raises(TextError, match=allowed):
            open_dataset(wanted)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextError):
        open_dataset(DatasetName(str(tmp_path)))


def test_without_a_network_it_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*where: object) -> None:
        raise OSError("no network")

    for name in ("HF_HUB_OFFLINE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(TextError, match=r"huggingface\.co cannot be reached"):
        find_text("hub:owner/name")


def test_without_the_library_it_says_which_command_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(TextError, match=r'pip install "datasets>=4,<6"'):
        open_dataset(DatasetName("owner/name"))


def test_the_command_is_what_the_extra_names() -> None:
    from deeprnn.text.formats import pdf

    project = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    for extra, command in (("hub", hub.COMMAND), ("formats", pdf.COMMAND)):
        assert f'{extra} = ["{command.split(chr(34))[1]}"]' in project
