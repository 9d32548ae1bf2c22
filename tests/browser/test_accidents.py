"""What goes wrong at the reader's end: the page says so in words, loses nothing, and the next try works."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage, in_state
from .test_files import upload

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

SHORT = "The bell in the valley had not rung for a year. "


def add_text(page: Page, name: str, text: str) -> None:
    page.locator("#dr-own button").first.click()
    page.locator("#dr-paste textarea").fill(text)
    page.locator("#dr-name").get_by_role("textbox").fill(name)
    page.locator("#dr-use-text").click()
    expect(page.locator("#dr-corpus input")).to_have_value(name)


def fill_settings(page: Page, **values: object) -> None:
    if not page.locator("#dr-seed input").is_visible():
        page.locator("#dr-settings button").first.click()
    for name, value in values.items():
        page.locator(f"#dr-{name.replace('_', '-')}").locator("input, textarea").fill(str(value))


def test_a_chinese_file_of_another_encoding_is_read(page: Page, tmp_path: Path) -> None:
    text = "风从山谷里吹来，石头记住了它的声音。孩子们坐在井边，听老人讲很久以前的事。夜里，钟声又响了起来。\n"
    file = tmp_path / "山谷.txt"
    file.write_bytes((text * 40).encode("gb18030"))
    page.locator("#dr-own button").first.click()
    upload(page, "#dr-upload", file)
    expect(page.locator("#dr-corpus input")).to_have_value(re.compile("山谷"))
    expect(page.locator("#dr-files-sheet li")).to_contain_text("read as GB18030, a guess")
    expect(page.locator("#dr-files-sheet .dr-preview")).to_contain_text("风从山谷里吹来")
    expect(page.locator("#dr-facts .dr-facts-line")).to_contain_text("characters")


def test_a_short_text_shrinks_the_minibatch_and_says_so(page: Page) -> None:
    add_text(page, "A short one", SHORT * 4)
    notices = page.locator("#dr-facts .dr-notices")
    expect(notices).to_contain_text(re.compile(r"Batch \d+ and Sequence length \d+ are used instead of 16 and 64"))


def test_a_million_pasted_characters_on_one_line_are_taken_in(page: Page) -> None:
    """As a value they were larger than a request may be, and the page said nothing that a reader could use."""
    page.locator("#dr-own button").first.click()
    page.locator("#dr-paste textarea").fill("the bell is dry " * 62_500)
    page.locator("#dr-name").get_by_role("textbox").fill("Long")
    page.locator("#dr-use-text").click()
    expect(page.locator("#dr-corpus input")).to_have_value(re.compile("Long"))
    expect(page.locator("#dr-facts .dr-facts-line")).to_contain_text("1M characters")
    expect(page.locator("#dr-paste textarea")).to_have_value("")


def test_a_field_is_refused_by_its_label(page: Page) -> None:
    """The page said "hidden_size is None"."""
    fill_settings(page, hidden_size="")
    expect(page.locator("#dr-facts .dr-notices")).to_contain_text("Units is empty")


def test_gradios_own_pop_ups_speak_the_readers_language(open_page: OpenPage, tmp_path: Path) -> None:
    """A Chinese page said "Error: File(s) exceed the maximum allowed size"."""
    page = open_page(locale="zh-CN")
    with (tmp_path / "long.txt").open("wb") as file:
        file.truncate(201_000_000)
    page.locator("#dr-own button").first.click()
    upload(page, "#dr-upload", tmp_path / "long.txt")
    popup = page.locator(".toast-body")
    expect(popup).to_contain_text("文件超过此页面可接收的大小")
    assert not re.search("[A-Za-z]", popup.inner_text())


def test_pressing_use_without_a_text_says_what_to_do(page: Page) -> None:
    page.locator("#dr-own button").first.click()
    page.locator("#dr-use-text").click()
    expect(page.locator("#dr-files-sheet .dr-notices")).to_contain_text("Paste some text")


def expect_readable_axes(page: Page) -> None:
    """The perplexity reached 1e304: the axis had 300 ticks beyond the plot, or labels of 300 digits."""
    box = page.locator("#dr-chart .dr-plot").bounding_box()
    assert box is not None
    for name in ("Linear", "Log"):
        page.locator("#dr-chart .dr-scales").get_by_role("button", name=name).click()
        texts = page.locator("#dr-chart svg text:visible")
        assert all(0 < len(text) <= 25 for text in texts.all_text_contents())
        assert 4 <= page.locator("#dr-chart svg text.dr-tick:visible").count() <= 16
        assert all(part["x"] >= box["x"] for part in (text.bounding_box() for text in texts.all()) if part)
    assert len(page.locator("#dr-chart figcaption").inner_text()) < 200


def test_an_exploding_rate_fails_with_advice_and_the_next_run_works(page: Page) -> None:
    add_text(page, "炸药", SHORT * 60)
    tiny = {"hidden_size": 16, "num_layers": 1, "batch_size": 4, "sequence_length": 16, "max_steps": 100000}
    fill_settings(page, **tiny, learning_rate=1000000, warmup_fraction=0, max_grad_norm=1000000)
    page.locator("#dr-train:visible, #dr-new:visible").click()
    in_state(page, "failed").wait_for()
    expect(page.locator("#dr-status")).to_contain_text("Try a lower learning rate")
    expect_readable_axes(page)
    page.reload()
    in_state(page, "failed").wait_for()
    expect_readable_axes(page)
    fill_settings(page, learning_rate=0.01, max_grad_norm=1, max_steps=30)
    page.locator("#dr-new").click()
    in_state(page, "done").wait_for()
    expect(page.locator("#dr-status")).to_contain_text("It is saved")


def test_damaged_and_disguised_models_are_refused(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.locator("#dr-export").click()
    whole = tmp_path / "whole.zip"
    download.value.save_as(whole)
    half, disguised = tmp_path / "half.zip", tmp_path / "model.safetensors"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    disguised.write_bytes(pickle.dumps({"weights": [1.0] * 1000}))
    before = page.locator("#dr-model input").input_value()
    said = page.locator("#dr-told .dr-notices li")
    upload(page, "#dr-import", half)
    expect(said).to_contain_text(re.compile("half.zip is damaged"))
    upload(page, "#dr-import", disguised)
    expect(said).to_contain_text(re.compile("model.safetensors (is a pickle|holds weights alone)"))
    expect(page.locator("#dr-model input")).to_have_value(before)
    page.locator("#dr-write").click()
    page.locator("#dr-writer .dr-token").first.wait_for()
