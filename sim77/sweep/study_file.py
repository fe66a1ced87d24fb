"""A study read from its file, with the line of each mistake."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from sim77.errors import Sim77Error, StudyError
from sim77.scenario_parts import written
from sim77.sweep.study import Study
from sim77.sweep.study_parts import STUDY_FILE, MisplacedError, expect_mapping
from sim77.yaml_text import line_of, read_yaml


def load_study(path: str | Path) -> Study:
    """Read a study from its file, or from a folder that holds ``study.yaml``.

    Parameters
    ----------
    path : path

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
    text, content = read_yaml(file, StudyError)
    try:
        known = tuple(each.name for each in fields(Study) if each.name != "folder")
        expect_mapping(content, known)
        return Study(**content, folder=file.parent)
    except MisplacedError as error:
        line = line_of(text, error.path) if error.path else None
        place = [f"line {line}"] if line else []
        place += [written(error.path)] if error.path else []
        raise StudyError(f"{', '.join([str(file), *place])}: {error.message}") from None
    except Sim77Error as error:
        raise StudyError(f"{file}: {error}") from None
