"""The compiled loops that follow and add up what everybody does: absences, teams, trips, accounts.

The rules of `sim77.kernels` hold here too: parallel loops over communes, no shared sum.
"""

import math

import numba as nb
import numpy as np

from sim77.draws import Purpose, philox
from sim77.kernels import HALF, HOME, OFFICE, price_borne
from sim77.units import NOT_SEEN

_ABSENCE = np.uint32(Purpose.ABSENCE)
_NEVER = np.uint8(NOT_SEEN)

# Columns of the account, one row a commune and kind of worker; see `sim77.indicators`.
ACCOUNT = (
    "workers_at_work", "office_rail", "office_car", "half_rail", "half_car", "home", "telecentre",
    "remote_half_days", "travel_min", "rail_km", "car_km", "station_car_km", "centre_car_km",
    "bus_km", "active_km", "minutes_saved", "cost_eur", "desk_price_eur", "fatigue", "isolation",
)  # fmt: skip
N_ACCOUNT = len(ACCOUNT)
(
    AT_WORK, OFFICE_RAIL, OFFICE_CAR, HALF_RAIL, HALF_CAR, AT_HOME, AT_TELECENTRE,
    REMOTE_HALF_DAYS, TRAVEL_MIN, RAIL_KM, CAR_KM, STATION_CAR_KM, CENTRE_CAR_KM,
    BUS_KM, ACTIVE_KM, MINUTES_SAVED, COST_EUR, DESK_PRICE_EUR, FATIGUE, ISOLATION,
) = range(N_ACCOUNT)  # fmt: skip


@nb.njit(cache=True)
def mark_absences(w, seed, monday, probability):
    """Set the weekdays on which each worker is at work this week (absences are whole weeks)."""
    limit = probability * 2.0**32
    for i in range(w.low.size):
        word = philox(w.low[i], w.high[i], np.uint32(monday), 0, np.uint32(seed), _ABSENCE)[0]
        w.present[i] = 0 if float(word) + 0.5 < limit else w.works[i]


@nb.njit(cache=True, parallel=True)
def team_sums(office_units, team, employer, team_units, team_count, employer_units, employer_count):
    """Sum office units and members at work by weekday, by team and by employer; shapes (5, n)."""
    for weekday in nb.prange(5):
        team_units[weekday, :] = 0
        team_count[weekday, :] = 0
        employer_units[weekday, :] = 0
        employer_count[weekday, :] = 0
        for i in range(team.size):
            units = office_units[weekday, i]
            if team[i] >= 0 and units != _NEVER:
                team_units[weekday, team[i]] += units
                team_count[weekday, team[i]] += 1
                employer_units[weekday, employer[i]] += units
                employer_count[weekday, employer[i]] += 1


@nb.njit(cache=True, parallel=True)
def count_everybody(
    cell,
    taste_rail,
    taste_car,
    rail,
    car,
    attendance,
    commune_start,
    commune_order,
    riders,
    drivers,
):
    """Sum `attendance` (n_workers,) by cell and better mode, as if all at work were at the office."""
    for block in nb.prange(commune_order.size):
        commune = commune_order[block]
        for i in range(commune_start[commune], commune_start[commune + 1]):
            here = cell[i]
            if rail[here] + taste_rail[i] >= car[here] + taste_car[i]:
                riders[here] += attendance[i]
            else:
                drivers[here] += attendance[i]


@nb.njit(cache=True, parallel=True)
def count_office_travellers(w, commune_start, commune_order, riders, drivers):
    """Sum the weights of office days by rail and by car over each cell, shape (n_cells,)."""
    for block in nb.prange(commune_order.size):
        commune = commune_order[block]
        for i in range(commune_start[commune], commune_start[commune + 1]):
            if w.kind[i] == OFFICE:
                if w.mode[i] == 0:
                    riders[w.cell[i]] += w.weight[i]
                else:
                    drivers[w.cell[i]] += w.weight[i]


@nb.njit(cache=True, parallel=True)
def account(w, choosers, reach, centres, trips, s, books, commune_start, commune_order, out):
    """Remember what every worker did today and add it up.

    Parameters
    ----------
    w, choosers, reach, centres, trips, s, books : named tuples
    commune_start, commune_order : int64 arrays
    out : float64 array, shape (n_communes, n_kinds_of_worker, N_ACCOUNT)
        Weighted sums in the order of `ACCOUNT`; zeroed here.
    """
    for block in nb.prange(commune_order.size):
        commune = commune_order[block]
        first, last = commune_start[commune], commune_start[commune + 1]
        _account_for_commune(
            w, choosers, reach, centres, trips, s, books, first, last, out[commune]
        )


@nb.njit(cache=True)
def _account_for_commune(w, choosers, reach, centres, trips, s, books, first, last, out):
    out[:, :] = 0.0
    for i in range(first, last):
        kind = w.kind[i]
        w.isolation[i] *= books.isolation_retention
        if kind < 0:
            w.office_units[s.weekday, i] = _NEVER
            continue
        w.last_kind[i] = kind
        w.days_by_kind[i, kind] += 1
        row = out[w.kind_of_worker[i]]
        row[AT_WORK] += w.weight[i]
        if kind == OFFICE:
            w.office_units[s.weekday, i] = 2
            _add_office(trips, w.cell[i], w.mode[i], w.weight[i], row)
        else:
            if kind == HOME:
                w.isolation[i] += 1.0
            w.office_units[s.weekday, i] = 1 if kind == HALF else 0
            w.used[i] += 1 if kind == HALF else 2
            _add_remote(w, choosers, reach, centres, trips, s, books, i, row)
        row[ISOLATION] += w.weight[i] * w.isolation[i]


@nb.njit(cache=True)
def _add_office(trips, cell, mode, weight, row):
    if mode == 0:
        row[OFFICE_RAIL] += weight
        row[TRAVEL_MIN] += weight * trips.rail_min[cell]
        row[RAIL_KM] += weight * trips.rail_km[cell]
        row[STATION_CAR_KM] += weight * trips.station_car_km[cell]
        row[BUS_KM] += weight * trips.bus_km[cell]
        row[ACTIVE_KM] += weight * trips.active_km[cell]
        row[COST_EUR] += weight * trips.rail_eur[cell]
        row[FATIGUE] += weight * trips.rail_fatigue[cell]
    else:
        row[OFFICE_CAR] += weight
        row[TRAVEL_MIN] += weight * trips.car_min[cell]
        row[CAR_KM] += weight * trips.car_km[cell]
        row[COST_EUR] += weight * trips.car_eur[cell]
        row[FATIGUE] += weight * trips.car_fatigue[cell]


@nb.njit(cache=True)
def _add_remote(w, choosers, reach, centres, trips, s, books, i, row):
    """Add a day that was not spent wholly at the office."""
    kind, mode, cell, weight, slot = w.kind[i], w.mode[i], w.cell[i], w.weight[i], w.slot[i]
    minutes = 0.0
    price = 0.0
    if kind == HALF:
        if mode == 0:
            row[HALF_RAIL] += weight
            minutes += trips.rail_min[cell]
            row[RAIL_KM] += weight * trips.rail_km[cell]
            row[STATION_CAR_KM] += weight * trips.station_car_km[cell]
            row[BUS_KM] += weight * trips.bus_km[cell]
            row[ACTIVE_KM] += weight * trips.active_km[cell]
            row[COST_EUR] += weight * trips.rail_eur[cell]
        else:
            row[HALF_CAR] += weight
            minutes += trips.car_off_peak_min[cell]
            row[CAR_KM] += weight * trips.car_km[cell]
            row[COST_EUR] += weight * trips.car_eur[cell]
    elif kind == HOME:
        row[AT_HOME] += weight
    else:
        row[AT_TELECENTRE] += weight
    row[REMOTE_HALF_DAYS] += weight * (1.0 if kind == HALF else 2.0)
    if slot >= 0:
        j = w.chooser[i]
        entry = reach.start[choosers.reach[j]] + slot
        k = reach.centre[entry]
        minutes += 2.0 * reach.minutes[entry]
        km = 2.0 * reach.km[entry]
        if reach.mode[entry] == 1:
            row[CENTRE_CAR_KM] += weight * km
            row[COST_EUR] += weight * km * books.car_eur_per_km
        elif reach.mode[entry] == 3:
            row[BUS_KM] += weight * km
        else:
            row[ACTIVE_KM] += weight * km
        price = price_borne(
            w, choosers, j, slot, centres.price_half[k] if kind == HALF else centres.price_day[k]
        )
        w.bookings[i, slot] += 1
    own_office = trips.rail_min[cell] if mode == 0 else trips.car_min[cell]
    row[TRAVEL_MIN] += weight * minutes
    row[MINUTES_SAVED] += weight * (own_office - minutes)
    row[COST_EUR] += weight * price
    row[DESK_PRICE_EUR] += weight * price
    row[FATIGUE] += weight / (
        1.0 + math.exp((books.fatigue_midpoint_min - minutes) / books.fatigue_scale_min)
    )
    w.minutes_saved[i] += own_office - minutes
