"""One language at a time, on everything that can be read or heard: labels, help, placeholders, status, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage, in_state

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

# Everything visible or spoken, except names that people gave, what networks wrote, and machines.
WORDS = """() => {
    const own = ".dr-text, .dr-sample-text, #dr-writer .dr-spoken, .dr-badge, .dr-brand, script, style";
    const found = new Set();
    for (const node of document.body.querySelectorAll("*")) {
        if (node.closest(own) || !node.checkVisibility()) continue;
        for (const child of node.childNodes) if (child.nodeType === 3) found.add(child.textContent.trim());
        for (const name of ["aria-label", "placeholder", "title"]) found.add(node.getAttribute(name) || "");
        if (node.matches("input[role=combobox]:not(#dr-corpus *, #dr-model *)")) found.add(node.value);
    }
    return [...found];
}"""
# Names that are the same in every language.
NAMES = re.compile(
    r"LSTM|GRU|RNN|ReLU|tanh|SGD|AdamW|Top-[kp]|float32|bfloat16|d2l|DeepRNN|CPU|English|xz|GB|Hugging Face Hub"
    r"|The Time Machine|The Thirsty Bell|Bell"
)
CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


def open_panels(page: Page) -> None:
    for panel in ("#dr-options", "#dr-own", "#dr-settings"):
        page.locator(f"{panel} button").first.click()
    page.locator("#dr-seed input").wait_for()


def latin(page: Page) -> set[str]:
    """Return what is said in Latin words though they are no names; the k of top-k and of 17k is no word."""
    return {text for text in page.evaluate(WORDS) if re.search("[A-Za-z]{2}", NAMES.sub("", text))}


@pytest.mark.parametrize("locale", ["zh-CN", "zh-TW"])
def test_a_chinese_page_says_nothing_in_english(open_page: OpenPage, locale: str) -> None:
    page = open_page(locale=locale)
    open_panels(page)
    assert latin(page) == set()
    page.locator("#dr-recipe input").click()
    page.get_by_role("option").nth(1).wait_for()
    assert latin(page) == set()
    page.keyboard.press("Escape")
    # What is said about the reader's own doing: an unknown character, a value out of range, an empty text.
    page.locator("#dr-sampling-max-new-tokens input").fill("15")
    page.locator("#dr-prefix").get_by_role("textbox").fill("é")
    page.keyboard.press("Enter")
    expect(page.locator("#dr-writer .dr-foot p")).to_have_text(re.compile(r"15"))
    page.locator("#dr-hidden-size input").fill("99999")
    page.locator("#dr-hidden-size input").blur()
    expect(page.locator("#dr-facts .dr-notices")).to_contain_text("99,999")
    page.locator("#dr-paste textarea").fill("")
    page.locator("#dr-use-text").click()
    expect(page.locator("#dr-files-sheet .dr-notices")).to_contain_text("文本是空的")
    assert latin(page) == set()


def test_a_run_is_told_in_chinese(open_page: OpenPage, running: Page) -> None:
    page = open_page(locale="zh-CN")
    for state, button in (("running", "#dr-pause"), ("paused", "#dr-stop"), ("done", "")):
        in_state(page, state).wait_for()
        page.locator("#dr-chart .dr-plot").hover(position={"x": 120, "y": 100})
        expect(page.locator("#dr-chart .dr-tip")).to_be_visible()
        assert latin(page) == set()
        if button:
            page.locator(button).click()
    expect(running.locator("#dr-new")).to_be_visible()


def test_an_english_page_has_one_chinese_word(page: Page) -> None:
    open_panels(page)
    assert {text for text in page.evaluate(WORDS) if CJK.search(text)} == {"中文"}


def test_a_change_of_language_keeps_what_was_typed(page: Page) -> None:
    page.locator("#dr-prefix").get_by_role("textbox").fill("my own beginning")
    page.locator("#dr-own button").first.click()
    page.locator("#dr-paste textarea").fill("my own text")
    page.locator(".dr-language").click()
    expect(page.locator(".dr-language")).to_have_text("English")
    expect(page.locator("#dr-prefix").get_by_role("textbox")).to_have_value("my own beginning")
    page.locator("#dr-own button").first.click()
    expect(page.locator("#dr-paste textarea")).to_have_value("my own text")
    # Gradio knows of the restored beginning too.
    page.locator("#dr-prefix").get_by_role("textbox").press("Enter")
    expect(page.locator("#dr-writer .dr-prefix")).to_have_text("my own beginning")
