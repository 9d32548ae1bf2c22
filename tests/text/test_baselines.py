"""Reference lines against a naive implementation with dictionaries, and against sources of known entropy."""

from __future__ import annotations

import collections
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import TextConfig
from deeprnn.text.baselines import reference_lines
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.text.synthetic import SOURCES, draw_text
from deeprnn.text.tokenizer import MAX_SYMBOLS, CharacterTokenizer

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
    return {line.key: line.perplexity for line in reference_lines(corpus)}


@given(st.data())
def test_lines_match_the_naive_models(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 6))
    train = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=60))
    held_out = data.draw(st.lists(st.integers(0, size - 1), min_size=0, max_size=30))
    lines = lines_of(corpus_of(train, held_out, size))
    asked = held_out if len(held_out) >= 2 else train
    assert list(lines) == ["uniform", "unigram", "bigram", "trigram"]
    assert lines["uniform"] == size
    for order, key in enumerate(("unigram", "bigram", "trigram"), start=1):
        assert lines[key] == pytest.approx(naive_perplexity(train, asked, size, order), rel=1e-9)


def test_the_largest_vocabulary_does_not_overflow() -> None:
    high = MAX_SYMBOLS - 1
    train, held_out = [high, high - 1] * 20, [high, high - 1, high, high, high - 1]
    lines = lines_of(corpus_of(train, held_out, MAX_SYMBOLS))
    for order, key in enumerate(("unigram", "bigram", "trigram"), start=1):
        assert lines[key] == pytest.approx(naive_perplexity(train, held_out, MAX_SYMBOLS, order), rel=1e-9)


@pytest.mark.parametrize("size", [4, 9, 40])
def test_probabilities_sum_to_one(size: int) -> None:
    """Asking for every token after one context: the reciprocals of the perplexities of all answers sum to one."""
    train = np.random.default_rng(size).integers(0, size, 300).tolist()
    past = train[10:12]
    total = 0.0
    for token in range(size):
        with_token = lines_of(corpus_of(train, [*past, token], size))["trigram"]
        before = lines_of(corpus_of(train, past, size))["trigram"]
        total += before / with_token**2
    assert total == pytest.approx(1.0)


@pytest.mark.parametrize("key", SOURCES)
def test_no_line_beats_the_entropy_of_its_source(key: str) -> None:
    text = draw_text(key)
    lines = lines_of(build_corpus(text, TextConfig(), key, SOURCES[key].entropy))
    assert list(lines)[-1] == "entropy"
    assert lines["entropy"] == pytest.approx(math.exp(SOURCES[key].entropy))
    assert min(lines.values()) > lines["entropy"] * 0.99  # the held-out draw itself varies by half a percent
    if key == "markov":  # one letter of the past says everything
        assert lines["bigram"] == pytest.approx(lines["entropy"], rel=0.01)
