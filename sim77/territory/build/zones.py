"""The zones of a territory: where people live and work, how dense it is, and points inside.

Two files describe them, for any part of France or elsewhere: a table of zones (`ZONES`) and their
outlines, GeoJSON with the ``code`` of each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import qmc

from sim77.core.errors import TerritoryError
from sim77.core.extras import needs
from sim77.core.units import AREA_TYPES
from sim77.territory.check import checked_table
from sim77.territory.schema import Column, Table

with needs("territory"):
    import shapely

LEAST_DENSITY_PER_KM2 = (8500, 5000, 500)
"""Residents per km² from which a zone is core, inner, outer-urban; below it is outer-rural.

An estimate: of the values tried on Île-de-France (879 communes, modes of travel in the census of
2014) about those that explain most of the variance of mode shares, 0.78 by home and 0.81 by
workplace."""

POINTS_OF_DENSE_ZONES = 24
OUTSIDE_BY_KM = 0.2
"""Outlines are generalised; a point a little outside is taken as it is."""
KM_PER_DEGREE = 111.195
_CANDIDATES = 2**13

ZONES = Table(
    (
        Column("code", "code"),
        Column("name"),
        Column("lat", "number", low=-90, high=90, required=False, blank=True),
        Column("lon", "number", low=-180, high=180, required=False, blank=True),
        Column("area_km2", "number", low=0.001, high=20_000),
        Column("population", "int", low=0, high=2_000_000),
        Column("area_type", allowed=AREA_TYPES, required=False, blank=True),
        Column("former_codes", required=False, blank=True),
    ),
    key=("code",),
)
"""Point: the town hall, say; blank: one inside the outline. A given area type goes before that of
the density. Former codes: those of communes merged into this one, with spaces between."""


@dataclass(frozen=True)
class Zones:
    """The zones of a territory.

    Attributes
    ----------
    table
        One row a zone, by code: code, name, department, area_type, lat, lon, area_km2, population,
        density_per_km2.
    outlines
        Code to its polygons, in degrees.
    current_code
        Every code, former ones included, to that of today.
    moved
        Codes whose point lay outside the outline, or was missing, and was put inside.
    """

    table: pd.DataFrame
    outlines: dict[str, Any]
    current_code: dict[str, str]
    moved: tuple[str, ...]

    @cached_property
    def departments(self) -> tuple[str, ...]:
        """The départements that the zones cover."""
        return tuple(sorted(set(self.table["department"])))


def department_of(codes: pd.Series) -> pd.Series:
    """Return the département of INSEE codes: two characters, overseas three."""
    return codes.str[:2].where(~codes.str.startswith(("97", "98")), codes.str[:3])


def area_types(density_per_km2: np.ndarray) -> np.ndarray:
    """Return the area type ``(n,)`` of zones by density, see `LEAST_DENSITY_PER_KM2`.

    Examples
    --------
    >>> area_types(np.array([20_000.0, 5000.0, 700.0, 20.0])).tolist()
    ['core', 'inner', 'outer-urban', 'outer-rural']
    """
    conditions = [density_per_km2 >= least for least in LEAST_DENSITY_PER_KM2]
    return np.select(conditions, AREA_TYPES[:-1], AREA_TYPES[-1])


def read_zones(zones: Path, shapes: Path) -> Zones:
    """Read the table of zones and their outlines.

    Raises
    ------
    TerritoryError
        A cell is wrong, a code occurs twice, or a zone has no outline.
    """
    table = checked_table(zones, ZONES).sort_values("code", ignore_index=True)
    outlines = _read_outlines(shapes)
    missing = [code for code in table["code"] if code not in outlines]
    if missing:
        more = f", nor have {len(missing) - 1} others" if len(missing) > 1 else ""
        raise TerritoryError(
            f"{shapes.name}: {missing[0]}, a zone of {zones.name}, has no outline{more}; every "
            "zone must be a feature with its 'code'."
        )
    points = [
        _point_inside(outlines[code], lat, lon)
        for code, lat, lon in zip(table["code"], table["lat"], table["lon"], strict=True)
    ]
    lat, lon, moved = (np.array(each) for each in zip(*points, strict=True))
    density = table["population"] / table["area_km2"]
    given = table["area_type"]
    result = pd.DataFrame(
        {
            "code": table["code"],
            "name": table["name"],
            "department": department_of(table["code"]),
            "area_type": given.where(given != "", area_types(density.to_numpy())),
            "lat": lat,
            "lon": lon,
            "area_km2": table["area_km2"],
            "population": table["population"],
            "density_per_km2": density.round(1),
        }
    )
    return Zones(
        table=result,
        outlines={code: outlines[code] for code in table["code"]},
        current_code=_current_codes(table, zones.name),
        moved=tuple(table["code"][moved]),
    )


def _current_codes(table: pd.DataFrame, file: str) -> dict[str, str]:
    current = {code: code for code in table["code"]}
    for code, former in zip(table["code"], table["former_codes"], strict=True):
        for each in former.split():
            if current.setdefault(each, code) != code:
                raise TerritoryError(
                    f"{file}, zone {code}, column 'former_codes': {each!r} is already "
                    f"{'a zone' if current[each] == each else 'a former code of ' + current[each]}"
                    "; each code may belong to one zone."
                )
    return current


def _read_outlines(path: Path) -> dict[str, Any]:
    """Return code to polygons of a GeoJSON file."""
    wanted = "must be a GeoJSON FeatureCollection of polygons, each with its 'code'"
    if not path.is_file():
        raise TerritoryError(f"{path}: there is no such file.")
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        codes = [str(each["properties"]["code"]) for each in features]
        shapes = shapely.from_geojson([json.dumps(each["geometry"]) for each in features])
    except UnicodeDecodeError as error:
        raise TerritoryError(
            f"{path.name}: the text is not UTF-8 (byte {error.object[error.start]:#04x}); save "
            "the file as UTF-8."
        ) from None
    except (ValueError, KeyError, TypeError, shapely.errors.ShapelyError):
        raise TerritoryError(f"{path.name}: {wanted}.") from None
    outlines: dict[str, Any] = {}
    for code, shape in zip(codes, shapely.make_valid(shapes), strict=True):
        if code in outlines:
            raise TerritoryError(f"{path.name}: {code} has two features; each zone may have one.")
        if shape is None or not shape.area > 0:
            raise TerritoryError(f"{path.name}, feature {code}: has no area; it {wanted}.")
        outlines[code] = shape
    return outlines


# Points --------------------------------------------------------------------------------------


def in_km(shape: Any, lat: float) -> Any:
    """Return a shape in degrees as one in km, true to scale near a latitude."""
    scale = KM_PER_DEGREE * np.array([np.cos(np.radians(lat)), 1])
    return shapely.transform(shape, lambda xy: xy * scale)


def _point_inside(outline: Any, lat: float, lon: float) -> tuple[float, float, bool]:
    """Return a point of the zone, and whether it is another than the one given."""
    if np.isfinite(lat) and np.isfinite(lon):
        away = shapely.distance(in_km(outline, lat), in_km(shapely.Point(lon, lat), lat))
        if away <= OUTSIDE_BY_KM:
            return round(lat, 5), round(lon, 5), False
    inside = shapely.point_on_surface(outline)
    return round(inside.y, 5), round(inside.x, 5), True


def points_in(outline: Any, number: int) -> np.ndarray:
    """Return points spread evenly in an outline, ``(number, 2)`` longitude and latitude.

    The first ones of the Halton sequence over its rectangle that lie inside (Halton 1960): always
    the same for the same outline.
    """
    shapely.prepare(outline)
    west, south, east, north = shapely.bounds(outline)
    unit = qmc.Halton(2, scramble=False).random(_CANDIDATES)
    points = [west, south] + unit * [east - west, north - south]
    inside = points[shapely.contains_xy(outline, points)][:number]
    if len(inside) < number:  # a sliver across its rectangle
        middle = shapely.point_on_surface(outline)
        inside = np.vstack([inside, np.tile([middle.x, middle.y], (number - len(inside), 1))])
    return np.round(inside, 5)


def representative_points(zones: Zones) -> pd.DataFrame:
    """Return the points from which journeys of a zone start and end, averaged by weight.

    Dense zones have `POINTS_OF_DENSE_ZONES` spread over them, the others their own: in a large
    dense zone, stations are near for some and far for others.

    Returns
    -------
    pandas.DataFrame
        zone, lat, lon, weight (sums to 1 in each zone); by zone.
    """
    dense = zones.table["area_type"].isin(("core", "inner"))
    tables = []
    columns = (zones.table[name] for name in ("code", "lat", "lon"))
    for code, lat, lon, many in zip(*columns, dense, strict=True):
        if many:
            lon, lat = points_in(zones.outlines[code], POINTS_OF_DENSE_ZONES).T
        table = pd.DataFrame({"zone": code, "lat": np.atleast_1d(lat), "lon": np.atleast_1d(lon)})
        tables.append(table.assign(weight=1 / len(table)))
    return pd.concat(tables, ignore_index=True)
