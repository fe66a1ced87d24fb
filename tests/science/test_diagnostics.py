"""The diagnostics of a small calibration: they run, resume, agree, and fail when they should."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import sim77
from sim77.analysis.calibrate import conclusions, recovery, sbc, settle, synthetic
from sim77.analysis.calibrate.adjust import Draws, adjusted
from sim77.analysis.calibrate.calibrate import EVALUATIONS_FILE, calibrate
from sim77.analysis.calibrate.diagnose import FOLDER, Diagnosis
from sim77.analysis.calibrate.evaluations import Evaluation, evaluate, open_evaluations
from sim77.analysis.calibrate.identify import STEPS
from sim77.analysis.calibrate.profile import make_profile
from sim77.analysis.calibrate.study import CalibrationStudy, study_of
from sim77.core.errors import StudyError

pytestmark = pytest.mark.science


@pytest.fixture(scope="module")
def study() -> CalibrationStudy:
    return study_of(
        {
            "title": {"en": "reduced"},
            "anchors": ["2022"],
            "free": {
                "b_friday": {"together": ["b_weekday_friday"]},
                # So narrow that the data cannot tell its ends apart.
                "b_fibre": {"low": 0.59, "high": 0.6},
            },
            "scale": 0.005,
            "check_scale": 0.0,
            "population": 16,
            "generations": 2,
            "most_evaluations": 200,
            "recovery": {"population": 16, "generations": 2},
            "sbc": {"free": ["b_friday"], "simulations": 40, "truths": 30, "kept": 0.5},
        },
        "reduced",
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diagnosed")


def _tables(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (folder / FOLDER).glob("*.csv")}


def _evaluated(folder: Path) -> int:
    with closing(sqlite3.connect(folder / EVALUATIONS_FILE)) as file:
        return int(file.execute("SELECT COUNT(*) FROM answers").fetchone()[0])


def _summary(folder: Path) -> dict:
    return yaml.safe_load((folder / FOLDER / "diagnostics.yaml").read_text(encoding="utf-8"))


@pytest.mark.long
def test_recovery_resumes_and_fails_a_shrunk_interval(
    study: CalibrationStudy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Evaluation] = []

    def dying(evaluation: Evaluation) -> dict:
        calls.append(evaluation)
        if len(calls) == 40:
            raise KeyboardInterrupt
        return evaluate(evaluation)

    monkeypatch.setattr("sim77.analysis.calibrate.evaluations.evaluate", dying)
    diagnosis = Diagnosis(study, folder, workers=0)
    with pytest.raises(KeyboardInterrupt):
        diagnosis.recovery(3)
    (verdict,) = diagnosis.recovery(3)
    keys = [each.key for each in calls]
    assert len(keys) == len(set(keys)) + 1, "only the run under way is done again"
    found = pd.read_csv(folder / FOLDER / "recovery.csv")
    assert len(found) == 3 * len(study.free)
    place = (found["truth"] - found["prior_low"]) / (found["prior_high"] - found["prior_low"])
    assert ((place <= 0.25) | (place >= 0.75)).all()
    counts = pd.read_csv(folder / FOLDER / "recovery_counts.csv").set_index("parameter")
    assert counts.loc["b_friday", "identified"]
    assert _summary(folder)["recovery"]["passed"] == verdict.passed

    right = recovery.weighted_quantiles

    def narrow(x: np.ndarray, weights: np.ndarray, at: tuple[float, ...]) -> np.ndarray:
        low, _ = right(x, weights, at)
        return np.array([low, low])  # no truth lies in it

    monkeypatch.setattr(recovery, "weighted_quantiles", narrow)
    (verdict,) = diagnosis.recovery(3)
    assert verdict.passed is False
    assert "too few for" in sim77.text(verdict)
    assert len(set(keys)) == len({each.key for each in calls}), "nothing was run again"


@pytest.mark.long
def test_ranks_come_again_and_those_of_shrunk_posteriors_fail(
    study: CalibrationStudy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diagnosis = Diagnosis(study, folder, workers=0)
    (verdict,) = diagnosis.sbc()
    assert _summary(folder)["sbc"]["passed"] == verdict.passed
    first = (folder / FOLDER / "sbc.csv").read_bytes()
    held = _held(folder)
    diagnosis.sbc()
    assert (folder / FOLDER / "sbc.csv").read_bytes() == first
    diagnosis.sbc(20)
    assert _summary(folder)["sbc"]["truths"] == 20
    (folder / sbc.FOLDER / sbc.RANKS_FILE).unlink()

    def shrunk(place: np.ndarray, misses: np.ndarray, kept: float) -> Draws:
        draws = adjusted(place, misses, kept)
        middle = draws.weights @ draws.place
        return Draws(middle + 0.3 * (draws.place - middle), draws.weights)

    monkeypatch.setattr(sbc, "adjusted", shrunk)
    (verdict,) = diagnosis.sbc()
    assert verdict.passed is False
    assert "too narrow" in sim77.text(verdict)
    assert _held(folder) < held - 0.2


def _held(folder: Path) -> float:
    return float(pd.read_csv(folder / FOLDER / "sbc_counts.csv")["held_80"].item())


@pytest.mark.long
def test_ranks_are_uniform(study: CalibrationStudy, folder: Path) -> None:
    reduced = {"free": ["b_fibre"], "simulations": 60, "truths": 50, "kept": 0.5}
    (verdict,) = Diagnosis(replace(study, sbc=reduced), folder, workers=0).sbc()
    assert verdict.passed, sim77.text(verdict)


def test_nothing_counts_against_a_point_that_faces_a_survey_of_itself(
    study: CalibrationStudy, folder: Path
) -> None:
    """Solved agreements would meet other days a week than those that it was surveyed with."""
    profile = make_profile(study)
    points = synthetic.prior_points(study, 2)
    surveys = synthetic.surveys(profile, 2, synthetic.PARTICLES)
    with open_evaluations(folder / "own.db", workers=0) as evaluations:
        summaries = evaluations([profile.evaluation(each) for each in points])
        message = synthetic.observed(profile, points[0], summaries[0], surveys[0])
        facing = make_profile(study, message)
        itself, other = settle.surveyed_misses(facing, evaluations, points)
        solved = facing.statistics(points[0], summaries[0])
    assert np.abs(np.array(list(facing.misses(solved).values()))).max() > 0.05
    assert np.allclose(itself, 0.0, atol=0.02), "of an error: shares covered take a few steps"
    assert np.abs(other).max() > 0.5


def test_rates_that_agreements_are_solved_on_are_told_from_nothing_however_small(
    study: CalibrationStudy, folder: Path
) -> None:
    """A rate that errors hide is met by any small share covered, at any take-up."""
    profile = make_profile(study)
    (point,) = synthetic.prior_points(study, 1)
    with open_evaluations(folder / "own.db", workers=0) as evaluations:
        (summary,) = evaluations([profile.evaluation(point)])
    solved = [each for each in profile.targets if each.use == "solve"]
    hidden = 0
    for survey in synthetic.surveys(profile, 50):
        exact = replace(survey, errors=np.zeros_like(survey.errors))
        true = synthetic.observed(profile, point, summary, exact)
        facing = make_profile(study, synthetic.observed(profile, point, summary, survey))
        for target in solved:
            (faced,) = (each for each in facing.targets if each.name == target.name)
            hidden += true[target.name] < target.error
            assert np.isclose(faced.error / faced.value, target.error / target.value)
            off = abs(np.log(faced.value / true[target.name]))
            assert off < 4.0 * target.error / target.value / synthetic.ERRORS_IN_SD
    assert hidden > 50, "with the errors of the real rates they would be"


@pytest.mark.long
def test_what_the_data_identify_and_what_hangs_on_the_rest(
    study: CalibrationStudy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conclusions, "DRAWS", 2)
    few_seeds = partial(conclusions.draw_conclusions, seeds=2)
    monkeypatch.setattr("sim77.analysis.calibrate.diagnose.draw_conclusions", few_seeds)
    diagnosis = Diagnosis(study, folder, workers=0)
    with pytest.raises(StudyError, match="what the calibration itself leaves there"):
        diagnosis.profiles()
    calibrate(study, folder, workers=0)
    with pytest.raises(StudyError, match="what --profiles leaves there"):
        diagnosis.conclusions()
    with pytest.raises(StudyError, match="holds a calibration of another study"):
        Diagnosis(replace(study, seed=2), folder, workers=0).profiles()
    before = _evaluated(folder)
    identified, predicted = diagnosis.profiles()
    assert _evaluated(folder) <= before + STEPS * len(study.free), "kept points are not run again"
    assert identified.passed is None
    assert predicted.passed is not None
    table = pd.read_csv(folder / FOLDER / "identification.csv").set_index("parameter")
    assert table.loc["b_fibre", "verdict"] == "not_identified"
    assert table.loc["b_friday", "rise_low"] > table.loc["b_fibre", ["rise_low", "rise_high"]].max()
    profiles = pd.read_csv(folder / FOLDER / "profiles.csv")
    assert (profiles["distance"] >= profiles["best"] - 1e-9).all()
    checks = pd.read_csv(folder / FOLDER / "predictive.csv")
    assert checks["quantile"].between(0.0, 1.0).all()
    assert (checks["low"] <= checks["median"]).all()
    diagnosis.conclusions(scale=0.01)
    found = pd.read_csv(folder / FOLDER / "conclusions.csv")
    assert set(found["parameter"]) >= {"solved", "b_fibre", "posterior", "asc_tc"}
    rows = found["end"][found["parameter"] == "posterior"].astype(int)
    assert rows.nunique() == conclusions.DRAWS
    assert rows.between(0, len(pd.read_csv(folder / "posterior.csv")) - 1).all()
    of_centres = found[found["parameter"] == "asc_tc"]
    few, many = of_centres[of_centres["conclusion"] == "centre_share_2022"]["mean"]
    assert few < many
    # Each end is called by the percent of remote days that centres hold there.
    called = of_centres["end"].str.removesuffix(" %").astype(float)
    assert called.between(0.0, 1.0).all()
    assert len(pd.read_csv(folder / FOLDER / "sensitivity.csv")) == 10
    assert set(_summary(folder)) >= {"identification", "predictive", "conclusions"}
    first = _tables(folder)
    diagnosis.conclusions(scale=0.01)
    assert _tables(folder) == first
