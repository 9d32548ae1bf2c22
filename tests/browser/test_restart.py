"""The program dies under an open page, or two of them share a home: the page comes back by itself, or says so."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from ..ui.test_api import free_port
from ..ui.test_server import address_of, start
from .conftest import PATIENCE, TINY, in_state
from .test_accidents import add_text, fill_settings
from .test_steering import save_now

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect

VERSE = "The bell in the valley had not rung for a year. "
STEPS = "#dr-figures .dr-figure:nth-child(3) .dr-beside"


def open_page(browser: Browser, address: str) -> Page:
    """Open the page where, unlike elsewhere, the console may complain of a lost server."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("#dr-facts .dr-facts-line:not(:empty)").wait_for()
    return page


def steps(page: Page) -> int:
    expect(page.locator(STEPS)).to_contain_text("/")
    return int(page.locator(STEPS).inner_text().split("/")[0].replace(",", ""))


def test_a_page_outlives_its_program(browser: Browser, tmp_path: Path) -> None:
    """Killed in the middle of a step and started again: the page is back by itself, with all that was on it."""
    port = str(free_port())
    with start(tmp_path, "--port", port) as server:
        address = address_of(server)
        page = open_page(browser, address)
        add_text(page, "Verse", VERSE * 60)
        fill_settings(page, **{name.replace("-", "_"): value for name, value in TINY.items()})
        page.locator("#dr-train").click()
        in_state(page, "running").wait_for()
        save_now(page)
        page.locator("#dr-write").click()
        page.locator("#dr-writer .dr-foot p", has_text="per second").wait_for()
        written = page.locator("#dr-writer .dr-text").inner_text()
        page.locator("#dr-prefix").get_by_role("textbox").fill("half a thou")
        server.kill()
        expect(page.locator(".toast-body")).to_contain_text("The page opens again by itself")
    with start(tmp_path, "--port", port) as server:
        assert address_of(server) == address
        in_state(page, "interrupted").wait_for()
        expect(page.locator("#dr-prefix").get_by_role("textbox")).to_have_value("half a thou")
        expect(page.locator("#dr-corpus input")).to_have_value("Verse")
        assert page.locator("#dr-writer .dr-text").inner_text() == written
        kept = steps(page)
        page.locator("#dr-resume").click()
        in_state(page, "running").wait_for()
        page.wait_for_function(f"""(kept) => Number(document.querySelector("{STEPS}").textContent.split("/")[0]
            .replaceAll(",", "")) > kept""", arg=kept)  # fmt: skip
        page.locator("#dr-pause").click()
        in_state(page, "paused").wait_for()
        paused = re.search(r"step ([\d,]+)", page.locator("#dr-status .dr-said").inner_text())
        assert paused is not None
        last = int(paused[1].replace(",", ""))
        expect(page.locator("#dr-chart figcaption")).to_contain_text(f"up to step {paused[1]}.")
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        page.context.close()
    studio = Studio(Store(tmp_path), choose_device("cpu"))
    assert [record.step for record in studio.runs.records(1)] == list(range(1, last + 1))
    assert studio.close()


def test_the_second_program_on_a_home_only_shows_it(browser: Browser, tmp_path: Path) -> None:
    with start(tmp_path) as first:
        own = open_page(browser, address_of(first))
        with start(tmp_path) as second:
            page = open_page(browser, address_of(second))
            expect(page.locator("#dr-banner")).to_contain_text("This one only shows what is there")
            expect(page.locator("#dr-train")).to_be_disabled()
            page.locator("#dr-own button").first.click()
            expect(page.locator("#dr-use-text")).to_be_disabled()
            page.locator("#dr-write").click()  # a model can write all the same
            page.locator("#dr-writer .dr-token").first.wait_for()
            page.context.close()
        expect(own.locator("#dr-train")).to_be_enabled()
        assert not own.locator("#dr-banner .dr-notices").is_visible()
        own.context.close()
