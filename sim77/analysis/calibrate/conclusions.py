"""Which conclusions hang on what the data leave open.

A short list of headline conclusions, each on a year of agreements of its own, is computed at the
solved point; then at the lowest and the highest value that the data leave to each parameter that is
not identified. The other parameters are where the profile has put them, and agreements are solved
again: every point meets the observations about as well as the solved one. Profiles follow the best
points only and may leave out what most of the posterior says, so that some of its draws are points
too. Last, at the solved point, the constant of telecentres is moved to where centres hold 0.25 and
1 % of remote days, for no observation says how often they are used.

Both sides of a pair share their draws; desks need every worker, so runs are at scale 1, over four
weeks.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.centres import CENTRE_SHARES, CENTRES
from sim77.analysis.calibrate.evaluations import Evaluations, ResultCache
from sim77.analysis.calibrate.identify import AT, allowed_ends
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.tables import drawn
from sim77.analysis.calibrate.verdict import ASC_TC, DRAWN, SOLVED
from sim77.analysis.compare.tables import student_half_width
from sim77.analysis.sweep.evaluate import Evaluation, simulate
from sim77.analysis.sweep.outcomes import Outcome
from sim77.registry.parameters import defaults_hash, on_top
from sim77.runs.execute import RunSpec
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import load_territory

SEEDS = 8
DRAWS = 12
"""Of the posterior at which conclusions are drawn."""

CENTRES_TRIED = (-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0)
"""Values of the constant of telecentres between which the one wanted is interpolated."""

OUTCOMES = (
    "workers_at_work", "remote_days", "telecentre", "half_plans_per_day",
    "centre_users", "minutes_saved", "co2e_travel_kg",
)  # fmt: skip


@dataclass(frozen=True)
class Era:
    """Agreements of a year, and the pair of scenarios that conclusions of it are about."""

    anchor: str
    scenario: str
    baseline: str
    start: dt.date
    end: dt.date


ERAS = {
    "2014": Era(
        "2017", "network-2014", "no-telecentres", dt.date(2014, 10, 6), dt.date(2014, 10, 31)
    ),
    "2022": Era(
        "2022", "hybrid-2022", "hybrid-2022-no-telecentres",
        dt.date(2022, 3, 7), dt.date(2022, 4, 1),
    ),
}  # fmt: skip
"""Four weeks each; all twelve centres of the network of 2014 are open in October."""

UNITS = {
    "remote_share": "percent of days at work",
    "centre_share": "percent of remote days",
    "centre_users": "persons a day",
    "minutes_saved": "minutes a day",
    "co2e_travel": "kg CO2e a day",
}
"""Conclusions of each era. The last two are effects of the telecentres."""


@dataclass(frozen=True)
class Pair:
    """A pair of runs; small enough to be sent to another process.

    Attributes
    ----------
    era : str
    parameters : tuple of (str, float)
        On both sides of the pair.
    asc_tc : float or None
        Constant of telecentres, if it is not the registry's.
    scale : float
    seed : int
    territory : str or None
        Name or folder; Seine-et-Marne if None.
    """

    era: str
    parameters: tuple[tuple[str, float], ...]
    asc_tc: float | None
    scale: float
    seed: int
    territory: str | None = None

    @property
    def key(self) -> str:
        """The sha256 of what is asked, defaults in use included, in hexadecimal."""
        defaults = defaults_hash(dict(self.parameters))
        scenarios = [each.scenario.hash for each in self.sides]
        days = [str(each) for each in (ERAS[self.era].start, ERAS[self.era].end)]
        content = [scenarios, days, self.scale, self.seed, defaults, OUTCOMES]
        if self.territory is not None:
            content.append(load_territory(self.territory).hash)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def sides(self) -> tuple[RunSpec, RunSpec]:
        """The run with centres, and the one without."""
        era, territory = ERAS[self.era], load_territory(self.territory)
        sides = []
        for name in (era.scenario, era.baseline):
            scenario = load_scenario(name, territory)
            given = dict(on_top(scenario.parameters, dict(self.parameters)))
            if name == era.scenario and self.asc_tc is not None:
                given |= dict.fromkeys(CENTRES, self.asc_tc)
            sides.append(
                RunSpec(
                    scenario.with_(parameters=given), seed=self.seed, scale=self.scale,
                    start=era.start, end=era.end, territory=self.territory,
                )
            )  # fmt: skip
        return sides[0], sides[1]


@dataclass(frozen=True)
class Point:
    """Where conclusions are drawn: one end of one parameter or a draw, and all parameters there."""

    parameter: str
    end: str
    value: float | None
    free: Mapping[str, float]
    asc_tc: float | None = None


def conclude(pair: Pair) -> dict[str, float]:
    """Run a pair and return its conclusions; the function that workers call."""
    run, baseline = pair.sides
    outcomes = tuple(Outcome(each) for each in OUTCOMES)
    found = simulate(Evaluation(pair.seed, run, baseline, outcomes))
    of = {name: float(value) for name, value in found.items() if isinstance(value, float)}
    in_centres = of["telecentre"] + 0.5 * of["half_plans_per_day"]
    return {
        "remote_share": 100.0 * of["remote_days"] / of["workers_at_work"],
        "centre_share": 100.0 * in_centres / max(of["remote_days"], 1e-9),
        "centre_users": of["centre_users"],
        "minutes_saved": of["effect_minutes_saved"],
        "co2e_travel": of["effect_co2e_travel_kg"],
    }


def draw_conclusions(
    profile: Profile,
    evaluations: Evaluations,
    pairs: ResultCache,
    solved: Mapping[str, float],
    draws: pd.DataFrame,
    profiles: pd.DataFrame,
    verdicts: pd.DataFrame,
    *,
    scale: float = 1.0,
    seeds: int = SEEDS,
) -> pd.DataFrame:
    """Draw the conclusions at the solved point, at the ends of what is not identified and at draws.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
        Of the calibration.
    pairs : ResultCache
        Where pairs of runs are kept.
    solved : mapping of str to float
        The free parameters of the solved point.
    draws : pandas.DataFrame
        Of the posterior: ``weight`` and the free parameters; `DRAWS` of them are taken.
    profiles, verdicts : pandas.DataFrame
        As in ``profiles.csv`` and ``identification.csv``.
    scale : float
    seeds : int

    Returns
    -------
    pandas.DataFrame
        One row a conclusion and point: ``conclusions.csv``.
    """
    names = profile.study.names
    points = [Point(SOLVED, SOLVED, None, solved), *_ends(profile, profiles, verdicts)]
    points += [
        Point(DRAWN, f"{row}", None, draws[names].iloc[row].to_dict())
        for row in drawn(draws, DRAWS).tolist()
    ]
    tables = []
    for name in ERAS:
        asking = _Asking(profile, evaluations, pairs, name, scale, profile.study.seed)
        tables.append(asking.table([*points, *asking.centre_points(solved)], seeds))
    return pd.concat(tables, ignore_index=True)


def _ends(profile: Profile, profiles: pd.DataFrame, verdicts: pd.DataFrame) -> list[Point]:
    names = profile.study.names
    found = []
    for parameter in verdicts["parameter"][verdicts["verdict"] != "identified"]:
        ends = allowed_ends(profiles, parameter)
        for end, row in zip(("low", "high"), ends.to_dict("records"), strict=True):
            free = {name: float(row[f"{AT}{name}"]) for name in names}
            found.append(Point(parameter, end, float(row["value"]), free))
    return found


@dataclass(frozen=True)
class _Asking:
    """Asks for pairs of one era."""

    profile: Profile
    evaluations: Evaluations
    pairs: ResultCache
    era: str
    scale: float
    seed: int

    def table(self, points: Sequence[Point], seeds: int) -> pd.DataFrame:
        requested = [self._pair(point, self.seed + k) for point in points for k in range(seeds)]
        results = pd.DataFrame(self.pairs.plain(conclude, requested))
        rows = []
        for number, point in enumerate(points):
            of_point = results.iloc[number * seeds : (number + 1) * seeds]
            for name, unit in UNITS.items():
                values = of_point[name].to_numpy()
                mean = float(values.mean())
                half = float(student_half_width(values[:, None])[0]) if seeds > 1 else np.nan
                rows.append({
                    "conclusion": f"{name}_{self.era}", "unit": unit, "parameter": point.parameter,
                    "end": point.end, "value": point.value, "mean": mean, "low": mean - half,
                    "high": mean + half,
                })  # fmt: skip
        return pd.DataFrame(rows)

    def centre_points(self, solved: Mapping[str, float]) -> list[Point]:
        """Return where centres hold the wanted shares of remote days, or as much as they can."""
        tried = [Point(ASC_TC, "", each, solved, each) for each in CENTRES_TRIED]
        results = self.pairs.plain(conclude, [self._pair(each, self.seed) for each in tried])
        ends = centre_ends([each["centre_share"] for each in results])
        return [Point(ASC_TC, name, at, solved, at) for name, at in ends.items()]

    def _pair(self, point: Point, seed: int) -> Pair:
        parameters = self.profile.parameters(point.free)
        anchor = ERAS[self.era].anchor
        if anchor in self.profile.study.anchors:
            summaries = self.evaluations([self.profile.evaluation(point.free)])[0]
            solved = self.profile.agreements(point.free, {anchor: summaries[anchor]})[anchor]
            parameters = on_top(parameters, solved.parameters())
        return Pair(
            self.era, tuple(sorted(parameters.items())), point.asc_tc, self.scale, seed,
            self.profile.study.territory,
        )  # fmt: skip


def centre_ends(shares: Sequence[float]) -> dict[str, float]:
    """Return the constants of telecentres at which they hold `CENTRE_SHARES` of remote days.

    Parameters
    ----------
    shares : sequence of float
        Percent of remote days that centres hold at each of `CENTRES_TRIED`.

    Returns
    -------
    dict of str to float
        Constants by the share there, as "0.25 %": the wanted one, or the nearest that they reach.
    """
    held = np.maximum.accumulate(np.maximum(shares, 1e-6))
    reached = np.clip(100.0 * np.array(CENTRE_SHARES), held[0], held[-1])
    at = np.interp(np.log(reached), np.log(held), CENTRES_TRIED)
    return {f"{x:.2g} %": float(y) for x, y in zip(reached, at, strict=True)}


def summarised(conclusions: pd.DataFrame) -> pd.DataFrame:
    """Return one row a conclusion: how far it goes over all points, and whether its sign changes.

    A sign changes only where the intervals of both extremes are off zero.
    """
    rows = []
    for name, each in conclusions.groupby("conclusion", sort=False):
        ordered = each.sort_values("mean", kind="stable").to_dict("records")
        least, most = ordered[0], ordered[-1]
        rows.append({
            "conclusion": name, "unit": least["unit"],
            "solved": float(each["mean"][each["parameter"] == SOLVED].iloc[0]),
            "lowest": least["mean"], "highest": most["mean"],
            "at_lowest": f"{least['parameter']} {least['end']}",
            "at_highest": f"{most['parameter']} {most['end']}",
            "changes_sign": bool(least["high"] < 0.0 < most["low"]),
        })  # fmt: skip
    return pd.DataFrame(rows)
