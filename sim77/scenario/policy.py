"""What holds on a day: the parameters, the open telecentres and the policies in force."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from sim77.core.errors import ScenarioError, nearest
from sim77.core.units import EMPLOYER_SIZES
from sim77.registry.levers import ALL, WHO, Lever, lever, levers
from sim77.registry.parameters import (
    FrozenDict,
    ParameterSet,
    load_parameters,
    on_top,
    resolve,
)
from sim77.scenario.parts import PRICES, Change, SiteSpec

_PARAMETERS, _SITES = "parameters", "sites"
"""The fields of a `PolicyState` of which a lever sets a part."""


@dataclass(frozen=True)
class SiteState:
    """A telecentre that is open on a day: desks, posted prices and public subsidy, in euros.

    Attributes
    ----------
    telecentre_id : str
        As in the territory's table.
    desks : int
        Places each half-day.
    price_day_eur, price_half_day_eur, price_hour_eur, price_month_eur : float
        What is posted.
    subsidy_desk_month_eur, subsidy_day_eur : float
        Paid to the operator by open desk and month, and by desk-day sold.
    """

    telecentre_id: str
    desks: int
    price_day_eur: float
    price_half_day_eur: float
    price_hour_eur: float
    price_month_eur: float
    subsidy_desk_month_eur: float = 0.0
    subsidy_day_eur: float = 0.0


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
    road_toll_eur : float
        For each day driven to a workplace in the central zone of the territory.
    share_cars_barred : float
        Share of cars that may not be driven to that zone.
    staggered_days : int
        Compulsory office weekdays of each covered employee, spread over the week.
    obligation_days : int
        Days a week on which employers that follow an obligation to telework close their offices to
        each employee who can.
    fibre_advance_days : int
        How much earlier the fibre roll-out starts.
    employer_adapts, agreements_spread, operator_exit, operator_growth, operator_pricing : bool
        Which employers and operators react.
    agreements_factor : mapping of str to float
        By employer size, and by occupation group where it differs, what the share covered is
        multiplied by.
    fibre_start : mapping of str to datetime.date
        By commune code, the start of the roll-out in place of the table's.
    coverage_floor : tuple of tuple of float
        By group and employer size, the share covered to which agreements have spread; the model
        fills it in (`sim77.engine.organisations.employers`), a scenario leaves it empty.
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
    obligation_days: int = 0
    fibre_advance_days: int = 0
    employer_adapts: bool = False
    agreements_spread: bool = False
    operator_exit: bool = False
    operator_growth: bool = False
    operator_pricing: bool = False
    coverage_floor: tuple[tuple[float, ...], ...] = ()
    agreements_factor: FrozenDict[float] = field(default_factory=FrozenDict)
    fibre_start: FrozenDict[dt.date] = field(default_factory=FrozenDict)


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
        The changes in force that day, in order: of two that set the same the later wins.
    desks : mapping of str to int
        Desks of each telecentre in the territory's table.
    lines : sequence of str
        The rail lines of the territory.
    check_ranges : bool
        Whether parameters must lie within their plausible interval.
    """
    parameters = _parameters(day, overrides, holding, check_ranges)
    everybody = {"line or all": lines, WHO: EMPLOYER_SIZES}
    held: dict[str, Any] = {
        found.sets: _last(found, holding)
        if found.target == "nothing"
        else _by_target(found, holding, everybody.get(found.target, ()))
        for found in _of_fields()
    }
    sites = _sites(day, network, holding, desks, parameters)
    return PolicyState(parameters=parameters, sites=sites, **held)


def value_in(state: PolicyState, found: Lever, target: str = "") -> Any:
    """Return what a lever is set to in a state.

    Parameters
    ----------
    state : PolicyState
    found : Lever
    target : str
        A telecentre, a line, an employer size or an occupation group; empty: all of them.

    Returns
    -------
    value or None
        None where targets differ, where the target is not part of the state, or where the lever
        has no value.
    """
    place, _, name = found.sets.partition(".")
    if place == _PARAMETERS:
        return state.parameters[name]
    if place == _SITES:
        here = [each for each in state.sites if target in ("", each.telecentre_id)]
        values = {getattr(each, name) for each in here} if name else set()
    else:
        held = getattr(state, place)
        if not isinstance(held, Mapping):
            return held
        values = {held.get(target, found.neutral)} if target else set(held.values())
    return values.pop() if len(values) == 1 else None


@lru_cache(maxsize=1)
def _of_fields() -> tuple[Lever, ...]:
    """Return the levers that set a field of a `PolicyState` as a whole."""
    check_sets(levers())
    return tuple(
        each
        for each in levers().values()
        if each.sets.partition(".")[0] not in (_PARAMETERS, _SITES)
    )


def check_sets(known: Mapping[str, Lever]) -> None:
    """Raise `ScenarioError` if a lever sets what no state of a day holds, or two set the same."""
    settable = [
        *(each.name for each in fields(PolicyState) if each.name != _PARAMETERS),
        *(f"{_SITES}.{each.name}" for each in fields(SiteState)),
        *(f"{_PARAMETERS}.{name}" for name in load_parameters()),
    ]
    setters: dict[str, str] = {}
    for name, found in known.items():
        if found.sets not in settable:
            raise ScenarioError(
                f"the lever '{name}' sets '{found.sets}', which no state of a day holds."
                f"{nearest(found.sets, settable)}"
            )
        other = setters.setdefault(found.sets, name)
        if other != name and found.sets != _SITES:
            raise ScenarioError(f"the levers '{other}' and '{name}' both set '{found.sets}'.")


def _last(found: Lever, holding: Sequence[Change]) -> Any:
    """Return the value of the last change of a lever, or its neutral one."""
    return next(
        (each.value for each in reversed(holding) if each.lever == found.name), found.neutral
    )


def _by_target(found: Lever, holding: Sequence[Change], everybody: Sequence[str]) -> FrozenDict:
    """Return the values of a lever by target; of one without values, its dates."""
    values: dict[str, Any] = dict.fromkeys(everybody, found.neutral)
    for each in holding:
        if each.lever == found.name:
            value = each.date if found.kind == "none" else each.value
            targets = everybody if each.target == ALL else (str(each.target),)
            values.update(dict.fromkeys(targets, value))
    return FrozenDict(values)


def parameters_held(overrides: Mapping[str, float], holding: Sequence[Change]) -> dict[str, float]:
    """Return overrides with what changes in force, in order, set on top."""
    values = dict(overrides)
    for each in holding:
        parameter = lever(each.lever).parameter
        if parameter is not None:
            values = on_top(values, {parameter: each.value})
    return values


def _parameters(
    day: dt.date, overrides: Mapping[str, float], holding: Sequence[Change], check_ranges: bool
) -> ParameterSet:
    """Return the parameters of a day; a fuel price is turned into a cost by kilometre."""
    values = parameters_held(overrides, holding)
    prices = [each.value for each in holding if each.lever == "fuel_price"]
    fuel_eur_per_litre = prices[-1] if prices else None
    p = resolve(day, values, check_ranges)
    if fuel_eur_per_litre is None:
        return p
    dearer = fuel_eur_per_litre - p.fuel_price_in_cost_eur_per_litre
    by_km = p.car_cost_eur_per_km + p.car_litres_per_100km / 100.0 * dearer
    now = {
        "car_cost_eur_per_km": by_km,
        "fuel_price_in_cost_eur_per_litre": fuel_eur_per_litre,
    }
    return resolve(day, {**values, **now}, check_ranges=False)


def _sites(
    day: dt.date,
    network: Sequence[SiteSpec],
    holding: Sequence[Change],
    desks: Mapping[str, int],
    parameters: ParameterSet,
) -> tuple[SiteState, ...]:
    """Return the open telecentres by id: the table, then the network, then the changes."""
    posted = {f"{price}_eur": parameters[f"{price}_eur"] for price in PRICES}
    # What is changed before a centre opens, or for all, holds when it does.
    opened = (str(each.target) for each in holding if each.lever == "open_telecentre")
    known = {name: SiteState(name, desks[name], **posted) for name in opened}
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
            if value is not None:
                known[name] = replace(known[name], desks=value)
            is_open.add(name)
        elif change.lever == "close_telecentre":
            is_open.discard(name)
        elif lever(change.lever).sets.startswith(f"{_SITES}."):
            attribute = lever(change.lever).sets.removeprefix(f"{_SITES}.")
            for each in known if change.target == ALL else {name} & known.keys():
                known[each] = replace(known[each], **{attribute: value})
    return tuple(known[name] for name in sorted(is_open))
