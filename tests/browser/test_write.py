"""Writing in the browser: characters stream in, each can be asked what else was considered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

# How many characters the first frame with a new text shows.
FIRST_FRAME = """() => { window.firstFrame = new Promise((done) => {
    const place = document.querySelector("#dr-writer");
    const before = place.querySelector(".dr-token");
    new MutationObserver((_, observer) => {
        const first = place.querySelector(".dr-token");
        if (!first || first === before) return;
        observer.disconnect();
        done(place.querySelectorAll(".dr-token").length);
    }).observe(place, {childList: true, subtree: true});
}); }"""


def write(page: Page, prefix: str, **options: str) -> None:
    if options:
        page.locator("#dr-options button").first.click()
    for name, value in options.items():
        page.locator(f"#dr-sampling-{name.replace('_', '-')} input").fill(value)
    page.locator("#dr-prefix").get_by_role("textbox").fill(prefix)
    page.keyboard.press("Enter")


def finished(page: Page) -> None:
    page.locator("#dr-writer .dr-token").first.wait_for()
    page.locator("#dr-write").wait_for()


def text_of(page: Page) -> str:
    return page.locator("#dr-writer .dr-text").inner_text()


def test_the_page_opens_ready_to_write(page: Page) -> None:
    expect(page.locator("#dr-prefix").get_by_role("textbox")).to_be_focused()
    expect(page.locator("#dr-model input")).not_to_have_value("")
    expect(page.locator("#dr-write")).to_be_enabled()
    expect(page.locator(".dr-badge b")).to_have_text(re.compile(r"^CPU · (1 core|\d+ cores)$"))  # was "1 cores"


def test_enter_streams_text_that_tells_its_choices(page: Page) -> None:
    write(page, "the bell ", max_new_tokens="120")
    finished(page)
    expect(page.locator("#dr-writer .dr-token")).to_have_count(120)
    expect(page.locator("#dr-writer .dr-prefix")).to_have_text("the bell ")
    page.locator("#dr-writer .dr-token").nth(7).hover()
    choices = page.locator("#dr-writer .dr-choices")
    expect(choices).to_be_visible()
    assert choices.inner_text().count("%") >= 5
    page.keyboard.press("Escape")


def test_the_first_frame_does_not_wait_for_the_whole_text(page: Page) -> None:
    page.evaluate(FIRST_FRAME)
    write(page, "the bell ", max_new_tokens="2000")
    shown = page.evaluate("window.firstFrame")
    finished(page)
    assert 0 < shown < page.locator("#dr-writer .dr-token").count() == 2000


def test_the_same_seed_writes_the_same_and_again_writes_something_else(page: Page) -> None:
    write(page, "the bell ", max_new_tokens="60")
    finished(page)
    first = text_of(page)
    page.locator("#dr-writer .dr-token").evaluate_all("tokens => tokens.forEach(token => token.dataset.older = '1')")
    page.locator("#dr-write").click()
    expect(page.locator("#dr-writer .dr-token[data-older]")).to_have_count(0)
    expect(page.locator("#dr-writer .dr-token")).to_have_count(60)
    assert text_of(page) == first
    page.locator("#dr-again").click()
    page.locator("#dr-writer .dr-foot", has_text="seed 1").wait_for()
    assert text_of(page) != first


def test_stop_ends_a_long_text(page: Page) -> None:
    write(page, "the ", max_new_tokens="20000")
    page.locator("#dr-writer .dr-token").nth(30).wait_for()
    page.locator("#dr-stop-writing").click()
    page.locator("#dr-write").wait_for()
    expect(page.locator("#dr-writer .dr-foot")).to_contain_text("seed")
    assert 30 < page.locator("#dr-writer .dr-token").count() < 20000


def test_a_reload_keeps_the_text_that_was_written(page: Page) -> None:
    """When the server had been away, Gradio loaded the page anew by itself, and the text was gone."""
    write(page, "the bell ", max_new_tokens="40")
    finished(page)
    first = text_of(page)
    page.reload()
    expect(page.locator("#dr-writer .dr-token")).to_have_count(40)
    assert text_of(page) == first
    page.locator("#dr-writer .dr-token").nth(7).hover()
    expect(page.locator("#dr-writer .dr-choices")).to_be_visible()


def test_unknown_characters_are_told_and_never_fail(page: Page) -> None:
    write(page, "thé bell 時 ", max_new_tokens="20")
    finished(page)
    notices = page.locator("#dr-writer .dr-notices")
    expect(notices).to_contain_text("é → e")
    expect(notices).to_contain_text("left out: 時")
    expect(page.locator("#dr-writer .dr-prefix")).to_have_text("the bell  ")


def test_a_bad_setting_is_refused_in_words_and_the_page_goes_on(page: Page) -> None:
    write(page, "the ", temperature="77")
    expect(page.locator("#dr-writer .dr-notices")).to_contain_text("77")
    page.locator("#dr-sampling-temperature input").fill("1")
    page.locator("#dr-write").click()
    finished(page)


def test_an_offered_beginning_can_be_pressed(page: Page) -> None:
    page.locator("#dr-writer .dr-beginnings button").first.click()
    finished(page)
    assert page.locator("#dr-writer .dr-prefix").inner_text().strip()


def test_markup_in_a_beginning_stays_text(page: Page) -> None:
    write(page, "<img src=x onerror=document.title='broken'>${document.title='broken'}{{value}}", max_new_tokens="5")
    finished(page)
    assert page.locator("#dr-writer img").count() == 0
    assert page.title() == "DeepRNN"


def test_two_visitors_do_not_see_each_other(open_page: OpenPage) -> None:
    mine, other = open_page(), open_page()
    write(mine, "mine ", max_new_tokens="30")
    write(other, "other ", max_new_tokens="30")
    finished(mine)
    finished(other)
    assert text_of(mine).startswith("mine ")
    assert text_of(other).startswith("other ")
