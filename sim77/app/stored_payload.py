"""Stored results as the browser reads them: what their tables hold of what a run would show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.compare.comparison import Comparison
from sim77.app.compare.comparing import scope_of_manifest
from sim77.app.explore.payload import (
    MONTHS_A_YEAR,
    Buffer,
    SidePayload,
    drawn_segments,
    months_open,
    site_order,
    zones_of,
)
from sim77.app.explore.sides import hash_key
from sim77.app.measures import measure_names
from sim77.app.numbers import plain
from sim77.core import calendar
from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS
from sim77.registry.indicators import is_sum
from sim77.report.geography import Geography
from sim77.report.run.facts import new_lines_of
from sim77.runs.results import Result

_PARTS = {
    "workers_at_work": ("workers_at_work",), "home": ("home",), "telecentre": ("telecentre",),
    "office": OFFICE_COLUMNS, "half": HALF_COLUMNS,
}  # fmt: skip
"""Where people work on a day: the columns that make each count."""
_ACCOUNTS = {
    "revenue_eur": ("revenue_workers_eur", "revenue_others_eur", "revenue_subscriptions_eur",
                    "revenue_rooms_eur"),
    "subsidy_eur": ("subsidy_eur",), "cost_eur": ("cost_eur",), "margin_eur": ("margin_eur",),
}  # fmt: skip


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
        Of the loads of trains the mean day alone, which is what a result holds.
    """
    buffer, days = Buffer(), result.days
    size, by_day = len(result.communes), result.communes_by_day
    at_work = by_day["workers_at_work"].to_numpy(float).reshape(-1, size)
    nobody = ~(at_work > 0).any(axis=0)
    for measure in measure_names():
        daily = _values(by_day, measure)
        if daily is not None:
            grid = np.where(at_work > 0, daily.reshape(-1, size), np.nan)
            buffer.add(measure, "commune", grid, "u2")
        year = _values(result.communes, measure)
        assert year is not None
        n_days = len(days) if is_sum(measure) else 1
        buffer.add(measure, "commune_year", np.where(nobody, np.nan, year / n_days)[None], "f4")
        whole = _values(days, measure)
        assert whole is not None
        buffer.add(measure, "day", whole[:, None], "f4")
    for name in ("workers_at_work", "office", "half"):
        buffer.add(name, "day", days[[*_PARTS[name]]].sum(axis=1).to_numpy(float)[:, None], "f4")
    order = site_order(result.telecentres["telecentre_id"], geography)
    occupied = _add_centres(buffer, result, order)
    segments = result.segments.iloc[drawn_segments(result.segments, geography)]
    for name in ("peak_riders", "seats", "places"):
        buffer.add(name, "segment_year", segments[name].to_numpy(float)[None], "f4")
    scenario, seed = result.manifest["scenario"], result.manifest["seed"]
    summary = {
        **result.summary().to_dict(),
        "co2e_travel_kg": days["co2e_travel_kg"].mean(),
        "desks_occupied": occupied,
    }
    meta = _meta(result.manifest, scenario, [day.date() for day in days["date"]], buffer, geography)
    return SidePayload(
        meta
        | {
            "key": f"{scenario['hash']}:{seed}",
            "rail": geography.new_rail(
                segments.rename(columns={"segment_min": "minutes"}),
                new_lines_of(result.manifest["scenario"]),
            ),
            "telecentres": _telecentres(result, geography, order),
            "summary": {name: plain(value) for name, value in summary.items()},
        },
        buffer.data,
    )


def comparison_payload(comparison: Comparison, side: str, geography: Geography) -> SidePayload:
    """Return side ``a`` or ``b`` of a comparison: means over the year.

    Parameters
    ----------
    comparison : Comparison
    side : str
    geography : Geography
        Of the territory it was run on.

    Returns
    -------
    SidePayload
    """
    buffer, manifest, table = Buffer(), comparison.manifest, comparison.communes
    there = table.loc[table["indicator"] == "workers_at_work", "simulated_workers"] > 0
    for measure in measure_names():
        values = table.loc[table["indicator"] == measure, side].to_numpy(float)
        buffer.add(measure, "commune_year", np.where(there, values, np.nan)[None], "f4")
    scope = scope_of_manifest(manifest)
    days = calendar.working_days(scope.start, scope.end)
    level = dict(comparison.effects[["indicator", side]].to_numpy().tolist())
    for name, parts in _PARTS.items():
        # A territory without a mode has no effect on it.
        total = sum(level[each] for each in parts if each in level)
        buffer.add(name, "day_year", np.array([[total]]), "f4")
    sites = comparison.telecentres
    order = site_order(sites["telecentre_id"], geography)
    column = {name: sites[f"{name}_{side}"].to_numpy(float) for name in _OF_SITES}
    opened = column["days_open"] / len(days)
    used = _ratio(column["desks_occupied"], column["desks"])
    shown = {
        "desks": column["desks"] * opened, "occupied": used * opened,
        "refusals": column["refusals_per_day"], "open": opened,
    }  # fmt: skip
    for name, values in shown.items():
        buffer.add(name, "telecentre_year", _placed(values[None], sites, order), "f4")
    meta = _meta(manifest, manifest[side], days, buffer, geography)
    telecentres = [
        _site(site, geography, order) | {"desks": desks}
        for site, desks in zip(sites.to_dict("records"), column["desks"].tolist(), strict=True)
    ]
    summary = {name: plain(value) for name, value in level.items()}
    key = hash_key(manifest[side]["hash"], scope)
    return SidePayload(
        meta | {"key": key, "telecentres": telecentres, "summary": summary}, buffer.data
    )


_OF_SITES = ("days_open", "desks", "desks_occupied", "refusals_per_day")


def _meta(
    manifest: Mapping[str, Any],
    scenario: dict[str, str],
    days: list[dt.date],
    buffer: Buffer,
    geography: Geography,
) -> dict[str, Any]:
    return {
        "name": scenario["name"],
        "fr": scenario["label_fr"] or scenario["name"],
        "en": scenario["label_en"] or scenario["name"],
        "days": [day.isoformat() for day in days],
        "holidays": [],
        "policies": [],
        "zones": zones_of(manifest["workplaces"], geography.territory),
        "fields": buffer.fields,
    }


def _values(table: pd.DataFrame, measure: str) -> np.ndarray | None:
    """Return an indicator of the map from a table, one value a row; None where it holds none."""
    name = measure
    if name in table:
        return table[name].to_numpy(float)
    whole = name.removesuffix("_per_worker")
    if whole not in table:
        return None
    return _ratio(table[whole].to_numpy(float), table["workers_at_work"].to_numpy(float))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


# Telecentres ------------------------------------------------------------------------------


def _placed(values: np.ndarray, sites: pd.DataFrame, order: list[str]) -> np.ndarray:
    """Return values of a result's sites, shape (n, n_sites), in the order of all sites."""
    whole = np.zeros((len(values), len(order)))
    whole[:, [order.index(name) for name in sites["telecentre_id"]]] = values
    return whole


def _add_centres(buffer: Buffer, result: Result, order: list[str]) -> float:
    """Add use and refusals by day and site; return the desks in use on a mean day."""
    table, sites = result.telecentres_by_day, result.telecentres
    column = {
        name: table[name].to_numpy(float).reshape(len(result.days), len(sites))
        for name in ("desks", "occupied_morning", "occupied_afternoon", "refusals", "open")
    }
    occupied = 0.5 * (column["occupied_morning"] + column["occupied_afternoon"])
    shown = {
        "desks": (column["desks"] * column["open"], "u2"),
        "occupied": (_ratio(occupied, column["desks"]), "u1"),
        "refusals": (column["refusals"], "u2"),
        "open": (column["open"], "u1"),
    }
    for name, (values, dtype) in shown.items():
        buffer.add(name, "telecentre", _placed(values, sites, order), dtype)
    return float(occupied.sum() / len(result.days))


def _site(site: Mapping[Any, Any], geography: Geography, order: list[str]) -> dict[str, Any]:
    """Describe a site as the map draws it."""
    key = site["telecentre_id"]
    (x, y), *_ = geography.place(np.array([[site["lon"], site["lat"]]])).tolist()
    drawn = {each["id"]: each for each in geography.payload_telecentres}.get(
        key, {"x": x, "y": y, "assumed": True}
    )
    return {
        "id": key, "name": site["name"], "commune": site["commune_code"], "index": order.index(key),
        "x": drawn["x"], "y": drawn["y"], "assumed": drawn["assumed"],
    }  # fmt: skip


def _telecentres(result: Result, geography: Geography, order: list[str]) -> list[dict[str, Any]]:
    """Return one row a site open on any day: use, refusals and a year's accounts."""
    opened = result.telecentres_by_day.pivot(index="date", columns="telecentre_id", values="open")
    days = [each.date() for each in opened.index]
    year = pd.Series(MONTHS_A_YEAR / months_open(days, opened.to_numpy()), opened.columns)
    books = (
        result.telecentre_months.groupby("telecentre_id").sum(numeric_only=True).mul(year, axis=0)
    )
    return [
        _site(site, geography, order)
        | {
            "kind": site["kind"],
            "desks": site["desks"],
            "occupied": plain(site["share_occupied"]),
            "refusals": plain(site["refusals"] / site["days_open"]),
            "days_open": int(site["days_open"]),
            **{
                name: plain(float(books.loc[site["telecentre_id"], list(parts)].sum(skipna=False)))
                for name, parts in _ACCOUNTS.items()
            },
        }
        for site in result.telecentres.to_dict("records")
        if site["days_open"]
    ]
