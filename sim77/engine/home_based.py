"""People who work at home for themselves: each day they stay there or go to a telecentre.

The census counts who works at home, by commune and occupation. Of artisans, shopkeepers, managers,
professions and intermediate occupations among them, those whose work is done at a desk (assumed to
be as many as among independents who commute, ``share_teleworkable_independents``) are simulated
one by one. They have no office, no journey and no employer: they compare a day at home with one at
a centre by the utility of all others, mind the company, and pay for themselves. What sets them
apart is their isolation, `asc_own_account`, and that they consider a shared place of work as often
as independents who commute.

They are no commuters: results on telework, journeys and loads leave them out. Their days, payments
and subscriptions count at the centres, their kilometres and euros on the way to a centre and back
among those of all, their minutes apart (``home_based_min``), and in the surplus what having centres
is worth to them: on each day at work, the inclusive value of home and the centres that they know
over a day at home (Small and Rosen 1981), over the value of money. What they pay for desks is in
``desk_price_eur``.

Isolation weighs on them all the time, as much as on a teleworker after many days at home in a row
(`lasting_isolation`), and no day at a centre takes it away: whether to work alone is how they have
arranged their lives. With the stock of recent days, by which teleworkers tire of home, each day at
a centre would take away the reason for the next, and hardly anybody would come regularly. That it
weighs on them as on teleworkers, on whom it is calibrated, is an extrapolation.
"""

from __future__ import annotations

import numpy as np

from sim77.core.units import ALL_WEEKDAYS, AccessMode
from sim77.engine.aggregation import (
    ACCESS_KM,
    COST_EUR,
    DESK_PRICE_EUR,
    HOME_BASED_DAYS,
    HOME_BASED_MIN,
    WEEK_VALUE_EUR,
)
from sim77.engine.arrays import (
    AggregationInputs,
    Centres,
    ChoiceSets,
    Choosers,
    Markets,
    Workers,
)
from sim77.engine.choice.allowance import NEVER_BINDS, Entitlements
from sim77.engine.choice.terms import by_kind
from sim77.engine.columns import chooser_columns, worker_columns
from sim77.engine.population.population import N_KINDS_OF_WORKER, Population
from sim77.registry.parameters import ParameterSet


def rights_of(people: Population, parameters: ParameterSet) -> Entitlements:
    """Return the rights of those who work at home: all days, at their own expense, no office."""
    at_a_desk = people.u_teleworkable < parameters.share_teleworkable_independents
    return Entitlements(
        teleworkable=at_a_desk,
        covered=at_a_desk,
        half_days=np.where(at_a_desk, NEVER_BINDS, 0).astype(np.int8),
        share_paid=np.ones(at_a_desk.size),
        anchor=np.zeros(at_a_desk.size, dtype=np.uint8),
        closed=np.where(at_a_desk, ALL_WEEKDAYS, 0).astype(np.uint8),
    )


def lasting_isolation(parameters: ParameterSet) -> float:
    """Return the stock of isolation (days) that days at home one after the other lead to."""
    return 1.0 / (1.0 - parameters.isolation_retention)


def choosers_of(people: Population, parameters: ParameterSet) -> Choosers:
    """Return the columns of those whose work is done at a desk."""
    rights = rights_of(people, parameters)
    choosers = chooser_columns(people, rights, parameters, for_themselves=True)
    apart = by_kind(own_account=np.full(choosers.worker.size, parameters.asc_own_account))
    return choosers._replace(
        lasting=choosers.lasting + apart, market=np.zeros_like(choosers.market)
    )


def columns_of(people: Population, alternatives: int, n_modes: int) -> Workers:
    """Return fresh columns: nobody travels to an office, so all share one market segment.

    They are counted among the independents.
    """
    n = people.low.size
    columns = worker_columns(people, alternatives, np.zeros((n, n_modes)))
    among_independents = np.full_like(columns.kind_of_worker, N_KINDS_OF_WORKER - 1)
    return columns._replace(market=np.zeros(n, dtype=np.int32), kind_of_worker=among_independents)


def markets_of(n_modes: int) -> Markets:
    """Return the market segment of those who make no journey."""
    return Markets(*np.zeros((4, 1, n_modes)))


def remember(
    columns: Workers,
    choosers: Choosers,
    choice_sets: ChoiceSets,
    centres: Centres,
    considering: np.ndarray,
    inputs: AggregationInputs,
    n_communes: int,
) -> list[tuple[int, np.ndarray]]:
    """Remember what everybody did today, once desks are booked.

    Parameters
    ----------
    columns, choosers, choice_sets, centres : named tuples
    considering : numpy.ndarray
        Rows of `choosers` who may be at a centre.
    inputs : AggregationInputs
    n_communes : int

    Returns
    -------
    list of (int, numpy.ndarray)
        What to add to a column of the outputs by home commune, (n_communes,), at full scale:
        days at centres, kilometres there and back by mode, their minutes and cost, payments for
        desks, what the day is worth.
    """
    w, mine = columns, choosers.worker
    there = w.kind >= 0
    w.last_kind[there] = w.kind[there]
    at_work = np.flatnonzero(there[mine])
    value = w.weight[mine[at_work]] * choosers.week_value[at_work] * inputs.eur_per_place_util
    j = considering[w.alternative[mine[considering]] >= 0]
    users, alternative = mine[j], w.alternative[mine[j]].astype(np.int64)
    entry = choice_sets.start[choosers.choice_set[j]] + alternative
    subscribed = (w.subscribed[users] >> alternative.astype(np.uint32)) & 1 == 1
    posted = centres.price_day[choice_sets.centre[entry]]
    price = np.where(subscribed, 0.0, posted)
    choosers.desk_price_eur[j] = price
    weight, mode = w.weight[users], choice_sets.mode[entry]
    km = 2.0 * weight * choice_sets.km[entry]
    minutes = 2.0 * weight * choice_sets.minutes[entry]
    cost_eur = weight * price + km * (mode == AccessMode.CAR) * inputs.car_eur_per_km

    def by_commune(workers: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(w.commune[workers], weights=values, minlength=n_communes)

    return [
        *((column, by_commune(users, km * (mode == each))) for each, column in ACCESS_KM.items()),
        (HOME_BASED_DAYS, by_commune(users, weight)),
        (HOME_BASED_MIN, by_commune(users, minutes)),
        (COST_EUR, by_commune(users, cost_eur)),
        (DESK_PRICE_EUR, by_commune(users, weight * price)),
        (WEEK_VALUE_EUR, by_commune(mine[at_work], value)),
    ]
