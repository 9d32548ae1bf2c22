"""What the page shows: each state of a run as JSON, with gaps instead of numbers that are none."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import Recipe
from deeprnn.device import Device
from deeprnn.generation import GeneratedToken
from deeprnn.messages import ENGLISH, message
from deeprnn.runs.entries import INTERRUPTED, WAITING, KeptCheckpoint
from deeprnn.runs.job import STATES
from deeprnn.runs.view import NO_RUN, Beaten, ModelEntry, Plan, RunView, Sample
from deeprnn.text.account import Account
from deeprnn.training.record import TrainRecord
from deeprnn.ui import frames, text_frames

RECORD = TrainRecord(50, 2.5, 5000, 2.0, math.exp(2), 2.885, None, 0.01, 0.5, 1000.0, 5.0)
VIEW = RunView(
    3, "Bell 3", "running", None, "bell", Recipe(), 200, 20, 1.0, 50, RECORD, (40, 8.0), (("uniform", 28.0),),
    Sample("the ", "bell", 48), 15.0, 5.0, (),
)  # fmt: skip
CURVE: dict[str, Any] = {
    "runs": [{"name": "Bell 3", "train": [[1, 50], [20.0, 7.4]], "validation": [[40], [8.0]], "main": True}],
    "lines": [["uniform", 28.0]],
}


def in_state(state: str, **changes: Any) -> RunView:
    return dataclasses.replace(VIEW, state=state, **changes)


def test_a_run_that_learns_says_which_line_it_has_just_beaten() -> None:
    beaten = in_state("running", beaten=Beaten("trigram", 7.5473, 7.2051))
    said = frames.status_frame(beaten)["message"]
    assert said["details"]["line"] == {"key": "line_trigram", "details": {}}
    assert (said["details"]["perplexity"], said["details"]["than"]) == (7.205, 7.547)
    sentence = "Run 3 is learning and has just beaten the trigram: perplexity 7.205 against 7.547."
    assert str(frames._learning(beaten)) == sentence
    assert frames.status_frame(dataclasses.replace(beaten, state="paused"))["message"]["key"] == "status_paused"


def test_a_run_without_lines_says_why() -> None:
    failed = message("lines_failed", reason="no room")
    view = in_state("running", notices=(failed,))
    assert frames.status_frame(view)["message"]["key"] == "lines_failed"
    assert frames.status_frame(dataclasses.replace(view, state="done"))["message"]["key"] == "status_done"


def test_figures_follow_from_the_last_record_and_the_last_validation() -> None:
    figures = frames.figures_frame(VIEW, CURVE)
    assert figures["perplexity"] == 8.0
    assert figures["training_perplexity"] == pytest.approx(7.389, abs=1e-3)
    assert figures["bits_per_character"] == pytest.approx(3.0)  # log2 of 8
    assert figures["best_bits_per_character"] == pytest.approx(3.0)
    assert figures["progress"] == 0.25
    assert (figures["seconds_left"], figures["total_steps"]) == (15.0, 200)


def test_longer_tokens_share_their_bits_among_their_characters() -> None:
    words = dataclasses.replace(VIEW, tokens_per_character=0.25)
    assert frames.figures_frame(words, CURVE)["bits_per_character"] == pytest.approx(0.75)


def test_the_held_out_text_has_tokens_of_its_own_length() -> None:
    words = dataclasses.replace(VIEW, tokens_per_character=0.25, validation_tokens_per_character=0.5)
    assert frames.figures_frame(words, CURVE)["bits_per_character"] == pytest.approx(1.5)
    done = frames.status_frame(dataclasses.replace(words, state="done"))["message"]
    assert done["details"] == {"step": words.best and words.best[0], "perplexity": 8.0, "bits": 1.5}
    curve = {"runs": [{**CURVE["runs"][0], "validation": [[], []]}], "lines": []}
    measured = frames.figures_frame(words, curve)
    assert measured["bits_per_character"] == pytest.approx(math.log2(measured["perplexity"]) / 4)


def test_without_validation_the_training_perplexity_stands_in() -> None:
    curve = {"runs": [{**CURVE["runs"][0], "validation": [[], []]}], "lines": []}
    assert frames.figures_frame(VIEW, curve)["perplexity"] == pytest.approx(math.exp(2))


def test_before_the_first_record_every_figure_is_missing() -> None:
    figures = frames.figures_frame(NO_RUN, frames.EMPTY_CHART)
    assert set(figures) == set(frames.figures_frame(VIEW, CURVE))
    assert set(figures.values()) == {None}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 0.0, -1.0])
def test_numbers_that_are_none_become_gaps(bad: float) -> None:
    curve = {"runs": [{**CURVE["runs"][0], "train": [[1], [bad]], "validation": [[1], [bad]]}], "lines": [["x", bad]]}
    record = dataclasses.replace(RECORD, perplexity=bad, gradient_norm=bad, tokens_per_second=bad)
    view = in_state("failed", last=record, best=(1, bad), seconds_left=bad)
    json.dumps(frames.figures_frame(view, curve), allow_nan=False)
    drawn = json.loads(frames.chart_frame(curve), parse_constant=pytest.fail)
    assert drawn["runs"][0]["train"][1] == [bad if math.isfinite(bad) else None]
    assert frames.figures_frame(view, curve)["bits_per_character"] is None


@pytest.mark.parametrize("state", [*STATES, WAITING, INTERRUPTED])
def test_every_state_says_something_that_has_a_sentence(state: str) -> None:
    for view in (
        in_state(state),
        in_state(state, last=None),
        in_state(state, best=None),
        in_state(state, total_steps=0),
    ):
        for has_model in (True, False):
            frame = frames.status_frame(view, has_model=has_model)
            assert frame["state"] == state
            assert ENGLISH[frame["message"]["key"]].format(**frame["message"]["details"])


def test_while_saving_fails_the_age_of_the_last_good_checkpoint_is_told() -> None:
    failed = message("save_failed", reason="the disk is full")
    view = in_state("running", notices=(failed,))
    assert frames.status_frame(view)["message"]["key"] == "save_failed"  # none is kept yet
    view = dataclasses.replace(view, checkpoints=(KeptCheckpoint(40, 8.0, True, 0.0),), saved_seconds_ago=185.0)
    assert frames.status_frame(view)["message"]["details"] == {
        "failure": {"key": "save_failed", "details": {"reason": "the disk is full"}},
        "step": 40,
        "minutes": 3,
    }
    assert frames.status_frame(dataclasses.replace(view, notices=()))["message"]["key"] == "status_running"


def test_a_failure_says_why_and_a_refusal_comes_first() -> None:
    failed = in_state("failed", message=message("exploded", step=50, kept=40))
    assert frames.status_frame(failed)["message"] == {"key": "exploded", "details": {"step": 50, "kept": 40}}
    assert frames.status_frame(failed, refusal=message("job_busy"))["message"]["key"] == "job_busy"


def test_written_text_carries_its_choices() -> None:
    token = GeneratedToken("e", 3, 0.123456, (("e", 0.123456), ("\ud800", math.nan)))
    value = frames.writer_frame("id", "th\udfff", 2 * frames.token_line(token), foot={"characters": 1})
    first, second, rest = value["tokens"].split("\n")
    assert first == second
    assert json.loads(first) == ["e", 0.1235, [["e", 0.1235], ["�", None]]]
    assert rest == ""
    assert value["prefix"] == "th�"
    assert value["done"] is True
    assert frames.writer_frame("id", "", "")["done"] is False


def test_a_token_without_text_is_known_by_its_symbol() -> None:
    first_byte = GeneratedToken("", 0xE8, 0.5, (("<E8>", 0.5), ("a", 0.25)), "<E8>")
    assert json.loads(frames.token_line(first_byte)) == ["", 0.5, [["<E8>", 0.5], ["a", 0.25]], "<E8>"]
    letter = GeneratedToken("a", 97, 0.5, (("a", 0.5),), "a")
    assert json.loads(frames.token_line(letter)) == ["a", 0.5, [["a", 0.5]]]


def test_a_token_that_is_a_line_break_stays_within_its_line() -> None:
    line = frames.token_line(GeneratedToken("\n", 1, 0.5, (("\n", 0.5),)))
    assert line.count("\n") == 1
    assert json.loads(line)[0] == "\n"


def test_plan_header_and_sample() -> None:
    plan = Plan(1000, 28, 900, 5000, None, Recipe(), (message("text_too_short", characters=5, needed=9),))
    assert text_frames.facts_frame(plan)["seconds"] is None
    assert text_frames.facts_frame(plan)["notices"][0]["details"] == {"characters": 5, "needed": 9}
    assert frames.header_frame(Device("cpu", "CPU", 2), "float32") == {
        "device": "CPU",
        "cores": 2,
        "precision": "float32",
    }
    assert frames.sample_frame(NO_RUN) is None
    assert frames.sample_frame(VIEW) == {"prefix": "the ", "text": "bell", "step": 48}


def test_the_model_that_writes_follows_the_run() -> None:
    bundled, live = ModelEntry("bundled:a", "bundled", "A"), ModelEntry("live", "live", "Bell 3", 3)
    best = ModelEntry("run:3:best", "best", "Bell 3", 3)
    assert frames.first_model([]) is None
    assert frames.first_model([live, bundled]) == "live"
    assert frames.first_model([bundled, best]) == "bundled:a"
    assert frames.first_model([bundled, ModelEntry(frames.FIRST_MODEL, "bundled", "T")]) == frames.FIRST_MODEL
    assert frames.next_model("live", VIEW, [bundled, best]) == "run:3:best"
    assert frames.next_model("live", VIEW, [bundled]) == "bundled:a"
    assert frames.next_model("bundled:a", VIEW, [live, bundled, best]) == "bundled:a"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_anything_becomes_strict_json_in_utf_8(value: Any) -> None:
    json.dumps(frames.plain(value), allow_nan=False, ensure_ascii=False).encode("utf-8")


def test_a_model_that_could_not_be_saved_is_said_while_training_goes_on() -> None:
    """The run kept the notice, but no place on the page showed it: a full disk passed in silence."""
    full = message("save_failed", reason="No space left on device")
    status = frames.status_frame(in_state("running", notices=(full,)))
    assert status["message"] == {"key": "save_failed", "details": {"reason": "No space left on device"}}


def test_a_whole_number_of_300_digits_travels_as_a_float() -> None:
    """1e308 units were refused by name; Gradio could not write that number, and the tab got no more news."""
    frame = frames.message_frame(message("out_of_range", name="hidden_size", value=10**308, low=-(2**64), high=10**400))
    assert frame["details"] == {"name": "hidden_size", "value": 1e308, "low": -(2.0**64), "high": None}
    assert type(frame["details"]["value"]) is float
    assert frames.plain(2**53) == 2**53


def test_an_encoding_in_doubt_is_a_finding_that_leads_to_its_choice() -> None:
    guess = message("encoding_guessed", encoding="KOI8-R", preview="ab")
    sure, unsure = (Account("a", encoding="koi8-r", is_guess=True, certain=c, notices=(guess,)) for c in (True, False))
    several = Account("a", "files", certain=False, notices=(message("in_file", name="a", notice=guess),))
    plan = Plan(1, 1, 1, 1, None, Recipe(), ())
    assert text_frames.all_findings(plan, None, sure) == ()
    for account in (unsure, several):
        frame = text_frames.verdict_frame(text_frames.all_findings(plan, None, account))
        assert frame["finding"]["severity"] == "warning"
        assert frame["finding"]["remedy"]["action"] == "choose_encoding"
