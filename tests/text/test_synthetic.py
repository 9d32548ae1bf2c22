"""The entropy of each source against a second truth: stationary distribution, enumeration, and counting."""

from __future__ import annotations

import collections
import itertools
import math
from collections.abc import Callable, Hashable, Iterator

import numpy as np
import pytest

from deeprnn.text.synthetic import BRACKETS, MAX_DEPTH, RING, SOURCES, WORD_ALPHABET, draw_text

Moves = dict[str, tuple[float, Hashable]]  # from a state: the character written, its probability, the next state


def markov_moves(state: Hashable) -> Moves:
    place = RING.index(str(state))
    jumps = {1: 0.5, 2: 0.25, 3: 0.125, 5: 0.125}
    return {RING[(place + jump) % 12]: (p, RING[(place + jump) % 12]) for jump, p in jumps.items()}


def bracket_moves(state: Hashable) -> Moves:
    """The state is everything that is open: 1 093 stacks of at most six brackets of three kinds."""
    assert isinstance(state, tuple)
    opening = 1.0 if not state else 0.0 if len(state) == MAX_DEPTH else 0.5
    moves: Moves = {first: (opening / 3, (*state, last)) for first, last in BRACKETS if opening}
    if state:
        moves[state[-1]] = (1 - opening, state[:-1])
    return moves


def line_moves(lines: list[str]) -> Callable[[Hashable], Moves]:
    """Moves through equally likely lines; the state is the line so far."""
    following: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for line, end in itertools.product(lines, range(len(lines[0]))):
        following[line[:end]][line[end]] += 1

    def moves(state: Hashable) -> Moves:
        before = str(state)
        total = following[before].total()
        return {c: (n / total, "" if c == "\n" else before + c) for c, n in following[before].items()}

    return moves


COUNTING_LINES = [
    "".join(f"{(first + k) % 100:02d}{' ' if k < 4 else chr(10)}" for k in range(5)) for first in range(100)
]
STARTS: dict[str, tuple[Hashable, Callable[[Hashable], Moves]]] = {
    "markov": ("a", markov_moves),
    "brackets": ((), bracket_moves),
    "counting": ("", line_moves(COUNTING_LINES)),
    "copying": ("", line_moves([f"{w}.....{w}\n" for w in map("".join, itertools.product(WORD_ALPHABET, repeat=2))])),
}


def entropy_rate(start: Hashable, moves: Callable[[Hashable], Moves]) -> float:
    """Nats per character of a finite-state source, from the stationary distribution of all its states."""
    numbers, waiting = {start: 0}, [start]
    for state in waiting:
        for _, following in moves(state).values():
            if following not in numbers:
                numbers[following] = len(numbers)
                waiting.append(following)
    transition, entropy = np.zeros((len(numbers), len(numbers))), np.zeros(len(numbers))
    for state, number in numbers.items():
        for p, following in moves(state).values():
            transition[number, numbers[following]] += p
            entropy[number] -= p * math.log(p)
    # Solve pi P = pi with the entries of pi summing to one.
    equations = transition.T - np.eye(len(numbers))
    equations[-1] = 1
    stationary = np.linalg.solve(equations, np.eye(len(numbers))[-1])
    return float(stationary @ entropy)


@pytest.mark.parametrize("key", ["markov", "brackets", "counting"])
def test_entropy_is_that_of_the_stationary_distribution(key: str) -> None:
    assert entropy_rate(*STARTS[key]) == pytest.approx(SOURCES[key].entropy, rel=1e-9)


def test_entropy_of_copying() -> None:
    # Words of two letters, since those of five have too many states; the same closed form with 2 in place of 5.
    assert entropy_rate(*STARTS["copying"]) == pytest.approx(2 * math.log(8) / (2 * 2 + 5 + 1), rel=1e-9)
    words = len(WORD_ALPHABET) ** 5
    assert SOURCES["copying"].entropy == pytest.approx(math.log(words) / len("abcde.....abcde\n"))


def states(key: str, text: str) -> Iterator[tuple[str, Hashable, str]]:
    """Every character with all of its past that matters to it."""
    if key == "markov":
        yield from ((key, before, after) for before, after in itertools.pairwise(text))
    if key == "brackets":
        stack: list[str] = []
        closing = dict(BRACKETS)
        for character in text:
            yield key, (len(stack) in (0, MAX_DEPTH) and len(stack), stack[-1] if stack else ""), character
            if character in closing:
                stack.append(closing[character])
            else:
                assert stack.pop() == character
            assert len(stack) <= MAX_DEPTH
    if key == "counting":
        for line in text.splitlines(keepends=True):
            yield from ((key, line[:end], line[end]) for end in range(len(line)))
    if key == "copying":
        for line in text.splitlines(keepends=True):
            word, rest = line[:5], line[5:]
            yield from ((key, "word", character) for character in word)
            yield from ((key, (word[: end - 4], end), rest[end]) for end in range(len(rest)))
            assert rest == f".....{word}\n"[: len(rest)]


@pytest.mark.parametrize("key", SOURCES)
def test_drawn_text_has_the_entropy(key: str) -> None:
    """The conditional entropy of a drawn text, by counting, comes within a few standard errors of the closed form."""
    text = draw_text(key, seed=3)
    following: dict[Hashable, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for _, state, character in states(key, text):
        following[state][character] += 1
    nats = -sum(n * math.log(n / c.total()) for c in following.values() for n in c.values())
    assert nats / len(text) == pytest.approx(SOURCES[key].entropy, rel=0.01)


@pytest.mark.parametrize("key", SOURCES)
@pytest.mark.parametrize("characters", [1, 14, 16, 1001])
def test_length_and_seed(key: str, characters: int) -> None:
    text = draw_text(key, characters, seed=1)
    assert len(text) == characters
    assert draw_text(key, characters, seed=1) == text
    if characters > 100:
        assert draw_text(key, characters, seed=2) != text
