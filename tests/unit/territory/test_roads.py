"""Roads of a territory: graph, equilibrium, tables, and what is said of wrong input."""

import datetime as dt
import itertools
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from sim77.core.errors import TerritoryError
from sim77.registry.parameters import resolve
from sim77.territory.build.assignment import assign, loaded_minutes, section_minutes
from sim77.territory.build.car_flows import car_commuters
from sim77.territory.build.road_network import CLASSES, DETOUR, LOCAL_KMH, build_network
from sim77.territory.build.roads import AT_WORK, build_road, largest
from sim77.territory.road_tables import RoadTables, read_roads

pytestmark = pytest.mark.unit

Tables = dict[str, Any]
P = resolve(dt.date(2014, 1, 1))
LAT = 48.0
KM_LAT = math.pi / 180 * 6371.0088


def wkb(*places: tuple[float, float]) -> bytes:
    return struct.pack("<BII", 1, 2, len(places)) + b"".join(
        struct.pack("<dd", *place) for place in places
    )


def at(x_km: float, y_km: float) -> tuple[float, float]:
    """Return longitude and latitude of a place on a plane."""
    return x_km / KM_LAT / math.cos(math.radians(LAT)), LAT + y_km / KM_LAT


@pytest.fixture
def country() -> Tables:
    """Three towns in a row; a primary road passes all, a motorway the first and the last."""
    towns = {"10001": (0.0, 0.5), "10002": (20.0, 0.5), "10003": (40.0, 0.5)}
    road = [at(x, 0.0) for x in np.arange(-2.0, 42.1, 0.5)]
    rows = [
        {"osm_id": str(i), "fclass": "primary", "ref": "D 1", "oneway": "B", "maxspeed": 0.0,
         "geometry": wkb(*road[i : i + 3])}
        for i in range(0, len(road) - 2, 2)
    ]  # fmt: skip
    axis = [at(x, y) for x, y in ((1.0, 0.3), (20.0, 3.0), (39.0, 0.3))]
    flows = [(a, b, 3000.0) for a in towns for b in towns]
    return {
        "zones": pd.DataFrame(
            {"code": [*towns], "area_type": ["outer-rural"] * 3, "area_km2": [10.0, 20.0, 30.0]}
        ),
        "points": pd.DataFrame(
            [(zone, at(*place)[1], at(*place)[0], 1.0) for zone, place in towns.items()],
            columns=["zone", "lat", "lon", "weight"],
        ),
        "roads": pd.DataFrame(rows),
        "axes": pd.DataFrame(
            [("A1", 0, i, *place) for i, place in enumerate(axis)],
            columns=["road", "part", "order", "lon", "lat"],
        ),
        "pairs": pd.DataFrame(flows, columns=["commune", "workplace", "cars"])[
            ["commune", "workplace"]
        ],
        "car_flows": pd.DataFrame(flows, columns=["commune", "workplace", "cars"]),
        "parameters": P,
    }


def peak_min(tables: RoadTables) -> np.ndarray:
    return (
        tables.pairs["free_flow_min"] + tables.paths @ (tables.sections["base_ratio"] - 1)
    ).to_numpy()


# Equilibrium ---------------------------------------------------------------------------------


def two_routes(capacity: float) -> pd.DataFrame:
    """A short road that jams and a long one that does not; both end at a node of their own."""
    return pd.DataFrame(
        {
            "start": [0, 0, 2, 3],
            "end": [2, 3, 1, 1],
            "free_flow_min": [10.0, 15.0, 0.0, 0.0],
            "vehicles_per_hour": [capacity, 1.0, 1.0, 1.0],
            "alpha": [1.0, 0.0, 0.0, 0.0],
            "beta": [4.0, 1.0, 1.0, 1.0],
        }
    )


def trips(vehicles: float) -> sparse.csr_matrix:
    return sparse.csr_matrix(([vehicles], ([0], [1])), shape=(2, 2))


@pytest.mark.parametrize("capacity", [500.0, 1000.0, 1100.0])
def test_two_routes_share_as_wardrop_says(capacity: float) -> None:
    # 10 (1 + (v / c)^4) = 15 where both are used.
    result = assign(two_routes(capacity), 4, trips(1500.0))
    assert result.vehicles[0] == pytest.approx(capacity * 0.5**0.25, rel=2e-3)
    assert result.vehicles[1] == pytest.approx(1500 - result.vehicles[0])
    assert result.minutes[0] == pytest.approx(15.0, rel=2e-3)
    assert result.gap < 0.005


def test_other_traffic_takes_room() -> None:
    alone = assign(two_routes(1000.0), 4, trips(1500.0)).vehicles[0]
    shared = assign(two_routes(1000.0), 4, trips(1500.0), other_traffic=0.5).vehicles[0]
    assert shared * 1.5 == pytest.approx(alone, rel=2e-3)


def test_more_capacity_never_lengthens_two_routes() -> None:
    capacities = [400.0, 800.0, 1600.0, 1800.0, 3200.0]
    longest = [assign(two_routes(each), 4, trips(1500.0)).minutes[:1].max() for each in capacities]
    assert all(later <= sooner * 1.002 for sooner, later in itertools.pairwise(longest))
    assert longest[-1] < longest[0] - 1


def test_the_fastest_of_two_links_alike_is_taken_not_their_sum() -> None:
    links = pd.DataFrame(
        {"start": [0, 0, 1], "end": [1, 1, 0], "free_flow_min": [7.0, 4.0, 5.0], "km": 1.0,
         "section": [0, 1, -1], "vehicles_per_hour": 1.0, "alpha": 0.0, "beta": 1.0}
    )  # fmt: skip
    minutes = links["free_flow_min"].to_numpy()
    taken, _, used = section_minutes(links, 2, 2, np.array([0]), np.array([1]), minutes)
    assert taken.tolist() == [4.0]
    assert used.toarray().tolist() == [[0.0, 4.0]]
    assert assign(links, 2, trips(10.0)).vehicles.tolist() == [0.0, 10.0, 0.0]


def test_vehicles_are_conserved(country: Tables) -> None:
    network = build_network(*(country[each] for each in ("zones", "points", "roads", "axes")))
    wanted = sparse.csr_matrix(np.array([[0, 500, 900], [20, 0, 700], [3000, 0, 0.0]]))
    nodes = len(network.lat)
    result = assign(network.links, nodes, wanted, 0.3)
    out = np.bincount(network.links["start"], result.vehicles, nodes)
    into = np.bincount(network.links["end"], result.vehicles, nodes)
    balance = np.zeros(nodes)
    balance[:3] = wanted.toarray().sum(axis=1) - wanted.toarray().sum(axis=0)
    np.testing.assert_allclose(out - into, balance, atol=1e-6)
    assert (loaded_minutes(network.links, result.vehicles) >= network.links["free_flow_min"]).all()


# Graph ---------------------------------------------------------------------------------------


def test_the_primary_road_takes_its_length_at_its_speed(country: Tables) -> None:
    country["axes"] = country["axes"].iloc[:0]
    tables = build_road(**country)
    primary = CLASSES["primary"].limit_kmh[3] * CLASSES["primary"].free_flow_share[3]
    access = 0.5 * DETOUR / LOCAL_KMH[3] * 60
    found = tables.pairs["free_flow_min"][2]
    assert found == pytest.approx(40 / primary * 60 + 2 * access, rel=1e-3)
    assert tables.pairs["km"][2] == pytest.approx(40 + DETOUR, rel=1e-3)


def test_the_motorway_is_reached_by_its_ends(country: Tables) -> None:
    tables = build_road(**country)
    used = tables.sections["road"][tables.paths[2].indices]
    assert set(used) == {"A1", "D 1"}
    assert (tables.sections["road"] == "A1").sum() == 2 * round(38.4 / 5)
    both = tables.sections[tables.sections["road"] == "A1"]
    east = both[both["direction"] == "east"]
    assert (east["from_lon"] < east["to_lon"]).all()
    assert (both.loc[both["direction"] == "west", "from_lon"] > east["from_lon"].min()).all()
    assert both["km"].between(4.5, 5.5).all()


def test_a_one_way_road_is_open_one_way(country: Tables) -> None:
    # Towns are too far apart for local streets.
    country["axes"] = country["axes"].iloc[:0]
    for way, shut in (("F", "10002 to 10001, nor for 2"), ("T", "10001 to 10002, nor for 2")):
        country["roads"]["oneway"] = way
        with pytest.raises(TerritoryError, match=f"pairs: no road leads from {shut} more pairs"):
            build_road(**country)


def test_a_closed_road_never_shortens(country: Tables) -> None:
    country["car_flows"] = country["car_flows"].assign(cars=0.0)
    everything = build_road(**country).pairs["free_flow_min"].to_numpy()
    closed = build_road(**country, closed=["A1"]).pairs["free_flow_min"].to_numpy()
    assert (closed >= everything - 1e-4).all()
    assert closed[2] > everything[2] + 1


def test_a_trip_within_a_zone_is_as_long_as_its_radius_says(country: Tables) -> None:
    tables = build_road(**country)
    km = 128 / 45 / math.pi * math.sqrt(10 / math.pi) * DETOUR
    assert tables.pairs["km"][0] == pytest.approx(km, rel=1e-3)
    assert tables.pairs["free_flow_min"][0] == pytest.approx(km / LOCAL_KMH[3] * 60, rel=1e-3)
    assert not tables.paths[[0, 4, 8]].nnz


# Tables --------------------------------------------------------------------------------------


def test_base_vehicles_are_those_of_the_paths(country: Tables) -> None:
    country["car_flows"] = country["car_flows"].assign(cars=9000.0)
    tables = build_road(**country)
    own = country["pairs"]["commune"] == country["pairs"]["workplace"]
    vehicles = np.where(own, 0, 9000 * AT_WORK * P.share_peak_hour_road / P.car_occupancy)
    driven_min = tables.paths.T @ vehicles
    load = driven_min / tables.sections["free_flow_min"]
    behind = tables.sections["base_vehicles"] * tables.sections["free_flow_min"]
    assert driven_min.sum() == pytest.approx(behind.sum(), rel=0.02)
    long = tables.sections["road"] == "A1"
    assert load[long].to_numpy() == pytest.approx(
        tables.sections["base_vehicles"][long].to_numpy(), rel=0.05
    )
    assert (peak_min(tables) >= tables.pairs["free_flow_min"] - 1e-6).all()
    assert peak_min(tables)[2] > tables.pairs["free_flow_min"][2] + 1


def test_the_smallest_shares_of_each_pair_go() -> None:
    minutes = sparse.csr_matrix(
        np.array([[60.0, 0.3, 0.0, 39.7], [0, 0, 0, 0], [0.1, 5, 0.1, 0.1]])
    )
    assert largest(minutes).toarray().tolist() == [[60, 0, 0, 39.7], [0] * 4, [0.1, 5, 0.1, 0.1]]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_order_of_rows_changes_no_byte(country: Tables, tmp_path: Path) -> None:
    build_road(**country).write(tmp_path / "once")
    build_road(**country).write(tmp_path / "twice")
    shuffled = {
        name: table.sample(frac=1, random_state=3).reset_index(drop=True)
        if isinstance(table, pd.DataFrame)
        else table
        for name, table in country.items()
    }
    build_road(**shuffled).write(tmp_path / "shuffled")
    assert files(tmp_path / "once") == files(tmp_path / "twice") == files(tmp_path / "shuffled")


def test_tables_are_read_as_they_were_written(country: Tables, tmp_path: Path) -> None:
    tables = build_road(**country)
    tables.write(tmp_path)
    again = read_roads(tmp_path)
    pd.testing.assert_frame_equal(
        again.sections, tables.sections[[*again.sections]], check_dtype=False
    )
    pd.testing.assert_frame_equal(again.pairs, tables.pairs)
    assert (again.paths != tables.paths).nnz == 0


@pytest.mark.parametrize(
    ("file", "column", "value", "said"),
    [
        (
            "sections",
            "base_ratio",
            0.5,
            "row 1, column 'base_ratio': 0.5, but must be a number",
        ),
        ("pairs", "km", np.nan, "column 'km': empty cells, but must be float"),
        ("paths", "section", 999, "row 1, column 'section': 999, but must be a row of sections"),
        ("paths", "pair", 0, "row 1: rows must ascend by pair, then section"),
    ],
)
def test_a_wrong_cell_is_named(
    country: Tables, tmp_path: Path, file: str, column: str, value: float, said: str
) -> None:
    build_road(**country).write(tmp_path)
    path = tmp_path / f"{file}.parquet"
    schema = pq.read_schema(path)
    table = pq.read_table(path).to_pandas()
    if column == "pair":
        table.loc[0, "section"] = table.loc[1, "section"]
        table.loc[0, "pair"] = table.loc[1, "pair"]
    else:
        table.loc[1, column] = value
    pq.write_table(pa.Table.from_pandas(table, schema, preserve_index=False), path)
    with pytest.raises(TerritoryError, match=said):
        read_roads(tmp_path)


def test_a_missing_table_is_named(country: Tables, tmp_path: Path) -> None:
    build_road(**country).write(tmp_path)
    (tmp_path / "pairs.parquet").unlink()
    with pytest.raises(TerritoryError, match=r"pairs.parquet: the file is missing"):
        read_roads(tmp_path)


# Wrong input ---------------------------------------------------------------------------------


def changed(table: str, column: str, value: object) -> Callable[[Tables], None]:
    def change(country: Tables) -> None:
        column_of = country[table][column].astype(object)
        column_of.iloc[1] = value
        country[table][column] = column_of

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            changed("roads", "fclass", "motorwaz"),
            "roads, osm_id 2, column 'fclass': 'motorwaz', but must be one of primary,",
        ),
        (
            changed("roads", "oneway", "N"),
            "roads, osm_id 2, column 'oneway': 'N', but must be one of F, T, B.",
        ),
        (
            changed("roads", "maxspeed", -5),
            "roads, osm_id 2, column 'maxspeed': -5, but must be km/h from 0 (unknown) to 200.",
        ),
        (changed("roads", "geometry", b""), "column 'geometry': '0 bytes', but must be a WKB"),
        (changed("roads", "geometry", None), "column 'geometry': 'None', but must be a WKB"),
        (
            changed("roads", "geometry", wkb((0.0, 48.0), (math.nan, 48.0))),
            "roads, osm_id 2, column 'geometry': '41 bytes', but must be a WKB LineString",
        ),
        (
            changed("points", "lat", math.inf),
            "points, zone 10002, column 'lat': inf, but must be degrees from -90 to 90.",
        ),
        (
            changed("points", "weight", 0.5),
            "points: the weights of zone 10002 sum to 0.5, but must sum to 1.",
        ),
        (changed("points", "lat", 51.0), "points: zone 10002 is 331 km from every road"),
        (changed("points", "zone", "10009"), "points, zone 10009, column 'zone': '10009', but"),
        (
            changed("zones", "area_type", "suburb"),
            "zones, zone 10002, column 'area_type': 'suburb', but must be one of core, inner,",
        ),
        (changed("zones", "area_km2", 0), "zones, zone 10002, column 'area_km2': 0, but must be a"),
        (
            changed("axes", "lon", math.nan),
            "axes, road A1, 0, 1, column 'lon': nan, but must be degrees from -180 to 180.",
        ),
        (
            lambda country: country["axes"].update(
                country["axes"][["lat", "lon"]].rename(columns={"lat": "lon", "lon": "lat"})
            ),
            "axes, road A1, 0, 0, column 'lat': ",
        ),
        (changed("axes", "road", None), "axes, row 2, column 'road': None, but must be filled in."),
        (changed("axes", "part", 7), "axes: road A1, part 7: 1 point, but a part needs two"),
        (
            changed("car_flows", "cars", -1.0),
            "car_flows, 10001 to 10002, column 'cars': -1.0, but must be a number of at least 0.",
        ),
        (
            lambda country: country.update(car_flows=country["car_flows"].assign(cars=-5.0)),
            "column 'cars': -5.0, but must be a number of at least 0.",
        ),
        (
            changed("pairs", "workplace", "10004"),
            "pairs, column 'workplace': zone '10004' is not in the table of zones. Did you mean",
        ),
        (
            lambda country: country["roads"].pop("ref"),
            "roads: the column 'ref' is missing; the columns are osm_id, fclass, oneway,",
        ),
    ],
)
def test_wrong_input_is_told_in_one_sentence(
    country: Tables, change: Callable[[Tables], object], said: str
) -> None:
    change(country)
    with pytest.raises(TerritoryError) as error:
        build_road(**country)
    assert str(error.value).startswith(said) or said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_closed_road_is_told(country: Tables) -> None:
    with pytest.raises(TerritoryError, match=r"no road 'A9' among the axes .* Known: A1, D 1\."):
        build_road(**country, closed=["A9"])


# Demand --------------------------------------------------------------------------------------


def test_car_shares_are_observed_or_those_of_pairs_alike(country: Tables) -> None:
    flows = pd.DataFrame(
        [
            ("10001", "10002", 0, 600.0),
            ("10001", "10002", 0, 400.0),
            ("10001", "10002", 1, 77.0),
            ("10003", "10002", 0, 500.0),
            ("10003", "10003", 0, 500.0),
            ("10001", "10001", 0, 1000.0),
        ],
        columns=["origin", "destination", "at_home", "workers"],
    )
    modes = pd.DataFrame(
        [
            ("10001", "10002", "VP", 800.0),
            ("10001", "10002", "TC", 200.0),
            ("10001", "10001", "VP", 200.0),
            ("10001", "10001", "NM", 800.0),
        ],
        columns=["origin", "destination", "mode", "workers"],
    )
    found = car_commuters(flows, modes, country["zones"], country["points"])
    cars = found.set_index(["commune", "workplace"])["cars"]
    assert cars["10001", "10002"] == 800
    assert cars["10001", "10001"] == 200
    # Half of all drive; a band of a thousand workers outweighs that twice.
    far = (800 + 200 * (800 + 200 * 0.5) / 1200) / 1200
    assert cars["10003", "10002"] == pytest.approx(500 * far)
    assert cars["10003", "10003"] < 500 * 0.3
    again = car_commuters(flows[::-1], modes[::-1], country["zones"][::-1], country["points"])
    pd.testing.assert_frame_equal(found, again)


def test_no_mode_by_car_is_told(country: Tables) -> None:
    flows = pd.DataFrame(
        {"origin": ["10001"], "destination": ["10002"], "at_home": [0], "workers": [5.0]}
    )
    modes = flows.assign(mode="car")
    with pytest.raises(TerritoryError, match="no row has the mode VP"):
        car_commuters(flows, modes, country["zones"], country["points"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("workers", [5.0, 0.0])
def test_modes_of_nobody_in_the_flows_are_told(country: Tables, workers: float) -> None:
    flows = pd.DataFrame(
        {"origin": ["10001"], "destination": ["10002"], "at_home": [0], "workers": [workers]}
    )
    modes = flows.assign(mode="VP", origin="10003" if workers else "10001")
    with pytest.raises(TerritoryError, match="modes: no origin is one from which somebody in the"):
        car_commuters(flows, modes, country["zones"], country["points"])
