"""The tables of a territory, cut to the market segments of a run.

A mode is a level of service by origin-destination pair, an incidence on segments of limited
capacity where it has any, and a function from load to time (`sim77.engine.supply.loads`). What the
tables become is in `sim77.engine.supply.pair_travel`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from sim77.core.geography import crow_fly_km
from sim77.core.units import AREA_TYPES
from sim77.engine.supply.access import resident_km
from sim77.engine.supply.loads import Incidence, Roads, Trains
from sim77.engine.supply.mode_constants import log_density
from sim77.territory.territory import Territory

TRANSIT_PARTS = (
    "walk_min", "bicycle_min", "bus_min", "bus_wait_min", "car_min", "wait_min", "ivt_min",
)  # fmt: skip
"""Minutes of a journey by public transport, one way."""


@dataclass(frozen=True)
class PairTables:
    """A territory's tables cut to the market segments of a population; nothing here changes.

    Attributes
    ----------
    transit : pandas.DataFrame
        The level of service by public transport, one way; a row a market segment.
    rides : Incidence
        Shares of the market segments on the segments of the railway.
    wait_by_line : scipy.sparse.csr_matrix, shape (n_markets, n_lines)
        Minutes waited for the trains of each line, one way.
    drives : Incidence
        Shares of the market segments on the sections of road; none of those without a car.
    drive_min : scipy.sparse.csr_matrix, shape (n_markets, n_sections)
        Free-flow minutes there, one way, likewise.
    free_flow_min, road_km, direct_km : numpy.ndarray, shape (n_markets,)
        By car door to door, parking left out; by road; on foot or by bicycle.
    to_centre : numpy.ndarray of bool, shape (n_markets,)
        Journeys that enter the central zone.
    segment_min, trains_per_hour, places : numpy.ndarray, shape (n_segments,)
    line : numpy.ndarray of int64, shape (n_segments,)
    upstream : scipy.sparse.csr_matrix
        See `sim77.engine.supply.loads.added_wait_min`.
    roads : Roads
    base_riders, base_volume : numpy.ndarray, shape (n_segments,) and (n_sections,)
        Riders and vehicles of the base year's peak hour, simulated or not; 0 where all are.
    area : tuple of numpy.ndarray of int64, shape (n_markets,)
        Area types of home and of work, places in `AREA_TYPES`.
    log_density : numpy.ndarray, shape (n_markets, 2)
        Of home and of work (`sim77.engine.supply.mode_constants.log_density`).
    """

    transit: pd.DataFrame
    rides: Incidence
    wait_by_line: sparse.csr_matrix
    drives: Incidence
    drive_min: sparse.csr_matrix
    free_flow_min: np.ndarray
    road_km: np.ndarray
    direct_km: np.ndarray
    to_centre: np.ndarray
    segment_min: np.ndarray
    trains_per_hour: np.ndarray
    places: np.ndarray
    line: np.ndarray
    upstream: sparse.csr_matrix
    roads: Roads
    base_riders: np.ndarray
    base_volume: np.ndarray
    area: tuple[np.ndarray, np.ndarray]
    log_density: np.ndarray


def pair_tables(territory: Territory, pair: np.ndarray, car: np.ndarray) -> PairTables:
    """Cut a territory's tables to market segments.

    Parameters
    ----------
    territory : Territory
    pair, car : numpy.ndarray of integers, shape (n_markets,)
        Origin-destination pair, and 1 if a car is at hand.
    """
    od = territory.od
    row = 2 * pair.astype(np.int64) + car
    transit, road = od.transit, od.road
    segments, sections = transit.segments, road.sections
    lines = {name: index for index, name in enumerate(transit.lines["line"])}
    line = segments["line"].astype(str).map(lines).to_numpy(np.int64)
    # Shares and minutes stay as the territory keeps them, half as large: they are read every day.
    drive_min = _rows_of(road.paths[pair], car > 0)
    section_min = sections["free_flow_min"].to_numpy(float)
    share = drive_min.astype(np.float64) @ sparse.diags_array(1.0 / np.maximum(section_min, 1e-9))
    here, there = territory.communes, territory.workplaces
    origin, destination = (
        od.pairs[name].to_numpy(np.int64)[pair] for name in ("commune", "workplace")
    )
    inside = (there["zone"] == territory.central_zone).to_numpy()
    starts_inside = here["code"].isin(there["code"][inside]).to_numpy()
    return PairTables(
        transit=transit.pairs.iloc[row].astype(np.float64).reset_index(drop=True),
        rides=Incidence.of(transit.paths[row]),
        wait_by_line=transit.waits[row].astype(np.float64),
        drives=Incidence.of(share.tocsr()),
        drive_min=drive_min,
        free_flow_min=road.pairs["free_flow_min"].to_numpy(float)[pair],
        road_km=road.pairs["km"].to_numpy(float)[pair],
        direct_km=_direct_km(territory, origin, destination),
        to_centre=inside[destination] & ~starts_inside[origin],
        segment_min=segments["minutes"].to_numpy(float),
        trains_per_hour=segments["trains_per_hour"].to_numpy(float),
        places=transit.lines["places_per_train"].to_numpy(float)[line],
        line=line,
        upstream=_upstream(segments["upstream"]),
        roads=Roads(
            base_ratio=sections["base_ratio"].to_numpy(float),
            base_vehicles=sections["base_vehicles"].to_numpy(float),
            exponent=sections["exponent"].to_numpy(float),
        ),
        base_riders=od.base_load("segment", len(segments)),
        base_volume=od.base_load("section", len(sections)),
        area=(_area_types(here)[origin], _area_types(there)[destination]),
        log_density=np.column_stack((log_density(here)[origin], log_density(there)[destination])),
    )


def _rows_of(matrix: sparse.csr_matrix, kept: np.ndarray) -> sparse.csr_matrix:
    """Return a matrix with some of its rows; the others are empty."""
    length = np.diff(matrix.indptr)
    entries = np.repeat(kept, length)
    start = np.concatenate(([0], np.cumsum(np.where(kept, length, 0)))).astype(np.int32)
    rows = (matrix.data[entries], matrix.indices[entries], start)
    return sparse.csr_matrix(rows, shape=matrix.shape)


def _area_types(places: pd.DataFrame) -> np.ndarray:
    return places["area_type"].map(AREA_TYPES.index).to_numpy(np.int64)


def _upstream(segments: pd.Series) -> sparse.csr_matrix:
    before = [np.asarray(each, dtype=np.int64) for each in segments]
    start = np.concatenate(([0], np.cumsum([each.size for each in before])))
    columns = np.concatenate([*before, np.empty(0, np.int64)])
    shape = (len(before), len(before))
    return sparse.csr_matrix((np.ones(columns.size), columns, start), shape=shape)


def _direct_km(territory: Territory, origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    """Return crow-fly kilometres between zones; within one half its equivalent radius."""
    here, there = territory.communes, territory.workplaces
    km = crow_fly_km(
        here["lat"].to_numpy(float)[origin], here["lon"].to_numpy(float)[origin],
        there["lat"].to_numpy(float)[destination], there["lon"].to_numpy(float)[destination],
    )  # fmt: skip
    same = here["code"].to_numpy(str)[origin] == there["code"].to_numpy(str)[destination]
    return np.where(same, resident_km(0.0, here["area_km2"].to_numpy(float)[origin]), km)


def trains_of(
    tables: PairTables, seats: np.ndarray, places: np.ndarray, trains_factor: np.ndarray
) -> Trains:
    """Return the trains of a day on the segments.

    Parameters
    ----------
    tables : PairTables
    seats, places, trains_factor : numpy.ndarray, shape (n_lines,)
        Of a train, by line; trains an hour over those of the timetable.
    """
    return Trains(
        per_hour=tables.trains_per_hour * trains_factor[tables.line],
        seats=seats[tables.line],
        places=places[tables.line],
        line_factor=trains_factor,
    )
