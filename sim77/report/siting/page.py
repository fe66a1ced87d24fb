"""The page of a search for sites."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from sim77.analysis.siting.assess import UNCERTAIN
from sim77.analysis.siting.result import PLAN, Siting
from sim77.report.compare.text import signed
from sim77.report.geography import Geography
from sim77.report.locale import Locale, decimals_apart, decimals_of, locales
from sim77.report.names import territory_of
from sim77.report.page import (
    Chooser,
    Figures,
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
    Shown,
    Track,
    Tracks,
    again,
    credits_of,
    made_with,
    write_page,
)
from sim77.report.run.about import is_shipped, trust
from sim77.report.run.facts import estimated_of
from sim77.report.siting import tables, text
from sim77.report.siting.map import SHOWN, map_of_sites
from sim77.report.siting.text import PAGES, Facts, measured
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
    words, base = locale.words, text.base_name(facts, locale)
    regrets = text.regret_rows(facts, locale)
    runners = tables.runners_table(facts, locale)
    centres = tables.sites_table(facts, old, territory, locale)
    regret = Section(
        "regret",
        words["regrets"],
        [
            Prose(_regret_lead(facts, locale)),
            Shown(tables.regret_table(facts, regrets, locale), words["regrets"], folded=False),
        ],
    ) if regrets else None  # fmt: skip
    found = [
        Section("map", words["map_sites"], _map(facts, old, maps, locale), "where", "sr"),
        Section("gains", words["gains_found"], _found(facts, locale), "found", "h3"),
    ]
    sections = [
        Group("top", found),
        Section(
            "sites",
            words["new_sites"],
            [
                Prose(words["new_sites_lead"]),
                Shown(centres, words["table_sites"], folded=False),
            ],
        ),
        Section(
            "runners",
            words["runners"],
            [
                *(
                    [Prose(words["runners_lead"]), Shown(runners, words["runners"], folded=False)]
                    if runners.rows
                    else [Prose(words["runners_none"])]
                ),
                Shown(tables.candidates_table(facts, locale), words["table_candidates"]),
            ],
        ),
        regret,
        Section(
            "how",
            words["how"],
            [
                *(Prose(sentence) for sentence in _how(facts, locale)),
                Shown(tables.search_table(facts, locale), words["table_search"]),
            ],
            "text",
        ),
        Section("about", words["about"], [Items(_about(facts, territory, locale))], "text"),
        _again(facts, locale),
        credits_of(territory, locale),
    ]
    return Page(
        locale=locale,
        document_title=locale.say("document_title", scenario=base),
        scenario=base,
        title=text.title(facts, locale),
        caveat=text.caveat(facts, locale),
        sample=text.sample_text(facts, locale),
        blocks=[each for each in sections if each is not None],
    )


def _map(
    facts: Facts, old: list[dict[str, Any]], maps: dict[str, Any], locale: Locale
) -> list[Any]:
    """Return the map with its legend."""
    words = locale.words
    role = locale.say("map_sites_role", sites=str(len(facts.new_sites)), old=str(len(old)))
    keys: list[tuple[tuple[Any, ...], str]] = [
        (("ring", 15, 0.6, 0, "open", "1"), words["legend_new"])
    ]
    if old:
        keys.append((("ring", 15, 0.0, 0, "planned"), words["legend_old"]))
        keys.append((("veil",), words["legend_no"]))
    layers = maps["maps"]["d"]["layers"]
    steps = [
        Legend("q", each["breaks"], unit=words[f"{key}_unit"], scale=number)
        for number, ((key, _), each) in enumerate(zip(SHOWN, layers, strict=True))
    ]
    return [
        Chooser(words["map_choose"], [words[key] for key, _ in SHOWN], words["map_find"]),
        Map("d", role),
        *steps,
        Keys(keys, "legend"),
    ]


def _found(facts: Facts, locale: Locale) -> list[Any]:
    """Return what the recommended plan changes, beside the plans it was compared with."""
    words, options = locale.words, facts.manifest["options"]
    budget = locale.numbers.count(facts.manifest["budget_eur_per_year"])
    message = text.over_static(facts, locale)
    if len(facts.of_kind("random")):
        colon = ": " if locale.language == "en" else " : "
        message += f" {words['x_random']}{colon}{text.random_line(facts, locale)}."
    return [
        Figures([_gain(facts, name, locale) for name in _KEY_GAINS]),
        Prose(text.accounts_line(facts, locale)),
        Heading(locale.say("plans_compared", objective=words[f"o_{options['objective']}"])),
        Prose(locale.say("plans_lead", budget=budget), "small"),
        Tracks(_plans(facts, locale), role=words["plans_role"]),
        Prose(message),
        Shown(tables.plans_table(facts, locale), words["table_plans"]),
    ]


def _gain(facts: Facts, name: str, locale: Locale) -> tuple[str, str, str, str]:
    """Return a gain of the recommended plan as a figure with its interval."""
    found, wording = facts.found, measured(facts.found, name, locale)
    unclear = found[f"{name}_low"] <= 0.0 <= found[f"{name}_high"]
    interval = f"({wording['interval']})" if wording["interval"] else ""
    note = f"{interval} {locale.words['unclear'] if unclear else ''}".strip()
    return locale.words[f"g_{name}"], wording["value"], wording["unit"], note


def _plans(facts: Facts, locale: Locale) -> list[Row]:
    """Return the plans compared: a dot and its interval each; random networks are one row."""
    column, plans = facts.column, facts.siting.plans
    rows = []
    for row in records(plans[~plans["kind"].isin(["random", "runner-up"])]):
        interval_mark = ("whisker", row[f"{column}_low"], row[f"{column}_high"])
        track = Track({"marks": [interval_mark, ("dot", row[column])]})
        wording = measured(row, column, locale)
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


def _regret_lead(facts: Facts, locale: Locale) -> str:
    drawn = facts.manifest.get("posterior", {}).get("parameters", ())
    open_ones = [name for name in UNCERTAIN if name in facts.siting.regret and name not in drawn]
    names = ", ".join(locale.words[f"p_{name}"] for name in open_ones)
    draws = str(facts.siting.regret["draw"].nunique())
    wording = locale.say("regrets_lead", draws=draws, names=names)
    return f"{wording} {locale.words['regrets_posterior']}" if drawn else wording


def _how(facts: Facts, locale: Locale) -> list[str]:
    manifest = facts.manifest
    seeds = {name: _listed(numbers) for name, numbers in manifest["seeds"].items()}
    return [
        locale.say("how_static", gap=text.gap(facts, locale)),
        locale.say("how_search", seeds=seeds["training"], plans=str(manifest["search"]["plans"])),
        locale.say("how_judge", seeds=seeds["fresh"]),
        locale.words["how_surplus"],
        locale.words["how_net"],
        locale.say("use_plan", file=PLAN, base=manifest["from"]["name"]),
    ]


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))


def _about(facts: Facts, territory: Territory, locale: Locale) -> list[str]:
    manifest = facts.manifest
    sites = facts.siting.sites
    estimated = estimated_of(territory, sites["telecentre_id"][~sites["is_new"]])
    posterior = manifest.get("posterior")
    return trust(territory, estimated, locale, trains=True, sites=True, posterior=posterior)


def _again(facts: Facts, locale: Locale) -> Section:
    """Return the command line of the search and the facts that fix its result."""
    manifest, numbers = facts.manifest, locale.numbers
    shipped = is_shipped(manifest["from"], territory=territory_of(manifest))
    file = _scenario_file(manifest)
    cost = manifest["cost"]
    named = {
        "r_from": f"{manifest['from']['name']}, {manifest['from']['hash']}",
        "r_plan": f"{manifest['scenario']['name']}, {manifest['scenario']['hash']}",
        "r_budget": numbers.count(manifest["budget_eur_per_year"]),
        "r_training": _listed(manifest["seeds"]["training"]),
        "r_fresh": _listed(manifest["seeds"]["fresh"]),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": f"{manifest['territory']['name']}, {manifest['territory']['hash']}",
        **made_with(manifest, locale),
        "r_cost": locale.say(
            "r_runs", runs=numbers.count(cost["runs"]), seconds=numbers.count(cost["seconds"])
        ),
    }
    if drawn := manifest.get("posterior"):
        named["r_posterior"] = f"{drawn['name']}, {drawn['hash']}"
    note = "" if shipped else locale.say("reproduce_yaml", file=file)
    texts = [(locale.words["r_plan"], manifest["scenario"]["yaml"])]
    if not shipped:
        texts.insert(0, (locale.words["r_from"], manifest["from"]["yaml"]))
    lead = f"{locale.words['reproduce_lead']} {note}".rstrip()
    return again(lead, command_of(manifest), named, locale, texts)


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
