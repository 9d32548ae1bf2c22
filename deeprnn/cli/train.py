"""Train a network on a text and keep the best model."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import RECIPE_FIELDS, parse_setting
from ..errors import Cancelled, TextError
from .interruption import Interruption
from .recipe import add_recipe, read_changes
from .texts import add_texts, read_how
from .tracking import add_tracking, check_tracking, passed_on, tracking

if TYPE_CHECKING:
    from ..runs.tracking import Tracker
    from ..training.record import TrainRecord
    from ..training.train import Training
    from .keeper import Keeper

LOOK_SECONDS = 0.2  # between two looks for a signal
PATIENCE_SECONDS = 4.0  # for the step in hand; whoever sends SIGTERM often sends SIGKILL ten seconds later

OUT_HELP = "folder of the model, replaced if it holds one (default: a new folder NAME-model here, or that of --resume)"
RESUME_HELP = (
    "go on with the run of a folder that --out has made or, in a folder of its own, with a run of the page by its "
    "number; the text need not be given again, and --set changes what may change"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    add_texts(parser, needed=False)
    add_recipe(parser)
    parser.add_argument("--resume", metavar="DIR_OR_RUN", help=RESUME_HELP)
    parser.add_argument("--out", metavar="DIR", type=Path, help=OUT_HELP)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    parser.add_argument("--seed", help=RECIPE_FIELDS["seed"].metadata["help"] + " (default: the preset's)")
    parser.add_argument("--max-epochs", help=RECIPE_FIELDS["max_epochs"].metadata["help"] + " (default: the preset's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object per step and nothing else")
    add_tracking(parser)


def run(options: argparse.Namespace) -> int:
    """Train to the end of the recipe, or until Ctrl-C or SIGTERM; the folder can be gone on from at any moment."""
    settings = read_settings(options)
    check_tracking(options)
    with Interruption() as interruption:  # an import in which a signal became an exception would be half an import
        try:
            training, keeper = begin(options, settings, interruption)
        except Cancelled as error:
            print(f"deeprnn: {error}", file=sys.stderr)
            return 128 + interruption.signal
        for notice in training.corpus.notices:
            print(f"deeprnn: {notice}", file=sys.stderr)
        with tracking(options, keeper.folder.name, training.recipe) as tracker:
            follow(training, keeper, interruption, options.json, tracker)
    if interruption.signal:
        say_stopped(training, keeper)
        return 128 + interruption.signal
    print(f"Ended at {where(training, keeper)}", file=sys.stderr if options.json else sys.stdout)
    return 0


def begin(options: argparse.Namespace, settings: dict[str, Any], interruption: Interruption) -> tuple[Training, Keeper]:
    """Make the training that was asked for, new or going on, and the folder that it is kept in.

    Raises:
        DeepRNNError: something that was asked for is refused.
        Cancelled: it was interrupted while a long text was encoded.
    """
    from ..trained_model import train
    from .encoding import show_encoding
    from .keeper import Keeper, free_folder
    from .resume import TEXT, describe_text, resume

    if not options.texts and options.resume is None:
        raise TextError("no_text_given")
    with show_encoding(interruption, options.json) as progress:
        if options.resume is None:
            text, folder, how = describe_text(options), options.out, read_how(options)
            training = train(
                options.texts, options.preset, device=options.device, how=how, progress=progress, **settings
            )
        else:
            training, origin = resume(options, settings, progress)
            text = describe_text(options) if options.texts else origin.text
            folder = options.out or origin.folder
    same = options.resume is not None and folder == origin.folder
    return training, Keeper(training, folder or free_folder(training.corpus.name), {TEXT: text}, goes_on=same)


def read_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return every setting that differs from the preset; what has an option of its own wins over --set."""
    settings = read_changes(options)
    for name in ("seed", "max_epochs"):
        if getattr(options, name) is not None:
            settings[name] = parse_setting(RECIPE_FIELDS[name], getattr(options, name))
    return settings


def follow(
    training: Training, keeper: Keeper, interruption: Interruption, as_json: bool, tracker: Tracker | None
) -> None:
    """Run the training to its end, or until it is interrupted.

    It runs on the job's thread: in the middle of a long step of a large network this one still hears a signal.
    """
    from ..errors import JobError
    from ..runs.job import DONE, FAILED, Job

    job = Job()
    job.start(lambda: records(training, keeper, as_json, tracker))
    try:
        while not (interruption.signal or job.wait_for(DONE, FAILED, timeout=LOOK_SECONDS)):
            pass
        with contextlib.suppress(JobError):  # it may have ended by itself
            job.stop()
        if not job.join(PATIENCE_SECONDS if interruption.signal else None):
            raise KeyboardInterrupt
    except KeyboardInterrupt:  # nothing can end a thread in the middle of a step but the end of the process
        keeper.save_best()
        say_stopped(training, keeper)
        sys.stdout.flush()
        os._exit(128 + interruption.signal)
    if job.error is not None:
        raise job.error


def records(training: Training, keeper: Keeper, as_json: bool, tracker: Tracker | None) -> Iterator[TrainRecord]:
    """Yield the records of a training, showing and saving what comes, and save at the end however it comes."""
    from ..device import use_all_threads
    from .progress import show_records

    use_all_threads()
    try:
        for record in passed_on(show_records(training, as_json), tracker):
            keeper.save_if_due()
            yield record
        training.keep_newest()
    except GeneratorExit:  # stopped between two steps
        training.keep_newest()
        raise
    finally:
        keeper.save()


def say_stopped(training: Training, keeper: Keeper) -> None:
    """Say on standard error where a training was stopped and where its model is."""
    print(f"deeprnn: stopped at {where(training, keeper)}", file=sys.stderr, flush=True)


def where(training: Training, keeper: Keeper) -> str:
    """Say how far a training has come and what its folder holds now."""
    step = training.best.step
    kept = f"The model of step {step} is in" if step or not keeper.older else "The older model is still in"
    return f"step {training.step} of {training.total_steps}. {kept} {keeper.folder}"
