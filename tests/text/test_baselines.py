"""Reference lines against naive ones with dictionaries, sources of known entropy, and whole xz files."""

from __future__ import annotations

import collections
import lzma
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import MAX_VOCABULARY, TextConfig
from deeprnn.text import baselines
from deeprnn.text.baselines import ORDERS, comparison, compressed_bytes, measure_lines
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.text.synthetic import SOURCES, draw_text
from deeprnn.text.tokens.character import CharacterTokenizer

Ids = list[int]


def naive_probability(train: Ids, size: int, past: tuple[int, ...], token: int) -> float:
    """Witten-Bell from the longest context down, written as the formula reads."""
    if not past:
        return (train.count(token) + 1) / (len(train) + size)
    n = len(past)
    followers = collections.Counter(train[i + n] for i in range(len(train) - n) if tuple(train[i : i + n]) == past)
    shorter = naive_probability(train, size, past[1:], token)
    if not followers:
        return shorter
    return (followers[token] + len(followers) * shorter) / (followers.total() + len(followers))


def naive_perplexity(train: Ids, held_out: Ids, size: int, order: int) -> float:
    nats = 0.0
    for i in range(1, len(held_out)):
        past = tuple(held_out[max(0, i - order + 1) : i])
        nats -= math.log(naive_probability(train, size, past, held_out[i]))
    return math.exp(nats / (len(held_out) - 1))


def corpus_of(train: Ids, held_out: Ids, size: int) -> Corpus:
    tokenizer = CharacterTokenizer(("<unk>", *map(chr, range(0xE000, 0xE000 + size - 1))))
    first, last = (np.array(part, tokenizer.dtype) for part in (train, held_out))
    return Corpus("x", tokenizer, first, last, len(train), len(held_out), "")


def lines_of(corpus: Corpus) -> dict[str, float]:
    return {line.key: line.perplexity for line in measure_lines(comparison(corpus))}


@given(st.data())
def test_lines_match_the_naive_models(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 6))
    train = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=60))
    held_out = data.draw(st.lists(st.integers(0, size - 1), min_size=0, max_size=30))
    lines = lines_of(corpus_of(train, held_out, size))
    asked = held_out if len(held_out) >= 2 else train
    assert list(lines) == ["uniform", *ORDERS]
    assert lines["uniform"] == size
    for key, order in ORDERS.items():
        assert lines[key] == pytest.approx(naive_perplexity(train, asked, size, order), rel=1e-9)


def test_the_largest_vocabulary_does_not_overflow() -> None:
    high = MAX_VOCABULARY - 1
    train, held_out = [high, high - 1] * 20, [high, high - 1, high, high, high - 1]
    lines = lines_of(corpus_of(train, held_out, MAX_VOCABULARY))
    for key, order in ORDERS.items():
        assert lines[key] == pytest.approx(naive_perplexity(train, held_out, MAX_VOCABULARY, order), rel=1e-9)


@pytest.mark.parametrize("size", [4, 9, 40])
@pytest.mark.parametrize("key", ["trigram", "fivegram"])
def test_probabilities_sum_to_one(size: int, key: str) -> None:
    """Asking for every token after one context: the reciprocals of the perplexities of all answers sum to one."""
    train = np.random.default_rng(size).integers(0, size, 300).tolist()
    past = train[10 : 9 + ORDERS[key]]
    before = math.log(lines_of(corpus_of(train, past, size))[key]) * (len(past) - 1)
    total = 0.0
    for token in range(size):
        total += math.exp(before - math.log(lines_of(corpus_of(train, [*past, token], size))[key]) * len(past))
    assert total == pytest.approx(1.0)


def test_a_token_never_seen_costs_what_the_formula_says() -> None:
    """After ab only c was seen; what d costs there comes from the shorter contexts, and the longest adds nothing."""
    train, held_out = [1, 2, 3, 1, 2, 3, 1, 2, 3], [1, 2, 4]
    lines = lines_of(corpus_of(train, held_out, 5))
    assert lines["fivegram"] == lines["trigram"] == pytest.approx(naive_perplexity(train, held_out, 5, 3))


def test_a_large_text_is_measured_on_its_end_and_the_held_out_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = np.random.default_rng(1).integers(0, 7, 900).tolist()
    monkeypatch.setattr(baselines, "MAX_TOKENS", 300)
    monkeypatch.setattr(baselines, "MAX_HELD_OUT", 50)
    cut = lines_of(corpus_of(ids[:700], ids[700:], 7))
    assert cut == lines_of(corpus_of(ids[400:700], ids[700:750], 7))


def test_the_compressor_is_measured_as_the_growth_of_a_file(story: str) -> None:
    """A whole .xz file is padded to four bytes and has a frame; its growth is the same but for the padding."""
    data = story.encode()
    before, text = data[:60_000], data[60_000:66_000]
    growth = len(lzma.compress(before + text)) - len(lzma.compress(before))
    assert compressed_bytes(before, text) == pytest.approx(growth, abs=8)
    assert compressed_bytes(b"", text) == pytest.approx(len(lzma.compress(text)), abs=80)


def test_the_line_of_the_compressor_is_its_bits_spread_over_the_tokens(story: str) -> None:
    corpus = build_corpus(story, TextConfig(), "story")
    held_out = corpus.tokenizer.decode(corpus.validation_ids)
    bits = 8 * compressed_bytes(story[: len(corpus.train_ids)].encode(), held_out.encode())
    assert math.log2(lines_of(corpus)["xz"]) == pytest.approx(bits / len(held_out))
    alone = build_corpus(story, TextConfig(validation_fraction=0.0), "story")
    assert math.log2(lines_of(alone)["xz"]) == pytest.approx(8 * compressed_bytes(b"", story.encode()) / len(story))


def test_a_short_text_has_no_line_of_the_compressor(story: str) -> None:
    """Two held-out tokens grow a file by no byte or by eight: that would be a line at one, or nowhere."""
    assert "xz" not in lines_of(build_corpus(story[:400], TextConfig(), "short"))


@pytest.mark.parametrize("key", SOURCES)
def test_no_line_beats_the_entropy_of_its_source(key: str) -> None:
    text = draw_text(key)
    lines = lines_of(build_corpus(text, TextConfig(), key, SOURCES[key].entropy))
    assert list(lines) == ["uniform", "entropy", *ORDERS, "xz"]
    assert lines["entropy"] == pytest.approx(math.exp(SOURCES[key].entropy))
    assert min(lines.values()) > lines["entropy"] * 0.99  # the held-out draw itself varies by half a percent
    if key == "markov":  # one letter of the past says everything
        assert lines["bigram"] == pytest.approx(lines["entropy"], rel=0.01)


@pytest.mark.parametrize("kind", ["character", "grapheme", "word", "subword", "byte"])
def test_the_compressor_costs_the_same_bits_whatever_the_tokens_are(story: str, kind: str) -> None:
    """In bits per character the models of other tokens compare, and xz knows no tokens; only the cut lies elsewhere."""
    corpus = build_corpus(story, TextConfig(tokenizer=kind, min_frequency=1), "story")
    bits = math.log2(lines_of(corpus)["xz"]) * corpus.validation_tokens_per_character
    characters = build_corpus(story, TextConfig(), "story")
    assert bits == pytest.approx(math.log2(lines_of(characters)["xz"]), rel=0.03)
