"""The places of the page from which a run is steered: one function each, drawn in the browser like the others."""

from __future__ import annotations

import gradio as gr

from .components import _HIDDEN, _TOLD, _place

_STEER = """
<div class="dr-steer">
  <p aria-live="polite"></p>
  <button type="button" class="dr-remedy" hidden></button>
  <button type="button" class="dr-remedy" hidden></button>
  <button type="button" class="dr-remedy" hidden></button>
  <div class="dr-steer-links"></div>
</div>"""


def steer() -> gr.HTML:
    """Build the line of what one can do with the run; its value is that of `steer_frames.steer_frame`, or None.

    Its events: `apply` carries `settings` and `ticket`; `save` and `sample` nothing; `discard`, `restore` and `cancel`
    the `number` of a run; `advise` the `action` and `settings` of a remedy; `remedy` settings to be put into the form.
    """
    names = ("apply", "save", "sample", "discard", "restore", "cancel", "advise", "remedy")
    return _place("steer", _STEER, None, call="".join(f", {name}: (wish) => trigger('{name}', wish)" for name in names))


def parent() -> gr.HTML:
    """Build what holds the curve of the run's parent: the JSON text of `steer_frames.parent_frame`, or None."""
    return _place("parent", _HIDDEN, None)


def banner() -> gr.HTML:
    """Build the line above everything; its value is {notices: [{key, details}]} or None."""
    return _place("told", _TOLD, None, elem_id="dr-banner")
