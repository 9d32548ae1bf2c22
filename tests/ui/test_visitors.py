"""Visitors of one server: a token leads to one home and to no other, and handlers work on the home of who asks."""

from __future__ import annotations

import inspect
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest
from gradio.helpers import special_args

from deeprnn.device import Device
from deeprnn.errors import DeepRNNError, JobError, TextError
from deeprnn.runs.limits import PUBLIC, Limits
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.turns import Turns
from deeprnn.runs.visitors import NOBODY, ManyVisitors, OneUser, Visitors, is_busy, visitor_name
from deeprnn.training.presets import PRESETS
from deeprnn.ui.visiting import OWNER, for_each_visitor

ADA, BOB, EVE = (letter * 64 for letter in "abe")
TINY: dict[str, Any] = {"hidden_size": 16, "embedding_size": 8, "batch_size": 4, "sequence_length": 10}
VERSE = "the bell was still and deep in the well " * 40


def open_all(home: Path, limits: Limits = PUBLIC) -> ManyVisitors:
    turns = Turns()

    def open_studio(folder: Path, limits: Limits) -> Studio:
        store = Store(folder, bundled=home / "none", exports=home / "exports" / folder.name)
        return Studio(store, Device("cpu", "CPU", 1), turns, folder.name, limits)

    return ManyVisitors(home, open_studio, limits, most_open=2)


@pytest.fixture
def visitors(tmp_path: Path) -> Iterator[ManyVisitors]:
    many = open_all(tmp_path)
    yield many
    assert many.close(60)


def test_a_home_with_a_run_that_never_began_stays(visitors: ManyVisitors) -> None:
    """Without a file beside the list its home was taken for empty, and the run was gone when others came."""
    ada, bob = visitors.studio_of(ADA), visitors.studio_of(BOB)
    start_endless(bob)
    number = ada.start("the_thirsty_bell", PRESETS["quick"].replace(**TINY))
    ada.runs.cancel(number)
    for letter in "cdf":
        visitors.studio_of(letter * 64)
    again = visitors.studio_of(ADA)
    assert again is not ada
    assert again.runs.entry(number).state == "done"
    bob.stop()


def start_endless(studio: Studio) -> int:
    key = studio.add_text("verse.txt", VERSE)[0].key
    return studio.start(key, PRESETS["quick"].replace(**TINY, max_steps=10**9, max_epochs=10**6))


def test_a_token_leads_to_one_home_and_to_no_other(visitors: ManyVisitors) -> None:
    ada, bob = visitors.studio_of(ADA), visitors.studio_of(BOB)
    ada.add_text("ada.txt", VERSE)
    assert visitors.studio_of(ADA) is ada
    assert [entry.title for entry in ada.corpora() if entry.kind == "own"] == ["ada.txt"]
    assert [entry for entry in bob.corpora() if entry.kind == "own"] == []
    assert ada.store.home != bob.store.home


@pytest.mark.parametrize("token", [None, "", "a", ADA.upper(), ADA[:-1], ADA + "a", "../" + ADA, ADA + "\n", "é" * 64])
def test_who_shows_no_token_has_nothing_and_keeps_nothing(visitors: ManyVisitors, token: str | None) -> None:
    assert visitor_name(token) == NOBODY
    nobody = visitors.studio_of(token)
    for act in (
        lambda: nobody.add_text("x.txt", VERSE),
        lambda: nobody.start("the_thirsty_bell", PRESETS["quick"]),
        lambda: nobody.runs.sweep("the_thirsty_bell", PRESETS["quick"].replace(**TINY), "seed"),
    ):
        with pytest.raises(DeepRNNError) as refused:
            act()
        assert refused.value.message.key == "nothing_kept"
    assert nobody.runs.entries() == ()


def test_the_name_of_a_home_does_not_betray_its_token(visitors: ManyVisitors, tmp_path: Path) -> None:
    visitors.studio_of(ADA).add_text("ada.txt", VERSE)
    names = [path.name for path in (tmp_path / "visitors").iterdir()]
    assert sorted(names) == sorted([NOBODY, visitor_name(ADA)])
    assert ADA not in "".join(str(path) for path in tmp_path.rglob("*"))
    assert visitor_name(visitor_name(ADA)) == NOBODY


def test_studios_in_which_nothing_happens_are_closed_and_those_that_train_never(visitors: ManyVisitors) -> None:
    ada = visitors.studio_of(ADA)
    start_endless(ada)
    kept = visitors.studio_of(BOB)
    kept.add_text("bob.txt", VERSE)
    for number in range(5):
        visitors.studio_of(f"{number:064d}")
    assert is_busy(ada)
    assert visitors.studio_of(ADA) is ada
    again = visitors.studio_of(BOB)
    assert again is not kept
    assert [entry.title for entry in again.corpora() if entry.kind == "own"] == ["bob.txt"]


def test_passers_by_leave_no_folder(visitors: ManyVisitors, tmp_path: Path) -> None:
    """Tokens cost nothing to make: a thousand of them must not fill the disk."""
    for number in range(20):
        visitors.studio_of(f"{number:064d}")
    assert len(list((tmp_path / "visitors").iterdir())) <= 2 + 1


def test_a_visitor_has_one_run_at_a_time_and_others_wait_with_their_place(visitors: ManyVisitors) -> None:
    ada, bob = visitors.studio_of(ADA), visitors.studio_of(BOB)
    start_endless(ada)
    with pytest.raises(JobError) as refused:
        start_endless(ada)
    assert refused.value.message.key == "too_many_jobs"
    start_endless(bob)
    assert (bob.run().state, bob.run().place) == ("waiting", 1)
    assert ada.run().state != "waiting"
    ada.stop()
    assert ada.wait(60)
    assert bob.runs.current() is not None
    bob.stop()
    assert bob.wait(60)


def test_after_a_restart_the_runs_of_all_visitors_go_on(tmp_path: Path) -> None:
    before = open_all(tmp_path)
    for token in (ADA, BOB):
        start_endless(before.studio_of(token))
    assert before.close(60)
    after = open_all(tmp_path)
    assert after.studio_of(EVE).run().number == 0
    after.go_on()
    states = sorted(after.studio_of(token).run().state for token in (ADA, BOB))
    assert states[1] == "waiting"
    assert states[0] in ("starting", "running")
    assert after.close(60)


def test_who_has_stayed_away_makes_room_where_the_disk_is_short(tmp_path: Path) -> None:
    many = open_all(tmp_path, replace(PUBLIC, disk_bytes=10**6))
    for token in (ADA, BOB, EVE):
        many.studio_of(token).add_text("verse.txt", VERSE * 500)
    assert many.close(60)
    homes = {token: tmp_path / "visitors" / visitor_name(token) for token in (ADA, BOB, EVE)}
    week = 8 * 86_400
    for days, token in enumerate((EVE, BOB)):  # Eve was here last of the two
        for path in (homes[token], *homes[token].iterdir()):
            os.utime(path, (time.time() - week - 86_400 * days,) * 2)
    again = open_all(tmp_path, replace(PUBLIC, disk_bytes=10**9))
    again.sweep()
    assert all(home.exists() for home in homes.values())
    assert again.close(60)
    short = open_all(tmp_path, replace(PUBLIC, disk_bytes=2_600_000))
    short.sweep()
    assert [token for token, home in homes.items() if home.exists()] == [ADA, EVE]
    assert short.close(60)


def test_a_visitor_keeps_so_many_texts(visitors: ManyVisitors) -> None:
    ada = visitors.studio_of(ADA)
    for number in range(PUBLIC.kept_texts or 0):
        ada.add_text(f"{number}.txt", VERSE)
    with pytest.raises(TextError) as refused:
        ada.add_text("more.txt", VERSE)
    assert refused.value.message.key == "too_many_kept_texts"
    with pytest.raises(TextError) as refused:
        visitors.studio_of(BOB).add_text("long.txt", "the bell " * 300_000)
    assert refused.value.message.key == "text_too_long"


class Echo:
    """Handlers that say whose studio they were given."""

    def __init__(self, studio: Studio) -> None:
        self.home = studio.store.home.name

    def plain(self, word: object = "x") -> tuple[str, object]:
        return self.home, word

    def told(self, event: gr.EventData, word: object) -> tuple[str, object, object]:
        return self.home, event._data, word

    def stream(self, count: int) -> Iterator[tuple[str, int]]:
        for number in range(count):
            yield self.home, number


def asked_by(token: str | None) -> gr.Request:
    return gr.Request(headers={} if token is None else {OWNER: token})


def call(handler: Any, token: str | None, *values: object, event: object = None) -> Any:
    """Call a handler as Gradio does: it looks at the signature for what else is wanted."""
    data = gr.EventData(None, event)
    given, *_ = special_args(handler, list(values), cast(Any, asked_by(token)), data)
    return handler(*given)


def test_a_handler_works_on_the_studio_of_who_asks(visitors: ManyVisitors) -> None:
    echo = for_each_visitor(visitors, Echo)
    for token in (ADA, BOB, None):
        home = visitor_name(token)
        assert call(echo.plain, token, "w") == (home, "w")
        assert call(echo.told, token, "w", event={"n": 1}) == (home, {"n": 1}, "w")
    assert inspect.isgeneratorfunction(echo.stream)
    streams = [call(echo.stream, token, 3) for token in (ADA, BOB)]
    mixed = list(itertools.chain(*zip(*streams, strict=True)))  # one step of each in turn
    assert mixed == [(visitor_name(token), n) for n in range(3) for token in (ADA, BOB)]


def test_a_handler_that_is_left_is_closed() -> None:
    closed = []

    class Left:
        def __init__(self, studio: Studio) -> None: ...

        def stream(self) -> Iterator[int]:
            try:
                yield 1
            finally:
                closed.append(True)

    one = cast(Visitors, OneUser(cast(Studio, _Nothing())))
    stream = call(for_each_visitor(one, Left).stream, None)
    next(stream)
    stream.close()
    assert closed == [True]


class _Nothing:
    limits = PUBLIC

    class store:
        exports = Path()


def test_on_ones_own_machine_every_token_leads_to_the_one_studio(tmp_path: Path) -> None:
    studio = Studio(Store(tmp_path, bundled=tmp_path / "none"), Device("cpu", "CPU", 1))
    one = OneUser(studio)
    assert all(one.studio_of(token) is studio for token in (None, ADA, "nonsense"))
    assert one.close(10)
