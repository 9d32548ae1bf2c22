"""A text of one's own in the browser: its files, how they were read, what the doctor says and does."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import OpenPage, choose

if TYPE_CHECKING:
    from playwright.sync_api import Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

RUSSIAN = "Шёл дождь, и ветер гнал по улице сухие листья; никто не вышел из дому. " * 30
STORY = " ".join(f"On day {n} it rang {n * 7 % 60} times, and {n * 13 % 100} people heard it." for n in range(99))
FILES = "#dr-files-sheet li"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    rows = [f'{number},"He said “{number}” and went home.",Row {number}' for number in range(200)]
    made = {
        "first.txt": b"The bell rang once in the valley.\r\n" * 60,
        "second.txt": RUSSIAN.encode("koi8-r"),
        "third.csv": "\n".join(["no,said,title", *rows]).encode(),
    }
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in made]


def upload(page: Page, files: list[Path]) -> None:
    if not page.locator("#dr-upload").is_visible():
        page.locator("#dr-own button").first.click()
    with page.expect_file_chooser() as chooser:
        page.locator("#dr-upload").click()
    chooser.value.set_files(files)
    page.locator(FILES).nth(len(files) - 1).wait_for()


def names(page: Page) -> list[str]:
    return page.locator(f"{FILES} b").all_inner_texts()


def test_several_files_are_one_text_and_each_can_be_read_otherwise(page: Page, files: list[Path]) -> None:
    upload(page, files)
    expect(page.locator("#dr-corpus input")).to_have_value("first.txt + 2")
    assert names(page) == ["first.txt", "second.txt", "third.csv"]

    up = page.get_by_role("button", name="Move second.txt up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{FILES} b").first).to_have_text("second.txt")
    expect(page.get_by_role("button", name="Move second.txt down")).to_be_focused()  # up, it can go no further

    encoding = page.get_by_label("Encoding of second.txt")
    expect(page.locator(FILES).first).to_contain_text("read as KOI8-R, a guess")
    encoding.select_option("cp1251")
    expect(page.locator(FILES).first).to_contain_text("read as CP1251")
    expect(page.locator(FILES).first.locator(".dr-preview")).to_contain_text(
        RUSSIAN[:9].encode("koi8-r").decode("cp1251")
    )
    page.get_by_label("Encoding of second.txt").select_option("utf-8")
    expect(page.locator("#dr-files-sheet .dr-notices")).to_contain_text("UTF-8")  # refused, and all is as it was
    expect(page.get_by_label("Encoding of second.txt")).to_have_value("cp1251")
    page.get_by_label("Encoding of second.txt").select_option("")
    expect(page.locator(FILES).first).to_contain_text("KOI8-R, a guess")

    page.locator(FILES).nth(2).get_by_label(re.compile("^title")).check()
    expect(page.locator(FILES).nth(2).get_by_label(re.compile("^title"))).to_be_checked()
    expect(page.locator(FILES).nth(2)).to_contain_text("said, title")
    page.get_by_role("button", name="Leave first.txt out").click()
    expect(page.locator(FILES)).to_have_count(2)


def test_a_remedy_changes_the_form_and_the_facts_follow(page: Page, files: list[Path]) -> None:
    choose(page, "#dr-recipe", "Quick")
    choose(page, "#dr-recipe", "Balanced")  # whatever recipe an earlier test has left in the form
    (files[0]).write_text(STORY, encoding="ascii")
    upload(page, files[:1])
    verdict = page.locator("#dr-verdict .dr-verdict")
    expect(verdict).to_contain_text("Expect the text to be memorised")
    before = page.locator("#dr-facts .dr-facts-line").inner_text()
    height = verdict.bounding_box()["height"]  # type: ignore[index]
    verdict.get_by_role("button", name="Use that").click()
    page.locator("#dr-settings button").first.click()
    expect(page.locator("#dr-hidden-size input")).to_have_value("128")
    expect(page.locator("#dr-num-layers input")).to_have_value("1")
    expect(verdict.get_by_role("button", name="Use that")).to_be_hidden()
    expect(page.locator("#dr-facts .dr-facts-line")).not_to_have_text(before)
    assert verdict.bounding_box()["height"] == height  # type: ignore[index]


def test_what_cleaning_would_do_stands_beside_each_choice(page: Page, files: list[Path]) -> None:
    upload(page, files[2:])
    page.locator("#dr-text button").first.click()
    expect(page.locator("#dr-doctor-sheet dl")).to_contain_text("English")
    quotes = page.locator("#dr-straight-quotes")
    expect(quotes.locator(".dr-effect")).to_contain_text("would change 400 places")
    expect(quotes.locator("code").first).to_contain_text("“0”")
    quotes.locator("input").check()
    expect(quotes.locator(".dr-effect")).to_contain_text("changes 400 places")
    expect(quotes.locator("input")).to_have_accessible_description(
        re.compile("Make curly quotes straight.*changes 400 places")
    )


@pytest.fixture
def many_words(tmp_path: Path) -> Iterator[Path]:
    draw, file = random.Random(0), tmp_path / "words.txt"
    words = ("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 12))) for _ in range(300_000))
    file.write_text(" ".join(words), encoding="ascii")
    yield file
    file.unlink()


def test_a_long_work_shows_how_far_it_is_and_can_be_cancelled(page: Page, many_words: Path) -> None:
    upload(page, [many_words])
    expect(page.locator("#dr-verdict .dr-verdict p")).not_to_be_empty()
    page.locator("#dr-settings button").first.click()
    page.locator("#dr-max-vocab-size").get_by_role("textbox").fill("50000")
    page.locator("#dr-tokenizer input").click()
    page.get_by_role("option", name="subwords").click()
    bar = page.get_by_role("progressbar", name="Progress of the work on the text")
    expect(page.locator("#dr-verdict .dr-work")).to_contain_text("Cutting it into tokens")
    page.locator("#dr-verdict .dr-cancel").click()
    expect(bar).to_be_hidden()
    expect(page.locator("#dr-facts .dr-notices")).to_contain_text("Stopped")


def test_a_text_and_its_findings_fit_a_phone_in_chinese(open_page: OpenPage, files: list[Path]) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme="dark")
    upload(page, files)
    page.locator("#dr-text button").first.click()
    page.locator("#dr-doctor-sheet .dr-findings li").first.wait_for()
    assert int(page.evaluate("document.scrollingElement.scrollWidth - innerWidth")) <= 0
    sheets = page.locator("#dr-files-sheet, #dr-doctor-sheet").all_inner_texts()
    said = re.findall(
        r"[a-z]{4,}", re.sub(r"(?s)The bell.*?\n|He said.*?\n|\w+\.(txt|csv)|said|title", "", " ".join(sheets))
    )
    assert said == []
    middles = page.locator(".dr-columns").evaluate(
        """(group) => ["legend", "input", "label span"].map((part) => {
            const { top, bottom } = group.querySelector(part).getBoundingClientRect();
            return (top + bottom) / 2;
        })"""
    )
    assert max(middles) - min(middles) < 2  # the word, the first box and its name stand on one line
