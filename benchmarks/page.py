"""How soon does the page answer? Milliseconds from key or click to what shows, in a real Chromium, by the page's clock.

Starts `app.py` with a home of its own. Measures Enter to the first new character, idle and while a network trains, then
Start to the first point of the curve, and Pause, Resume and Stop to the state that they ask for.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deeprnn.device import machine

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]  # as root and in a container
PATIENCE = 120_000  # milliseconds to wait for anything
REPEATS = 10
TOKEN = "#dr-writer .dr-token"
CURVE = "#dr-chart path.dr-training:not(.dr-ghost)"
STATE = "#dr-status .dr-status[data-state={}]"
# From the event to the frame in which something new matches the selector: another element, or a line drawn anew.
WATCH = """([event, selector]) => {
    window.measured = new Promise((done) => {
        document.addEventListener(event, () => {
            const [before, start] = [document.querySelector(selector), performance.now()];
            const drawn = before?.getAttribute("d");
            const look = () => {
                const now = document.querySelector(selector);
                const line = now?.getAttribute("d");
                if (now && (now !== before || (line && line !== drawn))) done(performance.now() - start);
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }, {capture: true, once: true});
    });
}"""


def main(arguments: Sequence[str]) -> None:
    """Measure every delay several times and print medians and maxima as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks page", description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    repeats = parser.parse_args(arguments).repeats
    with serve() as address, open_page(address) as page:
        delays = measure(page, repeats)
    result: dict[str, object] = {
        name: {"median_ms": round(statistics.median(each)), "maximum_ms": round(max(each)), "times": len(each)}
        for name, each in delays.items()
    }
    print(json.dumps({**result, **machine()}, indent=1))


@contextlib.contextmanager
def serve() -> Iterator[str]:
    """Start the page as a user does, give its address, and end it."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "app.py", "--home", home, "--device", "cpu"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                yield next(line for line in server.stdout if "http://" in line).split()[-1]
            finally:
                server.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def open_page(address: str) -> Iterator[Page]:
    """Open the page in a browser and wait until it is ready."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.locator("#dr-facts .dr-facts-line:not(:empty)").wait_for()
        yield page
        browser.close()


def measure(page: Page, repeats: int) -> dict[str, list[float]]:
    """Return the delays of each kind, in milliseconds."""
    idle, training = "enter_to_first_character", "enter_to_first_character_while_training"
    delays = {idle: [write(page) for _ in range(repeats)]}
    delays[training] = []
    for number in range(repeats):
        orders = {
            "start_to_first_point": ("#dr-train:visible, #dr-new:visible", CURVE),
            "pause_to_paused": ("#dr-pause", STATE.format("paused")),
            "resume_to_running": ("#dr-resume", STATE.format("running")),
            "stop_to_done": ("#dr-stop", STATE.format("done")),
        }
        for name, (button, shown) in orders.items():
            delays.setdefault(name, []).append(delay(page, "click", page.locator(button).click, shown))
            if number == 0 and name == "start_to_first_point":
                delays[training] += [write(page) for _ in range(repeats)]
        page.locator("#dr-new").wait_for()
    return delays


def write(page: Page) -> float:
    """Press Enter in the beginning; return the delay of the first character, when all are there."""
    page.locator("#dr-prefix").get_by_role("textbox").focus()
    milliseconds = delay(page, "keydown", lambda: page.keyboard.press("Enter"), TOKEN)
    page.locator("#dr-write").wait_for()
    return milliseconds


def delay(page: Page, event: str, act: Callable[[], None], selector: str) -> float:
    """Return the milliseconds from an event, which the act causes, to something new that matches the selector."""
    page.evaluate(WATCH, [event, selector])
    act()
    return float(page.evaluate("window.measured"))
