"""An older run in the section of runs goes on from its checkpoint, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deeprnn.runs.store import Store

from ..ui.remembered import remember, remember_checkpoint
from .conftest import CHROMIUM, OpenPage, served
from .test_runs import compare, open_runs, row

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect
GAP = """() => {
    const boxOf = (part) => document.querySelector(`.dr-run-more ${part}`).getBoundingClientRect();
    return boxOf(".dr-run-acts").top - boxOf("textarea").bottom;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a home with an old run that has kept a checkpoint, and a newer one."""
    if CHROMIUM is None:
        pytest.skip("install a browser for these tests: apt-get install chromium")
    home = tmp_path_factory.mktemp("branch-home")
    store = Store(home)
    remember_checkpoint(store, "The old one", 20)
    remember(store, "A newer one")
    store.close()
    with served(home) as url:
        yield url


def test_an_older_run_goes_on_from_its_checkpoint(open_page: OpenPage) -> None:
    page = open_runs(open_page)
    compare(page, "The old one", "A newer one")
    page.locator("#dr-curves path.dr-full").nth(1).wait_for()
    dot = page.locator("#dr-curves").get_by_role("button", name=re.compile(r"^Checkpoint, step 20\b"))
    expect(dot).to_have_count(0)  # which run goes on would not be plain
    row(page, "The old one").locator(".dr-run-name").click()
    dot.click()
    panel = page.get_by_role("dialog", name="Continue from step 20")
    expect(panel.get_by_label("Learning rate")).to_be_focused()
    panel.get_by_label("Dropout").fill("7")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("Dropout is 7, but must be between 0 and 0.9")
    panel.get_by_label("Dropout").fill("0.2")
    panel.get_by_role("button", name="Continue as a new run").click()
    expect(panel).to_have_count(0)
    expect(page.locator("#dr-runs .dr-notices")).to_contain_text("Run 3 goes on from run 1, step 20.")
    child = page.locator("#dr-runs .dr-run").filter(has_text="from run 1, step 20")
    expect(child.locator(".dr-run-about")).to_have_text(re.compile("^from run 1, step 20 · Run 3"))
    expect(child).to_contain_text("Finished")
    page.get_by_role("tab", name="Studio").click()
    expect(page.locator("#dr-chart .dr-legend")).to_contain_text("pale: run 1, from which it went on")


def test_the_notes_keep_their_distance_from_the_buttons(open_page: OpenPage) -> None:
    page = open_runs(open_page)
    row(page, "A newer one").get_by_role("button", name="More about A newer one").click()
    page.locator("#dr-runs .dr-run-more").wait_for()
    assert page.evaluate(GAP) >= 8


def test_what_another_process_trains_is_only_looked_at(browser: Browser, tmp_path: Path) -> None:
    store = Store(tmp_path)
    remember(store, "It waits", steps=0, state="waiting")
    with served(tmp_path) as url:
        page = browser.new_page(locale="en-US")
        page.goto(url)
        page.get_by_role("tab", name="Runs").click()
        expect(page.locator("#dr-runs .dr-queue li")).to_have_count(1)
        expect(page.locator("#dr-runs .dr-runs-none")).to_be_empty()  # nobody has searched
        expect(page.get_by_role("button", name="Sweep", exact=True)).to_be_disabled()
        remember_checkpoint(store, "The old one", 20)
        row(page, "The old one").locator(".dr-run-name").click()
        page.locator("#dr-curves path.dr-training").first.wait_for()
        expect(page.locator("#dr-curves .dr-checkpoint")).to_have_count(0)
        page.close()
    store.close()
