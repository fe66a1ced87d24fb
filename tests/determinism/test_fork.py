"""Forks: a saved model goes on as if it had never stopped, here and in another process."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import get_type_hints

import mesa
import numpy as np
import pytest

from sim77.core.errors import ResultError, ScenarioError
from sim77.engine import state
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.state import CentreDay, Memory, pack
from sim77.registry.parameters import ParameterSet
from sim77.runs import fork
from sim77.runs.results import tables_of
from sim77.scenario.scenario import Change, Scenario, SiteSpec, load_scenario
from sim77.territory.territory import Territory, load_territory, write_example

pytestmark = pytest.mark.determinism

# Of the model's own attributes: what never changes in a run, counts and watches it, or is found
# again on each day from what is remembered.
NOT_REMEMBERED = {
    "draw_seed", "seconds", "_scenario", "scenario", "territory", "scale", "zones", "days",
    "population", "world", "network", "sites", "choice_sets", "observers", "datacollector",
    "memory", "modes", "at_office",
    *vars(mesa.Model()),
}  # fmt: skip

REACTIONS = (
    "employer_adapts", "agreements_spread", "operator_exit", "operator_growth", "operator_pricing",
)  # fmt: skip

RESUME = """
import sys
from sim77.runs import fork
model = fork.resume(sys.argv[1])
while model.running:
    model.step()
fork.save(model, sys.argv[2])
"""


def state_of(model: CommuteModel) -> dict[str, np.ndarray]:
    arrays = pack(model.memory, model.population).arrays
    return {name: array.copy() for name, array in arrays.items()}


def different(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> list[str]:
    """Name the arrays of which not every bit is the same."""
    assert first.keys() == second.keys()
    return [
        name
        for name, array in first.items()
        if array.dtype != second[name].dtype
        or array.shape != second[name].shape
        or array.tobytes() != second[name].tobytes()
    ]


def stepped(model: CommuteModel, days: int) -> CommuteModel:
    for _ in range(days):
        model.step()
    return model


@pytest.fixture
def eventful(eventful_scenario: Scenario, small_territory: Territory) -> CommuteModel:
    return CommuteModel(eventful_scenario, territory=small_territory)


# The same past and the same future


def test_sixty_days_in_two_processes_are_sixty_days_in_one(tmp_path: Path) -> None:
    scenario = load_scenario("network-2014").with_(
        start=dt.date(2014, 8, 20),
        end=dt.date(2014, 11, 12),
        parameters={"operator_reserve_eur": 1000.0},
        changes=[Change(dt.date(2014, 8, 1), name, True) for name in REACTIONS],
        outside_ranges=True,
    )
    straight = CommuteModel(scenario, seed=7, scale=0.2)
    stopped = CommuteModel(scenario, seed=7, scale=0.2)
    assert len(straight.days) == 60
    stepped(straight, 60)
    half = fork.save(stepped(stopped, 30), tmp_path / "half.npz")
    subprocess.run(
        [sys.executable, "-c", RESUME, str(half), str(tmp_path / "whole.npz")], check=True
    )
    resumed = fork.resume(tmp_path / "whole.npz")
    assert straight.memory.operators.closed.any() and straight.state.coverage_floor
    assert straight.recorder.months.keys() == resumed.recorder.months.keys()
    assert straight.state == resumed.state
    assert not resumed.running
    assert different(state_of(straight), state_of(resumed)) == []
    assert resumed.recorder.weeks.keys() == straight.recorder.weeks.keys()
    for name, table in tables_of(straight).items():
        assert table.equals(tables_of(resumed)[name]), name
    collected = straight.datacollector.get_model_vars_dataframe()
    assert collected.equals(resumed.datacollector.get_model_vars_dataframe())
    assert (straight.steps, straight.day) == (resumed.steps, resumed.day)


def test_a_fork_knows_the_scenarios_of_its_territory(tmp_path: Path) -> None:
    territory = load_territory(write_example(tmp_path / "land"))
    model = stepped(CommuteModel("no-telecentres", territory=territory, scale=0.1), 2)
    other = fork.copy(model, "both-centres")
    assert other.scenario.network and not model.scenario.network


@pytest.mark.parametrize("done", range(11))
def test_a_stop_on_any_day_changes_nothing(
    done: int, eventful: CommuteModel, eventful_scenario: Scenario, small_territory: Territory
) -> None:
    """Mid-week, before a strike, after a closing, before the first day and after the last."""
    other = stepped(CommuteModel(eventful_scenario, territory=small_territory), min(done, 10))
    twin = fork.copy(other)
    assert different(state_of(other), state_of(twin)) == []
    while eventful.running:
        eventful.step()
    while twin.running:
        twin.step()
    assert different(state_of(eventful), state_of(twin)) == []
    assert len(other.recorder.days) == min(done, 10)


def test_what_can_be_looked_at_is_there_at_once(eventful: CommuteModel) -> None:
    stepped(eventful, 4)
    twin = fork.copy(eventful)
    assert (twin.centre_today == eventful.centre_today).all()
    assert [each.occupied for each in twin.telecentres] == [
        each.occupied for each in eventful.telecentres
    ]
    assert twin.workers.to_frame().equals(eventful.workers.to_frame())
    for name, array in eventful.memory.centres.offer._asdict().items():
        assert np.array_equal(array, getattr(twin.memory.centres.offer, name)), name


def parts_of(value: object) -> Iterator[object]:
    """Yield every dataclass of a tree."""
    if is_dataclass(value) and not isinstance(value, ParameterSet):
        yield value
        for each in fields(value):
            yield from parts_of(getattr(value, each.name))


def test_nothing_that_changes_is_left_out(eventful: CommuteModel) -> None:
    """All that the model remembers is in the tree, and each part of it declares what it holds."""
    stepped(eventful, 3)
    assert set(vars(eventful)) <= NOT_REMEMBERED
    parts = list(parts_of(eventful.memory))
    assert {"Memory", "Effects", "TeamMemory", "Operators", "Employers", "Recorder"} <= {
        type(part).__name__ for part in parts
    }
    for part in parts:
        declared = {each.name for each in fields(part)}
        derived = {name for name in vars(part) if isinstance(
            getattr(type(part), name, None), cached_property
        )}  # fmt: skip
        assert set(vars(part)) - derived == declared, type(part).__name__


def test_a_new_field_is_saved_without_a_word_elsewhere(
    eventful: CommuteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass
    class Remembering(CentreDay):
        visits: np.ndarray = field(init=False)
        since: dt.date | None = field(init=False)

    stepped(eventful, 2)
    old = eventful.memory.centres
    eventful.memory.centres = more = object.__new__(Remembering)
    vars(more).update(vars(old) | {"visits": np.array([5, 7]), "since": dt.date(2014, 9, 9)})
    hints = get_type_hints(Memory) | {"centres": Remembering}
    monkeypatch.setattr(
        state, "get_type_hints", lambda kind: hints if kind is Memory else get_type_hints(kind)
    )
    twin = fork.copy(eventful).memory.centres
    assert isinstance(twin, Remembering) and twin.since == dt.date(2014, 9, 9)
    assert twin.visits.tolist() == [5, 7] and twin.visits is not more.visits


# The same past and another future


def test_a_fork_differs_only_after_the_fork(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    past = tiny_scenario.with_(
        name="past",
        network=("village",),
        parameters={
            "asc_tc_telecentre": 2.0, "asc_tc_coworking": 2.0,
            "awareness_innovation_per_month": 1.0, "awareness_elsewhere": 1.0,
        },
    )  # fmt: skip
    model = stepped(CommuteModel(past, territory=small_territory), 5)
    closed = past.with_(name="closed", network=())
    two = past.with_(name="two", network=(SiteSpec("bourg"), SiteSpec("village")))
    forks = {each.name: fork.copy(model, each) for each in (past, closed, two)}
    for each in (model, *forks.values()):
        while each.running:
            each.step()
    same, shut, more = (forks[name].recorder.communes for name in ("past", "closed", "two"))
    at_centre = OUTPUT_COLUMNS.index("telecentre")
    assert (same == model.recorder.communes).all()
    for other in (shut, more):
        assert (other[:5] == same[:5]).all()
        assert (other[5:] != same[5:]).any()
    assert forks["two"].sites.ids == ("village", "bourg")
    assert more[5:, :, at_centre].sum() > same[5:, :, at_centre].sum() > 0.0
    assert shut[:5, :, at_centre].sum() > shut[5:, :, at_centre].sum() == 0.0
    assert "past" in forks["two"].scenario.to_yaml()
    assert len({each.scenario.hash for each in forks.values()}) == 3


def test_a_policy_of_the_future_starts_on_the_day_after_the_fork(
    eventful: CommuteModel, eventful_scenario: Scenario
) -> None:
    stepped(eventful, 3)
    strike = eventful_scenario.with_(
        name="strike", changes=(Change(dt.date(2014, 9, 1), "strike", 0.3),)
    )
    other = stepped(fork.copy(eventful, strike), 2)
    shares = other.recorder.day_values[:5, 2]
    assert list(shares[3:]) == [0.3, 0.3]
    assert (shares[:3] == eventful.recorder.day_values[:3, 2]).all()


def test_a_fork_of_a_fork_can_be_saved(
    eventful: CommuteModel, eventful_scenario: Scenario, tmp_path: Path
) -> None:
    first = stepped(fork.copy(stepped(eventful, 2), eventful_scenario.with_(changes=())), 2)
    calm = eventful_scenario.with_(name="calm", parameters={"g_peer": 0.0})
    second = stepped(fork.copy(first, calm), 2)
    again = fork.resume(fork.save(second, tmp_path / "twice"))
    assert again.scenario.hash == second.scenario.hash
    assert different(state_of(second), state_of(again)) == []
    stepped(second, 4)
    stepped(again, 4)
    assert different(state_of(second), state_of(again)) == []


def test_a_shipped_scenario_can_be_the_future() -> None:
    model = CommuteModel(
        "network-2014", scale=0.02, start=dt.date(2014, 9, 1), end=dt.date(2014, 10, 10)
    )
    other = fork.copy(stepped(model, 10), "no-telecentres")
    stepped(other, 5)
    assert not other.state.sites
    assert load_scenario("network-2014").hash == model.scenario.hash


# Mistakes


def test_a_fork_needs_a_past_and_a_future(
    eventful: CommuteModel, eventful_scenario: Scenario
) -> None:
    with pytest.raises(ScenarioError, match="Nothing of 'tiny' has been simulated yet: run"):
        fork.copy(eventful, eventful_scenario)
    stepped(eventful, 10)
    with pytest.raises(ScenarioError, match="reached its last day, 2014-09-19: no day is left"):
        fork.copy(eventful, eventful_scenario)


def test_a_future_has_the_values_that_hold_for_a_whole_run(
    eventful: CommuteModel, eventful_scenario: Scenario
) -> None:
    """Sums of past days would be turned into indicators with the values of the future."""
    stepped(eventful, 2)
    for name, value in (("car_kg_co2e_per_km", 0.05), ("same_place_km", 3.0)):
        other = eventful_scenario.with_(name="other", parameters={name: value})
        message = rf"'other' cannot go on from 'tiny' with {value:g} for the parameter '{name}'"
        with pytest.raises(ScenarioError, match=message):
            fork.copy(eventful, other)
    joined = fork.copy(eventful, eventful_scenario.with_(name="other")).scenario
    with pytest.raises(ScenarioError, match="'other' has the past of 'tiny': change the two"):
        joined.with_(parameters={"theta": 0.5})


def test_a_damaged_file_is_one_sentence(eventful: CommuteModel, tmp_path: Path) -> None:
    file = fork.save(eventful, tmp_path / "state.npz")
    content = file.read_bytes()
    place = content.index(eventful.memory.outputs.tobytes()[:64]) + 40
    for name, damaged in (
        ("short", content[: len(content) // 2]),
        ("flipped", content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]),
        ("text", b"name: network-2014\n"),
        ("empty", b""),
    ):
        file.write_bytes(damaged)
        with pytest.raises(
            ResultError, match="is damaged, or is not a model saved by sim77"
        ) as text:
            fork.resume(file)
        assert str(text.value).count(".") <= str(file).count(".") + 1, name
    with pytest.raises(ResultError, match="There is no saved model"):
        fork.resume(tmp_path / "nothing.npz")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    for name, arrays in (
        ("other", {"x": np.arange(3)}),
        ("odd", {fork.ABOUT: np.frombuffer(b'{"format": 1}', dtype=np.uint8)}),
    ):
        np.savez(tmp_path / f"{name}.npz", **arrays)
        with pytest.raises(ResultError, match="not a model saved by sim77"):
            fork.resume(tmp_path / f"{name}.npz")


def changed(file: Path, **values: object) -> Path:
    """Write a saved model again with other statements about it."""
    with np.load(file) as saved:
        arrays = {name: saved[name] for name in saved.files}
    about = json.loads(arrays.pop(fork.ABOUT).tobytes()) | values
    packed = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    np.savez(file, **arrays, **{fork.ABOUT: packed})
    return file


def test_another_version_is_refused(eventful: CommuteModel, tmp_path: Path) -> None:
    file = changed(fork.save(eventful, tmp_path / "state.npz"), sim77="9.9")
    with pytest.raises(ResultError, match=r"was saved by sim77 9\.9 \(format 14\); this is"):
        fork.resume(file)


def test_another_territory_is_refused(
    eventful: CommuteModel, shipped_territory: Territory, tmp_path: Path
) -> None:
    file = fork.save(eventful, tmp_path / "state.npz")
    with pytest.raises(ResultError, match="was saved for the territory 'small', whose tables"):
        fork.resume(file, territory=shipped_territory)
    same = load_territory(write_example(tmp_path / "moved"))
    assert different(state_of(fork.resume(file, territory=same)), state_of(eventful)) == []


def test_parts_that_do_not_fit_are_refused(eventful: CommuteModel, tmp_path: Path) -> None:
    file = changed(fork.save(eventful, tmp_path / "state.npz"), scale=0.5)
    with pytest.raises(ResultError, match="is damaged: its parts do not fit together"):
        fork.resume(file)


def test_a_file_that_cannot_be_written_is_named(eventful: CommuteModel, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"Cannot write .*: No such file or directory"):
        fork.save(eventful, tmp_path / "none" / "state.npz")
