"""The indicators of workers that comparisons and studies give, from accounted sums."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.registry.indicators import every_indicator, indicators, with_derived
from sim77.registry.parameters import ParameterSet


@lru_cache(maxsize=1)
def _per_worker() -> Mapping[str, str]:
    """Return what is divided by the workers at work, by the name of the ratio."""
    return {
        name: each.per_worker_of for name, each in every_indicator().items() if each.per_worker_of
    }


def worker_indicators() -> list[str]:
    """Return the names of what `derived` gives, in order."""
    return [*indicators(), *_per_worker()]


def derived(sums: np.ndarray, parameters: ParameterSet) -> dict[str, np.ndarray]:
    """Return every indicator of workers from accounted sums.

    Parameters
    ----------
    sums : numpy.ndarray, shape (…, N_OUTPUTS)
    parameters : ParameterSet

    Returns
    -------
    dict of str to numpy.ndarray of shape (…)
    """
    columns = {name: sums[..., place] for place, name in enumerate(OUTPUT_COLUMNS)}
    found = with_derived(columns, parameters)
    at_work = found["workers_at_work"]
    return found | {
        name: np.divide(found[whole], at_work, out=np.zeros_like(found[whole]), where=at_work > 0)
        for name, whole in _per_worker().items()
    }
