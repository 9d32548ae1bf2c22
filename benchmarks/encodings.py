"""How often is the encoding of a text found, and is a wrong guess ever silent? Beside charset-normalizer alone.

Stories in 16 languages are cut into pieces, each piece is written in every encoding that can hold it, and read back.
A guess is right if it gives the original characters; it is wrong silently if it gives others and claims to be certain.
Last, the seconds that UTF-8 takes, beside Python's own decoder.
"""

from __future__ import annotations

import argparse
import codecs
import io
import random
import statistics
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from charset_normalizer import from_bytes

from deeprnn.text import catalogue
from deeprnn.text.encodings.decoding import DecodedPieces, decode
from deeprnn.text.encodings.detection import detect_file

ENCODINGS = [
    *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5", "shift_jis", "euc_jp", "euc_kr"),
    *("koi8-r", "cp866", *(f"cp{number}" for number in range(1250, 1259))),
    *(f"iso8859-{number}" for number in (1, 2, 5, 6, 7, 9, 13, 15)),
]
SIZES = (50, 200, 2000)  # characters
TEXTS = Path(__file__).parent / "texts"
# What people write in an encoding that lacks the signs of good printing.
PLAIN = dict(zip("’‘“”„«»–—‧œ", ["'", "'", *['"'] * 5, "-", "-", ".", "oe"], strict=True)) | {"…": "..."}
TONES = "\u0300\u0301\u0303\u0309\u0323"


@cache
def texts() -> dict[str, str]:
    """Return a story for each language."""
    stories = {path.stem: path.read_text("utf-8") for path in sorted(TEXTS.glob("*.txt"))}
    return {**stories, "zh-Hans": catalogue.load("cun_feng_de_shitou").text}


def written(text: str, encoding: str) -> str | None:
    """Return the text as people would write it in an encoding, None if its letters cannot be written so."""
    if encoding == "cp1258":
        text = "".join(_tones_apart(character) for character in text)
    text = "".join(c if _can_write(c, encoding) else PLAIN.get(c, c) for c in text)
    return text if _can_write(text, encoding) else None


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _tones_apart(character: str) -> str:
    """Write a Vietnamese vowel as its letter, with a hat or horn if it has one, and then its tone."""
    if _can_write(character, "cp1258"):
        return character
    parts = unicodedata.normalize("NFD", character)
    tones = "".join(part for part in parts if part in TONES)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES)) + tones


def cells() -> Iterator[tuple[str, str, str]]:
    """Yield each language with each encoding that can hold it, and its story as written there."""
    for language, text in texts().items():
        for encoding in ENCODINGS:
            story = written(text, encoding)
            if story is not None:
                yield language, encoding, story


def samples(story: str, size: int, count: int, seed: int = 0) -> list[str]:
    """Return pieces of a story, which begins again at its end."""
    rng = random.Random(f"{seed} {size} {story[:20]}")
    longer = story * (size // len(story) + 2)
    starts = (rng.randrange(len(story)) for _ in range(count))
    return [longer[start : start + size] for start in starts]


def main(arguments: Sequence[str]) -> None:
    """Print how many samples are read rightly, for each encoding and language, and the sums."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks encodings", description=__doc__)
    parser.add_argument("--samples", type=int, default=30, help="of each size, encoding and language (default 30)")
    parser.add_argument("--megabytes", type=int, default=200, help="of UTF-8 to measure the speed with (default 200)")
    options = parser.parse_args(arguments)
    print("Right of 100, this program / charset-normalizer, for samples of", *SIZES, "characters; wrong silently.\n")
    sums = {size: [0, 0, 0, 0] for size in SIZES}
    for language, encoding, story in cells():
        row, silent = [], 0
        for size in SIZES:
            pieces = samples(story, size, options.samples)
            results = [measure(piece, encoding) for piece in pieces]
            right, quiet, theirs = (sum(column) for column in zip(*results, strict=True))
            silent += quiet
            row.append(f"{100 * right / len(pieces):5.0f} /{100 * theirs / len(pieces):4.0f}")
            sums[size] = [a + b for a, b in zip(sums[size], (right, theirs, quiet, len(pieces)), strict=True)]
        print(f"{encoding:12}{language:9}", *row, f"{silent:5}")
    print()
    for size, (right, theirs, quiet, count) in sums.items():
        print(
            f"{size:5} characters: {100 * right / count:.2f} / {100 * theirs / count:.2f} of {count}; silent: {quiet}"
        )
    for name, story in (("ASCII", "Once upon a time there was a bell.\n"), ("Chinese", texts()["zh-Hans"][:5000])):
        print(name, speed(story.encode(), options.megabytes))


def measure(piece: str, encoding: str) -> tuple[bool, bool, bool]:
    """Return whether a sample is read rightly, whether wrongly in silence, and whether charset-normalizer is right."""
    data = piece.encode(encoding)
    guess, theirs = decode(data), from_bytes(data).best()
    right = guess is not None and guess.text == piece
    return right, guess is not None and guess.certain and not right, theirs is not None and str(theirs) == piece


def speed(unit: bytes, megabytes: int) -> str:
    """Return the seconds to detect and decode a file in memory, and those of Python's decoder, whole and in pieces."""
    data = unit * (megabytes * 10**6 // len(unit))

    def ours() -> None:
        file = io.BytesIO(data)
        found = detect_file(file)
        if found is None:
            raise AssertionError
        for _ in DecodedPieces(file, found.encoding, found.mark):
            pass

    def whole() -> None:
        data.decode()

    def pieces() -> None:
        decoder, file = codecs.getincrementaldecoder("utf-8")(), io.BytesIO(data)
        while piece := file.read(1 << 20):
            decoder.decode(piece)

    seconds = {task.__name__: _median(task) for task in (ours, whole, pieces)}
    return ", ".join(f"{name} {value:.3f} s" for name, value in seconds.items())


def _median(task: Callable[[], None]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
