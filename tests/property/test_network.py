"""Network: what boards arrives on any tree, and load never makes travel quicker."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.engine.learning import learn
from sim77.engine.supply.network import (
    Background,
    Demand,
    Network,
    bpr_ratio,
    crowding_by_comfort,
    crowding_multiplier,
)
from sim77.engine.supply.rail_tree import TO_TERMINUS, RailSupply, RailTree, segment_trains
from sim77.registry.parameters import resolve

pytestmark = pytest.mark.property

PARAMETERS = resolve(dt.date(2014, 1, 1))
POSITIVE = st.floats(0.0, 1e4)


@st.composite
def railways(draw: st.DrawFn) -> tuple[Network, RailSupply]:
    """Any tree of stations on two lines: a station's parent comes before it, or is the terminus."""
    n = draw(st.integers(1, 12))
    parent = np.array([draw(st.integers(-1, station - 1)) for station in range(n)], dtype=np.int32)
    line = np.zeros(n, dtype=np.int32)
    for station in range(n):
        own = draw(st.integers(0, 1))
        line[station] = line[parent[station]] if parent[station] != TO_TERMINUS else own
    segment_min = np.array(draw(st.lists(st.floats(1, 20), min_size=n, max_size=n)))
    minutes = segment_min.copy()
    for station in range(n):
        if parent[station] != TO_TERMINUS:
            minutes[station] += minutes[parent[station]]
    tree = RailTree(
        parent=parent, segment_min=segment_min, ivt_min=minutes, line=line,
        change_at_parent=np.zeros(n, dtype=bool), changes=np.zeros(n, dtype=np.int32),
        outermost_first=np.arange(n, dtype=np.int32)[::-1],
    )  # fmt: skip
    stops = np.array(draw(st.lists(st.floats(1, 20), min_size=n, max_size=n)))
    supply = RailSupply(
        stops, segment_trains(tree, stops), np.array([600.0, 1000.0]), np.array([1500.0, 2500.0])
    )
    return Network(tree, np.array([2000.0, 4000.0]), np.array([0.7, 0.9])), supply


def boardings(n: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(POSITIVE, min_size=n, max_size=n).map(np.array)


@given(railway=railways(), data=st.data())
def test_what_boards_arrives_on_every_segment(railway, data):
    network, supply = railway
    parent = network.tree.parent
    boarded = data.draw(boardings(parent.size))
    demand = Demand(boarded, np.zeros(2))
    nobody = Background(np.zeros(parent.size), np.zeros(2))
    loads = network.loads(demand, nobody, supply, PARAMETERS)
    entering = PARAMETERS.share_peak_hour * boarded
    for station in range(parent.size):
        from_further_out = loads.riders[parent == station].sum()
        assert loads.riders[station] == pytest.approx(from_further_out + entering[station])
    arrived = loads.riders[parent == TO_TERMINUS].sum()
    assert arrived == pytest.approx(entering.sum())


@given(railway=railways(), data=st.data())
def test_the_background_fills_the_innermost_segments_to_their_targets(railway, data):
    network, supply = railway
    tree = network.tree
    demand = Demand(data.draw(boardings(tree.parent.size)), np.array([500.0, 0.0]))
    background = network.background(demand, supply, PARAMETERS)
    assert (background.riders >= 0).all() and (background.vehicles >= 0).all()
    loads = network.loads(demand, background, supply, PARAMETERS)
    target = network.target[tree.line] * supply.places_per_train[tree.line] * supply.segment_trains
    inner = tree.parent == TO_TERMINUS
    expected = np.maximum(target, loads.simulated)
    assert loads.riders[inner] == pytest.approx(expected[inner])
    assert loads.volume == pytest.approx(PARAMETERS.base_volume_capacity * network.capacity)


@given(railway=railways(), data=st.data(), more=st.floats(0.0, 5e3))
def test_one_rider_more_makes_nobodys_ride_shorter(railway, data, more):
    network, supply = railway
    n = network.tree.parent.size
    few = data.draw(boardings(n))
    many = few.copy()
    many[data.draw(st.integers(0, n - 1))] += more
    before, after = (
        network.perceived_min(network.segment_riders(Demand(each, few), PARAMETERS), supply,
                              PARAMETERS)
        for each in (few, many)
    )  # fmt: skip
    assert (after >= before - 1e-9).all()
    assert (before >= network.tree.ivt_min - 1e-9).all()


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


@given(v=st.floats(0, 3), more=st.floats(0, 3), alpha=st.floats(0, 1), beta=st.floats(2, 8))
def test_congestion_starts_at_1_and_never_falls_with_volume(v, more, alpha, beta):
    assert 1.0 <= bpr_ratio(v, alpha, beta) <= bpr_ratio(v + more, alpha, beta)


@given(old=st.floats(0, 300), new=st.floats(0, 300), weight=st.floats(0, 1))
def test_what_is_learnt_lies_between_the_old_and_the_new(old, new, weight):
    learnt = float(learn(np.array(old), np.array(new), weight))
    assert min(old, new) - 1e-9 <= learnt <= max(old, new) + 1e-9


@settings(max_examples=30)
@given(railway=railways(), data=st.data())
def test_the_fixed_point_reproduces_itself(railway, data):
    """With demand that does not react, expected times are those that the demand makes."""
    network, supply = railway
    demand = Demand(data.draw(boardings(network.tree.parent.size)), np.array([900.0, 50.0]))
    expected, ratio, background = network.fixed_point(
        lambda minutes, ratios: demand, supply, PARAMETERS
    )
    today = network.loads(demand, background, supply, PARAMETERS)
    assert expected == pytest.approx(today.perceived_min, rel=1e-5)
    assert ratio == pytest.approx(today.travel_time_ratio, rel=1e-5)
    more_trains = replace(supply, segment_trains=2 * supply.segment_trains)
    emptier, *_ = network.fixed_point(
        lambda minutes, ratios: demand, more_trains, PARAMETERS, background
    )
    assert (emptier <= expected + 1e-9).all()
