"""An invented territory of three communes, to learn the form of a territory and to test with."""

from __future__ import annotations

import shutil
from pathlib import Path

from sim77.core.errors import TerritoryError, why

EXAMPLE = Path(__file__).parent / "data" / "example"
_MOST_NAMED = 5


def write_example(folder: str | Path) -> Path:
    """Write a small invented territory that passes the check.

    Three communes, two railway lines, a metro, three roads, two telecentres, about 600 workers,
    scenarios that run on it, and the files that it is built from.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TerritoryError
        If the folder holds something already, or cannot be written.
    """
    folder = Path(folder)
    check_free(folder)
    try:
        for file in (each for each in EXAMPLE.rglob("*") if each.is_file()):
            copy = folder / file.relative_to(EXAMPLE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise TerritoryError(f"{folder} cannot be written: {why(error)}.") from None
    return folder


def check_free(folder: Path) -> None:
    """Raise `TerritoryError` unless a territory can be written there without losing anything."""
    if folder.exists() and not folder.is_dir():
        raise TerritoryError(f"{folder} is a file; give a folder for the new territory.")
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if there:
        more = f" and {len(there) - _MOST_NAMED} more" if len(there) > _MOST_NAMED else ""
        raise TerritoryError(
            f"{folder} is not empty (it holds {', '.join(there[:_MOST_NAMED])}{more}); "
            "give a new folder for the new territory."
        )
