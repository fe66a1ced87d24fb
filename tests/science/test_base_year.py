"""The base year: trains as full as they are said to be, some beyond their seats, and it matters."""

import numpy as np
import pytest

from sim77.engine.model import CommuteModel
from sim77.engine.recorder import SEGMENT_COLUMNS
from sim77.engine.supply.network import Background

pytestmark = pytest.mark.science


@pytest.fixture(scope="module")
def year() -> CommuteModel:
    """The year 2014 at full scale."""
    model = CommuteModel("network-2014")
    while model.running:
        model.step()
    return model


def by_line(model: CommuteModel, column: str) -> np.ndarray:
    """Return a day's sums over each line's innermost segments, shape (n_days, n_lines)."""
    tree = model.network.tree
    inner = np.flatnonzero(tree.parent < 0)
    values = model.recorder.segments[:, inner, SEGMENT_COLUMNS.index(column)]
    return np.stack(
        [
            values[:, tree.line[inner] == line].sum(axis=1)
            for line in range(model.network.target.size)
        ],
        axis=1,
    )


def test_every_lines_peak_load_factor_is_near_its_target(year):
    factor = by_line(year, "peak_riders") / by_line(year, "places")
    lines = year.territory.lines["line"]
    for line, found, target in zip(lines, factor.mean(axis=0), year.network.target, strict=True):
        print(f"line {line}: load factor {found:.3f}, target {target:.2f}")
    assert factor.mean(axis=0) == pytest.approx(year.network.target, abs=0.1)


def test_on_a_day_in_spring_too(year):
    """Not only over the year, holidays included: in March fewer are away than on average."""
    spring = [n for n, day in enumerate(year.recorder.days) if day.month == 3]
    factor = by_line(year, "peak_riders")[spring] / by_line(year, "places")[spring]
    assert factor.mean(axis=0) == pytest.approx(year.network.target, abs=0.1)


def test_trains_run_beyond_their_seats(year):
    per_seat = (by_line(year, "peak_riders") / by_line(year, "seats")).mean(axis=0)
    print(dict(zip(year.territory.lines["line"], per_seat.round(2), strict=True)))
    assert (per_seat > 1.0).sum() >= 1
    assert (per_seat < 3.0).all()


def test_the_background_is_felt(year):
    """Without people who are not simulated, trains and roads would be emptier and quicker."""
    simulated, p = year.memory.loads.simulated, year.parameters
    empty = Background(np.zeros_like(simulated), np.zeros_like(year.memory.loads.volume))
    felt, alone = (
        year.network.perceived_min(simulated + background.riders, year.supply_today, p)
        for background in (year.memory.background, empty)
    )
    print(f"background adds up to {(felt - alone).max():.1f} perceived minutes")
    assert (felt >= alone).all()
    assert (felt - alone).max() > 1.0
    inner = year.network.tree.parent < 0
    assert (simulated[inner] < 0.9 * year.memory.loads.riders[inner]).all()
    assert (year.memory.background.vehicles > 0).any()


def test_nobody_travels_faster_than_an_empty_network(year):
    tree = year.network.tree
    perceived = year.recorder.segments[:, :, SEGMENT_COLUMNS.index("perceived_min")]
    assert (perceived >= tree.ivt_min - 1e-9).all()
    assert (perceived <= year.parameters.crowding_standing_cap * tree.ivt_min).all()
    assert (year.recorder.corridors[:, :, 2] >= 1.0).all()
