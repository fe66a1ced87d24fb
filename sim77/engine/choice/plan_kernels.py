"""The compiled choice of one plan: utility, error, and the value of the allowance given up."""

import numpy as np

from sim77.core.draws import BOUND_BITS, Purpose, gumbel, log_positive_stable, philox
from sim77.engine.arrays import Plans
from sim77.engine.choice.allowance_kernels import opportunity_costs
from sim77.engine.choice.utility_kernels import plan_utilities
from sim77.engine.loops import (
    HALF,
    HOME,
    MINUS_INFINITY,
    OFFICE,
    ROUNDING,
    TELECENTRE,
    entry,
    inner,
    loop,
    with_room,
)  # fmt: skip
from sim77.engine.mode_kernels import best_mode

_ERROR_DAY = np.uint32(Purpose.ERROR_DAY)
_ERROR_HALF = np.uint32(Purpose.ERROR_HALF)
_ERROR_CENTRE = np.uint32(Purpose.ERROR_CENTRE)
_ERROR_PLACE = np.uint32(Purpose.ERROR_PLACE)
SHIFT = np.uint32(32 - BOUND_BITS)


@with_room
def new_plans(max_alternatives):
    """Return scratch for a chooser of at most so many alternatives."""
    size = 2 + 2 * max_alternatives
    return Plans(np.empty(size), np.empty(size), np.empty(size), np.empty(11))


@entry
def plan_totals(w, choosers, choice_sets, centres, markets, s, j, plans):
    """Fill utility, error and value of the allowance given up for every plan of a chooser today.

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, s : named tuples
    j : int
        Row in `choosers`.
    plans : Plans
        Filled.

    Returns
    -------
    int
        Number of alternatives, K, as `plan_utilities` does.
    """
    n_alternatives = plan_utilities(w, choosers, choice_sets, centres, markets, s, j, plans.value)
    error, opportunity_cost = plans.error, plans.opportunity_cost
    low, high, day, seed = choosers.low[j], choosers.high[j], np.uint32(s.day), np.uint32(s.seed)
    words = philox(low, high, day, 0, seed, _ERROR_DAY)
    log_s_full = log_positive_stable(words[2], words[3], s.mu)
    error[0] = gumbel(words[0])
    error[1] = s.mu * (log_s_full + gumbel(words[1]))
    words = philox(low, high, day, 0, seed, _ERROR_HALF)
    log_s_half = log_positive_stable(words[0], words[1], s.mu)
    cost_of_1, cost_of_2 = opportunity_costs(w, choosers, s, j, plans.coefficients)
    opportunity_cost[0], opportunity_cost[1] = 0.0, cost_of_2
    first = choice_sets.start[choosers.choice_set[j]]
    for alternative in range(n_alternatives):
        k = choice_sets.centre[first + alternative]
        words = philox(low, high, _own_day(centres, k, day), centres.key[k], seed, _ERROR_CENTRE)
        place = philox(low, high, day, centres.place_key[k], seed, _ERROR_PLACE)
        log_s = log_positive_stable(place[0], place[1], s.mu_place)
        error[2 + alternative] = s.mu * (log_s_full + s.mu_place * (log_s + gumbel(words[0])))
        log_s = log_positive_stable(place[2], place[3], s.mu_place)
        error[2 + n_alternatives + alternative] = s.mu * (
            log_s_half + s.mu_place * (log_s + gumbel(words[1]))
        )
        opportunity_cost[2 + alternative], opportunity_cost[2 + n_alternatives + alternative] = (
            cost_of_2,
            cost_of_1,
        )
    return n_alternatives


@entry
def preferred_plan(w, choosers, choice_sets, centres, markets, s, j, plans, bounds):
    """Find the plan with the greatest utility, error and allowance given up, drawing what matters.

    The same plan as the greatest of `plan_totals`: a draw's leading bits bound its error
    (`sim77.core.draws.error_bounds`), and a plan whose bound cannot win is not worked out. Giving
    up allowance never adds, so a first bound leaves it out.

    Returns
    -------
    tuple of int
        The plan and the number of alternatives.
    """
    value = plans.value
    n_alternatives = plan_utilities(w, choosers, choice_sets, centres, markets, s, j, value)
    low, high, day, seed = choosers.low[j], choosers.high[j], np.uint32(s.day), np.uint32(s.seed)
    words = philox(low, high, day, 0, seed, _ERROR_DAY)
    bound_s = bound_of_stable(bounds, words[2], words[3])
    best, kept, cost_of_1, cost_of_2 = 0, False, 0.0, 0.0
    greatest = value[0] + gumbel(words[0])
    log_s, drawn = 0.0, False
    any_gumbel = bounds.gumbel[bounds.gumbel.size - 1]
    first = choice_sets.start[choosers.choice_set[j]]
    for p in range(1, 2 + 2 * n_alternatives):
        if p == 2 + n_alternatives:
            words = philox(low, high, day, 0, seed, _ERROR_HALF)
            bound_s = bound_of_stable(bounds, words[0], words[1])
            drawn = False
            angle, exponential = words[0], words[1]
        elif p == 1:
            angle, exponential = words[2], words[3]
        if value[p] == MINUS_INFINITY:
            continue
        half = p >= 2 + n_alternatives
        place_angle, place_exponential = words[0], words[0]
        if p == 1:
            word = words[1]
            bound = value[p] + s.mu * (bound_s + bounds.gumbel[word >> SHIFT])
        else:
            k = choice_sets.centre[first + p - 2 - (n_alternatives if half else 0)]
            place = philox(low, high, day, centres.place_key[k], seed, _ERROR_PLACE)
            place_angle, place_exponential = place[2 * half], place[2 * half + 1]
            bound_place = (
                bounds.place_angle[place_angle >> SHIFT]
                + bounds.place_exponential[place_exponential >> SHIFT]
            )
            # Most centres are out whatever their own draw.
            highest = bound_s + s.mu_place * (bound_place + any_gumbel)
            if value[p] + s.mu * highest < greatest:
                continue
            own_day = _own_day(centres, k, day)
            word = philox(low, high, own_day, centres.key[k], seed, _ERROR_CENTRE)[1 if half else 0]
            of_place = s.mu_place * (bound_place + bounds.gumbel[word >> SHIFT])
            bound = value[p] + s.mu * (bound_s + of_place)
        if bound < greatest:
            continue
        if not kept:
            cost_of_1, cost_of_2 = opportunity_costs(w, choosers, s, j, plans.coefficients)
            kept = True
        keep = cost_of_1 if half else cost_of_2
        if bound + keep < greatest:
            continue
        if not drawn:
            log_s, drawn = log_positive_stable(angle, exponential, s.mu), True
        error = gumbel(word)
        if p > 1:
            log_place = log_positive_stable(place_angle, place_exponential, s.mu_place)
            error = s.mu_place * (log_place + error)
        total = value[p] + s.mu * (log_s + error) + keep
        if total > greatest:
            best, greatest = p, total
    return best, n_alternatives


@inner
def _own_day(centres, k, day):
    """Return the day of a centre's own draw: 0 where its place has several, of which one is liked.

    Drawn anew each day, use would be spread over them, and nobody subscribe to any.
    """
    return day if centres.alone[k] else np.uint32(0)


@inner
def bound_of_stable(bounds, word_angle, word_exponential):
    """Return a bound of the logarithm of the positive stable variable that two words draw."""
    return bounds.angle[word_angle >> SHIFT] + bounds.exponential[word_exponential >> SHIFT]


@inner
def least_error(bound, word):
    """Return what is below any error of a draw: the bound of the draws just before."""
    place = word >> SHIFT
    return bound[place - 1] - 2.0 * ROUNDING if place > 0 else MINUS_INFINITY


@loop
def best_plan(plans, n_alternatives):
    """Place of the greatest ``value + error + opportunity_cost``; the first of equals."""
    best = 0
    greatest = MINUS_INFINITY
    for p in range(2 + 2 * n_alternatives):
        total = total_of(plans, p)
        if total > greatest:
            best, greatest = p, total
    return best


@inner
def total_of(plans, p):
    """Return what a plan is worth in all."""
    return plans.value[p] + plans.error[p] + plans.opportunity_cost[p]


@inner
def set_plan(w, markets, i, plan, n_alternatives):
    """Write a plan, by its place among those of a chooser, into the columns of worker `i`."""
    w.mode[i] = w.office_mode[i]
    if plan == 0:
        w.kind[i], w.alternative[i] = OFFICE, -1
    elif plan == 1:
        w.kind[i], w.alternative[i] = HOME, -1
    elif plan < 2 + n_alternatives:
        w.kind[i], w.alternative[i] = TELECENTRE, plan - 2
    else:
        w.kind[i], w.alternative[i] = HALF, plan - 2 - n_alternatives
        w.mode[i] = best_mode(markets.half, w.taste, w.market[i], i)[0]
