"""A real browser on a real server: `app.py` in a process of its own, with a home that is thrown away."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from deeprnn.config import Recipe
from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.text.corpus import build_corpus
from deeprnn.training.presets import PRESETS
from deeprnn.training.report import make_checkpoint
from deeprnn.training.train import Training

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# As root and in a container, and without the browser's own conversations with the world.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
RELOADED = re.compile("AbortError: signal is aborted|Connection errored out")
PATIENCE = 60_000  # milliseconds to wait for anything, on a busy machine
# A run that does not end by itself, whatever text an earlier test has left chosen.
TINY = {"hidden-size": 24, "batch-size": 8, "sequence-length": 24, "evaluations": 1000}
TINY |= {"max-steps": 1_000_000, "max-epochs": 1_000_000}

OpenPage = Callable[..., "Page"]


def tiny_recipe() -> Recipe:
    sizes = {"hidden_size": 24, "embedding_size": 16, "batch_size": 8, "max_steps": 60}
    return PRESETS["quick"].replace(**sizes)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, story: str) -> Iterator[str]:
    """Serve the page with one saved model; the server must end well when the tests have ended."""
    if CHROMIUM is None:
        pytest.skip("install a browser for these tests: apt-get install chromium")
    home = tmp_path_factory.mktemp("browser-home")
    training = Training(build_corpus(story, tiny_recipe().text, "Bell"), tiny_recipe(), choose_device("cpu"))
    for _ in training:
        pass
    store = Store(home)
    store.save_best(1, make_checkpoint(training, "Bell"))
    store.close()  # a home has one process that may write
    with served(home) as url:
        yield url


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve the page of a home in a process of its own, which must end well."""
    command = [sys.executable, "app.py", "--home", str(home), "--device", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as server:
        assert server.stdout is not None
        line = next((line for line in server.stdout if "http://" in line), "")
        try:
            yield line.split()[-1]
        finally:  # a test that failed must not wait for ever
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one browser for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Open the page in a window of its own; afterwards no console error and no foreign request may have been."""
    contexts, complaints = [], []
    own = urlsplit(address).netloc

    def open_(**options: object) -> Page:
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", "accept_downloads": True, **options}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if is_foreign(asked.url, own) else None)
        page.goto(address)
        page.locator("#dr-status[class] .dr-status, #dr-status .dr-status").first.wait_for()
        page.locator("#dr-facts .dr-facts-line:not(:empty)").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(said: ConsoleMessage) -> bool:
    """Tell whether a page has complained; of the streams that a reload cuts off Gradio complains by itself."""
    return said.type == "error" and not RELOADED.search(said.text)


def is_foreign(url: str, own: str) -> bool:
    """Tell whether a request leaves the server of the page."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Open the page on a desktop, in English."""
    return open_page()


@pytest.fixture
def running(page: Page) -> Iterator[Page]:
    """Start a tiny run that does not end by itself and wait for its curve; stop it afterwards, whatever happened."""
    choose(page, "#dr-corpus", "The Thirsty Bell")  # an earlier test may have left another
    page.locator("#dr-settings button").first.click()
    for name, value in TINY.items():
        page.locator(f"#dr-{name} input").fill(str(value))
    page.locator("#dr-train:visible, #dr-new:visible").click()
    in_state(page, "running").wait_for()
    page.locator("#dr-chart path.dr-training:not(.dr-ghost)").first.wait_for()
    yield page
    # Right after a reload neither button says yet whether the run has ended.
    stop, ended = page.locator("#dr-stop:enabled"), page.locator("#dr-new")
    stop.or_(ended).first.wait_for()
    if not ended.is_visible():
        stop.click()
    ended.wait_for()


def choose(page: Page, field: str, name: str) -> None:
    """Choose from a list, and wait until the page has looked at what that means."""
    page.locator(f"{field} input").click()
    page.get_by_role("option", name=name, exact=True).click()
    page.locator("#dr-facts .dr-facts-line", has_text="here").wait_for()


def in_state(page: Page, state: str):  # type: ignore[no-untyped-def]
    """Return the place that exists while the run is in a state."""
    return page.locator(f"#dr-status .dr-status[data-state={state}]")
