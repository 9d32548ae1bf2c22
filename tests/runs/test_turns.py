"""One run trains at a time: the queue, its order, and turns between owners."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deeprnn.runs.job import DONE, PAUSED, Job
from deeprnn.runs.turns import Turns

LONG = 60.0


class Endless:
    """A run that trains until it is asked to end, or gives way; it writes down when it began."""

    def __init__(self, name: str, turns: Turns, story: list[str], owner: str = "") -> None:
        self.name, self.owner, self.turns, self.story = name, owner, turns, story
        self.again = False
        self.job = Job(lambda: self.turns.ended(self, again=self.again))

    def items(self) -> Iterator[int]:
        self.again = False
        self.story.append(self.name)
        return self._steps()

    def _steps(self) -> Iterator[int]:
        step = 0
        while True:
            step += 1
            yield step
            if self.turns.is_over(self):
                self.again = True
                return

    def give_way(self) -> None:
        self.job.stop()

    def end(self) -> None:
        self.job.stop()
        assert self.job.join(LONG)


def test_runs_train_one_after_the_other_in_the_order_in_which_they_came() -> None:
    turns, story = Turns(), list[str]()
    first, second, third = (Endless(name, turns, story) for name in ("first", "second", "third"))
    for run in (first, second, third):
        turns.enter(run)
    assert [turns.place(run) for run in (first, second, third)] == [None, 1, 2]
    for run in (first, second, third):
        assert run.job.active
        run.end()
    assert story == ["first", "second", "third"]
    assert not turns.busy


def test_a_waiting_run_moves_and_leaves() -> None:
    turns, story = Turns(), list[str]()
    first, second, third, fourth = (Endless(name, turns, story) for name in ("1", "2", "3", "4"))
    for run in (first, second, third, fourth):
        turns.enter(run)
    turns.move(fourth, 1)
    assert [run.name for run in turns.waiting()] == ["4", "2", "3"]  # type: ignore[attr-defined]
    assert turns.leave(second)
    assert not turns.leave(second)
    assert not turns.leave(first)  # it trains
    for run in (first, fourth, third):
        run.end()
    assert story == ["1", "4", "3"]


def test_moving_a_run_takes_no_place_of_another_owner() -> None:
    turns, story = Turns(), list[str]()
    mine, other, mine_too = (Endless(n, turns, story, o) for n, o in (("a", "me"), ("b", "you"), ("c", "me")))
    running = Endless("0", turns, story, "me")
    for run in (running, mine, other, mine_too):
        turns.enter(run)
    turns.move(mine_too, 1)
    assert turns.waiting() == (mine_too, other, mine)
    for run in (running, mine_too, other, mine):
        run.end()


def test_two_owners_take_turns_and_one_alone_is_not_interrupted() -> None:
    now = [0.0]
    turns, story = Turns(slice_seconds=600, clock=lambda: now[0]), list[str]()
    first, second = Endless("my first", turns, story, "me"), Endless("my second", turns, story, "me")
    yours = Endless("yours", turns, story, "you")
    turns.enter(first)
    now[0] = 10_000.0
    assert not turns.is_over(first)  # nobody waits
    turns.enter(second)
    assert not turns.is_over(first)  # only the same owner waits
    turns.enter(yours)
    assert first.job.wait_for(DONE, timeout=LONG)
    assert first.job.join(LONG)
    assert turns.waiting() == (second, first)  # you come first, for I have just had my turn
    yours.end()
    second.end()
    first.end()
    assert story == ["my first", "yours", "my second", "my first"]


def test_a_paused_run_lets_a_new_one_go_first_but_not_the_rest_of_a_queue() -> None:
    """A branch of a paused run waited until its parent had been stopped, and nobody was told so."""
    turns, story = Turns(), list[str]()
    first, queued = Endless("first", turns, story, "me"), Endless("queued", turns, story, "me")
    turns.enter(first)
    turns.enter(queued)
    first.job.pause()
    assert first.job.wait_for(PAUSED, timeout=LONG)
    more = Endless("more", turns, story, "me")
    turns.enter(more)
    assert first.job.state == PAUSED  # a queue that is paused stays so
    yours = Endless("yours", turns, story, "you")
    turns.enter(yours)  # but nobody else waits for that
    assert first.job.join(LONG)
    for run in (queued, more):
        run.end()
    yours.job.pause()
    assert yours.job.wait_for(PAUSED, timeout=LONG)
    branch = Endless("branch", turns, story, "you")
    turns.enter(branch)
    assert yours.job.join(LONG)
    assert yours.job.state == DONE
    branch.end()
    assert story == ["first", "queued", "more", "yours", "branch"]


def test_without_a_thread_the_run_is_refused_and_the_next_can_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, story = Turns(), list[str]()
    run = Endless("run", turns, story)

    def refuse(_items: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(run.job, "start", refuse)
    with pytest.raises(RuntimeError, match="new thread"):
        turns.enter(run)
    assert not turns.busy
    after = Endless("after", turns, story)
    turns.enter(after)
    after.end()
    assert story == ["after"]
