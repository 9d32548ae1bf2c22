from __future__ import annotations

import importlib
import subprocess
import sys

import deeprnn

NAMES = [
    "PRESETS",
    "DeepRNNError",
    "Evaluation",
    "ModelConfig",
    "Recipe",
    "SamplingConfig",
    "TextConfig",
    "TrainConfig",
    "TrainRecord",
    "TrainedModel",
    "Training",
    "__version__",
    "evaluate",
    "load",
    "train",
]


def test_the_public_names_are_pinned() -> None:
    assert deeprnn.__all__ == NAMES
    assert set(NAMES) <= set(dir(deeprnn))
    for name in set(NAMES) - {"__version__"}:
        home = importlib.import_module(f"deeprnn.{deeprnn._HOMES[name]}")
        assert getattr(deeprnn, name) is getattr(home, name)


def test_the_verbs_of_a_trained_model_are_pinned() -> None:
    public = [name for name in vars(deeprnn.TrainedModel) if not name.startswith("_")]
    assert public == ["from_training", "read_prefix", "generate", "stream", "evaluate", "count_unknown", "save"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(deeprnn, "Trainer")


def test_neither_importing_nor_asking_for_help_loads_torch() -> None:
    # Both must be immediate; loading torch alone takes a second or two.
    script = """
import sys, os
import deeprnn, deeprnn.cli
assert os.environ["GOMP_SPINCOUNT"] == "10000"
try:
    deeprnn.cli.main(["train", "--help"])
except SystemExit as end:
    assert end.code == 0
heavy = {"torch", "gradio", "numpy", "tqdm", "huggingface_hub"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
