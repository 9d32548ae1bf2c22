from __future__ import annotations

import io
from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text import catalogue
from deeprnn.text.account import Reading
from deeprnn.text.source import find_pieces, find_text


def test_a_path_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my book.txt"
    path.write_bytes("one\r\ntwo — three".encode())
    for source in (path, str(path)):
        found = find_text(source)
        assert (found.name, found.text) == ("my book", "one\r\ntwo — three")  # cleaning comes later


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


def test_a_folder_is_all_of_its_texts(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    for name, data in {"b.txt": b"second", "part/c.md": b"third\n", "a.csv": b"n,words\n1,first\n"}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / ".hidden").write_bytes(b"hidden")
    found = find_text(tmp_path)
    assert (found.name, found.text) == (tmp_path.name, "first\n\nsecond\n\nthird\n")
    assert [part.name for part in found.account.parts] == ["a.csv", "b.txt", "c.md"]
    assert [notice.key for notice in found.notices] == ["left_out", "in_file"]
    (tmp_path / "my.novel").mkdir()
    (tmp_path / "my.novel" / "one.txt").write_bytes(b"words")
    assert find_text(tmp_path / "my.novel").name == "my.novel"  # the dot begins no suffix of a folder
    (tmp_path / "empty").mkdir()
    with pytest.raises(TextError, match=r"no file in .*empty"):
        find_text(tmp_path / "empty")


def test_several_paths_are_one_text(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(f"this is {name}")
    found = find_text([tmp_path / "b.txt", tmp_path / "a.txt"])
    assert (found.name, found.text) == ("b", "this is b.txt\n\nthis is a.txt")
    with pytest.raises(TextError, match=r"no text called .*c\.txt"):
        find_text([tmp_path / "b.txt", str(tmp_path / "c.txt")])


def test_texts_of_several_kinds_are_one_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a text")
    found = find_text(["counting", tmp_path / "a.txt"])
    assert found.text == f"{catalogue.load('counting').text.rstrip()}\n\na text"
    assert (found.entropy_floor, len(found.account.parts)) == (None, 2)
    with pytest.raises(TextError):
        find_text([])


def test_standard_input_is_a_file_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Все счастливые семьи\n".encode())))
    assert find_text("-").text == "Все счастливые семьи\n"


@pytest.mark.parametrize(
    "text", ['{"id": 1, "body": "first"}\n{"id": 2, "body": "second"}\n', "id\tbody\n1\tfirst\n2\tsecond\n"]
)
def test_where_columns_are_asked_for_standard_input_is_a_table(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert find_text("-", Reading(columns=("body",))).text.split() == ["first", "second"]


def test_records_on_standard_input_are_known_by_their_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """They were read as plain text, braces and all, unless a column was named."""
    records = b'{"id": "1", "body": "the first"}\n{"id": "2", "body": "the second"}\n'
    for data, expected in ((records, "the first\nthe second\n"), (b"[a note] and words\n", "[a note] and words\n")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert find_text("-").text == expected


def test_a_plain_text_has_no_columns_to_choose(tmp_path: Path) -> None:
    """The choice was passed over without a word."""
    plain, table = tmp_path / "a.txt", tmp_path / "b.csv"
    plain.write_text("plain words\n")
    table.write_text("id,body\n1,first words\n2,second words\n")
    how = Reading(columns=("body",))
    for source in (plain, [plain], [plain, plain], "the_thirsty_bell"):
        with pytest.raises(TextError, match="without columns"):
            find_pieces(source, how)
    assert find_text([plain, table], how).text == "plain words\n\nfirst words\nsecond words\n"


def test_the_folder_one_is_in_has_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("a text")
    assert find_text(".").name == tmp_path.name


def test_pieces_are_the_text_before_it_is_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo")
    assert list(find_pieces(path).pieces) == ["one\r\ntwo"]
    assert list(find_pieces("two\nlines").pieces) == ["two\nlines"]
    assert "".join(find_pieces("the_thirsty_bell").pieces) == catalogue.load("the_thirsty_bell").text
