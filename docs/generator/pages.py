"""The generated pages of the documentation, so that they say what the code does and cannot rot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.commands import commands_page
from docs.generator.dictionary import dictionary_page
from docs.generator.levers import levers_page
from docs.generator.markdown import tidy
from docs.generator.odd import odd_page
from docs.generator.parameters import parameters_page
from docs.generator.validation import validation_page
from sim77.core.files import replace_text

PAGES: Mapping[str, Callable[[], str]] = {
    "odd.md": odd_page,
    "data-dictionary.md": dictionary_page,
    "parameters.md": parameters_page,
    "levers.md": levers_page,
    "cli.md": commands_page,
}


VALIDATION_PAGE = "validation.md"


def pages(calibrations: str | Path | None = None) -> dict[str, str]:
    """Return the text of every generated page by the name of its file.

    The text depends on the package, and for the validation on the tables of the calibrations: no
    date, no path, no order of work.

    Parameters
    ----------
    calibrations : path, optional
        Folder of the shipped calibrations; without it the page of the validation has no results.

    Raises
    ------
    DocumentationError
        If something public that a page describes has no docstring or no meaning.
    """
    made = {name: make() for name, make in PAGES.items()}
    made[VALIDATION_PAGE] = validation_page(calibrations)
    return {name: tidy(text) for name, text in made.items()}


def write_docs(folder: str | Path) -> list[Path]:
    """Write the generated pages to a folder.

    Parameters
    ----------
    folder : path
        Made if it does not exist; other files in it are left alone. The calibrations are those in
        the folder ``calibration`` beside it.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages(folder.resolve().parent / "calibration").items():
        path = folder / name
        replace_text(path, text)
        written.append(path)
    return written
