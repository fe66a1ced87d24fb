"""A road graph from primary roads, motorway axes and the points of zones.

Primary roads join where they share a vertex. Motorway axes are generalised and have no
interchanges: they are joined to each other and to primary roads where they come near, at a spacing
that depends on how dense the place is. Zones reach the graph by connectors at the speed of local
streets. Every speed, capacity and spacing below is an assumption of this project.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from sim77.core.errors import TerritoryError, as_written, nearest
from sim77.core.extras import needs
from sim77.core.units import AREA_TYPES
from sim77.territory.rules import FARTHEST_DEGREES

with needs("territory"):
    import shapely

FCLASSES = ("primary", "primary_link")
DIRECTIONS = {"F": 1, "T": -1, "B": 0}
"""OpenStreetMap's digitised direction only, the reverse only, both."""


@dataclass(frozen=True)
class RoadClass:
    """Speeds, capacities and the congestion function of a class of road.

    Attributes
    ----------
    limit_kmh
        Speed limit by area type where the data tell none.
    free_flow_share
        Free-flow speed over the limit by area type: lights, junctions and bends; half of the
        time in the middle of a dense city is spent at lights.
    vehicles_per_hour
        Capacity by area type and direction.
    alpha, beta
        Minutes = free-flow minutes (1 + alpha (vehicles / capacity) ** beta), the form of the
        Bureau of Public Roads (1964).
    """

    limit_kmh: tuple[float, float, float, float]
    free_flow_share: tuple[float, float, float, float]
    vehicles_per_hour: tuple[float, float, float, float]
    alpha: float
    beta: float


CLASSES = {
    "motorway": RoadClass((90, 110, 120, 130), (1.0,) * 4, (7200, 6600, 5800, 4400), 0.6, 4.0),
    "expressway": RoadClass((80, 90, 110, 110), (1.0,) * 4, (6600, 5400, 4200, 3800), 0.6, 4.0),
    "primary": RoadClass(
        (50, 50, 70, 90), (0.6, 0.7, 0.85, 0.95), (2400, 1800, 1300, 1200), 0.6, 4.0
    ),
}
ONE_WAY_CAPACITY = 1.5
"""A one-way carriageway has two lanes more often than one."""
LOCAL_KMH = (22.0, 27.0, 36.0, 50.0)
"""Speed on local streets by area type, congestion included: they have no sections."""
DETOUR = 1.3
"""Length of local streets over the straight line."""
OWN_ZONE_RADII = 0.905
"""Mean distance of two points of a disc over its radius (128 / 45 pi)."""

INTERCHANGE_EVERY_KM = (1.5, 2.0, 4.0, 8.0)
"""Least distance between two interchanges of an axis with primary roads, by area type."""
PRIMARY_WITHIN_KM, AXIS_WITHIN_KM, END_WITHIN_KM = 0.4, 0.6, 1.0
AXES_MEET_EVERY_KM = 2.0
RAMP_MIN, RAMP_KMH = 0.7, 45.0
AXIS_VERTEX_EVERY_KM = 0.25
SECTION_KM, CELL_KM = 5.0, 4.0

FARTHEST_ZONE_KM = 30.0
_CONNECTORS_WITHIN_KM = 15.0
_NEIGHBOURS_WITHIN_KM = 12.0
_NEIGHBOURS, _NEAREST_ROADS = 6, 3
_CANDIDATES = 60
_EARTH_KM = 6371.0088
_LINE_STRING = 1
_CURVE = ("alpha", "beta")
HEADINGS = ("east", "north", "west", "south")


@dataclass(frozen=True)
class RoadNetwork:
    """A directed graph of links; the nodes of zones come first, in the order of ``zones``.

    Attributes
    ----------
    zones
        ``(z,)`` codes, sorted.
    links
        start, end (nodes), free_flow_min, km, vehicles_per_hour, alpha, beta, section (row of
        ``sections``; -1 for connectors, ramps and local streets), road (blank where it has no
        name). What has no section has no limit of capacity either: its alpha is 0.
    sections
        direction (one of `HEADINGS`), axis (whether it is of a motorway axis).
    lat, lon
        ``(nodes,)`` degrees.
    own_zone_min, own_zone_km
        ``(z,)`` a trip within the zone.
    """

    zones: np.ndarray
    links: pd.DataFrame
    sections: pd.DataFrame
    lat: np.ndarray
    lon: np.ndarray
    own_zone_min: np.ndarray
    own_zone_km: np.ndarray


def build_network(
    zones: pd.DataFrame,
    points: pd.DataFrame,
    roads: pd.DataFrame,
    axes: pd.DataFrame,
    closed: Collection[str] = (),
) -> RoadNetwork:
    """Build the graph; the order of rows does not matter.

    Parameters
    ----------
    zones : DataFrame
        code, area_type, area_km2.
    points : DataFrame
        zone, lat, lon, weight: representative points, weights that sum to 1 a zone.
    roads : DataFrame
        osm_id, fclass, ref, oneway, maxspeed (0: unknown), geometry (WKB, longitude and latitude).
    axes : DataFrame
        road, part, order, lon, lat: motorways as points, open both ways.
    closed : collection of str
        Names of axes and roads whose links are left out; everything else stays as it is.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    TerritoryError
        A row is not what it should be, a zone is far from every road, or no road is so named.
    """
    places = Places.of(zones, points)
    steps = _timed(_steps(_checked_roads(roads), _checked_axes(axes, points), places), places)
    _refuse_far(places, steps)
    ramps = _ramps(steps, places)
    kept = _kept(steps, ramps, places)
    links = pd.concat(
        [
            _contracted(steps, kept),
            _ramp_links(steps, ramps),
            _connectors(steps, kept, places),
            _local_streets(places),
        ],
        ignore_index=True,
    )
    links = _open(links, closed)
    z = len(places.codes)
    used = np.unique(np.concatenate([links["start"], links["end"], np.arange(-z, 0)]))
    for end in ("start", "end"):
        links[end] = np.searchsorted(used, links[end])
    keys = np.array(sorted(set(links["key"]) - {""}), dtype=str)
    links["section"] = np.where(links["key"] == "", -1, np.searchsorted(keys, links["key"]))
    links = links.sort_values(
        ["start", "end", "free_flow_min", "section", "vehicles_per_hour", "km", "road"]
    ).reset_index(drop=True)
    vertices = used[z:]
    parts = [each.split("|") for each in keys]
    return RoadNetwork(
        zones=places.codes,
        links=links.drop(columns="key"),
        sections=pd.DataFrame(
            {
                "direction": np.array([each[-1] for each in parts], dtype=str),
                "axis": np.array([each[0] == "axis" for each in parts], dtype=bool),
            }
        ),
        lat=np.concatenate([places.centre[:, 1], steps.xy[vertices, 1]]) / places.km_per_degree[1],
        lon=np.concatenate([places.centre[:, 0], steps.xy[vertices, 0]]) / places.km_per_degree[0],
        own_zone_min=places.own_km / places.local_kmh * 60,
        own_zone_km=places.own_km,
    )


# Zones ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """Zones and their points on a plane in kilometres, true to scale in the middle of them."""

    codes: np.ndarray
    area: np.ndarray
    own_km: np.ndarray
    km_per_degree: np.ndarray
    point_zone: np.ndarray
    point_xy: np.ndarray
    weight: np.ndarray
    centre: np.ndarray
    tree: KDTree

    @classmethod
    def of(cls, zones: pd.DataFrame, points: pd.DataFrame) -> Places:
        """Check and sort the tables that `build_network` describes."""
        zones, points = _checked_zones(zones, points)
        codes = zones["code"].to_numpy(str)
        lat = points["lat"].to_numpy(float)
        middle = np.radians((lat.min() + lat.max()) / 2)
        km_per_degree = np.radians(_EARTH_KM) * np.array([np.cos(middle), 1.0])
        xy = points[["lon", "lat"]].to_numpy(float) * km_per_degree
        zone = np.searchsorted(codes, points["zone"].to_numpy(str))
        weight = points["weight"].to_numpy(float)
        return cls(
            codes=codes,
            area=pd.Categorical(zones["area_type"], categories=AREA_TYPES).codes.astype(int),
            own_km=OWN_ZONE_RADII * np.sqrt(zones["area_km2"].to_numpy(float) / np.pi) * DETOUR,
            km_per_degree=km_per_degree,
            point_zone=zone,
            point_xy=xy,
            weight=weight,
            centre=np.column_stack([np.bincount(zone, weight * axis, len(codes)) for axis in xy.T]),
            tree=KDTree(xy),
        )

    def numbers(self, codes: pd.Series, file: str) -> np.ndarray:
        """Return the zone ``(n,)`` of each code; an unknown one is an error in ``file``."""
        names = codes.astype(str).to_numpy(str)
        zone = np.minimum(np.searchsorted(self.codes, names), len(self.codes) - 1)
        wrong = np.flatnonzero(self.codes[zone] != names)
        if len(wrong):
            name = str(min(names[wrong]))
            raise TerritoryError(
                f"{file}, column {codes.name!r}: zone {name!r} is not in the table of zones."
                f"{nearest(name, self.codes.tolist())}"
            )
        return zone

    @property
    def local_kmh(self) -> np.ndarray:
        """Speed on local streets, ``(z,)``."""
        return np.array(LOCAL_KMH)[self.area]

    def area_at(self, xy: np.ndarray) -> np.ndarray:
        """Return the area type ``(n,)`` of the nearest zone's point."""
        return self.area[self.point_zone[self.tree.query(xy)[1]]]


def _refuse_far(places: Places, steps: _Steps) -> None:
    distance = KDTree(steps.xy).query(places.centre)[0]
    worst = int(np.argmax(distance))
    if distance[worst] > FARTHEST_ZONE_KM:
        raise TerritoryError(
            f"points: zone {places.codes[worst]} is {distance[worst]:.0f} km from every road, but "
            f"must be within {FARTHEST_ZONE_KM:.0f} km; longitude and latitude may be exchanged, "
            "or the roads are of another region."
        )


# Roads as short steps between vertices -------------------------------------------------------


@dataclass(frozen=True)
class _Steps:
    """Straight pieces of road ``(n,)`` between vertices ``(v,)``."""

    xy: np.ndarray
    vertex_line: np.ndarray
    """An axis's part, numbered from 0; -1 where the vertex is of a primary road."""
    vertex_km: np.ndarray
    """Distance along the part."""
    vertex_end: np.ndarray
    """Whether a part begins or ends there."""
    table: pd.DataFrame
    """a, b, forward, backward, kind, limit, one_way, road, key_forward, key_backward."""


def _steps(roads: pd.DataFrame, axes: pd.DataFrame, places: Places) -> _Steps:
    """Put primary roads and axes together; only primary roads share vertices."""
    parts = [_primary_steps(roads, places), *_axis_steps(axes, places)]
    first = np.cumsum([0, *(len(each.xy) for each in parts)])
    tables = [
        each.table.assign(a=each.table["a"] + at, b=each.table["b"] + at)
        for each, at in zip(parts, first, strict=False)
    ]
    return _Steps(
        np.concatenate([each.xy for each in parts]),
        np.concatenate([each.vertex_line for each in parts]),
        np.concatenate([each.vertex_km for each in parts]),
        np.concatenate([each.vertex_end for each in parts]),
        pd.concat(tables, ignore_index=True),
    )


def _primary_steps(roads: pd.DataFrame, places: Places) -> _Steps:
    lines = roads["line"].to_list()
    sizes = np.array([len(each) for each in lines], dtype=int)
    lonlat = np.concatenate([*lines, np.empty((0, 2))])
    # OpenStreetMap has seven decimals: what rounds to the same is the same node.
    node, vertex = np.unique(np.round(lonlat * 1e7).astype(np.int64), axis=0, return_inverse=True)
    row = np.repeat(np.arange(len(lines)), sizes)
    inside = np.flatnonzero(row[1:] == row[:-1]) if len(row) else np.empty(0, int)
    way = roads["oneway"].map(DIRECTIONS).to_numpy(int)[row[inside]]
    table = pd.DataFrame(
        {
            "a": vertex[inside],
            "b": vertex[inside + 1],
            "forward": way >= 0,
            "backward": way <= 0,
            "kind": "primary",
            "limit": roads["maxspeed"].to_numpy(float)[row[inside]],
            "one_way": way != 0,
            "road": roads["ref"].to_numpy(str)[row[inside]],
            "key_forward": "",
            "key_backward": "",
        }
    )
    n = len(node)
    return _Steps(
        node / 1e7 * places.km_per_degree,
        np.full(n, -1),
        np.zeros(n),
        np.zeros(n, bool),
        table[table["a"] != table["b"]],
    )


def _axis_steps(axes: pd.DataFrame, places: Places) -> list[_Steps]:
    """Cut each part of an axis into steps of about `AXIS_VERTEX_EVERY_KM` and name sections."""
    parts = []
    for line, ((road, part), points) in enumerate(axes.groupby(["road", "part"], sort=True)):
        corner = points[["lon", "lat"]].to_numpy(float) * places.km_per_degree
        along = np.concatenate([[0.0], np.cumsum(_length(corner[1:], corner[:-1]))])
        count = max(1, round(along[-1] / AXIS_VERTEX_EVERY_KM))
        # The corners stay, or the axis would be shorter than it is.
        km = np.union1d(np.linspace(0.0, along[-1], count + 1), along)
        xy = np.column_stack([np.interp(km, along, corner[:, i]) for i in (0, 1)])
        sections = max(1, round(along[-1] / SECTION_KM))
        middle = (km[1:] + km[:-1]) / 2
        section = np.minimum((middle / along[-1] * sections).astype(int), sections - 1)
        keys = {}
        for each in range(sections):
            inside = np.flatnonzero(section == each)
            way = int(_heading(xy[inside[-1] + 1] - xy[inside[0]]))
            name = f"axis|{road}|{part}|{each:03d}|"
            keys[each] = (name + "1|" + HEADINGS[way], name + "2|" + HEADINGS[(way + 2) % 4])
        n = len(km) - 1
        table = pd.DataFrame(
            {
                "a": np.arange(n),
                "b": np.arange(1, n + 1),
                "forward": True,
                "backward": True,
                # The roads that the state calls A and a number are motorways.
                "kind": "motorway" if re.match(r"A\d", str(road)) else "expressway",
                "limit": 0.0,
                "one_way": False,
                "road": str(road),
                "key_forward": [keys[each][0] for each in section],
                "key_backward": [keys[each][1] for each in section],
            }
        )
        ends = np.zeros(n + 1, bool)
        ends[[0, -1]] = True
        parts.append(_Steps(xy, np.full(n + 1, line), km, ends, table))
    return parts


def _timed(steps: _Steps, places: Places) -> _Steps:
    """Add km, free-flow minutes and capacity, and turn two-way steps into two."""
    table = steps.table
    a, b = steps.xy[table["a"]], steps.xy[table["b"]]
    area = places.area_at((a + b) / 2) if len(table) else np.empty(0, int)
    columns = {name: np.zeros(len(table)) for name in ("kmh", "vehicles_per_hour", *_CURVE)}
    for kind, road in CLASSES.items():
        of_kind = (table["kind"] == kind).to_numpy()
        limit = table["limit"].to_numpy(float)
        limit = np.where(limit > 0, limit, np.array(road.limit_kmh, float)[area])
        lanes = np.where(table["one_way"], ONE_WAY_CAPACITY, 1.0)
        columns["kmh"][of_kind] = (limit * np.array(road.free_flow_share)[area])[of_kind]
        capacity = lanes * np.array(road.vehicles_per_hour, float)[area]
        columns["vehicles_per_hour"][of_kind] = capacity[of_kind]
        columns["alpha"][of_kind], columns["beta"][of_kind] = road.alpha, road.beta
    km = _length(a, b)
    table = table.assign(km=km, free_flow_min=km / columns.pop("kmh") * 60, **columns)
    forward = table[table["forward"]].rename(columns={"key_forward": "key"})
    backward = table[table["backward"]].rename(columns={"a": "b", "b": "a", "key_backward": "key"})
    both = pd.concat([forward, backward], ignore_index=True)[
        ["a", "b", "km", "free_flow_min", "vehicles_per_hour", *_CURVE, "road", "key"]
    ]
    # Two roads drawn over each other are one: the fastest. A sparse matrix would add them up.
    both = both.sort_values(["a", "b", "free_flow_min", "vehicles_per_hour", "road", "key"])
    return replace(steps, table=both.drop_duplicates(["a", "b"]).reset_index(drop=True))


# Where roads meet ----------------------------------------------------------------------------


def _ramps(steps: _Steps, places: Places) -> np.ndarray:
    """Return the pairs of vertices ``(n, 2)`` that ramps join, both ways."""
    axis = np.flatnonzero(steps.vertex_line >= 0)
    if not len(axis):
        return np.empty((0, 2), int)
    found = [_where_axes_meet(steps, axis)]
    road_vertices = np.unique(
        steps.table.loc[steps.vertex_line[steps.table["a"]] < 0, ["a", "b"]].to_numpy()
    )
    if len(road_vertices):
        found.append(_interchanges(steps, axis, road_vertices, places))
    return np.concatenate(found)


def _where_axes_meet(steps: _Steps, axis: np.ndarray) -> np.ndarray:
    """Join axes where they are nearest to each other, at most every `AXES_MEET_EVERY_KM`."""
    near = KDTree(steps.xy[axis]).query_pairs(END_WITHIN_KM, output_type="ndarray")
    pair = np.sort(axis[near], axis=1)
    line, end = steps.vertex_line[pair], steps.vertex_end[pair].any(axis=1)
    distance = _length(steps.xy[pair[:, 0]], steps.xy[pair[:, 1]])
    good = (line[:, 0] != line[:, 1]) & ((distance <= AXIS_WITHIN_KM) | end)
    pair, line, distance = pair[good], line[good], distance[good]
    # Ends first, so that a road that goes on under another name is joined at its end.
    order = np.lexsort((pair[:, 1], pair[:, 0], distance, ~end[good]))
    taken: dict[tuple[int, int], list[float]] = {}
    chosen = []
    for i in order:
        places = taken.setdefault((int(line[i, 0]), int(line[i, 1])), [])
        km = steps.vertex_km[pair[i, 0]]
        if all(abs(km - other) >= AXES_MEET_EVERY_KM for other in places):
            places.append(km)
            chosen.append(pair[i])
    return np.array(chosen, dtype=int).reshape(-1, 2)


def _interchanges(steps: _Steps, axis: np.ndarray, roads: np.ndarray, places: Places) -> np.ndarray:
    """Join axes to the primary roads they cross, spaced by density, and their ends always."""
    tree = KDTree(steps.xy[roads])
    distance, _ = tree.query(steps.xy[axis])
    end = steps.vertex_end[axis]
    every = np.array(INTERCHANGE_EVERY_KM)[places.area_at(steps.xy[axis])]
    order = np.lexsort((axis, distance, ~end))
    taken: dict[int, list[float]] = {}
    chosen = []
    for i in order:
        line, km = int(steps.vertex_line[axis[i]]), steps.vertex_km[axis[i]]
        if distance[i] > (END_WITHIN_KM if end[i] else PRIMARY_WITHIN_KM):
            continue
        others = taken.setdefault(line, [])
        if all(abs(km - other) >= every[i] for other in others):
            others.append(km)
            # Carriageways of one direction lie side by side: the ramp reaches several.
            _, near = tree.query(
                steps.xy[axis[i]],
                k=np.arange(1, min(_NEAREST_ROADS, len(roads)) + 1),
                distance_upper_bound=distance[i] + PRIMARY_WITHIN_KM,
            )
            chosen += [(axis[i], roads[each]) for each in near if each < len(roads)]
    return np.array(chosen, dtype=int).reshape(-1, 2)


def _ramp_links(steps: _Steps, ramps: np.ndarray) -> pd.DataFrame:
    km = _length(steps.xy[ramps[:, 0]], steps.xy[ramps[:, 1]])
    # Where two axes meet end to end, the road goes on: there is no ramp.
    delay = np.where(steps.vertex_end[ramps].all(axis=1), 0.0, RAMP_MIN)
    return _free_links(ramps[:, 0], ramps[:, 1], km / RAMP_KMH * 60 + delay, km)


# Links ---------------------------------------------------------------------------------------


def _kept(steps: _Steps, ramps: np.ndarray, places: Places) -> np.ndarray:
    """Return which vertices ``(v,)`` are nodes of the graph: the rest only bend a road."""
    table = steps.table
    pairs = np.unique(np.sort(table[["a", "b"]].to_numpy(), axis=1), axis=0)
    kept = np.bincount(pairs.ravel(), minlength=len(steps.xy)) != 2
    kept[ramps.ravel()] = True
    names = table.groupby("a")[["road", "key"]].nunique()
    # Both directions of an axis leave a vertex, so that two keys are one section.
    kept[names.index[(names["road"] > 1) | (names["key"] > 2)]] = True
    turns = table.loc[table["key"] != ""].groupby("b")["key"].agg(frozenset)
    leaves = table.loc[table["key"] != ""].groupby("a")["key"].agg(frozenset)
    kept[leaves.index[leaves != turns.reindex(leaves.index)]] = True
    roads = np.unique(table.loc[table["key"] == "", ["a", "b"]].to_numpy())
    if len(roads):
        kept[roads[KDTree(steps.xy[roads]).query(places.centre)[1]]] = True
    return kept


def _contracted(steps: _Steps, kept: np.ndarray) -> pd.DataFrame:
    """Join the steps between two nodes into one link each way."""
    table = steps.table
    a, b = table["a"].to_numpy(), table["b"].to_numpy()
    onward: dict[int, list[tuple[int, int]]] = {}
    for i, (start, end) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if not kept[start]:
            onward.setdefault(start, []).append((end, i))
    link = np.full(len(table), -1)
    ends: list[tuple[int, int]] = []
    for i in np.flatnonzero(kept[a]).tolist():
        before, at, chain = int(a[i]), int(b[i]), [i]
        while not kept[at]:
            out = [each for each in onward.get(at, ()) if each[0] != before]
            if not out:
                break
            before, (at, step) = at, out[0]
            chain.append(step)
        if kept[at] and at != a[i]:
            link[chain] = len(ends)
            ends.append((int(a[i]), at))
    table = table[link >= 0]
    link = link[link >= 0]
    count = len(ends)
    minutes = table["free_flow_min"].to_numpy()
    total = np.bincount(link, minutes, count)
    first = np.unique(link, return_index=True)[1]
    head = table.iloc[first]
    beta = head["beta"].to_numpy()
    # The one capacity with which the link's minutes are the sum of its steps'.
    narrow = np.bincount(
        link, minutes * table["vehicles_per_hour"].to_numpy() ** -beta[link], count
    )
    start, end = np.array(ends, dtype=int).reshape(-1, 2).T
    key = head["key"].to_numpy(str)
    return pd.DataFrame(
        {
            "start": start,
            "end": end,
            "free_flow_min": total,
            "km": np.bincount(link, table["km"].to_numpy(), count),
            "vehicles_per_hour": (narrow / total) ** (-1 / beta),
            "alpha": head["alpha"].to_numpy(),
            "beta": beta,
            "key": np.where(key == "", _cell(steps.xy[start], steps.xy[end]), key),
            "road": head["road"].to_numpy(str),
        }
    )


def _cell(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Name the cell ``(n,)`` of primary road that links belong to, apart by heading."""
    x, y = np.floor((start + end) / 2 / CELL_KM).astype(int).T
    way = _heading(end - start)
    return np.array(
        [f"cell|{i}|{j}|{HEADINGS[k]}" for i, j, k in zip(x, y, way, strict=True)], dtype=str
    )


def _connectors(steps: _Steps, kept: np.ndarray, places: Places) -> pd.DataFrame:
    """Join every zone to the nearest node of primary roads in each quadrant."""
    of_road = steps.table.loc[steps.vertex_line[steps.table["a"]] < 0, ["a", "b"]].to_numpy()
    nodes = np.unique(of_road)
    nodes = nodes[kept[nodes]]
    if not len(nodes):
        return _free_links(*np.empty((4, 0)))
    ask = np.arange(1, min(_CANDIDATES, len(nodes)) + 1)
    distance, near = KDTree(steps.xy[nodes]).query(places.centre, k=ask)
    zone = np.repeat(np.arange(len(places.codes)), len(ask))
    distance, node = distance.ravel(), nodes[near.ravel()]
    quadrant = _heading(steps.xy[node] - places.centre[zone])
    rank = pd.Series(0, index=range(len(zone))).groupby([zone, quadrant]).cumcount().to_numpy()
    good = (rank == 0) & (distance <= _CONNECTORS_WITHIN_KM)
    good[:: len(ask)] = True
    zone, node = zone[good], node[good]
    # Minutes to a node are those of the zone's points, not of its middle.
    of_zone = np.searchsorted(places.point_zone, np.arange(len(places.codes) + 1))
    count = of_zone[zone + 1] - of_zone[zone]
    connector = np.repeat(np.arange(len(zone)), count)
    point = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - of_zone[zone], count)
    apart = _length(places.point_xy[point], steps.xy[node[connector]])
    km = np.bincount(connector, apart * places.weight[point], len(zone)) * DETOUR
    return _free_links(zone - len(places.codes), node, km / places.local_kmh[zone] * 60, km)


def _local_streets(places: Places) -> pd.DataFrame:
    """Join neighbouring zones by local streets."""
    z = len(places.codes)
    ask = np.arange(1, min(_NEIGHBOURS + 1, z) + 1)
    distance, near = KDTree(places.centre).query(places.centre, k=ask)
    zone = np.repeat(np.arange(z), len(ask))
    pair = np.sort(np.column_stack([zone, near.ravel()]), axis=1)
    good = (pair[:, 0] != pair[:, 1]) & (distance.ravel() <= _NEIGHBOURS_WITHIN_KM)
    pair = np.unique(pair[good], axis=0)
    km = _length(places.centre[pair[:, 0]], places.centre[pair[:, 1]]) * DETOUR
    kmh = places.local_kmh[pair].mean(axis=1)
    return _free_links(pair[:, 0] - z, pair[:, 1] - z, km / kmh * 60, km)


def _free_links(
    start: np.ndarray, end: np.ndarray, minutes: np.ndarray, km: np.ndarray
) -> pd.DataFrame:
    """Return links both ways that no traffic slows down."""
    return pd.DataFrame(
        {
            "start": np.concatenate([start, end]).astype(int),
            "end": np.concatenate([end, start]).astype(int),
            "free_flow_min": np.tile(minutes, 2),
            "km": np.tile(km, 2),
            "vehicles_per_hour": 1.0,
            "alpha": 0.0,
            "beta": 1.0,
            "key": "",
            "road": "",
        }
    )


def _open(links: pd.DataFrame, closed: Collection[str]) -> pd.DataFrame:
    """Leave out the links of closed roads."""
    names = sorted(set(links["road"]) - {""})
    for name in closed:
        if name not in names:
            raise TerritoryError(
                f"closed: there is no road {name!r} among the axes and the column ref of the "
                f"primary roads.{nearest(name, names)}"
            )
    return links[~links["road"].isin(list(closed))]


def _length(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the distances ``(n,)`` in km between points ``(n, 2)`` of the plane."""
    return np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])


def _heading(vector: np.ndarray) -> np.ndarray:
    """Return the nearest of `HEADINGS` by number for vectors ``(n, 2)`` or ``(2,)``."""
    angle = np.arctan2(vector[..., 1], vector[..., 0])
    return np.round(angle / (np.pi / 2)).astype(int) % 4


# Checks --------------------------------------------------------------------------------------


def _checked_zones(zones: pd.DataFrame, points: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables sorted, or name the first row that is not as it should be."""
    _need(zones, "zones", ("code", "area_type", "area_km2"))
    _need(points, "points", ("zone", "lat", "lon", "weight"))
    name = "zone " + zones["code"].astype(str)
    _refuse(zones["code"].duplicated(), "zones", name, "code", zones, "a code that occurs once")
    _refuse(
        ~zones["area_type"].isin(AREA_TYPES),
        "zones", name, "area_type", zones, f"one of {', '.join(AREA_TYPES)}",
    )  # fmt: skip
    area = _numbers(zones["area_km2"])
    _refuse(~(area > 0), "zones", name, "area_km2", zones, "a number above 0")
    name = "zone " + points["zone"].astype(str)
    known = set(zones["code"].astype(str))
    _refuse(
        ~points["zone"].astype(str).isin(known), "points", name, "zone", points, "a code of zones"
    )
    _refuse_place(points, "points", name)
    weight = _numbers(points["weight"])
    _refuse(~(weight > 0), "points", name, "weight", points, "a number above 0")
    total = weight.groupby(points["zone"].astype(str)).sum()
    for zone in sorted(known):
        if abs(total.get(zone, 0.0) - 1) > 1e-6:
            raise TerritoryError(
                f"points: the weights of zone {zone} sum to {total.get(zone, 0.0):g}, but must "
                "sum to 1."
            )
    zones = zones.assign(code=zones["code"].astype(str)).sort_values("code")
    points = points.assign(zone=points["zone"].astype(str))
    points = points.sort_values(["zone", "lat", "lon", "weight"])
    return zones.reset_index(drop=True), points.reset_index(drop=True)


def _checked_roads(roads: pd.DataFrame) -> pd.DataFrame:
    """Return the roads sorted, with their points as ``line``, ``(n, 2)`` longitude, latitude."""
    _need(roads, "roads", ("osm_id", "fclass", "ref", "oneway", "maxspeed", "geometry"))
    name = "osm_id " + roads["osm_id"].astype(str)
    for column, allowed in (("fclass", FCLASSES), ("oneway", tuple(DIRECTIONS))):
        _refuse(
            ~roads[column].isin(allowed), "roads", name, column, roads,
            f"one of {', '.join(allowed)}",
        )  # fmt: skip
    speed = _numbers(roads["maxspeed"])
    _refuse(
        ~speed.between(0, 200), "roads", name, "maxspeed", roads,
        "km/h from 0 (unknown) to 200",
    )  # fmt: skip
    lines = roads["geometry"].map(_line).astype(object)
    bad = lines.isna()
    _refuse(
        bad, "roads", name, "geometry", roads.assign(geometry=roads["geometry"].map(_shown)),
        "a WKB LineString of two points or more, longitude (-180 to 180) before latitude "
        "(-90 to 90)",
    )  # fmt: skip
    ref = roads["ref"].where(roads["ref"].notna(), "").astype(str)
    table = roads.assign(osm_id=roads["osm_id"].astype(str), ref=ref, maxspeed=speed, line=lines)
    return table.sort_values(["osm_id", "geometry", "ref", "oneway", "maxspeed"], kind="stable")


def _line(blob: object) -> np.ndarray | None:
    """Read a WKB LineString, ``(n, 2)``; None if it is anything else or lies nowhere on Earth."""
    with np.errstate(invalid="ignore"):
        shape = shapely.from_wkb(blob if isinstance(blob, bytes) else None, on_invalid="ignore")
    if shapely.get_type_id(shape) != _LINE_STRING:
        return None
    line = shapely.get_coordinates(shape)
    return line if len(line) > 1 and (np.abs(line) <= (180, 90)).all() else None


def _shown(blob: object) -> str:
    return f"{len(blob)} bytes" if isinstance(blob, bytes) else repr(blob)


def _checked_axes(axes: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    _need(axes, "axes", ("road", "part", "order", "lon", "lat"))
    key = ["road", "part", "order"]
    for column in key:
        blank = axes[column].isna() | (axes[column].astype(str).str.strip() == "")
        row = pd.Series([f"row {place + 1}" for place in range(len(axes))], index=axes.index)
        _refuse(blank, "axes", row, column, axes, "filled in")
    name = "road " + axes[key].astype(str).agg(", ".join, axis=1) if len(axes) else axes["road"]
    _refuse(axes.duplicated(key), "axes", name, "order", axes, "a number that occurs once a part")
    _refuse_place(axes, "axes", name)
    for column in ("lat", "lon"):
        middle = points[column].astype(float).median()
        far = (axes[column].astype(float) - middle).abs() > FARTHEST_DEGREES
        # Motorways may lead far away, but not all of them begin there.
        near = f"within {FARTHEST_DEGREES:g} degrees of {middle:.4g}, the middle of the zones"
        _refuse(far & bool(far.all()), "axes", name, column, axes, near)
    axes = axes.sort_values(key).reset_index(drop=True)
    for (road, part), points in axes.groupby(["road", "part"]):
        if len(points[["lon", "lat"]].drop_duplicates()) < 2:
            raise TerritoryError(
                f"axes: road {road}, part {part}: {len(points)} point, but a part needs two that "
                "differ."
            )
    return axes


def _refuse_place(table: pd.DataFrame, file: str, name: pd.Series) -> None:
    for column, limit in (("lat", 90), ("lon", 180)):
        wrong = ~_numbers(table[column]).between(-limit, limit)
        _refuse(wrong, file, name, column, table, f"degrees from -{limit} to {limit}")


def _numbers(column: pd.Series) -> pd.Series:
    """Return numbers; NaN for what is none."""
    return pd.to_numeric(column, errors="coerce").astype(float)


def _need(table: pd.DataFrame, file: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table:
            raise TerritoryError(
                f"{file}: the column {column!r} is missing; the columns are "
                f"{', '.join(map(str, table.columns))}."
            )


def _refuse(
    wrong: pd.Series, file: str, name: pd.Series, column: str, table: pd.DataFrame, allowed: str
) -> None:
    """Name the first row that is wrong by what it is called, not by its place."""
    if wrong.any():
        at = int(np.argmax(wrong.to_numpy()))
        value = as_written(table[column].iloc[at])
        raise TerritoryError(
            f"{file}, {name.iloc[at]}, column {column!r}: {value!r}, but must be {allowed}."
        )
