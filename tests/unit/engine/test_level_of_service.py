"""Access, waiting, trains, best stations, roads and other workplaces against sums by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim77.core.errors import TerritoryError
from sim77.engine.supply.access import (
    ACCESS_MODES,
    crow_fly_km,
    station_access,
    telecentre_access,
    wait_min,
    within_commune_km,
)
from sim77.engine.supply.gravity import destination_probabilities, gravity_shares
from sim77.engine.supply.level_of_service import (
    best_station,
    car_min,
    egress,
    rail_level_of_service,
    road_level_of_service,
)
from sim77.engine.supply.network import bpr_ratio
from sim77.engine.supply.other_workplaces import NOWHERE, other_level_of_service
from sim77.engine.supply.rail_tree import (
    TO_TERMINUS,
    RailSupply,
    RailTree,
    rail_supply,
    rail_tree,
    scale_supply,
    segment_trains,
)
from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.unit

DAY = date(2014, 1, 6)
KM_PER_DEGREE = 111.19508
WITH_CAR, WITHOUT_CAR = 1, 0


@pytest.fixture(scope="module")
def parameters() -> ParameterSet:
    return resolve(DAY)


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_territory()


@pytest.fixture(scope="module")
def tree(territory: Territory) -> RailTree:
    return rail_tree(territory.stations, territory.lines)


@pytest.fixture(scope="module")
def supply(territory: Territory, tree: RailTree) -> RailSupply:
    return rail_supply(tree, territory.stations, territory.lines, territory.rail_changes, DAY)


def one_commune(area_km2: float = 4 * np.pi) -> pd.DataFrame:
    return pd.DataFrame({"code": ["C"], "lat": [48.0], "lon": [3.0], "area_km2": [area_km2]})


def points_north(*km: float, commune_code: str = "elsewhere") -> pd.DataFrame:
    """Put points at given kilometres north of the commune, in another commune."""
    return pd.DataFrame(
        {"lat": 48.0 + np.array(km) / KM_PER_DEGREE, "lon": 3.0, "commune_code": commune_code}
    )


def small_railway(**columns: list) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make stations a, b, … of one line with the named columns, and the line."""
    n = len(columns["minutes"])
    stations = pd.DataFrame(
        {
            "station_service_id": list("abcdefgh"[:n]),
            "line": "L",
            "trains_peak_hour": 2.0,
            "parent": "",
            "change_at_parent": 0,
            "commune_code": "elsewhere",
            **columns,
        }
    )
    lines = pd.DataFrame(
        {"line": ["L"], "kind": ["other"], "seats_per_train": [100], "places_per_train": [300]}
    )
    return stations, lines


def no_changes() -> pd.DataFrame:
    columns = ["date", "line", "station_service_id", "field", "value"]
    return pd.DataFrame({column: pd.Series(dtype=str) for column in columns})


# Distances and access


def test_a_degree_of_latitude() -> None:
    assert crow_fly_km(48.0, 3.0, 49.0, 3.0) == pytest.approx(KM_PER_DEGREE, abs=1e-4)


def test_residents_are_half_a_radius_from_the_point() -> None:
    assert within_commune_km(np.array([0.0, np.sqrt(3.0)]), 4 * np.pi) == pytest.approx([1.0, 2.0])


def test_way_to_stations(parameters: ParameterSet) -> None:
    access = station_access(one_commune(), points_north(1.0, 5.0), parameters)
    assert access.minutes.shape == (1, 2, 2)
    modes = [[ACCESS_MODES[mode] for mode in row] for row in access.mode[0]]
    assert modes == [["walk", "bus"], ["walk", "car"]]
    # 1.3 km at 4.5 km/h; 6.5 km at 15 km/h and 8 min; 6.5 km at 30 km/h and 4 min.
    assert access.minutes[0] == pytest.approx(np.array([[17.333, 34.0], [17.333, 17.0]]), abs=1e-3)
    assert access.cost_eur[0] == pytest.approx(np.array([[0.0, 0.0], [0.0, 0.975]]), abs=1e-5)
    p = parameters
    expected = [
        [17.333 * p.multiplier_walk, 26 * p.multiplier_access_bus + 8 * p.multiplier_wait],
        [17.333 * p.multiplier_walk, 17 * p.multiplier_access_car],
    ]
    assert access.perceived_min[0] == pytest.approx(np.array(expected), abs=1e-2)


def test_way_to_a_station_of_one_s_own_commune(parameters: ParameterSet) -> None:
    access = station_access(one_commune(), points_north(0.0, commune_code="C"), parameters)
    assert access.minutes[0, :, 0] == pytest.approx([17.333, 17.333], abs=1e-3)


def test_way_to_telecentres(parameters: ParameterSet) -> None:
    access = telecentre_access(one_commune(), points_north(1.0, 4.0, 8.0), parameters)
    modes = [[ACCESS_MODES[mode] for mode in row] for row in access.mode[0]]
    assert modes == [["walk", "bicycle", "bus"], ["walk", "car", "car"]]
    # 1.3 km at 4.5; 5.2 km at 14 and at 35; 10.4 km at 15 and 8 min, and at 35 km/h.
    expected = [[17.333, 22.286, 49.6], [17.333, 8.914, 17.829]]
    assert access.minutes[0] == pytest.approx(np.array(expected), abs=1e-3)
    assert access.cost_eur[0, WITH_CAR] == pytest.approx([0.0, 0.78, 1.56], abs=1e-4)


def test_waiting_is_half_the_headway_up_to_eight_minutes(parameters: ParameterSet) -> None:
    waits = wait_min(np.array([18.0, 4.0, 2.0, 0.0]), parameters)
    assert waits == pytest.approx([1.6667, 7.5, 8.0, 8.0], abs=1e-4)


# The tree


def test_segments_of_a_small_tree() -> None:
    stations, lines = small_railway(
        minutes=[10.0, 15.0, 25.0, 22.0, 30.0],
        trains_peak_hour=[3.0, 1.0, 2.0, 1.0, 6.0],
        parent=["", "a", "b", "b", "b"],
        change_at_parent=[0, 0, 0, 0, 1],
    )
    tree = rail_tree(stations, lines)
    assert tree.parent.tolist() == [TO_TERMINUS, 0, 1, 1, 1]
    assert tree.segment_min.tolist() == [10.0, 5.0, 10.0, 7.0, 15.0]
    assert tree.changes.tolist() == [0, 0, 0, 0, 1]
    assert tree.path(2) == [2, 1, 0]
    # b: 2 + 1 pass through and more than stop; the six of the shuttle e end there. a: as b.
    assert segment_trains(tree, stations["trains_peak_hour"].to_numpy()).tolist() == [3, 3, 2, 1, 6]


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("parent", ["", "A"], "row 3, column parent: 'A' is not known. Did you mean 'a'"),
        ("line", ["L", "M"], "row 3, column line: 'M' is not known"),
        ("minutes", [20.0, 15.0], "row 3: 'b' must be more minutes from the terminus"),
    ],
)
def test_a_wrong_tree_is_refused(column: str, values: list, says: str) -> None:
    columns = {"minutes": [10.0, 15.0], "parent": ["", "a"], column: values}
    with pytest.raises(TerritoryError, match=says.replace(".", r"\.")):
        rail_tree(*small_railway(**columns))


@pytest.mark.parametrize(
    ("station", "trains"),
    [
        ("R-trunk-melun", 6),
        ("R-Moret-bois-le-roi", 4),
        ("R-Moret-thomery", 4),
        ("R-Moret-moret-veneux-les-sablons", 4),
        ("P-Chateau-Thierry-trilport", 3),
        ("P-Chateau-Thierry-meaux", 3),
        ("P-Meaux-esbly", 6),
        ("A-A4-noisiel", 18),
        ("A-A4-marne-la-vallee-chessy", 12),
    ],
)
def test_trains_on_shipped_segments(
    station: str, trains: float, territory: Territory, supply: RailSupply
) -> None:
    row = territory.stations["station_service_id"].tolist().index(station)
    assert supply.segment_trains[row] == trains


def test_trains_never_fewer_than_further_out(tree: RailTree, supply: RailSupply) -> None:
    outer = np.flatnonzero((tree.parent != TO_TERMINUS) & ~tree.change_at_parent)
    trains = supply.segment_trains
    assert (trains[tree.parent[outer]] >= trains[outer]).all()


def test_dated_changes_hold_from_their_day(territory: Territory, tree: RailTree) -> None:
    chessy = territory.stations["station_service_id"].tolist().index("A-A4-marne-la-vallee-chessy")
    line_r = territory.lines["line"].tolist().index("R")
    tables = territory.stations, territory.lines, territory.rail_changes
    before = rail_supply(tree, *tables, date(2017, 12, 9))
    after = rail_supply(tree, *tables, date(2017, 12, 10))
    assert (before.segment_trains[chessy], after.segment_trains[chessy]) == (12, 20)
    assert before.seats_per_train[line_r] == 1566
    assert rail_supply(tree, *tables, date(2017, 8, 31)).seats_per_train[line_r] == 1712


def test_a_change_without_a_station_is_for_the_whole_line() -> None:
    stations, lines = small_railway(minutes=[10.0, 15.0], parent=["", "a"])
    changes = pd.DataFrame(
        {
            "date": ["2014-01-06"],
            "line": ["L"],
            "station_service_id": [""],
            "field": ["trains_peak_hour"],
            "value": [5.0],
        }
    )
    supply = rail_supply(rail_tree(stations, lines), stations, lines, changes, DAY)
    assert supply.segment_trains.tolist() == [5.0, 5.0]


def test_factors_by_line_scale_what_recomputing_would(
    territory: Territory, tree: RailTree, supply: RailSupply
) -> None:
    scaled = scale_supply(tree, supply, territory.lines, {"R": 1.5}, {"A": 1.1}, share_trains=0.5)
    on_r = tree.line == territory.lines["line"].tolist().index("R")
    again = segment_trains(tree, supply.trains_peak_hour * np.where(on_r, 0.75, 0.5))
    assert scaled.segment_trains == pytest.approx(again)
    ratio = scaled.places_per_train / supply.places_per_train
    assert ratio == pytest.approx(np.where(territory.lines["line"] == "A", 1.1, 1.0))


# To Paris


def test_journey_by_hand(parameters: ParameterSet) -> None:
    p = parameters
    stations, lines = small_railway(
        minutes=[30.0, 40.0], parent=["", "a"], change_at_parent=[0, 1], trains_peak_hour=[4.0, 2.0]
    )
    points = points_north(40.0, 1.0)
    stations = stations.assign(lat=points["lat"], lon=points["lon"])
    tree = rail_tree(stations, lines)
    supply = rail_supply(tree, stations, lines, no_changes(), DAY)
    access = station_access(one_commune(), stations, p)
    rail = best_station(access, tree, supply, stations, lines, p)
    assert rail.station.tolist() == [[1, 1]]
    # A shuttle: its change is in the 40 minutes already, the other transfer takes 4 minutes.
    assert rail.transfers[0, WITH_CAR] == 2
    assert rail.physical_min[0, WITH_CAR] == pytest.approx(17.333 + 8 + 40 + 12 + 5 + 4, abs=1e-3)
    fixed_min = (
        17.333 * p.multiplier_walk
        + 8 * p.multiplier_wait
        + 12
        + 5 * p.multiplier_walk
        + 2 * p.transfer_penalty_min
    )
    assert rail.fixed_perceived_min[0, WITH_CAR] == pytest.approx(fixed_min, abs=1e-2)
    assert rail.free_flow_generalised_min[0, 1] == pytest.approx(fixed_min + 40, abs=1e-2)
    held = rail_level_of_service(
        access, tree, supply, egress(lines, p), p, np.array([[0, 0]], dtype=np.int32)
    )
    euros = 52 * p.car_cost_eur_per_km
    assert held.access_eur[0, WITH_CAR] == pytest.approx(euros, rel=1e-4)
    money_min = held.free_flow_generalised_min - held.fixed_perceived_min - held.ivt_min
    assert money_min[0, WITH_CAR] == pytest.approx(
        euros * p.beta_cost_per_eur / p.beta_time_per_min, rel=1e-4
    )


def best_of(parameters: ParameterSet, *km: float, minutes: list[float], ids: list[str]) -> list:
    stations, lines = small_railway(minutes=minutes, station_service_id=ids)
    points = points_north(*km)
    stations = stations.assign(lat=points["lat"], lon=points["lon"])
    tree = rail_tree(stations, lines)
    supply = rail_supply(tree, stations, lines, no_changes(), DAY)
    access = station_access(one_commune(), stations, parameters)
    return best_station(access, tree, supply, stations, lines, parameters).station[0].tolist()


def test_ties_go_to_the_first_id(parameters: ParameterSet) -> None:
    assert best_of(parameters, 3.0, 3.0, minutes=[30.0, 30.0], ids=["z", "a"]) == [1, 1]


def test_stations_beyond_the_radius_are_left_out(parameters: ParameterSet) -> None:
    assert best_of(parameters, 19.0, 21.0, minutes=[60.0, 1.0], ids=["a", "b"]) == [0, 0]


def test_a_commune_without_a_station_takes_the_nearest(parameters: ParameterSet) -> None:
    assert best_of(parameters, 30.0, 25.0, minutes=[1.0, 60.0], ids=["a", "b"]) == [1, 1]


def test_nobody_drives_past_their_station_to_the_next(parameters: ParameterSet) -> None:
    assert best_of(parameters, 1.2, 4.0, minutes=[30.0, 30.0], ids=["a", "b"]) == [0, 0]


@pytest.fixture(scope="module")
def to_paris(territory: Territory, tree: RailTree, supply: RailSupply, parameters: ParameterSet):
    access = station_access(territory.communes, territory.stations, parameters)
    return best_station(access, tree, supply, territory.stations, territory.lines, parameters)


def commune_row(territory: Territory, name: str) -> int:
    return territory.communes["name"].tolist().index(name)


def test_fontainebleau_by_rail_is_about_75_minutes(territory: Territory, to_paris) -> None:
    row = commune_row(territory, "Fontainebleau")
    station = territory.stations["station_service_id"].iloc[to_paris.station[row, WITH_CAR]]
    assert station == "R-Moret-fontainebleau-avon"
    assert to_paris.physical_min[row, WITH_CAR] == pytest.approx(75, abs=3)


def test_meaux_takes_the_direct_trains(territory: Territory, to_paris) -> None:
    row = commune_row(territory, "Meaux")
    stations = territory.stations["station_service_id"].iloc[to_paris.station[row]]
    assert set(stations) == {"P-Chateau-Thierry-meaux"}


@pytest.mark.parametrize(("name", "minutes"), [("Torcy", 53), ("Meaux", 74), ("Fontainebleau", 86)])
def test_car_minutes_at_base_volumes(
    name: str, minutes: float, territory: Territory, parameters: ParameterSet
) -> None:
    p = parameters
    paris = territory.workplaces.loc[territory.workplaces["zone"] == "paris"].iloc[0]
    road = road_level_of_service(territory.communes, paris, p)
    base = car_min(road, bpr_ratio(p.base_volume_capacity, p.bpr_alpha, p.bpr_beta))
    calm = car_min(road, bpr_ratio(p.off_peak_volume_capacity, p.bpr_alpha, p.bpr_beta))
    row = commune_row(territory, name)
    assert base[row] == pytest.approx(minutes, abs=2.5)
    assert road.free_flow_min[row] + road.parking_min[row] < calm[row] < base[row]


def test_car_minutes_by_hand(parameters: ParameterSet) -> None:
    commune = one_commune()
    paris = {"lat": 48.0 + 50 / KM_PER_DEGREE, "lon": 3.0}
    road = road_level_of_service(commune, paris, parameters)
    # 65 km at 75 km/h and 10 min inside the A86; of these, 30 km congest.
    assert road.free_flow_min == pytest.approx([62.0], abs=1e-3)
    assert road.congested_section_min == pytest.approx([24.0])
    assert car_min(road, 1.5) == pytest.approx([62 + 12 + 4], abs=1e-3)
    assert road.cost_eur == pytest.approx([9.75], abs=1e-3)


# Other workplaces


def test_gravity_by_hand() -> None:
    shares = gravity_shares(np.array([[1.0, 11.0]]), np.array([1.0, 3.0]), 0.1)
    near, far = 1.0, 3.0 * np.exp(-1.0)
    assert shares == pytest.approx(np.array([[near, far]]) / (near + far))


@pytest.mark.parametrize("zone", ["paris", "inner-ring", "within", "outer-ring"])
def test_destinations_are_in_their_zone(
    zone: str, territory: Territory, parameters: ParameterSet
) -> None:
    rows, cumulated = destination_probabilities(territory, parameters, zone)
    assert set(territory.workplaces["zone"].iloc[rows]) == {zone}
    assert cumulated.shape == (len(territory.communes), rows.size)
    assert (np.diff(cumulated, axis=1) >= 0).all()
    assert (cumulated[:, -1] == 1.0).all()


def trip(
    territory: Territory, tree: RailTree, to_paris, parameters: ParameterSet, origin: str, to: str
):
    workplace = territory.workplaces["name"].tolist().index(to)
    row = np.array([commune_row(territory, origin)])
    return other_level_of_service(
        territory, parameters, tree, to_paris.station, row, np.array([workplace]), np.array([1])
    )


def test_a_workplace_on_the_way_is_reached_by_the_same_train(
    territory: Territory, tree: RailTree, to_paris, parameters: ParameterSet
) -> None:
    there = trip(territory, tree, to_paris, parameters, "Fontainebleau", "Melun")
    ids = territory.stations["station_service_id"]
    assert there.is_rail.tolist() == [True]
    assert ids.iloc[there.board[0]] == "R-Moret-fontainebleau-avon"
    assert ids.iloc[there.alight[0]] == "R-trunk-melun"
    assert there.ivt_min == pytest.approx([12.0])


def test_a_workplace_further_out_has_the_rule_of_thumb(
    territory: Territory, tree: RailTree, to_paris, parameters: ParameterSet
) -> None:
    there = trip(territory, tree, to_paris, parameters, "Melun", "Fontainebleau")
    assert there.is_rail.tolist() == [False]
    assert there.board.tolist() == there.alight.tolist() == [NOWHERE]
    assert there.pt_min == pytest.approx(1.6 * there.car_min + 15)


def test_car_speed_grows_with_distance(
    territory: Territory, tree: RailTree, to_paris, parameters: ParameterSet
) -> None:
    there = trip(territory, tree, to_paris, parameters, "Melun", "Fontainebleau")
    km = there.car_km / 1.3
    assert there.car_min == pytest.approx(there.car_km / (35 + 0.5 * km) * 60)
