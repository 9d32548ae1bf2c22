"""What the writing card says of model files: on its own card, never in place of the run's sentence."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from deeprnn.config import SAMPLING_FIELDS
from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.ui.desk import Desk
from deeprnn.ui.page import build_page
from deeprnn.ui.texts import label
from deeprnn.ui.writing import Stops


@pytest.mark.parametrize("chosen", ["live", None, "run:9:best"])
def test_a_model_file_is_spoken_of_on_the_writing_card(tmp_path: Path, chosen: str | None) -> None:
    """A refused model file stood where the state of the run is told, until the run said something new."""
    page = build_page()
    desk = Desk(Studio(Store(tmp_path), choose_device("cpu")), page, gr.State(""), Stops())
    bad = tmp_path / "model.zip"
    bad.write_bytes(b"no zip at all")
    for said in (desk.take_in(bad, chosen), desk.take_out(chosen)):
        assert page.status not in said
        assert len(said[page.told]["notices"]) == 1


def test_what_was_said_goes_with_the_next_thing_that_works(tmp_path: Path) -> None:
    page = build_page()
    desk = Desk(Studio(Store(tmp_path), choose_device("cpu")), page, gr.State(""), Stops())
    packed = desk.take_out("bundled:time_machine")
    assert packed[page.told] is None
    added = desk.take_in(packed[page.export_model], None)
    assert added[page.told]["notices"][0]["key"] == "model_added"
    names = [name for name, _ in added[page.model]["choices"]]
    assert len(set(names)) == len(names)  # the copy and the model that ships had one name
    assert names[-1] == f"The Time Machine {label('model.own')}"
    values = [field.default for field in SAMPLING_FIELDS.values()]
    assert next(desk.write("time", added[page.model]["value"], True, *values))[page.told] is None
