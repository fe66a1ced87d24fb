"""A study read from its file, with the line of each mistake."""

from __future__ import annotations

from pathlib import Path

from sim77.analysis.sweep.schema import StudyFile
from sim77.analysis.sweep.study import STUDY_FILE, MisplacedError, Study
from sim77.core.errors import Sim77Error, StudyError
from sim77.core.schema import validated
from sim77.core.yaml_file import placed, read_yaml
from sim77.territory.territory import load_territory


def default_store(path: str | Path) -> Path:
    """Return where the runs of a study go when nothing else is said: ``out/`` and its name.

    A study called ``study.yaml`` has the name of its folder.
    """
    given = Path(path)
    folder = given.absolute() if given.is_dir() else given.absolute().parent
    named = folder.name if given.is_dir() or given.stem == "study" else given.stem
    return Path("out") / named


def load_study(path: str | Path, territory: str | None = None) -> Study:
    """Read a study from its file, or from a folder that holds ``study.yaml``.

    Parameters
    ----------
    path : path
    territory : str, optional
        Name or folder, in place of the study's own.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If there is no such file, or it says something a study has no word for.
    """
    file = Path(path)
    if file.is_dir():
        file = file / STUDY_FILE
        if not file.is_file():
            raise StudyError(f"{path} holds no {STUDY_FILE}: expected a study file, or its folder.")
    text, content = read_yaml(file, StudyError)
    try:
        validated(StudyFile, content, MisplacedError)
        if territory is not None:
            content = {**content, "territory": load_territory(territory).reference}
        return Study(**content, folder=file.parent)
    except MisplacedError as error:
        where = placed(text, error.path)
        raise StudyError(f"{file}{', ' if where else ''}{where}: {error.message}") from None
    except Sim77Error as error:
        raise StudyError(f"{file}: {error}") from None
