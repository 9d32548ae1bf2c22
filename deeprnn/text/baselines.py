"""Reference lines for the curve: what simple models of counts and a compressor reach on the same held-out text."""

from __future__ import annotations

import itertools
import lzma
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .corpus import Corpus
from .ngrams import Ids, Probabilities, witten_bell
from .tokens.kind import TokenIds

# Of a larger text its last tokens before the held-out part are counted, and the first held-out ones asked for: the
# memory is bounded, some 300 MB, and the time too.
MAX_TOKENS, MAX_HELD_OUT = 4_000_000, 500_000
MAX_TRAIN_BYTES = 8 << 20  # for xz: its dictionary reaches no further back
MIN_HELD_OUT_BYTES = 1_000  # a compressor answers in whole bytes: of a shorter text it says nothing
XZ = [{"id": lzma.FILTER_LZMA2, "preset": lzma.PRESET_DEFAULT}]
ORDERS = {"unigram": 1, "bigram": 2, "trigram": 3, "fivegram": 5}
DECODED = 1 << 16  # tokens at once, so that other threads have their turn


@dataclass(frozen=True)
class ReferenceLine:
    """Name a perplexity to compare with.

    Args:
        key: uniform, unigram, bigram, trigram, fivegram, xz or entropy.
        perplexity: per token, on the held-out text.
    """

    key: str
    perplexity: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Hold what is measured, apart from the corpus it comes from.

    Args:
        train_ids: (tokens,) to learn from.
        held_out_ids: (tokens,) to predict; those of training if nothing is held out.
        train_text: in UTF-8, empty if nothing is held out.
        held_out_text: in UTF-8.
        vocab_size: of the tokenizer.
        entropy: perplexity that nothing can beat, None when nobody knows.
    """

    train_ids: TokenIds
    held_out_ids: TokenIds
    train_text: bytes
    held_out_text: bytes
    vocab_size: int
    entropy: float | None


def comparison(corpus: Corpus) -> Comparison:
    """Take from a corpus what the lines are measured on."""
    train, held_out = corpus.train_ids[-MAX_TOKENS:], corpus.validation_ids[:MAX_HELD_OUT]
    alone = len(held_out) < 2
    entropy = corpus.entropy_floor
    return Comparison(
        train,
        train[:MAX_HELD_OUT] if alone else held_out,
        b"" if alone else _text(corpus, train)[-MAX_TRAIN_BYTES:],
        _text(corpus, train[:MAX_HELD_OUT] if alone else held_out),
        corpus.tokenizer.vocab_size,
        None if entropy is None else math.exp(entropy / corpus.validation_tokens_per_character),
    )


def measure_lines(task: Comparison) -> Iterator[ReferenceLine]:
    """Measure simple models of the training text on the held-out text, or on itself if nothing is held out.

    As in an evaluation, the models of counts (`witten_bell`) predict every token but the first.

    Yields:
        uniform, entropy if it is known, unigram, bigram, trigram, fivegram, and xz if there is enough text for it; each
        as soon as it is measured.
    """
    yield ReferenceLine("uniform", float(task.vocab_size))
    if task.entropy is not None:
        yield ReferenceLine("entropy", task.entropy)
    said = witten_bell(_integers(task.train_ids), _integers(task.held_out_ids), task.vocab_size, max(ORDERS.values()))
    keys = {order: key for key, order in ORDERS.items()}
    for order, probabilities in enumerate(said, start=1):
        if order in keys:
            yield ReferenceLine(keys[order], _perplexity(probabilities))
    if len(task.held_out_text) >= MIN_HELD_OUT_BYTES:
        bits = 8 * compressed_bytes(task.train_text, task.held_out_text)
        yield ReferenceLine("xz", 2.0 ** (bits / len(task.held_out_ids)))


def compressed_bytes(before: bytes, text: bytes) -> int:
    """Return how many bytes longer xz makes a file when a text stands at its end: xz(before + text) - xz(before).

    It is what `xz -6` writes, without the frame round it.
    """
    return _xz_size(before, text) - (_xz_size(before) if before else 0)


def _xz_size(*texts: bytes) -> int:
    compressor = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=XZ)
    return sum(len(compressor.compress(text)) for text in texts) + len(compressor.flush())


def _perplexity(probabilities: Probabilities) -> float:
    return math.exp(-float(np.log(probabilities).mean()))


def _integers(ids: TokenIds) -> Ids:
    return ids.astype(np.int64)


def _text(corpus: Corpus, ids: TokenIds) -> bytes:
    parts = (corpus.tokenizer.decode(ids[begin : begin + DECODED]) for begin in itertools.count(0, DECODED))
    return "".join(itertools.takewhile(bool, parts)).encode("utf-8", "replace")
