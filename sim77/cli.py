"""The command line: a table of commands, each with its arguments and a thin handler.

Handlers import what they need themselves, so that ``sim77 --help`` loads no scientific library.
A handler returns the exit code: 0 done, 1 a check found something wrong; a user's mistake is a
`Sim77Error`, shown as one sentence, with exit code 2.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from sim77 import (
    __version__,
    cli_app,
    cli_calibrate,
    cli_estimate,
    cli_report,
    cli_site,
    cli_sweep,
    cli_validate,
)
from sim77.cli_posterior import add_posterior
from sim77.errors import RunInterrupted, Sim77Error, nearest
from sim77.units import WORKPLACE_ZONES

USAGE_ERROR = 2
INTERRUPTED = 130


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


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence and name the nearest valid word."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Formatter, **settings)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message.rstrip('.')}. See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise UsageError(f"unknown {_word(action)} '{value}'.{nearest(value, action.choices)}")


def _word(action: argparse.Action) -> str:
    """Name an argument as its help does."""
    return str(action.metavar or action.dest).lower()


# Types of arguments ------------------------------------------------------------------------


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"a date is written like 2014-09-01, not '{text}'.") from None


def _override(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set takes name=value, not '{text}'.")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise UsageError(f"--set {name.strip()} takes a number, not '{value}'.") from None


def _workplaces(text: str) -> tuple[str, ...]:
    zones = tuple(each.strip() for each in text.split(","))
    for zone in zones:
        if zone not in WORKPLACE_ZONES:
            raise UsageError(f"unknown workplace '{zone}'.{nearest(zone, WORKPLACE_ZONES)}")
    return zones


# run ---------------------------------------------------------------------------------------


def _scope_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what runs and comparisons are asked in common: when, where, with which parameters."""
    add = parser.add_argument
    add("--from", dest="start", type=_date, metavar="DATE", help="first day, like 2014-01-01")
    add("--to", dest="end", type=_date, metavar="DATE", help="last day")
    add(
        "--set",
        dest="overrides",
        type=_override,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="replace a parameter; may be repeated",
    )
    add(
        "--workplace",
        type=_workplaces,
        default=("paris",),
        metavar="ZONES",
        help=f"where the workers work, with commas: {', '.join(WORKPLACE_ZONES)} (default paris)",
    )
    add("--territory", metavar="FOLDER", help="another territory than Seine-et-Marne")


def _run_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", nargs="?", default="network-2014", help="name or YAML file")
    add("--scale", type=float, default=1.0, help="share of the workers simulated (default 1)")
    add("--seed", type=int, default=1, help="number that fixes every random draw (default 1)")
    _scope_arguments(parser)
    add_posterior(parser, "parameters of the draw that goes with the seed; without FILE, shipped")
    add("--out", metavar="FOLDER", help="where the tables go; without it only the summary is shown")
    add("--overwrite", action="store_true", help="replace the results already in FOLDER")
    add("--quiet", action="store_true", help="no progress and no summary")


def _run(arguments: argparse.Namespace) -> int:
    from sim77.run import run

    result = run(
        arguments.scenario,
        scale=arguments.scale,
        seed=arguments.seed,
        start=arguments.start,
        end=arguments.end,
        overrides=dict(arguments.overrides),
        posterior=arguments.posterior,
        workplaces=arguments.workplace,
        territory=arguments.territory,
        out=arguments.out,
        overwrite=arguments.overwrite,
        progress=None if arguments.quiet else _progress(),
    )
    if not arguments.quiet:
        print(result.summary_text())
        if arguments.out:
            print(f"\nWritten to {arguments.out}")
    return 0


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows (days done, days in all) on a terminal; None without a terminal."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    bar = tqdm(unit=" days", leave=False)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return show


# compare -----------------------------------------------------------------------------------


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("a", metavar="A", help="the scenario without the policy, name or YAML file")
    add("b", metavar="B", help="the scenario with it")
    add("--seeds", type=int, default=10, help="paired replications (default 10)")
    add("--first-seed", type=int, default=1, metavar="N", help="seed of the first (default 1)")
    add("--scale", type=float, default=1.0, help="share of the workers simulated (default 1)")
    _scope_arguments(parser)
    add_posterior(parser, "parameters drawn from FILE, or from the posterior that is shipped")
    add("--seeds-per-draw", type=int, metavar="N", help="seeds of each draw (default 2)")
    add("--processes", type=int, metavar="N", help="share the seeds (default: all cores)")
    add("--out", metavar="FOLDER", help="where the tables and the page compare.html go")
    add("--overwrite", action="store_true", help="replace the results already in FOLDER")
    add("--lang", choices=("fr", "en"), default="en", help="of the text (default en)")
    add("--quiet", action="store_true", help="no progress and no text")


def _compare(arguments: argparse.Namespace) -> int:
    from sim77.compare import compare

    comparison = compare(
        arguments.a,
        arguments.b,
        seeds=arguments.seeds,
        first_seed=arguments.first_seed,
        scale=arguments.scale,
        start=arguments.start,
        end=arguments.end,
        overrides=dict(arguments.overrides),
        posterior=arguments.posterior,
        seeds_per_draw=arguments.seeds_per_draw,
        workplaces=arguments.workplace,
        territory=arguments.territory,
        processes=arguments.processes,
        out=arguments.out,
        overwrite=arguments.overwrite,
        progress=None if arguments.quiet else _progress(),
    )
    if not arguments.quiet:
        print(comparison.summary_text(arguments.lang))
        if arguments.out:
            print(
                f"\nWritten to {arguments.out}; for people: {Path(arguments.out) / 'compare.html'}"
            )
    return 0


# explain -----------------------------------------------------------------------------------


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", help="name or YAML file")
    add(
        "--worker",
        required=True,
        metavar="N",
        help="row at full scale, or an identity like 77186-paris-12",
    )
    add("--date", type=_date, required=True, metavar="DATE", help="a simulated day")
    add("--against", metavar="OTHER", help="another scenario, to say what differs")
    add("--seed", type=int, default=1, help="number that fixes every random draw (default 1)")
    add("--scale", type=float, default=1.0, help="share of the workers simulated (default 1)")
    add("--workplace", type=_workplaces, default=("paris",), metavar="ZONES", help="as in run")
    add("--territory", metavar="FOLDER", help="another territory than Seine-et-Marne")
    add("--lang", choices=("fr", "en"), default="en", help="fr or en (default en)")


def _explain(arguments: argparse.Namespace) -> int:
    from sim77.explain import explain

    explanation = explain(
        arguments.scenario,
        arguments.worker,
        arguments.date,
        against=arguments.against,
        seed=arguments.seed,
        scale=arguments.scale,
        workplaces=arguments.workplace,
        territory=arguments.territory,
        language=arguments.lang,
    )
    print(explanation.text())
    return 0


# Lists -------------------------------------------------------------------------------------


def _name_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="show one in full")


def _scenarios(arguments: argparse.Namespace) -> int:
    from sim77.listing import scenarios_text

    print(scenarios_text(arguments.name))
    return 0


def _parameters(arguments: argparse.Namespace) -> int:
    from sim77.listing import parameters_text

    print(parameters_text(arguments.name))
    return 0


def _indicators(arguments: argparse.Namespace) -> int:
    from sim77.listing import indicators_text

    print(indicators_text(arguments.name))
    return 0


# claims ------------------------------------------------------------------------------------


def _claims_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--seeds", type=int, default=5, help="paired replications (default 5)")
    add("--scale", type=float, default=1.0, help="share of the workers simulated (default 1)")
    add(
        "--scenario-pair",
        nargs=2,
        metavar=("A", "B"),
        help="test every claim on B against A instead of on its own scenarios",
    )
    add("--from", dest="start", type=_date, metavar="DATE", help="first day, like 2014-01-01")
    add("--to", dest="end", type=_date, metavar="DATE", help="last day")
    add("--lang", choices=("en", "fr"), default="en", help="language of the texts (default en)")


def _claims(arguments: argparse.Namespace) -> int:
    from sim77.claims import check_claims

    claims = check_claims(
        seeds=arguments.seeds,
        scale=arguments.scale,
        pair=tuple(arguments.scenario_pair) if arguments.scenario_pair else None,
        start=arguments.start,
        end=arguments.end,
    )
    print(claims.text(arguments.lang))
    return 0


# territory ---------------------------------------------------------------------------------


def _check_territory(arguments: argparse.Namespace) -> int:
    from sim77.territory import check_territory

    problems = check_territory(arguments.folder)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{arguments.folder} is a complete territory.")
    return 2 if problems else 0


def _example_territory(arguments: argparse.Namespace) -> int:
    from sim77.territory import write_example

    write_example(arguments.folder)
    print(f"Written to {arguments.folder}; try: sim77 territory check {arguments.folder}")
    return 0


def _folder_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER")


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="INSEE MOBPRO files, CSV or Parquet"
    )
    parser.add_argument("--out", metavar="FOLDER", required=True, help="the new territory")
    parser.add_argument("--territory", metavar="FOLDER", help="take the other tables from there")
    parser.add_argument(
        "--vintage", metavar="YEAR", type=int, help="census year, if the files do not tell"
    )
    parser.add_argument(
        "--report", action="store_true", help="say what was mapped and what was not"
    )


def _import_mobpro(arguments: argparse.Namespace) -> int:
    from sim77.mobpro import import_mobpro

    report = import_mobpro(arguments.files, arguments.out, arguments.territory, arguments.vintage)
    if arguments.report:
        print(report)
    print(f"Written to {arguments.out}")
    return 0


def _fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FOLDER", help="also write the estimated flows there")


def _fit_flows(arguments: argparse.Namespace) -> int:
    from sim77.flows import fit_report

    print(fit_report(arguments.out))
    return 0


TERRITORY_COMMANDS = (
    Command("check", "say what is wrong in a folder", _folder_argument, _check_territory),
    Command("example", "write a small one to start from", _folder_argument, _example_territory),
    Command("import-mobpro", "flows from INSEE census files", _import_arguments, _import_mobpro),
    Command("fit-flows", "estimate the shipped flows again", _fit_arguments, _fit_flows),
)


def _territory_arguments(parser: argparse.ArgumentParser) -> None:
    _add_commands(parser, TERRITORY_COMMANDS)


def _territory(arguments: argparse.Namespace) -> int:
    names = ", ".join(command.name for command in TERRITORY_COMMANDS)
    raise UsageError(f"sim77 territory needs one of: {names}.")


# The installation --------------------------------------------------------------------------


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def _doctor(arguments: argparse.Namespace) -> int:
    from sim77.doctor import examine

    findings = examine()
    for finding in findings:
        print(f"{'ok   ' if finding.right else 'WRONG'}  {finding.sentence}")
    return 0 if all(finding.right for finding in findings) else 1


def _docs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default="docs", metavar="FOLDER")


def _docs(arguments: argparse.Namespace) -> int:
    from sim77.docs import write_docs

    for path in write_docs(Path(arguments.folder)):
        print(path)
    return 0


def _warm_up(arguments: argparse.Namespace) -> int:
    from sim77.warmup import warm_up

    warm_up()
    return 0


COMMANDS = (
    Command("run", "simulate a scenario day by day", _run_arguments, _run),
    Command("compare", "what a policy changes, and for whom", _compare_arguments, _compare),
    Command("sweep", "many runs of a study, resumable", cli_sweep.add_arguments, cli_sweep.run),
    Command("site", "where to open telecentres", cli_site.add_arguments, cli_site.run),
    Command(
        "report", "the page of a study or calibration", cli_report.add_arguments, cli_report.run
    ),
    Command("explain", "why a worker did what on a day", _explain_arguments, _explain),
    Command("scenarios", "the shipped scenarios", _name_argument, _scenarios),
    Command("parameters", "every number, with range and source", _name_argument, _parameters),
    Command("indicators", "every result, with unit and formula", _name_argument, _indicators),
    Command("claims", "what is said of telecentres, tested", _claims_arguments, _claims),
    Command(
        "estimate", "choice parameters from a survey", cli_estimate.add_arguments, cli_estimate.run
    ),
    Command(
        "calibrate", "fit behaviour to observations", cli_calibrate.add_arguments, cli_calibrate.run
    ),
    Command(
        "validate",
        "compare a calibration with what no fit has seen",
        cli_validate.add_arguments,
        cli_validate.run,
    ),
    Command("territory", "check, import or estimate tables", _territory_arguments, _territory),
    Command("doctor", "say whether this installation works", _no_arguments, _doctor),
    Command("docs", "write the pages made from the registries", _docs_arguments, _docs),
    Command("app", "open the app in the browser", cli_app.app_arguments, cli_app.run_app),
    Command("story", "write a story as one page", cli_app.story_arguments, cli_app.run_story),
    Command("warm-up", "compile the inner loops once", _no_arguments, _warm_up),
)


# Parsing and errors ------------------------------------------------------------------------


def _add_commands(parser: argparse.ArgumentParser, commands: Iterable[Command]) -> None:
    words = parser.add_subparsers(metavar="COMMAND", title="commands")
    for command in commands:
        sub = words.add_parser(command.name, help=command.help, description=command.help)
        # Set first: a command inside this one replaces both.
        sub.set_defaults(handler=command.handler, parser=sub)
        command.add_arguments(sub)


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line from `COMMANDS`."""
    parser = _Parser(prog="sim77", description="Simulate commuting and telecentres.")
    parser.add_argument("--version", action="version", version=f"sim77 {__version__}")
    parser.set_defaults(handler=None, parser=parser)
    _add_commands(parser, COMMANDS)
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
        where = f" '{error.filename}'" if error.filename else ""
        return _say(f"cannot use{where or ' a file'}: {error.strerror or error}.", USAGE_ERROR)


def _say(sentence: str, code: int) -> int:
    print(f"sim77: {sentence}", file=sys.stderr)
    return code
