"""The readings of some bytes in every common encoding, the most plausible first."""

from __future__ import annotations

import codecs
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .alphabets import ALPHABETS
from .marking import BAD, MARK
from .plausibility import KINDS, PLANE, SCRIPTS, Numbers, Points, characters_of, letters_of, script_of

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
    ("cp850", WESTERN, -6),
    ("cp852", CENTRAL, -4),
    ("mac-roman", WESTERN, -7),
    ("mac-cyrillic", ("ru", "uk"), -4),
)
# Of two encodings with the same reading the first is chosen.
BROAD = ("gb18030", "big5", "cp950", "big5hkscs", "cp932", "euc_jp", "cp949", "shift_jis")
WIDE = ("utf-16-le", "utf-16-be")
THOUSANDS = ("zh-Hans", "zh-Hant", "ja", "ko")
MOST_BAD = 0.05  # share of undecodable bytes in a reading worth weighing
MOST_FOREIGN = 25.0  # by how much, in nats, the ASCII words may speak against a language: a text can cite others
MIXED = 5.0  # by how much, in nats, a text with more Latin letters than its own is rarer
CAPITALS = 8.0  # by how much, in nats, a text in capitals is rarer
FOREIGN = KINDS.index("F")  # and what follows it
SCRIPT_SHARE = 0.2  # of the letters beyond ASCII


Indices = npt.NDArray[np.intp]


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


class _Narrow(NamedTuple):
    """Hold the models of all encodings of one byte for each character, each with all its languages, for all bytes.

    Args:
        names: encoding, language and rarity of each row.
        symbol: of each byte, [rows, 256].
        swapped: the same with small letters and capitals exchanged.
        flags: 1 a capital, 2 a character that the language does not use, 4 none at all, [rows, 256].
        start: where the row's table begins in `tables`, [rows, 1].
        size: symbols in it, [rows, 1].
        tables: the log-probabilities that symbols follow each other, end to end.
    """

    names: list[tuple[str, str, float]]
    symbol: Indices
    swapped: Indices
    flags: npt.NDArray[np.uint8]
    start: Indices
    size: Indices
    tables: Numbers


@cache
def _narrow() -> _Narrow:
    names = [(encoding, language, rarity) for encoding, languages, rarity in NARROW for language in languages]
    symbols, swapped, flags, tables = [], [], [], []
    kinds = len(KINDS)
    for encoding, language, _ in names:
        symbol, table = _symbols(encoding, language).astype(np.intp), letters_of(language)[1]
        count = (len(table) - kinds) // 2
        capital = symbol >= kinds + count
        swapped.append(np.where(capital, symbol - count, np.where(symbol >= kinds, symbol + count, symbol)))
        odd = (symbol >= FOREIGN) & (symbol < kinds)
        flags.append((capital + 2 * odd + 4 * (_points(encoding) == ord(BAD))).astype(np.uint8))
        symbols.append(symbol)
        tables.append(table)
    size = np.array([len(table) for table in tables])[:, None]
    start = np.cumsum(size * size)[:, None] - size * size
    flat = np.concatenate([table.ravel() for table in tables])
    return _Narrow(names, np.array(symbols), np.array(swapped), np.array(flags), start, size, flat)


def _narrow_readings(sample: bytes, *, whole: bool) -> list[Reading]:
    data = np.frombuffer(b"\n" + sample, np.uint8)
    beyond = data >= 0x80
    judged = np.ones(len(sample), bool) if whole else beyond[1:] | beyond[:-1]
    first, second = data[:-1][judged], data[1:][judged]
    foreign = _foreign_words(data[:-1][~judged], data[1:][~judged])
    mixed = int(np.count_nonzero(((data | 32) - 97) < 26) > np.count_nonzero(beyond))  # mostly ASCII letters
    models = _narrow()
    flags = models.flags[:, second]
    bad, odd = np.count_nonzero(flags & 4, axis=1), np.count_nonzero(flags & 2, axis=1)
    shouted = np.count_nonzero(flags & 1, axis=1) > len(second) / 2  # as plausible as in small letters, but rarer
    symbol = np.where(shouted[:, None], models.swapped, models.symbol)
    scores = models.tables[models.start + symbol[:, first] * models.size + symbol[:, second]].sum(1)
    best: dict[str, Reading] = {}
    for row, (encoding, language, rarity) in enumerate(models.names):
        score = float(scores[row]) + rarity - CAPITALS * bool(shouted[row])
        score += foreign[language] if language in foreign else -MIXED * mixed
        if bad[row] <= MOST_BAD * len(sample) and (encoding not in best or score > best[encoding].score):
            best[encoding] = Reading(encoding, score, len(second), int(bad[row]), int(odd[row]))
    return list(best.values())


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
    shares = np.bincount(script_of()[letters], minlength=len(SCRIPTS)) / max(len(letters), 1)
    for script, share in zip(SCRIPTS, shares, strict=False):
        if share <= SCRIPT_SHARE:
            continue
        for language in (name for name, alphabet in ALPHABETS.items() if alphabet.script == script):
            symbols, table = letters_of(language)
            kinds = [symbols[np.minimum(side, PLANE - 1)] for side in (first, second)]
            scores.append(float(table[kinds[0], kinds[1]].sum()))
    return max(scores), len(second)
