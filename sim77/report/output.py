"""What results become outside Python: `text` for a terminal, `save` for a folder with a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, singledispatch
from pathlib import Path
from typing import Any

from sim77.analysis.calibrate.result import Calibration
from sim77.analysis.calibrate.verdict import Verdict
from sim77.analysis.claims.claims import Claims
from sim77.analysis.compare.comparison import Comparison
from sim77.analysis.estimate.estimate import Estimation
from sim77.analysis.explain.explain import Explanation
from sim77.analysis.siting.result import PLAN, Siting
from sim77.analysis.validate.validate import Validation
from sim77.core.errors import ResultError
from sim77.report.calibration.diagnostics import verdict_text
from sim77.report.calibration.text import calibration_text, validation_text
from sim77.report.claims import claims_text
from sim77.report.compare.page import write_compare_html
from sim77.report.compare.text import compare_text
from sim77.report.estimate import estimation_text, save_estimation
from sim77.report.explain.text import explanation_text
from sim77.report.run.page import write_summary_html
from sim77.report.run.text import run_text
from sim77.report.siting.page import write_site_html
from sim77.report.siting.text import siting_text
from sim77.runs.results import Result
from sim77.runs.store import write_folder
from sim77.territory.territory import Territory, load_territory

TEXTS: dict[type, Callable[..., str]] = {
    Calibration: calibration_text,
    Claims: claims_text,
    Comparison: compare_text,
    Estimation: estimation_text,
    Explanation: explanation_text,
    Result: run_text,
    Siting: siting_text,
    Validation: validation_text,
    Verdict: verdict_text,
}
"""The maker of the text of each kind of result, in either language."""

PAGES: dict[type, tuple[str, Callable[[Any, Territory, Path], None]]] = {
    Comparison: ("compare.html", write_compare_html),
    Result: ("summary.html", write_summary_html),
    Siting: ("site.html", write_site_html),
}
"""The file and the maker of the page of each kind of result."""


@singledispatch
def text(result: object, language: str = "en") -> str:
    """Return a result as a text for a terminal.

    Parameters
    ----------
    result : object
        Of one of the kinds in `TEXTS`.
    language : str
        ``en`` or ``fr``.

    Returns
    -------
    str

    Raises
    ------
    ResultError
        If there is no text of such an object or in such a language.
    """
    raise _unknown(result, TEXTS)


@singledispatch
def save(result: object, folder: str | Path, *, overwrite: bool = False) -> Path:
    """Write a result to a folder: its tables as Parquet and CSV, its manifest and its page.

    Parameters
    ----------
    result : Result, Comparison, Siting or Estimation
    folder : path
        Written whole or not at all; that of an estimation may hold other files.
    overwrite : bool
        Replace an earlier result; a folder that holds anything else is never touched.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ResultError
        If the folder is in use or cannot be written, or such an object is not saved.
    """
    raise _unknown(result, (*PAGES, Estimation))


def _save_with_page(result: Any, folder: str | Path, *, overwrite: bool = False) -> Path:
    return write_folder(
        result.tables,
        result.manifest,
        folder,
        overwrite=overwrite,
        without_csv=("workers",),
        add=partial(_add_page, result),
    )


def _add_page(result: Any, folder: Path) -> None:
    file, write = PAGES[type(result)]
    write(result, load_territory(result.manifest["territory"]["folder"]), folder / file)
    if isinstance(result, Siting):
        plan = result.manifest["scenario"]["yaml"]
        (folder / PLAN).write_text(plan, encoding="utf-8", newline="\n")


def _unknown(result: object, kinds: Any) -> ResultError:
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    return ResultError(f"Expected one of {names}, not an object of type {type(result).__name__}.")


for _kind, _words in TEXTS.items():
    text.register(_kind)(_words)
for _kind in PAGES:
    save.register(_kind)(_save_with_page)
save.register(Estimation)(save_estimation)
