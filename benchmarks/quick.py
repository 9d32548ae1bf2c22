"""How soon does the `quick` preset write words? Seconds of training until nine words in ten of a sample are real."""

from __future__ import annotations

import json
import re
import statistics

from deeprnn.config import SamplingConfig
from deeprnn.device import choose_device, machine
from deeprnn.generation import generate
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

SEEDS = (0, 1, 2)
SHARE = 0.9
SAMPLE_CHARACTERS = 500
SAMPLE_EVERY = 20  # steps


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"[a-z']+", text.lower())


def main() -> None:
    """Train on the bundled story with three seeds and print medians as JSON."""
    text = catalogue.load("the_thirsty_bell").text
    known, seconds_to_words, totals, sample = set(words(text)), [], [], ""
    sampling = SamplingConfig(temperature=0.7, max_new_tokens=SAMPLE_CHARACTERS)
    for seed in SEEDS:
        recipe = PRESETS["quick"].replace(seed=seed)
        training = Training(build_corpus(text, recipe.text, "story"), recipe, choose_device("cpu"))
        reached = None
        for record in training:
            if record.step % SAMPLE_EVERY == 0 or record.step == training.total_steps:
                written = words("".join(generate(training.network, training.corpus.tokenizer, "Hester ", sampling)))
                if reached is None and sum(word in known for word in written[:-1]) >= SHARE * (len(written) - 1):
                    reached = record.elapsed_seconds
        assert training.last_record is not None
        totals.append(training.last_record.elapsed_seconds)
        seconds_to_words.append(reached if reached is not None else float("inf"))
        sample = sample or "".join(generate(training.network, training.corpus.tokenizer, "Hester ", sampling))
    result = {
        "seconds_until_nine_words_in_ten": statistics.median(seconds_to_words),
        "each": [round(s, 1) for s in seconds_to_words],
        "seconds_of_the_whole_run": round(statistics.median(totals), 1),
        "sample": "Hester " + sample,
        **machine(),
    }
    print(json.dumps(result, indent=1))
