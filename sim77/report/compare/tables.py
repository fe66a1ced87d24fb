"""The tables behind the drawings of the comparison's page, as texts in one language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim77.registry.indicators import described
from sim77.report.compare.findings import TRAVEL, Effect, Findings, effect_of
from sim77.report.compare.map import Layer
from sim77.report.compare.text import label, signed
from sim77.report.locale import NOTHING, Locale, decimals_apart, decimals_of
from sim77.report.names import telecentre_names
from sim77.report.tables import Table, heads, records
from sim77.territory.territory import Territory

_DIGITS = 3
_A_DAY = " a day"


def communes_table(findings: Findings, layers: tuple[Layer, ...], locale: Locale) -> Table:
    """Show each commune: of every indicator of the maps A, B, the difference and its interval."""
    numbers = locale.numbers
    columns = [locale.words[f"c_{key}"] for key in ("a", "b", "diff", "half")]
    titles = [*heads(locale, "commune simulated_workers")]
    of: list[int | None] = [None, None]
    for place, layer in enumerate(layers):
        name = locale.words[layer.scale.key]
        titles += [locale.say("c_of", indicator=name, column=column) for column in columns]
        of += [place] * len(columns)
    table = findings.comparison.communes
    simulated = table.loc[table["indicator"] == "workers_at_work", "simulated_workers"].tolist()
    rows = []
    for row, name in enumerate(findings.names):
        cells = [name, numbers.count(simulated[row])]
        for layer in layers:
            cells += _cells(layer, row, locale) if not findings.few[row] else [NOTHING] * 4
        rows.append(cells)
    return Table(tuple(titles), rows, prefix="c", file="communes.csv", of=of)


def _cells(layer: Layer, row: int, locale: Locale) -> list[str]:
    effect, fixed = layer.effects[row], locale.numbers.fixed
    level, finer = layer.scale.decimals + 1, layer.decimals + 1
    return [
        fixed(effect.a, level),
        fixed(effect.b, level),
        signed(effect.effect, finer, locale),
        fixed(effect.half, finer),
    ]


def transitions_table(findings: Findings, locale: Locale) -> Table:
    """Show the whole transition matrix, those who do the same included."""
    rows = [_switch(row, locale) for row in records(findings.comparison.transitions)]
    titles = heads(locale, "from_a to_b per_day half minutes_back half")
    return Table(titles, rows, names=2, file="transitions.csv")


def transitions_by_group_table(findings: Findings, locale: Locale) -> Table:
    """Show who changes by occupation, most first."""
    rows = [
        row
        for row in records(findings.comparison.transitions_by_group)
        if row["from"] != row["to"] and row["worker_days_per_day"] > 0
    ]
    rows.sort(key=lambda row: -row["worker_days_per_day"])
    titles = heads(locale, "group from_a to_b per_day half minutes_back half")
    cells = [[locale.words[row["group"]], *_switch(row, locale)] for row in rows]
    return Table(titles, cells, names=3, file="transitions_by_group.csv")


def _switch(row: dict[str, Any], locale: Locale) -> list[str]:
    some = locale.numbers.significant
    minutes = row["minutes_saved_per_day"]
    return [
        locale.words[f"k_{row['from']}"],
        locale.words[f"k_{row['to']}"],
        some(row["worker_days_per_day"], _DIGITS),
        some(0.5 * (row["high"] - row["low"])),
        signed(minutes, decimals_of(minutes, _DIGITS), locale),
        some(0.5 * (row["minutes_high"] - row["minutes_low"])),
    ]


def effects_table(findings: Findings, locale: Locale) -> Table:
    """Show every effect with its intervals, in the units of the results."""
    rows = [
        (
            label(name, locale),
            unit_of(name, locale),
            *_sides(effect, locale),
            *_intervals(effect, locale),
        )
        for name, effect in findings.effects.items()
    ]
    titles = heads(locale, "indicator unit a b diff low high unpaired")
    return Table(titles, rows, names=2, file="effects.csv")


def unit_of(name: str, locale: Locale) -> str:
    """Return the unit of an indicator in words."""
    unit = described(name).daily_unit
    base = unit.removesuffix(_A_DAY)
    suffix = locale.words["un_a_day"] if base != unit else ""
    return locale.words[f"un_{base}"] + suffix


def _sides(effect: Effect, locale: Locale) -> list[str]:
    return locale.numbers.apart(effect.a, effect.b, digits=_DIGITS)


def _intervals(effect: Effect, locale: Locale) -> list[str]:
    """Write the effect, the ends of its interval, and half the unpaired one."""
    ends = (effect.effect, effect.low, effect.high)
    decimals = decimals_apart(ends, decimals_of(effect.effect, _DIGITS))
    unpaired = 0.5 * (effect.unpaired_high - effect.unpaired_low)
    return [
        *(signed(each, decimals, locale) for each in ends),
        locale.numbers.significant(unpaired),
    ]


def groups_table(findings: Findings, locale: Locale) -> Table:
    """Show the travel time by occupation and size of employer."""
    table = findings.comparison.groups
    at_work = table[(table["indicator"] == "workers_at_work") & (table["a"] > 0)]
    present = set(zip(at_work["group"], at_work["employer_size"], strict=True))
    rows = []
    for row in records(table[table["indicator"] == TRAVEL]):
        if (row["group"], row["employer_size"]) not in present:
            continue
        effect = effect_of(row)
        size = locale.words["size_all" if row["employer_size"] == "all" else row["employer_size"]]
        rows.append((locale.words[row["group"]], size, *_sides(effect, locale),
                     *_intervals(effect, locale)))  # fmt: skip
    titles = heads(locale, "group size a b diff low high unpaired")
    return Table(titles, rows, names=2, file="groups.csv")


def deciles_table(findings: Findings, locale: Locale) -> Table:
    """Show the effect on travel time by tenth of workers."""
    numbers = locale.numbers
    rows = []
    for row in records(findings.comparison.equity):
        # As in the other tables, B less A: a gain is less travel.
        diff, low, high = (-row[name] for name in ("gain_min_per_day", "high", "low"))
        decimals = decimals_apart((diff, low, high), decimals_of(diff, _DIGITS))
        rows.append(
            (
                numbers.count(row["decile_of_commute"]),
                numbers.count(row["workers"]),
                numbers.count(row["commute_min"]),
                *(signed(each, decimals, locale) for each in (diff, low, high)),
            )
        )
    return Table(heads(locale, "decile workers commute diff low high"), rows, file="equity.csv")


def telecentres_table(findings: Findings, territory: Territory, locale: Locale) -> Table:
    """Show each telecentre open in A or B, in the order of the maps."""
    numbers, names = locale.numbers, telecentre_names(territory, locale)
    whole = ("desks_a", "desks_b")
    finer = (
        "desks_occupied_a", "desks_occupied_b", "user_days_per_day_a", "user_days_per_day_b",
        "refusals_per_day_a", "refusals_per_day_b",
    )  # fmt: skip
    rows = [
        (
            names[row["telecentre_id"]],
            *(numbers.count(row[name]) for name in whole),
            *(numbers.fixed(row[name], 1) for name in finer),
        )
        for row in records(findings.comparison.telecentres)
    ]
    keys = "site desks_a desks_b used_a used_b days_a days_b refused_a refused_b"
    return Table(heads(locale, keys), rows, prefix="t", file="telecentres.csv")


def parts_table(findings: Findings, locale: Locale) -> Table:
    """Show of every effect half its interval, what each part makes of it, and the share."""
    rows = [
        (
            label(row["indicator"], locale),
            unit_of(row["indicator"], locale),
            *_part_cells(row, locale),
            locale.numbers.count(row["draws_same_sign"]),
        )
        for row in records(findings.comparison.effects)
    ]
    keys = "indicator unit half half_seeds half_parameters share_parameters from_to same_sign"
    titles = heads(locale, keys)
    return Table(titles, rows, names=2, file="effects.csv")


def _part_cells(row: Mapping[str, Any], locale: Locale) -> list[str]:
    some, percent = locale.numbers.significant, locale.numbers.percent
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
        locale.say("interval", low=percent(low), high=percent(high)) if known else NOTHING,
    ]  # fmt: skip
