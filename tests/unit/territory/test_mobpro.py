"""INSEE's commuting files: forms, years, places, totals, and what is said of wrong ones."""

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim77.core.errors import TerritoryError
from sim77.territory.build.count import CHANGES
from sim77.territory.build.mobpro import import_mobpro
from sim77.territory.territory import SHIPPED, check_territory, load_territory

pytestmark = pytest.mark.unit

# The columns of three census years, in the order of the files.
HEADINGS = {
    2006: "COMMUNE;ARM;DCFLT;DCLT;AGEREVQ;CS1;DEROU;DIPL;EMPL;ILTUU;ILT;IMMI;INATC;INEEM;INPOM;"
    "IPONDI;LPRM;METRODOM;NA5;NPERR;SANI;SANIDOM;SEXE;STAT;STOCD;SURF;TACT;TP;TRANS;TYPL;TYPMR;VOIT",
    2014: "COMMUNE;ARM;DCFLT;DCLT;AGEREVQ;CS1;DEROU;DIPL_15;EMPL;ILTUU;ILT;IMMI;INATC;INEEM;INPOM;"
    "IPONDI;LPRM;METRODOM;NA5;NPERR;REGION;REGLT;SANI;SANIDOM;SEXE;STAT;STOCD;SURF;TP;TRANS;TYPL;"
    "TYPMR;VOIT",
    2020: "COMMUNE;ARM;DCFLT;DCLT;AGEREVQ;CS1;DEROU;DIPL;EMPL;ILT;ILTUU;IMMI;INATC;INEEM;INPOM;"
    "IPONDI;LPRM;METRODOM;NA5;NPERR;REGION;REGLT;SANI;SANIDOM;SEXE;STAT;STOCD;SURF;TP;TRANS;TYPL;"
    "TYPMR;VOIT",
}
Person = tuple[str, str, str, str, str]
PEOPLE: list[Person] = [
    # residence, workplace, weight, CS1, TRANS
    ("77186", "75104", "2.5", "3", "5"),
    ("77186", "75056", "3.25", "4", "5"),
    ("77186", "92026", "4.0", "5", "4"),
    ("77186", "77288", "5.1", "6", "2"),
    ("77186", "91228", "1.4", "2", "4"),
    ("77288", "75112", "7.7", "3", "5"),
    ("77288", "77288", "8.6", "1", "1"),
]


def detail_rows(year: int, people: Iterable[Person]) -> list[list[str]]:
    headings = HEADINGS[year].split(";")
    rows = []
    for residence, workplace, weight, occupation, mode in people:
        known = {
            "COMMUNE": residence,
            "ARM": "ZZZZZ",
            "DCFLT": "99999",
            "DCLT": workplace,
            "IPONDI": weight,
            "CS1": occupation,
            "TRANS": mode,
        }
        rows.append([known.get(heading, "1") for heading in headings])
    return rows


def write_detail(path: Path, year: int, people: Iterable[Person] = PEOPLE) -> Path:
    lines = [HEADINGS[year], *(";".join(row) for row in detail_rows(year, people))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def flows_of(folder: Path) -> dict[str, list[int]]:
    """Return the workers by zone of the communes where somebody works."""
    table = pd.read_csv(folder / "flows.csv", dtype={"commune_code": str})
    wide = table.pivot(index="commune_code", columns="workplace_zone", values="workers")
    wide = wide[["paris", "inner-ring", "within", "outer-ring"]]
    return {code: row.tolist() for code, row in wide.iterrows() if row.sum()}


WANTED = {"77186": [6, 4, 5, 1], "77288": [8, 0, 8, 0]}


@pytest.mark.parametrize("year", HEADINGS)
def test_the_detail_file_of_each_form_gives_whole_flows(tmp_path: Path, year: int) -> None:
    file = write_detail(tmp_path / f"FD_MOBPRO_{year}.csv", year)
    report = import_mobpro([file], tmp_path / "out")
    assert report.vintage == year
    assert report.read.rows == report.kept.rows == len(PEOPLE)
    assert report.read.persons == pytest.approx(32.55)
    assert flows_of(tmp_path / "out") == WANTED
    table = pd.read_csv(tmp_path / "out" / "flows.csv")
    assert set(table["source"]) == {f"INSEE MOBPRO {year}"}
    assert not table["estimated"].any()
    assert len(table) == 4 * 507


def test_the_result_is_a_sound_territory_with_all_else_untouched(tmp_path: Path) -> None:
    import_mobpro([write_detail(tmp_path / "FD_MOBPRO_2014.txt", 2014)], tmp_path / "out")
    assert check_territory(tmp_path / "out") == []
    territory = load_territory(tmp_path / "out")
    communes = territory.communes.set_index("code")
    assert communes["residents_at_work"]["77186"] == 16
    assert communes["residents_at_work"].sum() == territory.flows["workers"].sum() == 32
    assert not communes["residents_at_work_estimated"].any()
    assert "INSEE MOBPRO 2014" in set(territory.sources["source_id"])
    changed = {"communes.csv", "flows.csv", "occupations.csv", "sources.csv"}
    for path in SHIPPED.iterdir():
        same = (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
        assert same or path.name in changed
    assert not (tmp_path / "out.partial").exists()


# Codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "wanted"),
    [
        (2006, {"public-transport": 13.45, "car": 5.4, "walk": 5.1, "none": 8.6}),
        (2020, {"car": 13.45, "motorised-two-wheels": 5.4, "walk": 5.1, "none": 8.6}),
    ],
)
def test_the_codes_of_trans_follow_the_year(
    tmp_path: Path, year: int, wanted: dict[str, float]
) -> None:
    import_mobpro([write_detail(tmp_path / f"RP{year}_mobpro.csv", year)], tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "mode_shares.csv", dtype={"commune_code": str})
    assert table.groupby("mode")["persons"].sum().to_dict() == pytest.approx(wanted)
    sums = table.groupby(["commune_code", "workplace_zone"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(1)


def test_without_a_year_the_code_6_tells_the_list(tmp_path: Path) -> None:
    people = [*PEOPLE, ("77288", "75112", "1", "3", "6")]
    report = import_mobpro([write_detail(tmp_path / "mine.csv", 2020, people)], tmp_path / "out")
    assert report.vintage is None
    assert any("vintage" in note for note in report.notes)
    table = pd.read_csv(tmp_path / "out" / "mode_shares.csv")
    assert table.loc[table["mode"] == "public-transport", "persons"].sum() == 1
    assert table["source"].unique().tolist() == ["INSEE MOBPRO of unknown year"]


def test_a_given_vintage_goes_before_the_name(tmp_path: Path) -> None:
    file = write_detail(tmp_path / "FD_MOBPRO_2020.csv", 2020)
    assert import_mobpro([file], tmp_path / "out", vintage=2014).vintage == 2014
    assert "public-transport" in (tmp_path / "out" / "mode_shares.csv").read_text()


def test_occupations_leave_farmers_out_and_keep_the_mix_of_empty_zones(tmp_path: Path) -> None:
    people = [person for person in PEOPLE if not person[1].startswith("91")]
    report = import_mobpro(
        [write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014, people)], tmp_path / "out"
    )
    table = load_territory(tmp_path / "out").occupations.set_index(["workplace_zone", "group"])
    assert table["share"]["paris"]["managers"] == pytest.approx(10.2 / 13.45, abs=1e-5)
    assert table["share"]["within"].to_dict() == {
        "managers": 0, "intermediate": 0, "clerical": 0, "manual": 1, "independents": 0,
    }  # fmt: skip
    shipped = load_territory().occupations.set_index(["workplace_zone", "group"])
    assert table.loc["outer-ring"].equals(shipped.loc["outer-ring"])
    assert report.farmers == pytest.approx(8.6)


def test_the_name_of_the_occupation_column_since_2022_is_known(tmp_path: Path) -> None:
    file = write_detail(tmp_path / "FD_MOBPRO_2022.csv", 2020)
    file.write_text(file.read_text().replace(";CS1;", ";GS;"))
    assert import_mobpro([file], tmp_path / "out").farmers == pytest.approx(8.6)


# Places --------------------------------------------------------------------------------------


def test_every_merged_commune_is_counted_with_its_successor(tmp_path: Path) -> None:
    changes = pd.read_csv(CHANGES, dtype=str)
    people: list[Person] = [(code, "75101", "10", "3", "5") for code in changes["old_code"]]
    report = import_mobpro(
        [write_detail(tmp_path / "FD_MOBPRO_2006.csv", 2006, people)], tmp_path / "out"
    )
    assert {each.code: each.commune for each in report.merged} == dict(
        zip(changes["old_code"], changes["new_code"], strict=True)
    )
    assert flows_of(tmp_path / "out") == {
        "77109": [10, 0, 0, 0],
        "77316": [40, 0, 0, 0],
        "77433": [10, 0, 0, 0],
        "77504": [10, 0, 0, 0],
    }


def test_the_merged_communes_lead_from_514_codes_to_507() -> None:
    changes = pd.read_csv(CHANGES, dtype=str)
    communes = set(load_territory().communes["code"])
    assert len(communes) + len(changes) == 514
    assert not set(changes["old_code"]) & communes
    assert set(changes["new_code"]) <= communes


def test_arrondissements_of_paris_and_far_workplaces_have_their_places(tmp_path: Path) -> None:
    people: list[Person] = [
        *[("77186", str(code), "1", "3", "5") for code in range(75101, 75121)],
        *[("77186", code, "2", "3", "5") for code in ("69381", "13201", "45208", "2A004", "97411")],
        *[("77186", code, "4", "3", "5") for code in ("99999", "99131", "BE001", "SU401")],
        *[("77186", code, "8", "3", "5") for code in ("", "ZZZZZ")],
        *[(code, "75101", "16", "3", "5") for code in ("77362", "77902")],
        *[(code, "75101", "32", "3", "5") for code in ("", "ZZZZZ")],
        *[(code, "77186", "64", "3", "5") for code in ("75056", "91228")],
    ]
    report = import_mobpro(
        [write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014, people)], tmp_path / "out"
    )
    assert flows_of(tmp_path / "out") == {"77186": [20, 0, 0, 0]}
    assert set(report.elsewhere) == {"69", "13", "45", "2A", "97"}
    assert (report.abroad.rows, report.abroad.persons) == (4, 16)
    assert (report.workplace_missing.rows, report.workplace_missing.persons) == (2, 16)
    assert {code: each.persons for code, each in report.unmapped.items()} == {
        "77362": 16, "77902": 16,
    }  # fmt: skip
    assert (report.residence_missing.persons, report.outside.persons) == (64, 128)
    text = str(report)
    assert "77362 (16.0), 77902 (16.0)" in text
    assert "and 486 more" in text


def test_every_row_and_person_read_is_in_one_place_of_the_report(tmp_path: Path) -> None:
    file = make_many(tmp_path / "FD_MOBPRO_2014.csv", 20_000)
    report = import_mobpro([file], tmp_path / "out")
    kept = [*report.zones.values(), *report.elsewhere.values(), report.abroad]
    left = [report.outside, report.residence_missing, *report.unmapped.values()]
    everything = [*kept, report.workplace_missing, *left]
    assert sum(each.rows for each in everything) == report.read.rows == 20_000
    assert sum(each.persons for each in everything) == pytest.approx(report.read.persons)
    with file.open() as stream:
        total = sum(float(row["IPONDI"]) for row in csv.DictReader(stream, delimiter=";"))
    assert report.read.persons == pytest.approx(total)
    for zone, outcome in report.zones.items():
        assert report.workers[zone] == pytest.approx(outcome.persons, abs=507)
    in_zones = sum(each.persons for each in report.zones.values())
    assert sum(report.workers.values()) == pytest.approx(in_zones, abs=507 / 2)
    written = json.loads((tmp_path / "out" / "import_report.json").read_text(encoding="utf-8"))
    assert written["kept"]["rows"] == report.kept.rows
    assert (tmp_path / "out" / "import_report.txt").read_text(encoding="utf-8") == f"{report}\n"


def test_every_cell_agrees_with_a_plain_grouping(tmp_path: Path) -> None:
    file = make_many(tmp_path / "FD_MOBPRO_2014.csv", 20_000)
    import_mobpro([file], tmp_path / "out")
    keys = ["commune_code", "workplace_zone", "mode"]
    mine = pd.read_csv(tmp_path / "out" / "mode_shares.csv", dtype={"commune_code": str})
    rows = pd.read_csv(file, sep=";", dtype={"COMMUNE": str, "DCLT": str})
    zones = dict.fromkeys(("92", "94"), "inner-ring") | {
        "75": "paris", "77": "within", "91": "outer-ring",
    }  # fmt: skip
    rows["commune_code"] = rows["COMMUNE"].replace("77166", "77316")
    rows["workplace_zone"] = rows["DCLT"].str[:2].map(zones)
    rows["mode"] = rows["TRANS"].map(
        {1: "none", 2: "walk", 3: "two-wheels", 4: "car", 5: "public-transport"}
    )
    rows = rows[rows["commune_code"].isin(load_territory().communes["code"])].dropna()
    plain = rows.groupby(keys)["IPONDI"].sum()
    difference = mine.set_index(keys)["persons"].sub(plain)
    assert len(difference) == len(plain)
    assert difference.abs().max() < 0.006
    flows = pd.read_csv(tmp_path / "out" / "flows.csv", dtype={"commune_code": str})
    wanted = plain.groupby(level=[0, 1]).sum()
    difference = flows.set_index(keys[:2])["workers"].sub(wanted, fill_value=0)
    assert difference.abs().max() < 1


def test_another_territory_can_be_the_base(tmp_path: Path) -> None:
    import_mobpro([write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014)], tmp_path / "first")
    base = aggregated(tmp_path / "base.csv", "NBFLUX_C20_ACTOCC15P")
    import_mobpro([base], tmp_path / "second", territory=tmp_path / "first")
    assert not (tmp_path / "second" / "mode_shares.csv").exists()
    sources = load_territory(tmp_path / "second").communes["source"].unique().tolist()
    assert len(sources) == 1
    assert sources[0].endswith("; INSEE MOBPRO 2020")
    assert sources[0].count("MOBPRO") == 1


# Containers ----------------------------------------------------------------------------------


def as_parquet(path: Path, year: int) -> Path:
    columns = list(zip(*detail_rows(year, PEOPLE), strict=True))
    table = pa.table(dict(zip(HEADINGS[year].split(";"), map(list, columns), strict=True)))
    place = table.column_names.index("IPONDI")
    table = table.set_column(place, "IPONDI", table["IPONDI"].cast(pa.float64()))
    coded = table["COMMUNE"].dictionary_encode()
    table = table.set_column(table.column_names.index("COMMUNE"), "COMMUNE", coded)
    pq.write_table(table, path)
    return path


def with_bom(path: Path, year: int) -> Path:
    write_detail(path, year)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    return path


def with_windows_lines(path: Path, year: int) -> Path:
    write_detail(path, year)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return path


def quoted_lower(path: Path, year: int) -> Path:
    headings = ";".join(f'"{each.lower()}"' for each in HEADINGS[year].split(";"))
    rows = (";".join(f'"{market}"' for market in row) for row in detail_rows(year, PEOPLE))
    path.write_text("\n".join([headings, *rows]) + "\n", encoding="utf-8")
    return path


def zipped(path: Path, year: int, write: Callable[[Path, int], Path] = write_detail) -> Path:
    inner = write(path.with_name(f"FD_MOBPRO_{year}.{path.suffixes[0].strip('.')}"), year)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            f"Varmod_MOBPRO_{year}.csv", "COD_VAR;LIB_VAR;COD_MOD\nARM;Arrondt;75101\n"
        )
        archive.write(inner, inner.name)
    inner.unlink()
    return path


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("RP2014_mobpro.parquet", as_parquet),
        ("FD_MOBPRO_2014.csv", with_bom),
        ("FD_MOBPRO_2014.txt", with_windows_lines),
        ("fd_mobpro_2014.csv", quoted_lower),
        ("rp2014.csv.zip", zipped),
        ("rp2014.parquet.zip", lambda path, year: zipped(path, year, as_parquet)),
    ],
)
def test_every_container_gives_the_same_flows(
    tmp_path: Path, name: str, write: Callable[[Path, int], Path]
) -> None:
    report = import_mobpro([write(tmp_path / name, 2014)], tmp_path / "out")
    assert flows_of(tmp_path / "out") == WANTED
    assert report.vintage == 2014
    assert report.farmers == pytest.approx(8.6)


def test_the_parts_of_a_year_are_summed(tmp_path: Path) -> None:
    parts = [
        write_detail(tmp_path / "FD_MOBPRO_2014_a.csv", 2014, PEOPLE[:3]),
        write_detail(tmp_path / "FD_MOBPRO_2014_b.csv", 2014, PEOPLE[3:]),
    ]
    assert import_mobpro(parts, tmp_path / "out").read.rows == len(PEOPLE)
    assert flows_of(tmp_path / "out") == WANTED


# The aggregated base -------------------------------------------------------------------------

PAIRS = [
    ("77166", "Écuelles", "75104", "Paris 4e Arrondissement", "10.4"),
    ("77316", "Moret-sur-Loing", "75056", "Paris", "20.3"),
    ("77316", "Moret-sur-Loing", "94028", "Créteil", "5.2"),
    ("77316", "Moret-sur-Loing", "77186", "Fontainebleau", "30.6"),
    ("77316", "Moret-sur-Loing", "89387", "Sens", "3"),
    ("78646", "Versailles", "77186", "Fontainebleau", "2"),
]


def aggregated(path: Path, weight: str, encoding: str = "utf-8", quote: bool = False) -> Path:
    lines = [("CODGEO", "LIBGEO", "DCLT", "L_DCLT", weight), *PAIRS]
    mark = '"' if quote else ""
    text = "\n".join(";".join(f"{mark}{market}{mark}" for market in line) for line in lines)
    path.write_bytes((text + "\n").encode(encoding))
    return path


@pytest.mark.parametrize(
    ("weight", "encoding", "quote", "year"),
    [
        ("NBFLUX_C06_ACTOCC15P", "latin-1", True, 2006),
        ("NBFLUX_C14_ACTOCC15P", "latin-1", False, 2014),
        ("nbflux_c20_actocc15p", "utf-8-sig", False, 2020),
    ],
)
def test_the_aggregated_base_of_each_year_gives_the_same_flows(
    tmp_path: Path, weight: str, encoding: str, quote: bool, year: int
) -> None:
    file = aggregated(tmp_path / "base-flux-mobilite.csv", weight, encoding, quote)
    report = import_mobpro([file], tmp_path / "out")
    assert report.vintage == year
    assert flows_of(tmp_path / "out") == {"77316": [31, 5, 31, 0]}
    assert report.elsewhere["89"].persons == 3
    assert report.outside.rows == 1
    assert not (tmp_path / "out" / "mode_shares.csv").exists()
    shipped = (SHIPPED / "occupations.csv").read_bytes()
    assert (tmp_path / "out" / "occupations.csv").read_bytes() == shipped


def test_an_extract_of_large_flows_is_told(tmp_path: Path) -> None:
    file = aggregated(tmp_path / "flux.csv", "NBFLUX_C20_ACTOCC15P")
    text = file.read_text()
    for pair in PAIRS:
        text = text.replace(f";{pair[4]}\n", ";250\n")
    file.write_text(text)
    notes = import_mobpro([file], tmp_path / "out").notes
    assert any("extract of the larger flows" in note for note in notes)


# Mistakes ------------------------------------------------------------------------------------


def mistake(*files: Path, **settings: object) -> str:
    folder = files[0].parent / "out"
    with pytest.raises(TerritoryError) as caught:
        import_mobpro(files, folder, **settings)  # type: ignore[arg-type]
    assert not folder.exists()
    assert not folder.with_name("out.partial").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


GOOD = "COMMUNE;DCLT;IPONDI\n77186;75104;2.5\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("COMMUNE;DCLT;IPONDI\n", "no rows"),
        ("COMMUNE;DCLT;IPONDI\n\n\n", "no rows"),
        (GOOD.replace(";", ","), "separates its columns by ','"),
        (GOOD.replace(";", "\t"), "separates its columns by tabs"),
        ("COMMUNE;ARM;DCETUF;IPONDI\n", "COMMUNE, ARM, DCETUF, IPONDI, but a MOBPRO file has"),
        ("a;b\n1;2\n", "CODGEO, DCLT and NBFLUX_C"),
        (GOOD + "77186;75104;many\n", "row 3, column 'IPONDI': 'many'"),
        (GOOD + '77186;75104;"2,5"\n', "row 3, column 'IPONDI': '2,5'"),
        (GOOD + "77186;75104;\n", "row 3, column 'IPONDI': ''"),
        (GOOD + "77186;75104;-1\n", "row 3, column 'IPONDI': '-1'"),
        (GOOD + "77186;75104;nan\n", "row 3, column 'IPONDI': 'nan'"),
        (GOOD + "77186;75104\n", "row 3: 2 cells, but row 1 names 3"),
        (GOOD.replace("77186", "91228"), "none of its 1 rows is a resident"),
        (GOOD.replace("75104", "69381"), "none of its 1 rows is a resident"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    message = mistake(written(tmp_path / "FD_MOBPRO_2014.csv", text))
    assert words in message
    assert "FD_MOBPRO_2014.csv" in message


def test_a_wrong_weight_far_inside_is_found_by_its_row(tmp_path: Path) -> None:
    file = make_many(tmp_path / "FD_MOBPRO_2014.csv", 150_000)
    lines = file.read_text().splitlines()
    place = lines[0].split(";").index("IPONDI")
    markets = lines[123_455].split(";")
    lines[123_455] = ";".join([*markets[:place], "x", *markets[place + 1 :]])
    file.write_text("\n".join(lines) + "\n")
    assert "row 123456, column 'IPONDI': 'x'" in mistake(file)


def test_files_that_are_no_table_are_told(tmp_path: Path) -> None:
    assert "no such file" in mistake(tmp_path / "nothing.csv")
    (tmp_path / "folder").mkdir()
    assert "is a folder" in mistake(tmp_path / "folder")
    assert ".xls is not a form" in mistake(written(tmp_path / "base.xls", "x"))
    utf16 = tmp_path / "FD_MOBPRO_2014.csv"
    utf16.write_bytes(GOOD.encode("utf-16"))
    assert "not plain text" in mistake(utf16)
    damaged = tmp_path / "rp.parquet"
    damaged.write_bytes(b"PAR1 nothing of the kind")
    assert "is damaged" in mistake(damaged)
    sound = as_parquet(damaged, 2014).read_bytes()
    for start in (4, len(sound) // 2):  # the rows, the list of columns
        damaged.write_bytes(sound[:start] + bytes(400) + sound[start + 400 :])
        assert "is damaged" in mistake(damaged)
    with pytest.raises(TerritoryError, match="No file was given"):
        import_mobpro([], tmp_path / "out")


def test_what_a_zip_holds_besides_is_told(tmp_path: Path) -> None:
    notes = import_mobpro([zipped(tmp_path / "rp2014.csv.zip", 2014)], tmp_path / "out").notes
    assert any("Varmod_MOBPRO_2014.csv" in note for note in notes)


def test_zips_without_a_table_or_damaged_are_told(tmp_path: Path) -> None:
    pack = tmp_path / "pack.zip"
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("readme.pdf", "x")
    assert "pack.zip holds readme.pdf, but no table" in mistake(pack)
    file = zipped(tmp_path / "rp2014.csv.zip", 2014)
    content = bytearray(file.read_bytes())
    middle = content.index(b"FD_MOBPRO_2014.csv") + 60
    content[middle : middle + 20] = bytes(20)
    file.write_bytes(content)
    assert "is damaged" in mistake(file)


def test_years_and_kinds_are_not_mixed(tmp_path: Path) -> None:
    old = write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014)
    new = write_detail(tmp_path / "FD_MOBPRO_2020.csv", 2020)
    base = aggregated(tmp_path / "base.csv", "NBFLUX_C14_ACTOCC15P")
    assert "one kind and one census year" in mistake(old, new)
    assert "one kind and one census year" in mistake(old, base)
    assert "hold the same persons" in mistake(old, old)
    assert "counts persons of 2014, but vintage is 2020" in mistake(base, vintage=2020)
    assert "from 2006 on" in mistake(old, vintage=1999)


def test_a_code_that_the_year_did_not_have_is_told(tmp_path: Path) -> None:
    people = [*PEOPLE, ("77288", "75112", "1", "3", "6")]
    assert "has the code 6" in mistake(write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014, people))


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    file = write_detail(tmp_path / "FD_MOBPRO_2014.csv", 2014)
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(TerritoryError, match="is not empty"):
        import_mobpro([file], out)
    with pytest.raises(TerritoryError, match="is a file"):
        import_mobpro([file], file)
    assert (out / "thesis.txt").read_text() == "years of work"
    (out / "thesis.txt").unlink()
    import_mobpro([file], out)
    assert flows_of(out) == WANTED


# Size ----------------------------------------------------------------------------------------


def make_many(path: Path, size: int) -> Path:
    """Write a detail file of 2014 with ``size`` rows from and to everywhere."""
    rng = np.random.default_rng(7)
    communes = pd.read_csv(SHIPPED / "communes.csv", dtype=str)["code"].to_numpy()
    homes = np.concatenate([communes, ["77166", "77362", "75056", "69123", "01001", "ZZZZZ"] * 60])
    works = np.concatenate([communes, ["75104", "92026", "94028", "91228", "51454", "99999"] * 60])
    table = pd.DataFrame(
        "1", index=np.arange(size), columns=HEADINGS[2014].split(";"), dtype=object
    )
    table["COMMUNE"] = rng.choice(homes, size)
    table["DCLT"] = rng.choice(works, size)
    table["IPONDI"] = np.round(rng.gamma(4, 0.7, size), 12)
    table["CS1"] = rng.integers(1, 7, size)
    table["TRANS"] = rng.integers(1, 6, size)
    table.to_csv(path, sep=";", index=False)
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read there")
def test_memory_stays_small_for_half_a_million_rows(tmp_path: Path) -> None:
    file = make_many(tmp_path / "FD_MOBPRO_2014.csv", 500_000)
    # Not ru_maxrss: a child starts with the peak of the process that forked it, here the tests'.
    code = (
        "import sys; from sim77.territory.build.mobpro import import_mobpro; "
        "report = import_mobpro([sys.argv[1]], sys.argv[2]); "
        "peak = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]; "
        "print(report.read.rows, peak[0].split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
    )
    rows, kilobytes = map(int, done.stdout.split())
    assert rows == 500_000
    assert kilobytes < 300 * 1024
