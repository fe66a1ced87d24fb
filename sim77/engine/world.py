"""What a run stands on: places, people and networks that no day changes, and policies' effects.

A `World` holds what is fixed for a run; `Effects` is what the policies of a day make of it,
computed again only when they change; `find_start` gives the expected times of the first morning.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim77.core import calendar, draws
from sim77.core.draws import ErrorBounds, Purpose
from sim77.core.threads import blocks, in_runs, weighed_runs
from sim77.core.units import MONTHS, Mode
from sim77.engine import aggregation, home_based
from sim77.engine.arrays import ChoiceSets, Choosers
from sim77.engine.axes import axes
from sim77.engine.choice.allowance import Entitlements, entitlements, same_rights
from sim77.engine.columns import (
    Sites,
    centres_in_reach,
    choice_sets_of_centres,
    chooser_columns,
    most_alternatives,
    sites_of_run,
)
from sim77.engine.modes import BestModes
from sim77.engine.organisations.awareness import surroundings
from sim77.engine.organisations.operators import Posted, Traits, posted, site_traits
from sim77.engine.population.population import Population, build_population
from sim77.engine.supply.access_cache import only
from sim77.engine.supply.loads import Trains
from sim77.engine.supply.network import Background, Demand, Loads
from sim77.engine.supply.pair_travel import PairTravel
from sim77.engine.travel import StartPolicies, pass_eur, supply_of
from sim77.registry.parameters import ParameterSet, on_top, resolve
from sim77.scenario.scenario import PolicyState, Scenario
from sim77.territory.territory import Territory

STARTS_KEPT = 8
"""Of a population: a sweep of policies has many starts, one of behaviour a single one."""

START_PARAMETERS = (
    "beta_cost_per_eur", "beta_time_per_min", "bicycle_speed_kmh", "car_cost_eur_per_km",
    "car_occupancy", "crowding_seated_cap", "crowding_seated_slope", "crowding_standing_base",
    "crowding_standing_cap", "crowding_standing_slope", "crowding_uk", "crowding_uk_busy_from",
    "crowding_uk_seated_busy", "crowding_uk_seated_full", "crowding_uk_standing", "detour_factor",
    "mu_mode", "multiplier_access_bus", "multiplier_access_car", "multiplier_bicycle",
    "multiplier_car", "multiplier_wait", "multiplier_walk", "off_peak_load_ratio", "parking_min",
    "share_peak_hour", "share_peak_hour_road", "start_damping", "start_iterations",
    "transfer_penalty_min", "walk_speed_kmh", *(f"absence_{month}" for month in MONTHS),
)  # fmt: skip
"""All that the start of a run reads of the parameters; it is given no others."""


_read_by_journeys = attrgetter(
    "parameters", "trains_factor", "capacity_factor", "share_trains", "road_toll_eur"
)
"""Of the policies, what decides trains and journeys."""


class OffPeak(NamedTuple):
    """Utilities of a day's journey outside the peak, shape (n_markets, n_modes) each."""

    usual: np.ndarray  # no strike
    today: np.ndarray


@dataclass(frozen=True)
class Effects:
    """What the policies of a day make of the world.

    Attributes
    ----------
    state : PolicyState
    day : datetime.date
        Day on which they took effect.
    trains, trains_today : Trains
        Without and with a strike.
    travel, travel_today : PairTravel
        Journeys without and with a strike.
    rights : Entitlements
    choosers : Choosers
    home_based : Choosers
        Those who work at home for themselves (`sim77.engine.home_based`).
    taste : numpy.ndarray of float64, shape (n_workers, n_modes)
        Persistent mode tastes, ``mu_mode`` times a standard Gumbel; minus infinity for the car of
        who has none at hand, or one that a low-emission zone keeps out of the centre.
    posted : Posted
        What holds at the centres.
    off_peak : OffPeak
        Utilities of journeys that no traffic slows down more than usual.
    """

    state: PolicyState
    day: dt.date
    trains: Trains
    trains_today: Trains
    travel: PairTravel
    travel_today: PairTravel
    rights: Entitlements
    choosers: Choosers
    home_based: Choosers
    taste: np.ndarray
    posted: Posted = field(metadata=axes("site"))
    off_peak: OffPeak

    @property
    def parameters(self) -> ParameterSet:
        """The parameters of the day."""
        return self.state.parameters

    @cached_property
    def bounds(self) -> ErrorBounds:
        """Bounds of the errors of a choice."""
        return draws.error_bounds(self.parameters.mu_remote, self.parameters.mu_place)

    @cached_property
    def considering(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows of `choosers`, and of `home_based`, who consider a shared place of work."""
        return np.flatnonzero(self.choosers.considers), np.flatnonzero(self.home_based.considers)


@dataclass(frozen=True)
class Start:
    """Where a run starts: background traffic, expected times and the loads that go with them."""

    background: Background
    expected_min: np.ndarray
    expected_ratio: np.ndarray
    loads: Loads


class World:
    """Territory, people, network and sites of a run.

    Parameters
    ----------
    scenario : Scenario
    territory : Territory
    population : Population
    days : list of datetime.date
        The simulated days.
    """

    def __init__(
        self,
        scenario: Scenario,
        territory: Territory,
        population: Population,
        days: list[dt.date],
    ):
        self.scenario, self.territory, self.population = scenario, territory, population
        self.supply = supply_of(territory, population)
        self.network = self.supply.network
        ids = sites_in_order(scenario, territory, days)
        first = scenario.state_on(days[0], territory).parameters
        self.sites, self.traits = _sites(territory, tuple(ids), first.same_place_km)
        self.home_based = build_population(
            territory, first, seed=population.seed, scale=population.scale,
            zones=territory.workplace_zones, at_home=True,
        )  # fmt: skip
        # Workers remember places in the list of centres, so that it is the same on all days.
        self._in_reach = centres_in_reach(territory, self.sites, first)
        self._last_choice_sets: tuple[ParameterSet, ChoiceSets] | None = None
        self.around = surroundings(territory, self.sites.row, first)
        self.alternatives = max(most_alternatives(self.choice_sets(first)), 1)
        self._last_journeys: tuple[tuple, dict[str, Any]] | None = None
        self._last_rights: tuple[PolicyState, Entitlements] | None = None
        self._last_tastes: tuple[tuple[float, float, int], np.ndarray] | None = None

    def effects(self, day: dt.date, state: PolicyState) -> Effects:
        """Return what the policies of a day do.

        Parameters
        ----------
        day : datetime.date
        state : PolicyState
            The policies of the day, and what operators and employers have made of them.

        Returns
        -------
        Effects
        """
        p = state.parameters
        rights, journeys = self._rights(state), self._journeys(day, state)
        return Effects(
            state=state,
            day=day,
            rights=rights,
            choosers=chooser_columns(self.population, rights, p),
            home_based=home_based.choosers_of(self.home_based, p),
            taste=self._tastes(p.mu_mode, state.share_cars_barred, journeys["travel"].n_modes),
            posted=posted(self.sites.ids, state.sites),
            **journeys,
        )

    def choice_sets(self, parameters: ParameterSet) -> ChoiceSets:
        """Return the centres in reach on the first day, with the access legs of a day."""
        if self._last_choice_sets is None or self._last_choice_sets[0] is not parameters:
            self._last_choice_sets = (
                parameters,
                choice_sets_of_centres(self.territory, self.sites, self._in_reach, parameters),
            )
        return self._last_choice_sets[1]

    # Few policies change trains and journeys, who may work away or what modes are to people, so the
    # last are kept.

    def _journeys(self, day: dt.date, state: PolicyState) -> dict[str, Any]:
        """Return the trains and journeys among the `Effects` of a day."""
        of = (*_read_by_journeys(state), bisect_right(self.supply.change_days, day))
        if self._last_journeys is None or self._last_journeys[0] != of:
            self._last_journeys = of, self._new_journeys(day, state)
        return self._last_journeys[1]

    def _new_journeys(self, day: dt.date, state: PolicyState) -> dict[str, Any]:
        p = state.parameters
        trains = self.supply.trains(day, state)
        travel = self.supply.travel(trains, p).with_toll(state.road_toll_eur, p)
        today = travel
        if state.share_trains < 1.0:
            today = travel.on_strike(state.share_trains, p)
        uncrowded = self.network.uncrowded_min
        off_peak = travel.off_peak_utility(uncrowded, p)
        return {
            "trains": trains,
            "trains_today": self.supply.trains(day, state, state.share_trains),
            "travel": travel,
            "travel_today": today,
            "off_peak": OffPeak(
                usual=off_peak,
                today=off_peak if today is travel else today.off_peak_utility(uncrowded, p),
            ),
        }

    def _rights(self, state: PolicyState) -> Entitlements:
        if self._last_rights is None or not same_rights(self._last_rights[0], state):
            self._last_rights = state, entitlements(self.population, state)
        return self._last_rights[1]

    def _tastes(self, mu_mode: float, share_cars_barred: float, n_modes: int) -> np.ndarray:
        of = mu_mode, share_cars_barred, n_modes
        if self._last_tastes is None or self._last_tastes[0] != of:
            self._last_tastes = of, self._new_tastes(*of)
        return self._last_tastes[1]

    def _new_tastes(self, mu_mode: float, share_cars_barred: float, n_modes: int) -> np.ndarray:
        people = self.population
        of_group = np.ascontiguousarray(self.network.of_occupation.T)
        taste = np.empty((people.low.size, n_modes))

        def fill(first: int, last: int) -> None:
            mine = taste[first:last]
            mine[:] = people.gumbel_mode[first:last, :n_modes]
            mine *= mu_mode
            mine += of_group[people.group[first:last]]

        in_runs(fill, blocks(people.low.size))
        cannot_drive = ~people.car_available
        if share_cars_barred > 0.0:
            u = draws.units(people.seed, Purpose.BARRED_CAR, people.low, people.high)[:, 0]
            zones = self.territory.workplace_zones
            to_centre = people.zone == zones.index(self.territory.central_zone)
            cannot_drive |= to_centre & (u < share_cars_barred)
        taste[cannot_drive, Mode.CAR] = -np.inf
        return taste

    def still_holds(self, effects: Effects, day: dt.date, state: PolicyState) -> bool:
        """Say whether nothing has changed since: no policy, no dated fact of the railway."""
        new_fact = any(effects.day < change <= day for change in self.supply.change_days)
        return not new_fact and state == effects.state

    def state_on(self, day: dt.date) -> PolicyState:
        """Return the scenario's policies of a day."""
        return self.scenario.state_on(day, self.territory)

    @cached_property
    def pass_eur_in_base_year(self) -> float:
        """What a pass costs a day in the base year, to which the constants of modes are fitted."""
        p = resolve(self.territory.base_day, self.territory.parameters, check_ranges=False)
        return pass_eur(p)

    def innovation_on(self, day: dt.date) -> float:
        """Return the share that learns of a centre by itself in a month, by a day's policies."""
        return self._innovation[bisect_right(self.scenario.breaks, day)]

    @cached_property
    def _innovation(self) -> list[float]:
        """The same before each date on which policies may change and after the last."""
        return [
            float(self.state_on(day).parameters.awareness_innovation_per_month)
            for day in (dt.date.min, *self.scenario.breaks)
        ]

    @cached_property
    def opened(self) -> list[dt.date | None]:
        """The day on which each site opens, None where nobody says when.

        In the network or by a change of the scenario, else what the territory says.
        """
        said = {each.telecentre_id: each.opening for each in self.scenario.network}
        for change in sorted(self.scenario.changes, key=lambda change: change.date):
            if change.lever == "open_telecentre":  # of one in the network: again
                said.setdefault(str(change.target), change.date)
        known = self.territory.sites["opening_date"].to_numpy()[self.sites.row]
        return [
            said.get(name) or (dt.date.fromisoformat(text) if text else None)
            for name, text in zip(self.sites.ids, known, strict=True)
        ]

    def find_start(self, effects: Effects) -> Start:
        """Find the background of the base year, then the expected times of the first day.

        Parameters
        ----------
        effects : Effects
            Policies of the first day.

        Returns
        -------
        Start
        """
        given = on_top(self.territory.parameters, self.scenario.parameters)
        base = resolve(self.territory.base_day, given, check_ranges=False)
        day, state = effects.day, effects.state
        policies = StartPolicies(*(getattr(state, name) for name in StartPolicies._fields))
        values = only(base, START_PARAMETERS), only(effects.parameters, START_PARAMETERS)
        asked = (*values, policies, bisect_right(self.supply.change_days, day))
        starts = self.supply.starts
        if asked not in starts:
            if len(starts) >= STARTS_KEPT:
                del starts[next(iter(starts))]
            starts[asked] = self._start(*values, policies, day)
        return starts[asked]

    def _start(
        self, base: ParameterSet, p: ParameterSet, policies: StartPolicies, day: dt.date
    ) -> Start:
        """Find the start from the parameters of the base year, those of the day, and policies."""
        before = supply_of(self.territory.as_read, self.population)
        trains = before.trains(self.territory.base_day, None)
        journeys = before.travel(trains, base)
        attendance = self.attendance(base)
        attendance *= self.population.weight
        taste = self._tastes(base.mu_mode, 0.0, journeys.n_modes)
        *_, background = before.network.fixed_point(
            self._everybody(journeys, taste, attendance), trains, base
        )
        if before is not self.supply:
            with_new_lines, without = (
                each.od.transit.segment_keys for each in (self.territory, self.territory.as_read)
            )
            stayed = pd.Series(background.riders, without).reindex(with_new_lines, fill_value=0.0)
            background = replace(background, riders=stayed.to_numpy())
        trains = self.supply.trains(day, policies)
        travel = self.supply.travel(trains, p).with_toll(policies.road_toll_eur, p)
        taste = self._tastes(p.mu_mode, policies.share_cars_barred, travel.n_modes)
        demand_of = self._everybody(travel, taste, attendance)
        expected_min, ratio, _ = self.network.fixed_point(demand_of, trains, p, background)
        loads = self.network.loads(demand_of(expected_min, ratio), background, trains, p)
        for part in (background, loads):
            for array in vars(part).values():
                array.setflags(write=False)
        for array in (expected_min, ratio):
            array.setflags(write=False)
        return Start(background, expected_min, ratio, loads)

    def attendance(self, parameters: ParameterSet) -> np.ndarray:
        """Return the probability of being at work on a day of the base year, (n_workers,)."""
        first = self.territory.base_day
        days = calendar.working_days(first, first.replace(month=12, day=31))
        months = [MONTHS[calendar.monday_of(day).month - 1] for day in days]
        absence = np.mean([parameters[f"absence_{month}"] for month in months])
        worked = np.array([bits.bit_count() for bits in range(32)])
        return (worked / 5.0 * (1.0 - absence))[self.population.works]

    def _everybody(
        self, travel: PairTravel, taste: np.ndarray, attendance: np.ndarray
    ) -> Callable[[np.ndarray, np.ndarray], Demand]:
        """Return the demand, given expected times, of everybody at work at the office."""
        modes = BestModes(self.population.market_groups, travel.n_modes)
        mode, taste_for_it = np.empty(attendance.size, dtype=np.int8), np.empty(attendance.size)

        def demand_of(expected_min: np.ndarray, travel_time_ratio: np.ndarray) -> Demand:
            utility = travel.utility(expected_min, travel_time_ratio)
            modes.find(utility, taste, mode, taste_for_it)
            travellers = np.zeros(utility.T.shape)
            start = self.population.commune_start
            in_runs(
                aggregation.count_everybody, weighed_runs(start),
                self.population.market, mode, attendance, start, travellers,
            )  # fmt: skip
            return self.network.demand(travellers)

        return demand_of


@lru_cache(maxsize=32)
def _sites(
    territory: Territory, ids: tuple[str, ...], same_place_km: float
) -> tuple[Sites, Traits]:
    sites = sites_of_run(territory, list(ids), same_place_km)
    return sites, site_traits(territory.sites.iloc[sites.row])


def sites_in_order(scenario: Scenario, territory: Territory, days: list[dt.date]) -> list[str]:
    """Return the sites open on any of the days, by first day open, then id."""
    first: dict[str, dt.date] = {}
    for day in days:
        for site in scenario.state_on(day, territory).sites:
            first.setdefault(site.telecentre_id, day)
    return sorted(first, key=lambda name: (first[name], name))
