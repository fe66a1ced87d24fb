"""Where in the space of levers and uncertainties something holds: PRIM, CART, feature scores.

Scenario discovery (Bryant & Lempert 2010) asks in which region of the factors a condition on the
outcomes is met: ``effect_co2e_travel_kg < 0`` on paired effects asks where the policy lowers the
CO2e of travel. The algorithms are those of the EMA workbench; the cases are design points, whose
outcomes are means over replications, so that no run counts twice.

References
----------
Kwakkel, J. H. (2017). The Exploratory Modeling Workbench. Environmental Modelling & Software 96,
239–250. Bryant, B. P. & Lempert, R. J. (2010). Thinking inside the box. Technological Forecasting &
Social Change 77, 34–49.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sim77.analysis.discovery.boxes import (
    factor_frame,
    inside,
    limits_of,
    prim_box,
    whole_box,
    wilson,
    workbench,
)
from sim77.analysis.discovery.condition import Condition, parse_condition
from sim77.analysis.sweep.frames import (
    NotApplicableError,
    point_means,
    varying,
)
from sim77.core.extras import needs

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep

LEAST_CASES = 20
"""Design points below which no region is looked for."""

QUASI_P = 0.05
"""A limit of a box stays if chance would give it less often than this."""

NORMAL_95 = 1.96
"""Standard deviations on either side of a mean that hold 95 % of a normal distribution."""

RESAMPLED = 10
"""Halves of the sample on which a box is looked for again."""


@dataclass(frozen=True)
class Box:
    """A region of the factors, and how well a condition holds in it.

    Attributes
    ----------
    condition : Condition
    limits : pandas.DataFrame
        A row a limited factor: ``factor``, ``low``, ``high`` (in the factor's unit, NaN where the
        box reaches the end of the range), ``values`` (tuple, of a categorical factor), ``quasi_p``
        (the largest of its limits), ``reproduced`` (share of the resampled halves whose box limits
        this factor too), ``range_low``, ``range_high``.
    coverage : float
        Share (0–1) of the points where the condition holds that lie in the box.
    density : float
        Share (0–1) of the points in the box where the condition holds.
    mass : float
        Share (0–1) of all points that lie in the box.
    base : float
        Share (0–1) of all points where the condition holds: the density without any box.
    density_low, density_high : float
        95 % interval of the density (Wilson 1927), as if the box had not been chosen by the same
        points: a lower bound of the doubt.
    n, n_in : int
        Design points in all, and in the box.
    """

    condition: Condition
    limits: pd.DataFrame
    coverage: float
    density: float
    mass: float
    base: float
    density_low: float
    density_high: float
    n: int
    n_in: int


def prim(
    sweep: Sweep,
    condition: str,
    *,
    mass_min: float = 0.05,
    quasi_p: float = QUASI_P,
    resampled: int = RESAMPLED,
    seed: int = 1,
) -> Box:
    """Find the box in which a condition holds, by the patient rule induction method.

    Parameters
    ----------
    sweep : Sweep
    condition : str
        ``<outcome> <op> <number>``, several joined by ``&``; op is one of < <= > >=.
    mass_min : float
        Least share of the points in a box.
    quasi_p : float
        Limits that chance gives this often or more are dropped from the box.
    resampled : int
        Halves of the sample for ``reproduced``; 0 leaves it NaN.
    seed : int
        Of these halves; PRIM itself draws nothing.

    Returns
    -------
    Box
        Of the peeling trajectory, the box with the greatest harmonic mean of coverage and density,
        without the limits that chance may give; factors of categories that chance may limit are
        left out before.

    Raises
    ------
    NotApplicableError
        Too few points, or a condition that holds everywhere or nowhere.
    ResultError
        No condition, or one on an unknown outcome.

    Notes
    -----
    The quasi-p value of a limit is the probability, by a binomial test, that as many points of
    interest would be in the box if the limit had no influence (Bryant & Lempert 2010); it does not
    allow for the search over many limits, which ``reproduced`` answers.

    References
    ----------
    Friedman, J. H. & Fisher, N. I. (1999). Bump hunting in high-dimensional data. Statistics and
    Computing 9, 123–143. Bryant & Lempert (2010), as in the module.
    """
    parsed, names, frame, holds = _cases(sweep, condition)
    box = prim_box(frame, holds, mass_min, quasi_p)
    seen = dict.fromkeys(frame.columns, 0)
    random = np.random.default_rng(seed)
    for _ in range(resampled):
        half = random.permutation(len(frame))[: len(frame) // 2]
        if 0 < holds[half].sum() < half.size:
            found = prim_box(
                frame.iloc[half].reset_index(drop=True), holds[half], mass_min, quasi_p
            )
            for each in limits_of(found, frame):
                seen[each.column] += 1
    within = _within(frame, box, holds)
    return Box(
        condition=parsed,
        limits=_limits(names, frame, box, seen, resampled),
        coverage=within["coverage"],
        density=within["density"],
        mass=within["mass"],
        base=float(holds.mean()),
        density_low=within["low"],
        density_high=within["high"],
        n=len(frame),
        n_in=int(within["n"]),
    )


def cart(
    sweep: Sweep, condition: str, *, mass_min: float = 0.05, leaves: int = 8, seed: int = 1
) -> pd.DataFrame:
    """Cut the space of the factors into boxes by a classification tree.

    Parameters
    ----------
    sweep : Sweep
    condition : str
        As in `prim`.
    mass_min : float
        Least share of the points in a leaf.
    leaves : int
        At most so many, so that the tree can be read.
    seed : int
        Decides between equally good cuts.

    Returns
    -------
    pandas.DataFrame
        A row a leaf, the densest first: ``leaf``, ``rule`` (text: ``price_day <= 9.2 & …``),
        ``density`` (share of its points where the condition holds), ``low``, ``high`` (95 %,
        Wilson 1927), ``coverage``, ``mass``, ``n`` (points in the leaf).

    References
    ----------
    Breiman, L., Friedman, J., Olshen, R. & Stone, C. (1984). Classification and Regression Trees.
    Lempert, R. J., Bryant, B. P. & Bankes, S. C. (2008). RAND WR-557.
    """
    with needs("sweep"):
        from sklearn.tree import DecisionTreeClassifier

    _, names, frame, holds = _cases(sweep, condition)
    algorithms = workbench()
    tree = algorithms.CART(frame, holds, mass_min=mass_min, mode=algorithms.BINARY)
    # The workbench's own call draws from the global generator and may grow a tree nobody can read.
    tree.clf = DecisionTreeClassifier(
        min_samples_leaf=max(int(mass_min * len(frame)), 1), max_leaf_nodes=leaves,
        min_impurity_decrease=0.005, random_state=seed,
    )  # fmt: skip
    tree.clf.fit(pd.get_dummies(frame, prefix_sep=tree.sep).to_numpy(), holds)
    if len(tree.feature_names) == 1:
        # The workbench looks up the "feature" of each leaf, which scikit-learn numbers -2.
        tree.feature_names = [*tree.feature_names, ""]
    boxes = tree.boxes if tree.clf.tree_.node_count > 1 else [whole_box(frame)]
    rows = [
        {"rule": " & ".join(_rule(names, frame, box))} | _within(frame, box, holds) for box in boxes
    ]
    table = pd.DataFrame(rows).sort_values(["density", "mass"], ascending=False, kind="stable")
    table.insert(0, "leaf", range(1, len(table) + 1))
    return table.reset_index(drop=True)


def feature_scores(
    sweep: Sweep, outcomes: str | Sequence[str] | None = None, *, resamples: int = 20, seed: int = 1
) -> pd.DataFrame:
    """Score how much each factor helps a forest of extremely randomised trees to tell an outcome.

    Parameters
    ----------
    sweep : Sweep
        Of any design.
    outcomes : str or sequence of str, optional
        All scalar outcomes of the sweep by default.
    resamples : int
        Random halves of the design points for the intervals, 2 or more.
    seed : int

    Returns
    -------
    pandas.DataFrame
        Columns ``outcome``, ``factor``, ``score`` (0–1; the scores of an outcome add up to 1),
        ``low``, ``high`` (95 %, by the delete-half jackknife), ``n`` (design points). An outcome
        that never changes is absent.

    Notes
    -----
    A factor without any influence has a score above zero, because trees also fit chance: read
    scores with few runs a point together with the share of noise.

    References
    ----------
    Geurts, P., Ernst, D. & Wehenkel, L. (2006). Machine Learning 63, 3–42. Jaxa-Rozen, M. &
    Kwakkel, J. (2018). Environmental Modelling & Software 107, 245–260. Shao, J. & Wu, C. F. J.
    (1989). The Annals of Statistics 17, 1176–1197 (the jackknife).
    """
    if isinstance(outcomes, str):
        outcomes = [outcomes]
    algorithms = workbench()
    with needs("sweep"):
        from joblib import parallel_config
    random = np.random.default_rng(seed)
    found = []
    for outcome in outcomes if outcomes is not None else sweep.outcomes:
        points = point_means(sweep, outcome)
        names = varying(sweep, points)
        y = points["mean"].to_numpy(float)
        if len(points) < LEAST_CASES or np.ptp(y) == 0:
            continue
        frame = factor_frame(points, names)

        def scores(rows: np.ndarray, frame: pd.DataFrame = frame, y: np.ndarray = y) -> np.ndarray:
            table, _ = algorithms.get_ex_feature_scores(
                frame.iloc[rows].reset_index(drop=True), y[rows], mode=algorithms.REGRESSION,
                max_features=max(1, round(frame.shape[1] / 3)), random_state=seed,
                oob_score=False,
            )  # fmt: skip
            return table[1].reindex(frame.columns).to_numpy(float)

        # Rows drawn twice would let trees fit chance: halves of the points vary as much as all of
        # them would in another sample.
        samples = [random.permutation(len(y))[: len(y) // 2] for _ in range(resamples)]
        # Trees of a forest grow at once, outside of Python's lock. Forests do not: scikit-learn
        # keeps the filters of warnings while one grows, which threads of ours would mix up.
        with parallel_config(n_jobs=-1):
            whole, *halves = map(scores, [np.arange(len(y)), *samples])
        half_width = NORMAL_95 * np.std(halves, axis=0, ddof=1)
        low, high = np.maximum(whole - half_width, 0.0), np.minimum(whole + half_width, 1.0)
        found.append(
            pd.DataFrame(
                {"outcome": outcome, "factor": names, "score": whole, "low": low, "high": high,
                 "n": len(y)}
            )
        )  # fmt: skip
    if not found:
        raise NotApplicableError(
            "few",
            f"feature scores need {LEAST_CASES} design points with outcomes that differ.",
        )
    return pd.concat(found, ignore_index=True)


# From a study to cases and back -----------------------------------------------------------


class _Cases(NamedTuple):
    """The design points of a study as cases of a condition."""

    condition: Condition
    names: dict[str, str]  # the factor behind each column of the frame
    frame: pd.DataFrame
    holds: np.ndarray  # whether the condition holds, (n_cases,) bool


def _cases(sweep: Sweep, condition: str) -> _Cases:
    """Return the factors of each point, and whether a condition holds there."""
    parsed = parse_condition(condition, sweep.outcomes)
    means = {term.outcome: point_means(sweep, term.outcome) for term in parsed.terms}
    points = next(iter(means.values()))
    for other in means.values():
        points = points.loc[points.index.intersection(other.index)]
    values = {name: frame.loc[points.index, "mean"] for name, frame in means.items()}
    holds = parsed.holds(values)
    names = varying(sweep, points)
    if len(points) < LEAST_CASES or not names:
        raise NotApplicableError(
            "few",
            f"looking for a region needs {LEAST_CASES} design points and a factor that varies; the "
            f"study has {len(points)} points with finished runs.",
        )
    if holds.all() or not holds.any():
        where = "every design point meets" if holds.all() else "no design point meets"
        raise NotApplicableError(
            "everywhere" if holds.all() else "nowhere",
            f"{where} '{parsed.text}': there is no region to look for.",
        )
    frame = factor_frame(points, names)
    return _Cases(parsed, dict(zip(map(str, frame.columns), names, strict=True)), frame, holds)


def _within(frame: pd.DataFrame, box: pd.DataFrame, holds: np.ndarray) -> dict[str, float]:
    """Return what lies in a box, by the names of `cart`'s columns."""
    within = inside(frame, box)
    n_in, k_in = int(within.sum()), int((within & holds).sum())
    low, high = wilson(k_in, n_in)
    return {
        "density": k_in / n_in,
        "low": low,
        "high": high,
        "coverage": k_in / int(holds.sum()),
        "mass": n_in / len(frame),
        "n": n_in,
    }


# Limits in the factors' own names and units ------------------------------------------------


def _limits(
    names: dict[str, str],
    frame: pd.DataFrame,
    box: pd.DataFrame,
    seen: dict[str, int],
    resampled: int,
) -> pd.DataFrame:
    """Return the limits of a box as in `Box.limits`."""
    whole, rows = whole_box(frame), []
    for column, low, high, values in limits_of(box, frame):
        least, most = (np.nan, np.nan) if values else map(float, whole[column])
        rows.append(
            {
                "factor": names[column],
                "low": low,
                "high": high,
                "values": values,
                "quasi_p": float(box.attrs["quasi_p"].get(column, np.nan)),
                "reproduced": seen[column] / resampled if resampled else np.nan,
                "range_low": least,
                "range_high": most,
            }
        )
    columns = ["factor", "low", "high", "values", "quasi_p", "reproduced", "range_low",
               "range_high"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _rule(names: dict[str, str], frame: pd.DataFrame, box: pd.DataFrame) -> list[str]:
    """Write the limits of a leaf as conditions on factors."""
    parts = []
    for column, low, high, values in limits_of(box, frame):
        if values:
            parts.append(f"{names[column]} = {' | '.join(values)}")
        if np.isfinite(low):
            parts.append(f"{names[column]} > {low:.4g}")
        if np.isfinite(high):
            parts.append(f"{names[column]} <= {high:.4g}")
    return parts
