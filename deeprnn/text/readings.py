"""The readings of some bytes in every common encoding, the most plausible first."""

from __future__ import annotations

import codecs
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .alphabets import ALPHABETS
from .marking import BAD, MARK
from .plausibility import KINDS, PLANE, SCRIPTS, Points, characters_of, letters_of

WESTERN = ("en", "fr", "de", "es", "pt", "it", "nl", "sv", "fi", "is", "sq")
CENTRAL = ("pl", "cs", "sk", "hu", "hr", "ro", "de")
# Encodings of one byte for each character, the languages that they are for, and the log of how rare they are today.
NARROW: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("cp1252", WESTERN, 0),
    ("cp1250", CENTRAL, 0),
    ("cp1251", ("ru", "uk", "bg", "sr", "be"), 0),
    ("cp1253", ("el",), 0),
    ("cp1254", ("tr",), 0),
    ("cp1255", ("he",), 0),
    ("cp1256", ("ar", "fa"), 0),
    ("cp1257", ("lt", "lv", "et"), 0),
    ("cp1257", ("pl", "de", "sv", "fi"), -5),
    ("cp1258", ("vi",), 0),
    ("koi8-r", ("ru", "bg"), 0),
    ("koi8-u", ("uk", "be"), 0),
    ("iso8859-15", WESTERN, -2),
    ("iso8859-2", CENTRAL, -1),
    ("iso8859-5", ("ru", "uk", "bg", "sr"), -2),
    ("iso8859-6", ("ar",), -2),
    ("iso8859-7", ("el",), -1),
    ("iso8859-9", ("tr",), -1),
    ("iso8859-13", ("lt", "lv", "et"), -2),
    ("iso8859-13", ("pl", "de", "sv", "fi"), -7),
    ("iso8859-4", ("lt", "lv", "et"), -4),
    ("iso8859-16", ("ro",), -3),
    ("iso8859-3", ("eo",), -4),
    ("kz1048", ("kk",), -3),
    ("cp874", ("th",), 0),
    ("cp866", ("ru", "uk"), -2),
    ("cp850", WESTERN, -5),
    ("cp852", CENTRAL, -4),
    ("mac-roman", WESTERN, -4),
    ("mac-cyrillic", ("ru", "uk"), -4),
)
# Of two encodings with the same reading the first is chosen.
BROAD = ("gb18030", "big5", "cp950", "big5hkscs", "cp932", "euc_jp", "cp949", "shift_jis")
WIDE = ("utf-16-le", "utf-16-be")
THOUSANDS = ("zh-Hans", "zh-Hant", "ja", "ko")
MOST_BAD = 0.05  # share of undecodable bytes in a reading worth weighing
MOST_FOREIGN = 25.0  # by how much, in nats, the ASCII words may speak against a language: a text can cite others
CAPITALS = 8.0  # by how much, in nats, a text in capitals is rarer
FOREIGN = KINDS.index("F")  # and what follows it
SCRIPT_SHARE = 0.2  # of the letters beyond ASCII


class Reading(NamedTuple):
    """Hold one way to read some bytes.

    Args:
        encoding: Python's name of it.
        score: the log-probability of what is beyond ASCII, in nats.
        judged: how many characters that is.
        bad: how many bytes the encoding cannot read.
        odd: how many characters the language does not use.
    """

    encoding: str
    score: float
    judged: int
    bad: int
    odd: int = 0


def rank(sample: bytes, *, wide: bool = False) -> list[Reading]:
    """Weigh every common encoding.

    Args:
        sample: of a text, beginning and ending between two characters.
        wide: whether it may be UTF-16; then ASCII is judged as well.

    Returns:
        The most plausible first; those that fail on more than a few bytes are left out.
    """
    readings = _narrow_readings(sample, whole=wide)
    for encoding in (*BROAD, *(WIDE if wide and len(sample) % 2 == 0 else ())):
        text = sample.decode(encoding, MARK)
        bad = text.count(BAD)
        if bad <= MOST_BAD * len(sample):
            score, judged = plausibility(text, whole=wide)
            readings.append(Reading(encoding, score, judged, bad))
    return sorted(readings, key=lambda reading: -reading.score)


def _narrow_readings(sample: bytes, *, whole: bool) -> list[Reading]:
    data = np.frombuffer(b"\n" + sample, np.uint8)
    beyond = data >= 0x80
    judged = np.ones(len(sample), bool) if whole else beyond[1:] | beyond[:-1]
    first, second = data[:-1][judged], data[1:][judged]
    foreign = _foreign_words(data[:-1][~judged], data[1:][~judged])
    readings = []
    for encoding, languages, rarity in NARROW:
        bad = int(np.count_nonzero(_points(encoding)[second] == ord(BAD)))
        if bad > MOST_BAD * len(sample):
            continue
        best, odd = -np.inf, 0
        for language in languages:
            score, foreign_letters = _letters_score(_symbols(encoding, language), language, first, second)
            score += foreign.get(language, 0)
            if score > best:
                best, odd = score, foreign_letters
        readings.append(Reading(encoding, best + rarity, len(second), bad, odd))
    return readings


def _letters_score(
    symbol: npt.NDArray[np.uint8], language: str, first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]
) -> tuple[float, int]:
    """Return the log-probability of bytes in a language, and how many of them it does not use."""
    table = letters_of(language)[1]
    count = (len(table) - len(KINDS)) // 2
    before, after = symbol[first], symbol[second]
    score = float(table[before, after].sum())
    capitals = int(np.count_nonzero(after >= len(KINDS) + count))
    if capitals > len(after) / 2:  # all in capitals: as plausible as the same in small letters, but rarer
        order = [*range(len(KINDS)), *range(len(KINDS) + count, len(table)), *range(len(KINDS), len(KINDS) + count)]
        swap = np.array(order)
        score = max(score, float(table[swap[before], swap[after]].sum()) - CAPITALS)
    return score, int(np.count_nonzero((after >= FOREIGN) & (after < len(KINDS))))


def _foreign_words(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Return how much the ASCII characters that follow each other speak against each language with Latin letters."""
    scores = {}
    for language, alphabet in ALPHABETS.items():
        if alphabet.script == "latin":
            symbol, table = _symbols("ascii", language), letters_of(language)[1]
            scores[language] = float(table[symbol[first], symbol[second]].sum())
    best = max(scores.values())
    return {language: max(score - best, -MOST_FOREIGN) for language, score in scores.items()}


@cache
def _points(encoding: str) -> Points:
    """Return the code point of each byte, [256]."""
    text = codecs.decode(bytes(range(256)), encoding, MARK)
    return np.array([ord(character) for character in text], np.uint32)


@cache
def _symbols(encoding: str, language: str) -> npt.NDArray[np.uint8]:
    return letters_of(language)[0][_points(encoding)]


def plausibility(text: str, *, whole: bool = False) -> tuple[float, int]:
    """Return the log-probability of a text in its most plausible language, in nats, and how many characters it judges.

    Args:
        text: an undecodable byte is U+DCFF.
        whole: whether ASCII has to be judged as well.
    """
    points: Points = np.frombuffer(("\n" + text).encode("utf-32-le", "surrogatepass"), np.uint32)
    beyond = points >= 0x80
    judged = np.ones(len(points) - 1, bool) if whole else beyond[1:] | beyond[:-1]
    first, second = np.minimum(points[:-1][judged], PLANE), np.minimum(points[1:][judged], PLANE)
    scores = [float(characters_of(language)[second].sum()) for language in THOUSANDS]
    letters = second[(second >= (0 if whole else 0x80))]
    for script, ranges in SCRIPTS.items():
        inside = sum(int(np.count_nonzero((letters >= low) & (letters <= high))) for low, high in ranges)
        if inside <= SCRIPT_SHARE * len(letters):
            continue
        for language in (name for name, alphabet in ALPHABETS.items() if alphabet.script == script):
            symbols, table = letters_of(language)
            kinds = [symbols[np.minimum(side, PLANE - 1)] for side in (first, second)]
            scores.append(float(table[kinds[0], kinds[1]].sum()))
    return max(scores), len(second)
