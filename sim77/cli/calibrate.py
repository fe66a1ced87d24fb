"""The command ``calibrate``: its arguments, and what it says when it ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim77.cli.arguments import fit_processes, whole
from sim77.core.errors import RunInterrupted, StudyError

if TYPE_CHECKING:
    from sim77.analysis.calibrate.study import CalibrationStudy


DIAGNOSTICS = (
    ("recovery", "N", "recover N known truths from synthetic data (default: 10)"),
    ("sbc", "N", "simulation-based calibration with N truths (default: the study's)"),
    ("profiles", "", "predictive checks, and what the data identify, of a finished calibration"),
    ("conclusions", "", "what depends on what the data leave open (after --profiles)"),
)
"""In place of the calibration, in this order; see ``sim77.analysis.calibrate.diagnose``."""

GATE_FAILED = 1
LEAST_TRUTHS = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``sim77 calibrate``."""
    add = parser.add_argument
    add(
        "study", metavar="STUDY", help="study file, like calibration/2022/study.yaml, or its folder"
    )
    add(
        "--territory",
        metavar="FOLDER",
        help="as `territory` in the study: another than Seine-et-Marne, its name or folder",
    )
    add("--out", metavar="FOLDER", help="default: out/calibration-<name of the study's folder>")
    fit_processes(parser)
    add("--quick", action="store_true", help="a reduced calibration, to see whether all works")
    for name, metavar, what in DIAGNOSTICS:
        number = {"nargs": "?", "type": whole, "default": False, "metavar": metavar}
        add(f"--{name}", help=what, **(number if metavar else {"action": "store_true"}))
    add("--quiet", action="store_true", help="no progress and no text")


def run(arguments: argparse.Namespace) -> int:
    """Run ``sim77 calibrate``; stopped by Ctrl-C, say what is kept and what goes on."""
    path = Path(arguments.study)
    name = (path if path.is_dir() else path.parent).resolve().name
    out = Path(arguments.out or f"out/calibration-{name}{'-quick' if arguments.quick else ''}")
    try:
        return _run(arguments, out)
    except KeyboardInterrupt as error:
        from sim77.analysis.calibrate.calibrate import evaluations_cached

        raise RunInterrupted(
            f"Stopped; evaluations stored in {out}: {evaluations_cached(out):,}. "
            "The same command goes on from there."
        ) from error


def _run(arguments: argparse.Namespace, out: Path) -> int:
    from sim77.analysis.calibrate.calibrate import calibrate
    from sim77.analysis.calibrate.study import load_study
    from sim77.report.calibration.page import write_calibration_report
    from sim77.report.output import text
    from sim77.territory.territory import load_territory

    study = load_study(arguments.study)
    if arguments.territory is not None:
        study = replace(study, territory=load_territory(arguments.territory).reference)
    study = study.quickened() if arguments.quick else study
    tell = None if arguments.quiet else lambda line: print(f"  {line}", file=sys.stderr)
    where = {"workers": arguments.workers, "scheduler": arguments.scheduler, "tell": tell}
    wanted = [each for each, _, _ in DIAGNOSTICS if getattr(arguments, each) is not False]
    if wanted:
        return _diagnose(study, out, where, wanted, arguments)
    calibration = calibrate(study, out, **where)
    page = write_calibration_report(out)
    if not arguments.quiet:
        print(f"{text(calibration)}\nFor people: {page}; next: sim77 validate {out}")
    return 0


def _diagnose(
    study: CalibrationStudy,
    out: Path,
    where: Mapping[str, Any],
    wanted: Sequence[str],
    arguments: argparse.Namespace,
) -> int:
    """Compute what is wanted and say each verdict; the exit code says whether a gate failed."""
    from sim77.analysis.calibrate.diagnose import FOLDER, Diagnosis
    from sim77.report.calibration.facts import is_finished
    from sim77.report.calibration.page import write_calibration_report
    from sim77.report.output import text

    diagnosis = Diagnosis(study, out, **where)
    failed = False
    for name in wanted:
        number = getattr(arguments, name)
        given = () if number is True else (number,)
        if number is not None and number is not True and number < LEAST_TRUTHS:
            raise StudyError(f"--{name} takes {LEAST_TRUTHS} truths or more, not {number}.")
        for verdict in getattr(diagnosis, name)(*given):
            failed = failed or verdict.passed is False
            if not arguments.quiet:
                print(text(verdict))
    if is_finished(out):
        write_calibration_report(out)
    if not arguments.quiet:
        print(f"Written to {out / FOLDER}")
    return GATE_FAILED if failed else 0
