"""The stored studies that a viewer may open: those shipped, and those of the folder given on start.

A study is named by its folder's name and by nothing else: a viewer can name what `Catalogue.found`
lists, and no path. Looking here costs a few calls to the file system; reading a study is for the
compute process (`sim77.app.studies.answers`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim77.analysis.loading import SHIPPED
from sim77.core.errors import ResultError
from sim77.runs.store import MANIFEST

DEFAULT_FOLDER = "out"
MOST_STUDIES = 200

_NAME = re.compile(r"[\w .+'\-]{1,80}")
_WATCHED = (".", MANIFEST, "design.parquet", "runs", "failures")


@dataclass(frozen=True)
class Catalogue:
    """Where studies are looked for.

    Attributes
    ----------
    folder : Path or None
        Given on start: its sub-folders, or itself if it is a study.
    shipped : Path or None
        Those of the package; one of the same name in `folder` stands before it. None leaves them
        out: they are about Seine-et-Marne.
    """

    folder: Path | None = None
    shipped: Path | None = SHIPPED

    def found(self) -> Mapping[str, Path]:
        """Return the folders that may hold a study, by name."""
        own = {} if self.folder is None else _folders(self.folder)
        return ({} if self.shipped is None else _folders(self.shipped)) | own


def catalogue_at(folder: str | None) -> Catalogue:
    """Return the studies of a folder that a user names, or of `DEFAULT_FOLDER` if it is there.

    Raises
    ------
    ResultError
        If the folder is not there.
    """
    if folder is None:
        default = Path(DEFAULT_FOLDER)
        return Catalogue(default if default.is_dir() else None)
    if not Path(folder).is_dir():
        raise ResultError(
            f"--studies takes the folder of stored studies, and there is no folder '{folder}'."
        )
    return Catalogue(Path(folder))


def stamp(folder: Path) -> str:
    """Return what changes whenever something is written to a stored study."""
    times = []
    for name in _WATCHED:
        try:
            times.append(f"{(folder / name).stat().st_mtime_ns:x}")
        except OSError:
            times.append("-")
    return ".".join(times)


def _folders(parent: Path) -> dict[str, Path]:
    if (parent / MANIFEST).is_file():
        name = parent.resolve().name
        return {name: parent} if _NAME.fullmatch(name) else {}
    try:
        inside = sorted(parent.iterdir())
    except OSError:
        return {}
    # A link that leads elsewhere is not below the folder, whatever it is called.
    home = parent.resolve()
    found = {
        each.name: each
        for each in inside
        if _NAME.fullmatch(each.name) and (each / MANIFEST).is_file()
        and each.resolve().parent == home
    }  # fmt: skip
    return dict(list(found.items())[:MOST_STUDIES])
