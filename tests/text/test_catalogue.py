"""The catalogue: every text that ships can be read, and every entry says what it is in both languages."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from deeprnn.config import TextConfig
from deeprnn.errors import TextError
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.text.download import Download

ENTRIES = {entry.key: entry for entry in catalogue.entries()}
LOCAL = [key for key, entry in ENTRIES.items() if entry.kind != "download"]


def test_entries_are_complete() -> None:
    assert len(ENTRIES) == len(catalogue.entries())
    for entry in ENTRIES.values():
        assert entry.kind in ("bundled", "download", "synthetic")
        assert all((entry.title, entry.title_zh, entry.language, entry.licence, entry.source))
        assert not entry.title_zh.isascii()
        assert catalogue.title(entry.key) == entry.title
    assert {key for key, entry in ENTRIES.items() if entry.kind == "download"} == set(catalogue.DOWNLOADS)
    assert {entry.kind for entry in ENTRIES.values()} == {"bundled", "download", "synthetic"}


def test_the_folder_and_the_table_name_the_same_texts() -> None:
    files = {file.stem for file in catalogue.FOLDER.glob("*.txt")}
    assert files == {key for key, entry in ENTRIES.items() if entry.kind == "bundled"}


@pytest.mark.parametrize("key", LOCAL)
def test_local_texts_load_unchanged_and_can_be_learnt(key: str) -> None:
    loaded = catalogue.load(key)
    assert loaded.notices == ()
    assert (loaded.entropy_floor is not None) == (ENTRIES[key].kind == "synthetic")
    corpus = build_corpus(loaded.text, TextConfig(), key, loaded.entropy_floor)
    assert corpus.notices == ()
    assert 3 <= corpus.tokenizer.vocab_size < 2000


@pytest.mark.parametrize(("key", "least"), [("the_thirsty_bell", 60_000), ("cun_feng_de_shitou", 15_000)])
def test_bundled_stories_are_long_and_never_repeat_a_paragraph(key: str, least: int) -> None:
    text = catalogue.load(key).text
    paragraphs = [line for line in text.split("\n") if len(line) > 20]
    assert len(text) >= least
    assert len(paragraphs) == len(set(paragraphs))


def test_downloads_are_those_of_their_authors() -> None:
    chapter = catalogue.DOWNLOADS["time_machine"]
    assert chapter.sha1 == "090b5e7e70c295757f55df93cb0a180b9691891a"  # d2l's DATA_HUB["time_machine"]
    assert chapter.url == "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt"


@pytest.mark.parametrize(("key", "characters"), [("time_machine", 178_979), ("tiny_shakespeare", 1_115_394)])
def test_downloads_from_a_folder(key: str, characters: int, corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPRNN_CORPORA", str(corpora))
    loaded = catalogue.load(key)
    assert (len(loaded.text), [n.key for n in loaded.notices]) == (characters, ["public_domain_text"])


def test_a_download_is_read_as_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"The Time Traveller\r\n"
    download = Download("timemachine.txt", "http://127.0.0.1:9/", hashlib.sha1(data).hexdigest())
    monkeypatch.setitem(catalogue.DOWNLOADS, "time_machine", download)
    monkeypatch.setenv("DEEPRNN_CORPORA", str(tmp_path))
    (tmp_path / "timemachine.txt").write_bytes(data)
    loaded = catalogue.load("time_machine")
    assert loaded.text == "The Time Traveller\r\n"  # how it is cleaned is the choice of a recipe
    assert [notice.key for notice in loaded.notices] == ["public_domain_text"]


def test_unknown_and_own_texts() -> None:
    for ask in (catalogue.load, catalogue.title):
        with pytest.raises(TextError, match="no text called a story"):
            ask("a story")
    entry = catalogue.own_entry("own:1", "日记.txt")
    assert (entry.kind, entry.title, entry.title_zh) == ("own", "日记.txt", "日记.txt")


def test_a_downloaded_text_says_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "obtain", lambda download: b"It was the best of times.\n" * 4)
    notices = [str(notice) for notice in catalogue.load("time_machine").notices]
    assert [notice for notice in notices if "public domain" in notice and "H. G. Wells, 1895" in notice]
