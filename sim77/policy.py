"""What holds on a day: the parameters, the open telecentres and the policies in force."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim77.levers import ALL, lever, levers
from sim77.parameters import FrozenDict, ParameterSet, resolve
from sim77.scenario_parts import PRICES, Change, SiteSpec


@dataclass(frozen=True)
class SiteState:
    """A telecentre that is open on a day: desks, and posted prices in euros."""

    telecentre_id: str
    desks: int
    price_day_eur: float
    price_half_day_eur: float
    price_hour_eur: float
    price_month_eur: float


@dataclass(frozen=True)
class PolicyState:
    """All that holds on a day; equal states mean that nothing changed.

    Attributes
    ----------
    parameters : ParameterSet
        The values of the day.
    sites : tuple of SiteState
        The open telecentres, by id.
    trains_factor, capacity_factor : mapping of line to float
        Trains, and places and seats in each, relative to the timetable and the stock of the day.
    share_trains : float
        Share of trains that run, 1 without a strike.
    anchor_weekdays : tuple of int
        Days the covered must be at the office, Monday 0.
    lockdown : bool
        Whether the office is closed to the teleworkable.
    allowance_half_days : int or None
        Remote half-days allowed a week to all who are covered; None: as their agreement says.
    """

    parameters: ParameterSet
    sites: tuple[SiteState, ...]
    trains_factor: FrozenDict[float]
    capacity_factor: FrozenDict[float]
    share_trains: float
    anchor_weekdays: tuple[int, ...]
    lockdown: bool
    allowance_half_days: int | None
    road_toll_eur: float = 0.0
    share_cars_barred: float = 0.0
    staggered_days: int = 0
    fibre_advance_days: int = 0
    employer_adapts: bool = False
    agreements_spread: bool = False
    operator_exit: bool = False
    operator_growth: bool = False
    operator_pricing: bool = False


def policy_on(
    day: dt.date,
    overrides: Mapping[str, float],
    network: Sequence[SiteSpec],
    holding: Sequence[Change],
    desks: Mapping[str, int],
    lines: Sequence[str],
    check_ranges: bool = True,
) -> PolicyState:
    """Return what holds on a day.

    Parameters
    ----------
    day : datetime.date
        The day.
    overrides : mapping of str to float
        Parameters that replace the registry's.
    network : sequence of SiteSpec
        All telecentres of the scenario.
    holding : sequence of Change
        The changes in force that day, by date: of two that set the same the later wins.
    desks : mapping of str to int
        Desks of each telecentre in the territory's table.
    lines : sequence of str
        The rail lines of the territory.
    check_ranges : bool
        Whether parameters must lie within their plausible interval.
    """
    values = dict(overrides)
    for each in holding:
        parameter = lever(each.lever).parameter
        if parameter is not None:
            values[parameter] = each.value
    parameters = resolve(day, values, check_ranges)
    last: dict[str, Any] = {name: each.neutral for name, each in levers().items()}
    last.update({each.lever: each.value for each in holding})
    return PolicyState(
        parameters=parameters,
        sites=_sites(day, network, holding, desks, parameters),
        trains_factor=_by_line("train_frequency", holding, lines),
        capacity_factor=_by_line("train_capacity", holding, lines),
        share_trains=float(last["strike"]),
        anchor_weekdays=last["anchor_weekdays"],
        lockdown=last["lockdown"],
        allowance_half_days=last["allowance_half_days"],
    )


def _by_line(name: str, holding: Sequence[Change], lines: Sequence[str]) -> FrozenDict[float]:
    neutral: Any = lever(name).neutral
    factors = dict.fromkeys(lines, float(neutral))
    for change in holding:
        if change.lever == name:
            for line in lines if change.target == ALL else (str(change.target),):
                factors[line] = change.value
    return FrozenDict(factors)


def _sites(
    day: dt.date,
    network: Sequence[SiteSpec],
    holding: Sequence[Change],
    desks: Mapping[str, int],
    parameters: ParameterSet,
) -> tuple[SiteState, ...]:
    """Return the open telecentres by id: the table, then the network, then the changes."""
    posted = {f"{price}_eur": parameters[f"{price}_eur"] for price in PRICES}
    known: dict[str, SiteState] = {}
    is_open: set[str] = set()
    for spec in network:
        own = {f"{price}_eur": getattr(spec, price) for price in PRICES}
        prices = posted | {name: value for name, value in own.items() if value is not None}
        name = spec.telecentre_id
        known[name] = SiteState(name, spec.desks or desks[name], **prices)
        if (spec.opening or dt.date.min) <= day < (spec.closing or dt.date.max):
            is_open.add(name)
    for change in holding:
        name, value = str(change.target), change.value
        if change.lever == "open_telecentre":
            before = known.get(name) or SiteState(name, desks[name], **posted)
            known[name] = before if value is None else replace(before, desks=value)
            is_open.add(name)
        elif change.lever == "close_telecentre":
            is_open.discard(name)
        elif change.lever in ("desks", *PRICES):
            attribute = "desks" if change.lever == "desks" else f"{change.lever}_eur"
            for each in known if change.target == ALL else {name} & known.keys():
                known[each] = replace(known[each], **{attribute: value})
    return tuple(known[name] for name in sorted(is_open))
