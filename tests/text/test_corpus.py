"""The corpus: the chapter's rule, the split, what is refused, and how short texts shrink a recipe."""

from __future__ import annotations

import collections
import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import Recipe, TextConfig
from deeprnn.errors import TextError
from deeprnn.text import encoding
from deeprnn.text.batches import batches_per_epoch, random_batches, sequential_batches
from deeprnn.text.cleaning.stages import letters_only
from deeprnn.text.corpus import MIN_TOKENS, Corpus, build_corpus, fit_recipe
from deeprnn.text.tokens.character import CharacterTokenizer
from deeprnn.training.presets import PRESETS

SENTENCE = "The quick brown fox jumps over the lazy dog. "


def corpus_of(length: int, **config: float) -> Corpus:
    return build_corpus((SENTENCE * (length // len(SENTENCE) + 1))[:length], TextConfig(**config), "fox")  # type: ignore[arg-type]


@given(st.text(alphabet="aZ é中_-9\n\r\x0b\x0c\u2028\x85 \t", max_size=80))
def test_letters_only_is_the_chapters_rule(text: str) -> None:
    lines = io.StringIO(text, newline=None).readlines()
    assert letters_only(text) == "".join(re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in lines)


def test_the_chapters_first_lines() -> None:
    text = "The Time Machine, by H. G. Wells [1898]\n\n\n\n\nI\n\n\nThe Time Traveller (for so it will be convenient"
    # The chapter's code prints "the time machine by h g wells" for the first line, and joins the lines as they are.
    assert letters_only(text) == "the time machine by h g wellsithe time traveller for so it will be convenient"


def test_the_chapters_corpus(corpora: Path) -> None:
    """The chapter's own code, transcribed, gives the same 28 entries and the same 10 000 tokens."""
    lines = (corpora / "timemachine.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    tokens = [token for line in lines for token in re.sub("[^A-Za-z]+", " ", line).strip().lower()]
    counter = collections.Counter(tokens)
    vocab = ["<unk>", *(token for token, _ in sorted(counter.items(), key=lambda x: x[1], reverse=True))]
    corpus = build_corpus("".join(lines), PRESETS["d2l"].text, "The Time Machine")
    assert corpus.tokenizer == CharacterTokenizer(tuple(vocab))
    assert corpus.tokenizer.vocab_size == 28
    assert corpus.train_ids.tolist() == [vocab.index(token) for token in tokens[:10_000]]
    assert len(corpus.validation_ids) == 0


def test_vocabulary_comes_from_the_whole_text_before_the_cut() -> None:
    corpus = build_corpus("a ba" * 40 + "Q", TextConfig(letters_only=True, max_tokens=40), "x")
    assert corpus.tokenizer == CharacterTokenizer(("<unk>", "a", " ", "b", "q"))
    assert len(corpus.train_ids) + len(corpus.validation_ids) == corpus.characters == 40


@pytest.mark.parametrize(("fraction", "held_out"), [(0.0, 0), (0.1, 100), (0.25, 250), (0.5, 500), (0.001, 0)])
def test_validation_is_the_last_part(fraction: float, held_out: int) -> None:
    corpus = corpus_of(1000, validation_fraction=fraction)
    whole = corpus.tokenizer.decode(corpus.train_ids) + corpus.tokenizer.decode(corpus.validation_ids)
    assert whole == (SENTENCE * 30)[:1000]
    assert len(corpus.validation_ids) == held_out
    assert corpus.sha256 == hashlib.sha256(whole.encode()).hexdigest()


def test_entropy_floor_is_forgotten_when_the_text_is_changed() -> None:
    text = "ab" * 50
    assert build_corpus(text, TextConfig(), "x", 0.5).entropy_floor == 0.5
    assert build_corpus(text, TextConfig(letters_only=True), "x", 0.5).entropy_floor == 0.5
    assert build_corpus(text.upper(), TextConfig(letters_only=True), "x", 0.5).entropy_floor is None


REFUSED = [
    ("empty_vocabulary", SENTENCE * 9, TextConfig(min_frequency=1000)),
    ("empty_vocabulary", " ".join(f"word{'x' * i}" for i in range(40)), TextConfig(tokenizer="word")),
    ("one_character", "a" * 1000, TextConfig()),
    ("text_too_short", "", TextConfig()),
    ("text_too_short", "ab" * 15, TextConfig()),
    ("no_letters", "道可道，非常道。" * 50, TextConfig(letters_only=True)),
    ("one_character", "a\n" * 50, TextConfig(letters_only=True, max_tokens=40)),
    ("max_tokens_too_small", "ab" * 500, TextConfig(max_tokens=5)),
]


@pytest.mark.parametrize(("key", "text", "config"), REFUSED)
def test_what_teaches_nothing_is_refused(key: str, text: str, config: TextConfig) -> None:
    with pytest.raises(TextError) as caught:
        build_corpus(text, config, "x")
    assert caught.value.message.key == key


def test_lost_letters_and_rare_characters_are_said() -> None:
    half = build_corpus("word 道可道非常道名可名 " * 20, TextConfig(letters_only=True), "x")
    assert [notice.key for notice in half.notices] == ["few_letters"]
    many = build_corpus("".join(map(chr, range(0x10000, 0x20000))), TextConfig(), "x")
    assert [notice.key for notice in many.notices] == ["rare_characters"]


@pytest.mark.parametrize("config", [TextConfig(max_vocab_size=9), TextConfig(min_frequency=4)], ids=str)
@pytest.mark.parametrize("memory", [encoding.MEMORY_TOKENS, 0])
def test_the_notice_says_how_much_of_the_text_its_rare_characters_are(
    config: TextConfig, memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MEMORY_TOKENS", memory)
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path))
    text = SENTENCE * 3 + "Zq? " + SENTENCE[::-1]
    counts = collections.Counter(text).most_common()
    kept = [one for one, count in counts if count >= (config.min_frequency or 1)][: (config.max_vocab_size or 999) - 1]
    lost = sum(character not in kept for character in text)
    for _ in range(2):  # the second finds the ids on the disk, if the first put them there
        (said,) = build_corpus(text, config, "x").notices
        assert said.details["unknown"] == lost > 0
        assert f"{lost} characters of the text ({round(100 * lost / len(text), 1)} %)" in str(said)
    assert len(list(tmp_path.rglob("*.ids"))) == (memory == 0)


def test_one_line_of_a_million_characters() -> None:
    text = (SENTENCE * 23_000)[:1_000_000]
    plain, letters = (build_corpus(text, TextConfig(letters_only=flag), "x") for flag in (False, True))
    assert plain.characters == 1_000_000
    assert letters.tokenizer.vocab_size == 28


@given(
    length=st.integers(MIN_TOKENS, 3000),
    batch_size=st.integers(1, 200),
    steps=st.integers(1, 200),
    fraction=st.floats(0, 0.5),
)
def test_a_fitted_recipe_always_trains(length: int, batch_size: int, steps: int, fraction: float) -> None:
    corpus = corpus_of(length, validation_fraction=fraction)
    asked = Recipe().replace(batch_size=batch_size, sequence_length=steps, validation_fraction=fraction)
    fitted, notices = fit_recipe(asked, corpus)
    config, tokens = fitted.train, len(corpus.train_ids)
    assert batches_per_epoch(tokens, config.batch_size, config.sequence_length) >= 1
    assert config.batch_size <= batch_size
    assert config.sequence_length <= steps
    for cut in (sequential_batches, random_batches):
        rng = np.random.default_rng(length)
        assert list(cut(corpus.train_ids, config.batch_size, config.sequence_length, rng))
    keys = {notice.key for notice in notices}
    assert ("minibatch_shrunk" in keys) == (fitted.train != asked.train)
    assert ("no_validation" in keys) == (fraction > 0 and len(corpus.validation_ids) < 2)


def test_time_steps_go_before_streams_and_stay_at_eight() -> None:
    def fitted(tokens: int) -> tuple[int, int]:
        asked = Recipe().replace(batch_size=32, sequence_length=64)
        config = fit_recipe(asked, corpus_of(tokens, validation_fraction=0.0))[0].train
        return config.batch_size, config.sequence_length

    assert fitted(2113) == (32, 64)
    assert fitted(2112) == (31, 64)
    assert fitted(1000) == (14, 64)
    assert fitted(300) == (8, 32)
    assert fitted(100) == (11, 8)
    assert fitted(32) == (2, 8)


def test_a_corpus_with_nothing_to_train_on_is_refused() -> None:
    nothing = np.zeros(2, np.uint8)
    corpus = Corpus("x", CharacterTokenizer.train("ab"), nothing, nothing, 2, 2, "")
    with pytest.raises(TextError, match="at least 32"):
        fit_recipe(Recipe(), corpus)
