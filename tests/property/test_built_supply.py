"""What holds of a built territory's trains, roads and people, whatever is asked of them."""

import datetime as dt
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim77.core.units import OCCUPATION_GROUPS, Mode
from sim77.engine.model import CommuteModel
from sim77.engine.population.flows import GROUP_OF_CSP, commune_numbers
from sim77.engine.population.population import Population, build_population
from sim77.engine.supply.loads import Trains, rail_day
from sim77.engine.supply.pair_travel import pair_travel
from sim77.engine.supply.pairs import PairTables, trains_of
from sim77.engine.travel import Supply
from sim77.registry.parameters import resolve
from sim77.scenario.scenario import Change, Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.property

P = resolve(dt.date(2014, 1, 1))
N_LINES, N_SEGMENTS = 2, 6
MONDAY = dt.date(2014, 9, 8)
OUTPUT = "office_public_transport"

per_line = st.lists(st.floats(0.05, 3.0), min_size=N_LINES, max_size=N_LINES).map(np.array)
riders = st.lists(st.floats(0.0, 5000.0), min_size=N_SEGMENTS, max_size=N_SEGMENTS).map(np.array)
whatever = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@cache
def people(territory: Territory, scale: float = 1.0) -> Population:
    return build_population(territory, P, seed=3, scale=scale, zones=territory.workplace_zones)


@cache
def side(territory: Territory) -> Supply:
    return Supply(territory, people(territory))


def tables(territory: Territory) -> PairTables:
    return side(territory).tables


def sizes(territory: Territory) -> tuple[np.ndarray, np.ndarray]:
    """Return seats and places of a train by line."""
    lines = territory.lines
    return lines["seats_per_train"].to_numpy(float), lines["places_per_train"].to_numpy(float)


def timetable(territory: Territory, factor: float | np.ndarray = 1.0) -> Trains:
    return trains_of(tables(territory), *sizes(territory), factor * np.ones(N_LINES))


# Riders ---------------------------------------------------------------------------------------


@whatever
@given(seed=st.integers(0, 2**32 - 1))
def test_who_boards_alights(busy_territory: Territory, seed: int) -> None:
    """Riders who enter a stop leave it, and no more of them board than take the train."""
    found, segments = tables(busy_territory), busy_territory.od.transit.segments
    travellers = np.random.default_rng(seed).integers(0, 100, len(found.transit))
    loads = found.rides.loads(travellers.astype(float))
    assert loads == pytest.approx(found.rides.by_row.toarray().T @ travellers, abs=1e-9)
    stops = sorted({*segments["from_stop"], *segments["to_stop"]})
    leaves, enters = (
        np.array([[stop == each for each in segments[end]] for stop in stops], float)
        for end in ("from_stop", "to_stop")
    )
    by_market = found.rides.by_row.toarray() @ (leaves - enters).T
    boards, alights = np.maximum(by_market, 0.0), np.maximum(-by_market, 0.0)
    assert (boards.sum(axis=1) == alights.sum(axis=1)).all()
    assert (boards.sum(axis=1) <= found.transit["rail_share"]).all()
    net = (leaves - enters) @ loads
    assert net == pytest.approx(travellers @ (boards - alights), abs=1e-9 * (1 + loads.sum()))
    assert travellers @ boards.sum(axis=1) > 0.8 * (travellers @ found.transit["rail_share"])


@whatever
@given(wanted=riders, trains=per_line, places=per_line)
def test_no_train_holds_more_than_its_places(
    busy_territory: Territory, wanted: np.ndarray, trains: np.ndarray, places: np.ndarray
) -> None:
    found = tables(busy_territory)
    seats_now, places_now = (places * each for each in sizes(busy_territory))
    supply = trains_of(found, seats_now, places_now, trains)
    day = rail_day(wanted, supply, found.segment_min, found.upstream, P)
    assert (day.carried <= supply.capacity_per_hour).all()
    assert (day.carried <= wanted).all()
    left_behind = wanted > supply.capacity_per_hour
    assert (day.carried[~left_behind] == wanted[~left_behind]).all()
    assert (day.wait_min[~left_behind] == 0.0).all()
    assert np.isfinite(day.perceived_min).all() and (day.perceived_min >= 0.0).all()


@pytest.mark.parametrize("share", [0.9, 1.0])
def test_a_train_of_seats_alone_crowds_nobody(busy_territory: Territory, share: float) -> None:
    found = tables(busy_territory)
    supply = replace(timetable(busy_territory), seats=found.places)
    day = rail_day(share * supply.capacity_per_hour, supply, found.segment_min, found.upstream, P)
    assert day.perceived_min == pytest.approx(0.0, abs=1e-9)


def test_what_a_strike_adds_is_not_learnt_besides(
    busy_territory: Territory, tiny_scenario: Scenario
) -> None:
    """It is added to the choices of its days: learnt, a long strike would count twice."""
    calm = tiny_scenario.with_(network=(), end=MONDAY + dt.timedelta(days=25))
    strike = calm.with_(changes=(Change(MONDAY, "strike", 0.4),))
    models = [CommuteModel(each, territory=busy_territory) for each in (calm, strike)]
    for model in models:
        model.run_model()
    usual, fewer = (model.memory.loads for model in models)
    assert fewer.perceived_min.sum() > 2.0 * usual.perceived_min.sum()
    assert fewer.riders.sum() < usual.riders.sum()
    expected = [model.memory.expected_min.sum() for model in models]
    assert expected[1] < expected[0], "who still rides would have more room on the usual trains"


def test_no_capacity_is_exceeded_on_a_strike_day(
    busy_territory: Territory, tiny_scenario: Scenario
) -> None:
    strike = Change(MONDAY, "strike", 0.3, until=MONDAY)
    model = CommuteModel(
        tiny_scenario.with_(network=(), changes=(strike,)), territory=busy_territory, scale=0.1
    )
    wanted = []
    while model.running:
        model.step()
        wanted.append(model.memory.loads.riders)
    on_board, simulated, trains, places, _, _ = np.moveaxis(model.recorder.segments, 2, 0)
    assert (on_board <= places).all()
    assert (simulated <= on_board).all()
    assert trains[0] == pytest.approx(0.3 * trains[-1])
    assert (wanted[0] > 2.0 * places[0]).any()
    assert (wanted >= on_board).all()


# Trains ---------------------------------------------------------------------------------------


@whatever
@given(wanted=riders, few=per_line, more=st.floats(1.0, 4.0))
def test_more_trains_never_lengthen_a_wait(
    busy_territory: Territory, wanted: np.ndarray, few: np.ndarray, more: float
) -> None:
    """Neither the expected wait of anybody nor, for the same riders, that for a train with room."""
    found, constants = tables(busy_territory), side(busy_territory).network.constants
    supplies = [timetable(busy_territory, few), timetable(busy_territory, more * few)]
    waits = [pair_travel(found, supply, constants, P).wait_min for supply in supplies]
    assert (waits[1] <= waits[0] + 1e-12).all()
    queues = [
        found.rides.along(rail_day(wanted, each, found.segment_min, found.upstream, P).wait_min)
        for each in supplies
    ]
    assert (queues[1] <= queues[0] + 1e-9).all()


def test_a_frequency_doubled_halves_the_wait(busy_territory: Territory) -> None:
    found, constants = tables(busy_territory), side(busy_territory).network.constants
    once, twice = (
        pair_travel(found, timetable(busy_territory, each), constants, P) for each in (1.0, 2.0)
    )
    assert once.wait_min.max() > 3.0
    assert twice.wait_min == pytest.approx(once.wait_min / 2.0, abs=1e-6)
    rides = once.wait_min > 0.0
    gain = twice.fixed_utility - once.fixed_utility
    assert (gain[rides, Mode.PUBLIC_TRANSPORT] > 0.0).all()
    assert (gain[:, [Mode.CAR, Mode.BICYCLE, Mode.WALK]] == 0.0).all()


def test_more_trains_never_mean_fewer_riders(
    busy_territory: Territory, tiny_scenario: Scenario
) -> None:
    found = []
    for factor in (0.4, 0.7, 1.0, 1.5, 3.0):
        change = Change(MONDAY, "train_frequency", factor, target="all")
        scenario = tiny_scenario.with_(network=(), changes=(change,))
        model = CommuteModel(scenario, territory=busy_territory, scale=0.3)
        while model.running:
            model.step()
        found.append(sum(model.datacollector.model_vars[OUTPUT]))
    assert found == sorted(found)
    assert found[-1] > 1.02 * found[0]


# People ---------------------------------------------------------------------------------------


def test_the_flows_are_the_workers(busy_territory: Territory) -> None:
    everybody, flows = people(busy_territory), busy_territory.flows
    commuters = flows[~flows["at_home"]]
    assert everybody.size_of_population == commuters["workers"].sum()
    group = commuters["csp"].map(GROUP_OF_CSP).map(OCCUPATION_GROUPS.index)
    expected = commuters.groupby([commuters["commune"], commuters["workplace"], group])["workers"]
    rows = np.column_stack((everybody.commune, everybody.destination, everybody.group))
    keys, counts = np.unique(rows, axis=0, return_counts=True)
    assert dict(zip(map(tuple, keys.tolist()), counts, strict=True)) == expected.sum().to_dict()


def test_identity_tells_home_work_and_category(busy_territory: Territory) -> None:
    everybody = people(busy_territory)
    home, work = (
        commune_numbers(place["code"])[row]
        for place, row in (
            (busy_territory.communes, everybody.commune),
            (busy_territory.workplaces, everybody.destination),
        )
    )
    high, low = everybody.high.astype(np.int64), everybody.low.astype(np.int64)
    assert (high == home * 2**15 + work // 4).all()
    assert (low >> 30 == work % 4).all()
    groups = np.array([OCCUPATION_GROUPS.index(GROUP_OF_CSP.get(n, "manual")) for n in range(8)])
    assert (groups[low >> 27 & 7] == everybody.group).all()
    assert np.unique(high << 32 | low).size == everybody.size_of_population


@pytest.mark.parametrize("scale", [0.02, 0.1, 0.5])
def test_the_weights_of_a_sample_are_everybody(busy_territory: Territory, scale: float) -> None:
    everybody, sample = people(busy_territory), people(busy_territory, scale)
    total = sample.weight.sum() + sample.unrepresented
    assert total == pytest.approx(everybody.size_of_population)
    stratum, of_all = (each.commune * 8 + each.zone.astype(int) for each in (sample, everybody))
    for each in np.unique(stratum):
        assert sample.weight[stratum == each].sum() == pytest.approx((of_all == each).sum())
