"""Looking ahead is `map`: the same order, the same errors, no more pieces than a few, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from deeprnn.text import ahead as module
from deeprnn.text.ahead import AHEAD, ahead


@pytest.mark.parametrize("count", [0, 1, 2, 100])
@pytest.mark.parametrize("threads", [0, 2])
def test_the_order_is_kept(count: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "THREADS", threads)
    assert list(ahead(str, range(count))) == list(map(str, range(count)))


def test_pieces_are_pulled_a_few_at_a_time_and_here() -> None:
    pulled: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(100):
            assert threading.current_thread() is threading.main_thread()
            pulled.append(number)
            yield number

    for number in ahead(abs, pieces()):
        assert len(pulled) <= number + AHEAD + 1


def test_an_error_comes_in_its_turn() -> None:
    found: list[float] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(ahead(lambda number: 1 / number, [2, 1, 0, 4]))
    assert found == [0.5, 1.0]


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    for number in ahead(abs, range(100)):
        if number == 3:
            break
    assert threading.active_count() == before
