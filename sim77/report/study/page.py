"""``sim77 report``: the page of a study, one HTML file that needs no network.

The page is written in French and in English like the other pages
(`sim77.report.run.page.write_page`); beside it goes a folder of CSV files with every table in full.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim77.analysis.sweep.parts import STUDY_FILE
from sim77.core.errors import ResultError
from sim77.report.locale import Voice, voices
from sim77.report.run.page import write_page
from sim77.report.study import about, tables, views
from sim77.report.study.facts import StudyFacts, facts_of
from sim77.report.study.text import title
from sim77.runs.store import MANIFEST
from sim77.territory.territory import SHIPPED

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep

REPORT_FILE = "report.html"


def sweep_of(given: str | Path) -> Sweep:
    """Return the runs of a study from the folder of its sweep, or from its file.

    Parameters
    ----------
    given : path
        The folder that ``sim77 sweep`` filled, or a study file (or its folder) whose sweep is where
        that command puts it without ``--out``: ``out/<name of the study's folder>``.

    Raises
    ------
    ResultError
        If there are no runs.
    """
    from sim77.analysis.sweep.results import load_sweep

    path = Path(given)
    if (path / MANIFEST).is_file():
        return load_sweep(path)
    if not path.exists():
        raise ResultError(f"there is no study or folder '{path}'.")
    folder = default_store(path)
    if not (folder / MANIFEST).is_file():
        raise ResultError(
            f"'{path}' holds no runs, and {folder} neither: run sim77 sweep {path}, or name the "
            "folder that it filled."
        )
    return load_sweep(folder)


def default_store(study: Path) -> Path:
    """Return where the runs of a study go when nothing else is said."""
    file = study / STUDY_FILE if study.is_dir() else study
    name = file.resolve().parent.name if file.name == STUDY_FILE else file.stem
    return Path("out") / name


def write_study_report(sweep: Sweep, path: str | Path, *, where: str | None = None) -> Path:
    """Write the page of a study, and its tables as CSV files in a folder beside it.

    Parameters
    ----------
    sweep : Sweep
        What `sim77.load` gives for the folder of a sweep.
    path : path
        The HTML file; it and the folder ``<name>-tables`` are replaced if they are there.
    where : str, optional
        The condition that PRIM and CART look for, such as ``effect_co2e_travel_kg < -100``.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ResultError
        No run has finished, the condition cannot be read, or the file is no HTML file.
    """
    page = Path(path)
    if page.suffix.lower() not in (".html", ".htm"):
        raise ResultError(f"the report is an HTML file, expected a name like x.html, not '{page}'.")
    facts = facts_of(sweep, where, f"{page.stem}-tables")
    folder = page.parent / facts.tables
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for name, table in tables.csv_files(facts).items():
            table.to_csv(partial / name, index=False, lineterminator="\n")
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
    write_page(
        page, "study", pages=[_page(facts, voice) for voice in voices("summary", "study")], names=[]
    )
    return page


def _page(facts: StudyFacts, voice: Voice) -> dict[str, Any]:
    """Return everything the template says in one language."""
    study = facts.sweep.study
    name = about.study_name(facts, voice)
    model = not study.evaluator
    return {
        "language": voice.language,
        "words": voice.words,
        "document_title": voice.say("document_title", name=name),
        "scenario": name,
        "name": name,
        "title": title(facts, voice),
        "caveat": about.caveat(facts, voice),
        "question": study.text("question", voice.language),
        "design": about.design(facts, voice),
        "factors": about.factors_table(facts, voice),
        "outcomes": tables.outcomes_table(facts, voice),
        "chapters": [views.chapter(facts, finding, voice) for finding in facts.findings],
        "scores": views.scores(facts, voice),
        "parts": tables.parts_table(facts, voice),
        "parts_lead": about.parts_lead(facts, voice),
        "about": about.sentences(facts, voice),
        "methods": [voice.words["method_tools"], voice.words["method_prim"]],
        "reproduce": about.reproduce(facts, voice),
        "credits": voice.words[
            "credits_shipped" if model and study.where.folder == SHIPPED else "credits_other"
        ],
        "sources": study.where.sources.to_dict("records") if model else [],
    }
