"""Who works far away: managers, as observed, while every zone keeps its mix."""

import numpy as np
import pytest

from sim77.analysis.flows.flows import fit_occupations
from sim77.analysis.flows.interaction import CENSUS_DAY, OCCUPATION_MEDIANS, read_targets
from sim77.core.units import OCCUPATION_GROUPS, WORKPLACE_ZONES
from sim77.engine.population.occupations import (
    SORTED_GROUPS,
    occupation_shares,
    shares_by_km,
    slopes_per_km,
    trips,
    zone_mixes,
)
from sim77.engine.population.population import Population, build_population
from sim77.engine.supply.gravity import workplace_km
from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.science


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_territory()


@pytest.fixture(scope="module")
def parameters() -> ParameterSet:
    return resolve(CENSUS_DAY)


@pytest.fixture(scope="module")
def everybody(territory: Territory, parameters: ParameterSet) -> Population:
    return build_population(territory, parameters, seed=3, scale=0.3, zones=WORKPLACE_ZONES)


@pytest.fixture(scope="module")
def km(territory: Territory, everybody: Population) -> np.ndarray:
    table = workplace_km(territory.communes, territory.workplaces)
    return np.asarray(table[everybody.commune, everybody.destination])


def test_the_registry_holds_what_is_fitted_and_the_table_what_follows(
    territory: Territory, parameters: ParameterSet
) -> None:
    table, report = fit_occupations(territory, parameters)
    shipped = territory.occupations["share"].to_numpy()
    assert table["share"].to_numpy() == pytest.approx(shipped, abs=3e-6)
    for group in SORTED_GROUPS:
        line = next(each for each in report.splitlines() if each.split()[:1] == [group])
        _, _, fitted, in_registry = line.split()
        assert float(fitted) == pytest.approx(float(in_registry), abs=1e-3), group


def test_half_of_the_managers_work_beyond_the_observed_median(
    territory: Territory, everybody: Population, km: np.ndarray
) -> None:
    targets = read_targets(territory.folder)
    for group, name in OCCUPATION_MEDIANS.items():
        mine = everybody.group == OCCUPATION_GROUPS.index(group)
        beyond = float(np.mean(km[mine] > targets[name].value))
        # Some 30 000 are drawn, so three standard errors are below 0.01.
        assert beyond == pytest.approx(0.5, abs=0.01), group


def test_every_zone_keeps_its_mix(territory: Territory, everybody: Population) -> None:
    mixes = zone_mixes(territory)
    for index, zone in enumerate(WORKPLACE_ZONES):
        mine = everybody.group[everybody.zone == index]
        drawn = np.bincount(mine, minlength=len(OCCUPATION_GROUPS)) / mine.size
        assert drawn == pytest.approx(mixes[index], abs=0.012), zone


def test_expected_workers_of_a_zone_add_up_to_its_mix_exactly(
    territory: Territory, parameters: ParameterSet
) -> None:
    for index, zone in enumerate(WORKPLACE_ZONES):
        workers, _ = trips(territory, parameters, zone)
        shares = occupation_shares(territory, parameters, zone)
        together = (workers[..., None] * shares).sum(axis=(0, 1)) / workers.sum()
        assert together == pytest.approx(zone_mixes(territory)[index], abs=1e-8), zone
        assert shares.sum(axis=-1) == pytest.approx(1.0)


def test_in_paris_nobody_lives_farther_for_an_occupation(
    territory: Territory, parameters: ParameterSet
) -> None:
    shares = occupation_shares(territory, parameters, "paris")
    assert np.ptp(shares, axis=(0, 1)) == pytest.approx(0.0)


def test_odds_go_with_distance_as_the_slopes_say(
    territory: Territory, parameters: ParameterSet
) -> None:
    _, km = trips(territory, parameters, "within")
    shares = occupation_shares(territory, parameters, "within")
    manual = OCCUPATION_GROUPS.index("manual")
    slopes = slopes_per_km(parameters)
    for group in SORTED_GROUPS:
        column = OCCUPATION_GROUPS.index(group)
        odds = np.log(shares[0, :, column] / shares[0, :, manual])
        slope = np.polyfit(km[0], odds, 1)[0]
        assert slope == pytest.approx(slopes[column], rel=1e-6), group


def test_a_group_that_a_zone_has_not_stays_absent() -> None:
    mix = np.array([0.5, 0.5, 0.0, 0.0, 0.0])
    km, slopes = np.array([1.0, 10.0, 30.0]), np.array([0.05, 0.0, -0.05, 0.0, 0.0])
    shares = shares_by_km(np.array([2.0, 1.0, 1.0]), km, mix, slopes)
    assert shares[:, 2:] == pytest.approx(0.0)
    assert np.all(np.diff(shares[:, 0]) > 0)
    assert np.array([0.5, 0.25, 0.25]) @ shares == pytest.approx(mix)
