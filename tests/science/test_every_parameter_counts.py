"""A parameter whose change moves no result is none: each one moves something somewhere."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sim77
from sim77.core.errors import ScenarioError
from sim77.core.units import WEEKDAYS
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import Change, Scenario, SiteSpec, load_scenario
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_CONSIDERS

pytestmark = pytest.mark.science

REACTIONS = (
    "operator_exit", "operator_growth", "operator_pricing", "employer_adapts", "agreements_spread",
)  # fmt: skip
ZONES = ("paris", "inner-ring", "within", "outer-ring")

# What an invented territory of one line and two plain telecentres does not have.
NEEDS_THE_SHIPPED_TERRITORY = {
    "bicycle_speed_kmh", "bicycle_extra_min", "bus_stop_walk_min", "bus_speed_kmh", "bus_wait_min",
    "walk_speed_kmh", "asc_home_manual",
    # more workers of a kind than it has
    "share_teleworkable_manual", "share_covered_manual", "share_allowance_4",
    "coverage_factor_under_10", "coverage_factor_public",
    # more telecentres within reach than the fewest allowed, subscribers
    "max_centres", "price_month_eur", "same_place_km",
    # riders who are not simulated
    *(f"others_riding_{weekday}" for weekday in WEEKDAYS),
    # services and spaces of telecentres, rooms for hire
    "service_reception_eur_per_year", "service_meeting_rooms_eur_per_year",
    "service_videoconference_eur_per_year", "service_cafeteria_eur_per_year",
    "space_collaborative_eur_per_year", "space_confidential_eur_per_year",
    "space_lounge_eur_per_year", "room_hire_share", "room_hire_eur_per_half_day",
    "room_hire_desks_per_room",
    # the end of a quarter, reactions switched on, the other table of crowding
    "operator_target_occupancy", "operator_reserve_eur", "operator_growth_share",
    "operator_max_desks",
    "operator_price_high_eur", "operator_price_low_eur", "agreement_imitation_per_quarter",
    "agreement_innovation_per_quarter", "share_price_paid_by_agreement",
    "crowding_uk_seated_busy", "crowding_uk_seated_full", "crowding_uk_standing",
    "crowding_uk_busy_from",
}  # fmt: skip
NEEDS_EMPTY_DESKS = {"operator_reserve_eur"}  # a loss within a month
NEEDS_A_BUILT_TERRITORY = {  # cars at hand by area type
    "car_at_hand_core", "car_at_hand_inner", "car_at_hand_outer_urban",
    "car_at_hand_outer_rural",
}  # fmt: skip
ONLY_IN_CLAIMS = {"work_weeks_per_year"}  # what a telecentre day saves in a year


def hash_of(scenario: Scenario, **how: object) -> str:
    digest = hashlib.sha256()
    for _, table in sorted(sim77.run(scenario, **how).tables.items()):
        digest.update(pd.util.hash_pandas_object(table).to_numpy().tobytes())
    return digest.hexdigest()


def first_days(scenario: Scenario) -> Scenario:
    """Return the first days of a scenario, after few before them: they show most changes."""
    return scenario.with_(
        end=scenario.start + dt.timedelta(days=2), parameters={"burn_in_days": 3.0}
    )


def unmoved(names: list[str], base: Scenario, hashed: Callable[[Scenario], str]) -> list[str]:
    """Return the parameters neither end of which changes a hash."""
    before = hashed(base)

    def moves(name: str) -> bool:
        found = load_parameters()[name]
        ends = {found.low, found.high} - {base.parameters.get(name, found.value_on(base.start))}
        return any(hashed(base.with_(parameters={name: end})) != before for end in sorted(ends))

    return [name for name in names if not moves(name)]


def test_a_parameter_moves_a_result(
    small_territory: Territory, eventful_scenario: Scenario
) -> None:
    start = dt.date(2014, 9, 15)
    base = replace(
        eventful_scenario,
        start=start,
        end=dt.date(2014, 10, 10),
        outside_ranges=True,
        parameters={
            **EVERYBODY_CONSIDERS,
            "sd_taste_telecentre": 1.5,  # on some days desks are empty
            "asc_tc_telecentre": 0.5,
            "asc_tc_coworking": 0.5,
            "asc_half": 1.0,
            "share_agreements_paying": 0.6,
            "price_day_eur": 16.0,
            "awareness_innovation_per_month": 0.5,
            "price_hour_eur": 2.1,
        },
        network=(SiteSpec("bourg", desks=3), SiteSpec("village", desks=40)),
        changes=(
            Change(start, "fuel_price", 2.0),
            Change(start, "strike", 0.5, until=dt.date(2014, 9, 17)),
            Change(start, "telework_obligation", 1, until=dt.date(2014, 9, 17)),
            *(Change(start, name) for name in REACTIONS),
        ),
    )
    names = [
        name
        for name in load_parameters()
        if name not in NEEDS_THE_SHIPPED_TERRITORY | NEEDS_A_BUILT_TERRITORY | ONLY_IN_CLAIMS
    ]
    folder = str(Path(small_territory.folder))

    def hashed(scenario: Scenario) -> str:
        return hash_of(scenario, territory=folder)

    # What moves the first days is not asked of the whole period again.
    assert unmoved(unmoved(names, first_days(base), hashed), base, hashed) == []


def test_a_parameter_of_built_territories_moves_a_result(
    busy_territory: Territory, tiny_scenario: Scenario
) -> None:
    base = tiny_scenario.with_(network=("barn", "dock"), end=tiny_scenario.start)
    how = {"territory": str(busy_territory.folder), "scale": 0.1}
    names = sorted(NEEDS_A_BUILT_TERRITORY)
    assert unmoved(names, base, lambda each: hash_of(each, **how)) == []


@pytest.mark.long
def test_a_parameter_of_the_shipped_territory_moves_a_result() -> None:
    base = load_scenario("hybrid-2022")
    base = base.with_(
        start=dt.date(2022, 3, 14),
        end=dt.date(2022, 4, 8),
        outside_ranges=True,
        parameters={
            **EVERYBODY_CONSIDERS,
            "crowding_uk": 1.0,
            "share_covered_managers": 0.4,  # agreements have where to spread
            "max_access_min": load_parameters()["max_access_min"].high,
            # Many subscribe, and hardly anybody else comes: operators are short of money.
            "price_month_eur": 30.0,
            "exogenous_share_urban": load_parameters()["exogenous_share_urban"].low,
            "exogenous_share_rural": load_parameters()["exogenous_share_rural"].low,
            "asc_tc_telecentre": 0.0,
            "operator_target_occupancy": load_parameters()["operator_target_occupancy"].low,
        },
        changes=(*base.changes, *(Change(dt.date(2022, 3, 1), name) for name in REACTIONS)),
    )
    names = sorted(NEEDS_THE_SHIPPED_TERRITORY - NEEDS_EMPTY_DESKS)
    how = {"scale": 0.01, "workplaces": ZONES}
    assert unmoved(names, base, lambda each: hash_of(each, **how)) == []
    empty = base.with_(changes=(*base.changes, Change(base.start, "desks", 200, target="all")))
    assert unmoved(sorted(NEEDS_EMPTY_DESKS), empty, lambda each: hash_of(each, **how)) == []


@pytest.mark.long
@pytest.mark.filterwarnings("error")
def test_a_parameter_at_nothing_is_refused_or_harmless() -> None:
    """Outside its interval too: no division by zero, no number that is none."""
    base = load_scenario("hybrid-2022")
    # So few days before the first that the hundreds of runs take no minute; one run has none.
    base = base.with_(parameters={"burn_in_days": 3.0})
    days = {"start": dt.date(2022, 3, 28), "end": dt.date(2022, 4, 1)}
    refused = set()
    for name in load_parameters():
        try:
            scenario = base.with_(parameters={name: 0.0}, outside_ranges=True)
        except ScenarioError:
            refused.add(name)
            continue
        text = sim77.text(sim77.run(scenario, scale=0.003, **days))
        assert "nan" not in text, name
    assert {"bicycle_speed_kmh", "mu_remote", "fatigue_scale_min", "team_size"} <= refused
    assert len(refused) < 30
