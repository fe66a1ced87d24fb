"""Simulation-based calibration (Talts and others 2018): intervals as wide as they should be.

If truths are drawn from the prior and each is inferred from what it was simulated to give, the rank
of the truth among the draws of its posterior is uniform. Ranks piled in the middle say that
posteriors are too wide, at both ends that they are too narrow, at one end that they are shifted.

Hundreds of calibrations are out of reach; so a reduced problem (``sbc`` in the study file: fewer
free parameters, a small sample) is inferred by rejection with local-linear adjustment (`adjust`)
from one set of simulations, with the targets, solved agreements and distance of the calibration.
Each simulation is in turn a truth and otherwise one of the others' simulations: all are
independent draws of the prior, each on a seed of its own.

A truth's observations carry survey errors. To be compared with like, a simulation is held against
the observations less survey errors of its own (noisy approximate Bayes: Wilkinson 2013, Fearnhead
and Prangle 2012), with agreements that nobody knows (`synthetic`).
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from sim77.analysis.calibrate import synthetic
from sim77.analysis.calibrate.adjust import adjusted
from sim77.analysis.calibrate.calibrate import EVALUATIONS_FILE, claim
from sim77.analysis.calibrate.evaluations import Evaluations, ResultCache
from sim77.analysis.calibrate.observe import Summary
from sim77.analysis.calibrate.profile import Profile, make_profile
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.core.files import locked
from sim77.runs.cluster import open_cluster

FOLDER, RANKS_FILE = "sbc", "ranks.db"
SIMULATIONS, TRUTHS, KEPT = 400, 100, 0.2
"""Where the study file says nothing."""

LEAST_IN_BIN = 5
"""Truths expected in a bin: fewer, and chi-square is no longer chi-square."""

MOST_BINS = 10
CHANCE = 0.05
"""Probability with which right posteriors fail the gate, shared among the parameters."""


@dataclass(frozen=True)
class RankTest:
    """What simulation-based calibration found.

    Attributes
    ----------
    ranks : pandas.DataFrame
        One row a truth and parameter: ``sbc.csv``.
    counts : pandas.DataFrame
        One row a parameter: ``sbc_counts.csv``.
    passed : bool
    """

    ranks: pd.DataFrame
    counts: pd.DataFrame
    passed: bool


@dataclass(frozen=True)
class Simulated:
    """The simulations of a rank test.

    Attributes
    ----------
    profile : Profile
        Of the reduced problem.
    points : list of dict
        Draws of the prior.
    summaries : list of dict
        Of each, by anchor year.
    surveys : list of Survey
        Of each.
    """

    profile: Profile
    points: list[synthetic.Values]
    summaries: Sequence[Mapping[str, Summary]]
    surveys: Sequence[synthetic.Survey]

    @property
    def place(self) -> np.ndarray:
        """Places of the parameters in their priors, (n, n_parameters)."""
        study = self.profile.study
        return study.place_of(
            np.array([[point[name] for name in study.names] for point in self.points])
        )


@dataclass(frozen=True)
class Faced:
    """One truth held against all simulations: a question to `rank_of`.

    Attributes
    ----------
    truth : int
        Which of the simulations it is.
    kept : float
        Share of the simulations that the posterior is made of.
    simulated : Simulated
    settings : str
        Hash of all that decides the answer but `truth`.
    """

    truth: int
    kept: float
    simulated: Simulated = field(repr=False)
    settings: str = ""

    @property
    def key(self) -> str:
        """The name of its answer."""
        return f"{self.settings}-{self.truth}"


def rank_of(faced: Faced) -> list[float]:
    """Infer a truth from the other simulations and return its rank by parameter, 0 to 1."""
    every, truth = faced.simulated, faced.truth
    others = [k for k in range(len(every.points)) if k != truth]
    points, summaries, surveys = every.points, every.summaries, every.surveys
    text = synthetic.observed(every.profile, points[truth], summaries[truth], surveys[truth])
    facing = make_profile(every.profile.study, text)
    misses = np.array([
        synthetic.missed(facing, points[k], summaries[k], surveys[k]) for k in others
    ])  # fmt: skip
    draws = adjusted(every.place[others], misses, faced.kept)
    return [float(each) for each in draws.rank(every.place[truth])]


def rank_truths(
    study: CalibrationStudy,
    folder: Path,
    truths: int | None = None,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> RankTest:
    """Rank truths of the prior among the draws of their posteriors.

    Parameters
    ----------
    study : CalibrationStudy
    folder : pathlib.Path
        Of the calibration; what is computed is kept in its ``sbc``.
    truths : int, optional
        By default the study's.
    workers, scheduler, tell : optional
        As in `sim77.analysis.calibrate.calibrate.calibrate`.

    Returns
    -------
    RankTest
    """
    say = tell or (lambda _: None)
    within, reduced = folder / FOLDER, study.for_sbc()
    within.mkdir(parents=True, exist_ok=True)
    claim(folder, study)
    profile = make_profile(reduced)
    truths = truths or int(study.sbc.get("truths", TRUTHS))
    n = max(int(study.sbc.get("simulations", SIMULATIONS)), truths)
    kept = float(study.sbc.get("kept", KEPT))
    with locked(within), open_cluster(workers, scheduler) as cluster:
        say(f"{n} simulations")
        points = synthetic.prior_points(reduced, n)
        with closing(Evaluations(within / EVALUATIONS_FILE, cluster)) as evaluations:
            requested = synthetic.wanted(profile, points, reduced.scale)
            summaries = evaluations(requested)
        surveys = synthetic.surveys(profile, n)
        simulated = Simulated(profile, points, summaries, surveys)
        say(f"{truths} truths, each inferred from the other simulations")
        given = [[each.name, each.error] for each in profile.targets]
        drawn = [
            [each.errors.tolist(), {name: x.tolist() for name, x in each.allowances.items()}]
            for each in surveys
        ]
        keys = [each.key for each in requested]
        settings = _hash(reduced.hash, keys, given, drawn, kept)
        faced = [Faced(truth, kept, simulated, settings) for truth in range(truths)]
        with (
            closing(ResultCache(within / RANKS_FILE, cluster)) as results,
            warnings.catch_warnings(),
        ):
            # Each truth is held against all simulations: some megabytes a task, as it must be.
            warnings.filterwarnings("ignore", message="Sending large graph")
            ranks = np.array(results.plain(rank_of, faced))
    return judged(_table(profile, points, ranks))


def _hash(*content: Any) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _table(profile: Profile, points: Sequence[synthetic.Values], ranks: np.ndarray) -> pd.DataFrame:
    bins = bins_for(len(ranks))
    return pd.DataFrame([
        {
            "truth": number, "parameter": free.name, "value": points[number - 1][free.name],
            "rank": rank, "bin": min(int(rank * bins), bins - 1),
        }
        for number, row in enumerate(ranks, start=1)
        for free, rank in zip(profile.study.free, row, strict=True)
    ])  # fmt: skip


def bins_for(truths: int) -> int:
    """Return into how many bins the ranks of some truths are counted: an even number."""
    return max(min(MOST_BINS, truths // LEAST_IN_BIN) // 2 * 2, 2)


def judged(ranks: pd.DataFrame) -> RankTest:
    """Test whether the ranks of each parameter are uniform, by chi-square over bins."""
    rows, parameters = [], ranks["parameter"].nunique()
    for parameter, each in ranks.groupby("parameter", sort=False):
        bins = bins_for(len(each))
        counts = np.bincount(each["bin"], minlength=bins)
        expected = len(each) / bins
        chi_square = float(np.square(counts - expected).sum() / expected)
        p_value = float(chi2.sf(chi_square, bins - 1))
        passed = p_value >= CHANCE / parameters
        rows.append({
            "parameter": parameter, "truths": len(each), "bins": bins, "chi_square": chi_square,
            "p_value": p_value, "mean_rank": float(each["rank"].mean()),
            "held_80": float(each["rank"].between(0.1, 0.9).mean()),
            "shape": "uniform" if passed else _shape(each["rank"].to_numpy()), "passed": passed,
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return RankTest(ranks, table, bool(table["passed"].all()))


def _shape(ranks: np.ndarray) -> str:
    """Name what ranks that are not uniform look like, by the moment that is furthest off."""
    root = np.sqrt(12.0 * len(ranks))
    shift = (ranks.mean() - 0.5) * root
    # The mean of (rank - 1/2)^2 is 1/12 with a variance of 1/180.
    spread = (np.square(ranks - 0.5).mean() - 1.0 / 12.0) * np.sqrt(180.0 * len(ranks))
    if abs(shift) > abs(spread):
        # A truth ranked high lies above its posterior, which is then too low.
        return "too_low" if shift > 0.0 else "too_high"
    return "too_narrow" if spread > 0.0 else "too_wide"
