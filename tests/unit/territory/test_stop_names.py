"""Stops that a timetable writes in capitals: proper names, which change no result and no hash."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sim77.core.errors import TerritoryError
from sim77.territory.build.build import build_territory
from sim77.territory.build.new_lines import with_new_lines
from sim77.territory.build.stop_names import Spelling, proper_names
from sim77.territory.new_line import lines_of
from sim77.territory.territory import Territory, load_territory, territory_names
from sim77.territory.transit_tables import read_transit
from tests.small_gtfs import small, write
from tests.unit.territory.test_build import inputs  # noqa: F401

pytestmark = pytest.mark.unit

ZONES = (
    "Avon", "Aulnay-sous-Bois", "Champs-sur-Marne", "Champigny-sur-Marne", "Évry-Courcouronnes",
    "Fontainebleau", "La Queue-les-Yvelines", "Le Mée-sur-Seine", "Le Plessis-Trévise",
    "Montfort-l'Amaury", "Méré", "Nogent-sur-Marne", "Noisy-le-Grand", "Le Perreux-sur-Marne",
    "Paris 1er Arrondissement", "Saint-Denis", "Saint-Ouen-l'Aumône", "Us", "Versailles",
)  # fmt: skip
STOPS = ("Les Halles", "Nation", "Créteil - Préfecture", "Château d'Eau", "Châtelet")
PROPER = {
    "MELUN": "Melun",
    "FONTAINEBLEAU AVON": "Fontainebleau–Avon",
    "AULNAY SOUS BOIS": "Aulnay-sous-Bois",
    "LE MEE": "Le Mée",
    "GARE DE NOGENT LE PERREUX": "Nogent–Le Perreux",
    "GARE DE ST OUEN L'AUMONE": "Saint-Ouen-l'Aumône",
    "GARE DE PARIS EST": "Paris Est",
    "PARIS GARE DE LYON": "Paris Gare de Lyon",
    "GARE DE LYON": "Gare de Lyon",
    "MONTFORT L'AMAURY MERE": "Montfort-l'Amaury–Méré",
    "VILLIERS SUR ORGE PLESSIS TREVISE": "Villiers-sur-Orge–Plessis-Trévise",
    "EVRY COURCOURONNES - Centre": "Évry-Courcouronnes - Centre",
    "ORANGIS BOIS DE L EPINE": "Orangis Bois de l'Épine",
    "REMISE A JORELLE": "Remise à Jorelle",
    "VERSAILLES CHATEAU": "Versailles Château",
    "CHATELET LES HALLES": "Châtelet–Les Halles",
    "CERGY PREFECTURE": "Cergy Préfecture",
    "AEROPORT  2 TGV": "Aeroport 2 TGV",
    "L'ETANG": "L'Etang",
    "ORLÉANS": "Orléans",
    "US": "Us",
    "Le Bourg": "Le Bourg",
    "RER 4": "RER 4",
}


@pytest.mark.parametrize(("stop", "name"), PROPER.items())
def test_a_stop_is_spelled_as_its_communes_are(stop: str, name: str) -> None:
    assert Spelling(ZONES, STOPS).proper(stop) == name


def test_no_two_stops_have_one_name() -> None:
    lines = {"NATION": {"A"}, "Nation": {"1", "2"}, "MELUN": {"R", "D"}, "Concorde": {"1"}}
    assert proper_names(lines, ZONES) == {"NATION": "Nation (A)", "MELUN": "Melun"}


@pytest.mark.parametrize("name", territory_names())
def test_no_stop_of_a_shipped_territory_is_in_capitals(name: str) -> None:
    segments = load_territory(name).od.transit.segments
    words = {word for stop in segments["from_stop"] for word in stop.split() if word.isalpha()}
    assert {word for word in words if len(word) > 1 and word.isupper()} == {"TGV"}
    assert {"Melun", "Fontainebleau–Avon", "Paris Gare de Lyon"} <= set(segments["to_stop"])


@pytest.fixture
def loud(tmp_path: Path, inputs) -> Territory:  # noqa: F811
    """Return the built territory whose timetable is in capitals."""
    tables = small()
    for row in tables["stops"]:
        row["stop_name"] = str(row["stop_name"]).upper()
    write(inputs.gtfs, tables)
    build_territory(tmp_path / "land", inputs)
    return load_territory(tmp_path / "land")


def test_names_change_no_table_and_no_hash(loud: Territory) -> None:
    raw = loud.folder / "transit"
    assert set(loud.od.transit.segments["from_stop"]) >= {"Ablon", "Brunoy", "Cesson"}
    names = (raw / "stop_names.csv").read_text(encoding="utf-8")
    assert names.startswith("stop,name\nABLON,Ablon\n")
    loud.od.transit.write(loud.folder / "again")
    for name in ("segments.parquet", "stop_names.csv"):
        assert (loud.folder / "again" / name).read_bytes() == (raw / name).read_bytes(), name
    shutil.rmtree(loud.folder / "again")
    (raw / "stop_names.csv").write_text(names.replace(",Ablon", ",Ablon-sur-Seine"))
    other = load_territory(loud.folder)
    assert "Ablon-sur-Seine" in set(other.od.transit.segments["from_stop"])
    (raw / "stop_names.csv").unlink()
    without = load_territory(loud.folder)
    assert "ABLON" in set(without.od.transit.segments["from_stop"])
    assert loud.hash == other.hash == without.hash
    for each in (other, without):
        assert each.od.transit.pairs.equals(loud.od.transit.pairs)
        assert each.od.transit.segments["line"].equals(loud.od.transit.segments["line"])


def test_two_stops_of_one_name_are_refused(loud: Territory) -> None:
    file = loud.folder / "transit" / "stop_names.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",Brunoy", ",Ablon"))
    with pytest.raises(TerritoryError, match="no two stops may have the same name, not Ablon"):
        read_transit(loud.folder / "transit")


def test_a_new_line_calls_a_stop_by_its_proper_name(loud: Territory) -> None:
    row = "X,X,X,train,100,200,6,{},{},{},{},{},invented"
    head = ("line,label_fr,label_en,kind,seats_per_train,places_per_train,trains_per_hour,order,"
            "stop,lat,lon,minutes,source")  # fmt: skip
    (line,) = lines_of("\n".join([
        head, row.format(0, "Ablon", 48.60, 2.50, 0), row.format(1, "Neuville", 48.70, 2.40, 9),
    ]))  # fmt: skip
    wider = with_new_lines(replace(loud), (line,)).od.transit.segments
    mine = wider[wider["line"] == "X"]
    assert set(mine["from_stop"]) == {"Ablon", "Neuville"}
    assert "ABLON" not in set(wider["from_stop"]) | set(wider["to_stop"])
    assert set(wider["from_stop"]) >= {"Brunoy", "Cesson"}
