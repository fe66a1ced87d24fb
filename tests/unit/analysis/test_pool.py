"""All generations as one sample of the prior, and draws from it that are the posterior."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.calibrate import settle
from sim77.analysis.calibrate.abc import generations, sample_posterior
from sim77.analysis.calibrate.pool import pooled
from sim77.analysis.calibrate.settle import settled, thinned
from sim77.analysis.calibrate.study import CalibrationStudy, study_of

AT, ERROR = 0.6, 0.05
"""What is observed of theta, in its unit, and the standard deviation of the survey's error."""


@pytest.fixture(scope="module")
def study() -> CalibrationStudy:
    return study_of(
        {
            "title": {"en": "known"},
            "anchors": ["2022"],
            "free": {"theta": {}, "g_peer": {}, "g_norm": {}},
            "at_most": {"sum": ["g_peer", "g_norm"], "value": 1.3},
            "scale": 0.01,
            "population": 300,
            "generations": 6,
            "most_evaluations": 5000,
        },
        "known",
    )


@pytest.fixture(scope="module")
def profile(study: CalibrationStudy) -> SimpleNamespace:
    """A model whose only statistic is theta, and which stops at half its posterior's width."""
    return SimpleNamespace(
        study=study,
        observed={"theta": AT},
        half_an_error_each=1.0,
        evaluation=lambda point: point,
        statistics=lambda point, _: {"theta": point["theta"]},
        distance=lambda found: abs(found["theta"] - AT) / ERROR,
    )


@pytest.fixture(scope="module")
def folder(profile: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pool")
    sample_posterior(profile, lambda points: points, made)
    return made


@pytest.fixture(scope="module")
def pool(study: CalibrationStudy, folder: Path) -> pd.DataFrame:
    return pooled(study, folder)


def _mean_sd(values: pd.Series, weights: pd.Series) -> tuple[float, float]:
    x, w = values.to_numpy(), weights.to_numpy()
    return float(w @ x), float(np.sqrt(w @ (x - w @ x) ** 2))


def test_all_generations_weigh_as_the_prior(
    study: CalibrationStudy, pool: pd.DataFrame, folder: Path
) -> None:
    assert len(pool) == study.population * len(generations(folder))
    rng = np.random.default_rng(1)
    prior = pd.DataFrame({
        each.name: rng.uniform(each.low, each.high, 50_000) for each in study.free
    })  # fmt: skip
    prior = prior[prior["g_peer"] + prior["g_norm"] <= 1.3]
    equal = pd.Series(np.full(len(pool), 1.0 / len(pool)))
    for name in prior:
        mean, sd = _mean_sd(pool[name], pool["weight"])
        assert mean == pytest.approx(prior[name].mean(), abs=0.15 * prior[name].std())
        assert sd == pytest.approx(prior[name].std(), rel=0.1)
    assert _mean_sd(pool["theta"], equal)[1] < 0.7 * prior["theta"].std(), "most are near"


def _settled(
    profile: SimpleNamespace, particles: pd.DataFrame, patch: pytest.MonkeyPatch
) -> pd.DataFrame:
    errors = np.random.default_rng(2).normal(0.0, ERROR, len(particles))
    misses = (particles["theta"].to_numpy() - AT + errors) / ERROR
    patch.setattr(settle, "surveyed_misses", lambda *_: misses[:, None])
    return settled(profile, lambda points: points, particles)


def test_draws_are_as_wide_as_what_the_survey_leaves(
    pool: pd.DataFrame, profile: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = _settled(profile, pool, monkeypatch)
    assert len(draws) <= profile.study.population
    assert draws["weight"].sum() == pytest.approx(1.0)
    mean, sd = _mean_sd(draws["theta"], draws["weight"])
    assert mean == pytest.approx(AT, abs=0.2 * ERROR)
    assert sd == pytest.approx(ERROR, rel=0.15)
    _, prior_sd = _mean_sd(pool["g_norm"], pool["weight"])
    assert _mean_sd(draws["g_norm"], draws["weight"])[1] == pytest.approx(prior_sd, rel=0.15)


def test_the_last_generation_alone_would_count_the_observations_twice(
    pool: pd.DataFrame, profile: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = pool.tail(profile.study.population).reset_index(drop=True)
    last["weight"] = 1.0 / len(last)
    draws = _settled(profile, last, monkeypatch)
    assert _mean_sd(draws["theta"], draws["weight"])[1] < 0.6 * ERROR


def test_thinning_keeps_what_is_heavy_and_is_right_in_the_mean() -> None:
    weights = np.random.default_rng(3).pareto(1.5, 200)
    weights = weights / weights.sum()
    found = np.array([thinned(weights, 40, np.random.default_rng(k)) for k in range(400)])
    assert (np.count_nonzero(found, axis=1) == 40).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(400))
    heaviest = np.argsort(weights)[-5:]
    assert found[:, heaviest] == pytest.approx(np.tile(weights[heaviest], (400, 1)))
    x = np.arange(200.0)
    assert (found @ x).mean() == pytest.approx(weights @ x, rel=0.02)
    assert thinned(weights, 200, np.random.default_rng(0)) is weights
