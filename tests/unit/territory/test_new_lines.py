"""New lines: what a table may hold, what they change, and that they leave no trace."""

import datetime as dt
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77.app.explore.payload import SidePayload, encode_side
from sim77.app.explore.sides import Scope, run_side
from sim77.app.state.state import Checker
from sim77.app.stored_payload import result_payload
from sim77.core.errors import ScenarioError, Sim77Error, TerritoryError
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import SECTION_COLUMNS, SEGMENT_COLUMNS
from sim77.report.geography import Geography
from sim77.runs.execute import RunSpec, start_model
from sim77.runs.fork import resume, save
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.build.new_lines import rebuilt_transit, with_new_lines
from sim77.territory.built import BASE_LOADS
from sim77.territory.example import write_example
from sim77.territory.new_line import lines_of
from sim77.territory.territory import Territory, load_territory

pytestmark = pytest.mark.unit

DAYS = {"start": dt.date(2014, 3, 3), "end": dt.date(2014, 3, 7)}
LINE = "X"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_example(tmp_path_factory.mktemp("lines") / "example")


@pytest.fixture(scope="module")
def territory(folder: Path) -> Territory:
    return load_territory(folder)


@pytest.fixture
def scenario(territory: Territory) -> Scenario:
    return load_scenario("express-line", territory).with_(**DAYS)


@pytest.fixture
def bare(territory: Territory) -> Scenario:
    return load_scenario("no-telecentres", territory).with_(**DAYS)


def table(folder: Path) -> str:
    return (folder / "scenarios" / "express-line.csv").read_text(encoding="utf-8")


def written(folder: Path, entries: str, extends: str = "no-telecentres") -> Path:
    file = folder / "scenarios" / "mine.yaml"
    file.write_text(f"extends: {extends}\nnew_lines: {entries}\n", encoding="utf-8")
    return file


# Building again ------------------------------------------------------------------------------


def test_public_transport_is_built_again_to_the_same_bytes(
    territory: Territory, tmp_path: Path
) -> None:
    rebuilt_transit(territory, ()).write(tmp_path)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["lines.csv", "pairs.parquet", "paths.parquet", "segments.parquet",
                     "waits.parquet"]  # fmt: skip
    for name in files:
        stored = (territory.folder / "transit" / name).read_bytes()
        assert (tmp_path / name).read_bytes() == stored, name


@pytest.mark.long
def test_the_shipped_region_is_built_again_to_the_same_bytes(tmp_path: Path) -> None:
    region = load_territory("ile-de-france")
    rebuilt_transit(region, ()).write(tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (region.folder / "transit" / file.name).read_bytes(), file


def test_the_shipped_region_has_line_15_south() -> None:
    region = load_territory("ile-de-france")
    scenario = load_scenario("grand-paris-15-south", region)
    assert [line.line for line in scenario.new_lines] == ["15 South"]
    bare = load_scenario("no-telecentres", region)
    assert scenario.with_(new_lines=()).hash == bare.hash


def test_a_new_line_leaves_the_others_as_they_are(territory: Territory, scenario: Scenario) -> None:
    wider = with_new_lines(territory, scenario.new_lines)
    assert with_new_lines(territory, scenario.new_lines) is wider, "it is kept"
    assert with_new_lines(wider, ()) is territory
    assert set(wider.lines["line"]) - set(territory.lines["line"]) == {LINE}
    before, after = territory.od.transit.segments, wider.od.transit.segments
    others = after[after["line"] != LINE].reset_index(drop=True)
    names = ["line", "from_stop", "to_stop"]
    assert others[names].equals(before[names])
    assert np.allclose(others["minutes"], before["minutes"])
    assert len(after) - len(before) == 4
    assert wider.hash != territory.hash
    assert wider.as_read is territory


def test_building_again_needs_no_extra(folder: Path) -> None:
    code = (
        "import sys; sys.modules['shapely'] = sys.modules['pyproj'] = None\n"
        "import sim77\n"
        f"run = sim77.run('express-line', territory={str(folder)!r}, start='2014-03-03',"
        " end='2014-03-03')\n"
        f"assert '{LINE}' in set(run.lines['line'])"
    ).replace("'2014-03-03'", "__import__('datetime').date(2014, 3, 3)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# Runs ----------------------------------------------------------------------------------------


def test_new_stops_are_named(territory: Territory, scenario: Scenario, bare: Scenario) -> None:
    note = "Line X: 2 stops of the territory; new ones: Paris Gare Neuve."
    result = sim77.run(scenario, territory=territory)
    assert note in sim77.text(result)
    assert "Ligne X : 2 arrêts du territoire ; nouveaux : Paris Gare Neuve." in sim77.text(
        result, "fr"
    ).replace("\u202f", " ").replace("\xa0", " ")
    pair = sim77.compare(bare, scenario, territory=territory, seeds=1)
    assert f"Scenario B. {note}" in sim77.text(pair)
    assert "Scenario A." not in sim77.text(pair)
    (line,) = scenario.new_lines
    short = scenario.with_(new_lines=(replace(line, stops=line.stops[:2]),))
    assert "new ones: none." in sim77.text(sim77.run(short, territory=territory))


def test_a_line_that_is_listed_and_then_removed_leaves_no_trace(
    folder: Path, territory: Territory, tmp_path: Path
) -> None:
    removed = load_scenario(written(folder, "[]", "express-line"), territory).with_(**DAYS)
    plain = load_scenario("no-telecentres", territory).with_(**DAYS)
    assert removed.hash == plain.hash
    listed = load_scenario("express-line", territory).with_(**DAYS)
    assert listed.with_(new_lines=()).hash == plain.hash != listed.hash

    def tables(scenario: Scenario, name: str) -> dict[str, bytes]:
        result = sim77.run(scenario, territory=territory)
        target = sim77.save(result, tmp_path / name)
        return {file.name: file.read_bytes() for file in target.glob("*.parquet")}

    never = tables(plain, "never")
    assert tables(listed, "listed") != never
    assert tables(removed, "removed") == never


def test_people_ride_a_new_line(territory: Territory, scenario: Scenario) -> None:
    result = sim77.run(scenario, territory=territory)
    lines = result.lines.groupby("line", observed=True)
    assert lines["peak_riders"].mean()[LINE] > 1
    assert lines["trains_per_hour"].mean()[LINE] == 6
    assert result.manifest["territory"]["hash"] == territory.hash
    more = scenario.with_(changes=(Change(DAYS["start"], "train_frequency", 1.5, target=LINE),))
    trains = sim77.run(more, territory=territory).lines.groupby("line", observed=True)
    assert trains["trains_per_hour"].mean()[LINE] == 9


def test_the_traffic_of_others_is_that_of_the_base_year_without_the_line(
    territory: Territory, scenario: Scenario, bare: Scenario
) -> None:
    volume = SECTION_COLUMNS.index("volume_veh_per_hour")

    def vehicles(of: Scenario) -> tuple[np.ndarray, np.ndarray]:
        model = start_model(RunSpec(of, territory=territory))
        while model.running:
            model.step()
        return model.memory.background.vehicles, model.recorder.sections[:, :, volume].sum(axis=1)

    (others, without), (same, with_line) = vehicles(bare), vehicles(scenario)
    assert (others == same).all()
    assert (with_line < without).all(), "who takes the line drives no longer"


def test_riders_whom_counts_have_added_stay_on_their_segments(
    territory: Territory, scenario: Scenario, tmp_path: Path
) -> None:
    shutil.copytree(territory.folder, tmp_path / "land")
    loads = pd.read_parquet(territory.folder / BASE_LOADS)
    segments = territory.od.transit.segments
    riders = 1_000.0 * (1 + np.arange(len(segments)))
    of_trains = pd.DataFrame(
        {"kind": "segment", "number": np.arange(len(segments)), "load": riders}
    )
    pd.concat([of_trains, loads]).to_parquet(tmp_path / "land" / BASE_LOADS, index=False)
    counted = load_territory(tmp_path / "land")
    model = start_model(RunSpec(scenario, territory=counted))
    others = pd.Series(model.memory.background.riders, model.territory.od.transit.segment_keys)
    plain = start_model(RunSpec(scenario.with_(new_lines=()), territory=counted))
    assert (others[LINE] == 0).all()
    assert (others[counted.od.transit.segment_keys] == plain.memory.background.riders).all()
    assert (plain.memory.background.riders > 0.8 * riders).all()


def test_both_sides_of_a_pair_have_the_same_people(
    territory: Territory, scenario: Scenario, bare: Scenario
) -> None:
    models = [start_model(RunSpec(each, territory=territory)) for each in (bare, scenario)]
    assert models[0].population is models[1].population


def test_a_comparison_tells_the_riders_of_the_line(
    folder: Path, scenario: Scenario, bare: Scenario, tmp_path: Path
) -> None:
    for a, b, side in ((bare, scenario, "b"), (scenario, bare, "a")):
        found = sim77.compare(a, b, seeds=2, territory=folder, processes=1)
        row = found.effects.set_index("indicator").loc[f"peak_riders_{LINE}"]
        assert row[side] > 1 and row["a" if side == "b" else "b"] == 0
    (told,) = found.manifest["differences"]
    assert (told["kind"], told["target"]) == ("new_line", LINE)
    page = (sim77.save(found, tmp_path / "compare") / "compare.html").read_text(encoding="utf-8")
    assert "new: Line X" in page
    assert "Bourg – Paris Gare Neuve, 27 min, 6 trains an hour" in page
    assert "Bourg – Paris Gare Neuve, 27 min, 6 trains par heure" in page


def test_the_page_of_a_run_draws_the_line(
    territory: Territory, scenario: Scenario, tmp_path: Path
) -> None:
    target = sim77.save(sim77.run(scenario, territory=territory), tmp_path / "run")
    page = (target / "summary.html").read_text(encoding="utf-8")
    assert "Line X" in page and "Ligne X" in page and "Paris Gare Neuve" in page


def riders_drawn(sent: SidePayload, what: str) -> np.ndarray:
    """Return the riders of a side's map, a row a day."""
    (field,) = (each for each in sent.meta["fields"]
                if (each["what"], each["name"]) == (what, "peak_riders"))  # fmt: skip
    raw = sent.data[field["start"] : field["start"] + field["length"]]
    codes = np.frombuffer(raw, {"u2": "<u2", "f4": "<f4"}[field["dtype"]])
    return field["offset"] + field["scale"] * codes.reshape(field["shape"])


def test_the_map_of_the_app_draws_the_line(
    folder: Path, territory: Territory, scenario: Scenario, bare: Scenario
) -> None:
    geography = Geography(territory)
    scope = Scope(1, DAYS["start"], DAYS["end"], 1.0, ("paris",), str(folder))
    own = len(geography.payload()["rail"])
    side = run_side(scenario, scope)
    sent = encode_side(side, scope, geography)
    rail = sent.meta["rail"]
    stretches = {(each["from"], each["to"]): each for each in rail}
    assert set(stretches) == {
        ("Bourg", "Ville"), ("Ville", "Paris Gare Neuve"),
        ("Paris Gare Neuve", "Ville"), ("Ville", "Bourg"),
    }  # fmt: skip
    first = stretches["Bourg", "Ville"]
    assert (first["fr"], first["en"], first["branch"]) == ("Ligne X", "Line X", "Paris Gare Neuve")
    assert rail[first["inner"] - own] is stretches["Ville", "Paris Gare Neuve"]
    assert stretches["Ville", "Bourg"]["inner"] == -1 and first["minutes"] == 27
    ended = {each["id"]: number for number, each in enumerate(geography.payload()["rail"])}
    assert not set(ended) & {each["id"] for each in rail}
    riders = riders_drawn(sent, "segment")
    assert riders.shape[1] == own + 4 and riders[:, own:].max() > 0
    segments = side.model.territory.od.transit.segments
    recorded = side.model.recorder.segments[:, :, SEGMENT_COLUMNS.index("peak_riders")]
    row_of = pd.MultiIndex.from_frame(segments[["line", "from_stop", "to_stop"]])
    for n, each in enumerate([*geography.payload()["rail"], *rail]):
        row = row_of.get_loc((each["line"], each["from"], each["to"]))
        assert np.abs(riders[:, n] - recorded[:, row]).max() <= 0.5
    plain = encode_side(run_side(bare, scope), scope, geography)
    assert plain.meta["rail"] == [] and riders_drawn(plain, "segment").shape[1] == own
    stored = result_payload(sim77.run(scenario, territory=territory), geography)
    assert stored.meta["rail"] == rail
    assert riders_drawn(stored, "segment_year").shape[1] == own + 4


def test_a_new_line_can_be_chosen_in_the_app(territory: Territory) -> None:
    for name in ("X", "X/Bourg", "X/Paris Gare Neuve"):
        state, problems = Checker(territory).check({"place": {"kind": "line", "id": name}})
        assert not problems and state.place == {"kind": "line", "id": name}


def test_a_run_with_a_line_is_saved_and_resumed(
    territory: Territory, scenario: Scenario, bare: Scenario, tmp_path: Path
) -> None:
    model = CommuteModel(scenario, territory=territory)
    model.step()
    again = resume(save(model, tmp_path / "model.npz"))
    model.step()
    again.step()
    assert (model.recorder.segments == again.recorder.segments).all()
    with pytest.raises(ScenarioError, match="new lines run from the first day of a run"):
        resume(tmp_path / "model.npz", scenario=bare)


# Scenarios -----------------------------------------------------------------------------------


def test_a_scenario_with_lines_is_written_and_read(
    territory: Territory, scenario: Scenario, tmp_path: Path
) -> None:
    file = tmp_path / "again.yaml"
    file.write_text(scenario.to_yaml(), encoding="utf-8")
    again = load_scenario(file, territory)
    assert again.new_lines == scenario.new_lines
    assert again.hash == scenario.hash


def test_lines_of_two_scenarios_are_added(scenario: Scenario, bare: Scenario) -> None:
    assert (bare + scenario).new_lines == (scenario + scenario).new_lines == scenario.new_lines
    (told,) = bare.diff(scenario)
    assert (told.kind, told.target, told.before) == ("new_line", LINE, None)
    assert not scenario.diff(scenario + bare)


def test_the_shipped_table_is_known_by_its_name(folder: Path) -> None:
    (line,) = load_scenario(written(folder, "[grand-paris-15-south]")).new_lines
    assert (line.line, line.label_fr) == ("15 South", "Ligne 15 Sud")
    assert "estimate" in line.source


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("X,", "T,", "line 2, new_lines: line 'T' is there already"),
        (",1,Ville,", ",1,Bourg,", r"row 3, column 'line \+ stop': 'X, Bourg' is already in row 2"),
        (",7,inv", ",30,inv", "go from 30 at 'Ville' to 27 at 'Paris Gare Neuve'"),
        (",7,inv", ",x,inv", "row 3, column 'minutes': 'x', but must be a number"),
        ("800,6,0", "800,7,0", "trains_per_hour must be the same for all its stops, not 7.0 and 6"),
        (",400,800", ",900,800", "places_per_train must be at least seats_per_train, 900, not 800"),
        (",train,", ",boat,", "column 'kind': 'boat', but must be one of rer, train, metro, tram"),
        ("minutes", "minuts", r"column 'minuts' is not known\. Did you mean 'minutes'"),
        ("48.6,", "48.65,", r"stop 'Ville' is .* km from the stop of that name"),
        (
            ",7,inv",
            ",0.1,inv",
            r"from 'Bourg' to 'Ville' it runs .* km in 0.1 minutes, at most 320",
        ),
        (",1,Ville,", ",0,Ville,", "order must differ from stop to stop, but 0 comes twice"),
    ],
)
def test_a_wrong_table_is_told_in_a_sentence(
    folder: Path, territory: Territory, old: str, new: str, sentence: str
) -> None:
    (folder / "scenarios" / "wrong.csv").write_text(table(folder).replace(old, new), "utf-8")
    with pytest.raises(ScenarioError, match=sentence):
        load_scenario(written(folder, "[wrong.csv]"), territory)


def test_a_line_needs_two_stops(folder: Path) -> None:
    head, first, *_ = table(folder).splitlines()
    with pytest.raises(TerritoryError, match="line 'X' must have two stops or more, not 1"):
        lines_of(f"{head}\n{first}\n")


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("[none.csv]", r"line 2, new_lines\[0\]: there is no table of new lines .*none\.csv"),
        ("[grand-paris-15]", "Did you mean 'grand-paris-15-south'"),
        ("[3]", "a text"),
        ("express-line.csv", "a list"),
    ],
)
def test_an_unknown_table_is_told(folder: Path, entries: str, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        load_scenario(written(folder, entries))


def test_a_territory_that_cannot_have_lines_says_so(
    folder: Path, shipped_territory: Territory, scenario: Scenario, tmp_path: Path
) -> None:
    with pytest.raises(Sim77Error, match=r"fixed numbers, .* the territory that it was cut out of"):
        scenario.check(shipped_territory)
    older = tmp_path / "older"
    shutil.copytree(folder, older)
    (older / "transit" / "runs.parquet").unlink()
    with pytest.raises(Sim77Error, match=r"runs\.parquet is missing; build the territory again"):
        sim77.run(scenario, territory=load_territory(older))
