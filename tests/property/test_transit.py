"""What holds of public transport whatever the timetable: order of rows, and more trains."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.registry.parameters import resolve
from sim77.territory.build.gtfs import read_gtfs
from sim77.territory.build.transit_assumed import WAIT_MAX_MIN
from sim77.territory.build.transit_legs import expected_wait
from sim77.territory.build.transit_network import Network, network_of_gtfs
from sim77.territory.build.transit_paths import build_transit
from sim77.territory.transit_tables import TransitTables, perceived_min
from tests.small_gtfs import AREAS, PAIRS, POINTS, STOPS, Tables, add_trip, small, write

pytestmark = pytest.mark.property

P = resolve(dt.date(2014, 1, 1))
TUESDAY = dt.date(2017, 3, 14)


def network_of(tables: Tables) -> Network:
    with TemporaryDirectory() as folder:
        return network_of_gtfs(read_gtfs(write(Path(folder) / "g.zip", tables)), TUESDAY)


def built(tables: Tables) -> TransitTables:
    return build_transit(POINTS, PAIRS, AREAS, network_of(tables), P)


def composite(tables: TransitTables) -> np.ndarray:
    return perceived_min(tables.pairs, P) - tables.pairs["choice_min"].to_numpy(dtype=float)


def files(tables: TransitTables) -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        tables.write(folder)
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


@settings(max_examples=15, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(random) -> None:
    tables = small()
    tables["calendar_dates"] = [
        {"service_id": "week", "date": 20170501 + k, "exception_type": 2} for k in range(3)
    ]
    expected = files(built(tables))
    for rows in tables.values():
        random.shuffle(rows)
    points = POINTS.sample(frac=1, random_state=random.randrange(1000))
    pairs = PAIRS.sample(frac=1, random_state=random.randrange(1000))
    assert files(build_transit(points, pairs, AREAS, network_of(tables), P)) == expected


trips = st.lists(st.sampled_from(sorted(STOPS)), min_size=2, max_size=5, unique=True)
rides = st.tuples(
    trips, st.integers(400, 509), st.lists(st.integers(1, 30), min_size=4, max_size=4)
)


@settings(max_examples=25, deadline=None)
@given(more=st.lists(rides, min_size=1, max_size=4))
def test_more_trains_never_raise_the_composite_cost(more) -> None:
    tables = small()
    before = composite(built(tables))
    for k, (stops, start, minutes) in enumerate(more):
        times = np.cumsum([start, *minutes])[: len(stops)]
        add_trip(tables, f"more{k}", "s1", zip(stops, times, strict=True))
    assert (composite(built(tables)) <= before + 2e-4).all()


@settings(max_examples=10, deadline=None)
@given(trains=st.integers(1, 12))
def test_doubled_frequency_never_raises_the_composite_cost(trains: int) -> None:
    one, two = small(), small()
    for tables, minutes in ((one, [0]), (two, [0, 1e-9])):
        for k in range(trains):
            for shift in minutes:
                start = 425 + 60 * k / trains
                add_trip(tables, f"N{k}{shift}", "s1", [("a", start), ("g", start + 28)])
    assert (composite(built(two)) <= composite(built(one)) + 2e-4).all()


@given(per_hour=st.floats(0.1, 60), more=st.floats(1.0, 5.0))
def test_more_trains_never_lengthen_the_wait(per_hour: float, more: float) -> None:
    wait = expected_wait(per_hour, WAIT_MAX_MIN, 0.3)
    assert expected_wait(per_hour * more, WAIT_MAX_MIN, 0.3) <= wait <= 30 / per_hour + 1e-9
