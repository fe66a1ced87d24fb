"""The page of a search for sites: one HTML file that needs no network and no other file."""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim77.analysis.siting.assess import UNCERTAIN
from sim77.analysis.siting.result import PLAN, Siting
from sim77.report.locale import Voice, voices
from sim77.report.run.about import is_shipped, trust
from sim77.report.run.facts import estimated_of
from sim77.report.run.page import write_page
from sim77.report.siting import tables, text
from sim77.report.siting.map import SHOWN, SiteMap, draw_site_map
from sim77.report.siting.text import PAGES, Facts
from sim77.report.tables import records
from sim77.territory.territory import SHIPPED, Territory


@dataclass(frozen=True)
class Scene:
    """What the page is about."""

    facts: Facts
    territory: Territory
    old_sites: list[dict[str, Any]]
    map: SiteMap


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
    scene = Scene(
        facts, territory, old, draw_site_map(siting.candidates, facts.new_sites, old, territory)
    )
    write_page(
        path,
        "site",
        pages=[_page(scene, voice) for voice in voices(*PAGES)],
        map=scene.map.svg,
        names=siting.candidates["name"].tolist(),
    )


def _page(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return everything the template says in one language."""
    facts, territory = scene.facts, scene.territory
    options, numbers = facts.manifest["options"], voice.numbers
    shipped = territory.folder == SHIPPED
    regrets = text.regret_rows(facts, voice)
    return {
        "language": voice.language,
        "words": voice.words,
        "document_title": voice.say("document_title", scenario=text.base_name(facts, voice)),
        "scenario": text.base_name(facts, voice),
        "title": text.title(facts, voice),
        "caveat": text.caveat(facts, voice),
        "map": _map(scene, voice),
        "gains": tables.gain_rows(facts, voice),
        "over_static": text.over_static(facts, voice),
        "accounts": text.accounts_line(facts, voice),
        "plans": tables.plan_rows(facts, voice),
        "random": text.random_line(facts, voice) if len(facts.of_kind("random")) else "",
        "plans_title": voice.say(
            "plans_compared", objective=voice.words[f"o_{options['objective']}"]
        ),
        "plans_lead": voice.say(
            "plans_lead", budget=numbers.count(facts.manifest["budget_eur_per_year"])
        ),
        "plans_table": tables.plans_table(facts, voice),
        "sites": tables.sites_table(facts, scene.old_sites, voice),
        "runners": tables.runners_table(facts, voice),
        "regret": tables.regret_table(facts, regrets, voice) if regrets else None,
        "regret_lead": _regret_lead(facts, voice) if regrets else "",
        "candidates": tables.candidates_table(facts, voice),
        "search": tables.search_table(facts, voice),
        "how": _how(facts, voice),
        "about": _about(scene, voice),
        "reproduce": _reproduce(facts, voice),
        "credits": voice.words["credits_shipped" if shipped else "credits_other"],
        "sources": territory.sources.to_dict("records"),
    }


def _map(scene: Scene, voice: Voice) -> dict[str, Any]:
    fixed = voice.numbers.fixed
    return {
        "role": voice.say(
            "map_sites_role",
            sites=str(len(scene.facts.new_sites)),
            old=str(len(scene.old_sites)),
        ),
        "scales": [
            {
                "name": voice.words[key],
                "unit": voice.words[f"{key}_unit"],
                "breaks": [fixed(value, scale.decimals) for value in scale.breaks],
            }
            for (key, _), scale in zip(SHOWN, scene.map.scales, strict=True)
        ],
        "old": bool(scene.old_sites),
    }


def _regret_lead(facts: Facts, voice: Voice) -> str:
    drawn = facts.manifest.get("posterior", {}).get("parameters", ())
    open_ones = [name for name in UNCERTAIN if name in facts.siting.regret and name not in drawn]
    names = ", ".join(voice.words[f"p_{name}"] for name in open_ones)
    draws = str(facts.siting.regret["draw"].nunique())
    said = voice.say("regrets_lead", draws=draws, names=names)
    return f"{said} {voice.words['regrets_posterior']}" if drawn else said


def _how(facts: Facts, voice: Voice) -> list[str]:
    manifest = facts.manifest
    seeds = {name: _listed(numbers) for name, numbers in manifest["seeds"].items()}
    return [
        voice.say("how_static", gap=text.gap(facts, voice)),
        voice.say("how_search", seeds=seeds["training"], plans=str(manifest["search"]["plans"])),
        voice.say("how_judge", seeds=seeds["fresh"]),
        voice.words["how_surplus"],
        voice.words["how_net"],
        voice.say("use_plan", file=PLAN, base=manifest["from"]["name"]),
    ]


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))


def _about(scene: Scene, voice: Voice) -> list[str]:
    manifest = scene.facts.manifest
    ids = scene.facts.siting.sites["telecentre_id"]
    estimated = estimated_of(scene.territory, manifest["workplaces"], ids)
    posterior = manifest.get("posterior")
    sentences = trust(estimated, voice, trains=True, sites=True, posterior=posterior)
    if manifest["scale"] < 1.0:
        sentences.append(voice.say("x_scale", scale=voice.numbers.percent(manifest["scale"])))
    return sentences


def _reproduce(facts: Facts, voice: Voice) -> dict[str, Any]:
    """Return the command line of the search and the facts that fix its result."""
    manifest, numbers = facts.manifest, voice.numbers
    shipped, file = is_shipped(manifest["from"]), _scenario_file(manifest)
    libraries = {"Python": manifest["python"], **manifest["libraries"]}
    made = dt.datetime.fromisoformat(manifest["made"])
    cost = manifest["cost"]
    named = {
        "r_from": f"{manifest['from']['name']}, {manifest['from']['hash']}",
        "r_plan": f"{manifest['scenario']['name']}, {manifest['scenario']['hash']}",
        "r_budget": numbers.count(manifest["budget_eur_per_year"]),
        "r_training": _listed(manifest["seeds"]["training"]),
        "r_fresh": _listed(manifest["seeds"]["fresh"]),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": f"{manifest['territory']['name']}, {manifest['territory']['hash']}",
        "r_version": manifest["sim77"],
        "r_libraries": ", ".join(f"{name} {version}" for name, version in libraries.items()),
        "r_made": f"{numbers.date(made)}, {made:%H:%M}",
        "r_cost": voice.say(
            "r_runs", runs=numbers.count(cost["runs"]), seconds=numbers.count(cost["seconds"])
        ),
    }
    if drawn := manifest.get("posterior"):
        named["r_posterior"] = f"{drawn['name']}, {drawn['hash']}"
    return {
        "command": command_of(manifest),
        "note": "" if shipped else voice.say("reproduce_yaml", file=file),
        "facts": [(voice.words[key], value) for key, value in named.items()],
        "yaml": manifest["scenario"]["yaml"],
    }


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
    name = base["name"] if is_shipped(base) else _scenario_file(manifest)
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
        words += ["--scale", f"{manifest['scale']:g}"]
    if manifest["workplaces"] != ["paris"]:
        words += ["--workplace", ",".join(manifest["workplaces"])]
    if manifest["territory"]["folder"]:
        words += ["--territory", manifest["territory"]["folder"]]
    return shlex.join([*words, "--out", "out/again"])
