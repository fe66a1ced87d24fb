"""The compiled loops that give out desks (`sim77.engine.booking`)."""

import numba as nb
import numpy as np

from sim77.core.draws import Purpose, philox, unit
from sim77.engine.choice.plan_kernels import best_plan, new_plans, plan_totals, set_plan, total_of
from sim77.engine.loops import HALF, MINUS_INFINITY, TELECENTRE, bit, entry, inner, loop

_EXOGENOUS_USERS = np.uint32(Purpose.EXOGENOUS_USERS)


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
    plans = new_plans(max_alternatives)
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
    wished = total_of(plans, best_plan(plans, n_alternatives))
    refused[:] = False
    while w.alternative[i] >= 0:
        alternative = w.alternative[i]
        if not refused[alternative]:
            refused[alternative] = True
            refusals[choice_sets.centre[first + alternative]] += 1
        plans.value[2 + alternative + (n_alternatives if w.kind[i] == HALF else 0)] = MINUS_INFINITY
        taken = best_plan(plans, n_alternatives)
        set_plan(w, markets, i, taken, n_alternatives)
        if w.alternative[i] < 0 or _take_desk(
            w, i, choice_sets.centre[first + w.alternative[i]], s.weekday, free
        ):
            break
    turned_away[preferred] += w.alternative[i] < 0
    loss[w.commune[i], w.kind_of_worker[i]] += w.weight[i] * (wished - total_of(plans, taken))


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
    half = 1 if bit(w.afternoon[i], weekday) else 0
    if free[k, half] > 0:
        free[k, half] -= 1
        return True
    return False
