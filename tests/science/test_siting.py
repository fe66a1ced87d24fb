"""Siting: the static optimum against brute force and against the model with all dynamics off."""

import datetime as dt
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from sim77.analysis.siting.candidates import Plan, base_scenario, find_candidates, plan_of
from sim77.analysis.siting.demand import CandidateDemand, expected_demand
from sim77.analysis.siting.evaluate import Simulator
from sim77.analysis.siting.search import improve
from sim77.analysis.siting.static import Problem, problem_of, solve, static_value
from sim77.core.units import MONTHS, OCCUPATION_GROUPS
from sim77.runs.cluster import Cluster
from sim77.runs.execute import RunSpec, execute
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_CONSIDERS

pytestmark = pytest.mark.science

SIZES = (60, 120)  # far more desks than anybody wants: no limit binds
SEED = 5

# No co-location effect, teams, habit or isolation, times that nobody learns, no other users,
# nobody absent.
STILL = {
    **dict.fromkeys(
        (
            "g_colocation", "g_peer", "g_norm", "g_isolation", "g_habit", "learning_weight",
            "b_fibre", "mobile_visits_per_resident_at_work", "exogenous_share_urban",
            "exogenous_share_rural", *(f"absence_{month}" for month in MONTHS),
        ),
        0.0,
    ),
    "price_month_eur": 1e6,
    "burn_in_days": 5.0,
}  # fmt: skip
# Each centre serves its own commune: no competition.
APART = {"max_access_min": 15.0}


@pytest.fixture(scope="module")
def base(tiny_scenario: Scenario) -> Scenario:
    still = tiny_scenario.with_(parameters=STILL | APART)
    return base_scenario(still, dt.date(2014, 9, 8), dt.date(2014, 9, 19), from_scratch=True)


@pytest.fixture(scope="module")
def spec(base: Scenario, small_territory: Territory) -> RunSpec:
    return RunSpec(
        base, seed=SEED, start=dt.date(2014, 9, 8), end=dt.date(2014, 9, 19),
        territory=small_territory,
    )  # fmt: skip


def all_plans(problem: Problem) -> list[Plan]:
    """List every plan of the number of sites wanted that the budget pays."""
    found = []
    for codes in combinations(problem.candidates.codes, problem.n_sites):
        for sizes in product(problem.candidates.sizes, repeat=problem.n_sites):
            plan = plan_of(zip(codes, sizes, strict=True))
            if problem.candidates.cost_of(plan) <= problem.budget_eur_per_year:
                found.append(plan)
    return found


def problem_on(spec: RunSpec, territory: Territory, n_sites: int, budget: float) -> Problem:
    candidates = find_candidates(spec.scenario, territory, SIZES)
    demand = expected_demand(execute(spec), candidates)
    return problem_of(candidates, demand, "surplus", n_sites, budget, 251.0)


@pytest.mark.parametrize(("n_sites", "budget"), [(1, 1e6), (2, 1e6), (2, 2e6)])
def test_with_dynamics_off_the_search_returns_the_static_optimum(
    spec: RunSpec, small_territory: Territory, n_sites: int, budget: float
) -> None:
    problem = problem_on(spec, small_territory, n_sites, budget)
    optimum = solve(problem)
    simulator = Simulator(Cluster(), spec)
    search = improve(problem, simulator, optimum.plan, "surplus", (SEED,), evaluations=60)
    assert search.plan == optimum.plan
    assert len(search.steps) > 1
    plans = all_plans(problem)
    simulator.run([(), *plans], (SEED,))
    simulated = [simulator.gains(plan, SEED)["surplus_eur"] for plan in plans]
    assert simulated == pytest.approx([static_value(problem, plan) for plan in plans], rel=1e-9)
    assert search.gain == max(simulated)
    assert len({round(value, 6) for value in simulated}) == 3


def test_one_centre_alone_brings_the_use_and_the_minutes_expected(
    base: Scenario, spec: RunSpec, small_territory: Territory
) -> None:
    # Few like it at home, so that users come from the office and save a sum of minutes that counts.
    dull = dict.fromkeys((f"asc_home_{group}" for group in OCCUPATION_GROUPS), -5.0)
    considered = dict.fromkeys(EVERYBODY_CONSIDERS, 0.6)
    popular = base.with_(parameters=dull | considered | {"asc_tc_telecentre": 2.5, "asc_half": 0.0})
    candidates = find_candidates(popular, small_territory, SIZES)
    spec = replace(spec, scenario=popular)
    simulator = Simulator(Cluster(), spec)
    plan, seeds = plan_of([("99001", 60)]), range(1, 13)
    simulator.run([(), plan], seeds)
    place, off = candidates.place("99001"), []
    for seed in seeds:
        demand = expected_demand(execute(replace(spec, seed=seed)), candidates)
        gain = simulator.gains(plan, seed)
        assert gain["refusals"] == 0.0
        use, minutes = demand.use[:, place].sum(), demand.minutes[:, place].sum()
        off.append((gain["use"] - use, gain["minutes_saved"] - minutes, use, minutes))
    # Seeds are independent: the mean difference is a few standard errors from zero at most, and
    # these are small beside what is expected.
    mean, error = np.mean(off, axis=0), np.std(off, axis=0, ddof=1) / np.sqrt(len(off))
    assert (np.abs(mean[:2]) < 3.5 * error[:2]).all()
    assert (error[:2] < 0.1 * np.abs(mean[2:])).all()


def test_expected_demand_does_not_hang_on_who_considers_a_centre_in_one_run(
    base: Scenario, spec: RunSpec, small_territory: Territory
) -> None:
    both_in_reach = {"max_access_min": 60.0, "asc_tc_telecentre": 1.0, "asc_half": 0.0}
    there = base.with_(network=(SiteSpec("bourg", desks=60),), parameters=both_in_reach)
    candidates = find_candidates(there, small_territory, SIZES)
    model = execute(replace(spec, scenario=there))
    before = expected_demand(model, candidates)
    assert model.columns.familiar.any() and before.use.sum() > 0.0
    model.memory.choosers.considers[:] = False
    model.columns.familiar[:] = 0
    assert np.array_equal(expected_demand(model, candidates).use, before.use)


def test_users_are_expected_to_pay_the_price_they_choose_by(
    base: Scenario, spec: RunSpec, small_territory: Territory
) -> None:
    by_the_day = {"price_day_eur": 16.0, "price_half_day_eur": 8.0, "price_hour_eur": 8.0}
    by_the_hour = {"price_day_eur": 24.0, "price_half_day_eur": 15.0, "price_hour_eur": 2.0}
    candidates = find_candidates(base, small_territory, SIZES)
    one, other = (
        expected_demand(execute(replace(spec, scenario=base.with_(parameters=prices))), candidates)
        for prices in (by_the_day, by_the_hour)
    )
    assert one.paid_eur.sum() > 0.0
    assert np.array_equal(one.use, other.use)
    assert np.array_equal(one.paid_eur, other.paid_eur)


@pytest.mark.parametrize("seed", range(8))
def test_static_siting_equals_brute_force(
    small_territory: Territory, base: Scenario, seed: int
) -> None:
    candidates = find_candidates(base, small_territory, (2, 5, 12))
    rng = np.random.default_rng(seed)
    shape = (9, len(candidates.codes))
    use = rng.gamma(1.0, 1.0, shape) * (rng.random(shape) < 0.7)
    demand = CandidateDemand(use, use * rng.uniform(3.0, 12.0, shape), use, use)
    budget = rng.uniform(1.0, 2.5) * float(candidates.cost_eur_per_year.mean()) * 2
    problem = problem_of(candidates, demand, "net" if seed % 2 else "surplus", 2, budget, 251.0)
    plans = all_plans(problem)
    assert len(plans) > 3
    values = [static_value(problem, plan) for plan in plans]
    optimum = solve(problem)
    assert optimum.value == pytest.approx(max(values), rel=1e-3)
    assert static_value(problem, optimum.plan) == pytest.approx(optimum.value, rel=1e-6)


def test_splitting_a_centre_gains_nothing(
    base: Scenario, spec: RunSpec, small_territory: Territory
) -> None:
    """A commune with a telecentre is no candidate, and another like it there brings nobody."""
    liked = base.with_(
        parameters={"asc_tc_telecentre": 1.0, "asc_half": 0.0, "utility_per_service": 0.0}
    )
    there = liked.with_(network=(SiteSpec("bourg", desks=60),))
    assert "99001" in find_candidates(liked, small_territory, SIZES).codes
    assert "99001" not in find_candidates(there, small_territory, SIZES).codes
    later = SiteSpec("bourg", desks=60, opening=liked.end)
    one_day = liked.with_(network=(later,))
    assert "99001" not in find_candidates(one_day, small_territory, SIZES).codes
    plan, seeds, use = plan_of([("99001", 60)]), range(1, 6), []
    for scenario in (liked, there):
        simulator = Simulator(Cluster(), replace(spec, scenario=scenario))
        simulator.run([(), plan], seeds)
        use.append(sum(simulator.gains(plan, seed)["use"] for seed in seeds))
    print(f"use gained alone {use[0]:.1f}, beside a centre {use[1]:.1f}")
    assert abs(use[1]) < 0.05 * use[0]
