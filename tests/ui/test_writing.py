"""A text while it is written: paced by the clock, stopped by its ticket, ended in time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from deeprnn.config import SamplingConfig
from deeprnn.errors import CheckpointError
from deeprnn.generation import GeneratedToken
from deeprnn.runs.allowance import Allowance
from deeprnn.runs.limits import LOCAL, PUBLIC, Limits
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import Writing
from deeprnn.text.replacement import Replacement
from deeprnn.ui import writing
from deeprnn.ui.writing import Stops, Wish, paced, until, write_on

WISH = Wish("model", "thé ", SamplingConfig(seed=7), "ticket")


class Clock:
    """A clock that moves only when told, or by a fixed amount at each look."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


class Scribe:
    """A studio of which only writing is there."""

    def __init__(self, tokens: Iterator[str], limits: Limits = LOCAL) -> None:
        self._tokens, self.limits, self.allowance = tokens, limits, Allowance(limits)

    def write(self, model: str, prefix: str, sampling: SamplingConfig) -> Writing:
        if model != "model":
            raise CheckpointError("unknown_model", name=model)
        tokens = (GeneratedToken(text, 1, 0.5, ((text, 0.5),)) for text in self._tokens)
        return Writing("the ", (Replacement("é", "e"),), tokens)


def scribe(tokens: Iterator[str], limits: Limits = LOCAL) -> Studio:
    return cast(Studio, Scribe(tokens, limits))


def test_the_first_item_comes_alone_and_at_once() -> None:
    clock = Clock()

    def items() -> Iterator[int]:
        for item in range(10):
            yield item
            clock.now += 0.02

    assert list(paced(items(), clock)) == [[0], [1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_slow_sending_gets_fewer_and_larger_batches() -> None:
    clock, sizes = Clock(), []

    def items() -> Iterator[int]:
        for item in range(200):
            clock.now += 0.01
            yield item

    for batch in paced(items(), clock):
        clock.now += 0.1  # as long as sending takes
        sizes.append(len(batch))
    assert sum(sizes) == 200
    assert set(sizes[1:-1]) <= {40, 41}  # sending takes a fifth of the time


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_nothing_is_lost_at_the_end(count: int) -> None:
    assert list(itertools.chain(*paced(iter(range(count)), Clock()))) == list(range(count))


def test_until_asks_after_each_item() -> None:
    answers = iter([False, False, False, True])
    assert list(until(iter(range(9)), lambda: next(answers))) == [0, 1, 2, 3]


def test_the_last_frame_is_done_and_says_how_it_went() -> None:
    last = list(write_on(scribe(iter("bell")), WISH, Stops(), clock=Clock(0.001)))[-1]
    assert last.text == "the bell"
    assert last.frame["done"] is True
    assert last.frame["tokens"].count("\n") == 4
    assert last.frame["foot"]["characters"] == 4
    assert last.frame["foot"]["seed"] == 7
    assert [notice["key"] for notice in last.frame["notices"]] == ["replaced"]


def test_only_its_own_ticket_stops_a_text() -> None:
    stops = Stops()
    growing = write_on(scribe(itertools.repeat("x")), WISH, stops, clock=Clock(0.01))
    next(growing)
    stops.stop("another ticket")
    assert not next(growing).frame["done"]
    stops.stop(WISH.ticket)
    rest = list(growing)
    assert rest[-1].frame["done"]
    assert len(rest) <= 2
    assert WISH.ticket not in stops


def test_a_text_without_end_is_ended_by_the_clock() -> None:
    endless = scribe(itertools.repeat("x"), replace(PUBLIC, written_characters=None))
    last = list(write_on(endless, WISH, Stops(), clock=Clock(0.01)))[-1]
    assert last.frame["notices"][-1] == {"key": "out_of_time", "details": {"seconds": 15}}


def test_a_text_on_a_shared_machine_is_ended_by_its_length() -> None:
    last = list(write_on(scribe(itertools.repeat("x"), PUBLIC), WISH, Stops(), clock=Clock(1e-4)))[-1]
    assert last.text == "the " + "x" * 1000
    assert last.frame["notices"][-1] == {"key": "out_of_characters", "details": {"most": 1000}}


def test_an_unknown_model_is_refused_before_the_first_frame() -> None:
    with pytest.raises(CheckpointError):
        next(write_on(scribe(iter("x")), Wish("other", "", SamplingConfig(), "t"), Stops()))


def test_stops_of_texts_that_have_ended_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_STOPS", 3)
    stops = Stops()
    for ticket in "abcde":
        stops.stop(ticket)
    assert list(stops.tickets) == list("cde")
