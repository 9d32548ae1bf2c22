"""The page as files: every place has its name, no value can run as code, nothing comes from another host."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import gradio as gr
import pytest
from gradio.components import Component

from deeprnn.config import RECIPE_FIELDS, SAMPLING_FIELDS
from deeprnn.training.presets import DEFAULT_PRESET, PRESETS
from deeprnn.ui import theme
from deeprnn.ui.page import Page, build_page

SCRIPTS = "\n".join((theme.ASSETS / name).read_text("utf-8") for name in theme.SCRIPTS)


@pytest.fixture(scope="module")
def page() -> Page:
    return build_page()


def components(page: Page) -> dict[str, Component]:
    """Return every component of the page by the name of its field."""
    found: dict[str, Component] = {}
    for field in dataclasses.fields(page):
        value = getattr(page, field.name)
        if isinstance(value, Mapping):
            found |= {f"{field.name}.{name}": item for name, item in value.items()}
        elif isinstance(value, Component) and not isinstance(value, gr.Timer):
            found[field.name] = value
    return found


def test_every_place_has_its_own_id(page: Page) -> None:
    ids = [item.elem_id for item in components(page).values()]
    assert all(isinstance(elem_id, str) and elem_id.startswith("dr-") for elem_id in ids)
    assert len(ids) == len(set(ids))


def test_there_is_one_field_for_each_setting(page: Page) -> None:
    assert page.settings.keys() == RECIPE_FIELDS.keys()
    assert page.sampling.keys() == SAMPLING_FIELDS.keys()


def test_the_form_opens_with_the_default_recipe(page: Page) -> None:
    values = PRESETS[DEFAULT_PRESET].settings()
    for name, item in page.settings.items():
        missing = values[name] is None
        assert getattr(item, "value", None) in ("" if missing else values[name], str(values[name])), name


def test_a_number_that_may_be_missing_is_no_number_field(page: Page) -> None:
    # Gradio's number field turns a missing value into 0 when it is shown.
    for name, item in page.settings.items():
        assert isinstance(item, gr.Number) is (
            RECIPE_FIELDS[name].metadata["kind"] in (int, float) and not RECIPE_FIELDS[name].metadata["optional"]
        )


def test_templates_are_constant(page: Page) -> None:
    drawn = [block for block in page.demo.blocks.values() if isinstance(block, gr.HTML)]
    assert len(drawn) > 8
    for block in drawn:
        assert not re.search(r"[{}`$\\]", block.html_template)
        assert block.css_template == ""


def test_scripts_set_text_and_never_markup() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.animate\("
    assert re.findall(forbidden, SCRIPTS) == []


def test_every_asset_is_used() -> None:
    used = {*theme.SCRIPTS, *theme.STYLES, theme.EARLY_STYLE}
    assert {path.name for path in theme.ASSETS.iterdir()} == used


def test_nothing_moves_and_nothing_is_fetched() -> None:
    styles = theme.style() + theme.early_head()
    assert re.findall(r"@keyframes|animation:|transition:|@import|@font-face", styles) == []
    assert set(re.findall(r"https?://[\w.]+", styles)) <= {"http://www.w3.org"}  # the name of SVG, not an address


def test_the_early_script_cannot_be_ended_by_a_text() -> None:
    head = theme.early_head()
    assert head.count("<script>") == head.count("</script>") == 1
    assert "<!--" not in head


@pytest.mark.parametrize("word", ["500", "600"])
def test_no_style_asks_for_a_weight_without_letters(word: str) -> None:
    assert f"font-weight: {word}" not in theme.style()


def test_the_theme_takes_every_colour() -> None:
    made = theme.theme()
    assert made.body_background_fill == made.body_background_fill_dark == "var(--dr-ground)"
