"""A week with an allowance: half-days are spread as the exact solution of the week says."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sim77.engine.choice.allowance import value_of_week
from sim77.engine.choice.utility import inclusive_value

from .one_place import OnePlace, Week, chi_square, exact_week, z_score

pytestmark = pytest.mark.science

WORKERS = 500_000  # at least 2 million worker-days, also in a week of four days
ALL_DAYS = (0, 1, 2, 3, 4)
PLAIN = OnePlace(asc_home=-3.2, asc_half=2.0)
UNEVEN = replace(PLAIN, b_weekday=(0.02, -0.5, 0.3, -0.18, 0.6))


def simulate_week(
    place: OnePlace, allowance: int, weekdays: tuple[int, ...], anchors: tuple[int, ...]
) -> np.ndarray:
    """Let the kernels run a week; return the plans taken, shape (n_days, n_workers)."""
    week = place.day(WORKERS)
    monday = week.settings.day
    week.w.allowance[:] = allowance
    week.w.present[:] = sum(1 << weekday for weekday in weekdays)
    week.choosers.anchor[:] = sum(1 << weekday for weekday in anchors)
    days = []
    for weekday in ALL_DAYS:
        coming = sum(1 << later for later in range(weekday + 1, 5))
        today = week.on(day=monday + weekday, weekday=weekday, coming=coming)
        if weekday == 0:
            today.value_week()
        plans = today.choose()
        if weekday in weekdays:
            days.append(plans)
            week.w.used[:] += half_days_of(plans, place).astype(np.int8)
        else:
            assert (plans == -1).all()
    return np.array(days)


def half_days_of(plans: np.ndarray, place: OnePlace) -> np.ndarray:
    return np.where(plans >= 2 + len(place.asc_centre), 1, np.where(plans > 0, 2, 0))


@dataclass(frozen=True)
class Counts:
    """A simulated week: plans by day, and rows of half-days written as numbers in base 3."""

    by_day: np.ndarray
    patterns: np.ndarray

    @classmethod
    def of(cls, plans: np.ndarray, place: OnePlace) -> "Counts":
        n_days, n_plans = len(plans), 2 + 2 * len(place.asc_centre)
        by_day = np.array([np.bincount(today, minlength=n_plans) for today in plans])
        code = 3 ** np.arange(n_days) @ half_days_of(plans, place)
        return cls(by_day, np.bincount(code, minlength=3**n_days))

    def score(self, place: OnePlace, week: Week) -> float:
        """Compare with an exact week: rows of half-days, and plans within each nest.

        Which plan of a nest is taken does not depend on anything else, so the parts add up.
        """
        exact = np.zeros(self.patterns.size)
        for pattern, probability in week.patterns.items():
            exact[3 ** np.arange(len(pattern)) @ np.array(pattern)] = probability
        parts = [chi_square(self.patterns, exact)]
        first_half = 2 + len(place.asc_centre)
        for nest in (slice(1, first_half), slice(first_half, None)):
            if self.by_day[:, nest].sum() > 0:
                of_nest = np.sum(week.plans, axis=0)[nest]
                parts.append(chi_square(self.by_day[:, nest].sum(axis=0), of_nest))
        return z_score(*parts)


CASES = {
    "two half-days": (PLAIN, 2, ALL_DAYS, ()),
    "four half-days": (PLAIN, 4, ALL_DAYS, ()),
    "three, uneven days and an anchor": (UNEVEN, 3, ALL_DAYS, (1,)),
    "six, off on Wednesday": (UNEVEN, 6, (0, 1, 3, 4), ()),
    "four, no half plans": (replace(UNEVEN, half_open=False), 4, ALL_DAYS, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_half_days_by_weekday_are_those_of_the_exact_solution(name):
    place, allowance, weekdays, anchors = CASES[name]
    plans = simulate_week(place, allowance, weekdays, anchors)
    assert half_days_of(plans, place).sum(axis=0).max() == allowance
    counts = Counts.of(plans, place)
    week = exact_week(place, allowance, weekdays, anchors)
    assert sum(week.patterns.values()) == pytest.approx(1, abs=1e-12)
    by_day = [
        z_score(chi_square(found[: shares.size], shares))
        for found, shares in zip(counts.by_day, week.plans, strict=True)
        if (shares > 0).sum() > 1
    ]
    z = counts.score(place, week)
    print(f"{name}, {plans.size} worker-days: z {z:+.2f}, by day {np.round(by_day, 2)}")
    assert max(map(abs, [z, *by_day])) < 4
    # The comparison must be able to fail: a week that is 2 % off in mu or theta is rejected.
    for parameter in ("mu", "theta"):
        for factor in (1.02, 0.98):
            wrong = place.changed(parameter, factor)
            z_off = counts.score(wrong, exact_week(wrong, allowance, weekdays, anchors))
            print(f"    {parameter} x {factor}: z {z_off:+.1f}")
            assert z_off > 6


@pytest.mark.parametrize("allowance", [2, 3, 4])
def test_five_identical_days_get_identical_shares(allowance):
    exact = exact_week(PLAIN, allowance, ALL_DAYS)
    for day in exact.plans[1:]:
        assert day == pytest.approx(exact.plans[0], abs=1e-12)
    plans = simulate_week(PLAIN, allowance, ALL_DAYS, ())
    away = half_days_of(plans, PLAIN) > 0
    scores = []
    for one in range(5):
        for two in range(one):
            # Paired: the same workers on two days, so only those who differ count (McNemar).
            only = (away[one] & ~away[two]).sum(), (away[two] & ~away[one]).sum()
            scores.append((only[0] - only[1]) / np.sqrt(sum(only)))
    greatest = np.abs(scores).max()
    print(f"{allowance} half-days: share away {away.mean(axis=1).round(4)}, |z| {greatest:.2f}")
    assert greatest < 4


def test_workers_who_do_not_look_ahead_would_rush_on_monday():
    """The comparison above can fail: without the value of the week Monday is preferred."""
    week = PLAIN.day(WORKERS // 10)
    week.w.allowance[:] = 2
    away = []
    for weekday in ALL_DAYS:
        plans = week.on(weekday=weekday, day=week.settings.day + weekday, coming=0).choose()
        week.w.used[:] += half_days_of(plans, PLAIN).astype(np.int8)
        away.append((plans > 0).mean())
    assert away[0] > 2 * away[4]


def test_the_plain_recursion_is_the_exact_solution():
    """`choice.allowance.value_of_week` and the dynamic programme of the tests agree."""
    office, full, half = PLAIN.utilities(0)
    a1, a2 = (np.exp(inclusive_value(nest, PLAIN.mu) - office) for nest in (half, full))
    value = value_of_week(4, np.full(5, a1), np.full(5, a2))
    nothing = exact_week(PLAIN, 4, ALL_DAYS).patterns[0, 0, 0, 0, 0]
    assert np.exp(-value[4]) == pytest.approx(nothing, rel=1e-12)
