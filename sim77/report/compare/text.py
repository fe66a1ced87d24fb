"""What a comparison found, in sentences: the title of its page and its text for a terminal."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.analysis.claims.claims import NOT_SUPPORTED, is_tiny
from sim77.analysis.compare.comparison import Comparison
from sim77.core.variance import SEEDS_THAT_TELL
from sim77.registry.indicators import described, indicators_shown
from sim77.report import locale
from sim77.report.compare.findings import HOME_BASED, Effect, Findings
from sim77.report.locale import FINEST, MINUS, Locale, decimals_apart, decimals_of
from sim77.report.names import labels_apart, line_labels, place_of_run, territory_of
from sim77.report.run.text import scenario_notes, scope_notes

_WIDTH = 36
_MOST_COMMUNES = 3
_MOST_FLOWS = 6
_HOURS_FROM_MIN = 600.0
_SURPLUS, _WITHOUT_PRESENCE = "consumer_surplus_eur", "consumer_surplus_without_presence_eur"
_GOOD_PART = 0.05
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


_UNITS = {
    "persons": "u_persons",
    "person-days": "u_days",
    "minutes": "u_minutes",
    "kg CO2e": "u_kg",
    "bookings": "u_refusals",
    "euros": "u_eur",
}
"""The words of the units of indicators whose effects are shown as they are."""
LINES = 8
"""Lines of which the change of load is shown, those that change most."""
CO2E_SOURCES = ("car", "rail", "access", "buildings", "rebound")


def key_measures(findings: Findings) -> list[Measure]:
    """Return the key effects, in order.

    The surplus without presence is one where presence makes a good part of the whole: it counts for
    those with an allowance only, so that where these differ the whole says little by itself.
    """
    whole, without = (findings.effects[name].effect for name in (_SURPLUS, _WITHOUT_PRESENCE))
    alike = abs(whole - without) <= _GOOD_PART * max(abs(whole), abs(without))
    return [
        Measure(name, _UNITS[described(name).unit])
        for name in indicators_shown("effects")
        if not (alike and name == _WITHOUT_PRESENCE)
    ]


def locale_of(language: str) -> Locale:
    """Return the words of comparisons in one language."""
    return locale.locale_of(language, "summary", "compare")


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


def signed(value: float, decimals: int, locale: Locale) -> str:
    """Write a number with its sign; nothing at all has none."""
    text = locale.numbers.fixed(round(value, decimals), max(decimals, 0))
    return text if text.startswith(MINUS) or round(value, decimals) == 0 else f"+{text}"


def value_of(effect: Effect, locale: Locale) -> str:
    """Write an effect."""
    return signed(effect.effect, places(effect), locale)


def values_of(effects: Sequence[Effect], locale: Locale) -> list[str]:
    """Write effects of a list, none finer than the largest one's second digit."""
    finest = _decimals(max((abs(each.effect) for each in effects), default=0.0), _DIGITS)
    return [signed(each.effect, min(places(each), finest), locale) for each in effects]


def interval_of(effect: Effect, locale: Locale) -> str:
    """Write an interval; nothing when there is none, or when all seeds agree."""
    if not effect.known or effect.nothing:
        return ""
    low, high = (signed(end, places(effect), locale) for end in (effect.low, effect.high))
    return locale.say("interval", low=low, high=high) if low != high else ""


def verdict_of(effect: Effect, locale: Locale) -> str:
    """Say whether an effect is nothing or not clear; blank for one that is clear."""
    if effect.nothing:
        return locale.words["no_change"]
    return locale.words["unclear"] if effect.noise else ""


def label(name: str, locale: Locale) -> str:
    """Return the name of an indicator."""
    return described(name).label(locale.language)


def scenario_label(findings: Findings, side: str, locale: Locale) -> str:
    """Return the name of scenario ``a`` or ``b``, told apart from the other's."""
    both = (findings.manifest[each] for each in "ab")
    named = [(str(each[f"label_{locale.language}"] or each["name"]), each["name"]) for each in both]
    return labels_apart(named)["ab".index(side)]


def caveat(findings: Findings, locale: Locale) -> str:
    """Say of how many runs the effects are, and where their parameters come from."""
    message = locale.say(
        "seeds_caveat" if findings.seeds > 1 else "one_seed_caveat",
        period=_period(findings, locale),
        seeds=locale.numbers.count(findings.seeds),
        days=locale.numbers.count(findings.manifest["days"]),
    )
    drawn = findings.draws is not None
    source = drawn_text(findings, locale) if drawn else locale.words["calibrated"]
    notes = *of_each_side(findings, locale), *scope_notes(findings.manifest, locale)
    return " ".join([message, source, *notes])


def sample_text(findings: Findings, locale: Locale) -> str:
    """Say that a comparison is of a part of the workers; nothing of one of all of them."""
    scale = findings.manifest["scale"]
    return locale.say("limits_sample", scale=locale.numbers.percent(scale)) if scale < 1.0 else ""


def of_each_side(findings: Findings, locale: Locale) -> list[str]:
    """Say of each scenario what does nothing, and which stops of its lines are new."""
    territory = territory_of(findings.manifest)
    return [
        locale.say("of_side", side=side.upper(), note=note)
        for side in ("a", "b")
        for note in scenario_notes(findings.manifest[side], territory, locale)
    ]


def _times(ratio: float, locale: Locale) -> str:
    return locale.numbers.rounded(ratio, 2)


# The title ---------------------------------------------------------------------------------


def title(findings: Findings, locale: Locale) -> str:
    """Say the finding in figures, as honestly when there is none."""
    names = {side: scenario_label(findings, side, locale) for side in ("a", "b")}
    if findings.identical:
        same = not findings.manifest["differences"]
        return locale.words["t_identical"] if same else locale.say("t_no_effect", **names)
    effect = findings.effects["travel_min"]
    if effect.nothing:
        return locale.say("t_still", **names, changed=_changed(findings, locale))
    key, early = (
        ("t_noise", "t_noise_soon")
        if effect.noise
        else ("t_gain", "t_gain_soon")
        if effect.effect < 0
        else ("t_loss", "t_loss_soon")
    )
    soon = _too_soon(findings)
    given = {
        **names,
        "workers": locale.numbers.rounded(findings.effects["workers_at_work"].a, 3),
        "changed": _changed(findings, locale),
    }
    if soon:
        draws = "soon_draw" if findings.seeds == 1 else "soon_draws"
        given["draws"] = locale.say(draws, number=locale.numbers.count(findings.seeds))
    if not effect.noise:
        given["amount"] = _amount(abs(effect.effect), locale)
    return locale.say(early if soon else key, **given)


def _too_soon(findings: Findings) -> bool:
    """Say whether there are too few seeds to tell whether travel time changes."""
    noise = findings.effects["travel_min"].noise
    return findings.seeds == 1 or (noise and findings.seeds < SEEDS_THAT_TELL)


def _amount(minutes: float, locale: Locale) -> str:
    """Write minutes, or hours when there are many."""
    if minutes >= _HOURS_FROM_MIN:
        return locale.say("amount_hours", number=locale.numbers.rounded(minutes / 60.0))
    number = locale.numbers.rounded(minutes)
    # French counts as one whatever is below two; English only one itself.
    one = minutes < 1.95 if locale.language == "fr" else number == "1"
    return locale.say("amount_minute" if one else "amount_minutes", number=number)


def _changed(findings: Findings, locale: Locale) -> str:
    """Say how many spend the day differently and, if it is clear, what each of them gains."""
    if findings.changed < 1.0:
        return locale.words["t_changed_one"]
    if findings.changed < 1.5:
        return locale.words["t_changed_single"]
    # Whole persons.
    number = locale.numbers.rounded(findings.changed, _DIGITS if findings.changed >= 10.0 else 1)
    each = findings.minutes_each
    # What others save, as with a new line, is not theirs: told only where they make up the whole.
    saved, whole = each * findings.changed, -findings.effects["travel_min"].effect
    theirs = whole != 0.0 and 0.5 <= saved / whole <= 2.0
    if findings.effects["travel_min"].noise or _too_soon(findings) or not theirs:
        return locale.say("t_changed_unclear", number=number)
    key = "t_changed" if each >= 0 else "t_changed_loss"
    return locale.say(key, number=number, minutes=_amount(abs(each), locale))


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
    findings, locale = Findings(comparison), locale_of(language)
    if findings.identical:
        return "\n".join(
            [_head(findings, locale), title(findings, locale), *of_each_side(findings, locale)]
        )
    lines = [_head(findings, locale), place_of_run(findings.manifest, locale)]
    if findings.draws:
        lines.append(drawn_text(findings, locale))
    if findings.seeds == 1:
        lines.append(locale.words["one_seed"])
    rows = []
    for each in key_measures(findings):
        rows.append((label(each.indicator, locale), _measured(findings, each, locale)))
        if each.indicator == "travel_min" and not findings.effects[HOME_BASED].nothing:
            theirs = Measure(HOME_BASED, each.unit)
            rows.append((f"  {locale.words['x_home_based']}", _measured(findings, theirs, locale)))
        if each.indicator == "co2e_total_kg":
            rows.append((f"  {locale.words['x_sources']}", _sources(findings, locale)))
            if findings.lines:
                rows.append((locale.words["x_trains"], _trains(findings, locale)))
    rows += [
        (locale.words["x_transitions"], _transitions(findings, locale)),
        *(("", note) for note in at_home_notes(findings, locale)),
        (locale.words["x_groups"], _groups(findings, locale)),
        *_communes(findings, locale),
    ]
    if math.isfinite(findings.times_wider):
        pairing = locale.say("x_pairing_value", times=_times(findings.times_wider, locale))
        rows.append((locale.words["x_pairing"], pairing))
    if findings.draws:
        rows.append((locale.words["x_same_sign"], _same_sign(findings, locale)))
    if findings.has_parts:
        rows.append((locale.words["x_parts"], _parts(findings, locale)))
    lines += [f"  {name:<{_WIDTH - 1}} {value}" for name, value in rows]
    text = "\n".join(lines)
    if "*" in text:
        lines.append(locale.words["x_noise_mark"])
    lines.append(locale.words["x_caveat_posterior" if findings.draws else "x_caveat"])
    if said := sample_text(findings, locale):
        lines.append(said)
    lines += scope_notes(findings.manifest, locale)
    return "\n".join([*lines, *of_each_side(findings, locale)])


def _head(findings: Findings, locale: Locale) -> str:
    manifest = findings.manifest
    given = {side: scenario_label(findings, side, locale) for side in ("a", "b")}
    given |= {
        "period": _period(findings, locale),
        "days": locale.numbers.count(manifest["days"]),
        "seeds": locale.numbers.count(findings.seeds),
    }
    return locale.say("x_head_one" if findings.seeds == 1 else "x_head", **given)


def _period(findings: Findings, locale: Locale) -> str:
    start, end = (dt.date.fromisoformat(findings.manifest[key]) for key in ("start", "end"))
    return locale.numbers.period(start, end)


def drawn_text(findings: Findings, locale: Locale) -> str:
    """Say from which posterior parameters are drawn, and what intervals therefore hold."""
    drawn, count = findings.manifest["posterior"], locale.numbers.count
    draws, each = findings.draws or 0, drawn["seeds_per_draw"]
    message = locale.say("drawn", name=drawn["name"], draws=count(draws), seeds=count(each))
    if draws >= _FEW_DRAWS:
        return message
    least, seeds = count(_FEW_DRAWS), str(_FEW_DRAWS * each)
    return f"{message} {locale.say('few_draws', least=least, seeds=seeds)}"


def _same_sign(findings: Findings, locale: Locale) -> str:
    """Write in how many draws the main effects have the sign of their mean."""
    table = findings.comparison.effects.set_index("indicator")["draws_same_sign"]
    return ", ".join(
        locale.say(
            "same_sign",
            name=label(each.indicator, locale),
            number=locale.numbers.count(table[each.indicator]),
            draws=locale.numbers.count(findings.draws or 0),
        )
        for each in key_measures(findings)
    )


def _parts(findings: Findings, locale: Locale) -> str:
    """Write what of the intervals' squares parameters make, for the main effects."""
    shares = (
        (each.indicator, findings.parameter_shares[each.indicator])
        for each in key_measures(findings)
    )
    return ", ".join(
        f"{label(name, locale)} {locale.numbers.percent(share)}"
        for name, share in shares
        if math.isfinite(share)
    )


def _measured(findings: Findings, measure: Measure, locale: Locale) -> str:
    """Write an effect with its unit, interval and verdict."""
    effect = findings.effects[measure.indicator].times(measure.factor)
    if effect.nothing:
        return locale.words["no_change"]
    interval = interval_of(effect, locale)
    key = "measured_unclear" if effect.noise else "measured_interval" if interval else "measured"
    return locale.say(
        key, value=value_of(effect, locale), unit=locale.words[measure.unit], interval=interval
    )


def _marked(effects: Iterable[tuple[str, Effect]], locale: Locale) -> str:
    """Write effects by name in one line; a star marks those that are not clear."""
    named = list(effects)
    values = values_of([effect for _, effect in named], locale)
    return ", ".join(
        f"{name} {value}{'*' if effect.noise else ''}"
        for (name, effect), value in zip(named, values, strict=True)
    )


def _sources(findings: Findings, locale: Locale) -> str:
    by_source = ((locale.words[f"x_{name}"], f"co2e_{name}_kg") for name in CO2E_SOURCES)
    message = _marked(((name, findings.effects[key]) for name, key in by_source), locale)
    return f"{message} {locale.words['u_kg']}"


def _trains(findings: Findings, locale: Locale) -> str:
    territory = territory_of(findings.manifest)
    names = line_labels(territory, locale) if territory else {}
    effects = ((line, findings.effects[f"load_factor_{line}"]) for line in findings.lines)
    moved = [(names.get(line, line), load.times(100.0)) for line, load in effects
             if not load.nothing]  # fmt: skip
    if all(load.noise for _, load in moved):
        return locale.words["no_clear_change" if moved else "no_change"]
    return _marked(sorted(moved, key=lambda each: -abs(each[1].effect))[:LINES], locale)


def _transitions(findings: Findings, locale: Locale) -> str:
    shown, rest = findings.transitions[:_MOST_FLOWS], findings.transitions[_MOST_FLOWS:]
    flows = ", ".join(flow_text(row, locale) for row in shown)
    if rest:
        others = sum(row["worker_days_per_day"] for row in rest)
        flows += locale.say("x_transitions_rest", number=locale.numbers.significant(others))
    return locale.say(
        "x_transitions_value",
        number=locale.numbers.significant(findings.changed),
        workers=locale.numbers.count(findings.effects["workers_at_work"].a),
        flows=flows or locale.words["changes_none"],
    )


def at_home_notes(findings: Findings, locale: Locale) -> list[str]:
    """Say how many more a day of those who work at home for themselves go to a telecentre."""
    if abs(findings.home_based) < 0.5:
        return []
    return [locale.say("changes_own", number=signed(findings.home_based, 0, locale))]


def flow_text(row: dict, locale: Locale) -> str:
    """Write one row of the transition matrix."""
    return locale.say(
        "flow",
        start=locale.words[f"k_{row['from']}"],
        end=locale.words[f"k_{row['to']}"],
        number=locale.numbers.significant(row["worker_days_per_day"]),
    )


def _groups(findings: Findings, locale: Locale) -> str:
    groups = findings.group_gains().items()
    ordered = sorted(groups, key=lambda each: -each[1].effect)
    return _marked(((locale.words[name], effect) for name, effect in ordered), locale)


def _communes(findings: Findings, locale: Locale) -> list[tuple[str, str]]:
    """Name the communes that surely gain or lose most; without an interval none."""
    if findings.seeds == 1:
        return [(locale.words["x_most"], locale.words["communes_no_interval"])]
    rows = []
    for key, none, sign in (("x_most", "none_gain", 1.0), ("x_least", "none_lose", -1.0)):
        found = findings.surest_gains(sign, _MOST_COMMUNES)
        message = _marked(((findings.names[row], effect) for row, effect in found), locale)
        rows.append((locale.words[key], message or locale.words[none]))
    return rows


# Claims ------------------------------------------------------------------------------------


MARKS: Mapping[str, tuple[str, str]] = {
    "supported": ("✓", "yes"),
    "not supported": ("✕", "no"),
    "undecided": ("~", "perhaps"),
    "outside the model": ("◌", "outside"),
}


def found_of_claim(row: dict[str, Any], locale: Locale) -> str:
    """Say what the model finds of a claim, with its interval and what it is measured on."""
    condition = row[f"condition_{locale.language}"] if np.isfinite(row["mean"]) else ""
    return measure_of_claim(row, locale, condition)


def measure_of_claim(row: dict[str, Any], locale: Locale, condition: str = "") -> str:
    """Say the number that the model finds of a claim, with its interval."""
    if not np.isfinite(row["mean"]):
        return locale.words["v_nothing"]
    parts = (_number_found(row, locale), _claimed(row, locale), condition)
    found = ", ".join(part for part in parts if part)
    caution = _caution(row, locale)
    return locale.say("claim_caution", found=found, caution=caution) if caution else found


def _number_found(row: dict[str, Any], locale: Locale) -> str:
    ends = (row["mean"], row["low"], row["high"])
    # Beside what is claimed, so that 72.9 is not told as the 73 that it is compared with.
    limits = [row[name] for name in ("number", "claim_low", "claim_high")]
    decimals = decimals_apart((*ends, *limits), decimals_of(row["mean"]))
    mean, low, high = (locale.numbers.fixed(each, decimals) for each in ends)
    if row["sense"] in ("above", "below"):
        mean = signed(row["mean"], decimals, locale)
    unit = row[f"unit_{locale.language}"]
    message = f"{mean}{unit}" if locale.language == "en" and unit[:1] == "%" else f"{mean} {unit}"
    if not np.isfinite(row["low"]):
        message += f" ({locale.words['claim_one_seed']})"
    elif low != high:
        message += f" ({locale.say('interval', low=low, high=high)})"
    if is_tiny(row):
        return f"{locale.words['claim_tiny']} {message}"
    if row["verdict"] != NOT_SUPPORTED or row["sense"] in ("above", "below"):
        return message
    return f"{locale.words['claim_more' if _more(row) else 'claim_less']} {message}"


def _claimed(row: dict[str, Any], locale: Locale) -> str:
    """Say what the number is compared with, where that is a range and not the number claimed."""
    number, low, high = (row[name] for name in ("number", "claim_low", "claim_high"))
    if row["sense"] != "about" or is_tiny(row):
        return ""
    if number and np.isclose(high - number, number - low):
        margin = locale.numbers.percent((high - number) / abs(number), 0)
        claimed = (
            f"{locale.numbers.significant(number)}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{margin}"
        )
    else:
        ends = {"low": locale.numbers.significant(low), "high": locale.numbers.significant(high)}
        claimed = locale.say("interval", **ends)
    return locale.say("claim_about", claimed=claimed)


def _more(row: dict[str, Any]) -> bool:
    return bool(row["mean"] > row["claim_high"])


def _caution(row: dict[str, Any], locale: Locale) -> str:
    """Say what a number is to be taken with, where the model gives more than is claimed."""
    plain = is_tiny(row) or row["verdict"] != NOT_SUPPORTED or row["sense"] in ("above", "below")
    # Comparisons written before have none.
    return "" if plain or not _more(row) else row.get(f"caution_{locale.language}", "")
