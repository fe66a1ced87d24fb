"""The tables behind the drawings of the summary page, as texts in one language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS
from sim77.report.locale import NOTHING, Locale
from sim77.report.names import printed
from sim77.report.run.facts import Facts, centre_days, where_parts
from sim77.report.tables import Table, heads, records

LEAST_RIDERS = 1.0
"""Simulated riders of the peak hour for whom a segment is listed; its file lists all."""


def communes_table(facts: Facts, locale: Locale) -> Table:
    """Show each commune; of those with few workers only their number."""
    fixed = locale.numbers.fixed
    rows = []
    for row, hidden in zip(records(facts.result.communes), facts.few, strict=True):
        # In a sample none is not known to be nobody.
        unknown = row["workers"] == 0 and facts.result.manifest["scale"] < 1.0
        cells = [*printed([row["name"]]), NOTHING if unknown else fixed(row["workers"])]
        if hidden:
            cells += [NOTHING] * 5
        else:
            cells += [
                fixed(100.0 * row["share_remote"], 1),
                fixed(row["minutes_saved_per_worker"], 1),
                fixed(row["travel_min_per_worker"]),
                fixed(row["home"]),
                fixed(centre_days(row), 1),
            ]
        rows.append(cells)
    titles = heads(locale, "commune workers share saved travel home_year centre_year")
    return Table(titles, rows, prefix="c", file="communes.csv")


def where_table(facts: Facts, locale: Locale) -> Table:
    """Show where people at work are on an average day."""
    parts = where_parts(facts.total)
    whole = max(sum(parts.values()), 1.0)
    rows = [
        (
            locale.words[name],
            locale.numbers.significant(value / facts.days, 3),
            locale.numbers.significant(100.0 * value / whole, 3),
        )
        for name, value in parts.items()
    ]
    return Table(heads(locale, "place persons share_all"), rows, file="days.csv")


def weeks_table(facts: Facts, locale: Locale) -> Table:
    """Show the share of remote days by week and weekday, in percent."""
    year, numbers = facts.year, locale.numbers
    week_of = Markup('<time datetime="{}">{}</time>')  # by which the page sorts
    rows = [
        (
            week_of.format(f"{monday:%Y-%m-%d}", numbers.date(monday)),
            *(numbers.fixed(100.0 * value, 2) for value in (week, *days)),
        )
        for monday, week, days in zip(
            year.mondays, year.weekly.tolist(), year.daily.tolist(), strict=True
        )
    ]
    weekdays = tuple(numbers.weekday(day) for day in range(5))
    return Table((*heads(locale, "week share_short"), *weekdays), rows, file="days.csv")


def weekdays_table(facts: Facts, locale: Locale) -> Table:
    """Show the means by weekday."""
    numbers = locale.numbers
    rows = [
        (
            numbers.weekday(WEEKDAYS.index(row["weekday"])),
            numbers.fixed(row["workers_at_work"]),
            numbers.fixed(row["remote_days"]),
            numbers.fixed(100.0 * row["share"], 2),
        )
        for row in records(facts.weekdays.rename_axis("weekday").reset_index())
    ]
    titles = heads(locale, "weekday at_work remote share_short")
    return Table(titles, rows, file="days.csv")


def years_table(facts: Facts, locale: Locale) -> Table:
    """Show telework by year."""
    fixed = locale.numbers.fixed
    rows = [
        (
            str(row["year"]),
            *(fixed(row[name], 1) for name in ("week_rate", "days_share", "days_mean")),
        )
        for row in records(facts.years.reset_index())
    ]
    return Table(heads(locale, "year week_rate days_share days_mean"), rows, file="weeks.csv")


OUTSIDE = "Île-de-France excluding Paris"
"""As the table of observations names it; other names are the same in both languages."""


def what_was_seen(row: Mapping[str, Any], locale: Locale) -> str:
    """Say of whom, where and what a survey counted, of a row of the observations by year."""
    words = locale.words
    return locale.say(
        "seen_row",
        who=words[row["group"]] if row["group"] else words["seen_all"],
        where=words["idf_outside_paris"] if row["geography"] == OUTSIDE else row["geography"],
        counts=words[f"seen_{row['definition']}"],
    )


def observed_table(facts: Facts, locale: Locale) -> Table:
    """Show what surveys saw in the years of a run, and what the run says of the same."""

    def figure(row: Mapping[str, Any], name: str) -> str:
        if row["unit"].startswith("percent"):
            return locale.numbers.percent(row[name] / 100.0, 1)
        return locale.numbers.fixed(row[name], 1)

    rows = [
        (
            str(row["year"]),
            what_was_seen(row, locale),
            row["source"],
            figure(row, "observed"),
            figure(row, "model"),
        )
        for row in records(facts.observed)
    ]
    return Table(heads(locale, "year definition source observed model"), rows, names=3)


def segments_table(facts: Facts, labels: Mapping[str, str], locale: Locale) -> Table:
    """Show the load, on a mean day, of each segment that a simulated worker rides."""
    fixed = locale.numbers.fixed
    ridden = np.flatnonzero(facts.segments["simulated_riders"].to_numpy() >= LEAST_RIDERS)
    counts = ("peak_riders", "simulated_riders", "seats", "places")
    rows = [
        (
            labels[row["line"]],
            row["from_stop"],
            row["to_stop"],
            fixed(row["segment_min"]),
            *(fixed(row[name]) for name in counts),
            fixed(100.0 * row["riders_per_seat"]),
            fixed(100.0 * row["load_factor"]),
        )
        for row in records(facts.segments.iloc[ridden])
    ]
    titles = heads(locale, "line from to segment_min riders simulated seats places load_seats load")
    return Table(titles, rows, names=3, prefix="s", numbers=ridden.tolist(), file="segments.csv")


def telecentres_table(facts: Facts, locale: Locale) -> Table:
    """Show each telecentre of the run, in the order of the result."""
    fixed, words = locale.numbers.fixed, locale.words
    rows = []
    for row in records(facts.result.telecentres):
        known = "estimated_mark" if row["desks_estimated"] else "known_mark"
        rows.append(
            (
                facts.territory.site_labels[row["telecentre_id"]][locale.language],
                words["assumed_mark" if row["assumed"] else known],
                fixed(row["desks"]),
                fixed(row["days_open"]),
                fixed(100.0 * row["share_occupied"], 1),
                fixed(100.0 * row["share_occupied_by_workers"], 1),
                fixed(row["worker_days"], 1),
                fixed(row["home_based_days"], 1),
                fixed(row["refusals"]),
            )
        )
    keys = "site data desks open occupied occupied_workers worker_days home_based refusals"
    titles = heads(locale, keys)
    return Table(titles, rows, names=2, prefix="t", file="telecentres.csv")


def groups_table(facts: Facts, column: str, locale: Locale) -> Table:
    """Show workers by occupation (``group``) or by size of employer (``employer_size``)."""
    sums = facts.result.groups.groupby(column, observed=True).sum(numeric_only=True)
    by_name = {row[column]: row for row in records(sums.reset_index())}
    order = OCCUPATION_GROUPS if column == "group" else (*EMPLOYER_SIZES, "none")
    fixed, rows = locale.numbers.fixed, []
    for row in (by_name[name] for name in order if name in by_name):
        remote, at_work = row["remote_days"], row["workers_at_work"]
        rows.append(
            (
                locale.words[row[column]],
                fixed(at_work / facts.days),
                fixed(remote / facts.days, 1),
                fixed(100.0 * _ratio(remote, at_work), 2),
                fixed(100.0 * _ratio(centre_days(row), remote), 1),
                fixed(_ratio(row["minutes_saved"], at_work), 1),
                fixed(_ratio(row["travel_min"], at_work)),
            )
        )
    first = "group" if column == "group" else "size"
    titles = heads(locale, f"{first} at_work remote share of_centre saved travel")
    return Table(titles, rows, file="groups.csv")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def estimated_table(facts: Facts, locale: Locale) -> Table:
    """Show how many values of each data set are estimates or assumptions."""
    rows = [
        (locale.words[key], locale.numbers.fixed(part), locale.numbers.fixed(whole))
        for key, (part, whole) in facts.estimated.items()
    ]
    return Table(heads(locale, "data_set estimated rows"), rows)
