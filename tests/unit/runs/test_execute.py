"""One description of a run and one way to run the model from it."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim77
from sim77.core.errors import ResultError, ScenarioError
from sim77.engine.scope import days_of_run
from sim77.runs.execute import RunSpec, each_day, execute, start_model
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory, write_example

pytestmark = pytest.mark.unit

PACKAGE = Path(sim77.__file__).parent
RUNS_IT = re.compile(r"\bCommuteModel\(\s*[^)\s]|\.step\(\)|\.run_model\(|while \S+\.running")


def test_one_module_makes_models_and_steps_them() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if RUNS_IT.search(path.read_text(encoding="utf-8").replace("class CommuteModel(", ""))
    }
    assert found == {"runs/execute.py"}


@pytest.mark.parametrize("seed", [1.5, "3", True, -1, 2**32, float("nan")])
def test_a_seed_that_is_no_whole_number_is_refused_everywhere(
    seed: object, tiny_scenario: Scenario, small_territory: Territory
) -> None:
    folder = str(small_territory.folder)
    for refuses in (
        lambda: RunSpec(tiny_scenario, seed=seed),
        lambda: sim77.CommuteModel(tiny_scenario, seed=seed, territory=small_territory),
        lambda: sim77.run(tiny_scenario, seed=seed, territory=small_territory),
        lambda: sim77.compare(tiny_scenario, tiny_scenario, first_seed=seed, territory=folder),
    ):
        with pytest.raises(ResultError, match="The seed must be a whole number from 0 to"):
            refuses()


def test_days_given_as_text_are_days(tiny_scenario: Scenario, small_territory: Territory) -> None:
    day = tiny_scenario.start.isoformat()
    run = sim77.run(tiny_scenario, start=day, end=day, territory=small_territory)
    assert (run.manifest["start"], run.manifest["end"], len(run.days)) == (day, day, 1)
    with pytest.raises(ScenarioError, match="'tomorrow' is not a date, expected YYYY-MM-DD"):
        RunSpec(tiny_scenario, start="tomorrow")


def test_a_spec_refuses_days_and_values_before_anything_is_compiled(
    tiny_scenario: Scenario,
) -> None:
    with pytest.raises(ScenarioError, match="must start before it ends"):
        RunSpec(tiny_scenario, start=tiny_scenario.end, end=tiny_scenario.start)
    with pytest.raises(ScenarioError, match="theta"):
        RunSpec(tiny_scenario, overrides={"theta": float("nan")})


def test_a_seed_of_numpy_is_a_whole_number(tiny_scenario: Scenario) -> None:
    spec = RunSpec(tiny_scenario, seed=np.uint16(7))
    assert (spec.seed, type(spec.seed)) == (7, int)


def test_a_spec_is_checked_comparable_and_made_again(tiny_scenario: Scenario) -> None:
    spec = RunSpec(tiny_scenario, workplaces="paris,within", overrides={"theta": 0.5})
    assert (spec.start, spec.end) == (tiny_scenario.start, tiny_scenario.end)
    again = RunSpec(tiny_scenario, workplaces=["within", "paris"], overrides={"theta": 0.5})
    assert spec == again and hash(spec) == hash(again)
    assert replace(spec, seed=2) != spec
    assert spec.policies.parameters["theta"] == 0.5
    with pytest.raises(ResultError, match="scale"):
        replace(spec, scale=2.0)
    with pytest.raises(ResultError, match="workplace zone"):
        RunSpec(tiny_scenario, workplaces="pariss")


def test_models_go_in_step_and_stop_before_a_day(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    spec = RunSpec(tiny_scenario, territory=small_territory)
    models = start_model(spec), start_model(spec)
    for done in each_day(*models, before=dt.date(2014, 9, 11)):
        assert [len(model.recorder.days) for model in models] == [done, done]
    assert models[1].recorder.days[-1] == dt.date(2014, 9, 10)
    assert list(each_day(*models)) == list(range(4, 11))


def test_execute_shows_every_day_and_is_what_the_model_does(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    shown: list[tuple[int, int]] = []
    seen: list[str] = []
    given = {"seed": 7, "scale": 0.5, "end": dt.date(2014, 9, 17)}
    model = execute(
        RunSpec(tiny_scenario, territory=small_territory, overrides={"theta": 0.4}, **given),
        observers=[lambda _, phase: seen.append(phase)],
        progress=lambda done, days: shown.append((done, days)),
    )
    assert shown == [(done, 8) for done in range(9)]
    assert seen.count("aggregate") == 8
    changed = tiny_scenario.with_(parameters={"theta": 0.4})
    by_hand = sim77.CommuteModel(changed, territory=small_territory, **given)
    by_hand.run_model()
    assert (model.recorder.communes == by_hand.recorder.communes).all()


def test_a_territory_is_read_again_only_when_a_file_changes(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "here")
    first = load_territory(folder)
    assert load_territory(folder) is first
    for name in ("communes.csv", "territory.yaml", "transit/lines.csv"):
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        again = load_territory(folder)
        assert again is not first
        first = again


def test_what_turns_the_sums_of_a_run_into_indicators_has_one_value() -> None:
    of_emissions = Change(dt.date(2022, 3, 9), "parameter:car_kg_co2e_per_km", 0.2)
    scenario = load_scenario("hybrid-2022").with_(changes=(of_emissions,))
    dates = {"start": dt.date(2022, 3, 7), "end": dt.date(2022, 3, 11)}
    with pytest.raises(ScenarioError, match=r"'car_kg_co2e_per_km' on 2022-03-09, within the run"):
        start_model(RunSpec(scenario, scale=0.01, **dates))
    dates["start"] = dt.date(2022, 3, 9)
    model = start_model(RunSpec(scenario, scale=0.01, **dates))
    assert model.parameters.car_kg_co2e_per_km == 0.2


def test_such_a_change_may_end_with_the_run_but_not_within_it() -> None:
    first, last = dt.date(2022, 3, 7), dt.date(2022, 3, 11)

    def days(until: dt.date) -> list[dt.date]:
        change = Change(dt.date(2022, 1, 3), "parameter:car_kg_co2e_per_km", 0.2, until)
        return days_of_run(load_scenario("hybrid-2022").with_(changes=(change,)), first, last)

    assert days(first - dt.timedelta(days=1)) == days(last) == days(last + dt.timedelta(days=1))
    for until in (first, last - dt.timedelta(days=1)):
        after = until + dt.timedelta(days=1)
        with pytest.raises(ScenarioError, match=f"on {after}, within the run"):
            days(until)
