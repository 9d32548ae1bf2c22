"""Every kind of token with every cell, from the text to the written word: trained, measured, saved, loaded, written."""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import deeprnn
from deeprnn.config import SamplingConfig, TextConfig
from deeprnn.generation import stream_tokens
from deeprnn.model.cells import CELLS
from deeprnn.runs.publishing import first_words
from deeprnn.text.corpus import build_corpus
from deeprnn.text.tokens.choice import KINDS
from deeprnn.text.tokens.kind import TokenIds

TEXT = "The bell was thirsty 🔔, and the sea far away.\n钟很渴，海很远；没有人听见它响。👩\u200d👧\n" * 60
SMALL: dict[str, Any] = {"device": "cpu", "hidden_size": 12, "max_steps": 6, "precision": "float32", "evaluations": 2}


def train(kind: str, cell: str = "lstm", **settings: Any) -> deeprnn.Training:
    training = deeprnn.train(TEXT, "quick", tokenizer=kind, cell=cell, **{**SMALL, **settings})
    for _ in training:
        pass
    return training


def naive_nats(model: deeprnn.TrainedModel, ids: TokenIds) -> float:
    """Return the nats of all tokens but the first, by the network's own logits."""
    with torch.no_grad():
        logits, _ = model.network.eval()(torch.from_numpy(ids[:-1].astype(np.int64))[:, None])
    return F.cross_entropy(logits[:, 0].double(), torch.from_numpy(ids[1:].astype(np.int64)), reduction="sum").item()


@pytest.mark.parametrize(("kind", "cell"), [*itertools.product(KINDS, CELLS)])
def test_from_the_text_to_the_written_word(kind: str, cell: str, tmp_path: Path) -> None:
    training = train(kind, cell)
    model = deeprnn.TrainedModel.from_training(training)
    model.save(tmp_path / "model")
    loaded = deeprnn.load(tmp_path / "model")
    assert loaded.tokenizer == model.tokenizer
    assert loaded.recipe.model.tie_weights is (True if kind in ("word", "subword") else None)
    for sampling in ({"temperature": 0.0}, {"temperature": 1.5, "seed": 4}):
        text = loaded.generate("the 钟 ", max_new_tokens=30, **sampling)
        assert text == model.generate("the 钟 ", max_new_tokens=30, **sampling)
        text.encode("utf-8")
        assert "<unk>" not in text.removeprefix(loaded.read_prefix("the 钟 ")[0])
    assert loaded.generate(max_new_tokens=3, temperature=0.0) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_figures_count_the_real_characters(kind: str) -> None:
    training = train(kind)
    model, corpus, last = (
        deeprnn.TrainedModel.from_training(training, best=False),
        training.corpus,
        training.last_record,
    )
    assert corpus.characters == len(TEXT)
    tokenizer, text = corpus.tokenizer, "the 钟 👩\u200d👧 rang, and 海很远\n" * 5
    ids = tokenizer.encode(text)
    nats, result = naive_nats(model, ids), model.evaluate(text)
    assert result.tokens == len(ids) - 1
    assert result.characters == len(text) - int(tokenizer.lengths(text)[0])
    assert result.perplexity == pytest.approx(math.exp(nats / (len(ids) - 1)), rel=1e-5)
    assert result.bits_per_character == pytest.approx(nats / math.log(2) / result.characters, rel=1e-5)
    assert last is not None
    held_out = training.validate()
    assert held_out is not None
    expected = naive_nats(model, corpus.validation_ids) / math.log(2)
    # The first held-out token is not predicted; its characters are taken to be as many as those of the others.
    scored = corpus.validation_characters * (1 - 1 / len(corpus.validation_ids))
    assert held_out.bits_per_character == pytest.approx(expected / scored, rel=1e-4)
    assert last.bits_per_character == pytest.approx(
        last.loss * len(corpus.train_ids) / corpus.train_characters / math.log(2)
    )
    assert last.validation_bits_per_character is not None
    assert model.metrics["validation_bits_per_character"] == pytest.approx(last.validation_bits_per_character, rel=1e-6)


@pytest.mark.parametrize("kind", ["character", "byte", "subword"])
def test_the_parts_of_the_text_have_their_own_characters(kind: str) -> None:
    corpus = train(kind).corpus
    first, last = (corpus.tokenizer.decode(part) for part in (corpus.train_ids, corpus.validation_ids))
    assert abs(len(first) - corpus.train_characters) <= 1  # a character may be cut between its bytes
    assert abs(len(last) - corpus.validation_characters) <= 3
    assert len(corpus.train_ids) + len(corpus.validation_ids) == len(corpus.tokenizer.encode(TEXT))


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_gives_one_text_for_each_token(kind: str) -> None:
    model = deeprnn.TrainedModel.from_training(train(kind))
    prefix, _ = model.read_prefix("The bell")
    tokens = list(stream_tokens(model.network, model.tokenizer, prefix, SamplingConfig(1.5, max_new_tokens=40, seed=2)))
    ids = [token.token_id for token in tokens]
    assert len(tokens) == 40
    whole = [*model.tokenizer.encode(prefix).tolist(), *ids]
    assert prefix + "".join(token.text for token in tokens) == model.tokenizer.decode(whole)
    for token in tokens:
        assert token.symbol == model.tokenizer.symbol(token.token_id)
        assert len(token.alternatives) == 5
        assert model.tokenizer.unknown_id not in ids


def test_the_last_token_says_that_a_character_was_left_unfinished() -> None:
    model = deeprnn.TrainedModel.from_training(train("byte"))
    with torch.no_grad():
        model.network.output.bias[0xE9] += 1000
    assert list(model.stream("a", max_new_tokens=3)) == ["", "\ufffd", "\ufffd\ufffd"]


@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_nothing_is_unknown_where_every_byte_is_known(kind: str) -> None:
    model = deeprnn.TrainedModel.from_training(train(kind))
    assert model.count_unknown("zebra 𝄞") == 0
    assert model.read_prefix("zebra 𝄞") == ("zebra 𝄞", ())


def test_unknown_words_are_counted_and_told() -> None:
    training = deeprnn.train(TEXT + "one word, seen once\n", "quick", tokenizer="word", **SMALL)
    (said,) = [notice for notice in training.corpus.notices if notice.key == "unknown_tokens"]
    assert said.details["unknown"] == 4
    model = deeprnn.TrainedModel.from_training(training)
    assert model.count_unknown("The zebra was thirsty") == 1


UNKNOWN = [
    ("word", "zebra zebra quiz"),
    ("word", "The bell and a zebra"),
    ("character", "the 㐀㐁"),
    ("byte", "zebra 㐀"),
]


@pytest.mark.parametrize(("kind", "text"), [*UNKNOWN, ("word", "zebra the bell")])
def test_an_evaluation_says_that_bits_do_not_compare_where_tokens_are_unknown(kind: str, text: str) -> None:
    """A text of which the model knew no word was 3.84 bits per character, and nothing was said."""
    model = deeprnn.TrainedModel.from_training(train(kind))
    result = model.evaluate(text)
    known = {model.tokenizer.symbol(token) for token in range(1, model.tokenizer.vocab_size)}
    parts = re.findall(r"\w+| ", text) if kind == "word" else list(text)
    unknown = 0 if kind == "byte" else sum(part.strip() not in known for part in parts[1:] if part != " ")
    assert result.unknown_tokens == unknown
    assert [notice.key for notice in result.notices] == ["bits_do_not_compare"] * (unknown > 0)
    if unknown:
        assert f"{100 * unknown / result.tokens:.2g} % of the tokens ({unknown} of " in str(result.notices[0])


def test_a_small_limit_of_any_kind_is_told() -> None:
    for kind, key in (("character", "rare_characters"), ("grapheme", "unknown_tokens"), ("word", "unknown_tokens")):
        training = deeprnn.train(TEXT, "quick", tokenizer=kind, max_vocab_size=12, **SMALL)
        assert key in [notice.key for notice in training.corpus.notices]
        assert training.corpus.tokenizer.vocab_size == 12
    for kind in ("byte", "subword"):
        notices = deeprnn.train(TEXT, "quick", tokenizer=kind, **SMALL).corpus.notices
        assert not {notice.key for notice in notices} & {"rare_characters", "unknown_tokens"}


def test_the_command_line_takes_a_kind_and_shows_both_figures(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    settings = {**SMALL, "tokenizer": "subword", "max_vocab_size": 300}
    device = settings.pop("device")
    assignments = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "deeprnn"]
    train = [*command, "train", "text.txt", "--device", device, "--preset", "quick", *assignments, "--out", "model"]
    done = subprocess.run(train, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "bits per character" in done.stderr
    model = deeprnn.load(tmp_path / "model")
    assert (model.tokenizer.kind, model.tokenizer.vocab_size) == ("subword", 300)
    assert "Bits per character on held-out text" in model.checkpoint.card
    assert "subword" in model.checkpoint.card
    said = subprocess.run([*command, "evaluate", "model", "text.txt", "--json"], cwd=tmp_path, capture_output=True)
    assert json.loads(said.stdout)["characters"] == len(TEXT) - len("The")  # its first token


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_begins_with_whole_characters_of_the_text(kind: str) -> None:
    """Cut after 28 bytes, the beginning of a Chinese text ended with half a character, read as U+FFFD."""
    text = "钟很渴海很远没有人听见它响\n" * 20
    beginning = first_words(build_corpus(text, TextConfig(tokenizer=kind, min_frequency=1), "x"))
    assert beginning
    assert text.startswith(beginning)
