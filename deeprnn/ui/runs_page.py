"""Where things stand in the section of runs: the list at the left, the curves at the right."""

from __future__ import annotations

from typing import Any

import gradio as gr

from .components import _CHART, _place
from .texts import label

_RUNS = '<div class="dr-runs"></div>'
_CURVES = f"""
<div class="dr-curves">
  <div class="dr-curves-head"></div>
  {_CHART}
  <div class="dr-curves-rest"></div>
</div>"""


def runs_section() -> dict[str, Any]:
    """Lay the section out; both places draw themselves, the button is pressed by a script."""
    parts: dict[str, Any] = {}
    with gr.Row(elem_id="dr-runs-desk"):
        with gr.Column(scale=7, min_width=0, elem_id="dr-runs-card", elem_classes="dr-card"):
            parts["runs"] = runs()
        with gr.Column(scale=6, min_width=0, elem_id="dr-curves-card", elem_classes="dr-card"):
            parts["curves"] = curves()
            parts["runs_file"] = gr.DownloadButton(str(label("runs.take")), elem_id="dr-runs-file")
    return parts


def runs() -> gr.HTML:
    """Build the list of runs; its value is that of `runs_frames.list_frame`, or None.

    Its events carry `seen` and `known`, what the tab knows, as `runs_frames` reads them: `look` asks for what is new,
    `act` also carries `action`, `number` and `value`, `sweep` an `axis` and `equal`, `take` a `form` and `numbers`.
    """
    call = "".join(f", {name}: (wish) => trigger('{name}', wish)" for name in ("look", "act", "sweep", "take"))
    return _place("runsList", _RUNS, None, elem_id="dr-runs", call=call)


def curves() -> gr.HTML:
    """Build the curves of chosen runs and what belongs to them; its value is that of `runs_frames.curves_frame`."""
    return _place("runsCurves", _CURVES, None, elem_id="dr-curves")
