"""A stored sweep as the browser reads it: its factors, outcomes and the means of its points."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.sweep.factors import SCENARIO, Factor
from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT
from sim77.analysis.sweep.results import Sweep, load_sweep
from sim77.analysis.sweep.study import STUDY_FILE
from sim77.app.numbers import number
from sim77.core.errors import ResultError, nearest
from sim77.report.locale import LANGUAGES, locales
from sim77.report.names import scenario_label
from sim77.report.study.about import caveat, design, study_name
from sim77.report.study.facts import StudyFacts, headlines
from sim77.report.study.text import factor_label, outcome_label, outcome_unit, unit_text

MOST_POINTS = 2000
"""Points sent to the browser; of more, so many evenly spread over the design."""

VOICES = {locale.language: locale for locale in locales("summary", "study")}

_SHARE = "share"


@lru_cache(maxsize=3)
def read_sweep(folder: str, stamp: str) -> Sweep:
    """Return the runs of a folder as they are now.

    Parameters
    ----------
    folder : str
    stamp : str
        `sim77.app.studies.folders.stamp` of the folder: with another one it is read again.

    Raises
    ------
    ResultError
        If no run has finished, or the folder is no readable store.
    """
    read = load_sweep(Path(folder)).as_it_is()
    if read.table().empty:
        raise NoRunsError(f"no run of {folder} has finished yet.")
    return read


class NoRunsError(ResultError):
    """A study of which no run has finished."""


def facts_for(sweep: Sweep) -> StudyFacts:
    """Return what the sentences of a study's page need of it, without any analysis."""
    return StudyFacts(
        sweep=sweep, means=(), findings=(), scores="", parts=None, runs=len(sweep.table()),
        failures=len(sweep.failures()), tables="",
    )  # fmt: skip


def chosen_outcome(sweep: Sweep, outcome: str) -> str:
    """Return an outcome by name, the first headline for a blank, or raise `ResultError`."""
    if not outcome:
        return headlines(sweep)[0]
    if outcome not in sweep.outcomes:
        raise ResultError(f"{outcome}.{nearest(outcome, sweep.outcomes)}")
    return outcome


def sweep_payload(sweep: Sweep, outcome: str) -> dict[str, Any]:
    """Return what the browser draws of a sweep without any analysis.

    Parameters
    ----------
    sweep : Sweep
    outcome : str
        Whose means are sent.

    Returns
    -------
    dict
        ``title``, ``question`` and ``caveat`` by language; ``facts``, pairs of words by language;
        ``factors``; ``outcomes`` with what each is (``effect``, ``level`` or ``baseline``);
        ``points``: ``mean``, ``low``, ``high`` (95 %), ``n`` and a list a factor; ``total``, how
        many points there are; ``files`` and ``command`` to run it again.
    """
    facts, study = facts_for(sweep), sweep.study
    points = sweep.points(outcome)
    sent = points
    if len(points) > MOST_POINTS:
        sent = points.iloc[np.linspace(0, len(points) - 1, MOST_POINTS).astype(int)]
    return {
        "title": {name: study_name(facts, locale) for name, locale in VOICES.items()},
        "question": {name: study.text("question", name) for name in LANGUAGES},
        "caveat": {name: caveat(facts, locale) for name, locale in VOICES.items()},
        "facts": {name: design(facts, locale) for name, locale in VOICES.items()},
        "runs": facts.runs,
        "failures": facts.failures,
        "factors": [_factor(each, points[each.name]) for each in sweep.factors],
        "outcomes": [_outcome(name) for name in sorted(sweep.outcomes, key=_rank)],
        "outcome": outcome,
        "points": _points(sent, sweep.study.factor_names),
        "total": len(points),
        "command": "sim77 sweep study.yaml --out out/again\nsim77 report out/again",
        "files": {STUDY_FILE: (sweep.folder / STUDY_FILE).read_text(encoding="utf-8")},
    }


def _points(table: pd.DataFrame, factors: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: [number(float(each)) for each in table[name]] for name in ("mean", "low", "high")
    }
    found["n"] = table["n"].astype(int).tolist()
    found["factors"] = {
        name: [each if isinstance(each, str) else number(float(each)) for each in table[name]]
        for name in factors
    }
    return found


def _factor(factor: Factor, seen: pd.Series) -> dict[str, Any]:
    low, high = factor.low, factor.high
    if not factor.is_text and not (np.isfinite(low) and np.isfinite(high)):
        low, high = float(seen.min()), float(seen.max())
    return {
        "name": factor.name,
        "lever": factor.is_lever,
        "low": number(low),
        "high": number(high),
        "whole": factor.whole,
        "text": factor.is_text,
        "values": list(factor.values),
        "labels": _labels(factor),
        "unit": {name: unit_text(factor.unit, locale) for name, locale in VOICES.items()},
        **{name: factor_label(factor, locale, unit=False) for name, locale in VOICES.items()},
    }


def _labels(factor: Factor) -> dict[str, dict[str, str]]:
    """Return the labels by language of the scenarios that a factor chooses among."""
    if factor.name != SCENARIO:
        return {}
    return {
        str(name): {language: scenario_label(str(name), VOICES[language]) for language in VOICES}
        for name in factor.values
    }


def outcome_kind(name: str) -> str:
    """Say whether an outcome is an ``effect``, a ``level`` or one of the ``baseline``."""
    if name.startswith(EFFECT):
        return "effect"
    return "baseline" if name.startswith(BASELINE) else "level"


def _rank(name: str) -> int:
    return ("effect", "level", "baseline").index(outcome_kind(name))


def _outcome(name: str) -> dict[str, Any]:
    units = {language: outcome_unit(name, locale) for language, locale in VOICES.items()}
    return {
        "name": name,
        "kind": outcome_kind(name),
        "share": units["en"] == _SHARE,
        "unit": units,
        # The group of the list says whether it is the effect, and the rest of the page too.
        **{
            language: outcome_label(name, locale, short=True) for language, locale in VOICES.items()
        },
        "full": {language: outcome_label(name, locale) for language, locale in VOICES.items()},
    }
