"""The tables behind the charts of a study's page: as texts on the page, as numbers in CSV files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim77.analysis.sweep.factors import Factor
from sim77.analysis.sweep.frames import factor_names
from sim77.report.locale import NOTHING, Locale, decimals_for
from sim77.report.study.facts import Curve, Finding, StudyFacts
from sim77.report.study.text import (
    amount_text,
    amount_with_unit,
    factor_label,
    factor_of,
    in_sentences,
    limit_ends,
    number,
    outcome_label,
    value_text,
)
from sim77.report.tables import Table


def csv_files(facts: StudyFacts) -> dict[str, pd.DataFrame]:
    """Return every table of the page, in full and in plain numbers, by file name."""
    files = {"outcomes.csv": pd.DataFrame([vars(mean) for mean in facts.means])}
    for finding in facts.findings:
        points = finding.points.reset_index()
        files[f"{finding.name}-points.csv"] = points
        for what, table in (
            (finding.method, finding.sensitivity),
            ("cart", finding.leaves),
            ("regret", finding.regret),
        ):
            if isinstance(table, pd.DataFrame):
                files[f"{finding.name}-{what}.csv"] = table
        if not isinstance(finding.box, str):
            box = finding.box
            limits = box.limits.assign(values=[" | ".join(each) for each in box.limits["values"]])
            files[f"{finding.name}-prim.csv"] = limits.assign(
                condition=box.condition.text, coverage=box.coverage, density=box.density,
                density_low=box.density_low, density_high=box.density_high, mass=box.mass,
                base=box.base, n=box.n, n_in=box.n_in,
            )  # fmt: skip
    if isinstance(facts.scores, pd.DataFrame):
        files["feature-scores.csv"] = facts.scores
    if facts.parts is not None:
        files["variance-parts.csv"] = facts.parts
    return files


def outcomes_table(facts: StudyFacts, locale: Locale) -> Table:
    """Show every outcome: mean, interval over replications, range over the design."""
    rows = []
    for mean in facts.means:
        factor, unit = in_sentences(mean.name, locale)
        digits = decimals_for(*(factor * each for each in (mean.mean, mean.least, mean.most)))
        fixed = locale.numbers.fixed
        rows.append(
            (
                outcome_label(mean.name, locale),
                unit,
                fixed(factor * mean.mean, digits),
                _range(factor * mean.low, factor * mean.high, digits, locale),
                locale.numbers.count(mean.replications),
                fixed(factor * mean.least, digits),
                fixed(factor * mean.most, digits),
            )
        )
    heads = _heads(locale, "outcome unit mean interval seeds least most")
    return Table(heads, rows, names=2, file=_file(facts, "outcomes.csv"))


def parts_table(facts: StudyFacts, locale: Locale) -> Table | None:
    """Show what seeds, parameters and scenarios make of the variance of the headline outcomes."""
    if facts.parts is None:
        return None
    percent = locale.numbers.percent
    rows = [
        (
            outcome_label(row["outcome"], locale),
            *(
                percent(row[f"{part}_share"]) + ("" if row[part] >= 0.0 else " (<)")
                for part in ("sampling", "parameter", "scenario")
            ),
        )
        for row in facts.parts.to_dict("records")
    ]
    heads = _heads(locale, "outcome sampling parameter scenario")
    return Table(heads, rows, file=_file(facts, "variance-parts.csv"))


def curve_table(
    facts: StudyFacts, finding: Finding, curves: dict[str, Curve], locale: Locale
) -> Table:
    """Show the means along each factor that is drawn."""
    rows = []
    for name, curve in curves.items():
        factor = factor_of(facts, name)
        for k in range(len(curve.x)):
            value: float | str = curve.names[k] if curve.names else float(curve.x[k])
            digits = decimals_for(curve.mean[k], curve.low[k], curve.high[k])
            rows.append(
                (
                    factor_label(factor, locale, unit=False),
                    value_text(facts, factor, value, locale),
                    locale.numbers.fixed(curve.mean[k], digits),
                    _range(curve.low[k], curve.high[k], digits, locale),
                    locale.numbers.count(curve.n[k]),
                )
            )
    heads = _heads(locale, "factor value mean interval points")
    return Table(heads, rows, names=2, file=_file(facts, f"{finding.name}-points.csv"))


def sensitivity_table(facts: StudyFacts, finding: Finding, locale: Locale) -> Table:
    """Show every index with its interval."""
    table = finding.sensitivity
    assert isinstance(table, pd.DataFrame)
    rows = []
    for row in table.to_dict("records"):
        digits = 3 if finding.method != "morris" else decimals_for(table["index"].abs().max())
        names = [
            factor_label(factor_of(facts, name), locale, unit=False)
            for name in (row["factor"], row["other"]) if name
        ]  # fmt: skip
        rows.append(
            (
                " × ".join(names),
                locale.words[f"index_{row['order']}"],
                locale.numbers.fixed(row["index"], digits),
                _range(row["low"], row["high"], digits, locale),
                locale.numbers.count(row["n"]),
            )
        )
    heads = _heads(locale, "factor index value interval n")
    return Table(heads, rows, names=2, file=_file(facts, f"{finding.name}-{finding.method}.csv"))


def box_table(facts: StudyFacts, finding: Finding, locale: Locale) -> Table:
    """Show the limits of the box with the doubt about each."""
    assert not isinstance(finding.box, str)
    rows = []
    for row in finding.box.limits.to_dict("records"):
        factor = factor_of(facts, row["factor"])
        low, high, digits = limit_ends(factor, row)
        fixed = locale.numbers.fixed
        rows.append(
            (
                factor_label(factor, locale),
                ", ".join(row["values"]) or fixed(low, digits),
                fixed(high, digits),
                _range(row["range_low"], row["range_high"], digits, locale),
                _p_value(row["quasi_p"], locale),
                locale.numbers.percent(row["reproduced"], 0),
            )
        )
    heads = _heads(locale, "factor from to range quasi_p reproduced")
    return Table(heads, rows, file=_file(facts, f"{finding.name}-prim.csv"))


def cart_table(facts: StudyFacts, finding: Finding, locale: Locale) -> Table:
    """Show the leaves of the tree, the densest first."""
    leaves = finding.leaves
    assert isinstance(leaves, pd.DataFrame)
    percent = locale.numbers.percent
    rows = [
        (
            rule_text(facts, row["rule"], locale),
            percent(row["density"], 0),
            _share_range(row["low"], row["high"], locale),
            percent(row["coverage"], 0),
            percent(row["mass"], 0),
            locale.numbers.count(row["n"]),
        )
        for row in leaves.to_dict("records")
    ]
    heads = _heads(locale, "rule density interval coverage mass points")
    return Table(heads, rows, file=_file(facts, f"{finding.name}-cart.csv"))


def regret_table(facts: StudyFacts, finding: Finding, locale: Locale, most: int = 200) -> Table:
    """Show regret and robustness by combination of levers, the least regretted first."""
    table = finding.regret
    assert isinstance(table, pd.DataFrame)
    levers = [factor for factor in facts.sweep.factors if factor.is_lever]
    satisfied = ["satisficing"] if "satisficing" in table else []
    rows = []
    for row in table.head(most).to_dict("records"):
        digits = decimals_for(table["mean"].abs().max(), table["max_regret"].max())
        fixed = locale.numbers.fixed
        rows.append(
            (
                *(
                    value_text(facts, factor, row[factor.name], locale, unit=False)
                    for factor in levers
                ),
                *(fixed(row[key], digits) for key in ("mean", "worst", "max_regret")),
                _range(row["max_regret_low"], row["max_regret_high"], digits, locale),
                *(fixed(row[key], digits) for key in ("mean_regret", "regret_q90")),
                number(row["signal_to_noise"], locale),
                *(locale.numbers.percent(row[key], 0) for key in satisfied),
            )
        )
    keys = ["mean worst max_regret interval mean_regret regret_q90 signal_to_noise", *satisfied]
    heads = (
        *(factor_label(factor, locale) for factor in levers),
        *_heads(locale, " ".join(keys)),
    )
    file = _file(facts, f"{finding.name}-regret.csv")
    return Table(heads, rows, names=min(len(levers), 3), file=file)


def scores_table(facts: StudyFacts, locale: Locale) -> Table:
    """Show the feature scores with their intervals."""
    assert isinstance(facts.scores, pd.DataFrame)
    rows = [
        (
            outcome_label(row["outcome"], locale),
            factor_label(factor_of(facts, row["factor"]), locale, unit=False),
            locale.numbers.fixed(row["score"], 3),
            _range(row["low"], row["high"], 3, locale),
            locale.numbers.count(row["n"]),
        )
        for row in facts.scores.to_dict("records")
    ]
    heads = _heads(locale, "outcome factor score interval points")
    return Table(heads, rows, names=2, file=_file(facts, "feature-scores.csv"))


def lever_grid(facts: StudyFacts, finding: Finding) -> pd.DataFrame | None:
    """Return the means by two levers, if the study is a grid with just two of a few values each.

    Returns
    -------
    pandas.DataFrame or None
        Rows the first lever, columns the second; means over whatever else varies.
    """
    levers = [factor.name for factor in facts.sweep.factors if factor.is_lever]
    levers = [name for name in levers if finding.points[name].nunique() > 1]
    if len(levers) != 2 or any(finding.points[name].nunique() > 12 for name in levers):
        return None
    grid = finding.points.pivot_table(index=levers[0], columns=levers[1], values="mean")
    return grid if len(finding.points) >= grid.size and bool(grid.notna().all(axis=None)) else None


def drawn_factors(facts: StudyFacts, finding: Finding, most: int = 6) -> list[str]:
    """Choose the factors drawn: every lever, then what matters most of the others."""
    varies = [
        each for each in factor_names(facts.sweep) if finding.points[each].nunique() > 1
    ]  # fmt: skip
    order = list(varies)
    if isinstance(facts.scores, pd.DataFrame):
        scores = facts.scores[facts.scores["outcome"] == finding.name].set_index("factor")["score"]
        order.sort(key=lambda name: -float(scores.get(name, 0.0)))
    levers = [name for name in order if factor_of(facts, name).is_lever]
    others = [name for name in order if name not in levers]
    return [*levers, *others[: max(most - len(levers), 2)]]


# Pieces ------------------------------------------------------------------------------------


def _heads(locale: Locale, keys: str) -> tuple[str, ...]:
    return tuple(locale.words[f"h_{key}"] for key in keys.split())


def _file(facts: StudyFacts, name: str) -> str:
    return f"{facts.tables}/{name}"


def _range(low: float, high: float, digits: int, locale: Locale) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return NOTHING
    fixed = locale.numbers.fixed
    return locale.say("between", low=fixed(low, digits), high=fixed(high, digits))


def _share_range(low: float, high: float, locale: Locale) -> str:
    percent = locale.numbers.percent
    return locale.say("between", low=percent(low, 0), high=percent(high, 0))


def _p_value(value: float, locale: Locale) -> str:
    return (
        f"< {locale.numbers.fixed(0.001, 3)}" if value < 0.001 else locale.numbers.fixed(value, 3)
    )


def rule_text(facts: StudyFacts, rule: str, locale: Locale) -> str:
    """Write a leaf's rule with the labels of the factors, each factor once.

    Parameters
    ----------
    facts : StudyFacts
    rule : str
        Of `sim77.analysis.discovery.discovery.cart`.
    locale : Locale
    """
    by_factor: dict[str, dict[str, str]] = {}
    for part in rule.split(" & ") if rule else []:
        name, sign, value = part.split(" ", 2)
        by_factor.setdefault(name, {})[sign] = value
    conditions: list[str] = []
    for name, given in by_factor.items():
        factor = factor_of(facts, name)
        label = factor_label(factor, locale, unit=False)
        if "=" in given:
            conditions.append(locale.say("limit_values", label=label, values=given["="]))
            continue
        conditions.append(f"{label} {_within(factor, given, locale)}")
    return locale.words["and"].join(conditions) or locale.words["everywhere"]


def _within(factor: Factor, given: Mapping[str, str], locale: Locale) -> str:
    """Write the ends of a rule, given by sign; those of whole numbers are the ones within it."""
    above, upto = (float(given[sign]) if sign in given else None for sign in (">", "<="))
    least = ">"
    if factor.whole:
        least = "≥"
        above = None if above is None else np.floor(above) + 1.0
        upto = None if upto is None else np.floor(upto)

    def write(value: float) -> str:
        digits = 0 if factor.whole else decimals_for(value)
        return amount_text(factor, value, digits, locale)

    if upto is None:
        assert above is not None
        message = f"{least} {write(above)}"
    elif above is None:
        message = f"≤ {write(upto)}"
    else:
        message = locale.say("from_to", low=write(above), high=write(upto))
    return amount_with_unit(factor, message, locale)
