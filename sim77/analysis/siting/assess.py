"""Judge plans on seeds that the search has never seen: intervals, random networks, regret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from sim77.analysis.compare.tables import student_half_width
from sim77.analysis.siting.candidates import Candidates, Plan, Site, plan_of
from sim77.analysis.siting.evaluate import GAINS, OBJECTIVE_COLUMN, Progress, Simulator
from sim77.core.variance import half_widths
from sim77.registry.parameters import load_parameters, on_top
from sim77.scenario.posterior import Posterior
from sim77.scenario.scenario import Scenario

FRESH = 1000
"""How far the first fresh seed is from the first training seed."""

UNCERTAIN: Mapping[str, tuple[str, ...]] = {
    "asc_tc": ("asc_tc_telecentre", "asc_tc_coworking"),
    "theta": ("theta",),
    "mu_remote": ("mu_remote",),
    "mu_place": ("mu_place",),
    "sd_taste_telecentre": ("sd_taste_telecentre",),
    "multiplier_access_telecentre": ("multiplier_access_telecentre",),
    "asc_half": ("asc_half",),
    "g_colocation": ("g_colocation",),
    "price_day_eur": ("price_day_eur",),
    "exogenous_share_urban": ("exogenous_share_urban",),
    "exogenous_share_rural": ("exogenous_share_rural",),
}
"""What no observation settles and where to open depends on; those of one name move together."""


class Interval(NamedTuple):
    """A mean over seeds and its 95 % interval (Student); nan ends with one seed."""

    mean: float
    low: float
    high: float


def interval(values: np.ndarray, *, drawn: bool = False) -> Interval:
    """Return the mean and the interval of values by seed, (n_seeds,).

    Parameters
    ----------
    values : numpy.ndarray
    drawn : bool
        Each seed has a draw of a posterior: the interval is that of one more draw
        (`sim77.core.variance.half_widths`).
    """
    by_seed = np.asarray(values, dtype=float)[:, None]
    half = float(half_widths(by_seed).whole if drawn else student_half_width(by_seed)[0])
    mean = float(np.mean(values))
    return Interval(mean, mean - half, mean + half)


def random_plans(
    candidates: Candidates, n_sites: int, budget_eur: float, number: int, seed: int
) -> list[Plan]:
    """Draw networks of the same number of sites that spend the same budget.

    Communes are drawn evenly; then, in a random order, sites get their next number of desks until
    the budget pays none any more.

    Parameters
    ----------
    candidates : Candidates
    n_sites : int
    budget_eur : float
        A year.
    number : int
    seed : int

    Returns
    -------
    list of Plan
    """
    generator = np.random.default_rng(seed)
    return [_random_plan(candidates, n_sites, budget_eur, generator) for _ in range(number)]


def _random_plan(
    candidates: Candidates, n_sites: int, budget_eur: float, generator: np.random.Generator
) -> Plan:
    cost = candidates.cost_eur_per_year
    places: list[int] = []
    spent = 0.0
    for place in generator.permutation(len(candidates.codes)):
        rest = np.sort(np.delete(cost[:, 0], [*places, place]))[: n_sites - len(places) - 1]
        if spent + cost[place, 0] + rest.sum() <= budget_eur:
            places.append(int(place))
            spent += cost[place, 0]
        if len(places) == n_sites:
            break
    sizes = dict.fromkeys(places, 0)
    growing = list(places)
    while growing:
        place = growing[generator.integers(len(growing))]
        size = sizes[place]
        more = np.inf if size + 1 == cost.shape[1] else cost[place, size + 1] - cost[place, size]
        if spent + more <= budget_eur:
            sizes[place], spent = size + 1, spent + more
        else:
            growing.remove(place)
    return plan_of(Site(candidates.codes[j], candidates.sizes[s]) for j, s in sizes.items())


def judge(
    found: Mapping[str, list[dict[str, float]]],
    reference: str,
    column: str,
    *,
    drawn: bool = False,
) -> pd.DataFrame:
    """Return the gains of plans over the base, with intervals, and what they lack to one of them.

    Parameters
    ----------
    found : mapping of str to list of dict
        By plan, `sim77.analysis.siting.evaluate.gains` of each seed, in one order of the seeds.
    reference : str
        The plan that the others are compared with.
    column : str
        Of `GAINS`, in which they are compared.
    drawn : bool
        As in `interval`.

    Returns
    -------
    pandas.DataFrame
        One row a plan: ``plan``, of each of `GAINS` the mean, ``_low`` and ``_high``, and
        ``behind``, ``behind_low``, ``behind_high``: reference minus plan, paired by seed.
    """
    best = np.array([gain[column] for gain in found[reference]])
    rows = []
    for name, gains in found.items():
        row: dict[str, object] = {"plan": name}
        for each in GAINS:
            row |= _named(each, interval(np.array([gain[each] for gain in gains]), drawn=drawn))
        lacking = best - np.array([gain[column] for gain in gains])
        row |= _named("behind", interval(lacking, drawn=drawn))
        rows.append(row)
    return pd.DataFrame(rows)


def _named(name: str, found: Interval) -> dict[str, float]:
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def draws_of_parameters(number: int, seed: int, posterior: Posterior | None = None) -> pd.DataFrame:
    """Return draws of what is uncertain, one row each.

    Parameters
    ----------
    number, seed : int
    posterior : Posterior, optional
        Gives its parameters, by the draws of the seeds from `seed` on.

    Returns
    -------
    pandas.DataFrame
        A column for each of `UNCERTAIN` that the posterior does not have, a Latin hypercube over
        the plausible ranges; then a column for each parameter of the posterior.
    """
    drawn = () if posterior is None else posterior.parameters
    ranges = {key: names for key, names in UNCERTAIN.items() if not {*names} & {*drawn}}
    if number == 0:
        return pd.DataFrame(columns=[*ranges, *drawn], dtype=float)
    known = load_parameters()
    low = [known[names[0]].low for names in ranges.values()]
    high = [known[names[0]].high for names in ranges.values()]
    sample = scipy.stats.qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(seed)).random(
        number
    )
    frame = pd.DataFrame(scipy.stats.qmc.scale(sample, low, high), columns=list(ranges))
    if posterior is None:
        return frame
    rows = [posterior.draw(posterior.index_for(seed + each)) for each in range(number)]
    return pd.concat((frame, pd.DataFrame(rows)), axis=1)


def regret(
    simulator: Simulator,
    plans: Mapping[str, Plan],
    draws: pd.DataFrame,
    seed: int,
    objective: str,
    progress: Progress | None = None,
    posterior: Posterior | None = None,
) -> pd.DataFrame:
    """Return the gain and the regret of plans under draws of the uncertain parameters.

    Parameters
    ----------
    simulator : Simulator
    plans : mapping of str to Plan
    draws : pandas.DataFrame
        From `draws_of_parameters`.
    seed : int
        The same for all draws.
    objective : str
    progress : callable, optional
    posterior : Posterior, optional
        That `draws` were made with.

    Returns
    -------
    pandas.DataFrame
        One row a draw and plan: ``draw``, the parameters, ``plan``, ``gain``, and ``regret``, the
        gain that the best of these plans has more.
    """
    column, rows = OBJECTIVE_COLUMN[objective], []
    drawn: list[dict[str, float]] = [
        dict(zip(draws.columns, values, strict=True)) for values in draws.to_numpy().tolist()
    ]
    bases = [_moved(simulator.base, values, posterior) for values in drawn]
    jobs = [(plan, seed, base) for base in bases for plan in ((), *plans.values())]
    simulator.run_all(jobs, progress)
    for number, (base, values) in enumerate(zip(bases, drawn, strict=True)):
        gains = {name: simulator.gains(plan, seed, base)[column] for name, plan in plans.items()}
        best = max(gains.values())
        rows += [
            {"draw": number, **values, "plan": name, "gain": gain, "regret": best - gain}
            for name, gain in gains.items()
        ]
    return pd.DataFrame(rows, columns=["draw", *draws.columns, "plan", "gain", "regret"])


def _moved(base: Scenario, values: Mapping[str, float], posterior: Posterior | None) -> Scenario:
    """Return the base with a draw: the posterior's under what it sets, that of ranges over it."""
    drawn = () if posterior is None else posterior.parameters
    under = on_top({name: values[name] for name in drawn}, base.parameters)
    over = {
        name: values[key]
        for key, names in UNCERTAIN.items()
        if key in values and key not in drawn
        for name in names
    }
    return base.with_(parameters=under).with_(parameters=over)
