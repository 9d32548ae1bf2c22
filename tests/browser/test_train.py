"""Training in the browser: one press, a network that can be used at any time, and settings that are checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import TINY, in_state

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

STEP = """() => {
    const shown = document.querySelector("#dr-figures").innerText.match(/([\\d,]+)\\s*\\/\\s*[\\d,]+/);
    return shown ? Number(shown[1].replaceAll(",", "")) : 0;
}"""


def step(page: Page) -> int:
    return int(page.evaluate(STEP))


def wait_for_steps_after(page: Page, begun: int) -> None:
    page.wait_for_function(f"(begun) => ({STEP})() > begun", arg=begun)


def test_writing_goes_on_while_it_trains(running: Page) -> None:
    expect(running.locator("#dr-model input")).to_have_value(re.compile(r"run \d+", re.I))
    wait_for_steps_after(running, 0)
    running.locator("#dr-write").click()
    running.locator("#dr-writer .dr-token").first.wait_for()
    wait_for_steps_after(running, step(running))


def test_pause_resume_stop(running: Page) -> None:
    wait_for_steps_after(running, 0)
    running.locator("#dr-pause").click()
    in_state(running, "paused").wait_for()
    running.locator("#dr-write").click()
    running.locator("#dr-writer .dr-token").nth(5).wait_for()
    running.locator("#dr-resume").click()
    in_state(running, "running").wait_for()
    wait_for_steps_after(running, step(running))
    running.locator("#dr-stop").click()
    in_state(running, "done").wait_for()
    expect(running.locator("#dr-status")).to_contain_text("saved")
    expect(running.locator("#dr-model input")).to_have_value(re.compile(r"best", re.I))
    expect(running.locator("#dr-new")).to_be_visible()


def test_a_page_opened_during_a_run_says_at_its_end_how_long_the_next_takes(running: Page) -> None:
    """It measures nothing while a run takes the machine, and never made up for it."""
    running.reload()
    in_state(running, "running").wait_for()
    facts = running.locator("#dr-facts .dr-facts-line")
    expect(facts).to_contain_text("parameters")
    assert "here" not in facts.inner_text()
    running.locator("#dr-stop").click()
    in_state(running, "done").wait_for()
    expect(facts).to_contain_text(re.compile(r"about\s\d.*here"))


def test_a_reload_shows_the_recipe_of_the_run(running: Page) -> None:
    running.reload()
    in_state(running, "running").wait_for()
    running.locator("#dr-settings button").first.click()
    for name, value in TINY.items():
        expect(running.locator(f"#dr-{name} input")).to_have_value(str(value))


def test_a_number_beyond_all_bounds_is_refused_and_the_page_lives_on(page: Page) -> None:
    page.locator("#dr-options button").first.click()
    field = page.locator("#dr-sampling-top-k input")
    field.fill("1e30")
    page.locator("#dr-write").click()
    expect(page.locator("#dr-writer .dr-notices")).to_contain_text("too large")
    field.fill("5")
    page.locator("#dr-write").click()
    page.locator("#dr-writer .dr-token").first.wait_for()


def test_sample_is_rewritten_as_it_learns(running: Page) -> None:
    text = running.locator("#dr-sample .dr-sample-text")
    first = text.inner_text()
    expect(text).not_to_have_text(first)


def test_a_bad_setting_is_refused_before_it_starts(page: Page) -> None:
    page.locator("#dr-settings button").first.click()
    page.locator("#dr-hidden-size input").fill("99999999")
    page.locator("#dr-hidden-size input").blur()
    expect(page.locator("#dr-facts")).to_contain_text("must be between")
    page.locator("#dr-train:visible, #dr-new:visible").click()
    expect(page.locator("#dr-status")).to_contain_text("must be between")
    assert in_state(page, "running").count() == 0


def test_a_recipe_fills_the_form_and_the_facts(page: Page) -> None:
    page.locator("#dr-settings button").first.click()
    facts = page.locator("#dr-facts .dr-facts-line")
    before = facts.inner_text()
    page.locator("#dr-recipe input").click()
    page.get_by_role("option").nth(0).click()
    expect(page.locator("#dr-learning-rate input")).to_have_value("2")
    expect(facts).not_to_have_text(before)
