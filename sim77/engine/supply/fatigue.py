"""What a day's travel does to people: an assumed dose and response."""

from typing import Any

import numpy as np


def fatigue(minutes: Any, midpoint_min: float, scale_min: float) -> Any:
    """Return a day's fatigue, ``1 / (1 + exp((midpoint - minutes) / scale))``.

    Assumed (no numbers in the literature obtained): one half at 120 minutes. Of arrays, and of
    numbers in compiled loops.
    """
    return 1.0 / (1.0 + np.exp((midpoint_min - minutes) / scale_min))
