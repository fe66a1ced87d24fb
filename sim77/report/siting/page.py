"""The page of a search for sites."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from sim77.analysis.siting.assess import UNCERTAIN
from sim77.analysis.siting.evaluate import GAINS
from sim77.analysis.siting.result import PLAN, Siting
from sim77.report.compare.text import signed
from sim77.report.geography import Geography
from sim77.report.locale import Locale, decimals_apart, decimals_of, locales
from sim77.report.names import telecentre_names, territory_of
from sim77.report.page import Page, Row, Track, made_with, named_hash, reproduce_lead, write_page
from sim77.report.run.about import is_shipped, trust
from sim77.report.run.facts import estimated_of
from sim77.report.siting import text
from sim77.report.siting.map import map_of_sites
from sim77.report.siting.text import PAGES, Facts
from sim77.report.tables import records
from sim77.territory.territory import Territory

_KEY_GAINS = (
    "surplus_eur", "use", "office", "home", "minutes_saved", "co2e_travel_kg", "refusals",
    "margin_eur", "net_eur",
)  # fmt: skip


def write_site_html(siting: Siting, territory: Territory, path: Path) -> None:
    """Write the page of a search for sites.

    Parameters
    ----------
    siting : Siting
    territory : Territory
        The one searched.
    path : pathlib.Path
        The HTML file, replaced if it is there.
    """
    facts = Facts(siting)
    old = records(siting.sites[~siting.sites["is_new"]])
    maps = map_of_sites(siting.candidates, facts.new_sites, old, Geography(territory))
    pages = [_page(facts, territory, old, maps, locale) for locale in locales(*PAGES)]
    write_page(path, "site", pages, siting.candidates["name"].tolist(), maps)


def _page(
    facts: Facts,
    territory: Territory,
    old: list[dict[str, Any]],
    maps: dict[str, Any],
    locale: Locale,
) -> Page:
    base, siting, words = text.base_name(facts, locale), facts.siting, locale.words
    costs = siting.candidates.filter(regex="^cost_").min(axis=1)
    centres = telecentre_names(territory, locale)
    new = [
        {**row, "name": f"{place}. {row['name']}"} for place, row in enumerate(facts.new_sites, 1)
    ]
    contents = {
        "facts": facts,
        "manifest": facts.manifest,
        "text": text,
        "territory": territory,
        "layers": maps["maps"]["d"]["layers"],
        "new": new,
        "old": [{**row, "name": centres[row["telecentre_id"]]} for row in old],
        "key_gains": _KEY_GAINS,
        "gain_heads": tuple(f"{words[f'g_{name}']}, {words[f'u_{name}']}" for name in GAINS),
        "gains_of": lambda row: [text.measured(row, name, locale)["value"] for name in GAINS],
        "plan_rows": _plans(facts, locale),
        "plan_file": PLAN,
        "candidates": records(siting.candidates.assign(cost_least=costs)),
        "regrets": text.regret_rows(facts, locale),
        **_uncertain(facts, locale),
        "trusted": _trusted(facts, territory, locale),
        "again": _again(facts, locale),
    }
    return Page(
        locale=locale,
        document_title=locale.say("document_title", scenario=base),
        scenario=base,
        title=text.title(facts, locale),
        caveat=text.caveat(facts, locale),
        sample=text.sample_text(facts, locale),
        contents=contents,
    )


def _plans(facts: Facts, locale: Locale) -> list[Row]:
    """Return the plans compared: a dot and its interval each; random networks are one row."""
    column, plans = facts.column, facts.siting.plans
    rows = []
    for row in records(plans[~plans["kind"].isin(["random", "runner-up"])]):
        interval_mark = ("whisker", row[f"{column}_low"], row[f"{column}_high"])
        track = Track({"marks": [interval_mark, ("dot", row[column])]})
        wording = text.measured(row, column, locale)
        interval = f"({wording['interval']})" if wording["interval"] else ""
        name = locale.words[f"plan_{row['kind']}"]
        rows.append(Row(name, [track], wording["value"], detail=interval))
    drawn = facts.of_kind("random")[column].to_numpy(float)
    if drawn.size:
        shown = [float(each) for each in (drawn.mean(), drawn.min(), drawn.max())]
        decimals = decimals_apart(shown, decimals_of(float(abs(drawn).max()), 2))
        value, least, most = (signed(each, decimals, locale) for each in shown)
        track = Track({"marks": [("drawn", each) for each in drawn]})
        interval = f"({locale.say('interval', low=least, high=most)})"
        name = locale.say("plan_random", number=str(drawn.size))
        rows.append(Row(name, [track], value, detail=interval))
    return rows


def _uncertain(facts: Facts, locale: Locale) -> dict[str, Any]:
    """Return the names of what differs between draws, and whether a posterior gives some."""
    drawn = facts.manifest.get("posterior", {}).get("parameters", ())
    open_ones = [name for name in UNCERTAIN if name in facts.siting.regret and name not in drawn]
    names = ", ".join(locale.words[f"p_{name}"] for name in open_ones)
    return {"uncertain": names, "drawn": bool(drawn)}


def _trusted(facts: Facts, territory: Territory, locale: Locale) -> list[str]:
    sites, posterior = facts.siting.sites, facts.manifest.get("posterior")
    estimated = estimated_of(territory, sites["telecentre_id"][~sites["is_new"]])
    return trust(territory, estimated, locale, trains=True, sites=True, posterior=posterior)


def _again(facts: Facts, locale: Locale) -> tuple[str, str, dict[str, str], list[tuple[str, str]]]:
    """Return how to make the result again: lead, command, the facts that fix it, and texts."""
    manifest, numbers = facts.manifest, locale.numbers
    shipped = is_shipped(manifest["from"], territory=territory_of(manifest))
    cost, drawn = manifest["cost"], manifest.get("posterior")
    fixed = {
        "r_from": named_hash(manifest["from"]),
        "r_plan": named_hash(manifest["scenario"]),
        "r_budget": numbers.count(manifest["budget_eur_per_year"]),
        "r_training": ", ".join(map(str, manifest["seeds"]["training"])),
        "r_fresh": ", ".join(map(str, manifest["seeds"]["fresh"])),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": named_hash(manifest["territory"]),
        **made_with(manifest, locale),
        "r_cost": locale.say(
            "r_runs", runs=numbers.count(cost["runs"]), seconds=numbers.count(cost["seconds"])
        ),
        "r_posterior": named_hash(drawn) if drawn else "",
    }
    texts = [(locale.words["r_plan"], manifest["scenario"]["yaml"])]
    if not shipped:
        texts.insert(0, (locale.words["r_from"], manifest["from"]["yaml"]))
    lead = reproduce_lead([] if shipped else [_scenario_file(manifest)], locale)
    return lead, command_of(manifest), fixed, texts


def _scenario_file(manifest: dict[str, Any]) -> str:
    return f"{manifest['from']['name']}.yaml"


def command_of(manifest: dict[str, Any]) -> str:
    """Return the command line that gives the result of a search again.

    Parameters
    ----------
    manifest : dict
        Of `sim77.analysis.siting.result.Siting`.
    """
    options, base = manifest["options"], manifest["from"]
    territory = territory_of(manifest)
    shipped = is_shipped(base, territory=territory)
    name = base["name"] if shipped else _scenario_file(manifest)
    words = ["sim77", "site", "--scenario", name]
    words += ["--sites", str(options["sites"])]
    words += ["--budget", f"{manifest['budget_eur_per_year']:.0f}"]
    words += ["--objective", options["objective"], "--seed", str(options["seed"])]
    words += ["--desks", ",".join(map(str, options["sizes"]))]
    words += ["--days", str(options["days"]), "--evaluations", str(options["evaluations"])]
    words += ["--seeds", str(options["fresh_seeds"]), "--random", str(options["random"])]
    if options["draws"]:
        words += ["--robust", str(options["draws"])]
    if "posterior" in manifest:
        words += ["--posterior", manifest["posterior"]["name"]]
    if options["from_scratch"]:
        words.append("--from-scratch")
    if manifest["scale"] != 1.0:
        words += ["--scale", str(manifest["scale"])]
    if territory is None or tuple(manifest["workplaces"]) != territory.default_zones:
        words += ["--workplace", ",".join(manifest["workplaces"])]
    if manifest["territory"]["folder"]:
        words += ["--territory", manifest["territory"]["folder"]]
    return shlex.join([*words, "--out", "out/again"])
