"""``sim77 territory``: check, begin, import or estimate the tables of a territory."""

from __future__ import annotations

import argparse

from sim77.cli.arguments import Command, UsageError, add_commands, whole
from sim77.core.errors import ScenarioError


def _check_territory(arguments: argparse.Namespace) -> int:
    from sim77.scenario.scenario import scenario_names
    from sim77.territory.territory import check_territory, load_territory

    problems = check_territory(arguments.folder)
    if not problems:
        try:
            scenario_names(load_territory(arguments.folder))
        except ScenarioError as error:
            problems = [str(error)]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{arguments.folder} is a complete territory.")
    return 2 if problems else 0


def _example_territory(arguments: argparse.Namespace) -> int:
    from sim77.territory.territory import write_example

    folder = write_example(arguments.folder)
    print(f"Written to {folder}; try: sim77 run both-centres --territory {folder}")
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
        "--vintage", metavar="YEAR", type=whole, help="census year, if the files do not tell"
    )
    parser.add_argument(
        "--report", action="store_true", help="say what was mapped and what was not"
    )


def _import_mobpro(arguments: argparse.Namespace) -> int:
    from sim77.territory.build.mobpro import import_mobpro

    report = import_mobpro(arguments.files, arguments.out, arguments.territory, arguments.vintage)
    if arguments.report:
        print(report)
    print(f"Written to {arguments.out}")
    return 0


def _fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="FOLDER", help="also write the estimated flows and occupations there"
    )


def _fit_flows(arguments: argparse.Namespace) -> int:
    from sim77.analysis.flows.flows import fit_report

    print(fit_report(arguments.out))
    return 0


TERRITORY_COMMANDS = (
    Command("check", "say what is wrong in a folder", _folder_argument, _check_territory),
    Command("example", "write a small one to start from", _folder_argument, _example_territory),
    Command("import-mobpro", "flows from INSEE census files", _import_arguments, _import_mobpro),
    Command("fit-flows", "estimate the shipped flows again", _fit_arguments, _fit_flows),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands inside ``sim77 territory``."""
    add_commands(parser, TERRITORY_COMMANDS)


def run(arguments: argparse.Namespace) -> int:
    """Say that one of the commands inside is wanted."""
    names = ", ".join(command.name for command in TERRITORY_COMMANDS)
    raise UsageError(f"sim77 territory needs one of: {names}.")
