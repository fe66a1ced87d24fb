"""Observed flows: containers, codes, whole workers, and what is said of wrong files."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.core.errors import TerritoryError
from sim77.territory.build.flows import (
    AT_HOME_BY_GROUP,
    NO_GROUP,
    OCCUPATIONS_OF_RESIDENTS,
    RESIDENTS_ELSEWHERE,
    WORK_ELSEWHERE,
    _locate,
    pairs_of,
    read_flows,
    read_modes,
    whole_persons,
    workers_of,
    write_workers,
)
from sim77.territory.build.zones import Zones, read_zones
from tests.public_files import CODES, flows_table, write_public_files

pytestmark = pytest.mark.unit

PERSONS = (
    # COMMUNE, ARM, DCLT, CS1, TRANS, IPONDI
    ("10002", "ZZZZZ", "10001", "3", "5", "2.5"),
    ("10002", "ZZZZZ", "10901", "3", "4", "1.25"),  # merged into 10001
    ("10002", "ZZZZZ", "10001", "3", "1", "1.5"),
    ("10002", "ZZZZZ", "33063", "3", "4", "4"),
    ("10002", "ZZZZZ", "99999", "3", "4", "8"),
    ("10002", "ZZZZZ", "10001", "Z", "4", "16"),
    ("33063", "ZZZZZ", "10001", "3", "4", "32"),
    ("10000", "20009", "20009", "6", "2", "0.75"),  # a city whose arrondissements are zones
)


@pytest.fixture
def zones(tmp_path: Path) -> Zones:
    paths = write_public_files(tmp_path)
    return read_zones(paths["zones"], paths["shapes"])


def write_mobpro(path: Path, persons: tuple[tuple[str, ...], ...] = PERSONS) -> Path:
    lines = ["COMMUNE;ARM;DCLT;CS1;TRANS;IPONDI", *(";".join(each) for each in persons)]
    path.write_bytes(("\n".join(lines) + "\n").encode("latin-1"))
    return path


def test_csv_and_parquet_give_the_same_flows(tmp_path: Path, zones: Zones) -> None:
    table = flows_table()
    table.to_parquet(tmp_path / "flows.parquet")
    flows = read_flows([tmp_path / "flows.csv"], zones, 2014)
    assert read_flows([tmp_path / "flows.parquet"], zones, 2014).table.equals(flows.table)
    assert flows.table["persons"].sum() == pytest.approx(table["workers"].sum())
    assert not any(flows.left_out.values())


def test_whole_workers_are_the_persons_of_each_commune(tmp_path: Path, zones: Zones) -> None:
    flows = read_flows([tmp_path / "flows.csv"], zones, 2014)
    workers = workers_of(flows, CODES)
    persons = flows_table().groupby("origin")["workers"].sum()
    assert workers.groupby("commune")["workers"].sum().to_dict() == (
        np.floor(persons + 0.5).astype(int).to_dict()
    )
    by_row = workers.merge(
        flows.table,
        left_on=["commune", "workplace", "csp", "at_home"],
        right_on=["origin", "destination", "csp", "at_home"],
    )
    assert len(by_row) == len(workers)
    assert (by_row["workers"] - by_row["persons"]).abs().max() < 1
    order = ["commune", "workplace", "csp", "at_home"]
    assert workers[order].apply(tuple, axis=1).is_monotonic_increasing
    assert set(workers_of(flows, CODES[8:])["commune"]) == set(CODES[8:])


def test_of_equal_remainders_the_earlier_row_gains() -> None:
    persons, group = np.array([0.5, 2.5, 0.5, 0.5]), np.array([1, 0, 1, 1])
    assert whole_persons(persons, group).tolist() == [1, 3, 1, 0]


def test_half_a_person_is_rounded_up_whatever_the_sum_of_its_parts_leaves() -> None:
    persons = np.array([0.3, 1.9, 0.3])
    assert persons[0] + persons[1] + persons[2] < 2.5
    assert whole_persons(persons, np.zeros(3, dtype=int)).tolist() == [1, 2, 0]


def test_pairs_are_of_those_who_go_to_work(tmp_path: Path, zones: Zones) -> None:
    workers = workers_of(read_flows([tmp_path / "flows.csv"], zones, 2014), CODES)
    alone = workers.assign(at_home=workers["workplace"] == CODES[0])
    assert CODES[0] not in set(pairs_of(alone)["workplace"])
    assert pairs_of(workers).equals(
        workers[["commune", "workplace"]].drop_duplicates(ignore_index=True)
    )


def test_flows_are_written_sorted_in_small_types_and_to_the_same_bytes(
    tmp_path: Path, zones: Zones
) -> None:
    workers = workers_of(read_flows([tmp_path / "flows.csv"], zones, 2014), CODES)
    for name in ("one", "two"):
        write_workers(workers, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    back = pd.read_parquet(tmp_path / "one")
    assert back.dtypes.astype(str).to_dict() == {
        "commune": "category", "workplace": "category", "csp": "int8", "at_home": "bool",
        "workers": "int32",
    }  # fmt: skip
    assert back.astype({"commune": str, "workplace": str}).equals(
        workers.astype({"commune": str, "workplace": str})
    )


MODES_HEAD = "origin,destination,mode,workers\n"


def test_modes_are_those_among_the_zones_by_todays_codes(tmp_path: Path, zones: Zones) -> None:
    table = pd.DataFrame(
        [
            ("10901", "10002", "VP", 3, 2.5),
            ("10002", "01001", "VP", 3, 1.5),
            ("10002", "10001", "VP", 6, 1.5),
            ("10002", "33063", "VP", 3, 4.0),
            ("33063", "10001", "TC", 3, 8.0),
        ],
        columns=["origin", "destination", "mode", "csp", "workers"],
    )
    zones = replace(zones, current_code=zones.current_code | {"01001": "10001"})
    table.to_csv(tmp_path / "m.csv", index=False)
    table.assign(shape=[b"\xff"] * 5).to_parquet(tmp_path / "m.parquet")
    for name in ("m.csv", "m.parquet"):
        modes, report = read_modes(tmp_path / name, zones)
        assert modes[["origin", "destination", "mode", "workers"]].to_numpy().tolist() == [
            ["10001", "10002", "VP", 2.5],
            ["10002", "10001", "VP", 1.5],
            ["10002", "10001", "VP", 1.5],
        ]
        assert report == [
            "modes: 18 persons read, 6 among the zones",
            f"  left out: 8 {RESIDENTS_ELSEWHERE}",
            f"  left out: 4 {WORK_ELSEWHERE}",
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("10002,10001,VP,é\n", "row 2, column 'workers': 'é', but must be a number with a decimal"),
        ("10002,10001,VP,\n", "row 2, column 'workers': the cell is empty, but must be a number"),
        ("10002,10001,VP,1\n10002,10002,VP,nan\n", "row 3, column 'workers': 'nan', but must be"),
        ("10002,10001,VP,inf\n", "row 2, column 'workers': 'inf', but must be a number with"),
        ("10002,10001,VP,-5\n", "row 2, column 'workers': '-5', but must be a number with a "
         "decimal point from 0 to 10,000,000."),
        ("10002,10001,,5\n", "row 2, column 'mode': the cell is empty, but must be a text"),
        ("10022,10001,VP,5\n", "row 2, column 'origin': '10022', but must be a code of the zones "
         "or a former one of them. Did you mean '10002'?"),
        ("10002,1001,VP,5\n", "row 2, column 'destination': '1001', but must be a code of five"),
        ("33333,10001,VP,5\n", "nobody lives and works in the zones (10001, …); the codes must be"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_wrong_modes_are_told_in_one_sentence(
    tmp_path: Path, zones: Zones, content: str, message: str, suffix: str
) -> None:
    path = tmp_path / "who-drives.csv"
    path.write_text(MODES_HEAD + content, encoding="utf-8")
    if suffix == "parquet":
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        path = path.with_suffix(".parquet")
        table.to_parquet(path)
    with pytest.raises(TerritoryError) as error:
        read_modes(path, zones)
    assert str(error.value).startswith(path.name)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_modes_without_a_column_or_a_file_are_told(tmp_path: Path, zones: Zones) -> None:
    path = tmp_path / "who-drives.csv"
    with pytest.raises(TerritoryError, match=r"who-drives\.csv: there is no such file"):
        read_modes(path, zones)
    path.write_text("origin,destination,mode,worker\n10002,10001,VP,5\n", encoding="utf-8")
    with pytest.raises(TerritoryError, match=r"'workers' is missing\. Did you mean 'worker'\?"):
        read_modes(path, zones)


@pytest.mark.parametrize("name", ["FD_MOBPRO_2008.csv", "FD_MOBPRO_2020.zip"])
def test_detail_files_of_any_census_give_flows(tmp_path: Path, zones: Zones, name: str) -> None:
    path = write_mobpro(tmp_path / "FD_MOBPRO_2008.csv")
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(path, "FD_MOBPRO_2020.csv")
    flows = read_flows([tmp_path / name], zones, 2014)
    by_car = 1.25 if name == "FD_MOBPRO_2008.csv" else 2.5  # codes of TRANS changed in between
    assert flows.table.to_dict("split")["data"] == [
        ["10002", "10001", 3, False, 3.75, by_car],
        ["10002", "10001", 3, True, 1.5, 0],
        ["20009", "20009", 6, False, 0.75, 0],
    ]
    assert flows.left_out == {RESIDENTS_ELSEWHERE: 32, WORK_ELSEWHERE: 12, NO_GROUP: 16}
    assert flows.persons_read == 66


def test_a_lost_zero_of_a_code_is_put_back(tmp_path: Path, zones: Zones) -> None:
    table = zones.table.assign(code=zones.table["code"].str.replace("10", "01", n=1))
    renamed = replace(
        zones,
        table=table.assign(department=table["code"].str[:2]),
        current_code={code: code for code in table["code"]},
    )
    path = write_mobpro(tmp_path / "m.csv", (("1002", "ZZZZZ", "1001", "3", "4", "2"),))
    assert read_flows([path], renamed, 2014).table["destination"].tolist() == ["01001"]


# A base of flows -----------------------------------------------------------------------------

FLOWS = (
    # CODGEO, DCLT, NBFLUX_C14_ACTOCC15P
    ("10002", "10001", "60"), ("10002", "10901", "10"),  # merged into 10001
    ("10002", "10002", "20"), ("10002", "75056", "10"),
    ("20009", "10001", "5"), ("33063", "10001", "7"),
)  # fmt: skip
OCCUPATIONS = (
    # CODGEO, C14_ACTOCC1564_CS1 to _CS6
    ("10002", "4", "16", "40", "60", "50", "30"),
    ("20009", "0", "0", "0", "0", "0", "8"),
    ("33063", "", "s", "9", "0", "0", "0"),
)
WAYS = (
    # CODGEO, P14_ACTOCC15P, P14_ACTOCC15P_PASTRANS, P14_ACTOCC15P_VOITURE
    ("10002", "200", "10", "95"), ("20009", "8", "0", "8"), ("33063", "9", "", ""),
)  # fmt: skip
CS = ";".join(f"C14_ACTOCC1564_CS{n}" for n in range(1, 7))
P14 = "P14_ACTOCC15P;P14_ACTOCC15P_PASTRANS;P14_ACTOCC15P_VOITURE"


def write_base(path: Path, heading: str, rows: tuple[tuple[str, ...], ...]) -> Path:
    path.write_text("\n".join([heading, *(";".join(each) for each in rows)]) + "\n", "utf-8")
    return path


def write_bases(
    folder: Path, flows: tuple = FLOWS, occupations: tuple = OCCUPATIONS, ways: tuple = WAYS
) -> tuple[Path, list[Path]]:
    return write_base(folder / "base-flux.csv", "CODGEO;DCLT;NBFLUX_C14_ACTOCC15P", flows), [
        write_base(folder / "pop-active.csv", f"CODGEO;{CS}", occupations),
        write_base(folder / "caract_emp.csv", f"CODGEO;{P14}", ways),
    ]


def test_a_base_of_flows_takes_the_occupations_of_residents(tmp_path: Path, zones: Zones) -> None:
    base, residents = write_bases(tmp_path)
    flows = read_flows([base], zones, 2014, residents)
    table, groups = flows.table, np.array([4, 16, 40, 60, 50, 30]) / 200
    assert (flows.persons_read, flows.of_residents) == (112, True)
    assert flows.remarks == (OCCUPATIONS_OF_RESIDENTS,)
    assert flows.left_out == {RESIDENTS_ELSEWHERE: 7, WORK_ELSEWHERE: 10, NO_GROUP: 0}
    assert table["persons"].sum() == pytest.approx(95)
    # Of 100 who live there 5 % work at home, the occupations as in the shares by group.
    home = table[table["at_home"]]
    assert set(home["origin"]) == set(home["destination"]) == {"10002"}
    weight = groups * AT_HOME_BY_GROUP
    assert home["persons"].to_numpy() == pytest.approx(5 * weight / weight.sum())
    assert home["by_car"].sum() == 0
    # All the others have one mix, so that those of a commune together are its residents.
    away = table[~table["at_home"]].pivot_table("persons", ["origin", "destination"], "csp")
    mix = 100 * groups - home["persons"].to_numpy()
    assert away.loc["10002", "10001"].to_numpy() == pytest.approx(70 * mix / 95)
    assert away.loc["10002", "10002"].to_numpy() == pytest.approx(15 * mix / 95)
    assert away.loc["20009", "10001"].dropna().to_dict() == {6: 5}
    leaves = table[~table["at_home"] & (table["origin"] == "10002")]
    assert (leaves["by_car"] / leaves["persons"]).to_numpy() == pytest.approx(0.5)


def test_bases_of_residents_come_in_one_file_or_two_and_under_several_names(
    tmp_path: Path, zones: Zones
) -> None:
    base, residents = write_bases(tmp_path)
    wanted = read_flows([base], zones, 2014, residents).table
    both = [(*one, *other[1:]) for one, other in zip(OCCUPATIONS, WAYS, strict=True)]
    older = [(*row, "1", "1", "1") for row in both]  # of another census, beside
    old = P14.replace("P14", "P09")
    for heading, rows in (
        (f"CODGEO;{CS};{P14}", both),
        (f"CODGEO;{CS.replace('CS', 'STAT_GSEC1')};{P14.replace('P14', 'C14')}", both),
        (f"CODGEO;{CS};{P14.replace('TRANS', '').replace('VOITURE', 'VOIT')};{old}", older),
    ):
        one = write_base(tmp_path / "one.csv", heading, tuple(rows))
        assert read_flows([base], zones, 2014, [one]).table.equals(wanted), heading
    with zipfile.ZipFile(tmp_path / "ways.zip", "w") as archive:
        archive.write(residents[1], "base-cc-caract_emp-2014.CSV")
        archive.writestr("meta_base-cc-caract_emp-2014.CSV", "COD_VAR;LIB_VAR\nCODGEO;Code\n")
    zipped = [residents[0], tmp_path / "ways.zip"]
    assert read_flows([base], zones, 2014, zipped).table.equals(wanted)


def test_a_commune_that_tells_no_occupation_has_those_of_its_departement(
    tmp_path: Path, zones: Zones
) -> None:
    bare = (("10002", "0", "0", "0", "0", "0", "0"), *OCCUPATIONS[1:], ("10001", *"000055"))
    base, residents = write_bases(tmp_path, FLOWS, bare, (*WAYS, ("10001", "9", "0", "9")))
    flows = read_flows([base], zones, 2014, residents)
    assert set(flows.table.query("origin == '10002'")["csp"]) == {5, 6}
    assert flows.remarks[1] == (
        "Communes that tell no occupation, and have those of their département: 1."
    )


def test_no_more_work_at_home_than_stay(tmp_path: Path, zones: Zones) -> None:
    base, residents = write_bases(tmp_path, (("10002", "10001", "99"), ("10002", "10002", "1")))
    table = read_flows([base], zones, 2014, residents).table
    assert table.query("at_home")["persons"].sum() == pytest.approx(1)
    assert table["persons"].sum() == pytest.approx(100)
    assert table.query("origin == destination and not at_home")["persons"].sum() < 1e-9


def test_arrondissements_are_their_city_where_that_is_the_zone(
    tmp_path: Path, zones: Zones
) -> None:
    paris = replace(zones, current_code={**zones.current_code, "75056": "10001"})
    found = _locate(pd.Series(["75101", "75056", "13055"]), paris, "f", "c", np.arange(3))
    assert found.tolist()[:2] == ["10001", "10001"]
    # A base may have rows of both, and of communes that no zone is made of.
    base, residents = write_bases(tmp_path)
    wanted = read_flows([base], zones, 2014, residents).table
    more = [("75101", *"123456"), ("75056", *"666666"), ("10099", *"111111")]
    ways = [("75101", *"311"), ("75056", *"911"), ("10099", *"311")]
    _, residents = write_bases(tmp_path, FLOWS, (*OCCUPATIONS, *more), (*WAYS, *ways))
    assert read_flows([base], zones, 2014, residents).table.equals(wanted)
    city = read_flows([base], paris, 2014, residents).table
    paris_only = write_bases(tmp_path, FLOWS, (*OCCUPATIONS, more[1]), (*WAYS, ways[1]))[1]
    assert read_flows([base], paris, 2014, paris_only).table.equals(city)
    assert found.isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("flows", "occupations", "ways", "sentence"),
    [
        ((*FLOWS, FLOWS[0]), OCCUPATIONS, WAYS, "row 8: 10002 to 10001 is already in row 2"),
        ((("Bourg", "10001", "3"),), OCCUPATIONS, WAYS,
         "row 2, column 'CODGEO': 'Bourg', but must be the code of a commune"),
        ((("10002", "10001", "1e300"),), OCCUPATIONS, WAYS,
         "row 2, column 'NBFLUX_C14_ACTOCC15P': '1e300', but must be a number from 0 to"),
        (FLOWS, OCCUPATIONS[:1], WAYS, "pop-active.csv has no row for 20009, where people"),
        (FLOWS, (*OCCUPATIONS, OCCUPATIONS[0]), WAYS, "row 5: 10002 is already in row 2"),
        (FLOWS, OCCUPATIONS, (("10002", "200", "ten", "95"), *WAYS[1:]),
         "row 2, column 'P14_ACTOCC15P_PASTRANS': 'ten', but must be a number from 0 to"),
        (FLOWS, OCCUPATIONS, (("10002", "200", "", "95"), *WAYS[1:]),
         "row 2, column 'P14_ACTOCC15P_PASTRANS': '', but must be a number from 0 to"),
        (FLOWS, OCCUPATIONS, (("10002", "200", "10", "950"), *WAYS[1:]),
         "row 2: 950 persons in column 'P14_ACTOCC15P_VOITURE', more than the 200 at work"),
        (FLOWS, OCCUPATIONS, (("10002", "0", "0", "0"), *WAYS[1:]), "have nobody at work in 10002"),
    ],
)  # fmt: skip
def test_wrong_bases_are_refused(
    tmp_path: Path, zones: Zones, flows: tuple, occupations: tuple, ways: tuple, sentence: str
) -> None:
    base, residents = write_bases(tmp_path, flows, occupations, ways)
    with pytest.raises(TerritoryError, match=re.escape(sentence)):
        read_flows([base], zones, 2014, residents)


def test_what_a_base_of_flows_lacks_is_told(tmp_path: Path, zones: Zones) -> None:
    base, residents = write_bases(tmp_path)
    with pytest.raises(TerritoryError, match=r"base-flux\.csv tells no occupations; name INSEE's"):
        read_flows([base], zones, 2014)
    with pytest.raises(TerritoryError, match=r"how residents go to work: pop-active\.csv has"):
        read_flows([base], zones, 2014, residents[:1])
    with pytest.raises(TerritoryError, match=r"pop-active\.csv, pop-active\.csv: each holds the"):
        read_flows([base], zones, 2014, [residents[0], *residents])
    with pytest.raises(TerritoryError, match="has flows of 2014, but the base year is 2019"):
        read_flows([base], zones, 2019, residents)
    later = write_base(tmp_path / "later.csv", f"CODGEO;{P14.replace('14', '19')}", WAYS)
    with pytest.raises(TerritoryError, match=r"later\.csv is of 2019, but base-flux\.csv of 2014"):
        read_flows([base], zones, 2014, [residents[0], later])
    detail = write_mobpro(tmp_path / "m.csv")
    with pytest.raises(TerritoryError, match=r"pop-active\.csv is not needed: m\.csv tells"):
        read_flows([detail], zones, 2014, residents)
    with pytest.raises(TerritoryError, match="a base of flows is given alone"):
        read_flows([base, detail], zones, 2014, residents)
    with pytest.raises(TerritoryError, match="is a folder; name the file in it"):
        read_flows([tmp_path], zones, 2014)


@pytest.mark.parametrize("values", [[[1]], [pd.Timestamp("2014-01-01")], [True]])
def test_columns_of_another_type_are_refused(tmp_path: Path, zones: Zones, values: list) -> None:
    path = tmp_path / "flux.parquet"
    row = {"CODGEO": ["10002"], "DCLT": ["10001"]}
    pd.DataFrame(row | {"NBFLUX_C14_ACTOCC15P": values}).to_parquet(path)
    residents = write_bases(tmp_path)[1]
    with pytest.raises(TerritoryError, match=r"column 'NBFLUX_C14_ACTOCC15P': holds .*, but must"):
        read_flows([path], zones, 2014, residents)


# Wrong files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("10002,10001,3,0,-1", "row 2, column 'workers': '-1', but must be a number"),
        ("10002,10001,3,0,many", "row 2, column 'workers': 'many', but must be a number"),
        ("10002,10001,9,0,1", "row 2, column 'csp': '9', but must be a whole number from 1 to 6"),
        ("10002,10001,3,2,1", "row 2, column 'at_home': '2', but must be 0 or 1"),
        ("10099,10001,3,0,1", "row 2, column 'origin': '10099', but must be a code of the zones"),
        ("10002,20099,3,0,1", "row 2, column 'destination': '20099', but must be a code"),
        ("1è,10001,3,0,1", "row 2, column 'origin': '1è', but must be a code of five"),
        ("33063,10001,3,0,1", "flows.csv: nobody lives and works in the zones"),
        ("10002,10001,3,0,1\n10002,10001,3,0,1", "is already in row 2"),
    ],
)
def test_wrong_rows_are_refused(tmp_path: Path, zones: Zones, row: str, message: str) -> None:
    heading = "origin,destination,csp,at_home,workers"
    (tmp_path / "flows.csv").write_text(f"{heading}\n{row}\n", encoding="utf-8")
    with pytest.raises(TerritoryError, match=r"^[^\n]+$") as error:
        read_flows([tmp_path / "flows.csv"], zones, 2014)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("person", "message"),
    [
        (("10002", "Z", "10099", "3", "4", "1"), "row 2, column 'DCLT': '10099', but must be"),
        (("10000", "Z", "10001", "3", "4", "1"), "row 2, column 'COMMUNE': '10000', but must be"),
        (("10002", "Z", "10001", "3", "4", "-1"), "row 2, column 'IPONDI': '-1', but must be"),
    ],
)
def test_wrong_persons_are_refused(
    tmp_path: Path, zones: Zones, person: tuple[str, ...], message: str
) -> None:
    with pytest.raises(TerritoryError) as error:
        read_flows([write_mobpro(tmp_path / "m.csv", (person,))], zones, 2014)
    assert message in str(error.value)


def test_files_of_another_form_are_refused(tmp_path: Path, zones: Zones) -> None:
    path, table = tmp_path / "other.csv", flows_table()
    with pytest.raises(TerritoryError, match="there is no such file"):
        read_flows([path], zones, 2014)
    path.write_text("COMMUNE;DCLT;CS1;IPONDI\n10002;10001;3;3\n", encoding="utf-8")
    with pytest.raises(TerritoryError, match="no column TRANS, which flows by occupation need"):
        read_flows([path], zones, 2014)
    path.write_bytes(table.to_csv(index=False).encode("utf-16"))
    with pytest.raises(TerritoryError, match="not plain text in UTF-8 or Latin-1"):
        read_flows([path], zones, 2014)
    table.to_csv(path, index=False, sep=";")
    with pytest.raises(TerritoryError, match="must be separated by commas"):
        read_flows([path], zones, 2014)
    table.drop(columns="csp").to_csv(path, index=False)
    with pytest.raises(TerritoryError, match="column 'csp' is missing"):
        read_flows([path], zones, 2014)
    path.write_bytes(table.replace("10001", "Orléans").to_csv(index=False).encode("latin-1"))
    with pytest.raises(TerritoryError, match="the text is not UTF-8"):
        read_flows([path], zones, 2014)


def test_damaged_or_strange_parquet_is_refused(tmp_path: Path, zones: Zones) -> None:
    path, table = tmp_path / "flows.parquet", flows_table()
    table.assign(workers=table["workers"].where(table.index != 3)).to_parquet(path)
    with pytest.raises(TerritoryError, match="row 5, column 'workers': the cell is empty"):
        read_flows([path], zones, 2014)
    table.assign(workers=[[1.0]] * len(table)).to_parquet(path)
    with pytest.raises(TerritoryError, match="column 'workers': holds list"):
        read_flows([path], zones, 2014)
    table.to_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:-1000] = bytes(len(content) - 1004)
    path.write_bytes(bytes(content))
    with pytest.raises(TerritoryError, match=r"flows\.parquet"):
        read_flows([path], zones, 2014)


def test_the_same_file_twice_is_refused(tmp_path: Path, zones: Zones) -> None:
    path = tmp_path / "flows.csv"
    with pytest.raises(TerritoryError, match=r"flows\.csv and flows\.csv hold the same persons"):
        read_flows([path, path], zones, 2014)
