"""What a comparison found, in sentences: the title of its page and its text for a terminal."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.analysis.claims.claims import NOT_SUPPORTED
from sim77.analysis.compare.comparison import Comparison
from sim77.registry.indicators import described
from sim77.report import locale
from sim77.report.compare.findings import Effect, Findings
from sim77.report.locale import FINEST, MINUS, Voice, decimals_apart, decimals_of

_WIDTH = 36
_MOST_COMMUNES = 3
_MOST_FLOWS = 6
_HOURS_FROM_MIN = 600.0
_DIGITS = 2
_FINEST = 5
"""Decimals of an effect at most, unless its ends need more to differ: two seeds that agree by luck
make an interval of nothing."""
_FEW_DRAWS = 10
"""Below so many draws, Student's t makes intervals very wide (docs/posterior.md)."""


@dataclass(frozen=True)
class Measure:
    """An indicator and the unit in which people read its effect.

    Attributes
    ----------
    indicator : str
    unit : str
        Key of the words.
    factor : float
        From the indicator's own unit.
    """

    indicator: str
    unit: str
    factor: float = 1.0


USERS = Measure("centre_users", "u_persons")
REMOTE = Measure("remote_days", "u_days")
MINUTES = Measure("minutes_saved", "u_minutes")
CO2E = Measure("co2e_total_kg", "u_kg")
REFUSALS = Measure("refusals", "u_refusals")
SURPLUS = Measure("consumer_surplus_eur", "u_eur")
SPENDING = Measure("local_spending_eur", "u_eur")
KEY_MEASURES = (USERS, REMOTE, MINUTES, CO2E, REFUSALS, SURPLUS, SPENDING)
CO2E_SOURCES = ("car", "rail", "access", "buildings", "rebound")
GAIN = "minutes_saved_per_worker"


def voice_of(language: str) -> Voice:
    """Return the words of comparisons in one language."""
    return locale.voice_of(language, "summary", "compare")


# Figures -----------------------------------------------------------------------------------


def places(effect: Effect) -> int:
    """Return decimals for an effect and its interval; fewer than none round to tens and so on.

    Two significant digits, more where the interval is narrow or its ends would look alike, else
    never finer than the second digit of half the interval.
    """
    return decimals_apart((effect.effect, effect.low, effect.high), _places(effect))


def _places(effect: Effect) -> int:
    half = effect.half if effect.known else 0.0
    if not half:
        return min(_decimals(effect.effect, _DIGITS), _FINEST)
    finest = _decimals(half, _DIGITS)
    if not effect.effect:
        return min(finest, _FINEST)
    return min(max(_decimals(effect.effect, _DIGITS), finest - 1), finest, _FINEST)


def _decimals(value: float, digits: int) -> int:
    if round(value, FINEST) == 0.0:
        return 0
    return digits - 1 - math.floor(math.log10(abs(value)))


def signed(value: float, decimals: int, voice: Voice) -> str:
    """Write a number with its sign; nothing at all has none."""
    text = voice.numbers.fixed(round(value, decimals), max(decimals, 0))
    return text if text.startswith(MINUS) or round(value, decimals) == 0 else f"+{text}"


def value_of(effect: Effect, voice: Voice) -> str:
    """Write an effect."""
    return signed(effect.effect, places(effect), voice)


def interval_of(effect: Effect, voice: Voice) -> str:
    """Write an interval; nothing when there is none, or when all seeds agree."""
    if not effect.known or effect.nothing:
        return ""
    low, high = (signed(end, places(effect), voice) for end in (effect.low, effect.high))
    return voice.say("interval", low=low, high=high) if low != high else ""


def verdict_of(effect: Effect, voice: Voice) -> str:
    """Say whether an effect is nothing or not clear; blank for one that is clear."""
    if effect.nothing:
        return voice.words["no_change"]
    return voice.words["unclear"] if effect.noise else ""


def label(name: str, voice: Voice) -> str:
    """Return the name of an indicator."""
    return described(name).label(voice.language)


def scenario_label(findings: Findings, side: str, voice: Voice) -> str:
    """Return the name of scenario ``a`` or ``b``."""
    scenario = findings.manifest[side]
    return str(scenario[f"label_{voice.language}"] or scenario["name"])


def caveat(findings: Findings, voice: Voice) -> str:
    """Say of how many runs the effects are, and where their parameters come from."""
    said = voice.say(
        "seeds_caveat" if findings.seeds > 1 else "one_seed_caveat",
        seeds=voice.numbers.count(findings.seeds),
        days=voice.numbers.count(findings.manifest["days"]),
    )
    drawn = findings.draws is not None
    return f"{said} {drawn_text(findings, voice) if drawn else voice.words['calibrated']}"


def _times(ratio: float, voice: Voice) -> str:
    return voice.numbers.rounded(ratio, 2)


# The title ---------------------------------------------------------------------------------


def title(findings: Findings, voice: Voice) -> str:
    """Say the finding in figures, as honestly when there is none."""
    names = {side: scenario_label(findings, side, voice) for side in ("a", "b")}
    if findings.identical:
        same = not findings.manifest["differences"]
        return voice.words["t_identical"] if same else voice.say("t_no_effect", **names)
    effect = findings.effects["minutes_saved"]
    if effect.nothing:
        return voice.say("t_still", **names, changed=_changed(findings, voice))
    key = "t_noise" if effect.noise else "t_gain" if effect.effect > 0 else "t_loss"
    given = {
        **names,
        "workers": voice.numbers.rounded(findings.effects["workers_at_work"].a, 3),
        "changed": _changed(findings, voice),
    }
    if key != "t_noise":
        given["amount"] = _amount(abs(effect.effect), voice)
    return voice.say(key, **given)


def _amount(minutes: float, voice: Voice) -> str:
    """Write minutes, or hours when there are many."""
    if minutes >= _HOURS_FROM_MIN:
        return voice.say("amount_hours", number=voice.numbers.rounded(minutes / 60.0))
    number = voice.numbers.rounded(minutes)
    # French counts as one whatever is below two; English only one itself.
    one = minutes < 1.95 if voice.language == "fr" else number == "1"
    return voice.say("amount_minute" if one else "amount_minutes", number=number)


def _changed(findings: Findings, voice: Voice) -> str:
    """Say how many spend the day differently and what each of them gains."""
    if findings.changed < 1.0:
        return voice.words["t_changed_one"]
    each = findings.minutes_each
    return voice.say(
        "t_changed" if each >= 0 else "t_changed_loss",
        number=voice.numbers.rounded(findings.changed),
        minutes=_amount(abs(each), voice),
    )


# The text for a terminal -------------------------------------------------------------------


def compare_text(comparison: Comparison, language: str = "en") -> str:
    """Return what a policy changes as a text of a dozen lines.

    Parameters
    ----------
    comparison : Comparison
    language : str
        ``en`` or ``fr``.

    Returns
    -------
    str
    """
    findings, voice = Findings(comparison), voice_of(language)
    if findings.identical:
        return f"{_head(findings, voice)}\n{title(findings, voice)}"
    lines = [_head(findings, voice)]
    if findings.draws:
        lines.append(drawn_text(findings, voice))
    if findings.seeds == 1:
        lines.append(voice.words["one_seed"])
    rows = [
        *((label(m.indicator, voice), _measured(findings, m, voice)) for m in KEY_MEASURES[:4]),
        (f"  {voice.words['x_sources']}", _sources(findings, voice)),
        (voice.words["x_trains"], _trains(findings, voice)),
        *((label(m.indicator, voice), _measured(findings, m, voice)) for m in KEY_MEASURES[4:]),
        (voice.words["x_switches"], _switches(findings, voice)),
        (voice.words["x_groups"], _groups(findings, voice)),
        *_communes(findings, voice),
    ]
    if math.isfinite(findings.times_wider):
        pairing = voice.say("x_pairing_value", times=_times(findings.times_wider, voice))
        rows.append((voice.words["x_pairing"], pairing))
    if findings.draws:
        rows.append((voice.words["x_same_sign"], _same_sign(findings, voice)))
    if findings.has_parts:
        rows.append((voice.words["x_parts"], _parts(findings, voice)))
    lines += [f"  {name:<{_WIDTH}}{value}" for name, value in rows]
    text = "\n".join(lines)
    if "*" in text:
        lines.append(voice.words["x_noise_mark"])
    caveat = "x_caveat_posterior" if findings.draws else "x_caveat"
    return "\n".join([*lines, voice.words[caveat]])


def _head(findings: Findings, voice: Voice) -> str:
    manifest = findings.manifest
    start, end = (dt.date.fromisoformat(manifest[key]) for key in ("start", "end"))
    given = {side: scenario_label(findings, side, voice) for side in ("a", "b")}
    given |= {
        "period": voice.numbers.period(start, end),
        "days": voice.numbers.count(manifest["days"]),
        "seeds": voice.numbers.count(findings.seeds),
    }
    return voice.say("x_head_one" if findings.seeds == 1 else "x_head", **given)


def drawn_text(findings: Findings, voice: Voice) -> str:
    """Say from which posterior parameters are drawn, and what intervals therefore hold."""
    drawn, count = findings.manifest["posterior"], voice.numbers.count
    draws, each = findings.draws or 0, drawn["seeds_per_draw"]
    said = voice.say("drawn", name=drawn["name"], draws=count(draws), seeds=count(each))
    if draws >= _FEW_DRAWS:
        return said
    least, seeds = count(_FEW_DRAWS), str(_FEW_DRAWS * each)
    return f"{said} {voice.say('few_draws', least=least, seeds=seeds)}"


def _same_sign(findings: Findings, voice: Voice) -> str:
    """Write in how many draws the main effects have the sign of their mean."""
    table = findings.comparison.effects.set_index("indicator")["draws_same_sign"]
    return ", ".join(
        voice.say(
            "same_sign",
            name=label(each.indicator, voice),
            number=voice.numbers.count(table[each.indicator]),
            draws=voice.numbers.count(findings.draws or 0),
        )
        for each in KEY_MEASURES
    )


def _parts(findings: Findings, voice: Voice) -> str:
    """Write what of the intervals' squares parameters make, for the main effects."""
    shares = ((each.indicator, findings.parameter_shares[each.indicator]) for each in KEY_MEASURES)
    return ", ".join(
        f"{label(name, voice)} {voice.numbers.percent(share)}"
        for name, share in shares
        if math.isfinite(share)
    )


def _measured(findings: Findings, measure: Measure, voice: Voice) -> str:
    """Write an effect with its unit, interval and verdict."""
    effect = findings.effects[measure.indicator].times(measure.factor)
    if effect.nothing:
        return voice.words["no_change"]
    interval = interval_of(effect, voice)
    key = "measured_unclear" if effect.noise else "measured_interval" if interval else "measured"
    return voice.say(
        key, value=value_of(effect, voice), unit=voice.words[measure.unit], interval=interval
    )


def _marked(effects: Iterable[tuple[str, Effect]], voice: Voice) -> str:
    """Write effects by name in one line; a star marks those that are not clear."""
    return ", ".join(
        f"{name} {value_of(effect, voice)}{'*' if effect.noise else ''}" for name, effect in effects
    )


def _sources(findings: Findings, voice: Voice) -> str:
    by_source = ((voice.words[f"x_{name}"], f"co2e_{name}_kg") for name in CO2E_SOURCES)
    said = _marked(((name, findings.effects[key]) for name, key in by_source), voice)
    return f"{said} {voice.words['u_kg']}"


def _trains(findings: Findings, voice: Voice) -> str:
    loads = ((line, findings.effects[f"load_factor_{line}"]) for line in findings.lines)
    return _marked(((line, load.times(100.0)) for line, load in loads), voice)


def _switches(findings: Findings, voice: Voice) -> str:
    shown, rest = findings.switches[:_MOST_FLOWS], findings.switches[_MOST_FLOWS:]
    flows = ", ".join(flow_text(row, voice) for row in shown)
    if rest:
        others = sum(row["worker_days_per_day"] for row in rest)
        flows += voice.say("x_switches_rest", number=voice.numbers.significant(others))
    return voice.say(
        "x_switches_value",
        number=voice.numbers.significant(findings.changed),
        workers=voice.numbers.count(findings.effects["workers_at_work"].a),
        flows=flows or voice.words["changes_none"],
    )


def flow_text(row: dict, voice: Voice) -> str:
    """Write one row of the switch matrix."""
    return voice.say(
        "flow",
        start=voice.words[f"k_{row['from']}"],
        end=voice.words[f"k_{row['to']}"],
        number=voice.numbers.significant(row["worker_days_per_day"]),
    )


def _groups(findings: Findings, voice: Voice) -> str:
    groups = findings.groups(GAIN).items()
    ordered = sorted(groups, key=lambda each: -each[1].effect)
    return _marked(((voice.words[name], effect) for name, effect in ordered), voice)


def _communes(findings: Findings, voice: Voice) -> list[tuple[str, str]]:
    """Name the communes that surely gain or lose most; without an interval none."""
    if findings.seeds == 1:
        return [(voice.words["x_most"], voice.words["communes_no_interval"])]
    rows = []
    for key, none, sign in (("x_most", "none_gain", 1.0), ("x_least", "none_lose", -1.0)):
        found = findings.surest(GAIN, sign, _MOST_COMMUNES)
        said = _marked(((findings.names[row], effect) for row, effect in found), voice)
        rows.append((voice.words[key], said or voice.words[none]))
    return rows


# Claims ------------------------------------------------------------------------------------


MARKS: Mapping[str, tuple[str, str]] = {
    "supported": ("✓", "yes"),
    "not supported": ("✕", "no"),
    "undecided": ("~", "perhaps"),
    "outside the model": ("◌", "outside"),
}


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
