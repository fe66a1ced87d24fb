"""``sim77 estimate``: parameters of the choice model from a table of observed choices."""

import argparse

from sim77.cli.arguments import whole
from sim77.core.errors import StudyError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add = parser.add_argument
    add("survey", metavar="SURVEY.csv", nargs="?", help="one row a person-day (docs/estimate.md)")
    add("--template", metavar="FILE.csv", help="write an example of such a table, and stop")
    add(
        "--method",
        choices=("nested", "mixed"),
        default="nested",
        help="nested or mixed logit (default nested)",
    )
    add(
        "--hold",
        action="append",
        default=[],
        metavar="NAME",
        help="keep a parameter, or a family like b_weekday, as registered; may be repeated",
    )
    add(
        "--free",
        action="append",
        default=[],
        metavar="NAME",
        help="estimate one that is held to begin with; may be repeated",
    )
    add(
        "--scenario",
        default="hybrid-2022",
        metavar="NAME",
        help="what the overlay extends (default hybrid-2022)",
    )
    add("--draws", type=whole, default=500, metavar="N", help="a person, mixed only (default 500)")
    add("--seed", type=whole, default=1, help="stretch of the draws, mixed only (default 1)")
    add("--out", metavar="FOLDER", help="where overlay, tables and summary go")
    add("--overwrite", action="store_true", help="replace the files already in FOLDER")
    add("--json", action="store_true", help="print JSON instead of the summary")


def run(arguments: argparse.Namespace) -> int:
    """Estimate, write and print."""
    from sim77.analysis.estimate.estimate import estimate, write_template
    from sim77.report.estimate import check_free, estimation_text
    from sim77.report.output import save

    if arguments.template:
        print(
            f"Written to {write_template(arguments.template)}: four made-up days that show every "
            "column. An estimate needs some hundreds of observed days in the same columns."
        )
        return 0
    if not arguments.survey:
        raise StudyError("sim77 estimate needs a survey, or --template FILE.csv to begin with.")
    if arguments.out and not arguments.overwrite:
        check_free(arguments.out)  # before an estimate that may take long
    found = estimate(
        arguments.survey,
        arguments.method,
        hold=arguments.hold,
        free=arguments.free,
        scenario=arguments.scenario,
        n_draws=arguments.draws,
        seed=arguments.seed,
    )
    if arguments.out:
        save(found, arguments.out, overwrite=arguments.overwrite)
    print(found.to_json() if arguments.json else estimation_text(found, folder=arguments.out))
    if arguments.out and not arguments.json:
        print(f"\nWritten to {arguments.out}")
    return 0
