"""What may be opened: communes, numbers of desks, what they cost a year, and plans made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim77.core import calendar
from sim77.core.errors import StudyError
from sim77.core.units import CENTRE_AREAS
from sim77.engine.booking import share_at_price, visitor_hours
from sim77.engine.columns import Sites, cheapest, sites_of_run
from sim77.engine.organisations.operators import (
    MONTHS_PER_YEAR,
    MonthLedger,
    month_accounts,
    site_traits,
)
from sim77.registry.levers import ALL, lever
from sim77.registry.parameters import ParameterSet
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.sites import new_id
from sim77.territory.territory import Territory

SIZES = (5, 10, 20, 40)
"""Numbers of desks that a new telecentre may have."""

USUAL_DESKS = 10
"""Desks of each site that the default budget pays, at urban cost."""


class Site(NamedTuple):
    """A telecentre to open."""

    commune: str
    desks: int

    @property
    def telecentre_id(self) -> str:
        """Its id in a scenario."""
        return new_id(self.commune)


Plan = tuple[Site, ...]
"""Sites to open, by commune code."""


def plan_of(sites: Iterable[Site | tuple[str, int]]) -> Plan:
    """Return sites as a plan: two with the same sites are equal."""
    return tuple(sorted(Site(*site) for site in sites))


@dataclass(frozen=True)
class Candidates:
    """The communes where a telecentre may open.

    Attributes
    ----------
    codes, names : tuple of str
        Of the communes, in the order of the territory.
    sites : Sites
        The new telecentres there, one a commune.
    sizes : tuple of int
        Numbers of desks to choose from, increasing.
    cost_eur_per_year : numpy.ndarray, shape (n_candidates, n_sizes)
        What the operator pays in a year, whatever the use.
    others_eur_per_day : numpy.ndarray, shape (n_candidates, n_sizes)
        What users who are not simulated pay on a working day.
    free_desks : numpy.ndarray, shape (n_candidates, n_sizes)
        Desks that those users leave, on average.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    sites: Sites
    sizes: tuple[int, ...]
    cost_eur_per_year: np.ndarray
    others_eur_per_day: np.ndarray
    free_desks: np.ndarray

    def place(self, commune: str) -> int:
        """Return the position of a commune."""
        return self.codes.index(commune)

    def at(self, site: Site) -> tuple[int, int]:
        """Return the position of a site in the arrays."""
        return self.place(site.commune), self.sizes.index(site.desks)

    def cost_of(self, plan: Plan) -> float:
        """Return what a plan costs a year, in euros."""
        return float(sum(self.cost_eur_per_year[self.at(site)] for site in plan))


def base_scenario(
    scenario: Scenario, start: dt.date, end: dt.date, *, from_scratch: bool
) -> Scenario:
    """Return the scenario that plans are added to.

    Parameters
    ----------
    scenario : Scenario
    start, end : datetime.date
        The days to simulate, as the scenario's own period.
    from_scratch : bool
        Whether its telecentres are taken away, and what it does to single ones.

    Returns
    -------
    Scenario
    """
    if not from_scratch:
        return scenario.with_(start=start, end=end)
    kept = [
        change
        for change in scenario.changes
        if not lever(change.lever).target.startswith("telecentre") or change.target == ALL
    ]
    return scenario.with_(start=start, end=end, network=(), changes=tuple(kept))


def scenario_with(base: Scenario, plan: Plan) -> Scenario:
    """Return a scenario with the sites of a plan open from the start, besides its own."""
    new = tuple(SiteSpec(site.telecentre_id, desks=site.desks) for site in plan)
    return base.with_(network=(*base.network, *new))


def find_candidates(
    base: Scenario, territory: Territory, sizes: Sequence[int] = SIZES
) -> Candidates:
    """List the communes without a telecentre, and what one would cost there.

    Parameters
    ----------
    base : Scenario
        What is there already.
    territory : Territory
    sizes : sequence of int

    Returns
    -------
    Candidates
    """
    state = base.state_on(base.start, territory)
    table = territory.sites.set_index("telecentre_id")["commune_code"]
    # Those that open later in the scenario too.
    opened = [str(each.target) for each in base.changes if each.lever == "open_telecentre"]
    taken = {table[each] for each in (*(site.telecentre_id for site in base.network), *opened)}
    communes = territory.communes[~territory.communes["code"].isin(taken)]
    if communes.empty:
        raise StudyError("every commune has a telecentre already: there is nowhere to open one.")
    codes = tuple(communes["code"])
    new = [new_id(code) for code in codes]
    sites = sites_of_run(territory, new, state.parameters.same_place_km)
    sizes = tuple(sorted(set(sizes)))
    accounts = [_accounts(territory, sites, desks, state.parameters) for desks in sizes]
    cost, others, free = (np.stack(column, axis=1) for column in zip(*accounts, strict=True))
    return Candidates(
        codes, tuple(communes["name"]), sites, sizes, MONTHS_PER_YEAR * cost, others, free
    )


def _accounts(
    territory: Territory, sites: Sites, desks: int, p: ParameterSet
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost of a month, receipts of a day from others and desks they leave, (n_sites,) each.

    The operators' own accounts of one day, as if it were the month
    (`sim77.engine.organisations.operators`).
    """
    n = len(sites.ids)
    day_eur, _ = cheapest(p.price_day_eur, p.price_half_day_eur, p.price_hour_eur, p)
    price = np.full(n, day_eur)
    share = share_at_price(p.array("exogenous_share", CENTRE_AREAS)[sites.area], price, p)
    day = MonthLedger(n, 1)
    day.open_days += 1.0
    day.desk_days += desks
    hours = visitor_hours(np.full(n, desks), np.ones(n), np.full(n, p.price_hour_eur), p)
    day.revenue_others_eur += desks * share * price + hours * p.price_hour_eur
    traits = site_traits(territory.sites.iloc[sites.row])
    accounts = month_accounts(day, traits, np.zeros(n), p)
    return accounts.cost_eur, accounts.revenue_others_eur, (1.0 - share) * desks


def usual_budget_eur(candidates: Candidates, n_sites: int) -> float:
    """Return what sites of about `USUAL_DESKS` desks cost a year where they cost most."""
    size = int(np.abs(np.array(candidates.sizes) - USUAL_DESKS).argmin())
    return float(n_sites * candidates.cost_eur_per_year[:, size].max())


def first_days(scenario: Scenario, days: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last of some working days of a scenario.

    They begin on its first Monday in March or later, a month without school holidays for most and
    far from the absences of summer, or else on its first day.
    """
    march = max(scenario.start, dt.date(scenario.start.year, 3, 1))
    monday = march + dt.timedelta(days=-march.weekday() % 7)
    for start in (monday, scenario.start):
        found = calendar.working_days(start, scenario.end)
        if len(found) >= days:
            return found[0], found[days - 1]
    raise StudyError(
        f"the scenario '{scenario.name}' has fewer than {days} working days: ask for fewer --days."
    )
