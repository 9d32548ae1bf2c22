"""Named recipes: the chapter exactly, and three for two CPU cores; `benchmarks/tune.md` has the runs behind them."""

from __future__ import annotations

from ..config import ModelConfig, Recipe, TextConfig, TrainConfig
from ..errors import ConfigError

_TUNED = TrainConfig(
    batch_size=16,
    sequence_length=64,
    max_epochs=1000,
    optimizer="adamw",
    learning_rate=8e-3,
    weight_decay=0.01,
    schedule="one_cycle",
    warmup_fraction=0.1,
    precision="auto",
)

PRESETS: dict[str, Recipe] = {
    # Dive into Deep Learning, "Deep Recurrent Neural Networks": every default of the settings is the chapter's value.
    "d2l": Recipe("d2l", TextConfig(letters_only=True, max_tokens=10_000, validation_fraction=0.0)),
    "quick": Recipe("quick", model=ModelConfig(embedding_size=64), train=_TUNED).replace(max_steps=700),
    "balanced": Recipe("balanced", model=ModelConfig(embedding_size=64, dropout=0.4), train=_TUNED).replace(
        max_epochs=25, max_steps=4000
    ),
    "quality": Recipe(
        "quality", model=ModelConfig(hidden_size=512, embedding_size=128, dropout=0.5), train=_TUNED
    ).replace(max_epochs=30, max_steps=8000, learning_rate=4e-3),
}
DEFAULT_PRESET = "balanced"


def find_preset(name: str) -> Recipe:
    """Return the recipe of a name.

    Raises:
        ConfigError: there is no such recipe.
    """
    if name not in PRESETS:
        raise ConfigError("unknown_preset", name=str(name)[:60], allowed=", ".join(PRESETS))
    return PRESETS[name]
