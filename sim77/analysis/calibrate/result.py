"""What a calibration returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim77.analysis.calibrate.centres import CentreRange
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.tables import SolvedPosterior

if TYPE_CHECKING:  # needs what only calibrating needs
    from sim77.analysis.calibrate.abc import Generation


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    study : CalibrationStudy
    folder : Path
    posterior : SolvedPosterior
    targets : pandas.DataFrame
        One row a target; see `sim77.analysis.calibrate.tables.targets_table`.
    generations : list of Generation
    centres : CentreRange or None
        Where the constant of telecentres is spread, if the study asks for it.
    """

    study: CalibrationStudy
    folder: Path
    posterior: SolvedPosterior
    targets: pd.DataFrame
    generations: list[Generation]
    centres: CentreRange | None = None
