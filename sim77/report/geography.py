"""The map's geometry, made once: communes, neighbours, railway and telecentres in map units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from sim77.territory.territory import Territory

WIDTH, HEIGHT = 1250.0, 1000.0
PATH_SCALE = 0.1
"""Paths are written in tenths of a map unit (`outline_path`)."""

_OWN_CODE = "77"
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


def paris_of(territory: Territory) -> np.ndarray:
    """Return where the trains go, shape (0 or 1, 2): the workplace of the zone paris."""
    places = territory.workplaces
    return places.loc[places["zone"] == "paris", ["lon", "lat"]].to_numpy(float)[:1]


def frame_of(shapes: dict[str, list[np.ndarray]], territory: Territory) -> Frame:
    """Fit the territory, with Paris if that is near, to the right of a map."""
    points = territory.communes[["lon", "lat"]].to_numpy(float)
    points = np.vstack([points, *(ring for rings in shapes.values() for ring in rings)])
    paris = paris_of(territory)
    near = np.abs(paris - points.mean(axis=0)).max(axis=1, initial=0.0) < _REACH_DEG
    points = np.vstack([points, paris[near] - [[0.06, 0.0]]])
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
        """From longitude and latitude to map units, Paris included where it is near."""
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
        own = around.get(_OWN_CODE)
        paris = self.place(paris_of(territory))
        return {
            "viewbox": [0, 0, WIDTH, HEIGHT],
            "path_scale": PATH_SCALE,
            "communes": self._communes(),
            "outline": outline_path(own, self.frame) if own else "",
            "neighbours": [
                {"code": code, "name": names[code], "path": outline_path(rings, self.frame)}
                for code, rings in around.items()
                if code != _OWN_CODE
            ],
            "paris": {"x": paris[0, 0], "y": paris[0, 1]} if len(paris) else None,
            "rail": self._rail(paris),
            "telecentres": self.payload_telecentres,
        }

    def _communes(self) -> dict[str, list[Any]]:
        table, flows = self.territory.communes, self.territory.flows
        places = self.place(table[["lon", "lat"]].to_numpy(float))
        to_paris = flows[flows["workplace_zone"] == "paris"]
        workers = to_paris.groupby("commune_code")["workers"].sum()
        return {
            "code": table["code"].tolist(),
            "name": table["name"].tolist(),
            "arrondissement": table["arrondissement"].tolist(),
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
        nearest = KDTree(places).query(places, k=2)[0][:, 1]
        low, high = _POINT_RADII
        return int(np.clip(_POINT_PART * nearest.min() / PATH_SCALE, low, high))

    def _rail(self, paris: np.ndarray) -> list[dict[str, Any]]:
        """Return one row a segment, in the order of the territory's stations."""
        stations = self.territory.stations
        places = self.place(stations[["lon", "lat"]].to_numpy(float))
        row_of = {name: row for row, name in enumerate(stations["station_service_id"])}
        found = []
        for row, station in enumerate(stations.to_dict("records")):
            inner = row_of.get(station["parent"], -1)
            end = places[inner] if inner >= 0 else paris[0] if len(paris) else places[row]
            found.append(
                {
                    "id": station["station_service_id"],
                    "line": station["line"],
                    "branch": station["branch"],
                    "from": station["station"],
                    "to": stations["station"].iloc[inner] if inner >= 0 else station["terminus"],
                    "inner": inner,
                    "minutes": station["minutes"],
                    **dict(zip(("x1", "y1"), places[row].tolist(), strict=True)),
                    **dict(zip(("x2", "y2"), end.tolist(), strict=True)),
                }
            )
        return found

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
                "known": not site["assumed"],
                "x": x,
                "y": y,
            }
            for site, (x, y) in zip(table.to_dict("records"), places.tolist(), strict=True)
        ]
