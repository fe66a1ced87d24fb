"""The end of the summary page: how far to trust it, and how to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim77.core.errors import Sim77Error
from sim77.core.units import SHIPPED_POSTERIOR
from sim77.registry.parameters import load_parameters, split_date
from sim77.report.locale import Locale
from sim77.report.page import Fold, Items, Section, again, made_with
from sim77.report.run.facts import LEAST_WORKERS, Facts
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import SHIPPED, Territory

_BEHAVIOUR = ("choice", "telework")
_UNSURE = ("A", "U")


def about(facts: Facts, locale: Locale) -> list[str]:
    """Return the sentences that say how far to trust the page."""
    result = facts.result
    manifest = result.manifest
    sentences = trust(
        facts.territory, facts.estimated, locale, trains=len(result.lines) > 0,
        sites=len(result.telecentres) > 0, posterior=manifest.get("posterior"),
    )  # fmt: skip
    sentences.append(locale.words["about_interval"])
    if facts.map.veiled:
        sentences.append(locale.say("about_veil", least=str(LEAST_WORKERS)))
    # That it is of a sample is said at the head; what that one lacks, here.
    return [*sentences, *sample(manifest, locale)[1:]]


def sample(manifest: Mapping[str, Any], locale: Locale) -> list[str]:
    """Say that a run is of a part of the workers; nothing of one of all of them."""
    if manifest["scale"] >= 1.0:
        return []
    simulated = locale.numbers.count(manifest["simulated_workers"])
    share = locale.numbers.percent(manifest["scale"])
    sentences = [locale.say("about_sample", simulated=simulated, scale=share)]
    if missing := manifest["persons_not_represented"]:
        sentences.append(locale.say("about_missing", number=locale.numbers.count(missing)))
    return sentences


def calibrated_elsewhere(
    territory: Territory | None, posterior: Mapping[str, Any] | None, locale: Locale
) -> list[str]:
    """Say of another territory than Seine-et-Marne that what ships is not calibrated on it."""
    mine = territory is None or territory.folder == SHIPPED
    own = posterior is not None and posterior["name"] != SHIPPED_POSTERIOR
    return [] if mine or own else [locale.words["about_elsewhere"]]


def trust(
    territory: Territory,
    estimated: Mapping[str, tuple[int, int]],
    locale: Locale,
    *,
    trains: bool,
    sites: bool,
    posterior: Mapping[str, Any] | None = None,
) -> list[str]:
    """Return the sentences on what holds for all runs of a territory: model, parameters, data.

    Parameters
    ----------
    territory : Territory
    estimated : mapping
        From `sim77.report.run.facts.estimated_of`.
    locale : Locale
    trains, sites : bool
        Whether there are trains, and telecentres.
    posterior : mapping, optional
        What the manifest says of the posterior that parameters are drawn from.
    """
    count = locale.numbers.count
    drawn = {split_date(key)[0] for key in (posterior or {}).get("parameters", ())}
    choices = [
        p for p in load_parameters().values() if p.group in _BEHAVIOUR and p.name not in drawn
    ]
    unsure = sum(p.confidence in _UNSURE for p in choices)

    def sentence(key: str, data_set: str) -> str:
        part, whole = estimated.get(data_set, (0, 0))
        return locale.say(key, estimated=count(part), number=count(whole))

    sentences = [
        locale.words["about_model"],
        locale.say(
            "about_parameters_posterior" if drawn else "about_parameters",
            unsure=count(unsure),
            number=count(len(choices)),
        ),
    ]
    year, place = territory.od.settings["base_year"], territory.labels[locale.language]
    sentences += calibrated_elsewhere(territory, posterior, locale)
    flows = "about_flows" if territory.ships else "about_flows_given"
    sentences.append(locale.say(flows, place=place, year=year))
    if trains:
        sentences.append(sentence("about_trains", "d_capacity"))
    if territory.od.scale is not None:
        sentences.append(locale.words["about_modes"])
    if sites:
        sentences.append(sentence("about_desks", "d_desks"))
    if estimated.get("d_sites", (0, 0))[0]:
        sentences.append(sentence("about_assumed", "d_sites"))
    return sentences


def assumed(territory: Territory, locale: Locale) -> list[Any]:
    """Return what a territory assumes, folded."""
    said = [
        Markup('<span lang="en">{}</span>').format(each)
        for each in territory.od.settings["assumptions"]
    ]
    return [Fold(locale.words["about_assumptions"], [Items(said)])]  # fmt: skip


def again_section(facts: Facts, locale: Locale) -> Section:
    """Return the command line of the run and the facts that fix its result."""
    manifest, numbers = facts.result.manifest, locale.numbers
    scenario, territory = manifest["scenario"], manifest["territory"]
    shipped = is_shipped(scenario, territory=facts.territory)
    named = {
        "r_scenario": scenario["name"],
        "r_hash": scenario["hash"],
        "r_seed": str(manifest["seed"]),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": f"{territory['name']}, {territory['hash']}",
        **made_with(manifest, locale),
    }
    if drawn := manifest.get("posterior"):
        named["r_posterior"] = locale.say(
            "r_posterior_value", draw=str(drawn["draw"]), name=drawn["name"], hash=drawn["hash"]
        )
    if cost := manifest.get("cost"):
        seconds, memory = numbers.fixed(cost["seconds"], 1), numbers.count(cost["peak_memory_mb"])
        named["r_cost"] = locale.say("r_cost_value", seconds=seconds, memory=memory)
    file = f"{scenario['name']}.yaml"
    typed = command(manifest, facts.territory, scenario["name"] if shipped else file)
    note = "" if shipped else locale.say("reproduce_yaml", file=file)
    texts = [(locale.words["scenario_text"], scenario.get("yaml", ""))]
    return again(f"{locale.words['reproduce_lead']} {note}".rstrip(), typed, named, locale, texts)


def is_shipped(
    scenario: Mapping[str, Any],
    overrides: Mapping[str, float] | None = None,
    territory: Territory | None = None,
) -> bool:
    """Say whether the name alone, with parameters replaced, gives this very scenario."""
    try:
        named = load_scenario(scenario["name"], territory)
        return named.with_(parameters=overrides or {}).hash == scenario["hash"]
    except Sim77Error:
        return False


def command(manifest: Mapping[str, Any], territory: Territory, scenario: str) -> str:
    """Return the command line that gives a result again.

    Parameters
    ----------
    manifest : mapping
        Of the result.
    territory : Territory
    scenario : str
        The name of a shipped scenario, or the file of another one.

    Returns
    -------
    str
    """
    words = ["sim77", "run", scenario, "--seed", str(manifest["seed"])]
    return shlex.join([*words, *options(manifest, territory), "--out", "out/again"])


def options(manifest: Mapping[str, Any], territory: Territory) -> list[str]:
    """Return the options of a command line that runs and comparisons have in common."""
    words = ["--from", manifest["start"], "--to", manifest["end"]]
    if manifest["scale"] != 1.0:
        words += ["--scale", str(manifest["scale"])]
    if tuple(manifest["workplaces"]) != territory.default_zones:
        words += ["--workplace", ",".join(manifest["workplaces"])]
    if territory.reference is not None:
        words += ["--territory", territory.reference]
    return words
