"""Compile the kernels ahead of the first run, so that nobody waits for them twice."""

from __future__ import annotations

import datetime as dt
import time

from sim77.model import CommuteModel


def warm_up() -> float:
    """Compile and cache every kernel by running a few days of a small sample.

    Returns
    -------
    float
        Seconds it took.
    """
    began = time.perf_counter()
    model = CommuteModel(
        "network-2014", scale=0.01, start=dt.date(2014, 7, 1), end=dt.date(2014, 7, 4)
    )
    while model.running:
        model.step()
    return time.perf_counter() - began
