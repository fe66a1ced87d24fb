"""A territory is compared with observations kept beside it, and a wrong supply is told."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest

from docs.generator.validation import CHECKS, read_check
from sim77.analysis.modes.morning import BOARD_6_TO_10, Morning, morning_of
from sim77.analysis.supply_check.check import FAIL, PASS, check_supply, compare
from sim77.analysis.supply_check.measures import LINE, MEASURES, STATION
from sim77.core.errors import TerritoryError
from sim77.core.units import Mode
from sim77.engine.population.flows import flow_rows
from sim77.report.locale import LANGUAGES, locale_of
from sim77.report.supply_check import PAGES, check_text
from sim77.territory.observed import ANSWERS, FOLDER, OBSERVED, Observed, read_observed
from sim77.territory.territory import SHIPPED, Territory, load_territory
from tests.wording import faults

pytestmark = pytest.mark.unit

HEAD = ",".join(each.name for each in OBSERVED["published"].columns)


@pytest.fixture(scope="module")
def morning(busy_territory: Territory) -> Morning:
    return morning_of(busy_territory)


@pytest.fixture(scope="module")
def seen(morning: Morning) -> Observed:
    """What the busy territory says itself, as if it were observed: every row is met."""
    territory, pairs = morning.territory, morning.territory.od.pairs
    by_mode = morning.travellers.sum(axis=0)
    answers = np.column_stack((by_mode[:, 0], by_mode[:, 1], by_mode[:, 2:].sum(axis=1)))
    home = pairs["commune"].to_numpy()
    modes = pd.DataFrame(answers, columns=list(ANSWERS)).groupby(home).sum()
    modes.insert(0, "commune", territory.communes["code"].to_numpy()[modes.index])
    boards = morning.boardings.rename("boardings").reset_index()[["station", "line", "boardings"]]
    codes = [
        territory.communes["code"].to_numpy()[pairs["commune"]],
        territory.workplaces["code"].to_numpy()[pairs["workplace"]],
    ]
    timetable = pd.DataFrame(
        {
            "commune": codes[0], "workplace": codes[1],
            "minutes": morning.minutes[0, :, Mode.PUBLIC_TRANSPORT],
        }
    )  # fmt: skip
    slowed = int(np.flatnonzero(np.diff(territory.od.road.paths.indptr))[0])
    home, work = codes[0][slowed], codes[1][slowed]
    segment = territory.od.transit.segments.iloc[0]
    road = territory.od.road.sections["road"].iloc[0]
    area = territory.communes["area_type"].iloc[pairs["commune"].iloc[slowed]]
    scope = territory.workplaces["zone"].iloc[pairs["workplace"].iloc[slowed]]
    asked = {
        "mode_error": "fitted/car",
        "flow": scope,
        "flow_share": scope,
        "own_commune_share": "",
        "crow_fly_distance": "managers/0.5",
        "road_distance": "all/mean",
        "road_distance_from": f"{territory.communes['department'].iloc[0]}/0.5",
        "boardings_correlation": "",
        "boardings_ratio": "",
        "timetable_correlation": "",
        "timetable_difference": "",
        "door_to_door": f"{home}/{work}/car",
        "ride": f"{segment['line']}/{segment['from_stop']}/{segment['to_stop']}",
        "road_ratio": road,
        "road_speed": road,
        "drive_ratio": f"{area}/{scope}",
        "drive_delay": f"{home}/{work}",
        "riders_per_seat": f"{segment['line']}/all",
        "riders_per_place": f"{segment['line']}/{segment['from_stop']}",
    }
    published = pd.DataFrame(
        {
            "measure": list(asked), "of": list(asked.values()), "value": 0.0, "tolerance": 0.0,
            "bound": "within", "basis": "unseen", "source_id": "made-up", "note_fr": "",
            "note_en": "",
        }
    )  # fmt: skip
    sources = pd.DataFrame(
        {"source_id": ["made-up"], "text": ["Made up"], "licence": ["none"], "url": [""]}
    )
    first = Observed(published, modes, boards, timetable, sources)
    found = compare(morning, first).set_index("measure")["model"]
    return replace(
        first,
        published=published.assign(
            value=[float(found[each]) for each in published["measure"]], tolerance=1e-9
        ),
    )


def verdicts(morning: Morning, seen: Observed) -> pd.Series:
    return compare(morning, seen).drop_duplicates("measure").set_index("measure")["verdict"]


def test_every_measure_is_tried(seen: Observed) -> None:
    assert set(seen.published["measure"]) == set(MEASURES)


def test_what_a_territory_says_itself_is_met(morning: Morning, seen: Observed) -> None:
    table = compare(morning, seen)
    assert set(table["verdict"]) == {PASS}
    assert {LINE, STATION} <= set(table["measure"])
    table = table.set_index("measure")
    assert table["model"]["mode_error"] == pytest.approx(0.0, abs=1e-9)
    assert table["model"]["timetable_correlation"] == pytest.approx(1.0)
    assert table["model"]["boardings_ratio"] == pytest.approx(1.0)


def test_everybody_has_a_mode_and_who_boards_rides(morning: Morning) -> None:
    assert morning.travellers.sum() == pytest.approx(flow_rows(morning.territory).workers.sum())
    assert (morning.travellers[0, :, Mode.CAR] == 0).all()
    riders = morning.travellers[:, :, Mode.PUBLIC_TRANSPORT].T.ravel()
    on_rail = morning.territory.od.transit.pairs["rail_share"].to_numpy() @ riders
    # With one train each boards once; with a change, twice.
    boarded = morning.boardings.sum() / BOARD_6_TO_10
    assert 0.95 * on_rail < boarded < 3.0 * on_rail


def wrong(morning: Morning, name: str) -> Morning:
    """Return what a supply would say with a mistake in it."""
    territory, od = morning.territory, morning.territory.od
    if name == "slow roads":
        return replace(morning, ratio=2.0 * morning.ratio, minutes=1.5 * morning.minutes)
    if name == "full trains":
        return replace(morning, loads=replace(morning.loads, riders=3.0 * morning.loads.riders))
    if name == "modes":
        return replace(morning, travellers=morning.travellers[:, :, [1, 0, 2, 3]])
    if name == "trains":
        segments = od.transit.segments.assign(minutes=2.0 * od.transit.segments["minutes"])
        changed = replace(od, transit=replace(od.transit, segments=segments))
        return replace(morning, territory=replace(territory, od=changed))
    flows = territory.flows
    elsewhere = flows["workplace"].to_numpy()[::-1]
    codes = flows["workplace_code"].to_numpy()[::-1]
    away = flows.assign(workplace=elsewhere, workplace_code=codes)
    return replace(morning, territory=replace(territory, flows=away))


@pytest.mark.parametrize(
    ("mistake", "missed"),
    [
        (
            "slow roads",
            {"road_ratio", "road_speed", "drive_ratio", "drive_delay", "door_to_door",
             "timetable_difference"},
        ),
        ("full trains", {"riders_per_seat", "riders_per_place"}),
        ("modes", {"mode_error", "boardings_ratio", "boardings_correlation"}),
        ("trains", {"ride"}),
        ("flows", {"flow", "flow_share", "own_commune_share", "crow_fly_distance"}),
    ],
)  # fmt: skip
def test_a_wrong_supply_turns_its_rows_to_fail(
    morning: Morning, seen: Observed, mistake: str, missed: set[str]
) -> None:
    made = wrong(morning, mistake)
    if mistake == "flows":  # road kilometres are by pair, and these flows have others
        by_road = seen.published["measure"].isin(["road_distance", "road_distance_from"])
        seen = replace(seen, published=seen.published[~by_road])
    found = verdicts(made, seen)
    assert missed <= set(found.index[found == FAIL])
    assert verdicts(morning, seen).eq(PASS).all()


def test_failures_come_first_and_bounds_hold(morning: Morning, seen: Observed) -> None:
    row = seen.published[seen.published["measure"] == "own_commune_share"]
    value = float(row["value"].iloc[0])

    def verdict(bound: str, observed: float, tolerance: float) -> str:
        asked = row.assign(bound=bound, value=observed, tolerance=tolerance)
        table = compare(morning, replace(seen, published=asked))
        return str(table["verdict"].iloc[0])

    assert verdict("at_least", value / 2, 0.0) == verdict("at_most", value * 2, 0.0) == PASS
    assert verdict("at_least", value * 2, 0.0) == verdict("at_most", value / 2, 0.0) == FAIL
    assert verdict("within", value / 1.1, np.nan) == PASS  # 15 % where nothing is said
    assert verdict("within", value / 1.2, np.nan) == FAIL
    published = seen.published.copy()
    published.loc[published.index[-1], "value"] += 1.0
    ordered = compare(morning, replace(seen, published=published))
    assert ordered["verdict"].tolist() == [FAIL, *[PASS] * (len(ordered) - 1)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_names_each_row_and_says_why_it_is_missed(
    morning: Morning, seen: Observed, language: str
) -> None:
    published = seen.published.assign(
        value=seen.published["value"] + 10.0,
        tolerance=0.5,
        note_fr=["Raison propre.", *[""] * (len(seen.published) - 1)],
        note_en=["A reason of its own.", *[""] * (len(seen.published) - 1)],
    )
    # An error of shares has no other side.
    published.loc[0, ["value", "tolerance"]] = [0.0, -1.0]
    shown = check_text(
        morning.territory, compare(morning, replace(seen, published=published)), language
    )
    assert {"fr": "Raison propre.", "en": "A reason of its own."}[language] in shown
    assert "Made up" in shown and "{" not in shown
    assert not faults(shown, language)
    words = locale_of(language, *PAGES).words
    assert all(f"row {name}" in words for name in (*MEASURES, LINE, STATION))
    one_sided = {"mode_error", "boardings_correlation", "timetable_correlation"}
    for name in (*MEASURES, LINE, STATION):
        sides = [side for side in ("above", "below") if f"{side} {name}" in words]
        assert len(sides) == (1 if name in one_sided else 2), name


# The folder -------------------------------------------------------------------------------


@pytest.fixture
def land(busy_territory: Territory, tmp_path: Path) -> Path:
    """A copy of the busy territory with one observation, which it meets."""
    folder = tmp_path / "land"
    copytree(busy_territory.folder, folder)
    (folder / FOLDER).mkdir()
    (folder / FOLDER / "published.csv").write_text(
        f"{HEAD}\nflow_share,paris,50,50,within,unseen,here,,\n", encoding="utf-8"
    )
    (folder / FOLDER / "sources.csv").write_text(
        "source_id,text,licence,url\nhere,Made up,none,\n", encoding="utf-8"
    )
    return folder


def test_observations_do_not_change_the_hash(busy_territory: Territory, land: Path) -> None:
    assert load_territory(land).hash == busy_territory.hash


def test_a_territory_without_observations_says_so(busy_territory: Territory) -> None:
    with pytest.raises(TerritoryError, match="has no folder 'observed'"):
        check_supply(busy_territory)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("published", "flow_share", "flow_shore", "measure 'flow_shore'.*Did you mean"),
        ("published", "paris", "pariss", "scope 'pariss'"),
        ("published", "paris", "paris/x", "expected scope"),
        ("published", ",50,50,", ",nan,50,", "row 2, column 'value'"),
        ("published", ",50,50,", ",50,-1,", "row 2, column 'tolerance'"),
        ("published", "within", "about", "column 'bound': 'about'"),
        ("published", "unseen", "secret", "column 'basis': 'secret'"),
        ("published", "here", "hare", "source 'hare'.*Did you mean 'here'"),
        ("published", "flow_share,paris", "boardings_ratio,", "needs boardings.csv"),
        ("published", "flow_share,paris", "door_to_door,1/2/car", "from '1' to '2'"),
        ("published", "flow_share,paris", "crow_fly_distance,all/2", "for '2' of a distance"),
        ("published", "flow_share,paris", "road_ratio,A99", "road 'A99'"),
        ("published", "measure", "mesure", "column 'mesure' is not known"),
        ("sources", "licence", "license", "column 'license' is not known"),
    ],
)
def test_a_mistake_in_an_observation_is_told_in_a_sentence(
    land: Path, file: str, old: str, new: str, told: str
) -> None:
    path = land / FOLDER / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    if old == "paris":
        old = load_territory(land).workplace_zones[0]
    if "paris" in old and "," in old:
        old = old.replace("paris", load_territory(land).workplace_zones[0])
    text = text.replace("paris", load_territory(land).workplace_zones[0])
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TerritoryError, match=told) as raised:
        check_supply(load_territory(land))
    assert str(raised.value).count("\n") == 0


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("boardings.csv:station,line,boardings\nNOWHERE,Z,5\n", "station 'NOWHERE' of line 'Z'"),
        ("boardings.csv:station,line,boardings\nNOWHERE,Z,-5\n", "column 'boardings': '-5'"),
        ("boardings.csv:station,line,boardings\n", "the table has no rows"),
    ],
)
def test_counts_of_other_stations_are_told(land: Path, table: str, told: str) -> None:
    name, text = table.split(":", 1)
    (land / FOLDER / name).write_text(text, encoding="utf-8")
    (land / FOLDER / "published.csv").write_text(
        f"{HEAD}\nboardings_ratio,,1,,within,unseen,here,,\n", encoding="utf-8"
    )
    with pytest.raises(TerritoryError, match=told):
        check_supply(load_territory(land))


# What ships -------------------------------------------------------------------------------


def test_the_shipped_observations_are_small_and_have_sources() -> None:
    size = 0
    for folder in SHIPPED.parent.glob(f"*/{FOLDER}"):
        observed = read_observed(load_territory(folder.parent.name))
        assert observed.sources["licence"].str.len().min() > 0
        assert set(observed.sources["source_id"]) == set(observed.published["source_id"])
        size += sum(file.stat().st_size for file in folder.iterdir())
    assert 0 < size < 1_000_000


@pytest.mark.long
def test_the_documented_rows_are_those_that_the_command_finds(shipped_territory: Territory) -> None:
    stored = read_check(CHECKS / "seine-et-marne.csv")
    table = check_supply(shipped_territory)
    texts = ["verdict", "measure", "of", "bound", "basis", "unit", "source", "note_fr", "note_en"]
    pd.testing.assert_frame_equal(stored[texts], table[texts], check_dtype=False)
    for column in ("value", "model", "tolerance"):
        np.testing.assert_allclose(stored[column], table[column], rtol=1e-4)
