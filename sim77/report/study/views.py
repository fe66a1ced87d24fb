"""The chapters of a study's page, one a headline outcome, in one language."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.discovery.discovery import Box
from sim77.analysis.sweep.outcome_direction import EFFECT
from sim77.report.locale import Voice, least_decimals
from sim77.report.study import tables
from sim77.report.study.charts import (
    Curve,
    Shades,
    bar_rows,
    curve_of,
    decimals_for,
    draw_factor,
    grid_of,
    shades_of,
)
from sim77.report.study.facts import Finding, StudyFacts
from sim77.report.study.text import (
    box_text,
    condition_text,
    factor_label,
    factor_of,
    figures,
    limit_text,
    noise_text,
    number,
    outcome_label,
    outcome_unit,
    regret_text,
    tidy,
    value_text,
    why_not,
)

_BARS = {
    "sobol": (("main", "first"), ("more", "total")),
    "morris": (("main", "mu_star"), ("spread", "sigma")),
    "delta": (("main", "delta"),),
}
MOST_PAIRS = 8
"""Pairs of factors drawn; the table behind the chart has all."""


def chapter(facts: StudyFacts, finding: Finding, voice: Voice) -> dict[str, Any]:
    """Return all that is said of one outcome."""
    name = finding.name
    mean = next(each for each in facts.means if each.name == name)
    label, unit = outcome_label(name, voice), outcome_unit(name, voice)
    curves = {each: curve_of(finding.points, each) for each in tables.drawn_factors(facts, finding)}
    lead = voice.say("chapter_lead", unit=unit, **figures(mean, voice))
    return {
        "name": label,
        "lead": tidy(lead),
        "noise": noise_text(finding, voice),
        "grid": _grid(facts, finding, voice),
        "panels": [_panel(facts, finding, each, curves[each], voice) for each in curves],
        "axis": voice.say("axis" if unit else "axis_plain", label=label, unit=unit),
        "curves": tables.curve_table(facts, finding, curves, voice),
        "sensitivity": _sensitivity(facts, finding, voice),
        "box": _box(facts, finding, voice),
        "leaves": _leaves(facts, finding, voice),
        "regret": {
            "text": tidy(regret_text(facts, finding, voice)),
            "table": None
            if isinstance(finding.regret, str)
            else tables.regret_table(facts, finding, voice),
        },
    }


def _panel(
    facts: StudyFacts, finding: Finding, name: str, curve: Curve, voice: Voice
) -> dict[str, Any]:
    factor = factor_label(factor_of(facts, name), voice)
    return {
        "name": factor,
        "role": voice.say(
            "panel_role",
            label=outcome_label(finding.name, voice),
            factor=factor,
            least=number(float(curve.mean.min()), voice),
            most=number(float(curve.mean.max()), voice),
        ),
        "svg": draw_factor(finding.points, name, curve, voice),
    }


# Grids -------------------------------------------------------------------------------------


def _grid(facts: StudyFacts, finding: Finding, voice: Voice) -> dict[str, Any] | None:
    """Return the table of means by two levers as coloured cells, if the study is such a grid."""
    grid = tables.lever_grid(facts, finding)
    if grid is None:
        return None
    row, column = (factor_of(facts, str(axis.name)) for axis in (grid.index, grid.columns))
    values = grid.to_numpy(float)
    names = (factor_label(row, voice), factor_label(column, voice))
    return {
        "title": voice.words["grid_title"],
        "cells": grid_of(
            values,
            [value_text(row, value, voice, unit=False) for value in grid.index],
            [value_text(column, value, voice, unit=False) for value in grid.columns],
            decimals_for(float(np.abs(values).max())),
            voice,
            names,
        ),
        **_legend(shades_of(values), voice),
        "unit": f"{outcome_label(finding.name, voice)} {outcome_unit(finding.name, voice)}",
    }


def _legend(shades: Shades, voice: Voice) -> dict[str, Any]:
    digits = max(least_decimals(value) for value in shades.breaks)
    return {
        "classes": shades.classes,
        "breaks": [voice.numbers.fixed(value, digits) for value in shades.breaks],
    }


def scores(facts: StudyFacts, voice: Voice) -> dict[str, Any]:
    """Return the feature scores of all headline outcomes as coloured cells."""
    if isinstance(facts.scores, str):
        return {"cells": None, "why": why_not("scores", facts.scores, voice)}
    wide = facts.scores.pivot_table(index="factor", columns="outcome", values="score")
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False).index]
    wide = wide[[each.name for each in facts.findings if each.name in wide]]
    values = wide.to_numpy(float)
    paired = all(str(name).startswith(EFFECT) for name in wide)
    return {
        "cells": grid_of(
            values,
            [factor_label(factor_of(facts, str(name)), voice, unit=False) for name in wide.index],
            [outcome_label(str(name), voice, short=paired) for name in wide.columns],
            2,
            voice,
        ),
        **_legend(shades_of(values), voice),
        "unit": voice.words["scores_unit"],
        "table": tables.scores_table(facts, voice),
    }


# Sensitivity, regions ----------------------------------------------------------------------


def _sensitivity(facts: StudyFacts, finding: Finding, voice: Voice) -> dict[str, Any]:
    """Return the bars of the indices, the greatest first."""
    table = finding.sensitivity
    if isinstance(table, str):
        return {"bars": [], "why": why_not("sensitivity", table, voice)}
    kinds = _BARS[finding.method]
    by_order = {
        order: table[table["order"] == order].set_index("factor") for _, order in kinds
    }  # fmt: skip
    leading = by_order[kinds[-1][1] if finding.method == "sobol" else kinds[0][1]]
    names = leading["index"].sort_values(ascending=False).index.tolist()
    rows = bar_rows(
        [factor_label(factor_of(facts, name), voice, unit=False) for name in names],
        [
            (kind, *(by_order[order].loc[names, key].tolist() for key in ("index", "low", "high")))
            for kind, order in kinds
        ],
        voice,
        decimals_for(table["index"].abs().max()) if finding.method == "morris" else 2,
    )
    unit = outcome_unit(finding.name, voice)
    return {
        "lead": tidy(
            voice.say(
                f"lead_{finding.method}", n=voice.numbers.count(table["n"].iloc[0]), unit=unit
            )
        ),
        "legend": [
            *((kind, voice.words[f"index_{order}"]) for kind, order in kinds),
            ("line", voice.words["key_interval"]),
        ],
        "bars": rows,
        "kinds": len(kinds),
        "pairs": _pairs(facts, table[table["order"] == "second"], voice),
        "table": tables.sensitivity_table(facts, finding, voice),
    }


def _pairs(facts: StudyFacts, second: pd.DataFrame, voice: Voice) -> dict[str, Any] | None:
    """Return the bars of the second-order indices, the greatest first; None without any."""
    if second.empty:
        return None
    shown = second.sort_values("index", ascending=False, kind="stable").head(MOST_PAIRS)
    names = [
        " × ".join(
            factor_label(factor_of(facts, name), voice, unit=False, inside=place > 0)
            for place, name in enumerate(pair)
        )
        for pair in zip(shown["factor"], shown["other"], strict=True)
    ]
    index, low, high = (shown[key].tolist() for key in ("index", "low", "high"))
    return {
        "lead": voice.say(
            "pairs_lead",
            shown=voice.numbers.count(len(shown)),
            number=voice.numbers.count(len(second)),
            clear=voice.numbers.count((second["low"] > 0.0).sum()),
        ),
        "legend": [("main", voice.words["index_second"]), ("line", voice.words["key_interval"])],
        "bars": bar_rows(names, [("main", index, low, high)], voice, 2),
    }


def _box(facts: StudyFacts, finding: Finding, voice: Voice) -> dict[str, Any]:
    """Return the region in words and as bars over the ranges studied."""
    if isinstance(finding.box, str):
        why = why_not("prim", finding.box, voice)
        if finding.condition is not None:
            condition = _capital(condition_text(finding.condition, voice))
            why = voice.say("why_prim", condition=condition, why=why)
        return {"text": "", "why": why}
    return {
        "lead": voice.say("box_lead", condition=condition_text(finding.box.condition, voice)),
        "text": _capital(box_text(facts, finding.box, voice)),
        "limits": _limits(facts, finding.box, voice),
        "table": tables.box_table(facts, finding, voice),
    }


def _limits(facts: StudyFacts, box: Box, voice: Voice) -> list[dict[str, str]]:
    """Return each limited factor as the part of its range that the box keeps."""
    rows = []
    for row in box.limits.to_dict("records"):
        factor = factor_of(facts, row["factor"])
        said = limit_text(factor, row, voice)
        if row["values"]:
            share = len(row["values"]) / max(len(factor.values), 1)
            style, ends = f"left:0;width:{100 * share:.1f}%", ["", ""]
        else:
            least, most = row["range_low"], row["range_high"]
            low = least if np.isnan(row["low"]) else row["low"]
            high = most if np.isnan(row["high"]) else row["high"]
            left, right = (100 * (each - least) / ((most - least) or 1.0) for each in (low, high))
            style = f"left:{left:.2f}%;width:{right - left:.2f}%"
            digits = decimals_for(max(abs(least), abs(most)))
            ends = [voice.numbers.fixed(each, digits) for each in (least, most)]
        rows.append(
            {
                "name": factor_label(factor, voice),
                "style": style,
                "said": said,
                "low": ends[0],
                "high": ends[1],
            }
        )
    return rows


def _leaves(facts: StudyFacts, finding: Finding, voice: Voice) -> dict[str, Any]:
    if not isinstance(finding.leaves, pd.DataFrame) or finding.condition is None:
        return {"table": None}
    return {
        "lead": voice.say("cart_lead", condition=condition_text(finding.condition, voice)),
        "table": tables.cart_table(facts, finding, voice),
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
