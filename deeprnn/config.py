"""The settings of text, model, training and sampling: frozen, validated, each default and help text written once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import ConfigError

MAX_VOCABULARY = 50_000  # tokens of one model

S = TypeVar("S", bound="Settings")


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    optional: type | None = None,
) -> Any:
    """Declare a field with its help text and what it allows.

    Args:
        default: the value when nobody sets it.
        help: one sentence for the page and the command line.
        low: the smallest value allowed.
        high: the largest value allowed.
        choices: the only words allowed.
        optional: the type of a value that may also be None.
    """
    kind = optional or type(default)
    rules = {"help": help, "kind": kind, "low": low, "high": high, "choices": choices, "optional": optional is not None}
    return dataclasses.field(default=default, metadata=rules)


def check_setting(field: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value of a setting as its type, or refuse it.

    Raises:
        ConfigError: the value has another type, is not finite, or lies outside what is allowed.
    """
    rules, kind = field.metadata, field.metadata["kind"]
    if value is None and rules["optional"]:
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise ConfigError(f"not_{kind.__name__}", name=field.name, value=repr(value)[:60])
    if rules["choices"] and value not in rules["choices"]:
        raise ConfigError("not_a_choice", name=field.name, value=value[:60], allowed=", ".join(rules["choices"]))
    low, high = rules["low"], rules["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise ConfigError("out_of_range", name=field.name, value=value, low=low, high=high)
    return value


def parse_setting(field: dataclasses.Field[Any], text: str) -> Any:
    """Read the value of a setting from what a user typed.

    Raises:
        ConfigError: the text is not a value of the setting.
    """
    kind, word = field.metadata["kind"], text.strip()
    if field.metadata["optional"] and word.lower() in ("none", ""):
        return None
    if kind is bool and word.lower() in ("true", "false"):
        return check_setting(field, word.lower() == "true")
    if kind in (int, float):
        try:
            return check_setting(field, kind(word))
        except (ValueError, OverflowError):
            raise ConfigError(f"not_{kind.__name__}", name=field.name, value=text[:60]) from None
    return check_setting(field, word)


@dataclass(frozen=True)
class Settings:
    """Hold settings that are checked when they are made."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, check_setting(field, getattr(self, field.name)))

    @classmethod
    def from_dict(cls: type[S], values: Mapping[str, Any]) -> S:
        """Build the settings from a mapping; a setting it does not name keeps its default, as in older files.

        Raises:
            ConfigError: a name is unknown, or a value is refused.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        for name in sorted(set(values) - set(names)):
            raise ConfigError("unknown_setting", name=str(name)[:60], allowed=", ".join(names))
        return cls(**values)


@dataclass(frozen=True)
class TextConfig(Settings):
    """Say how a text becomes tokens."""

    letters_only: bool = setting(False, "Keep only the letters A to Z in lower case, and single blanks between words.")
    tokenizer: str = setting(
        "character",
        "What the network reads and writes at a time.",
        choices=("character", "grapheme", "word", "subword", "byte"),
    )
    max_vocab_size: int | None = setting(
        None, "Different tokens at most; none takes what suits the kind.", low=2, high=MAX_VOCABULARY, optional=int
    )
    min_frequency: int | None = setting(
        None, "Rarer tokens are left out; none takes what suits the kind.", low=1, high=10**9, optional=int
    )
    max_tokens: int | None = setting(None, "Use only the first tokens of the text.", low=2, high=2**40, optional=int)
    validation_fraction: float = setting(0.1, "The last part of the text, kept for validation.", low=0.0, high=0.5)
    line_ends: bool = setting(True, "Make a line feed of every other end of a line.")
    control_characters: bool = setting(True, "Remove control characters; tabs and line feeds stay.")
    byte_order_marks: bool = setting(True, "Remove byte order marks inside the text.")
    drop_gutenberg: bool = setting(False, "Drop the header and the licence of a Project Gutenberg book.")
    nfc: bool = setting(False, "Write letters and their accents as one character where there is one (NFC).")
    straight_quotes: bool = setting(False, "Make curly quotes straight.")
    single_blanks: bool = setting(False, "Keep one blank of several in a row.")
    unique_lines: bool = setting(False, "Keep only the first of equal lines with at least 20 characters.")
    lower_case: bool = setting(False, "Write capitals small.")


@dataclass(frozen=True)
class ModelConfig(Settings):
    """Say what the network looks like; the vocabulary comes from the text."""

    cell: str = setting("lstm", "The recurrent unit.", choices=("lstm", "gru", "rnn_tanh", "rnn_relu"))
    hidden_size: int = setting(256, "Hidden units in each layer.", low=1, high=4096)
    num_layers: int = setting(2, "Recurrent layers, one above the other.", low=1, high=8)
    embedding_size: int | None = setting(
        None, "Length of the learned vector of each token; none means one-hot.", low=1, high=1024, optional=int
    )
    tie_weights: bool | None = setting(
        None, "Input and output share one matrix; none means for word and subword.", optional=bool
    )
    dropout: float = setting(0.0, "Share of each layer's outputs dropped while training.", low=0.0, high=0.9)

    @property
    def vector_size(self) -> int | None:
        """Return the length of each token's vector: a shared matrix without a size of its own has the layers'."""
        return self.embedding_size or (self.hidden_size if self.tie_weights else None)


@dataclass(frozen=True)
class TrainConfig(Settings):
    """Say how the network learns."""

    batch_size: int = setting(32, "Streams of text read side by side.", low=1, high=4096)
    sequence_length: int = setting(35, "Time steps between two updates.", low=1, high=4096)
    max_epochs: int = setting(500, "Passes over the text.", low=1, high=1_000_000)
    max_steps: int | None = setting(None, "Updates after which training ends.", low=1, high=10**9, optional=int)
    partition: str = setting("sequential", "How the text is cut into minibatches.", choices=("sequential", "random"))
    optimizer: str = setting("sgd", "The rule that updates the weights.", choices=("sgd", "adamw"))
    learning_rate: float = setting(2.0, "Size of an update, at its highest.", low=1e-7, high=1e6)
    weight_decay: float = setting(0.0, "Pull of the weights towards zero (AdamW only).", low=0.0, high=10.0)
    schedule: str = setting("constant", "How the learning rate changes.", choices=("constant", "cosine", "one_cycle"))
    warmup_fraction: float = setting(0.05, "Share of the run in which the rate rises.", low=0.0, high=0.9)
    max_grad_norm: float = setting(1.0, "The gradient is scaled down to this norm.", low=1e-4, high=1e6)
    evaluations: int = setting(20, "Validation checks during the run.", low=1, high=10_000)
    patience: int | None = setting(None, "Ends after so many checks without gain.", low=1, high=10_000, optional=int)
    target_perplexity: float | None = setting(None, "Ends at this perplexity.", low=1.0, high=1e6, optional=float)
    max_minutes: float | None = setting(None, "Ends after so many minutes.", low=0.01, high=1e6, optional=float)
    precision: str = setting("float32", "Number format of the arithmetic.", choices=("float32", "bfloat16", "auto"))
    seed: int = setting(0, "Start of every random choice.", low=0, high=2**32 - 1)


@dataclass(frozen=True)
class SamplingConfig(Settings):
    """Say how the next token is chosen."""

    temperature: float = setting(0.7, "Courage: 0 always takes the likeliest, 1 follows the model.", low=0.0, high=5.0)
    top_k: int = setting(0, "Choose among the k likeliest only; 0 means all.", low=0, high=1_000_000)
    top_p: float = setting(1.0, "Choose among the likeliest that together reach this share.", low=0.01, high=1.0)
    max_new_tokens: int = setting(400, "Tokens to write.", low=1, high=20_000)
    seed: int = setting(0, "Start of every random choice; the same seed writes the same text.", low=0, high=2**32 - 1)


@dataclass(frozen=True)
class Recipe:
    """Name the settings of a whole run."""

    name: str = "d2l"
    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()

    def replace(self, **values: Any) -> Recipe:
        """Return the recipe with some settings changed, each called by its own name.

        Raises:
            ConfigError: a name is unknown or a value refused.
        """
        parts = {}
        for name in values:
            if name not in RECIPE_FIELDS:
                raise ConfigError("unknown_setting", name=name[:60], allowed=", ".join(RECIPE_FIELDS))
        for part in ("text", "model", "train"):
            old = getattr(self, part)
            mine = {f.name: values[f.name] for f in dataclasses.fields(old) if f.name in values}
            parts[part] = dataclasses.replace(old, **mine)
        return Recipe(self.name, **parts)

    def with_tying(self) -> Recipe:
        """Return the recipe in which it is written down whether input and output share one matrix.

        Words and subwords do unless the settings forbid it: their matrices would be most of the network.
        """
        if self.model.tie_weights is None and self.text.tokenizer in ("word", "subword"):
            return self.replace(tie_weights=True)
        return self

    def settings(self) -> dict[str, Any]:
        """Return every setting by its own name."""
        return {k: v for part in (self.text, self.model, self.train) for k, v in dataclasses.asdict(part).items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Build a recipe from what `to_dict` returned.

        Raises:
            ConfigError: a part or setting is unknown, missing or refused.
        """
        if set(values) != {"name", "text", "model", "train"} or not isinstance(values["name"], str):
            raise ConfigError("not_a_recipe")
        kinds: dict[str, type[Settings]] = {"text": TextConfig, "model": ModelConfig, "train": TrainConfig}
        parts: dict[str, Any] = {}
        for part, kind in kinds.items():
            if not isinstance(values[part], Mapping):
                raise ConfigError("not_a_recipe")
            parts[part] = kind.from_dict(values[part])
        return cls(values["name"], **parts)


RECIPE_FIELDS: dict[str, dataclasses.Field[Any]] = {
    field.name: field for part in (TextConfig, ModelConfig, TrainConfig) for field in dataclasses.fields(part)
}
SAMPLING_FIELDS: dict[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(SamplingConfig)}
