"""The roads of a territory: from public files to sections, pairs and paths."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import sparse

from sim77.core.errors import TerritoryError, as_written
from sim77.registry.parameters import ParameterSet
from sim77.territory.build.assignment import Assignment, assign, section_minutes
from sim77.territory.build.road_network import HEADINGS, Places, RoadNetwork, build_network
from sim77.territory.road_tables import RoadTables

AT_WORK = 0.9
"""Of the census's car commuters, those who go to work on a working day. Which of them drive in the
peak hour, and how many to a car, the parameter registry says to roads and to runs alike."""
OTHER_TRAFFIC = 0.35
"""Other vehicles for each commuter's; set so that peak times over free flow are plausible, since
no counts are at hand."""
KEPT_MINUTES = 0.99
"""Of each pair's minutes on sections, the least share that paths keep; the smallest go first."""
_LEAST_VEHICLES = 1.0

ASSUMPTIONS = (
    "Link volumes are not validated: no road counts are at hand.",
    "Speeds, capacities and the spacing of interchanges are assumptions by class of road and area "
    "type; local streets and ramps are not slowed down by traffic.",
    f"On a working day drive {AT_WORK:.0%} of the census's car commuters, in the peak hour the "
    "share of them that runs have too (share_peak_hour_road), and "
    f"{OTHER_TRAFFIC:.0%} more vehicles of others, which stay when commuters do not drive.",
    "Where the census's modes are kept aside, car shares are those of pairs alike in area types "
    "and distance.",
)


def build_road(
    zones: pd.DataFrame,
    points: pd.DataFrame,
    pairs: pd.DataFrame,
    car_flows: pd.DataFrame,
    roads: pd.DataFrame,
    axes: pd.DataFrame,
    parameters: ParameterSet,
    closed: Collection[str] = (),
) -> RoadTables:
    """Build the road tables of a territory; the order of rows does not matter.

    Parameters
    ----------
    zones, points, roads, axes, closed
        As in `build_network`.
    pairs : DataFrame
        commune, workplace: the pairs that workers travel, each once.
    car_flows : DataFrame
        commune, workplace, cars: all who drive to work, those of other pairs too, because they
        are on the same roads.
    parameters : ParameterSet
        Share of drivers in the peak hour, and persons in a car.

    Returns
    -------
    RoadTables
        Pairs in the order of (commune, workplace).

    Raises
    ------
    TerritoryError
        A table is not what it should be, or a pair has no road.
    """
    places = Places.of(zones, points)
    network = build_network(zones, points, roads, axes, closed)
    per_commuter = AT_WORK * parameters.share_peak_hour_road / parameters.car_occupancy
    trips = per_commuter * _cars_between(places, car_flows)
    result = assign(network.links, len(network.lat), trips, OTHER_TRAFFIC)
    pairs = pairs.astype({"commune": str, "workplace": str})
    pairs = pairs[["commune", "workplace"]].drop_duplicates().sort_values(["commune", "workplace"])
    home, work = (places.numbers(pairs[each], "pairs") for each in ("commune", "workplace"))
    free_flow_min, km, used = _mix(network, result, home, work)
    lost = np.flatnonzero(np.isnan(free_flow_min))
    if len(lost):
        raise TerritoryError(
            f"pairs: no road leads from {pairs['commune'].iloc[lost[0]]} to "
            f"{pairs['workplace'].iloc[lost[0]]}, nor for {len(lost) - 1} more pairs."
        )
    own = home == work
    free_flow_min[own], km[own] = network.own_zone_min[home[own]], network.own_zone_km[home[own]]
    sections, kept = _sections(network, result)
    return RoadTables(
        sections,
        pd.DataFrame({"free_flow_min": free_flow_min, "km": km}).astype(np.float32),
        largest(used[:, kept].astype(np.float32)),
    )


def _cars_between(places: Places, car_flows: pd.DataFrame) -> sparse.csr_matrix:
    """Return car commuters ``(z, z)`` between different zones."""
    cars = pd.to_numeric(car_flows["cars"], errors="coerce").to_numpy(float)
    wrong = np.flatnonzero(~(np.isfinite(cars) & (cars >= 0)))
    if len(wrong):
        row = car_flows.iloc[wrong[0]]
        raise TerritoryError(
            f"car_flows, {row['commune']} to {row['workplace']}, column 'cars': "
            f"{as_written(row['cars'])!r}, but must be a number of at least 0."
        )
    home, work = (places.numbers(car_flows[each], "car_flows") for each in ("commune", "workplace"))
    order = np.lexsort((cars, work, home))
    order = order[(home != work)[order] & (cars[order] > 0)]
    size = len(places.codes)
    return sparse.csr_matrix((cars[order], (home[order], work[order])), shape=(size, size))


def _mix(
    network: RoadNetwork, result: Assignment, home: np.ndarray, work: np.ndarray
) -> tuple[np.ndarray, np.ndarray, sparse.csr_matrix]:
    """Return minutes ``(p,)``, km ``(p,)`` and minutes by section, mean over the mix of paths."""
    looks = [
        section_minutes(network.links, len(network.lat), len(network.sections), home, work, minutes)
        for minutes in result.path_minutes
    ]
    free_flow_min, km, used = (sum(each) / len(looks) for each in zip(*looks, strict=True))
    return free_flow_min, km, used


def _sections(network: RoadNetwork, result: Assignment) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the sections that commuters use, and their rows in the network's."""
    links = network.links.assign(vehicles=result.vehicles, peak_min=result.minutes)
    links = links[links["section"] >= 0]
    section = links["section"].to_numpy()
    size = len(network.sections)

    def total(values: pd.Series) -> np.ndarray:
        return np.bincount(section, values, size)

    free_flow_min, km = total(links["free_flow_min"]), total(links["km"])
    driven_min = total(links["vehicles"] * links["free_flow_min"])
    peak_min = total(links["vehicles"] * links["peak_min"])
    exponent = total(links["vehicles"] * links["free_flow_min"] * links["beta"])
    vehicles = driven_min / np.maximum(free_flow_min, 1e-9)
    kept = np.flatnonzero(vehicles >= _LEAST_VEHICLES)
    table = network.sections.iloc[kept][["direction"]].reset_index(drop=True)
    table["km"], table["free_flow_min"] = km[kept], free_flow_min[kept]
    table["base_ratio"] = np.maximum(peak_min[kept] / driven_min[kept], 1.0)
    table["base_vehicles"] = vehicles[kept]
    # Other traffic stays: a commuter fewer takes less than his share of the delay away.
    table["exponent"] = exponent[kept] / driven_min[kept] / (1 + OTHER_TRAFFIC)
    return table.join(_drawn(network, links).reindex(kept).reset_index(drop=True)), kept


def _drawn(network: RoadNetwork, links: pd.DataFrame) -> pd.DataFrame:
    """Name each section for its busiest road, and find where that begins and ends."""
    links = links.assign(busy=links["vehicles"] * links["km"])
    busy = links.groupby(["section", "road"])["busy"].sum().reset_index()
    busy = busy.sort_values(["section", "busy", "road"], ascending=[True, False, True])
    road = busy.drop_duplicates("section").set_index("section")["road"]
    links = links[links["road"] == links["section"].map(road)]
    way = network.sections["direction"].map(HEADINGS.index).to_numpy()[links["section"]]
    lat, lon = network.lat, network.lon
    drawn = {"road": road}
    for end, column, best in (("from", "start", "idxmin"), ("to", "end", "idxmax")):
        node = links[column].to_numpy()
        along = np.choose(way, (lon[node], lat[node], -lon[node], -lat[node]))
        chosen = getattr(pd.Series(along, index=links.index).groupby(links["section"]), best)()
        node = links.loc[chosen, column].to_numpy()
        drawn[f"{end}_lat"] = pd.Series(lat[node], index=chosen.index)
        drawn[f"{end}_lon"] = pd.Series(lon[node], index=chosen.index)
    return pd.DataFrame(drawn)


def largest(minutes: sparse.csr_matrix) -> sparse.csr_matrix:
    """Keep of each row ``(p, s)`` the largest entries that hold `KEPT_MINUTES` of its sum."""
    minutes = sparse.csr_matrix(minutes)
    minutes.eliminate_zeros()
    row = np.repeat(np.arange(minutes.shape[0]), np.diff(minutes.indptr))
    data = minutes.data.astype(float)
    order = np.lexsort((minutes.indices, -data, row))
    before = np.cumsum(data[order]) - data[order]
    first = minutes.indptr[row[order]]
    within = before - before[np.minimum(first, max(len(before) - 1, 0))]
    total = np.bincount(row, data, minutes.shape[0])
    keep = np.zeros(len(data), bool)
    keep[order] = within < KEPT_MINUTES * total[row[order]]
    pointer = np.concatenate([[0], np.cumsum(np.bincount(row[keep], minlength=minutes.shape[0]))])
    return sparse.csr_matrix(
        (minutes.data[keep], minutes.indices[keep], pointer), shape=minutes.shape
    )
