"""DeepRNN: train, understand and share a recurrent language model on your own text.

    import deeprnn

    training = deeprnn.train("my_book.txt", preset="quick")
    for record in training:
        print(record.step, record.perplexity)
    model = deeprnn.TrainedModel.from_training(training)
    print(model.generate("It was"))

Every name is loaded when it is first used: importing this package costs milliseconds and imports no torch.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .config import ModelConfig, Recipe, SamplingConfig, TextConfig, TrainConfig
    from .errors import DeepRNNError
    from .trained_model import TrainedModel, evaluate, load, train
    from .training.evaluate import Evaluation
    from .training.presets import PRESETS
    from .training.record import TrainRecord
    from .training.train import Training

# GNU OpenMP's idle threads spin for as long as this many rounds and take the processor from the page, its server and
# the browser. It reads the variable when torch is loaded, so it must stand here; a quiet machine loses nothing by it.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__version__ = "0.1.0"

_HOMES = {
    "PRESETS": "training.presets",
    "DeepRNNError": "errors",
    "Evaluation": "training.evaluate",
    "ModelConfig": "config",
    "Recipe": "config",
    "SamplingConfig": "config",
    "TextConfig": "config",
    "TrainConfig": "config",
    "TrainRecord": "training.record",
    "TrainedModel": "trained_model",
    "Training": "training.train",
    "evaluate": "trained_model",
    "load": "trained_model",
    "train": "trained_model",
}

__all__ = [
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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
