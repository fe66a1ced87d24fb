"""Choice: the kernels' utilities, errors and best plan are those of plain Python."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.engine.arrays import Workers
from sim77.engine.choice.allowance import value_of_week

from ..hand_made import Day
from .plain_choice import (
    CENTRE,
    HALF,
    HOME,
    OFFICE,
    half_days_today,
    kind_and_alternative,
    plain_errors,
    plain_opportunity_costs,
    plain_utilities,
    random_day,
)

pytestmark = pytest.mark.property

SEEDS = st.integers(0, 2**32 - 1)
MUS = st.sampled_from([0.1, 0.3, 0.6, 0.95, 1.0])


def number_of_plans(day: Day, j: int) -> int:
    """Return office, home, and two a centre in reach, of which who knows none has none."""
    row = day.choosers.choice_set[j]
    in_reach = int(day.choice_sets.start[row + 1] - day.choice_sets.start[row])
    return 2 + 2 * in_reach * bool(day.w.familiar[day.choosers.worker[j]])


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, mu=MUS, n_centres=st.integers(0, 5))
def test_plans_have_the_utility_error_and_saving_of_the_equations(seed, mu, n_centres):
    day = random_day(np.random.default_rng(seed), 6, n_centres, mu)
    for j in range(6):
        utilities = plain_utilities(day, j)
        n_plans = number_of_plans(day, j)
        assert np.isneginf(utilities[n_plans:]).all()
        utilities = utilities[:n_plans]
        plans = day.totals(j)
        assert plans.value[:n_plans] == pytest.approx(utilities, abs=1e-9)
        assert plans.error[:n_plans] == pytest.approx(plain_errors(day, j)[:n_plans], abs=1e-9)
        available = np.isfinite(utilities)
        opportunity_costs = np.array(plain_opportunity_costs(day, j))[:n_plans]
        assert plans.opportunity_cost[:n_plans][available] == pytest.approx(
            opportunity_costs[available], abs=1e-9
        )
        assert (opportunity_costs[available] <= 0).all()


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, mu=MUS)
def test_a_week_is_worth_its_closed_days_and_the_choice_of_the_others(seed, mu):
    day = random_day(np.random.default_rng(seed), 50, 3, mu)
    day.value_week()
    w, s, choosers = day.w, day.settings, day.choosers
    for j in range(50):
        here = int(w.present[j]) & (s.coming | 1 << s.weekday)
        weekdays = [d for d in range(5) if here >> d & 1]
        closed = [d for d in weekdays if int(choosers.closed[j]) >> d & 1]
        left = max(0, int(w.allowance[j]) - int(w.used[j])) - 2 * len(closed)
        odds = choosers.odds[[d for d in weekdays if d not in closed]][:, :, j]
        choice = value_of_week(left, odds[:, 0], odds[:, 1])[-1] if left > 0 else 0.0
        forced = np.log(choosers.odds[closed, 1, j]).sum()
        a_day = (forced + choice) / max(len(weekdays), 1)
        assert choosers.week_value[j] == pytest.approx(a_day, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, mu=MUS, n_centres=st.integers(0, 5))
def test_the_preferred_plan_is_the_greatest_of_all(seed, mu, n_centres):
    day = random_day(np.random.default_rng(seed), 300, n_centres, mu)
    drawn_late = 0
    for j in range(300):
        plans = day.totals(j)
        total = (plans.value + plans.error + plans.opportunity_cost)[: number_of_plans(day, j)]
        assert day.preferred(j) == np.argmax(total)
        drawn_late += np.argmax(total) > 0
    assert drawn_late > 0, "somebody must leave the office, or the bounds are not tried"


def mode_of(w: Workers, i: int, utility: np.ndarray) -> int:
    return int(np.argmax(utility[w.market[i]] + w.taste[i]))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, mu=MUS)
def test_everybody_takes_the_best_plan_of_their_own(seed, mu):
    day = random_day(np.random.default_rng(seed), 200, 4, mu)
    w, s = day.w, day.settings
    w.present[::7] = 0
    day.without(np.arange(0, 200, 11)).choose()
    for i in range(200):
        if i % 7 == 0:
            assert (w.kind[i], w.alternative[i]) == (-1, -1)
            continue
        assert w.office_mode[i] == mode_of(w, i, day.markets.office)
        if w.kind[i] == HALF:
            assert w.mode[i] == mode_of(w, i, day.markets.half)
        else:
            assert w.mode[i] == w.office_mode[i]
        held = int(day.choosers.anchor[i]) >> s.weekday & 1
        if i % 11 == 0 or half_days_today(day, i) == 0 or held:
            assert (w.kind[i], w.alternative[i]) == (0, -1)
            continue
        totals = np.sum(
            [plain_utilities(day, i), plain_errors(day, i), plain_opportunity_costs(day, i)], 0
        )
        assert (w.kind[i], w.alternative[i]) == kind_and_alternative(
            int(np.argmax(totals)), totals.size
        )


RISES = {
    "home": lambda kind, centre: kind == HOME,
    # Half a day at the office keeps half of the colleagues' company.
    "presence": lambda kind, centre: kind in (OFFICE, HALF),
    "a centre": lambda kind, centre: kind in (HALF, CENTRE) and centre == 0,
    "a price": lambda kind, centre: kind == CENTRE and centre == 0,
    "an opening": lambda kind, centre: kind in (HALF, CENTRE) and centre == 0,
}


def improve(day: Day, what: str, by: float) -> None:
    if what == "home":
        day.choosers.lasting[HOME] += by
    elif what == "presence":
        day.choosers.presence[:] += by
    elif what == "a centre":
        day.centres.attraction[:, 0] += by * np.array([0.0, 0.5, 0.0, 1.0])
    elif what == "a price":
        day.centres.price_day[0] -= 10 * by
    else:
        day.centres.open[0] = True


@pytest.mark.parametrize("what", RISES)
def test_what_improves_one_plan_moves_nobody_to_another(what):
    moved = 0
    for seed, mu in itertools.product(range(5), (0.3, 0.6, 1.0)):
        day = random_day(np.random.default_rng(seed), 200, 4, mu)
        day.w.allowance[:], day.w.used[:] = 10, 0  # never binds
        day.centres.open[0] = what != "an opening"
        before = [day.preferred(j) for j in range(200)]
        improve(day, what, by=1.0)
        for j in range(200):
            after = day.preferred(j)
            if after != before[j]:
                row = day.choosers.choice_set[j]
                centres = day.choice_sets.centre[
                    day.choice_sets.start[row] : day.choice_sets.start[row + 1]
                ]
                kind, alternative = kind_and_alternative(after, 2 + 2 * centres.size)
                assert RISES[what](kind, centres[alternative] if alternative >= 0 else -1)
                moved += 1
    assert moved > 20
