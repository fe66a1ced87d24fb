"""Public files of a made-up territory of twelve zones in two départements, as a builder reads them.

Zones are squares of about 6 km in three rows of four; the first is dense. Two lines of trains meet
in it: A runs along the first row, B down the first column.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

WEST, SOUTH, WIDE, HIGH = 2.0, 48.0, 0.08, 0.054
CODES = tuple(f"{10 if n < 8 else 20}{n + 1:03}" for n in range(12))
POPULATION = (400_000, 90_000, 40_000, 8000, 30_000, 5000, 2000, 900, 20_000, 3000, 700, 300)
AREA_KM2 = 35.6
INPUTS = ("zones", "shapes", "flows", "scopes", "telecentres")


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


def write_public_files(folder: Path) -> dict[str, Path]:
    """Write every file that ``sim77 territory build`` reads; by the name of its option."""
    paths = {name: folder / f"{name}.csv" for name in (*INPUTS, "sources")}
    paths["shapes"] = folder / "shapes.geojson"
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
