"""Who works where: totals hold, shares fall with travel time, errors are printed."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.flows.flows import fit_flows, fit_report
from sim77.analysis.flows.interaction import (
    DISTANCES,
    SLOPES,
    Observed,
    Target,
    fit_slopes,
    largest_remainder,
    leave_one_out,
    mean_by_arrondissement,
    mean_of_others,
    observe,
    read_targets,
    share_paris_by_commune,
)
from sim77.core.errors import TerritoryError
from sim77.core.units import ARRONDISSEMENTS, WORKPLACE_ZONES
from sim77.engine.supply.gravity import commute_distances, fit_decay
from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.science


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_territory()


@pytest.fixture(scope="module")
def parameters() -> ParameterSet:
    return resolve(date(2014, 1, 1))


@pytest.fixture(scope="module")
def targets(territory: Territory) -> dict[str, Target]:
    return read_targets(territory.folder)


@pytest.fixture(scope="module")
def observed(
    territory: Territory, parameters: ParameterSet, targets: dict[str, Target]
) -> Observed:
    return observe(territory, parameters, targets)


@pytest.fixture(scope="module")
def estimate(territory: Territory, parameters: ParameterSet) -> tuple[pd.DataFrame, str]:
    return fit_flows(territory, parameters)


@pytest.fixture(scope="module")
def workers(estimate: tuple[pd.DataFrame, str]) -> np.ndarray:
    """Workers by commune and zone, (n_communes, 4)."""
    return estimate[0]["workers"].to_numpy().reshape(-1, len(WORKPLACE_ZONES))


def test_shipped_flows_are_this_estimate(
    territory: Territory, estimate: tuple[pd.DataFrame, str]
) -> None:
    columns = ["commune_code", "workplace_zone", "workers"]
    pd.testing.assert_frame_equal(territory.flows[columns], estimate[0][columns], check_dtype=False)
    assert (territory.flows["estimated"] == 1).all()


def test_every_resident_at_work_has_a_zone(territory: Territory, workers: np.ndarray) -> None:
    assert (workers >= 0).all()
    assert (workers.sum(axis=1) == territory.communes["residents_at_work"]).all()


def test_arrondissement_shares_hold(observed: Observed, workers: np.ndarray) -> None:
    in_paris = np.bincount(observed.arrondissement, workers[:, 0])
    all_zones = np.bincount(observed.arrondissement, workers.sum(axis=1))
    # To half a person.
    assert np.abs(in_paris - observed.share_paris * all_zones).max() <= 0.5


@pytest.mark.parametrize(
    ("zone", "target"),
    [
        ("paris", "rp2014_share_paris"),
        ("inner-ring", "rp2014_share_petite_couronne"),
        ("within", "rp2014_share_77"),
        ("outer-ring", "rp2014_share_other_outer_ring"),
    ],
)
def test_departement_totals_hold(
    zone: str, target: str, workers: np.ndarray, targets: dict[str, Target]
) -> None:
    percent = 100 * workers[:, WORKPLACE_ZONES.index(zone)].sum() / workers.sum()
    assert percent == pytest.approx(targets[target].value, abs=0.01)


@pytest.mark.parametrize("arrondissement", ARRONDISSEMENTS)
def test_share_in_paris_falls_with_rail_minutes(
    arrondissement: str, observed: Observed, workers: np.ndarray
) -> None:
    here = observed.arrondissement == ARRONDISSEMENTS.index(arrondissement)
    share = workers[here, 0] / workers[here].sum(axis=1)
    assert np.corrcoef(share, observed.covariates[here, 0])[0, 1] < -0.5


def test_slopes_have_the_sign_of_a_disutility(observed: Observed) -> None:
    _, slopes = fit_slopes(observed)
    assert (slopes[: SLOPES.index("suburb")] < 0).all()


def test_an_arrondissement_left_out_is_foretold_better_than_by_the_others_mean(
    observed: Observed,
) -> None:
    model, without_model = (
        np.sqrt(np.mean((predicted - observed.share_paris) ** 2))
        for predicted in (leave_one_out(observed), mean_of_others(observed))
    )
    assert model < without_model


def test_known_slopes_come_back(observed: Observed) -> None:
    """Shares made with known slopes, and priors at these slopes, are fitted without error."""
    constant, slopes = -0.5, observed.prior
    shares = 1 / (1 + np.exp(-(constant + observed.covariates @ slopes)))
    made = Observed(**{**vars(observed), "share_paris": mean_by_arrondissement(shares, observed)})
    found_constant, found_slopes = fit_slopes(made)
    assert found_constant == pytest.approx(constant, abs=1e-4)
    assert found_slopes == pytest.approx(slopes, abs=1e-5)
    assert leave_one_out(made) == pytest.approx(made.share_paris, abs=1e-5)
    assert share_paris_by_commune(made, slopes) == pytest.approx(shares, abs=1e-9)


def test_largest_remainder_meets_the_total() -> None:
    values = np.array([0.6, 0.7, 0.7, 2.0])
    assert largest_remainder(values, 4).tolist() == [0, 1, 1, 2]


def test_a_steeper_decay_shortens_the_way_to_work(
    territory: Territory, workers: np.ndarray
) -> None:
    gentle, steep = (commute_distances(territory, workers, decay) for decay in (0.05, 0.3))
    assert steep.mean_km < gentle.mean_km
    assert steep.median_km < gentle.median_km
    assert steep.share_own_commune > gentle.share_own_commune


def test_decay_of_the_registry_is_the_fitted_one(
    territory: Territory, workers: np.ndarray, targets: dict[str, Target], parameters: ParameterSet
) -> None:
    mean_km, median_km = (targets[name].value for name in DISTANCES)
    fitted = fit_decay(territory, workers, mean_km, median_km)
    assert parameters.gravity_decay_per_km == pytest.approx(fitted, abs=0.01)
    model = commute_distances(territory, workers, fitted)
    assert model.mean_km == pytest.approx(mean_km, rel=0.1)
    assert model.median_km == pytest.approx(median_km, rel=0.1)


def test_the_report_prints_what_was_not_tuned(estimate: tuple[pd.DataFrame, str]) -> None:
    report = estimate[1]
    assert "predicted without it" in report
    assert "reported 6000" in report
    assert "in own commune" in report
    assert all(name in report for name in ARRONDISSEMENTS)


def test_the_report_writes_the_shipped_table(tmp_path: Path, territory: Territory) -> None:
    fit_report(tmp_path)
    assert (tmp_path / "flows.csv").read_bytes() == (territory.folder / "flows.csv").read_bytes()


@pytest.mark.parametrize("content", [None, "id,value,sd\nsuburb,0,1\n"])
def test_missing_targets_are_told(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "flow_targets.csv").write_text(content)
    with pytest.raises(TerritoryError, match=r"flow_targets\.csv"):
        read_targets(tmp_path)
