"""What eyes and fingers ask for: contrast in light and dark, targets that a thumb meets, nothing beyond the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage
from .test_speech import open_panels

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

# Every visible text with a contrast below 4.5, or 3 where it is large (WCAG 2.2, 1.4.3); a disabled control is exempt.
PALE = """() => {
    const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const parse = (colour) => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
    const ground = (node) => {
        if (!node) return parse("white");
        const own = parse(getComputedStyle(node).backgroundColor);
        return own[3] === 1 ? own : over(own, ground(node.parentElement));
    };
    const light = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((c) => (c <= 10 ? c / 3294 : ((c / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const opacity = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1);
    const look = (node, style, words) => {
        const below = ground(node);
        const colour = parse(node.closest("svg") ? style.fill : style.color);
        colour[3] *= opacity(node);
        const [dark, bright] = [light(over(colour, below)), light(below)].sort((a, b) => a - b);
        const ratio = (bright + 0.05) / (dark + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        return ratio < (large ? 3 : 4.5) ? [`${words.slice(0, 60)}: ${ratio.toFixed(2)}`] : [];
    };
    return [...document.body.querySelectorAll("*")].flatMap((node) => {
        if (!node.checkVisibility({visibilityProperty: true}) || node.closest(":disabled, .dr-hidden")) return [];
        const words = [...node.childNodes].map((c) => (c.nodeType === 3 ? c.textContent.trim() : "")).join("");
        const found = words ? look(node, getComputedStyle(node), words) : [];
        if (["checkbox", "radio", "range"].includes(node.type)) return found;
        if (node.value) found.push(...look(node, getComputedStyle(node), node.value));
        else if (node.placeholder) found.push(...look(node, getComputedStyle(node, "::placeholder"), node.placeholder));
        return found;
    });
}"""
SMALL = """() => [...document.querySelectorAll("button, input:not([type=checkbox], [type=file]), textarea, .dr-tint")]
    .filter((node) => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().width > 1)
    .map((node) => [node, node.closest(".wrap") || node])
    .map(([node, target]) => [node, target.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([node, box]) => `${node.id || node.className || node.tagName} ${node.ariaLabel || node.innerText}: `
        + `${box.width.toFixed(0)} x ${box.height.toFixed(0)}`)"""
BEYOND = """() => [...document.querySelectorAll("main *")].filter((node) => node.checkVisibility())
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 0.5 && !node.closest(".dr-hidden"))
    .map((node) => node.outerHTML.slice(0, 100))"""


def write(page: Page) -> None:
    page.locator("#dr-prefix").get_by_role("textbox").fill("the bell")
    page.locator("#dr-write").click()
    page.locator("#dr-writer .dr-token").nth(120).wait_for()
    page.locator("#dr-write").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(open_page: OpenPage, running: Page, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    assert running.locator("#dr-pause").is_visible()
    write(page)
    open_panels(page)
    page.locator("#dr-chart .dr-plot").hover(position={"x": 150, "y": 100})
    expect(page.locator("#dr-chart .dr-tip")).to_be_visible()
    assert page.evaluate(PALE) == []
    page.locator("#dr-writer .dr-token").nth(3).hover()
    expect(page.locator("#dr-writer .dr-choices")).to_be_visible()
    assert page.evaluate(PALE) == []


def test_a_phone_with_all_open_keeps_everything_within_reach(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    write(page)
    open_panels(page)
    page.locator("#dr-writer .dr-token").nth(20).tap()
    expect(page.locator("#dr-writer .dr-choices")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(BEYOND) == []
    assert page.evaluate(SMALL) == []


def test_the_tab_key_reaches_what_matters(page: Page) -> None:
    page.locator("#dr-prefix").get_by_role("textbox").focus()
    reached: list[str] = []
    while not {"dr-train", "dr-new"} & {*reached} and len(reached) < 40:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached.index("dr-write") < reached.index("dr-page")
    assert reached[-1] in ("dr-train", "dr-new")


def test_the_curve_is_told_to_those_who_do_not_see_it(page: Page) -> None:
    curve = page.locator("#dr-chart").get_by_role("img")
    expect(curve).to_have_accessible_name(page.locator("#dr-chart figcaption").inner_text())
    assert len(page.locator("#dr-chart figcaption").inner_text()) > 20
