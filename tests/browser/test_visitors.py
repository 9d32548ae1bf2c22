"""Two people in two browsers on one public server: each has their own runs, and a link shows one run to the other."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deeprnn.runs.visitors import visitor_name
from deeprnn.ui.visiting import OWNER

from .conftest import CHROMIUM, PATIENCE, ROOT, TINY, in_state

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

TOKEN = "localStorage.getItem('deeprnn-owner')"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("public-home")


@pytest.fixture(scope="module")
def public(home: Path) -> Iterator[str]:
    """Serve a public page with a home of its own; the server must end well when the tests have ended."""
    if CHROMIUM is None:
        pytest.skip("install a browser for these tests: apt-get install chromium")
    command = [sys.executable, "app.py", "--home", str(home), "--device", "cpu", "--public"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
        assert server.stdout is not None
        yield next((line for line in server.stdout if "http://" in line), "").split()[-1]
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


@pytest.fixture
def people(browser: Browser, public: str) -> Iterator[tuple[Page, Page]]:
    """Open the page for two people, each in a browser of their own."""
    contexts = [browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900}) for _ in range(2)]
    pages = []
    for context in contexts:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        visit(page, public)
        pages.append(page)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#dr-facts .dr-facts-line:not(:empty)").wait_for()


def start(page: Page) -> None:
    page.locator("#dr-settings button").first.click()
    for name, value in TINY.items():
        page.locator(f"#dr-{name} input").fill(str(value))
    page.locator("#dr-train:visible, #dr-new:visible").click()


def stop(page: Page) -> None:
    page.locator("#dr-stop:enabled").click()
    page.locator("#dr-new:visible").wait_for()


def test_each_has_runs_of_their_own_waits_with_a_place_and_sees_a_shared_run_only(
    people: tuple[Page, Page], home: Path, public: str
) -> None:
    ada, bob = people
    start(ada)
    in_state(ada, "running").wait_for()
    ada.locator("#dr-chart path.dr-training:not(.dr-ghost)").first.wait_for()
    assert bob.locator("#dr-status .dr-status[data-state=idle]").count() == 1
    assert bob.locator("#dr-chart path.dr-training:not(.dr-ghost)").count() == 0

    start(bob)
    in_state(bob, "waiting").wait_for()
    assert "1" in bob.locator("#dr-status").inner_text()
    in_state(ada, "running").wait_for()

    ada.locator("#dr-sample .dr-sample-text:not(.dr-empty)").wait_for()
    stop(ada)
    in_state(bob, "running").wait_for()
    stop(bob)

    link = copy_link(ada)
    assert link == f"{public}?run={run_id(home, ada)}"
    opened: list[Request] = []
    bob.on("request", lambda request: opened.append(request))
    bob.goto(link)
    bob.locator("#dr-shared-chart path.dr-training").first.wait_for()
    bob.locator("#dr-shared .dr-sample-text b:not(:empty)").wait_for()
    assert bob.locator("#dr-shared-card button:visible:not(.dr-chart button)").count() == 0
    assert not bob.locator("#dr-train, #dr-new, #dr-stop, #dr-write").locator("visible=true").count()
    assert all(OWNER in request.headers for request in opened if "/gradio_api/" in request.url)


def test_a_link_that_leads_nowhere_says_so(people: tuple[Page, Page], public: str) -> None:
    page = people[0]
    for wrong in ("0" * 32, "../../runs.db", "%27%20OR%201=1", "é"):
        page.goto(f"{public}?run={wrong}")
        page.locator("#dr-shared .dr-shared-said", has_text="There is no such run.").wait_for()
        assert not page.locator("#dr-shared-chart path.dr-training").count()


def test_the_token_is_made_once_and_kept(people: tuple[Page, Page], public: str) -> None:
    ada, bob = people
    token = ada.evaluate(TOKEN)
    assert len(token) == 64
    assert token != bob.evaluate(TOKEN)
    visit(ada, public)
    assert ada.evaluate(TOKEN) == token


def copy_link(page: Page) -> str:
    """Return what the section of runs copies as the link of the newest run."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#dr-section-runs").click()
    page.locator("#dr-runs .dr-run-name").first.click()
    page.locator("#dr-curves .dr-run-link:visible").click()
    page.locator("#dr-curves .dr-run-link", has_text="Copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def run_id(home: Path, page: Page) -> str:
    """Return the id of a visitor's only run, as the link to it names it."""
    folder = home / "visitors" / visitor_name(page.evaluate(TOKEN))
    with closing(sqlite3.connect(folder / "runs.db")) as connection:
        [(found,)] = connection.execute("SELECT id FROM runs").fetchall()
    return str(found)
