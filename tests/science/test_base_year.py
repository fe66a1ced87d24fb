"""The base year: some trains run beyond their seats, none beyond its places, and it matters."""

import numpy as np
import pytest

from sim77.engine.model import CommuteModel
from sim77.engine.recorder import SECTION_COLUMNS, SEGMENT_COLUMNS
from sim77.engine.supply.network import Background

pytestmark = pytest.mark.science


@pytest.fixture(scope="module")
def year() -> CommuteModel:
    """The year 2014 at full scale."""
    model = CommuteModel("network-2014")
    while model.running:
        model.step()
    return model


def by_segment(model: CommuteModel, column: str) -> np.ndarray:
    """Return a column of every segment and day, shape (n_days, n_segments)."""
    return model.recorder.segments[:, :, SEGMENT_COLUMNS.index(column)]


def test_some_trains_run_beyond_their_seats_and_none_beyond_its_places(year):
    riders = by_segment(year, "peak_riders")
    load = riders / by_segment(year, "places")
    fullest = load.mean(axis=0).max()
    print(f"fullest segment on the mean day: {fullest:.3f} of its places")
    assert fullest > 0.8
    assert load.max() <= 1.0 + 1e-9
    assert (riders > by_segment(year, "seats")).any()


def test_the_background_is_felt(year):
    """Without people who are not simulated, trains and roads would be emptier and quicker."""
    simulated, p = year.memory.loads.simulated, year.parameters
    empty = Background(np.zeros_like(simulated), np.zeros_like(year.memory.loads.volume))
    felt, alone = (
        year.network.perceived_min(simulated + background.riders, year.trains_today, p)
        for background in (year.memory.background, empty)
    )
    print(f"background adds up to {(felt - alone).max():.1f} perceived minutes")
    assert (felt >= alone).all()
    assert (felt - alone).max() > 1.0
    busy = year.memory.loads.riders > 100.0
    assert (simulated[busy] < year.memory.loads.riders[busy]).all()
    assert (year.memory.background.vehicles > 0).any()


def test_nobody_travels_faster_than_an_empty_network(year):
    assert (by_segment(year, "perceived_min") >= 0.0).all()
    ratio = year.recorder.sections[:, :, SECTION_COLUMNS.index("travel_time_ratio")]
    assert (ratio >= 1.0).all()
