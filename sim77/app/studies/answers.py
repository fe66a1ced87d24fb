"""Answers about stored studies, given by the compute process: the list, one study, its analyses.

A study that cannot be read gives an answer with an ``error``, whose words are in ``words.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim77.analysis.siting.result import load_siting
from sim77.analysis.sweep.results import Sweep
from sim77.app.state.state import Problem, cut
from sim77.app.studies import analyses
from sim77.app.studies.catalogue import BROKEN, catalogue, entry
from sim77.app.studies.siting import siting_payload
from sim77.app.studies.sweep import NoRunsError, chosen_outcome, read_sweep, sweep_payload
from sim77.core.errors import ResultError, Sim77Error
from sim77.report.geography import Geography
from sim77.runs.store import SITING

Given = Mapping[str, Any]


def study_list(geography: Geography, given: Given) -> dict[str, Any]:
    """List the studies of ``places``, pairs of name and folder."""
    return {"studies": catalogue(given["places"], geography.territory.hash)}


def study(geography: Geography, given: Given) -> dict[str, Any]:
    """Open a study: all that can be drawn of it without an analysis."""
    folder = Path(given["folder"])
    about = entry(given["study"], folder, geography.territory.hash)
    if about is None:
        return {"error": Problem("unknown_study", cut(given["study"])).payload()}
    if about.get("damaged"):
        return {"error": Problem("study_damaged", cut(given["study"])).payload()}
    answer = {"study": given["study"], **about}
    if about["form"] == SITING:
        return answer | siting_payload(load_siting(folder), geography)
    sweep = read_sweep(str(folder), given["stamp"])
    problems = []
    try:
        outcome = chosen_outcome(sweep, given["outcome"])
    except ResultError as error:
        # The study is there all the same: it opens on its first outcome, and says so.
        problems = [Problem("study_outcome", cut(given["outcome"]), str(error)).payload()]
        outcome = chosen_outcome(sweep, "")
    return answer | sweep_payload(sweep, outcome) | {"problems": problems}


def study_matters(geography: Geography, given: Given) -> dict[str, Any]:
    """Say which factors matter for an outcome."""
    return analyses.matters(*_asked(given))


def study_conditions(geography: Geography, given: Given) -> dict[str, Any]:
    """Say where in the space of the factors an outcome lies beyond a threshold."""
    return analyses.conditions(*_asked(given), given["where"])


def study_regret(geography: Geography, given: Given) -> dict[str, Any]:
    """Say which combination of levers is least regretted."""
    return analyses.regret(*_asked(given))


def _asked(given: Given) -> tuple[Sweep, str]:
    sweep = read_sweep(given["folder"], given["stamp"])
    return sweep, chosen_outcome(sweep, given["outcome"])


ANSWERS: Mapping[str, Callable[[Geography, Given], dict[str, Any]]] = {
    "study_list": study_list,
    "study": study,
    "study_matters": study_matters,
    "study_conditions": study_conditions,
    "study_regret": study_regret,
}


def answer(kind: str, geography: Geography, given: Given) -> dict[str, Any]:
    """Answer one question about stored studies.

    Parameters
    ----------
    kind : str
        A name of `ANSWERS`.
    geography : Geography
    given : mapping
        What `sim77.app.requests.study_request` has checked.

    Returns
    -------
    dict
        The answer, or ``error``.
    """
    try:
        return ANSWERS[kind](geography, given)
    except NoRunsError:
        about = entry(given["study"], Path(given["folder"]), geography.territory.hash) or {}
        key = "study_damaged" if about.get("damaged") else "study_no_runs"
        return {"error": Problem(key, cut(given["study"])).payload()}
    except BROKEN as error:
        other = _made_otherwise(given, geography)
        key = "study_other_version" if other else "study_damaged"
        detail = other or (str(error) if isinstance(error, Sim77Error) else "")
        return {"error": Problem(key, cut(given["study"]), detail).payload()}


def _made_otherwise(given: Given, geography: Geography) -> str:
    """Return the version that made a study if it, its data or registries are not the app's."""
    about = entry(given["study"], Path(given["folder"]), geography.territory.hash) or {}
    return str(about["sim77"]) if about.get("differs") else ""
