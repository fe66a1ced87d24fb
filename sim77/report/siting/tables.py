"""The tables of the page of a search for sites, as texts in one language."""

from __future__ import annotations

import math
from typing import Any

from sim77.analysis.siting.evaluate import GAINS
from sim77.report.locale import NOTHING, Locale
from sim77.report.names import telecentre_names
from sim77.report.siting.text import Facts, from_best, measured
from sim77.report.tables import Table, heads, records
from sim77.territory.territory import Territory


def plan_name(facts: Facts, row: dict[str, Any], locale: Locale) -> str:
    """Name a plan."""
    if row["kind"] == "runner-up":
        return facts.swap(row["plan"], locale)
    if row["kind"] == "random":
        return locale.say("plan_random_one", number=str(int(row["plan"].rpartition("-")[2])))
    return locale.words[f"plan_{row['kind']}"]


def plans_table(facts: Facts, locale: Locale) -> Table:
    """Show every plan with its cost and all its gains."""
    numbers = locale.numbers
    rows = []
    for row in records(facts.siting.plans):
        cells = [plan_name(facts, row, locale)]
        cells += [numbers.count(row["cost_eur_per_year"]), numbers.count(row["desks"])]
        cells += [measured(row, name, locale)["value"] for name in GAINS]
        rows.append(cells)
    titles = heads(locale, "plan cost_year desks")
    gains = tuple(f"{locale.words[f'g_{name}']}, {locale.words[f'u_{name}']}" for name in GAINS)
    return Table(titles + gains, rows, file="plans.csv")


def sites_table(
    facts: Facts, old_sites: list[dict[str, Any]], territory: Territory, locale: Locale
) -> Table:
    """Show the new sites by their numbers, then the existing ones."""
    rows = [
        (f"{number}. {site['name']}", *_site_cells(site, locale))
        for number, site in enumerate(facts.new_sites, start=1)
    ]
    names = telecentre_names(territory, locale)
    rows += [(names[site["telecentre_id"]], *_site_cells(site, locale)) for site in old_sites]
    titles = heads(locale, "place desks users refused occupied revenue cost margin_year years")
    return Table(titles, rows, prefix="t", file="sites.csv")


def _site_cells(site: dict[str, Any], locale: Locale) -> list[str]:
    fixed, years = locale.numbers.fixed, site["years_to_closing"]
    return [
        fixed(site["desks"]),
        fixed(site["users"], 1),
        fixed(site["refusals"], 1),
        fixed(100.0 * site["share_occupied"]),
        fixed(site["revenue_eur"]),
        fixed(site["cost_eur"]),
        fixed(site["margin_eur_per_year"]),
        fixed(years, 1) if math.isfinite(years) else locale.words["never"],
    ]


def runners_table(facts: Facts, locale: Locale) -> Table:
    """Show the best swaps not taken and how each differs from the plan found."""
    rows = []
    for row in records(facts.of_kind("runner-up")):
        message = from_best(facts, row, locale)
        rows.append(
            (facts.swap(row["plan"], locale), message["value"], message["low"], message["high"])
        )
    titles = heads(locale, "plan behind low high")
    unit = locale.words[f"u_{facts.column}"]
    return Table((titles[0], f"{titles[1]}, {unit}", *titles[2:]), rows, file="plans.csv")


def candidates_table(facts: Facts, locale: Locale) -> Table:
    """Show what a centre alone would bring in each commune, in the order of the map."""
    fixed = locale.numbers.fixed
    costs = [str(name) for name in facts.siting.candidates if str(name).startswith("cost_")]
    rows = [
        (
            row["name"],
            fixed(row["surplus_eur"], 1),
            fixed(row["use"], 1),
            fixed(row["minutes"]),
            fixed(min(row[name] for name in costs)),
        )
        for row in records(facts.siting.candidates)
    ]
    titles = heads(locale, "commune alone_surplus alone_use alone_minutes cost_least")
    return Table(titles, rows, prefix="c", file="candidates.csv")


def search_table(facts: Facts, locale: Locale) -> Table:
    """Show every plan that the search has tried."""
    names = dict(
        zip(facts.siting.candidates["commune_code"], facts.siting.candidates["name"], strict=True)
    )
    rows = []
    for row in records(facts.siting.search):
        sites = ", ".join(_site_text(site, names) for site in row["sites"].split())
        gain = row["gain"]
        rows.append(
            (
                str(row["round"]),
                locale.words[f"move_{row['move']}"],
                locale.numbers.fixed(row["gain_first_seed"], 1),
                locale.numbers.fixed(gain, 1) if math.isfinite(gain) else NOTHING,
                "●" if row["taken"] else "",
                sites,
            )
        )
    titles = heads(locale, "round move gain_first gain_all taken communes_desks")
    return Table(titles, rows, names=2, file="search.csv")


def _site_text(site: str, names: dict[str, str]) -> str:
    code, desks = site.split(":")
    return f"{names[code]} ({desks})"


def regret_table(facts: Facts, rows: list[dict[str, str]], locale: Locale) -> Table:
    """Show the regret of the main plans over the draws."""
    unit = locale.words[f"u_{facts.column}"]
    name, most, mean, best = heads(locale, "plan regret_most regret_mean best_in")
    cells = [
        (
            row["plan"],
            row["most"],
            row["mean"],
            locale.numbers.fixed(100.0 * int(row["best"]) / int(row["draws"])),
        )
        for row in rows
    ]
    return Table((name, f"{most}, {unit}", f"{mean}, {unit}", best), cells, file="regret.csv")
