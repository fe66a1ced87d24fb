"""``sim77 territory``: check, begin, build, fit, validate or cut a territory."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from sim77.cli.arguments import Command, UsageError, add_commands, date_of, filled, whole
from sim77.core.errors import ScenarioError


def _check_territory(arguments: argparse.Namespace) -> int:
    from sim77.scenario.scenario import scenario_names
    from sim77.territory.territory import check_territory, load_territory

    if not Path(arguments.folder).is_dir():
        raise UsageError(
            f"'{arguments.folder}' is no folder; a territory is a folder of tables, and those that "
            "ship with sim77 need no check."
        )
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
    return 1 if problems else 0


def _example_territory(arguments: argparse.Namespace) -> int:
    from sim77.territory.territory import write_example

    folder = write_example(arguments.folder)
    print(f"Written to {folder}; try: sim77 run both-centres --territory {folder}")
    return 0


def _folder_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER")


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER")
    for name, what in (
        ("zones", "the zones: code, name, point, area, population (CSV)"),
        ("shapes", "their outlines (GeoJSON)"),
        ("gtfs", "a timetable (GTFS zip)"),
        ("roads", "primary roads of OpenStreetMap (Parquet)"),
        ("scopes", "which part of the territory a workplace is in (CSV)"),
        ("sources", "where every input is from, and its licence (CSV)"),
    ):
        parser.add_argument(f"--{name}", metavar="FILE", type=Path, required=True, help=what)
    parser.add_argument(
        "--flows", metavar="FILE", type=Path, nargs="+", required=True,
        help="who lives and works where: a table of flows, or INSEE's files on commuting",
    )  # fmt: skip
    parser.add_argument(
        "--occupations", metavar="FILE", type=Path, nargs="+", default=(),
        help="INSEE's bases on residents at work, for a base of flows",
    )  # fmt: skip
    parser.add_argument(
        "--base-year", metavar="YEAR", type=whole, required=True, help="the year of the flows"
    )
    for name, what in (
        ("modes", "who of the flows drives, if their files do not tell"),
        ("metro", "minutes between stations of lines that the timetable lacks (CSV)"),
        ("lines", "labels, seats and places of lines (CSV)"),
        ("rail-changes", "from when lines have other trains (CSV)"),
        ("axes", "motorways as points (CSV)"),
    ):
        parser.add_argument(f"--{name}", metavar="FILE", type=Path, help=what)
    parser.add_argument(
        "--day",
        metavar="DATE",
        type=date_of,
        required=True,
        help="the day whose morning peak is taken",
    )
    parser.add_argument("--telecentres", metavar="FILE", type=Path, help="telecentres (CSV)")
    parser.add_argument(
        "--residents", metavar="DEPARTEMENT", nargs="+", default=(),
        help="simulate residents of these départements only",
    )  # fmt: skip
    _label_arguments(parser)


def _label_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label-fr", metavar="NAME", required=True, help="its name in French")
    parser.add_argument("--label-en", metavar="NAME", required=True, help="its name in English")


def _build_territory(arguments: argparse.Namespace) -> int:
    from sim77.territory.build.build import Inputs, build_territory

    values = vars(arguments)
    inputs = {each.name: values[each.name] for each in fields(Inputs)}
    inputs |= {name: tuple(inputs[name]) for name in ("flows", "occupations")}
    inputs["residents"] = _codes(inputs["residents"])
    for line in build_territory(arguments.folder, Inputs(**inputs)):
        print(line)
    print(f"Written to {arguments.folder}")
    return 0


def _codes(words: Sequence[str]) -> tuple[str, ...]:
    """Return codes given as words, with commas between them or not."""
    return tuple(code for word in words for code in word.replace(",", " ").split())


def _modes_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a territory made by 'build'")
    parser.add_argument(
        "--answers", metavar="FILE", required=True,
        help="INSEE's detail file on commuting, or a Parquet table with origin, destination, "
        "mode (TC, VP, NM), csp, workers",
    )  # fmt: skip
    parser.add_argument(
        "--source", metavar="TEXT", required=True, type=filled, help="where the answers come from"
    )
    parser.add_argument(
        "--boardings", metavar="FILE", type=Path,
        help="counts of who boards from 6 to 10, which add riders who do not commute (CSV)",
    )  # fmt: skip


def _fit_modes(arguments: argparse.Namespace) -> int:
    from sim77.analysis.modes.fit import fit_modes, read_answers
    from sim77.analysis.modes.other_riders import add_riders, read_counts
    from sim77.core.files import replacing
    from sim77.registry.parameters import resolve
    from sim77.report.modes import fit_text, riders_text
    from sim77.territory.built import BASE_LOADS
    from sim77.territory.territory import load_territory

    if not Path(arguments.folder).is_dir():
        raise UsageError(f"'{arguments.folder}' is no folder; 'fit' writes into one that is built.")
    territory = load_territory(Path(arguments.folder).resolve())
    # Before anything is written.
    counted = read_counts(territory, arguments.boardings) if arguments.boardings else None
    found = fit_modes(
        territory,
        read_answers(arguments.answers, territory),
        resolve(territory.base_day),
        arguments.source,
    )
    table = territory.folder / "mode_choice.csv"
    with replacing(table) as partial:
        found.table.to_csv(partial, index=False, lineterminator="\n")
    print(fit_text(found))
    print(f"Written to {table}")
    if counted is not None:
        print(riders_text(add_riders(load_territory(territory.folder), counted)))
        print(
            f"Written to {territory.folder / BASE_LOADS}, which is derived from "
            f"{arguments.boardings.name} now: credit its source beside it, under its licence."
        )
    return 0


def _cut_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("territory", metavar="TERRITORY", help="one made by 'build' and 'fit'")
    parser.add_argument("folder", metavar="FOLDER", help="the new territory")
    parser.add_argument(
        "--residents", metavar="DEPARTEMENT", nargs="+", required=True, help="départements"
    )
    parser.add_argument(
        "--scopes", metavar="FILE", required=True,
        help="which scope workplaces lie in (CSV)",
    )  # fmt: skip
    _label_arguments(parser)


def _cut(arguments: argparse.Namespace) -> int:
    from sim77.analysis.modes.cut import cut_territory
    from sim77.territory.territory import load_territory

    found = cut_territory(
        load_territory(arguments.territory),
        arguments.folder,
        list(_codes(arguments.residents)),
        {"fr": arguments.label_fr, "en": arguments.label_en},
        arguments.scopes,
    )
    print(f"{len(found.communes):,} communes of residents; written to {arguments.folder}")
    return 0


def _validate_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("territory", metavar="TERRITORY", nargs="?", help="a name or a folder (Seine-et-Marne)")
    add("--table", metavar="FILE", type=Path, help="write the rows to this file too (CSV)")
    add("--overwrite", action="store_true", help="replace that file")
    add("--lang", choices=("en", "fr"), default="en", help="language of the texts (default en)")


def _validate(arguments: argparse.Namespace) -> int:
    from sim77.analysis.supply_check.check import check_supply
    from sim77.core.files import check_new_file, csv_of, replace_text
    from sim77.report.supply_check import check_text
    from sim77.territory.territory import load_territory

    if arguments.table is not None:
        check_new_file(arguments.table, overwrite=arguments.overwrite)

    territory = load_territory(arguments.territory)
    table = check_supply(territory)
    if arguments.table is not None:
        replace_text(arguments.table, csv_of(table))
    print(check_text(territory, table, arguments.lang))
    return 0


TERRITORY_COMMANDS = (
    Command("check", "say what is wrong in a folder", _folder_argument, _check_territory),
    Command("example", "write a small one to start from", _folder_argument, _example_territory),
    Command("build", "make one from public files", _build_arguments, _build_territory),
    Command(
        "fit",
        "fit modes to a census, riders to counts",
        _modes_arguments,
        _fit_modes,
    ),
    Command("validate", "compare its supply with observations", _validate_arguments, _validate),
    Command("cut", "take some residents out of a larger territory", _cut_arguments, _cut),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands inside ``sim77 territory``."""
    add_commands(parser, TERRITORY_COMMANDS)


def run(arguments: argparse.Namespace) -> int:
    """Say that one of the commands inside is wanted."""
    names = ", ".join(command.name for command in TERRITORY_COMMANDS)
    raise UsageError(f"sim77 territory needs one of: {names}.")
