"""Every sentence of the page in every language, by key; what Python needs of them, and what the browser gets.

A table is texts/<language>.json, flat. What has its place elsewhere is merged in: English messages, English help of the
settings, and the titles of the corpora. Knows no component and no layout.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import gradio as gr
from gradio.i18n import I18nData

from ..config import RECIPE_FIELDS, SAMPLING_FIELDS
from ..messages import ENGLISH
from ..text import catalogue

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = {"en": "en", "zh": "zh-CN"}  # file -> the language tag that the browser and Gradio use

# Gradio reads braces, tags and bars of a text as a formula; such texts are for our own scripts only.
_FORMULA = re.compile(r"[{}<>|]")


@cache
def tables() -> dict[str, dict[str, str]]:
    """Return the whole table of each language, by its tag."""
    read = {name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in LANGUAGES}
    return {LANGUAGES[name]: {**_merged(name), **table} for name, table in read.items()}


def _merged(name: str) -> dict[str, str]:
    titles = {f"corpus.{e.key}": e.title_zh if name == "zh" else e.title for e in catalogue.entries()}
    if name != "en":
        return titles
    said = {f"message.{key}": sentence for key, sentence in ENGLISH.items()}
    help_ = {f"help.{key}": field.metadata["help"] for key, field in RECIPE_FIELDS.items()}
    sampling = {f"help.sampling.{key}": field.metadata["help"] for key, field in SAMPLING_FIELDS.items()}
    return {**titles, **said, **help_, **sampling}


@cache
def translations() -> gr.I18n:
    """Return the texts that Gradio itself puts on the page: labels and help."""
    plain = {tag: {k: v for k, v in table.items() if not _FORMULA.search(v)} for tag, table in tables().items()}
    return gr.I18n(**plain)


def label(key: str) -> I18nData:
    """Return a text of the page for a component; the browser chooses its language.

    Raises:
        KeyError: a language lacks it, or Gradio would not show it as it is.
    """
    for table in tables().values():
        if _FORMULA.search(table[key]):
            raise KeyError(key)
    return translations()(key)
