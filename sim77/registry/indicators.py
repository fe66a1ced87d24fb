"""The indicators: one registry with name, unit, formula, source and labels.

*Accounted* indicators are weighted sums that the kernels add up worker by worker
(`sim77.engine.aggregation.ACCOUNT`); *derived* ones are formulas over those sums, so a total is
always the sum of its parts. Sums are per simulated day over the workers of a row (a commune, a kind
of worker, the whole scope); shares and means divide sums. Texts are in ``indicators.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from sim77.core.yaml_file import load_yaml
from sim77.registry.parameters import ParameterSet

Columns = Mapping[str, np.ndarray]
Derivation = Callable[[Columns, ParameterSet], np.ndarray]


@dataclass(frozen=True)
class Indicator:
    """One quantity that results hold.

    Attributes
    ----------
    name : str
        Column name, unit included.
    unit : str
    formula : str
        How it follows from the model or from other indicators.
    source : str
        Where the formula or its factors come from; "model" for what the model counts.
    label_fr, label_en : str
    derive : callable, optional
        From the columns of a table and the parameters; none for accounted sums.
    """

    name: str
    unit: str
    formula: str
    source: str
    label_fr: str
    label_en: str
    derive: Derivation | None = None


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def _per_worker(name: str) -> Derivation:
    return lambda c, p: _ratio(c[name], c["workers_at_work"])


def _remote_days(c: Columns, p: ParameterSet) -> np.ndarray:
    return 0.5 * c["remote_half_days"]


def _centre_days(c: Columns) -> np.ndarray:
    return c["telecentre"] + 0.5 * (c["half_rail"] + c["half_car"])


def _share_remote(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(_remote_days(c, p), c["workers_at_work"])


def _share_in_telecentre(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(_centre_days(c), _remote_days(c, p))


def _share_by_rail(c: Columns, p: ParameterSet) -> np.ndarray:
    return _ratio(c["office_rail"], c["office_rail"] + c["office_car"])


def _co2e_car(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["car_km"] * p.car_kg_co2e_per_km / p.car_occupancy


def _co2e_rail(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["rail_km"] * p.rail_kg_co2e_per_km


def _co2e_rail_marginal(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["rail_km"] * p.rail_marginal_kg_co2e_per_km


def _co2e_access(c: Columns, p: ParameterSet) -> np.ndarray:
    cars = (c["station_car_km"] + c["centre_car_km"]) * p.car_kg_co2e_per_km
    return cars + c["bus_km"] * p.bus_kg_co2e_per_km


def _co2e_travel(c: Columns, p: ParameterSet) -> np.ndarray:
    return _co2e_car(c, p) + _co2e_rail(c, p) + _co2e_access(c, p)


def _energy(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["home"] * p.home_kwh_per_day + _centre_days(c) * p.centre_kwh_per_desk_day


def _co2e_buildings(c: Columns, p: ParameterSet) -> np.ndarray:
    return _energy(c, p) * p.electricity_kg_co2e_per_kwh


def _rebound_km(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["home"] * p.rebound_home_km + _centre_days(c) * p.rebound_centre_km


def _co2e_rebound(c: Columns, p: ParameterSet) -> np.ndarray:
    return _rebound_km(c, p) * p.car_kg_co2e_per_km


def _local_spending(c: Columns, p: ParameterSet) -> np.ndarray:
    return _remote_days(c, p) * p.local_spending_eur_per_remote_day


def _surplus(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["journey_value_eur"] + c["presence_value_eur"] + c["week_value_eur"]


def _surplus_without_presence(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["journey_value_eur"] + c["week_value_eur"]


def _surplus_min(c: Columns, p: ParameterSet) -> np.ndarray:
    return _surplus(c, p) * p.beta_cost_per_eur / p.beta_time_per_min


def _official_time(c: Columns, p: ParameterSet) -> np.ndarray:
    return c["minutes_saved"] * p.value_of_time_commute_eur_per_h / 60.0


def _co2e_total(c: Columns, p: ParameterSet) -> np.ndarray:
    return _co2e_travel(c, p) + _co2e_buildings(c, p) + _co2e_rebound(c, p)


_DERIVED: Mapping[str, Derivation] = {
    "remote_days": _remote_days,
    "share_remote": _share_remote,
    "share_of_remote_in_telecentre": _share_in_telecentre,
    "share_office_by_rail": _share_by_rail,
    "minutes_saved_per_worker": _per_worker("minutes_saved"),
    "travel_min_per_worker": _per_worker("travel_min"),
    "mean_fatigue": _per_worker("fatigue"),
    "mean_isolation": _per_worker("isolation"),
    "co2e_car_kg": _co2e_car,
    "co2e_rail_kg": _co2e_rail,
    "co2e_rail_marginal_kg": _co2e_rail_marginal,
    "co2e_access_kg": _co2e_access,
    "co2e_travel_kg": _co2e_travel,
    "co2e_buildings_kg": _co2e_buildings,
    "rebound_km": _rebound_km,
    "co2e_rebound_kg": _co2e_rebound,
    "energy_kwh": _energy,
    "local_spending_eur": _local_spending,
    "consumer_surplus_eur": _surplus,
    "consumer_surplus_without_presence_eur": _surplus_without_presence,
    "consumer_surplus_min": _surplus_min,
    "time_value_official_eur": _official_time,
    "co2e_total_kg": _co2e_total,
}


@lru_cache(maxsize=1)
def indicators() -> Mapping[str, Indicator]:
    """Return the registry: indicators by name, accounted ones first."""
    text = resources.files("sim77.registry").joinpath("indicators.yaml").read_text(encoding="utf-8")
    return {
        name: Indicator(
            name=name,
            unit=entry["unit"],
            formula=entry["formula"],
            source=entry["source"],
            label_fr=entry["label"]["fr"],
            label_en=entry["label"]["en"],
            derive=_DERIVED.get(name),
        )
        for name, entry in load_yaml(text).items()
    }


def __getattr__(name: str) -> Any:
    if name == "INDICATORS":
        return indicators()
    raise AttributeError(f"module 'sim77.registry.indicators' has no attribute '{name}'")


def with_derived(columns: Columns, parameters: ParameterSet) -> dict[str, np.ndarray]:
    """Return accounted columns followed by the derived ones, in the order of the registry.

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        Accounted sums, one shape.
    parameters : ParameterSet

    Returns
    -------
    dict of str to numpy.ndarray
    """
    return {
        name: columns[name] if indicator.derive is None else indicator.derive(columns, parameters)
        for name, indicator in indicators().items()
    }
