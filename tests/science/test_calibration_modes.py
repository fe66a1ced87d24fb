"""The constants of the car reproduce the census; within an arrondissement the rail share falls
with the distance to the station."""

import numpy as np
import pytest

from sim77.analysis.calibrate.mode_constants import (
    NAMES,
    rail_targets,
    solve_mode_constants,
)
from sim77.analysis.calibrate.targets import calibration_rows
from sim77.core.units import ARRONDISSEMENTS
from sim77.engine.model import CommuteModel
from sim77.registry.parameters import load_parameters

pytestmark = pytest.mark.science

PERCENT = calibration_rows()["value"].to_dict()


def test_the_shipped_constants_are_the_solution() -> None:
    solved = solve_mode_constants(PERCENT, mu_modes=(load_parameters()["mu_mode"].value,))
    assert np.abs(solved.shares[0] - rail_targets(PERCENT)).max() < 1e-4
    shipped = [load_parameters()[name].value for name in NAMES]
    assert solved.values[0] == pytest.approx(shipped, abs=0.01)


def test_constants_between_two_solved_scales_reproduce_the_shares() -> None:
    solved = solve_mode_constants(PERCENT, mu_modes=(1.5, 2.0, 2.5), scale=0.1)
    between = solve_mode_constants(PERCENT, mu_modes=(1.75,), scale=0.1)
    wanted = dict(zip(NAMES, between.values[0], strict=True))
    assert solved.at(1.75) == pytest.approx(wanted, abs=0.02)


def test_the_rail_share_falls_with_the_way_to_the_station() -> None:
    model = CommuteModel("no-telecentres", scale=1.0)
    while len(model.recorder.days) < 5:
        model.step()
    people, w = model.population, model.columns
    at_work = w.kind >= 0
    rail = w.office_mode[at_work] == 0
    access_min = model.effects.travel.station_car_km[people.market][at_work]
    area = model.territory.communes["arrondissement"].map(ARRONDISSEMENTS.index).to_numpy()
    area = area[people.commune][at_work]
    driven = access_min > 0.0
    for k, name in enumerate(ARRONDISSEMENTS):
        here = (area == k) & driven & people.car_available[at_work]
        near = here & (access_min <= np.median(access_min[here]))
        far = here & ~near
        assert rail[far].mean() < rail[near].mean(), name
