"""Who works far away: the occupation mix by distance to work.

A territory's table gives the mix of each workplace zone. In 77 half of the managers live more than
19 km from work, half of the clerical workers less than 10 (MK-02); a mix that is the same at every
distance of a zone cannot say that. So the odds of an occupation change by the crow-fly kilometre to
work, as they do where each occupation has a gravity decay of its own
(`sim77.engine.supply.gravity`), and one factor a zone and occupation keeps the zone's mix::

    P(group | home, work) ~ factor[zone, group] * exp(slope[group] * km)

A zone with one workplace (Paris) keeps one mix: the distance there is that of homes, of which
nothing is known by occupation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root

from sim77.core.units import OCCUPATION_GROUPS, WORKPLACE_ZONES
from sim77.engine.supply.access import Floats
from sim77.engine.supply.gravity import gravity_shares, workplace_km
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

SORTED_GROUPS = ("managers", "clerical")
"""Occupations whose distance to work is known."""

ROUNDS = 30
"""Of proportional fitting to a zone's mix, which is then met to some 1e-9."""


def slopes_per_km(parameters: ParameterSet) -> Floats:
    """Return by how much the log-odds of each occupation go up per kilometre to work, (5,)."""
    found = np.zeros(len(OCCUPATION_GROUPS))
    for name in SORTED_GROUPS:
        found[OCCUPATION_GROUPS.index(name)] = parameters[f"odds_per_km_{name}"]
    return found


def zone_mixes(territory: Territory) -> Floats:
    """Return the shares of occupations by workplace zone, (4, 5); rows sum to 1."""
    mix = territory.occupations.pivot(index="workplace_zone", columns="group", values="share")
    table = mix.reindex(index=WORKPLACE_ZONES, columns=OCCUPATION_GROUPS).fillna(0.0).to_numpy()
    total = table.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(table, total, out=np.zeros(table.shape), where=total > 0))


def trips(territory: Territory, parameters: ParameterSet, zone: str) -> tuple[Floats, Floats]:
    """Return expected workers and crow-fly km of a zone, both (n_communes, n_destinations)."""
    there = territory.workplaces.loc[territory.workplaces["zone"] == zone]
    km = workplace_km(territory.communes, there)
    shares = gravity_shares(
        km, there["jobs_weight"].to_numpy(float), parameters.gravity_decay_per_km
    )
    flows = territory.flows.loc[territory.flows["workplace_zone"] == zone]
    workers = flows.set_index("commune_code")["workers"].reindex(territory.communes["code"])
    return shares * workers.fillna(0.0).to_numpy(float)[:, None], km


def shares_by_km(workers: Floats, km: Floats, mix: Floats, slope_per_km: Floats) -> Floats:
    """Return the occupation shares of each pair of home and work, (..., 5).

    Parameters
    ----------
    workers, km : numpy.ndarray, shape (...)
        Expected workers and crow-fly kilometres.
    mix : numpy.ndarray, shape (5,)
        Shares of all these workers together, which are kept.
    slope_per_km : numpy.ndarray, shape (5,)
    """
    odds = np.exp(km[..., None] * slope_per_km)
    weight = workers / max(workers.sum(), 1e-300)
    factor = mix.copy()
    found = odds * factor
    for _ in range(ROUNDS):
        found /= found.sum(axis=-1, keepdims=True)
        reached = np.tensordot(weight, found, axes=weight.ndim)
        factor *= np.divide(mix, reached, out=np.zeros(mix.shape), where=reached > 0)
        found = odds * factor
    return np.asarray(found / found.sum(axis=-1, keepdims=True))


def occupation_shares(territory: Territory, parameters: ParameterSet, zone: str) -> Floats:
    """Return the occupation shares by home and workplace of a zone, (n_communes, n_work, 5).

    Destinations in the order of the zone's rows of ``territory.workplaces``. The middle axis is 1
    where every workplace of the zone has the same mix.
    """
    mix = zone_mixes(territory)[WORKPLACE_ZONES.index(zone)]
    slopes = slopes_per_km(parameters)
    workers, km = trips(territory, parameters, zone)
    if workers.shape[1] <= 1 or not slopes.any() or not workers.sum() > 0.0:
        return np.broadcast_to(mix, (workers.shape[0], 1, mix.size))
    return shares_by_km(workers, km, mix, slopes)


def fit_slopes_per_km(
    territory: Territory, parameters: ParameterSet, medians_km: dict[str, float]
) -> tuple[dict[str, float], Floats]:
    """Find the slopes that give occupations their median distance to work.

    Zones other than those with one workplace are taken together: only the mix of all of them is
    known, and what each of them has follows from the distances.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
    medians_km : dict of str to float
        Observed crow-fly medians of `SORTED_GROUPS`, all zones together.

    Returns
    -------
    slope_per_km : dict of str to float
    mixes : numpy.ndarray, shape (4, 5)
        Shares of occupations by zone that follow.
    """
    by_zone = [trips(territory, parameters, zone) for zone in WORKPLACE_ZONES]
    fixed = np.concatenate([np.full(each.size, each.shape[1] <= 1) for each, _ in by_zone])
    workers, km = (np.concatenate([each[k].ravel() for each in by_zone]) for k in (0, 1))
    zone = np.repeat(np.arange(len(by_zone)), [each.size for each, _ in by_zone])
    mixes, size = zone_mixes(territory), np.bincount(zone, workers)
    moving = np.unique(zone[~fixed])
    pooled = size[moving] @ mixes[moving] / size[moving].sum()
    columns = [OCCUPATION_GROUPS.index(name) for name in SORTED_GROUPS]

    def shares(slopes: Floats) -> Floats:
        each = np.zeros(len(OCCUPATION_GROUPS))
        each[columns] = slopes
        found = mixes[zone]
        found[~fixed] = shares_by_km(workers[~fixed], km[~fixed], pooled, each)
        return found

    def missed(slopes: Floats) -> list[float]:
        persons = workers[:, None] * shares(slopes)
        return [
            float(persons[km <= medians_km[name], column].sum() / persons[:, column].sum() - 0.5)
            for name, column in zip(SORTED_GROUPS, columns, strict=True)
        ]

    solved = root(missed, np.zeros(len(columns)), method="hybr", options={"eps": 0.005}).x
    persons = workers[:, None] * shares(solved)
    counted = np.stack([np.bincount(zone, column) for column in persons.T], axis=1)
    by_name = {name: float(x) for name, x in zip(SORTED_GROUPS, solved, strict=True)}
    return by_name, counted / counted.sum(axis=1, keepdims=True)


def draw_groups(
    territory: Territory,
    parameters: ParameterSet,
    commune: NDArray[np.int32],
    zone: NDArray[np.int8],
    destination: NDArray[np.int32],
    u: Floats,
) -> NDArray[np.int8]:
    """Draw the occupation group of each worker, (n,), given home and workplace.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
    commune, zone, destination : numpy.ndarray, shape (n,)
        Rows of communes, index into ``WORKPLACE_ZONES``, rows of ``territory.workplaces``.
    u : numpy.ndarray, shape (n,)
        Uniform draws.
    """
    group = np.zeros(zone.size, dtype=np.int8)
    for index, name in enumerate(WORKPLACE_ZONES):
        mine = np.flatnonzero(zone == index)
        if mine.size == 0:
            continue
        shares = occupation_shares(territory, parameters, name)
        first = np.flatnonzero((territory.workplaces["zone"] == name).to_numpy())
        column = np.searchsorted(first, destination[mine]) if shares.shape[1] > 1 else 0
        bounds = shares.cumsum(axis=-1)[..., :-1]
        group[mine] = (u[mine, None] >= bounds[commune[mine], column]).sum(axis=1)
    return group
