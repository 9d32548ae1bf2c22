"""How the page looks: Gradio's theme, our style sheets, and the scripts that must run before Gradio does."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes.utils.fonts import Font

from .texts import tables, translations

ASSETS = Path(__file__).parent / "assets"
# In the order in which they need each other.
SCRIPTS = (
    "early.js", "token.js", "i18n.js", "names.js", "dom.js", "growth.js", "drafts.js", "drop.js", "popups.js",
    "panel.js", "sections.js", "header.js", "status.js", "facts.js", "told.js", "figures.js", "sample.js", "shared.js",
    "remedies.js", "steer.js", "verdict.js", "doctor.js", "files.js", "writer_choices.js", "writer.js",
    "chart_units.js", "chart_scale.js", "chart_along.js", "chart_many.js", "chart_layers.js", "chart_labels.js",
    "chart_events.js", "chart_draw.js", "chart_words.js", "chart_hover.js", "chart_checkpoints.js", "parent.js",
    "chart.js",
    "runs_store.js", "runs_words.js", "runs_row.js", "runs_queue.js", "runs_order.js", "runs_list.js",
    "runs_settings.js", "runs_samples.js", "runs_pictures.js", "runs_sweep.js", "runs_curves.js",
)  # fmt: skip
STYLES = (
    "layout.css",
    "controls.css",
    "header.css",
    "writer.css",
    "choices.css",
    "train.css",
    "steer.css",
    "panel.css",
    "text.css",
    "doctor.css",
    "chart.css",
    "chart_marks.css",
    "shared.css",
    "chart_many.css",
    "runs.css",
    "runs_table.css",
    "runs_curves.css",
    "narrow.css",
    "runs_narrow.css",
)
EARLY_STYLE = "tokens.css"

_SANS = ("IBM Plex Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC")
_MONO = "IBM Plex Mono"
_WEIGHTS = (400, 700)  # the other weights of these fonts come with Gradio as files without letters

# Light and dark are given alike: the variables of tokens.css are what switches.
_COLOURS = {
    "body_background_fill": "var(--dr-ground)",
    "body_text_color": "var(--dr-ink)",
    "body_text_color_subdued": "var(--dr-quiet)",
    "background_fill_primary": "var(--dr-card)",
    "background_fill_secondary": "var(--dr-sunk)",
    "border_color_primary": "var(--dr-edge)",
    "border_color_accent": "var(--dr-accent)",
    "color_accent_soft": "var(--dr-soft)",
    "link_text_color": "var(--dr-accent)",
    "block_background_fill": "transparent",
    "block_border_width": "0px",
    "block_shadow": "none",
    "block_label_text_color": "var(--dr-quiet)",
    "block_title_text_color": "var(--dr-quiet)",
    "block_info_text_color": "var(--dr-quiet)",
    "input_background_fill": "var(--dr-card)",
    "input_background_fill_focus": "var(--dr-card)",
    "input_border_color": "var(--dr-edge)",
    "input_border_color_focus": "var(--dr-accent)",
    "input_placeholder_color": "var(--dr-quiet)",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 1px var(--dr-accent)",
    "checkbox_background_color": "var(--dr-card)",
    "checkbox_background_color_selected": "var(--dr-accent)",
    "checkbox_border_color": "var(--dr-edge)",
    "checkbox_border_color_selected": "var(--dr-accent)",
    "button_primary_background_fill": "var(--dr-accent)",
    "button_primary_background_fill_hover": "var(--dr-accent-hover)",
    "button_primary_border_color": "var(--dr-accent)",
    "button_primary_border_color_hover": "var(--dr-accent)",
    "button_primary_text_color": "var(--dr-on-accent)",
    "button_secondary_background_fill": "var(--dr-card)",
    "button_secondary_background_fill_hover": "var(--dr-soft)",
    "button_secondary_border_color": "var(--dr-edge)",
    "button_secondary_border_color_hover": "var(--dr-edge)",
    "button_secondary_text_color": "var(--dr-ink)",
    "error_background_fill": "var(--dr-card)",
    "error_border_color": "var(--dr-error)",
    "error_text_color": "var(--dr-error)",
}
_MEASURES = {  # Gradio knows no twin of these for dark
    "block_padding": "0px",
    "button_large_radius": "9px",
    "button_large_text_weight": "400",
    "color_accent": "var(--dr-accent)",
    "input_border_width": "1px",
    "input_radius": "9px",
}


@cache
def early_head() -> str:
    """Return what must stand first in the page's head: the colours, the texts, and every script.

    Gradio's own `head=` is read after it has chosen a language and drawn for the first time.
    """
    scripts = "\n".join((ASSETS / name).read_text("utf-8") for name in SCRIPTS)
    # Within a script element only "</" and "<!--" could end or change it.
    texts = json.dumps(tables(), ensure_ascii=False).replace("<", "\\u003c")
    style = (ASSETS / EARLY_STYLE).read_text("utf-8")
    return f"<style>{style}</style><script>window.deeprnn={{texts:{texts}}};\n{scripts}</script>"


@cache
def style() -> str:
    """Return our style sheets as an element for `launch(head=...)`: after Gradio's reset, so that they win."""
    return "<style>" + "\n".join((ASSETS / name).read_text("utf-8") for name in STYLES) + "</style>"


def looks() -> dict[str, Any]:
    """Return what `launch` must be given for the page to look as it should."""
    return {"theme": theme(), "head": style(), "i18n": translations()}


def theme() -> gr.themes.Base:
    """Return Gradio's theme in our colours and fonts."""
    fonts: list[Font | str] = [gr.themes.LocalFont(_SANS[0], weights=_WEIGHTS), *_SANS[1:], "system-ui", "sans-serif"]
    mono: list[Font | str] = [gr.themes.LocalFont(_MONO, weights=_WEIGHTS), *_SANS[1:], "ui-monospace", "monospace"]
    both = {name: value for key, value in _COLOURS.items() for name in (key, f"{key}_dark")}
    base = gr.themes.Base(font=fonts, font_mono=mono, text_size="md", radius_size="md")
    return base.set(**both, **_MEASURES)
