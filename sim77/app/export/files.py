"""What is seen, as files: CSV and GeoJSON are made here; pictures are made in the browser."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim77.app.compare.comparing import LEVEL_ENDS
from sim77.app.measures import measure_names
from sim77.app.viewer import RequestError, Viewer
from sim77.app.words import unit_key, words
from sim77.registry.indicators import described

FORMATS = ("csv", "geojson")
TABLES = ("communes", "effects", "telecentres", "days")
_PARTS = ("a", "b", "diff", "low", "high")


def exported(message: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """Return a table of what a viewer sees as a file.

    Parameters
    ----------
    message : mapping
        ``format``, one of `FORMATS`, and of CSV ``table``, one of `TABLES`.
    viewer : Viewer

    Returns
    -------
    dict
        ``filename``, ``mime`` and ``text``.
    """
    wanted, table = message.get("format"), message.get("table", "communes")
    if wanted not in FORMATS or table not in TABLES:
        raise RequestError("unknown_question", f"{wanted} {table}")
    widget = viewer.widget
    if not widget.compare:
        raise RequestError("no_result")
    stem = f"sim77-{viewer.state.scenario_b}-{table}"
    if wanted == "geojson":
        return {
            "filename": f"{stem}.geojson",
            "mime": "application/geo+json",
            "text": json.dumps(_geojson(viewer), ensure_ascii=False, separators=(",", ":")),
        }
    rows = _ROWS[str(table)](viewer)
    text = _csv(rows, viewer.state.lang)
    return {"filename": f"{stem}.csv", "mime": "text/csv", "text": text}


def _csv(rows: list[dict[str, Any]], language: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_header(key, language) for key in (rows[0] if rows else ()))
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


def _header(key: str, language: str) -> str:
    """Return a column's name: its key, which is English, or what it is called in French."""
    if language == "en":
        return key
    known = words()[language]
    if f"csv_{key}" in known:
        return known[f"csv_{key}"]
    name, _, part = key.rpartition("_")
    if part in _PARTS and name in measure_names():
        return f"{_named(name, language)}, {known[f'csv_{part}']}"
    return _named(key, language)


def _named(name: str, language: str) -> str:
    """Return what an indicator is called, with its unit."""
    unit = _unit(described(name).daily_unit, language)
    return (
        f"{described(name).label(language)} ({unit})" if unit else described(name).label(language)
    )


def _unit(unit: str, language: str) -> str:
    known = words()[language]
    # The page shows shares in percent; the file has them as numbers.
    return known["csv_share"] if unit == "share" else known.get(unit_key(unit), unit)


def _communes(viewer: Viewer) -> list[dict[str, Any]]:
    """Return one row a commune: A, B, difference and interval of every indicator of the map."""
    communes, compared = viewer.geography.territory.communes, viewer.widget.compare
    columns = {
        f"{name}_{part}": compared["communes"][name][part]
        for name in measure_names()
        for part in _PARTS
    }
    return [
        {"commune_code": code, "name": name, **{key: each[row] for key, each in columns.items()}}
        for row, (code, name) in enumerate(zip(communes["code"], communes["name"], strict=True))
    ]


def _effects(viewer: Viewer) -> list[dict[str, Any]]:
    keys = ("name", "unit", *_PARTS, *LEVEL_ENDS, "unpaired_low", "unpaired_high", "n")
    rows = [{key: row[key] for key in keys} for row in viewer.widget.compare["effects"]]
    language = viewer.state.lang
    if language == "en":
        return rows
    return [
        row
        | {
            "name": described(row["name"]).label(language),
            "unit": _unit(row["unit"], language),
        }
        for row in rows
    ]


def _telecentres(viewer: Viewer) -> list[dict[str, Any]]:
    left_out = ("x", "y", "index")
    labels, language = viewer.geography.territory.site_labels, viewer.state.lang
    return [
        {"side": letter, **{key: value for key, value in row.items() if key not in left_out}}
        | {"name": labels.get(row["id"], {}).get(language, row["name"])}
        for letter in "ab"
        for row in getattr(viewer.widget, f"side_{letter}").get("telecentres", [])
    ]


def _days(viewer: Viewer) -> list[dict[str, Any]]:
    """Return one row a day and side with the figures of the whole territory."""
    rows = []
    for letter in "ab":
        meta, data = (getattr(viewer.widget, f"{part}_{letter}") for part in ("side", "bytes"))
        fields = [each for each in meta.get("fields", []) if each["what"] == "day"]
        values = {
            each["name"]: np.frombuffer(data, "<f4", each["length"] // 4, each["start"])
            for each in fields
        }
        rows += [
            {"side": letter, "date": day, **{key: float(each[row]) for key, each in values.items()}}
            for row, day in enumerate(meta.get("days", []))
        ]
    return rows


_ROWS = {
    "communes": _communes, "effects": _effects, "telecentres": _telecentres, "days": _days,
}  # fmt: skip


def _geojson(viewer: Viewer) -> dict[str, Any]:
    """Return the communes' outlines with the same columns as the CSV table."""
    rows = {row["commune_code"]: row for row in _communes(viewer)}
    shapes = viewer.geography.territory.shapes() or {"features": []}
    return {
        "type": "FeatureCollection",
        "units": {name: described(name).daily_unit for name in measure_names()},
        "features": [
            {
                "type": "Feature",
                "properties": rows[feature["properties"]["code"]],
                "geometry": feature["geometry"],
            }
            for feature in shapes["features"]
            if feature["properties"]["code"] in rows
        ],
    }
