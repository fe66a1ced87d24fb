"""Ways of travellers from zone to zone: a logit over stops, and over the ways to them.

A traveller from point p to point q chooses a way to a stop a (on foot, by bicycle, by bus, with a
car at hand by car), a stop b to alight at, and a way from it (on foot, by bus), or a bus alone:

    Z_pq = sum_a A_pa sum_b exp(-s C_ab) E_bq + exp(-s bus_pq)

where s is `PATH_SCALE_PER_MIN`, C the best cost between stops, and A and E the sums of exp(-s cost)
over the ways to and from a stop. The composite cost is -ln(Z)/s, so one more alternative never
raises it. Points of a zone are averaged, those of origin and destination independently. All is
linear in A and E once Z is known, so no stop in reach is left out but in the paths kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np
import pandas as pd
from scipy import sparse

from sim77.core.errors import TerritoryError, nearest
from sim77.registry.parameters import ParameterSet
from sim77.territory.build.transit_assumed import (
    BICYCLE_REACH_KM,
    BUS_LINE_KM,
    BUS_REACH_KM,
    CAR_REACH_KM,
    METRO_REACH_KM,
    PARKING_MIN,
    PATH_SCALE_PER_MIN,
    SHORTEST_BUS_KM,
    STATION_CAR_SPEED_KMH,
    WALK_MAX_KM,
)
from sim77.territory.build.transit_legs import StopToStop, Ways, connect
from sim77.territory.build.transit_network import Network, crow_fly_km
from sim77.territory.transit_tables import (
    LINE_COLUMNS,
    PAIR_COLUMNS,
    SHARE_UNITS,
    TransitTables,
    perceived_min,
)

KEPT_STOP_PAIRS = 8
"""Most likely pairs of stops of a row whose segments are kept; the others' riders go with them."""
_EARTH_KM = 6371.0
_PARTS = 64
"""Minutes, km and changes are whole parts of this many: half the bytes on disk, and what is waited
for each line sums up exactly."""
_BLOCK_PAIRS = 128
_BLOCK_ROWS = 4096
_AREAS = tuple(PARKING_MIN)
_WALK, _BICYCLE, _BUS, _BUS_WAIT, _CAR, _CAR_KM, _BICYCLE_KM, _CHANGES = range(8)
_N_ACCESS = 8
"""What is summed over ways to a stop."""
_N_WAYS = 8
"""What is summed over alighting stops: 1, walk, bus, bus wait, wait, in-vehicle, changes, km."""
_WAIT, _IVT, _KM, _RAIL, _COMPOSITE = range(_N_ACCESS, _N_ACCESS + 5)
_N_OUT = _N_ACCESS + 5
"""Attributes of a row: those of the ways to and from stops, and these."""


class Access(NamedTuple):
    """Ways between points and the stops in reach of them, sorted by point and stop.

    ``first`` is ``(n_points + 1,)``, ``stop`` and ``weight`` ``(n,)``: the sum of
    exp(-s cost) over the ways; ``minutes`` is ``(n, 8)``, the sums of their minutes, km and
    changes so weighted.
    """

    first: np.ndarray
    stop: np.ndarray
    weight: np.ndarray
    minutes: np.ndarray


class Points(NamedTuple):
    """Points sorted by zone: ``first`` ``(n_zones + 1,)``, the others ``(n_points, ...)``."""

    first: np.ndarray
    weight: np.ndarray
    direction: np.ndarray


class Picks(NamedTuple):
    """The most likely stops of each row, ``(n_rows, KEPT_STOP_PAIRS)``; share 0 for none."""

    board: np.ndarray
    alight: np.ndarray
    share: np.ndarray


@dataclass(frozen=True)
class Choices:
    """What travellers choose.

    Attributes
    ----------
    pairs
        As in ``pairs.parquet``.
    picks
        The stops of each row.
    between
        The ways between stops.
    """

    pairs: pd.DataFrame
    picks: Picks
    between: StopToStop


def build_transit(
    points: pd.DataFrame,
    pairs: pd.DataFrame,
    area_types: pd.Series,
    network: Network,
    parameters: ParameterSet,
) -> TransitTables:
    """Return the level of service and the paths of every pair of zones; see `choose`."""
    chosen = choose(points, pairs, area_types, network, parameters)
    paths, waits = _paths(chosen.picks, chosen.pairs, chosen.between)
    lines = pd.DataFrame(
        [[getattr(line, each) for each in LINE_COLUMNS] for line in network.lines.values()],
        columns=list(LINE_COLUMNS),
    )
    return TransitTables(lines, chosen.between.segments, chosen.pairs, paths, waits)


def choose(
    points: pd.DataFrame,
    pairs: pd.DataFrame,
    area_types: pd.Series,
    network: Network,
    parameters: ParameterSet,
) -> Choices:
    """Return what the travellers of every pair of zones choose.

    Parameters
    ----------
    points : DataFrame
        zone, lat, lon, weight: one or more a zone, whose weights are scaled to sum to 1.
    pairs : DataFrame
        commune, workplace: zones; rows of the result are by their sorted order.
    area_types : Series
        Zone to core, inner, outer-urban or outer-rural.
    network : Network
    parameters : ParameterSet

    Returns
    -------
    Choices
    """
    zones, table = _zones(points, pairs, area_types)
    pairs = pairs[["commune", "workplace"]].astype(str).drop_duplicates()
    pairs = pairs.sort_values(["commune", "workplace"], ignore_index=True)
    number = {zone: n for n, zone in enumerate(zones)}
    home, work = (pairs[each].map(number).to_numpy(np.int64) for each in ("commune", "workplace"))
    between = connect(network, parameters)
    to_stop, to_stop_by_car, from_stop = _access(table, area_types, between, parameters)
    first = np.searchsorted(table["zone"], zones).tolist()
    located = Points(np.array([*first, len(table)]), table["weight"].to_numpy(), _directions(table))
    out, picks = _level_of_service(
        home, work, located, to_stop, to_stop_by_car, from_stop, between.ways, parameters
    )
    return Choices(_pair_table(out, parameters), picks, between)


# Zones and points ----------------------------------------------------------------------------


def _zones(
    points: pd.DataFrame, pairs: pd.DataFrame, area_types: pd.Series
) -> tuple[list[str], pd.DataFrame]:
    """Return the zones of the pairs, sorted, and their points, sorted by zone and place."""
    zones = sorted({*pairs["commune"].astype(str), *pairs["workplace"].astype(str)})
    table = points.assign(zone=points["zone"].astype(str))
    known = set(table["zone"])
    for zone in zones:
        if zone not in known:
            raise TerritoryError(f"zone '{zone}' has no point.{nearest(zone, sorted(known))}")
        if zone not in area_types.index or area_types[zone] not in _AREAS:
            raise TerritoryError(
                f"the area type of zone '{zone}' must be one of {', '.join(_AREAS)}, not "
                f"'{area_types.get(zone, '')}'."
            )
    table = table[table["zone"].isin(zones)]
    table = table.sort_values(["zone", "lat", "lon", "weight"], ignore_index=True)
    if not (table["weight"] > 0).all():
        raise TerritoryError("weight of a point must be above 0.")
    total = table.groupby("zone")["weight"].transform("sum")
    return zones, table.assign(weight=table["weight"] / total)


def _directions(table: pd.DataFrame) -> np.ndarray:
    """Return unit vectors from the centre of the earth: chords tell distances without angles."""
    lat, lon = np.radians(table["lat"].to_numpy()), np.radians(table["lon"].to_numpy())
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _access(
    table: pd.DataFrame, area_types: pd.Series, between: StopToStop, p: ParameterSet
) -> tuple[Access, Access, Access]:
    """Return the ways from points to stops without and with a car, and from stops to points."""
    lat, lon = table["lat"].to_numpy(), table["lon"].to_numpy()
    areas = table["zone"].map(area_types).to_numpy()
    km = crow_fly_km(lat[:, None], lon[:, None], between.lat, between.lon)
    stop_area = areas[np.argmin(km, axis=0)]
    trains = between.with_trains

    def reach(by_area: dict[str, float]) -> np.ndarray:
        of_point = np.array([by_area[area] for area in areas])[:, None]
        metro = np.where(areas == "core", 0.0, METRO_REACH_KM)[:, None]
        return np.where(trains, of_point, np.minimum(of_point, metro))

    road_km = p.detour_factor * km
    ride_min = road_km / p.bus_speed_kmh * 60
    cycle_min = road_km / p.bicycle_speed_kmh * 60 + p.bicycle_extra_min
    extra = p.access_car_extra_min + np.array([PARKING_MIN[area] for area in stop_area])
    drive_min = road_km / STATION_CAR_SPEED_KMH * 60 + extra
    none = np.zeros_like(km)
    walk = (km <= WALK_MAX_KM, {_WALK: road_km / p.walk_speed_kmh * 60})
    bus = (
        km <= reach(BUS_REACH_KM),
        {
            _WALK: none + p.bus_stop_walk_min,
            _BUS: ride_min,
            _BUS_WAIT: none + p.bus_wait_min,
            _CHANGES: none + 1,
        },
    )
    bicycle = (km <= reach(BICYCLE_REACH_KM), {_BICYCLE: cycle_min, _BICYCLE_KM: road_km})
    car = (km <= reach(CAR_REACH_KM), {_CAR: drive_min, _CAR_KM: road_km})
    return (
        _summed([walk, bicycle, bus], p),
        _summed([walk, bicycle, bus, car], p),
        _summed([walk, bus], p),
    )


def _summed(ways: list[tuple[np.ndarray, dict[int, np.ndarray]]], p: ParameterSet) -> Access:
    near = np.any([within for within, _ in ways], axis=0)
    point, stop = np.nonzero(near)
    weight, minutes = np.zeros(len(point)), np.zeros((len(point), _N_ACCESS))
    per_min = {
        _WALK: p.multiplier_walk, _BICYCLE: p.multiplier_bicycle, _BUS: p.multiplier_access_bus,
        _BUS_WAIT: p.multiplier_wait, _CAR: p.multiplier_access_car,
        _CHANGES: p.transfer_penalty_min,
    }  # fmt: skip
    for within, parts in ways:
        cost = sum(per_min.get(part, 0.0) * each[near] for part, each in parts.items())
        chosen = np.where(within[near], np.exp(-PATH_SCALE_PER_MIN * cost), 0.0)
        weight += chosen
        for part, each in parts.items():
            minutes[:, part] += chosen * each[near]
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    return Access(first, stop.astype(np.int32), weight, minutes)


# Level of service ----------------------------------------------------------------------------


def _level_of_service(
    home: np.ndarray,
    work: np.ndarray,
    points: Points,
    to_stop: Access,
    to_stop_by_car: Access,
    from_stop: Access,
    ways: Ways,
    p: ParameterSet,
) -> tuple[np.ndarray, Picks]:
    """Return the expected attributes of every row, and its most likely stops."""
    # Blocks of pairs with one destination, dealt so that threads have like shares of long ones.
    order = np.lexsort((home, work))
    ends = np.flatnonzero(np.diff(work[order], append=-1)) + 1
    starts = np.concatenate([[0], ends[:-1]])
    blocks = np.array(
        [
            (start, min(start + _BLOCK_PAIRS, end))
            for begin, end in zip(starts, ends, strict=True)
            for start in range(begin, end, _BLOCK_PAIRS)
        ]
    )
    blocks = blocks[np.argsort(np.arange(len(blocks)) % 64, kind="stable")]
    reached = np.where(np.isfinite(ways.cost), ways.cost, 0.0)
    weight = np.where(np.isfinite(ways.cost), np.exp(-PATH_SCALE_PER_MIN * reached), 0.0)
    attributes = np.stack(
        [ways.walk_min.T, ways.wait_min.T, ways.ivt_min.T, ways.transfers.T, ways.km.T]
    )
    bus_cost = (
        p.multiplier_walk * p.bus_stop_walk_min + p.multiplier_wait * p.bus_wait_min,
        p.multiplier_access_bus * p.detour_factor / p.bus_speed_kmh * 60,
        p.multiplier_wait * p.bus_wait_min + p.transfer_penalty_min,
    )
    bus_minutes = (p.bus_stop_walk_min, p.bus_wait_min, p.detour_factor / p.bus_speed_kmh * 60)
    # Given, not read by the kernel: a compiled kernel keeps what it reads of another module.
    bus_km = (SHORTEST_BUS_KM, BUS_LINE_KM)
    out, board, alight, share = _rows(
        blocks, order, home, work, points, to_stop, to_stop_by_car, from_stop,
        np.ascontiguousarray(weight.T), np.ascontiguousarray(attributes), bus_cost, bus_minutes,
        bus_km, PATH_SCALE_PER_MIN,
    )  # fmt: skip
    return out, Picks(board, alight, share)


@nb.njit(cache=True)
def _to_destination(ways_to, attributes, from_stop, begin, end):
    """Return sums over alighting stops by boarding stop and point, ``(8, n_stops, n_points)``."""
    n = len(ways_to)
    found = np.zeros((_N_WAYS, n, end - begin))
    row = np.zeros((_N_WAYS, n))
    for q in range(begin, end):
        row[:] = 0.0
        for k in range(from_stop.first[q], from_stop.first[q + 1]):
            b = from_stop.stop[k]
            weight = from_stop.weight[k]
            walk, bus = from_stop.minutes[k, _WALK], from_stop.minutes[k, _BUS]
            bus_wait, changes = from_stop.minutes[k, _BUS_WAIT], from_stop.minutes[k, _CHANGES]
            for a in range(n):
                way = ways_to[b, a]
                both = way * weight
                row[0, a] += both
                row[1, a] += both * attributes[0, b, a] + way * walk
                row[2, a] += way * bus
                row[3, a] += way * bus_wait
                row[4, a] += both * attributes[1, b, a]
                row[5, a] += both * attributes[2, b, a]
                row[6, a] += both * attributes[3, b, a] + way * changes
                row[7, a] += both * attributes[4, b, a]
        for each in range(_N_WAYS):
            for a in range(n):
                found[each, a, q - begin] = row[each, a]
    return found


@nb.njit(cache=True, parallel=True)
def _rows(
    blocks, order, home, work, points, to_stop, to_stop_by_car, from_stop, ways_to, attributes,
    bus_cost, bus_minutes, bus_km, scale,
):  # fmt: skip
    """Return attributes and stops of all rows.

    A block of pairs is one thread's, so that sums do not depend on how many there are.
    """
    n_rows = 2 * len(home)
    out = np.zeros((n_rows, _N_OUT))
    picked_board = np.zeros((n_rows, KEPT_STOP_PAIRS), np.int32)
    picked_alight = np.zeros((n_rows, KEPT_STOP_PAIRS), np.int32)
    picked_share = np.zeros((n_rows, KEPT_STOP_PAIRS))
    n_stops = len(ways_to)
    for block in nb.prange(len(blocks)):
        destination = work[order[blocks[block, 0]]]
        begin, end = points.first[destination], points.first[destination + 1]
        n_q = end - begin
        onward = _to_destination(ways_to, attributes, from_stop, begin, end)
        alone = np.zeros((64, n_q))
        alone_km = np.zeros((64, n_q))
        z, inverse = np.zeros(n_q), np.zeros(n_q)
        boarded = np.zeros((n_stops, n_q))
        used = np.zeros(n_stops, np.bool_)
        touched = np.zeros(n_stops, np.int32)
        by_stop = np.zeros(n_stops)
        by_alight = np.zeros(n_stops)
        for place in range(blocks[block, 0], blocks[block, 1]):
            pair = order[place]
            origin = home[pair]
            p_begin, p_end = points.first[origin], points.first[origin + 1]
            if p_end - p_begin > len(alone):
                alone = np.zeros((p_end - p_begin, n_q))
                alone_km = np.zeros((p_end - p_begin, n_q))
            for i in range(p_begin, p_end):
                for j in range(n_q):
                    chord = 0.0
                    for axis in range(3):
                        step = points.direction[i, axis] - points.direction[begin + j, axis]
                        chord += step * step
                    km = max(_EARTH_KM * np.sqrt(chord), bus_km[0])
                    alone_km[i - p_begin, j] = km
                    changes = max(km / bus_km[1] - 1.0, 0.0)
                    cost = bus_cost[0] + bus_cost[1] * km + bus_cost[2] * changes
                    alone[i - p_begin, j] = np.exp(-scale * cost)
            for car in range(2):
                access = to_stop_by_car if car == 1 else to_stop
                row = 2 * pair + car
                sums = out[row]
                n_touched = 0
                for i in range(p_begin, p_end):
                    for j in range(n_q):
                        z[j] = alone[i - p_begin, j]
                    for k in range(access.first[i], access.first[i + 1]):
                        stop, weight = access.stop[k], access.weight[k]
                        for j in range(n_q):
                            z[j] += weight * onward[0, stop, j]
                    for j in range(n_q):
                        both = points.weight[i] * points.weight[begin + j]
                        inverse[j] = both / z[j]
                        sums[_COMPOSITE] -= both * np.log(z[j]) / scale
                        bus = inverse[j] * alone[i - p_begin, j]
                        km = alone_km[i - p_begin, j]
                        changes = max(km / bus_km[1] - 1.0, 0.0)
                        sums[_WALK] += bus * bus_minutes[0]
                        sums[_BUS_WAIT] += bus * bus_minutes[1] * (1.0 + changes)
                        sums[_BUS] += bus * bus_minutes[2] * km
                        sums[_CHANGES] += bus * changes
                    for k in range(access.first[i], access.first[i + 1]):
                        stop, weight = access.stop[k], access.weight[k]
                        if not used[stop]:
                            used[stop] = True
                            touched[n_touched] = stop
                            n_touched += 1
                        each = 0.0
                        for j in range(n_q):
                            each += inverse[j] * onward[0, stop, j]
                            boarded[stop, j] += weight * inverse[j]
                        for part in range(_N_ACCESS):
                            sums[part] += each * access.minutes[k, part]
                for k in range(n_touched):
                    stop = touched[k]
                    for j in range(n_q):
                        rate = boarded[stop, j]
                        by_stop[stop] += rate * onward[0, stop, j]
                        sums[_WALK] += rate * onward[1, stop, j]
                        sums[_BUS] += rate * onward[2, stop, j]
                        sums[_BUS_WAIT] += rate * onward[3, stop, j]
                        sums[_WAIT] += rate * onward[4, stop, j]
                        sums[_IVT] += rate * onward[5, stop, j]
                        sums[_CHANGES] += rate * onward[6, stop, j]
                        sums[_KM] += rate * onward[7, stop, j]
                    sums[_RAIL] += by_stop[stop]
                _pick(
                    picked_board[row], picked_alight[row], picked_share[row], touched[:n_touched],
                    by_stop, by_alight, boarded, from_stop, ways_to, begin, end,
                )  # fmt: skip
                for k in range(n_touched):
                    used[touched[k]] = False
                    by_stop[touched[k]] = 0.0
                    boarded[touched[k]] = 0.0
    return out, picked_board, picked_alight, picked_share


@nb.njit(cache=True)
def _pick(
    board, alight, share, touched, by_stop, by_alight, boarded, from_stop, ways_to, begin, end
):
    """Write the most likely pairs of stops into ``board``, ``alight`` and ``share``, best first."""
    stops = np.sort(touched)
    ranked = stops[np.argsort(-by_stop[stops], kind="mergesort")]
    for stop in ranked:
        if by_stop[stop] <= share[-1]:
            break  # no pair with this stop can be among the best
        for q in range(begin, end):
            rate = boarded[stop, q - begin]
            for k in range(from_stop.first[q], from_stop.first[q + 1]):
                b = from_stop.stop[k]
                by_alight[b] += rate * from_stop.weight[k] * ways_to[b, stop]
        for q in range(begin, end):
            for k in range(from_stop.first[q], from_stop.first[q + 1]):
                b = from_stop.stop[k]
                found = by_alight[b]
                by_alight[b] = 0.0
                place = len(share)
                while place > 0 and found > share[place - 1]:
                    place -= 1
                if place < len(share):
                    for each in range(len(share) - 1, place, -1):
                        share[each] = share[each - 1]
                        board[each], alight[each] = board[each - 1], alight[each - 1]
                    share[place], board[place], alight[place] = found, stop, b


def _pair_table(out: np.ndarray, p: ParameterSet) -> pd.DataFrame:
    columns = {
        "walk_min": out[:, _WALK], "bicycle_min": out[:, _BICYCLE], "bus_min": out[:, _BUS],
        "bus_wait_min": out[:, _BUS_WAIT], "car_min": out[:, _CAR], "wait_min": out[:, _WAIT],
        "ivt_min": out[:, _IVT], "transfers": out[:, _CHANGES], "km": out[:, _KM],
        "walk_km": out[:, _WALK] * p.walk_speed_kmh / 60, "bicycle_km": out[:, _BICYCLE_KM],
        "bus_km": out[:, _BUS] * p.bus_speed_kmh / 60, "car_km": out[:, _CAR_KM],
        "rail_share": np.minimum(out[:, _RAIL], 1.0),
    }  # fmt: skip
    table = pd.DataFrame(columns)
    parts = pd.Series(_PARTS, index=table.columns)
    parts["rail_share"] = SHARE_UNITS
    table = (table * parts).round() / parts
    table["choice_min"] = 0.0
    gain = perceived_min(table, p) - out[:, _COMPOSITE]
    table["choice_min"] = np.maximum(gain, 0.0)
    return table[list(PAIR_COLUMNS)].astype(np.float32)


# Paths ---------------------------------------------------------------------------------------


def _paths(
    picks: Picks, pairs: pd.DataFrame, between: StopToStop
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return shares by row and segment, and minutes of wait by row and line."""
    n_segments, n_lines = len(between.segments), len(between.lines)
    rail = pairs["rail_share"].to_numpy(dtype=float)
    wait = pairs["wait_min"].to_numpy(dtype=float)
    args = (
        picks, rail, wait, between.ways.last_leg, between.ways.before, between.legs,
        between.calls, n_segments, n_lines,
    )  # fmt: skip
    none = np.zeros(0, np.int64)
    counts, line_counts = _ride(*args, none, none)[:2]
    first, line_first = (np.concatenate([[0], np.cumsum(n)]) for n in (counts, line_counts))
    _, _, segment, share, line, minutes = _ride(*args, first, line_first)
    return (
        sparse.csr_matrix((share, segment, first), shape=(len(pairs), n_segments)),
        sparse.csr_matrix((minutes, line, line_first), shape=(len(pairs), n_lines)),
    )


@nb.njit(cache=True, parallel=True)
def _ride(
    picks, rail, wait_min, last_leg, before, legs, calls, n_segments, n_lines, first, line_first
):
    """Return how many segments and lines each row uses, and with places for them which.

    Riders are whole units: what is rounded among stops, or among trains of a leg, sums up exactly.
    """
    n_rows = len(rail)
    counts, line_counts = np.zeros(n_rows, np.int64), np.zeros(n_rows, np.int64)
    filling = len(first) > 0
    segment = np.zeros(first[-1] if filling else 0, np.int32)
    share = np.zeros(first[-1] if filling else 0, np.float32)
    line = np.zeros(line_first[-1] if filling else 0, np.int32)
    minutes = np.zeros(line_first[-1] if filling else 0, np.float32)
    for block in nb.prange((n_rows + _BLOCK_ROWS - 1) // _BLOCK_ROWS):
        riders = np.zeros(n_segments, np.int64)
        ridden = np.zeros(n_segments, np.int32)
        waited, parts = np.zeros(n_lines), np.zeros(n_lines, np.int64)
        for row in range(block * _BLOCK_ROWS, min((block + 1) * _BLOCK_ROWS, n_rows)):
            total = 0.0
            for k in range(KEPT_STOP_PAIRS):
                total += picks.share[row, k]
            n_ridden = 0
            if total > 0.0:
                units = np.int64(np.rint(SHARE_UNITS * rail[row]))
                passed = 0.0
                for k in range(KEPT_STOP_PAIRS):
                    until = passed + picks.share[row, k]
                    on_board = np.int64(np.rint(units * until / total)) - np.int64(
                        np.rint(units * passed / total)
                    )
                    part = picks.share[row, k] / total
                    passed = until
                    origin, stop = picks.board[row, k], picks.alight[row, k]
                    while part > 0.0 and stop >= 0:
                        leg = last_leg[origin, stop]
                        done = 0.0
                        for each in range(legs.option_first[leg], legs.option_first[leg + 1]):
                            waited[legs.line[each]] += part * legs.part[each] * legs.wait_min[leg]
                            after = done + legs.part[each]
                            if each == legs.option_first[leg + 1] - 1:
                                after = 1.0
                            taking = np.int64(np.rint(on_board * after)) - np.int64(
                                np.rint(on_board * done)
                            )
                            done = after
                            if taking == 0:
                                continue
                            for s in range(
                                calls.segment_first[legs.board[each]],
                                calls.segment_first[legs.alight[each]],
                            ):
                                on = calls.segment[s]
                                if riders[on] == 0:
                                    ridden[n_ridden] = on
                                    n_ridden += 1
                                riders[on] += taking
                        stop = before[origin, legs.from_stop[leg]]
            counts[row] = n_ridden
            waiting = waited.sum()
            units, passed = np.int64(np.rint(_PARTS * wait_min[row])), 0.0
            for each in range(n_lines):
                if waited[each] > 0.0:
                    until = passed + waited[each] / waiting
                    parts[each] = np.int64(np.rint(units * until)) - np.int64(
                        np.rint(units * passed)
                    )
                    passed = until
                    line_counts[row] += parts[each] > 0
            if filling:
                found = np.sort(ridden[:n_ridden])
                for k in range(n_ridden):
                    segment[first[row] + k] = found[k]
                    share[first[row] + k] = riders[found[k]] / SHARE_UNITS
                k = line_first[row]
                for each in range(n_lines):
                    if parts[each] > 0:
                        line[k], minutes[k] = each, parts[each] / _PARTS
                        k += 1
            parts[:] = 0
            for k in range(n_ridden):
                riders[ridden[k]] = 0
            waited[:] = 0.0
    return counts, line_counts, segment, share, line, minutes
