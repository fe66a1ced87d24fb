"""The map's geometry, made once: communes, neighbours, railway and telecentres in map units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from sim77.report.geometry import Frame, frame_of, outline_path, outlines_of, paris_of
from sim77.report.map import HEIGHT, WIDTH, ring_radius, spread
from sim77.territory.territory import Territory

PATH_SCALE = 0.1
"""Paths are written in tenths of a map unit (`sim77.report.geometry.outline_path`)."""

_OWN_CODE = "77"
_POINT_RADII = (110, 250)
"""Smallest and greatest radius of a commune without an outline, in tenths of a map unit."""
_POINT_PART = 0.3
"""Its radius as a part of the way to the nearest commune."""


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
        return frame_of(self.shapes, self.territory, WIDTH, HEIGHT, with_paris=True)

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
        """Every telecentre of the territory's table, rings moved apart."""
        table = self.territory.telecentres
        names = dict(zip(self.territory.communes["code"], self.territory.communes["name"],
                         strict=True))  # fmt: skip
        radii = np.array([ring_radius(desks) for desks in table["desks"]])
        places = np.round(spread(self.place(table[["lon", "lat"]].to_numpy(float)), radii), 1)
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
