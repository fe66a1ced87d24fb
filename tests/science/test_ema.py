"""A user of the EMA workbench drives sim77 and gets the numbers of a sweep."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from sim77.analysis.sweep.ema import EMA_SCENARIO, StudyFunction, as_ema_model
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.analysis.sweep.workbench import importing_workbench
from sim77.core.errors import StudyError
from sim77.territory.territory import write_example

pytestmark = pytest.mark.science


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Real runs: three days of the small territory, two seeds."""
    site = "network: [{id: bourg}, {id: village}]\n"
    period = "period: {from: 2014-09-08, to: 2014-09-10}\n"
    open_text = f"name: both\nlabel: {{fr: Deux, en: Both}}\n{period}{site}"
    bare_text = f"name: bare\nlabel: {{fr: Aucun, en: None}}\n{period}network: []\n"
    (tmp_path / "both.yaml").write_text(open_text, encoding="utf-8")
    (tmp_path / "bare.yaml").write_text(bare_text, encoding="utf-8")
    return Study(
        scenario="both.yaml",
        baseline="bare.yaml",
        levers={"price_day": {"low": 0, "high": 20}, "desks": {"low": 2, "high": 30}},
        uncertainties={"theta": {}},
        design={"method": "lhs", "samples": 3},
        replications=2,
        outcomes=["co2e_travel_kg", "remote_days"],
        territory=write_example(tmp_path / "small"),
        folder=tmp_path,
    )


def test_the_workbench_gets_the_numbers_of_the_sweep(study: Study, tmp_path: Path) -> None:
    with importing_workbench():
        from ema_workbench import Policy, Scenario, SequentialEvaluator, perform_experiments
    sweep = run_study(study, tmp_path / "out", workers=0)
    model = as_ema_model(study)
    points = [study.point(design) for design in range(study.n_points)]
    means = sweep.table().groupby("design")[list(sweep.outcomes)].mean()
    for design, point in enumerate(points):
        # The workbench keeps the levers of a policy whose name it has seen.
        policy = Policy(f"p{design}", price_day=point["price_day"], desks=point["desks"])
        scenario = Scenario(f"s{design}", theta=point["theta"])
        with SequentialEvaluator(model) as evaluator:
            experiments, outcomes = perform_experiments(
                model, scenarios=[scenario], policies=[policy], evaluator=evaluator
            )
        assert experiments["theta"].iloc[0] == point["theta"]
        for name in sweep.outcomes:
            assert outcomes[name][0] == pytest.approx(means.loc[design, name], rel=1e-12)
    assert means["co2e_travel_kg"].nunique() == len(points)


def test_the_workbench_samples_within_the_ranges(study: Study) -> None:
    model = as_ema_model(study)
    from ema_workbench import ScalarOutcome
    from ema_workbench.em_framework.samplers import sample_levers, sample_uncertainties

    levers = [dict(each) for each in sample_levers(model, 20)]
    assert {type(each["desks"]) for each in levers} <= {int, np.int64}
    assert all(2 <= each["desks"] <= 30 for each in levers)
    theta = next(each for each in study.factors if each.name == "theta")
    drawn = [dict(each)["theta"] for each in sample_uncertainties(model, 20)]
    assert all(theta.low <= value <= theta.high for value in drawn)
    kinds = {outcome.name: outcome.kind for outcome in model.outcomes}
    assert kinds["effect_co2e_travel_kg"] == ScalarOutcome.MINIMIZE
    assert kinds["remote_days"] == ScalarOutcome.INFO
    assert {each.name: each.value for each in model.constants} == {"replications": 2, "seed": 1}


def test_a_study_can_be_sent_to_another_process(study: Study) -> None:
    function = pickle.loads(pickle.dumps(StudyFunction(study)))
    given = {**study.point(0), "replications": 1, "seed": 5}
    first = function(**given)
    assert first == StudyFunction(study)(**given)
    assert first != function(**{**given, "seed": 6})


def test_a_choice_of_scenarios_has_another_name_there(study: Study) -> None:
    several = Study(
        scenario=["both.yaml", "bare.yaml"], outcomes=["remote_days"],
        territory=study.territory, folder=study.folder,
    )  # fmt: skip
    model = as_ema_model(several)
    assert [each.name for each in model.levers] == [EMA_SCENARIO]
    values = model.function(scenario="bare", replications=1, seed=1)
    assert set(values) == {"remote_days"}


def test_what_the_workbench_cannot_do_is_said() -> None:
    noisy = "tests.sweep_functions:noisy"
    with pytest.raises(StudyError, match="neither levers nor uncertainties"):
        as_ema_model(Study(evaluator=noisy, outcomes=["y"]))
    until = {"until": {"outcome": "y", "half_width": 1}, "at_least": 2, "at_most": 3}
    with pytest.raises(StudyError, match="a fixed number of replications"):
        as_ema_model(
            Study(evaluator=noisy, outcomes=["y"], replications=until,
                  uncertainties={"x": {"low": 0, "high": 1}})
        )  # fmt: skip
