"""Ids on the disk are those in memory, are found again, noticed when damaged, and never fill the disk."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deeprnn.config import Recipe, TextConfig
from deeprnn.device import choose_device
from deeprnn.disk import NEW
from deeprnn.errors import Cancelled, TextError
from deeprnn.text import encoded, encoding, prepared, spool
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.text.counting import at_line_starts
from deeprnn.text.encoded import encoded_folder, make_room
from deeprnn.text.tokens.choice import KINDS
from deeprnn.training.train import Training

STORY = "Wer reitet so spät durch Nacht und Wind?\nEs ist der Vater mit seinem Kind;\n\n道可道，非常道。 𝄞 12 34\n"
TEXT = STORY * 40
TINY = Recipe().replace(hidden_size=8, num_layers=1, batch_size=4, sequence_length=9, max_epochs=1, max_steps=20)


class Pieces:
    """A text in pieces, that may change from one pass to the next."""

    def __init__(self, *passes: str, size: int = 97) -> None:
        self.passes, self.size, self.seen = passes, size, 0

    def __iter__(self) -> Iterator[str]:
        text = self.passes[min(self.seen, len(self.passes) - 1)]
        self.seen += 1
        yield from (text[begin : begin + self.size] for begin in range(0, len(text), self.size))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let everything be on the disk, in small pieces."""
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path))
    monkeypatch.setattr(encoding, "MEMORY_TOKENS", 0)
    monkeypatch.setattr(encoding, "MARK_TOKENS", 4)
    monkeypatch.setattr(spool, "MEMORY_BYTES", 0)
    monkeypatch.setattr(prepared, "PIECE_CHARACTERS", 1000)


def in_memory(text: str | Pieces, config: TextConfig) -> Corpus:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "MEMORY_TOKENS", 10**9)
        patch.setattr(spool, "MEMORY_BYTES", 10**9)
        return build_corpus(text, config, "x")


def files() -> list[Path]:
    return sorted(encoded_folder().glob("*"))


def assert_equal(found: Corpus, expected: Corpus) -> None:
    assert found.tokenizer == expected.tokenizer
    for mine, others in ((found.train_ids, expected.train_ids), (found.validation_ids, expected.validation_ids)):
        assert mine.dtype == others.dtype
        np.testing.assert_array_equal(mine, others)
    assert (found.sha256, found.characters) == (expected.sha256, expected.characters)
    assert abs(found.train_characters - expected.train_characters) <= 8  # by proportion between two marks
    assert found.notices == expected.notices


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [None, 1234])
def test_ids_on_the_disk_are_those_in_memory_and_are_found_again(kind: str, most: int | None) -> None:
    config = TextConfig(tokenizer=kind, max_tokens=most)
    expected = in_memory(TEXT, config)
    assert not encoded_folder().exists()
    assert_equal(build_corpus(Pieces(TEXT), config, "x"), expected)
    first = {path: path.stat().st_ino for path in files()}
    assert_equal(build_corpus(TEXT, config, "x"), expected)
    assert {path: path.stat().st_ino for path in files()} == first
    assert [path.suffix for path in first] == [".ids", ".json"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_in_pieces_is_the_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = TextConfig(tokenizer=kind, letters_only=kind == "byte")
    pieces = in_memory(Pieces(TEXT, size=7), config)
    monkeypatch.setattr(prepared, "PIECE_CHARACTERS", 1 << 20)
    assert_equal(pieces, in_memory(TEXT, config))


def test_the_header_says_what_the_array_is() -> None:
    corpus = build_corpus(TEXT, TextConfig(validation_fraction=0.2), "x")
    array, header = files()
    values = json.loads(header.read_bytes())
    assert values["text_sha256"] == corpus.sha256
    assert (values["dtype"], values["tokens"]) == ("uint8", len(TEXT)) == ("uint8", array.stat().st_size)
    assert values["tokenizer"] == corpus.tokenizer.to_dict()
    np.testing.assert_array_equal(np.fromfile(array, np.uint8)[: len(corpus.train_ids)], corpus.train_ids)
    build_corpus(TEXT, TextConfig(validation_fraction=0.4), "x")
    assert len(files()) == 2  # another split is the same array


def spoil_array(array: Path, header: Path) -> None:
    data = bytearray(array.read_bytes())
    data[100] ^= 1
    array.write_bytes(data)


def cut_array(array: Path, header: Path) -> None:
    os.truncate(array, 100)


def lose_header(array: Path, header: Path) -> None:
    header.unlink()


def spoil_header(array: Path, header: Path) -> None:
    header.write_bytes(header.read_bytes()[:50])


def change_tokenizer(array: Path, header: Path) -> None:
    header.write_text(header.read_text().replace('"W"', '"Q"'))


def change_version(array: Path, header: Path) -> None:
    header.write_text(header.read_text().replace(f'"format": {encoded.FORMAT}', '"format": 0'))


DAMAGE = [spoil_array, cut_array, lose_header, spoil_header, change_tokenizer, change_version]


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_made_anew_and_said(damage: object) -> None:
    before = build_corpus(TEXT, TextConfig(), "x")
    damage(*files())  # type: ignore[operator]
    again = build_corpus(TEXT, TextConfig(), "x")
    assert [notice.key for notice in again.notices] == ["encoded_damaged"]
    np.testing.assert_array_equal(again.train_ids, in_memory(TEXT, TextConfig()).train_ids)
    assert build_corpus(TEXT, TextConfig(), "x").notices == before.notices == ()


def test_training_from_the_disk_is_training_from_memory() -> None:
    for partition in ("sequential", "random"):
        runs = []
        for build in (build_corpus, lambda text, config, name: in_memory(text, config)):
            corpus = build(TEXT, TextConfig(), "x")
            recipe = TINY.replace(partition=partition)
            runs.append([record.loss for record in Training(corpus, recipe, choose_device("cpu"))])
        assert runs[0] == runs[1]
        assert len(runs[0]) == TINY.train.max_steps


def test_a_text_that_changes_meanwhile_is_refused() -> None:
    with pytest.raises(TextError) as caught:
        build_corpus(Pieces(TEXT, TEXT.replace("spät", "früh")), TextConfig(tokenizer="byte"), "x")
    assert caught.value.message.key == "text_changed"
    assert files() == []


def test_characters_are_read_once_so_that_a_change_does_not_matter() -> None:
    text = Pieces(TEXT, TEXT.replace("spät", "früh"))
    assert_equal(build_corpus(text, TextConfig(), "x"), in_memory(TEXT, TextConfig()))
    assert text.seen == 1


@pytest.mark.parametrize("kind", ["character", "subword"])
def test_progress_ends_at_its_total_and_cancelling_leaves_nothing(kind: str) -> None:
    told: list[tuple[int, int]] = []
    config = TextConfig(tokenizer=kind)
    build_corpus(Pieces(TEXT), config, "x", progress=lambda *numbers: told.append(numbers))
    size = len(TEXT.encode())
    assert told[0] == (len(TEXT[:97].encode()), 0)
    assert told[-1] == ((2 if kind == "character" else 3) * size,) * 2
    assert told == sorted(told)

    def cancel(done: int, total: int) -> None:
        if done > size * 1.5:
            raise Cancelled("cancelled")

    for path in files():
        path.unlink()
    with pytest.raises(Cancelled):
        build_corpus(Pieces(TEXT), config, "x", progress=cancel)
    assert files() == []


def test_the_oldest_go_first_but_none_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    corpora: dict[Path, Corpus | None] = {}
    for number in range(4):
        before = set(files())
        corpus = build_corpus(f"{number}{TEXT}", TextConfig(), "x")
        array = next(path for path in set(files()) - before if path.suffix == ".ids")
        os.utime(array, (number, number))
        corpora[array] = corpus if number == 1 else None
    del corpus
    used = next(array for array, corpus in corpora.items() if corpus)
    monkeypatch.setattr(encoded, "MOST_BYTES", 2 * len(TEXT) + 100)
    make_room(0)
    left = {path for path in files() if path.suffix == ".ids"}
    assert left == {used, list(corpora)[3]}
    assert len(files()) == 4
    monkeypatch.setattr(encoded, "MOST_BYTES", 0)
    make_room(0)
    assert {path.stem for path in files()} == {used.stem}
    still = corpora[used]
    assert still is not None
    assert still.tokenizer.decode(still.train_ids[:5]) == "1Wer "


def test_a_text_used_again_is_no_longer_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        build_corpus(f"{number}{TEXT}", TextConfig(), "x")
    for path in files():
        os.utime(path, (1, 1))
    build_corpus("0" + TEXT, TextConfig(), "x")
    monkeypatch.setattr(encoded, "MOST_BYTES", len(TEXT) + 100)
    make_room(0)
    assert build_corpus("0" + TEXT, TextConfig(), "x").characters == len(TEXT) + 1
    assert len(files()) == 2


def test_what_a_dead_writer_left_is_removed() -> None:
    build_corpus(TEXT, TextConfig(), "x")
    left, fresh = (encoded_folder() / f".{name}.ids{NEW}{name}" for name in ("dead", "fresh"))
    for path in (left, fresh):
        path.write_bytes(b"half")
    os.utime(left, (1, time.time() - 2 * encoded.YOUNG_SECONDS))
    make_room(0)
    assert not left.exists()
    assert fresh.exists()


def test_a_full_disk_is_said_before_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "_free", lambda folder: 1000)
    with pytest.raises(TextError, match="MB are needed"):
        build_corpus(TEXT, TextConfig(), "x")
    assert files() == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    encoded_folder().write_text("a file in its place")
    with pytest.raises(TextError) as caught:
        build_corpus(TEXT, TextConfig(), "x")
    assert caught.value.message.key == "cannot_write"


def test_pieces_begin_with_lines() -> None:
    lines = list(at_line_starts(["ab\ncd", "e\n \n", "f\n\n", "g", "h \ni\nj"]))
    assert lines == ["ab\n", "cde\n \nf\n\ngh \ni\n", "j"]
    assert list(at_line_starts(["abc", "def", "g"], longest=6)) == ["abcdef", "g"]
