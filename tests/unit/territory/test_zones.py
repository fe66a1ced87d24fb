"""Zones of a territory: area types, points that lie inside, and what is said of wrong files."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from sim77.core.errors import TerritoryError
from sim77.territory.build.zones import (
    KM_PER_DEGREE,
    POINTS_OF_DENSE_ZONES,
    in_km,
    points_in,
    read_zones,
    representative_points,
)

pytestmark = pytest.mark.unit

HEADING = "code,name,lat,lon,area_km2,population,area_type,former_codes"
ROWS = (
    "33063,Bordeaux,44.85,-0.55,50,250000,core,",  # given: by density it would be inner
    "33281,Mérignac,44.95,-0.75,48,70000,,33282 33283",  # its point lies in no zone
    "33318,Pessac,,,10,90000,,",
    "33529,La Teste,44.05,-0.95,180,26000,,",
)


def square(west: float, south: float, size: float = 0.1) -> shapely.Polygon:
    return shapely.box(west, south, west + size, south + size)


OUTLINES = {
    "33063": square(-0.6, 44.8),
    "33281": square(-0.7, 44.8),
    "33318": square(-0.7, 44.7).difference(square(-0.66, 44.7, 0.09)),  # an L
    "33529": square(-1.0, 44.0),
    "40001": square(-1.0, 43.0),  # no zone of the table
}


def write_inputs(
    folder: Path, rows: tuple[str, ...] = ROWS, outlines: dict[str, shapely.Polygon] = OUTLINES
) -> tuple[Path, Path]:
    zones, shapes = folder / "zones.csv", folder / "shapes.geojson"
    zones.write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    features = [
        {"properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(outline))}
        for code, outline in outlines.items()
    ]
    shapes.write_text(json.dumps({"features": features}), encoding="utf-8")
    return zones, shapes


def test_area_types_are_given_or_follow_from_density(tmp_path: Path) -> None:
    zones = read_zones(*write_inputs(tmp_path))
    assert zones.table["area_type"].tolist() == ["core", "outer-urban", "core", "outer-rural"]
    assert zones.table["density_per_km2"].tolist() == [5000, 1458.3, 9000, 144.4]
    assert zones.departments == ("33",)
    assert zones.current_code["33283"] == zones.current_code["33281"] == "33281"


def test_a_point_outside_its_zone_or_missing_is_put_inside(tmp_path: Path) -> None:
    zones = read_zones(*write_inputs(tmp_path))
    assert zones.moved == ("33281", "33318")
    for row in zones.table.itertuples():
        assert zones.outlines[row.code].contains(shapely.Point(row.lon, row.lat))
    assert zones.table["lat"].iloc[0] == 44.85


def test_a_point_just_outside_a_generalised_outline_stays(tmp_path: Path) -> None:
    near = 44.8 - 0.15 / KM_PER_DEGREE
    rows = (ROWS[0].replace("44.85", f"{near:.5f}"), *ROWS[1:])
    zones = read_zones(*write_inputs(tmp_path, rows))
    assert "33063" not in zones.moved
    assert zones.table["lat"].iloc[0] == round(near, 5)


def test_dense_zones_have_points_spread_inside_and_others_their_own(tmp_path: Path) -> None:
    zones = read_zones(*write_inputs(tmp_path))
    points = representative_points(zones)
    numbers = points.groupby("zone").size().to_dict()
    many = POINTS_OF_DENSE_ZONES
    assert numbers == {"33063": many, "33281": 1, "33318": many, "33529": 1}
    assert points.groupby("zone")["weight"].sum().to_numpy() == pytest.approx(1)
    for row in points.itertuples():
        assert zones.outlines[row.zone].contains(shapely.Point(row.lon, row.lat))
    again = representative_points(read_zones(*write_inputs(tmp_path)))
    assert again.equals(points)


def test_points_fill_a_square_evenly() -> None:
    points = points_in(shapely.box(0, 0, 1, 1), POINTS_OF_DENSE_ZONES)
    quarter = (points[:, 0] > 0.5) * 2 + (points[:, 1] > 0.5)
    assert np.abs(np.bincount(quarter) - POINTS_OF_DENSE_ZONES / 4).max() <= 1


def test_an_outline_in_km_has_the_right_area() -> None:
    # A tenth of a degree at 60 degrees north: 11.12 km by half of it.
    assert in_km(shapely.box(2, 59.95, 2.1, 60.05), 60).area == pytest.approx(61.8, abs=0.1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("33063,Talence,44.8,-0.6,8,40000,,", "row 6, column 'code': '33063' is already in row 2"),
        ("33522,Talence,44.8,-0.6,8,-5,,", "column 'population': '-5', but must be a whole number"),
        ("33522,Talence,44.8,-0.6,0,40000,,", "column 'area_km2': '0', but must be"),
        ("33522,Talence,44.8,-0.6,8,40000,city,", "column 'area_type': 'city', but must be one of"),
        ("33522,Talence,44.8,-0.6,8,40000,,", "shapes.geojson: 33522, a zone of zones.csv, has no"),
    ],
)
def test_wrong_rows_are_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(TerritoryError, match=r"^[^\n]+$") as error:
        read_zones(*write_inputs(tmp_path, (*ROWS, row)))
    assert message in str(error.value)


def test_a_former_code_belongs_to_one_zone(tmp_path: Path) -> None:
    with pytest.raises(TerritoryError, match="'33281' is already a zone"):
        read_zones(*write_inputs(tmp_path, (f"{ROWS[0]}33281", *ROWS[1:])))
    with pytest.raises(TerritoryError, match="'33282' is already a former code of 33063"):
        read_zones(*write_inputs(tmp_path, (f"{ROWS[0]}33282", *ROWS[1:])))


def test_files_of_another_encoding_or_form_are_refused(tmp_path: Path) -> None:
    zones, shapes = write_inputs(tmp_path)
    good = shapes.read_bytes()
    for content in (b"[]", b"no json", b'{"features": [{"properties": {}, "geometry": null}]}'):
        shapes.write_bytes(content)
        with pytest.raises(TerritoryError, match=r"shapes\.geojson: must be a GeoJSON"):
            read_zones(zones, shapes)
    shapes.write_bytes('{"features": "é"}'.encode("latin-1"))
    with pytest.raises(TerritoryError, match="not UTF-8"):
        read_zones(zones, shapes)
    shapes.write_bytes(good)
    zones.write_bytes(zones.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(TerritoryError, match=r"zones\.csv, row 3: the text is not UTF-8"):
        read_zones(zones, shapes)


def test_an_outline_without_area_or_twice_is_refused(tmp_path: Path) -> None:
    flat = {**OUTLINES, "33529": shapely.LineString([(0, 0), (1, 1)])}
    with pytest.raises(TerritoryError, match="feature 33529: has no area"):
        read_zones(*write_inputs(tmp_path, outlines=flat))
    zones, shapes = write_inputs(tmp_path)
    collection = json.loads(shapes.read_text(encoding="utf-8"))
    collection["features"] *= 2
    shapes.write_text(json.dumps(collection), encoding="utf-8")
    with pytest.raises(TerritoryError, match="33063 has two features"):
        read_zones(zones, shapes)
