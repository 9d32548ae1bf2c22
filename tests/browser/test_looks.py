"""How the page stands on a phone, in the dark, in Chinese, and for those who do not see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import deeprnn.ui

from .conftest import OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")

WORDS = """() => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
        if (["SCRIPT", "STYLE"].includes(node.tagName)) continue;
        for (const child of node.childNodes) if (child.nodeType === 3) found.add(child.textContent.trim());
        for (const name of ["aria-label", "placeholder", "title"]) found.add(node.getAttribute(name) || "");
        if (node.tagName === "INPUT") found.add(node.value);
    }
    return [...found];
}"""
LANGUAGE_HEIGHT = """() => {
    const words = document.createRange();
    words.selectNodeContents(document.querySelector(".dr-language"));
    return words.getBoundingClientRect().height;
}"""
PANELS = ("#dr-options", "#dr-own", "#dr-hub", "#dr-text", "#dr-settings")
NAMELESS = """() => [...document.querySelectorAll("button, input, textarea, [tabindex='0']")]
    .filter((e) => e.checkVisibility() && e.type !== "file")
    .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.title || (e.labels && e.labels.length)
        || e.getAttribute("aria-labelledby")))
    .map((e) => e.outerHTML.slice(0, 120))"""


def table(name: str) -> dict[str, str]:
    folder = Path(deeprnn.ui.__file__).parent / "texts"
    read: dict[str, str] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return read


def overflow(page: Page) -> int:
    return int(page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440])
def test_nothing_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 844})
    assert overflow(page) <= 0
    for panel in PANELS:
        page.locator(f"{panel} button").first.click()
    assert overflow(page) <= 0


def test_a_page_magnified_four_times_keeps_its_links_apart(open_page: OpenPage) -> None:
    """At 320 px "Download model" lay over "Options", and 中文 stood in two lines."""
    page = open_page(viewport={"width": 320, "height": 700})
    assert overflow(page) <= 0
    options = page.locator("#dr-options .label-wrap > span").first.bounding_box()
    export = page.locator("#dr-export").bounding_box()
    assert options
    assert export
    assert export["x"] >= options["x"] + options["width"] or export["y"] >= options["y"] + options["height"]
    assert int(page.evaluate(LANGUAGE_HEIGHT)) < 24


def test_dark_follows_the_system(open_page: OpenPage) -> None:
    def brightness(page: Page, what: str) -> float:
        script = f"getComputedStyle(document.body).{what}.match(/\\d+/g).slice(0, 3).map(Number)"
        return float(sum(page.evaluate(script)) / 3)

    light, dark = open_page(color_scheme="light"), open_page(color_scheme="dark")
    assert brightness(light, "backgroundColor") > 200 > 100 > brightness(light, "color")
    assert brightness(dark, "backgroundColor") < 60 < 150 < brightness(dark, "color")


def test_chinese_page_speaks_chinese_only(open_page: OpenPage) -> None:
    english, chinese = table("en"), table("zh")
    page = open_page(locale="zh-CN")
    for panel in PANELS:
        page.locator(f"{panel} button").first.click()
    shown = set(page.evaluate(WORDS))
    foreign = {text for key, text in english.items() if chinese.get(key) != text} - set(chinese.values())
    assert shown & foreign == set()
    assert chinese["write.title"] in shown
    assert page.evaluate("document.documentElement.lang").startswith("zh")


def test_language_can_be_switched_and_is_kept(page: Page) -> None:
    page.locator(".dr-language").click()
    page.get_by_text(table("zh")["write.title"], exact=True).first.wait_for()
    page.reload()
    page.get_by_text(table("zh")["write.title"], exact=True).first.wait_for()
    page.locator(".dr-language").click()
    page.get_by_text(table("en")["write.title"], exact=True).first.wait_for()


def test_every_control_has_a_name(page: Page) -> None:
    for panel in PANELS:
        page.locator(f"{panel} button").first.click()
    assert page.evaluate(NAMELESS) == []


def test_keyboard_alone_writes_a_text(page: Page) -> None:
    page.locator("#dr-prefix").get_by_role("textbox").focus()
    page.keyboard.press("Enter")
    page.locator("#dr-writer .dr-token").nth(5).wait_for()
    page.locator("#dr-writer .dr-page").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#dr-writer .dr-choices").wait_for()
