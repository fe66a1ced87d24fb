"""Scenario discovery finds a planted rule in the noise of real runs, and no rule where none is."""

import warnings

import numpy as np
import pytest

from sim77.analysis.discovery.condition import parse_condition
from sim77.analysis.discovery.discovery import cart, feature_scores, prim
from sim77.analysis.sweep.frames import NotApplicableError
from sim77.analysis.sweep.results import Sweep
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.core.errors import ResultError
from tests.analysis_functions import DESKS, PRICE, real_noise

pytestmark = pytest.mark.science

EFFECT = "effect_co2e_travel_kg"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """400 points of four levers, two of which do nothing, with the noise of real paired runs."""
    study = Study(
        evaluator="tests.analysis_functions:planted",
        levers={
            "desks": {"low": 1, "high": 40},
            "price": {"low": 0, "high": 20},
            "opening_hours": {"low": 6, "high": 12},
            "leaflets": {"values": ["none", "few", "many"]},
        },
        design={"method": "lhs", "samples": 400},
        replications=2,
        outcomes=[EFFECT, "effect_chance"],
    )
    return run_study(study, tmp_path_factory.mktemp("planted") / "out", workers=0)


def test_the_noise_is_that_of_runs_that_differ() -> None:
    noise = real_noise()
    assert len(np.unique(noise)) > 20
    assert noise.mean() == pytest.approx(0.0, abs=1e-9)


def test_prim_finds_the_rule_and_leaves_the_idle_levers_alone(sweep: Sweep) -> None:
    box = prim(sweep, f"{EFFECT} < 0", resampled=6)
    limits = box.limits.set_index("factor")
    assert set(limits.index) == {"desks", "price"}
    assert limits.loc["desks", "low"] == pytest.approx(DESKS, abs=2.0)
    assert limits.loc["price", "high"] == pytest.approx(PRICE, abs=1.0)
    assert np.isnan(limits.loc["desks", "high"])
    assert np.isnan(limits.loc["price", "low"])
    assert (limits["quasi_p"] < 1e-3).all()
    assert (limits["reproduced"] > 0.8).all()
    assert box.density > 0.85
    assert box.coverage > 0.7
    assert box.density_low < box.density <= box.density_high <= 1.0
    assert box.base < 0.5
    assert box.n == 400


def test_prim_gives_the_same_box_each_time(sweep: Sweep) -> None:
    first, second = (prim(sweep, f"{EFFECT} < 0", resampled=1) for _ in range(2))
    assert second.limits.equals(first.limits)


def test_prim_is_not_sure_of_anything_in_chance(sweep: Sweep) -> None:
    box = prim(sweep, "effect_chance < 0", resampled=6)
    assert not (box.limits["reproduced"] > 0.8).any()
    assert box.density - box.base < 0.25


def test_cart_cuts_at_the_same_places(sweep: Sweep) -> None:
    leaves = cart(sweep, f"{EFFECT} < 0")
    best = leaves.iloc[0]
    assert "desks > 1" in best["rule"]
    assert "price <= " in best["rule"]
    assert best["density"] > 0.85
    assert leaves["mass"].sum() == pytest.approx(1.0)
    assert leaves["coverage"].sum() == pytest.approx(1.0)
    assert cart(sweep, f"{EFFECT} < 0").equals(leaves)


def test_feature_scores_put_the_rule_first(sweep: Sweep) -> None:
    filters = list(warnings.filters)
    scores = feature_scores(sweep, [EFFECT], resamples=8)
    assert warnings.filters == filters  # trees that grow at once leave them alone
    order = scores.sort_values("score", ascending=False)["factor"].tolist()
    assert set(order[:2]) == {"desks", "price"}
    assert scores["score"].sum() == pytest.approx(1.0)
    assert ((scores["low"] <= scores["score"]) & (scores["score"] <= scores["high"])).all()
    assert (scores["low"] < scores["high"]).all()
    rows = scores.set_index("factor")
    assert rows.loc["price", "low"] > rows.loc["leaflets", "high"]
    assert scores.equals(feature_scores(sweep, [EFFECT], resamples=8))
    assert scores.equals(feature_scores(sweep, EFFECT, resamples=8))


def test_a_condition_that_holds_nowhere_is_said(sweep: Sweep) -> None:
    with pytest.raises(NotApplicableError, match="no design point meets") as error:
        prim(sweep, f"{EFFECT} > 1e6")
    assert error.value.reason == "nowhere"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("effect_co2 < 0", "no outcome 'effect_co2'"),
        ("__import__('os')", "a condition is written like"),
        ("effect_chance < 0 or 1", "a condition is written like"),
        ("effect_chance == 0", "a condition is written like"),
        ("effect_chance < 1.2.3", "a condition is written like"),
        ("effect_chance < @x", "a condition is written like"),
        ("", "a condition is written like"),
        ("effect_chance < 0 &", "a condition is written like"),
    ],
)
def test_a_condition_is_no_code(text: str, sentence: str, sweep: Sweep) -> None:
    with pytest.raises(ResultError, match=sentence):
        prim(sweep, text)


def test_conditions_are_joined() -> None:
    condition = parse_condition("a >= 1 & b < -2e-1", ["a", "b"])
    exact = parse_condition("a > 1234567.5 & b < -0.1", ["a", "b"])
    assert parse_condition(exact.text, ["a", "b"]) == exact
    assert condition.text == "a >= 1 & b < -0.2"
    held = condition.holds({"a": [1.0, 1.0, 0.9], "b": [-0.3, 0.0, -0.3]})
    assert held.tolist() == [True, False, False]
