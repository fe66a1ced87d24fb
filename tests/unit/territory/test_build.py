"""A territory from public files: what its folder holds, the same bytes again, or nothing at all."""

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import sim77
from sim77.cli import main
from sim77.core.errors import TerritoryError
from sim77.report.run.text import run_text
from sim77.territory.build.build import Inputs, build_territory, fibre_starts, new_folder
from sim77.territory.build.gtfs import NO_TRAINS
from sim77.territory.build.new_lines import rebuilt_transit
from sim77.territory.build.transit_network import (
    HOP_COLUMNS,
    Line,
    Network,
    Run,
    describe_lines,
    read_hops,
    read_lines,
)
from sim77.territory.built import BASE_LOADS
from sim77.territory.road_tables import read_roads
from sim77.territory.territory import SHIPPED, check_territory, load_territory
from sim77.territory.transit_tables import read_transit, write_parquet
from tests.public_files import CODES, flows_table, write_public_files
from tests.small_gtfs import small, write

pytestmark = pytest.mark.unit


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    folder = tmp_path / "public"
    folder.mkdir()
    paths = write_public_files(folder)
    return Inputs(
        **{**paths, "flows": (paths["flows"],)},
        occupations=(),
        metro=None,
        lines=None,
        rail_changes=None,
        day=dt.date(2017, 3, 14),
        base_year=2014,
        residents=(),
        label_fr="Contrée",
        label_en="Land",
    )


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype={"code": str}, keep_default_na=False)


def test_a_territory_holds_who_lives_and_works_where(tmp_path: Path, inputs: Inputs) -> None:
    build_territory(tmp_path / "land", inputs)
    communes, workplaces = (read(tmp_path / "land", name) for name in ("communes", "workplaces"))
    assert communes["code"].tolist() == list(CODES)
    assert communes["area_type"].tolist()[:5] == [
        "core", "outer-urban", "outer-urban", "outer-rural", "outer-urban",
    ]  # fmt: skip
    assert set(communes["department"]) == {10, 20}
    flows = pd.read_parquet(tmp_path / "land" / "flows.parquet")
    assert flows["workers"].sum() == pytest.approx(flows_table()["workers"].sum(), abs=6)
    jobs = flows.groupby("workplace", observed=True)["workers"].sum()
    assert workplaces.set_index("code")["jobs"].to_dict() == jobs.to_dict()
    zone = workplaces.set_index("code")["zone"]
    assert [zone[code] for code in ("10001", "10002", "20009")] == ["centre", "around", "beyond"]


def test_trains_that_change_by_date_are_those_of_lines(tmp_path: Path, inputs: Inputs) -> None:
    path = tmp_path / "changes.csv"
    rows = "date,line,field,value,source,note\n2017-12-10,{},seats_per_train,900,made-up,\n"
    path.write_text(rows.format("R"), encoding="utf-8")
    sources = pd.read_csv(inputs.sources)
    sources.loc[len(sources)] = {**sources.iloc[0], "source_id": "rail_changes"}
    sources.to_csv(inputs.sources, index=False)
    build_territory(tmp_path / "land", replace(inputs, rail_changes=path))
    assert load_territory(tmp_path / "land").rail_changes["value"].tolist() == [900]
    path.write_text(rows.format("RR"), encoding="utf-8")
    with pytest.raises(TerritoryError, match="'RR', but must be a line of the timetable"):
        build_territory(tmp_path / "none", replace(inputs, rail_changes=path))
    path.write_text(rows.format("R").replace("900", "9000"), encoding="utf-8")
    few = r"changes\.csv, row 2, .* of line 'R' is \d+ from 2017-12-10, but .*, 9000\.$"
    with pytest.raises(TerritoryError, match=few):
        build_territory(tmp_path / "none", replace(inputs, rail_changes=path))
    assert not (tmp_path / "none").exists()


def test_rows_of_lines_that_do_not_run_are_told(tmp_path: Path, inputs: Inputs) -> None:
    path = tmp_path / "trains.csv"
    path.write_text("line,seats_per_train\nR,90\nSS,80\n", encoding="utf-8")
    sources = pd.read_csv(inputs.sources)
    sources.loc[len(sources)] = {**sources.iloc[0], "source_id": "lines"}
    sources.to_csv(inputs.sources, index=False)
    report = build_territory(tmp_path / "land", replace(inputs, lines=path))
    assert [line for line in report if "trains.csv" in line] == [
        "assumed: Line 'SS' of trains.csv does not run in the morning peak of the timetable, and "
        "its row was left out. Did you mean 'S'?"
    ]
    lines = load_territory(tmp_path / "land").lines
    assert lines["seats_per_train"].tolist()[0] == 90


def test_residents_may_be_those_of_some_departements(tmp_path: Path, inputs: Inputs) -> None:
    report = build_territory(tmp_path / "land", replace(inputs, residents=("20",)))
    assert read(tmp_path / "land", "communes")["code"].tolist() == list(CODES[8:])
    workplaces = read(tmp_path / "land", "workplaces")
    assert workplaces["code"].tolist() == [*CODES[:3], *CODES[8:]]
    shapes = json.loads((tmp_path / "land" / "communes.geojson").read_text(encoding="utf-8"))
    assert [each["properties"]["code"] for each in shapes["features"]] == list(CODES[8:])
    around = json.loads((tmp_path / "land" / "departements.geojson").read_text(encoding="utf-8"))
    assert [each["properties"]["code"] for each in around["features"]] == ["10", "20"]
    assert read(tmp_path / "land", "telecentres")["in_territory"].tolist() == [1]
    assert any(line.startswith("communes: 4 (") for line in report)
    with pytest.raises(TerritoryError, match="residents: '33', but must be a département of the"):
        build_territory(tmp_path / "none", replace(inputs, residents=("33",)))


def test_the_same_files_give_the_same_bytes(tmp_path: Path, inputs: Inputs) -> None:
    first, second = tmp_path / "a" / "land", tmp_path / "b" / "land"
    for folder in (first, second):
        build_territory(folder, inputs)
    files = {path.relative_to(first) for path in first.rglob("*") if path.is_file()}
    assert files == {path.relative_to(second) for path in second.rglob("*") if path.is_file()}
    for file in files:
        assert (first / file).read_bytes() == (second / file).read_bytes(), file


def test_the_order_of_rows_does_not_matter(tmp_path: Path, inputs: Inputs) -> None:
    build_territory(tmp_path / "a" / "land", inputs)
    for path in (inputs.zones, inputs.flows[0]):
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    build_territory(tmp_path / "b" / "land", inputs)
    for name in ("communes.csv", "workplaces.csv", "flows.parquet", "communes.geojson"):
        both = [(tmp_path / each / "land" / name).read_bytes() for each in "ab"]
        assert both[0] == both[1], name


def test_the_folder_says_what_it_is_made_of(tmp_path: Path, inputs: Inputs) -> None:
    build_territory(tmp_path / "land", inputs)
    text = (tmp_path / "land" / "territory.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    assert settings["label"] == {"fr": "Contrée", "en": "Land"}
    assert settings["kind"] == "od"
    assert settings["residents"] == "all"
    assert {each["id"] for each in settings["sources"]} == {
        "zones", "shapes", "flows", "modes", "gtfs", "roads", "axes", "scopes", "telecentres",
    }  # fmt: skip
    assert settings["timetable"] == "gtfs.zip, morning peak of 2017-03-14"
    assert settings["scopes"]["beyond"] == {"fr": "Au-delà", "en": "beyond"}
    readme = (tmp_path / "land" / "README.md").read_text(encoding="utf-8")
    assert settings["command"] in readme
    assert "- zones-2: a year later" in readme
    assert str(tmp_path) not in text + readme


def test_the_modes_of_travel_are_of_the_pairs_of_the_flows(tmp_path: Path, inputs: Inputs) -> None:
    build_territory(tmp_path / "land", replace(inputs, residents=("20",)))
    flows = pd.read_parquet(tmp_path / "land" / "flows.parquet")
    pairs = flows[~flows["at_home"]][["commune", "workplace"]].drop_duplicates()
    transit, road = (
        read_transit(tmp_path / "land" / "transit"),
        read_roads(tmp_path / "land" / "road"),
    )
    assert len(transit.pairs) == 2 * len(pairs)
    assert len(road.pairs) == len(pairs)
    assert transit.lines["line"].tolist() == ["R", "S"]
    # Everybody of the zones is on the roads, not the residents of one département only.
    alone = replace(inputs, modes=None, flows=(write_detail(tmp_path, ("20",)),))
    build_territory(tmp_path / "alone", replace(alone, residents=("20",)))
    few = read_roads(tmp_path / "alone" / "road").sections["base_vehicles"].sum()
    assert few < road.sections["base_vehicles"].sum()
    loads = load_territory(tmp_path / "land").od.base_load("section", len(road.sections))
    assert loads.tolist() == road.sections["base_vehicles"].tolist()
    build_territory(tmp_path / "everybody", inputs)
    assert not (tmp_path / "everybody" / BASE_LOADS).exists()
    for name, credit in (("transit", "Made-up gtfs (CC0)"), ("road", "Made-up roads (CC0)")):
        text = (tmp_path / "land" / name / "LICENCE.md").read_text(encoding="utf-8")
        assert "Open Database License (ODbL) 1.0" in text
        assert f"- {credit}" in text


def write_detail(folder: Path, departments: tuple[str, ...]) -> Path:
    """Write the flows of residents of some départements as INSEE's detail file; all drive."""
    table = flows_table()
    table = table[table["origin"].str[:2].isin(departments)]
    text = pd.DataFrame(
        {
            "COMMUNE": table["origin"],
            "DCLT": table["destination"],
            "CS1": table["csp"],
            "TRANS": table["at_home"].map({0: "4", 1: "1"}),
            "IPONDI": table["workers"],
        }
    ).to_csv(index=False, sep=";")
    path = folder / "FD_MOBPRO_2014.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_who_drives_must_be_told(tmp_path: Path, inputs: Inputs) -> None:
    with pytest.raises(TerritoryError, match=r"flows\.csv does not tell who drives; give --modes"):
        build_territory(tmp_path / "land", replace(inputs, modes=None))


def test_fibre_comes_to_the_densest_first() -> None:
    starts = fibre_starts(pd.Series([5.0, 500.0, 50.0]).to_numpy())
    assert starts == ["2019-01-01", "2014-01-01", "2017-01-01"]


def spoil_scope(inputs: Inputs) -> None:
    text = inputs.scopes.read_text(encoding="utf-8")
    inputs.scopes.write_text(text.replace("20,beyond", "30,beyond"), encoding="utf-8")


def call_a_scope_all(inputs: Inputs) -> None:
    table = pd.read_csv(inputs.scopes, dtype=str)
    table.assign(scope=table["scope"].replace(table["scope"].iloc[0], "all")).to_csv(
        inputs.scopes, index=False
    )


def add_scopes(inputs: Inputs) -> None:
    with inputs.scopes.open("a", encoding="utf-8") as file:
        file.writelines(f"200{n},more-{n},{n},{n}\n" for n in range(10, 24))


def spoil_source(inputs: Inputs) -> None:
    text = inputs.sources.read_text(encoding="utf-8")
    inputs.sources.write_text(text.replace("flows,Made", "flaws,Made"), encoding="utf-8")


def spoil_flows(inputs: Inputs) -> None:
    text = inputs.flows[0].read_text(encoding="utf-8")
    inputs.flows[0].write_text(text.replace(",10003", ",10013"), encoding="utf-8")


def spoil_modes(inputs: Inputs) -> None:
    assert inputs.modes is not None
    text = inputs.modes.read_text(encoding="utf-8")
    inputs.modes.write_text(text.replace("10001,10002", "10001,10022"), encoding="utf-8")


def spoil_roads(inputs: Inputs) -> None:
    pd.read_parquet(inputs.roads).drop(columns="geometry").to_parquet(inputs.roads)


def spoil_telecentres(inputs: Inputs) -> None:
    text = inputs.telecentres.read_text(encoding="utf-8")  # type: ignore[union-attr]
    inputs.telecentres.write_text(text.replace("rural", "remote"), encoding="utf-8")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_scope, "scopes.csv: no 'prefix' fits the workplace 20009"),
        (call_a_scope_all, "scopes.csv, column 'scope': 'all' stands for all scopes"),
        (add_scopes, "scopes.csv: expected at most 16 scopes, not 17."),
        (spoil_source, "sources.csv: 'flows' is missing in column 'source_id'"),
        (spoil_flows, "flows.csv, row 7, column 'destination': '10013', but must be a code of"),
        (spoil_modes, "modes.csv, row 4, column 'destination': '10022', but must be a code of"),
        (spoil_roads, "roads.parquet has no column 'geometry'."),
        (spoil_telecentres, "telecentres.csv, row 2, column 'area': 'remote', but must be one of"),
    ],
)
def test_a_wrong_input_leaves_nothing(
    tmp_path: Path, inputs: Inputs, spoil: Callable[[Inputs], None], message: str
) -> None:
    spoil(inputs)
    with pytest.raises(TerritoryError, match=r"^[^\n]+$") as error:
        build_territory(tmp_path / "land", inputs)
    assert message in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public"]


def test_being_stopped_while_writing_leaves_nothing(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim77.territory.build.build.write_workers", stop)
    with pytest.raises(KeyboardInterrupt):
        build_territory(tmp_path / "land", inputs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public"]


def test_what_is_wrong_is_told_without_the_folder_that_is_gone(tmp_path: Path) -> None:
    with (
        pytest.raises(TerritoryError, match=r"^These inputs make no territory: transit.segments\."),
        new_folder(tmp_path / "land") as partial,
    ):
        shutil.copytree(SHIPPED.with_name("example"), partial, dirs_exist_ok=True)
        segments = partial / "transit" / "segments.parquet"
        table = pd.read_parquet(segments)
        write_parquet(
            segments,
            pa.Table.from_pandas(table.assign(minutes=np.float32(-1)), pq.read_schema(segments)),
        )
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path, inputs: Inputs) -> None:
    (tmp_path / "land").mkdir()
    (tmp_path / "land" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TerritoryError, match="is not empty"):
        build_territory(tmp_path / "land", inputs)
    assert [path.name for path in (tmp_path / "land").iterdir()] == ["mine.txt"]


def test_a_day_without_commuters_is_refused(tmp_path: Path, inputs: Inputs) -> None:
    with pytest.raises(TerritoryError, match="from Monday to Friday, not Sunday 2017-03-12"):
        build_territory(tmp_path / "land", replace(inputs, day=dt.date(2017, 3, 12)))


def test_a_timetable_of_buses_alone_makes_a_territory_without_lines(
    tmp_path: Path, inputs: Inputs
) -> None:
    tables = small()
    for route in tables["routes"]:
        route["route_type"] = 3
    buses = replace(inputs, gtfs=write(tmp_path / "buses.zip", tables))
    report = build_territory(tmp_path / "land", buses)
    assert f"assumed: {NO_TRAINS}" in report
    assert "public transport: 0 lines, 0 segments, 0 shares of paths" in report
    assert check_territory(tmp_path / "land") == []
    land = load_territory(tmp_path / "land")
    assert (land.od.transit.pairs["bus_min"] > 0).all()
    assert (land.od.transit.pairs[["ivt_min", "wait_min", "rail_share"]] == 0).all(axis=None)
    result = sim77.run(
        "no-telecentres", territory=land, start=dt.date(2014, 3, 3), end=dt.date(2014, 3, 7)
    )
    assert result.days["office_public_transport"].sum() > 0
    assert len(result.segments) == len(result.lines) == 0
    assert "by public transport" in run_text(result)
    assert "peak load of trains" not in run_text(result)
    rebuilt_transit(land, ()).write(tmp_path / "again")  # as for a new line
    assert len(read_transit(tmp_path / "again").segments) == 0


def test_a_timetable_of_buses_must_be_of_the_day(tmp_path: Path, inputs: Inputs) -> None:
    tables = small()
    for route in tables["routes"]:
        route["route_type"] = 3
    buses = write(tmp_path / "buses.zip", tables)
    late = replace(inputs, gtfs=buses, day=dt.date(2031, 3, 18))
    with pytest.raises(TerritoryError, match="has no train between 7:00 and 8:30 on Tuesday 2031"):
        build_territory(tmp_path / "land", late)


def test_somebody_must_leave_home_for_work(tmp_path: Path, inputs: Inputs) -> None:
    flows = tmp_path / "home.csv"
    flows.write_text("origin,destination,csp,at_home,workers\n10002,10002,3,1,40\n", "utf-8")
    with pytest.raises(TerritoryError, match=r"home\.csv: nobody of the residents leaves home"):
        build_territory(tmp_path / "land", replace(inputs, flows=(flows,)))


def test_the_command_builds_and_says_what_it_did(
    tmp_path: Path, inputs: Inputs, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        word
        for name, paths in {**inputs.files(), "sources": (inputs.sources,)}.items()
        for word in (f"--{name}", *map(str, paths))
    ]
    names = ["--label-fr", "Contrée", "--label-en", "Land", "--base-year", "2014"]
    names += ["--day", "2017-03-14"]
    folder = tmp_path / "land"
    assert main.main(["territory", "build", str(folder), *options, *names]) == 0
    said = capsys.readouterr().out
    assert "zones: 12 in 10, 20\n" in said
    assert said.endswith(f"Written to {folder}\n")
    assert main.main(["territory", "build", str(folder), *options, *names]) == 2


def test_public_transport_can_be_built_again_from_the_folder(
    tmp_path: Path, inputs: Inputs
) -> None:
    build_territory(tmp_path / "land", inputs)
    rebuilt_transit(load_territory(tmp_path / "land"), ()).write(tmp_path / "again")
    for file in (tmp_path / "again").iterdir():
        assert file.read_bytes() == (tmp_path / "land" / "transit" / file.name).read_bytes(), file


def hops(**changed: object) -> bytes:
    """One ride of the metro, as a file, with other cells."""
    row = dict(zip(HOP_COLUMNS, ("M", 0, "A", "B", 48.8, 2.3, 48.9, 2.4, 90), strict=True))
    cells = (row | changed).values()
    return f"{','.join(HOP_COLUMNS)}\n{','.join(map(str, cells))}\n".encode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("lines", b"", "lines.csv, row 1: the column names are missing."),
        ("lines", "line,label\nR,caf\xe9\n".encode("latin-1"), "lines.csv, row 2: the text is not"),
        ("lines", b"lin\nR\n", "lines.csv: column 'lin' is not known. Did you mean 'line'?"),
        ("lines", b"line,seat_per_train\nA,1\n",
         "lines.csv: column 'seat_per_train' is not known. Did you mean 'seats_per_train'?"),
        ("lines", b"# Trains\nline,seats_per_train\n\nA,\n# R\nR,abc\n",
         "lines.csv, row 6, column 'seats_per_train': 'abc', but must be a whole number from 1"),
        ("lines", b"line,seats_per_train\nA,8.5\n", "column 'seats_per_train': '8.5', but must be"),
        ("lines", b"line,places_per_train\nA,-8\n", "column 'places_per_train': '-8', but must be"),
        ("lines", b"line,kind\nA,boat\n", "column 'kind': 'boat', but must be one of rer, train,"),
        ("lines", b"line,seats_per_train\nA,1\n,2\n",
         "lines.csv, row 3, column 'line': the cell is empty, but must be a text"),
        ("lines", b"line,capacity_estimated\nA,\nR,1\nS,inf\n",
         "row 4, column 'capacity_estimated': 'inf', but must be one of 0, 1 or blank."),
        ("metro", b"", "metro.csv, row 1: the column names are missing."),
        ("metro", hops(seconds="90,5"), "row 2: 10 cells, but row 1 names 9 columns."),
        *(("metro", hops(**{column: value}), f"row 2, column '{column}': {value!r}, but must be a "
           f"number with a decimal point from {least}")
          for column, value, least in (
              ("seconds", "-60", "0 to 36,000"), ("seconds", "36001", "0 to 36,000"),
              ("seconds", "inf", "0 to 36,000"), ("from_lat", "148.8", "-90 to 90"),
              ("to_lon", "-181", "-180 to 180"))),
        ("metro", hops(**{"from": ""}), "row 2, column 'from': the cell is empty, but must be"),
    ],
)  # fmt: skip
def test_a_wrong_table_of_lines_is_told(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.csv"
    file.write_bytes(content)
    with pytest.raises(TerritoryError, match=re.escape(sentence)):
        {"lines": read_lines, "metro": read_hops}[name](file)


def test_a_line_has_no_more_seats_than_places(tmp_path: Path) -> None:
    line = Line("R", "R", "R", "train", "", 800, 1600, True, "")
    both = (0.0, 5.0), (0.0, 5.0), (True, True), (True, False), (False, True)
    network = Network(
        {"A": (48.0, 2.0), "B": (48.1, 2.0)}, {"R": line}, (Run("R", ("A", "B"), *both, 2.0),)
    )
    (tmp_path / "lines.csv").write_text("line,seats_per_train,places_per_train\nR,30,20\n")
    with pytest.raises(TerritoryError, match="is 20, but must be at least seats_per_train, 30"):
        describe_lines(network, read_lines(tmp_path / "lines.csv"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"base_year": 1800}, "The base year must be from 1900 to 2099, not 1800."),
        ({"label_fr": ""}, "must have a name in French and in English"),
    ],
)
def test_what_the_check_would_refuse_is_not_built(
    wrong: dict[str, object], sentence: str, tmp_path: Path, inputs: Inputs
) -> None:
    with pytest.raises(TerritoryError, match=sentence):
        build_territory(tmp_path / "none", replace(inputs, **wrong))
