"""What the data say of each free parameter: profiles of the distance, and posterior against prior.

A profile holds one parameter at a value and moves the others to where the observations are met
best. Where is found on a stand-in (`surrogate`) made from the points that the calibration kept; the
model is then run there, so that every distance in the table is the model's. A profile that stays
flat up to an end of the prior says that the data do not exclude that end, whatever the posterior's
width suggests.

"Rises" means that the squared distance grows by 1 over the least known: with errors read as
half-widths of 95 % intervals that is 3.84 in variances, the 95 % point of chi-square with one
degree of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.abc import all_particles
from sim77.analysis.calibrate.evaluations import Evaluations
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.surrogate import fit_surrogate, spread_rows, values_at

STEPS = 7
"""Values of a profile, the ends of the prior among them."""

RISE = 1.0
"""Of the squared distance: from here on a value is one that the data exclude."""

AT = "at_"
"""Before the names of the other parameters, where a table says where they were moved."""


@dataclass(frozen=True)
class Identification:
    """What the data say of each free parameter.

    Attributes
    ----------
    profiles : pandas.DataFrame
        One row a parameter and value: ``profiles.csv``.
    parameters : pandas.DataFrame
        One row a parameter: ``identification.csv`` without its sentences.
    surrogate_error : float
        Of the stand-in's distance, in cross-validation.
    """

    profiles: pd.DataFrame
    parameters: pd.DataFrame
    surrogate_error: float


def identify(
    profile: Profile, evaluations: Evaluations, folder: Path, widths: pd.DataFrame
) -> Identification:
    """Profile the distance of a finished calibration.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
        Those of the calibration: they hold all points of its generations.
    folder : pathlib.Path
        Of the calibration.
    widths : pandas.DataFrame
        As in ``widths.csv``.

    Returns
    -------
    Identification
    """
    study = profile.study
    names = study.names
    points = all_particles(folder)[names].drop_duplicates()
    points = points.iloc[spread_rows(len(points))]
    place = study.place_of(points.to_numpy())
    misses = _misses(profile, evaluations, study.points(points.to_numpy()))
    surrogate = fit_surrogate(study, place, misses)
    near = place[np.argsort(np.square(misses).sum(axis=1), kind="stable")]
    steps = np.linspace(0.0, 1.0, STEPS)
    requested = [
        surrogate.nearest(column, at, near) for column in range(len(names)) for at in steps
    ]  # fmt: skip
    moved = [values_at(study, each) for each in requested]
    found = np.sqrt(np.square(_misses(profile, evaluations, moved)).sum(axis=1))
    best = float(min(found.min(), np.sqrt(np.square(misses).sum(axis=1).min())))
    rows = [
        {
            "parameter": name, "value": point[name], "surrogate_distance": quick,
            "distance": distance, "best": best,
            **{f"{AT}{other}": value for other, value in point.items()},
        }
        for name, point, quick, distance in zip(
            np.repeat(names, STEPS).tolist(), moved, surrogate.distance(np.array(requested)), found,
            strict=True,
        )
    ]  # fmt: skip
    profiles = pd.DataFrame(rows)
    return Identification(profiles, verdicts(profiles, widths), surrogate.error)


def _misses(
    profile: Profile, evaluations: Evaluations, points: Sequence[dict[str, float]]
) -> np.ndarray:
    summaries = evaluations([profile.evaluation(point) for point in points])
    return np.array([
        list(profile.misses(profile.statistics(point, summary)).values())
        for point, summary in zip(points, summaries, strict=True)
    ])  # fmt: skip


def verdicts(profiles: pd.DataFrame, widths: pd.DataFrame) -> pd.DataFrame:
    """Return one row a parameter: its posterior, how its profile rises, and what that says."""
    rows = []
    for row in widths.to_dict("records"):
        curve = profiles[profiles["parameter"] == row["parameter"]]
        rise = (curve["distance"] ** 2 - curve["best"] ** 2).to_numpy()
        rows.append({
            **{name: row[name] for name in _FROM_WIDTHS},
            "rise_low": rise[0], "rise_high": rise[-1],
            "verdict": _VERDICTS[bool(rise[0] >= RISE), bool(rise[-1] >= RISE)],
        })  # fmt: skip
    return pd.DataFrame(rows)


_FROM_WIDTHS = ("parameter", "prior_low", "prior_high", "mean", "low", "high", "width_ratio")
_VERDICTS = {
    (True, True): "identified",
    (True, False): "bounded_below",
    (False, True): "bounded_above",
    (False, False): "not_identified",
}


def allowed_ends(profiles: pd.DataFrame, parameter: str) -> pd.DataFrame:
    """Return the lowest and the highest value of a profile that the data do not exclude.

    Returns
    -------
    pandas.DataFrame
        Two rows of `profiles`, the lower first; the best value twice if all others are excluded.
    """
    curve = profiles[profiles["parameter"] == parameter].sort_values("value")
    rise = curve["distance"] ** 2 - curve["best"] ** 2
    inside = curve[rise < max(RISE, rise.min() + 1e-12)]
    return inside.iloc[[0, -1]]
