"""The page of a calibration, one HTML file that needs no network: made again in seconds.

Everything on it is read from the tables in the calibration's folder; nothing is computed but means
of what they hold.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sim77.core.errors import StudyError
from sim77.report.calibration import tables, text, views
from sim77.report.calibration.facts import CalibrationFacts, read_calibration
from sim77.report.locale import Voice, voices
from sim77.report.run.page import write_page
from sim77.territory.territory import load_territory

REPORT_FILE = "report.html"
LIMITS = (
    "limit_centres", "limit_agreements", "limit_people", "limit_errors", "limit_distance",
    "limit_weekdays", "limit_abc", "limit_mixes", "limit_one_sided",
)  # fmt: skip


def write_calibration_report(folder: str | Path, path: str | Path | None = None) -> Path:
    """Write the page of a finished calibration.

    Parameters
    ----------
    folder : path
        Filled by ``sim77 calibrate``.
    path : path, optional
        The HTML file, by default ``report.html`` in the folder; replaced if it is there.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    StudyError
        If the calibration has not finished, or the file is no HTML file.
    """
    facts = read_calibration(folder)
    page = Path(path) if path is not None else facts.folder / REPORT_FILE
    if page.suffix.lower() not in (".html", ".htm"):
        raise StudyError(f"the report is an HTML file, expected a name like x.html, not '{page}'.")
    page.parent.mkdir(parents=True, exist_ok=True)
    pages = [_page(facts, voice) for voice in report_voices()]
    write_page(page, "calibration", styles=("study",), pages=pages, names=[])
    return page


def report_voices() -> list[Voice]:
    """Return both languages with the words of the page."""
    return voices("summary", "study", "validation", "calibration")


def _page(facts: CalibrationFacts, voice: Voice) -> dict[str, Any]:
    """Return everything the template says in one language."""
    name = text.study_name(facts, voice)
    return {
        "language": voice.language,
        "words": voice.words,
        "document_title": voice.say("document_title", name=name),
        "scenario": name,
        "name": name,
        "title": text.finding(facts, voice),
        "caveat": text.caveat(facts, voice),
        "question": text.question(facts, voice),
        "cards": views.cards(facts, voice),
        "families": views.families(facts, voice),
        "targets": tables.targets_table(facts, voice),
        "validation": views.validation(facts, voice),
        "marginals": views.marginals(facts, voice),
        "widths": tables.widths_table(facts, voice),
        "identification": views.identification(facts, voice),
        "correlations": views.correlations(facts, voice),
        "solved": tables.solved_tables(facts, voice),
        "generations": tables.generations_table(facts, voice),
        "gates": views.gates(facts, voice),
        "limits": [voice.words[key] for key in LIMITS],
        "reproduce": reproduce(facts, voice),
        "credits": voice.words["credits_shipped"],
        "sources": load_territory(None).sources.to_dict("records"),
    }


def reproduce(facts: CalibrationFacts, voice: Voice) -> dict[str, Any]:
    """Return the commands that make the calibration again, and the facts that fix its numbers."""
    manifest, about, fixed = facts.manifest, facts.validation_about, voice.numbers.fixed
    name = facts.folder.resolve().name
    libraries = {"Python": manifest.get("python", ""), **manifest.get("libraries", {})}
    named = {
        "r_study": manifest.get("study_hash", ""),
        "r_seed": str(manifest["seed"]),
        "r_scale": voice.numbers.percent(float(manifest["scale"])),
        "r_version": manifest.get("sim77", ""),
        **{f"r_data_{key}": value for key, value in manifest.get("data", {}).items()},
        "r_validation": about.get("rows_sha256", ""),
        "r_libraries": ", ".join(f"{each} {said}" for each, said in libraries.items() if said),
        "r_made": _date(manifest.get("made"), voice),
        "r_seconds": voice.say("r_seconds_value", seconds=fixed(manifest.get("seconds_now", 0.0))),
        "r_validation_seconds": voice.say("r_seconds_value", seconds=fixed(about["seconds"]))
        if about
        else "",
    }
    shipped = f"calibration/{name}"
    study = shipped if (facts.folder / "study.yaml").is_file() else "STUDY"
    return {
        "command": f"sim77 calibrate {study} --out out/again\n"
        "sim77 validate out/again\nsim77 report out/again",
        "facts": [(voice.words[key], value) for key, value in named.items() if value],
    }


def _date(made: Any, voice: Voice) -> str:
    return voice.numbers.date(dt.datetime.fromisoformat(str(made))) if made else ""
