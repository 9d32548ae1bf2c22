from __future__ import annotations

from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text import catalogue
from deeprnn.text.source import find_text


def test_a_path_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my book.txt"
    path.write_text("one\r\ntwo — three", "utf-8")
    for source in (path, str(path)):
        found = find_text(source)
        assert (found.name, found.text) == ("my book", "one\ntwo — three")


def test_a_key_is_a_text_of_the_catalogue() -> None:
    found = find_text("the_thirsty_bell")
    assert found.name == "The Thirsty Bell"
    assert found.text == catalogue.load("the_thirsty_bell").text


def test_a_synthetic_source_brings_its_entropy() -> None:
    key = next(entry.key for entry in catalogue.entries() if entry.kind == "synthetic")
    assert find_text(key).entropy_floor == catalogue.load(key).entropy_floor is not None


def test_a_file_comes_before_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("the_thirsty_bell").write_text("another bell")
    assert find_text("the_thirsty_bell").text == "another bell"


@pytest.mark.parametrize("text", ["two\nlines", "one long line " * 30])
def test_what_cannot_be_a_name_is_the_text_itself(text: str) -> None:
    assert find_text(text).text == text


def test_a_name_of_nothing_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(TextError, match=r"nowhere\.txt.*the_thirsty_bell"):
        find_text("nowhere.txt")
