"""The verdict on text and network: each kind with a text that gets it, and a remedy that changes it."""

from __future__ import annotations

from typing import Any

import pytest

from deeprnn.config import Recipe
from deeprnn.device import choose_device
from deeprnn.model.network import LanguageModel
from deeprnn.text.corpus import Corpus, build_corpus
from deeprnn.training import memory
from deeprnn.training.preflight import preflight, verdict
from deeprnn.training.presets import PRESETS

BALANCED = PRESETS["balanced"]


def corpus_of(text: str, recipe: Recipe) -> Corpus:
    return build_corpus(text, recipe.text, "x")


VERDICTS: list[tuple[str, float, Recipe, dict[str, Any]]] = [
    ("verdict_small", 0.025, BALANCED, {"num_layers": 1, "hidden_size": 128, "dropout": 0.3}),
    ("verdict_small", 0.25, BALANCED.replace(num_layers=1, hidden_size=512, dropout=0.3), {"hidden_size": 128}),
    ("verdict_memorised", 1, BALANCED.replace(dropout=0.0), {"dropout": 0.4}),
    ("verdict_fits", 1, BALANCED, {}),
    ("verdict_fits", 5, BALANCED.replace(dropout=0.0), {}),
    ("verdict_large", 25, BALANCED.replace(hidden_size=32), {"hidden_size": 512}),
]


@pytest.mark.parametrize(("key", "copies", "recipe", "settings"), VERDICTS)
def test_the_verdict_names_what_suits_the_text(
    key: str, copies: float, recipe: Recipe, settings: dict[str, Any], story: str
) -> None:
    text = story[: int(copies * len(story))] if copies < 1 else story * int(copies)
    corpus = corpus_of(text, recipe)
    finding = verdict(corpus, recipe)
    assert finding.key == key
    network = LanguageModel(recipe.model, corpus.tokenizer.vocab_size, seed=0)
    assert finding.message.details == {
        "characters": len(corpus.train_ids),
        "parameters": sum(p.numel() for p in network.parameters()),
    }
    assert ({} if finding.remedy is None else finding.remedy.settings) == settings


def test_the_presets_suit_the_texts_that_they_were_tuned_on(story: str) -> None:
    for name in ("quick", "balanced", "quality"):
        finding = verdict(corpus_of(story, PRESETS[name]), PRESETS[name])
        assert finding.severity == ("note" if name == "balanced" else "advice")


def test_a_tight_memory_is_told_after_the_verdict(story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    device = choose_device("cpu")
    assert [finding.key for finding in preflight(corpus_of(story, BALANCED), BALANCED, device)] == ["verdict_fits"]
    monkeypatch.setattr(memory, "free_memory", lambda device: 10**8)
    found = preflight(corpus_of(story, BALANCED), BALANCED, device)
    assert [finding.key for finding in found] == ["verdict_fits", "memory"]
