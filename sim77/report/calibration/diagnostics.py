"""The verdicts of the diagnostics in words, French and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from sim77.analysis.calibrate.identify import Identification
from sim77.analysis.calibrate.predictive import Predictive
from sim77.analysis.calibrate.recovery import Recovery, least_covered
from sim77.analysis.calibrate.sbc import RankTest
from sim77.report.words import Voice, voices

Sentence = Mapping[str, str]
P_DECIMALS = 3


def _voices() -> list[Voice]:
    return voices("diagnostics")


def _list(names: Iterable[object], voice: Voice) -> str:
    return ", ".join(str(name) for name in names) or voice.say("nothing")


def recovery_sentence(found: Recovery) -> Sentence:
    """Say whether known truths were recovered."""
    return {voice.language: _recovery(found, voice) for voice in _voices()}


def _recovery(found: Recovery, voice: Voice) -> str:
    counted = found.counts[found.counts["identified"]]
    if counted.empty:
        return voice.say("recovery_empty")
    truths = int(found.counts["replicates"].max())
    counts = [
        voice.say(
            "count_of", parameter=row["parameter"], covered=f"{row['covered']}", truths=f"{truths}"
        )
        for row in counted.to_dict("records")
    ]
    given = {
        "truths": f"{truths}",
        "least": f"{least_covered(truths)}",
        "counts": ", ".join(counts),
        "failed": _list(counted["parameter"][~counted["passed"].astype(bool)], voice),
        "others": _list(found.counts["parameter"][~found.counts["identified"]], voice),
    }
    return voice.say("recovery_passed" if found.passed else "recovery_failed", **given)


def sbc_sentence(found: RankTest) -> Sentence:
    """Say whether ranks are uniform."""
    return {voice.language: _sbc(found, voice) for voice in _voices()}


def _sbc(found: RankTest, voice: Voice) -> str:
    def p(value: float) -> str:
        sign, shown = ("=", value) if value >= 10.0**-P_DECIMALS else ("<", 10.0**-P_DECIMALS)
        return f"p {sign} {voice.numbers.fixed(shown, P_DECIMALS)}"

    truths = f"{int(found.counts['truths'].max())}"
    if found.passed:
        least = p(found.counts["p_value"].min())
        parameters = _list(found.counts["parameter"], voice)
        return voice.say("sbc_passed", truths=truths, parameters=parameters, p=least)
    shapes = [
        voice.say(
            f"shape {row['shape']}",
            parameter=row["parameter"],
            p=p(row["p_value"]),
            held=voice.numbers.percent(row["held_80"]),
        )
        for row in found.counts.to_dict("records")
        if not row["passed"]
    ]
    between = voice.say("between_shapes")
    return voice.say("sbc_failed", truths=truths, shapes=between.join(shapes))


def identification_sentence(found: Identification) -> Sentence:
    """Say which parameters the data bound."""
    table, said = found.parameters, {}
    of = table["verdict"]
    for voice in _voices():
        said[voice.language] = voice.say(
            "identification",
            identified=_list(table["parameter"][of == "identified"], voice),
            bounded=_list(table["parameter"][of.str.startswith("bounded")], voice),
            free=_list(table["parameter"][of == "not_identified"], voice),
            best=voice.numbers.significant(float(found.profiles["best"].min())),
            error=voice.numbers.significant(found.surrogate_error),
        )
    return said


def with_parameter_sentences(parameters: pd.DataFrame) -> pd.DataFrame:
    """Return ``identification.csv``: a sentence on each parameter added in both languages."""
    table = parameters.copy()
    for voice in _voices():
        table[f"sentence_{voice.language}"] = [
            voice.say(
                f"verdict {row['verdict']}",
                parameter=row["parameter"],
                ratio=voice.numbers.percent(row["width_ratio"]),
            )
            for row in parameters.to_dict("records")
        ]
    return table


def predictive_sentence(found: Predictive) -> Sentence:
    """Say which targets lie outside their predictions."""
    said, table = {}, found.targets
    fitted, out = table["use"] != "compare", ~table["inside"]
    for voice in _voices():
        compared = table["target"][~fitted & out]
        also = "compared_outside" if len(compared) else "compared_inside"
        said[voice.language] = voice.say(
            "predictive_passed" if found.passed else "predictive_failed",
            n=f"{fitted.sum()}",
            outside=_list(table["target"][fitted & out], voice),
            compared=voice.say(also, outside=_list(compared, voice)),
        )
    return said


def with_conclusion_sentences(summary: pd.DataFrame) -> pd.DataFrame:
    """Return ``sensitivity.csv``: labels and a sentence on each conclusion in both languages."""
    table = summary.copy()
    for voice in _voices():
        labels = [_conclusion_label(name, voice) for name in table["conclusion"]]
        table[f"label_{voice.language}"] = labels
        table[f"sentence_{voice.language}"] = [
            voice.say(
                "conclusion_changes" if row["changes_sign"] else "conclusion_keeps",
                label=label,
                unit=voice.words[f"unit {row['unit']}"],
                at_lowest=row["at_lowest"],
                at_highest=row["at_highest"],
                **{
                    each: voice.numbers.significant(row[each])
                    for each in ("solved", "lowest", "highest")
                },
            )
            for label, row in zip(labels, summary.to_dict("records"), strict=True)
        ]
    return table


def conclusions_sentence(summary: pd.DataFrame) -> Sentence:
    """Say which conclusions change sign."""
    said, changing = {}, summary["conclusion"][summary["changes_sign"]]
    for voice in _voices():
        said[voice.language] = voice.say(
            "conclusions_unstable" if len(changing) else "conclusions_stable",
            n=f"{len(summary)}",
            changing=_list((_conclusion_label(name, voice) for name in changing), voice),
        )
    return said


def _conclusion_label(name: str, voice: Voice) -> str:
    plain, _, year = name.rpartition("_")
    return voice.say(f"conclusion {plain}", year=year)
