"""What the page is made of: one script, and styles with type faces.

The script is built from the modules of ``web/src``; ``docs/app.md`` says how.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim77.core.errors import ResultError
from sim77.report.page import chart_style, fonts

STATIC = Path(__file__).parent / "static"
SCRIPT = STATIC / "app.js"


class AssetError(ResultError):
    """A file that the page needs is not there."""


def check_assets() -> None:
    """Raise `AssetError`, in one sentence, if a file that the page needs is missing."""
    if not SCRIPT.is_file():
        raise AssetError(f"The app's script {SCRIPT} is missing: install sim77 again.")
    if not list(STATIC.glob("*.css")):
        raise AssetError(f"The app's style sheets are missing from {STATIC}: install sim77 again.")


@lru_cache(maxsize=1)
def script() -> str:
    """Return the script of the app, an ES module."""
    check_assets()
    return SCRIPT.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def style() -> str:
    """Return the type faces, the style of charts and all style sheets as one text."""
    check_assets()
    sheets = [path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css"))]
    return "\n".join((str(fonts()), chart_style(), *sheets))
