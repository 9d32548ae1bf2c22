"""The curve under the eyes of its reader: nothing is drawn anew, nothing jumps, and nothing is ever missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage, in_state

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

# Mark every node of the drawing, and count from now on: new curves, hidings of the tooltip.
MARK = """() => {
    const svg = document.querySelector("#dr-chart svg");
    const tip = document.querySelector("#dr-chart .dr-tip");
    const curve = svg.querySelector("path.dr-training");
    window.marked = [svg, tip, curve, ...svg.querySelectorAll("g, path, line")];
    window.drawn = 0;
    window.hidings = 0;
    new MutationObserver(() => { window.drawn += 1; }).observe(curve, {attributeFilter: ["d"]});
    new MutationObserver(() => { window.hidings += tip.hidden; }).observe(tip, {attributeFilter: ["hidden"]});
}"""
ALL_THERE = "window.marked.every((node) => node.isConnected)"


def wait_for_drawings(page: Page, count: int) -> None:
    """Wait until the training curve has changed that often since now."""
    page.wait_for_function("(count) => window.drawn >= count", arg=page.evaluate("window.drawn") + count)


def reach(page: Page, key: str) -> int:
    """Move along the curve by a key and return the step that the tooltip tells."""
    page.locator("#dr-chart .dr-plot").focus()
    page.keyboard.press(key)
    tip = page.locator("#dr-chart .dr-tip")
    expect(tip).to_be_visible()
    found = re.search(r"Step ([\d,]+) ", tip.inner_text())
    assert found is not None
    return int(found[1].replace(",", ""))


def is_beginning(page: Page) -> bool:
    """Tell whether the curve begins where the run began: a thinned one may leave out a few steps."""
    return reach(page, "Home") <= max(1, reach(page, "End") // 50)


def test_updates_change_attributes_only(running: Page) -> None:
    running.locator("#dr-chart .dr-plot").hover(position={"x": 90, "y": 120})
    tip = running.locator("#dr-chart .dr-tip")
    expect(tip).to_contain_text(re.compile(r"Step [\d,]+ · Epoch [\d.]+"))
    expect(tip).to_contain_text("bits/char")
    running.evaluate(MARK)
    wait_for_drawings(running, 5)
    assert running.evaluate(ALL_THERE)
    assert running.evaluate("window.hidings") == 0
    expect(tip).to_be_visible()


def test_linear_and_logarithmic_axis_outlive_updates(running: Page) -> None:
    running.evaluate(MARK)
    scales = running.locator("#dr-chart .dr-scales")
    linear, log = scales.get_by_role("button", name="Linear"), scales.get_by_role("button", name="Log")
    expect(log).to_have_attribute("aria-pressed", "true")
    linear.click()
    wait_for_drawings(running, 2)
    expect(linear).to_have_attribute("aria-pressed", "true")
    running.reload()
    expect(linear).to_have_attribute("aria-pressed", "true")
    log.click()
    expect(linear).to_have_attribute("aria-pressed", "false")


def test_every_tab_has_the_whole_curve(running: Page, open_page: OpenPage) -> None:
    before = reach(running, "End")
    assert is_beginning(running)
    running.reload()
    in_state(running, "running").wait_for()
    expect(running.locator("#dr-chart figcaption")).to_contain_text("Perplexity curve up to step")
    assert is_beginning(running)
    assert reach(running, "End") >= before
    other = open_page(viewport={"width": 390, "height": 844})
    assert is_beginning(other)
    assert reach(other, "End") >= before
    other.locator("#dr-pause").click()
    in_state(running, "paused").wait_for()
    in_state(other, "paused").wait_for()
    paused = re.search(r"step ([\d,]+)", running.locator("#dr-status .dr-said").inner_text())
    assert paused is not None
    for tab in (running, other):
        expect(tab.locator("#dr-chart figcaption")).to_contain_text(f"up to step {paused[1]}.")
        assert reach(tab, "End") == int(paused[1].replace(",", ""))


def test_a_finished_curve_stays_until_the_next_run(running: Page) -> None:
    number = re.search(r"Run (\d+)", running.locator("#dr-status .dr-said").inner_text())
    assert number is not None
    reach(running, "End")
    running.locator("#dr-stop").click()
    in_state(running, "done").wait_for()
    last = reach(running, "End")
    running.reload()
    in_state(running, "done").wait_for()
    assert reach(running, "End") == last
    running.locator("#dr-model input").click()
    for kind in ("Best", "Last"):
        expect(running.get_by_role("option", name=f"{kind} model of run {number[1]}", exact=True)).to_be_visible()
    running.keyboard.press("Escape")
    running.locator("#dr-new").click()
    expect(running.locator("#dr-status .dr-said")).to_contain_text(f"Run {int(number[1]) + 1} is learning")
