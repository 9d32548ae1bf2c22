"""A good checkpoint that tests copy and spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprnn.model.checkpoint import save_checkpoint

from .crafting import make_checkpoint


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "m"
    save_checkpoint(folder, make_checkpoint())
    return folder
