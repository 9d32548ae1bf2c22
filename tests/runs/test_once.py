"""What takes long is made once, however many ask; who waits is told the progress and may leave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from deeprnn.errors import Cancelled, TextError
from deeprnn.runs import once
from deeprnn.runs.once import Once
from deeprnn.text.meter import Progress

PATIENCE = 30.0  # seconds; only a deadlock takes so long


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "LOOK_SECONDS", 0.001)


class Slow:
    """Makes a value when it may, and counts how often."""

    def __init__(self, end: Callable[[], str] = lambda: "made") -> None:
        self.begun, self.may_end, self.times, self._end = threading.Event(), threading.Event(), 0, end

    def __call__(self, tell: Progress) -> str:
        self.times += 1
        tell(3, 7)
        self.begun.set()
        assert self.may_end.wait(PATIENCE)
        return self._end()


def waiting(values: Once[str], slow: Slow, pool: ThreadPoolExecutor, progress: Progress | None = None) -> Future[str]:
    """Let somebody wait for a value that another one is making."""
    told = threading.Event()

    def tell(done: int, total: int) -> None:
        told.set()
        if progress is not None:
            progress(done, total)

    future = pool.submit(values.get, "key", slow, tell)
    assert told.wait(PATIENCE)
    return future


def test_two_who_ask_have_it_made_once() -> None:
    """Train pressed while the card of a large text was being made encoded it twice at the same time."""
    values, slow, heard = Once[str](2), Slow(), set[tuple[int, int]]()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(values.get, "key", slow)
        assert slow.begun.wait(PATIENCE)
        second = waiting(values, slow, pool, lambda *numbers: heard.add(numbers))
        slow.may_end.set()
        assert (first.result(PATIENCE), second.result(PATIENCE)) == ("made", "made")
    assert (slow.times, heard) == (1, {(3, 7)})


def test_who_waits_may_leave_and_the_maker_goes_on() -> None:
    def leave(done: int, total: int) -> None:
        raise Cancelled("cancelled")

    values, slow = Once[str](2), Slow()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(values.get, "key", slow)
        assert slow.begun.wait(PATIENCE)
        assert isinstance(waiting(values, slow, pool, leave).exception(PATIENCE), Cancelled)
        slow.may_end.set()
        assert first.result(PATIENCE) == "made"


def test_a_cancelled_maker_leaves_it_to_who_waits() -> None:
    ends = iter(["cancel", "made"])

    def end() -> str:
        if (what := next(ends)) == "cancel":
            raise Cancelled("cancelled")
        return what

    values, slow = Once[str](2), Slow(end)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(values.get, "key", slow)
        assert slow.begun.wait(PATIENCE)
        second = waiting(values, slow, pool)
        slow.may_end.set()
        assert isinstance(first.exception(PATIENCE), Cancelled)
        assert second.result(PATIENCE) == "made"
    assert slow.times == 2


def test_a_refusal_is_everybodys_and_not_remembered() -> None:
    def refuse() -> str:
        raise TextError("empty_text")

    values, slow = Once[str](2), Slow(refuse)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(values.get, "key", slow)
        assert slow.begun.wait(PATIENCE)
        second = waiting(values, slow, pool)
        slow.may_end.set()
        assert isinstance(first.exception(PATIENCE), TextError)
        assert isinstance(second.exception(PATIENCE), TextError)
    assert values.get("key", lambda tell: "made") == "made"


def test_the_last_few_are_remembered() -> None:
    values, made = Once[int](2), list[int]()

    def value(key: int) -> int:
        def make(tell: Progress) -> int:
            made.append(key)
            return key

        return values.get(key, make)

    assert [value(key) for key in (1, 2, 1, 3, 1, 2)] == [1, 2, 1, 3, 1, 2]
    assert made == [1, 2, 3, 2]
