"""What is seen, as files: CSV and GeoJSON are made here; pictures are made in the browser."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim77.app.comparing import LEVEL_ENDS
from sim77.app.measures import measure_names
from sim77.app.viewer import RequestError, Viewer
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
    return {"filename": f"{stem}.csv", "mime": "text/csv", "text": _csv(rows)}


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


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
    return [{key: row[key] for key in keys} for row in viewer.widget.compare["effects"]]


def _telecentres(viewer: Viewer) -> list[dict[str, Any]]:
    left_out = ("x", "y", "index")
    return [
        {"side": letter, **{key: value for key, value in row.items() if key not in left_out}}
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
