"""What a day's travel does to people: an assumed dose and response."""

from typing import Any

import numpy as np

from sim77.registry.parameters import ParameterSet


def fatigue(minutes: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return a day's assumed fatigue (`dose_and_response`)."""
    p = parameters
    return dose_and_response(minutes, p.fatigue_midpoint_min, p.fatigue_scale_min)


def dose_and_response(minutes: Any, midpoint_min: float, scale_min: float) -> Any:
    """Return a day's fatigue, ``1 / (1 + exp((midpoint - minutes) / scale))``.

    Assumed (no numbers in the literature obtained): one half at 120 minutes. Of arrays, and of
    numbers in compiled loops.
    """
    return 1.0 / (1.0 + np.exp((midpoint_min - minutes) / scale_min))
