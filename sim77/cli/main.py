"""The command line: a table of commands, each with its arguments and a thin handler.

Handlers import what they need themselves, so that ``sim77 --help`` loads no scientific library.
A handler returns the exit code: 0 done, 1 a check found something wrong; a user's mistake is a
`Sim77Error`, shown as one sentence, with exit code 2.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from io import TextIOWrapper
from typing import TextIO

from sim77.cli import (
    app,
    calibrate,
    estimate,
    info,
    report,
    run,
    schema,
    site,
    sweep,
    territory,
    validate,
)
from sim77.cli.arguments import Command, Parser, UsageError, add_commands
from sim77.core.errors import DamageWarning, RunInterrupted, Sim77Error, nearest, why
from sim77.core.version import __version__

USAGE_ERROR = 2
INTERRUPTED = 130

COMMANDS = (
    Command("run", "simulate a scenario day by day", run.run_arguments, run.run_scenario),
    Command(
        "compare",
        "what a policy changes, and for whom",
        run.compare_arguments,
        run.run_compare,
    ),
    Command("sweep", "many runs of a study, resumable", sweep.add_arguments, sweep.run),
    Command("site", "where to open telecentres", site.add_arguments, site.run),
    Command("report", "the page of a study or calibration", report.add_arguments, report.run),
    Command("explain", "why a worker did what on a day", run.explain_arguments, run.run_explain),
    Command(
        "scenarios",
        "the scenarios there are",
        info.scenarios_arguments,
        info.show_scenarios,
    ),
    Command(
        "parameters",
        "every number, with range and source",
        info.name_argument,
        info.show_parameters,
    ),
    Command(
        "indicators",
        "every result, with unit and formula",
        info.name_argument,
        info.show_indicators,
    ),
    Command(
        "claims",
        "what is said of telecentres, tested",
        run.claims_arguments,
        run.run_claims,
    ),
    Command("estimate", "choice parameters from a survey", estimate.add_arguments, estimate.run),
    Command("calibrate", "fit behaviour to observations", calibrate.add_arguments, calibrate.run),
    Command(
        "validate",
        "compare a calibration with what no fit has seen",
        validate.add_arguments,
        validate.run,
    ),
    Command(
        "territory",
        "make, check, fit and compare tables",
        territory.add_arguments,
        territory.run,
    ),
    Command("doctor", "say whether this installation works", info.no_arguments, info.run_doctor),
    Command(
        "schema",
        "what a kind of file may hold, for editors",
        schema.add_arguments,
        schema.run,
    ),
    Command("app", "open the app in the browser", app.app_arguments, app.run_app),
    Command("story", "write a story as one page", app.story_arguments, app.run_story),
    Command("warm-up", "compile the inner loops once", info.no_arguments, info.run_warm_up),
)


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line from `COMMANDS`."""
    parser = Parser(prog="sim77", description="Simulate commuting and telecentres.")
    parser.add_argument("--version", action="version", version=f"sim77 {__version__}")
    parser.set_defaults(handler=None, parser=parser)
    add_commands(parser, COMMANDS)
    return parser


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    arguments, unknown = build_parser().parse_known_args(words)
    if unknown:
        parser: argparse.ArgumentParser = arguments.parser
        options = [name for name in parser._option_string_actions if name.startswith("--")]
        hint = nearest(unknown[0], options) if unknown[0].startswith("-") else ""
        raise UsageError(f"{parser.prog} does not take '{unknown[0]}'.{hint}")
    return arguments


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    words : sequence of str, optional
        The words after ``sim77``; those of the process when not given.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # Windows gives a file or a pipe an old code page, which has no CO₂.
        sys.stdout.reconfigure(errors="replace")
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        warnings.simplefilter("once", DamageWarning)  # as often as it is read, the file is one
        return _main(words)


def _main(words: Sequence[str] | None) -> int:
    arguments = argparse.Namespace()
    try:
        arguments = _parse(words)
        if arguments.handler is None:
            build_parser().print_help()
            return 0
        return int(arguments.handler(arguments))
    except RunInterrupted as error:
        return _say(str(error), INTERRUPTED)
    except Sim77Error as error:
        return _say(str(error), USAGE_ERROR)
    except KeyboardInterrupt:
        return _say("interrupted before the end.", INTERRUPTED)
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # What fails while it is written names no file: it is what the command writes to.
        given = (getattr(arguments, name, None) for name in ("out", "html", "template", "folder"))
        where = error.filename or next(filter(None, given), None)
        what = f"'{where}'" if where else "a file"
        return _say(f"{what} could not be read or written: {why(error)}.", USAGE_ERROR)


def _say(sentence: str, code: int) -> int:
    print(f"sim77: {sentence}", file=sys.stderr)
    return code


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Tell a warning that is for the user as one sentence, others as Python does."""
    if issubclass(category, DamageWarning):
        print(f"sim77: {message}", file=sys.stderr)
    else:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))
