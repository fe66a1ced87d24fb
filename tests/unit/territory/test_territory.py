"""The shipped tables hold what they promise, and every kind of slip in a table is told."""

import csv
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from sim77.cli.main import main
from sim77.core.errors import TerritoryError
from sim77.territory.schema import TABLES
from sim77.territory.territory import SHIPPED, check_territory, load_territory, write_example

pytestmark = pytest.mark.unit


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return write_example(tmp_path / "example")


def edit(folder: Path, name: str, row: int, column: str, value: Any) -> None:
    """Put ``value`` into one cell; rows are counted as in the file.

    The heading of CSV is row 1, the first row of Parquet is 0.
    """
    path = folder / f"{name}.parquet"
    if path.is_file():
        rewrite(path, lambda table: put(table, row, column, value))
        return
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[row - 1][lines[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def rewrite(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a Parquet table, its columns' types kept where what stands there allows."""
    schema, table = pq.read_schema(path), change(pd.read_parquet(path))
    try:
        changed = pa.Table.from_pandas(table, schema, preserve_index=False)
    except (pa.ArrowException, OverflowError):
        changed = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(changed, path)


def put(table: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    cells = table[column].astype(object)
    cells.iloc[row] = value
    return table.assign(**{column: cells.infer_objects()})


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- the shipped tables -------------------------------------------------------------------------


def test_shipped_territory_has_no_problem() -> None:
    assert check_territory(SHIPPED) == []


def test_shipped_communes() -> None:
    communes = load_territory().communes
    assert len(communes) == 507
    assert set(communes["department"]) == {"77"}
    assert communes["population"].sum() == 1_403_997
    assert communes["area_type"].value_counts().to_dict() == {
        "outer-rural": 426,
        "outer-urban": 81,
    }
    assert communes["residents_at_work"].sum() == 607_953


def test_shipped_fibre_comes_to_the_denser_communes_first() -> None:
    communes = load_territory().communes
    by_density = communes.sort_values("density_per_km2", ascending=False, kind="stable")
    thirds = [by_density["fibre_start"].iloc[169 * third : 169 * (third + 1)] for third in range(3)]
    assert [each.sort_values().iloc[84][:4] for each in thirds] == ["2017", "2019", "2021"]
    assert thirds[0].max() < thirds[1].min() < thirds[1].max() < thirds[2].min()


def test_shipped_flows_are_those_of_the_census_in_whole_persons() -> None:
    territory = load_territory()
    scope = territory.workplaces["zone"].to_numpy()[territory.flows["workplace"]]
    census = {"paris": 90_996, "inner-ring": 114_985, "within": 355_230, "outer-ring": 46_740}
    found = territory.flows.groupby(scope)["workers"].sum().to_dict()
    assert found == pytest.approx(census, rel=0.0025)
    assert sum(found.values()) == pytest.approx(sum(census.values()), abs=0.5 * 507)  # communes
    assert territory.default_zones == ("paris",)


def test_shipped_lines_of_the_departement_lead_to_paris() -> None:
    segments = load_territory().od.transit.segments
    ends = {
        "A": "Marne-la-Vallée–Chessy",
        "E": "Tournan",
        "P": "Provins",
        "R": "Montereau",
        "D": "Melun",
    }
    for line, end in ends.items():
        mine = segments[segments["line"] == line]
        assert (mine["from_stop"] == end).any(), (line, end)


def test_shipped_telecentres_are_the_twelve_named_and_eleven_more() -> None:
    sites = load_territory().telecentres
    assert len(sites) == 23
    assert (sites["status_dec_2013"].isin(["opened_2013", "planned_2014"])).sum() == 12
    assert sites["assumed"].sum() == 6
    assert (sites["opening_date"] != "").all()
    observed = sites.loc[sites["observed_open"] == 1]
    assert len(observed) == 11
    assert (observed["observed_opening_date"] != "").all()
    assert (sites.loc[sites["observed_open"] == 0, "observed_opening_date"] == "").all()
    assert sites.set_index("telecentre_id").at["hubstart", "in_territory"] == 0


def test_shipped_sources_are_all_told() -> None:
    territory = load_territory()
    known = set(territory.sources["source_id"])
    for name in ("communes", "telecentres", "lines"):
        assert set(getattr(territory, name)["source"]) <= known, name
    # Workplaces follow from the flows, which are a source of theirs.
    assert set(territory.workplaces["source"]) == {"flows"}


def test_shipped_maps_have_the_communes_of_the_table() -> None:
    territory = load_territory()
    shapes, around = territory.shapes(), territory.departements()
    assert shapes is not None and around is not None
    codes = {feature["properties"]["code"] for feature in shapes["features"]}
    assert codes == set(territory.communes["code"])
    assert len(around["features"]) == 8


# --- reading ------------------------------------------------------------------------------------


def test_columns_have_the_types_of_the_form(example: Path) -> None:
    for territory in (load_territory(), load_territory(example)):
        for name, form in TABLES.items():
            if name in ("flows", "mode_choice", "base_loads"):
                continue  # of another form once they are read
            table = getattr(territory, name)
            names = [column.name for column in form.columns]
            assert list(table.columns)[: len(names)] == names
            for column in form.columns:
                values = table[column.name]
                if column.kind in ("text", "date", "code"):
                    assert all(isinstance(value, str) for value in values), (name, column.name)
                elif column.kind == "number":
                    assert values.dtype == np.float64
                elif not column.blank:
                    assert values.dtype == np.int64


def test_shipped_territory_is_read_once() -> None:
    assert load_territory() is load_territory()


def test_hash_depends_on_content_and_not_on_line_ends(example: Path, tmp_path: Path) -> None:
    before = load_territory(example)
    other = write_example(tmp_path / "other")
    for path in (*other.rglob("*.csv"), *other.glob("*.yaml")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_territory(other).hash == before.hash
    edit(other, "flows", 0, "workers", 151)
    after = load_territory(other)
    assert after.hash != before.hash
    changed = {
        file for file in before.data_hashes if before.data_hashes[file] != after.data_hashes[file]
    }
    assert changed == {"flows.parquet"}


def test_example_is_a_territory_of_three_communes(example: Path) -> None:
    assert check_territory(example) == []
    territory = load_territory(example)
    assert territory.name == "example"
    assert len(territory.communes) == 3
    assert len(territory.telecentres) == 2
    assert territory.flows["workers"].sum() == 630
    to_paris = territory.workplaces["zone"].to_numpy()[territory.flows["workplace"]] == "paris"
    assert territory.flows["workers"][to_paris].sum() == 260
    assert territory.default_zones == ("paris",)
    assert territory.workplace_zones == ("paris", "inner-ring", "outer-ring", "within")


def test_the_example_is_built_again_from_its_files(example: Path, capsys: Any) -> None:
    command = load_territory(example).od.settings["command"]
    assert f"```sh\n{command}\n```" in (example / "README.md").read_text(encoding="utf-8")
    given = Path.cwd()
    try:
        os.chdir(example / "inputs")
        assert main(shlex.split(command)[1:]) == 0
    finally:
        os.chdir(given)
    again = example / "inputs" / "example"
    made = {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    assert {path.parts[0] for path in made} >= {"territory.yaml", "transit", "road"}
    for path in made - {Path("README.md")}:  # that of the example says what to try
        assert (again / path).read_bytes() == (example / path).read_bytes(), path
    there = {path.name for path in example.iterdir()} - {"inputs", "scenarios", "mode_choice.csv"}
    assert {path.name for path in again.iterdir()} == there


def test_an_example_overwrites_nothing(example: Path, tmp_path: Path) -> None:
    edit(example, "flows", 0, "workers", 151)
    before = load_territory(example).hash
    with pytest.raises(TerritoryError, match=r"is not empty \(it holds README.md, base_loads.par"):
        write_example(example)
    assert load_territory(example).hash == before
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(TerritoryError, match="is a file"):
        write_example(tmp_path / "file")
    with pytest.raises(TerritoryError, match="cannot be written"):
        write_example(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    (tmp_path / "empty").mkdir()
    assert check_territory(write_example(tmp_path / "empty")) == []


def test_blank_rows_and_a_byte_order_mark_do_no_harm(example: Path) -> None:
    path = example / "communes.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\n,,,,,,,,,,\n")
    assert len(load_territory(example).communes) == 3


def test_spaces_around_a_cell_do_no_harm(example: Path) -> None:
    edit(example, "workplaces", 2, "zone", " paris ")
    edit(example, "telecentres", 2, "closing_date", " ")
    territory = load_territory(example)
    assert territory.workplaces["zone"].iloc[0] == "paris"
    assert territory.telecentres["closing_date"].iloc[0] == ""


# --- slips --------------------------------------------------------------------------------------


def test_load_raises_the_first_problem_and_counts_the_others(example: Path) -> None:
    edit(example, "workplaces", 2, "jobs", "-3")
    edit(example, "workplaces", 4, "jobs", "1.5")
    with pytest.raises(TerritoryError) as caught:
        load_territory(example)
    message = str(caught.value)
    assert message.startswith(
        "workplaces.csv, row 2, column 'jobs': '-3', but must be a whole number from 0 to "
        "20,000,000."
    )
    assert "(and 1 more" in message


CELLS = [
    ("workplaces", 2, "jobs", "-3", "a whole number from 0 to 20,000,000"),
    ("workplaces", 3, "jobs", "12.5", "a whole number from 0 to 20,000,000"),
    ("workplaces", 3, "jobs", "", "the cell is empty"),
    ("workplaces", 3, "jobs", "many", "'many'"),
    ("workplaces", 3, "jobs", "nan", "'nan'"),
    ("workplaces", 3, "jobs", "inf", "'inf'"),
    ("workplaces", 3, "zone", "Paris", "a scope of territory.yaml. Did you mean 'paris'?"),
    ("telecentres", 3, "desks_estimated", "yes", "0 or 1"),
    ("communes", 2, "lat", "95", "from -90 to 90"),
    ("communes", 2, "lat", "48,55", "a number with a decimal point"),
    ("communes", 3, "lon", "48.5", "within 2.5 degrees"),
    ("telecentres", 2, "lat", "2.70", "within 2.5 degrees"),
    ("communes", 4, "area_km2", "0", "from 0.001 to 20,000"),
    ("communes", 4, "area_type", "town", "core, inner, outer-urban, outer-rural"),
    ("communes", 4, "fibre_start", "2014-13-01", "a date as YYYY-MM-DD"),
    ("communes", 4, "fibre_start", "01/06/2014", "a date as YYYY-MM-DD"),
    ("communes", 4, "fibre_start", "20140601", "a date as YYYY-MM-DD"),
    ("flows", 2, "commune", "9901", "a code of five digits"),
    ("flows", 2, "commune", "99010", "a code of communes.csv. Did you mean '99003'?"),
    ("flows", 2, "commune", None, "the cell is empty"),
    ("flows", 2, "workplace", "75057", "Did you mean '75056'?"),
    ("flows", 2, "workers", -3, "-3, but must be a whole number from 0 to 2,000,000"),
    ("flows", 2, "csp", 7, "7, but must be a whole number from 1 to 6"),
    ("base_loads", 1, "number", 10, "10, but must be a row of road/sections.parquet, 0 to 9"),
    ("base_loads", 1, "load", -1.0, "-1.0, but must be a number with a decimal point from 0"),
    ("base_loads", 1, "kind", "road", "one of segment, section"),
    ("mode_choice", 2, "value", "0", "from 1 to 5 for the term mu_mode"),
    ("mode_choice", 3, "mode", "bus", "one of public-transport, car, bicycle, walk"),
    ("mode_choice", 3, "origin", "", "the cell is empty, but must say which for the term area"),
    ("mode_choice", 3, "occupation", "manual", "must be blank for the term area"),
    ("telecentres", 2, "commune_code", "99010", "while in_territory is 1"),
    ("telecentres", 2, "closing_date", "2013-01-01", "after the opening date '2014-01-01'"),
    ("telecentres", 2, "opening_date", "2014", "YYYY-MM-DD from 1900 to 2099 or blank"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "sentence"), CELLS)
def test_a_wrong_cell_is_told_with_its_place(
    example: Path, table: str, row: int, column: str, value: Any, sentence: str
) -> None:
    edit(example, table, row, column, value)
    problems = check_territory(example)
    place = f"{table}{TABLES[table].suffix}, row {row}, column '"
    assert any(problem.startswith(place) and sentence in problem for problem in problems), problems
    with pytest.raises(TerritoryError):
        load_territory(example)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("  fr: Pays inventé\n", "", "territory.yaml, 'label.fr': a text needs a 'fr'."),
        ("- paris", "- Paris", "'default_scopes': unknown scope 'Paris'. Did you mean 'paris'?"),
        ("default_scopes:\n- paris\n", "default_scopes: []\n", "expected at least one scope"),
        ("kind: od", "kind: tree", "'kind': unknown kind 'tree'. Known: od."),
        ("base_year: 2014", "base_year: x", "expected a whole number from 1900 to 2099, not 'x'"),
        ("base_year: 2014", "base_yaer: 2014", "unknown key 'base_yaer'. Did you mean"),
        ("base_year: 2014\n", "", "a territory needs a 'base_year'"),
        ("name: example", "name: [", "territory.yaml"),
    ],
)
def test_wrong_settings_are_told(example: Path, old: str, new: str, sentence: str) -> None:
    path = example / "territory.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    (problem,) = check_territory(example)
    assert sentence in problem
    assert "\n" not in problem


def test_no_more_scopes_than_the_identity_of_an_employer_can_tell_apart(example: Path) -> None:
    path = example / "territory.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    for most, problems in (
        (16, []),
        (17, ["territory.yaml, 'scopes': expected at most 16 scopes, not 17."]),
    ):
        added = [f"scope-{n}" for n in range(most - len(settings["scopes"]))]
        scopes = settings["scopes"] | {name: {"fr": name, "en": name} for name in added}
        path.write_text(yaml.safe_dump(settings | {"scopes": scopes}), encoding="utf-8")
        assert check_territory(example) == problems


def test_no_scope_is_called_like_all_of_them(example: Path) -> None:
    path = example / "territory.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["scopes"]["all"] = {"fr": "tous", "en": "all"}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert check_territory(example) == [
        "territory.yaml, 'scopes': expected no scope called 'all', which stands for all of them."
    ]


def test_rows_are_counted_as_in_the_file_when_some_are_blank(example: Path) -> None:
    replace(example, "communes", "99002,", "\n99002,")
    edit(example, "communes", 4, "population", "-1")
    assert check_territory(example)[0].startswith("communes.csv, row 4, column 'population': '-1'")


def test_a_place_outside_needs_no_commune_row(example: Path) -> None:
    edit(example, "telecentres", 2, "commune_code", "95527")
    edit(example, "telecentres", 2, "in_territory", "0")
    assert check_territory(example) == []


def test_missing_file(example: Path) -> None:
    (example / "flows.parquet").unlink()
    (example / "communes.csv").unlink()
    assert check_territory(example) == [
        f"{name}: the file is missing in '{example}'." for name in ("communes.csv", "flows.parquet")
    ]


@pytest.mark.parametrize(
    "file", ["transit/segments.parquet", "transit/lines.csv", "road/pairs.parquet"]
)
def test_a_missing_table_of_a_mode_is_told(example: Path, file: str) -> None:
    (example / file).unlink()
    (problem,) = check_territory(example)
    assert str(example / file) in problem


def test_a_file_that_is_no_parquet_is_told(example: Path) -> None:
    (example / "flows.parquet").write_bytes(b"commune,workplace")
    (problem,) = check_territory(example)
    assert problem.startswith("flows.parquet: the file cannot be read (")


def test_a_column_of_another_kind_is_told(example: Path) -> None:
    path = example / "flows.parquet"
    pd.read_parquet(path).astype({"workers": str}).to_parquet(path, index=False)
    (problem,) = check_territory(example)
    assert problem.startswith("flows.parquet, column 'workers': ")
    assert problem.endswith(", but must be a column of numbers.")


def test_modes_must_have_a_row_for_each_pair(example: Path) -> None:
    flows = example / "flows.parquet"
    rewrite(flows, lambda table: table[table["workplace"] != "75056"].reset_index(drop=True))
    assert check_territory(example) == [
        "transit/pairs.parquet: 34 rows, but must have 28, 2 for each pair of home and workplace "
        "of flows.parquet.",
        "road/pairs.parquet: 17 rows, but must have 14, 1 for each pair of home and workplace of "
        "flows.parquet.",
    ]


def test_somebody_must_go_to_work(example: Path) -> None:
    rewrite(example / "flows.parquet", lambda table: table[table["at_home"]].reset_index(drop=True))
    assert "nobody goes to work" in check_territory(example)[0]


def test_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "there is no such folder" in check_territory(tmp_path / "nowhere")[0]
    with pytest.raises(TerritoryError, match=r"a folder, or one that has been read, not ''\."):
        load_territory("")
    with pytest.raises(TerritoryError, match=r"territory\.yaml: the file is missing in '\.'\."):
        load_territory(".")
    with pytest.raises(TerritoryError, match="there is no such folder"):
        load_territory(tmp_path / "nowhere")
    with pytest.raises(TerritoryError, match="Did you mean 'ile-de-france'"):
        load_territory("ile-de-frnace")


def test_missing_column_and_the_name_that_was_meant(example: Path) -> None:
    replace(example, "communes", ",population,", ",popluation,")
    problems = check_territory(example)
    assert problems == [
        "communes.csv, row 1: column 'popluation' is not known. Did you mean 'population'?",
        "communes.csv, row 1: column 'population' is missing.",
    ]


def test_misspelt_optional_column_is_not_overlooked(example: Path) -> None:
    replace(example, "telecentres", "operator,source", "operatr,source")
    assert "Did you mean 'operator'?" in check_territory(example)[0]


def test_duplicated_code(example: Path) -> None:
    edit(example, "telecentres", 3, "telecentre_id", "bourg")
    assert check_territory(example) == [
        "telecentres.csv, row 3, column 'telecentre_id': 'bourg' is already in row 2; "
        "each may occur once."
    ]


def test_duplicated_flow(example: Path) -> None:
    rewrite(example / "flows.parquet", lambda table: pd.concat([table, table[:1]]))
    (problem,) = check_territory(example)
    assert problem.startswith("flows.parquet, row 86, column 'commune + workplace + csp + at_home'")
    assert "is already in row 0; each may occur once." in problem


def test_places_of_a_train_are_no_fewer_than_its_seats(example: Path) -> None:
    edit(example, "transit/lines", 2, "places_per_train", "5")
    (problem,) = check_territory(example)
    assert "lines.csv, row 0: places_per_train must be at least seats_per_train, not 5" in problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (("2015-01-01,T,places_per_train,3",), "row 2, column 'value': places_per_train of line "
         "'T' is 3 from 2015-01-01, but must be at least seats_per_train, 8."),
        # In the order of dates: the seats come after the places that hold them, then too many.
        (("2016-01-01,T,seats_per_train,50", "2015-01-01,T,places_per_train,50",
          "2017-01-01,T,seats_per_train,51", "2017-01-01,U,seats_per_train,51"),
         "row 4, column 'value': places_per_train of line 'T' is 50 from 2017-01-01, but must be "
         "at least seats_per_train, 51."),
        (("2015-01-01,T,seats_per_train,30", "2015-01-01,T,places_per_train,30"), None),
        (("2015-01-01,TT,seats_per_train,3",), "row 2, column 'line': 'TT', but must be a line of "
         "transit/lines.csv. Did you mean 'T'?"),
    ],
)  # fmt: skip
def test_places_are_no_fewer_than_seats_after_any_change(
    example: Path, changes: tuple[str, ...], problem: str | None
) -> None:
    rows = [f"{each},made-up\n" for each in changes]
    text = "date,line,field,value,source\n" + "".join(rows)
    (example / "rail_changes.csv").write_text(text, encoding="utf-8")
    found = check_territory(example)
    assert found == ([] if problem is None else [f"rail_changes.csv, {problem}"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text.encode("latin-1"), "row 2: the text is not UTF-8"),
        (lambda text: text.replace(",", ";").encode(), "separated by ';'"),
        (lambda text: b"", "row 1: the column names are missing"),
        (lambda text: text.encode() + b"99004,too,few\n", "row 5: 3 cells"),
        (lambda text: text.replace("Vallée", '"Vallée', 1).encode(), "not a comma-separated table"),
        (lambda text: text.split("\n")[0].encode(), "the table has no rows"),
    ],
)
def test_file_that_is_no_table(example: Path, spoil: Callable[[str], bytes], sentence: str) -> None:
    replace(example, "communes", "Bourg", "Vallée")
    path = example / "communes.csv"
    path.write_bytes(spoil(path.read_text(encoding="utf-8")))
    problems = check_territory(example)
    assert problems[0].startswith("communes.csv")
    assert sentence in problems[0]


def test_many_slips_of_a_kind_are_counted(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "many")
    rewrite(folder / "flows.parquet", lambda table: table.assign(workers=-1))
    problems = check_territory(folder)
    assert [each[:13] for each in problems] == ["flows.parquet"] * 11
    assert problems[10] == "flows.parquet, column 'workers': 76 more cells like that."


def test_no_telecentres_and_no_constants_are_allowed(example: Path) -> None:
    path = example / "telecentres.csv"
    path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    for name in ("mode_choice.csv", "base_loads.parquet", "sources.csv"):
        (example / name).unlink()
    territory = load_territory(example)
    assert territory.telecentres.empty
    assert territory.od.mode_choice["value"].dtype == np.float64
    assert territory.parameters == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("source_id,text,licence\nzones,Zones,\n", "sources.csv, row 2, column 'licence': "),
        ("source_id,text\nzones,Zones\n", "sources.csv, row 1: column 'licence' is missing"),
    ],
)
def test_a_source_without_a_licence_is_told(example: Path, text: str, sentence: str) -> None:
    (example / "sources.csv").write_text(text, encoding="utf-8")
    assert any(each.startswith(sentence) for each in check_territory(example))


@pytest.mark.parametrize("kind", [bool, "int8", "int64"])
def test_a_flag_of_a_parquet_file_is_true_or_one(example: Path, kind: type | str) -> None:
    before = load_territory(example).flows
    file = example / "flows.parquet"
    flows = pd.read_parquet(file)
    flows.assign(at_home=flows["at_home"].astype(int).astype(kind)).to_parquet(file, index=False)
    assert load_territory(example).flows["at_home"].tolist() == before["at_home"].tolist()
    flows.assign(at_home=2).to_parquet(file, index=False)
    with pytest.raises(TerritoryError, match=r"column 'at_home': 2, but must be 0 or 1"):
        load_territory(example)


def test_map_that_is_no_geojson(example: Path) -> None:
    territory = load_territory(example)
    assert territory.shapes() is not None
    for text in ("{}", "{"):
        (example / "communes.geojson").write_text(text, encoding="utf-8")
        assert "GeoJSON" in check_territory(example)[0]
        with pytest.raises(TerritoryError, match=r"communes\.geojson: must be a GeoJSON"):
            territory.shapes()
