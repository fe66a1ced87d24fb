"""The operators of telecentres: a month's accounts, and what they make an operator do.

An operator keeps a ledger of the month, closes its books on the last day, and, where the scenario
lets operators react, closes the centre, adds desks or moves its prices:

- *revenue*: what workers and others pay by the day, subscriptions, rooms hired out for other uses,
  hours sold to visitors; *subsidy*: by open desk, by desk-day sold, and for running the centre;
- *cost*: fixed, by desk and by service offered, less in rural areas; yearly costs and monthly
  amounts are spread evenly over the working days of the month, so half a month costs half, and
  each day counts at the parameters of that day;
- *break-even occupancy* = cost / (price x desks x open days), a day at a desk paid the cheapest
  way, as everybody pays it;
- *exit*: the loss cumulated since the start passes the reserve; a centre never reopens;
- *growth*: a full centre adds a share of its desks, at least one; an empty one removes none;
- *pricing*: all prices move by a small step, up when full, down when empty, within bounds.

Nothing is drawn. Numbers are at the scale of the whole population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim77.core.units import SERVICES
from sim77.registry.parameters import ParameterSet
from sim77.scenario.parts import PRICES
from sim77.scenario.policy import PolicyState, SiteState

MONTHS_PER_YEAR = 12.0
HALVES_PER_DAY = 2.0


class Traits(NamedTuple):
    """What a centre is, whatever the policies; arrays of shape (n_sites,) unless said."""

    rural: np.ndarray  # bool
    services: np.ndarray  # (n_sites, n_services) 1 where the service is offered
    rooms_for_hire: np.ndarray  # 1 where rooms are also sold for other uses


def site_traits(telecentres: pd.DataFrame) -> Traits:
    """Read what centres are from rows of the territory's table; a column left out means 0.

    Parameters
    ----------
    telecentres : pandas.DataFrame
        ``territory.sites.iloc[sites.row]``.

    Returns
    -------
    Traits
    """
    flags = telecentres.reindex(columns=[*SERVICES, "rooms_for_hire"]).fillna(0.0)
    offered = flags.to_numpy(dtype=np.float64)
    return Traits(
        rural=telecentres["area"].to_numpy() == "rural",
        services=offered[:, :-1],
        rooms_for_hire=offered[:, -1],
    )


class Posted(NamedTuple):
    """What holds at the centres on a day; arrays of shape (n_sites,), 0 where closed."""

    open: np.ndarray  # bool
    desks: np.ndarray
    price_day_eur: np.ndarray
    price_hour_eur: np.ndarray
    price_month_eur: np.ndarray
    subsidy_desk_month_eur: np.ndarray
    subsidy_day_eur: np.ndarray


def posted(ids: Sequence[str], sites: Sequence[SiteState]) -> Posted:
    """Return what the open sites of a day post, in the order of `ids`."""
    known = {site.telecentre_id: site for site in sites}
    here = [known.get(name) for name in ids]
    columns = (
        np.array([float(getattr(site, name)) if site else 0.0 for site in here])
        for name in Posted._fields[1:]
    )
    return Posted(np.array([site is not None for site in here], dtype=np.bool_), *columns)


class DayUse(NamedTuple):
    """What was used and paid at the centres on a day; arrays of shape (n_sites,)."""

    whole_days: np.ndarray  # desks of workers, subscribers included
    half_days: np.ndarray
    others: np.ndarray  # desks of users who are not simulated, whole days
    visitor_hours: np.ndarray  # sold to visitors, who take no desk
    subscriptions: np.ndarray  # held this month
    revenue_workers_eur: np.ndarray
    revenue_others_eur: np.ndarray
    day_eur: np.ndarray  # what a day at a desk costs, paid the cheapest way


@dataclass(init=False)
class MonthLedger:
    """Sums of a calendar month by site; arrays of shape (n_sites,).

    Parameters
    ----------
    n_sites : int
    working_days : int
        Working days of the calendar month, simulated or not.

    Attributes
    ----------
    open_days, desk_days : numpy.ndarray
        Days open, and desks summed over them.
    desk_days_sold : numpy.ndarray
        Desk-days of workers, subscribers and others; a half-day counts one half.
    full_house_eur : numpy.ndarray
        What all desks would bring if sold by the day, price x desks x open days, paid the cheapest
        way (`sim77.engine.columns.cheapest`).
    revenue_workers_eur, revenue_others_eur, revenue_subscriptions_eur, subsidy_eur : numpy.ndarray
        Others pay by the day, by the half-day or, visitors, by the hour. The subsidy is that by
        desk and by day.
    posted : Posted
        Of the last day added.
    """

    working_days: int
    open_days: np.ndarray
    desk_days: np.ndarray
    desk_days_sold: np.ndarray
    full_house_eur: np.ndarray
    revenue_workers_eur: np.ndarray
    revenue_others_eur: np.ndarray
    revenue_subscriptions_eur: np.ndarray
    subsidy_eur: np.ndarray
    cost_eur: np.ndarray
    revenue_rooms_eur: np.ndarray
    running_subsidy_eur: np.ndarray
    accrued_open_days: np.ndarray
    accrued_desk_days: np.ndarray
    posted: Posted

    def __init__(self, n_sites: int, working_days: int):
        self.working_days = working_days
        self.open_days, self.desk_days, self.desk_days_sold = np.zeros((3, n_sites))
        self.full_house_eur = np.zeros(n_sites)
        self.revenue_workers_eur, self.revenue_others_eur = np.zeros((2, n_sites))
        self.revenue_subscriptions_eur, self.subsidy_eur = np.zeros((2, n_sites))
        self.cost_eur, self.revenue_rooms_eur, self.running_subsidy_eur = np.zeros((3, n_sites))
        self.accrued_open_days, self.accrued_desk_days = np.zeros((2, n_sites))
        self.posted = posted([""] * n_sites, ())

    def add_day(self, offer: Posted, use: DayUse) -> None:
        """Add a simulated day; nothing is added to a closed site."""
        desks = np.where(offer.open, offer.desks, 0.0)
        sold = np.where(offer.open, use.whole_days + 0.5 * use.half_days + use.others, 0.0)
        self.open_days += offer.open
        self.desk_days += desks
        self.desk_days_sold += sold
        self.full_house_eur += desks * use.day_eur
        self.revenue_workers_eur += np.where(offer.open, use.revenue_workers_eur, 0.0)
        visitors_eur = use.visitor_hours * offer.price_hour_eur
        self.revenue_others_eur += np.where(offer.open, use.revenue_others_eur + visitors_eur, 0.0)
        self.revenue_subscriptions_eur += np.where(
            offer.open, use.subscriptions * offer.price_month_eur / self.working_days, 0.0
        )
        self.subsidy_eur += (
            desks * offer.subsidy_desk_month_eur / self.working_days + sold * offer.subsidy_day_eur
        )
        self.posted = offer

    def accrue(self, traits: Traits, parameters: ParameterSet) -> None:
        """Add what the days since the last time cost and earn whatever the use.

        To be called before the parameters change, so that each day counts at its own.

        Parameters
        ----------
        traits : Traits
        parameters : ParameterSet
            Of the days since the last time.
        """
        p = parameters
        open_days = self.open_days - self.accrued_open_days
        desk_days = self.desk_days - self.accrued_desk_days
        rooms = traits.rooms_for_hire * desk_days / p.room_hire_desks_per_room
        self.revenue_rooms_eur += (
            rooms * HALVES_PER_DAY * p.room_hire_share * p.room_hire_eur_per_half_day
        )
        month = open_days / self.working_days
        self.running_subsidy_eur += month * p.centre_subsidy_eur_per_year / MONTHS_PER_YEAR
        services = traits.services @ np.array([p[f"{name}_eur_per_year"] for name in SERVICES])
        a_year = (
            open_days * (p.centre_fixed_cost_eur_per_year + services)
            + desk_days * p.centre_desk_cost_eur_per_year
        )
        where = np.where(traits.rural, p.centre_cost_factor_rural, 1.0)
        self.cost_eur += where * a_year / (self.working_days * MONTHS_PER_YEAR)
        self.accrued_open_days, self.accrued_desk_days = (
            self.open_days.copy(),
            self.desk_days.copy(),
        )


class SiteAccounts(NamedTuple):
    """The books of a month by site; arrays of shape (n_sites,), euros unless said."""

    revenue_workers_eur: np.ndarray
    revenue_others_eur: np.ndarray  # users by the day and visitors by the hour
    revenue_subscriptions_eur: np.ndarray
    revenue_rooms_eur: np.ndarray
    subsidy_eur: np.ndarray
    cost_eur: np.ndarray
    margin_eur: np.ndarray  # revenue + subsidy - cost
    cumulated_eur: np.ndarray  # margins since the start of the run
    occupancy: np.ndarray  # share of desk-days sold; nan for who did not open
    break_even_occupancy: np.ndarray  # may exceed 1; inf at price 0; nan for who did not open
    subsidy_needed_eur: np.ndarray  # all subsidy that the month needs to break even
    subsidy_needed_per_desk_day_eur: np.ndarray  # by desk-day sold; inf if none, nan if not open


def month_accounts(
    ledger: MonthLedger, traits: Traits, cumulated_eur: np.ndarray, parameters: ParameterSet
) -> SiteAccounts:
    """Close the books of a month.

    Parameters
    ----------
    ledger : MonthLedger
        Brought up to date.
    traits : Traits
    cumulated_eur : numpy.ndarray, shape (n_sites,)
        Margins cumulated until the month began.
    parameters : ParameterSet
        Of the last days.

    Returns
    -------
    SiteAccounts
    """
    ledger.accrue(traits, parameters)
    revenue = (
        ledger.revenue_workers_eur
        + ledger.revenue_others_eur
        + ledger.revenue_subscriptions_eur
        + ledger.revenue_rooms_eur
    )
    subsidy = ledger.subsidy_eur + ledger.running_subsidy_eur
    cost = ledger.cost_eur
    margin = revenue + subsidy - cost
    needed = np.maximum(cost - revenue, 0.0)
    return SiteAccounts(
        revenue_workers_eur=ledger.revenue_workers_eur,
        revenue_others_eur=ledger.revenue_others_eur,
        revenue_subscriptions_eur=ledger.revenue_subscriptions_eur,
        revenue_rooms_eur=ledger.revenue_rooms_eur,
        subsidy_eur=subsidy,
        cost_eur=cost,
        margin_eur=margin,
        cumulated_eur=cumulated_eur + margin,
        occupancy=_ratio(ledger.desk_days_sold, ledger.desk_days),
        break_even_occupancy=_ratio(cost, ledger.full_house_eur),
        subsidy_needed_eur=needed,
        subsidy_needed_per_desk_day_eur=_ratio(needed, ledger.desk_days_sold),
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole: inf where only the whole is 0, nan where both are."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return part / whole


def desks_added(desks: np.ndarray, occupancy: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return the desks that a centre adds after a month.

    Above its target occupancy a share of its desks, rounded and at least one, up to the maximum;
    else none.

    Parameters
    ----------
    desks, occupancy : numpy.ndarray, shape (n_sites,)
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray of int64, shape (n_sites,)
    """
    p = parameters
    wanted = np.maximum(np.rint(p.operator_growth_share * desks), 1.0)
    room = np.maximum(p.operator_max_desks - desks, 0.0)
    full = occupancy > p.operator_target_occupancy
    return np.where(full, np.minimum(wanted, room), 0.0).astype(np.int64)


def price_step(
    price_day_eur: np.ndarray, occupancy: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the factor by which a centre multiplies its prices after a month.

    One step up above the target occupancy, one down below the low one, so that the price of a day
    stays within its bounds; a price that the scenario sets outside them is not pulled back in, and
    a free centre stays free.

    Parameters
    ----------
    price_day_eur, occupancy : numpy.ndarray, shape (n_sites,)
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_sites,)
    """
    p, price = parameters, price_day_eur
    raised = np.minimum(price * (1.0 + p.operator_price_step), p.operator_price_high_eur)
    lowered = np.maximum(price * (1.0 - p.operator_price_step), p.operator_price_low_eur)
    full = occupancy > p.operator_target_occupancy
    empty = occupancy < p.operator_low_occupancy
    new = np.where(full, np.maximum(price, raised), price)
    new = np.where(empty & ~full, np.minimum(price, lowered), new)
    return np.divide(new, price, out=np.ones_like(new), where=price > 0.0)


@dataclass(init=False)
class Operators:
    """The operators of all sites of a run, from month to month.

    Parameters
    ----------
    ids : sequence of str
        The sites, in the order of every array.
    traits : Traits

    Attributes
    ----------
    closed : numpy.ndarray of bool, shape (n_sites,)
        Closed for good by the operator.
    desks_added : numpy.ndarray of int64, shape (n_sites,)
        On top of what the scenario says.
    price_factor : numpy.ndarray of float64, shape (n_sites,)
    cumulated_eur : numpy.ndarray of float64, shape (n_sites,)
    accounts : SiteAccounts
        The books of the last month closed.
    posted : Posted
        What held on its last day.
    """

    ids: tuple[str, ...]
    traits: Traits
    closed: np.ndarray
    desks_added: np.ndarray
    price_factor: np.ndarray
    cumulated_eur: np.ndarray
    accounts: SiteAccounts
    posted: Posted

    def __init__(self, ids: Sequence[str], traits: Traits):
        n = len(ids)
        self.ids, self.traits = tuple(ids), traits
        self.closed = np.zeros(n, dtype=np.bool_)
        self.desks_added = np.zeros(n, dtype=np.int64)
        self.price_factor, self.cumulated_eur = np.ones(n), np.zeros(n)
        self.accounts = SiteAccounts(*np.zeros((len(SiteAccounts._fields), n)))
        self.posted = posted([""] * n, ())

    def close_accounts(self, ledger: MonthLedger, parameters: ParameterSet) -> SiteAccounts:
        """Close the books of a month; `decide` then acts on them."""
        self.accounts = month_accounts(ledger, self.traits, self.cumulated_eur, parameters)
        self.cumulated_eur = self.accounts.cumulated_eur
        self.posted = ledger.posted
        return self.accounts

    def decide(self, rows: slice | np.ndarray, state: PolicyState) -> None:
        """Let the operators of some sites act on the books just closed, once a month.

        Who was not open on the last day of the ledger does nothing.

        Parameters
        ----------
        rows : slice or numpy.ndarray of int64
        state : PolicyState
        """
        p, accounts = state.parameters, self.accounts
        acts = self.posted.open[rows] & ~self.closed[rows]
        occupancy = accounts.occupancy[rows]
        if state.operator_exit:
            leaves = acts & (accounts.cumulated_eur[rows] < -p.operator_reserve_eur)
            self.closed[rows] |= leaves
            acts &= ~leaves
        if state.operator_growth:
            more = desks_added(self.posted.desks[rows], occupancy, p)
            self.desks_added[rows] += np.where(acts, more, 0)
        if state.operator_pricing:
            step = price_step(self.posted.price_day_eur[rows], occupancy, p)
            self.price_factor[rows] *= np.where(acts, step, 1.0)

    def applied_to(self, state: PolicyState) -> PolicyState:
        """Return the policies of a day with the sites as their operators have made them.

        The same object as long as no operator has reacted.
        """
        reacted = self.closed.any() or self.desks_added.any() or (self.price_factor != 1.0).any()
        if not reacted:
            return state
        here = [(site, self.ids.index(site.telecentre_id)) for site in state.sites]
        sites = (self._as_run(site, row) for site, row in here if not self.closed[row])
        return replace(state, sites=tuple(sites))

    def _as_run(self, site: SiteState, row: int) -> SiteState:
        factor = float(self.price_factor[row])
        prices = {f"{price}_eur": factor * getattr(site, f"{price}_eur") for price in PRICES}
        return replace(site, desks=site.desks + int(self.desks_added[row]), **prices)
