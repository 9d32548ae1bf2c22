"""The job: states, orders between two items, failures that are seen."""

import contextlib
import itertools
import threading
from collections.abc import Iterator

import pytest

from deeprnn.errors import JobError
from deeprnn.runs.job import ACTIVE, DONE, FAILED, IDLE, PAUSED, RUNNING, Job

LONG = 10.0


class Gate:
    """Yield an item each time it is let through; notes its own end."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.pass_on = threading.Semaphore(0)
        self.closed = threading.Event()

    def items(self) -> Iterator[int]:
        try:
            for number in itertools.count():
                self.asked.release()
                assert self.pass_on.acquire(timeout=LONG)
                yield number
        finally:
            self.closed.set()


def test_where_no_thread_can_be_had_nothing_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job used to be starting for ever, and refused every later run."""
    job = Job()

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            job.start(lambda: iter([1]))
    assert job.state == IDLE
    job.start(lambda: iter([1]))
    assert job.wait_for(DONE, timeout=LONG)


def test_runs_to_the_end() -> None:
    job, pulled = Job(), []

    def items() -> Iterator[int]:
        for number in range(5):
            pulled.append(number)
            yield number

    assert job.state == IDLE
    job.start(items)
    assert job.wait_for(DONE, timeout=LONG)
    assert pulled == [0, 1, 2, 3, 4]
    assert not job.active


def test_pause_holds_between_two_items_and_resume_goes_on() -> None:
    job, gate = Job(), Gate()
    job.start(gate.items)
    assert gate.asked.acquire(timeout=LONG)
    job.pause()
    gate.pass_on.release()
    assert job.wait_for(PAUSED, timeout=LONG)
    assert not gate.asked.acquire(timeout=0.05)  # nobody pulls the next item
    job.resume()
    assert gate.asked.acquire(timeout=LONG)
    assert job.state == RUNNING
    job.stop()
    gate.pass_on.release()
    assert job.wait_for(DONE, timeout=LONG)


@pytest.mark.parametrize("paused", [False, True])
def test_stop_closes_the_generator_before_it_says_done(paused: bool) -> None:
    job, gate = Job(), Gate()
    job.start(gate.items)
    assert gate.asked.acquire(timeout=LONG)
    if paused:
        job.pause()
        gate.pass_on.release()
        assert job.wait_for(PAUSED, timeout=LONG)
    job.stop()
    gate.pass_on.release()
    assert job.wait_for(DONE, timeout=LONG)
    assert gate.closed.is_set()


@pytest.mark.parametrize("error", [ValueError("no"), MemoryError(), SystemExit(3), KeyboardInterrupt()])
def test_whatever_is_raised_becomes_a_state_that_is_seen(error: BaseException) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise error

    job = Job()
    job.start(items)
    assert job.wait_for(FAILED, timeout=LONG)
    assert job.error is error
    job.start(lambda: iter([1]))  # the next start works, and the old error is gone
    assert job.wait_for(DONE, timeout=LONG)
    assert job.error is None


def test_an_iterator_that_cannot_be_made_is_a_failure_too() -> None:
    def make() -> Iterator[int]:
        raise OSError("no such file")

    job = Job()
    job.start(make)
    assert job.wait_for(FAILED, timeout=LONG)


def test_orders_that_do_not_fit_the_state_are_refused_in_words() -> None:
    job, gate = Job(), Gate()
    for order in (job.pause, job.resume, job.stop):
        with pytest.raises(JobError, match="There is nothing to"):
            order()
    job.start(gate.items)
    with pytest.raises(JobError, match="has not ended"):
        job.start(gate.items)
    job.stop()
    for _ in range(2):
        gate.pass_on.release()
    assert job.wait_for(DONE, timeout=LONG)


def test_hammering_by_many_threads_keeps_one_worker_and_legal_states() -> None:
    job, seen, alone, only_one = Job(), set(), [], threading.Lock()

    def items() -> Iterator[int]:
        alone.append(only_one.acquire(blocking=False))  # false while another worker pulls
        try:
            yield from itertools.count()
        finally:
            only_one.release()

    def hammer(seed: int) -> None:
        orders = [lambda: job.start(items), job.pause, job.resume, job.stop]
        for turn in range(300):
            with contextlib.suppress(JobError):
                orders[(turn * 7 + seed) % 4]()
            seen.add(job.state)
            job.wait_for(DONE, timeout=0.001)  # so that the worker gets its turn

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG * 3)
    with contextlib.suppress(JobError):  # it may have ended
        job.stop()
    assert job.wait_for(DONE, timeout=LONG)
    assert job.join(LONG)
    assert seen <= {*ACTIVE, DONE}
    assert len(alone) > 10
    assert all(alone)
