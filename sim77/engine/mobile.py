"""Mobile staff at the desks: people between two appointments who may sit down in a centre.

Sales staff and technicians do not commute to one office, so they are no workers of the model; they
are demand for desks by the half-day that answers to price, distance and services (all assumed). The
visits of a day in a commune are proportional to the residents at work there; each visitor chooses
between the centres near the appointment and none (a car, a café) by a logit.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.core.units import Plan
from sim77.engine.arrays import Centres
from sim77.engine.choice.utility import nested_by_place
from sim77.engine.columns import Sites
from sim77.engine.supply.access_cache import legs_to_telecentres
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory


def expected_visitors(
    territory: Territory,
    sites: Sites,
    centres: Centres,
    known: np.ndarray,
    parameters: ParameterSet,
) -> np.ndarray:
    """Return the visitors a day that each centre may expect, at full scale.

    ``share_k = exp V_k / (1 + sum_j exp V_j)`` over the open centres in reach of people with a car,
    those of a place nested as for workers (`sim77.engine.choice.utility`), with
    ``V_k = asc_mobile + attraction_k + theta (b_time m_access 2 perceived minutes
    + b_cost (2 access euros + half-day price))``.

    Parameters
    ----------
    territory : Territory
    sites : Sites
    centres : Centres
        Today's offer.
    known : numpy.ndarray, shape (n_sites,)
        Share that knows each centre: so many of them look for it.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_sites,)
    """
    p = parameters
    if len(sites.ids) == 0:
        return np.zeros(0)
    by_car = (slice(None), 1)
    access = legs_to_telecentres(territory, sites.row, p)
    perceived_min, eur = access.perceived_min[by_car], access.cost_eur[by_car]
    utility = (
        p.asc_mobile
        + centres.attraction[Plan.TELECENTRE]
        + p.theta
        * (
            2.0 * p.beta_time_per_min * p.multiplier_access_telecentre * perceived_min
            + p.beta_cost_per_eur * (2.0 * eur + centres.price_half)
        )
    )
    near = access.fastest_min[by_car] <= p.max_access_min
    utility = np.where(centres.open & near, utility, -np.inf)
    odds = np.exp(nested_by_place(utility, centres.place_key, 1.0, p.mu_place))
    share = odds / (1.0 + odds.sum(axis=1, keepdims=True))
    residents = territory.communes["residents_at_work"].to_numpy(dtype=np.float64)
    return np.asarray(residents * p.mobile_visits_per_resident_at_work @ share * known)


def visitors_today(
    seed: int, keys: np.ndarray, expected: np.ndarray, free: np.ndarray, day: int, scale: float
) -> np.ndarray:
    """Return the desks that mobile staff take this morning and this afternoon.

    Poisson by centre and half of the day, at most the desks that are free.

    Parameters
    ----------
    seed : int
    keys : numpy.ndarray of uint32, shape (n_sites,)
    expected : numpy.ndarray, shape (n_sites,)
        Visitors a day at full scale (`expected_visitors`).
    free : numpy.ndarray of int64, shape (n_sites, 2)
    day : int
    scale : float
        Share of the desks that exist in the run.

    Returns
    -------
    numpy.ndarray of int64, shape (n_sites, 2)
    """
    u = draws.units(seed, Purpose.MOBILE_STAFF, keys, np.zeros_like(keys), day=day, lanes=2)
    wanted = poisson_quantile(u, 0.5 * scale * expected[:, None])
    return np.minimum(wanted.astype(np.int64), free)


def poisson_quantile(u: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return the least n with ``P(N <= n) >= u`` of Poisson variables, u strictly in (0, 1).

    As `scipy.stats.poisson.ppf`, to the bit, without the half millisecond in which that checks and
    broadcasts any possible argument; this is asked every day.
    """
    least = np.ceil(special.pdtrik(u, mean))
    below = np.maximum(least - 1.0, 0.0)
    return np.where(special.pdtr(below, mean) >= u, below, least)
