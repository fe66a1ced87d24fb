"""Regret and robustness against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from sim77.analysis.discovery.robustness import robustness
from sim77.analysis.sweep.frames import NotApplicableError
from sim77.analysis.sweep.results import Sweep, half_width
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.core.errors import ResultError
from sim77.report.locale import locale_of
from sim77.report.study.facts import facts_of
from sim77.report.study.tables import regret_table

pytestmark = pytest.mark.unit

LEVERS = {"size": {"values": ["small", "large"]}}
STATES = {"state": {"values": [0, 1]}}
NOISY = "tests.sweep_functions:noisy"


def swept(folder: Path, evaluator: str = "tests.analysis_functions:payoff", **given: object):
    given = {"levers": LEVERS, "uncertainties": STATES, "design": {"method": "grid"}, **given}
    return run_study(Study(evaluator=evaluator, outcomes=["y"], **given), folder, workers=0)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """A loss: small costs 10 or 20 by state, large 40 or 12."""
    return swept(tmp_path_factory.mktemp("payoff") / "out")


def test_a_loss_worked_out_by_hand(sweep: Sweep) -> None:
    table = robustness(sweep, "y", better="lower", threshold=15.0)
    assert table["size"].tolist() == ["small", "large"]  # the smaller greatest regret first
    small, large = (row for _, row in table.iterrows())
    # Best by state: 10 (small) and 12 (large).
    assert (small["max_regret"], small["mean_regret"]) == (8.0, 4.0)
    assert (large["max_regret"], large["mean_regret"]) == (30.0, 15.0)
    assert small["regret_q90"] == pytest.approx(0.9 * 8.0)
    assert (small["mean"], small["worst"]) == (15.0, 20.0)
    assert (large["mean"], large["worst"]) == (26.0, 40.0)
    assert (small["satisficing"], large["satisficing"]) == (0.5, 0.5)
    # A loss counts negative: mean over standard deviation, signed so that more is better.
    assert small["signal_to_noise"] == pytest.approx(-15.0 / np.std([10, 20], ddof=1))
    assert (small["n_states"], small["replications"]) == (2, 1)
    assert np.isnan(small["max_regret_low"])


def test_a_gain_turns_the_regret_round(sweep: Sweep) -> None:
    table = robustness(sweep, "y", better="higher", threshold=15.0).set_index("size")
    assert table["max_regret"].to_dict() == {"large": 8.0, "small": 30.0}
    assert table["worst"].to_dict() == {"large": 12.0, "small": 10.0}
    assert table.loc["small", "satisficing"] == 0.5
    assert "satisficing" not in robustness(sweep, "y", better="higher")


def test_without_uncertainties_a_state_is_a_seed(tmp_path: Path) -> None:
    levers = {"x": {"values": [0, 1]}, "spread": {"values": [1, 2]}}
    sweep = swept(tmp_path / "out", NOISY, levers=levers, uncertainties={}, replications=5)
    table = robustness(sweep, "y", better="higher")
    assert set(table["n_states"]) == {5}
    assert set(table["replications"]) == {1}
    # The same seeds everywhere: with equal spread, x = 1 is better by 1 whatever the seed.
    by_lever = table.set_index(["x", "spread"])["mean"]
    assert by_lever[(1.0, 1.0)] - by_lever[(0.0, 1.0)] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("outcome", "told"), [("co2e_travel_kg", False), ("effect_co2e_travel_kg", True)]
)
def test_a_page_calls_no_state_satisfactory_without_a_threshold(
    tmp_path: Path, outcome: str, told: bool
) -> None:
    study = Study(
        evaluator="tests.analysis_functions:emissions", outcomes=[outcome], levers=LEVERS,
        uncertainties=STATES, design={"method": "grid"},
    )  # fmt: skip
    facts = facts_of(run_study(study, tmp_path / "out", workers=0))
    assert ("satisficing" in facts.findings[0].regret) == told
    heads = regret_table(facts, facts.findings[0], locale_of("en", "summary", "study")).heads
    assert ("Satisfactory states" in heads) == told


def test_common_random_numbers_leave_no_doubt_about_a_difference(tmp_path: Path) -> None:
    given = {"levers": {"x": {"values": [0, 1]}}, "uncertainties": {"spread": {"values": [1, 2]}}}
    table = robustness(swept(tmp_path / "out", NOISY, replications=4, **given), "y",
                       better="higher").set_index("x")  # fmt: skip
    assert set(table["replications"]) == {4}
    # Chance is the same for both: the regret of x = 0 is 1 in every drawing of the seeds.
    for name in ("max_regret", "max_regret_low", "max_regret_high", "mean_regret"):
        assert table.loc[0.0, name] == pytest.approx(1.0)
        assert table.loc[1.0, name] == pytest.approx(0.0)


def test_intervals_of_few_seeds_are_as_wide_as_students(tmp_path: Path) -> None:
    given = {"levers": {"x": {"values": [0, 1]}}, "uncertainties": {"state": {"values": [0]}}}
    sweep = swept(tmp_path / "out", "tests.sweep_functions:noisy_by_lever", replications=3, **given)
    runs = sweep.table().pivot(index="seed", columns="x", values="y")
    shortfall = runs[1.0] - runs[0.0]
    assert shortfall.mean() > 0.0
    half = half_width(np.array(shortfall.std()), np.array(3))
    row = robustness(sweep, "y", better="higher").set_index("x").loc[0.0]
    # The lower end is 0 at least.
    assert row["mean_regret_high"] - row["mean_regret"] == pytest.approx(float(half), rel=0.1)


def test_a_design_that_does_not_cross_is_said(tmp_path: Path) -> None:
    unit = {"low": 0, "high": 1}
    sweep = swept(
        tmp_path / "out", NOISY, levers={"x": unit}, uncertainties={"spread": unit},
        design={"method": "lhs", "samples": 8},
    )  # fmt: skip
    with pytest.raises(NotApplicableError, match="'lhs' has none run for all: use the method grid"):
        robustness(sweep, "y", better="lower")


def test_mistakes_are_said(tmp_path: Path, sweep: Sweep) -> None:
    with pytest.raises(ResultError, match="better is 'less', expected lower or higher"):
        robustness(sweep, "y", better="less")
    with pytest.raises(ResultError, match="no outcome 'z'"):
        robustness(sweep, "z", better="lower")
    alone = swept(tmp_path / "a", NOISY, levers={}, uncertainties={"x": {"values": [0, 1]}})
    with pytest.raises(NotApplicableError, match="the study has no lever"):
        robustness(alone, "y", better="lower")
