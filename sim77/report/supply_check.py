"""A territory compared with its observations, as texts."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from sim77.analysis.supply_check.check import FAIL
from sim77.analysis.supply_check.measures import ALL, LINE, MEAN, MEASURES, STATION
from sim77.report.locale import Locale, decimals_apart, decimals_of, least_decimals, locale_of
from sim77.report.names import line_labels
from sim77.territory.territory import Territory

PAGES = ("summary", "supply_check")
Row = Mapping[Hashable, Any]
_COUNTED = {LINE: ("line",), STATION: ("station",)}
"""Parts of the subjects of rows that are no measures of their own."""


def check_text(territory: Territory, table: pd.DataFrame, language: str) -> str:
    """Return the rows as a text for a terminal, failures first."""
    locale = locale_of(language, *PAGES)
    say = locale.words
    lines = [lead(territory, table, locale)]
    for row in table.to_dict("records"):
        figures = locale.say(
            "figures_estimated" if str(row["basis"]).endswith("estimate") else "figures",
            label=row_label(territory, row, locale),
            observed=observed_text(row, locale),
            model=model_text(row, locale),
        )
        lines += ["", f"{say[row['verdict']]:8}{figures}"]
        if row["verdict"] == FAIL:
            lines.append(f"        {meaning(row, locale)}")
        lines.append(f"        [{say['basis_' + row['basis']]}] {row['source']}")
    return "\n".join(lines)


def lead(territory: Territory, table: pd.DataFrame, locale: Locale) -> str:
    """Say how many rows are missed, and how many of those that no fit has used."""
    failed, unseen = table["verdict"] == FAIL, table["basis"] == "unseen"
    given = {"failed": failed, "unseen": failed & unseen, "unseen_rows": unseen}
    return locale.say(
        "lead",
        territory=territory.labels[locale.language],
        rows=locale.numbers.count(len(table)),
        **{name: locale.numbers.count(int(each.sum())) for name, each in given.items()},
    )


def row_label(territory: Territory, row: Row, locale: Locale) -> str:
    """Name a row."""
    name = str(row["measure"])
    kinds = _COUNTED.get(name) or MEASURES[name].parts
    parts: dict[str, str] = {}
    for kind, part in zip(kinds, str(row["of"]).split("/"), strict=False):
        key = f"{kind}_2" if kind in parts else kind
        parts[key] = _named(territory, kind, part, locale)
    return locale.say(f"row {name}", **parts)


def _named(territory: Territory, kind: str, part: str, locale: Locale) -> str:
    """Return what a part of a subject is called."""
    say = locale.words
    if kind in ("commune", "workplace"):
        places = territory.communes if kind == "commune" else territory.workplaces
        return str(places.set_index("code")["name"].get(part, part))
    if kind == "scope":
        return str(territory.od.settings["scopes"][part][locale.language])
    if kind == "line":
        return line_labels(territory, locale)[part]
    if kind == "statistic":
        if part == MEAN:
            return say["mean"]
        share = float(part)
        if share == 0.5:
            return say["median"]
        return locale.say("quantile", share=locale.numbers.significant(100.0 * share))
    if kind == "stop_or_all":
        return say["everywhere"] if part == ALL else locale.say("leaving", stop=part)
    if part == ALL:
        return say["all"]
    return say.get(f"{kind}_{part}", part)


def observed_text(row: Row, locale: Locale) -> str:
    """Return what is observed, with its bound and tolerance."""
    bound, tolerance = str(row["bound"]), float(row["tolerance"])
    value = float(row["value"])
    if bound == "at_most" and value == 0.0:
        # An error that is best at nothing: what counts is how much is allowed.
        return locale.say("at_most", value=_figure(tolerance, row, locale))
    key = bound if bound == "within" or tolerance == 0.0 else f"{bound}_slack"
    decimals = _decimals(row)
    return locale.say(
        key,
        value=_figure(value, row, locale),
        tolerance=locale.numbers.fixed(tolerance, decimals),
    )


def model_text(row: Row, locale: Locale) -> str:
    """Return the model's figure."""
    return _figure(float(row["model"]), row, locale)


def _figure(value: float, row: Row, locale: Locale) -> str:
    number = locale.numbers.fixed(value, _decimals(row))
    return locale.say(f"unit_{row['unit']}", number=number)


def _decimals(row: Row) -> int:
    """Return the decimals that tell a model apart from what is allowed."""
    value, model, tolerance = (float(row[name]) for name in ("value", "model", "tolerance"))
    ends = {"within": (value - tolerance, value + tolerance), "at_least": (value - tolerance,)}
    limits = ends.get(str(row["bound"]), (value + tolerance,))
    # A bound without tolerance is written as it is.
    written = (
        decimals_of(tolerance) if tolerance else max(decimals_of(value), least_decimals(value))
    )
    return decimals_apart((model, *limits), written)


def meaning(row: Row, locale: Locale) -> str:
    """Say what a miss means: in the words of the observation, else those of its measure."""
    own = str(row[f"note_{locale.language}"])
    if own:
        return own
    if not math.isfinite(row["model"]):
        return locale.words["no_figure"]
    side = "below" if float(row["model"]) < float(row["value"]) else "above"
    return locale.words[f"{side} {row['measure']}"]
