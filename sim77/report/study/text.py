"""Names, units and sentences of a study's page, in one language."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.discovery.condition import Condition, Term
from sim77.analysis.discovery.discovery import Box
from sim77.analysis.sensitivity.indices import undecided
from sim77.analysis.sweep.factors import SCENARIO, Factor
from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT
from sim77.analysis.sweep.outcomes import Outcome
from sim77.registry.units import unit_text as registry_unit
from sim77.report.locale import Locale, decimals_for
from sim77.report.names import scenario_label
from sim77.report.study.facts import Finding, Mean, StudyFacts

MUCH_NOISE = 0.5
"""From this share of chance in the means by point on, the page warns of its regions and scores."""


def outcome_label(name: str, locale: Locale, *, short: bool = False) -> str:
    """Return what people call an outcome.

    Parameters
    ----------
    name : str
        With ``effect_`` or ``baseline_`` in front where it has it.
    locale : Locale
    short : bool
        Whether the words for that beginning are left out.
    """
    plain = name.removeprefix(EFFECT).removeprefix(BASELINE)
    try:
        label = Outcome(plain).description.label(locale.language)
    except KeyError:  # an outcome of a study with its own evaluator
        label = plain
    if short or name == plain:
        return label
    return locale.say("effect_on" if name.startswith(EFFECT) else "in_baseline", label=label)


def outcome_unit(name: str, locale: Locale) -> str:
    """Return the unit of an outcome, blank for one that no registry knows."""
    plain = name.removeprefix(EFFECT).removeprefix(BASELINE)
    try:
        return unit_text(Outcome(plain).description.daily_unit, locale)
    except KeyError:
        return ""


def in_sentences(name: str, locale: Locale) -> tuple[float, str]:
    """Return what values of an outcome are multiplied by in a sentence, and their unit there.

    A share is told in percent, an effect on one in points.
    """
    if outcome_unit(name, locale) != unit_text("share", locale):
        return 1.0, outcome_unit(name, locale)
    return 100.0, locale.words["points"] if name.startswith(EFFECT) else "%"


_SHARE = "share"
"""The unit of what is written in percent."""


def unit_text(unit: str, locale: Locale) -> str:
    """Return a unit in the language of the page; unknown ones as they are."""
    key = f"unit {unit}"
    return locale.words[key] if key in locale.words else registry_unit(unit, locale.language)


def factor_label(factor: Factor, locale: Locale, *, unit: bool = True, inside: bool = False) -> str:
    """Return the name of a factor, with its unit if it has one.

    Parameters
    ----------
    factor : Factor
    locale : Locale
    unit : bool
        Whether the unit is told.
    inside : bool
        Whether it stands inside a sentence, and begins with a small letter.
    """
    label = factor.label_fr if locale.language == "fr" else factor.label_en
    label = label or factor.name
    if label != factor.name and not label[1:2].isupper():
        first = label[:1].lower() if inside else label[:1].upper()
        label = first + label[1:]
    message = unit_text(factor.unit, locale) if unit else ""
    return f"{label} ({message})" if message else label


def factor_of(facts: StudyFacts, name: str) -> Factor:
    """Return a factor by its name."""
    return next(each for each in facts.sweep.factors if each.name == name)


def number(value: float, locale: Locale) -> str:
    """Write a number with three significant digits, all of its whole part kept."""
    return locale.numbers.fixed(value, decimals_for(value))


def mean_count(value: float, locale: Locale) -> str:
    """Write a mean of counts: "3", but "2.97"."""
    return locale.numbers.count(round(value)) if value == round(value) else number(value, locale)


# Sentences ---------------------------------------------------------------------------------


def title(facts: StudyFacts, locale: Locale) -> str:
    """Answer in one sentence, on the first headline outcome."""
    name = facts.findings[0].name
    mean = next(each for each in facts.means if each.name == name)
    factor, unit = in_sentences(name, locale)
    label = outcome_label(name, locale, short=True)
    given = {"label": label, "unit": unit, **figures(mean, factor, locale)}
    if name.startswith(EFFECT):
        given["mean"] = given["size"]
    if not name.startswith(EFFECT):
        return tidy(locale.say("title_plain", **given))
    if np.isfinite(mean.low) and mean.low <= 0.0 <= mean.high:
        return tidy(locale.say("title_unknown", **given))
    return tidy(locale.say("title_lowers" if mean.mean < 0 else "title_raises", **given))


def tidy(text: str) -> str:
    """Close the gap that a blank unit leaves in a sentence."""
    return re.sub(r",? +([).,])", r"\1", re.sub(r" {2,}", " ", text))


def figures(found: Mean, factor: float, locale: Locale) -> dict[str, str]:
    """Write a mean, its size without sign, its interval and its range, all with like decimals.

    All are multiplied by `factor` first.
    """
    fixed = locale.numbers.fixed
    mean, low, high, least, most = (
        factor * each for each in (found.mean, found.low, found.high, found.least, found.most)
    )
    digits, span = decimals_for(mean, low, high), decimals_for(least, most)
    interval = locale.words["no_interval"]
    if np.isfinite(low):
        interval = locale.say("interval_95", low=fixed(low, digits), high=fixed(high, digits))
    return {
        "mean": fixed(mean, digits),
        "size": fixed(abs(mean), digits),
        "interval": interval,
        "least": fixed(least, span),
        "most": fixed(most, span),
    }


def condition_text(condition: Condition, locale: Locale) -> str:
    """Say what PRIM and CART look for, such as "the policy lowers the CO₂e of travel"."""
    return locale.words["and"].join(_term_text(term, locale) for term in condition.terms)


def _term_text(term: Term, locale: Locale) -> str:
    label = outcome_label(term.outcome, locale, short=True)
    if term.outcome.startswith(EFFECT) and term.number == 0.0:
        return locale.say("lowers" if term.sign.startswith("<") else "raises", label=label)
    factor, unit = in_sentences(term.outcome, locale)
    limit = f"{number(factor * term.number, locale)} {unit}".rstrip()
    key = "effect_is" if term.outcome.startswith(EFFECT) else "outcome_is"
    return locale.say(key, label=label, how=locale.words[f"is {term.sign}"], limit=limit)


def limit_text(factor: Factor, row: Mapping[Hashable, Any], locale: Locale) -> str:
    """Say one limit of a box: "≥ 12 desks", "from 3 to 9 €".

    Parameters
    ----------
    factor : Factor
    row : mapping
        Of `discovery.Box.limits`.
    locale : Locale
    """
    if row["values"]:
        return ", ".join(row["values"])
    message = locale.say("from_to", **_ends(factor, row, locale))
    if np.isnan(row["high"]):
        message = f"≥ {_ends(factor, row, locale)['low']}"
    elif np.isnan(row["low"]):
        message = f"≤ {_ends(factor, row, locale)['high']}"
    return amount_with_unit(factor, message, locale)


def _ends(factor: Factor, row: Mapping[Hashable, Any], locale: Locale) -> dict[str, str]:
    low, high, digits = limit_ends(factor, row)
    return {
        name: amount_text(factor, end, digits, locale)
        for name, end in (("low", low), ("high", high))
    }


def amount_text(factor: Factor, value: float, digits: int, locale: Locale) -> str:
    """Write a number of a factor before its unit; a share in percent, which is its unit."""
    if factor.unit == _SHARE:
        return locale.numbers.percent(value, max(digits - 2, 0))
    return locale.numbers.fixed(value, digits)


def _unit_after(factor: Factor, locale: Locale) -> str:
    return "" if factor.unit == _SHARE else unit_text(factor.unit, locale)


def amount_with_unit(factor: Factor, message: str, locale: Locale) -> str:
    """Return numbers written by `amount_text` with the unit of the factor."""
    return f"{message} {_unit_after(factor, locale)}".rstrip()


def limit_ends(factor: Factor, row: Mapping[Hashable, Any]) -> tuple[float, float, int]:
    """Return both ends of a limit and the decimals that the span of the factor makes sense of.

    A limit lies between values that were tried: of whole numbers, its ends are those within it.
    """
    if factor.whole:
        return float(np.ceil(row["low"])), float(np.floor(row["high"])), 0
    return row["low"], row["high"], decimals_for(max(abs(row["range_low"]), abs(row["range_high"])))


def _limit_in_words(factor: Factor, row: Mapping[Hashable, Any], locale: Locale) -> str:
    """Say one limit of a box in a sentence."""
    label = factor_label(factor, locale, unit=False)
    if row["values"]:
        return locale.say("limit_values", label=label, values=", ".join(row["values"]))
    key = "limit_least" if np.isnan(row["high"]) else "limit_most"
    if not np.isnan(row["low"]) and not np.isnan(row["high"]):
        key = "limit_between"
    unit = _unit_after(factor, locale)
    return tidy(locale.say(key, label=label, unit=unit, **_ends(factor, row, locale))).rstrip()


def box_text(facts: StudyFacts, box: Box, locale: Locale) -> str:
    """Say in plain words where a condition holds, and how surely."""
    percent = locale.numbers.percent
    given = {
        "condition": condition_text(box.condition, locale),
        "density": percent(box.density, 0),
        "low": percent(box.density_low, 0),
        "high": percent(box.density_high, 0),
        "inside": locale.numbers.count(box.n_in),
        "number": locale.numbers.count(box.n),
        # A few of thousands are not none.
        "base": percent(box.base, None if 0.0 < box.base < 0.005 else 0),
        "coverage": percent(box.coverage, 0),
    }
    if box.limits.empty:
        return locale.say("box_none", **given)
    limits = locale.words["and"].join(
        _limit_in_words(factor_of(facts, row["factor"]), row, locale)
        for row in box.limits.to_dict("records")
    )
    return locale.say("box", limits=limits, **given)


def noise_text(finding: Finding, locale: Locale) -> str:
    """Say how much of the variance is chance."""
    if not np.isfinite(finding.noise.of_means):
        return locale.words["noise_unknown"]
    shares = finding.noise
    message = locale.say(
        "noise",
        runs=locale.numbers.percent(shares.of_runs),
        means=locale.numbers.percent(shares.of_means),
        number=mean_count(shares.replications, locale),
    )
    if shares.of_means <= MUCH_NOISE:
        return message
    return f"{message} {locale.words['noise_much']}"


def why_not(what: str, reason: str, locale: Locale) -> str:
    """Say why an analysis is not there."""
    specific = f"why_{what}_{reason}"
    return locale.words[specific if specific in locale.words else f"why_{reason}"]


def regret_text(facts: StudyFacts, finding: Finding, locale: Locale) -> str:
    """Name the combination of levers that is least regretted."""
    table = finding.regret
    if isinstance(table, str):
        return why_not("regret", table, locale)
    best = table.iloc[0]
    levers = [factor for factor in facts.sweep.factors if factor.is_lever]
    message = locale.words["and"].join(
        locale.say(
            "lever_at",
            label=factor_label(each, locale, unit=False),
            value=value_text(facts, each, best[each.name], locale),
        )
        for each in levers
    )
    factor, unit = in_sentences(finding.name, locale)
    value, low, high = (factor * best[f"max_regret{end}"] for end in ("", "_low", "_high"))
    return locale.say(
        "regret_best",
        levers=message,
        regret=interval_text(value, low, high, locale),
        unit=unit,
        states=locale.numbers.count(best["n_states"]),
        better=locale.words[f"better_{finding.better}"],
    )


def value_text(
    facts: StudyFacts, factor: Factor, value: float | str, locale: Locale, *, unit: bool = True
) -> str:
    """Write a value of a factor, with its unit unless a head says it."""
    if isinstance(value, str):
        if factor.kind != SCENARIO:
            return value
        return scenario_label(value, locale, facts.sweep.study.where)
    amount = float(value)
    places = next((k for k in range(4) if abs(amount - round(amount, k)) < 1e-9), 3)
    if not unit:
        return locale.numbers.fixed(amount, places)
    return amount_with_unit(factor, amount_text(factor, amount, places, locale), locale)


def order_text(leading: pd.DataFrame, locale: Locale) -> str:
    """Say whether the factors with the greatest indices can be put in order, or nothing of few."""
    if len(leading) < 2 or leading["low"].isna().all():
        return ""
    number = undecided(leading)
    key = "order_first" if number == 1 else "order_all" if number == len(leading) else "order_some"
    return locale.say(key, number=locale.numbers.count(number))


def scores_tied(scores: pd.DataFrame, names: Sequence[str], locale: Locale, *, short: bool) -> str:
    """Name the outcomes of which the data do not say which factor matters most, or nothing."""
    by_outcome = scores.rename(columns={"score": "index"}).groupby("outcome")
    tied = [name for name in names if undecided(by_outcome.get_group(name)) > 1]
    if not tied:
        return ""
    if len(tied) == len(names):
        return locale.words["scores_tied_all"]
    labels = ", ".join(outcome_label(name, locale, short=short) for name in tied)
    return locale.say("scores_tied", outcomes=labels)


def interval_text(
    value: float, low: float, high: float, locale: Locale, digits: int | None = None
) -> str:
    """Write a value with its interval, all with so many decimals, or as many as they deserve."""
    decimals = decimals_for(value, low, high) if digits is None else digits
    fixed = locale.numbers.fixed
    if not (np.isfinite(low) and np.isfinite(high)):
        return fixed(value, decimals)
    message = locale.say("between", low=fixed(low, decimals), high=fixed(high, decimals))
    return f"{fixed(value, decimals)} ({message})"
