"""The page of a comparison."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim77.analysis.claims.claims import directed
from sim77.analysis.compare.comparison import Comparison
from sim77.core.units import WEEKDAYS
from sim77.report.charts import Bar, bars
from sim77.report.compare import tables
from sim77.report.compare.differences import what_differs
from sim77.report.compare.findings import Effect, Findings
from sim77.report.compare.map import Layer, Maps, maps_of
from sim77.report.compare.text import (
    CO2E_SOURCES,
    LINES,
    MARKS,
    Measure,
    at_home_notes,
    caveat,
    flow_text,
    found_of_claim,
    interval_of,
    key_measures,
    label,
    sample_text,
    scenario_label,
    title,
    value_of,
    values_of,
    verdict_of,
)
from sim77.report.locale import Locale, capital, locales
from sim77.report.names import place_named
from sim77.report.page import (
    Chart,
    Chooser,
    Facts,
    Group,
    Heading,
    Items,
    Keys,
    Legend,
    Map,
    Page,
    Prose,
    Raw,
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
from sim77.report.run.about import assumed, is_shipped, options, trust
from sim77.report.run.facts import LEAST_WORKERS, estimated_of
from sim77.report.tables import records
from sim77.territory.territory import Territory

_LEAST_WEEKS = 3
_COMMUNES = 5
_PLANS = ("office", "home", "half", "telecentre")


@dataclass(frozen=True)
class PageFacts:
    """What the page is about: the findings, the territory and the maps of both."""

    findings: Findings
    territory: Territory
    maps: Maps


def write_compare_html(comparison: Comparison, territory: Territory, path: Path) -> None:
    """Write the page of a comparison.

    Parameters
    ----------
    comparison : Comparison
    territory : Territory
        The one compared on.
    path : pathlib.Path
        The HTML file, replaced if it is there.
    """
    findings = Findings(comparison)
    scene = PageFacts(findings, territory, maps_of(findings, territory))
    pages = [_page(scene, locale) for locale in locales("summary", "compare")]
    write_page(path, "compare", pages, findings.names, scene.maps.data)


def _page(scene: PageFacts, locale: Locale) -> Page:
    findings, territory, words = scene.findings, scene.territory, locale.words
    names = {side: scenario_label(findings, side, locale) for side in ("a", "b")}
    effects_title = words["effects" if findings.seeds > 1 else "effects_one"]
    top = [
        Section("differs", words["differs"], _differs(scene, names, locale), "differs", "h3"),
        Group("ab", _sides(scene, names, locale)),
        Section("diff", words["map_d"], _difference(scene, locale), "diff", "h3"),
        Section("effects", effects_title, _key_effects(scene, locale), "eff", "h3"),
    ]
    claims, parts = _claims(findings, locale), _parts(findings, locale)
    weeks = _weeks(findings, locale)
    centres = tables.telecentres_table(findings, territory, locale)
    sections = [
        Group("top", top),
        Section("weeks", words["weeks"], weeks) if weeks else None,
        Section("gains", words["gains"], _gains(scene, locale)),
        Section("all", words["all_effects"], _all_effects(scene, locale)),
        Section("parts", words["parts"], parts) if parts else None,
        Section(
            "centres", words["telecentres"], [Shown(centres, words["table_centres"], folded=False)]
        )
        if centres.rows
        else None,
        Section("claims", words["claims"], [Prose(words["claims_lead"]), claims])
        if claims.sentences
        else None,
        Section(
            "about",
            words["about"],
            [Items(_about(findings, territory, locale)), *assumed(territory, locale)],
            "text",
        ),
        _again(findings, territory, locale),
        credits_of(territory, locale),
    ]
    return Page(
        locale=locale,
        document_title=locale.say("document_title", **names),
        scenario=locale.say("versus", **names),
        title=title(findings, locale),
        caveat=place_named(territory, findings.manifest, locale) + caveat(findings, locale),
        sample=sample_text(findings, locale),
        blocks=[each for each in sections if each is not None],
    )


def _differs(scene: PageFacts, names: Mapping[str, str], locale: Locale) -> list[Any]:
    """Return in what the scenarios differ."""
    manifest = scene.findings.manifest
    rows = what_differs(
        manifest["differences"], scene.territory, locale.language,
        start=manifest["start"], end=manifest["end"],
    )  # fmt: skip
    sides = [
        Prose(Markup("<b>{}</b> {}").format(side.upper(), name), f"side {side}")
        for side, name in names.items()
    ]
    if not rows:
        return [*sides, Prose(locale.words["differs_none"], "small")]
    arrow = '{} <span aria-hidden="true">→</span> <b>{}</b>'
    noted = f'{arrow}<span class="note">{{}}</span>'
    facts = [
        (
            row["name"],
            Markup(noted if row["note"] else arrow).format(row["a"], row["b"], row["note"]),
        )
        for row in rows
    ]
    return [*sides, Facts(facts, "changed"), Prose(locale.words["differs_rest"], "small")]


# Maps --------------------------------------------------------------------------------------


def _sides(scene: PageFacts, names: Mapping[str, str], locale: Locale) -> list[Any]:
    """Return the maps of both sides, and who changes between them."""
    findings, maps, words = scene.findings, scene.maps, locale.words
    communes = locale.numbers.count(len(findings.names))
    two = []
    for side, name in names.items():
        role = locale.say("map_role_side", communes=communes, side=words[f"map_{side}"], label=name)
        head = '<h2 class="h3"><span class="disc {}">{}</span> {}</h2>'
        disc = Raw(Markup(head).format(side, side.upper(), name))
        two.append(Group("", [disc, Map(side, role)]))
    steps = [
        Legend(
            "q",
            layer.scale.breaks,
            unit=f"{words[layer.scale.key]}, {words[f'{layer.scale.key}_unit']}",
            style="side-by",
            scale=number,
        )
        for number, layer in enumerate(maps.layers)
    ]
    return [Group("two", two), *steps, Group("changes", _changes(findings, locale))]


def _changes(findings: Findings, locale: Locale) -> list[Any]:
    """Return the ribbons of who changes."""
    numbers = locale.numbers
    key = "changes_one" if numbers.is_one(findings.changed) else "changes"
    changed = locale.say(key, number=numbers.significant(findings.changed))
    rest = [
        locale.say("unchanged", number=numbers.count(findings.unchanged)),
        *at_home_notes(findings, locale),
    ]
    head = Markup(
        '<div class="head"><h2 class="h3">{}</h2><span class="small">{}</span></div>'
    ).format(
        changed if findings.transitions else locale.words["changes_none"],
        "; ".join(rest),
    )
    if not findings.transitions:
        return [Raw(head)]
    flows = ", ".join(flow_text(row, locale) for row in findings.transitions)
    role = locale.say("flows_role", flows=flows)
    data = {
        "names": {name: locale.words[f"k_{name}"] for name in _PLANS},
        "heads": {"left": locale.words["map_a"], "right": locale.words["map_b"], "middle": ""},
        "flows": [
            (row["from"], row["to"], row["worker_days_per_day"], flow_text(row, locale))
            for row in findings.transitions
        ],
    }
    return [Raw(head), Chart("flows", data, role)]


def _difference(scene: PageFacts, locale: Locale) -> list[Any]:
    """Return the map of the difference with its legend."""
    findings, layers, words = scene.findings, scene.maps.layers, locale.words
    count = locale.numbers.count
    role = locale.say(
        "map_role_diff", communes=count(len(findings.names)), veiled=count(layers[0].veiled.sum())
    )
    noise = "legend_noise" if findings.seeds > 1 else "legend_noise_one"
    keys: list[tuple[tuple[Any, ...], str]] = [
        (("veil",), locale.say(noise, least=str(LEAST_WORKERS)))
    ]
    sites = records(findings.comparison.telecentres)
    if sites:
        closed = any(site["days_open_b"] == 0 for site in sites)
        keys.append((("ring", 15, 0.6), words["legend_rings" if closed else "legend_rings_open"]))
    names = [words[f"m_{layer.indicator}_diff"] for layer in layers]
    return [
        Chooser(words["map_of"], names, words["map_find"]),
        Map("d", role),
        *(_diff_legend(number, layer, locale) for number, layer in enumerate(layers)),
        Keys(keys, "legend"),
    ]


def _diff_legend(number: int, layer: Layer, locale: Locale) -> Legend:
    ends = [locale.words[f"end_{side}_{layer.indicator}"] for side in ("less", "more")]
    return Legend(
        "v",
        [layer.good * each for each in layer.breaks],
        signed=True,
        ends=ends[:: layer.good],
        unit=locale.words["map_all_veiled"] if layer.veiled.all() else "",
        scale=number,
    )


# Effects -----------------------------------------------------------------------------------


def _key_effects(scene: PageFacts, locale: Locale) -> list[Any]:
    """Return the key effects, for whom they are, and the first claims."""
    findings, words = scene.findings, locale.words
    check = '<label class="check small"><input type="checkbox" class="wider"> {}</label>'
    wider = [Raw(Markup(check).format(words["unpaired_show"]))]
    claims = _claims(findings, locale, most=2)
    return [
        *(wider if np.isfinite(findings.times_wider) else []),
        Tracks([_effect(findings, each, locale) for each in key_measures(findings)], "effects"),
        Heading(words["gains_short"]),
        Tracks(_group_gains(findings, locale), "short"),
        *(
            [Heading(words["claims"]), claims, Prose("", "small", ("claims", words["claims_all"]))]
            if claims.sentences
            else []
        ),
    ]


def _all_effects(scene: PageFacts, locale: Locale) -> list[Any]:
    """Return all other effects by subject, and the tables of effects and of who changes."""
    findings, words = scene.findings, locale.words
    loads = [f"load_factor_{line}" for line in findings.lines]
    most = sorted(loads, key=lambda name: -abs(findings.effects[name].effect))[:LINES]
    trains = [Measure(name, "u_points", 100.0) for name in loads if name in most]
    sources = [Measure(f"co2e_{name}_kg", "u_kg") for name in CO2E_SOURCES]
    people = [
        Measure("travel_min_per_worker", "u_minutes_each"),
        Measure("minutes_saved", "u_hours", 1.0 / 60.0),
        Measure("home_based_min", "u_hours", 1.0 / 60.0),
        Measure("share_remote", "u_points", 100.0),
        Measure("home", "u_persons"),
        Measure("telecentre", "u_persons"),
    ]
    centres = [Measure("desks_occupied", "u_desks"), Measure("centre_revenue_workers_eur", "u_eur")]
    money = [Measure("cost_eur", "u_eur"), Measure("time_cost_official_eur", "u_eur")]
    subjects = {
        "h_people": people,
        "h_co2e": [*sources, Measure("co2e_travel_kg", "u_kg")],
        "h_trains": trains,
        "h_centres": centres,
        "h_money": money,
    }
    wider = findings.times_wider
    message = (
        locale.say("unpaired_wider", times=locale.numbers.rounded(wider))
        if np.isfinite(wider)
        else ""
    )
    lead = words["one_seed" if findings.seeds == 1 else "all_effects_lead"]
    columns = [
        Group(
            "",
            [
                Heading(words[key]),
                Tracks([_effect(findings, each, locale) for each in measures], "effects"),
            ],
        )
        for key, measures in subjects.items()
        if measures
    ]
    return [
        Prose(f"{lead} {message}".rstrip()),
        Group("cols", columns),
        Shown(tables.effects_table(findings, locale), words["table_effects"]),
        Shown(tables.transitions_table(findings, locale), words["table_transitions"]),
        Shown(
            tables.transitions_by_group_table(findings, locale), words["table_transitions_group"]
        ),
    ]


def _effect(findings: Findings, measure: Measure, locale: Locale) -> Row:
    """Return an effect as a dot on its interval around zero, and its interval if unpaired."""
    effect = findings.effects[measure.indicator].times(measure.factor)
    verdict = verdict_of(effect, locale)
    return Row(
        label(measure.indicator, locale),
        [
            Track({"effect": {
                "value": effect.effect,
                "interval": (effect.low, effect.high),
                "unpaired": (effect.unpaired_low, effect.unpaired_high),
                "noise": bool(verdict),
            }})
        ],
        value=value_of(effect, locale),
        unit=locale.words[measure.unit],
        detail=interval_of(effect, locale),
        verdict=verdict,
        state="noise" if verdict else "",
    )  # fmt: skip


# For whom, when ----------------------------------------------------------------------------


def _gains(scene: PageFacts, locale: Locale) -> list[Any]:
    """Return who gains and who loses: groups, tenths of commute, weekdays, communes."""
    findings, numbers, words = scene.findings, locale.numbers, locale.words
    weekdays = [
        (numbers.weekday(WEEKDAYS.index(name)), effect)
        for name, effect in findings.weekday_gains().items()
    ]
    deciles = [
        (
            locale.say(
                "decile",
                number=numbers.count(row["decile_of_commute"]),
                minutes=numbers.count(row["commute_min"]),
            ),
            Effect(0.0, 0.0, row["gain_min_per_day"], row["low"], row["high"]),
        )
        for row in records(findings.comparison.equity)
    ]
    tested = numbers.count(len(findings.names) - int(findings.few.sum()))
    named = findings.seeds > 1
    chance = locale.say("communes_chance", number=tested)
    communes: list[Any] = [_surest(findings, locale)] if named else []
    columns = [
        [Heading(words["gains_deciles"]), Tracks(_gain_rows(deciles, locale), "short")],
        [
            Heading(words["gains_groups"]),
            Tracks(_group_gains(findings, locale), "short"),
            Heading(words["gains_weekdays"]),
            Tracks(_gain_rows(weekdays, locale), "short"),
        ],
        [
            Heading(words["gains_communes"]),
            *communes,
            Prose(chance if named else words["communes_no_interval"], "small"),
        ],
    ]
    return [
        Prose(words["gains_lead" if named else "gains_lead_one"], "small"),
        Group("cols", [Group("", blocks) for blocks in columns]),
        Shown(tables.groups_table(findings, locale), words["table_gains"]),
        Shown(tables.deciles_table(findings, locale), words["table_deciles"]),
        Shown(tables.communes_table(findings, scene.maps.layers, locale), words["table_communes"]),
    ]


def _group_gains(findings: Findings, locale: Locale) -> list[Row]:
    groups = [(locale.words[name], effect) for name, effect in findings.group_gains().items()]
    return _gain_rows(groups, locale)


def _gain_rows(effects: Sequence[tuple[str, Effect]], locale: Locale) -> list[Row]:
    """Return effects by name as bars; what is not clear is hollow."""
    verdicts = [verdict_of(effect, locale) for _, effect in effects]
    values = values_of([effect for _, effect in effects], locale)
    return bars(
        (
            name,
            [
                Bar(
                    effect.effect,
                    effect.low,
                    effect.high,
                    Markup('{}<span class="sr"> {}</span>').format(value, verdict),
                    "noise" if verdict else "loss" if effect.effect < 0 else "gain",
                )
            ],
        )
        for (name, effect), value, verdict in zip(effects, values, verdicts, strict=True)
    )


def _surest(findings: Findings, locale: Locale) -> Facts:
    """Return the communes that surely gain and surely lose."""
    row = Markup('<span><span lang="fr">{}</span> <b>{}</b></span>')
    facts = []
    for sign, head, nobody in (
        (1.0, "communes_most", "none_gain"),
        (-1.0, "communes_least", "none_lose"),
    ):
        found = findings.surest_gains(sign, _COMMUNES)
        names = (
            row.format(findings.names[each], value_of(effect, locale)) for each, effect in found
        )
        wording = Markup("").join(names) if found else locale.words[nobody]
        facts.append((locale.words[head], wording))
    return Facts(facts, "named")


def _weeks(findings: Findings, locale: Locale) -> list[Any]:
    """Return the effect week by week; nothing for a run of a few weeks."""
    weeks, effects = findings.weeks("travel_min")
    if len(weeks) < _LEAST_WEEKS:
        return []
    effects = [effect.times(-1.0) for effect in effects]
    means = [each.effect for each in effects]
    low, high = (locale.numbers.significant(end) for end in (min(means), max(means)))
    data = {
        "days": [pd.Timestamp(week).date() for week in weeks],
        "mean": means,
        "low": [each.low for each in effects],
        "high": [each.high for each in effects],
    }
    lead = locale.words["weeks_lead"] if findings.seeds > 1 else ""
    role = locale.say("weeks_role", low=low, high=high)
    return [Prose(lead, "small"), Chart("weeks", data, role)]


def _parts(findings: Findings, locale: Locale) -> list[Any]:
    """Return what seeds and parameters make of the intervals, where they can be told apart."""
    if not findings.has_parts:
        return []
    words, count, percent = locale.words, locale.numbers.count, locale.numbers.percent
    shares = findings.parameter_shares
    rows = [
        (label(each.indicator, locale), [Bar(share, text=percent(share))])
        for each in key_measures(findings)
        if math.isfinite(share := shares[each.indicator])
    ]
    seeds = count(findings.manifest["posterior"]["seeds_per_draw"])
    return [
        Prose(locale.say("parts_lead", draws=count(findings.draws or 0), seeds=seeds)),
        Tracks(bars(rows)),
        Shown(tables.parts_table(findings, locale), words["table_parts"]),
        Prose(words["parts_note"], "small"),
    ]


def _claims(findings: Findings, locale: Locale, most: int | None = None) -> Items:
    """Return what was said of telecentres, with the verdict of this comparison."""
    items = []
    for row in records(findings.comparison.claims):
        mark, kind = MARKS[row["verdict"]]
        html = (
            '<i aria-hidden="true">{}</i><span>{} <b>{}.</b> <span class="small">{}</span></span>'
        )
        sentence = Markup(html).format(
            mark,
            locale.say("claim", text=row[f"text_{locale.language}"]),
            locale.words[f"v_{kind}"],
            capital(
                locale.spaced(
                    row[f"outside_{locale.language}"] or found_of_claim(directed(row), locale)
                )
            ),
        )
        items.append((kind, sentence))
    items = sorted(items, key=lambda each: each[0] == "outside")[:most]
    style = "claims" if most else "claims all"
    return Items([wording for _, wording in items], style, [f"cl-{kind}" for kind, _ in items])


# How far to trust it, how to make it again -------------------------------------------------


def _about(findings: Findings, territory: Territory, locale: Locale) -> list[str]:
    """Return the sentences that say how far to trust the page."""
    manifest = findings.manifest
    sites = findings.comparison.telecentres["telecentre_id"]
    estimated = estimated_of(territory, sites)
    sentences = trust(
        territory, estimated, locale, trains=bool(findings.lines), sites=len(sites) > 0,
        posterior=manifest.get("posterior"),
    )  # fmt: skip
    sentences.append(locale.words["limits_pairing"])
    interval = "limits_interval_posterior" if findings.draws else "limits_interval"
    sentences.append(locale.words[interval if findings.seeds > 1 else "one_seed"])
    sentences.append(locale.words["limits_minutes"])
    return sentences


def _again(findings: Findings, territory: Territory, locale: Locale) -> Section:
    """Return the command line of the comparison and the facts that fix its result."""
    manifest, numbers = findings.manifest, locale.numbers
    shipped = {
        side: is_shipped(manifest[side], manifest["overrides"], territory) for side in ("a", "b")
    }
    files = [f"{manifest[side]['name']}.yaml" for side in ("a", "b") if not shipped[side]]
    seconds = numbers.fixed(manifest["cost"]["seconds"], 1)
    named = {
        **{f"r_{side}": f"{manifest[side]['name']}, {manifest[side]['hash']}" for side in "ab"},
        "r_seeds": ", ".join(map(str, manifest["seeds"])),
        "r_scale": numbers.percent(manifest["scale"]),
        "r_territory": f"{manifest['territory']['name']}, {manifest['territory']['hash']}",
        **made_with(manifest, locale),
        "r_cost": locale.say("r_seconds", seconds=seconds),
    }
    if drawn := manifest.get("posterior"):
        named["r_posterior"] = f"{drawn['name']}, {drawn['hash']}"
    note = " ".join(locale.say("reproduce_yaml", file=file) for file in files)
    texts = [(locale.words[f"text_{side}"], manifest[side]["yaml"]) for side in ("a", "b")]
    lead = f"{locale.words['reproduce_lead']} {note}".rstrip()
    return again(lead, command(manifest, territory, shipped), named, locale, texts)


def command(manifest: Mapping[str, Any], territory: Territory, shipped: Mapping[str, bool]) -> str:
    """Return the command line that gives a comparison again.

    Parameters
    ----------
    manifest : mapping
        Of the comparison.
    territory : Territory
    shipped : mapping of str to bool
        Whether the name alone gives scenario ``a`` and ``b``; else their files are named.

    Returns
    -------
    str
    """
    words = ["sim77", "compare"]
    words += [
        manifest[side]["name"] if shipped[side] else f"{manifest[side]['name']}.yaml"
        for side in ("a", "b")
    ]
    seeds = manifest["seeds"]
    words += ["--seeds", str(len(seeds))]
    if seeds[0] != 1:
        words += ["--first-seed", str(seeds[0])]
    if drawn := manifest.get("posterior"):
        words += ["--posterior", drawn["name"], "--seeds-per-draw", str(drawn["seeds_per_draw"])]
    if any(shipped.values()):
        for name, value in manifest["overrides"].items():
            words += ["--set", f"{name}={value}"]
    return shlex.join([*words, *options(manifest, territory), "--out", "out/again"])
