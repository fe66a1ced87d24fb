"""Names, units and labels of everything a comparison gives the effect of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from sim77.core.yaml_file import load_yaml
from sim77.engine.aggregation import ACCOUNT
from sim77.registry.indicators import indicators, with_derived
from sim77.registry.parameters import ParameterSet

_BY_LINE = "{line}"
_PER_WORKER = {
    "co2e_travel_kg_per_worker": "co2e_travel_kg",
    "consumer_surplus_eur_per_worker": "consumer_surplus_eur",
}


@dataclass(frozen=True)
class Description:
    """What an indicator of a comparison is.

    Attributes
    ----------
    unit : str
        Of its mean over days.
    label_fr, label_en : str
    """

    unit: str
    label_fr: str
    label_en: str

    def label(self, language: str) -> str:
        """Return the name that people read."""
        return self.label_fr if language == "fr" else self.label_en


def is_sum(name: str) -> bool:
    """Say whether an indicator of workers adds up over days; else it is a ratio already."""
    return not (name.startswith(("share_", "mean_")) or name.endswith("_per_worker"))


def worker_indicators() -> list[str]:
    """Return the names of what `derived` gives, in order."""
    return [*indicators(), *_PER_WORKER]


def derived(sums: np.ndarray, parameters: ParameterSet) -> dict[str, np.ndarray]:
    """Return every indicator of workers from accounted sums.

    Parameters
    ----------
    sums : numpy.ndarray, shape (…, N_ACCOUNT)
    parameters : ParameterSet

    Returns
    -------
    dict of str to numpy.ndarray of shape (…)
    """
    columns = {name: sums[..., place] for place, name in enumerate(ACCOUNT)}
    found = with_derived(columns, parameters)
    at_work = found["workers_at_work"]
    return found | {
        name: np.divide(found[whole], at_work, out=np.zeros_like(found[whole]), where=at_work > 0)
        for name, whole in _PER_WORKER.items()
    }


@lru_cache(maxsize=1)
def _entries() -> Mapping[str, Any]:
    text = resources.files("sim77.runs").joinpath("effects.yaml").read_text(encoding="utf-8")
    return load_yaml(text)


def described(name: str) -> Description:
    """Return the unit and labels of an indicator.

    Parameters
    ----------
    name : str
        Of `worker_indicators`, or a name that `sim77.runs.pair` gives, such as ``load_factor_A``.

    Returns
    -------
    Description

    Raises
    ------
    KeyError
        If there is no such indicator.
    """
    if name in indicators():
        known = indicators()[name]
        unit = f"{known.unit} a day" if is_sum(name) else known.unit
        return Description(unit, known.label_fr, known.label_en)
    if name in _entries():
        return _description(_entries()[name], str)
    # A line's name may hold an underscore itself.
    stems = (key.removesuffix(_BY_LINE) for key in _entries() if key.endswith(_BY_LINE))
    stem = next((each for each in stems if name.startswith(each)), None)
    if stem is None:
        raise KeyError(name)
    line = name.removeprefix(stem)
    return _description(_entries()[stem + _BY_LINE], lambda text: text.replace(_BY_LINE, line))


def _description(entry: Mapping[str, Any], fill: Callable[[str], str]) -> Description:
    label = entry["label"]
    return Description(entry["unit"], fill(label["fr"]), fill(label["en"]))
