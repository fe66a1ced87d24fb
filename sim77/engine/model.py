"""The model: one simulated day, its phases in order. The page to read first.

`PHASES` is the plan of a day: `CommuteModel.step` runs it, the ODD page prints it, and each phase
is timed. A phase is a method of its name, of a few lines, that says what it does and calls the
module where its science is.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import mesa
import numpy as np

from sim77.core import calendar
from sim77.core.compiled import drop_stale
from sim77.core.threads import Runs, even_runs, in_runs, weighed_runs
from sim77.core.units import ALL_WEEKDAYS, CENTRE_AREAS, MODES, MONTHS, WEEKDAYS
from sim77.engine import (
    aggregation,
    booking,
    booking_kernels,
    home_based,
    mobile,
    observation,
)
from sim77.engine.agents import ModelOfAgents
from sim77.engine.arrays import (
    AggregationInputs,
    Markets,
    OfficeMinutes,
    Settings,
)
from sim77.engine.choice import choose_kernels, week_kernels
from sim77.engine.choice.allowance import coverage_bounds
from sim77.engine.choice.terms import coefficients
from sim77.engine.columns import centre_columns, fibre_share, worker_columns
from sim77.engine.learning import TeamMemory, learn
from sim77.engine.modes import BestModes
from sim77.engine.organisations import awareness
from sim77.engine.organisations.awareness_kernels import meet_centres
from sim77.engine.organisations.employers import Employers, QuarterLedger
from sim77.engine.organisations.operators import DayUse, MonthLedger, Operators
from sim77.engine.population.population import (
    INDEPENDENTS,
    N_KINDS_OF_WORKER,
    Population,
    build_population,
)
from sim77.engine.recorder import CENTRE_COLUMNS, Recorder
from sim77.engine.scope import checked_scale, checked_seed, checked_zones, days_of_run
from sim77.engine.sources import KERNEL_SOURCES
from sim77.engine.state import CentreDay, Memory
from sim77.engine.travel import pass_eur
from sim77.engine.workers import WorkerSet
from sim77.engine.world import Effects, World
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.build.new_lines import with_new_lines
from sim77.territory.territory import Territory, load_territory

drop_stale(KERNEL_SOURCES)


class Phase(NamedTuple):
    """A phase of a day; the method of the model with its name does it and says what that is."""

    name: str
    burn_in: bool = True  # also on the days before the first day reported

    @property
    def method(self) -> str:
        """The method of `CommuteModel`."""
        return f"_{self.name}"

    @property
    def description(self) -> str:
        """What the phase does, in one paragraph."""
        return " ".join((getattr(CommuteModel, self.method).__doc__ or "").split())


PHASES = (
    Phase("look_back"),
    Phase("policies", burn_in=False),
    Phase("start_month"),
    Phase("price_journeys"),
    Phase("start_week"),
    Phase("value_week"),
    Phase("choose"),
    Phase("book"),
    Phase("load_network"),
    Phase("aggregate"),
    Phase("record", burn_in=False),
    Phase("end_month", burn_in=False),
)
"""The plan of a day, in order."""


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
    workplaces : str or sequence of str, optional
        Workplace zones in scope, those that the territory takes by default; in Seine-et-Marne
        ``paris`` out of ``paris``, ``inner-ring``, ``within`` and ``outer-ring``.
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
    employers, telecentres, lines, sections, communes : mesa.agent.AgentSet
    memory : Memory
        All that the run remembers from one day to the next.
    running : bool
        False once the last day has been simulated.
    observers : list of callable
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
        workplaces: str | Sequence[str] | None = None,
        start: dt.date | None = None,
        end: dt.date | None = None,
        territory: Territory | str | None = None,
        population: Population | None = None,
    ):
        began = time.perf_counter()
        seed = checked_seed(seed)
        super().__init__(rng=seed)
        self.draw_seed = seed
        territory = load_territory(territory)
        self.scenario = load_scenario(scenario, territory)
        self.territory = with_new_lines(territory, self.scenario.new_lines)
        self.scale = checked_scale(scale)
        self.zones = checked_zones(workplaces, self.territory)
        self.days = days_of_run(self.scenario, start, end)
        first = self.scenario.state_on(self.days[0], self.territory)
        self.population = population or build_population(
            self.territory, first.parameters, seed=seed, scale=self.scale, zones=self.zones
        )
        self.world = World(self.scenario, self.territory, self.population, self.days)
        self.network, self.sites = self.world.network, self.world.sites
        self.observers: list[Callable[[CommuteModel, str], None]] = []
        self.seconds = {phase.name: 0.0 for phase in PHASES}
        self.modes = BestModes(self.population.market_groups, len(MODES))
        self.at_office = aggregation.nobody_at_office(
            self.population.strata, len(MODES), self.network.tables.road_km.size
        )
        self.memory = self._first_memory()
        self._price_journeys()
        self._offer_centres()
        for day in calendar.working_days_before(self.days[0], int(self.parameters.burn_in_days)):
            self._simulate(day, [phase for phase in PHASES if phase.burn_in])
        self._start_reporting()
        self.seconds = {"setup": time.perf_counter() - began, **dict.fromkeys(self.seconds, 0.0)}

    def _first_memory(self) -> Memory:
        """Return what there is before the burn-in: nobody has learned or booked anything."""
        n_sites, day = len(self.sites.ids), self.days[0]
        effects = self.world.effects(day, self.world.state_on(day))
        begin = self.world.find_start(effects)
        memory = Memory(
            day=day - dt.timedelta(days=1),
            effects=effects,
            columns=worker_columns(self.population, self.world.alternatives, effects.taste),
            home_based=home_based.columns_of(
                self.world.home_based, self.world.alternatives, effects.travel.n_modes
            ),
            teams=TeamMemory(self.population),
            trips=effects.travel_today.trips(effects.parameters),
            office_min=OfficeMinutes(
                np.zeros_like(effects.travel.fixed_utility), np.zeros(self.population.low.size)
            ),
            background=begin.background,
            loads=begin.loads,
            expected_min=begin.expected_min,
            expected_ratio=begin.expected_ratio,
            centres=CentreDay.empty(self._known_at_start(effects), effects.posted.open.copy()),
            subscriptions=booking.no_subscriptions(),
            operators=Operators(self.sites.ids, self.world.traits),
            employers=Employers(self.population.employer_heads),
            month_ledger=self._new_month(day),
            quarter_ledger=self._new_quarter(day),
            outputs=np.zeros(
                (len(self.territory.communes), N_KINDS_OF_WORKER, aggregation.N_OUTPUTS)
            ),
            refusal_loss=np.zeros((len(self.territory.communes), N_KINDS_OF_WORKER)),
            recorder=Recorder.empty(
                len(self.days), len(self.territory.communes), n_sites,
                self.network.n_segments, self.network.n_sections,
            ),
        )  # fmt: skip
        memory.follow_policies()
        return memory

    def _known_at_start(self, effects: Effects) -> np.ndarray:
        first = self.days[0]
        before = calendar.working_days_before(first, int(effects.parameters.burn_in_days))
        return awareness.at_start(
            self.world.opened, effects.posted.open, next(iter(before), first), first,
            self.world.around, self.world.innovation_on, effects.parameters,
        )  # fmt: skip

    def _start_reporting(self) -> None:
        self.memory.columns.days_by_kind[:] = 0
        self.memory.columns.minutes_saved[:] = 0.0
        for sums in self.memory.office_min:
            sums[:] = 0.0
        self.datacollector = mesa.DataCollector(model_reporters=observation.reporters())
        self.running = True

    def go_on_from(self, memory: Memory) -> None:
        """Go on from what another run with the same people and days remembers.

        Parameters
        ----------
        memory : Memory
            Between two days; the model makes it its own.
        """
        self.memory, recorder = memory, memory.recorder
        self.steps = len(recorder.days)
        self.running = self.steps < len(self.days)
        for place, name in enumerate(aggregation.OUTPUT_COLUMNS):
            by_day = recorder.kinds_of_worker[: self.steps].sum(axis=1)[:, place]
            self.datacollector.model_vars[name] = by_day.tolist()

    # One day ---------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate the next day; after the last one `running` is False."""
        m = self.memory
        if not self.running:
            return
        self._simulate(self.days[len(m.recorder.days)], PHASES)
        self.datacollector.collect(self)
        self.running = len(m.recorder.days) < len(self.days)
        if not self.running:
            self._record_week()
            m.teams.update(m.columns.office_units, m.weekdays_done)
            self._end_employers_week(None)

    def _simulate(self, day: dt.date, phases: Sequence[Phase]) -> None:
        self.memory.day = day
        for phase in phases:
            began = time.perf_counter()
            getattr(self, phase.method)()
            self.seconds[phase.name] += time.perf_counter() - began
            for observer in self.observers:
                observer(self, phase.name)

    def _look_back(self) -> None:
        """Look back on last week, on the first day of a week.

        Remember what the teams did and, when a quarter has ended, let the employers act
        (`sim77.engine.organisations.employers`).
        """
        m = self.memory
        monday = calendar.monday_of(m.day)
        if monday == m.week:
            return
        reporting = bool(m.recorder.days)
        if reporting:
            self._record_week()
        m.teams.update(m.columns.office_units, m.weekdays_done)
        if reporting:
            self._end_employers_week(monday)

    def _policies(self) -> None:
        """Let policies, and dated facts of the railway, take effect when their date has come.

        Allowances, trains, journeys and open centres are computed again only then.
        """
        memory = self.memory
        state = memory.as_run(self.world.state_on(memory.day))
        if not self.world.still_holds(memory.effects, memory.day, state):
            before = memory.effects
            memory.effects = self.world.effects(memory.day, state)
            now = memory.effects
            same_journeys = now.travel_today is before.travel_today
            if now.parameters != before.parameters:
                memory.month_ledger.accrue(self.world.traits, before.parameters)
            if not same_journeys or now.parameters != before.parameters:
                memory.trips = now.travel_today.trips(now.parameters)
            memory.follow_policies()
            memory.keep_week_values(before)

    def _record(self) -> None:
        """Record the day (`sim77.engine.recorder`)."""
        m = self.memory
        recorder = m.recorder
        n = recorder.record(m.day, m.outputs)
        recorder.centres[n] = observation.centres(self)
        recorder.segments[n] = observation.segments(self)
        recorder.sections[n] = observation.sections(self)
        recorder.day_values[n] = observation.day_values(self)

    @property
    def _reported(self) -> int:
        """Days of this week that the run has recorded, as bits: neither burn-in nor later ones."""
        m = self.memory
        days = m.recorder.days[-len(WEEKDAYS) :]
        return sum(1 << day.weekday() for day in days if calendar.monday_of(day) == m.week)

    def _record_week(self) -> None:
        m = self.memory
        if self._reported == calendar.weekday_bits(m.week):
            m.recorder.weeks[m.week] = observation.week(self, self._reported)

    def _end_month(self) -> None:
        """Close the operators' accounts on the last day of a month, and let them act.

        See `sim77.engine.organisations.operators`.
        """
        m = self.memory
        n = len(m.recorder.days) - 1
        row = dict(zip(CENTRE_COLUMNS, m.recorder.centres[n].T, strict=True))
        m.month_ledger.add_day(
            m.effects.posted,
            DayUse(
                row["whole_days"] + row["home_based_users"], row["half_days"],
                row["exogenous_users"] + row["mobile_users"], booking.visitor_hours(
                    m.effects.posted.desks, m.centres.known_around, m.effects.posted.price_hour_eur,
                    self.parameters,
                ),
                row["subscribers"],
                row["revenue_workers_eur"], row["revenue_others_eur"],
                m.centres.offer.price_day,
            ),
        )  # fmt: skip
        coming = self.days[n + 1] if n + 1 < len(self.days) else None
        if coming is None or coming.month != m.day.month:
            m.operators.close_accounts(m.month_ledger, self.parameters)
            self.telecentres.do("step")
            m.recorder.months[m.day] = m.operators.accounts
            m.month_ledger = self._new_month(coming or m.day)

    def _new_month(self, day: dt.date) -> MonthLedger:
        return MonthLedger(len(self.sites.ids), len(calendar.month_of(day)))

    def _new_quarter(self, day: dt.date) -> QuarterLedger:
        year = calendar.working_days(dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))
        return QuarterLedger(self.population.employer_heads.size, len(year))

    def _end_employers_week(self, coming: dt.date | None) -> None:
        """Add a week to the employers' quarter; at its end let them act (`employers`).

        After the run's last week, of which no other is `coming`, they look back on what there is of
        a quarter, and act only if it is over.
        """
        m = self.memory
        m.quarter_ledger.add_week(m.teams.of_employer[:, 0], self._reported)
        # The first week may begin before the run, even in the quarter before.
        first, then = max(m.week, self.days[0]), coming or calendar.working_day_after(m.day)
        over = (then.month - 1) // 3 != (first.month - 1) // 3
        if over or coming is None:
            covered = coverage_bounds(self.state)[:INDEPENDENTS, :-1]
            m.employers.quarter_end(m.quarter_ledger, covered, self.state, over)
            m.quarter_ledger = self._new_quarter(coming or m.week)

    def _start_month(self) -> None:
        """Settle the subscriptions, on the first day of a month (`sim77.engine.booking`).

        Let more people know of each centre (`sim77.engine.organisations.awareness`).
        """
        m = self.memory
        if m.day.month != m.month:
            self._settle_month()
        around = self.world.around
        new = m.effects.posted.open & ~m.centres.announced
        if new.any():
            m.centres.announced = m.centres.announced | new
            m.centres.known = awareness.announced(
                m.centres.known, new, around,
                self.parameters.awareness_innovation_per_month, self.parameters,
            )  # fmt: skip
            m.centres_met = False
        if not m.centres_met:
            m.centres_met = True
            m.centres.known_around = around.mean(m.centres.known)
            for w, choosers in m.seekers_of_desks:
                in_runs(
                    meet_centres, even_runs(choosers.worker.size), w, choosers,
                    self.choice_sets, self.sites.known_key, m.centres.known, self.draw_seed,
                )  # fmt: skip

    def _settle_month(self) -> None:
        m = self.memory
        posted, held = m.effects.posted, []
        if m.month != -1:
            begins = m.day.replace(day=1)
            # In the burn-in all centres of the first day are open.
            not_new = np.array([not day or day < begins for day in self.world.opened], np.bool_)
            m.centres.known = awareness.spread(
                m.centres.known, m.effects.posted.open & not_new, self.world.around,
                awareness.innovation_in(begins - dt.timedelta(days=1), self.world.innovation_on),
                self.parameters,
            )  # fmt: skip
        m.month, m.centres_met = m.day.month, False
        everybody = np.arange(m.home_based.low.size)
        # Who considers no centre has asked for none.
        asked = np.append(m.choosers.considers, True)  # the last one is who has no allowance now
        mine = m.visited[asked[m.columns.chooser[m.visited]]]
        for (w, choosers), people, rows, all_rows in zip(
            m.seekers_of_desks, (self.population, self.world.home_based), (mine, everybody),
            (m.visited, everybody), strict=True,
        ):  # fmt: skip
            w.subscribed[:] = 0
            w.subscribed[rows] = booking.subscriptions_earned(
                w.asked_eur[rows], people.commune[rows], people.car_available[rows],
                self.choice_sets, posted,
            )  # fmt: skip
            w.asked_eur[all_rows], w.employer_paid_eur[all_rows] = 0.0, 0.0
            held.append(
                booking.settle_subscriptions(
                    w, choosers, people, self.choice_sets, posted, self.world.alternatives,
                    self.parameters, at_home=w is m.home_based,
                )
            )  # fmt: skip
        m.subscriptions = booking.joined(held)
        m.centres.subscriptions = np.bincount(
            m.subscriptions.centre, m.subscriptions.weight, len(self.sites.ids)
        )

    def _start_week(self) -> None:
        """Refill allowances and draw absences, on the first day of a week."""
        m = self.memory
        monday = calendar.monday_of(m.day)
        if monday == m.week:
            return
        absence = self.parameters[f"absence_{MONTHS[monday.month - 1]}"]
        for w in (m.columns, m.home_based):
            in_runs(
                aggregation.mark_absences, even_runs(w.low.size), w, self.draw_seed,
                monday.toordinal(), absence,
            )  # fmt: skip
        m.columns.used[:] = 0
        m.centres.colocation = m.centres.occupied_last_week / max(m.days_done, 1)
        m.week, m.weekdays_done, m.days_done = monday, 0, 0
        m.centres.occupied_last_week[:] = 0.0
        for _, choosers in m.seekers_of_desks:
            choosers.week_value[:] = np.nan
        m.week_valued = False

    def _value_week(self) -> None:
        """Value the rest of the week for workers with an allowance.

        On the first day of a week, and when a policy takes effect: see
        `sim77.engine.choice.allowance`.
        """
        m = self.memory
        if m.week_valued:
            return
        m.week_valued = True
        fibre_day = m.day + dt.timedelta(days=self.state.fibre_advance_days)
        fibre = fibre_share(self.territory, fibre_day, self.parameters, self.state.fibre_start)
        for w, choosers in m.seekers_of_desks:
            choosers.fibre[:] = fibre[w.commune[choosers.worker]]
        self._offer_centres()
        m.centres.mobile_expected = mobile.expected_visitors(
            self.territory, self.sites, m.centres.offer, m.centres.known_around, self.parameters
        )
        in_runs(
            week_kernels.value_week, even_runs(m.choosers.worker.size),
            m.columns, m.choosers, self.choice_sets, m.centres.offer, m.markets, m.settings,
            self.population.team, self.population.employer, m.teams.sums,
        )  # fmt: skip
        week_kernels.value_at_home(
            m.home_based, m.effects.home_based, self.choice_sets, m.centres.offer,
            self._staying_at_home, m.settings,
        )  # fmt: skip

    def _offer_centres(self) -> None:
        self.memory.centres.offer = centre_columns(
            self.sites, self.state.sites, self.memory.centres.colocation, self.parameters
        )

    def _price_journeys(self) -> None:
        """Turn expected times into today's travel utilities (`sim77.engine.travel`).

        Strikes are in them.
        """
        m = self.memory
        day, p = m.day, self.parameters
        after_today = ALL_WEEKDAYS & ~((2 << day.weekday()) - 1)
        m.settings = Settings(
            seed=self.draw_seed,
            day=day.toordinal(),
            weekday=day.weekday(),
            coming=calendar.weekday_bits(day) & after_today,
            employer_ceiling_eur=p.employer_ceiling_eur_per_day,
            employer_budget_eur=p.employer_budget_eur_per_month,
            mu=p.mu_remote,
            mu_place=p.mu_place,
            b_weekday=p.array("b_weekday", WEEKDAYS),
            coefficients=coefficients(p),
        )
        usual, off_peak = (
            m.effects.travel.utility(m.expected_min, m.expected_ratio),
            m.effects.off_peak,
        )
        m.markets = Markets(
            office=self._on_strike() if self.state.share_trains < 1.0 else usual,
            half=off_peak.today,
            office_valued=usual,
            half_valued=off_peak.usual,
        )

    def _on_strike(self) -> np.ndarray:
        """Return utilities of a day with fewer trains: longer waits, the same riders in them."""
        m = self.memory
        riders, p, crowd = m.loads.riders, self.parameters, self.network.perceived_min
        expected = m.expected_min + crowd(riders, self.trains_today, p)
        expected -= crowd(riders, m.effects.trains, p)
        return m.effects.travel_today.utility(expected, m.expected_ratio)

    def _choose(self) -> None:
        """Let everybody at work prefer a plan (`sim77.engine.choice.utility`)."""
        m = self.memory
        w = m.columns
        self.modes.find(m.markets.office, w.taste, w.office_mode, w.office_taste, m.office_min)
        in_runs(
            choose_kernels.choose, self._runs_of_communes,
            m.columns, m.choosers, self.choice_sets, m.centres.offer, m.markets, m.settings,
            m.effects.bounds, self.population.commune_start, self.world.alternatives,
        )  # fmt: skip
        start = self.world.home_based.commune_start
        in_runs(
            choose_kernels.choose, weighed_runs(start),
            m.home_based, m.effects.home_based, self.choice_sets, m.centres.offer,
            self._staying_at_home, m.settings, m.effects.bounds, start, self.world.alternatives,
        )  # fmt: skip

    @property
    def _runs_of_communes(self) -> Runs:
        return weighed_runs(self.population.commune_start)

    @property
    def _staying_at_home(self) -> Markets:
        return home_based.markets_of(self.memory.effects.travel.n_modes)

    def _book(self) -> None:
        """Serve those who want a desk, one after the other (`sim77.engine.booking`)."""
        m = self.memory
        day, seed, w = m.settings.day, self.draw_seed, m.columns
        desks = m.effects.posted.desks.astype(np.int64)
        m.centres.desks = booking.desks_today(seed, self.sites.key, desks, day, self.scale)
        share = self.parameters.array("exogenous_share", CENTRE_AREAS)[self.sites.area]
        share = m.centres.known_around * booking.share_at_price(
            share, m.centres.offer.price_day, self.parameters
        )
        m.centres.exogenous = booking.exogenous_users(
            seed, self.sites.key, m.centres.desks, share, day
        )
        free = np.repeat((m.centres.desks - m.centres.exogenous)[:, None], 2, axis=1)
        m.centres.mobile_users = mobile.visitors_today(
            seed, self.sites.key, m.centres.mobile_expected, free, day, self.scale
        )
        m.centres.free_desks = free - m.centres.mobile_users
        m.centres.refusals, m.centres.turned_away = np.zeros(
            (2, m.centres.desks.size), dtype=np.int64
        )
        m.refusal_loss[:] = 0.0
        seekers, own = self.at_centres[0], self.home_based_at_centres[0]
        both = ((w, seekers), (m.home_based, own))
        low, high, subscribed = (
            np.concatenate([getattr(each, name)[rows] for each, rows in both])
            for name in ("low", "high", "subscribed")
        )
        order = booking.service_order(
            seed, day, np.concatenate((seekers, -1 - own)), low, high, subscribed > 0
        )
        booking_kernels.book(
            (w, m.choosers, m.markets, m.settings),
            (m.home_based, m.effects.home_based, self._staying_at_home, m.settings),
            self.choice_sets, m.centres.offer, order,
            m.centres.free_desks, m.centres.refusals, m.centres.turned_away,
            m.refusal_loss, self.world.alternatives,
        )  # fmt: skip
        occupied = m.centres.desks - m.centres.free_desks.mean(axis=1)
        m.centres.occupied_last_week += occupied / self.scale

    def _load_network(self) -> None:
        """Load trains and roads with today's journeys, and learn from them.

        See `sim77.engine.supply.network` and `sim77.engine.learning`.
        """
        m = self.memory
        in_runs(
            aggregation.count_at_office, self._runs_of_communes,
            m.columns, self.population.strata, self.population.commune_start, self.at_office,
        )  # fmt: skip
        demand = self.network.demand(self.at_office.travellers)
        others = m.background.of_day(m.day.weekday(), self.parameters)
        m.loads = self.network.loads(demand, others, self.trains_today, self.parameters)
        weight = self.parameters.learning_weight
        m.expected_min = learn(m.expected_min, self._met_on_usual_trains(), weight)
        m.expected_ratio = learn(m.expected_ratio, m.loads.travel_time_ratio, weight)

    def _met_on_usual_trains(self) -> np.ndarray:
        """Return the minutes that today's riders meet, or would without the strike (`_on_strike`).

        What a strike adds is added to the choices of its days; learnt, it would be there twice.
        """
        m = self.memory
        if self.state.share_trains < 1.0:
            return self.network.perceived_min(m.loads.riders, m.effects.trains, self.parameters)
        return m.loads.perceived_min

    def _aggregate(self) -> None:
        """Add up what everybody did (`sim77.engine.aggregation`)."""
        m = self.memory
        p = self.parameters
        pass_eur_per_day = pass_eur(p)
        inputs = AggregationInputs(
            eur_per_util=_inverse(p.beta_cost_per_eur),
            eur_per_place_util=_inverse(p.theta * p.beta_cost_per_eur),
            g_peer=p.g_peer,
            pass_eur_per_day=pass_eur_per_day,
            pass_rise_eur_per_day=pass_eur_per_day - self.world.pass_eur_in_base_year,
            isolation_retention=p.isolation_retention,
            fatigue_midpoint_min=p.fatigue_midpoint_min,
            fatigue_scale_min=p.fatigue_scale_min,
            car_eur_per_km=p.car_cost_eur_per_km,
        )
        m.effects.travel_today.load_trips(m.trips, m.loads, p, m.office_min.by_mode)
        in_runs(
            aggregation.aggregate, self._runs_of_communes,
            m.columns, m.choosers, self.choice_sets, m.centres.offer, m.markets, m.trips,
            m.settings, inputs, self.population.strata, self.at_office, m.visited,
            self.population.commune_start, m.outputs,
        )  # fmt: skip
        theirs = home_based.remember(
            m.home_based, m.effects.home_based, self.choice_sets, m.centres.offer,
            m.effects.considering[1], inputs, len(self.territory.communes),
        )  # fmt: skip
        for column, by_commune in theirs:
            m.outputs[:, -1, column] += by_commune
        held, days = m.subscriptions, m.month_ledger.working_days
        np.add.at(
            m.outputs[:, :, aggregation.SUBSCRIPTION_EUR], (held.commune, held.kind_of_worker),
            booking.subscriptions_today_eur(held, m.effects.posted, days),
        )  # fmt: skip
        m.outputs[:, :, aggregation.REFUSAL_LOSS_EUR] = m.refusal_loss * inputs.eur_per_place_util
        # Of no worker: counted in the commune of the centre, beside who has no employer.
        np.add.at(
            m.outputs[:, -1, aggregation.DESKS_OPEN], self.sites.commune,
            m.centres.desks / self.scale,
        )  # fmt: skip
        m.weekdays_done |= 1 << m.day.weekday()
        m.days_done += 1

    # What can be looked at -------------------------------------------------------------------

    # Mesa, from 3.4 on, has a property of this name for scenarios of its own kind.
    @property
    def scenario(self) -> Scenario:
        """The policies simulated."""
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def expected_by_kind(self) -> np.ndarray:
        """Return the expected number of workers who prefer each kind of plan today, (4,).

        From the choice probabilities, before booking: office, half, home, telecentre. To be called
        by an observer after the phase "choose".
        """
        m = self.memory
        out = np.zeros((len(self.territory.communes), 4))
        in_runs(
            choose_kernels.expected_kinds, self._runs_of_communes,
            m.columns, m.choosers, self.choice_sets, m.centres.offer, m.markets, m.settings,
            self.population.commune_start, self.world.alternatives, out,
        )  # fmt: skip
        return out.sum(axis=0)

    @property
    def workers(self) -> WorkerSet:
        """The workers: count, select, group, aggregate, iterate; ``workers[i]`` is one of them."""
        return WorkerSet(self)


def _inverse(coefficient: float) -> float:
    """EUR per util; 0 where money counts for nothing, as in tests of the limits."""
    return 1.0 / abs(coefficient) if coefficient else 0.0
