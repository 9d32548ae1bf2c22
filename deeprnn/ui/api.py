"""The page's public endpoints for programs, with typed keyword parameters; all else stays private."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from ..config import SamplingConfig
from ..errors import DeepRNNError
from ..runs.studio import Studio
from ..runs.visitors import Visitors
from ..training.presets import DEFAULT_PRESET
from .form import read_choice, read_prefix, read_recipe, read_sampling
from .frames import figures_frame, first_model, plain
from .steer_api import SteerApi
from .visiting import for_each_visitor
from .writing import Stops, Wish, write_on

TEXTS_AT_ONCE = 8
USUAL = SamplingConfig()


class Api:
    """Answer programs; every method checks all it is given, since anyone may call it with anything.

    Args:
        studio: the one door.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def generate(
        self,
        prefix: str = "",
        model: str | None = None,
        temperature: float = USUAL.temperature,
        top_k: int = USUAL.top_k,
        top_p: float = USUAL.top_p,
        max_new_tokens: int = USUAL.max_new_tokens,
        seed: int = USUAL.seed,
    ) -> Iterator[str]:
        """Let a model go on from a beginning; streams the text so far, the beginning included.

        Args:
            prefix: the beginning; characters that the model does not know are read as the nearest it knows.
            model: a key as /status lists them; none takes the model in training, else the first one.
            temperature: courage, 0 to 5; 0 always takes the likeliest.
            top_k: choose among the k likeliest only, 0 to 1000000; 0 means all.
            top_p: choose among the likeliest that together reach this share, 0.01 to 1.
            max_new_tokens: tokens to write, 1 to 20000.
            seed: the same seed writes the same text, 0 to 4294967295.

        Returns:
            The text so far.
        """
        values = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "max_new_tokens": max_new_tokens}
        try:
            sampling = read_sampling({**values, "seed": seed})
            key = first_model(self._studio.models()) if model is None else read_choice(model)
            wish = Wish(
                key or "", read_prefix(prefix, self._studio.limits.prefix_characters), sampling, secrets.token_hex(8)
            )
            for written in write_on(self._studio, wish, Stops()):
                yield plain(written.text)
        except DeepRNNError as error:
            raise refused(error) from None

    def start(
        self,
        corpus: str,
        preset: str = DEFAULT_PRESET,
        settings: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Start a run; it goes on in the background, also when the caller has left.

        Args:
            corpus: the key of a text, as /status lists them.
            preset: the recipe to begin with: d2l, quick, balanced or quality.
            settings: settings that differ from the recipe's, for example {"hidden_size": 128, "max_steps": 500}.

        Returns:
            The state of the run, as /status gives it.
        """
        if settings is not None and not isinstance(settings, dict):
            settings = {"settings": settings}  # refused as an unknown setting, with the list of the known ones
        return self.after(lambda: self._studio.start(read_choice(corpus), read_recipe(preset, settings or {})))

    def status(self) -> dict[str, Any]:
        """Tell what the run of now, or the last one, is doing.

        Returns:
            Number, name, state and figures of the run, its place in the queue, its failure if any, its sample, the
            steps of its checkpoints, and the keys of all texts and models.
        """
        view = self._studio.run()
        sample = view.sample
        return plain(  # type: ignore[no-any-return]
            {
                "number": view.number,
                "name": view.name,
                "state": view.state,
                "place": view.place,
                "message": str(view.message) if view.message else None,
                **figures_frame(view, self._studio.curve(parents=False)),
                "sample": sample.prefix + sample.text if sample else None,
                "checkpoints": [kept.step for kept in view.checkpoints],
                "corpora": [entry.key for entry in self._studio.corpora()],
                "models": [entry.key for entry in self._studio.models()],
            }
        )

    def pause(self) -> dict[str, Any]:
        """Pause the run after the step in hand; its model stays usable.

        Returns:
            The state of the run, as /status gives it.
        """
        return self.after(self._studio.pause)

    def resume(self) -> dict[str, Any]:
        """Go on with the paused run.

        Returns:
            The state of the run, as /status gives it.
        """
        return self.after(self._studio.resume)

    def stop(self) -> dict[str, Any]:
        """End the run after the step in hand; its best and its last model are saved.

        Returns:
            The state of the run, as /status gives it.
        """
        return self.after(self._studio.stop)

    def after(self, act: Callable[[], object]) -> dict[str, Any]:
        """Do something and return the state of the run, or say to a program why not."""
        try:
            act()
        except DeepRNNError as error:
            raise refused(error) from None
        return self.status()


def refused(error: DeepRNNError) -> gr.Error:
    """Return an error that reaches a program as one English sentence."""
    return gr.Error(plain(str(error)), print_exception=False)


def add_api(visitors: Visitors) -> None:
    """Give the page that is being built its public endpoints.

    Args:
        visitors: who has which studio.
    """
    offered = for_each_visitor(visitors, Api)
    _add(offered.generate, str, concurrency_limit=TEXTS_AT_ONCE, concurrency_id="write")
    for endpoint in (offered.start, offered.status, offered.pause, offered.resume, offered.stop):
        _add(endpoint, dict[str, Any], queue=False)
    steering = for_each_visitor(visitors, lambda studio: SteerApi(studio, Api(studio).after))
    _add(steering.runs, list[dict[str, Any]], queue=False)
    for steers in (steering.resume_run, steering.branch, steering.change, steering.save, steering.discard):
        _add(steers, dict[str, Any], queue=False)


def _add(endpoint: Any, returned: Any, **options: Any) -> None:
    # Gradio reads the return type without resolving it, and knows no iterators.
    endpoint.__signature__ = inspect.signature(endpoint).replace(return_annotation=returned)
    api(endpoint, api_name=endpoint.__name__, api_description=inspect.getdoc(endpoint), **options)
