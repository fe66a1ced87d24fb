"""Names, units and sentences of a study's page, in one language."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from sim77.analysis.discovery.condition import Condition, Term
from sim77.analysis.discovery.discovery import Box
from sim77.analysis.sweep.factors import Factor
from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT
from sim77.analysis.sweep.outcomes import Outcome
from sim77.report.locale import Voice, decimals_for
from sim77.report.study.facts import Finding, Mean, StudyFacts

MUCH_NOISE = 0.5
"""From this share of chance in the means by point on, the page warns of its regions and scores."""


def outcome_label(name: str, voice: Voice, *, short: bool = False) -> str:
    """Return what people call an outcome.

    Parameters
    ----------
    name : str
        With ``effect_`` or ``baseline_`` in front where it has it.
    voice : Voice
    short : bool
        Whether the words for that beginning are left out.
    """
    plain = name.removeprefix(EFFECT).removeprefix(BASELINE)
    try:
        label = Outcome(plain).description.label(voice.language)
    except KeyError:  # an outcome of a study with its own evaluator
        label = plain
    if short or name == plain:
        return label
    return voice.say("effect_on" if name.startswith(EFFECT) else "in_baseline", label=label)


def outcome_unit(name: str, voice: Voice) -> str:
    """Return the unit of an outcome, blank for one that no registry knows."""
    plain = name.removeprefix(EFFECT).removeprefix(BASELINE)
    try:
        return unit_text(Outcome(plain).description.daily_unit, voice)
    except KeyError:
        return ""


def unit_text(unit: str, voice: Voice) -> str:
    """Return a unit of the registries in the language of the page; unknown ones as they are."""
    return voice.words.get(f"unit {unit}", unit)


def factor_label(factor: Factor, voice: Voice, *, unit: bool = True, inside: bool = False) -> str:
    """Return the name of a factor, with its unit if it has one.

    Parameters
    ----------
    factor : Factor
    voice : Voice
    unit : bool
        Whether the unit is told.
    inside : bool
        Whether it stands inside a sentence, and begins with a small letter.
    """
    label = factor.label_fr if voice.language == "fr" else factor.label_en
    label = label or factor.name
    if label != factor.name and not label[1:2].isupper():
        first = label[:1].lower() if inside else label[:1].upper()
        label = first + label[1:]
    said = unit_text(factor.unit, voice) if unit else ""
    return f"{label} ({said})" if said else label


def factor_of(facts: StudyFacts, name: str) -> Factor:
    """Return a factor by its name."""
    return next(each for each in facts.sweep.factors if each.name == name)


def number(value: float, voice: Voice) -> str:
    """Write a number with three significant digits, all of its whole part kept."""
    return voice.numbers.fixed(value, decimals_for(value))


def mean_count(value: float, voice: Voice) -> str:
    """Write a mean of counts: "3", but "2.97"."""
    return voice.numbers.count(round(value)) if value == round(value) else number(value, voice)


# Sentences ---------------------------------------------------------------------------------


def title(facts: StudyFacts, voice: Voice) -> str:
    """Answer in one sentence, on the first headline outcome."""
    name = facts.findings[0].name
    mean = next(each for each in facts.means if each.name == name)
    given = {
        "label": outcome_label(name, voice, short=True),
        "unit": outcome_unit(name, voice),
        **figures(mean, voice),
    }
    if name.startswith(EFFECT):
        given["mean"] = given["size"]
    if not name.startswith(EFFECT):
        return tidy(voice.say("title_plain", **given))
    if np.isfinite(mean.low) and mean.low <= 0.0 <= mean.high:
        return tidy(voice.say("title_unknown", **given))
    return tidy(voice.say("title_lowers" if mean.mean < 0 else "title_raises", **given))


def tidy(text: str) -> str:
    """Close the gap that a blank unit leaves in a sentence."""
    return re.sub(r",? +([).,])", r"\1", re.sub(r" {2,}", " ", text))


def figures(mean: Mean, voice: Voice) -> dict[str, str]:
    """Write a mean, its size without sign, its interval and its range, all with like decimals."""
    fixed = voice.numbers.fixed
    digits = decimals_for(mean.mean, mean.low, mean.high)
    span = decimals_for(mean.least, mean.most)
    interval = voice.words["no_interval"]
    if np.isfinite(mean.low):
        low, high = fixed(mean.low, digits), fixed(mean.high, digits)
        interval = voice.say("interval_95", low=low, high=high)
    return {
        "mean": fixed(mean.mean, digits),
        "size": fixed(abs(mean.mean), digits),
        "interval": interval,
        "least": fixed(mean.least, span),
        "most": fixed(mean.most, span),
    }


def condition_text(condition: Condition, voice: Voice) -> str:
    """Say what PRIM and CART look for, such as "the policy lowers the CO₂e of travel"."""
    return voice.words["and"].join(_term_text(term, voice) for term in condition.terms)


def _term_text(term: Term, voice: Voice) -> str:
    label = outcome_label(term.outcome, voice, short=True)
    if term.outcome.startswith(EFFECT) and term.number == 0.0:
        return voice.say("lowers" if term.sign.startswith("<") else "raises", label=label)
    sign = {"<=": "≤", ">=": "≥"}.get(term.sign, term.sign)
    said = f"{number(term.number, voice)} {outcome_unit(term.outcome, voice)}".rstrip()
    return f"{outcome_label(term.outcome, voice)} {sign} {said}"


def limit_text(factor: Factor, row: Mapping[Hashable, Any], voice: Voice) -> str:
    """Say one limit of a box: "≥ 12 desks", "from 3 to 9 €".

    Parameters
    ----------
    factor : Factor
    row : mapping
        Of `discovery.Box.limits`.
    voice : Voice
    """
    if row["values"]:
        return ", ".join(row["values"])
    # No more digits than the span of the factor makes sense of.
    digits = decimals_for(max(abs(row["range_low"]), abs(row["range_high"])))
    low, high = (voice.numbers.fixed(row[end], digits) for end in ("low", "high"))
    if np.isnan(row["high"]):
        said = f"≥ {low}"
    elif np.isnan(row["low"]):
        said = f"≤ {high}"
    else:
        said = voice.say("from_to", low=low, high=high)
    return f"{said} {unit_text(factor.unit, voice)}".rstrip()


def box_text(facts: StudyFacts, box: Box, voice: Voice) -> str:
    """Say in plain words where a condition holds, and how surely."""
    percent = voice.numbers.percent
    given = {
        "condition": condition_text(box.condition, voice),
        "density": percent(box.density, 0),
        "low": percent(box.density_low, 0),
        "high": percent(box.density_high, 0),
        "inside": voice.numbers.count(box.n_in),
        "number": voice.numbers.count(box.n),
        "base": percent(box.base, 0),
        "coverage": percent(box.coverage, 0),
    }
    if box.limits.empty:
        return voice.say("box_none", **given)
    said = []
    for row in box.limits.to_dict("records"):
        factor = factor_of(facts, row["factor"])
        between = " : " if row["values"] else " "
        label = factor_label(factor, voice, unit=False, inside=True)
        said.append(f"{label}{between}{limit_text(factor, row, voice)}")
    limits = voice.words["and"].join(said)
    return voice.say("box", limits=limits, **given)


def noise_text(finding: Finding, voice: Voice) -> str:
    """Say how much of the variance is chance."""
    if not np.isfinite(finding.noise.of_means):
        return voice.words["noise_unknown"]
    shares = finding.noise
    said = voice.say(
        "noise",
        runs=voice.numbers.percent(shares.of_runs),
        means=voice.numbers.percent(shares.of_means),
        number=mean_count(shares.replications, voice),
    )
    if shares.of_means <= MUCH_NOISE:
        return said
    return f"{said} {voice.words['noise_much']}"


def why_not(what: str, reason: str, voice: Voice) -> str:
    """Say why an analysis is not there."""
    specific = f"why_{what}_{reason}"
    return voice.words[specific if specific in voice.words else f"why_{reason}"]


def regret_text(facts: StudyFacts, finding: Finding, voice: Voice) -> str:
    """Name the combination of levers that is least regretted."""
    table = finding.regret
    if isinstance(table, str):
        return why_not("regret", table, voice)
    best = table.iloc[0]
    levers = [factor for factor in facts.sweep.factors if factor.is_lever]
    said = voice.words["comma"].join(
        f"{factor_label(each, voice, unit=False)} {value_text(each, best[each.name], voice)}"
        for each in levers
    )
    return voice.say(
        "regret_best",
        levers=said,
        regret=interval_text(
            best["max_regret"], best["max_regret_low"], best["max_regret_high"], voice
        ),
        unit=outcome_unit(finding.name, voice),
        states=voice.numbers.count(best["n_states"]),
        better=voice.words[f"better_{finding.better}"],
    )


def value_text(factor: Factor, value: float | str, voice: Voice, *, unit: bool = True) -> str:
    """Write a value of a factor, with its unit unless a head says it."""
    if isinstance(value, str):
        return value
    amount = float(value)
    places = next((k for k in range(4) if abs(amount - round(amount, k)) < 1e-9), 3)
    said = voice.numbers.fixed(amount, places)
    return f"{said} {unit_text(factor.unit, voice)}".rstrip() if unit else said


def interval_text(
    value: float, low: float, high: float, voice: Voice, digits: int | None = None
) -> str:
    """Write a value with its interval, all with so many decimals, or as many as they deserve."""
    decimals = decimals_for(value, low, high) if digits is None else digits
    fixed = voice.numbers.fixed
    if not (np.isfinite(low) and np.isfinite(high)):
        return fixed(value, decimals)
    said = voice.say("between", low=fixed(low, decimals), high=fixed(high, decimals))
    return f"{fixed(value, decimals)} ({said})"
