"""Steering a run in the browser: rewind and branch, change while it learns, queue, discard with undo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage, in_state

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

PLACES = """() => ["#dr-figures", "#dr-chart", "#dr-sample", "#dr-write-card"].map((id) => {
    const box = document.querySelector(id).getBoundingClientRect();
    return [id, box.left, box.top, box.width, box.height];
})"""


def number_of(page: Page) -> int:
    """Return the number of the run on the page, which its sentence tells."""
    said = page.locator("#dr-status .dr-said")
    expect(said).to_contain_text(re.compile(r"Run \d+"))
    found = re.search(r"Run (\d+)", said.inner_text())
    assert found is not None
    return int(found[1])


def open_panel(page: Page) -> Locator:
    page.get_by_role("button", name="Change while it runs").click()
    return page.get_by_role("dialog", name="Change while it runs")


def save_now(page: Page) -> Locator:
    """Save a checkpoint and return its button on the curve."""
    open_panel(page).get_by_role("button", name="Save now").click()
    dot = page.get_by_role("button", name=re.compile(r"^Checkpoint, step [\d,]+.*Continue from here\.$"))
    dot.first.wait_for()
    return dot.first


def test_rewind_and_branch_by_keyboard_alone(running: Page) -> None:
    number = number_of(running)
    dot = save_now(running)
    box = dot.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (24, 24)
    before = running.evaluate(PLACES)
    dot.focus()
    running.keyboard.press("Enter")
    panel = running.get_by_role("dialog", name=re.compile("Continue from step"))
    expect(panel.get_by_label("Learning rate")).to_be_focused()
    assert running.evaluate(PLACES) == before
    running.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(dot).to_be_focused()
    running.keyboard.press("Enter")
    panel.get_by_label("Dropout").fill("0.2")
    running.keyboard.press("Enter")
    expect(running.locator("#dr-status .dr-said")).to_contain_text(f"Run {number + 1} waits for its turn: place 1")
    expect(panel).to_have_count(0)
    running.locator("#dr-stop").click()
    expect(running.locator("#dr-status .dr-said")).to_contain_text(re.compile(f"Run {number + 1} is learning"))
    expect(running.locator("#dr-chart .dr-legend")).to_contain_text(f"pale: run {number}, from which it went on")
    assert running.locator("#dr-chart path.dr-training.dr-ghost:visible").get_attribute("d")
    running.reload()
    expect(running.locator("#dr-chart .dr-legend")).to_contain_text(f"pale: run {number}")


def test_a_change_while_it_runs_is_a_mark_and_a_bad_one_is_refused_in_its_panel(running: Page) -> None:
    panel = open_panel(running)
    panel.get_by_label("Dropout").fill("7")
    running.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("Dropout is 7, but must be between 0 and 0.9")
    panel.get_by_label("Dropout").fill("0.25")
    rate = panel.get_by_label("Learning rate")
    rate.fill(str(float(rate.input_value()) / 2))
    panel.get_by_role("button", name="Apply").click()
    expect(panel).to_have_count(0)
    mark = running.locator("#dr-chart .dr-event-label:visible", has_text="rate ÷ 2").filter(has_text="dropout 0.25")
    expect(mark).to_have_count(1)
    expect(running.locator("#dr-chart figcaption")).to_contain_text(re.compile(r"Step [\d,]+: .*[Ll]earning rate"))
    running.reload()
    expect(mark).to_have_count(1)
    expect(open_panel(running).get_by_label("Dropout")).to_have_value("0.25")


def test_samples_begin_as_the_reader_wants_and_come_when_asked_for(running: Page) -> None:
    panel = open_panel(running)
    panel.get_by_label("Samples begin with").fill("Nobody had")
    panel.get_by_role("button", name="Apply").click()
    expect(running.locator("#dr-sample .dr-sample-text b")).to_have_text("Nobody had")
    expect(running.locator("#dr-chart .dr-event-label", has_text="beginning: Nobody had")).to_have_count(1)
    step = running.locator("#dr-sample .dr-sample-head span").nth(1)
    before = step.inner_text()
    panel = open_panel(running)
    panel.get_by_role("button", name="Sample now").click()
    expect(step).not_to_have_text(before)


def test_a_second_run_waits_and_can_be_taken_out_of_the_queue(running: Page) -> None:
    number = number_of(running)
    running.locator("#dr-queue").click()
    expect(running.locator("#dr-status .dr-said")).to_contain_text(f"Run {number + 1} waits for its turn: place 1")
    line = running.locator("#dr-steer")
    expect(line).to_contain_text(f"Run {number + 1} waits")
    line.get_by_role("button", name="Cancel it").click()
    expect(line).not_to_contain_text("waits")
    in_state(running, "running").wait_for()


def test_a_discarded_run_can_be_brought_back(running: Page) -> None:
    number = number_of(running)
    running.locator("#dr-stop").click()
    in_state(running, "done").wait_for()
    line = running.locator("#dr-steer")
    line.get_by_role("button", name="Discard").click()
    expect(line.get_by_role("button", name="Keep it")).to_be_focused()
    running.keyboard.press("Escape")
    expect(line.get_by_role("button", name="Discard")).to_be_focused()
    in_state(running, "done").wait_for()
    running.keyboard.press("Enter")
    line.get_by_role("button", name="Discard it").click()
    expect(line).to_contain_text(f"Run {number} is discarded. For a day it can be brought back.")
    running.reload()
    line.get_by_role("button", name="Undo").click()
    in_state(running, "done").wait_for()
    expect(line).not_to_contain_text("discarded")
    running.locator("#dr-model input").click()
    expect(running.get_by_role("option", name=f"Best model of run {number}", exact=True)).to_be_visible()
    running.keyboard.press("Escape")


def test_a_stopped_run_goes_on_where_it_stood(running: Page) -> None:
    number = number_of(running)
    running.locator("#dr-stop").click()
    in_state(running, "done").wait_for()
    running.locator("#dr-resume").click()
    in_state(running, "running").wait_for()
    assert number_of(running) == number
    expect(running.locator("#dr-chart .dr-event-label:visible", has_text="resumed")).to_have_count(1)


def test_a_finger_reaches_a_checkpoint(running: Page, open_page: OpenPage) -> None:
    save_now(running)
    phone = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.get_by_role("button", name=re.compile("^Checkpoint")).first.tap()
    panel = phone.get_by_role("dialog", name=re.compile("Continue from step"))
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert phone.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
