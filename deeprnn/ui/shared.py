"""What is shown to whoever has the link of a run: its curve and its samples, and nothing that could be pressed."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import gradio as gr

from ..errors import DeepRNNError
from ..runs.visitors import Visitors
from . import components, frames

RUN = "x-deeprnn-run"  # the header that carries the run an address names, which token.js reads
ID_CHARACTERS = 64

_SAMPLES = '<section class="dr-shared"></section>'


def shared_card() -> dict[str, Any]:
    """Lay the card out; it is seen only on a page that was opened by a link."""
    with gr.Column(elem_id="dr-shared-card", elem_classes="dr-card"):
        return {"shared": shared_samples(), "shared_chart": components.chart("dr-shared-chart")}


def shared_samples() -> gr.HTML:
    """Build the place of the samples; its value is {message, samples: [{prefix, text, step}]}, or None."""
    return components._place("sharedSamples", _SAMPLES, None, elem_id="dr-shared")


class Shared:
    """Show the run that an address names; there is no way to change it.

    Args:
        visitors: among whose runs it is.
        samples: the place of its samples.
        chart: the place of its curve.
    """

    def __init__(self, visitors: Visitors, samples: gr.HTML, chart: gr.HTML) -> None:
        self._visitors, self._samples, self._chart = visitors, samples, chart

    def show_shared(self, request: gr.Request) -> Any:
        """Fill the card of a page that was opened by a link."""
        wanted = request.headers.get(RUN)
        if not isinstance(wanted, str):
            return gr.skip()
        try:
            run = self._visitors.shared(unquote(wanted)[:ID_CHARACTERS])
        except DeepRNNError as error:
            return {self._samples: {"message": frames.message_frame(error.message), "samples": []}}
        samples = [
            {"prefix": frames.plain(sample.prefix), "text": frames.plain(sample.text), "step": sample.step}
            for sample in run.samples
        ]
        return {
            self._samples: {"message": None, "samples": samples},
            self._chart: frames.chart_frame(run.curve),
        }
