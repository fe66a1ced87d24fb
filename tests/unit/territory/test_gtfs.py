"""The reader of timetables: what it takes, and the sentence for what it does not."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim77.core.errors import TerritoryError
from sim77.territory.build.gtfs import read_gtfs
from sim77.territory.build.transit_network import network_of_gtfs
from tests.small_gtfs import Tables, add_trip, small, write

pytestmark = pytest.mark.unit

TUESDAY, SATURDAY = dt.date(2017, 3, 14), dt.date(2017, 3, 18)


def runs_of(path: Path, day: dt.date = TUESDAY) -> dict[tuple[str, ...], float]:
    """Return departures an hour by stops."""
    found: dict[tuple[str, ...], float] = {}
    for run in network_of_gtfs(read_gtfs(path), day).runs:
        found[run.stops] = found.get(run.stops, 0.0) + run.per_hour
    return found


def test_a_timetable_is_read_without_its_substitution_buses(tmp_path: Path) -> None:
    gtfs = read_gtfs(write(tmp_path / "g.zip", small()))
    assert gtfs.stations["name"].tolist() == [
        "Ablon", "Brunoy", "Cesson", "Draveil", "Est", "Fort", "Gare"
    ]  # fmt: skip
    assert set(gtfs.trips["trip_id"]) == {f"R{k}" for k in range(6)} | {f"S{k}" for k in range(9)}
    assert "1 trips of 1 routes" in gtfs.remarks[0]
    assert gtfs.dates() == (dt.date(2017, 1, 1), dt.date(2017, 12, 31))


def test_departures_an_hour_are_those_of_the_peak_of_the_day(tmp_path: Path) -> None:
    path = write(tmp_path / "g.zip", small())
    assert runs_of(path) == {
        ("Ablon", "Draveil", "Gare"): 2.0,
        ("Ablon", "Brunoy", "Cesson", "Draveil", "Gare"): 2.0,
        ("Est", "Fort", "Draveil"): 6.0,
    }
    with pytest.raises(TerritoryError, match=r"no train between 7:00 and 8:30 on Saturday"):
        runs_of(path, SATURDAY)


def test_dates_add_and_remove_services(tmp_path: Path) -> None:
    tables = small()
    add_trip(tables, "extra", "s1", [("e", 430), ("d", 440)], service="extra")
    tables["calendar_dates"] = [
        {"service_id": "week", "date": 20170314, "exception_type": 2},
        {"service_id": "extra", "date": 20170314, "exception_type": 1},
    ]
    assert list(runs_of(write(tmp_path / "g.zip", tables))) == [("Est", "Draveil")]


def test_trips_of_the_day_before_run_on_after_midnight(tmp_path: Path) -> None:
    tables = small()
    add_trip(tables, "late", "s1", [("f", 1440 + 425), ("e", 1440 + 431)])
    path = write(tmp_path / "g.zip", tables)
    assert runs_of(path)["Fort", "Est"] == pytest.approx(2 / 3)
    assert ("Fort", "Est") not in runs_of(path, dt.date(2017, 3, 13))  # no service on Sunday


def test_a_trip_with_a_frequency_stands_for_many(tmp_path: Path) -> None:
    tables = small()
    add_trip(tables, "often", "s1", [("f", 0), ("e", 6)])
    tables["frequencies"] = [
        {"trip_id": "often", "start_time": "06:00:00", "end_time": "07:30:00", "headway_secs": 600},
        {"trip_id": "often", "start_time": "07:30:00", "end_time": "12:00:00", "headway_secs": 300},
    ]
    # 7:00, 7:10, 7:20, then 7:30, 7:35, ... 8:25
    assert runs_of(write(tmp_path / "g.zip", tables))["Fort", "Est"] == pytest.approx(15 / 1.5)


def test_platforms_are_one_station(tmp_path: Path) -> None:
    tables = small()
    tables["stops"].append({"stop_id": "S", "stop_name": "Draveil Nord", "location_type": 1})
    for row in tables["stops"]:
        row["parent_station"] = "S" if row["stop_id"] == "d" else ""
    stations = read_gtfs(write(tmp_path / "g.zip", tables)).stations.set_index("station")
    assert stations.loc["S"].tolist() == ["Draveil Nord", 48.75, 2.42]  # its platform's place
    assert "d" not in stations.index


def test_blank_times_between_stops_are_spread_evenly(tmp_path: Path) -> None:
    tables = small()
    add_trip(tables, "blank", "s1", [("e", 430), ("f", 433), ("d", 450)])
    tables["stop_times"][-2] |= {"arrival_time": "", "departure_time": ""}
    times = read_gtfs(write(tmp_path / "g.zip", tables)).stop_times
    assert times.loc[times["trip_id"] == "blank", "arrival_min"].tolist() == [430, 440, 450]


def test_rows_given_twice_alike_count_once(tmp_path: Path) -> None:
    tables = small()
    tables["trips"] += tables["trips"][:2]
    tables["stops"] += tables["stops"][:1]
    assert runs_of(write(tmp_path / "g.zip", tables)) == runs_of(write(tmp_path / "h.zip", small()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_are_right_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    tables = small()
    tables["stops"][0]["stop_name"] = "Évry-Courcouronnes"
    gtfs = read_gtfs(write(tmp_path / "g.zip", tables, encoding))
    assert gtfs.stations["name"][0] == "Évry-Courcouronnes"
    assert any("cp1252" in remark for remark in gtfs.remarks) == (encoding == "cp1252")


def _change(table: str, row: int, **cells: object) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table][row] |= cells

    return change


def _add(table: str, **cells: object) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables.setdefault(table, []).append({**(tables.get(table) or [{}])[0], **cells})

    return change


def _drop(table: str) -> Callable[[Tables], None]:
    return lambda tables: tables.pop(table)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_drop("trips"), r"g\.zip has no trips\.txt"),
        (_drop("calendar"), r"calendar\.txt or calendar_dates\.txt must have rows"),
        (
            _change("stop_times", 3, stop_id="gg"),
            r"stop_times\.txt, line 5: stop_id 'gg' is not in stops\.txt",
        ),
        (_change("stop_times", 3, trip_id="R77"), r"line 5: trip_id 'R77' is not in trips\.txt"),
        (_change("trips", 2, route_id="r7"), r"trips\.txt, line 4: route_id 'r7' is not in routes"),
        (_change("stop_times", 3, arrival_time="7h10"), r"line 5: arrival_time .*not '7h10'"),
        (_change("stop_times", 3, departure_time="07:00:00"), r"line 5: trip 'R0' goes back in"),
        (_change("stop_times", 0, arrival_time="", departure_time=""), r"line 2: a time is blank"),
        (_change("stop_times", 1, stop_sequence=0), r"line 3: trip 'R0' has stop_sequence 0 twice"),
        (_change("stop_times", 1, stop_sequence="x"), r"line 3: stop_sequence must be a whole"),
        (_change("stops", 1, stop_lat=""), r"stops\.txt, line 3: stop_lat must be a number"),
        (_change("stops", 1, stop_lat=91), r"line 3: stop_lat must be a number from -90 to 90"),
        (_change("stops", 1, stop_name=" "), r"stops\.txt, line 3: stop_name is blank"),
        (_change("stops", 1, stop_id=""), r"stops\.txt, line 3: stop_id is blank"),
        (_add("stops", stop_name="Other"), r"stops\.txt, lines 2 and 9: stop_id 'a' stands for tw"),
        (_add("trips", service_id="x"), r"trips\.txt, lines 2 and 18: trip_id 'R0' stands for"),
        (_change("calendar", 0, start_date="1/1/17"), r"line 2: start_date .*YYYYMMDD.*'1/1/17'"),
        (_change("calendar", 0, monday=2), r"calendar\.txt, line 2: monday must be a whole number"),
        (_change("stops", 0, parent_station="Z"), r"line 2: parent_station 'Z' is not in stops"),
        (_change("routes", 0, route_type=""), r"routes\.txt, line 2: route_type must be"),
        (
            _add("frequencies", trip_id="R0", start_time="08:00:00", end_time="07:00:00",
                 headway_secs=60),
            r"frequencies\.txt, line 2: end_time must be later",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_file_and_line(
    tmp_path: Path, change: Callable[[Tables], None], sentence: str
) -> None:
    tables = small()
    change(tables)
    with pytest.raises(TerritoryError, match=sentence) as told:
        read_gtfs(write(tmp_path / "g.zip", tables))
    assert "\n" not in str(told.value)


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    tables = small()
    tables["stops"] = pd.DataFrame(tables["stops"]).rename(
        columns={"stop_lat": "stop_lati"}
    ).to_dict("records")  # fmt: skip
    with pytest.raises(TerritoryError, match=r"no column stop_lat\. Did you mean 'stop_lati'"):
        read_gtfs(write(tmp_path / "g.zip", tables))


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "g.zip"
    path.write_bytes(b"PK no zip")
    with pytest.raises(TerritoryError, match=r"g\.zip is not a readable zip of a GTFS"):
        read_gtfs(path)
    with pytest.raises(TerritoryError, match=r"none\.zip cannot be read: No such file"):
        read_gtfs(tmp_path / "none.zip")
