"""Boxes in the space of the factors: how the EMA workbench finds them, and what lies in them.

A box is a table of two rows, the low and the high ends, and one column a factor, as in the
workbench; of a categorical factor both rows hold the set of its categories.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim77.analysis.sweep.frames import is_text
from sim77.analysis.sweep.workbench import importing_workbench
from sim77.core.extras import needs


def workbench() -> Any:
    """Return what is used of the EMA workbench, imported when first needed (it loads much)."""
    with needs("sweep"), importing_workbench():
        from ema_workbench.analysis.cart import CART
        from ema_workbench.analysis.feature_scoring import get_ex_feature_scores
        from ema_workbench.analysis.prim import Prim
        from ema_workbench.analysis.scenario_discovery_util import RuleInductionType
    return SimpleNamespace(
        CART=CART,
        Prim=Prim,
        get_ex_feature_scores=get_ex_feature_scores,
        BINARY=RuleInductionType.BINARY,
        REGRESSION=RuleInductionType.REGRESSION,
    )


def factor_frame(points: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the factors as the workbench wants them.

    Parameters
    ----------
    points : pandas.DataFrame
        A row a design point, with a column a factor.
    names : list of str
        The factors taken.

    Returns
    -------
    pandas.DataFrame
        Columns ``f0``, ``f1`` …, because the workbench drops a column called ``scenario``, which is
        a factor here; numbers as float64, texts as categories.
    """
    return pd.DataFrame(
        {
            f"f{place}": (
                pd.Categorical(points[name].astype(str)) if is_text(points[name])
                else points[name].to_numpy(float)
            )
            for place, name in enumerate(names)
        }
    )  # fmt: skip


def prim_box(
    frame: pd.DataFrame, holds: np.ndarray, mass_min: float, quasi_p: float
) -> pd.DataFrame:
    """Return the limits of the best box, shape (2, n_factors), with its quasi-p in ``attrs``.

    PRIM cuts a category off whole, many points at once, and so may spend the points on a category
    that chance favours before it gets at the others. A categorical factor that ends up limited no
    better than by chance is therefore taken away, and the box looked for again.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `factor_frame`.
    holds : numpy.ndarray, shape (n_cases,), bool
        The cases of interest.
    mass_min : float
        Least share of the cases in a box.
    quasi_p : float
        An end that chance gives with this probability or a greater one is opened.
    """
    box, columns = whole_box(frame), list(frame.columns)
    box.attrs["quasi_p"] = {}
    while columns:
        found, place = _best_box(frame[columns], holds, mass_min)
        unsure = [
            (max(pair), name) for name, pair in found.qp[place].items()
            if is_text(frame[name]) and max(pair) >= quasi_p
        ]  # fmt: skip
        if not unsure:
            limits = _opened(found, place, frame[columns], quasi_p)
            box[columns] = limits
            box.attrs["quasi_p"] = limits.attrs["quasi_p"]
            break
        columns.remove(max(unsure)[1])
    return box


def _best_box(frame: pd.DataFrame, holds: np.ndarray, mass_min: float) -> tuple[Any, int]:
    """Return the workbench's boxes, and which has the best mean of coverage and density."""
    # The workbench counts as of interest what reaches the threshold: any number above 0, up to 1.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about coming changes of pandas
        prim = workbench().Prim(frame.copy(), holds.astype(int), threshold=1e-9, mass_min=mass_min)
        found = prim.find_box()
    path = found.peeling_trajectory
    coverage, density = (path[name].to_numpy(float) for name in ("coverage", "density"))
    return found, int((coverage * density / (coverage + density)).argmax())


def _opened(found: Any, place: int, frame: pd.DataFrame, quasi_p: float) -> pd.DataFrame:
    """Return a box without the ends that chance may give, the least sure taken away first."""
    limits, p_values = found.box_lims[place].copy(), found.qp[place]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while worst := _least_sure(p_values, quasi_p):
            name, side = worst
            for each in [0, 1] if is_text(frame[name]) else [side]:
                limits.at[each, name] = found.box_lims[0].at[each, name]
            found.update(limits.copy(), np.flatnonzero(inside(frame, limits)))
            p_values = found.qp[-1]
    limits.attrs["quasi_p"] = {name: max(pair) for name, pair in p_values.items()}
    return limits


def _least_sure(p_values: dict[str, list[float]], quasi_p: float) -> tuple[str, int] | None:
    """Return the limit, of all low (0) and high (1) ends, that chance gives most often, if any.

    The workbench writes -1 for an end that is not limited.
    """
    ends = [
        (value, name, side)
        for name, pair in p_values.items() for side, value in enumerate(pair)
    ]  # fmt: skip
    value, name, side = max(ends, default=(-1.0, "", 0))
    return (name, side) if value >= quasi_p else None


def whole_box(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the box that holds every case."""
    ends = {}
    for name, column in frame.items():
        if is_text(column):
            every = set(column.unique())
            ends[name] = [every, every]
        else:
            ends[name] = [column.min(), column.max()]
    return pd.DataFrame(ends)


def inside(frame: pd.DataFrame, box: pd.DataFrame) -> np.ndarray:
    """Say which cases lie in a box.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `factor_frame`.
    box : pandas.DataFrame

    Returns
    -------
    numpy.ndarray, shape (n_cases,), bool
    """
    inside = np.ones(len(frame), dtype=bool)
    for name, column in frame.items():
        low, high = box[name].iloc[0], box[name].iloc[1]
        if is_text(column):
            inside &= column.isin(low).to_numpy()
        else:
            inside &= (column.to_numpy() >= low) & (column.to_numpy() <= high)
    return inside


class Limit(NamedTuple):
    """Where a box is narrower than the whole space along one column."""

    column: str
    low: float  # NaN where the box reaches the end of the range, or of categories
    high: float
    values: tuple[str, ...]  # the categories in the box; none of numbers


def limits_of(box: pd.DataFrame, frame: pd.DataFrame) -> list[Limit]:
    """Return the limits of a box, in the order of the columns.

    Parameters
    ----------
    box : pandas.DataFrame
    frame : pandas.DataFrame
        From `factor_frame`.
    """
    whole, found = whole_box(frame), []
    for name, column in frame.items():
        (low, high), (least, most) = box[name], whole[name]
        if is_text(column):
            if len(low) < len(least):
                found.append(Limit(str(name), np.nan, np.nan, tuple(sorted(low))))
        elif low > least or high < most:
            ends = float(low) if low > least else np.nan, float(high) if high < most else np.nan
            found.append(Limit(str(name), *ends, ()))
    return found


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson's score.

    Parameters
    ----------
    k, n : int
        Cases of interest, and cases; n at least 1.

    References
    ----------
    Wilson, E. B. (1927). Journal of the American Statistical Association 22, 209–212.
    """
    z, share = 1.959964, k / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # Exactly 0 and 1 at the ends, which rounding would miss by the last bit.
    low = 0.0 if k == 0 else float(middle - half)
    return low, 1.0 if k == n else float(middle + half)
