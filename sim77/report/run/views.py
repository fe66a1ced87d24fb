"""The sections of the summary page in one language: title, figures, map, year, lines, sites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim77.core.units import OCCUPATION_GROUPS, WEEKDAYS
from sim77.report.charts import Route, draw_profile, draw_year
from sim77.report.locale import Numbers, Voice
from sim77.report.map import rail_width, ring, ring_radius
from sim77.report.run import tables
from sim77.report.run.facts import LEAST_WORKERS, Facts, where_parts
from sim77.report.scales import nice_ceiling
from sim77.report.tables import records

_YEAR_WIDTHS = {"wide": 1290.0, "middle": 840.0, "narrow": 350.0}
_TINY = 1e-9


def title(facts: Facts, voice: Voice) -> str:
    """Say the finding in figures: who does not go to the workplace at all on an average day."""
    figures, manifest, numbers = facts.figures, facts.result.manifest, voice.numbers
    away = float(figures["home_per_day"] + figures["telecentre_per_day"])
    remote = numbers.rounded(away, 2 if away < 1000 else 3)
    key = "title_none" if away <= 0 else "title_one" if remote == "1" else "title"
    start, end = (dt.date.fromisoformat(manifest[name]) for name in ("start", "end"))
    place = "to_paris" if list(manifest["workplaces"]) == ["paris"] else "to_workplace"
    return voice.say(
        key,
        period=numbers.period(start, end),
        remote=remote,
        workers=numbers.rounded(figures["workers_at_work_per_day"], 3),
        place=voice.words[place],
    )


def where(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return where people at work are, as parts of a bar of true widths."""
    numbers, parts = voice.numbers, where_parts(facts.total)
    whole = max(sum(parts.values()), _TINY)
    return {
        "title": voice.say(
            "where", workers=numbers.count(facts.figures["workers_at_work_per_day"])
        ),
        "parts": [
            {
                "key": name,
                "name": voice.words[name],
                "value": numbers.significant(value / facts.days),
                "share": numbers.percent(value / whole, 1 if value > 0.1 * whole else None),
                "width": f"{100.0 * value / whole:.3f}%",
            }
            for name, value in parts.items()
        ],
        "table": tables.where_table(facts, voice),
    }


def key_figures(facts: Facts, voice: Voice) -> list[dict[str, str]]:
    """Return the key figures: name, value, unit and a note that gives the denominator."""
    f, total, numbers = facts.figures, facts.total, voice.numbers
    at_work = max(f["workers_at_work_per_day"], _TINY)
    co2e = max(total["co2e_travel_kg"], _TINY)
    some, count = numbers.significant, numbers.count
    zones = [voice.words[f"zone_{zone}"] for zone in facts.result.manifest["workplaces"]]

    def figure(key: str, value: str, unit: str, **given: str) -> dict[str, str]:
        return {
            "name": voice.say(f"f_{key}", **given),
            "value": value,
            "unit": voice.words[unit],
            "note": voice.say(f"f_{key}_note", **given),
        }

    found = [
        figure("workers", count(f["workers"]), "unit_persons", zones=_listed(zones, voice),
               at_work=count(at_work), choosing=count(f["choosing_per_day"])),
        figure("remote", some(f["remote_days_per_day"]), "unit_per_day",
               share=numbers.percent(f["share_remote"])),
        figure("home", some(f["home_per_day"]), "unit_per_day"),
        figure("telecentre", some(f["telecentre_per_day"]), "unit_per_day",
               halves=some(f["half_plans_per_day"]), sites=count(f["telecentres_open"])),
        figure("minutes", some(f["minutes_saved_per_remote_day"]), "unit_min_per_remote_day",
               hours=some(f["minutes_saved_per_day"] / 60.0),
               worker=some(f["minutes_saved_per_day"] / at_work)),
        figure("co2e", some(f["co2e_travel_kg_per_day"] / 1000.0), "unit_t_per_day",
               worker=some(f["co2e_travel_kg_per_day"] / at_work),
               car=numbers.percent(total["co2e_car_kg"] / co2e, 0),
               access=numbers.percent(total["co2e_access_kg"] / co2e, 0),
               rail=numbers.percent(total["co2e_rail_kg"] / co2e, 0)),
        figure("refusals", count(total["refusals"]), "unit_in_all", days=count(f["days"])),
    ]  # fmt: skip
    if len(facts.result.lines):
        means = facts.result.lines.groupby("line", observed=True)
        loads = records(means[["load_factor", "riders_per_seat"]].mean().reset_index())
        fullest = max(loads, key=lambda row: row["load_factor"])
        found.append(
            figure(
                "load", numbers.percent(fullest["load_factor"], 0), "unit_of_places",
                line=line_labels(facts, voice)[fullest["line"]],
                seats=numbers.percent(fullest["riders_per_seat"], 0),
            )
        )  # fmt: skip
    return found


def _listed(names: list[str], voice: Voice) -> str:
    """Join names as a sentence does."""
    head = ", ".join(names[:-1])
    return f"{head} {voice.words['and']} {names[-1]}" if head else names[-1]


def line_labels(facts: Facts, voice: Voice) -> dict[str, str]:
    """Return the names of lines."""
    lines = facts.territory.lines
    return dict(zip(lines["line"], lines[f"label_{voice.language}"], strict=True))


# Map ---------------------------------------------------------------------------------------


def map_words(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the legend of the map."""
    numbers, view, sites = voice.numbers, facts.map, facts.result.telecentres
    desks = sites["desks"].to_numpy(float)
    return {
        "role": voice.say(
            "map_role",
            communes=numbers.count(len(facts.result.communes)),
            sites=numbers.count(len(sites)),
        ),
        "scales": [
            {
                "name": voice.words[scale.key],
                "unit": voice.words[f"{scale.key}_unit"],
                "breaks": [numbers.fixed(value, scale.decimals) for value in scale.breaks],
            }
            for scale in view.scales
        ],
        "veil": voice.say("legend_veil", least=str(LEAST_WORKERS)) if view.veiled else "",
        "rings": [
            _ring(size, 0.7)
            | {
                "text": voice.say(
                    "legend_ring", desks=numbers.count(size), share=numbers.percent(0.7)
                )
            }
            for size in (sorted({desks.min(), desks.max()}) if desks.size else [])
        ],
        "refusals": bool((sites["refusals"] > 0).any()),
        "idle": bool((sites["days_open"] == 0).any()),
        "rails": [
            {
                "width": f"{rail_width(riders, view.rail_top):.1f}",
                "text": voice.say("legend_rail", riders=numbers.count(riders)),
            }
            for riders in view.rail_examples
        ],
        "standing": bool((facts.result.segments["riders_per_seat"] > 1.0).any()),
    }


def _ring(desks: float, share: float, is_open: bool = True) -> dict[str, Any]:
    return {
        "svg": Markup(ring(desks, share, 0.0, is_open)),
        "radius": f"{ring_radius(desks) + 2.0:.1f}",
    }


def telecentres(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the table of telecentres with a ring for each."""
    sites = records(facts.result.telecentres)
    return {
        "any": any(site["days_open"] > 0 for site in sites),
        "table": tables.telecentres_table(facts, voice),
        "rings": [
            _ring(site["desks"], site["share_occupied"], site["days_open"] > 0) for site in sites
        ],
    }


# Year and groups ---------------------------------------------------------------------------


def year(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the year by week and day, and the weekday profile."""
    numbers, weekly = voice.numbers, pd.Series(facts.year.weekly)
    flags = _flags(facts, voice)
    weekdays = {
        numbers.weekday(WEEKDAYS.index(str(name))): float(share)
        for name, share in facts.weekdays["share"].items()
    }
    return {
        "drawings": {
            name: draw_year(facts.year, flags, numbers, width)
            for name, width in _YEAR_WIDTHS.items()
        },
        "role": voice.say(
            "year_role",
            low=numbers.percent(float(weekly.min())),
            high=numbers.percent(float(weekly.max())),
        ),
        "breaks": [numbers.fixed(value, facts.year.decimals) for value in facts.year.breaks],
        "blanks": bool(pd.isna(facts.year.daily).any()),
        "weekdays": _bars(weekdays, numbers),
        "table": tables.weeks_table(facts, voice),
        "weekdays_table": tables.weekdays_table(facts, voice),
    }


def _flags(facts: Facts, voice: Voice) -> list[tuple[dt.date, str]]:
    """Return the dated events of a run: telecentres that open during it, and strikes."""
    by_day, days = facts.result.telecentres_by_day, facts.result.days
    opened = by_day[by_day["open"] > 0].groupby("telecentre_id", observed=True)["date"].min()
    sites = facts.result.telecentres
    name_of = dict(zip(sites["telecentre_id"], sites["name"], strict=True))
    names: dict[dt.date, list[str]] = {}
    for site, day in opened[opened > days["date"].min()].items():
        names.setdefault(pd.Timestamp(day).date(), []).append(name_of[site].split(" (")[0])
    flags = [
        (day, voice.say("flag_one", name=here[0]) if len(here) == 1
         else voice.say("flag_many", number=voice.numbers.count(len(here))))
        for day, here in names.items()
    ]  # fmt: skip
    struck = (days["share_trains"] < 1.0).to_numpy()
    for row in range(len(days)):
        if struck[row] and (row == 0 or not struck[row - 1]):
            flags.append((days["date"].iloc[row].date(), voice.words["flag_strike"]))
    return sorted(flags)


def groups(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the tables of workers by occupation and employer, and bars by occupation."""
    sums = facts.result.groups.groupby("group", observed=True)[["remote_days", "workers_at_work"]]
    by_name = {row["group"]: row for row in records(sums.sum().reset_index())}
    shares = {
        voice.words[name]: by_name[name]["remote_days"] / by_name[name]["workers_at_work"]
        for name in OCCUPATION_GROUPS
        if name in by_name and by_name[name]["workers_at_work"] > 0
    }
    return {
        "tables": [
            tables.groups_table(facts, column, voice) for column in ("group", "employer_size")
        ],
        "bars": _bars(shares, voice.numbers),
    }


def _bars(shares: Mapping[str, float], numbers: Numbers) -> list[dict[str, str]]:
    """Return horizontal bars from zero for shares by name."""
    top = nice_ceiling(max(shares.values(), default=0.0))
    return [
        {"name": name, "value": numbers.percent(share), "width": f"{100.0 * share / top:.2f}%"}
        for name, share in shares.items()
    ]


# Lines -------------------------------------------------------------------------------------


def lines(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the load along the fullest branch of each line, then along the others."""
    labels = line_labels(facts, voice)
    first: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    seen: set[str] = set()
    for route in facts.routes:
        panel = _panel(facts, route, voice) | {"line": labels[route.line]}
        (others if route.line in seen else first).append(panel)
        seen.add(route.line)
    return {
        "first": first,
        "others": others,
        "more": voice.say("lines_more", number=voice.numbers.count(len(others))),
        "table": tables.segments_table(facts, labels, voice),
    }


def _panel(facts: Facts, route: Route, voice: Voice) -> dict[str, Any]:
    segments, numbers = facts.result.segments, voice.numbers
    of_line = segments[segments["line"] == route.line]
    ceiling = nice_ceiling(float(of_line[["peak_riders", "places"]].to_numpy().max()))
    inner = records(segments.iloc[[route.rows[-1]]])[0]
    note = voice.say(
        "profile_note",
        riders=numbers.count(inner["peak_riders"]),
        seats=numbers.percent(inner["riders_per_seat"], 0),
        places=numbers.percent(inner["load_factor"], 0),
    )
    outer = str(segments["station"].iloc[route.rows[0]])
    return {
        "outer": outer,
        "note": note,
        "role": voice.say(
            "profile_role", outer=outer, terminus=inner["next_station_inward"], note=note
        ),
        "svg": draw_profile(route, segments, ceiling, voice),
    }
