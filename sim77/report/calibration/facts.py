"""What the page of a calibration is made from: the tables in its folder, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.study import STUDY_FILE, load_study
from sim77.analysis.calibrate.verdict import Verdict
from sim77.core.errors import StudyError
from sim77.core.yaml_file import read_yaml
from sim77.runs.store import FILES, MANIFEST, check_columns, damaged, read_file, read_manifest
from sim77.scenario.posterior import check_numbers

NEEDED = ("posterior.csv", "targets.csv", "widths.csv", "solved.yaml", "manifest.json")
DIAGNOSTICS = "diagnostics"
_OF_MANIFEST = ("seed", "scale")
_COLUMNS = {
    "posterior.csv": ("weight", "distance"),
    "targets.csv": (
        "target", "use", "family", "anchor", "unit", "value", "error", "model", "low", "high",
        "met", "check", "error_source", "whose", "source",
    ),
    "widths.csv": (
        "parameter", "prior_low", "prior_high", "mean", "low", "high", "width_ratio", "identified",
    ),
    "validation.csv": (
        "row", "verdict", "expects", "value", "error", "unit", "model", "low", "high", "misses",
        "surely", "run", "year", "geography", "reason", "source",
    ),
}  # fmt: skip
GATES = ("recovery", "sbc", "identification", "predictive", "conclusions")


@dataclass(frozen=True)
class CalibrationFacts:
    """A finished calibration, as its folder tells it.

    Attributes
    ----------
    folder : Path
    manifest : mapping
    posterior, targets, widths : pandas.DataFrame
        As `sim77.analysis.calibrate.calibrate` writes them.
    solved : mapping of str to mapping
        By parameter, ``name@date`` of a dated one: value, low, high, confidence and why.
    free : mapping of str to tuple of str
        Registry parameters by free parameter.
    validation : pandas.DataFrame or None
        As `sim77.analysis.validate.validate` writes it; None where it has not been run.
    validation_about : mapping
        What made it.
    gates : mapping of str to mapping
        What ``diagnostics.yaml`` says, by gate.
    diagnostics : mapping of str to pandas.DataFrame
        By file name without ending.
    """

    folder: Path
    manifest: Mapping[str, Any]
    posterior: pd.DataFrame
    targets: pd.DataFrame
    widths: pd.DataFrame
    solved: Mapping[str, Mapping[str, Any]]
    free: Mapping[str, tuple[str, ...]]
    validation: pd.DataFrame | None
    validation_about: Mapping[str, Any]
    gates: Mapping[str, Mapping[str, Any]]
    diagnostics: Mapping[str, pd.DataFrame]

    @cached_property
    def weights(self) -> np.ndarray:
        """Weights of the particles; they sum to 1."""
        weights = self.posterior["weight"].to_numpy(float)
        return np.asarray(weights / weights.sum())

    @cached_property
    def effective(self) -> float:
        """Independent draws that the particles are worth."""
        return float(1.0 / (self.weights @ self.weights))

    @property
    def fitted(self) -> pd.DataFrame:
        """Targets that something was fitted or solved on."""
        return self.targets[self.targets["use"] != "compare"]

    @property
    def compared(self) -> pd.DataFrame:
        """Validation rows that runs were compared with; empty where there was no validation."""
        if self.validation is None:
            return pd.DataFrame(columns=["row", "verdict"])
        return self.validation[self.validation["model"].notna()]

    def verdict(self, gate: str) -> Verdict:
        """Return what a diagnostic that has been run found."""
        about = self.gates[gate]
        return Verdict(gate, about["passed"], self.diagnostics, about)

    def values_of(self, free: str) -> np.ndarray:
        """Return the particles' values of a free parameter."""
        return self.posterior[self.free[free][0]].to_numpy(float)


def is_calibration(folder: str | Path) -> bool:
    """Say whether a folder holds a calibration or its study, finished or not."""
    path = Path(folder)
    if (path / "posterior.csv").is_file() or (path / "study.json").is_file():
        return True
    study = path / STUDY_FILE
    content = read_yaml(study, StudyError)[1] if study.is_file() else None
    return isinstance(content, dict) and "anchors" in content


def is_finished(folder: str | Path) -> bool:
    """Say whether a folder holds all that a finished calibration leaves."""
    return all((Path(folder) / name).is_file() for name in NEEDED)


def read_calibration(folder: str | Path) -> CalibrationFacts:
    """Read what a calibration has left.

    Parameters
    ----------
    folder : path
        Filled by ``sim77 calibrate``, and perhaps ``sim77 validate`` and the diagnostics.

    Returns
    -------
    CalibrationFacts

    Raises
    ------
    StudyError
        If a table is missing or cannot be read.
    ResultError
        If a table or the manifest is not as the calibration wrote it.
    """
    path = Path(folder)
    for name in NEEDED:
        if not (path / name).is_file():
            raise StudyError(
                f"'{path}' has no {name}, expected the folder of a finished calibration: "
                "sim77 calibrate goes on where it was stopped."
            )
    try:
        return _read(path)
    except (ValueError, KeyError) as error:
        raise StudyError(f"a table of the calibration in '{path}' cannot be read: {error}.") from (
            error
        )


def _read(path: Path) -> CalibrationFacts:
    manifest = read_manifest(path)
    for name in manifest.get(FILES, ()):
        read_file(path, name, manifest)
    for key in _OF_MANIFEST:
        if key not in manifest:
            raise damaged(path, f"{MANIFEST} does not say '{key}'")
    validation = path / "validation.csv"
    about = path / "validation.json"
    diagnostics = path / DIAGNOSTICS
    gates = diagnostics / "diagnostics.yaml"
    posterior = _table(path, "posterior.csv")
    check_numbers(path / "posterior.csv", posterior)
    return CalibrationFacts(
        folder=path,
        manifest=manifest,
        posterior=posterior,
        targets=_table(path, "targets.csv"),
        widths=_table(path, "widths.csv"),
        solved=read_yaml(path / "solved.yaml", StudyError)[1],
        free=_free(path, manifest),
        validation=_table(path, "validation.csv") if validation.is_file() else None,
        validation_about=_json(about) if about.is_file() else {},
        gates=read_yaml(gates, StudyError)[1] if gates.is_file() else {},
        diagnostics={each.stem: pd.read_csv(each) for each in sorted(diagnostics.glob("*.csv"))},
    )


def _table(path: Path, name: str) -> pd.DataFrame:
    """Return a table of the folder, with the columns that the page reads."""
    table = pd.read_csv(path / name)
    check_columns(path, name, table, _COLUMNS[name])
    return table


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _free(path: Path, manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the registry parameters of each free one, from the manifest or the study beside it."""
    if "free" in manifest:
        return {name: tuple(each) for name, each in manifest["free"].items()}
    if (path / STUDY_FILE).is_file():
        return {each.name: each.parameters for each in load_study(path).free}
    return {name: (name,) for name in manifest["prior"]}
