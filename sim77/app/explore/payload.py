"""A finished run as the browser reads it: small numbers in one buffer, and what they mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim77.app.explore.sides import Scope, Side, names_of, side_key
from sim77.app.levers.policies import dated_policies
from sim77.app.measures import measure_names
from sim77.app.numbers import plain
from sim77.core import calendar
from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS
from sim77.engine.recorder import SEGMENT_COLUMNS, centres_by_column
from sim77.registry.indicators import is_sum, of_all_modes
from sim77.report.geography import Geography
from sim77.report.locale import LANGUAGES, locale_of
from sim77.report.names import zone_names
from sim77.runs.effects import derived
from sim77.runs.execute import share_in_scope
from sim77.runs.results import desks_of
from sim77.territory.territory import Territory

_TOP = {"u1": 254, "u2": 65534}
_COUNTS = ("workers_at_work", "home", "telecentre")
MONTHS_A_YEAR = 12.0


@dataclass(frozen=True)
class SidePayload:
    """One side of a comparison for the browser.

    Attributes
    ----------
    meta : dict
        Plain values; ``meta["fields"]`` says what each part of `data` is.
    data : bytes
    """

    meta: dict[str, Any]
    data: bytes


class Buffer:
    """Arrays one after the other, as codes of one or two bytes or as float32."""

    def __init__(self) -> None:
        self.fields: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, name: str, what: str, values: np.ndarray, dtype: str) -> None:
        """Add an array of shape (n_days, n); what is not a number becomes the greatest code.

        Codes are one scale over the whole array, so that value = offset + scale * code.
        """
        offset, scale = 0.0, 1.0
        if dtype == "f4":
            codes = values.astype("<f4")
        else:
            known = values[np.isfinite(values)]
            low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
            whole = known.size > 0 and np.array_equal(known, np.rint(known))
            offset = 0.0 if low >= 0.0 and (whole or low < 0.1 * high) else low
            fits = whole and high - offset <= _TOP[dtype]
            scale = 1.0 if fits or high <= offset else (high - offset) / _TOP[dtype]
            codes = np.rint((np.where(np.isfinite(values), values, offset) - offset) / scale)
            codes = np.where(np.isfinite(values), codes, _TOP[dtype] + 1).astype(f"<{dtype}")
        if self._length % 4:
            self._append(b"\0" * (4 - self._length % 4))
        raw = np.ascontiguousarray(codes).tobytes()
        self.fields.append(
            {
                "name": name, "what": what, "dtype": dtype, "shape": list(values.shape),
                "offset": offset, "scale": scale, "start": self._length, "length": len(raw),
            }
        )  # fmt: skip
        self._append(raw)

    def _append(self, raw: bytes) -> None:
        self._parts.append(raw)
        self._length += len(raw)

    @property
    def data(self) -> bytes:
        """All parts, one after the other."""
        return b"".join(self._parts)


def encode_side(side: Side, scope: Scope, geography: Geography) -> SidePayload:
    """Return a finished run as the browser reads it.

    Parameters
    ----------
    side : Side
    scope : Scope
        The one it was run over.
    geography : Geography
        Of the territory it was run on.

    Returns
    -------
    SidePayload
    """
    model, buffer = side.model, Buffer()
    _add_communes(buffer, side)
    _add_days(buffer, side)
    order = site_order(side.model.sites.ids, geography)
    _add_centres(buffer, side, order)
    _add_segments(buffer, side, geography)
    scenario = model.scenario
    days = list(model.days)
    meta = {
        "key": side_key(scenario, scope),
        **names_of(scenario),
        "seed": scope.seed,
        "days": [day.isoformat() for day in days],
        "holidays": [
            day.isoformat()
            for year in sorted({day.year for day in days})
            for day in sorted(calendar.public_holidays(year))
            if days[0] <= day <= days[-1] and day.weekday() < 5
        ],
        "policies": dated_policies(scenario, days[0], days[-1], geography.territory),
        "fields": buffer.fields,
        "rail": geography.new_rail(model.territory.od.transit.segments, scenario.new_lines),
        "telecentres": _telecentres(side, geography, order),
        "share_in_scope": share_in_scope(model.territory, model.zones),
        "zones": zones_of(scope.workplaces, geography.territory),
        "summary": {name: plain(value) for name, value in side.summary().items()},
    }
    return SidePayload(meta, buffer.data)


def zones_of(workplaces: Iterable[str], territory: Territory) -> dict[str, str]:
    """Name where those who are simulated work."""
    return {each: zone_names(territory, workplaces, locale_of(each)) for each in LANGUAGES}


# Communes and days ------------------------------------------------------------------------


def _add_communes(buffer: Buffer, side: Side) -> None:
    """Add the map's indicators by day, their mean over the year and their typical week."""
    model = side.model
    accounts = model.recorder.communes
    by_day = derived(accounts, model.parameters)
    # Nobody is at work in some small communes on some days, in some ever: these are missing.
    weekday = np.array([day.weekday() for day in model.days])
    week = np.stack([accounts[weekday == each].sum(axis=0) for each in range(5)])
    n_days = np.maximum(np.bincount(weekday, minlength=5), 1)
    year, typical = (derived(sums, model.parameters) for sums in (accounts.sum(axis=0)[None], week))
    there, there_on, there_ever = (each["workers_at_work"] > 0 for each in (by_day, typical, year))
    for name in measure_names():
        whole, per_weekday = (len(model.days), n_days[:, None]) if is_sum(name) else (1.0, 1.0)
        buffer.add(name, "commune", np.where(there, by_day[name], np.nan), "u2")
        buffer.add(name, "commune_year", np.where(there_ever, year[name] / whole, np.nan), "f4")
        buffer.add(
            name, "commune_week", np.where(there_on, typical[name] / per_weekday, np.nan), "f4"
        )
    buffer.add("workers_at_work", "commune", by_day["workers_at_work"], "u2")


def _add_days(buffer: Buffer, side: Side) -> None:
    """Add the same indicators for the whole département, and where everybody works."""
    model = side.model
    by_day = derived(model.recorder.kinds_of_worker.sum(axis=1), model.parameters)
    centres = centres_by_column(model.recorder.centres)
    extra = {
        **{name: by_day[name] for name in _COUNTS},
        "office": of_all_modes(by_day, OFFICE_COLUMNS),
        "half": of_all_modes(by_day, HALF_COLUMNS),
        "home_based": centres["home_based_users"].sum(axis=1),
        "co2e_travel_kg": by_day["co2e_travel_kg"],
        "remote_days": by_day["remote_days"],
        "share_trains": model.recorder.day_values[:, 2],
    }
    for name in dict.fromkeys((*measure_names(), *extra)):
        values = extra[name] if name in extra else by_day[name]
        buffer.add(name, "day", values[:, None], "f4")


# Telecentres and trains -------------------------------------------------------------------


def site_order(ids: Iterable[str], geography: Geography) -> list[str]:
    """Return the ids of all sites: those of the territory's table, then the others of a run."""
    return list(dict.fromkeys((*geography.territory.telecentres["telecentre_id"], *ids)))


def _add_centres(buffer: Buffer, side: Side, order: list[str]) -> None:
    recorded = side.model.recorder.centres
    column = centres_by_column(recorded)
    occupied, desks = column["occupied"], column["desks"]
    share = np.divide(occupied, desks, out=np.zeros_like(occupied), where=desks > 0)
    place = [order.index(name) for name in side.model.sites.ids]
    shown = {
        "desks": (desks * column["open"], "u2"),
        "occupied": (share, "u1"),
        "refusals": (column["refusals"], "u2"),
        "open": (column["open"], "u1"),
    }
    for name, (values, dtype) in shown.items():
        whole = np.zeros((recorded.shape[0], len(order)))
        whole[:, place] = values
        buffer.add(name, "telecentre", whole, dtype)


def drawn_segments(segments: pd.DataFrame, geography: Geography) -> np.ndarray:
    """Return the rows of a run's segments as the map numbers them, (n,): new lines come last."""
    return np.argsort(geography.is_new(segments), kind="stable")


def _add_segments(buffer: Buffer, side: Side, geography: Geography) -> None:
    drawn = drawn_segments(side.model.territory.od.transit.segments, geography)
    segments = side.model.recorder.segments[:, drawn]
    for name in ("peak_riders", "seats", "places"):
        buffer.add(name, "segment", np.rint(segments[:, :, SEGMENT_COLUMNS.index(name)]), "u2")


def _telecentres(side: Side, geography: Geography, order: list[str]) -> list[dict[str, Any]]:
    """Return one row a site open on any day: use, refusals and a year's accounts."""
    model = side.model
    column = centres_by_column(model.recorder.centres)
    opened, occupied = column["open"].sum(axis=0), column["occupied"].sum(axis=0)
    drawn = {each["id"]: each for each in geography.payload_telecentres}
    books = _accounts(side)
    desks = desks_of(model)
    rows = []
    for place, key in enumerate(model.sites.ids):
        if not opened[place]:
            continue
        desk_days = (column["desks"] * column["open"])[:, place].sum()
        site = drawn.get(key) or _placed(side, geography, place)
        rows.append(
            {
                **{name: site[name] for name in ("name", "assumed", "commune", "x", "y", "kind")},
                "id": key,
                "index": order.index(key),
                "desks": float(desks[place]),
                "occupied": float(occupied[place] / desk_days) if desk_days else 0.0,
                "refusals": float(column["refusals"][:, place].sum() / opened[place]),
                "days_open": int(opened[place]),
                **{name: plain(values[place]) for name, values in books.items()},
            }
        )  # fmt: skip
    return rows


def _placed(side: Side, geography: Geography, place: int) -> dict[str, Any]:
    """Describe a site that is in no table of the territory: one opened by hand."""
    row = side.model.territory.sites.iloc[side.model.sites.row[place]]
    (x, y), *_ = geography.place(np.array([[row["lon"], row["lat"]]])).tolist()
    return {
        "name": row["name"], "assumed": bool(row["assumed"]), "commune": row["commune_code"],
        "x": x, "y": y, "kind": row["kind"],
    }  # fmt: skip


def _accounts(side: Side) -> dict[str, np.ndarray]:
    """Return revenue, cost and margin by site, brought to twelve months of being open."""
    months = list(side.model.recorder.months.values())
    n = len(side.model.sites.ids)

    def total(*names: str) -> np.ndarray:
        sums = [np.nan_to_num(getattr(month, name)) for month in months for name in names]
        return np.sum(sums, axis=0) if sums else np.zeros(n)

    revenue = total("revenue_workers_eur", "revenue_others_eur", "revenue_subscriptions_eur",
                    "revenue_rooms_eur")  # fmt: skip
    opened = centres_by_column(side.model.recorder.centres)["open"]
    year = MONTHS_A_YEAR / months_open(list(side.model.days), opened)
    return {
        "revenue_eur": revenue * year,
        "subsidy_eur": total("subsidy_eur") * year,
        "cost_eur": total("cost_eur") * year,
        "margin_eur": total("margin_eur") * year,
    }


def months_open(days: Sequence[dt.date], opened: np.ndarray) -> np.ndarray:
    """Return how many months each site was open, as its books count them; NaN if it never was.

    Parameters
    ----------
    days : sequence of date
        Those simulated.
    opened : ndarray
        1 where a site was open, (n_days, n_sites).

    Returns
    -------
    ndarray
        (n_sites,)
    """
    months = np.array([calendar.months_in([day]) for day in days]) @ (opened > 0)
    return np.where(months > 0.0, months, np.nan)
