"""Texts side by side are what each model writes when it is asked alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deeprnn.config import ModelConfig, Recipe, SamplingConfig, TextConfig
from deeprnn.model.checkpoint import Checkpoint
from deeprnn.model.network import LanguageModel
from deeprnn.runs.beside import Written, write_beside
from deeprnn.text.corpus import build_corpus
from deeprnn.trained_model import TrainedModel

SAMPLING = SamplingConfig(max_new_tokens=30, temperature=1.0, seed=7)


def model(text: str, seed: int, tokenizer: str = "character") -> Checkpoint:
    recipe = Recipe("small", text=TextConfig(tokenizer=tokenizer), model=ModelConfig(hidden_size=12, embedding_size=6))
    symbols = build_corpus(text, recipe.text, "text").tokenizer
    network = LanguageModel(recipe.with_tying().model, symbols.vocab_size, seed=seed).eval()
    return Checkpoint("text", network, symbols, recipe, {}, card="")


@pytest.fixture(scope="module")
def models(story: str) -> list[tuple[str, Checkpoint]]:
    return [("1", model(story, 0)), ("2", model(story, 1)), ("words", model(story, 0, "word"))]


def test_each_writes_as_it_does_alone(models: list[tuple[str, Checkpoint]]) -> None:
    written = list(write_beside(models, "The bell", SAMPLING))
    assert [entry.label for entry in written] == ["1", "2", "words"]
    for (_, checkpoint), entry in zip(models, written, strict=True):
        alone = TrainedModel(checkpoint).generate("The bell", temperature=1.0, seed=7, max_new_tokens=30)
        assert entry.prefix + entry.text == alone
    assert len({entry.text for entry in written}) == 3


def test_the_order_of_the_models_changes_nothing(models: list[tuple[str, Checkpoint]]) -> None:
    """Were the random state shared, each text would hang on how much the others had drawn."""
    once = {entry.label: entry for entry in write_beside(models, "The", SAMPLING)}
    assert {entry.label: entry for entry in write_beside(models[::-1], "The", SAMPLING)} == once


def test_each_reads_what_it_knows_of_the_prefix(story: str) -> None:
    lower = model(story.lower(), 0)
    capital, small = write_beside([("a", model(story, 0)), ("b", lower)], "The bell", SAMPLING)
    assert (capital.prefix, capital.replacements) == ("The bell", ())
    assert small.prefix == "the bell"
    assert len(small.replacements) == 1


def test_a_model_is_loaded_when_its_turn_comes(models: list[tuple[str, Checkpoint]]) -> None:
    loaded = []

    def load() -> Iterator[tuple[str, Checkpoint]]:
        for label, checkpoint in models:
            loaded.append(label)
            yield label, checkpoint

    written: Iterator[Written] = write_beside(load(), "The", SAMPLING)
    assert next(written).label == "1"
    assert loaded == ["1"]
