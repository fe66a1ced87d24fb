"""Public files of a made-up territory of twelve zones in two départements, as a builder reads them.

Zones are squares of about 6 km in three rows of four; the first is dense. The trains are those of
`tests.small_gtfs`; a road runs along each row and column, and a motorway across.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from tests.small_gtfs import small, write

WEST, SOUTH, WIDE, HIGH = 2.36, 48.72, 0.08, 0.054
CODES = tuple(f"{10 if n < 8 else 20}{n + 1:03}" for n in range(12))
POPULATION = (400_000, 90_000, 40_000, 8000, 30_000, 5000, 2000, 900, 20_000, 3000, 700, 300)
AREA_KM2 = 35.6
INPUTS = ("zones", "shapes", "flows", "modes", "gtfs", "roads", "axes", "scopes", "telecentres")


def corner(zone: int) -> tuple[float, float]:
    """Return the south-west corner of a zone, longitude and latitude."""
    return WEST + WIDE * (zone % 4), SOUTH - HIGH * (zone // 4)


def zones_table() -> pd.DataFrame:
    corners = np.array([corner(zone) for zone in range(12)])
    return pd.DataFrame(
        {
            "code": CODES,
            "name": [f"Ville-{code}" for code in CODES],
            "lat": (corners[:, 1] + HIGH / 2).round(5),
            "lon": (corners[:, 0] + WIDE / 2).round(5),
            "area_km2": AREA_KM2,
            "population": POPULATION,
            "former_codes": ["10901 10902", *[""] * 11],
        }
    )


def flows_table() -> pd.DataFrame:
    """Return fractional flows: every zone to the first three and to itself, by two groups."""
    rows = []
    for home, population in enumerate(POPULATION):
        for work in sorted({0, 1, 2, home}):
            for csp in (3, 6):
                away = population / 40 / (1 + abs(home - work) + csp / 7)
                rows.append((CODES[home], CODES[work], csp, 0, round(away, 4)))
            if home == work:
                rows.append((CODES[home], CODES[work], 3, 1, round(population / 90, 4)))
    return pd.DataFrame(rows, columns=["origin", "destination", "csp", "at_home", "workers"])


def roads_table() -> pd.DataFrame:
    """Return a primary road along each row and each column, through the middle of the zones."""
    middle = np.add([corner(zone) for zone in range(12)], (WIDE / 2, HIGH / 2))
    grid = middle.reshape(3, 4, 2)
    lines = [*grid, *grid.transpose(1, 0, 2)]
    return pd.DataFrame(
        {
            "osm_id": [f"{n}" for n in range(len(lines))],
            "fclass": "primary",
            "ref": [f"D{n}" for n in range(len(lines))],
            "oneway": "B",
            "maxspeed": 70,
            "geometry": [shapely.to_wkb(shapely.LineString(line)) for line in lines],
        }
    )


def axes_table() -> pd.DataFrame:
    """Return a motorway from the south-east corner to the north-west."""
    (west, south), wide, high = corner(8), 4 * WIDE, 3 * HIGH
    return pd.DataFrame(
        {
            "road": "A1",
            "part": 1,
            "order": [1, 2, 3],
            "lon": [west, west + wide / 2, west + wide],
            "lat": [south + high, south + high / 2, south],
        }
    )


def modes_table() -> pd.DataFrame:
    """Return who drives: more of them where fewer live."""
    table = flows_table()
    table = table[table["at_home"] == 0]
    density = table["origin"].map(dict(zip(CODES, POPULATION, strict=True)))
    by_car = table["workers"] / (1 + density / 50_000)
    return table[["origin", "destination", "csp"]].assign(mode="VP", workers=by_car)


def write_public_files(folder: Path) -> dict[str, Path]:
    """Write every file that ``sim77 territory build`` reads; by the name of its option."""
    paths = {name: folder / f"{name}.csv" for name in (*INPUTS, "sources")}
    paths |= {
        "shapes": folder / "shapes.geojson",
        "gtfs": write(folder / "gtfs.zip", small()),
        "roads": folder / "roads.parquet",
    }
    roads_table().to_parquet(paths["roads"])
    axes_table().to_csv(paths["axes"], index=False)
    modes_table().to_csv(paths["modes"], index=False)
    zones_table().to_csv(paths["zones"], index=False)
    flows_table().to_csv(paths["flows"], index=False)
    features = []
    for zone, code in enumerate(CODES):
        west, south = corner(zone)
        east, north = west + WIDE, south + HIGH
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"properties": {"code": code}, "geometry": geometry})
    paths["shapes"].write_text(json.dumps({"features": features}), encoding="utf-8")
    paths["scopes"].write_text(
        "prefix,scope,label_fr,label_en\n10001,centre,Centre,centre\n"
        "10,around,Autour,around\n20,beyond,Au-delà,beyond\n",
        encoding="utf-8",
    )
    paths["telecentres"].write_text(
        "telecentre_id,name,commune_code,lat,lon,in_territory,kind,area,opening_date,"
        "opening_estimated,closing_date,desks,desks_estimated,source\n"
        "mill,Le Moulin,20009,47.92,2.04,0,telecentre,rural,2014-01-01,1,,12,1,made-up\n",
        encoding="utf-8",
    )
    rows = [f"{name},Made-up {name},CC0,\n" for name in INPUTS]
    rows += ["made-up,Invented,CC0,\n", "zones-2,More,CC0,a year later\n"]
    paths["sources"].write_text("source_id,text,licence,note\n" + "".join(rows), encoding="utf-8")
    return paths
