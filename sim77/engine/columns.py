"""The columns that the kernels read: workers, choosers, centres and what is in reach of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import ndtri

from sim77.core.draws import Purpose, site_key, units
from sim77.core.units import CENTRE_AREAS, CENTRE_KINDS, NOT_SEEN, OCCUPATION_GROUPS, SERVICES
from sim77.engine.arrays import Centres, ChoiceSets, Choosers, Workers
from sim77.engine.choice.allowance import Entitlements
from sim77.engine.choice.terms import by_kind
from sim77.engine.places import first_of_place, place_keys
from sim77.engine.population.population import INDEPENDENTS, Population
from sim77.engine.supply.access import TelecentreAccess, table_km
from sim77.engine.supply.access_cache import legs_to_telecentres
from sim77.registry.parameters import FrozenDict, ParameterSet
from sim77.scenario.policy import SiteState
from sim77.territory.territory import Territory


@dataclass(frozen=True)
class Sites:
    """The telecentres of a run, in the order opening date, then id; shape (n_sites,) each.

    Attributes
    ----------
    ids, names : tuple of str
    row : numpy.ndarray of int64
        Row in ``territory.sites``.
    key : numpy.ndarray of uint32
        Stable key for draws.
    place_key : numpy.ndarray of uint32
        The same for sites near each other (`sim77.engine.places`).
    known_key : numpy.ndarray of uint32
        That of the first site of the place: who knows one site of a place knows the others.
    commune : numpy.ndarray of int64
        Row in ``territory.communes``: its own or, of a site outside the territory, the nearest.
    kind, area : numpy.ndarray of int64
        Indices into `CENTRE_KINDS` and `CENTRE_AREAS`.
    services : numpy.ndarray of float64
        Number of the `SERVICES` offered.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    row: np.ndarray
    key: np.ndarray
    place_key: np.ndarray
    known_key: np.ndarray
    commune: np.ndarray
    kind: np.ndarray
    area: np.ndarray
    services: np.ndarray


def sites_of_run(territory: Territory, ids: list[str], same_place_km: float) -> Sites:
    """Look up the sites that open at any time in a run, given in their order."""
    table = territory.sites
    row_of = {name: row for row, name in enumerate(table["telecentre_id"])}
    row = np.array([row_of[name] for name in ids], dtype=np.int64)
    chosen = table.iloc[row]
    commune = pd.Index(territory.communes["code"]).get_indexer(chosen["commune_code"])
    nearest = table_km(territory.communes, chosen).argmin(axis=0)
    first = table["telecentre_id"].iloc[first_of_place(territory, same_place_km)[row]]
    return Sites(
        ids=tuple(ids),
        names=tuple(chosen["name"]),
        row=row,
        key=np.array([site_key(name) for name in ids], dtype=np.uint32),
        place_key=place_keys(territory, same_place_km)[row],
        known_key=np.array([site_key(name) for name in first], dtype=np.uint32),
        commune=np.where(commune >= 0, commune, nearest),
        kind=np.array([CENTRE_KINDS.index(kind) for kind in chosen["kind"]], dtype=np.int64),
        area=np.array([CENTRE_AREAS.index(area) for area in chosen["area"]], dtype=np.int64),
        services=chosen[list(SERVICES)].to_numpy(dtype=np.float64).sum(axis=1),
    )


def centres_in_reach(territory: Territory, sites: Sites, parameters: ParameterSet) -> np.ndarray:
    """Return which centres lie within ``max_access_min``, bool (2 n_communes, n_centres).

    Whether one does depends on the fastest mode, not on the one taken: nothing that comes nearer
    leaves a choice set. At most ``max_centres`` a row, the first in the order of the sites, so that
    a site which opens later pushes none out. Rows are commune x 2 + car.
    """
    fastest_min = legs_to_telecentres(territory, sites.row, parameters).fastest_min
    rows = (2 * len(territory.communes), len(sites.ids))
    near = fastest_min.reshape(rows) <= parameters.max_access_min
    return np.asarray(near & (near.cumsum(axis=1) <= parameters.max_centres))


def choice_sets_of_centres(
    territory: Territory, sites: Sites, near: np.ndarray, parameters: ParameterSet
) -> ChoiceSets:
    """List the centres in reach (`centres_in_reach`) with the access legs to them."""
    access = legs_to_telecentres(territory, sites.row, parameters)
    centre = np.broadcast_to(np.arange(near.shape[1]), near.shape)

    def pick(column: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(column.reshape(near.shape)[near])

    return ChoiceSets(
        start=np.concatenate(([0], near.sum(axis=1).cumsum())),
        centre=pick(centre).astype(np.int64),
        travel=np.stack([pick(each) for each in access_utility(access, parameters)]),
        minutes=pick(access.minutes),
        km=pick(np.asarray(access.distance_km)),
        mode=pick(access.mode).astype(np.int8),
        leader=_leaders(near, sites.place_key),
    )


def _leaders(near: np.ndarray, place_key: np.ndarray) -> np.ndarray:
    """Return which alternative of its row is the first at the same place, by entry.

    Parameters
    ----------
    near : numpy.ndarray of bool, shape (n_rows, n_sites)
    place_key : numpy.ndarray, shape (n_sites,)
    """
    place = np.unique(place_key, return_inverse=True)[1]
    row, site = np.nonzero(near)
    alternative = (near.cumsum(axis=1) - 1)[row, site]
    # Entries are in the order of their rows: the first one of a row and place leads.
    key = row * (place.max(initial=0) + 1) + place[site]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    return alternative[first][which].astype(np.int64)


def access_utility(access: TelecentreAccess, parameters: ParameterSet) -> np.ndarray:
    """Return the utility of the way to centres and back, (4, n_communes, 2, n_centres).

    The first axis is the kind of plan.
    """
    p = parameters
    one_way = by_kind(
        centre_access=p.beta_time_per_min * p.multiplier_access_telecentre * access.perceived_min,
        centre_access_cost=p.beta_cost_per_eur * access.cost_eur,
    )
    return 2.0 * p.theta * one_way


def attraction(
    kind: np.ndarray, services: np.ndarray, colocation: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the utility of being at centres, way and price apart, (4, n_centres).

    Parameters
    ----------
    kind : numpy.ndarray of int, shape (n_centres,)
        Index into `CENTRE_KINDS`.
    services : numpy.ndarray, shape (n_centres,)
        Number of `SERVICES` offered.
    colocation : numpy.ndarray, shape (n_centres,)
        Desks occupied a day at the place.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (4, n_centres)
        By kind of plan.
    """
    p = parameters
    return by_kind(
        centre_constant=p.array("asc_tc", CENTRE_KINDS)[kind],
        services=p.utility_per_service * (services - p.reference_services),
        colocation=p.g_colocation * np.log1p(colocation),
    )


def sum_by_place(sites: Sites, by_site: np.ndarray) -> np.ndarray:
    """Return at each site the sum over all sites of its place, shape (n_sites,)."""
    place = np.unique(sites.place_key, return_inverse=True)[1]
    return np.bincount(place, weights=by_site, minlength=0)[place] if place.size else by_site


def most_alternatives(choice_sets: ChoiceSets) -> int:
    """Return the greatest number of centres in reach of anybody."""
    return int(np.diff(choice_sets.start).max(initial=0))


def centre_columns(
    sites: Sites, open_sites: Sequence[SiteState], colocation: np.ndarray, parameters: ParameterSet
) -> Centres:
    """Return what centres offer under the policies of a day.

    Parameters
    ----------
    sites : Sites
    open_sites : sequence of SiteState
        Those open today, with desks and prices.
    colocation : numpy.ndarray, shape (n_sites,)
        Mean desks occupied a day over the last simulated week at each.
    parameters : ParameterSet

    Returns
    -------
    Centres
    """
    by_id = {site.telecentre_id: site for site in open_sites}
    here = [by_id.get(name) for name in sites.ids]
    is_open = np.array([site is not None for site in here], dtype=np.bool_)
    prices = np.array([cheapest_prices(site, parameters) for site in here]).reshape(-1, 2)
    day, half = np.ascontiguousarray(prices.T)
    return Centres(
        key=sites.key,
        place_key=sites.place_key,
        alone=sum_by_place(sites, is_open.astype(np.float64)) <= 1.0,
        open=is_open,
        attraction=attraction(
            sites.kind,
            sites.services,
            sum_by_place(sites, np.where(is_open, colocation, 0.0)),
            parameters,
        ),
        price_day=day,
        price_half=half,
    )


def cheapest_prices(site: SiteState | None, parameters: ParameterSet) -> tuple[float, float]:
    """Return what a whole and a half day cost at a site, 0 at one that is not open."""
    if site is None:
        return 0.0, 0.0
    prices = site.price_day_eur, site.price_half_day_eur, site.price_hour_eur
    return cheapest(*prices, parameters)


def cheapest(
    day_eur: float, half_day_eur: float, hour_eur: float, parameters: ParameterSet
) -> tuple[float, float]:
    """Return what a whole and a half day cost, by the day, the half-day or the hour."""
    half = min(half_day_eur, parameters.hours_per_half_day * hour_eur)
    return min(day_eur, 2.0 * half), half


def worker_columns(population: Population, alternatives: int, taste: np.ndarray) -> Workers:
    """Return fresh worker columns: no memory, nothing planned."""
    n = population.low.size
    return Workers(
        low=population.low,
        high=population.high,
        commune=population.commune,
        market=population.market,
        kind_of_worker=population.kind_of_worker,
        works=population.works,
        afternoon=population.afternoon,
        weight=population.weight,
        taste=taste,
        chooser=np.full(n, -1, dtype=np.int32),
        present=np.zeros(n, dtype=np.uint8),
        allowance=np.zeros(n, dtype=np.int8),
        used=np.zeros(n, dtype=np.int8),
        isolation=np.zeros(n),
        last_kind=np.full(n, -1, dtype=np.int8),
        office_units=np.full((5, n), NOT_SEEN, dtype=np.uint8),
        kind=np.full(n, -1, dtype=np.int8),
        mode=np.zeros(n, dtype=np.int8),
        office_mode=np.zeros(n, dtype=np.int8),
        office_taste=np.zeros(n),
        alternative=np.full(n, -1, dtype=np.int8),
        familiar=np.full(n, 0xFFFFFFFF, dtype=np.uint32),
        subscribed=np.zeros(n, dtype=np.uint32),
        asked_eur=np.zeros((n, max(alternatives, 1)), dtype=np.float32),
        employer_paid_eur=np.zeros(n, dtype=np.float32),
        # By kind in memory: nearly all add to the days at the office only.
        days_by_kind=np.zeros((4, n), dtype=np.uint16),
        minutes_saved=np.zeros(n),
    )


def chooser_columns(
    population: Population,
    rights: Entitlements,
    parameters: ParameterSet,
    *,
    for_themselves: bool = False,
) -> Choosers:
    """Return the columns of the workers who have an allowance, or whose office closes.

    Parameters
    ----------
    population : Population
    rights : Entitlements
    parameters : ParameterSet
    for_themselves : bool
        Whether all work for themselves, whatever their group.

    Returns
    -------
    Choosers
    """
    worker = np.flatnonzero((rights.half_days > 0) | (rights.closed != 0))
    commune = population.commune[worker]
    asc_home = parameters.array("asc_home", OCCUPATION_GROUPS)[population.group[worker]]
    taste_home = parameters.sd_taste_home * taste_for_home(population, worker, parameters)
    taste_centre = parameters.sd_taste_telecentre * population.z_telecentre[worker].astype(
        np.float64
    )
    n = worker.size
    return Choosers(
        worker=worker,
        low=population.low[worker],
        high=population.high[worker],
        market=population.market[worker],
        choice_set=(commune.astype(np.int64) * 2 + population.car_available[worker]),
        lasting=by_kind(
            home_constant=asc_home, taste_home=taste_home, taste_telecentre=taste_centre
        ),
        fibre=np.zeros(n),
        share_paid=rights.share_paid[worker],
        desk_price_eur=np.zeros(n),
        anchor=rights.anchor[worker],
        closed=rights.closed[worker],
        considers=considers_centres(population, worker, parameters, for_themselves=for_themselves),
        norm=np.zeros(n),
        presence=np.ones((5, n)),
        week_value=np.full(n, np.nan),
        odds=np.zeros((5, 2, n)),
    )


def considers_centres(
    population: Population,
    workers: np.ndarray | int,
    parameters: ParameterSet,
    *,
    for_themselves: bool = False,
) -> np.ndarray:
    """Return whether some workers ever consider a shared place of work, one draw for life.

    Most people never do, whatever it costs: who chooses among what is a stage before the choice
    (Manski 1977; Swait and Ben-Akiva 1987). Independents and all who work for themselves consider
    it more often than employees.
    """
    mine = np.atleast_1d(workers)
    share = share_considering(population, mine, parameters, for_themselves=for_themselves)
    low, high = population.low[mine], population.high[mine]
    return np.asarray(units(population.seed, Purpose.CONSIDERATION, low, high)[:, 0] < share)


def share_considering(
    population: Population,
    workers: np.ndarray,
    parameters: ParameterSet,
    *,
    for_themselves: bool = False,
) -> np.ndarray:
    """Return the probability that each of some workers considers a shared place of work."""
    own = for_themselves | (population.group[workers] == INDEPENDENTS)
    p = parameters
    return np.where(own, p.share_considering_independents, p.share_considering_employees)


def taste_for_home(
    population: Population, workers: np.ndarray | int, parameters: ParameterSet
) -> np.ndarray:
    """Return the standard normal lasting taste for home of some workers.

    People and employers find each other: ``k Phi^-1(u) + sqrt(1 - k**2) z``, with ``u`` the rank of
    the employer's allowance, ``z`` the worker's own draw and ``k`` `corr_taste_allowance`. An
    independent's rank is a draw of their own.
    """
    k = parameters.corr_taste_allowance
    rank = ndtri(population.u_allowance[workers].astype(np.float64))
    return np.asarray(k * rank + np.sqrt(1.0 - k**2) * population.z_home[workers])


def fibre_share(
    territory: Territory, day: date, parameters: ParameterSet, start_of: Mapping[str, date]
) -> np.ndarray:
    """Return the share of premises with fibre by commune, growing linearly from its start.

    Assumed from the order of the roll-out, densest communes first (territory table).

    Parameters
    ----------
    territory : Territory
    day : datetime.date
    parameters : ParameterSet
    start_of : mapping of str to datetime.date
        By commune code, starts that replace the table's.

    Returns
    -------
    numpy.ndarray, shape (n_communes,)
    """
    start = _fibre_start(territory, FrozenDict(start_of))
    return np.clip((day.toordinal() - start) / parameters.fibre_rollout_days, 0.0, 1.0)


@lru_cache(maxsize=16)
def _fibre_start(territory: Territory, start_of: FrozenDict[date]) -> np.ndarray:
    """Return the day on which the roll-out starts, as an ordinal, by commune."""
    communes = territory.communes
    start = [
        (start_of.get(code) or date.fromisoformat(text)).toordinal()
        for code, text in zip(communes["code"], communes["fibre_start"], strict=True)
    ]
    return np.array(start, dtype=np.float64)
