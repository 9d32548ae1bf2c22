"""The weights file where it looks like something else."""

from __future__ import annotations

from pathlib import Path

from deeprnn.model.checkpoint import load_checkpoint, save_checkpoint

from .crafting import make_checkpoint


def test_a_header_whose_length_begins_like_a_pickle_is_none(tmp_path: Path) -> None:
    """One shape in some fifty was saved and then refused for ever: a header of 640 bytes begins with the byte 0x80."""
    found = 0
    for hidden_size in (8, 64, 128):
        for embedding_size in (None, 8, 16, 128):
            for num_layers in (1, 2, 3):
                saved = make_checkpoint(hidden_size=hidden_size, embedding_size=embedding_size, num_layers=num_layers)
                save_checkpoint(tmp_path / "m", saved)
                found += (tmp_path / "m" / "model.safetensors").read_bytes()[0] == 0x80
                load_checkpoint(tmp_path / "m")
    assert found
