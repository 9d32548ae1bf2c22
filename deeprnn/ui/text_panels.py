"""The two panels about the text: adding one's own, and what the doctor says with the choices of cleaning."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component

from ..runs.texts import missing_hub_command
from ..training.presets import DEFAULT_PRESET, find_preset
from . import components
from .fields import CLEANING, setting_field
from .texts import label


def own_text() -> dict[str, Any]:
    """Lay out how a text is added, and the files that it was made from."""
    parts: dict[str, Any] = {}
    parts["paste"] = gr.Textbox(
        label=label("own.paste"), placeholder=label("own.hint"), lines=4, max_lines=8, elem_id="dr-paste"
    )
    with gr.Row(elem_id="dr-own-row"):
        parts["text_name"] = gr.Textbox(label=label("own.name"), max_lines=1, elem_id="dr-name")
        parts["use_text"] = gr.Button(label("own.use"), elem_id="dr-use-text")
        parts["upload"] = gr.UploadButton(str(label("own.upload")), file_count="multiple", elem_id="dr-upload")
    components.sheet("files")
    with gr.Accordion(label("own.hub"), open=False, elem_id="dr-hub", elem_classes="dr-quiet"):
        parts |= _hub()
    return parts


def _hub() -> dict[str, Component]:
    """Lay out the fields of a data set of the Hub; where its package is missing, the command that installs it."""
    command = missing_hub_command()
    parts: dict[str, Component] = {}
    if command:
        components.note("needs_package", {"what": "Hugging Face Hub", "command": command}, "dr-hub-missing")
    with gr.Row(elem_id="dr-hub-row"):
        for name in ("name", "split", "column", "characters"):
            parts[f"hub_{name}"] = gr.Textbox(
                label=label(f"hub.{name}"),
                placeholder=label(f"hub.{name}_hint"),
                max_lines=1,
                min_width=0,
                interactive=not command,
                elem_id=f"dr-hub-{name}",
            )
        parts["hub_read"] = gr.Button(label("hub.read"), interactive=not command, elem_id="dr-hub-read")
    return parts


def the_text() -> dict[str, Component]:
    """Lay out what the doctor says, and the choices of cleaning; return the fields of the choices."""
    components.sheet("doctor")
    components.subtitle("group.cleaning", "dr-group-cleaning")
    values = find_preset(DEFAULT_PRESET).settings()
    with gr.Row(elem_id="dr-cleaning"):
        return {name: setting_field(name, values[name]) for name in CLEANING}
