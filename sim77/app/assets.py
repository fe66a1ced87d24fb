"""What the page is made of: scripts, styles and type faces, joined into two texts."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim77.core.errors import ResultError
from sim77.report.run.page import fonts

STATIC = Path(__file__).parent / "static"
_MAIN = "main.js"


class AssetError(ResultError):
    """A file that the page needs is not there."""


def check_assets() -> None:
    """Raise `AssetError`, in one sentence, if a file that the page needs is missing."""
    if not (STATIC / _MAIN).is_file():
        raise AssetError(f"The app's script {STATIC / _MAIN} is missing: install sim77 again.")
    if not list(STATIC.glob("*.css")):
        raise AssetError(f"The app's style sheets are missing from {STATIC}: install sim77 again.")


@lru_cache(maxsize=1)
def script() -> str:
    """Return all scripts as one ES module: by name, ``main.js``, which exports, last."""
    check_assets()
    files = sorted(path for path in STATIC.glob("*.js") if path.name != _MAIN)
    return "\n".join(path.read_text(encoding="utf-8") for path in (*files, STATIC / _MAIN))


@lru_cache(maxsize=1)
def style() -> str:
    """Return the type faces and all style sheets as one text."""
    check_assets()
    sheets = sorted(STATIC.glob("*.css"))
    return "\n".join((str(fonts()), *(path.read_text(encoding="utf-8") for path in sheets)))
