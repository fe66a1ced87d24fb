"""What the commands of the command line share: their parser, arguments and progress.

Nothing here loads a scientific library.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from sim77.core.errors import Sim77Error, nearest

MOST_PROCESSES = 1000


class UsageError(Sim77Error):
    """The command line itself cannot be read."""


@dataclass(frozen=True)
class Command:
    """One word of the command line.

    Attributes
    ----------
    name : str
        What is typed after ``sim77``.
    help : str
        One line for the list of commands.
    add_arguments : callable
        Adds the command's own arguments to its parser.
    handler : callable
        Does the work from the parsed arguments and returns the exit code.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    handler: Callable[[argparse.Namespace], int]


class _Formatter(argparse.HelpFormatter):
    """Help in two columns; argparse alone measures the names of commands too short."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24)
        self._action_max_length = 14


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence and name the nearest valid word."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, in one sentence."""
        raise UsageError(f"{message.rstrip('.')}. See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise UsageError(f"unknown {_word(action)} '{value}'.{nearest(value, action.choices)}")


def _word(action: argparse.Action) -> str:
    """Name an argument as its help does."""
    return str(action.metavar or action.dest).lower()


def add_commands(parser: argparse.ArgumentParser, commands: Iterable[Command]) -> None:
    """Add commands to a parser, each with its own arguments and handler."""
    words = parser.add_subparsers(metavar="COMMAND", title="commands")
    for command in commands:
        sub = words.add_parser(command.name, help=command.help, description=command.help)
        # Set first: a command inside this one replaces both.
        sub.set_defaults(handler=command.handler, parser=sub)
        command.add_arguments(sub)


# Types of arguments ------------------------------------------------------------------------


def whole(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a whole number, not '{text}'") from None


def processes(text: str) -> int:
    """Read a number of processes; 0: none beside this one."""
    count = whole(text)
    if not 0 <= count <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"expected from 0 to {MOST_PROCESSES}, not {text}")
    return count


def filled(text: str) -> str:
    """Read a text that says something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a text, not an empty one")
    return text.strip()


def number(text: str) -> float:
    """Read a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"expected a number like 0.1, not '{text}'")
    return value


def date_of(text: str) -> date:
    """Read a date, like 2014-09-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date like 2014-09-01, not '{text}'") from None


def override(text: str) -> tuple[str, float]:
    """Read a parameter to replace, like theta=0.5."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set takes name=value, not '{text}'.")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise UsageError(f"--set {name.strip()} takes a number, not '{value}'.") from None


def workplaces(text: str) -> tuple[str, ...]:
    """Read workplace zones, with commas; the territory knows which there are."""
    return tuple(each.strip() for each in text.split(","))


# Arguments and progress that commands share ------------------------------------------------


class _Overrides(argparse.Action):
    """Collects parameters by name, each once."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        name, value = values
        given = dict(getattr(namespace, self.dest))
        if name in given:
            parser.error(f"--set {name} is given twice")
        setattr(namespace, self.dest, given | {name: value})


def scope_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what runs and comparisons are asked in common: when, where, with which parameters."""
    add = parser.add_argument
    add("--from", dest="start", type=date_of, metavar="DATE", help="first day, like 2014-01-01")
    add("--to", dest="end", type=date_of, metavar="DATE", help="last day")
    world_arguments(parser)


def world_arguments(parser: argparse.ArgumentParser) -> None:
    """Add with which parameters, workers and territory."""
    add = parser.add_argument
    add(
        "--set",
        dest="overrides",
        type=override,
        action=_Overrides,
        default={},
        metavar="NAME=VALUE",
        help="replace a parameter; may be repeated",
    )
    add(
        "--workplace",
        type=workplaces,
        action="extend",
        metavar="ZONES",
        help="where the workers work: zones with commas, or all (default: the territory's own)",
    )
    add(
        "--territory",
        metavar="FOLDER",
        help="another territory than Seine-et-Marne: its name or folder",
    )


def check_out(arguments: argparse.Namespace, kind: str) -> None:
    """Refuse a folder for the result that holds something else, before anything is computed."""
    from sim77.runs.store import check_target

    if arguments.out == "":
        raise UsageError("--out is empty: expected a folder.")
    if arguments.out:
        check_target(Path(arguments.out), kind, overwrite=arguments.overwrite)


def cluster_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where many runs are computed: processes here, or a cluster."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=processes,
        metavar="N",
        help="processes here (default: one a core; 0: none)",
    )  # fmt: skip
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask cluster, like tcp://node:8786"
    )


def fit_processes(parser: argparse.ArgumentParser) -> None:
    """Add where the runs of a calibration or its validation are computed."""
    add = parser.add_argument
    add(
        "--workers",
        type=processes,
        metavar="N",
        help="processes (default: one a core; 0: only this one)",
    )
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler that runs already")


def bar_of(unit: str = "days") -> Callable[[int, int], None] | None:
    """Return what shows how much is done, and in all, on a terminal; None without a terminal."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    bar = tqdm(unit=f" {unit}", leave=False)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return show
