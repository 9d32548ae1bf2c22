"""The places of the page that draw themselves in the browser: one function each.

A template is constant and its script sets text with `textContent` only: Gradio runs what a template says, so no value
may ever reach one. The scripts live in assets/ and are on the page before Gradio starts (see `theme.early_head`).
"""

from __future__ import annotations

from typing import Any

import gradio as gr

_MARK = """
<svg class="dr-mark" width="26" height="26" viewBox="0 0 26 26" fill="none" aria-hidden="true">
  <path d="M3 7h20M3 13h20M3 19h20" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" opacity=".38"/>
  <path d="M5 20.5 10 19l5-6 1.5-1L21 6" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>
  <circle cx="5" cy="20.5" r="2.4" fill="currentColor"/><circle cx="13" cy="15" r="2.4" fill="currentColor"/>
  <circle cx="21" cy="6" r="2.4" fill="currentColor"/>
</svg>"""

_HEADER = f"""
<header class="dr-header">
  <h1 class="dr-brand">{_MARK}<span>DeepRNN</span></h1>
  <div class="dr-sections" role="tablist"></div>
  <p class="dr-badge"><i aria-hidden="true"></i><b></b><span></span></p>
  <button type="button" class="dr-language"></button>
  <button type="button" class="dr-theme">
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
      <circle cx="9" cy="9" r="6.6" fill="none" stroke="currentColor" stroke-width="1.5"/>
      <path d="M9 2.4a6.6 6.6 0 0 1 0 13.2z" fill="currentColor"/>
    </svg>
  </button>
</header>"""

_STATUS = """
<div class="dr-status" data-state="idle">
  <p><span class="dr-state" role="status"></span> <span class="dr-said"></span></p>
</div>"""

_FACTS = """
<div class="dr-facts">
  <p class="dr-facts-line" aria-live="polite"></p>
  <ul class="dr-notices" aria-live="polite" hidden></ul>
</div>"""

_VERDICT = """
<div class="dr-verdict">
  <p aria-live="polite"></p>
  <button type="button" class="dr-remedy" hidden></button>
  <div class="dr-work" hidden>
    <span></span><div role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div>
    <button type="button" class="dr-cancel"></button>
  </div>
</div>"""

_FILES = """
<div class="dr-files" hidden>
  <ul class="dr-notices" aria-live="polite" hidden></ul>
  <ol></ol>
</div>"""

_DOCTOR = """
<div class="dr-doctor">
  <p class="dr-doctor-empty"></p>
  <dl></dl>
  <ul class="dr-findings"></ul>
</div>"""

_HIDDEN = '<div class="dr-hidden"></div>'

_TOLD = """
<ul class="dr-notices" aria-live="polite" hidden></ul>"""

_FIGURES = """
<div class="dr-figures">
  <div class="dr-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div>
  <dl></dl>
</div>"""

_CHART = """
<figure class="dr-chart">
  <div class="dr-chart-head">
    <div class="dr-legend"></div>
    <div class="dr-chart-tools">
      <div class="dr-scales dr-along" role="group" hidden></div>
      <div class="dr-scales dr-units" role="group"></div><div class="dr-scales dr-axes" role="group"></div>
    </div>
  </div>
  <div class="dr-plot" tabindex="0" role="group">
    <svg role="img"></svg>
    <p class="dr-plot-empty"></p>
    <div class="dr-tip" hidden></div>
  </div>
  <figcaption class="dr-hidden"></figcaption>
  <p class="dr-hidden dr-spoken" aria-live="polite"></p>
</figure>"""

_SAMPLE = """
<section class="dr-sample">
  <p class="dr-sample-head"><span></span><span></span></p>
  <p class="dr-sample-text"></p>
</section>"""

_WRITER = """
<div class="dr-writer">
  <div class="dr-page" tabindex="0" role="group"><div class="dr-text"></div></div>
  <ul class="dr-notices" hidden></ul>
  <div class="dr-foot">
    <p></p>
    <label class="dr-tint"><input type="checkbox"><span></span></label>
    <button type="button" class="dr-copy"></button>
  </div>
  <div class="dr-choices" hidden></div>
  <p class="dr-hidden dr-spoken" aria-live="polite"></p>
</div>"""


def _place(name: str, template: str, value: Any, *, elem_id: str = "", call: str = "") -> gr.HTML:
    script = f"deeprnn.{name}({{element, props, watch{call}}});"
    return gr.HTML(
        value,
        html_template=template,
        js_on_load=script,
        apply_default_css=False,
        container=False,
        elem_id=elem_id or f"dr-{name}",
    )


def header() -> gr.HTML:
    """Build the header; its value is {device, cores, precision} or None."""
    return _place("header", _HEADER, None)


def title(key: str, elem_id: str) -> gr.HTML:
    """Build the title of a card from the key of its text."""
    return _place("heading", '<h2 class="dr-title"></h2>', key, elem_id=elem_id)


def subtitle(key: str, elem_id: str) -> gr.HTML:
    """Build the title of a group of settings from the key of its text."""
    return _place("heading", '<h3 class="dr-subtitle"></h3>', key, elem_id=elem_id)


def status() -> gr.HTML:
    """Build the status; its value is {state, message: {key, details} or None, step}.

    Its event `ended` says that a run has ended before the reader's eyes.
    """
    nothing = {"state": "idle", "message": None, "step": 0}
    return _place("status", _STATUS, nothing, call=", ended: () => trigger('ended')")


def facts() -> gr.HTML:
    """Build the facts of a planned run; its value is that of `text_frames.facts_frame`, {notices}, or None."""
    return _place("facts", _FACTS, None)


def verdict() -> gr.HTML:
    """Build the finding that matters most; its value is that of `verdict_frame` or `work_frame`, or None.

    Its events: `remedy` carries `settings` to be put into the form, `cancel` the `ticket` of a work.
    """
    call = ", remedy: (wish) => trigger('remedy', wish), cancel: (ticket) => trigger('cancel', {ticket})"
    return _place("verdict", _VERDICT, None, call=call)


def files() -> gr.HTML:
    """Build the list of the files of an own text; its value is that of `text_frames.files_frame`, or None.

    Its event `edit` carries `action`, `index` and `value`, as `intake.changed` reads them.
    """
    return _place("files", _HIDDEN, None, call=", edit: (wish) => trigger('edit', wish)")


def doctor() -> gr.HTML:
    """Build what the doctor says; its value is that of `text_frames.doctor_frame`, or None.

    Its event `remedy` carries `settings` to be put into the form.
    """
    return _place("doctor", _HIDDEN, None, call=", remedy: (wish) => trigger('remedy', wish)")


def sheet(name: str) -> gr.HTML:
    """Build the sheet on which `files` or `doctor` draws.

    Both stand outside the panels that show them: what Gradio sends to a closed panel is lost to it.
    """
    return _place("sheet", {"files": _FILES, "doctor": _DOCTOR}[name], None, elem_id=f"dr-{name}-sheet")


def note(key: str, details: dict[str, Any], elem_id: str) -> gr.HTML:
    """Build a place that says one sentence, a message of that key, for good."""
    return _place("told", _TOLD, {"notices": [{"key": key, "details": details}]}, elem_id=elem_id)


def told() -> gr.HTML:
    """Build the place where the writing card speaks; its value is {notices: [{key, details}]} or None."""
    return _place("told", _TOLD, None)


def figures() -> gr.HTML:
    """Build the progress bar and the figures; its value is a number or None under each name, or None."""
    return _place("figures", _FIGURES, None)


def chart(elem_id: str = "") -> gr.HTML:
    """Build the curve; its value is {runs, lines} or the JSON text of it (a run: `deeprnn.runs.view.chart_run`).

    Its event `branch` carries `run`, `step`, `changes` and `ticket`: the way on from a checkpoint.
    """
    branch = ", branch: (wish) => trigger('branch', wish)"
    return _place("chart", _CHART, {"runs": [], "lines": [], "loading": True}, elem_id=elem_id, call=branch)


def sample() -> gr.HTML:
    """Build the sample; its value is {prefix, text, step} or None."""
    return _place("sample", _SAMPLE, None)


def writer() -> gr.HTML:
    """Build the written text; its value is that of `frames.writer_frame`, or None.

    Its event `begin` carries `text`: a beginning that the reader has pressed.
    """
    begin = ", begin: (text) => trigger('begin', {text})"
    return _place("writer", _WRITER, None, call=begin)
