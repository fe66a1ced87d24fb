"""Network: load never makes travel quicker, and the start reproduces itself."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from sim77.engine.learning import learn
from sim77.engine.model import CommuteModel
from sim77.engine.supply.loads import crowding_by_comfort, crowding_multiplier, times
from sim77.engine.supply.network import Demand
from sim77.registry.parameters import resolve
from sim77.territory.territory import Territory

pytestmark = pytest.mark.property

PARAMETERS = resolve(dt.date(2014, 1, 1))
whatever = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def model(busy_territory: Territory) -> CommuteModel:
    day = dt.date(2014, 9, 8)
    return CommuteModel("no-telecentres", territory=busy_territory, start=day, end=day)


def some_demand(model: CommuteModel, seed: int) -> Demand:
    """Draw travellers by public transport and by car of each market segment."""
    rng = np.random.default_rng(seed)
    riders, drivers = rng.uniform(0.0, 30.0, (2, model.population.market_pair.size))
    return Demand(riders, drivers)


@whatever
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(0, 9000))
def test_a_product_on_all_processors_is_that_of_scipy_to_the_byte(seed, rows):
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((rows, 7)) < 0.3, rng.normal(size=(rows, 7)), 0.0)
    matrix, values = sparse.csr_matrix(dense), rng.normal(size=14)[::2]
    assert times(matrix, values).tobytes() == (matrix @ values).tobytes()


@whatever
@given(seed=st.integers(0, 2**32 - 1), more=st.floats(0.0, 5e3))
def test_one_rider_more_makes_nobodys_ride_shorter(model, seed, more):
    network, trains = model.network, model.effects.trains
    few = some_demand(model, seed)
    many = few.riders.copy()
    many[seed % many.size] += more
    before, after = (
        network.perceived_min(
            network.segment_riders(Demand(riders, few.drivers), PARAMETERS), trains, PARAMETERS
        )
        for riders in (few.riders, many)
    )
    along = network.tables.rides.along
    assert (along(after) >= along(before) - 1e-9).all()
    assert (before >= 0.0).all()


def test_a_full_train_leaves_simulated_riders_behind_like_the_others(model):
    network, trains, today = model.network, model.effects.trains, model.memory.loads
    capacity = trains.capacity_per_hour
    wanted = np.linspace(0.0, 3.0, network.n_segments) * capacity
    columns = network.segment_columns(
        replace(today, riders=wanted, simulated=0.4 * wanted), trains
    ).T[:2]
    assert columns[0].tolist() == np.minimum(wanted, capacity).tolist()
    assert columns[1] == pytest.approx(0.4 * columns[0])
    assert columns[1][0] == 0.0


@given(load=st.floats(0, 5e3), more=st.floats(0, 5e3), seats=st.floats(10, 900))
def test_crowding_starts_at_1_never_falls_with_load_and_is_capped(load, more, seats):
    places = seats + 1000.0
    lighter, heavier = (
        float(crowding_multiplier(np.array(riders), np.array(seats), np.array(places), PARAMETERS))
        for riders in (load, load + more)
    )
    assert 1.0 <= lighter <= heavier + 1e-12 <= PARAMETERS.crowding_standing_cap + 1e-12
    assert load > seats or lighter == 1.0
    seated, standing = crowding_by_comfort(
        np.array(load), np.array(seats), np.array(places), PARAMETERS
    )
    assert seated <= standing


@given(old=st.floats(0, 300), new=st.floats(0, 300), weight=st.floats(0, 1))
def test_what_is_learnt_lies_between_the_old_and_the_new(old, new, weight):
    learnt = float(learn(np.array(old), np.array(new), weight))
    assert min(old, new) - 1e-9 <= learnt <= max(old, new) + 1e-9


@whatever
@given(seed=st.integers(0, 2**32 - 1))
def test_the_fixed_point_reproduces_itself(model, seed):
    """With demand that does not react, expected times are those that the demand makes."""
    network, trains = model.network, model.effects.trains
    demand = some_demand(model, seed)
    expected, ratio, background = network.fixed_point(
        lambda minutes, ratios: demand, trains, PARAMETERS
    )
    today = network.loads(demand, background, trains, PARAMETERS)
    assert expected == pytest.approx(today.perceived_min, rel=1e-5)
    assert ratio == pytest.approx(today.travel_time_ratio, rel=1e-5)
