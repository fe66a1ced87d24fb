"""The compiled loops that follow and add up what everybody does: absences, teams, trips, accounts.

The rules of `sim77.engine.loops` hold here too: a loop does its rows only, and shares no sum.
"""

import numpy as np

from sim77.core.draws import Purpose, philox
from sim77.core.units import HALF_COLUMNS, NOT_SEEN, OFFICE_COLUMNS, AccessMode, Mode
from sim77.engine.arrays import JOURNEY, AtOffice
from sim77.engine.choice.utility_kernels import employer_pays, price_borne
from sim77.engine.loops import HALF, HOME, OFFICE, entry, first_of, inner, loop, with_room
from sim77.engine.supply.journey_kernels import compiled_fatigue

_ABSENCE = np.uint32(Purpose.ABSENCE)
_NEVER = np.uint8(NOT_SEEN)
FETCHED = 512
"""Changed workers whose teams, or employers, are fetched together."""
_CAR, _BUS = int(AccessMode.CAR), int(AccessMode.BUS)
_PUBLIC_TRANSPORT = int(Mode.PUBLIC_TRANSPORT)

# Columns of the outputs, one row a commune and kind of worker; see `indicators`. Those of a
# journey stand together, so that a worker's journey is added as one run of memory.
OUTPUT_COLUMNS = (
    "workers_at_work", *OFFICE_COLUMNS, *HALF_COLUMNS, "home", "telecentre", "remote_half_days",
    *JOURNEY, "centre_car_km", "minutes_saved", "desk_price_eur", "isolation",
    "minutes_saved_in_telecentre", "cost_saved_eur", "pass_cost_eur", "journey_value_eur",
    "presence_value_eur", "week_value_eur", "subscription_eur", "home_based_min", "home_based_days",
    "refusal_loss_eur", "desks_open",
)  # fmt: skip
N_OUTPUTS = len(OUTPUT_COLUMNS)
AT_OFFICE, AT_HALF = OUTPUT_COLUMNS.index(OFFICE_COLUMNS[0]), OUTPUT_COLUMNS.index(HALF_COLUMNS[0])
(
    AT_HOME, AT_TELECENTRE, REMOTE_HALF_DAYS, TRAVEL_MIN, RAIL_KM, CAR_KM, STATION_CAR_KM, BUS_KM,
    ACTIVE_KM, COST_EUR, FATIGUE, CENTRE_CAR_KM, MINUTES_SAVED, DESK_PRICE_EUR, ISOLATION,
    MINUTES_SAVED_IN_TELECENTRE, COST_SAVED_EUR, PASS_COST_EUR, JOURNEY_VALUE_EUR,
    PRESENCE_VALUE_EUR, WEEK_VALUE_EUR, SUBSCRIPTION_EUR, HOME_BASED_MIN, HOME_BASED_DAYS,
    REFUSAL_LOSS_EUR, DESKS_OPEN,
) = range(OUTPUT_COLUMNS.index("home"), N_OUTPUTS)  # fmt: skip
AT_WORK = 0
ACCESS_KM = {
    AccessMode.CAR: CENTRE_CAR_KM,
    AccessMode.BUS: BUS_KM,
    AccessMode.WALK: ACTIVE_KM,
    AccessMode.BICYCLE: ACTIVE_KM,
}
"""Where the kilometres to a centre are counted."""
_N_JOURNEY = len(JOURNEY)
_COST = JOURNEY.index("cost_eur")


@entry
def mark_absences(w, seed, monday, probability, first, last):
    """Set the weekdays on which each worker is at work this week (absences are whole weeks)."""
    limit = probability * 2.0**32
    low, high, works, present = (
        w.low[first:last], w.high[first:last], w.works[first:last], w.present[first:last],
    )  # fmt: skip
    for i in range(low.size):
        word = philox(low[i], high[i], np.uint32(monday), 0, np.uint32(seed), _ABSENCE)[0]
        present[i] = 0 if float(word) + 0.5 < limit else works[i]


@entry
def find_changes(now, before, changed, first, last):
    """Set whether each worker differs on any weekday.

    Parameters
    ----------
    now, before : uint8 arrays, shape (5, n_workers)
    changed : bool array, shape (n_workers,)
    first, last : int
        Workers.
    """
    # Slices of one weekday, so that the compiler compares many workers at once.
    mine = changed[first:last]
    mine[:] = False
    for weekday in range(5):
        now_of, before_of = now[weekday, first:last], before[weekday, first:last]
        for i in range(mine.size):
            mine[i] |= now_of[i] != before_of[i]


@with_room
def follow_teams(
    office_units, seen, changed, team, employer, followed, of_team, of_employer, parts, first, last
):  # fmt: skip
    """Bring sums by team and by employer from `seen` to `office_units`.

    The sums are of whole numbers: those of who has not changed need not be added up again, and who
    is added first does not matter.

    Parameters
    ----------
    office_units, seen : uint8 arrays, shape (5, n_workers)
        Office half-days by weekday, 255 for not at work.
    changed : int64 array
        Workers in whom they differ.
    team, employer : int32 arrays, shape (n_workers,)
    followed : bool array, shape (n_teams,)
        Teams with sums; all employers have them.
    of_team, of_employer : int16 or int32 arrays, shape (n, 2, 5)
        Office half-days and members at work by weekday.
    parts : int
        Shares of the employers, with their teams; they cannot be seen in the sums.
    first, last : int
        Parts.
    """
    room = np.empty(FETCHED + 1, dtype=np.int64)
    for part in range(first, last):
        _follow_part(
            office_units, seen, changed, team, employer, followed, of_team, of_employer, part,
            parts, room,
        )  # fmt: skip


@loop
def _follow_part(
    office_units, seen, changed, team, employer, followed, of_team, of_employer, part, parts, room
):  # fmt: skip
    """Do a part of the employers, with their teams: no other thread changes these sums."""
    for begin in range(0, changed.size, FETCHED):
        n_mine, n_followed = 0, 0
        for place in range(begin, min(changed.size, begin + FETCHED)):
            i = changed[place]
            mine = employer[np.uint64(i)]
            # Written in any case and kept if it is one: faster than guessing.
            room[n_mine] = i
            n_mine += mine >= 0 and np.uint32(mine) % np.uint32(parts) == part
        fetched = move(office_units, seen, room[:n_mine], employer, of_employer)
        for place in range(n_mine):
            i = room[place]
            mine = team[np.uint64(i)]
            room[n_followed] = i
            n_followed += mine >= 0 and followed[mine]
        # Kept, or the compiler would not fetch.
        room[FETCHED] = fetched + move(office_units, seen, room[:n_followed], team, of_team)


@entry
def move(office_units, seen, workers, of, sums):
    """Bring the sums of some workers' teams, or employers, from `seen` to `office_units`.

    All are fetched before any is changed: they lie anywhere, and a processor waits for many as long
    as for one. Returned is what was fetched, added up.
    """
    fetched = 0
    for place in range(workers.size):
        fetched += sums[np.uint64(of[np.uint64(workers[place])]), 0, 0]
    for place in range(workers.size):
        i = np.uint64(workers[place])
        mine = np.uint64(of[i])
        for weekday in range(5):
            now, before = office_units[weekday, i], seen[weekday, i]
            there, was_there = np.int16(now != _NEVER), np.int16(before != _NEVER)
            sums[mine, 0, weekday] += there * np.int16(now) - was_there * np.int16(before)
            sums[mine, 1, weekday] += there - was_there
    return fetched


@entry
def add_week(office_units, weekdays, half_days, first, last):
    """Add a week to the half-days of each employer (`employers.QuarterLedger`).

    Parameters
    ----------
    office_units : int array, shape (n_employers, 5)
    weekdays : int
        To be added, as bits.
    half_days : int32 array, shape (n_employers, 5)
    first, last : int
        Employers.
    """
    for employer in range(first, last):
        for weekday in range(half_days.shape[1]):
            half_days[employer, weekday] += office_units[employer, weekday] * (
                (weekdays >> weekday) & 1
            )


@entry
def sum_week(w, group, weekdays, out, first, last):
    """Add up who was at work this week and worked away how often (`observation.week`).

    Parameters
    ----------
    w : Workers
    group : int8 array, shape (n_workers,)
    weekdays : int
        Working days of the week, as bits.
    out : float64 array, shape (n_blocks, n_groups, 4)
        Added to: a block of workers each, so that threads share no sum.
    first, last : int
        Blocks.
    """
    for block in range(first, last):
        begin = group.size * block // out.shape[0]
        _sum_week(w, group, weekdays, begin, group.size * (block + 1) // out.shape[0], out[block])


@loop
def _sum_week(w, group, weekdays, first, last, out):
    for i in range(first, last):
        if w.present[i] & weekdays != 0:
            row, used = out[group[i]], w.used[i]
            row[0] += w.weight[i]
            if used > 0:
                row[1] += w.weight[i]
                row[2] += w.weight[i] * (used >= 2)
                row[3] += w.weight[i] * used


@entry
def count_at_work(kind, workers, first, last):
    """Return how many of some workers are at work today, whatever kind of day theirs is."""
    there = 0
    for n in range(first, last):
        there += kind[np.uint64(workers[n])] >= 0
    return there


@entry
def count_everybody(market, mode, attendance, commune_start, travellers, first, last):
    """Sum `attendance` (n_workers,) by market and mode, as if all were at the office.

    Parameters
    ----------
    market : int32 array, shape (n_workers,)
    mode : int8 array, shape (n_workers,)
    attendance : float64 array, shape (n_workers,)
    commune_start : int64 array
    travellers : float64 array, shape (n_modes, n_markets)
        Added to.
    first, last : int
        Communes.
    """
    for i in range(commune_start[first], commune_start[last]):
        # Unsigned places need no check for negative ones.
        travellers[np.uint64(mode[i]), np.uint64(market[i])] += attendance[i]


def nobody_at_office(strata, n_modes, n_markets):
    """Return an `AtOffice` for `count_at_office` to fill.

    A number takes two bytes where no stratum has more workers than these hold: all are read and
    written several times a day.
    """
    most = np.bincount(strata.of_worker).max(initial=0)
    of_workers = np.uint16 if most <= np.iinfo(np.uint16).max else np.int32
    n_strata = strata.market.size
    return AtOffice(
        workers=np.zeros((n_strata, n_modes), dtype=of_workers),
        taste=np.zeros(n_strata),
        travellers=np.zeros((n_modes, n_markets)),
    )


@entry
def count_at_office(w, strata, commune_start, at_office, first, last):
    """Count who spends the day at the office, and sum the weights by market and mode.

    Parameters
    ----------
    w : Workers
    strata : Strata
    commune_start : int64 array
    at_office : AtOffice
        Filled.
    first, last : int
        Communes.
    """
    for commune in range(first, last):
        _count_at_office(
            w, strata, commune_start[commune], commune_start[commune + 1], strata.start[commune],
            strata.start[commune + 1], at_office,
        )  # fmt: skip


@loop
def _count_at_office(w, strata, first, last, first_stratum, last_stratum, at_office):
    at_office.workers[first_stratum:last_stratum] = 0
    at_office.taste[first_stratum:last_stratum] = 0.0
    of_worker, kind, office_mode, office_taste = (
        strata.of_worker[first:last], w.kind[first:last], w.office_mode[first:last],
        w.office_taste[first:last],
    )  # fmt: skip
    for i in range(kind.size):
        # Slices and unsigned places need no check for negative ones, and adding nothing is faster
        # than guessing who is there.
        stratum, mode = np.uint64(of_worker[i]), np.uint64(office_mode[i])
        there = kind[i] == OFFICE
        at_office.workers[stratum, mode] += there
        at_office.taste[stratum] += office_taste[i] * np.float64(there)
    begin = first_stratum
    while begin < last_stratum:
        # The strata of a market segment follow each other.
        market, end = strata.market[np.uint64(begin)], begin + 1
        while end < last_stratum and strata.market[np.uint64(end)] == market:
            end += 1
        for place in range(at_office.workers.shape[1]):
            mode, travellers = np.uint64(place), 0.0
            for each in range(begin, end):
                stratum = np.uint64(each)
                travellers += at_office.workers[stratum, mode] * strata.weight[stratum]
            at_office.travellers[mode, np.uint64(market)] = travellers
        begin = end


@entry
def aggregate(
    w, choosers, choice_sets, centres, markets, trips, s, inputs, strata, at_office, visited,
    commune_start, out, first, last,
):  # fmt: skip
    """Remember what every worker did today and add it up.

    Days at the office are added by stratum, as many as there were; all else worker by worker.

    Parameters
    ----------
    w, choosers, choice_sets, centres, markets, trips, s, inputs, strata, at_office : named tuples
    visited : int64 array
        Workers who may do anything but go to the office, or feel that they did, in order.
    commune_start : int64 array
    out : float64 array, shape (n_communes, n_kinds_of_worker, N_OUTPUTS)
        Weighted sums in the order of `OUTPUT_COLUMNS`; zeroed here.
    first, last : int
        Communes.
    """
    for commune in range(first, last):
        begin, end = commune_start[commune], commune_start[commune + 1]
        _remember(w, s.weekday, begin, end)
        _add_office_days(
            markets, trips, inputs, strata, at_office, strata.start[commune],
            strata.start[commune + 1], out[commune],
        )  # fmt: skip
        _visit(
            w, choosers, choice_sets, centres, markets, trips, s, inputs, visited,
            first_of(visited, begin), first_of(visited, end), out[commune],
        )  # fmt: skip


@loop
def _visit(w, choosers, choice_sets, centres, markets, trips, s, inputs, visited, first, last, out):
    for place in range(first, last):
        i = np.uint64(visited[place])
        kind, j, weight = w.kind[i], np.int64(w.chooser[i]), w.weight[i]
        row = out[np.uint64(w.kind_of_worker[i])]
        if w.isolation[i] > 0.0:
            w.isolation[i] *= inputs.isolation_retention
        if kind < 0:
            continue
        if j >= 0:
            row[WEEK_VALUE_EUR] += weight * choosers.week_value[j] * inputs.eur_per_place_util
            presence = inputs.g_peer * choosers.presence[s.weekday, j]
            row[PRESENCE_VALUE_EUR] += weight * presence * inputs.eur_per_place_util
        if kind != OFFICE:
            w.days_by_kind[kind, i] += 1
            if kind == HOME:
                w.isolation[i] += 1.0
            w.office_units[s.weekday, i] = 1 if kind == HALF else 0
            w.used[i] += 1 if kind == HALF else 2
            mode = w.office_mode[i]
            taste = weight * w.office_taste[i]
            _add_at_work(markets, inputs, w.market[i], mode, weight, taste, row)
            _add_remote(w, choosers, choice_sets, centres, trips, s, inputs, i, row)
        row[ISOLATION] += weight * w.isolation[i]


@loop
def _remember(w, weekday, first, last):
    """Remember who was at work today, as if all of them at the office."""
    # One slice at a time, so that the compiler does many workers at once.
    kind, last_kind = w.kind[first:last], w.last_kind[first:last]
    units, days = w.office_units[weekday, first:last], w.days_by_kind[OFFICE, first:last]
    for i in range(kind.size):
        units[i] = 2 if kind[i] >= 0 else _NEVER
    for i in range(kind.size):
        last_kind[i] = kind[i] if kind[i] >= 0 else last_kind[i]
    for i in range(kind.size):
        days[i] += kind[i] == OFFICE


@loop
def _add_office_days(markets, trips, inputs, strata, at_office, first, last, out):
    out[:, :] = 0.0
    for each in range(first, last):
        # Unsigned places need no check for negative ones.
        stratum = np.uint64(each)
        market = np.uint64(strata.market[stratum])
        row = out[np.uint64(strata.kind_of_worker[stratum])]
        taste = at_office.taste[stratum] * strata.weight[stratum]
        for place in range(at_office.workers.shape[1]):
            mode = np.uint64(place)
            if at_office.workers[stratum, mode] == 0:
                continue
            weight = at_office.workers[stratum, mode] * strata.weight[stratum]
            _add_at_work(markets, inputs, market, mode, weight, taste, row)
            taste = 0.0  # that of all modes together
            row[AT_OFFICE + place] += weight
            for column in range(_N_JOURNEY):
                row[TRAVEL_MIN + column] += weight * trips.journey[market, mode, column]


@inner
def _add_at_work(markets, inputs, market, mode, weight, taste, row):
    """Add workers who would take a mode to the office, or do, and what the journey is worth."""
    row[AT_WORK] += weight
    value = weight * markets.office[market, mode] + taste
    row[JOURNEY_VALUE_EUR] += value * inputs.eur_per_util
    if mode == _PUBLIC_TRANSPORT:
        row[PASS_COST_EUR] += weight * inputs.pass_eur_per_day
        row[JOURNEY_VALUE_EUR] -= weight * inputs.pass_rise_eur_per_day


@loop
def _add_remote(w, choosers, choice_sets, centres, trips, s, inputs, i, row):
    """Add a day that was not spent wholly at the office."""
    kind, mode, weight, alternative = w.kind[i], w.mode[i], w.weight[i], w.alternative[i]
    journey = trips.journey[w.market[i], mode]
    office = trips.journey[w.market[i], w.office_mode[i]]
    minutes, cost_eur = 0.0, 0.0
    if kind == HALF:
        cost_eur += journey[_COST]
        row[AT_HALF + mode] += weight
        minutes += trips.off_peak_min[w.market[i], mode]
        for column in range(1, _N_JOURNEY - 1):
            row[TRAVEL_MIN + column] += weight * journey[column]
    elif kind == HOME:
        row[AT_HOME] += weight
    else:
        row[AT_TELECENTRE] += weight
    row[REMOTE_HALF_DAYS] += weight * (1.0 if kind == HALF else 2.0)
    if alternative >= 0:
        way_min, way_eur = _add_centre(w, choosers, choice_sets, centres, s, inputs, i, row)
        minutes += way_min
        cost_eur += way_eur
    tired = compiled_fatigue(minutes, inputs.fatigue_midpoint_min, inputs.fatigue_scale_min)
    row[FATIGUE] += weight * tired
    row[TRAVEL_MIN] += weight * minutes
    saved = office[0] - minutes
    row[MINUTES_SAVED] += weight * saved
    if kind != HALF and alternative >= 0:
        row[MINUTES_SAVED_IN_TELECENTRE] += weight * saved
    row[COST_SAVED_EUR] += weight * (office[_COST] - cost_eur)
    w.minutes_saved[i] += saved


@loop
def _add_centre(w, choosers, choice_sets, centres, s, inputs, i, row):
    """Add the access leg to a centre and the desk; return its minutes both ways and all euros."""
    j, weight, alternative = np.int64(w.chooser[i]), w.weight[i], w.alternative[i]
    entry = choice_sets.start[choosers.choice_set[j]] + alternative
    k = choice_sets.centre[entry]
    km = 2.0 * choice_sets.km[entry]
    cost_eur = 0.0
    if choice_sets.mode[entry] == _CAR:
        row[CENTRE_CAR_KM] += weight * km
        cost_eur += km * inputs.car_eur_per_km
    elif choice_sets.mode[entry] == _BUS:
        row[BUS_KM] += weight * km
    else:
        row[ACTIVE_KM] += weight * km
    kind = w.kind[i]
    posted = centres.price_half[k] if kind == HALF else centres.price_day[k]
    price = price_borne(w, choosers, s, j, alternative, kind, posted)
    cost_eur += price
    row[COST_EUR] += weight * cost_eur
    row[DESK_PRICE_EUR] += weight * price
    choosers.desk_price_eur[j] = price
    if not (w.subscribed[i] >> alternative) & 1:
        w.employer_paid_eur[i] += employer_pays(w, choosers, s, j, kind, posted)
    return 2.0 * choice_sets.minutes[entry], cost_eur


@entry
def sum_outputs(outputs, by_commune, by_kind):
    """Sum a day's outputs (n_communes, n_kinds, N_OUTPUTS) over either of its first axes.

    One number is added after the other in the order of the rows, as NumPy's sums over these axes
    do, in one pass over the memory.

    Parameters
    ----------
    outputs : float64 array, shape (n_communes, n_kinds, N_OUTPUTS)
    by_commune : float64 array, shape (n_communes, N_OUTPUTS)
    by_kind : float64 array, shape (n_kinds, N_OUTPUTS)
    """
    by_commune[:, :] = 0.0
    by_kind[:, :] = 0.0
    for commune in range(outputs.shape[0]):
        for kind in range(outputs.shape[1]):
            row = outputs[commune, kind]
            for column in range(row.size):
                value = row[column]
                by_commune[commune, column] += value
                by_kind[kind, column] += value
