"""Who switches, and to what: exact, worker by worker, because every draw is a worker's own."""

import datetime as dt
import itertools

import numpy as np
import pytest

from sim77.core.units import OCCUPATION_GROUPS, Plan
from sim77.engine.model import CommuteModel
from sim77.scenario.scenario import Change
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    MANY_DESKS,
    NEVER_BINDS,
    NO_FEEDBACK,
    NO_MEMORY,
    Trace,
    refusals,
    scenario_of,
    trace,
    with_desks,
    without_site,
)

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 14), dt.date(2022, 3, 25)
FAR = "assumed_dammartin"  # in the north: few live within 25 minutes of it
SCALE = 0.25


def hybrid(parameters, **fields):
    return with_desks(scenario_of("hybrid-2022", START, END, parameters, **fields), MANY_DESKS)


def in_reach_of(model: CommuteModel, site: str) -> np.ndarray:
    """Say which workers have a site in reach, (n_workers,) bool."""
    row = model.sites.ids.index(site)
    start, centre = model.choice_sets.start, model.choice_sets.centre
    has = np.array([row in centre[one:two] for one, two in itertools.pairwise(start)])
    return has[model.population.commune * 2 + model.population.car_available]


def same_choices(one: Trace, two: Trace) -> np.ndarray:
    """Say which workers did the same on every day, (n_workers,) bool."""
    return ((one.kind == two.kind) & (one.mode == two.mode) & (one.centre == two.centre)).all(
        axis=0
    )


@pytest.mark.parametrize(
    "parameters",
    [{"asc_tc_telecentre": 0.0}, {**EVERYBODY_ALLOWED, "asc_tc_telecentre": -2.5}],
    ids=["2022", "everybody"],
)
def test_a_site_out_of_reach_changes_no_choice(parameters):
    """Allowances, habit and isolation are on: they are the worker's own."""
    after = hybrid({**NO_FEEDBACK, **parameters})
    runs = [trace(each, seed=3, scale=SCALE) for each in (without_site(after, FAR), after)]
    assert [refusals(run.model) for run in runs] == [0, 0], "desks must be ample"
    near = in_reach_of(runs[1].model, FAR)
    same = same_choices(*runs)
    print(f"{near.sum()} in reach, of whom {(~same & near).sum()} changed; {(~near).sum()} not")
    assert same[~near].all()
    assert not same[near].all(), "the site must matter to somebody"


def test_with_feedback_a_site_out_of_reach_is_felt():
    """The test above can fail: colleagues and fuller trains carry the site's effect further."""
    after = hybrid({**EVERYBODY_ALLOWED, "asc_tc_telecentre": 0.0})
    runs = [trace(each, seed=3, scale=SCALE) for each in (without_site(after, FAR), after)]
    assert not same_choices(*runs)[~in_reach_of(runs[1].model, FAR)].all()


def test_a_policy_for_one_group_changes_no_other_group():
    before = hybrid(NO_FEEDBACK)
    after = hybrid({**NO_FEEDBACK, "asc_home_managers": -1.5})
    runs = [trace(each, seed=3, scale=SCALE) for each in (before, after)]
    same = same_choices(*runs)
    managers = runs[0].model.population.group == OCCUPATION_GROUPS.index("managers")
    assert same[~managers].all()
    assert not same[managers].all()


def test_what_is_to_come_changes_nothing_before_it_comes():
    """A policy dated in mid-run leaves every day before it, and that day's dusk, as they were."""
    date = dt.date(2022, 3, 21)
    change = Change(date, "allowance_half_days", 10)
    runs = [trace(hybrid({}, changes=changes), seed=3, scale=SCALE) for changes in ((), (change,))]
    days = np.array(runs[0].model.recorder.days)
    for name in ("kind", "mode", "centre", "used"):
        one, two = (getattr(run, name) for run in runs)
        assert np.array_equal(one[days < date], two[days < date])
    assert not np.array_equal(runs[0].kind[days >= date], runs[1].kind[days >= date])


FREE = {**NO_MEMORY, **NEVER_BINDS}
AT_A_CENTRE = (Plan.HALF, Plan.TELECENTRE)


def rose_fibre(trace_: Trace, kind: np.ndarray, centre: np.ndarray) -> np.ndarray:
    return kind == Plan.HOME


def rose_centres(trace_: Trace, kind: np.ndarray, centre: np.ndarray) -> np.ndarray:
    kinds = trace_.model.territory.telecentres["kind"].to_numpy()
    return np.isin(kind, AT_A_CENTRE) & (kinds[centre] == "telecentre")


def rose_site(trace_: Trace, kind: np.ndarray, centre: np.ndarray) -> np.ndarray:
    ids = trace_.model.territory.telecentres["telecentre_id"].to_numpy()
    return np.isin(kind, AT_A_CENTRE) & (ids[centre] == FAR)


def rose_price(trace_: Trace, kind: np.ndarray, centre: np.ndarray) -> np.ndarray:
    ids = trace_.model.territory.telecentres["telecentre_id"].to_numpy()
    return (kind == Plan.TELECENTRE) & (ids[centre] == "melun")


def rose_office(trace_: Trace, kind: np.ndarray, centre: np.ndarray) -> np.ndarray:
    # More trains shorten the wait, at off-peak too.
    return np.isin(kind, (Plan.OFFICE, Plan.HALF))


CHEAP = Change(START - dt.timedelta(60), "price_day", 1.0, target="melun")
MORE_TRAINS = Change(START - dt.timedelta(60), "train_frequency", 1.5, target="all")
IMPROVEMENTS = {
    "home, where there is fibre": (hybrid(FREE), hybrid({**FREE, "b_fibre": 1.0}), rose_fibre),
    "telecentres": (hybrid(FREE), hybrid({**FREE, "asc_tc_telecentre": -0.5}), rose_centres),
    "a new site": (without_site(hybrid(FREE), FAR), hybrid(FREE), rose_site),
    "the price of a day": (hybrid(FREE), hybrid(FREE, changes=(CHEAP,)), rose_price),
    "more trains": (hybrid(FREE), hybrid(FREE, changes=(MORE_TRAINS,)), rose_office),
}


@pytest.mark.parametrize("name", IMPROVEMENTS)
def test_nobody_moves_to_a_plan_that_did_not_rise(name):
    before, after, rose = IMPROVEMENTS[name]
    one, two = (trace(scenario, seed=3, scale=1.0) for scenario in (before, after))
    assert refusals(one.model) == refusals(two.model) == 0
    moved = (one.kind != two.kind) | (one.centre != two.centre)
    kind, centre = two.kind[moved], two.centre[moved]
    print(f"{name}: {moved.sum()} of {one.at_work.sum()} worker-days changed")
    assert moved.sum() > 10
    assert rose(two, kind, centre).all()


def test_drawing_the_nest_first_would_move_people_to_plans_that_did_not_rise():
    """With errors drawn nest by nest, as a nested logit is often simulated, switches lie."""
    rng = np.random.default_rng(1)
    n, mu = 200_000, 0.6
    top, inner = rng.gumbel(size=(n, 2)), rng.gumbel(size=(n, 3))

    def choose(centre: float) -> np.ndarray:
        remote = np.array([-2.0, centre, -2.5])
        inclusive = mu * np.log(np.exp(remote / mu).sum())
        plan = 1 + np.argmax(remote / mu + inner, axis=1)
        return np.where(top[:, 0] >= inclusive + top[:, 1], 0, plan)

    before, after = choose(-2.2), choose(-1.8)
    moved = before != after
    astray = (after[moved] != 2).mean()
    print(f"{astray:.1%} of those who moved went to a plan that did not rise")
    assert astray > 0.05
