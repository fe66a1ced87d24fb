"""The compiled utility of the plans of a day (`sim77.engine.choice.utility`)."""

import numpy as np

from sim77.engine.arrays import Coefficients
from sim77.engine.choice import utility
from sim77.engine.choice.allowance_kernels import half_days_today
from sim77.engine.loops import HALF, HOME, MINUS_INFINITY, OFFICE, TELECENTRE, bit, inner
from sim77.engine.mode_kernels import best_mode

of_journey, of_person = inner(utility.of_journey), inner(utility.of_person)
of_weekday, at_centre = inner(utility.of_weekday), inner(utility.at_centre)
employer_part = inner(utility.employer_part)


@inner
def employer_pays(w, choosers, s, j, kind, price):
    """Return what the employer of a chooser pays of a price at a centre.

    Its share of it, up to a ceiling a day, half of that for half a day, while the worker's budget
    of the month lasts.
    """
    ceiling = s.employer_ceiling_eur * (0.5 if kind == HALF else 1.0)
    left = s.employer_budget_eur - w.employer_paid_eur[choosers.worker[j]]
    return employer_part(1.0 - choosers.share_paid[j], price, ceiling, left)


@inner
def price_borne(w, choosers, s, j, alternative, kind, price):
    """Return what a chooser pays of a price at a centre: nothing with a subscription."""
    if bit(w.subscribed[choosers.worker[j]], alternative):
        return 0.0
    return price - employer_pays(w, choosers, s, j, kind, price)


@inner
def best_journey(w, choosers, j, utility):
    """Return the utility of the journey by the best mode."""
    return best_mode(utility, w.taste, choosers.market[j], choosers.worker[j])[1]


@inner
def coefficients_of(s, kind):
    """Return the coefficients of a kind of plan."""
    c = s.coefficients[kind]
    return Coefficients(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8])


@inner
def person_part(choosers, s, j, kind, isolation):
    """Return the part of the utility that is the person's (`utility.of_person`)."""
    lasting, fibre, norm = choosers.lasting[kind, j], choosers.fibre[j], choosers.norm[j]
    return of_person(coefficients_of(s, kind), lasting, fibre, isolation, norm)


@inner
def journey_part(choosers, s, j, kind, isolation, journey):
    """Return the same with a journey to the office."""
    person = person_part(choosers, s, j, kind, isolation)
    return of_journey(coefficients_of(s, kind), journey) + person


@inner
def weekday_part(s, kind, presence, bonus):
    """Return the part that differs by weekday (`utility.of_weekday`)."""
    return of_weekday(coefficients_of(s, kind), presence, bonus)


@inner
def centre_part(w, choosers, choice_sets, centres, s, b, j, alternative, entry, k, kind, person):
    """Return the utility of a plan at a centre, the person's part with it (`utility.at_centre`)."""
    posted = centres.price_half[k] if kind == HALF else centres.price_day[k]
    price = price_borne(w, choosers, s, j, alternative, kind, posted)
    attraction, travel = centres.attraction[kind, k], choice_sets.travel[kind, entry]
    return at_centre(b, person, attraction, travel, price)


@inner
def habit_part(s, kind, last_kind):
    """Return what a plan gains by being of the last day's kind."""
    return coefficients_of(s, kind).habit if last_kind == kind else 0.0


@inner
def office_and_home(w, choosers, markets, s, j):
    """Return the utilities of a day at the office and of one at home, allowed or not."""
    i = choosers.worker[j]
    presence, bonus = choosers.presence[s.weekday, j], s.b_weekday[s.weekday]
    isolation, last = w.isolation[i], w.last_kind[i]
    # Known since `find_modes`.
    journey = markets.office[np.uint64(choosers.market[j]), np.uint64(w.office_mode[i])]
    journey += w.office_taste[i]
    office = journey_part(choosers, s, j, OFFICE, isolation, journey)
    office = office + weekday_part(s, OFFICE, presence, bonus) + habit_part(s, OFFICE, last)
    home = person_part(choosers, s, j, HOME, isolation)
    home = home + weekday_part(s, HOME, presence, bonus) + habit_part(s, HOME, last)
    return office, home


@inner
def plan_utilities(w, choosers, choice_sets, centres, markets, s, j, value):
    """Fill the utility of every plan of a chooser today; minus infinity where not available.

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, s : named tuples
    j : int
        Row in `choosers`.
    value : float64 array
        Filled in the order office, home, whole day and then half day at each alternative.

    Returns
    -------
    int
        Number of alternatives, K, 0 if none is known; the plans are 2 + 2 K.
    """
    i = choosers.worker[j]
    left, shut = half_days_today(w, choosers, s, j), bit(choosers.closed[j], s.weekday)
    first = choice_sets.start[choosers.choice_set[j]]
    n_alternatives = choice_sets.start[choosers.choice_set[j] + 1] - first
    presence, bonus = choosers.presence[s.weekday, j], s.b_weekday[s.weekday]
    isolation, last = w.isolation[i], w.last_kind[i]
    office, home = office_and_home(w, choosers, markets, s, j)
    value[0] = MINUS_INFINITY if shut else office
    value[1] = home if left >= 2 else MINUS_INFINITY
    if n_alternatives == 0 or w.familiar[i] == 0:
        return 0
    full = person_part(choosers, s, j, TELECENTRE, isolation)
    full = full + weekday_part(s, TELECENTRE, presence, bonus) + habit_part(s, TELECENTRE, last)
    journey = best_journey(w, choosers, j, markets.half)
    half = journey_part(choosers, s, j, HALF, isolation, journey)
    # The order in which floats are added is part of the stored results.
    half += weekday_part(s, HALF, presence, bonus) + habit_part(s, HALF, last)
    b_full, b_half = coefficients_of(s, TELECENTRE), coefficients_of(s, HALF)
    for alternative in range(n_alternatives):
        entry = first + alternative
        k = choice_sets.centre[entry]
        p, q = 2 + alternative, 2 + n_alternatives + alternative
        value[p] = value[q] = MINUS_INFINITY
        if not centres.open[k] or not bit(w.familiar[i], alternative):
            continue
        if left >= 2:
            value[p] = centre_part(
                w, choosers, choice_sets, centres, s, b_full, j, alternative, entry, k, TELECENTRE,
                full,
            )  # fmt: skip
        if left >= 1 and not shut:
            value[q] = centre_part(
                w, choosers, choice_sets, centres, s, b_half, j, alternative, entry, k, HALF, half
            )
    return n_alternatives
