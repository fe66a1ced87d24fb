"""The tables behind the drawings of the comparison's page, as texts in one language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim77.registry.indicators import described
from sim77.report.compare.findings import Effect, Findings, effect_of
from sim77.report.compare.map import Layer
from sim77.report.compare.text import GAIN, label, signed
from sim77.report.locale import NOTHING, Voice, decimals_apart, decimals_of
from sim77.report.tables import Table, heads, records

_DIGITS = 3
_A_DAY = " a day"


def communes_table(findings: Findings, layers: tuple[Layer, ...], voice: Voice) -> Table:
    """Show each commune: of every indicator of the maps A, B, the difference and its interval."""
    numbers = voice.numbers
    columns = [voice.words[f"c_{key}"] for key in ("a", "b", "diff", "half")]
    titles = [*heads(voice, "commune simulated_workers")]
    of: list[int | None] = [None, None]
    for place, layer in enumerate(layers):
        name = voice.words[layer.scale.key]
        titles += [voice.say("c_of", indicator=name, column=column) for column in columns]
        of += [place] * len(columns)
    table = findings.comparison.communes
    simulated = table.loc[table["indicator"] == "workers_at_work", "simulated_workers"].tolist()
    rows = []
    for row, name in enumerate(findings.names):
        cells = [name, numbers.count(simulated[row])]
        for layer in layers:
            cells += _cells(layer, row, voice) if not findings.few[row] else [NOTHING] * 4
        rows.append(cells)
    return Table(tuple(titles), rows, prefix="c", file="communes.csv", of=of)


def _cells(layer: Layer, row: int, voice: Voice) -> list[str]:
    effect, fixed = layer.effects[row], voice.numbers.fixed
    level, finer = layer.scale.decimals + 1, layer.decimals + 1
    return [
        fixed(effect.a, level),
        fixed(effect.b, level),
        signed(effect.effect, finer, voice),
        fixed(effect.half, finer),
    ]


def switches_table(findings: Findings, voice: Voice) -> Table:
    """Show the whole switch matrix, those who do the same included."""
    rows = [_switch(row, voice) for row in records(findings.comparison.switches)]
    titles = heads(voice, "from_a to_b per_day half minutes_back half")
    return Table(titles, rows, names=2, file="switches.csv")


def switches_by_group_table(findings: Findings, voice: Voice) -> Table:
    """Show who changes by occupation, most first."""
    rows = [
        row
        for row in records(findings.comparison.switches_by_group)
        if row["from"] != row["to"] and row["worker_days_per_day"] > 0
    ]
    rows.sort(key=lambda row: -row["worker_days_per_day"])
    titles = heads(voice, "group from_a to_b per_day half minutes_back half")
    cells = [[voice.words[row["group"]], *_switch(row, voice)] for row in rows]
    return Table(titles, cells, names=3, file="switches_by_group.csv")


def _switch(row: dict[str, Any], voice: Voice) -> list[str]:
    some = voice.numbers.significant
    minutes = row["minutes_saved_per_day"]
    return [
        voice.words[f"k_{row['from']}"],
        voice.words[f"k_{row['to']}"],
        some(row["worker_days_per_day"], _DIGITS),
        some(0.5 * (row["high"] - row["low"])),
        signed(minutes, decimals_of(minutes, _DIGITS), voice),
        some(0.5 * (row["minutes_high"] - row["minutes_low"])),
    ]


def effects_table(findings: Findings, voice: Voice) -> Table:
    """Show every effect with its intervals, in the units of the results."""
    rows = [
        (
            label(name, voice),
            unit_of(name, voice),
            *_sides(effect, voice),
            *_intervals(effect, voice),
        )
        for name, effect in findings.effects.items()
    ]
    titles = heads(voice, "indicator unit a b diff low high unpaired")
    return Table(titles, rows, names=2, file="effects.csv")


def unit_of(name: str, voice: Voice) -> str:
    """Return the unit of an indicator in words."""
    unit = described(name).daily_unit
    base = unit.removesuffix(_A_DAY)
    suffix = voice.words["un_a_day"] if base != unit else ""
    return voice.words[f"un_{base}"] + suffix


def _sides(effect: Effect, voice: Voice) -> list[str]:
    return voice.numbers.apart(effect.a, effect.b, digits=_DIGITS)


def _intervals(effect: Effect, voice: Voice) -> list[str]:
    """Write the effect, the ends of its interval, and half the unpaired one."""
    ends = (effect.effect, effect.low, effect.high)
    decimals = decimals_apart(ends, decimals_of(effect.effect, _DIGITS))
    unpaired = 0.5 * (effect.unpaired_high - effect.unpaired_low)
    return [*(signed(each, decimals, voice) for each in ends), voice.numbers.significant(unpaired)]


def groups_table(findings: Findings, voice: Voice) -> Table:
    """Show the minutes given back by occupation and size of employer."""
    table = findings.comparison.groups
    at_work = table[(table["indicator"] == "workers_at_work") & (table["a"] > 0)]
    present = set(zip(at_work["group"], at_work["employer_size"], strict=True))
    rows = []
    for row in records(table[table["indicator"] == GAIN]):
        if (row["group"], row["employer_size"]) not in present:
            continue
        effect = effect_of(row)
        size = voice.words["size_all" if row["employer_size"] == "all" else row["employer_size"]]
        rows.append((voice.words[row["group"]], size, *_sides(effect, voice),
                     *_intervals(effect, voice)))  # fmt: skip
    titles = heads(voice, "group size a b diff low high unpaired")
    return Table(titles, rows, names=2, file="groups.csv")


def deciles_table(findings: Findings, voice: Voice) -> Table:
    """Show the minutes given back by tenth of workers."""
    numbers = voice.numbers
    rows = []
    for row in records(findings.comparison.equity):
        gain = row["gain_min_per_day"]
        decimals = decimals_apart((gain, row["low"], row["high"]), decimals_of(gain, _DIGITS))
        rows.append(
            (
                numbers.count(row["decile_of_commute"]),
                numbers.count(row["workers"]),
                numbers.count(row["commute_min"]),
                *(signed(each, decimals, voice) for each in (gain, row["low"], row["high"])),
            )
        )
    return Table(heads(voice, "decile workers commute diff low high"), rows, file="equity.csv")


def telecentres_table(findings: Findings, voice: Voice) -> Table:
    """Show each telecentre open in A or B, in the order of the maps."""
    numbers = voice.numbers
    whole = ("desks_a", "desks_b")
    finer = (
        "desks_occupied_a", "desks_occupied_b", "worker_days_per_day_a", "worker_days_per_day_b",
        "refusals_per_day_a", "refusals_per_day_b",
    )  # fmt: skip
    rows = [
        (
            row["name"],
            *(numbers.count(row[name]) for name in whole),
            *(numbers.fixed(row[name], 1) for name in finer),
        )
        for row in records(findings.comparison.telecentres)
    ]
    keys = "site desks_a desks_b used_a used_b days_a days_b refused_a refused_b"
    return Table(heads(voice, keys), rows, prefix="t", file="telecentres.csv")


def parts_table(findings: Findings, voice: Voice) -> Table:
    """Show of every effect half its interval, what each part makes of it, and the share."""
    rows = [
        (
            label(row["indicator"], voice),
            unit_of(row["indicator"], voice),
            *_part_cells(row, voice),
            voice.numbers.count(row["draws_same_sign"]),
        )
        for row in records(findings.comparison.effects)
    ]
    keys = "indicator unit half half_seeds half_parameters share_parameters from_to same_sign"
    titles = heads(voice, keys)
    return Table(titles, rows, names=2, file="effects.csv")


def _part_cells(row: Mapping[str, Any], voice: Voice) -> list[str]:
    some, percent = voice.numbers.significant, voice.numbers.percent
    whole = 0.5 * (row["high"] - row["low"])
    if not math.isfinite(row["parameter_share"]):
        return [some(whole, 2), *(NOTHING,) * 4]
    low, high = row["parameter_share_low"], row["parameter_share_high"]
    known = math.isfinite(low) and math.isfinite(high)
    return [
        *(some(each, 2)
          for each in (whole, row["sampling_half_width"], row["parameter_half_width"])),
        # Estimated below zero, where seeds alone differ more than draws do.
        percent(row["parameter_share"]) + ("" if row["parameter_variance"] >= 0.0 else " (<)"),
        voice.say("interval", low=percent(low), high=percent(high)) if known else NOTHING,
    ]  # fmt: skip
