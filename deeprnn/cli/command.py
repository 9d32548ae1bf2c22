"""Where the command line begins and ends: streams, verbs, errors, exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence

from .. import __version__
from ..arguments import BAD_INPUT, Parser
from ..errors import DeepRNNError
from ..messages import message
from . import app, corpus, evaluate, generate, runs, train

OK, FAULT, INTERRUPTED = 0, 1, 130
VERBS = {"corpus": corpus, "train": train, "generate": generate, "evaluate": evaluate, "runs": runs, "app": app}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what follows the program's name; None reads them from the process.

    Returns:
        0 when all went well, 2 for what the user can put right, 1 for a fault of ours, 130 after Ctrl-C.
    """
    prepare_streams()
    options = read_arguments(sys.argv[1:] if arguments is None else arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except DeepRNNError as error:
        return complain(str(error), BAD_INPUT, options.debug)
    except KeyboardInterrupt:
        return complain("Stopped.", INTERRUPTED, options.debug)
    except BrokenPipeError:  # whoever reads the output, `head` for example, has had enough
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  the interpreter flushes it at exit
        return OK
    except OSError as error:  # a full disk behind standard output, for one
        return complain(f"{error.strerror or error}.", BAD_INPUT, options.debug)
    except Exception as error:
        fault = message("fault", kind=type(error).__name__, reason=" ".join(str(error).split())[:200])
        return complain(str(fault), FAULT, options.debug)


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of one verb; those of the page are the page's own business."""
    if arguments and arguments[0] == "app":
        return argparse.Namespace(run=app.run, arguments=arguments[1:], debug=False)
    return build_parser().parse_args(arguments)


def build_parser() -> Parser:
    """Build the parser of every verb; imports nothing heavy, so that help comes at once."""
    parser = Parser("deeprnn", description="Train, understand and share a recurrent language model on your own text.")
    parser.add_argument("--version", action="version", version=f"deeprnn {__version__}")
    common = Parser(add_help=False)
    common.add_argument("--debug", action="store_true", help="show the whole traceback of an error")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=Parser)
    for name, verb in VERBS.items():
        summary = (verb.__doc__ or "").splitlines()[0]
        sub = verbs.add_parser(name, help=summary, description=summary, parents=[common], allow_abbrev=False)
        verb.add_arguments(sub)
        sub.set_defaults(run=verb.run)
    return parser


def complain(sentence: str, code: int, debug: bool) -> int:
    """Say one line on standard error, after the traceback if it was asked for, and return the exit code."""
    if debug:
        traceback.print_exc()
    print(f"deeprnn: {sentence}", file=sys.stderr)
    return code


def prepare_streams() -> None:
    """Write UTF-8 to files and pipes whatever the locale says; never fail on a character a terminal lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="replace")
