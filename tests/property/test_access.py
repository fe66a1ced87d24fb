"""Access to telecentres: the utility of the way never rises with distance, and has no jump."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.core.units import Plan
from sim77.engine.columns import access_utility
from sim77.engine.supply.access import telecentre_access
from sim77.engine.supply.access_cache import TELECENTRE_PARAMETERS
from sim77.registry.parameters import load_parameters, resolve

pytestmark = pytest.mark.property

STEP_KM = 0.01
KM = np.arange(0.1, 30.0, STEP_KM)
DAY = dt.date(2014, 1, 6)


RANGES = {name: load_parameters()[name] for name in (*TELECENTRE_PARAMETERS, "theta")}


def steepest_per_km(parameters: Mapping[str, float]) -> float:
    """Return the utility that a kilometre more can cost at most, there and back by any mode."""
    p = resolve(DAY, parameters)
    felt_min_per_km = {
        "walk": (p.multiplier_walk * 60 / p.walk_speed_kmh, 0.0),
        "bicycle": (p.multiplier_bicycle * 60 / p.bicycle_speed_kmh, 0.0),
        "bus": (p.multiplier_access_bus * 60 / p.bus_speed_kmh, 0.0),
        "car": (p.multiplier_access_car * 60 / p.centre_car_speed_kmh, p.car_cost_eur_per_km),
    }
    lost = [
        p.beta_time_per_min * p.multiplier_access_telecentre * minutes + p.beta_cost_per_eur * eur
        for minutes, eur in felt_min_per_km.values()
    ]
    return -2.0 * p.theta * p.detour_factor * min(lost)


def check_sweep(parameters: Mapping[str, float]) -> None:
    p = resolve(DAY, parameters)
    access = telecentre_access(KM[None], p)
    utility = access_utility(access, p)[Plan.TELECENTRE, 0]
    assert utility.shape == (2, KM.size)
    change = np.diff(utility)
    assert (change <= 1e-12).all(), "a centre further away is worth more"
    assert (-change <= steepest_per_km(parameters) * STEP_KM + 1e-12).all(), "it falls in a jump"
    assert (utility[1] >= utility[0]).all(), "a car at hand makes a centre worth less"
    # In reach is what is near, up to some distance.
    near = access.fastest_min[0] <= p.max_access_min
    assert (np.diff(near.astype(int)) <= 0).all()
    assert (access.fastest_min <= access.minutes).all()


def test_utility_falls_smoothly_with_distance() -> None:
    check_sweep({})


@settings(max_examples=60)
@given(
    st.fixed_dictionaries({name: st.floats(each.low, each.high) for name, each in RANGES.items()})
)
def test_utility_falls_smoothly_with_distance_whatever_the_parameters(
    parameters: dict[str, float],
) -> None:
    check_sweep(parameters)
