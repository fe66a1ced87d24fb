"""The verdicts of the diagnostics of a calibration in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from sim77.analysis.calibrate.verdict import ASC_TC, DRAWN, SOLVED, Verdict, least_covered
from sim77.report.calibration.names import PAGES, parameter_label, percent_text, row_label
from sim77.report.locale import Locale, locale_of

P_DECIMALS = 3


def verdict_text(verdict: Verdict, language: str = "en") -> str:
    """Return what a diagnostic found in words, with a line for each conclusion that it tests."""
    locale = diagnostics_locale(language)
    rows = verdict.tables["sensitivity"] if verdict.name == "conclusions" else pd.DataFrame()
    lines = [f"  {conclusion_sentence(row, locale)}" for row in rows.to_dict("records")]
    return "\n".join([verdict_sentence(verdict, locale), *lines])


def diagnostics_locale(language: str) -> Locale:
    """Return a language with the words of diagnostics, and the names of what they are about."""
    return locale_of(language, *PAGES, "diagnostics")


def verdict_sentence(verdict: Verdict, locale: Locale) -> str:
    """Say in one language what a diagnostic found."""
    return _SENTENCES[verdict.name](verdict, locale)


def _list(names: Iterable[str], locale: Locale) -> str:
    return ", ".join(locale.say("named", name=name) for name in names) or locale.say("nothing")


def _parameters(names: Iterable[str], locale: Locale) -> str:
    return _list((parameter_label(name, locale) for name in names), locale)


def _targets(names: Iterable[str], locale: Locale) -> str:
    return _list((row_label(name, locale) for name in names), locale)


def _named(name: str, locale: Locale) -> str:
    return locale.say("named", name=parameter_label(name, locale))


def _recovery(verdict: Verdict, locale: Locale) -> str:
    counts = verdict.tables["recovery_counts"]
    identified = counts["identified"].astype(bool)
    counted = counts[identified]
    if counted.empty:
        return locale.say("recovery_empty")
    truths = int(counts["replicates"].max())
    each = [
        locale.say(
            "count_of",
            parameter=_named(row["parameter"], locale),
            covered=f"{row['covered']}",
            truths=f"{truths}",
        )
        for row in counted.to_dict("records")
    ]
    given = {
        "truths": f"{truths}",
        "least": f"{least_covered(truths)}",
        "counts": ", ".join(each),
        "failed": _parameters(counted["parameter"][~counted["passed"].astype(bool)], locale),
        "others": _parameters(counts["parameter"][~identified], locale),
    }
    return locale.say("recovery_passed" if verdict.passed else "recovery_failed", **given)


def _sbc(verdict: Verdict, locale: Locale) -> str:
    def p(value: float) -> str:
        sign, shown = ("=", value) if value >= 10.0**-P_DECIMALS else ("<", 10.0**-P_DECIMALS)
        return f"p {sign} {locale.numbers.fixed(shown, P_DECIMALS)}"

    counts = verdict.tables["sbc_counts"]
    truths = f"{int(counts['truths'].max())}"
    if verdict.passed:
        least = p(counts["p_value"].min())
        parameters = _parameters(counts["parameter"], locale)
        return locale.say("sbc_passed", truths=truths, parameters=parameters, p=least)
    shapes = [
        locale.say(
            f"shape {row['shape']}",
            parameter=_named(row["parameter"], locale),
            p=p(row["p_value"]),
            held=locale.numbers.percent(row["held_80"]),
        )
        for row in counts.to_dict("records")
        if not row["passed"]
    ]
    return locale.say("sbc_failed", truths=truths, shapes=locale.say("between_shapes").join(shapes))


def _identification(verdict: Verdict, locale: Locale) -> str:
    table = verdict.tables["identification"]
    of = table["verdict"]
    return locale.say(
        "identification",
        identified=_parameters(table["parameter"][of == "identified"], locale),
        bounded=_parameters(table["parameter"][of.str.startswith("bounded")], locale),
        free=_parameters(table["parameter"][of == "not_identified"], locale),
        best=locale.numbers.significant(float(verdict.tables["profiles"]["best"].min())),
        error=locale.numbers.significant(verdict.settings["surrogate_error"]),
    )


def parameter_sentence(row: Mapping[Any, Any], locale: Locale) -> str:
    """Say what the data exclude of a parameter, from its row of ``identification``."""
    ratio = locale.numbers.percent(row["width_ratio"])
    name = _named(row["parameter"], locale)
    return locale.say(f"verdict {row['verdict']}", parameter=name, ratio=ratio)


def _predictive(verdict: Verdict, locale: Locale) -> str:
    table = verdict.tables["predictive"]
    fitted, out = table["use"] != "compare", ~table["inside"].astype(bool)
    compared = table["target"][~fitted & out]
    also = "compared_outside" if len(compared) else "compared_inside"
    return locale.say(
        "predictive_passed" if verdict.passed else "predictive_failed",
        n=f"{fitted.sum()}",
        outside=_targets(table["target"][fitted & out], locale),
        compared=locale.say(also, outside=_targets(compared, locale)),
    )


def _conclusions(verdict: Verdict, locale: Locale) -> str:
    summary: pd.DataFrame = verdict.tables["sensitivity"]
    changing = summary["conclusion"][summary["changes_sign"].astype(bool)]
    told = locale.say(
        "conclusions_unstable" if len(changing) else "conclusions_stable",
        n=f"{len(summary)}",
        changing=_list((conclusion_label(name, locale) for name in changing), locale),
    )
    points = verdict.tables["conclusions"]
    points = points[~points["conclusion"].isin(changing)]
    unsure = points[(points["low"] <= 0.0) & (points["high"] >= 0.0)]
    at = [
        locale.say(
            "unsure_at",
            label=locale.say("named", name=conclusion_label(str(name), locale)),
            n=f"{n}",
            points=f"{(points['conclusion'] == name).sum()}",
        )
        for name, n in unsure["conclusion"].value_counts(sort=False).items()
    ]
    return f"{told} {locale.say('conclusions_unsure', unsure=', '.join(at))}" if at else told


def conclusion_sentence(row: Mapping[Any, Any], locale: Locale) -> str:
    """Say between which values a conclusion lies, from its row of ``sensitivity``."""
    return locale.say(
        "conclusion_changes" if row["changes_sign"] else "conclusion_keeps",
        label=conclusion_label(row["conclusion"], locale),
        unit=locale.words[f"unit {row['unit']}"],
        at_lowest=point_label(row["at_lowest"], locale),
        at_highest=point_label(row["at_highest"], locale),
        **{each: locale.numbers.significant(row[each]) for each in ("solved", "lowest", "highest")},
    )


def point_label(where: str, locale: Locale) -> str:
    """Name the point at which a conclusion is: a parameter and an end of it, or a draw."""
    name, _, end = where.partition(" ")
    if name == SOLVED:
        return locale.say("at_solved")
    if name == DRAWN:
        return locale.say("at_draw")
    if name == ASC_TC:
        return locale.say("at_centres", share=percent_text(float(end.split()[0]), locale))
    return locale.say(f"at_{end}", parameter=_named(name, locale))


def conclusion_label(name: str, locale: Locale) -> str:
    """Name a conclusion and its year."""
    plain, _, year = name.rpartition("_")
    return locale.say(f"conclusion {plain}", year=year)


_SENTENCES = {
    "recovery": _recovery,
    "sbc": _sbc,
    "identification": _identification,
    "predictive": _predictive,
    "conclusions": _conclusions,
}
