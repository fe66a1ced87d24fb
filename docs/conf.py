"""Sphinx builds the documentation site from these pages and the docstrings: ``make docs``."""

from pkgutil import walk_packages

from sphinx.application import Sphinx

import sim77
from sim77.core.version import __version__

project = "sim77"
author = "the sim77 contributors"
html_title = f"sim77 {__version__}"
html_theme = "furo"
templates_path = ["templates"]
exclude_patterns = ["_build", "generator", "templates"]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
# Links within a page may name any heading.
myst_heading_anchors = 3
# Single backticks in a docstring: a link where the name is known, code elsewhere.
default_role = "py:obj"
# Type hints give the bare name of a class, and two modules may each have one of that name.
suppress_warnings = ["ref.python"]
# One page for each package, with all its modules.
autosummary_context = {
    "packages": [each.name for each in walk_packages(sim77.__path__, "sim77.") if each.ispkg]
}
autodoc_member_order = "bysource"
# A package's page lists its modules beside the text; with all their functions, the list is longer
# than a screen and takes most of the time to build.
toc_object_entries = False
napoleon_google_docstring = False
napoleon_use_ivar = True


_said: dict[str, list[str]] = {}


def _keep(app: object, what: str, name: str, obj: object, options: object, lines: list) -> None:
    if what in ("attribute", "data", "property"):
        _said[name] = list(lines)


def _give_back(
    app: object, what: str, name: str, obj: object, options: object, lines: list
) -> None:
    lines[:] = _said.pop(name, lines)


def setup(app: Sphinx) -> None:
    """Keep napoleon, of priority 500, from taking what stands before a colon for a type."""
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _give_back, priority=600)
