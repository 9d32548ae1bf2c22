"""What is kept under the home of the program: numbers that nobody gets twice, models, and the user's texts."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprnn.device import Device
from deeprnn.errors import CheckpointError, JobError, TextError
from deeprnn.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from deeprnn.model.package import Package
from deeprnn.model.weights_file import write_tensors
from deeprnn.runs import store as store_room
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from ..model.crafting import make_checkpoint
from .test_studio import LONG, tiny

CPU = Device("cpu", "CPU", 1)
VERSE = "the bell was still and deep, and deep was the bell. " * 40


def open_store(home: Path) -> Store:
    return Store(home, bundled=home / "none")


def whole(store: Store, key: str) -> tuple[str, str]:
    name, pieces = store.shelf.load(key)
    return name, "".join(pieces)


def at_once(count: int, action: Callable[[], object]) -> list[Any]:
    """Let threads do the same thing, all beginning together; return what they returned or raised."""
    barrier, results = threading.Barrier(count), list[Any]()

    def work() -> None:
        barrier.wait()
        try:
            results.append(action())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_second_program_on_one_home_only_shows_what_is_there(tmp_path: Path) -> None:
    """Both trained, and each took the other's runs for dead ones when it was started again."""
    first = Studio(open_store(tmp_path), CPU)
    key = first.add_text("verse.txt", VERSE)[0].key
    number = first.start(key, tiny())
    assert first.wait(LONG)
    second = Studio(open_store(tmp_path), CPU)
    assert second.store.read_only
    assert [entry.number for entry in second.runs.entries()] == [number]
    assert {m.key for m in second.models()} == {f"run:{number}:best", f"run:{number}:last"}
    for act in (lambda: second.start(key, tiny()), lambda: second.runs.rename(number, "x"),
                lambda: second.runs.discard(number), lambda: second.runs.resume(number)):  # fmt: skip
        with pytest.raises(JobError) as refusal:
            act()
        assert refusal.value.message.key == "home_in_use"
    assert first.close(LONG)
    assert not open_store(tmp_path).read_only


def test_a_refused_start_takes_no_number(tmp_path: Path) -> None:
    studio = Studio(open_store(tmp_path), CPU)
    key = studio.add_text("verse.txt", VERSE)[0].key
    with pytest.raises(TextError):
        studio.start("own:none", tiny())
    assert studio.start(key, tiny()) == 1
    assert studio.wait(LONG)
    assert studio.close(LONG)


def test_folders_of_the_user_among_the_runs_are_no_numbers(tmp_path: Path) -> None:
    for name in ("²", "0007", "notes"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    studio = Studio(open_store(tmp_path), CPU)
    key = studio.add_text("verse.txt", VERSE)[0].key
    assert studio.start(key, tiny()) == 8
    assert studio.close(LONG)


def test_one_damaged_text_does_not_hide_the_others(tmp_path: Path) -> None:
    """A file cut short by a full disk raised from the list, and the whole page came up empty."""
    studio = Studio(open_store(tmp_path), CPU)
    names = ["first", "second", "third", "fourth"]
    keys = [studio.add_text(name, VERSE + name)[0].key for name in names]
    for age, key in enumerate(keys):
        os.utime(tmp_path / "texts" / f"{key[4:]}.json", (age, age))
    (tmp_path / "texts" / f"{keys[1][4:]}.json").write_text('{"name": "sec', encoding="utf-8")
    (tmp_path / "texts" / f"{keys[2][4:]}.txt").unlink()
    for name, spoilt in {"a": b"[]", "b": b"\xff", "c": b"[" * 99_999, "d": b'{"name": "d", "text": 7}'}.items():
        (tmp_path / "texts" / f"{name}.json").write_bytes(spoilt)
    (tmp_path / "texts" / "e.json").mkdir()
    assert [entry.title for entry in studio.corpora() if entry.kind == "own"] == ["fourth", "first"]
    for key in (*keys[1:3], "own:a", "own:c", "own:d", "own:e"):
        with pytest.raises(TextError):
            whole(studio.store, key)


def test_the_list_of_texts_reads_no_text(tmp_path: Path) -> None:
    """Every page load and every look at the state parsed whole books for their names."""
    store = open_store(tmp_path)
    key = store.shelf.save("book", [VERSE])
    (tmp_path / "texts" / f"{key[4:]}.txt").write_bytes(b"\xff")  # it would raise
    assert store.shelf.names() == {key: "book"}
    with pytest.raises(TextError):
        whole(store, key)


def test_a_kept_text_comes_back_to_the_letter(tmp_path: Path) -> None:
    store, text = open_store(tmp_path), "a\r\nb\rc\n\u2028d\x85 词 \U0001f514\n\n"
    key = store.shelf.save("name 名", [text])
    assert whole(open_store(tmp_path), key) == ("name 名", text)
    assert {file.suffix for file in (tmp_path / "texts").iterdir()} == {".txt", ".json"}


def test_a_text_kept_by_an_older_version_is_still_there(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    kept = json.dumps({"name": "old book", "text": VERSE})
    (tmp_path / "texts" / "0123456789ab.json").write_text(kept, encoding="utf-8")
    store = open_store(tmp_path)
    assert store.shelf.names() == {"own:0123456789ab": "old book"}
    assert whole(store, "own:0123456789ab") == ("old book", VERSE)


@pytest.mark.parametrize(("name", "kept"), [("caf\udce9.txt", "caf�.txt"), ("\ud83d\udd14", "🔔"), ("\ud800", "�")])
def test_a_name_with_half_a_character_is_kept_with_a_mark(tmp_path: Path, name: str, kept: str) -> None:
    """Such names come from file systems of another encoding; UTF-8 cannot write them, and it raised."""
    studio = Studio(open_store(tmp_path), CPU)
    entry, _ = studio.add_text(name, VERSE)
    assert entry.title == kept
    assert studio.store.shelf.names() == {entry.key: kept}


def during_the_next_load(patch: pytest.MonkeyPatch, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Let a save come in between, while a model is being read."""
    load = load_checkpoint

    def slow(folder: Path) -> Checkpoint:
        patch.setattr(store_room, "load_checkpoint", load)
        before()
        try:
            return load(folder)
        finally:
            after()

    patch.setattr(store_room, "load_checkpoint", slow)


def test_a_load_that_a_save_overtakes_does_not_bring_the_old_model_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began before the save, ended after it, and its old weights stayed in memory for every later load."""
    store, old, new = open_store(tmp_path), make_checkpoint(seed=1), make_checkpoint(seed=2)
    store.save_best(1, old)
    during_the_next_load(monkeypatch, lambda: None, lambda: store.save_best(1, new))
    store.load("run:1:best")
    assert same_weights(store.load("run:1:best"), new)
    assert store.load("run:1:best") is store.load("run:1:best")


def test_a_load_that_meets_files_of_two_saves_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, new = open_store(tmp_path), make_checkpoint(seed=2)
    store.save_best(1, make_checkpoint(seed=1))
    weights = tmp_path / "runs" / "0001" / "best" / "model.safetensors"

    def mix() -> None:
        weights.write_bytes(write_tensors(new.network.state_dict()))

    during_the_next_load(monkeypatch, mix, lambda: store.save_best(1, new))
    assert same_weights(store.load("run:1:best"), new)
    weights.write_bytes(b"damaged")  # and stays so: no save came
    with pytest.raises(CheckpointError):
        open_store(tmp_path).load("run:1:best")


def test_an_export_that_a_save_overtakes_is_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, new, read = open_store(tmp_path), make_checkpoint(seed=2), Package.read
    store.save_best(1, make_checkpoint(seed=1))

    def slow(package: Package, name: str) -> bytes:
        if name == "config.json":
            monkeypatch.setattr(Package, "read", read)
            store.save_best(1, new)
        return read(package, name)

    monkeypatch.setattr(Package, "read", slow)
    assert same_weights(load_checkpoint(store.export("run:1:best")), new)


def test_a_model_is_listed_while_a_save_has_set_it_aside_and_an_unfinished_one_is_not(tmp_path: Path) -> None:
    store, model = open_store(tmp_path), make_checkpoint()
    store.save_best(1, model)
    best = tmp_path / "runs" / "0001" / "best"
    save_checkpoint(tmp_path / "models" / ".0123.deeprnn-new-1", model)
    best.rename(best.with_name(".best.deeprnn-old-1"))
    assert list(store.models()) == ["run:1:best"]
    assert same_weights(store.load("run:1:best"), model)


def test_one_model_exported_and_imported_by_many_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.save_best(1, make_checkpoint())
    exported = at_once(4, lambda: store.export("run:1:best"))
    assert len(set(map(str, exported))) == 1
    assert exported[0].suffix == ".zip"
    imported = at_once(4, lambda: store.add_model(exported[0]).key)
    assert len(set(map(str, imported))) == 1
    assert list(store.models()) == ["run:1:best", imported[0]]


def same_weights(one: Checkpoint, other: Checkpoint) -> bool:
    ours, theirs = one.network.state_dict(), other.network.state_dict()
    return all(ours[name].equal(theirs[name]) for name in theirs)
