"""What the analyses say of one outcome of a stored sweep, as numbers and words for the browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.discovery import discovery, robustness
from sim77.analysis.discovery.condition import Condition, Term
from sim77.analysis.sensitivity.indices import delta
from sim77.analysis.sensitivity.main_effects import main_effects
from sim77.analysis.sweep.frames import noise_shares, point_means
from sim77.analysis.sweep.outcome_direction import better_of
from sim77.analysis.sweep.results import Sweep
from sim77.app.numbers import number
from sim77.app.state.state import is_condition
from sim77.app.studies.sweep import VOICES, facts_for
from sim77.core.errors import ResultError
from sim77.report.locale import Locale
from sim77.report.study.facts import ANALYSES, Finding, StudyFacts, or_reason
from sim77.report.study.tables import rule_text
from sim77.report.study.text import (
    box_text,
    condition_text,
    factor_of,
    limit_text,
    noise_text,
    order_text,
    regret_text,
    why_not,
)

MOST_CASES = 4000
"""Design points above which PRIM and delta, which take long, are left to ``sim77 report``."""
MOST_COMBINATIONS = 200

_SIGN = re.compile(r"<=|>=|<|>")
_MAIN = {"sobol": "first", "morris": "mu_star", "delta": "delta", "grid": "first",
         "scores": "score"}  # fmt: skip


# What matters ------------------------------------------------------------------------------


def matters(sweep: Sweep, outcome: str) -> dict[str, Any]:
    """Return how much each factor matters for an outcome, by the method that the design allows.

    Parameters
    ----------
    sweep : Sweep
    outcome : str

    Returns
    -------
    dict
        ``method`` (``sobol``, ``morris``, ``delta``, ``grid``, or ``scores`` where no other can be
        had), ``rows`` (factor, value, low, high, and of Sobol the total), ``pairs``; ``noise`` and
        whether the first can be put in ``order``, in words; or ``why_not``.
    """
    method, table = _sensitivity(sweep, outcome)
    noise = _noise(sweep, outcome)
    if isinstance(table, str):
        reason = table
        method, table = "scores", or_reason(lambda: _scores(sweep, outcome))
        if isinstance(table, str):
            return _none("sensitivity", reason) | {"noise": noise}
    return {
        "method": method,
        "rows": _rows(table, _MAIN[method]),
        "pairs": _pairs(table),
        "noise": noise,
        "order": _each(lambda locale: order_text(_leading(table, method), locale)),
    }


def _leading(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Return the rows by which factors are sorted."""
    order = "total" if method == "sobol" else _MAIN[method]
    return table[table["order"] == order].reset_index(drop=True)


def _sensitivity(sweep: Sweep, outcome: str) -> tuple[str, pd.DataFrame | str]:
    made_for = sweep.study.plan.method
    if made_for == "grid":
        return "grid", or_reason(lambda: main_effects(sweep, outcome))
    method, analysis = ANALYSES.get(made_for, ("delta", delta))
    if method == "delta" and sweep.study.n_points > MOST_CASES:
        return method, "many"
    return method, or_reason(lambda: analysis(sweep, outcome))


def _scores(sweep: Sweep, outcome: str) -> pd.DataFrame:
    table = discovery.feature_scores(sweep, [outcome])
    return table.rename(columns={"score": "index"}).assign(other="", order="score")


def _rows(table: pd.DataFrame, order: str) -> list[dict[str, Any]]:
    totals = table[table["order"] == "total"].set_index("factor")
    rows = []
    for row in table[table["order"] == order].to_dict("records"):
        found = _estimate(row) | {"factor": row["factor"]}
        if row["factor"] in totals.index:
            whole = _estimate(totals.loc[row["factor"]])
            found |= {"total": whole["value"], "total_low": whole["low"],
                      "total_high": whole["high"]}  # fmt: skip
        rows.append(found)
    return sorted(rows, key=lambda each: -(each.get("total") or each["value"] or 0.0))


def _pairs(table: pd.DataFrame) -> list[dict[str, Any]]:
    second = table[table["order"] == "second"]
    rows = [_estimate(row) | {"factor": row["factor"], "other": row["other"]}
            for row in second.to_dict("records")]  # fmt: skip
    return sorted(rows, key=lambda each: -(each["value"] or 0.0))


def _estimate(row: Mapping[Any, Any] | pd.Series) -> dict[str, Any]:
    return {
        key: number(float(row[column]))
        for key, column in (("value", "index"), ("low", "low"), ("high", "high"))
    }


def _noise(sweep: Sweep, outcome: str) -> dict[str, str]:
    finding = _finding(sweep, outcome)
    return _each(lambda locale: noise_text(finding, locale))


# Conditions --------------------------------------------------------------------------------


def conditions(sweep: Sweep, outcome: str, where: str = "") -> dict[str, Any]:
    """Return where in the space of the factors an outcome lies beyond a threshold.

    Parameters
    ----------
    sweep : Sweep
    outcome : str
    where : str
        ``<``, ``<=``, ``>`` or ``>=`` and a number; blank for `usual_condition`.

    Returns
    -------
    dict
        ``sign`` and ``number`` of the condition and its words; ``box`` of PRIM and ``leaves`` of
        CART, or why there are none.
    """
    condition = _condition(outcome, where) if where else usual_condition(sweep, outcome)
    term, text = condition.terms[0], condition.text
    many = sweep.study.n_points > MOST_CASES
    box = "many" if many else or_reason(lambda: discovery.prim(sweep, text))
    leaves = or_reason(lambda: discovery.cart(sweep, text))
    facts = facts_for(sweep)
    return {
        "sign": term.sign,
        "number": number(term.number),
        "condition": _each(lambda locale: condition_text(condition, locale)),
        "box": _box(facts, box),
        "leaves": _leaves(facts, leaves),
    }


def usual_condition(sweep: Sweep, outcome: str) -> Condition:
    """Return what is looked for unless a viewer says otherwise.

    That the outcome is on the better side of zero where the study reaches both sides, else that it
    is among the best quarter of the points; more counts as better where neither is.
    """
    means = point_means(sweep, outcome)["mean"].to_numpy(float)
    sign = "<" if better_of(outcome) == "lower" else ">"
    threshold = 0.0
    if not means.min() < 0.0 < means.max():
        quarter = float(np.quantile(means, 0.25 if sign == "<" else 0.75))
        threshold = float(f"{quarter:.3g}")
    return Condition((Term(outcome, sign, threshold),))


def _condition(outcome: str, where: str) -> Condition:
    sign = _SIGN.match(where)
    if sign is None or not is_condition(where):
        raise ResultError(f"'{where}' is not a condition, expected one like '<0' or '>=12.5'.")
    return Condition((Term(outcome, sign[0], float(where[sign.end() :])),))


def _box(facts: StudyFacts, box: discovery.Box | str) -> dict[str, Any]:
    if isinstance(box, str):
        return _none("prim", box)
    limits = [
        {
            "factor": row["factor"],
            "low": number(row["low"]),
            "high": number(row["high"]),
            "values": list(row["values"]),
            "reproduced": number(row["reproduced"]),
            "text": _limit(facts, row),
        }
        for row in box.limits.to_dict("records")
    ]
    shares = ("coverage", "density", "density_low", "density_high", "mass", "base", "n", "n_in")
    return {
        "limits": limits,
        "sentence": _each(lambda locale: box_text(facts, box, locale)),
        **{name: number(getattr(box, name)) for name in shares},
    }


def _leaves(facts: StudyFacts, leaves: pd.DataFrame | str) -> dict[str, Any]:
    if isinstance(leaves, str):
        return _none("cart", leaves)
    shares = ("density", "low", "high", "coverage", "mass", "n")
    return {
        "rows": [
            {
                "rule": _rule(facts, row["rule"]),
                **{name: number(float(row[name])) for name in shares},
            }
            for row in leaves.to_dict("records")
        ]
    }


def _limit(facts: StudyFacts, row: Mapping[Hashable, Any]) -> dict[str, str]:
    factor = factor_of(facts, row["factor"])
    return _each(lambda locale: limit_text(factor, row, locale))


def _rule(facts: StudyFacts, rule: str) -> dict[str, str]:
    return _each(lambda locale: rule_text(facts, rule, locale))


# Regret ------------------------------------------------------------------------------------


def regret(sweep: Sweep, outcome: str) -> dict[str, Any]:
    """Return how each combination of levers does over the states of the world.

    Parameters
    ----------
    sweep : Sweep
    outcome : str

    Returns
    -------
    dict
        ``rows`` (the levers, mean, worst state, greatest regret with its interval, mean regret),
        the least regretted first, and a ``sentence``; or ``why_not``.
    """
    better = better_of(outcome)
    table: pd.DataFrame | str = "direction"
    if better:
        table = or_reason(lambda: robustness.robustness(sweep, outcome, better=better))
    if isinstance(table, str):
        return _none("regret", table)
    finding = _finding(sweep, outcome, better, table)
    facts = facts_for(sweep)
    levers = [each.name for each in sweep.factors if each.is_lever]
    return {
        "better": better,
        "levers": levers,
        "states": int(table["n_states"].iloc[0]),
        "combinations": len(table),
        "sentence": _each(lambda locale: regret_text(facts, finding, locale)),
        "rows": [
            {
                "levers": [each if isinstance(each, str) else number(float(each))
                           for each in (row[name] for name in levers)],
                **{name: number(float(row[name])) for name in (
                    "mean", "worst", "max_regret", "max_regret_low", "max_regret_high",
                    "mean_regret", "regret_q90")},
            }
            for row in table.head(MOST_COMBINATIONS).to_dict("records")
        ],
    }  # fmt: skip


def _finding(
    sweep: Sweep, outcome: str, better: str = "", table: pd.DataFrame | str = ""
) -> Finding:
    """Return what sentences on noise and on regret (`table`) need to know of an outcome."""
    points = point_means(sweep, outcome)
    return Finding(outcome, points, noise_shares(points), "", "", None, "", "", better, table)


def _none(analysis: str, reason: str) -> dict[str, Any]:
    """Say why an analysis has no result."""
    return {"why_not": _each(lambda locale: why_not(analysis, reason, locale))}


def _each(tell: Callable[[Locale], str]) -> dict[str, str]:
    """Return a sentence in each language."""
    return {language: tell(locale) for language, locale in VOICES.items()}
