"""``sim77 report``: the page of a study, or of a calibration."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim77.core.errors import StudyError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add = parser.add_argument
    add("study", metavar="STUDY", help="the folder of a sweep or of a calibration, or a study file")
    add("--out", metavar="FILE.html", help="the page (default: report.html in the folder)")
    add(
        "--where",
        metavar="CONDITION",
        help="what PRIM and CART look for, like 'effect_co2e_travel_kg < -100'",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page and say where."""
    from sim77.report.calibration.facts import is_calibration

    if is_calibration(arguments.study):
        return _calibration(arguments)
    from sim77.report.study.page import REPORT_FILE, sweep_of, write_study_report

    sweep = sweep_of(arguments.study)
    path = Path(arguments.out) if arguments.out else sweep.folder / REPORT_FILE
    page = write_study_report(sweep, path, where=arguments.where)
    print(f"Written to {page}, with its tables in {page.with_name(f'{page.stem}-tables')}")
    return 0


def _calibration(arguments: argparse.Namespace) -> int:
    from sim77.report.calibration.page import write_calibration_report

    if arguments.where is not None:
        raise StudyError(
            f"--where is for the runs of a sweep, and '{arguments.study}' holds a calibration."
        )
    print(f"Written to {write_calibration_report(arguments.study, arguments.out)}")
    return 0
