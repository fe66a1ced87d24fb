"""From longitude and latitude to a drawing: frames, outlines and where the trains go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.territory.territory import Territory

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
    width: float
    with_paris: bool

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


def frame_of(
    shapes: dict[str, list[np.ndarray]],
    territory: Territory,
    width: float,
    height: float,
    *,
    with_paris: bool,
) -> Frame:
    """Fit the territory, with Paris if that is wanted and near, to the right of a drawing."""
    points = territory.communes[["lon", "lat"]].to_numpy(float)
    points = np.vstack([points, *(ring for rings in shapes.values() for ring in rings)])
    if with_paris:
        paris = paris_of(territory)
        near = np.abs(paris - points.mean(axis=0)).max(axis=1, initial=0.0) < _REACH_DEG
        points = np.vstack([points, paris[near] - [[0.06, 0.0]]])
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    squeeze = math.cos(math.radians(0.5 * (south + north)))
    room_x, room_y = width - 2 * _MARGIN, height - 2 * _MARGIN
    per_lat = min(room_x / max((east - west) * squeeze, 0.02), room_y / max(north - south, 0.02))
    left = width - _MARGIN - (east - west) * squeeze * per_lat
    top = 0.5 * (height - (north - south) * per_lat)
    return Frame(west, north, per_lat * squeeze, per_lat, left, top, width, with_paris)


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
