"""The engine and the plain model, worker for worker and day for day, and mistakes in the engine.

The scenario and the territory stress every rule at once; that each came into play is checked too,
so that agreement cannot be for want of disagreement.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from sim77.core.units import MODES
from sim77.engine import booking, columns, mobile, model, travel, world
from sim77.engine.choice import allowance
from sim77.engine.organisations import awareness
from sim77.engine.organisations.awareness import Surroundings
from sim77.engine.supply import loads, network, pair_travel, pairs
from sim77.engine.supply.loads import Incidence
from sim77.engine.supply.network import Background, Network
from sim77.engine.supply.pair_travel import PairTravel
from sim77.engine.supply.pairs import PairTables
from sim77.territory.territory import Territory

from .compare import (
    BUSY_SCALE,
    CLOSES,
    END,
    OPENS,
    busy_scenario,
    differences,
    engine_model,
    new_year_scenario,
    plain_model,
)
from .plain_model import Day, PlainModel
from .plain_worker import HALF, HOME, NOT_AT_WORK, OFFICE, TELECENTRE

pytestmark = pytest.mark.oracle

SHOWN = 20


@dataclass
class Run:
    """What both models did; the plain one says what happened on the way."""

    plain: PlainModel
    days: list[Day] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    allowances: set[int] = field(default_factory=set)
    habits: Counter[bool] = field(default_factory=Counter)
    presence: set[float] = field(default_factory=set)
    norm: set[float] = field(default_factory=set)
    fibre: set[float] = field(default_factory=set)
    colocation: set[float] = field(default_factory=set)
    strike_min: list[float] = field(default_factory=list)
    crowded: bool = False


@pytest.fixture(scope="module")
def run(busy_territory: Territory) -> Run:
    scenario = busy_scenario()
    engine = engine_model(scenario, BUSY_SCALE, busy_territory)
    run = Run(plain_model(scenario, engine))
    while run.plain.coming_days:
        before = [worker.last_kind for worker in run.plain.workers]
        engine.step()
        run.plain.step()
        run.found += differences(engine, run.plain.today)
        take_note(run, before)
    return run


def take_note(run: Run, kinds_before: list[int | None]) -> None:
    plain = run.plain
    run.days.append(plain.today)
    run.allowances |= {worker.allowance for worker in plain.workers}
    run.presence |= {worker.presence[2] for worker in plain.workers}
    run.norm |= {worker.norm for worker in plain.workers}
    run.fibre |= {plain.fibre(worker.commune) for worker in plain.workers}
    run.colocation |= set(plain.colocation.values())
    run.habits.update(
        kind == worker.kind
        for kind, worker in zip(kinds_before, plain.workers, strict=True)
        if worker.at_work
    )
    if plain.state.share_trains < 1:
        run.strike_min.append(max(plain.outlook_today.rail_min.values()))
    run.crowded |= max(plain.today.rail_min.values()) > 1


def test_the_engine_agrees_with_the_plain_model(run: Run) -> None:
    shown = "\n".join(run.found[:SHOWN])
    assert not run.found, f"{len(run.found)} differences, the first are\n{shown}"
    assert len(run.days) >= 60
    assert run.days[-1].date == END
    assert 500 <= len(run.plain.workers) <= 1000


def test_every_plan_and_mode_occurred(run: Run) -> None:
    kinds = Counter(kind for day in run.days for kind in day.kind)
    assert set(kinds) == {NOT_AT_WORK, OFFICE, HALF, HOME, TELECENTRE}
    assert min(kinds.values()) >= 100, kinds
    modes = Counter(
        (kind, mode)
        for day in run.days
        for kind, mode in zip(day.kind, day.mode, strict=True)
        if kind in (OFFICE, HALF)
    )
    assert set(modes) == {(kind, mode) for kind in (OFFICE, HALF) for mode in range(len(MODES))}
    assert min(modes.values()) >= 20, modes


def test_trains_were_full_and_roads_slow(run: Run) -> None:
    by_date = {str(day.date): day for day in run.days}
    left_behind = {
        date: sum(np.array(list(day.rail_load.values())) - day.carried)
        for date, day in by_date.items()
    }
    assert left_behind["2015-05-19"] > 3 * left_behind["2015-05-18"] > 0
    assert max(by_date["2015-05-19"].queue_min) > 5
    waits = np.array([day.queue_min for day in run.days])
    assert (waits == 0).any() and (waits > 0).any()
    ratios = np.array([list(day.travel_time_ratio.values()) for day in run.days])
    assert (np.ptp(ratios, axis=0) > 1e-6).sum() > ratios.shape[1] / 2
    workers = run.plain.workers
    assert run.plain.network.train_sizes(END)["R"] == {
        "seats_per_train": 20,
        "places_per_train": 45,
    }
    assert any(worker.journey.toll for worker in workers)
    assert {line for worker in workers for line in worker.journey.waits} == {"R", "S"}
    assert {worker.group for worker in workers} >= {"managers", "independents"}


def test_desks_were_refused_sold_and_subscribed_to(run):
    assert sum(sum(day.refusals.values()) for day in run.days) > 1000
    assert any(len(refused) > 1 for day in run.days for refused in day.refused)
    assert any(day.subscribers for day in run.days)
    assert any(sum(day.exogenous.values()) for day in run.days)
    assert sum(sum(taken) for day in run.days for taken in day.mobile.values()) > 50
    only_one_half = [m != a for day in run.days for m, a in day.booked.values()]
    assert any(only_one_half)
    assert len(run.colocation) > 10


def test_the_dynamics_were_on(run):
    assert {2, 4, 5, 6, 10} <= run.allowances
    assert run.habits[True] > 1000
    assert run.habits[False] > 1000
    assert len(run.presence) > 20
    assert len(run.norm) > 20
    assert any(0 < share < 1 for share in run.fibre)
    assert max(max(day.isolation) for day in run.days) > 1
    assert run.crowded
    first, last = run.days[0].travel_time_ratio, run.days[-1].travel_time_ratio
    changed = [abs(first[name] - last[name]) > 1e-6 for name in first]
    assert sum(changed) > len(changed) / 2


def test_the_policies_took_effect(run):
    by_date = {str(day.date): day for day in run.days}
    employees = np.array([not worker.independent for worker in run.plain.workers])

    def kinds(date: str) -> np.ndarray:
        return np.array(by_date[date].kind)

    assert len(run.strike_min) == 3
    assert min(run.strike_min) > 1
    assert set(kinds("2015-05-26")[employees]) == {NOT_AT_WORK, OFFICE}
    assert HOME in kinds("2015-05-27")[employees]
    assert OPENS not in by_date["2015-05-26"].desks
    assert any(sum(day.booked.get(OPENS, (0, 0))) for day in run.days)
    assert CLOSES in by_date["2015-06-10"].desks
    assert CLOSES not in by_date["2015-06-11"].desks
    thursday = "2015-07-02"
    obliged = np.array(
        [worker.teleworkable and 3 in worker.weekdays_drawn(2) for worker in run.plain.workers]
    )
    assert obliged.sum() > 50
    assert set(kinds(thursday)[obliged]) == {NOT_AT_WORK, HOME, TELECENTRE}
    assert OFFICE in kinds(thursday)[employees & ~obliged]
    assert OFFICE in kinds("2015-07-06")
    able = np.array([worker.teleworkable for worker in run.plain.workers])
    assert set(kinds("2015-07-07")[able]) <= {NOT_AT_WORK, HOME, TELECENTRE}
    assert set(kinds("2015-07-07")[~able]) == {NOT_AT_WORK, OFFICE}
    assert OFFICE in kinds("2015-07-10")


@pytest.fixture(scope="module")
def new_year(busy_territory: Territory) -> list[Day]:
    """The days of the plain model at the turn of a year."""
    scenario = new_year_scenario()
    plain = plain_model(scenario, engine_model(scenario, BUSY_SCALE, busy_territory))
    days, covered = [], []
    while plain.coming_days:
        plain.step()
        days.append(plain.today)
        covered.append(sum(worker.allowance > 0 for worker in plain.workers))
    assert days[3].date.year < days[4].date.year
    assert 0 < covered[0] == covered[3] < covered[4] == covered[-1]
    return days


def differences_at_new_year(days: list[Day], territory: Territory) -> list[str]:
    engine, found = engine_model(new_year_scenario(), BUSY_SCALE, territory), []
    for day in days:
        engine.step()
        found += differences(engine, day)
    return found


def test_agreements_move_on_their_path_at_new_year(
    new_year: list[Day], busy_territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = differences_at_new_year(new_year, busy_territory)
    assert not found, f"{len(found)} differences, the first is {found[0]}"
    # A mistake: rights stay those of the first day.
    monkeypatch.setattr(world, "same_rights", lambda *states: True)
    assert differences_at_new_year(new_year, busy_territory)


# Mistakes planted in the engine --------------------------------------------------------------


Original = Callable[..., Any]
Mistake = Callable[[Original], Callable[..., Any]]


def negated(original: Original) -> Callable[..., Any]:
    return lambda *given: -original(*given)


def nothing(original: Original) -> Callable[..., Any]:
    return lambda *given: 0.0 * original(*given)


def mirrored_at_one(original: Original) -> Callable[..., Any]:
    return lambda *given: 2.0 - original(*given)


def unchanged(original: Original) -> Callable[..., Any]:
    return lambda journeys, *given: journeys


def every_queue_again(original: Original) -> Callable[..., Any]:
    return lambda wait_min, upstream: wait_min


def trains_without_end(original: Original) -> Callable[..., Any]:
    return lambda demand, trains: demand


def whole_riders(original: Original) -> Callable[..., Any]:
    def loads_of(self: Incidence, travellers: np.ndarray) -> np.ndarray:
        return self.by_segment.sign() @ travellers

    return loads_of


def with_tables(change: Callable[[PairTables], PairTables]) -> Mistake:
    return lambda original: lambda *given: change(original(*given))


def waits_as_in_the_timetable(tables: PairTables) -> PairTables:
    return replace(tables, wait_by_line=0.0 * tables.wait_by_line)


def nobody_keeps_a_place(tables: PairTables) -> PairTables:
    return replace(tables, upstream=sparse.csr_matrix(tables.upstream.shape))


def toll_for_everybody(tables: PairTables) -> PairTables:
    return replace(tables, to_centre=np.ones_like(tables.to_centre))


def lines_swapped(tables: PairTables) -> PairTables:
    return replace(tables, line=1 - tables.line)


def strike_on_the_timetable(original: Original) -> Callable[..., Any]:
    def on_strike(self: PairTravel, *given: Any) -> PairTravel:
        wait = self.tables.transit["wait_min"].to_numpy()
        return original(replace(self, wait_min=wait), *given)

    return on_strike


def trains_of_before(original: Original) -> Callable[..., Any]:
    return lambda territory, day: original(territory, dt.date.min)


def choice_left_out(original: Original) -> Callable[..., Any]:
    return lambda part, p: original(part, p) + part["choice_min"].to_numpy()


def nobody_else(original: Original) -> Callable[..., Any]:
    def background(self: Network, *given: Any) -> Background:
        return Background(np.zeros(self.n_segments), np.zeros(self.n_sections))

    return background


def unchanged_background(original: Original) -> Callable[..., Any]:
    return lambda self, *given: self


def no_peak_only(original: Original) -> Callable[..., Any]:
    return lambda self, parameters: self.tables.roads.base_ratio


def without_floor(original: Original) -> Callable[..., Any]:
    def log_density(places: Any) -> np.ndarray:
        count = places["population" if "population" in places else "jobs"]
        return np.log(count.to_numpy(float) / places["area_km2"].to_numpy(float) / 1000.0)

    return log_density


def everybody(original: Original) -> Callable[..., Any]:
    return lambda population, workers, *given, **named: np.ones(workers.size, dtype=np.bool_)


def as_elsewhere(original: Original) -> Callable[..., Any]:
    return lambda parameters: np.repeat(original(parameters)[:, :1], 2, axis=1)


def each_its_own(original: Original) -> Callable[..., Any]:
    def of_run(*given: Any) -> Any:
        sites, traits = original(*given)
        return replace(sites, place_key=sites.key), traits

    return of_run


def each_alone(original: Original) -> Callable[..., Any]:
    def columns_of(*given: Any) -> Any:
        centres = original(*given)
        return centres._replace(alone=np.ones_like(centres.open))

    return columns_of


def known_one_by_one(original: Original) -> Callable[..., Any]:
    def of_run(*given: Any) -> Any:
        sites, traits = original(*given)
        return replace(sites, known_key=sites.key), traits

    return of_run


def with_settings(**wrong: float) -> Mistake:
    """Return a mistake of what holds for everybody on a day."""
    return lambda original: lambda **given: original(**given | wrong)


def budget_without_end(original: Original) -> Callable[..., Any]:
    return lambda share, price, ceiling, left: original(share, price, ceiling, np.inf)


def days_asked_counted_twice(original: Original) -> Callable[..., Any]:
    return lambda asked_eur, *given: original(2.0 * asked_eur, *given)


def promotion_of_the_last_day(original: Original) -> Callable[..., Any]:
    return lambda month, innovation_on: innovation_on(month)


def dear_desks_liked(original: Original) -> Callable[..., Any]:
    def expected(territory: Any, sites: Any, centres: Any, *others: Any) -> Any:
        return original(territory, sites, centres._replace(price_half=-centres.price_half), *others)

    return expected


def as_if_around(**wrong: Callable[[Surroundings], np.ndarray]) -> Mistake:
    """Return a mistake of the spread of awareness: something else is taken to be around."""

    def mistake(original: Original) -> Callable[..., Any]:
        def spread(known: Any, is_open: Any, around: Surroundings, *others: Any) -> Any:
            changed = {name: make(around) for name, make in wrong.items()}
            return original(known, is_open, replace(around, **changed), *others)

        return spread

    return mistake


MISTAKES: dict[str, tuple[Any, str, Mistake]] = {
    "a queue shortens the wait": (loads, "queue_min", negated),
    "every full segment is waited for": (loads, "added_wait_min", every_queue_again),
    "nobody keeps a place": (travel, "pair_tables", with_tables(nobody_keeps_a_place)),
    "a crowd shortens the ride": (loads, "crowding", mirrored_at_one),
    "trains hold everybody": (loads, "carried", trains_without_end),
    "who may ride a segment does": (Incidence, "loads", whole_riders),
    "constants by area have the wrong sign": (network, "area_constants", negated),
    "constants by occupation are left out": (network, "occupation_constants", nothing),
    "density has the wrong sign": (network, "density_slopes", negated),
    "density is left out": (network, "density_slopes", nothing),
    "density has no floor": (pairs, "log_density", without_floor),
    "frequency does not change waits": (
        travel, "pair_tables", with_tables(waits_as_in_the_timetable)
    ),
    "trains change on the wrong line": (travel, "pair_tables", with_tables(lines_swapped)),
    "trains never change": (travel, "_train_sizes", trains_of_before),
    "a strike lengthens no wait": (PairTravel, "on_strike", unchanged),
    "a strike forgets that trains are fewer": (PairTravel, "on_strike", strike_on_the_timetable),
    "the choice of paths is worth nothing": (pair_travel, "perceived_min", choice_left_out),
    "traffic speeds roads up": (network, "loaded_ratio", mirrored_at_one),
    "half days meet the peak on the road": (PairTravel, "_off_peak_ratio", no_peak_only),
    "other riders are as many on all days": (Background, "of_day", unchanged_background),
    "nobody else travels": (Network, "background", nobody_else),
    "no toll": (PairTravel, "with_toll", unchanged),
    "those within pay the toll too": (travel, "pair_tables", with_tables(toll_for_everybody)),
    "jobs in the core of a city are as others": (allowance, "teleworkable_shares", as_elsewhere),
    "each centre is a place": (world, "_sites", each_its_own),
    "of a place's centres another is liked each day": (model, "centre_columns", each_alone),
    "who knows a centre knows not its neighbour": (world, "_sites", known_one_by_one),
    "a place is as known as each of its centres": (
        Surroundings, "by_place", lambda original: lambda around, known: known
    ),
    "everybody considers a centre": (columns, "considers_centres", everybody),
    "colleagues say nothing of a centre": (
        awareness, "spread", as_if_around(colleagues=lambda it: 0.0 * it.colleagues)
    ),
    "a centre is seen from everywhere": (
        awareness, "spread", as_if_around(inside=lambda it: np.ones_like(it.inside))
    ),
    "mobile staff like a dear desk": (mobile, "expected_visitors", dear_desks_liked),
    "employers pay for days without a ceiling": (
        model, "Settings", with_settings(employer_ceiling_eur=np.inf)
    ),
    "employers pay for days without a budget": (
        model, "Settings", with_settings(employer_budget_eur=np.inf)
    ),
    "employers pay for subscriptions without a budget": (
        booking, "employer_part", budget_without_end
    ),
    "half the days of a subscription's price are enough": (
        booking, "subscriptions_earned", days_asked_counted_twice
    ),
    "a promotion counts if it lasts to the end of the month": (
        awareness, "innovation_in", promotion_of_the_last_day
    ),
    "journeys by bicycle and on foot take no time": (pairs, "_direct_km", nothing),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_engine_is_found(
    name: str, run: Run, busy_territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, attribute, mistake = MISTAKES[name]
    monkeypatch.setattr(place, attribute, mistake(getattr(place, attribute)))
    engine = engine_model(busy_scenario(), BUSY_SCALE, busy_territory)
    for day in run.days:
        engine.step()
        if list(islice(differences(engine, day), 1)):
            return
    pytest.fail(f"{name}: nobody noticed.")
