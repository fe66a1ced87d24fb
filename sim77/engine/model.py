"""The model: one simulated day, its phases in order. The page to read first.

`PHASES` is the plan of a day: `CommuteModel.step` runs it, the ODD page prints it, and each phase
is timed. A phase is a method of a few lines that calls the module where its science is.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import mesa
import numpy as np

from sim77.core import calendar
from sim77.core.draws import error_bounds
from sim77.core.units import MONTHS, WEEKDAYS
from sim77.engine import aggregation, booking, kernels, mobile
from sim77.engine.agents import ModelOfAgents
from sim77.engine.arrays import Bookkeeping, Cells, Choosers, Settings
from sim77.engine.choice.allowance import Entitlements, coverage_bounds
from sim77.engine.choice.terms import coefficients
from sim77.engine.columns import centre_columns, fibre_share, worker_columns
from sim77.engine.learning import TeamMemory, learn
from sim77.engine.organisations.employers import QuarterLedger
from sim77.engine.organisations.operators import DayUse, MonthLedger
from sim77.engine.population.population import (
    INDEPENDENTS,
    N_KINDS_OF_WORKER,
    Population,
    build_population,
)
from sim77.engine.recorder import CENTRE_COLUMNS, Recorder
from sim77.engine.scope import checked_scale, checked_seed, checked_zones, days_of_run
from sim77.engine.supply.rail_tree import RailSupply
from sim77.engine.workers import WorkerSet
from sim77.engine.world import World
from sim77.registry.parameters import ParameterSet
from sim77.scenario.scenario import PolicyState, Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory

ALL_WEEKDAYS = 0b11111


class Phase(NamedTuple):
    """A phase of a day: its name, the method of the model that does it, and what it does."""

    name: str
    method: str
    description: str
    burn_in: bool = True  # also on the days before the first day reported


PHASES = (
    Phase(
        "policies", "_change_policies",
        "Let policies, and dated facts of the railway, take effect when their date has come; "
        "allowances, trains, journeys and open centres are computed again only then.",
        burn_in=False,
    ),
    Phase(
        "start_month", "_start_month",
        "On the first day of a month, settle the subscriptions (`sim77.engine.booking`).",
    ),
    Phase(
        "price_journeys", "_price_journeys",
        "Turn expected times into today's travel utilities, strikes included "
        "(`sim77.engine.travel`).",
    ),
    Phase(
        "start_week", "_start_week",
        "On the first day of a week, refill allowances, draw absences, look back on last week and, "
        "when a quarter ends, let the employers act (`sim77.engine.organisations.employers`).",
    ),
    Phase(
        "value_week", "_value_week",
        "On the first day of a week, and when a policy takes effect, value the rest of the week "
        "for workers with an allowance (`sim77.engine.choice.allowance`).",
    ),
    Phase(
        "choose", "_choose",
        "Let everybody at work prefer a plan (`sim77.engine.choice.utility`).",
    ),
    Phase(
        "book", "_book",
        "Serve those who want a desk, one after the other (`sim77.engine.booking`).",
    ),
    Phase(
        "load_network", "_load_network",
        "Load trains and roads with today's journeys (`sim77.engine.supply.network`), and learn "
        "from them (`sim77.engine.learning`).",
    ),
    Phase(
        "account", "_account",
        "Add up what everybody did (`sim77.engine.aggregation`).",
    ),
    Phase(
        "record", "_record",
        "Record the day (`sim77.engine.recorder`).",
        burn_in=False,
    ),
    Phase(
        "end_month", "_end_month",
        "On the last day of a month, close the operators' accounts and let them act "
        "(`sim77.engine.organisations.operators`).",
        burn_in=False,
    ),
)  # fmt: skip
"""The plan of a day, in order."""


def let_idle_threads_sleep() -> None:
    """Ask OpenMP, before its first loop, that a thread without work sleeps and does not spin.

    On cores shared with a browser or another run, spinning made a year three times slower. A value
    that the user has set holds.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


class CommuteModel(ModelOfAgents):
    """Workers of a territory who choose each day where to work, as a Mesa model.

    Parameters
    ----------
    scenario : str or Scenario
        A scenario, its name or the path of its file.
    seed : int
        Seed of every draw, 0 to 2**32 - 1.
    scale : float
        Share of the workers simulated, in (0, 1]; results are expanded by weights.
    workplaces : str or sequence of str
        Workplace zones in scope (``paris``, ``inner-ring``, ``within``, ``outer-ring``).
    start, end : datetime.date, optional
        First and last day, both included; the scenario's by default.
    territory : Territory or path, optional
        Seine-et-Marne by default.
    population : Population, optional
        Reused from another run with the same territory, seed, scale and scope.

    Attributes
    ----------
    workers : WorkerSet
        The workers, as an `AgentSet`-like view over columns.
    employers, telecentres, lines, corridors, communes : mesa.agent.AgentSet
    recorder : Recorder
        What has been recorded so far, day by day.
    running : bool
        False once the last day has been simulated.
    watchers : list of callable
        Called with the model and the name of the phase (`PHASES`) after each phase of a day; they
        may look, not change.
    seconds : dict of str to float
        Computing time of the days so far by phase; ``setup`` is that before the first day.
    """

    def __init__(
        self,
        scenario: str | Scenario = "network-2014",
        *,
        seed: int | None = 1,
        scale: float = 1.0,
        workplaces: str | Sequence[str] = ("paris",),
        start: dt.date | None = None,
        end: dt.date | None = None,
        territory: Territory | str | None = None,
        population: Population | None = None,
    ):
        began = time.perf_counter()
        let_idle_threads_sleep()
        seed = checked_seed(seed)
        super().__init__(rng=seed)
        self.draw_seed = seed
        self.territory = (
            territory if isinstance(territory, Territory) else load_territory(territory)
        )
        self.scenario = load_scenario(scenario, self.territory)
        self.scale = checked_scale(scale)
        self.zones = checked_zones(workplaces)
        self.days = days_of_run(self.scenario, start, end)
        first = self.scenario.state_on(self.days[0], self.territory)
        self.population = population or build_population(
            self.territory, first.parameters, seed=seed, scale=self.scale, zones=self.zones
        )
        self.world = World(self.scenario, self.territory, self.population, self.days)
        self.network, self.sites, self.reach = (
            self.world.network, self.world.sites, self.world.reach,
        )  # fmt: skip
        self.columns = worker_columns(self.population, self.world.slots)
        self.watchers: list[Callable[[CommuteModel, str], None]] = []
        self.seconds = {phase.name: 0.0 for phase in PHASES}
        self._start_memory()
        self._apply_policies(self.days[0])
        begin = self.world.find_start(self.effects)
        self.background, self.loads = begin.background, begin.loads
        self.expected_min, self.expected_ratio = begin.expected_min, begin.expected_ratio
        self._make_the_first()
        self.recorder = Recorder(self)
        for day in calendar.working_days_before(self.days[0], int(self.parameters.burn_in_days)):
            self._simulate(day, [phase for phase in PHASES if phase.burn_in])
        self._start_reporting()
        self.seconds = {"setup": time.perf_counter() - began, **dict.fromkeys(self.seconds, 0.0)}

    def _start_memory(self) -> None:
        n_sites = len(self.sites.ids)
        self.account = np.zeros(
            (len(self.territory.communes), N_KINDS_OF_WORKER, aggregation.N_ACCOUNT)
        )
        self._memory = TeamMemory(self.population)
        self._company, self._occupied_last_week = np.zeros((2, n_sites))
        self._weekdays_done, self._days_done = 0, 0
        self._month, self._week = -1, dt.date.min

    def _start_reporting(self) -> None:
        self._next = 0
        self._months = self._new_month(self.days[0])
        self._quarters = self._new_quarter(self.days[0])
        self.columns.days_by_kind[:] = 0
        self.columns.minutes_saved[:] = 0.0
        self.datacollector = mesa.DataCollector(model_reporters=self.recorder.reporters())
        self.running = True

    # One day ---------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate the next day; after the last one `running` is False."""
        if not self.running:
            return
        self._simulate(self.days[self._next], PHASES)
        self.datacollector.collect(self)
        self._next += 1
        self.running = self._next < len(self.days)
        if not self.running:
            self.recorder.record_week(self._week)
            self._memory.update(self.columns.office_units, self._weekdays_done)
            self._end_employers_week(None)

    def _simulate(self, day: dt.date, phases: Sequence[Phase]) -> None:
        self.day = day
        for phase in phases:
            began = time.perf_counter()
            getattr(self, phase.method)()
            self.seconds[phase.name] += time.perf_counter() - began
            for watcher in self.watchers:
                watcher(self, phase.name)

    def _change_policies(self) -> None:
        if not self.world.still_holds(self.effects, self.day):
            self._apply_policies(self.day)

    def _record(self) -> None:
        self.recorder.record(self.day)

    def _end_month(self) -> None:
        n = len(self.recorder.days) - 1
        row = dict(zip(CENTRE_COLUMNS, self.recorder.centres[n].T, strict=True))
        self._months.add_day(
            self.effects.posted,
            DayUse(
                row["whole_days"], row["half_days"],
                row["exogenous_users"] + row["mobile_users"], row["subscribers"],
                row["revenue_workers_eur"], row["revenue_others_eur"],
            ),
        )  # fmt: skip
        coming = self.days[n + 1] if n + 1 < len(self.days) else None
        if coming is None or coming.month != self.day.month:
            self.world.operators.close_books(self._months, self.parameters)
            self.telecentres.do("step")
            self.recorder.record_month(self.day, self.world.operators.accounts)
            self._months = self._new_month(coming or self.day)

    def _new_month(self, day: dt.date) -> MonthLedger:
        first = day.replace(day=1)
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        return MonthLedger(len(self.sites.ids), len(calendar.working_days(first, last)))

    def _new_quarter(self, day: dt.date) -> QuarterLedger:
        year = calendar.working_days(dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))
        return QuarterLedger(self.population.employer_heads.size, len(year))

    def _end_employers_week(self, coming: dt.date | None) -> None:
        """Add a week to the employers' quarter; at its end let them act (`employers`)."""
        self._quarters.add_week(self._memory.employer_units, self._memory.last_week)
        ended = coming is None or (coming.month - 1) // 3 != (self._week.month - 1) // 3
        if ended:
            covered = coverage_bounds(self.state)[:INDEPENDENTS, :-1]
            self.world.employers.quarter_end(self._quarters, covered, self.state)
            self._quarters = self._new_quarter(coming or self._week)

    def _start_month(self) -> None:
        if self.day.month == self._month:
            return
        self._month = self.day.month
        w, people = self.columns, self.population
        w.subscribed[:] = booking.subscriptions_earned(
            w.bookings, self.parameters.subscriber_bookings
        )
        w.bookings[:] = 0
        self.subscriptions = booking.subscriptions_held(
            w.subscribed, people.commune * 2 + people.car_available, self.reach,
            self.world.slots, len(self.sites.ids),
        )  # fmt: skip

    def _start_week(self) -> None:
        monday = calendar.monday_of(self.day)
        if monday == self._week:
            return
        reporting = bool(self.recorder.days)
        if reporting:
            self.recorder.record_week(self._week)
        absence = self.parameters[f"absence_{MONTHS[monday.month - 1]}"]
        aggregation.mark_absences(self.columns, self.draw_seed, monday.toordinal(), absence)
        self.columns.used[:] = 0
        self._memory.update(self.columns.office_units, self._weekdays_done)
        if reporting:
            self._end_employers_week(monday)
        self._company = self._occupied_last_week / max(self._days_done, 1)
        self._week, self._weekdays_done, self._days_done = monday, 0, 0
        self._occupied_last_week[:] = 0.0
        self._week_valued = False

    def _value_week(self) -> None:
        if self._week_valued:
            return
        self._week_valued = True
        fibre_day = self.day + dt.timedelta(days=self.state.fibre_advance_days)
        self._choosers.fibre[:] = fibre_share(
            self.territory, fibre_day, self.parameters, self.state.fibre_start
        )[self.population.commune[self._choosers.worker]]
        self.centre_offer = centre_columns(
            self.sites, self.state.sites, self._company, self.parameters
        )
        self._mobile_expected = mobile.expected_visitors(
            self.territory, self.sites, self.centre_offer, self.parameters
        )
        kernels.value_week(
            self.columns, self._choosers, self.reach, self.centre_offer, self._cells,
            self._settings,
            self.population.team, self.population.employer, self._memory.sums,
        )  # fmt: skip

    def _price_journeys(self) -> None:
        day, p = self.day, self.parameters
        after_today = ALL_WEEKDAYS & ~((2 << day.weekday()) - 1)
        self._settings = Settings(
            seed=self.draw_seed,
            day=day.toordinal(),
            weekday=day.weekday(),
            coming=calendar.weekday_bits(day) & after_today,
            lockdown=self.state.lockdown,
            mu=p.mu_remote,
            b_weekday=p.array("b_weekday", WEEKDAYS),
            coefficients=coefficients(p),
        )
        travel, off_peak = self.effects.travel, self.effects.off_peak
        rail, car = travel.rail(self.expected_min), travel.car(self.expected_ratio)
        self._cells = Cells(
            rail=self._rail_on_strike() if self.state.share_trains < 1.0 else rail,
            car=car,
            rail_off_peak=off_peak.rail_today,
            car_off_peak=off_peak.car,
            rail_valued=rail,
            car_valued=car,
            rail_off_peak_valued=off_peak.rail,
        )

    def _rail_on_strike(self) -> np.ndarray:
        """Return V_rail of a day with fewer trains: longer waits, and the same riders in them."""
        riders, p, crowd = self.loads.riders, self.parameters, self.network.perceived_min
        expected = self.expected_min + crowd(riders, self.supply_today, p)
        return self._travel_today.rail(expected - crowd(riders, self.effects.supply, p))

    def _choose(self) -> None:
        kernels.choose(
            self.columns, self._choosers, self.reach, self.centre_offer, self._cells,
            self._settings,
            self._bounds, self.population.commune_start, self.world.commune_order,
            self.world.slots,
        )  # fmt: skip

    def _book(self) -> None:
        day, seed, w = self._settings.day, self.draw_seed, self.columns
        desks = self.effects.posted.desks.astype(np.int64)
        self.desks = booking.desks_today(seed, self.sites.key, desks, day, self.scale)
        share = self.parameters.array("exogenous_share", ("urban", "rural"))[self.sites.area]
        self.exogenous = booking.exogenous_users(seed, self.sites.key, self.desks, share, day)
        free = np.repeat((self.desks - self.exogenous)[:, None], 2, axis=1)
        self.mobile_users = mobile.visitors_today(
            seed, self.sites.key, self._mobile_expected, free, day, self.scale
        )
        self.free_desks = free - self.mobile_users
        self.refusals = np.zeros(self.desks.size, dtype=np.int64)
        seekers = np.flatnonzero(w.slot >= 0)
        order = booking.service_order(
            seed, day, seekers, w.low[seekers], w.high[seekers], w.subscribed[seekers] > 0
        )
        kernels.book(
            w, self._choosers, self.reach, self.centre_offer, self._cells, self._settings, order,
            self.free_desks, self.refusals, self.world.slots,
        )  # fmt: skip
        occupied = self.desks - self.free_desks.mean(axis=1)
        self._occupied_last_week += occupied / self.scale

    def _load_network(self) -> None:
        riders, drivers = np.zeros((2, self._cells.rail.size))
        aggregation.count_office_travellers(
            self.columns, self.population.commune_start, self.world.commune_order, riders, drivers
        )
        demand = self.world.demand(self.effects.travel, riders, drivers)
        self.loads = self.network.loads(demand, self.background, self.supply_today, self.parameters)
        weight = self.parameters.learning_weight
        self.expected_min = learn(self.expected_min, self.loads.perceived_min, weight)
        self.expected_ratio = learn(self.expected_ratio, self.loads.road_ratio, weight)

    def _account(self) -> None:
        p = self.parameters
        pass_eur_per_day = (
            p.navigo_month_eur * (1.0 - p.navigo_employer_share) / p.working_days_per_month
        )
        books = Bookkeeping(
            week_begins=self._days_done == 0,
            eur_per_util=_inverse(p.beta_cost_per_eur),
            eur_per_place_util=_inverse(p.theta * p.beta_cost_per_eur),
            g_peer=p.g_peer,
            pass_eur_per_day=pass_eur_per_day,
            isolation_retention=p.isolation_retention,
            fatigue_midpoint_min=p.fatigue_midpoint_min,
            fatigue_scale_min=p.fatigue_scale_min,
            car_eur_per_km=p.car_cost_eur_per_km,
        )
        self._travel_today.load_roads(self.trips, self.loads.road_ratio, p)
        aggregation.account(
            self.columns, self._choosers, self.reach, self.centre_offer, self._cells,
            self.trips, self._settings, books,
            self.population.commune_start, self.world.commune_order, self.account,
        )  # fmt: skip
        self._weekdays_done |= 1 << self.day.weekday()
        self._days_done += 1

    def _apply_policies(self, day: dt.date, state: PolicyState | None = None) -> None:
        """Let the policies of a day take effect (`sim77.engine.world.World.effects`)."""
        self.effects = self.world.effects(day, getattr(self, "effects", None), state)
        self._week_valued = False
        self._travel_today = self.effects.travel_today
        self.trips = self._travel_today.trips(self.parameters)
        self._bounds = error_bounds(self.parameters.mu_remote)
        w = self.columns
        w.allowance[:] = self.effects.rights.half_days
        w.taste_rail[:], w.taste_car[:] = self.effects.taste_rail, self.effects.taste_car
        w.chooser[:] = -1
        w.chooser[self._choosers.worker] = np.arange(self._choosers.worker.size)

    # What can be looked at -------------------------------------------------------------------

    @property
    def state(self) -> PolicyState:
        """The policies in force."""
        return self.effects.state

    @property
    def parameters(self) -> ParameterSet:
        """The parameters in force."""
        return self.effects.parameters

    # Mesa, from 3.4 on, has a property of this name for scenarios of its own kind.
    @property
    def scenario(self) -> Scenario:
        """The policies simulated."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._scenario = scenario

    @property
    def rights(self) -> Entitlements:
        """Who may work away from the office."""
        return self.effects.rights

    @property
    def supply_today(self) -> RailSupply:
        """The trains that run today."""
        return self.effects.supply_today

    @property
    def _choosers(self) -> Choosers:
        return self.effects.choosers

    def expected_by_kind(self) -> np.ndarray:
        """Return the expected number of workers who prefer each kind of plan today, (4,).

        From the choice probabilities, before booking: office, half, home, telecentre. To be called
        by a watcher after the phase "choose".
        """
        out = np.zeros((len(self.territory.communes), 4))
        kernels.expected_kinds(
            self.columns, self._choosers, self.reach, self.centre_offer, self._cells,
            self._settings, self.population.commune_start, self.world.commune_order,
            self.world.slots, out,
        )  # fmt: skip
        return out.sum(axis=0)

    @property
    def centre_today(self) -> np.ndarray:
        """Row in ``sites`` of the centre each worker uses today, -1 none, (n_workers,)."""
        centre = np.full(self.columns.slot.size, -1, dtype=np.int64)
        rows = np.flatnonzero(self.columns.slot >= 0)
        first = self.reach.start[self._choosers.reach[self.columns.chooser[rows]]]
        centre[rows] = self.reach.centre[first + self.columns.slot[rows]]
        return centre

    @property
    def workers(self) -> WorkerSet:
        """The workers: count, select, group, aggregate, iterate; ``workers[i]`` is one of them."""
        return WorkerSet(self)


def _inverse(coefficient: float) -> float:
    """Euros a util; none where money counts for nothing, as in tests of the limits."""
    return 1.0 / abs(coefficient) if coefficient else 0.0
