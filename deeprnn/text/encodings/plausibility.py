"""How plausible a reading of bytes is: its log-probability under small models of what languages look like.

A model is made from an alphabet and some frequent words, or from the frequent characters; there is nothing to load.
The probabilities of two readings of the same bytes can be compared, because each byte has one reading in an encoding.
Only what is beyond ASCII is judged, with its neighbours: nearly all encodings agree about the rest.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from .alphabets import ALPHABETS
from .characters import HANGUL, HIRAGANA, KANJI, KATAKANA, SIMPLIFIED, TRADITIONAL
from .latin_alphabets import Alphabet
from .marking import BAD

Numbers = npt.NDArray[np.float32]
Points = npt.NDArray[np.uint32]
PLANE = 0x10000  # rarer characters, beyond the first plane, are all alike
SCRIPTS = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x300, 0x323), (0x1E00, 0x1EFF)),
    "greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "cyrillic": ((0x400, 0x52F),),
    "hebrew": ((0x591, 0x5F4),),
    "arabic": ((0x610, 0x6FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "thai": ((0xE01, 0xE5B),),
}
PUNCTUATION = ",.'-\"():;?!/"
TYPOGRAPHY = "’“”«»–—…„‘‚‹›·•¡¿°§№€£\u00a0،؛؟״׳־"
# Which kind of character follows which, in hundredths: blank, digit, punctuation, typography, small letter, capital,
# ASCII small and capital (in other scripts), foreign small, foreign capital, letter of another script, sign, control.
KINDS = "SDPTLUABFGXYC"
FOLLOWS = {
    "S": (8, 3, 4, 4, 60, 15, 3, 2, 0.1, 0.05, 0.02, 0.05, 1e-5),
    "D": (25, 50, 18, 3, 1, 1, 0.3, 0.3, 0.01, 0.01, 0.01, 0.2, 1e-5),
    "P": (60, 5, 8, 4, 14, 8, 2, 1, 0.05, 0.05, 0.02, 0.05, 1e-5),
    "T": (35, 2, 10, 4, 26, 20, 1, 1, 0.05, 0.05, 0.02, 0.05, 1e-5),
    "L": (15, 0.05, 4, 1, 79, 0.03, 0.02, 0.005, 0.15, 0.002, 0.001, 0.003, 1e-5),
    "U": (6, 0.3, 3, 1, 76, 12, 0.1, 0.1, 0.4, 0.1, 0.001, 0.003, 1e-5),
    "F": (15, 0.05, 4, 1, 70, 0.05, 0.02, 0.005, 8, 0.005, 0.001, 0.01, 1e-5),
    "G": (6, 0.3, 3, 1, 70, 12, 0.1, 0.1, 4, 3, 0.001, 0.01, 1e-5),
    "A": (15, 1, 6, 1, 0.05, 0.01, 76, 0.5, 0.01, 0.01, 0.001, 0.003, 1e-5),
    "B": (12, 2, 4, 1, 0.05, 0.05, 55, 25, 0.01, 0.01, 0.001, 0.003, 1e-5),
    "X": (15, 0.5, 5, 2, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 76, 0.5, 1e-5),
    "Y": (40, 5, 5, 2, 3, 3, 0.5, 0.5, 0.1, 0.1, 0.5, 30, 1e-5),
    "C": (10, 1, 1, 1, 5, 5, 1, 1, 0.1, 0.1, 0.1, 0.1, 30),
}
SPREAD = dict(zip(KINDS, (1.5, 10, 9, 12, 1, 1, 26, 26, 60, 60, 300, 60, 3000), strict=True))  # choices in a kind


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    """Return for each code point its kind, letters being of another script until a language claims them; [PLANE]."""
    kinds = np.full(PLANE, KINDS.index("X"), np.uint8)
    kinds[0x2000:0x2E80] = KINDS.index("Y")
    for point in range(0x2000):
        kinds[point] = KINDS.index(_kind(chr(point)))
    kinds[0xD800:0xF900] = KINDS.index("C")
    for sign in TYPOGRAPHY:
        kinds[ord(sign)] = KINDS.index("T")
    return kinds


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if character in " \n\r\t":
        return "S"
    if character.isascii() and character.isdigit():
        return "D"
    if character in PUNCTUATION:
        return "P"
    return "X" if category[0] in "LM" else "C" if category[0] == "C" and character != "\xad" else "Y"


@cache
def script_of() -> npt.NDArray[np.uint8]:
    """Return for each code point the number of its script, the number of all if it has no alphabet; [PLANE + 1]."""
    numbers = np.full(PLANE + 1, len(SCRIPTS), np.uint8)
    for number, ranges in enumerate(SCRIPTS.values()):
        for first, last in ranges:
            numbers[first : last + 1] = number
    return numbers


@cache
def letters_of(language: str) -> tuple[npt.NDArray[np.uint8], Numbers]:
    """Return the model of a language with an alphabet.

    Returns:
        The symbol of each code point, [PLANE], and the log-probability that a symbol follows one, [symbols, symbols].
    """
    alphabet = ALPHABETS[language]
    small = list(dict.fromkeys(alphabet.letters))
    special = {"i": "İ", "ı": "I"} if language == "tr" else {}
    capital = [special.get(letter, letter.upper()) for letter in small]
    symbols = _kinds().copy()
    for first, last in SCRIPTS["latin"][:2]:
        symbols[first : last + 1] = KINDS.index("A" if first == 0x61 else "B")
    for first, last in SCRIPTS[alphabet.script]:
        for point in range(first, last + 1):
            if symbols[point] in (KINDS.index("X"), KINDS.index("A"), KINDS.index("B")):
                symbols[point] = KINDS.index("G" if chr(point).isupper() else "F")
    base = len(KINDS)
    for number, (letter, upper) in enumerate(zip(small, capital, strict=True)):
        if len(upper) == 1 and upper != letter:
            symbols[ord(upper)] = base + len(small) + number
        symbols[ord(letter)] = base + number
    return symbols, _table(alphabet, small)


def _table(alphabet: Alphabet, small: list[str]) -> Numbers:
    """Return the log-probability of each symbol after each, [symbols, symbols]: of its kind, then within its kind."""
    base, count = len(KINDS), len(small)
    pairs, single = _pairs(alphabet.words.split(), small)
    ranks = np.log((count + 1) / np.arange(1, count + 1))  # how letters fall off with their rank in most languages
    single = 0.5 * single / single.sum() + 0.5 * ranks / ranks.sum()
    pairs = 0.6 * pairs / np.maximum(pairs.sum(1, keepdims=True), 1e-9) + 0.4 * single
    pairs /= pairs.sum(1, keepdims=True)
    kind_of = np.array([*range(base), *[KINDS.index("L")] * count, *[KINDS.index("U")] * count])
    follows = np.array([FOLLOWS[kind] for kind in KINDS])
    follows /= follows.sum(1, keepdims=True)
    table = follows[np.ix_(kind_of, kind_of)]
    table[:, :base] /= np.array([SPREAD[kind] for kind in KINDS])
    table[:, base + count :] *= single
    table[:, base : base + count] *= single
    within = np.concatenate((pairs[:count], pairs[:count]))
    table[base:, base : base + count] = follows[kind_of[base:], KINDS.index("L")][:, None] * within
    for kind in "SPT":
        number = KINDS.index(kind)
        table[number, base : base + count] = follows[number, KINDS.index("L")] * pairs[count]
    logarithms: Numbers = np.log(table + 1e-12).astype(np.float32)
    return logarithms


def _pairs(words: list[str], small: list[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how often letters stand side by side in frequent words, [1 + letters, letters], and how often at all."""
    number = {letter: index for index, letter in enumerate(small)}
    pairs, single = np.zeros((len(small) + 1, len(small))), np.zeros(len(small))
    for rank, word in enumerate(words):
        weight, previous = 1 / (rank + 20), len(small)  # the last row: at the beginning of a word
        for letter in word.lower():
            if (index := number.get(letter)) is not None:
                pairs[previous, index] += weight
                single[index] += weight
                previous = index
    return pairs, single


def _level(codec: str, first: int, last: int) -> str:
    """Return the characters of the rows of a table of 94 columns; the rows of frequent ones come first in each."""
    rows = (bytes((row, column)) for row in range(first, last + 1) for column in range(0xA1, 0xFF))
    return b"".join(rows).decode(codec, "ignore")


def _background(ascii_share: float, *, hangul: float) -> npt.NDArray[np.float64]:
    """Return the small probability of each code point that a language seldom uses, [PLANE + 1]."""
    chances = np.full(PLANE + 1, 1e-8)
    chances[0x3041:0x30FF] = 1e-5
    chances[0x4E00:0xA000] = 2e-7
    chances[0xFF61:0xFFA0] = 1e-5  # narrow katakana
    chances[0xFF01:0xFF5F] = 5e-5
    chances[0xAC00:0xD7A4] = hangul
    for codec, first, last in (("gb2312", 0xD8, 0xF7), ("big5", 0xC9, 0xF9), ("euc_jp", 0xD0, 0xF4)):
        level = [ord(character) for character in _level(codec, first, last)]
        chances[level] = np.maximum(chances[level], 1.5e-6)
    chances[:128] = ascii_share / 128 * 0.2
    chances[[ord(sign) for sign in " \n"]] = ascii_share / 128 * 45
    chances[[ord(sign) for sign in ".,0123456789\"?!'()"]] = ascii_share / 128 * 2
    return chances


@cache
def characters_of(language: str) -> Numbers:
    """Return the log-probability of each code point in a language with thousands of characters, [PLANE + 1]."""
    simplified, traditional = _level("gb2312", 0xB0, 0xD7), _level("big5", 0xA4, 0xC5)
    cjk = "，。、！？：；“”‘’（）《》…—·　"
    shares: dict[str, tuple[tuple[float, str, float], ...]] = {  # share, characters, rank where it halves (0: alike)
        "zh-Hans": ((0.13, cjk, 4), (0.7, SIMPLIFIED, 25), (0.15, simplified, 0), (0.004, traditional, 0)),
        "zh-Hant": (
            (0.13, cjk + "「」『』", 5),
            (0.68, TRADITIONAL, 25),
            (0.17, traditional, 0),
            (0.004, simplified, 0),
        ),
        "ja": (
            (0.1, "。、「」・…！？（）『』～〜―　", 3),
            (0.5, HIRAGANA, 12),
            (0.08, KATAKANA, 12),
            (0.22, KANJI, 25),
            (0.1, _level("euc_jp", 0xB0, 0xCF), 0),
        ),
        "ko": ((0.63, HANGUL, 30), (0.12, _level("euc_kr", 0xB0, 0xC8), 0), (0.01, cjk, 0), (0.003, KANJI, 0)),
    }
    chances = _background(0.2 if language == "ko" else 0.02, hangul=1e-6 if language == "ko" else 1e-7)
    for share, characters, half in shares[language]:
        points = np.array([ord(character) for character in dict.fromkeys(characters)])
        weights = 1 / (np.arange(len(points)) + half) if half else np.ones(len(points))
        chances[points] += share * weights / weights.sum()
    chances[0xE000:0xF900] = chances[0x80:0xA0] = 1e-9
    chances[[*range(9), *range(14, 27), *range(28, 32), 127, 0xFFFE, 0xFFFF]] = 1e-9
    chances[ord(BAD)] = 1e-7
    logarithms: Numbers = np.log(chances).astype(np.float32)
    return logarithms
