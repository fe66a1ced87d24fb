"""The tables behind the figures of a calibration's page, as texts in one language."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim77.report.calibration.diagnostics import (
    conclusion_label,
    diagnostics_locale,
    point_label,
)
from sim77.report.calibration.facts import DIAGNOSTICS, CalibrationFacts
from sim77.report.calibration.names import parameter_label, row_label
from sim77.report.calibration.text import (
    digits_of,
    digits_told,
    short_unit,
    surely,
    whose,
    written,
)
from sim77.report.locale import NOTHING, Locale, decimals_apart, decimals_for
from sim77.report.tables import Table

GATE_TABLES = {
    "recovery": "recovery_counts",
    "sbc": "sbc_counts",
    "identification": "identification",
    "predictive": "predictive",
    "conclusions": "sensitivity",
}
_NOT_SHOWN = ("use", "family", "anchor", "unit")


def _heads(locale: Locale, keys: str) -> tuple[str, ...]:
    return tuple(locale.words[f"h_{key}"] for key in keys.split())


def targets_table(facts: CalibrationFacts, locale: Locale) -> Table:
    """Show every target: observation, model, check, whose rate it is."""
    words, rows = locale.words, []
    for row in facts.targets.to_dict("records"):
        digits = digits_told(row)
        verdict = "beside" if row["use"] == "compare" else "met" if row["met"] else "missed"
        rows.append(
            (
                row_label(row["target"], locale),
                words[f"verdict_{verdict}"],
                words[f"use_{row['use']}"],
                *(written(row[name], digits, locale) for name in ("value", "error")),
                *_apart(row, ("model", "low", "high", "check"), digits, locale),
                short_unit(row["unit"], locale),
                words.get(f"who {row['whose']}", row["whose"]),
            )
        )
    heads = _heads(locale, "row verdict use value error model low high check unit whose")
    return Table(heads, rows, names=3, words=2, file="targets.csv")


def _apart(
    row: Mapping[Hashable, Any], names: Sequence[str], digits: int, locale: Locale
) -> list[str]:
    """Write the model's numbers so that those that differ, or miss the observation, look so."""
    observed = round(row["value"], digits)
    digits = decimals_apart([observed, *(row[name] for name in names)], digits)
    return [written(row[name], digits, locale) for name in names]


def validation_table(facts: CalibrationFacts, locale: Locale) -> Table:
    """Show every validation row that runs were compared with."""
    words, rows = locale.words, []
    for row in facts.compared.to_dict("records"):
        digits = digits_told(row)
        rows.append(
            (
                row_label(row["row"], locale),
                words[f"verdict_{row['verdict']}"],
                words[f"expects_{row['expects']}"],
                *(written(row[name], digits, locale) for name in ("value", "error")),
                *_apart(row, ("model", "low", "high"), digits, locale),
                short_unit(row["unit"], locale),
                surely(row, locale),
                whose(row["row"], locale),
            )
        )
    heads = _heads(locale, "row verdict expects value error model low high unit surely whose")
    return Table(heads, rows, names=3, words=3, file="validation.csv")


def left_table(facts: CalibrationFacts, locale: Locale) -> Table:
    """Show the validation rows that cannot be compared, each with the reason."""
    assert facts.validation is not None
    left = facts.validation[facts.validation["model"].isna()]
    rows = [
        (
            row_label(row["row"], locale),
            written(row["value"], digits_of(row["error"]), locale),
            short_unit(row["unit"], locale),
            locale.words[f"reason {row['reason']}"],
        )
        for row in left.to_dict("records")
    ]
    return Table(_heads(locale, "row value unit reason"), rows, words=2)


def widths_table(facts: CalibrationFacts, locale: Locale) -> Table:
    """Show prior and posterior of each free parameter."""
    fixed, rows = locale.numbers.fixed, []
    for row in facts.widths.to_dict("records"):
        digits = max(digits_of(0.1 * max(abs(row["prior_low"]), abs(row["prior_high"]))), 0)
        rows.append(
            (
                parameter_label(str(row["parameter"]), locale),
                str(row["parameter"]),
                *(fixed(row[each], digits) for each in ("prior_low", "prior_high", "mean")),
                fixed(row["low"], digits),
                fixed(row["high"], digits),
                locale.numbers.percent(row["width_ratio"], 0),
                locale.words["identified" if row["identified"] else "not_identified"],
            )
        )
    heads = _heads(locale, "parameter name prior_low prior_high mean low high width_ratio verdict")
    return Table(heads, rows, names=2, words=1, file="widths.csv")


def solved_tables(facts: CalibrationFacts, locale: Locale) -> list[tuple[str, Table]]:
    """Show the agreements that were solved for every draw, by year."""
    free = {name for names in facts.free.values() for name in names}
    groups: dict[str, list[str]] = {}
    for name in facts.solved:
        if name not in free:
            groups.setdefault(name.partition("@")[2][:4], []).append(name)
    return [
        (locale.say("solved_agreements", year=year), _solved_table(facts, names, locale))
        for year, names in groups.items()
    ]


def _solved_table(facts: CalibrationFacts, names: list[str], locale: Locale) -> Table:
    fixed, rows = locale.numbers.fixed, []
    for name in names:
        entry = facts.solved[name]
        ends = [entry.get(end, np.nan) for end in ("low", "high")]
        rows.append(
            (
                parameter_label(name.partition("@")[0], locale),
                name,
                *(fixed(float(each), 3) for each in (entry["value"], *ends)),
                str(entry["confidence"]),
                locale.words.get(f"why {entry.get('why', '')}", str(entry.get("why", ""))),
            )
        )
    heads = _heads(locale, "parameter name value low high confidence why")
    return Table(heads, rows, names=2, words=2, file="solved.yaml")


def generations_table(facts: CalibrationFacts, locale: Locale) -> Table:
    """Show each generation: what it accepted, and what it is worth."""
    fixed, rows = locale.numbers.fixed, []
    for each in facts.manifest.get("generations", []):
        accepted = float(each["epsilon"])
        rows.append(
            (
                str(int(each["number"]) + 1),
                locale.words["everything"] if accepted > 1e6 else fixed(accepted, 2),
                locale.numbers.count(each["evaluations"]),
                fixed(each["median_distance"], 2),
                fixed(each["effective"], 1),
            )
        )
    return Table(_heads(locale, "generation epsilon evaluations distance effective"), rows)


def gate_table(facts: CalibrationFacts, gate: str, locale: Locale) -> Table | None:
    """Show the table of a diagnostic; None where there is none."""
    name = GATE_TABLES[gate]
    frame = facts.diagnostics.get(name)
    if frame is None:
        return None
    columns = [each for each in frame.columns if not each.startswith(_NOT_SHOWN)]
    heads = tuple(locale.words.get(f"h_{each}", each) for each in columns)
    rows = [
        tuple(_cell(row, each, locale) for each in columns) for row in frame.to_dict("records")
    ]  # fmt: skip
    return Table(heads, rows, file=f"{DIAGNOSTICS}/{name}.csv")


def _cell(row: dict[Hashable, Any], column: str, locale: Locale) -> str:
    value = row[column]
    if column == "conclusion":
        return conclusion_label(str(value), diagnostics_locale(locale.language))
    if column == "parameter":
        return parameter_label(str(value), locale)
    if column in ("at_lowest", "at_highest"):
        return point_label(str(value), diagnostics_locale(locale.language))
    if column == "target":
        return row_label(str(value), locale)
    if isinstance(value, bool | np.bool_):
        return locale.words["yes" if value else "no"]
    if isinstance(value, str):
        return locale.words.get(f"value {value}", value)
    if pd.isna(value):
        return NOTHING
    number = float(value)
    return locale.numbers.fixed(number, 0 if number.is_integer() else decimals_for(number))
