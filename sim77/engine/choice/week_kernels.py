"""The compiled value of a week to a chooser (`sim77.engine.choice.allowance`)."""

import math

import numpy as np

from sim77.core.units import NOT_SEEN
from sim77.engine.choice.allowance_kernels import (
    first_sums,
    half_days_left,
    week_polynomial,
    whole_day_terms,
)  # fmt: skip
from sim77.engine.choice.plan_kernels import new_plans
from sim77.engine.choice.utility_kernels import (
    best_journey,
    centre_part,
    coefficients_of,
    journey_part,
    person_part,
    weekday_part,
)  # fmt: skip
from sim77.engine.loops import (
    HALF,
    HOME,
    MINUS_INFINITY,
    OFFICE,
    TELECENTRE,
    bit,
    days_in,
    entry,
    inner,
    loop,
    with_room,
)  # fmt: skip

_BLOCK = 2048
_NEVER = np.uint8(NOT_SEEN)


@with_room
def value_week(
    w, choosers, choice_sets, centres, markets, s, team, employer, sums, first, last
):  # fmt: skip
    """Fill presence, norm, odds and value of the week for every chooser (`choice.allowance`).

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, s : named tuples
    team, employer : int32 arrays, shape (n_workers,)
    sums : tuple of arrays
        Units and counts by weekday of teams and of employers, each of shape (n, 2, 5), office units
        by weekday when the week began, shape (5, n_workers), and the weekdays of the last
        simulated week as bits.
    first, last : int
        Choosers.
    """
    coefficients, teams = new_plans(0).coefficients, np.empty((_BLOCK, 2, 5), dtype=sums[0].dtype)
    for begin in range(first, last, _BLOCK):
        _value_weeks(
            w, choosers, choice_sets, centres, markets, s, team, employer, sums, begin,
            min(last, begin + _BLOCK), coefficients, teams,
        )  # fmt: skip


@loop
def _value_weeks(
    w, choosers, choice_sets, centres, markets, s, team, employer, sums, first, last, coefficients,
    teams,
):  # fmt: skip
    # All rows are fetched before any is read: teams lie anywhere, and a processor waits for many
    # rows as long as for one.
    of_team = sums[0]
    for j in range(first, last):
        mine = team[choosers.worker[j]]
        if mine >= 0:
            for n in range(2):
                for weekday in range(5):
                    teams[j - first, n, weekday] = of_team[mine, n, weekday]
    for j in range(first, last):
        i = choosers.worker[j]
        _expected_presence(choosers, team, employer, sums, i, j, teams[j - first])
        _value_week_of(w, choosers, choice_sets, centres, markets, s, j)
        # Kept when the week is valued again: with what is left of days and allowance by then, a day
        # of it would be worth more or less although nothing had changed for the worker.
        if math.isnan(choosers.week_value[j]):
            choosers.week_value[j] = _value_of_week(w, choosers, s, j, coefficients)


@entry
def value_at_home(w, choosers, choice_sets, centres, markets, s):
    """Fill what a day is worth to who works at home for themselves, with the centres they know.

    The inclusive value of home and the centres over a day at home. A value that is there is kept,
    as in `value_week`.

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, s : named tuples
    """
    for j in range(choosers.worker.size):
        if math.isnan(choosers.week_value[j]):
            full = _inclusive_values(w, choosers, choice_sets, centres, markets, s, j)[0]
            choosers.week_value[j] = full - person_part(
                choosers, s, j, HOME, w.isolation[choosers.worker[j]]
            )


@inner
def _value_of_week(w, choosers, s, j, coefficients):
    """``W(allowance left, days)`` for a day, the days at work from today to the end of the week.

    Days on which the office is closed leave no choice but where: their value is that of a day away
    over one at the office, and what they need is not left for others.
    """
    i = choosers.worker[j]
    here = w.present[i] & (s.coming | (1 << s.weekday))
    days, shut, left = here & ~choosers.closed[j], here & choosers.closed[j], half_days_left(w, i)
    value = 0.0
    for weekday in range(5):
        if bit(shut, weekday):
            value += math.log(choosers.odds[weekday, 1, j])
            left -= 2
    if days == 0 or left <= 0:
        return value / max(days_in(here), 1)
    whole_days = whole_day_terms(choosers, j, days, s.weekday)
    if whole_days[0] > 0.0:
        return (value + math.log(first_sums(whole_days, left // 2)[1])) / days_in(here)
    week_polynomial(choosers, j, days, left, coefficients)
    total = 0.0
    for q in range(left + 1):
        total += coefficients[q]
    return (value + math.log(total)) / days_in(here)


@inner
def _value_week_of(w, choosers, choice_sets, centres, markets, s, j):
    i = choosers.worker[j]
    journey = best_journey(w, choosers, j, markets.office_valued)
    office = journey_part(choosers, s, j, OFFICE, w.isolation[i], journey)
    full, half = _inclusive_values(w, choosers, choice_sets, centres, markets, s, j)
    for weekday in range(5):
        if bit(choosers.anchor[j], weekday):
            choosers.odds[weekday, 0, j] = choosers.odds[weekday, 1, j] = 0.0
            continue
        presence, bonus = choosers.presence[weekday, j], s.b_weekday[weekday]
        there = weekday_part(s, OFFICE, presence, bonus)
        # Home and telecentres share their terms of the weekday, which can stay outside the nest.
        choosers.odds[weekday, 0, j] = 0.0
        if half > MINUS_INFINITY:
            choosers.odds[weekday, 0, j] = _odds(
                half + weekday_part(s, HALF, presence, bonus) - office - there
            )
        choosers.odds[weekday, 1, j] = _odds(
            full + weekday_part(s, TELECENTRE, presence, bonus) - office - there
        )


@inner
def _odds(difference):
    # The registry's ranges keep the difference below some 40; the bound only guards the product of
    # five such odds against overflow.
    return math.exp(min(difference, 120.0))


@inner
def _inclusive_values(w, choosers, choice_sets, centres, markets, s, j):
    """Inclusive values of the full-day and the half-day nest, habit and weekday terms left out."""
    i = choosers.worker[j]
    home = person_part(choosers, s, j, HOME, w.isolation[i])
    first = choice_sets.start[choosers.choice_set[j]]
    n_alternatives = choice_sets.start[choosers.choice_set[j] + 1] - first
    if n_alternatives == 0 or w.familiar[i] == 0:
        return home, MINUS_INFINITY
    full_sum, half_sum = math.exp(home / s.mu), 0.0
    journey = best_journey(w, choosers, j, markets.half_valued)
    full = person_part(choosers, s, j, TELECENTRE, w.isolation[i])
    half = journey_part(choosers, s, j, HALF, w.isolation[i], journey)
    for alternative in range(n_alternatives):
        if choice_sets.leader[first + alternative] == alternative:
            full_sum += _odds_of_place(
                w, choosers, choice_sets, centres, s, j, alternative, TELECENTRE, full
            )
            half_sum += _odds_of_place(
                w, choosers, choice_sets, centres, s, j, alternative, HALF, half
            )
    half = s.mu * math.log(half_sum) if half_sum > 0.0 else MINUS_INFINITY
    return s.mu * math.log(full_sum), half


@inner
def _odds_of_place(w, choosers, choice_sets, centres, s, j, leader, kind, person):
    """Return ``(sum exp(V / (mu mu_place))) ** mu_place`` over the open centres of a place."""
    row = choosers.choice_set[j]
    first, last = choice_sets.start[row], choice_sets.start[row + 1]
    b, scale = coefficients_of(s, kind), s.mu * s.mu_place
    greatest, total = MINUS_INFINITY, 0.0
    for place in range(first + leader, last):
        k = choice_sets.centre[place]
        if choice_sets.leader[place] != leader or not centres.open[k]:
            continue
        if not bit(w.familiar[choosers.worker[j]], place - first):
            continue
        v = centre_part(
            w, choosers, choice_sets, centres, s, b, j, place - first, place, k, kind, person
        )
        if v <= greatest:
            total += math.exp((v - greatest) / scale)
        else:
            total = 1.0 + total * math.exp((greatest - v) / scale)
            greatest = v
    return math.exp(greatest / s.mu) * total**s.mu_place if total > 0.0 else 0.0


@inner
def _expected_presence(choosers, team, employer, sums, i, j, of_team):
    """Presence by weekday and norm of a chooser from what the team did last (`engine.learning`)."""
    _, of_employer, seen, last_week = sums
    t, e = team[i], employer[i]
    if t < 0:
        choosers.presence[:, j] = 0.0
        choosers.norm[j] = 0.0
        return
    remote, at_work = 0, 0
    for weekday in range(5):
        own = seen[weekday, i]
        there = 0 if own == _NEVER else 1
        units = np.int64(of_team[0, weekday]) - (np.int64(own) if there == 1 else 0)
        others = np.int64(of_team[1, weekday]) - there
        if others > 0:
            choosers.presence[weekday, j] = units / (2.0 * others)
        elif of_employer[e, 1, weekday] > 0:
            choosers.presence[weekday, j] = of_employer[e, 0, weekday] / (
                2.0 * of_employer[e, 1, weekday]
            )
        else:
            choosers.presence[weekday, j] = 1.0
        if bit(last_week, weekday):
            remote += 2 * others - units
            at_work += others
    choosers.norm[j] = 0.0
    if at_work > 0:
        choosers.norm[j] = remote / (2.0 * at_work)
        return
    for weekday in range(5):
        if bit(last_week, weekday):
            remote += 2 * of_employer[e, 1, weekday] - of_employer[e, 0, weekday]
            at_work += of_employer[e, 1, weekday]
    if at_work > 0:
        choosers.norm[j] = remote / (2.0 * at_work)
