"""The summary page of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.core.units import OCCUPATION_GROUPS, WEEKDAYS
from sim77.report.charts import Bar, bars
from sim77.report.locale import Locale, Numbers, locales, whole_years
from sim77.report.names import line_labels, place_named, printed, territory_of, zone_names
from sim77.report.page import (
    Chart,
    Chooser,
    Figures,
    Fold,
    Group,
    Heading,
    Items,
    Keys,
    Legend,
    Map,
    Page,
    Prose,
    Row,
    Section,
    Shares,
    Shown,
    Track,
    Tracks,
    credits_of,
    write_page,
)
from sim77.report.run import about, tables
from sim77.report.run.facts import (
    LEAST_WORKERS,
    Facts,
    Route,
    Year,
    facts_of,
    mode_shares,
    where_parts,
)
from sim77.report.run.text import scenario_notes, scope_notes
from sim77.report.tables import records
from sim77.runs.results import Result
from sim77.territory.territory import Territory

_TINY = 1e-9
FEWEST_YEARS = 3
"""Whole calendar years of a run that is told by year."""
_ROUTES, _SEGMENTS = 6, 15


def write_summary_html(result: Result, territory: Territory, path: Path) -> None:
    """Write the summary page of a run.

    Parameters
    ----------
    result : Result
    territory : Territory
        The one the run was made with.
    path : pathlib.Path
        The HTML file, replaced if it is there.
    """
    facts = facts_of(result, territory)
    pages = [_page(facts, locale) for locale in locales()]
    write_page(path, "run", pages, printed(result.communes["name"]), facts.map.data)


def _page(facts: Facts, locale: Locale) -> Page:
    words, scenario = locale.words, facts.result.manifest["scenario"]
    name = scenario[f"label_{locale.language}"] or scenario["name"]
    description = (facts.scenario.get("description") or {}).get(locale.language, "")
    days = locale.say("days_simulated", days=locale.numbers.count(facts.days))
    trust = [Prose(Markup("<b>{}.</b> {}").format(name, description))] if description else []
    estimated = Shown(tables.estimated_table(facts, locale), words["table_estimated"])
    return Page(
        locale=locale,
        document_title=locale.say("document_title", scenario=name),
        scenario=name,
        title=_title(facts, locale),
        caveat=f"{place_named(facts.territory, facts.result.manifest, locale)}{days}. "
        f"{_caveat(facts.result.manifest, locale)}",
        sample="".join(about.sample(facts.result.manifest, locale)[:1]),
        blocks=[
            Group(
                "top",
                [
                    Section("map", words["map"], _map(facts, locale), "map", "sr"),
                    Section("where", *_where(facts, locale), "figures", "h3"),
                ],
            ),
            Group(
                "pad",
                [
                    Prose(words["map_note"], "small"),
                    Shown(tables.communes_table(facts, locale), words["table_communes"]),
                ],
            ),
            Section(
                "year", words["year" if _of_one_year(facts) else "period"], _year(facts, locale)
            ),
            *_years(facts, locale),
            Section("lines", words["lines"], _lines(facts, locale)),
            Section("centres", words["telecentres"], _telecentres(facts, locale)),
            Section("groups", words["groups"], _groups(facts, locale)),
            Section(
                "about",
                words["about"],
                [
                    *trust,
                    Items(about.about(facts, locale)),
                    *about.assumed(facts.territory, locale),
                    estimated,
                ],
                "text",
            ),
            about.again_section(facts, locale),
            credits_of(facts.territory, locale),
        ],
    )


def _caveat(manifest: Mapping[str, Any], locale: Locale) -> str:
    seed, drawn = str(manifest["seed"]), manifest.get("posterior")
    if drawn is None:
        said = locale.say("caveat", seed=seed)
    else:
        draw = str(drawn["draw"])
        said = locale.say("caveat_posterior", seed=seed, draw=draw, name=drawn["name"])
    notes = scenario_notes(manifest["scenario"], territory_of(manifest), locale)
    return " ".join([said, *notes])


def _of_one_year(facts: Facts) -> bool:
    start, end = _dates(facts)
    return start.year == end.year and whole_years(start, end)


def _dates(facts: Facts) -> tuple[dt.date, dt.date]:
    start, end = (dt.date.fromisoformat(facts.result.manifest[name]) for name in ("start", "end"))
    return start, end


def _title(facts: Facts, locale: Locale) -> str:
    """Say the finding in figures: who does not go to the workplace at all on an average day."""
    figures, numbers = facts.figures, locale.numbers
    away = float(figures["home_per_day"] + figures["telecentre_per_day"])
    remote = numbers.rounded(away, 2 if away < 1000 else 3)
    key = "title_none" if away <= 0 else "title_one" if remote == "1" else "title"
    return locale.say(
        key,
        period=numbers.period(*_dates(facts)),
        remote=remote,
        workers=numbers.rounded(figures["workers_at_work_per_day"], 3),
        place=locale.words["to_workplace"],
    )


def _where(facts: Facts, locale: Locale) -> tuple[str, list[Any]]:
    """Return where people at work are, and the key figures, under their title."""
    numbers, parts = locale.numbers, where_parts(facts.total)
    whole = max(sum(parts.values()), _TINY)
    shares = [
        (
            name,
            locale.words[name],
            numbers.significant(value / facts.days),
            value / whole,
            numbers.percent(value / whole, 1 if value > 0.1 * whole else None),
        )
        for name, value in parts.items()
    ]
    at_work = numbers.count(facts.figures["workers_at_work_per_day"])
    return locale.say("where", workers=at_work), [
        Shares(shares),
        Figures(_key_figures(facts, locale), locale.words["figures"]),
        Shown(tables.where_table(facts, locale), locale.words["table_where"]),
    ]


def _key_figures(facts: Facts, locale: Locale) -> list[tuple[str, str, str, str]]:
    """Return the key figures: name, value, unit and a note that gives the denominator."""
    f, total, numbers = facts.figures, facts.total, locale.numbers
    at_work = max(f["workers_at_work_per_day"], _TINY)
    co2e = max(total["co2e_travel_kg"], _TINY)
    some, count = numbers.significant, numbers.count
    zones = zone_names(facts.territory, facts.result.manifest["workplaces"], locale)

    def figure(key: str, value: str, unit: str, **given: str) -> tuple[str, str, str, str]:
        note = locale.say(f"f_{key}_note", **given)
        name = locale.say(f"f_{key}", **given)
        return name, value, locale.words[unit], note

    found = [
        figure("workers", count(f["workers"]), "unit_persons", zones=zones,
               at_work=count(at_work), choosing=count(f["choosing_per_day"])),
        figure("remote", some(f["remote_days_per_day"]), "unit_per_day",
               share=numbers.percent(f["share_remote"])),
        figure("home", some(f["home_per_day"]), "unit_per_day"),
        figure("telecentre", some(f["telecentre_per_day"]), "unit_per_day",
               halves=some(f["half_plans_per_day"]), own=some(f["home_based_per_day"]),
               sites=count(f["telecentres_open"])),
        figure("minutes", some(f["minutes_saved_per_remote_day"]), "unit_min_per_remote_day",
               hours=some(f["minutes_saved_per_day"] / 60.0),
               worker=some(f["minutes_saved_per_day"] / at_work)),
        *_modes(total, locale),
        figure("co2e", some(f["co2e_travel_kg_per_day"] / 1000.0), "unit_t_per_day",
               worker=some(f["co2e_travel_kg_per_day"] / at_work),
               car=numbers.percent(total["co2e_car_kg"] / co2e, 0),
               access=numbers.percent(total["co2e_access_kg"] / co2e, 0),
               rail=numbers.percent(total["co2e_rail_kg"] / co2e, 0)),
        figure("refusals", count(total["refusals"]), "unit_in_all", days=count(f["days"]),
               scope=" ".join(["", *scope_notes(facts.result.manifest, locale)])),
    ]  # fmt: skip
    if len(facts.result.lines):
        means = facts.result.lines.groupby("line", observed=True)
        loads = records(means[["load_factor", "riders_per_seat"]].mean().reset_index())
        fullest = max(loads, key=lambda row: row["load_factor"])
        found.append(
            figure(
                "load", numbers.percent(fullest["load_factor"], 0), "unit_of_places",
                line=line_labels(facts.territory, locale)[fullest["line"]],
                seats=numbers.percent(fullest["riders_per_seat"], 0),
            )
        )  # fmt: skip
    return found


def _modes(total: pd.Series, locale: Locale) -> list[tuple[str, str, str, str]]:
    """Return how those who go to the office travel: the first mode, and the others in a note."""
    words, percent = locale.words, locale.numbers.percent
    shares = mode_shares(total)
    if not shares:
        return []
    (first, share), *others = shares.items()
    note = ", ".join(f"{words[f'mode_{mode}']} {percent(value, 0)}" for mode, value in others)
    return [(words["f_modes"], percent(share, 0), words[f"unit_by_{first}"], note)]


# Map ---------------------------------------------------------------------------------------


def _map(facts: Facts, locale: Locale) -> list[Any]:
    """Return the map with its legend."""
    numbers, view, words = locale.numbers, facts.map, locale.words
    role = locale.say(
        "map_role",
        communes=numbers.count(len(facts.result.communes)),
        sites=numbers.count(len(facts.result.telecentres)),
    )
    names = [words[scale.key] for scale in view.scales]
    steps = [
        Legend("q", scale.breaks, words[scale.key], words[f"{scale.key}_unit"], scale=number)
        for number, scale in enumerate(view.scales)
    ]
    legend = Group("over", [*steps, Keys(_map_keys(facts, locale), "legend")])
    drawn = Map("d", role, legend=[legend])
    return [Chooser(words["map_choose"], names, words["map_find"]), drawn]


def _map_keys(facts: Facts, locale: Locale) -> list[tuple[Sequence[Any], str]]:
    """Return what the marks on the map mean, those that it has."""
    numbers, view, words = locale.numbers, facts.map, locale.words
    sites = facts.result.telecentres
    keys: list[tuple[Sequence[Any], str]] = []
    if view.veiled:
        keys.append((("veil",), locale.say("legend_veil", least=str(LEAST_WORKERS))))
    for size in sorted({*sites["desks"].agg(["min", "max"])}) if len(sites) else ():
        label = locale.say("legend_ring", desks=numbers.count(size), share=numbers.percent(0.7))
        keys.append((("ring", size, 0.7), label))
    if (sites["refusals"] > 0).any():
        keys.append((("ring", 15, 1.0, 1), words["legend_refusal"]))
    if (sites["days_open"] == 0).any():
        keys.append((("ring", 15, 0.0, 0, "closed"), words["legend_idle"]))
    standing = bool((facts.result.segments["riders_per_seat"] > 1.0).any())
    for part in (0.1, 0.5, 1.0) if view.rail_top else ():
        riders = part * view.rail_top
        label = locale.say("legend_rail", riders=numbers.count(riders))
        keys.append((("rail", riders, view.rail_top, standing and part == 1.0), label))
    if view.rail_top:
        keys += [((), words["legend_standing"])] if standing else []
        keys.append(((), words["legend_schematic"]))
    return keys


def _telecentres(facts: Facts, locale: Locale) -> list[Any]:
    """Return the table of telecentres with a ring for each."""
    sites, words = records(facts.result.telecentres), locale.words
    if not any(site["days_open"] > 0 for site in sites):
        return [Prose(words["no_telecentres"])]
    rings = [
        ("site", site["desks"], site["share_occupied"], 0,
         "open" if site["days_open"] > 0 else "closed")
        for site in sites
    ]  # fmt: skip
    table = tables.telecentres_table(facts, locale)
    return [
        Prose(words["telecentres_lead"]),
        Shown(table, words["telecentres"], folded=False, rings=rings),
    ]


# Year and groups ---------------------------------------------------------------------------


def _year(facts: Facts, locale: Locale) -> list[Any]:
    """Return the year by week and day, and the weekday profile."""
    numbers, words, year = locale.numbers, locale.words, facts.year
    weekly, flags = pd.Series(year.weekly), _flags(facts, locale)
    weekdays = {
        numbers.weekday(WEEKDAYS.index(str(name))): float(share)
        for name, share in facts.weekdays["share"].items()
    }
    ends = [numbers.percent(float(end)) for end in (weekly.min(), weekly.max())]
    blanks = [words["grid_blank"]] if bool(pd.isna(year.daily).any()) else []
    return [
        Group(
            "year",
            [
                Group(
                    "",
                    [
                        Prose(words["year_lead"]),
                        Chart("year", _year_data(year, flags),
                              locale.say("year_role", low=ends[0], high=ends[1])),
                        Legend("g", year.breaks, unit=", ".join([words["grid_key"], *blanks])),
                    ],
                ),
                Group(
                    "",
                    [
                        Heading(words["weekdays"]),
                        Prose(words["weekdays_lead"], "small"),
                        Tracks(_shares(weekdays, numbers), "short"),
                    ],
                ),
            ],
        ),
        Shown(tables.weeks_table(facts, locale), words["table_weeks"]),
        Shown(tables.weekdays_table(facts, locale), words["table_weekdays"]),
    ]  # fmt: skip


def _year_data(year: Year, flags: list[tuple[dt.date, str]]) -> dict[str, Any]:
    """Return shares of days in percent, by day and by week, and dated events."""
    dates = [monday + dt.timedelta(days=day) for monday in year.mondays for day in range(5)]
    by_day = list(zip(dates, 100.0 * year.daily.ravel(), strict=True))
    worked = [(day, value) for day, value in by_day if np.isfinite(value)]
    return {
        "days": [day for day, _ in worked],
        "values": [value for _, value in worked],
        "free": [day for day, value in by_day if not np.isfinite(value)],
        "weeks": list(zip(year.mondays, 100.0 * year.weekly, strict=True)),
        "breaks": year.breaks,
        "flags": flags,
    }


def _flags(facts: Facts, locale: Locale) -> list[tuple[dt.date, str]]:
    """Return the dated events of a run: telecentres that open during it, and strikes."""
    by_day, days = facts.result.telecentres_by_day, facts.result.days
    opened = by_day[by_day["open"] > 0].groupby("telecentre_id", observed=True)["date"].min()
    name_of = facts.territory.site_labels
    names: dict[dt.date, list[str]] = {}
    for site, day in opened[opened > days["date"].min()].items():
        names.setdefault(pd.Timestamp(day).date(), []).append(
            name_of[str(site)][locale.language].split(" (")[0]
        )
    flags = [
        (day, locale.say("flag_one", name=here[0]) if len(here) == 1
         else locale.say("flag_many", number=locale.numbers.count(len(here))))
        for day, here in names.items()
    ]  # fmt: skip
    struck = (days["share_trains"] < 1.0).to_numpy()
    for row in range(len(days)):
        if struck[row] and (row == 0 or not struck[row - 1]):
            flags.append((days["date"].iloc[row].date(), locale.words["flag_strike"]))
    return sorted(flags)


def _years(facts: Facts, locale: Locale) -> list[Section]:
    """Return telework by year beside what surveys saw, of a run of several years."""
    words, percent = locale.words, locale.numbers.percent
    if len(facts.years) < FEWEST_YEARS:
        return []
    seen = facts.observed
    rows = []
    for year, model in (facts.years["week_rate"] / 100.0).items():
        marks: list[tuple[Any, ...]] = [("share", 0.0, model)]
        counted: list[str] = []
        if len(seen):
            alike = (seen["year"] == year) & (seen["indicator"] == "week_rate")
            alike &= seen["group"] == ""
            here = seen[alike]
            # Observations of other occupations are moved to those of the run.
            moved = here["observed"] * model / here["model"]
            marks += [("ring", value) for value in moved]
            counted = [
                locale.say(
                    "seen_note",
                    what=tables.what_was_seen(row, locale),
                    seen=percent(row["observed"] / 100.0),
                    moved=percent(value),
                )
                for row, value in zip(records(here), moved, strict=True)
            ]
        rows.append(Row(str(year), [Track({"marks": marks}, percent(model))], notes=counted))
    keys = [(("share",), words["years_model"]), (("check",), words["years_observed"])]
    everywhere = facts.result.manifest["share_of_commuters_in_scope"] >= 1.0
    note = [] if everywhere else [Prose(words["years_scope"], "small")]
    table = [Shown(tables.observed_table(facts, locale), words["table_observed"])]
    return [
        Section(
            "years",
            words["years"],
            [
                Prose(words["years_lead"]),
                *note,
                Tracks(rows, "", words["years_lead"]),
                Keys(keys),
                Shown(tables.years_table(facts, locale), words["table_years"]),
                *(table if len(seen) else []),
            ],
        )
    ]


def _groups(facts: Facts, locale: Locale) -> list[Any]:
    """Return the tables of workers by occupation and employer, and bars by occupation."""
    sums = facts.result.groups.groupby("group", observed=True)[["remote_days", "workers_at_work"]]
    by_name, words = sums.sum(), locale.words
    share = (by_name["remote_days"] / by_name["workers_at_work"]).dropna()
    shares = {words[name]: float(share[name]) for name in OCCUPATION_GROUPS if name in share.index}
    shown = [
        Shown(tables.groups_table(facts, column, locale), words["groups"], folded=False)
        for column in ("group", "employer_size")
    ]
    chart = [Prose(words["groups_bars"], "small"), Tracks(_shares(shares, locale.numbers), "short")]
    return [Prose(words["groups_lead"]), Group("year", [Group("", shown), Group("", chart)])]


def _shares(shares: Mapping[str, float], numbers: Numbers) -> list[Row]:
    """Return shares by name as bars."""
    return bars((name, [Bar(share, text=numbers.percent(share))]) for name, share in shares.items())


# Lines -------------------------------------------------------------------------------------


def _lines(facts: Facts, locale: Locale) -> list[Any]:
    """Return the load along the fullest route of each line, the fullest lines first."""
    words, labels = locale.words, line_labels(facts.territory, locale)
    panels = [_panel(facts, route, labels[route.line], locale) for route in facts.routes]
    if not panels:
        return [Prose(words["no_lines"])]
    first, others = panels[:_ROUTES], panels[_ROUTES:]
    keys = [((name,), words[name]) for name in ("seats", "places")]
    more = locale.say("lines_more", number=locale.numbers.count(len(others)))
    return [
        Prose(words["lines_lead"]),
        Keys(keys),
        Group("panels", first),
        *([Fold(more, [Group("panels", others)])] if others else []),
        Heading(words["fullest"]),
        *_fullest(facts, labels, locale),
        Shown(tables.segments_table(facts, labels, locale), words["table_segments"]),
    ]


def _fullest(facts: Facts, labels: Mapping[str, str], locale: Locale) -> list[Any]:
    """Return the fullest segment of each line as bars, the fullest line first."""
    numbers, colon = locale.numbers, " : " if locale.language == "fr" else ": "
    fullest = (
        max(records(facts.segments.iloc[list(route.rows)]), key=lambda row: row["load_factor"])
        for route in facts.routes[:_SEGMENTS]
    )
    return [
        Tracks(
            bars(
                (
                    f"{labels[row['line']]}{colon}{row['from_stop']} → {row['to_stop']}",
                    [Bar(row["load_factor"], text=locale.say(
                        "fullest_value",
                        places=numbers.percent(row["load_factor"], 0),
                        riders=numbers.count(row["peak_riders"]),
                    ))],
                )
                for row in fullest
            )
        )
    ]  # fmt: skip


def _panel(facts: Facts, route: Route, line: str, locale: Locale) -> Chart:
    segments, numbers = facts.segments, locale.numbers
    of_line = segments[segments["line"] == route.line]
    most = float(of_line[["peak_riders", "places"]].to_numpy().max())
    part = segments.iloc[list(route.rows)]
    told = part.iloc[part["load_factor"].argmax()]
    note = locale.say(
        "profile_note",
        riders=numbers.count(told["peak_riders"]),
        seats=numbers.percent(told["riders_per_seat"], 0),
        places=numbers.percent(told["load_factor"], 0),
    )
    outer, terminus = str(part["from_stop"].iloc[0]), part["to_stop"].iloc[-1]
    caption = '{}{} <span lang="fr">{}</span><br><span class="small">{}</span>'
    return Chart(
        "profile",
        _profile_data(route, segments, most, locale),
        locale.say("profile_role", outer=outer, terminus=terminus, note=note),
        caption=Markup(caption).format(line, ",", f"{outer} → {terminus}", note),
    )


_TOLD = ["from_stop", "to_stop", "peak_riders", "riders_per_seat", "load_factor"]


def _profile_data(
    route: Route, segments: pd.DataFrame, most: float, locale: Locale
) -> dict[str, Any]:
    """Return riders an hour, seats and places by segment; ``most`` is the most on the line."""
    part, numbers = segments.iloc[list(route.rows)], locale.numbers
    minutes = np.maximum(part["segment_min"].to_numpy(float), 0.5)
    rows = [
        {
            "row": route.rows[place],
            "from": row["from_stop"],
            "minutes": float(minutes[place:].sum()),
            "title": locale.say(
                "profile_tip",
                outer=row["from_stop"],
                inner=row["to_stop"],
                riders=numbers.count(row["peak_riders"]),
                seats=numbers.percent(row["riders_per_seat"], 0),
                places=numbers.percent(row["load_factor"], 0),
            ),
        }
        for place, row in enumerate(records(part[_TOLD]))
    ]
    return {
        "segments": rows,
        "to": part["to_stop"].iloc[-1],
        "most": most,
        "axis": locale.words["riders_axis"],
        "seats": locale.words["seats"],
        "riders": part["peak_riders"].to_numpy(float),
        "capacity": part["seats"].to_numpy(float),
        "places": part["places"].to_numpy(float),
    }
