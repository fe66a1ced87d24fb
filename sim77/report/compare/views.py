"""The sections of the comparison's page in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.claims.claims import NOT_SUPPORTED
from sim77.core.units import WEEKDAYS
from sim77.report.compare import tables
from sim77.report.compare.charts import draw_flows, draw_weeks, effect_row, gain_rows
from sim77.report.compare.findings import Effect, Findings
from sim77.report.compare.map import Layer, Maps
from sim77.report.compare.text import (
    CO2E_SOURCES,
    GAIN,
    KEY_MEASURES,
    Measure,
    flow_text,
    label,
    scenario_label,
    signed,
    value_of,
)
from sim77.report.locale import Voice, decimals_apart, decimals_of, least_decimals
from sim77.report.run.facts import LEAST_WORKERS
from sim77.report.tables import records
from sim77.territory.territory import Territory

_WEEK_WIDTHS = {"wide": 1290.0, "middle": 840.0, "narrow": 350.0}
_LEAST_WEEKS = 3
_COMMUNES = 5


@dataclass(frozen=True)
class Scene:
    """What the page is about: the findings, the territory and the maps of both."""

    findings: Findings
    territory: Territory
    maps: Maps


def section_maps(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return the names and legends of the three maps."""
    findings, numbers = scene.findings, voice.numbers
    communes = numbers.count(len(findings.names))
    sites = records(findings.comparison.telecentres)
    first = scene.maps.layers[0]
    return {
        "a": scenario_label(findings, "a", voice),
        "b": scenario_label(findings, "b", voice),
        "role_a": _role(findings, "a", communes, voice),
        "role_b": _role(findings, "b", communes, voice),
        "role_d": voice.say(
            "map_role_diff", communes=communes, veiled=numbers.count(first.veiled.sum())
        ),
        "layers": [_legend(layer, voice) for layer in scene.maps.layers],
        "veil": voice.say(
            "legend_noise" if findings.seeds > 1 else "legend_noise_one", least=str(LEAST_WORKERS)
        ),
        "rings": _rings(sites, voice),
    }


def _role(findings: Findings, side: str, communes: str, voice: Voice) -> str:
    return voice.say(
        "map_role_side",
        communes=communes,
        side=voice.words[f"map_{side}"],
        label=scenario_label(findings, side, voice),
    )


def _rings(sites: list[dict[str, Any]], voice: Voice) -> str:
    """Say what the rings mean, if there are any."""
    if not sites:
        return ""
    closed = any(site["days_open_b"] == 0 for site in sites)
    return voice.words["legend_rings" if closed else "legend_rings_open"]


def _legend(layer: Layer, voice: Voice) -> dict[str, Any]:
    fixed, key = voice.numbers.fixed, layer.shown.key
    ends = [voice.words[f"end_{side}_{key}"] for side in ("less", "more")]
    breaks = [layer.shown.good * each for each in layer.breaks]
    return {
        "name": voice.words[layer.scale.key],
        "unit": voice.words[f"{layer.scale.key}_unit"],
        "breaks": [fixed(value, layer.scale.decimals) for value in layer.scale.breaks],
        "diff": voice.words[f"m_{key}_diff"],
        "diff_breaks": [signed(value, least_decimals(value), voice) for value in breaks],
        "ends": ends[:: layer.shown.good],
        "all_veiled": bool(layer.veiled.all()),
    }


# Who changes, effects ----------------------------------------------------------------------


def section_changes(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return the ribbons of who changes, with the tables behind."""
    findings, numbers = scene.findings, voice.numbers
    changed = numbers.significant(findings.changed)
    key = "changes_one" if findings.changed < 2 and voice.language == "fr" else "changes"
    flows = ", ".join(flow_text(row, voice) for row in findings.switches)
    return {
        "any": bool(findings.switches),
        "title": voice.say(key, number=changed),
        "unchanged": voice.say("unchanged", number=numbers.count(findings.unchanged)),
        "role": voice.say("flows_role", flows=flows),
        "svg": draw_flows(findings, voice) if findings.switches else "",
        "table": tables.switches_table(findings, voice),
        "by_group": tables.switches_by_group_table(findings, voice),
    }


def section_effects(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return the key effects, all others by subject, and their table."""
    findings = scene.findings
    trains = [Measure(f"load_factor_{line}", "u_points", 100.0) for line in findings.lines]
    sources = [Measure(f"co2e_{name}_kg", "u_kg") for name in CO2E_SOURCES]
    people = [
        Measure("minutes_saved_per_worker", "u_minutes_each"),
        Measure("travel_min", "u_hours", 1.0 / 60.0),
        Measure("share_remote", "u_points", 100.0),
        Measure("home", "u_persons"),
        Measure("telecentre", "u_persons"),
    ]
    centres = [Measure("desks_occupied", "u_desks"), Measure("centre_revenue_workers_eur", "u_eur")]
    money = [Measure("cost_eur", "u_eur"), Measure("time_value_official_eur", "u_eur")]
    subjects = {
        "h_people": people,
        "h_co2e": [*sources, Measure("co2e_travel_kg", "u_kg")],
        "h_trains": trains,
        "h_centres": centres,
        "h_money": money,
    }
    wider = findings.times_wider
    return {
        "title": voice.words["effects" if findings.seeds > 1 else "effects_one"],
        "key": [_row(findings, measure, voice) for measure in KEY_MEASURES],
        "subjects": [
            (voice.words[key], [_row(findings, each, voice) for each in measures])
            for key, measures in subjects.items()
            if measures
        ],
        "wider": voice.say("unpaired_wider", times=voice.numbers.rounded(wider))
        if np.isfinite(wider)
        else "",
        "table": tables.effects_table(findings, voice),
    }


def _row(findings: Findings, measure: Measure, voice: Voice) -> dict[str, Any]:
    effect = findings.effects[measure.indicator].times(measure.factor)
    return effect_row(label(measure.indicator, voice), effect, voice.words[measure.unit], voice)


# For whom, when ----------------------------------------------------------------------------


def section_gains(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return who gains and who loses: groups, tenths of commute, weekdays, communes."""
    findings, numbers = scene.findings, voice.numbers
    groups = [(voice.words[name], effect) for name, effect in findings.groups(GAIN).items()]
    weekdays = [
        (numbers.weekday(WEEKDAYS.index(name)), effect)
        for name, effect in findings.weekdays(GAIN).items()
    ]
    deciles = [
        (
            voice.say(
                "decile",
                number=numbers.count(row["decile_of_commute"]),
                minutes=numbers.count(row["commute_min"]),
            ),
            Effect(0.0, 0.0, row["gain_min_per_day"], row["low"], row["high"]),
        )
        for row in records(findings.comparison.equity)
    ]
    tested = len(findings.names) - int(findings.few.sum())
    return {
        "lead": voice.words["gains_lead" if findings.seeds > 1 else "gains_lead_one"],
        "groups": gain_rows(groups, voice),
        "deciles": gain_rows(deciles, voice),
        "weekdays": gain_rows(weekdays, voice),
        "most": _communes(findings, 1.0, voice),
        "least": _communes(findings, -1.0, voice),
        "chance": voice.say("communes_chance", number=numbers.count(tested))
        if findings.seeds > 1
        else voice.words["communes_no_interval"],
        "named": findings.seeds > 1,
        "groups_table": tables.groups_table(findings, voice),
        "deciles_table": tables.deciles_table(findings, voice),
    }


def _communes(findings: Findings, sign: float, voice: Voice) -> list[tuple[str, str]]:
    return [
        (findings.names[row], value_of(effect, voice))
        for row, effect in findings.surest(GAIN, sign, _COMMUNES)
    ]


def section_weeks(scene: Scene, voice: Voice) -> dict[str, Any]:
    """Return the effect week by week; nothing for a run of a few weeks."""
    weeks, effects = scene.findings.weeks("minutes_saved")
    if len(weeks) < _LEAST_WEEKS:
        return {}
    mondays = [pd.Timestamp(week).date() for week in weeks]
    values = [each.effect for each in effects]
    return {
        "drawings": {
            name: draw_weeks(mondays, effects, voice, width) for name, width in _WEEK_WIDTHS.items()
        },
        "role": voice.say(
            "weeks_role",
            low=voice.numbers.significant(min(values)),
            high=voice.numbers.significant(max(values)),
        ),
    }


MARKS: Mapping[str, tuple[str, str]] = {
    "supported": ("✓", "yes"),
    "not supported": ("✕", "no"),
    "undecided": ("~", "perhaps"),
    "outside the model": ("◌", "outside"),
}


def section_claims(scene: Scene, voice: Voice) -> list[dict[str, str]]:
    """Return what was said of telecentres, with the verdict of this comparison."""
    said = []
    for row in records(scene.findings.comparison.claims):
        mark, key = MARKS[row["verdict"]]
        language = voice.language
        said.append(
            {
                "mark": mark,
                "kind": key,
                "text": voice.say("claim", text=row[f"text_{language}"]),
                "verdict": voice.words[f"v_{key}"],
                "found": row[f"outside_{language}"] or found_of_claim(row, voice),
                "source": f"{row[f'whose_{language}']}, {row[f'source_{language}']}",
            }
        )
    return sorted(said, key=lambda each: each["kind"] == "outside")


def found_of_claim(row: dict[str, Any], voice: Voice) -> str:
    """Say what the model finds of a claim, with its interval and what it is measured on."""
    said = measure_of_claim(row, voice)
    if not np.isfinite(row["mean"]):
        return said
    return f"{said}, {row[f'condition_{voice.language}']}".rstrip(", ")


def measure_of_claim(row: dict[str, Any], voice: Voice) -> str:
    """Say the number that the model finds of a claim, with its interval."""
    if not np.isfinite(row["mean"]):
        return voice.words["v_nothing"]
    ends = (row["mean"], row["low"], row["high"])
    # Beside what is claimed, so that 72.9 is not told as the 73 that it is compared with.
    limits = [row[name] for name in ("number", "claim_low", "claim_high")]
    decimals = decimals_apart((*ends, *limits), decimals_of(row["mean"]))
    mean, low, high = (voice.numbers.fixed(each, decimals) for each in ends)
    said = f"{mean} {row[f'unit_{voice.language}']}"
    if np.isfinite(row["low"]) and low != high:
        said += f" ({voice.say('interval', low=low, high=high)})"
    if row["verdict"] != NOT_SUPPORTED or row["sense"] in ("above", "below"):
        return said
    more = row["mean"] > row["claim_high"]
    return f"{voice.words['claim_more' if more else 'claim_less']} {said}"
