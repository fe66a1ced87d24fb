"""The page of the validation, from the tables of the shipped calibrations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from docs.generator.markdown import code, render, table
from sim77.analysis.validate.rows import checks
from sim77.report.calibration.diagnostics import verdict_sentence
from sim77.report.calibration.facts import CalibrationFacts, is_finished, read_calibration
from sim77.report.calibration.page import report_voices
from sim77.report.calibration.text import (
    Row,
    caveat,
    finding,
    meaning,
    model_text,
    observed_text,
    row_label,
    study_name,
    surely,
    validation_lead,
    width_sentence,
)
from sim77.report.locale import Voice, voice_of


def validation_page(calibrations: str | Path | None) -> str:
    """Return ``validation.md``.

    Parameters
    ----------
    calibrations : path or None
        Folder that holds a folder a calibration; those without tables are left out.
    """
    voice = next(each for each in report_voices() if each.language == "en")
    shipped = [read_calibration(folder) for folder in _finished(calibrations)]
    return render(
        "validation.md",
        calibrations="\n\n".join(_calibration(facts, voice) for facts in shipped)
        or "No calibration has been shipped with its tables yet.",
        links=" · ".join(
            f"[{_heading(facts)}](#{_heading(facts).lower().replace(' ', '-')})"
            for facts in shipped
        ),
        definitions=_definitions(voice),
        left=_left(voice),
    )


def _finished(calibrations: str | Path | None) -> list[Path]:
    if calibrations is None or not Path(calibrations).is_dir():
        return []
    folders = sorted(each for each in Path(calibrations).iterdir() if each.is_dir())
    return [each for each in folders if is_finished(each)]


def _heading(facts: CalibrationFacts) -> str:
    """Return a heading of letters and digits, which every reader of Markdown links alike."""
    return f"Calibration {facts.folder.name}"


def _calibration(facts: CalibrationFacts, voice: Voice) -> str:
    parts = [
        f"## {_heading(facts)}",
        f"*{study_name(facts, voice)}.* {finding(facts, voice)} {caveat(facts, voice)}",
        *_compared(facts, voice),
        *_missed_targets(facts, voice),
        "What the data say of each free parameter:",
        _bullets(
            width_sentence(facts, row, voice)
            for row in facts.widths.sort_values("width_ratio").to_dict("records")
        ),
        *_gates(facts, voice),
    ]
    return "\n\n".join(parts)


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _compared(facts: CalibrationFacts, voice: Voice) -> list[str]:
    if facts.validation is None:
        return ["The observations kept aside have not been compared with this calibration yet."]
    rows = facts.compared.to_dict("records")
    failed = [row for row in rows if row["verdict"] == "fail"]
    passed = [row for row in rows if row["verdict"] == "pass"]
    parts = [validation_lead(facts, voice)]
    if failed:
        parts += [
            "**Missed**, and what that means:",
            _bullets(
                f"**{row_label(row['row'], voice)}**: {_figures(row, voice)}. "
                f"{meaning(row, voice)} {surely(row, voice)}"
                for row in failed
            ),
        ]
    if passed:
        head = ("observation", "observed", "model", "how surely")
        parts += [
            "**Not contradicted**:",
            table(
                head,
                [
                    (
                        row_label(row["row"], voice),
                        observed_text(row, voice),
                        model_text(row, voice),
                        surely(row, voice),
                    )
                    for row in passed
                ],
            ),
        ]
    return parts


def _figures(row: Row, voice: Voice) -> str:
    return f"{observed_text(row, voice)} observed, {model_text(row, voice)} in the model"


def _missed_targets(facts: CalibrationFacts, voice: Voice) -> list[str]:
    missed = facts.fitted[~facts.fitted["met"]].to_dict("records")
    if not missed:
        return ["Every fitted target is met."]
    return [
        "Fitted targets that are missed:",
        _bullets(
            f"{row_label(row['target'], voice)}: {_figures(row, voice)}. {meaning(row, voice)}"
            for row in missed
        ),
    ]


def _gates(facts: CalibrationFacts, voice: Voice) -> list[str]:
    if not facts.gates:
        return []
    said = (
        f"{voice.words[f'gate_{name}']}: "
        f"{verdict_sentence(facts.verdict(name), voice_of('en', 'diagnostics'))}"
        for name in facts.gates
    )
    return ["Diagnostics:", _bullets(said)]


def _definitions(voice: Voice) -> str:
    """Return what each row is compared with, in the order of the list."""
    rows = [
        (
            row_label(check.name, voice),
            voice.words[f"expects_{check.expects}"],
            code(check.run or str(check.options["scenario"])),
            voice.words[f"whose {check.name}"],
            _linked(check.source, check.url),
        )
        for check in checks()[0]
    ]
    return table(("observation", "expected", "run", "whose, and compared with", "source"), rows)


def _left(voice: Voice) -> str:
    rows = [
        (row_label(each.name, voice), voice.words[f"reason {each.reason}"],
         _linked(each.source, each.url))
        for each in checks()[1]
    ]  # fmt: skip
    return table(("observation", "why not", "source"), rows)


def _linked(source: str, url: str) -> str:
    """Return a source with its address, made harmless for a Markdown link."""
    if not re.match(r"https?://", url):
        return source
    safe = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20").replace("|", "%7C")
    return f"[{source.replace('[', '(').replace(']', ')')}]({safe})"
