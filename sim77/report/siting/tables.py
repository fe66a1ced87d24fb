"""The tables of the page of a search for sites, as texts in one language."""

from __future__ import annotations

import math
from typing import Any

from sim77.analysis.siting.evaluate import GAINS
from sim77.report.locale import NOTHING, Voice
from sim77.report.siting.text import Facts, from_best, measured
from sim77.report.tables import Table, heads, records


def plan_name(facts: Facts, row: dict[str, Any], voice: Voice) -> str:
    """Name a plan."""
    if row["kind"] == "runner-up":
        return facts.swap(row["plan"], voice)
    if row["kind"] == "random":
        return voice.say("plan_random_one", number=str(int(row["plan"].rpartition("-")[2])))
    return voice.words[f"plan_{row['kind']}"]


def plans_table(facts: Facts, voice: Voice) -> Table:
    """Show every plan with its cost and all its gains."""
    numbers = voice.numbers
    rows = []
    for row in records(facts.siting.plans):
        cells = [plan_name(facts, row, voice)]
        cells += [numbers.count(row["cost_eur_per_year"]), numbers.count(row["desks"])]
        cells += [measured(row, name, voice)["value"] for name in GAINS]
        rows.append(cells)
    titles = heads(voice, "plan cost_year desks")
    gains = tuple(f"{voice.words[f'g_{name}']}, {voice.words[f'u_{name}']}" for name in GAINS)
    return Table(titles + gains, rows, file="plans.csv")


def sites_table(facts: Facts, old_sites: list[dict[str, Any]], voice: Voice) -> Table:
    """Show the new sites by their numbers, then the existing ones."""
    rows = [
        (f"{number}. {site['name']}", *_site_cells(site, voice))
        for number, site in enumerate(facts.new_sites, start=1)
    ]
    rows += [(site["name"], *_site_cells(site, voice)) for site in old_sites]
    titles = heads(voice, "place desks users refused occupied revenue cost margin_year years")
    return Table(titles, rows, prefix="t", file="sites.csv")


def _site_cells(site: dict[str, Any], voice: Voice) -> list[str]:
    fixed, years = voice.numbers.fixed, site["years_to_closing"]
    return [
        fixed(site["desks"]),
        fixed(site["users"], 1),
        fixed(site["refusals"], 1),
        fixed(100.0 * site["share_occupied"]),
        fixed(site["revenue_eur"]),
        fixed(site["cost_eur"]),
        fixed(site["margin_eur_per_year"]),
        fixed(years, 1) if math.isfinite(years) else voice.words["never"],
    ]


def runners_table(facts: Facts, voice: Voice) -> Table:
    """Show the best swaps not taken and how each differs from the plan found."""
    rows = []
    for row in records(facts.of_kind("runner-up")):
        told = from_best(facts, row, voice)
        rows.append((facts.swap(row["plan"], voice), told["value"], told["low"], told["high"]))
    titles = heads(voice, "plan behind low high")
    unit = voice.words[f"u_{facts.column}"]
    return Table((titles[0], f"{titles[1]}, {unit}", *titles[2:]), rows, file="plans.csv")


def candidates_table(facts: Facts, voice: Voice) -> Table:
    """Show what a centre alone would bring in each commune, in the order of the map."""
    fixed = voice.numbers.fixed
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
    titles = heads(voice, "commune alone_surplus alone_use alone_minutes cost_least")
    return Table(titles, rows, prefix="c", file="candidates.csv")


def search_table(facts: Facts, voice: Voice) -> Table:
    """Show every plan that the search has tried."""
    names = dict(
        zip(facts.siting.candidates["commune_code"], facts.siting.candidates["name"], strict=True)
    )
    rows = []
    for row in records(facts.siting.search):
        sites = ", ".join(_told(site, names) for site in row["sites"].split())
        gain = row["gain"]
        rows.append(
            (
                str(row["round"]),
                voice.words[f"move_{row['move']}"],
                voice.numbers.fixed(row["gain_first_seed"], 1),
                voice.numbers.fixed(gain, 1) if math.isfinite(gain) else NOTHING,
                "●" if row["taken"] else "",
                sites,
            )
        )
    titles = heads(voice, "round move gain_first gain_all taken communes_desks")
    return Table(titles, rows, names=2, file="search.csv")


def _told(site: str, names: dict[str, str]) -> str:
    code, desks = site.split(":")
    return f"{names[code]} ({desks})"


def regret_table(facts: Facts, rows: list[dict[str, str]], voice: Voice) -> Table:
    """Show the regret of the main plans over the draws."""
    unit = voice.words[f"u_{facts.column}"]
    name, most, mean, best = heads(voice, "plan regret_most regret_mean best_in")
    cells = [
        (
            row["plan"],
            row["most"],
            row["mean"],
            voice.numbers.fixed(100.0 * int(row["best"]) / int(row["draws"])),
        )
        for row in rows
    ]
    return Table((name, f"{most}, {unit}", f"{mean}, {unit}", best), cells, file="regret.csv")
