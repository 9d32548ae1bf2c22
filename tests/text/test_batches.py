"""Minibatches against a transcription of the chapter's two iterators, every offset."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.text.batches import batches_per_epoch, random_batches, sequential_batches

Rows = list[list[int]]


class FixedOffset:
    """Stands for a generator that draws a given offset and a shuffled order; refuses offsets out of range."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.range = (0, 0)

    def integers(self, low: int, high: int) -> int:
        self.range = (low, high)
        return self.offset

    def permutation(self, count: int) -> Any:
        order = list(range(count))
        random.Random(count).shuffle(order)
        return np.array(order, np.int64)


def chapter_sequential(corpus: list[int], batch_size: int, num_steps: int, offset: int) -> Iterator[tuple[Rows, Rows]]:
    num_tokens = ((len(corpus) - offset - 1) // batch_size) * batch_size
    width = num_tokens // batch_size
    xs = [corpus[offset + i * width : offset + (i + 1) * width] for i in range(batch_size)]
    ys = [corpus[offset + 1 + i * width : offset + 1 + (i + 1) * width] for i in range(batch_size)]
    num_batches = width // num_steps
    for i in range(0, num_steps * num_batches, num_steps):
        yield [row[i : i + num_steps] for row in xs], [row[i : i + num_steps] for row in ys]


def chapter_random(corpus: list[int], batch_size: int, num_steps: int, offset: int) -> Iterator[tuple[Rows, Rows]]:
    corpus = corpus[offset:]
    num_subseqs = (len(corpus) - 1) // num_steps
    initial_indices = list(range(0, num_subseqs * num_steps, num_steps))
    random.Random(num_subseqs).shuffle(initial_indices)
    for i in range(0, batch_size * (num_subseqs // batch_size), batch_size):
        starts = initial_indices[i : i + batch_size]
        yield [corpus[j : j + num_steps] for j in starts], [corpus[j + 1 : j + 1 + num_steps] for j in starts]


CASES = [
    (sequential_batches, chapter_sequential, 1),
    (random_batches, chapter_random, 0),
]


@pytest.mark.parametrize(("ours", "chapters", "last"), CASES, ids=["sequential", "random"])
@given(data=st.data())
def test_matches_the_chapter(
    ours: Callable[..., Any], chapters: Callable[..., Any], last: int, data: st.DataObject
) -> None:
    batch_size, steps = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 9))
    length = data.draw(st.integers(steps + 2, 200))
    offset = data.draw(st.integers(0, steps - 1 + last))
    rng, corpus = FixedOffset(offset), list(range(length))
    got = [(x.tolist(), y.tolist()) for x, y in ours(np.array(corpus, np.uint8), batch_size, steps, rng)]
    assert got == list(chapters(corpus, batch_size, steps, offset))
    assert rng.range == (0, steps + last)  # numpy leaves out the upper end; Python's randint includes it


@pytest.mark.parametrize("cut", [sequential_batches, random_batches])
@given(tokens=st.integers(0, 300), batch_size=st.integers(1, 6), steps=st.integers(1, 9))
def test_every_offset_yields_what_is_promised_or_one_more(
    cut: Callable[..., Any], tokens: int, batch_size: int, steps: int
) -> None:
    last = 1 if cut is sequential_batches else 0
    ids = np.zeros(tokens, np.uint16)
    yielded = [len(list(cut(ids, batch_size, steps, FixedOffset(k)))) for k in range(steps + last)]
    promised = batches_per_epoch(tokens, batch_size, steps)
    assert all(promised <= count <= promised + 1 for count in yielded)


@given(tokens=st.integers(0, 400), batch_size=st.integers(1, 6), steps=st.integers(1, 9), most=st.integers(1, 30))
def test_an_order_drawn_in_parts_takes_every_stretch_once(tokens: int, batch_size: int, steps: int, most: int) -> None:
    rng = np.random.default_rng(tokens)
    offset = int(np.random.default_rng(tokens).integers(0, steps))
    batches = list(random_batches(np.arange(tokens), batch_size, steps, rng, most))
    starts = [int(start) for inputs, _ in batches for start in inputs[:, 0]]
    stretches = max(0, tokens - offset - 1) // steps
    assert len(starts) == len(set(starts)) == stretches // batch_size * batch_size
    assert set(starts) <= set(range(offset, offset + stretches * steps, steps))
    for inputs, targets in batches:
        assert (targets == inputs[:, :1] + 1 + np.arange(steps)).all()


def test_parts_come_in_random_order_too() -> None:
    batches = random_batches(np.arange(1001, dtype=np.uint16), 4, 10, np.random.default_rng(0), 20)
    parts = [int(inputs.min()) // 200 for inputs, _ in batches]
    assert sorted(set(parts)) == [0, 1, 2, 3, 4]
    assert parts != sorted(parts)


@pytest.mark.parametrize("cut", [sequential_batches, random_batches])
def test_one_seed_gives_one_order(cut: Callable[..., Any]) -> None:
    ids = np.arange(500, dtype=np.uint16)
    first, again, other = ([x.tolist() for x, _ in cut(ids, 3, 7, np.random.default_rng(seed))] for seed in (5, 5, 6))
    assert first == again != other


@pytest.mark.parametrize("cut", [sequential_batches, random_batches])
def test_batches_are_copies_of_int64(cut: Callable[..., Any]) -> None:
    ids = np.arange(100, dtype=np.uint8)
    for inputs, targets in cut(ids, 2, 5, np.random.default_rng(0)):
        assert inputs.dtype == targets.dtype == np.int64
        assert inputs.shape == targets.shape == (2, 5)
        inputs[:] = 0
    assert ids.tolist() == list(range(100))


@pytest.mark.parametrize("cut", [sequential_batches, random_batches])
def test_a_text_larger_than_the_memory_is_not_copied(cut: Callable[..., Any]) -> None:
    ids = np.broadcast_to(np.uint8(7), (10**13,))
    inputs, targets = next(cut(ids, 32, 35, np.random.default_rng(0)))
    assert inputs.shape == targets.shape == (32, 35)
    assert (inputs == 7).all()
