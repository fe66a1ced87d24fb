"""Riders whom counts of boardings add to the trains of a territory."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.modes.cut import cut_territory
from sim77.analysis.modes.morning import BOARD_6_TO_10, Morning, morning_of
from sim77.analysis.modes.other_riders import (
    PEAK_OF_MORNING,
    add_riders,
    read_counts,
    riders_counted,
    riders_over_commuters,
)
from sim77.core.errors import TerritoryError
from sim77.runs.execute import RunSpec, start_model
from sim77.territory.built import BASE_LOADS
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.unit


@pytest.fixture
def land(busy_territory: Territory, tmp_path: Path) -> Territory:
    """A copy of the busy territory whose trains carry commuters only."""
    copytree(busy_territory.folder, tmp_path / "land")
    path = tmp_path / "land" / BASE_LOADS
    loads = pd.read_parquet(path)
    loads[loads["kind"] == "section"].to_parquet(path, index=False)
    return load_territory(tmp_path / "land")


@pytest.fixture
def morning(land: Territory) -> Morning:
    return morning_of(land)


def counts(morning: Morning, over_commuters: float) -> pd.DataFrame:
    """Return counts that ask for so many riders of the peak hour over those who commute."""
    peak = morning.attendance * morning.parameters.share_peak_hour / BOARD_6_TO_10
    boardings = morning.boardings.rename("boardings") * over_commuters * peak / PEAK_OF_MORNING
    return boardings.reset_index()[["station", "line", "boardings"]]


def busiest(morning: Morning) -> str:
    return str(morning.boardings.groupby("line").sum().idxmax())


def peak_riders(territory: Territory) -> tuple[np.ndarray, np.ndarray]:
    """Return all riders of the peak hour, and the simulated, where everybody is at the office."""
    spec = RunSpec("no-telecentres", territory=territory, workplaces=territory.workplace_zones)
    model = start_model(spec)
    loads = model.world.find_start(model.effects).loads
    return loads.riders, loads.simulated


def test_a_line_gets_the_riders_that_its_counts_ask_for(morning: Morning) -> None:
    line = busiest(morning)
    counted = counts(morning, 1.25)
    assert riders_over_commuters(morning, counted).to_numpy() == pytest.approx(1.25)
    of_line = counted[counted["line"] == line]
    land = morning.territory
    ratios = add_riders(land, of_line)
    assert ratios.to_dict() == pytest.approx({line: 1.25})
    again = load_territory(land.folder)
    (before, commuters), (riders, same) = peak_riders(land), peak_riders(again)
    assert before == pytest.approx(commuters), "only commuters ride without counts"
    mine = (land.od.transit.segments["line"] == line).to_numpy()
    assert riders[~mine] == pytest.approx(same[~mine], rel=1e-12)
    # Commuters are drawn, those whom the counts are compared with are expected.
    assert riders[mine].sum() == pytest.approx(1.25 * commuters[mine].sum(), rel=0.05)
    loads = again.od.base_loads
    of_roads = loads[loads["kind"] == "section"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_roads, land.od.base_loads, check_categorical=False)


@pytest.mark.parametrize("places", [60, 1])
def test_others_never_ride_beyond_the_places(morning: Morning, places: int) -> None:
    territory = morning.territory
    transit = territory.od.transit
    transit = replace(transit, lines=transit.lines.assign(places_per_train=places))
    morning = replace(
        morning, territory=replace(territory, od=replace(territory.od, transit=transit))
    )
    offered = transit.segments["trains_per_hour"].to_numpy(float) * places
    few = riders_counted(morning, counts(morning, 1.0 + 1e-9))["load"].to_numpy()
    rows = riders_counted(morning, counts(morning, 50.0))
    assert (rows["number"] == np.arange(len(offered))).all()
    many = rows["load"].to_numpy()
    assert many == pytest.approx(np.minimum(50.0 * few, np.maximum(offered, few)), rel=1e-6)
    assert (many < 49.0 * few).any(), "some trains are full"
    assert (few > offered).any() == (places == 1), (
        "where commuters fill them alone, nobody is added"
    )


def test_counts_below_the_commuters_add_nobody(morning: Morning) -> None:
    assert riders_counted(morning, counts(morning, 0.9)).empty
    add_riders(morning.territory, counts(morning, 0.9))
    loads = pd.read_parquet(morning.territory.folder / BASE_LOADS)
    assert set(loads["kind"]) == {"section"}


def test_counts_given_twice_give_the_same_bytes(morning: Morning) -> None:
    folder, counted = morning.territory.folder, counts(morning, 1.4)
    add_riders(morning.territory, counted)
    once = (folder / BASE_LOADS).read_bytes()
    add_riders(load_territory(folder), counted)
    assert (folder / BASE_LOADS).read_bytes() == once


@pytest.mark.parametrize(
    ("column", "told"),
    [("station", r"counts\.csv has station '.*x' of line .* Did you mean"),
     ("line", r"counts\.csv has station .* of line '.*x', .* Did you mean")],
)  # fmt: skip
def test_a_station_that_is_not_on_its_line_is_told(
    morning: Morning, tmp_path: Path, column: str, told: str
) -> None:
    counted = counts(morning, 1.2)
    counted[column] = [f"{counted[column][0]}x", *counted[column][1:]]
    counted.to_csv(tmp_path / "counts.csv", index=False)
    with pytest.raises(TerritoryError, match=told):
        read_counts(morning.territory, tmp_path / "counts.csv")


def test_a_part_has_the_riders_of_the_whole_and_takes_no_counts(
    morning: Morning, tmp_path: Path
) -> None:
    add_riders(morning.territory, counts(morning, 1.3))
    whole = load_territory(morning.territory.folder)
    scopes = tmp_path / "scopes.csv"
    first = sorted({str(code)[:2] for code in whole.workplaces["code"]})
    rows = [f"{each},here,Ici,Here" for each in first]
    scopes.write_text("\n".join(["prefix,scope,label_fr,label_en", *rows, ""]), encoding="utf-8")
    one = sorted(set(whole.communes["department"].astype(str)))[:1]
    part = cut_territory(whole, tmp_path / "part", one, {"fr": "a", "en": "a"}, scopes)
    assert peak_riders(part)[0] == pytest.approx(peak_riders(whole)[0], abs=1e-3)
    with pytest.raises(TerritoryError, match="give the counts to that one, and cut again"):
        read_counts(part, tmp_path / "none.csv")


@pytest.mark.long
def test_the_shipped_region_has_the_riders_of_its_counts(tmp_path: Path) -> None:
    region = load_territory("ile-de-france")
    copytree(region.folder, tmp_path / "region")
    counted = pd.read_csv(region.folder / "observed" / "boardings.csv")
    ratios = add_riders(load_territory(tmp_path / "region"), counted)
    shipped, made = (
        pd.read_parquet(folder / BASE_LOADS) for folder in (region.folder, tmp_path / "region")
    )
    pd.testing.assert_frame_equal(made, shipped)
    assert set(ratios.index[ratios > 1.0]) == {"A", "B", "D", "E", "N", "P", "R"}
