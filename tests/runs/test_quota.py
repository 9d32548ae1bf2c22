"""What a visitor may take: texts in a minute, runs at a time, and room on a disk that all visitors share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deeprnn.config import Recipe
from deeprnn.errors import ConfigError, DeepRNNError, InputError
from deeprnn.runs.allowance import Allowance
from deeprnn.runs.entries import RunEntry
from deeprnn.runs.limits import LOCAL, PUBLIC, Limits
from deeprnn.runs.quota import refuse_more_jobs, refuse_too_large, removal_notice, run_bytes, runs_to_remove
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS


def entry(number: int, state: str = "done", *, deleted: float | None = None) -> RunEntry:
    return RunEntry(
        number=number, id="x", name=f"run {number}", notes="", corpus="", corpus_name="", recipe=Recipe(), differs={},
        state=state, place=None, step=0, total_steps=0, best=None, bits_per_character=None, seconds=0.0,
        tokens_per_second=0.0, created=float(number), deleted=deleted,
    )  # fmt: skip


def fill(home: Path, sizes: dict[int, int]) -> Path:
    for number, size in sizes.items():
        folder = home / "runs" / f"{number:04d}" / "best"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(bytes(size))
    return home


def numbers(entries: Sequence[RunEntry]) -> list[int]:
    return [entry.number for entry in entries]


def test_the_oldest_idle_runs_go_first_and_the_deleted_ones_before_them(tmp_path: Path) -> None:
    home = fill(tmp_path / "a", {1: 200, 2: 200, 3: 200, 4: 200})
    entries = [entry(4), entry(3, deleted=1.0), entry(2), entry(1, "running")]
    limits = replace(PUBLIC, visitor_bytes=900)
    assert numbers(runs_to_remove(limits, home, entries, 100)) == []
    assert numbers(runs_to_remove(limits, home, entries, 101)) == [3]
    assert numbers(runs_to_remove(limits, home, entries, 500)) == [3, 2]
    assert numbers(runs_to_remove(limits, home, entries, 700)) == [3, 2, 4]
    with pytest.raises(DeepRNNError) as refused:  # what trains never goes
        runs_to_remove(limits, home, entries, 701)
    assert refused.value.message.key == "no_room_for_run"


def test_there_are_so_many_runs_and_no_more(tmp_path: Path) -> None:
    limits = replace(PUBLIC, kept_runs=3)
    entries = [entry(3), entry(2), entry(1)]
    assert numbers(runs_to_remove(limits, tmp_path / "a", entries[1:], 1)) == []
    assert numbers(runs_to_remove(limits, tmp_path / "a", entries, 1)) == [1]


def test_what_others_have_filled_is_no_room(tmp_path: Path) -> None:
    fill(tmp_path / "other", {1: 50_000})
    limits = replace(PUBLIC, disk_bytes=60_000)
    assert runs_to_remove(replace(limits, disk_bytes=10**6), tmp_path / "mine", [], 20_000) == ()
    with pytest.raises(DeepRNNError) as refused:
        runs_to_remove(limits, tmp_path / "mine", [], 20_000)
    assert refused.value.message.key == "no_room_for_visitors"


def test_what_will_go_is_said_before() -> None:
    assert removal_notice([]) == ()
    [said] = removal_notice([entry(n) for n in range(1, 6)])
    assert said.details == {"count": 5, "names": "1 (run 1), 2 (run 2), 3 (run 3)"}


@pytest.mark.parametrize(
    ("limits", "entries", "waiting", "key"),
    [
        (PUBLIC, [], 0, None),
        (PUBLIC, [entry(1), entry(2, "interrupted")], 7, None),
        (PUBLIC, [entry(1, "paused")], 0, "too_many_jobs"),
        (PUBLIC, [entry(1, "waiting")], 0, "too_many_jobs"),
        (PUBLIC, [], 8, "queue_full"),
        (replace(PUBLIC, jobs_per_visitor=0), [], 0, "nothing_kept"),
        (LOCAL, [entry(n, "waiting") for n in range(50)], 50, None),
    ],
)
def test_runs_at_a_time(limits: Limits, entries: list[RunEntry], waiting: int, key: str | None) -> None:
    if key is None:
        refuse_more_jobs(limits, entries, waiting)
        return
    with pytest.raises(DeepRNNError) as refused:
        refuse_more_jobs(limits, entries, waiting)
    assert refused.value.message.key == key


def test_a_shared_machine_bears_no_giants() -> None:
    text = "the bell was still and deep " * 400
    recipe = PRESETS["quick"]
    corpus = build_corpus(text, recipe.text, "Bell")
    refuse_too_large(PUBLIC, corpus, recipe)
    for limits, changes, key in (
        (PUBLIC, {"hidden_size": 4096}, "network_too_large"),
        (replace(PUBLIC, memory_bytes=10**7), {}, "memory_too_large"),
        (replace(PUBLIC, vocabulary=5), {}, "vocabulary_too_large"),
    ):
        with pytest.raises(ConfigError) as refused:
            refuse_too_large(limits, corpus, recipe.replace(**changes))
        assert refused.value.message.key == key
    refuse_too_large(LOCAL, corpus, recipe.replace(hidden_size=2048))


def test_every_recipe_that_the_page_offers_fits_a_visitors_room() -> None:
    corpus = build_corpus("".join(map(chr, range(32, 500))) * 60, PRESETS["quick"].text, "Letters")
    for recipe in PRESETS.values():
        assert run_bytes(corpus, recipe) < (PUBLIC.visitor_bytes or 0), recipe.name


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_texts_are_counted_at_once_and_by_the_minute() -> None:
    clock = Clock()
    allowance = Allowance(replace(PUBLIC, texts_at_once=2, texts_per_minute=3), clock)
    with allowance.text(), allowance.text():
        with pytest.raises(InputError) as refused, allowance.text():
            pass
        assert refused.value.message.key == "too_many_texts_at_once"
    clock.now = 10.0
    with allowance.text():
        pass
    with pytest.raises(InputError) as refused, allowance.text():
        pass
    assert refused.value.message.details == {"most": 3, "seconds": 50}
    clock.now = 60.0
    with allowance.text(), allowance.text():
        pass


def test_on_ones_own_machine_nobody_counts() -> None:
    allowance = Allowance(LOCAL, Clock())
    for _ in range(100):
        with allowance.text(), allowance.text(), allowance.text():
            pass
