"""A built territory: the same bytes for any threads, any order of rows, and after a fork."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.model import CommuteModel
from sim77.runs import fork
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.territory import Territory, load_territory
from tests.built import numbers_in_another_order, rows_in_another_order
from tests.determinism.test_same_bytes import digests

pytestmark = pytest.mark.determinism


@pytest.fixture(scope="module")
def scenario(tiny_scenario: Scenario) -> Scenario:
    """Two weeks with few desks, fewer trains, a strike, a toll and a centre that closes."""
    return tiny_scenario.with_(
        network=tuple(SiteSpec(name, desks=4) for name in ("barn", "dock", "mill", "new-10001")),
        parameters={"asc_tc_telecentre": 0.5, "asc_tc_coworking": 0.5, "asc_half": 1.0},
        changes=(
            Change(dt.date(2014, 9, 9), "train_frequency", 0.6, target="S"),
            Change(dt.date(2014, 9, 10), "strike", 0.5, until=dt.date(2014, 9, 11)),
            Change(dt.date(2014, 9, 12), "road_toll", 3.0),
            Change(dt.date(2014, 9, 17), "close_telecentre", target="mill"),
        ),
    )


def busy_model(scenario: Scenario, territory: Territory) -> CommuteModel:
    return CommuteModel(scenario, territory=territory, seed=5, scale=0.2)


@pytest.fixture(scope="module")
def reference(scenario: Scenario, busy_territory: Territory) -> dict[str, str]:
    return digests(busy_model(scenario, busy_territory))


@pytest.mark.usefixtures("shared_by_threads")
def test_threads_do_not_show(scenario, busy_territory, reference):
    assert digests(busy_model(scenario, busy_territory)) == reference


def test_the_order_of_rows_does_not_show(scenario, busy_territory, reference, tmp_path: Path):
    folder = rows_in_another_order(busy_territory.folder, tmp_path / "land")
    other = load_territory(folder)
    assert other.hash != busy_territory.hash
    assert digests(busy_model(scenario, other)) == reference


def test_the_numbers_of_segments_and_sections_do_not_show(scenario, busy_territory, tmp_path: Path):
    """Sums run in another order, so times agree within rounding and choices exactly."""
    folder = numbers_in_another_order(busy_territory.folder, tmp_path / "land")
    models = [busy_model(scenario, each) for each in (busy_territory, load_territory(folder))]
    while models[0].running:
        for model in models:
            model.step()
        one, other = (model.memory for model in models)
        for name in ("kind", "mode", "alternative"):
            assert np.array_equal(getattr(one.columns, name), getattr(other.columns, name)), name
        for name in ("expected_min", "expected_ratio"):
            assert getattr(one, name) == pytest.approx(getattr(other, name)[::-1], rel=1e-9)
        assert one.loads.riders == pytest.approx(other.loads.riders[::-1], rel=1e-9)


def test_who_is_counted_could_be_visited(scenario, busy_territory):
    """Who can only go to the office is counted by stratum: visited one by one, the same bytes."""
    few = {f"share_covered_{group}": 0.3 for group in OCCUPATION_GROUPS}
    counted, visited = (busy_model(scenario.with_(parameters=few), busy_territory) for _ in "ab")
    everybody = np.arange(counted.columns.kind.size)
    assert counted.memory.visited.size < 0.5 * everybody.size
    visited.observers.append(lambda model, _: setattr(model.memory, "visited", everybody))
    assert digests(counted) == digests(visited)


@pytest.mark.parametrize("done", [2, 4])
def test_a_fork_goes_on_to_the_same_bytes(
    done: int, scenario, busy_territory, reference, tmp_path: Path
):
    """On the eve of a strike with fewer trains, and after it."""
    model = busy_model(scenario, busy_territory)
    for _ in range(done):
        model.step()
    saved = fork.save(model, tmp_path / "half.npz")
    for twin in (fork.copy(model), fork.resume(saved)):
        assert digests(twin) == reference
    assert digests(model) == reference


def test_another_future_leaves_the_past_alone(scenario, busy_territory, reference):
    model = busy_model(scenario, busy_territory)
    for _ in range(4):
        model.step()
    calm = scenario.with_(name="calm", changes=())
    other = fork.copy(model, calm)
    assert digests(other) != reference
    assert digests(model) == reference
