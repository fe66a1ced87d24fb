"""The way to telecentres: the mode taken in plain cases, its minutes, euros and reach by hand."""

import datetime as dt
from datetime import date

import numpy as np
import pytest

from sim77.core.units import ACCESS_MODES
from sim77.engine.model import CommuteModel
from sim77.engine.supply.access import TelecentreAccess, telecentre_access
from sim77.registry.parameters import resolve
from sim77.scenario.scenario import Change, Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

WITHOUT_CAR, WITH_CAR = 0, 1
ROUND = {
    "detour_factor": 1.25, "walk_speed_kmh": 5.0, "bicycle_speed_kmh": 15.0,
    "bus_speed_kmh": 20.0, "centre_car_speed_kmh": 30.0, "car_cost_eur_per_km": 0.2,
    "bicycle_extra_min": 5.0, "bus_wait_min": 8.0, "bus_stop_walk_min": 4.0,
    "access_car_extra_min": 4.0, "multiplier_walk": 2.0, "multiplier_bicycle": 1.5,
    "multiplier_access_bus": 1.0, "multiplier_wait": 1.5, "multiplier_access_car": 1.25,
    "beta_time_per_min": -0.03, "beta_cost_per_eur": -0.18, "multiplier_access_telecentre": 1.0,
}  # fmt: skip


def access_at(*km: float, **parameters: float) -> TelecentreAccess:
    """Return the ways of people of one commune to centres at crow-fly kilometres."""
    far = np.array([km])
    p = resolve(date(2014, 1, 6), {**ROUND, **parameters}, check_ranges=False)
    return telecentre_access(far, p)


def modes(access: TelecentreAccess) -> list[list[str]]:
    return [[ACCESS_MODES[mode] for mode in row] for row in access.mode[0]]


def test_the_mode_that_is_worth_most_is_taken() -> None:
    access = access_at(0.08, 0.8, 2.4, 8.0)  # 0.1, 1, 3 and 10 km to travel
    # Perceived: on foot 24 a km; bicycle 7.5 + 6 a km; bus 20 + 3 a km; car 5 + 2.5 a km, and
    # a euro is worth 6 minutes, so 1.2 more a km.
    assert modes(access) == [["walk", "bicycle", "bicycle", "bus"], ["walk", "car", "car", "car"]]
    felt = [[2.4, 13.5, 25.5, 50.0], [2.4, 7.5, 12.5, 30.0]]
    assert access.perceived_min[0] == pytest.approx(np.array(felt))
    minutes = [[1.2, 9.0, 17.0, 42.0], [1.2, 6.0, 10.0, 24.0]]
    assert access.minutes[0] == pytest.approx(np.array(minutes))
    assert access.cost_eur[0] == pytest.approx(np.array([[0, 0, 0, 0], [0, 0.2, 0.6, 2.0]]))
    assert access.distance_km[0, WITH_CAR] == pytest.approx([0.1, 1.0, 3.0, 10.0])


def test_reach_counts_the_fastest_mode_whatever_is_taken() -> None:
    # Without a car 3 and 10 km: the bicycle takes 17 and 45 minutes, the bus 21 and 42.
    access = access_at(2.4, 8.0, multiplier_bicycle=9.0)
    assert modes(access)[WITHOUT_CAR] == ["bus", "bus"]
    assert access.fastest_min[0] == pytest.approx(np.array([[17.0, 42.0], [10.0, 24.0]]))


@pytest.mark.parametrize(
    ("parameters", "taken"),
    [
        pytest.param({}, "car", id="as-it-is"),
        pytest.param({"car_cost_eur_per_km": 1.5}, "bicycle", id="dear-car"),
        pytest.param({"access_car_extra_min": 20.0}, "bicycle", id="nowhere-to-park"),
        pytest.param(
            {"access_car_extra_min": 20.0, "bicycle_extra_min": 20.0, "bus_wait_min": 2.0},
            "bus",
            id="a-bus-every-four-minutes",
        ),
        pytest.param({"multiplier_walk": 0.2}, "walk", id="walking-is-a-pleasure"),
    ],
)
def test_each_mode_is_taken_when_it_is_best(parameters: dict[str, float], taken: str) -> None:
    assert modes(access_at(1.6, **parameters))[WITH_CAR] == [taken]  # 2 km to travel


def test_of_modes_worth_the_same_the_first_is_taken() -> None:
    nothing = access_at(3.0, beta_time_per_min=0.0, beta_cost_per_eur=0.0)
    assert modes(nothing) == [["walk"], ["walk"]]


def test_a_way_to_a_centre_costs_what_fuel_costs_that_day(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    """A price of the first day and one of a later day: the same legs from that day on."""
    dear = {"lever": "fuel_price", "value": 3.0}
    thursday = tiny_scenario.start + dt.timedelta(days=3)
    later, always = (
        CommuteModel(
            tiny_scenario.with_(changes=(Change(day, **dear),)), territory=small_territory, seed=3
        )
        for day in (thursday, tiny_scenario.start)
    )
    before = later.choice_sets.travel.copy()
    for _ in range(4):
        later.step()
    assert not np.array_equal(before, later.choice_sets.travel)
    assert np.array_equal(always.choice_sets.travel, later.choice_sets.travel)
