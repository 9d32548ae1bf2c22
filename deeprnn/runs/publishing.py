"""What a run lets others use while it trains: copies of its weights, and samples from one beginning and one seed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..config import Recipe, SamplingConfig
from ..errors import StoreError
from ..generation import generate
from ..model.network import LanguageModel
from ..text.corpus import Corpus
from ..text.tokens.kind import Tokenizer
from ..training.train import Training
from .rows import RunRow
from .store import Store
from .view import Sample

KEPT_SAMPLES = 1.1  # times the step of the last sample that was kept: some sixty from noise to words
SAMPLE_SETTINGS = SamplingConfig(max_new_tokens=180, temperature=0.7)
SAMPLE_PREFIX_CHARACTERS = 14
FLUSH_SECONDS = 1.0  # that the beginning of a run waits for the samples of the one before


@dataclass(frozen=True)
class Published:
    """Hold a copy of the weights that nobody changes any more."""

    network: LanguageModel
    tokenizer: Tokenizer
    recipe: Recipe
    step: int


class Publisher:
    """Copy the weights of a training and let the copy write.

    Args:
        keep: told of each sample that belongs to the story of the run.
    """

    def __init__(self, keep: Callable[[Sample], None]) -> None:
        self.prefix = ""
        self.newest: Published | None = None
        self.sample: Sample | None = None
        self._keep, self._kept_step = keep, 0

    def publish(self, training: Training) -> None:
        """Copy the newest weights; the training must be between two of its records."""
        network = copy.deepcopy(training.network).cpu().eval()
        self.newest = Published(network, training.corpus.tokenizer, training.recipe, training.step)

    def write_sample(self, *, keep: bool = False) -> None:
        """Let the newest copy write from the beginning of this run.

        Args:
            keep: whether the sample is kept even though the last one is not much older.
        """
        if (newest := self.newest) is None:
            return
        text = "".join(generate(newest.network, newest.tokenizer, self.prefix, SAMPLE_SETTINGS))
        self.sample = Sample(self.prefix, text, newest.step)
        if keep or newest.step >= KEPT_SAMPLES * self._kept_step:
            self._keep(self.sample)
            self._kept_step = newest.step

    def write_newest(self, training: Training) -> None:
        """Copy the newest weights and let them write a sample that is kept."""
        self.publish(training)
        self.write_sample(keep=True)


def first_words(corpus: Corpus) -> str:
    """Return the beginning of the training text, cut after a word, as the fixed prefix of the samples."""
    decoder = corpus.tokenizer.decoder()  # not finished: a character that is cut between its bytes is left out
    beginning = "".join(map(decoder.feed, corpus.train_ids[: 2 * SAMPLE_PREFIX_CHARACTERS].tolist())).split("\n")[0]
    if len(beginning) <= SAMPLE_PREFIX_CHARACTERS:
        return beginning
    cut = beginning.rfind(" ", 0, SAMPLE_PREFIX_CHARACTERS + 1)
    return beginning[: cut if cut > 0 else SAMPLE_PREFIX_CHARACTERS // 2]


def usual_prefix(store: Store, row: RunRow, corpus: Corpus) -> str:
    """Return what the samples of a run, or else those of its parent, began with last; without any, the first words."""
    store.recorder.flush(FLUSH_SECONDS)
    with suppress(StoreError):  # the samples begin otherwise then
        for number in (row.number, row.parent):
            if number is not None and (samples := store.database.samples(number)):
                return samples[-1].prefix
    return first_words(corpus)
