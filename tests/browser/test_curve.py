"""The curve under the eyes of its reader: nothing is drawn anew, nothing jumps, and nothing is ever missing."""

from __future__ import annotations

import itertools
import math
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
# Every label that shows, as [words, left, top, right, bottom].
LABELS = """() => [...document.querySelectorAll("#dr-chart .dr-line-label, #dr-chart .dr-best-label")]
    .filter((node) => node.style.display !== "none")
    .map((node) => [node.textContent, node.getBoundingClientRect()])
    .map(([words, box]) => [words, box.left, box.top, box.right, box.bottom])"""
LAST_WORD = "(node) => node.textContent.split(' ').pop()"
LINES = ("guessing evenly", "unigram", "bigram", "trigram", "5-gram", "xz")
# Where checkpoints stand on a plot whose pixels are its values: [step, pixels from the top].
HEIGHTS = """() => {
    const plot = document.createElement("div");
    const draw = window.deeprnn.chartCheckpoints(plot, plot, () => {});
    const kept = [[1, null, false, null], [60, null, false, null], [100, 20, true, 20]];
    const [train, validation] = [[[1, 60, 100], [66, 30, 22]], [[60, 100], [28, 20]]];
    const run = {main: true, kept, settings: {}, train, validation};
    draw({x: (step) => step, y: (value) => value}, {runs: [run]});
    const placeOf = (button) => button.style.transform.match(/-?[0-9.]+/g).map((at) => Number(at) + 12);
    return [...plot.querySelectorAll("button")].map(placeOf);
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


def tip_of_the_first_step(page: Page) -> list[str]:
    """Return the figures of the training at the beginning of the run, the large one first."""
    reach(page, "Home")
    return page.locator("#dr-chart .dr-tip-row").first.inner_text().split("\n")[1:]


def test_the_unit_is_one_press_away_and_outlives_a_reload(running: Page) -> None:
    units = running.locator("#dr-chart").get_by_role("group", name="Unit")
    axes = running.locator("#dr-chart").get_by_role("group", name="Axis")
    perplexity, bits = (units.get_by_role("button", name=name) for name in ("Perplexity", "Bits/char"))
    expect(perplexity).to_have_attribute("aria-pressed", "true")
    large, small = tip_of_the_first_step(running)
    bits.focus()
    running.keyboard.press("Space")
    expect(bits).to_have_attribute("aria-pressed", "true")
    expect(perplexity).to_have_attribute("aria-pressed", "false")
    expect(axes.get_by_role("button", name="Linear")).to_have_attribute("aria-pressed", "true")
    assert tip_of_the_first_step(running) == [small.removesuffix(" bits/char"), f"perplexity {large}"]
    assert float(small.split()[0]) == pytest.approx(math.log2(float(large)), abs=0.01)
    expect(running.locator("#dr-chart figcaption")).to_contain_text("Bits per character up to step")
    expect(running.locator("#dr-chart .dr-plot")).to_have_accessible_name(re.compile("Curve of bits per character"))
    even = running.locator("#dr-chart .dr-line-label", has_text="guessing evenly")
    expect(even).to_be_visible()
    shown = float(even.evaluate(LAST_WORD))
    running.reload()
    expect(bits).to_have_attribute("aria-pressed", "true")
    perplexity.click()
    expect(axes.get_by_role("button", name="Log")).to_have_attribute("aria-pressed", "true")
    expect(even).to_be_visible()
    assert shown == pytest.approx(math.log2(float(even.evaluate(LAST_WORD))), abs=0.01)


@pytest.mark.parametrize("phone", [False, True])
def test_the_labels_of_the_lines_do_not_meet(running: Page, open_page: OpenPage, phone: bool) -> None:
    small = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = open_page(**(small if phone else {}))
    if not phone:
        page.get_by_role("button", name="Linear").click()
        for name in LINES:
            expect(page.locator("#dr-chart .dr-line-label", has_text=re.compile(f"^{name} "))).to_be_visible()
    for unit in ("Perplexity", "Bits/char"):
        for axis in ("Log", "Linear"):
            page.get_by_role("button", name=unit).click()
            page.get_by_role("button", name=axis).click()
            boxes = page.evaluate(LABELS)
            assert boxes
            for (a, *one), (b, *other) in itertools.combinations(boxes, 2):
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 3 or other[3] <= one[1] + 3
                assert apart, f"{a} meets {b}"


def test_the_run_says_which_line_it_has_beaten(running: Page) -> None:
    expect(running.locator("#dr-status .dr-said")).to_contain_text(
        re.compile(r"Run \d+ is learning and has just beaten")
    )
    expect(running.locator("#dr-chart figcaption")).to_contain_text("Better than")


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


def test_a_checkpoint_stands_on_what_was_measured_there_and_on_no_later_check(page: Page) -> None:
    page.locator("#dr-chart .dr-plot").wait_for()
    assert page.evaluate(HEIGHTS) == [[1, 66], [60, 28], [100, 20]]
