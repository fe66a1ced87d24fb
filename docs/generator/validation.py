"""The page of the validation, from the tables of the shipped calibrations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from docs.generator.markdown import code, render, table
from sim77.analysis.validate.rows import checks
from sim77.report import supply_check
from sim77.report.calibration.diagnostics import diagnostics_locale, verdict_sentence
from sim77.report.calibration.facts import CalibrationFacts, is_finished, read_calibration
from sim77.report.calibration.page import report_locales
from sim77.report.calibration.text import (
    Row,
    caveat,
    check_text,
    finding,
    meaning,
    model_text,
    observed_text,
    row_label,
    study_name,
    surely,
    validation_lead,
    whose,
    width_sentence,
)
from sim77.report.locale import Locale, locale_of
from sim77.territory.territory import load_territory

CHECKS = Path(__file__).parent / "supply"
"""Rows of each shipped territory, as ``sim77 territory validate NAME --table FILE`` writes them."""


def validation_page(calibrations: str | Path | None) -> str:
    """Return ``validation.md``.

    Parameters
    ----------
    calibrations : path or None
        Folder that holds a folder a calibration; those without tables are left out.
    """
    locale = next(each for each in report_locales() if each.language == "en")
    shipped = [read_calibration(folder) for folder in _finished(calibrations)]
    return render(
        "validation.md",
        calibrations="\n\n".join(_calibration(facts, locale) for facts in shipped)
        or "No calibration has been shipped with its tables yet.",
        links=" · ".join(
            f"[{_heading(facts)}](#{_heading(facts).lower().replace(' ', '-')})"
            for facts in shipped
        ),
        territories="\n\n".join(_territory(path) for path in sorted(CHECKS.glob("*.csv"))),
        definitions=_definitions(locale),
        left=_left(locale),
    )


def read_check(path: Path) -> pd.DataFrame:
    """Return the rows of a territory as they were written."""
    texts = ["of", "note_fr", "note_en"]
    return pd.read_csv(path, dtype=dict.fromkeys(texts, str)).fillna(dict.fromkeys(texts, ""))


def _territory(path: Path) -> str:
    locale = locale_of("en", *supply_check.PAGES)
    territory, rows = load_territory(path.stem), read_check(path)
    say = locale.words
    head = [say[each] for each in ("row", "observed", "model", "use", "source")]
    parts = [
        f"### {territory.labels['en']}", supply_check.lead(territory, rows, locale)
    ]  # fmt: skip
    for verdict, last in (("fail", [say["why"]]), ("pass", [])):
        mine = rows[rows["verdict"] == verdict].to_dict("records")
        if mine:
            parts.append(f"**{say[f'{verdict}_rows']}**:")
            parts.append(
                table(
                    [*head, *last],
                    [
                        [
                            supply_check.row_label(territory, row, locale),
                            supply_check.observed_text(row, locale),
                            supply_check.model_text(row, locale),
                            say[f"basis_{row['basis']}"],
                            str(row["source"]),
                            *([supply_check.meaning(row, locale)] if last else []),
                        ]
                        for row in mine
                    ],
                )
            )
    return "\n\n".join(parts)


def _finished(calibrations: str | Path | None) -> list[Path]:
    if calibrations is None or not Path(calibrations).is_dir():
        return []
    folders = sorted(each for each in Path(calibrations).iterdir() if each.is_dir())
    return [each for each in folders if is_finished(each)]


def _heading(facts: CalibrationFacts) -> str:
    """Return a heading of letters and digits, which every reader of Markdown links alike."""
    return f"Calibration {facts.folder.name}"


def _calibration(facts: CalibrationFacts, locale: Locale) -> str:
    parts = [
        f"## {_heading(facts)}",
        f"*{study_name(facts, locale)}.* {finding(facts, locale)} {caveat(facts, locale)}",
        *_compared(facts, locale),
        *_missed_targets(facts, locale),
        "What the data say of each free parameter:",
        _bullets(
            width_sentence(facts, row, locale)
            for row in facts.widths.sort_values("width_ratio").to_dict("records")
        ),
        *_gates(facts, locale),
    ]
    return "\n\n".join(parts)


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _compared(facts: CalibrationFacts, locale: Locale) -> list[str]:
    if facts.validation is None:
        return ["The observations kept aside have not been compared with this calibration yet."]
    rows = facts.compared.to_dict("records")
    failed = [row for row in rows if row["verdict"] == "fail"]
    passed = [row for row in rows if row["verdict"] == "pass"]
    parts = [validation_lead(facts, locale)]
    if failed:
        parts += [
            "**Missed**, and what that means:",
            _bullets(
                f"**{row_label(row['row'], locale)}**: {_figures(row, locale)}. "
                f"{meaning(row, locale)} {surely(row, locale)}"
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
                        row_label(row["row"], locale),
                        observed_text(row, locale),
                        model_text(row, locale),
                        surely(row, locale),
                    )
                    for row in passed
                ],
            ),
        ]
    return parts


def _figures(row: Row, locale: Locale) -> str:
    return f"{observed_text(row, locale)} observed, {model_text(row, locale)} in the model"


def _missed_targets(facts: CalibrationFacts, locale: Locale) -> list[str]:
    missed = facts.fitted[~facts.fitted["met"]].to_dict("records")
    if not missed:
        return ["Every fitted target is met."]
    return [
        "Fitted targets that are missed:",
        _bullets(
            f"{row_label(row['target'], locale)}: {_figures(row, locale)}. "
            f"{check_text(row, locale)} {meaning(row, locale)}".replace("  ", " ")
            for row in missed
        ),
    ]


def _gates(facts: CalibrationFacts, locale: Locale) -> list[str]:
    if not facts.gates:
        return []
    message = (
        f"{locale.words[f'gate_{name}']}: "
        f"{verdict_sentence(facts.verdict(name), diagnostics_locale('en'))}"
        for name in facts.gates
    )
    return ["Diagnostics:", _bullets(message)]


def _definitions(locale: Locale) -> str:
    """Return what each row is compared with, in the order of the list."""
    rows = [
        (
            row_label(check.name, locale),
            locale.words[f"expects_{check.expects}"],
            code(check.run or str(check.options["scenario"])),
            whose(check.name, locale),
            _linked(check.source, check.url),
        )
        for check in checks()[0]
    ]
    return table(("observation", "expected", "run", "whose, and compared with", "source"), rows)


def _left(locale: Locale) -> str:
    rows = [
        (row_label(each.name, locale), locale.words[f"reason {each.reason}"],
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
