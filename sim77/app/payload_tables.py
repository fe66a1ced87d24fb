"""Stored results as the browser reads them: what their tables hold of what a run would show."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from sim77 import calendar
from sim77.app.comparing import number, scope_of_manifest
from sim77.app.geography import Geography
from sim77.app.measures import measure_names
from sim77.app.payload import Buffer, SidePayload
from sim77.app.sides import hash_key
from sim77.compare import Comparison
from sim77.results import Result

_BY_COMMUNE = ("minutes_saved_per_worker", "share_remote", "telecentre", "home")
_DAY_COUNTS = ("workers_at_work", "home", "telecentre", "co2e_travel_kg", "remote_days")


def result_payload(result: Result, geography: Geography) -> SidePayload:
    """Return a result, run or loaded, as one side for the browser.

    Parameters
    ----------
    result : Result
    geography : Geography
        Of the territory it was run on.

    Returns
    -------
    SidePayload
        Without the loads of trains by day, which a result does not hold.
    """
    buffer, days = Buffer(), result.days
    size = len(geography.territory.communes)
    table = result.communes_by_day
    at_work = _grid(table["workers_at_work"], size)
    values = {name: _grid(table[name], size) for name in _BY_COMMUNE}
    values["co2e_travel_kg_per_worker"] = _ratio(_grid(table["co2e_travel_kg"], size), at_work)
    year = {name: result.communes[name].to_numpy(float) for name in _BY_COMMUNE}
    year["co2e_travel_kg_per_worker"] = _ratio(
        result.communes["co2e_travel_kg"].to_numpy(float),
        result.communes["workers_at_work"].to_numpy(float),
    )
    for name, by_day in values.items():
        buffer.add(name, "commune", np.where(at_work > 0, by_day, np.nan), "u2")
        sums = name in ("telecentre", "home")
        buffer.add(name, "commune_year", year[name][None] / (len(days) if sums else 1.0), "f4")
    for name, column in _by_day(result).items():
        buffer.add(name, "day", column[:, None], "f4")
    manifest = result.manifest
    meta = _meta(manifest["scenario"], [day.date() for day in days["date"]], buffer)
    key = f"{manifest['scenario']['hash']}:{manifest['seed']}"
    telecentres = _telecentres(result, geography)
    summary = {name: number(float(value)) for name, value in result.summary().items()}
    return SidePayload(
        meta | {"key": key, "telecentres": telecentres, "summary": summary}, buffer.data
    )


def comparison_payload(comparison: Comparison, side: str) -> SidePayload:
    """Return side ``a`` or ``b`` of a comparison: the communes' means over the year.

    Parameters
    ----------
    comparison : Comparison
    side : str

    Returns
    -------
    SidePayload
    """
    buffer, manifest, table = Buffer(), comparison.manifest, comparison.communes
    for name in measure_names():
        column = table.loc[table["indicator"] == name, side].to_numpy(float)
        buffer.add(name, "commune_year", column[None], "f4")
    scope = scope_of_manifest(manifest)
    days = calendar.working_days(scope.start, scope.end)
    summary = {row["indicator"]: number(row[side]) for row in comparison.effects.to_dict("records")}
    meta = _meta(manifest[side], days, buffer)
    key = hash_key(manifest[side]["hash"], scope)
    return SidePayload(meta | {"key": key, "telecentres": [], "summary": summary}, buffer.data)


def _meta(scenario: dict[str, str], days: list[dt.date], buffer: Buffer) -> dict[str, Any]:
    return {
        "name": scenario["name"],
        "fr": scenario["label_fr"] or scenario["name"],
        "en": scenario["label_en"] or scenario["name"],
        "days": [day.isoformat() for day in days],
        "holidays": [],
        "policies": [],
        "fields": buffer.fields,
    }


def _grid(column: Any, size: int) -> np.ndarray:
    """Return a column by day and commune, (n_days, n_communes)."""
    return np.asarray(column, dtype=float).reshape(-1, size)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _by_day(result: Result) -> dict[str, np.ndarray]:
    days = result.days
    at_work = days["workers_at_work"].to_numpy(float)
    found = {name: days[name].to_numpy(float) for name in (*_BY_COMMUNE, *_DAY_COUNTS)}
    found["office"] = (days["office_rail"] + days["office_car"]).to_numpy(float)
    found["half"] = (days["half_rail"] + days["half_car"]).to_numpy(float)
    found["co2e_travel_kg_per_worker"] = _ratio(found["co2e_travel_kg"], at_work)
    return found


def _telecentres(result: Result, geography: Geography) -> list[dict[str, Any]]:
    drawn = {each["id"]: each for each in geography.payload_telecentres}
    order = list(drawn)
    rows = []
    for site in result.telecentres.to_dict("records"):
        key = site["telecentre_id"]
        (x, y), *_ = geography.place(np.array([[site["lon"], site["lat"]]])).tolist()
        place = drawn.get(key, {"x": x, "y": y})
        rows.append(
            {
                "id": key, "name": site["name"], "commune": site["commune_code"],
                "kind": site["kind"], "x": place["x"], "y": place["y"],
                "index": order.index(key) if key in drawn else -1,
                "desks": site["desks"], "occupied": number(site["share_occupied"]),
                "refusals": number(site["refusals"] / max(site["days_open"], 1)),
                "worker_days": number(site["worker_days"]), "days_open": int(site["days_open"]),
                "revenue_eur": number(site["revenue_workers_eur"] + site["revenue_others_eur"]),
            }
        )  # fmt: skip
    return rows
