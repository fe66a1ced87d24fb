"""Trains and journeys of a territory under the policies of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from sim77.engine.population.population import Population
from sim77.engine.supply.loads import Trains
from sim77.engine.supply.network import Network
from sim77.engine.supply.pair_travel import PairTravel, pair_travel
from sim77.engine.supply.pairs import pair_tables, trains_of
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState
from sim77.territory.territory import Territory

_SIZES = ("seats_per_train", "places_per_train")


class StartPolicies(NamedTuple):
    """All that the start of a run reads of the policies of its first day; it is given no others."""

    trains_factor: Mapping[str, float]
    capacity_factor: Mapping[str, float]
    road_toll_eur: float
    share_cars_barred: float


class Supply:
    """Trains and journeys, for the market segments of a population.

    Parameters
    ----------
    territory : Territory
    population : Population

    Attributes
    ----------
    change_days : tuple of datetime.date
        Days with a dated fact of the railway, in order.
    """

    def __init__(self, territory: Territory, population: Population):
        self.territory = territory
        self.tables = pair_tables(territory, population.market_pair, population.market_car)
        self.network = Network(territory, self.tables)
        dates = {dt.date.fromisoformat(text) for text in territory.rail_changes["date"]}
        self.change_days = tuple(sorted(dates))
        self.starts: dict[Hashable, Any] = {}

    def trains(
        self, day: dt.date, policies: PolicyState | StartPolicies | None, share: float = 1.0
    ) -> Trains:
        """Return the trains of a day under policies, and under none; a strike leaves a share."""
        seats, places = _train_sizes(self.territory, day)
        lines = self.network.lines
        one = np.ones(len(lines))
        if policies is None:
            return trains_of(self.tables, seats, places, one)
        trains, capacity = (
            np.array([factor.get(name, 1.0) for name in lines])
            for factor in (policies.trains_factor, policies.capacity_factor)
        )
        return trains_of(self.tables, seats * capacity, places * capacity, share * trains)

    def travel(self, trains: Trains, parameters: ParameterSet) -> PairTravel:
        """Return the journeys of every market segment."""
        return pair_travel(self.tables, trains, self.network.constants, parameters)


_supplies: WeakKeyDictionary[Population, dict[bool, Supply]] = WeakKeyDictionary()


def pass_eur(parameters: ParameterSet) -> float:
    """Return what a day at work costs of a monthly pass, the employer's share left out."""
    p = parameters
    return float(p.navigo_month_eur * (1.0 - p.navigo_employer_share) / p.working_days_per_month)


def supply_of(territory: Territory, population: Population) -> Supply:
    """Return the supply of a population, made once while somebody keeps the population.

    Two are kept: that of the territory as it is read, and the last one with new lines.
    """
    kept, wider = _supplies.setdefault(population, {}), territory is not territory.as_read
    if wider not in kept or kept[wider].territory is not territory:
        kept[wider] = Supply(territory, population)
    return kept[wider]


@lru_cache(maxsize=32)
def _train_sizes(territory: Territory, day: dt.date) -> tuple[np.ndarray, np.ndarray]:
    """Return seats and places of a train by line, after the dated changes up to a day."""
    changes = territory.rail_changes.sort_values("date", kind="stable")
    until_now = changes[changes["date"] <= day.isoformat()]
    seats, places = (territory.lines.set_index("line")[field].astype(float) for field in _SIZES)
    for of_line, field in ((seats, _SIZES[0]), (places, _SIZES[1])):
        now = until_now[until_now["field"] == field].groupby("line")["value"].last()
        of_line.update(now)
    return seats.to_numpy(), places.to_numpy()
