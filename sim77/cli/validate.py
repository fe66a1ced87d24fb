"""``sim77 validate``: a calibration compared with observations that no fit has seen."""

from __future__ import annotations

import argparse
import sys

from sim77.cli.arguments import fit_processes, whole
from sim77.core.errors import RunInterrupted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="of a finished calibration, like calibration/2022")
    add("--draws", type=whole, default=40, metavar="N", help="of the posterior (default 40)")
    add("--quick", action="store_true", help="small samples, to see whether all works")
    fit_processes(parser)
    add("--quiet", action="store_true", help="no progress and no text")


def run(arguments: argparse.Namespace) -> int:
    """Run the validation, and make the page of the calibration again."""
    from sim77.analysis.validate.validate import QUICK_SCALE, validate
    from sim77.report.calibration.page import write_calibration_report
    from sim77.report.output import text

    try:
        found = validate(
            arguments.folder,
            draws=arguments.draws,
            scale=QUICK_SCALE if arguments.quick else 1.0,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            tell=None if arguments.quiet else lambda line: print(f"  {line}", file=sys.stderr),
        )
    except KeyboardInterrupt as error:
        raise RunInterrupted("Stopped; the tables in the folder are as they were.") from error
    page = write_calibration_report(arguments.folder)
    if not arguments.quiet:
        print(f"{text(found)}\nWritten to {page}")
    return 0
