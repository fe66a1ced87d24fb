"""Who may work remotely, solved on the rates by occupation: stage (a), agreements.

The rate of a group is ``teleworkable x covered x take-up``. Take-up follows from behaviour, which
is one for both years; the group's two rates (2017 and 2022) therefore need two shares covered, and
the group's constant for home and the share covered cannot both be told from one rate: only their
product is seen. What is known of coverage is weakest (no count of who is allowed, over half of the
teleworkers of 2017 had no formal agreement), so

- ``asc_home`` is one level for all groups, free in stage (b): days a week and distances bear on it;
- the share covered, by group and year, is solved here: a rate grows with it, nearly in proportion;
- the distribution of allowances is solved with it by least squares on days a week, drawn to the
  registry's first guess where the days say nothing.

Both stay inside the registry's ranges. A rate that even the greatest share covered does not reach
is left unreached, and is a miss in the table of targets and a distance in stage (b).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import scipy

from sim77.analysis.calibrate.indicators import TELEWORK_INDICATORS, Agreements, days_parts
from sim77.analysis.calibrate.observe import ANCHORS, EMPLOYEES, Summary
from sim77.analysis.calibrate.targets import Target, mix_named
from sim77.engine.choice.allowance import ALLOWANCES, SIZE_NAMES, teleworkable_shares
from sim77.engine.population.population import INDEPENDENTS
from sim77.registry.parameters import load_parameters, resolve

ROUNDS = 4
"""Shares covered and allowances are solved in turn; they hardly move after the second."""

STEPS = 3
"""Of the shares covered, each time: the solved rates are then right to a few millionths."""

PULL = 0.25
"""Weight of the first guess of allowances: a quarter of the registry's range counts as one error
of a target, times this."""

SUM_WEIGHT = 1e4
"""Weight of the row that makes allowances sum to 1."""


def first_guess(anchor: str, parameters: Mapping[str, float]) -> Agreements:
    """Return the registry's agreements of a year, with what `parameters` replace."""
    return agreements_on(ANCHORS[anchor].start, parameters)


def agreements_on(day: dt.date, parameters: Mapping[str, float]) -> Agreements:
    """Return the registry's agreements of a day, with what `parameters` replace."""
    values = resolve(day, parameters)
    return Agreements(
        teleworkable=teleworkable_shares(values)[:INDEPENDENTS],
        covered=values.array("share_covered", EMPLOYEES),
        allowances=values.array("share_allowance", [str(each) for each in ALLOWANCES]),
        size_factors=values.array("coverage_factor", SIZE_NAMES),
        size_weights=values.array("share_workers", SIZE_NAMES),
    )


def model_value(target: Target, summary: Summary, agreements: Agreements) -> float:
    """Return what the model says of a target, in its unit."""
    function = TELEWORK_INDICATORS[target.indicator]
    return function(summary, agreements, mix_named(target.options.get("mix", "")), target.options)


def solve_agreements(summary: Summary, start: Agreements, targets: Sequence[Target]) -> Agreements:
    """Solve the shares covered and the allowances of a year.

    Parameters
    ----------
    summary : Summary
        Of the year.
    start : Agreements
        The first guess.
    targets : sequence of Target
        Of the year: those of use ``solve`` give the shares covered, those of use ``fit`` that count
        days a week the allowances.

    Returns
    -------
    Agreements
    """
    days = [each for each in targets if each.use == "fit" and each.family.startswith("days")]
    found = start
    for _ in range(ROUNDS):
        found = solve_covered(summary, found, targets)
        if days:
            found = _with_allowances(summary, found, start.allowances, days)
    return solve_covered(summary, found, targets)


def solve_covered(
    summary: Summary, agreements: Agreements, targets: Sequence[Target]
) -> Agreements:
    """Solve the shares covered of a year with the allowances held, in steps that follow the rates.

    Without an effect of the way to work a rate is in proportion to the share covered, and the
    first step arrives.

    Parameters
    ----------
    summary : Summary
        Of the year.
    agreements : Agreements
    targets : sequence of Target
        Of the year: those of use ``solve`` that are about a group are used.

    Returns
    -------
    Agreements
    """
    rates = [each for each in targets if each.use == "solve" and "group" in each.options]
    for _ in range(STEPS):
        covered = agreements.covered.copy()
        for target in rates:
            g = EMPLOYEES.index(target.options["group"])
            entry = load_parameters()[f"share_covered_{EMPLOYEES[g]}"]
            reached = model_value(target, summary, agreements)
            wanted = covered[g] * target.value / reached if reached > 0.0 else entry.high
            covered[g] = np.clip(wanted, entry.low, entry.high)
        agreements = replace(agreements, covered=covered)
    return agreements


def never_shrinking(agreements: Mapping[str, Agreements]) -> dict[str, Agreements]:
    """Return agreements by anchor year in which nobody loses one from a year to the next.

    Each year is solved on its own rates. Those of manual workers are 0.2 % in both, with an error
    of 0.3 points: take-up grew, so that the share covered would fall by what no row can tell from
    nothing. The later share is raised to the earlier one, in what ships.
    """
    found: dict[str, Agreements] = {}
    least = np.zeros(len(EMPLOYEES))
    for anchor in sorted(agreements, key=lambda name: ANCHORS[name].start):
        least = np.maximum(least, agreements[anchor].covered)
        found[anchor] = replace(agreements[anchor], covered=least)
    return found


def _with_allowances(
    summary: Summary, agreements: Agreements, guess: np.ndarray, days: Sequence[Target]
) -> Agreements:
    """Solve the allowances with the shares covered held.

    A statistic of days is a ratio ``n @ a / d @ a`` of sums linear in the allowances ``a``. Its
    miss ``(n - target d) @ a / d @ a`` is linear but for the last factor, which is taken from
    the round before; so each round is a bounded linear least-squares problem. What makes shares
    sum to 1 is one more row, of great weight.
    """
    entries = [load_parameters()[f"share_allowance_{each}"] for each in ALLOWANCES]
    low, high = (np.array([getattr(each, end) for each in entries]) for end in ("low", "high"))
    pull = np.sqrt(PULL) / ((high - low) / 4.0)
    rows = [_days_row(each, summary, agreements) for each in days]
    matrix = np.vstack([*rows, np.diag(pull), np.full(guess.size, SUM_WEIGHT)])
    wanted = np.concatenate((np.zeros(len(rows)), pull * guess, [SUM_WEIGHT]))
    found = scipy.optimize.lsq_linear(matrix, wanted, bounds=(low, high), method="bvls").x
    # The row that makes them sum to 1 leaves some 1e-8: shared out, it may pass an end of a range.
    return replace(agreements, allowances=np.clip(found / found.sum(), low, high))


def _days_row(target: Target, summary: Summary, agreements: Agreements) -> np.ndarray:
    """Return the miss of a target of days, in errors, per unit of each allowance, (4,)."""
    mix = mix_named(target.options.get("mix", ""))
    above, below = days_parts(summary, agreements, mix, target)
    total = float(below @ agreements.allowances)
    if total <= 0.0:
        return np.zeros(len(ALLOWANCES))
    return (above - target.value * below) / (total * target.error)
