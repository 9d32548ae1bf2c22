"""What stands where on the page: every component by name; knows no run, no handler and no event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from ..config import RECIPE_FIELDS, SAMPLING_FIELDS
from ..training.presets import DEFAULT_PRESET, find_preset
from . import components, steer_parts
from .choices import recipe_choices
from .fields import SETTING_GROUPS, sampling_field, setting_field
from .runs_page import runs_section
from .shared import shared_card
from .text_panels import own_text, the_text
from .texts import label

CLOCK_SECONDS = 1.0
_PLAIN_TYPING = gr.InputHTMLAttributes(
    autocapitalize="off", autocomplete="off", autocorrect="off", enterkeyhint="go", spellcheck=False
)


@dataclass(frozen=True)
class Page:
    """Name every component of the page.

    The page shows one of `train`, `pause`, `resume` and `new_run`, beside `stop` or `cancel`, and one of `write` and
    `stop_writing`: they share a place. A run that can go on shows `resume` and `new_run` instead. Values of the HTML
    components are plain JSON; each says its shape in `components`, which also says which events it has.

    Args:
        demo: the whole page.
        timer: ticks while the page is looked at.
        header: the device badge; language and light or dark are the browser's own affair.
        banner: what is true of the whole page.
        model: who writes.
        export_model: downloads the model chosen.
        import_model: takes a model file.
        prefix: the beginning to write from.
        again: writes once more, with the next seed.
        write: starts writing.
        stop_writing: ends the text that is being written; stands in the place of `write`.
        sampling: one field for each setting of `SamplingConfig`, by its name.
        greedy: whether the likeliest token is always taken.
        told: what became of a model file.
        writer: the written text.
        status: the state of the run and one sentence.
        train: starts a run.
        pause: pauses it.
        resume: goes on.
        new_run: leaves a finished run and starts another.
        stop: ends it.
        cancel: takes a waiting run out of the queue; stands in the place of `stop`.
        queue_run: lets another run follow the one that trains.
        corpus: what will be learnt.
        recipe: how.
        facts: what a run would be, and what the user should know about it.
        verdict: the finding that matters most, or the progress of a long work.
        paste: a text of the user's own.
        text_name: what to call it.
        use_text: adds the pasted text to the list of corpora.
        upload: takes text files and adds them as one.
        files: how each file of the own text was read, and how it could be read otherwise.
        hub_name: a data set of the Hub, as owner/name.
        hub_split: of it.
        hub_column: of it.
        hub_characters: how many from its beginning.
        hub_read: reads it.
        doctor: what the text is, what is wrong with it, and what would help.
        settings: one field for each setting of a recipe, by its name.
        figures: the numbers beside the curve.
        steer: what one can do with the run, and what would help it.
        chart: the curve.
        parent: the curve of the run from which this one went on.
        sample: what the network writes while it learns.
        shared: what a run wrote that the address names, for those who have its link.
        shared_chart: the curve of that run.
        runs: the list of all runs.
        curves: those of the runs chosen in the list, compared.
        runs_file: downloads the table of runs.
    """

    demo: gr.Blocks
    timer: gr.Timer
    header: gr.HTML
    banner: gr.HTML
    model: gr.Dropdown
    export_model: gr.DownloadButton
    import_model: gr.UploadButton
    prefix: gr.Textbox
    again: gr.Button
    write: gr.Button
    stop_writing: gr.Button
    sampling: Mapping[str, Component]
    greedy: gr.Checkbox
    told: gr.HTML
    writer: gr.HTML
    status: gr.HTML
    train: gr.Button
    pause: gr.Button
    resume: gr.Button
    new_run: gr.Button
    stop: gr.Button
    cancel: gr.Button
    queue_run: gr.Button
    corpus: gr.Dropdown
    recipe: gr.Dropdown
    facts: gr.HTML
    verdict: gr.HTML
    paste: gr.Textbox
    text_name: gr.Textbox
    use_text: gr.Button
    upload: gr.UploadButton
    files: gr.HTML
    hub_name: gr.Textbox
    hub_split: gr.Textbox
    hub_column: gr.Textbox
    hub_characters: gr.Textbox
    hub_read: gr.Button
    doctor: gr.HTML
    settings: Mapping[str, Component]
    figures: gr.HTML
    steer: gr.HTML
    chart: gr.HTML
    parent: gr.HTML
    sample: gr.HTML
    shared: gr.HTML
    shared_chart: gr.HTML
    runs: gr.HTML
    curves: gr.HTML
    runs_file: gr.DownloadButton

    @property
    def adds(self) -> tuple[Component, ...]:
        """Return the buttons that add something to the home."""
        return self.use_text, self.upload, self.hub_read, self.import_model


def build_page() -> Page:
    """Lay the page out; every list is empty until someone fills it."""
    with gr.Blocks(title="DeepRNN", analytics_enabled=False, fill_width=True) as demo:
        parts: dict[str, Any] = {"timer": gr.Timer(CLOCK_SECONDS), "header": components.header()}
        parts["banner"] = steer_parts.banner()
        with gr.Row(elem_id="dr-desk"):
            with gr.Column(scale=5, min_width=0, elem_id="dr-write-card", elem_classes="dr-card"):
                parts |= _write_card()
            with gr.Column(scale=7, min_width=0, elem_id="dr-train-card", elem_classes="dr-card"):
                parts |= _train_card()
        parts |= shared_card()
        parts |= runs_section()
    return Page(demo=demo, **parts)


def _write_card() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="dr-title-row"):
        components.title("write.title", "dr-write-title")
        parts["model"] = gr.Dropdown(
            [], label=label("write.model"), show_label=False, container=False, elem_id="dr-model", interactive=True
        )
    with gr.Row(elem_id="dr-begin"):
        parts["prefix"] = gr.Textbox(
            "time traveller",
            label=label("write.prefix"),
            lines=1,
            max_lines=1,
            elem_id="dr-prefix",
            html_attributes=_PLAIN_TYPING,
        )
        parts["again"] = gr.Button(label("write.again"), interactive=False, elem_id="dr-again")
        parts["write"] = gr.Button(label("write.write"), variant="primary", elem_id="dr-write")
        parts["stop_writing"] = gr.Button(label("write.stop"), visible=False, elem_id="dr-stop-writing")
    with gr.Column(elem_id="dr-options"):
        options = gr.Accordion(label("write.options"), open=False, elem_classes="dr-quiet")
        with options, gr.Row(elem_classes="dr-fields"):
            parts["sampling"] = {name: sampling_field(name) for name in SAMPLING_FIELDS}
            about = label("help.sampling.greedy")
            parts["greedy"] = gr.Checkbox(
                False, label=label("setting.sampling.greedy"), info=about, elem_id="dr-greedy", interactive=True
            )
        with gr.Row(elem_classes="dr-links"):
            parts["export_model"] = gr.DownloadButton(_text("write.export"), size="sm", elem_id="dr-export")
            parts["import_model"] = gr.UploadButton(_text("write.import"), size="sm", elem_id="dr-import")
    parts["told"] = components.told()
    parts["writer"] = components.writer()
    return parts


def _train_card() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Row(elem_classes="dr-title-row"):
        components.title("train.title", "dr-train-title")
        parts["status"] = components.status()
        with gr.Row(elem_classes="dr-buttons"):
            for name, key in (("train", "start"), ("pause", "pause"), ("resume", "resume"), ("new_run", "new")):
                parts[name] = gr.Button(
                    label(f"train.{key}"),
                    variant="secondary" if name == "pause" else "primary",
                    visible=name == "train",
                    elem_id=f"dr-{'new' if name == 'new_run' else name}",
                )
            parts["stop"] = gr.Button(label("train.stop"), interactive=False, elem_id="dr-stop")
            parts["cancel"] = gr.Button(label("train.cancel"), visible=False, elem_id="dr-cancel-run")
    with gr.Row(elem_id="dr-setup"):
        parts["corpus"] = gr.Dropdown([], label=label("train.corpus"), elem_id="dr-corpus", interactive=True)
        parts["recipe"] = gr.Dropdown(
            recipe_choices(), value=DEFAULT_PRESET, label=label("train.recipe"), elem_id="dr-recipe", interactive=True
        )
        parts["facts"] = components.facts()
        parts["verdict"] = components.verdict()
    parts |= {"files": components.files(), "doctor": components.doctor()}
    with gr.Row(elem_id="dr-more"):
        with gr.Accordion(label("train.own"), open=False, elem_id="dr-own", elem_classes="dr-quiet"):
            parts |= own_text()
        with gr.Accordion(label("train.text"), open=False, elem_id="dr-text", elem_classes="dr-quiet"):
            cleaning = the_text()
        with gr.Accordion(label("train.more"), open=False, elem_id="dr-settings", elem_classes="dr-quiet"):
            settings = {**_settings(), **cleaning}
        with gr.Row(elem_classes="dr-links"):
            parts["queue_run"] = gr.Button(label("train.queue"), size="sm", visible=False, elem_id="dr-queue")
    parts["settings"] = {name: settings[name] for name in RECIPE_FIELDS}
    parts["figures"] = components.figures()
    parts["steer"] = steer_parts.steer()
    parts |= {"chart": components.chart(), "parent": steer_parts.parent()}
    parts["sample"] = components.sample()
    return parts


def _settings() -> dict[str, Component]:
    values = find_preset(DEFAULT_PRESET).settings()
    inputs: dict[str, Component] = {}
    for group, names in SETTING_GROUPS.items():
        components.subtitle(f"group.{group}", f"dr-group-{group}")
        with gr.Row(elem_classes="dr-fields"):
            inputs |= {name: setting_field(name, values[name]) for name in names}
    return inputs


def _text(key: str) -> str:
    """Return a label for the components whose annotations know no translated text, though they show it."""
    return str(label(key))
