"""What a day's travel does to people: an assumed dose and response."""

import numpy as np

from sim77.registry.parameters import ParameterSet


def fatigue(minutes: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return a day's assumed fatigue, ``1 / (1 + exp((midpoint - minutes) / scale))``.

    Assumed dose and response (no numbers in the literature obtained): one half at 120 minutes.
    """
    exponent = (parameters.fatigue_midpoint_min - minutes) / parameters.fatigue_scale_min
    return 1.0 / (1.0 + np.exp(exponent))
