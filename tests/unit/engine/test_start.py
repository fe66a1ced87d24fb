"""The start of a run is found once for a population and what moves it, and never confused."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim77.core.errors import ScenarioError
from sim77.engine.population.population import Population, build_population
from sim77.engine.scope import days_of_run
from sim77.engine.travel import supply_of
from sim77.engine.world import STARTS_KEPT, Start, World
from sim77.registry.parameters import load_parameters, resolve
from sim77.scenario.scenario import Change, Scenario
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.unit

DAY = dt.date(2014, 9, 8)
PLAIN = Scenario("plain", "", "", "", "", DAY, DAY, outside_ranges=True)


@pytest.fixture
def people(busy_territory: Territory) -> Population:
    return build_population(
        busy_territory, resolve(DAY), seed=3, scale=1.0, zones=busy_territory.workplace_zones
    )


def start(scenario: Scenario, territory: Territory, people: Population) -> Start:
    world = World(scenario, territory, people, [DAY])
    return world.find_start(world.effects(DAY, world.state_on(DAY)))


def test_behaviour_leaves_the_start_where_it_is(
    busy_territory: Territory, people: Population
) -> None:
    first = start(PLAIN, busy_territory, people)
    moved = PLAIN.with_(parameters={"theta": 0.9, "asc_home_managers": -1.0, "g_peer": 0.2})
    assert start(moved, busy_territory, people) is first
    assert start(moved, busy_territory, replace(people)).expected_min.tobytes() == (
        first.expected_min.tobytes()
    ), "found anew it is the same"
    with pytest.raises(ValueError, match="read-only"):
        first.loads.riders[0] = 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"parameters": {"mu_mode": 1.3}},
        {"parameters": {"beta_time_per_min": -0.05}},
        {"parameters": {"share_peak_hour": 0.5}},
        {"parameters": {"share_peak_hour_road": 0.4}},
        {"changes": (Change(DAY, "train_frequency", 0.5, target="all"),)},
        {"changes": (Change(DAY, "road_toll", 9.0),)},
        {"changes": (Change(DAY, "low_emission_zone", 0.8),)},
    ],
)
def test_what_moves_the_start_is_told_apart(
    change: dict, busy_territory: Territory, people: Population
) -> None:
    before = start(PLAIN, busy_territory, people)
    scenario = PLAIN.with_(**change)
    found, anew = (start(scenario, busy_territory, each) for each in (people, replace(people)))
    for name in ("expected_min", "expected_ratio"):
        assert getattr(found, name).tobytes() == getattr(anew, name).tobytes()
    assert not np.array_equal(found.expected_min, before.expected_min) or not np.array_equal(
        found.expected_ratio, before.expected_ratio
    )
    assert start(PLAIN, busy_territory, people) is before


def test_the_base_year_is_that_of_the_territory(busy_territory: Territory, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    shutil.copytree(busy_territory.folder, folder)
    form = folder / "territory.yaml"
    form.write_text(form.read_text().replace("base_year: 2014", "base_year: 2018"))
    later = load_territory(folder)
    assert later.base_day == dt.date(2018, 1, 1)
    changed = max(later.rail_changes["date"])
    assert changed < "2018", "trains that were not there in 2014"
    backgrounds = []
    for land in (busy_territory, later):
        people = build_population(land, resolve(DAY), seed=3, scale=1.0, zones=land.workplace_zones)
        backgrounds.append(start(PLAIN, land, people).background.riders)
    assert not np.array_equal(*backgrounds)


def test_few_starts_are_kept_and_those_of_the_territory_asked_for(
    busy_territory: Territory, people: Population
) -> None:
    side = supply_of(busy_territory, people)
    for k in range(STARTS_KEPT + 3):
        start(PLAIN.with_(parameters={"mu_mode": 1.0 + 0.1 * k}), busy_territory, people)
    assert len(side.starts) == STARTS_KEPT
    assert supply_of(busy_territory, people) is side
    assert supply_of(replace(busy_territory), people) is not side


@pytest.mark.parametrize(
    "name", ["team_size", "corr_taste", "max_access_min", "same_place_km", "burn_in_days"]
)
def test_what_a_run_reads_once_has_one_value(name: str, tiny_scenario: Scenario) -> None:
    wednesday = tiny_scenario.start + dt.timedelta(days=2)
    value = load_parameters()[name].low
    changed = tiny_scenario.with_(changes=(Change(wednesday, f"parameter:{name}", value),))
    with pytest.raises(ScenarioError, match=f"'{name}' on {wednesday}, within the run: it decides"):
        days_of_run(changed, None, None)
    days_of_run(changed, wednesday, None)
