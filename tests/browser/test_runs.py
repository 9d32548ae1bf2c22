"""The section of runs in a browser: compared, searched, renamed, deleted and brought back, queued, taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from deeprnn.runs.store import Store
from deeprnn.training.presets import PRESETS

from ..ui.remembered import GROWTH, STEPS, remember, remember_sweep
from .conftest import CHROMIUM, OpenPage, choose, in_state, served
from .test_looks import NAMELESS, overflow
from .test_sight import BEYOND, PALE, SMALL
from .test_speech import latin

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="install it for these tests: pip install playwright")
expect = sync_api.expect
# What is stored, and what a Chinese reader sees: only a name that the program made is put into other words.
NAMES = {
    "The Thirsty Bell · num_layers 3, seed 2": "《口渴的钟》（英文） · 层数 3，随机种子 2",
    "mine · learning_rate 0.02 → 0.002": "mine · 学习率 0.02 → 0.002",
    "mine · quick, dropout 0.3, patience none +2": "mine · 快速，暂退概率 0.3，耐心 不设 +2",
    "mine · seed of time": "mine · seed of time",
    "seed 2": "seed 2",
}
# Give the one chosen run marks, [[step, changes]], and draw it.
MARK = """(marks) => {
    const { runs } = window.deeprnn;
    const [packet] = runs.shown();
    const event = ([step, changes]) => ({step, message: {key: "event_changed", details: {step, changes}}});
    packet.curve = {...packet.curve, events: marks.map(event)};
    runs.choose([packet.number]);
}"""
# How far right of the axis the words of a mark stand, the least of a mark at one step after another.
LEAST = f"""(changes) => Math.min(...Array.from({{length: 60}}, (_, i) => {{
    ({MARK})([[50 + i, changes]]);
    const find = (selector) => [...document.querySelectorAll(`#dr-curves ${{selector}}`)];
    const shown = find(".dr-event-label").filter((node) => node.style.display !== "none");
    const axis = find("line.dr-grid")[0].getBoundingClientRect().left;
    return Math.min(...shown.map((node) => node.getBoundingClientRect().left - axis), 1000);
}}))"""
AWAITED = """() => {
    const { runs } = window.deeprnn;
    const number = runs.state.chosen[0];
    runs.state.packets.delete(number);
    runs.choose([number]);
    return document.querySelector("#dr-curves .dr-plot-empty").textContent;
}"""
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a home that remembers runs: one with a child and a grandchild, one cut off, a sweep, and some more."""
    if CHROMIUM is None:
        pytest.skip("install a browser for these tests: apt-get install chromium")
    home = tmp_path_factory.mktemp("runs-home")
    store = Store(home)
    first = remember(store, "First light", best=6.0, notes="for the talk")
    child = remember(store, "Lower rate", best=5.5, parent=first, parent_step=100, speed=3200.0)
    remember(store, "Lower still", best=4.2, parent=child, parent_step=150)
    remember(store, "Cut off", best=7.0, steps=120, recipe=PRESETS["quick"].replace(dropout=0.3))
    remember_sweep(store)
    for name in ("To be renamed", "To be deleted"):
        remember(store, name, best=9.0)
    store.close()
    with served(home) as url:
        yield url


def open_runs(open_page: OpenPage, **options: Any) -> Page:
    """Open the section of runs."""
    page = open_page(**options)
    page.get_by_role("tab").nth(1).click()
    page.locator("#dr-runs .dr-run").first.wait_for()
    return page


@pytest.fixture
def runs(open_page: OpenPage) -> Page:
    return open_runs(open_page)


def row(page: Page, name: str) -> Locator:
    return page.locator("#dr-runs .dr-run").filter(has=page.get_by_role("button", name=name, exact=True))


def compare(page: Page, *names: str) -> None:
    """Choose runs by name, and no others."""
    page.get_by_role("button", name=names[0], exact=True).click()
    for name in names[1:]:
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()


def test_a_change_of_section_drops_nothing(open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if request.method == "POST" else None)
    page.locator("#dr-write").click()
    tokens = page.locator("#dr-writer .dr-token")
    tokens.nth(5).wait_for()
    assert not [data for data in asked if '"known"' in data]  # a section that is not shown asks for nothing
    page.evaluate("window.kept = document.querySelector('#dr-writer .dr-token')")
    page.get_by_role("tab", name="Studio").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Runs")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Runs")).to_be_visible()
    expect(page.locator("#dr-desk")).to_be_hidden()
    page.locator("#dr-runs .dr-run").first.wait_for()
    page.reload()
    expect(page.get_by_role("tabpanel", name="Runs")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("tabpanel", name="Studio")).to_be_visible()


def test_a_text_is_written_on_behind_another_section(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#dr-write").click()
    page.locator("#dr-writer .dr-token").nth(3).wait_for()
    page.evaluate("window.kept = document.querySelector('#dr-writer .dr-token')")
    page.get_by_role("tab", name="Runs").click()
    page.locator("#dr-write").wait_for(state="attached")
    page.wait_for_function("document.querySelector('#dr-writer .dr-foot p').textContent.includes('per second')")
    page.get_by_role("tab", name="Studio").click()
    assert page.evaluate("window.kept.isConnected")
    assert page.locator("#dr-writer .dr-token").count() > 100


def test_runs_are_found_sorted_and_stand_under_their_parents(runs: Page) -> None:
    names = runs.locator("#dr-runs .dr-run-name")
    at = [name.inner_text() for name in names.all()].index("First light")
    assert [names.nth(at + i).inner_text() for i in range(3)] == ["First light", "Lower rate", "Lower still"]
    left = [names.nth(at + i).bounding_box()["x"] for i in range(3)]  # type: ignore[index]
    assert left == sorted(set(left))
    expect(row(runs, "Lower rate")).to_contain_text("from run 1, step 100")
    runs.get_by_role("button", name="Perplexity", exact=True).first.click()
    expect(names.first).to_have_text("Lower still")
    expect(runs.get_by_role("columnheader", name="Perplexity")).to_have_attribute("aria-sort", "ascending")
    runs.get_by_role("button", name="Perplexity", exact=True).first.click()
    expect(names.first).to_have_text(re.compile("To be"))
    search = runs.get_by_role("searchbox", name="Search runs")
    for words, found in (("talk", ["First light"]), ("DROPOUT 0.3", ["Cut off"]), ("interrupted off", ["Cut off"])):
        search.fill(words)
        expect(names).to_have_text(found)
    search.fill("no such run")
    expect(names).to_have_count(0)
    expect(runs.locator("#dr-runs .dr-runs-none")).to_be_visible()


def test_two_runs_are_compared(runs: Page) -> None:
    compare(runs, "First light", "Cut off")
    curves = runs.locator("#dr-curves")
    expect(curves.locator("figcaption")).to_have_text(
        re.compile(r"curves of 2 runs\. First light: best 6\.\d+\. Cut off")
    )
    expect(curves.locator("path.dr-full")).to_have_count(2)
    settings = curves.get_by_role("region", name="Settings that differ")
    expect(settings.get_by_role("row", name=re.compile("Dropout"))).to_contain_text("0.3")
    curves.locator(".dr-plot").focus()
    runs.keyboard.press("End")
    tip = curves.locator(".dr-tip")
    expect(tip).to_contain_text(f"Step {STEPS}")
    curves.get_by_role("button", name="Tokens").click()
    curves.locator(".dr-plot").focus()
    runs.keyboard.press("End")
    expect(tip).to_contain_text("12.8k tokens")
    curves.get_by_role("button", name="Time", exact=True).click()
    curves.locator(".dr-plot").focus()
    runs.keyboard.press("End")
    expect(tip).to_contain_text("after 0:02")
    curves.get_by_role("button", name="Steps", exact=True).click()
    entry = curves.locator(".dr-legend").get_by_role("button", name="Cut off")
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "false")
    expect(curves.locator("path.dr-full:visible")).to_have_count(1)
    curves.get_by_role("button", name="Show as table").click()
    numbers = curves.get_by_role("region", name="Numbers of the curve: perplexity")
    expect(numbers.get_by_role("row")).to_have_count(1 + STEPS // 20)
    expect(numbers.get_by_role("row").last).to_contain_text(re.compile("200.*6.00"))


def test_a_sweep_says_what_it_has_shown(runs: Page) -> None:
    runs.get_by_role("button", name="Compare them").last.click()
    curves = runs.locator("#dr-curves")
    expect(curves.locator(".dr-sweep-verdict")).to_contain_text("Depth helps here. Layers 3 is better than Layers 1")
    expect(curves.locator(".dr-legend button")).to_have_text([f"Layers {n}, 3 seeds" for n in (3, 2, 1)])
    expect(curves.locator("path.dr-band")).to_have_count(3)
    expect(curves.locator("path.dr-mean")).to_have_count(3)
    outcome = curves.get_by_role("region", name="Outcome of the sweep")
    expect(outcome.get_by_role("row", name=re.compile("Layers 3"))).to_contain_text("5.10 (5.00–5.20)")


def test_growing_up_goes_from_noise_to_words(runs: Page) -> None:
    compare(runs, "First light")
    cards = runs.locator("#dr-curves .dr-grown")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text(f"the bell {GROWTH[3]} 1")
    slider = runs.get_by_role("slider", name="Growing up")
    slider.focus()
    runs.keyboard.press("Home")
    expect(cards).to_contain_text(f"the bell {GROWTH[0]} 1")
    expect(slider).to_have_attribute("aria-valuetext", "step 0")
    runs.keyboard.press("ArrowRight")
    expect(cards).to_contain_text(GROWTH[1])
    runs.get_by_role("checkbox", name="Compare Cut off", exact=True).check()
    expect(cards).to_have_count(2)
    runs.keyboard.press("End")
    slider.focus()
    runs.keyboard.press("End")
    expect(cards.nth(0)).to_contain_text(GROWTH[3])
    expect(cards.nth(1)).to_contain_text(GROWTH[2])  # it was cut off before
    ends = runs.locator("#dr-curves .dr-grow > span")
    expect(ends).to_have_text(["noise", "words"])
    runs.get_by_role("checkbox", name="Compare Lower rate", exact=True).check()
    expect(ends).to_have_text(["first", "latest"])  # it could write when it began


def test_marks_are_told_together_and_keep_off_the_axis(open_page: OpenPage) -> None:
    page = open_runs(open_page, **PHONE)
    page.get_by_role("button", name="Cut off", exact=True).click()
    page.locator("#dr-curves path.dr-training").wait_for()
    page.evaluate(MARK, [[90, "learning_rate 0.02 → 0.01"], [90, "prefix → seed of all that is there"]])
    caption = page.locator("#dr-curves figcaption")
    expect(caption).to_contain_text("Step 90: changed Learning rate 0.02 → 0.01")
    expect(caption).to_contain_text("Samples begin with → seed of all that is there")
    words = page.locator("#dr-curves .dr-event-label:visible")
    expect(words).to_have_text(["beginning: seed of all that…", "rate ÷ 2"])
    assert 0 < page.evaluate(LEAST, "learning_rate 0.02 → 0.01, dropout 0.1 → 0.25") < 1000


def test_a_curve_on_its_way_is_not_called_one_without_steps(runs: Page) -> None:
    compare(runs, "First light")
    curve = runs.locator("#dr-curves path.dr-training")
    curve.wait_for()
    assert runs.evaluate(AWAITED) == ""
    expect(curve).to_have_count(1)


def test_a_run_is_renamed_in_its_place_and_has_notes(runs: Page) -> None:
    row(runs, "To be renamed").get_by_role("button", name="More about To be renamed").click()
    more = runs.locator("#dr-runs .dr-run-more")
    more.get_by_role("button", name="Rename").click()
    field = runs.get_by_role("textbox", name=re.compile(r"^Name of run \d+"))
    expect(field).to_be_focused()
    field.fill("never mind")
    runs.keyboard.press("Escape")
    expect(row(runs, "To be renamed")).to_be_visible()
    more.get_by_role("button", name="Rename").click()
    field.fill("<b>诗 ${x} {{y}}")
    runs.keyboard.press("Enter")
    more.get_by_label("Notes").fill("kept <i>as it is</i>")
    more.get_by_label("Notes").blur()
    runs.reload()
    named = row(runs, "<b>诗 ${x} {{y}}")
    expect(named.locator(".dr-run-notes")).to_have_text("kept <i>as it is</i>")
    runs.get_by_role("tab", name="Studio").click()


def test_a_deleted_run_comes_back(runs: Page, open_page: OpenPage) -> None:
    other = open_runs(open_page)
    row(runs, "To be deleted").get_by_role("button", name="More about To be deleted").click()
    runs.locator("#dr-runs .dr-run-more").get_by_role("button", name="Delete").click()
    expect(row(runs, "To be deleted")).to_have_count(0)
    expect(row(other, "To be deleted")).to_have_count(0)
    undo = runs.locator("#dr-runs .dr-notices").get_by_role("button", name="Undo")
    undo.wait_for()
    assert runs.evaluate("document.activeElement.textContent") == "Undo"
    undo.press("Enter")
    expect(row(runs, "To be deleted")).to_be_visible()
    expect(row(other, "To be deleted")).to_be_visible()


def test_curves_are_taken_away(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_runs(open_page, color_scheme="dark")
    compare(page, "First light", "Lower rate")
    page.locator("#dr-curves path.dr-full").nth(1).wait_for()
    taken: dict[str, bytes] = {}
    for form in ("CSV", "JSON", "SVG", "PNG"):
        with page.expect_download() as waiting:
            page.locator("#dr-curves").get_by_role("button", name=form, exact=True).click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.suffix == f".{form.lower()}"
        taken[form] = path.read_bytes()
    assert len(taken["CSV"].splitlines()) == 1 + 2 * STEPS
    assert [run["name"] for run in json.loads(taken["JSON"])["runs"]] == ["First light", "Lower rate"]
    svg = ElementTree.fromstring(taken["SVG"])
    space = "{http://www.w3.org/2000/svg}"
    ground = svg.find(f"{space}rect")
    assert ground is not None
    assert ground.get("fill") == "#ffffff"
    assert {"First light", "Lower rate"} <= {node.text for node in svg.iter(f"{space}text")}
    strokes = [path.get("stroke") for path in svg.iter(f"{space}path") if path.get("stroke-width") == "2.2"]
    assert strokes == ["rgb(36, 89, 184)", "rgb(180, 80, 10)"]
    assert "var(" not in taken["SVG"].decode()
    assert taken["PNG"].startswith(b"\x89PNG")
    assert int.from_bytes(taken["PNG"][16:20], "big") == 2 * int(float(svg.get("width", "0")))


def test_a_sweep_waits_in_the_queue_and_can_be_reordered(runs: Page) -> None:
    runs.get_by_role("tab", name="Studio").click()
    choose(runs, "#dr-corpus", "The Thirsty Bell")
    runs.locator("#dr-settings button").first.click()
    tiny = {"hidden-size": 16, "batch-size": 8, "sequence-length": 16, "max-steps": 1_000_000, "max-epochs": 1_000_000}
    for name, value in tiny.items():
        runs.locator(f"#dr-{name} input").fill(str(value))
    runs.locator("#dr-train:visible, #dr-new:visible, #dr-resume:visible").first.wait_for()
    runs.get_by_role("tab", name="Runs").click()
    runs.get_by_role("button", name="Sweep", exact=True).click()
    expect(runs.locator(".dr-sweep-about")).to_contain_text("The Thirsty Bell")
    runs.get_by_role("radio", name="three seeds", exact=True).check()
    runs.get_by_role("button", name="Queue them").click()
    queue = runs.locator("#dr-runs .dr-queue")
    waiting = queue.get_by_role("listitem")
    expect(waiting).to_have_count(2)
    expect(runs.locator("#dr-runs .dr-notices")).to_contain_text("3 runs are queued.")
    first, second = (waiting.nth(i).locator("b").inner_text() for i in range(2))
    assert first != second
    queue.get_by_role("button", name=f"Move {second} up").focus()
    runs.keyboard.press("Enter")
    expect(waiting.locator("b")).to_have_text([second, first])
    expect(queue.get_by_role("button", name=f"Move {second} down")).to_be_focused()
    runs.keyboard.press("Alt+ArrowDown")
    expect(waiting.locator("b")).to_have_text([first, second])
    for left in (1, 0):
        queue.get_by_role("button", name=re.compile("^Cancel")).first.click()
        expect(waiting).to_have_count(left)
    expect(queue).to_be_hidden()
    expect(row(runs, first)).to_contain_text("Ended early")
    row(runs, first).get_by_role("button", name=f"More about {first}").click()
    runs.locator("#dr-runs .dr-run-more").get_by_role("button", name="Resume").click()
    expect(waiting.locator("b")).to_have_text([first])
    queue.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(queue).to_be_hidden()
    runs.get_by_role("tab", name="Studio").click()
    in_state(runs, "running").wait_for()
    runs.locator("#dr-stop").click()
    in_state(runs, "done").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_stands_out_and_has_a_name(open_page: OpenPage, scheme: str) -> None:
    page = open_runs(open_page, color_scheme=scheme)
    compare(page, "First light", "Cut off", "Lower still")
    page.locator("#dr-curves path.dr-full").nth(2).wait_for()
    page.get_by_role("button", name="Sweep", exact=True).click()
    page.get_by_role("button", name="Show as table").click()
    page.get_by_role("button", name=re.compile("^More about")).first.click()
    page.locator("#dr-curves .dr-plot").hover(position={"x": 150, "y": 100})
    expect(page.locator("#dr-curves .dr-tip")).to_be_visible()
    assert page.evaluate(PALE) == []
    assert page.evaluate(NAMELESS) == []


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_has_cards_within_reach(open_page: OpenPage, width: int) -> None:
    page = open_runs(open_page, **{**PHONE, "viewport": {"width": width, "height": 844}})
    compare(page, "First light", "Cut off")
    page.locator("#dr-curves path.dr-full").nth(1).wait_for()
    page.get_by_role("button", name="Sweep", exact=True).click()
    page.get_by_role("button", name="Show as table").click()
    page.get_by_role("button", name=re.compile("^More about")).first.click()
    assert overflow(page) <= 0
    assert page.evaluate(BEYOND.replace('closest(".dr-hidden")', 'closest(".dr-hidden, .dr-scroll")')) == []
    assert page.evaluate(SMALL) == []


def test_chinese_runs_say_nothing_in_english(open_page: OpenPage) -> None:
    page = open_runs(open_page, locale="zh-CN")
    page.locator("#dr-runs .dr-run input").nth(1).check()
    page.get_by_role("button", name="比较", exact=True).last.click()
    page.locator("#dr-curves .dr-sweep-verdict:not(:empty)").wait_for()
    page.get_by_role("button", name="对比训练", exact=True).click()
    page.get_by_role("button", name="显示为表格").click()
    names = r"First light|Lower (rate|still)|Cut off|To be \w+|The Thirsty Bell|for the talk|kept <i>as it is</i>"
    own = re.compile(rf"CSV|JSON|SVG|PNG|the bell.*|{names}")
    assert {left for text in latin(page) if re.search("[A-Za-z]{2}", left := own.sub("", text))} == set()
    called = page.evaluate("(names) => names.map(window.deeprnn.runName)", [*NAMES])
    assert called == [*NAMES.values()]
