"""The compiled value of half-days kept for later in the week (`sim77.engine.choice.allowance`)."""

import math

import numba as nb

from sim77.core.units import WEEKDAYS
from sim77.engine.loops import bit, days_in, inner

_ALL_HALF_DAYS = 2 * len(WEEKDAYS)


@inner
def half_days_left(w, i):
    """Return the half-days of the week that worker `i` has not used."""
    return max(0, w.allowance[i] - w.used[i])


@inner
def half_days_today(w, choosers, s, j):
    """Return the half-days that a chooser may use today: all on a day when the office is closed.

    On others, those left less what coming days need on which it is closed.
    """
    if bit(choosers.closed[j], s.weekday):
        return _ALL_HALF_DAYS
    i = choosers.worker[j]
    return half_days_left(w, i) - 2 * days_in(w.present[i] & s.coming & choosers.closed[j])


@inner
def opportunity_costs(w, choosers, s, j, coefficients):
    """``W(left - h, d) - W(left, d)`` for h = 1 and 2, d the coming days that are open to choice.

    ``Z = exp(W)`` is the cumulated coefficient sum of the product over days of
    ``1 + a1 x + a2 x**2`` (`sim77.engine.choice.allowance`).
    """
    left = half_days_today(w, choosers, s, j)
    coming = w.present[choosers.worker[j]] & s.coming & ~choosers.closed[j]
    if left <= 0 or left - 2 >= 2 * days_in(coming):
        return 0.0, 0.0
    whole_days = whole_day_terms(choosers, j, coming, s.weekday + 1)
    if whole_days[0] > 0.0:
        all_but_one, everything = first_sums(whole_days, left // 2)
        cost = math.log(all_but_one / everything) if left >= 2 else 0.0
        return (cost if left % 2 == 0 else 0.0), cost
    week_polynomial(choosers, j, coming, left, coefficients)
    without2 = 0.0
    for q in range(left - 1):
        without2 += coefficients[q]
    without1 = without2 + coefficients[left - 1]
    everything = without1 + coefficients[left]
    cost_of_2 = math.log(without2 / everything) if left >= 2 else 0.0
    return math.log(without1 / everything), cost_of_2


@inner
def whole_day_terms(choosers, j, days, first):
    """Return the coefficients of x**0, x**2 … x**10 of the product over `days`, given as bits.

    None of the days is before the weekday `first`. Who knows no centre has no half days, so that
    these few numbers, which need no array, are all there is; for everybody else the first is 0.
    """
    c0, c1, c2, c3, c4, c5 = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for weekday in range(first, 5):
        # Multiplying by 1 or 0 is faster than guessing who is at work.
        at_work = (days >> weekday) & 1
        half, a = choosers.odds[weekday, 0, j], at_work * choosers.odds[weekday, 1, j]
        c5, c4, c3, c2, c1 = c5 + a * c4, c4 + a * c3, c3 + a * c2, c2 + a * c1, c1 + a
        c0 = 0.0 if half * at_work > 0.0 else c0
    return c0, c1, c2, c3, c4, c5


@inner
def first_sums(c, n):
    """Return the sums of the first `n` coefficients of `whole_day_terms`, and of one more."""
    without, total = 0.0, 0.0
    for place in nb.literal_unroll((0, 1, 2, 3, 4, 5)):
        without += c[place] if place < n else 0.0
        total += c[place] if place <= n else 0.0
    return without, total


@inner
def week_polynomial(choosers, j, days, left, coefficients):
    """Fill the coefficients up to x**left of the product over `days`, given as bits."""
    coefficients[:] = 0.0
    coefficients[0] = 1.0
    for weekday in range(5):
        if not bit(days, weekday):
            continue
        a1, a2 = choosers.odds[weekday, 0, j], choosers.odds[weekday, 1, j]
        for q in range(left, 1, -1):
            coefficients[q] += a1 * coefficients[q - 1] + a2 * coefficients[q - 2]
        coefficients[1] += a1 * coefficients[0]
