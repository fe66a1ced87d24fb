"""Sentences and names of a calibration's page, in one language."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.centres import CENTRE_SHARES, CENTRES
from sim77.analysis.calibrate.result import Calibration
from sim77.analysis.calibrate.tables import LEAST_EFFECTIVE
from sim77.analysis.validate.rows import checks
from sim77.analysis.validate.validate import Validation
from sim77.registry.parameters import load_parameters
from sim77.report.calibration.diagnostics import diagnostics_locale, parameter_sentence
from sim77.report.calibration.facts import CalibrationFacts
from sim77.report.calibration.names import PAGES, parameter_label, percent_text, row_label
from sim77.report.locale import FINEST, Locale, decimals_apart, locale_of

Row = Mapping[Hashable, Any]


def study_name(facts: CalibrationFacts, locale: Locale) -> str:
    """Return the title of the study, else the name of the folder."""
    titles = facts.manifest.get("title") or {}
    return str(titles.get(locale.language) or titles.get("en") or facts.folder.resolve().name)


def question(facts: CalibrationFacts, locale: Locale) -> str:
    """Return the question of the study; blank where it has none."""
    asked = facts.manifest.get("question") or {}
    return str(asked.get(locale.language) or asked.get("en") or "")


def finding(facts: CalibrationFacts, locale: Locale) -> str:
    """Say in one sentence what the calibration found."""
    count = locale.numbers.count
    fitted, widths = facts.fitted, facts.widths
    given = {
        "met": count(int(fitted["met"].sum())),
        "fitted": count(len(fitted)),
        "seen": count(int(widths["identified"].sum())),
        "free": count(len(widths)),
    }
    if facts.validation is None:
        return locale.say("title_no_validation", **given)
    compared = facts.compared
    failed = int((compared["verdict"] == "fail").sum())
    return locale.say("title", failed=count(failed), compared=count(len(compared)), **given)


def caveat(facts: CalibrationFacts, locale: Locale) -> str:
    """Say what the posterior is worth, and which diagnostics have failed."""
    key = "caveat_thin" if facts.effective < LEAST_EFFECTIVE else "caveat_worth"
    worth = locale.say(
        key,
        effective=locale.numbers.count(facts.effective),
        particles=locale.numbers.count(len(facts.posterior)),
        least=locale.numbers.count(LEAST_EFFECTIVE),
    )
    failed = [name for name, gate in facts.gates.items() if gate.get("passed") is False]
    if not failed:
        return worth
    names = ", ".join(locale.words[f"gate_{name}"] for name in failed)
    return f"{worth} {locale.say('caveat_failed', names=names)}"


def validation_lead(facts: CalibrationFacts, locale: Locale) -> str:
    """Say how many observations kept aside are missed, and how they were compared."""
    assert facts.validation is not None
    count, compared, about = locale.numbers.count, facts.compared, facts.validation_about
    centres = ""
    if ends := about.get("asc_tc"):
        low, high = (locale.numbers.fixed(float(each), 2) for each in ends)
        least, most = (
            percent_text(100.0 * share, locale)
            for share in about["share_of_remote_days_in_centres"]
        )
        centres = locale.say(
            "centres_held" if low == high else "centres_spread",
            low=low, high=high, least=least, most=most,
        )  # fmt: skip
    return locale.say(
        "validation_lead",
        failed=count(int((compared["verdict"] == "fail").sum())),
        compared=count(len(compared)),
        left=count(len(facts.validation) - len(compared)),
        draws=count(about.get("draws", 0)),
        kinds=_kinds_missed(compared, locale),
        centres=centres,
    ).rstrip()


def _kinds_missed(compared: pd.DataFrame, locale: Locale) -> str:
    """Say how many values and how many bounds are missed, and how many of those seen before."""
    failed, value = compared["verdict"] == "fail", compared["expects"] == "within"
    given = {
        "failed_values": failed & value, "values": value, "failed_bounds": failed & ~value,
        "bounds": ~value,
    }  # fmt: skip
    counts = {name: locale.numbers.count(int(each.sum())) for name, each in given.items()}
    seen = compared["row"].isin([each.name for each in checks()[0] if each.in_view])
    in_view = locale.say(
        "in_view_missed",
        seen=locale.numbers.count(int(seen.sum())),
        failed_seen=locale.numbers.count(int((failed & seen).sum())),
    )
    return f"{locale.say('kinds_missed', **counts)} {in_view}"


def whose(name: str, locale: Locale) -> str:
    """Say of a validation row what is compared with what, and which assumed values saw it."""
    found = next((each.in_view for each in checks()[0] if each.name == name), ())
    text = locale.words[f"whose {name}"]
    if not found:
        return text
    names = ", ".join(parameter_label(each, locale) for each in found)
    return f"{text} {locale.say('in_view', names=names)}"


def short_unit(unit: str, locale: Locale) -> str:
    """Return a unit short enough to follow a number; blank for ratios and flags."""
    return locale.words.get(f"u {unit.split()[0].strip(':,')}", "")


def digits_of(error: float) -> int:
    """Return the decimals that an observation with this error deserves; below 0 tens and more.

    Examples
    --------
    >>> digits_of(2.0), digits_of(0.3), digits_of(6.8), digits_of(15750.0)
    (1, 2, 1, -3)
    """
    return 1 - math.floor(math.log10(error)) if error > 0.0 else 2


def digits_told(row: Row) -> int:
    """Return the decimals of a row: as `digits_of`, or more where they alone show a miss as one.

    Examples
    --------
    >>> digits_told({"value": 22.0, "error": 3.3, "model": 25.32})
    2
    >>> digits_told({"value": 22.0, "error": 3.3, "model": 25.4})
    1
    """
    value, error, model = row["value"], row["error"], row["model"]
    digits, missed = digits_of(error), abs(model - value) > error
    while digits < FINEST:
        off = abs(round(model, digits) - round(value, digits)) - round(error, digits)
        if (off > 0.5 * 10.0**-FINEST) == missed:
            break
        digits += 1
    return digits


def written(value: float, digits: int, locale: Locale) -> str:
    """Write a number with the decimals of `digits_of`.

    Examples
    --------
    >>> from sim77.report.locale import locale_of
    >>> written(1413685.0, -4, locale_of("en"))
    '1,410,000'
    """
    rounded = round(value, digits) if math.isfinite(value) else value
    return locale.numbers.fixed(rounded, max(digits, 0))


def observed_text(row: Row, locale: Locale) -> str:
    """Write an observation with its error, and what it bounds."""
    digits, expects = digits_told(row), row.get("expects", "within")
    return locale.say(
        f"observed_{expects}",
        value=written(row["value"], digits, locale),
        error=written(row["error"], digits, locale),
        unit=_after(row["unit"], locale),
    )


def model_text(row: Row, locale: Locale) -> str:
    """Write what the model says, with its 90 % interval."""
    ends = (row["model"], row["low"], row["high"])
    digits = digits_told(row)
    # Beside the observation as it is written: a model that differs from it does not look alike.
    if row["model"] != row["value"]:
        digits = decimals_apart((*ends, round(row["value"], digits)), digits)
    mean, low, high = (written(each, digits, locale) for each in ends)
    text = mean + _after(row["unit"], locale)
    if low == high:
        return text
    return f"{text} ({locale.say('between', low=low, high=high)})"


def _after(unit: str, locale: Locale) -> str:
    """Return a short unit with what parts it from the number before it."""
    short = short_unit(unit, locale)
    if short == "%":
        return locale.numbers.percent(0.0, 0).removeprefix("0")
    return f" {short}" if short else ""


def meaning(row: Row, locale: Locale) -> str:
    """Say what a failure means for users, of a row kept aside or of a fitted one."""
    found = row["check"] if _only_check_misses(row) else row["model"]
    side = "above" if found > row["value"] else "below"
    if row.get("use") == "solve":
        return locale.words[f"{side} solve"]
    return locale.words[f"{side} {row.get('row') or row['target']}"]


def check_text(row: Row, locale: Locale) -> str:
    """Write what the point retained gives of a fitted row, if only that is outside the error."""
    return (
        locale.say("check_outside", value=_checked(row, locale)) if _only_check_misses(row) else ""
    )


def _only_check_misses(row: Row) -> bool:
    """Say whether the posterior's mean is within the error of a fitted row, and the check not."""
    mean, check = (abs(row.get(key, np.nan) - row["value"]) for key in ("model", "check"))
    return bool(mean <= row["error"] < check)


def _checked(row: Row, locale: Locale) -> str:
    """Write what the point retained gives, as `model_text` writes the posterior's mean."""
    return model_text({**row, **dict.fromkeys(("model", "low", "high"), row["check"])}, locale)


def surely(row: Row, locale: Locale) -> str:
    """Say whether the interval leaves a doubt about the verdict."""
    kind = "failed" if row["verdict"] == "fail" else "passed"
    return locale.words[f"{kind}_{'surely' if row['surely'] else 'perhaps'}"]


def width_sentence(facts: CalibrationFacts, row: Row, locale: Locale) -> str:
    """Say what the data say of a free parameter."""
    deeper = facts.diagnostics.get("identification")
    if deeper is not None and (deeper["parameter"] == row["parameter"]).any():
        mine = deeper[deeper["parameter"] == row["parameter"]].iloc[0]
        return parameter_sentence(mine, diagnostics_locale(locale.language))
    span = max(abs(row["prior_low"]), abs(row["prior_high"]))
    digits = max(digits_of(0.1 * span), 0)
    fixed = locale.numbers.fixed
    label = parameter_label(str(row["parameter"]), locale)
    return locale.say(
        "narrowed" if row["identified"] else "not_narrowed",
        label=label[:1].upper() + label[1:],
        low=fixed(row["low"], digits),
        high=fixed(row["high"], digits),
        prior_low=fixed(row["prior_low"], digits),
        prior_high=fixed(row["prior_high"], digits),
        ratio=locale.numbers.percent(row["width_ratio"], 0),
    )


# For a terminal ----------------------------------------------------------------------------


def calibration_text(calibration: Calibration, language: str = "en") -> str:
    """Say what a calibration found."""
    locale = locale_of(language, *PAGES)
    table = calibration.targets
    fitted = table[table["use"] != "compare"]
    missed = fitted[~fitted["met"]]
    widths, count = calibration.posterior.widths, locale.numbers.count
    names = {name: f"{parameter_label(name, locale)} ({name})" for name in widths["parameter"]}
    seen = [names[name] for name in widths["parameter"][widths["identified"]]]
    unseen = [names[name] for name in widths["parameter"][~widths["identified"]]]
    centres = vars(calibration.centres) if calibration.centres else None
    lines = [
        locale.say("text_met", met=count(len(fitted) - len(missed)), fitted=count(len(fitted))),
        *(_missed(row, locale) for row in missed.to_dict("records")),
        locale.say("text_worth", effective=count(calibration.posterior.effective)),
        *([locale.say("text_narrowed", parameters=", ".join(seen))] if seen else []),
        *([locale.say("text_not_narrowed", parameters=", ".join(unseen))] if unseen else []),
        *centres_full(centres, locale),
        locale.say("text_written", folder=calibration.folder),
    ]
    return "\n".join(lines)


def centres_full(centres: Mapping[str, float] | None, locale: Locale) -> list[str]:
    """Say that no constant gives the use of telecentres that the draws were to be spread over.

    Nothing to say where one does, or where the study did not ask for it.

    Parameters
    ----------
    centres : mapping or None
        The fields of a `CentreRange`.
    locale : Locale
    """
    if centres is None or centres["low"] < load_parameters()[CENTRES[0]].high:
        return []
    constant = locale.numbers.fixed(centres["low"], 2)
    least = percent_text(100.0 * CENTRE_SHARES[0], locale)
    return [locale.say("centres_full", constant=constant, least=least)]


def _missed(row: Mapping[Any, Any], locale: Locale) -> str:
    given = {"label": row_label(row["target"], locale), "observed": observed_text(row, locale)}
    given["model"] = model_text(row, locale)
    if not math.isfinite(row["check"]):
        return f"  {locale.say('text_missed', **given)}"
    return f"  {locale.say('text_missed_again', **given, check=_checked(row, locale))}"


def validation_text(validation: Validation, language: str = "en") -> str:
    """Say what a validation found, failures first."""
    locale = locale_of(language, *PAGES)
    table, count = validation.table, locale.numbers.count
    compared = table[table["model"].notna()]
    failed = compared[compared["verdict"] == "fail"]
    lines = [
        locale.say(
            "text_failed",
            label=row_label(row["row"], locale),
            observed=observed_text(row, locale),
            model=model_text(row, locale),
        )
        for row in failed.to_dict("records")
    ]
    return "\n".join([
        locale.say("text_validation", failed=count(len(failed)), compared=count(len(compared))),
        _kinds_missed(compared, locale),
        *(f"  {line}" for line in lines),
        locale.say("text_left", left=count(len(table) - len(compared))),
    ])  # fmt: skip
