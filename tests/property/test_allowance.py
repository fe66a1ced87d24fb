"""Who may work away: coverage means what it says and only grows; the value of a week behaves."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim77.core.units import ALL_WEEKDAYS
from sim77.engine.choice.allowance import (
    covered_by_size,
    covered_odds,
    entitlements,
    value_of_week,
    with_odds,
)
from sim77.engine.population.population import INDEPENDENTS, build_population
from sim77.registry.parameters import resolve
from sim77.scenario.policy import PolicyState
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.property

FACTORS = st.lists(st.floats(0.1, 2.0), min_size=5, max_size=5).map(np.array)
WEIGHTS = st.lists(st.floats(0.05, 1.0), min_size=5, max_size=5).map(np.array)
ODDS = st.lists(st.floats(0.0, 50.0), min_size=5, max_size=5).map(np.array)


@given(share=st.floats(0.0, 1.0), factors=FACTORS, weights=WEIGHTS)
def test_the_share_covered_is_the_mean_over_size_classes(share, factors, weights):
    covered = covered_by_size(share, factors, weights)
    assert (covered >= 0).all() and (covered <= 1).all()
    assert (covered * weights).sum() / weights.sum() == pytest.approx(share, abs=1e-9)
    free = covered < 1
    assert np.ptp((covered / factors)[free]) < 1e-9 if free.any() else True


@given(share=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0), factors=FACTORS, weights=WEIGHTS)
def test_coverage_only_grows(share, more, factors, weights):
    before = covered_by_size(share, factors, weights)
    after = covered_by_size(min(1.0, share + more), factors, weights)
    assert (after >= before - 1e-12).all()


@given(half=ODDS, full=ODDS, days=st.integers(0, 5))
def test_a_greater_allowance_is_never_worth_less_and_each_half_day_less_than_the_last(
    half, full, days
):
    value = value_of_week(10, half[:days], full[:days])
    assert value[0] == 0.0
    assert (np.diff(value) >= -1e-12).all()
    never_binds = np.log1p(half[:days] + full[:days]).sum()
    assert value[2 * days] == pytest.approx(never_binds)
    assert value[10] == pytest.approx(never_binds)


def policies_of(year: int, territory: Territory) -> PolicyState:
    return load_scenario("no-telecentres").state_on(dt.date(year, 6, 1), territory)


def test_between_two_years_nobody_loses_an_entitlement(shipped_territory):
    years = [policies_of(year, shipped_territory) for year in (2014, 2022)]
    population = build_population(
        shipped_territory, years[0].parameters, seed=3, scale=0.3, zones=("paris",)
    )
    before, after = (entitlements(population, state) for state in years)
    assert (before.covered <= after.covered).all()
    assert (before.teleworkable == after.teleworkable).all()
    # Who has more rank in one year has more in every year.
    employee = (population.group != INDEPENDENTS) & before.covered & before.teleworkable
    one, other = before.half_days[employee], after.half_days[employee]
    for level in np.unique(one)[1:]:
        assert other[one < level].max() <= other[one >= level].min()
    for rights, state in zip((before, after), years, strict=True):
        mine = population.group == 0
        share = np.average(rights.covered[mine], weights=population.weight[mine])
        # Employers draw, not workers: some 40 heads share a draw, hence the wide margin.
        odds = covered_odds(population.market_road_km, state.parameters)[population.market[mine]]
        expected = with_odds(np.array(state.parameters.share_covered_managers), odds).mean()
        assert share == pytest.approx(expected, abs=0.05)


def test_agreements_reach_those_sooner_who_live_far_from_work(shipped_territory):
    state = policies_of(2014, shipped_territory)
    population = build_population(
        shipped_territory, state.parameters, seed=3, scale=0.3, zones=("paris", "within")
    )
    values = {"odds_covered_per_10_km": 1.0}, {"odds_covered_per_10_km": 1.3}, {
        "odds_covered_per_10_km": 1.3, "share_covered_managers": 1.0
    }  # fmt: skip
    even, uneven, everybody = (
        entitlements(
            population,
            replace(state, parameters=resolve(dt.date(2014, 6, 1), each, check_ranges=False)),
        ).covered
        for each in values
    )
    km = population.market_road_km[population.market]
    employee, managers = population.group != INDEPENDENTS, population.group == 0
    far = km > 10.0
    assert (even <= uneven)[far].all() and (uneven <= even)[~far].all()
    assert (uneven != even)[far & employee].any() and (uneven != even)[~far & employee].any()
    assert (uneven == even)[~employee].all()
    assert everybody[managers].all(), "who covers all makes no difference"
    # In one employer, group and size those are covered who live beyond some distance.
    key = population.employer.astype(np.int64) * 8 + population.group
    nearest_covered, farthest_not = np.full(key.max() + 1, np.inf), np.zeros(key.max() + 1)
    np.minimum.at(nearest_covered, key[employee & uneven], km[employee & uneven])
    np.maximum.at(farthest_not, key[employee & ~uneven], km[employee & ~uneven])
    both = np.isfinite(nearest_covered) & (farthest_not > 0.0)
    assert both.any() and (nearest_covered >= farthest_not)[both].all()


def test_the_core_of_a_city_has_more_work_that_can_be_done_remotely(shipped_territory):
    state = policies_of(2022, shipped_territory)
    population = build_population(
        shipped_territory, state.parameters, seed=3, scale=0.2, zones=("paris", "within")
    )
    even, uneven = (
        entitlements(population, replace(state, parameters=resolve(dt.date(2022, 6, 1), odds)))
        for odds in ({"odds_teleworkable_core": 1.0}, {"odds_teleworkable_core": 4.0})
    )
    assert (even.teleworkable <= uneven.teleworkable).all(), "nobody loses by it"
    more = uneven.teleworkable & ~even.teleworkable
    employee = population.group != INDEPENDENTS
    assert more.any() and (population.core_job & employee)[more].all()
    clerical = population.core_job & (population.group == 2)
    s = state.parameters.share_teleworkable_clerical
    assert uneven.teleworkable[clerical].mean() == pytest.approx(4 * s / (1 - s + 4 * s), abs=0.03)


def test_a_scenarios_allowance_reaches_covered_employees_only(shipped_territory):
    state = policies_of(2022, shipped_territory)
    population = build_population(
        shipped_territory, state.parameters, seed=3, scale=0.1, zones=("paris",)
    )
    own, set_to_3, locked, obliged = (
        entitlements(population, replace(state, **policy))
        for policy in ({}, {"allowance_half_days": 3}, {"lockdown": True}, {"obligation_days": 3})
    )
    employee = population.group != INDEPENDENTS
    allowed = own.covered & own.teleworkable
    assert set(set_to_3.half_days[allowed & employee]) == {3}
    assert set(set_to_3.half_days[allowed & ~employee]) == {10}
    assert set(set_to_3.half_days[~allowed]) == {0}
    assert ((locked.closed == ALL_WEEKDAYS) == own.teleworkable).all()
    follows = population.u_covered < state.parameters.share_following_obligation
    assert ((obliged.closed > 0) == (own.teleworkable & employee & follows)).all()
    days = np.bitwise_count(obliged.closed)
    assert set(days) == {0, 3}
    for closed in (locked, obliged):
        assert (closed.half_days == own.half_days).all(), "a closed office allows no other day"
    assert not (obliged.anchor & obliged.closed).any() and not obliged.anchor[days > 0].any()
    assert not (own.share_paid[~employee] < 1).any()
