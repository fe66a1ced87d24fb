"""Segments, direct legs, and the best way from each stop to each other.

A *leg* is a ride without a change, with the trains worth taking [Chriqui and Robillard 1975]_.
Minutes are expected ones of the morning peak. *Cost* is in perceived minutes: minutes in trains,
waiting and walking by the multipliers of the registry, and its penalty for a change.

.. [Chriqui and Robillard 1975] C. Chriqui, P. Robillard, Common bus lines, Transportation Science
   9(2), 115-121.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np
import pandas as pd

from sim77.registry.parameters import ParameterSet
from sim77.territory.build.transit_assumed import (
    HIDDEN_WAIT_SHARE,
    THROUGH_RATIO,
    TRANSFER_KM,
    TRANSFER_MIN,
    WAIT_MAX_MIN,
)
from sim77.territory.build.transit_network import Network, Run, crow_fly_km

Place = tuple[float, float]


class Calls(NamedTuple):
    """The calls of all runs, one run after another, and the segments between them.

    ``first`` is ``(n_runs + 1,)``, ``per_hour`` and ``line`` ``(n_runs,)``, ``segment_first``
    ``(n_calls + 1,)``: where the segments to the next call begin in ``segment``. The others are
    ``(n_calls,)``; ``km`` counts from the first call.
    """

    first: np.ndarray
    per_hour: np.ndarray
    line: np.ndarray
    stop: np.ndarray
    arrival_min: np.ndarray
    departure_min: np.ndarray
    may_board: np.ndarray
    may_alight: np.ndarray
    km: np.ndarray
    segment_first: np.ndarray
    segment: np.ndarray


class Legs(NamedTuple):
    """Rides without a change, sorted by stops, ``(n_legs,)`` each.

    ``first_of_stop`` is ``(n_stops + 1,)``. The trains worth taking are the options from
    ``option_first`` ``(n_legs + 1,)`` on: a part of the riders goes from call ``board`` to call
    ``alight`` of a run of ``line``.
    """

    first_of_stop: np.ndarray
    from_stop: np.ndarray
    to_stop: np.ndarray
    cost: np.ndarray
    wait_min: np.ndarray
    ivt_min: np.ndarray
    km: np.ndarray
    option_first: np.ndarray
    board: np.ndarray
    alight: np.ndarray
    line: np.ndarray
    part: np.ndarray


class Ways(NamedTuple):
    """The best way from stop to stop, ``(n_stops, n_stops)`` each.

    ``cost`` is infinite where there is none. ``last_leg`` is the leg that arrives, and ``before``
    the stop where the one before it ended, by the stop that a leg begins at; -1 for none.
    """

    cost: np.ndarray
    wait_min: np.ndarray
    ivt_min: np.ndarray
    walk_min: np.ndarray
    transfers: np.ndarray
    km: np.ndarray
    last_leg: np.ndarray
    before: np.ndarray


@dataclass(frozen=True)
class StopToStop:
    """Everything between stops.

    Attributes
    ----------
    names, lat, lon
        Of the stops, ``(n_stops,)``.
    with_trains
        ``(n_stops,)`` bool; False where only metros and trams stop.
    lines
        Names, sorted.
    segments
        As in ``segments.parquet``.
    calls, legs, ways
        See there.
    """

    names: tuple[str, ...]
    lat: np.ndarray
    lon: np.ndarray
    with_trains: np.ndarray
    lines: tuple[str, ...]
    segments: pd.DataFrame
    calls: Calls
    legs: Legs
    ways: Ways


def connect(network: Network, p: ParameterSet) -> StopToStop:
    """Return segments, legs and the best ways between all stops of a network."""
    names, lines = tuple(network.stops), tuple(network.lines)
    lat, lon = np.reshape(list(network.stops.values()), (-1, 2)).T
    by_train = {
        stop for run in network.runs for stop in run.stops
        if network.lines[run.line].kind in ("rer", "train")
    }  # fmt: skip
    segments, calls = _segments(network)
    entries = _entries(calls)
    order = np.lexsort((entries[4], entries[3], entries[2], entries[1], entries[0]))
    legs = _legs(
        calls, tuple(each[order] for each in entries), len(names),
        p.multiplier_wait, WAIT_MAX_MIN, HIDDEN_WAIT_SHARE,
    )  # fmt: skip
    transfers = transfer_walks(lat, lon, p)
    ways = Ways(*_best_ways(legs, *transfers, p.multiplier_walk, p.transfer_penalty_min))
    return StopToStop(
        names, lat, lon, np.array([name in by_train for name in names]), lines, segments, calls,
        legs, ways,
    )  # fmt: skip


# Segments ------------------------------------------------------------------------------------


def _segments(network: Network) -> tuple[pd.DataFrame, Calls]:
    """Return the table of segments and the calls of all runs over them."""
    stop_number = {name: n for n, name in enumerate(network.stops)}
    line_number = {name: n for n, name in enumerate(network.lines)}
    by_line: dict[str, list[Run]] = defaultdict(list)
    for run in network.runs:
        by_line[run.line].append(run)
    through = {line: _through(runs, network.stops) for line, runs in by_line.items()}
    keys = sorted(
        {
            (run.line, *pair)
            for run in network.runs
            for hop in itertools.pairwise(run.stops)
            for pair in _pairs(through[run.line][hop])
        }
    )
    number = {key: n for n, key in enumerate(keys)}
    n = len(keys)
    lat, lon = (
        np.array([[network.stops[key[end]][side] for key in keys] for end in (1, 2)])
        for side in (0, 1)
    )
    km = crow_fly_km(lat[0], lon[0], lat[1], lon[1])
    trains, minutes = np.zeros((2, n)), np.zeros((2, n))  # in the peak; whenever riders pass
    upstream: list[set[int]] = [set() for _ in keys]
    hop_segments: list[list[int]] = []
    at_km: list[float] = []
    for run in network.runs:
        boarded, before, ridden = False, -1, 0.0
        for call in range(len(run.stops)):
            at_km.append(ridden)
            if call + 1 == len(run.stops):
                hop_segments.append([])
                continue
            chain = through[run.line][run.stops[call], run.stops[call + 1]]
            ids = [number[run.line, a, b] for a, b in _pairs(chain)]
            hop_segments.append(ids)
            last = call + 2 == len(run.stops)
            ends = run.arrivals_min if last else run.departures_min
            took, length = ends[call + 1] - run.departures_min[call], km[ids].sum()
            boarded |= run.in_peak[call]
            for each in ids:
                part = took * (km[each] / length if length > 0 else 1 / len(ids))
                for row, counted in enumerate((run.in_peak[call], boarded)):
                    if counted:
                        trains[row, each] += run.per_hour
                        minutes[row, each] += run.per_hour * part
                if before >= 0:
                    upstream[each].add(before)
                before = each
            ridden += length
    passed = np.where(trains[0] > 0, 0, 1)
    trains, minutes = (each[passed, np.arange(n)] for each in (trains, minutes))
    used = trains > 0
    new = np.cumsum(used) - 1
    table = pd.DataFrame(
        {
            "line": [key[0] for key in keys],
            "from_stop": [key[1] for key in keys],
            "to_stop": [key[2] for key in keys],
            "from_lat": lat[0],
            "from_lon": lon[0],
            "to_lat": lat[1],
            "to_lon": lon[1],
            "minutes": minutes / np.where(used, trains, 1),
            "trains_per_hour": trains,
            "upstream": pd.Series(
                [sorted(int(new[b]) for b in each if used[b]) for each in upstream], dtype=object
            ),
        }
    )[used].reset_index(drop=True)
    # Segments that only trains before the peak pass are in no leg.
    hop_segments = [[int(new[each]) for each in ids if used[each]] for ids in hop_segments]
    runs = network.runs

    def each_call(field: str, kind: type) -> np.ndarray:
        return np.array([value for run in runs for value in getattr(run, field)], dtype=kind)

    calls = Calls(
        first=np.cumsum([0, *(len(run.stops) for run in runs)]),
        per_hour=np.array([run.per_hour for run in runs]),
        line=np.array([line_number[run.line] for run in runs], dtype=np.int32),
        stop=np.array([stop_number[stop] for run in runs for stop in run.stops], dtype=np.int32),
        arrival_min=each_call("arrivals_min", float),
        departure_min=each_call("departures_min", float),
        may_board=each_call("in_peak", bool) & each_call("boards", bool),
        may_alight=each_call("alights", bool),
        km=np.array(at_km),
        segment_first=np.cumsum([0, *map(len, hop_segments)]),
        segment=np.array([each for ids in hop_segments for each in ids], dtype=np.int32),
    )
    return table, calls


def _pairs(chain: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(chain))


def _through(
    runs: list[Run], places: Mapping[str, Place]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the stations that each hop of a line runs through, its ends included.

    Hops are looked at from short to long, as in a greedy spanner: one that shorter hops can
    replace, longer by `THROUGH_RATIO` at most, is an express on the same tracks.
    """
    hops = {tuple(sorted(pair)) for run in runs for pair in _pairs(run.stops)}
    ends = np.array([[*places[a], *places[b]] for a, b in sorted(hops)])
    lengths = np.round(crow_fly_km(*ends.T), 6).tolist()
    near: dict[str, list[tuple[str, float]]] = defaultdict(list)
    chains: dict[tuple[str, str], tuple[str, ...]] = {}
    for length, (a, b) in sorted(zip(lengths, sorted(hops), strict=True)):
        chain = _shortest(near, a, b, THROUGH_RATIO * length)
        if not chain:
            near[a].append((b, length))
            near[b].append((a, length))
            chain = (a, b)
        chains[a, b], chains[b, a] = chain, chain[::-1]
    return chains


def _shortest(
    near: Mapping[str, list[tuple[str, float]]], start: str, end: str, most: float
) -> tuple[str, ...]:
    """Return the shortest way of at most some length; empty where there is none."""
    queue: list[tuple[float, tuple[str, ...]]] = [(0.0, (start,))]
    done = set()
    while queue:
        length, way = heapq.heappop(queue)
        if way[-1] == end:
            return way
        if way[-1] in done:
            continue
        done.add(way[-1])
        for following, step in near.get(way[-1], ()):
            if following not in done and length + step <= most:
                heapq.heappush(queue, (length + step, (*way, following)))
    return ()


# Legs ----------------------------------------------------------------------------------------


@nb.njit(cache=True)
def _entries(calls):
    """Return every ride of every run: stops, minutes, calls and departures an hour."""
    n = 0
    for r in range(len(calls.first) - 1):
        length = calls.first[r + 1] - calls.first[r]
        n += length * (length - 1) // 2
    a, b = np.empty(n, np.int32), np.empty(n, np.int32)
    board, alight = np.empty(n, np.int64), np.empty(n, np.int64)
    minutes, per_hour, line = np.empty(n), np.empty(n), np.empty(n, np.int32)
    n = 0
    for r in range(len(calls.first) - 1):
        for i in range(calls.first[r], calls.first[r + 1]):
            if not calls.may_board[i]:
                continue
            for j in range(i + 1, calls.first[r + 1]):
                if calls.stop[j] == calls.stop[i]:
                    break  # boarding at the later call is the shorter ride
                again = False
                for k in range(i + 1, j):
                    again |= calls.stop[k] == calls.stop[j] and calls.may_alight[k]
                if calls.may_alight[j] and not again:
                    a[n], b[n], board[n], alight[n] = calls.stop[i], calls.stop[j], i, j
                    minutes[n] = calls.arrival_min[j] - calls.departure_min[i]
                    per_hour[n], line[n] = calls.per_hour[r], calls.line[r]
                    n += 1
    return a[:n], b[:n], minutes[:n], board[:n], alight[:n], per_hour[:n], line[:n]


@nb.njit(cache=True)
def expected_wait(per_hour, longest_min, hidden_share):
    """Return the minutes of wait: half the headway, of which a share beyond the longest wait."""
    half = 30.0 / per_hour
    return half if half <= longest_min else longest_min + hidden_share * (half - longest_min)


@nb.njit(cache=True)
def _legs(calls, entries, n_stops, weight, longest_min, hidden_share):
    """Return the legs: of the rides from a to b by minutes t, the first ones that cost least.

    ``cost = weight wait(sum f) + sum f t / sum f`` over the trains worth taking, f an hour each:
    whoever waits takes the first of them that comes.
    """
    a, b, minutes, board, alight, per_hour, line = entries
    n = len(a)
    n_legs = 0
    for k in range(n):
        n_legs += k == 0 or a[k] != a[k - 1] or b[k] != b[k - 1]
    first_of_stop = np.zeros(n_stops + 1, np.int64)
    from_stop, to_stop = np.empty(n_legs, np.int32), np.empty(n_legs, np.int32)
    cost, wait, ivt, km = (
        np.empty(n_legs), np.empty(n_legs), np.empty(n_legs), np.empty(n_legs),
    )  # fmt: skip
    option_first = np.zeros(n_legs + 1, np.int64)
    kept = np.empty(n, np.int64)
    part = np.empty(n)
    leg, n_kept, k = 0, 0, 0
    while k < n:
        end = k + 1
        while end < n and a[end] == a[k] and b[end] == b[k]:
            end += 1
        rate, ridden = 0.0, 0.0
        best, best_end, best_rate = np.inf, k, 0.0
        for each in range(k, end):
            rate += per_hour[each]
            ridden += per_hour[each] * minutes[each]
            total = weight * expected_wait(rate, longest_min, hidden_share) + ridden / rate
            if total < best:
                best, best_end, best_rate = total, each + 1, rate
        ivt_min, leg_km = 0.0, 0.0
        for each in range(k, best_end):
            share = per_hour[each] / best_rate
            ivt_min += share * minutes[each]
            leg_km += share * (calls.km[alight[each]] - calls.km[board[each]])
            kept[n_kept], part[n_kept] = each, share
            n_kept += 1
        from_stop[leg], to_stop[leg] = a[k], b[k]
        wait[leg] = expected_wait(best_rate, longest_min, hidden_share)
        cost[leg], ivt[leg], km[leg] = weight * wait[leg] + ivt_min, ivt_min, leg_km
        leg += 1
        option_first[leg] = n_kept
        first_of_stop[a[k] + 1] = leg
        k = end
    for stop in range(n_stops):
        first_of_stop[stop + 1] = max(first_of_stop[stop + 1], first_of_stop[stop])
    kept = kept[:n_kept]
    return Legs(
        first_of_stop, from_stop, to_stop, cost, wait, ivt, km, option_first, board[kept],
        alight[kept], line[kept], part[:n_kept].copy(),
    )  # fmt: skip


# Ways ----------------------------------------------------------------------------------------


def transfer_walks(
    lat: np.ndarray, lon: np.ndarray, p: ParameterSet
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return walks between stops that are near, itself included: first by stop, to, minutes."""
    km = crow_fly_km(lat[:, None], lon[:, None], lat, lon)
    near = (km <= TRANSFER_KM) | np.eye(len(lat), dtype=bool)
    to = np.nonzero(near)[1]
    walk = km[near] * p.detour_factor / p.walk_speed_kmh * 60
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    return first, to.astype(np.int32), np.maximum(walk, TRANSFER_MIN)


@nb.njit(cache=True, parallel=True)
def _best_ways(legs, walk_first, walk_to, walk_min, walk_weight, penalty_min):
    """Return `Ways` by Dijkstra from each stop; of equal ones the first found.

    A node is a stop where one has alighted (0 to n - 1) or is ready to board (n to 2 n - 1).
    """
    n = len(legs.first_of_stop) - 1
    cost = np.full((n, n), np.inf)
    wait, ivt, walk = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    transfers, km = np.zeros((n, n)), np.zeros((n, n))
    last_leg, before = np.full((n, n), -1, np.int32), np.full((n, n), -1, np.int32)
    for start in nb.prange(n):
        best = np.full(2 * n, np.inf)
        done = np.zeros(2 * n, np.bool_)
        changing_min = np.zeros(n)
        order = np.empty(n, np.int32)
        reached = 0
        best[n + start] = 0.0
        while True:
            node, least = -1, np.inf
            for each in range(2 * n):
                if not done[each] and best[each] < least:
                    node, least = each, best[each]
            if node < 0:
                break
            done[node] = True
            if node < n:
                order[reached] = node
                reached += 1
                for k in range(walk_first[node], walk_first[node + 1]):
                    ready = n + walk_to[k]
                    total = least + walk_weight * walk_min[k] + penalty_min
                    if not done[ready] and total < best[ready]:
                        best[ready] = total
                        before[start, walk_to[k]] = node
                        changing_min[walk_to[k]] = walk_min[k]
            else:
                for leg in range(legs.first_of_stop[node - n], legs.first_of_stop[node - n + 1]):
                    to = legs.to_stop[leg]
                    total = least + legs.cost[leg]
                    if to != start and not done[to] and total < best[to]:
                        best[to] = total
                        last_leg[start, to] = leg
        for k in range(reached):
            stop = order[k]
            leg = last_leg[start, stop]
            boarded = legs.from_stop[leg]
            earlier = before[start, boarded]
            cost[start, stop] = best[stop]
            wait[start, stop], ivt[start, stop] = legs.wait_min[leg], legs.ivt_min[leg]
            km[start, stop] = legs.km[leg]
            if earlier >= 0:
                wait[start, stop] += wait[start, earlier]
                ivt[start, stop] += ivt[start, earlier]
                km[start, stop] += km[start, earlier]
                walk[start, stop] = walk[start, earlier] + changing_min[boarded]
                transfers[start, stop] = transfers[start, earlier] + 1
    return cost, wait, ivt, walk, transfers, km, last_leg, before
