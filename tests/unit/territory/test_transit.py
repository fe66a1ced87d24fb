"""Public transport as it is built: segments, trains worth taking, ways, riders and their files."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim77.core.errors import TerritoryError
from sim77.registry.parameters import resolve
from sim77.scenario import file as scenario_file
from sim77.territory.build import transit_network
from sim77.territory.build.gtfs import read_gtfs
from sim77.territory.build.transit_assumed import HEADWAY_MIN, TRANSFER_MIN, WAIT_MAX_MIN
from sim77.territory.build.transit_legs import StopToStop, connect, expected_wait
from sim77.territory.build.transit_network import (
    Network,
    add_hops,
    add_lines,
    describe_lines,
    network_of_gtfs,
    read_lines,
    read_network,
    write_network,
)
from sim77.territory.build.transit_paths import build_transit, choose
from sim77.territory.new_line import lines_of
from sim77.territory.transit_tables import TransitTables, perceived_min, read_transit
from tests.small_gtfs import AREAS, PAIRS, POINTS, add_trip, small, write

pytestmark = pytest.mark.unit

P = resolve(dt.date(2014, 1, 1))
SOUTH = Path(scenario_file.__file__).parent / "lines" / "grand-paris-15-south.csv"
LINES = Path(transit_network.__file__).parent / "lines"


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return network_of_gtfs(read_gtfs(write(tmp_path / "g.zip", small())), dt.date(2017, 3, 14))


def built(network: Network) -> TransitTables:
    return build_transit(POINTS, PAIRS, AREAS, network, P)


def composite(tables: TransitTables) -> np.ndarray:
    return perceived_min(tables.pairs, P) - tables.pairs["choice_min"].to_numpy(dtype=float)


def leg(between: StopToStop, a: str, b: str) -> int:
    """Return the number of the ride from a stop to another."""
    found = (between.legs.from_stop == between.names.index(a)) & (
        between.legs.to_stop == between.names.index(b)
    )
    return int(np.flatnonzero(found)[0])


def twice_as_often(network: Network) -> Network:
    runs = tuple(run._replace(per_hour=2 * run.per_hour) for run in network.runs)
    return Network(network.stops, network.lines, runs)


# Segments and legs ---------------------------------------------------------------------------


def test_an_express_runs_through_the_stations_that_it_passes(network: Network) -> None:
    segments = connect(network, P).segments
    south = segments[segments["line"] == "R"].set_index(["from_stop", "to_stop"])
    assert list(south.index) == [
        ("Ablon", "Brunoy"), ("Brunoy", "Cesson"), ("Cesson", "Draveil"), ("Draveil", "Gare"),
    ]  # fmt: skip
    # The last train, a fast one, leaves Draveil after the peak.
    assert south["trains_per_hour"].tolist() == pytest.approx([4.0, 4.0, 4.0, 5 / 1.5])
    assert south["minutes"].iloc[:3].sum() == pytest.approx((18 + 22) / 2)
    assert south["minutes"].iloc[3] == pytest.approx((2 * 12 + 3 * 13) / 5)
    assert [list(each) for each in south["upstream"]] == [[], [0], [1], [2]]


def test_riders_wait_for_the_trains_worth_taking(network: Network) -> None:
    between = connect(network, P)
    legs = between.legs
    both = leg(between, "Ablon", "Gare")
    assert legs.ivt_min[both] == pytest.approx((30 + 35) / 2)
    assert legs.wait_min[both] == pytest.approx(30 / 4)
    slow_only = leg(between, "Ablon", "Brunoy")
    assert legs.ivt_min[slow_only] == 5.0
    assert legs.wait_min[slow_only] == pytest.approx(expected_wait(2.0, WAIT_MAX_MIN, 0.3))
    assert WAIT_MAX_MIN < legs.wait_min[slow_only] < 15.0


def test_a_train_too_slow_to_be_worth_taking_is_let_go(tmp_path: Path) -> None:
    tables = small()
    for k in range(3):
        add_trip(tables, f"slow{k}", "s1", [("a", 425 + 30 * k), ("g", 525 + 30 * k)])
    gtfs = read_gtfs(write(tmp_path / "g.zip", tables))
    between = connect(network_of_gtfs(gtfs, dt.date(2017, 3, 14)), P)
    legs = between.legs
    ride = leg(between, "Ablon", "Gare")
    options = slice(legs.option_first[ride], legs.option_first[ride + 1])
    assert {between.lines[each] for each in legs.line[options]} == {"R"}
    assert legs.part[options].sum() == pytest.approx(1.0)


def test_a_change_costs_its_walk_wait_and_penalty(network: Network) -> None:
    between = connect(network, P)
    start, end = between.names.index("Est"), between.names.index("Gare")
    ways, legs = between.ways, between.legs
    first, second = leg(between, "Est", "Draveil"), leg(between, "Draveil", "Gare")
    assert ways.transfers[start, end] == 1
    assert ways.walk_min[start, end] == TRANSFER_MIN
    assert ways.cost[start, end] == pytest.approx(
        legs.cost[first] + legs.cost[second] + TRANSFER_MIN * P.multiplier_walk
        + P.transfer_penalty_min
    )  # fmt: skip
    assert np.isinf(ways.cost[end, start])  # no train goes there


def test_doubled_frequency_shortens_every_wait_for_the_same_trains(network: Network) -> None:
    before, after = connect(network, P), connect(twice_as_often(network), P)
    assert (after.legs.wait_min < before.legs.wait_min).all()
    assert (after.ways.cost <= before.ways.cost).all()


# Riders --------------------------------------------------------------------------------------


def test_what_boards_alights(network: Network) -> None:
    tables = built(network)
    segments, rows = tables.segments, tables.paths.toarray().astype(float)
    stops = sorted({*segments["from_stop"], *segments["to_stop"]})
    out, into = (
        np.stack([rows[:, segments[end] == stop].sum(axis=1) for stop in stops], axis=1)
        for end in ("from_stop", "to_stop")
    )
    # Changes are within a station here: what leaves more stops than enters them has boarded there.
    assert np.array_equal(np.maximum(out - into, 0).sum(axis=1), tables.pairs["rail_share"])
    assert np.array_equal(np.maximum(into - out, 0).sum(axis=1), tables.pairs["rail_share"])
    assert tables.pairs["rail_share"].max() > 0.9


def test_waits_by_line_sum_to_the_wait(network: Network) -> None:
    tables = built(network)
    total = np.asarray(tables.waits.sum(axis=1)).ravel()
    assert np.array_equal(total, tables.pairs["wait_min"])
    assert tables.lines["line"].tolist() == ["R", "S"]
    east = 2 * PAIRS.index[(PAIRS["commune"] == "3") & (PAIRS["workplace"] == "9")][0]
    assert (tables.waits[east].toarray() > 0).all()


def test_choice_equals_a_logit_written_out(network: Network) -> None:
    """One point at each end: every way to and from every stop, one by one."""
    points = POINTS.drop_duplicates("zone")
    pairs = pd.DataFrame({"commune": ["1"], "workplace": ["9"]})
    chosen = choose(points, pairs, AREAS, network, P)
    between = chosen.between
    km_of = {
        zone: transit_network.crow_fly_km(row["lat"], row["lon"], between.lat, between.lon)
        for zone, row in points.set_index("zone").iterrows()
    }
    minutes = {
        "walk": lambda km: 2 * km * 1.3 / 4.5 * 60 if km <= 1.5 else np.inf,
        "bus": lambda km: 4 * 2 + 8 * 1.5 + km * 1.3 / 15 * 60 + 15,
        "bicycle": lambda km: 1.5 * (km * 1.3 / 14 * 60 + 6) if km <= 5 else np.inf,
    }
    alone_km = transit_network.crow_fly_km(48.605, 2.505, 48.848, 2.372)
    costs = [8 + 12 + alone_km * 1.3 / 15 * 60 + (alone_km / 3 - 1) * (12 + 15)]
    for a, start_km in enumerate(km_of["1"]):
        for b, end_km in enumerate(km_of["9"]):
            for to in ("walk", "bus", "bicycle"):
                for end in ("walk", "bus"):
                    reached = (to != "bus" or start_km <= 10) and (end != "bus" or end_km <= 3)
                    if reached:
                        costs.append(
                            minutes[to](start_km) + between.ways.cost[a, b] + minutes[end](end_km)
                        )
    expected = -np.log(np.exp(-0.15 * np.array(costs)).sum()) / 0.15
    found = perceived_min(chosen.pairs, P) - chosen.pairs["choice_min"].to_numpy(dtype=float)
    assert found[0] == pytest.approx(expected, abs=1e-4)


def test_car_at_hand_never_costs_more(network: Network) -> None:
    tables = built(network)
    cost = composite(tables)
    assert (cost[1::2] <= cost[::2] + 1e-4).all()
    assert (tables.pairs["car_min"][::2] == 0).all()
    assert tables.pairs["car_min"][1::2].max() > 1
    core = 2 * PAIRS.index[PAIRS["commune"] == "9"][0]
    assert tables.pairs["car_min"][core + 1] == 0


def test_a_pair_without_rail_takes_the_bus(network: Network) -> None:
    far = pd.concat([POINTS, pd.DataFrame([("8", 46.0, 2.0, 1.0)], columns=POINTS.columns)])
    areas = pd.concat([AREAS, pd.Series({"8": "outer-rural"})])
    pairs = pd.DataFrame({"commune": ["8"], "workplace": ["9"]})
    tables = build_transit(far, pairs, areas, network, P)
    row = tables.pairs.iloc[0]
    assert row["rail_share"] == row["ivt_min"] == row["wait_min"] == row["km"] == 0
    assert row["bus_km"] > 300
    assert tables.paths.nnz == tables.waits.nnz == 0


def test_zones_without_points_or_area_are_told(network: Network) -> None:
    with pytest.raises(TerritoryError, match=r"zone '2' has no point\.\s+(Known|Did)"):
        build_transit(POINTS[POINTS["zone"] != "2"], PAIRS, AREAS, network, P)
    with pytest.raises(TerritoryError, match=r"area type of zone '3' must be one of core"):
        build_transit(POINTS, PAIRS, AREAS.drop("3"), network, P)


# Lines ---------------------------------------------------------------------------------------


def test_hops_run_both_ways_and_branches_share_the_trains(network: Network) -> None:
    hops = pd.DataFrame(
        [("M", 0, "Est", "Mairie"), ("M", 0, "Mairie", "Nord"), ("M", 0, "Mairie", "Ouest")],
        columns=["line", "direction", "from", "to"],
    )
    lat = {"Est": 48.75, "Mairie": 48.75, "Nord": 48.76, "Ouest": 48.74}
    lon = {"Est": 2.60, "Mairie": 2.61, "Nord": 2.62, "Ouest": 2.62}
    for end in ("from", "to"):
        hops[f"{end}_lat"], hops[f"{end}_lon"] = hops[end].map(lat), hops[end].map(lon)
    hops["seconds"] = 120
    wider = add_hops(network, hops, "metro")
    segments = connect(wider, P).segments
    metro = segments[segments["line"] == "M"].set_index(["from_stop", "to_stop"])
    trunk = 60 / HEADWAY_MIN["metro"]
    assert metro["trains_per_hour"].to_dict() == pytest.approx(
        {
            ("Est", "Mairie"): trunk, ("Mairie", "Est"): trunk, ("Mairie", "Nord"): trunk / 2,
            ("Mairie", "Ouest"): trunk / 2, ("Nord", "Mairie"): trunk / 2,
            ("Ouest", "Mairie"): trunk / 2,
        }
    )  # fmt: skip
    assert (metro["minutes"] == 2.0).all()


def test_a_new_line_is_built_like_the_others(network: Network, tmp_path: Path) -> None:
    (line,) = lines_of(SOUTH)
    assert (len(line.stops), line.stops[-1].minutes) == (16, 37)
    wider = add_lines(network, [line])
    assert wider.lines["15 South"].places_per_train == 960
    near = pd.DataFrame(
        [("4", 48.814, 2.512, 1.0), ("5", 48.787, 2.366, 1.0)], columns=POINTS.columns
    )
    areas, pairs = pd.Series({"4": "inner", "5": "inner"}), pd.DataFrame([("4", "5")])
    pairs.columns = pd.Index(["commune", "workplace"])

    build_transit(near, pairs, areas, wider, P).write(tmp_path)
    tables = read_transit(tmp_path)
    new = tables.segments[tables.segments["line"] == "15 South"]
    assert len(new) == 30
    assert (new["trains_per_hour"] == 30).all()
    assert tables.pairs["rail_share"][0] > 0.9
    assert tables.pairs["ivt_min"][0] == pytest.approx(29.4 - 14.5, abs=1)


def test_a_new_line_needs_a_name_and_stops_of_its_own(network: Network) -> None:
    (line,) = lines_of(SOUTH)
    with pytest.raises(TerritoryError, match="line 'R' is there already"):
        add_lines(network, [replace(line, line="R")])
    away = replace(line.stops[3], stop="Ablon")
    with pytest.raises(TerritoryError, match=r"stop 'Ablon' is .* km from the stop of that name"):
        add_lines(network, [replace(line, stops=(*line.stops[:3], away))])


def test_a_network_is_read_as_it_was_written(network: Network, tmp_path: Path) -> None:
    wider = add_lines(network, lines_of(SOUTH))
    write_network(wider, tmp_path)
    lines = built(wider).lines
    assert read_network(tmp_path, lines) == wider
    with pytest.raises(TerritoryError, match=r"runs\.parquet, row 0: expected a line of lines"):
        read_network(tmp_path, lines[lines["line"] == "R"])


def test_lines_are_described_by_a_table(network: Network) -> None:
    found = describe_lines(network, read_lines(LINES / "ile_de_france.csv")).lines["R"]
    assert (found.label_en, found.kind, found.seats_per_train) == ("Line R", "train", 1712)


# Files ---------------------------------------------------------------------------------------


def test_tables_are_read_as_they_were_written(network: Network, tmp_path: Path) -> None:
    tables = built(network)
    tables.write(tmp_path)
    again = read_transit(tmp_path)
    pd.testing.assert_frame_equal(again.pairs, tables.pairs)
    assert list(again.lines["kind"]) == list(tables.lines["kind"])
    assert (again.paths != tables.paths).nnz == (again.waits != tables.waits).nnz == 0
    assert [list(each) for each in again.segments["upstream"]] == list(tables.segments["upstream"])


def _reworked(column: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def rework(path: Path) -> None:
        table = pq.read_table(path)
        at = table.column_names.index(column)
        values = change(table[column].to_numpy().copy())
        pq.write_table(table.set_column(at, column, pa.array(values)), path)

    return rework


@pytest.mark.parametrize(
    ("file", "damage", "sentence"),
    [
        ("pairs", _reworked("walk_min", lambda x: -x - 1), r"pairs\.parquet, row 0: walk_min must"),
        ("pairs", _reworked("rail_share", lambda x: x + 2), r"rail_share must be a number from 0"),
        ("pairs", _reworked("wait_min", lambda x: x + 1), r"waits\.parquet, row 0: minutes must"),
        ("segments", _reworked("line", lambda x: x + "x"), r"row 0: line must be known, not Rx"),
        ("segments", _reworked("minutes", lambda x: -x), r"row 0: minutes must be a number from 0"),
        ("paths", _reworked("segment", lambda x: x + 99), r"paths\.parquet must be sorted by row"),
        ("paths", _reworked("row", lambda x: x[::-1]), r"paths\.parquet must be sorted by row"),
        ("paths", _reworked("share", lambda x: x + 2), r"share must be from 0 to 1"),
        ("waits", lambda path: path.write_bytes(b"no"), r"waits\.parquet cannot be read"),
        ("waits", lambda path: path.unlink(), r"waits\.parquet: the file is missing"),
    ],
)
def test_damage_is_told_by_file_and_row(
    network: Network, tmp_path: Path, file: str, damage: Callable[[Path], None], sentence: str
) -> None:
    built(network).write(tmp_path / "t")
    damage(tmp_path / "t" / f"{file}.parquet")
    with pytest.raises(TerritoryError, match=sentence) as told:
        read_transit(tmp_path / "t")
    assert "\n" not in str(told.value)
