"""A run that goes on: from the folder of an earlier `train --out`, or from a run of the page."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from ..config import Recipe
from ..device import choose_device
from ..disk import standing
from ..errors import CheckpointError, ConfigError, StoreError, TextError
from ..home import home_folder
from ..runs.checkpoints import Checkpoints
from ..runs.database import Database
from ..runs.opening import FILE
from ..runs.shelf import Shelf
from ..runs.state import Loaded, load_state
from ..runs.store import CHECKPOINTS, run_folder
from ..runs.texts import Texts
from ..text.account import Reading
from ..text.corpus import Corpus, build_corpus, fit_recipe
from ..text.meter import Progress
from ..text.source import STANDARD_INPUT, find_pieces
from ..training.changes import refuse_another_network
from ..training.presets import DEFAULT_PRESET
from ..training.snapshot import BROKEN
from ..training.train import Training
from .texts import read_how

TEXT = "text"  # of the values of a snapshot: how its text is found again
PAGE_KEY = "key"


@dataclasses.dataclass(frozen=True)
class Origin:
    """Hold where a run goes on.

    Args:
        loaded: what was saved of it.
        text: how it is found again, as `describe_text` says, or its key among the texts of the page.
        folder: of the model, None for a run of the page, whose folders are the page's.
    """

    loaded: Loaded
    text: dict[str, Any] | None
    folder: Path | None = None

    @property
    def recipe(self) -> Recipe:
        """Return the recipe as it was when the run was saved.

        Raises:
            CheckpointError: it is damaged.
        """
        try:
            return Recipe.from_dict(self.loaded.snapshot.values["recipe"])
        except BROKEN as error:
            raise CheckpointError("state_damaged") from error


def find_origin(name: str) -> Origin:
    """Find what a user calls a run: a folder with a model, or the number of a run of the home.

    Raises:
        CheckpointError: there is nothing to go on from, or it is damaged.
        StoreError: there is no such run.
    """
    there = standing(Path(name)).exists()  # after a crash it may stand beside its place
    if not there and not name.isdecimal():
        raise CheckpointError("no_checkpoint", path=name)
    if there:
        loaded = load_state(Path(name))
        return Origin(loaded, loaded.snapshot.values.get(TEXT), Path(name))
    home, number = home_folder(), int(name)
    if not (home / FILE).exists():
        raise StoreError("unknown_run", number=number)
    database = Database(home / FILE, read_only=True)
    try:
        key = database.run(number).corpus
    finally:
        database.close()
    return Origin(Checkpoints(run_folder(home, number) / CHECKPOINTS).load(), {PAGE_KEY: key})


def resume(options: argparse.Namespace, settings: dict[str, Any], progress: Progress) -> tuple[Training, Origin]:
    """Make the training that goes on.

    Args:
        options: of the command.
        settings: that shall be others from now on; more epochs than there were lift a limit of steps.
        progress: told how far a long text is encoded.

    Raises:
        ConfigError: a setting cannot change.
        CheckpointError: there is nothing to go on from, it is damaged, or the text is another.
        TextError: the text cannot be found.
    """
    if options.preset != DEFAULT_PRESET:
        raise ConfigError("preset_of_another_run", name=options.preset)
    origin = find_origin(options.resume)
    before = origin.recipe
    if "max_epochs" in settings:
        settings = {"max_steps": None, **settings}
    recipe = before.replace(**settings)
    refuse_another_network(before, recipe)
    corpus = read_corpus(options, origin, recipe, progress)
    recipe, notices = fit_recipe(recipe, corpus)
    fell_back = filter(None, (origin.loaded.fell_back,))
    corpus = dataclasses.replace(corpus, notices=(*corpus.notices, *notices, *fell_back))
    return Training.resume(corpus, recipe, choose_device(options.device), origin.loaded.snapshot), origin


def read_corpus(options: argparse.Namespace, origin: Origin, recipe: Recipe, progress: Progress) -> Corpus:
    """Return the text of a run: the one that was given, or the one it was trained on.

    Raises:
        TextError: none was given and nothing is known of the old one, or it cannot be read.
    """
    if not options.texts and isinstance(origin.text, dict) and PAGE_KEY in origin.text:
        return Texts(Shelf(home_folder() / "texts")).corpus(str(origin.text[PAGE_KEY]), recipe.text, progress)
    source, how = (options.texts, read_how(options)) if options.texts else remembered(origin.text)
    found = find_pieces(source, how)
    corpus = build_corpus(found.pieces, recipe.text, found.name, found.entropy_floor, progress)
    return dataclasses.replace(corpus, notices=(*found.notices, *corpus.notices))


def describe_text(options: argparse.Namespace) -> dict[str, Any] | None:
    """Return how a text is found again, as plain JSON values; None where it came from standard input."""
    if STANDARD_INPUT in options.texts:
        return None
    texts = [str(Path(text).resolve()) if Path(text).exists() else text for text in options.texts]
    return {"texts": texts, "encoding": options.encoding, "columns": options.column}


def remembered(text: Any) -> tuple[list[str], Reading]:
    """Return what `describe_text` described.

    Raises:
        TextError: it is no such description.
    """
    try:
        return list(map(str, text["texts"])), Reading(text["encoding"], tuple(text["columns"]))
    except BROKEN:
        raise TextError("text_not_remembered") from None
