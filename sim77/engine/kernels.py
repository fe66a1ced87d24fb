"""The compiled loops of a day's decisions: valuing the week, choosing, booking.

Only loops live here; what they compute is documented where the science is
(`sim77.engine.choice.utility`, `sim77.engine.choice.allowance`, `sim77.engine.booking`). Loops over
communes, choosers or workers end with ``first, last``, the rows to do: several threads may do some
each (`sim77.core.threads`). They write only these rows and share no floating-point sum, so the
number of threads cannot show in a result.
"""

import math
from typing import Any

import numba as nb
import numpy as np

from sim77.core.draws import BOUND_BITS, Purpose, gumbel, log_positive_stable, philox, unit
from sim77.core.units import MODES, NOT_SEEN, WEEKDAYS, Plan
from sim77.engine.arrays import Batch, Coefficients, Plans
from sim77.engine.choice import utility

_ERROR_DAY = np.uint32(Purpose.ERROR_DAY)
_ERROR_HALF = np.uint32(Purpose.ERROR_HALF)
_ERROR_CENTRE = np.uint32(Purpose.ERROR_CENTRE)
_ERROR_PLACE = np.uint32(Purpose.ERROR_PLACE)
_AWARENESS = np.uint32(Purpose.AWARENESS)
_EXOGENOUS_USERS = np.uint32(Purpose.EXOGENOUS_USERS)
OFFICE, HALF, HOME, TELECENTRE = (
    int(plan) for plan in (Plan.OFFICE, Plan.HALF, Plan.HOME, Plan.TELECENTRE)
)
_MINUS_INFINITY = -math.inf
_BLOCK = 2048
_BATCH = 256
"""Choosers whose draws are taken together: few enough to stay in a processor's nearest memory."""
_NEVER = np.uint8(NOT_SEEN)
_MOST_MODES = len(MODES)
_ROUNDING = 1e-9
"""More than rounding can do to a difference of utilities."""
_SHIFT = np.uint32(32 - BOUND_BITS)
_ALL_HALF_DAYS = 2 * len(WEEKDAYS)
_STAY_AT_HOME = 1
"""Place of the plan among a chooser's plans."""

# Numba counts references to an array each time it is taken out of a named tuple, which costs more
# than the arithmetic. These functions allocate nothing, so they are compiled without.
_UNCOUNTED: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
# What only compiled code calls needs no wrapper that takes Python's named tuples apart: that took a
# fifth of the time to compile. Called from Python such a function crashes.
_UNWRAPPED: dict[str, Any] = {**_UNCOUNTED, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = nb.njit(forceinline=True, **_UNWRAPPED)
loop = nb.njit(**_UNWRAPPED)
entry = nb.njit(**_UNCOUNTED)
with_room = nb.njit(cache=True, nogil=True)
"""Of a loop that needs arrays of its own."""
of_journey, of_person = inner(utility.of_journey), inner(utility.of_person)
of_weekday, at_centre = inner(utility.of_weekday), inner(utility.at_centre)
employer_part = inner(utility.employer_part)


@with_room
def _new_plans(max_alternatives):
    size = 2 + 2 * max_alternatives
    return Plans(np.empty(size), np.empty(size), np.empty(size), np.empty(11))


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


@inner
def _bit(bits, place):
    return (bits >> place) & 1 == 1


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
    if _bit(w.subscribed[choosers.worker[j]], alternative):
        return 0.0
    return price - employer_pays(w, choosers, s, j, kind, price)


@inner
def _half_days_left(w, i):
    return max(0, w.allowance[i] - w.used[i])


@inner
def _half_days_today(w, choosers, s, j):
    """Return the half-days that a chooser may use today: all on a day when the office is closed.

    On others, those left less what coming days need on which it is closed.
    """
    if _bit(choosers.closed[j], s.weekday):
        return _ALL_HALF_DAYS
    i = choosers.worker[j]
    return _half_days_left(w, i) - 2 * _count(w.present[i] & s.coming & choosers.closed[j])


@inner
def _count(weekdays):
    """Return the number of weekdays that are set as bits."""
    days = 0
    for weekday in range(5):
        if _bit(weekdays, weekday):
            days += 1
    return days


@inner
def best_mode(utility, taste, market, i):
    """Return a worker's best mode, the first of equals, and its utility.

    Parameters
    ----------
    utility : float64 array, shape (n_markets, n_modes)
    taste : float64 array, shape (n_workers, n_modes)
    market, i : int
        Rows of the market segment and of the worker.
    """
    # Places are unsigned, which no check for negative ones slows down, and which mode is greater is
    # chosen by values and not by branches, of which a processor would guess half wrong.
    market, i = np.uint64(market), np.uint64(i)
    best, greatest = np.int8(0), utility[market, 0] + taste[i, 0]
    for mode in range(1, _MOST_MODES):
        if mode < utility.shape[1]:
            total = utility[market, mode] + taste[i, mode]
            best = np.int8(mode) if total > greatest else best
            greatest = total if total > greatest else greatest
    return best, greatest


@entry
def find_modes(
    utility, taste, groups, seen, margin, office_mode, office_taste, office_min, first, last
):  # fmt: skip
    """Find the best modes of the groups whose utilities have moved by as much as their margin.

    Parameters
    ----------
    utility : float64 array, shape (n_markets, n_modes)
    taste : float64 array, shape (n_workers, n_modes)
    groups : MarketGroups
    seen : float64 array, shape (n_groups, n_modes)
        Utilities with which each group's modes were found; set where they are found again.
    margin : float64 array, shape (n_groups,)
        The least by which a best mode of the group was better than the next one, likewise.
    office_mode : int8 array, shape (n_workers,)
        Set where modes are found again, as is `office_taste`.
    office_taste : float64 array, shape (n_workers,)
    office_min : OfficeMinutes
        Told of those who change their mode, unless it is empty.
    first, last : int
        Groups.
    """
    by_mode, of_worker = office_min
    for group in range(first, last):
        market = np.uint64(groups.market[group])
        if _greatest_move(utility[market], seen[group]) < margin[group] - _ROUNDING:
            continue
        for mode in range(utility.shape[1]):
            seen[group, mode] = utility[market, mode]
        least = math.inf
        for place in range(groups.start[group], groups.start[group + 1]):
            i = groups.worker[place]
            best, greatest = best_mode(utility, taste, market, i)
            if of_worker.size > 0 and best != office_mode[i]:
                of_worker[i] += by_mode[market, office_mode[i]] - by_mode[market, best]
            office_mode[i], office_taste[i] = best, taste[i, best]
            for mode in range(utility.shape[1]):
                if mode != best:
                    least = min(least, greatest - (utility[market, mode] + taste[i, mode]))
        margin[group] = least


@inner
def _greatest_move(now, before):
    """Return the most by which the difference between any two modes may have changed."""
    down, up = 0.0, 0.0
    for mode in range(now.size):
        if now[mode] != before[mode]:  # both are minus infinity where a mode does not go
            down = min(down, now[mode] - before[mode])
            up = max(up, now[mode] - before[mode])
    return up - down


@inner
def _journey(w, choosers, j, utility):
    return best_mode(utility, w.taste, choosers.market[j], choosers.worker[j])[1]


@inner
def _coefficients(s, kind):
    c = s.coefficients[kind]
    return Coefficients(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8])


@inner
def _of_person(choosers, s, j, kind, isolation):
    lasting, fibre, norm = choosers.lasting[kind, j], choosers.fibre[j], choosers.norm[j]
    return of_person(_coefficients(s, kind), lasting, fibre, isolation, norm)


@inner
def _with_journey(choosers, s, j, kind, isolation, journey):
    return of_journey(_coefficients(s, kind), journey) + _of_person(choosers, s, j, kind, isolation)


@inner
def _of_weekday(s, kind, presence, bonus):
    return of_weekday(_coefficients(s, kind), presence, bonus)


@inner
def _at_centre(w, choosers, choice_sets, centres, s, b, j, alternative, entry, k, kind, person):
    posted = centres.price_half[k] if kind == HALF else centres.price_day[k]
    price = price_borne(w, choosers, s, j, alternative, kind, posted)
    attraction, travel = centres.attraction[kind, k], choice_sets.travel[kind, entry]
    return at_centre(b, person, attraction, travel, price)


@inner
def _habit(s, kind, last_kind):
    return _coefficients(s, kind).habit if last_kind == kind else 0.0


@inner
def _office_and_home(w, choosers, markets, s, j):
    """Return the utilities of a day at the office and of one at home, allowed or not."""
    i = choosers.worker[j]
    presence, bonus = choosers.presence[s.weekday, j], s.b_weekday[s.weekday]
    isolation, last = w.isolation[i], w.last_kind[i]
    # Known since `find_modes`.
    journey = markets.office[np.uint64(choosers.market[j]), np.uint64(w.office_mode[i])]
    journey += w.office_taste[i]
    office = _with_journey(choosers, s, j, OFFICE, isolation, journey)
    office = office + _of_weekday(s, OFFICE, presence, bonus) + _habit(s, OFFICE, last)
    home = _of_person(choosers, s, j, HOME, isolation)
    home = home + _of_weekday(s, HOME, presence, bonus) + _habit(s, HOME, last)
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
    left, shut = _half_days_today(w, choosers, s, j), _bit(choosers.closed[j], s.weekday)
    first = choice_sets.start[choosers.choice_set[j]]
    n_alternatives = choice_sets.start[choosers.choice_set[j] + 1] - first
    presence, bonus = choosers.presence[s.weekday, j], s.b_weekday[s.weekday]
    isolation, last = w.isolation[i], w.last_kind[i]
    office, home = _office_and_home(w, choosers, markets, s, j)
    value[0] = _MINUS_INFINITY if shut else office
    value[1] = home if left >= 2 else _MINUS_INFINITY
    if n_alternatives == 0 or w.familiar[i] == 0:
        return 0
    full = _of_person(choosers, s, j, TELECENTRE, isolation)
    full = full + _of_weekday(s, TELECENTRE, presence, bonus) + _habit(s, TELECENTRE, last)
    journey = _journey(w, choosers, j, markets.half)
    half = _with_journey(choosers, s, j, HALF, isolation, journey)
    # The order in which floats are added is part of the stored results.
    half += _of_weekday(s, HALF, presence, bonus) + _habit(s, HALF, last)
    b_full, b_half = _coefficients(s, TELECENTRE), _coefficients(s, HALF)
    for alternative in range(n_alternatives):
        entry = first + alternative
        k = choice_sets.centre[entry]
        p, q = 2 + alternative, 2 + n_alternatives + alternative
        value[p] = value[q] = _MINUS_INFINITY
        if not centres.open[k] or not _bit(w.familiar[i], alternative):
            continue
        if left >= 2:
            value[p] = _at_centre(
                w, choosers, choice_sets, centres, s, b_full, j, alternative, entry, k, TELECENTRE,
                full,
            )  # fmt: skip
        if left >= 1 and not shut:
            value[q] = _at_centre(
                w, choosers, choice_sets, centres, s, b_half, j, alternative, entry, k, HALF, half
            )
    return n_alternatives


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
    cost_of_1, cost_of_2 = _opportunity_costs(w, choosers, s, j, plans.coefficients)
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
    bound_s = _bound_of_stable(bounds, words[2], words[3])
    best, kept, cost_of_1, cost_of_2 = 0, False, 0.0, 0.0
    greatest = value[0] + gumbel(words[0])
    log_s, drawn = 0.0, False
    any_gumbel = bounds.gumbel[bounds.gumbel.size - 1]
    first = choice_sets.start[choosers.choice_set[j]]
    for p in range(1, 2 + 2 * n_alternatives):
        if p == 2 + n_alternatives:
            words = philox(low, high, day, 0, seed, _ERROR_HALF)
            bound_s = _bound_of_stable(bounds, words[0], words[1])
            drawn = False
            angle, exponential = words[0], words[1]
        elif p == 1:
            angle, exponential = words[2], words[3]
        if value[p] == _MINUS_INFINITY:
            continue
        half = p >= 2 + n_alternatives
        place_angle, place_exponential = words[0], words[0]
        if p == 1:
            word = words[1]
            bound = value[p] + s.mu * (bound_s + bounds.gumbel[word >> _SHIFT])
        else:
            k = choice_sets.centre[first + p - 2 - (n_alternatives if half else 0)]
            place = philox(low, high, day, centres.place_key[k], seed, _ERROR_PLACE)
            place_angle, place_exponential = place[2 * half], place[2 * half + 1]
            bound_place = (
                bounds.place_angle[place_angle >> _SHIFT]
                + bounds.place_exponential[place_exponential >> _SHIFT]
            )
            # Most centres are out whatever their own draw.
            highest = bound_s + s.mu_place * (bound_place + any_gumbel)
            if value[p] + s.mu * highest < greatest:
                continue
            own_day = _own_day(centres, k, day)
            word = philox(low, high, own_day, centres.key[k], seed, _ERROR_CENTRE)[1 if half else 0]
            of_place = s.mu_place * (bound_place + bounds.gumbel[word >> _SHIFT])
            bound = value[p] + s.mu * (bound_s + of_place)
        if bound < greatest:
            continue
        if not kept:
            cost_of_1, cost_of_2 = _opportunity_costs(w, choosers, s, j, plans.coefficients)
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
def _bound_of_stable(bounds, word_angle, word_exponential):
    return bounds.angle[word_angle >> _SHIFT] + bounds.exponential[word_exponential >> _SHIFT]


@inner
def _least(bound, word):
    """Return what is below any error of a draw: the bound of the draws just before."""
    place = word >> _SHIFT
    return bound[place - 1] - 2.0 * _ROUNDING if place > 0 else _MINUS_INFINITY


@inner
def _opportunity_costs(w, choosers, s, j, coefficients):
    """``W(left - h, d) - W(left, d)`` for h = 1 and 2, d the coming days that are open to choice.

    ``Z = exp(W)`` is the cumulated coefficient sum of the product over days of
    ``1 + a1 x + a2 x**2`` (`sim77.engine.choice.allowance`).
    """
    left = _half_days_today(w, choosers, s, j)
    coming = w.present[choosers.worker[j]] & s.coming & ~choosers.closed[j]
    if left <= 0 or left - 2 >= 2 * _count(coming):
        return 0.0, 0.0
    whole_days = _whole_days(choosers, j, coming, s.weekday + 1)
    if whole_days[0] > 0.0:
        all_but_one, everything = _first_sums(whole_days, left // 2)
        cost = math.log(all_but_one / everything) if left >= 2 else 0.0
        return (cost if left % 2 == 0 else 0.0), cost
    _week_polynomial(choosers, j, coming, left, coefficients)
    without2 = 0.0
    for q in range(left - 1):
        without2 += coefficients[q]
    without1 = without2 + coefficients[left - 1]
    everything = without1 + coefficients[left]
    cost_of_2 = math.log(without2 / everything) if left >= 2 else 0.0
    return math.log(without1 / everything), cost_of_2


@inner
def _whole_days(choosers, j, days, first):
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
def _first_sums(c, n):
    """Return the sums of the first `n` of the coefficients of `_whole_days`, and of one more."""
    without, total = 0.0, 0.0
    for place in nb.literal_unroll((0, 1, 2, 3, 4, 5)):
        without += c[place] if place < n else 0.0
        total += c[place] if place <= n else 0.0
    return without, total


@inner
def _week_polynomial(choosers, j, days, left, coefficients):
    """Fill the coefficients up to x**left of the product over `days`, given as bits."""
    coefficients[:] = 0.0
    coefficients[0] = 1.0
    for weekday in range(5):
        if not _bit(days, weekday):
            continue
        a1, a2 = choosers.odds[weekday, 0, j], choosers.odds[weekday, 1, j]
        for q in range(left, 1, -1):
            coefficients[q] += a1 * coefficients[q - 1] + a2 * coefficients[q - 2]
        coefficients[1] += a1 * coefficients[0]


@entry
def meet_centres(w, choosers, choice_sets, centre_key, known, seed, first, last):
    """Set which centres each chooser knows and considers.

    One is known once the share `known` has passed one's draw; who is covered by an agreement that
    pays for desks knows all. Who considers no shared place of work is left with none.

    Parameters
    ----------
    w, choosers, choice_sets : named tuples
    centre_key : uint32 array, shape (n_centres,)
    known : float64 array, shape (n_centres, n_communes)
    seed : int
    first, last : int
        Choosers.
    """
    seed = np.uint32(seed)
    for j in range(first, last):
        i, row = choosers.worker[j], choosers.choice_set[j]
        start, bits = choice_sets.start[row], 0
        in_reach = choice_sets.start[row + 1] - start if choosers.considers[j] else 0
        for alternative in range(in_reach):
            k = choice_sets.centre[start + alternative]
            word = philox(choosers.low[j], choosers.high[j], 0, centre_key[k], seed, _AWARENESS)[0]
            if choosers.share_paid[j] < 1.0 or unit(word) < known[k, w.commune[i]]:
                bits |= 1 << alternative
        w.familiar[i] = bits


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
    coefficients, teams = _new_plans(0).coefficients, np.empty((_BLOCK, 2, 5), dtype=sums[0].dtype)
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
            choosers.week_value[j] = full - _of_person(
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
    days, shut, left = here & ~choosers.closed[j], here & choosers.closed[j], _half_days_left(w, i)
    value = 0.0
    for weekday in range(5):
        if _bit(shut, weekday):
            value += math.log(choosers.odds[weekday, 1, j])
            left -= 2
    if days == 0 or left <= 0:
        return value / max(_count(here), 1)
    whole_days = _whole_days(choosers, j, days, s.weekday)
    if whole_days[0] > 0.0:
        return (value + math.log(_first_sums(whole_days, left // 2)[1])) / _count(here)
    _week_polynomial(choosers, j, days, left, coefficients)
    total = 0.0
    for q in range(left + 1):
        total += coefficients[q]
    return (value + math.log(total)) / _count(here)


@inner
def _value_week_of(w, choosers, choice_sets, centres, markets, s, j):
    i = choosers.worker[j]
    journey = _journey(w, choosers, j, markets.office_valued)
    office = _with_journey(choosers, s, j, OFFICE, w.isolation[i], journey)
    full, half = _inclusive_values(w, choosers, choice_sets, centres, markets, s, j)
    for weekday in range(5):
        if _bit(choosers.anchor[j], weekday):
            choosers.odds[weekday, 0, j] = choosers.odds[weekday, 1, j] = 0.0
            continue
        presence, bonus = choosers.presence[weekday, j], s.b_weekday[weekday]
        there = _of_weekday(s, OFFICE, presence, bonus)
        # Home and telecentres share their terms of the weekday, which can stay outside the nest.
        choosers.odds[weekday, 0, j] = 0.0
        if half > _MINUS_INFINITY:
            choosers.odds[weekday, 0, j] = _odds(
                half + _of_weekday(s, HALF, presence, bonus) - office - there
            )
        choosers.odds[weekday, 1, j] = _odds(
            full + _of_weekday(s, TELECENTRE, presence, bonus) - office - there
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
    home = _of_person(choosers, s, j, HOME, w.isolation[i])
    first = choice_sets.start[choosers.choice_set[j]]
    n_alternatives = choice_sets.start[choosers.choice_set[j] + 1] - first
    if n_alternatives == 0 or w.familiar[i] == 0:
        return home, _MINUS_INFINITY
    full_sum, half_sum = math.exp(home / s.mu), 0.0
    journey = _journey(w, choosers, j, markets.half_valued)
    full = _of_person(choosers, s, j, TELECENTRE, w.isolation[i])
    half = _with_journey(choosers, s, j, HALF, w.isolation[i], journey)
    for alternative in range(n_alternatives):
        if choice_sets.leader[first + alternative] == alternative:
            full_sum += _odds_of_place(
                w, choosers, choice_sets, centres, s, j, alternative, TELECENTRE, full
            )
            half_sum += _odds_of_place(
                w, choosers, choice_sets, centres, s, j, alternative, HALF, half
            )
    half = s.mu * math.log(half_sum) if half_sum > 0.0 else _MINUS_INFINITY
    return s.mu * math.log(full_sum), half


@inner
def _odds_of_place(w, choosers, choice_sets, centres, s, j, leader, kind, person):
    """Return ``(sum exp(V / (mu mu_place))) ** mu_place`` over the open centres of a place."""
    row = choosers.choice_set[j]
    first, last = choice_sets.start[row], choice_sets.start[row + 1]
    b, scale = _coefficients(s, kind), s.mu * s.mu_place
    greatest, total = _MINUS_INFINITY, 0.0
    for entry in range(first + leader, last):
        k = choice_sets.centre[entry]
        if choice_sets.leader[entry] != leader or not centres.open[k]:
            continue
        if not _bit(w.familiar[choosers.worker[j]], entry - first):
            continue
        v = _at_centre(
            w, choosers, choice_sets, centres, s, b, j, entry - first, entry, k, kind, person
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
        if _bit(last_week, weekday):
            remote += 2 * others - units
            at_work += others
    choosers.norm[j] = 0.0
    if at_work > 0:
        choosers.norm[j] = remote / (2.0 * at_work)
        return
    for weekday in range(5):
        if _bit(last_week, weekday):
            remote += 2 * of_employer[e, 1, weekday] - of_employer[e, 0, weekday]
            at_work += of_employer[e, 1, weekday]
    if at_work > 0:
        choosers.norm[j] = remote / (2.0 * at_work)


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
    plans, batch, n = _new_plans(max_alternatives), _new_batch(), np.int64(0)
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


@inner
def first_of(workers, i):
    """Return the place of the first of `workers`, in order, who is worker `i` or comes after."""
    low, high = 0, workers.size
    while low < high:
        middle = (low + high) // 2
        if workers[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low


@loop
def _choose_in_commune(
    w, choosers, choice_sets, centres, markets, s, bounds, first, last, plans, batch, n
):  # fmt: skip
    """Let the choosers of a commune choose; those left in the batch are counted, and returned."""
    for j in range(first_of(choosers.worker, first), first_of(choosers.worker, last)):
        i, left = choosers.worker[j], _half_days_today(w, choosers, s, j)
        if w.kind[i] != OFFICE or left <= 0 or _bit(choosers.anchor[j], s.weekday):
            continue
        if w.familiar[i] != 0:
            plan, n_alternatives = preferred_plan(
                w, choosers, choice_sets, centres, markets, s, j, plans, bounds
            )
            _set_plan(w, markets, i, plan, n_alternatives)
        elif _bit(choosers.closed[j], s.weekday):
            _set_plan(w, markets, i, _STAY_AT_HOME, 0)  # nothing to choose
        elif left >= 2:
            batch.chooser[n], batch.low[n], batch.high[n] = j, choosers.low[j], choosers.high[j]
            batch.office[n], batch.home[n] = _office_and_home(w, choosers, markets, s, j)
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
        bound = _bound_of_stable(bounds, angle[k], exponential[k])
        most = batch.home[k] + s.mu * (bound + bounds.gumbel[home_word[k] >> _SHIFT])
        # Written in any case and kept if it is one.
        batch.undecided[open_to_choice] = k
        open_to_choice += not most < batch.office[k] + _least(bounds.gumbel, office_word[k])
    for place in range(open_to_choice):
        k = batch.undecided[place]
        j = batch.chooser[k]
        keep = _opportunity_costs(w, choosers, s, j, coefficients)[1]
        least = _least(bounds.angle, angle[k]) + _least(bounds.exponential, exponential[k])
        least = batch.home[k] + s.mu * (least + _least(bounds.gumbel, home_word[k])) + keep
        if least <= batch.office[k] + bounds.gumbel[office_word[k] >> _SHIFT]:
            error = s.mu * (
                log_positive_stable(angle[k], exponential[k], s.mu) + gumbel(home_word[k])
            )
            if batch.home[k] + error + keep <= batch.office[k] + gumbel(office_word[k]):
                continue
        _set_plan(w, markets, choosers.worker[j], _STAY_AT_HOME, 0)


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
    plans = _new_plans(max_alternatives)
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
        if j < 0 or _bit(choosers.anchor[j], s.weekday) or _half_days_today(w, choosers, s, j) <= 0:
            out[OFFICE] += w.weight[i]
            continue
        n_alternatives = plan_utilities(
            w, choosers, choice_sets, centres, markets, s, j, plans.value
        )
        cost_of_1, cost_of_2 = _opportunity_costs(w, choosers, s, j, plans.coefficients)
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
    """Return the sum over places of their odds, see `_odds_of_place`."""
    odds = 0.0
    for alternative in range(leader.size):
        if leader[alternative] != alternative:
            continue
        greatest = _MINUS_INFINITY
        for other in range(alternative, leader.size):
            if leader[other] == alternative:
                greatest = max(greatest, value[other])
        if greatest == _MINUS_INFINITY:
            continue
        total = 0.0
        for other in range(alternative, leader.size):
            if leader[other] == alternative:
                total += math.exp((value[other] - greatest) / (s.mu * s.mu_place))
        odds += math.exp(greatest / s.mu) * total**s.mu_place
    return odds


@loop
def _best_plan(plans, n_alternatives):
    """Place of the greatest ``value + error + opportunity_cost``; the first of equals."""
    best = 0
    greatest = _MINUS_INFINITY
    for p in range(2 + 2 * n_alternatives):
        total = _total(plans, p)
        if total > greatest:
            best, greatest = p, total
    return best


@inner
def _total(plans, p):
    return plans.value[p] + plans.error[p] + plans.opportunity_cost[p]


@inner
def _set_plan(w, markets, i, plan, n_alternatives):
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


@nb.njit(cache=True)
def book(
    commuters, stay, choice_sets, centres, seekers, free, refusals, turned_away, loss,
    max_alternatives,
):  # fmt: skip
    """Serve those who want a desk one after the other (`sim77.engine.booking`).

    Parameters
    ----------
    commuters, stay : tuple
        Workers, choosers, markets and settings; `stay` are those who work at home.
    choice_sets, centres : named tuples
    seekers : int64 array
        Rows of workers whose preferred plan is at a centre, in the order of service; those who work
        at home are counted from -1 downwards.
    free : int64 array, shape (n_centres, 2)
        Desks free in the morning and in the afternoon; counted down.
    refusals : int64 array, shape (n_centres,)
        Counted up, once by worker and centre.
    turned_away : int64 array, shape (n_centres,)
        Counted up at the centre that a worker preferred and who ends without any desk.
    loss : float64 array, shape (n_communes, n_kinds_of_worker)
        Added to: weight times the utility, error and allowance given up included, of the plan
        preferred less that of the plan taken.
    max_alternatives : int
        Greatest number of centres in reach of anybody.
    """
    plans = _new_plans(max_alternatives)
    refused = np.empty(max_alternatives, dtype=np.bool_)
    for n in range(seekers.size):
        if seekers[n] >= 0:
            _serve(
                *commuters, choice_sets, centres, seekers[n], free, refusals, turned_away,
                loss, refused, plans,
            )  # fmt: skip
        else:
            _serve(
                *stay, choice_sets, centres, -1 - seekers[n], free, refusals, turned_away,
                loss, refused, plans,
            )  # fmt: skip


@loop
def _serve(
    w, choosers, markets, s, choice_sets, centres, i, free, refusals, turned_away, loss, refused,
    plans,
):  # fmt: skip
    j = np.int64(w.chooser[i])  # as where it is counted: loops are compiled by type
    first = choice_sets.start[choosers.choice_set[j]]
    preferred = choice_sets.centre[first + w.alternative[i]]
    posted = centres.price_half if w.kind[i] == HALF else centres.price_day
    w.asked_eur[i, w.alternative[i]] += posted[preferred]
    if _take_desk(w, i, preferred, s.weekday, free):
        return
    n_alternatives = plan_totals(w, choosers, choice_sets, centres, markets, s, j, plans)
    wished = _total(plans, _best_plan(plans, n_alternatives))
    refused[:] = False
    while w.alternative[i] >= 0:
        alternative = w.alternative[i]
        if not refused[alternative]:
            refused[alternative] = True
            refusals[choice_sets.centre[first + alternative]] += 1
        plans.value[2 + alternative + (n_alternatives if w.kind[i] == HALF else 0)] = (
            _MINUS_INFINITY
        )
        taken = _best_plan(plans, n_alternatives)
        _set_plan(w, markets, i, taken, n_alternatives)
        if w.alternative[i] < 0 or _take_desk(
            w, i, choice_sets.centre[first + w.alternative[i]], s.weekday, free
        ):
            break
    turned_away[preferred] += w.alternative[i] < 0
    loss[w.commune[i], w.kind_of_worker[i]] += w.weight[i] * (wished - _total(plans, taken))


@entry
def count_taken(seed, day, keys, desks, share, taken):
    """Count the desks that others take all day (`booking.exogenous_users`), one draw each."""
    for k in range(desks.size):
        for first in range(0, desks[k], 4):
            words = philox(keys[k], 0, day, np.uint32(first // 4), seed, _EXOGENOUS_USERS)
            for lane in range(min(4, desks[k] - first)):
                if unit(words[lane]) < share[k]:
                    taken[k] += 1


@inner
def _take_desk(w, i, k, weekday, free):
    if w.kind[i] == TELECENTRE:
        if free[k, 0] > 0 and free[k, 1] > 0:
            free[k, 0] -= 1
            free[k, 1] -= 1
            return True
        return False
    half = 1 if _bit(w.afternoon[i], weekday) else 0
    if free[k, half] > 0:
        free[k, half] -= 1
        return True
    return False
