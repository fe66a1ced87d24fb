"""Would the calibration have found a known truth? Ten truths from the outer quarters of the prior.

Each truth is surveyed (`synthetic`), and the calibration itself fits what the surveys say: same
priors, targets, distance and sampler, with a smaller sample and fewer particles (``recovery`` in
the study file). An 80 % interval that means what it says covers the truth in 8 of 10 cases.

Two things make the test harder, or emptier, than it looks:

- Truths are in the outer quarters because a fit that has learnt nothing puts its intervals in the
  middle of the prior. Each ten is balanced (`synthetic.outer_points`): at the very end of a prior
  even right intervals do not reach. Yet the prior's own 80 % interval covers six such truths in
  ten. A parameter whose posterior is as wide as its prior therefore *passes or fails by luck*: it
  does not count for the gate and is listed as one that the data do not narrow.
- The generations start from the same prior draws, so all calibrations share their first
  evaluations. Their errors of simulation are shared too, as they are in the calibration itself,
  which has one seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.analysis.calibrate import synthetic
from sim77.analysis.calibrate.calibrate import (
    EVALUATIONS_FILE,
    Calibration,
    calibrate,
    claim,
)
from sim77.analysis.calibrate.evaluations import open_evaluations
from sim77.analysis.calibrate.profile import make_profile
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.tables import IDENTIFIED_BELOW, weighted_quantiles
from sim77.analysis.calibrate.verdict import NOMINAL, least_covered
from sim77.core.files import locked

FOLDER = "recovery"
TRUTHS = 10


@dataclass(frozen=True)
class Recovery:
    """What was recovered.

    Attributes
    ----------
    intervals : pandas.DataFrame
        One row a truth and parameter: ``recovery.csv``.
    counts : pandas.DataFrame
        One row a parameter: ``recovery_counts.csv``.
    passed : bool
        Whether every parameter that the data narrow is covered often enough, and there is one.
    """

    intervals: pd.DataFrame
    counts: pd.DataFrame
    passed: bool


def recover(
    study: CalibrationStudy,
    folder: Path,
    truths: int = TRUTHS,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> Recovery:
    """Recover known truths with the reduced calibration of a study.

    Parameters
    ----------
    study : CalibrationStudy
    folder : pathlib.Path
        Of the calibration; what is computed is kept in its ``recovery``.
    truths : int
    workers, scheduler, tell : optional
        As in `sim77.analysis.calibrate.calibrate.calibrate`.

    Returns
    -------
    Recovery
    """
    say = tell or (lambda _: None)
    within, reduced = folder / FOLDER, study.for_recovery()
    within.mkdir(parents=True, exist_ok=True)
    claim(folder, study)
    profile = make_profile(reduced)
    rows = []
    with (
        locked(within),
        open_evaluations(within / EVALUATIONS_FILE, workers, scheduler) as evaluations,
    ):
        points = synthetic.outer_points(reduced, truths)
        surveys = synthetic.surveyed(profile, evaluations, points)
        for number, (truth, survey) in enumerate(zip(points, surveys, strict=True), start=1):
            say(f"truth {number} of {truths}")
            found = calibrate(
                reduced, within / f"{number:02d}", observed=survey, evaluations=evaluations
            )  # fmt: skip
            rows += intervals_of(found, number, truth)
    return judged(pd.DataFrame(rows))


def intervals_of(found: Calibration, number: int, truth: synthetic.Values) -> list[dict]:
    """Return one row a parameter: the truth and the 80 % interval found for it."""
    rows, table = [], found.posterior.table
    ends = (0.5 - 0.5 * NOMINAL, 0.5 + 0.5 * NOMINAL)
    widths = found.posterior.widths.to_dict("records")
    for free, row in zip(found.study.free, widths, strict=True):
        draws, true = table[free.parameters[0]].to_numpy(), truth[free.name]
        low, high = weighted_quantiles(draws, table["weight"].to_numpy(), ends)
        rows.append({
            "replicate": number, "parameter": free.name, "prior_low": free.low,
            "prior_high": free.high, "truth": true, "mean": row["mean"],
            "low": low, "high": high, "covered": bool(low <= true <= high),
            "width_ratio": row["width_ratio"], "effective": found.posterior.effective,
        })  # fmt: skip
    return rows


def judged(intervals: pd.DataFrame) -> Recovery:
    """Count how often each parameter is covered, and judge those that the data narrow."""
    rows = []
    for parameter, each in intervals.groupby("parameter", sort=False):
        ratio = float(np.median(each["width_ratio"]))
        narrowed = ratio < IDENTIFIED_BELOW
        covered = int(each["covered"].sum())
        rows.append({
            "parameter": parameter, "replicates": len(each), "covered": covered,
            "width_ratio": ratio, "identified": narrowed,
            "passed": bool(covered >= least_covered(len(each))) if narrowed else None,
        })  # fmt: skip
    counts = pd.DataFrame(rows)
    counted = counts[counts["identified"]]
    return Recovery(intervals, counts, bool(len(counted) and counted["passed"].all()))
