"""The compiled loops in which everybody prefers a plan, and the odds with which they would."""

import math

import numpy as np

from sim77.core.draws import Purpose, gumbel, log_positive_stable, philox
from sim77.engine.arrays import Batch
from sim77.engine.choice.allowance_kernels import half_days_today, opportunity_costs
from sim77.engine.choice.plan_kernels import (
    SHIFT,
    bound_of_stable,
    least_error,
    new_plans,
    preferred_plan,
    set_plan,
)  # fmt: skip
from sim77.engine.choice.utility_kernels import office_and_home, plan_utilities
from sim77.engine.loops import (
    HALF,
    HOME,
    MINUS_INFINITY,
    OFFICE,
    TELECENTRE,
    bit,
    first_of,
    loop,
    with_room,
)  # fmt: skip

_ERROR_DAY = np.uint32(Purpose.ERROR_DAY)
_BATCH = 256
"""Choosers whose draws are taken together: few enough to stay in a processor's nearest memory."""
_STAY_AT_HOME = 1
"""Place of the plan among a chooser's plans."""


@with_room
def _new_batch():
    return Batch(
        np.empty(_BATCH, np.int64), np.empty(_BATCH, np.uint32), np.empty(_BATCH, np.uint32),
        (
            np.empty(_BATCH, np.uint32), np.empty(_BATCH, np.uint32), np.empty(_BATCH, np.uint32),
            np.empty(_BATCH, np.uint32),
        ),
        np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH, np.int64),
    )  # fmt: skip


@with_room
def choose(
    w, choosers, choice_sets, centres, markets, s, bounds, commune_start, max_alternatives, first,
    last,
):  # fmt: skip
    """Let every worker at work today prefer a plan; fill its kind, mode and alternative.

    Who has no allowance left, or is held by an anchor day, goes to the office and draws nothing.
    The best mode of a day at the office is known (`find_modes`). `first` and `last` are communes.
    """
    # Of the type that counting makes it, or its loops would be compiled for a constant as well.
    plans, batch, n = new_plans(max_alternatives), _new_batch(), np.int64(0)
    for commune in range(first, last):
        begin, end = commune_start[commune], commune_start[commune + 1]
        _go_to_office(w, s.weekday, begin, end)
        n = _choose_in_commune(
            w, choosers, choice_sets, centres, markets, s, bounds, begin, end, plans, batch, n
        )
    _choose_in_batch(w, choosers, markets, s, bounds, batch, n, plans.coefficients)


@loop
def _go_to_office(w, weekday, first, last):
    """Send everybody at work to the office by the best mode; choosers choose afterwards."""
    # Slices have no negative places to look out for: one at a time, the compiler does many workers
    # at once.
    present, kind, alternative, mode, office_mode = (
        w.present[first:last], w.kind[first:last], w.alternative[first:last], w.mode[first:last],
        w.office_mode[first:last],
    )  # fmt: skip
    for i in range(kind.size):
        kind[i] = ((present[i] >> weekday) & 1) - 1
    alternative[:] = -1
    for i in range(kind.size):
        best, before = office_mode[i], mode[i]
        mode[i] = best if kind[i] == OFFICE else before


@loop
def _choose_in_commune(
    w, choosers, choice_sets, centres, markets, s, bounds, first, last, plans, batch, n
):  # fmt: skip
    """Let the choosers of a commune choose; those left in the batch are counted, and returned."""
    for j in range(first_of(choosers.worker, first), first_of(choosers.worker, last)):
        i, left = choosers.worker[j], half_days_today(w, choosers, s, j)
        if w.kind[i] != OFFICE or left <= 0 or bit(choosers.anchor[j], s.weekday):
            continue
        if w.familiar[i] != 0:
            plan, n_alternatives = preferred_plan(
                w, choosers, choice_sets, centres, markets, s, j, plans, bounds
            )
            set_plan(w, markets, i, plan, n_alternatives)
        elif bit(choosers.closed[j], s.weekday):
            set_plan(w, markets, i, _STAY_AT_HOME, 0)  # nothing to choose
        elif left >= 2:
            batch.chooser[n], batch.low[n], batch.high[n] = j, choosers.low[j], choosers.high[j]
            batch.office[n], batch.home[n] = office_and_home(w, choosers, markets, s, j)
            n += 1
            if n == batch.chooser.size:
                _choose_in_batch(w, choosers, markets, s, bounds, batch, n, plans.coefficients)
                n = 0
    return n


@loop
def _choose_in_batch(w, choosers, markets, s, bounds, batch, n, coefficients):
    """Let choosers who know no centre choose between office and home, the same as `plan_totals`.

    As in `preferred_plan` only what bounds do not tell is worked out. One step at a time for all,
    so that the compiler draws for many at once and the processor need not guess who stays at home.
    """
    day, seed = np.uint32(s.day), np.uint32(s.seed)
    office_word, home_word, angle, exponential = batch.words
    for k in range(n):
        words = philox(batch.low[k], batch.high[k], day, 0, seed, _ERROR_DAY)
        office_word[k], home_word[k], angle[k], exponential[k] = words
    open_to_choice = 0
    for k in range(n):
        bound = bound_of_stable(bounds, angle[k], exponential[k])
        most = batch.home[k] + s.mu * (bound + bounds.gumbel[home_word[k] >> SHIFT])
        # Written in any case and kept if it is one.
        batch.undecided[open_to_choice] = k
        open_to_choice += not most < batch.office[k] + least_error(bounds.gumbel, office_word[k])
    for place in range(open_to_choice):
        k = batch.undecided[place]
        j = batch.chooser[k]
        keep = opportunity_costs(w, choosers, s, j, coefficients)[1]
        least = least_error(bounds.angle, angle[k])
        least += least_error(bounds.exponential, exponential[k])
        least = batch.home[k] + s.mu * (least + least_error(bounds.gumbel, home_word[k])) + keep
        if least <= batch.office[k] + bounds.gumbel[office_word[k] >> SHIFT]:
            error = s.mu * (
                log_positive_stable(angle[k], exponential[k], s.mu) + gumbel(home_word[k])
            )
            if batch.home[k] + error + keep <= batch.office[k] + gumbel(office_word[k]):
                continue
        set_plan(w, markets, choosers.worker[j], _STAY_AT_HOME, 0)


@with_room
def expected_kinds(
    w, choosers, choice_sets, centres, markets, s, commune_start, max_alternatives, out, first, last
):  # fmt: skip
    """Sum over workers the probabilities of preferring each kind of plan today, before booking.

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, s : named tuples
        Before today's plans are carried out.
    commune_start : int64 array
    max_alternatives : int
    out : float64 array, shape (n_communes, 4)
        Set to weighted sums by kind (office, half, home, telecentre).
    first, last : int
        Communes.
    """
    plans = new_plans(max_alternatives)
    for commune in range(first, last):
        _expect_in_commune(
            w, choosers, choice_sets, centres, markets, s, commune_start[commune],
            commune_start[commune + 1], plans, out[commune],
        )  # fmt: skip


@loop
def _expect_in_commune(w, choosers, choice_sets, centres, markets, s, first, last, plans, out):
    out[:] = 0.0
    for i in range(first, last):
        if w.kind[i] < 0:
            continue
        j = np.int64(w.chooser[i])
        if j < 0 or bit(choosers.anchor[j], s.weekday) or half_days_today(w, choosers, s, j) <= 0:
            out[OFFICE] += w.weight[i]
            continue
        n_alternatives = plan_utilities(
            w, choosers, choice_sets, centres, markets, s, j, plans.value
        )
        cost_of_1, cost_of_2 = opportunity_costs(w, choosers, s, j, plans.coefficients)
        start = choice_sets.start[choosers.choice_set[j]]
        leader = choice_sets.leader[start : start + n_alternatives]
        _add_probabilities(plans.value, leader, cost_of_1, cost_of_2, s, w.weight[i], out)


@loop
def _add_probabilities(value, leader, cost_of_1, cost_of_2, s, weight, out):
    """Nested logit with the value of the allowance given up added to each nest."""
    mu = s.mu
    at_home = math.exp(value[1] / mu)
    at_centre = _odds_by_place(value[2 : 2 + leader.size], leader, s)
    half_sum = _odds_by_place(value[2 + leader.size : 2 + 2 * leader.size], leader, s)
    full_sum = at_home + at_centre
    office = math.exp(value[0])
    full = math.exp(cost_of_2) * full_sum**mu if full_sum > 0.0 else 0.0
    half = math.exp(cost_of_1) * half_sum**mu if half_sum > 0.0 else 0.0
    total = office + full + half
    out[OFFICE] += weight * office / total
    out[HALF] += weight * half / total
    if full_sum > 0.0:
        out[HOME] += weight * full / total * at_home / full_sum
        out[TELECENTRE] += weight * full / total * at_centre / full_sum


@loop
def _odds_by_place(value, leader, s):
    """Return the sum over places of their odds, see `sim77.engine.choice.week_kernels`."""
    odds = 0.0
    for alternative in range(leader.size):
        if leader[alternative] != alternative:
            continue
        greatest = MINUS_INFINITY
        for other in range(alternative, leader.size):
            if leader[other] == alternative:
                greatest = max(greatest, value[other])
        if greatest == MINUS_INFINITY:
            continue
        total = 0.0
        for other in range(alternative, leader.size):
            if leader[other] == alternative:
                total += math.exp((value[other] - greatest) / (s.mu * s.mu_place))
        odds += math.exp(greatest / s.mu) * total**s.mu_place
    return odds
