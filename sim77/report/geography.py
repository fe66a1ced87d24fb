"""The map's geometry, made once: communes, neighbours, railway and telecentres in map units."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy

from sim77.report.names import printed
from sim77.territory.new_line import NewLine
from sim77.territory.territory import Territory

WIDTH, HEIGHT = 1250.0, 1000.0
PATH_SCALE = 0.1
"""Paths are written in tenths of a map unit (`outline_path`)."""

_POINT_RADII = (110, 250)
"""Smallest and greatest radius of a commune without an outline, in tenths of a map unit."""
_POINT_PART = 0.3
"""Its radius as a part of the way to the nearest commune."""


_MARGIN = 26.0
_REACH_DEG = 1.2  # a place of work further off than this is left out of the frame


@dataclass(frozen=True)
class Frame:
    """From longitude and latitude to units of the drawing."""

    west: float
    north: float
    per_lon: float
    per_lat: float
    left: float
    top: float

    def place(self, lon_lat: np.ndarray) -> np.ndarray:
        """Return drawing coordinates, shape (n, 2), of longitudes and latitudes, shape (n, 2)."""
        x = self.left + (lon_lat[:, 0] - self.west) * self.per_lon
        y = self.top + (self.north - lon_lat[:, 1]) * self.per_lat
        return np.column_stack((x, y))


def outlines_of(geojson: dict[str, Any] | None) -> dict[str, list[np.ndarray]]:
    """Return the rings of each feature by code, shape (n, 2) each, longitude first."""
    found: dict[str, list[np.ndarray]] = {}
    for feature in (geojson or {"features": []})["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        rings = [np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon]
        found[feature["properties"]["code"]] = rings
    return found


def middle_of_jobs(territory: Territory) -> np.ndarray:
    """Return the middle of the jobs of the central zone, shape (0 or 1, 2)."""
    places = territory.workplaces
    places = places[places["zone"] == territory.central_zone]
    if not len(places):
        return np.empty((0, 2))
    jobs = places["jobs"].to_numpy(float)
    return np.average(places[["lon", "lat"]].to_numpy(float), axis=0, weights=jobs)[None]


def centre_of(territory: Territory) -> np.ndarray:
    """Return where the trains go, shape (0 or 1, 2): the middle of the jobs of the central zone.

    None where people live there too: then its communes are on the map.
    """
    zones = territory.workplaces.set_index("code")["zone"]
    lived_in = zones.reindex(territory.communes["code"]).eq(territory.central_zone).any()
    return np.empty((0, 2)) if lived_in else middle_of_jobs(territory)


def frame_of(shapes: dict[str, list[np.ndarray]], territory: Territory) -> Frame:
    """Fit the territory, with the central workplaces if they are near, to the right of a map."""
    points = territory.communes[["lon", "lat"]].to_numpy(float)
    points = np.vstack([points, *(ring for rings in shapes.values() for ring in rings)])
    centre = centre_of(territory)
    near = np.abs(centre - points.mean(axis=0)).max(axis=1, initial=0.0) < _REACH_DEG
    points = np.vstack([points, centre[near] - [[0.06, 0.0]]])
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    squeeze = math.cos(math.radians(0.5 * (south + north)))
    room_x, room_y = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
    per_lat = min(room_x / max((east - west) * squeeze, 0.02), room_y / max(north - south, 0.02))
    left = WIDTH - _MARGIN - (east - west) * squeeze * per_lat
    top = 0.5 * (HEIGHT - (north - south) * per_lat)
    return Frame(west, north, per_lat * squeeze, per_lat, left, top)


def outline_path(rings: list[np.ndarray], frame: Frame) -> str:
    """Write rings as a path in tenths of a drawing unit, relative to their first points."""
    parts = []
    for ring in rings:
        tenths = np.rint(10.0 * frame.place(ring)).astype(int)
        steps = np.diff(tenths[:-1], axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        numbers = " ".join(map(str, steps.ravel().tolist())).replace(" -", "-")
        parts.append(f"M{tenths[0, 0]} {tenths[0, 1]}l{numbers}z")
    return "".join(parts)


def downstream(segments: pd.DataFrame) -> list[int]:
    """Return the segment that most trains go on to from each one, -1 at the end of its line.

    Parameters
    ----------
    segments : pandas.DataFrame
        Of a territory.
    """
    after = [-1] * len(segments)
    trains, start, end = (
        segments[name].tolist() for name in ("trains_per_hour", "from_stop", "to_stop")
    )
    for row, upstream in enumerate(segments["upstream"]):
        for before in upstream:
            turns_back = end[row] == start[before]
            if not turns_back and (after[before] < 0 or trains[row] > trains[after[before]]):
                after[before] = row
    return after


def ways_on(after: list[int]) -> list[list[int]]:
    """Return the rows from each segment to the end of its line, itself the first.

    Parameters
    ----------
    after : list of int
        From `downstream`; on a ring the way ends before it would begin again.
    """
    ways = []
    for row in range(len(after)):
        way = [row]
        while after[way[-1]] >= 0 and after[way[-1]] not in way:
            way.append(after[way[-1]])
        ways.append(way)
    return ways


@dataclass(frozen=True)
class Geography:
    """A territory and the frame of its map.

    Attributes
    ----------
    territory : Territory
    """

    territory: Territory

    @cached_property
    def shapes(self) -> dict[str, list[np.ndarray]]:
        """The rings of each commune by code, longitude first."""
        return outlines_of(self.territory.shapes())

    @cached_property
    def frame(self) -> Frame:
        """From longitude and latitude to map units; central workplaces near by are included."""
        return frame_of(self.shapes, self.territory)

    def place(self, lon_lat: np.ndarray) -> np.ndarray:
        """Return map coordinates, shape (n, 2), rounded to tenths."""
        return np.round(self.frame.place(np.asarray(lon_lat, dtype=float).reshape(-1, 2)), 1)

    def payload(self) -> dict[str, Any]:
        """Return all that the browser draws and that no run changes."""
        territory = self.territory
        around = outlines_of(territory.departements())
        names = {
            feature["properties"]["code"]: feature["properties"]["name"]
            for feature in (territory.departements() or {"features": []})["features"]
        }
        own = {code[:2] for code in territory.communes["code"]}
        paths = {code: outline_path(rings, self.frame) for code, rings in around.items()}
        centre, town = (self.place(each(territory)) for each in (centre_of, middle_of_jobs))
        return {
            "viewbox": [0, 0, WIDTH, HEIGHT],
            "path_scale": PATH_SCALE,
            "communes": self._communes(),
            "outline": "".join(path for code, path in paths.items() if code in own),
            "neighbours": [
                {"code": code, "name": names[code], "path": path}
                for code, path in paths.items()
                if code not in own
            ],
            "centre": {"name": self._centre_name, "x": centre[0, 0], "y": centre[0, 1]}
            if len(centre)
            else None,
            "town": {"name": self._centre_name, "x": town[0, 0], "y": town[0, 1]}
            if len(town)
            else None,
            "rail": self._rail(territory.od.transit.segments),
            "telecentres": self.payload_telecentres,
            "site_names": {
                site: label
                for site, label in territory.site_labels.items()
                if label["fr"] != label["en"]
            },
        }

    @property
    def _centre_name(self) -> str:
        """What the map calls the central workplaces."""
        return str(self.territory.od.settings["scopes"][self.territory.central_zone]["fr"])

    def _communes(self) -> dict[str, list[Any]]:
        table, flows = self.territory.communes, self.territory.flows
        places = self.place(table[["lon", "lat"]].to_numpy(float))
        workers = flows[~flows["at_home"]].groupby("commune_code")["workers"].sum()
        return {
            "code": table["code"].tolist(),
            "name": printed(table["name"]),
            "population": table["population"].tolist(),
            "workers": workers.reindex(table["code"], fill_value=0).astype(int).tolist(),
            "path": [
                self._outline(code, place)
                for code, place in zip(table["code"], places, strict=True)
            ],
            "x": places[:, 0].tolist(),
            "y": places[:, 1].tolist(),
        }

    def _outline(self, code: str, place: np.ndarray) -> str:
        """Return the path of a commune; a small circle where the territory has no outline."""
        if code in self.shapes:
            return outline_path(self.shapes[code], self.frame)
        x, y = np.rint(place / PATH_SCALE).astype(int)
        r = self._point_radius
        return f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"

    @cached_property
    def _point_radius(self) -> int:
        """The radius of a commune without an outline: its circle keeps clear of the others."""
        places = self.place(self.territory.communes[["lon", "lat"]].to_numpy(float))
        nearest = scipy.spatial.KDTree(places).query(places, k=2)[0][:, 1]
        low, high = _POINT_RADII
        return int(np.clip(_POINT_PART * nearest.min() / PATH_SCALE, low, high))

    def is_new(self, segments: pd.DataFrame) -> np.ndarray:
        """Return which segments of a run are of lines that the territory does not have, (n,)."""
        return ~segments["line"].isin(self.territory.lines["line"]).to_numpy()

    def new_rail(self, segments: pd.DataFrame, lines: Iterable[NewLine]) -> list[dict[str, Any]]:
        """Return one row a segment of a new line, numbered after those of the territory.

        Parameters
        ----------
        segments : pandas.DataFrame
            Of a run: line, from_stop, to_stop, coordinates and minutes.
        lines : iterable of NewLine
            Of its scenario.
        """
        table = segments[self.is_new(segments)].reset_index(drop=True)
        stretches = list(zip(table["line"], table["from_stop"], table["to_stop"], strict=True))
        upstream = [
            [row for row, (other, _, end) in enumerate(stretches) if (other, end) == (line, start)]
            for line, start, _ in stretches
        ]
        table = table.assign(trains_per_hour=1.0, upstream=pd.Series(upstream, dtype=object))
        first = len(self.territory.od.transit.segments)
        label = {line.line: {"fr": line.label_fr, "en": line.label_en} for line in lines}
        return [
            {**row, **label[row["line"]], "id": "/".join(stretch),
             "inner": row["inner"] + first if row["inner"] >= 0 else -1}
            for row, stretch in zip(self._rail(table), stretches, strict=True)
        ]  # fmt: skip

    def _rail(self, table: pd.DataFrame) -> list[dict[str, Any]]:
        """Return one row a segment, each with the next one along its line."""
        ends = [
            self.place(table[[f"{end}_lon", f"{end}_lat"]].to_numpy()).tolist()
            for end in ("from", "to")
        ]
        after = downstream(table)
        way = ways_on(after)
        minutes = table["minutes"].to_numpy(float)
        # Apostrophes of print, which timetables do not have.
        start, stop = (
            [str(name).replace("'", "’") for name in table[end]] for end in ("from_stop", "to_stop")
        )
        return [
            {
                "id": str(row), "line": each["line"], "branch": stop[way[row][-1]],
                "from": start[row], "to": stop[row], "inner": after[row],
                "minutes": float(minutes[way[row]].sum()), "x1": x1, "y1": y1, "x2": x2, "y2": y2,
            }
            for row, (each, (x1, y1), (x2, y2)) in enumerate(
                zip(table.to_dict("records"), *ends, strict=True)
            )
        ]  # fmt: skip

    @cached_property
    def payload_telecentres(self) -> list[dict[str, Any]]:
        """Every telecentre of the territory's table."""
        table = self.territory.telecentres
        names = dict(zip(self.territory.communes["code"], self.territory.communes["name"],
                         strict=True))  # fmt: skip
        places = self.place(table[["lon", "lat"]].to_numpy(float))
        return [
            {
                "id": site["telecentre_id"],
                "name": site["name"],
                "commune": site["commune_code"],
                "commune_name": names.get(site["commune_code"], ""),
                "kind": site["kind"],
                "area": site["area"],
                "desks": site["desks"],
                "desks_estimated": bool(site["desks_estimated"]),
                "opening": site["opening_date"],
                "assumed": bool(site["assumed"]),
                "x": x,
                "y": y,
            }
            for site, (x, y) in zip(table.to_dict("records"), places.tolist(), strict=True)
        ]
