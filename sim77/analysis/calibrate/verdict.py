"""What a diagnostic of a calibration found: computed in `diagnose`, put into words in report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import scipy

NOMINAL = 0.8
"""Of the intervals whose coverage of known truths is judged."""

ASC_TC, SOLVED, DRAWN = "asc_tc", "solved", "posterior"
"""Points of conclusions: where the constant of telecentres is moved, the solved one, and draws."""

CHANCE = 0.01
"""Probability with which a parameter whose right intervals are narrow fails the gate, at most."""


@dataclass(frozen=True)
class Verdict:
    """What one diagnostic found; `sim77.text` puts it into words.

    Attributes
    ----------
    name : str
        ``recovery``, ``sbc``, ``identification``, ``predictive`` or ``conclusions``.
    passed : bool or None
        None for what is no gate.
    tables : mapping of str to pandas.DataFrame
        By file name without ending.
    settings : mapping
        What it was computed with.
    """

    name: str
    passed: bool | None
    tables: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Any]


def least_covered(truths: int) -> int:
    """Return how many of some truths 80 % intervals must cover: 5 of 10.

    Fewer happen to right intervals with a probability under 1 % where they are narrow, and of about
    5 % where they are 0.7 as wide as the prior: those cover 7 outer truths in 10.
    """
    return int(scipy.stats.binom.ppf(CHANCE, truths, NOMINAL))
