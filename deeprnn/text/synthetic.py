"""Texts drawn from sources whose entropy is known exactly: the floor that no model can beat.

Entropy rates are in nats per character and hold for any length; only the boundary of a text adds a constant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

CHARACTERS = 200_000
RING = "abcdefghijkl"
JUMPS, JUMP_PROBABILITIES = (1, 2, 3, 5), (1 / 2, 1 / 4, 1 / 8, 1 / 8)
BRACKETS, MAX_DEPTH = (("(", ")"), ("[", "]"), ("{", "}")), 6
NUMBERS, NUMBERS_PER_LINE = 100, 5
WORD_ALPHABET, WORD_LENGTH, DELAY = "abcdefgh", 5, 5


@dataclass(frozen=True)
class Source:
    """Describe a source of text.

    Args:
        draw: from the number of characters and a generator to a text of that length.
        entropy: nats per character.
    """

    draw: Callable[[int, np.random.Generator], str]
    entropy: float


def draw_text(key: str, characters: int = CHARACTERS, seed: int = 0) -> str:
    """Draw a text from a source; the same seed draws the same text.

    Args:
        key: one of `SOURCES`.
        characters: length of the text.
        seed: start of every random choice.
    """
    return SOURCES[key].draw(characters, np.random.default_rng(seed))


def draw_markov(characters: int, rng: np.random.Generator) -> str:
    """Walk around a ring of letters, each jump drawn anew.

    Every letter is equally frequent, so the entropy rate is that of a jump: 7/4 ln 2.
    """
    jumps = rng.choice(JUMPS, characters, p=JUMP_PROBABILITIES)
    places = (rng.integers(len(RING)) + np.cumsum(jumps)) % len(RING)
    return "".join(map(RING.__getitem__, places.tolist()))


def draw_brackets(characters: int, rng: np.random.Generator) -> str:
    """Open and close brackets of three kinds, properly nested, never deeper than D = 6.

    Depth 0 must open and depth D must close; between them a fair coin decides. A walk between two such walls spends
    1/(2D) of its time at each wall, so the coin is thrown for 1 - 1/D of the characters, ln 2 each. Half of all
    characters open, and choose one of k = 3 kinds, ln k each; a closing one is given by what is open. Together
    (1 - 1/D) ln 2 + 1/2 ln k.
    """
    coins, kinds = rng.integers(2, size=characters).tolist(), rng.integers(len(BRACKETS), size=characters).tolist()
    stack: list[str] = []
    text = []
    for coin, kind in zip(coins, kinds, strict=True):
        if not stack or (coin and len(stack) < MAX_DEPTH):
            opening, closing = BRACKETS[kind]
            text.append(opening)
            stack.append(closing)
        else:
            text.append(stack.pop())
    return "".join(text)


def draw_counting(characters: int, rng: np.random.Generator) -> str:
    """Count five numbers up from a random one, 98 99 00 01 02, line by line.

    Only the first of the 100 numbers is free, in a line of 15 characters: ln 100 / 15.
    """
    lines = -(-characters // (3 * NUMBERS_PER_LINE))
    numbers = (rng.integers(NUMBERS, size=(lines, 1)) + np.arange(NUMBERS_PER_LINE)) % NUMBERS
    return "".join(" ".join(f"{n:02d}" for n in line) + "\n" for line in numbers.tolist())[:characters]


def draw_copying(characters: int, rng: np.random.Generator) -> str:
    """Write a random word, dots, and the word again, line by line: `bafeg.....bafeg`.

    Only the five letters of the word are free, each one of 8, in a line of 16 characters: 5 ln 8 / 16.
    """
    lines = -(-characters // (2 * WORD_LENGTH + DELAY + 1))
    letters = rng.integers(len(WORD_ALPHABET), size=(lines, WORD_LENGTH)).tolist()
    words = ("".join(map(WORD_ALPHABET.__getitem__, line)) for line in letters)
    return "".join(f"{word}{'.' * DELAY}{word}\n" for word in words)[:characters]


SOURCES = {
    "markov": Source(draw_markov, 7 / 4 * math.log(2)),
    "brackets": Source(draw_brackets, (1 - 1 / MAX_DEPTH) * math.log(2) + math.log(len(BRACKETS)) / 2),
    "counting": Source(draw_counting, math.log(NUMBERS) / (3 * NUMBERS_PER_LINE)),
    "copying": Source(draw_copying, WORD_LENGTH * math.log(len(WORD_ALPHABET)) / (2 * WORD_LENGTH + DELAY + 1)),
}
