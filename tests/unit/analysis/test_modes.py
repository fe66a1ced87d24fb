"""The fit of modes to a census, and a territory cut out of a larger one."""

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.modes import fit as modes
from sim77.analysis.modes.cut import cut_territory
from sim77.core.errors import TerritoryError
from sim77.core.units import AREA_TYPES, OCCUPATION_GROUPS, Mode
from sim77.engine.model import CommuteModel
from sim77.engine.supply.mode_constants import (
    area_constants,
    density_slopes,
    occupation_constants,
)
from sim77.registry.parameters import load_parameters, resolve
from sim77.report.modes import fit_text
from sim77.territory.build.build import Inputs, build_territory
from sim77.territory.territory import Territory, load_territory
from sim77.territory.transit_tables import TransitTables
from tests.public_files import write_public_files

pytestmark = pytest.mark.unit

SCALE = 2.5
LABELS = {"fr": "Part", "en": "Part"}


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Territory:
    folder = tmp_path_factory.mktemp("modes")
    (folder / "public").mkdir()
    paths = write_public_files(folder / "public")
    inputs = Inputs(
        **{**paths, "flows": (paths["flows"],)}, occupations=(), metro=None, lines=None,
        rail_changes=None,
        day=dt.date(2017, 3, 14), base_year=2014, residents=(), label_fr="a", label_en="a",
    )  # fmt: skip
    build_territory(folder / "land", inputs)
    return load_territory(folder / "land")


@pytest.fixture(scope="module")
def land_scopes(land: Territory) -> Path:
    """The scopes that the territory was built with."""
    return land.folder.parent / "public" / "scopes.csv"


@pytest.fixture(scope="module")
def invented() -> tuple[modes.Alternatives, modes.Layout, np.ndarray]:
    """4,000 cells with random times, and the free numbers behind their answers."""
    rng = np.random.default_rng(1)
    n = 4000
    utility = rng.normal(-4.0, 2.0, (2, n, 4))
    utility[0, :, Mode.CAR] = -np.inf
    area = rng.integers(0, 3, n)
    given = modes.Alternatives(
        utility, rng.uniform(0.3, 0.9, n), area, rng.integers(0, 5, n), rng.normal(0, 1, (n, 2))
    )
    layout = modes.Layout(np.unique(area))
    free = rng.normal(0.0, 0.6, layout.size)
    free[0] = 1.0 / SCALE
    return given, layout, free


def answers_of(
    given: modes.Alternatives, layout: modes.Layout, free: np.ndarray, workers: float
) -> np.ndarray:
    probability, weight = modes.probabilities(free, layout, given)
    mixed = (weight[..., None] * probability).sum(axis=0)
    return workers * np.column_stack((mixed[:, 0], mixed[:, 1], mixed[:, 2] + mixed[:, 3]))


def test_the_gradient_is_that_of_the_likelihood(invented) -> None:
    given, layout, free = invented
    workers = answers_of(given, layout, free + 0.1, 3.0)
    _, gradient = modes.minus_log_likelihood(free, layout, given, workers)
    for place in range(layout.size):
        step = np.zeros(layout.size)
        step[place] = 1e-5
        up, down = (
            modes.minus_log_likelihood(free + sign * step, layout, given, workers)[0]
            for sign in (1, -1)
        )
        assert gradient[place] == pytest.approx((up - down) / 2e-5, abs=1e-7), place


def test_what_made_the_answers_is_found_again(invented) -> None:
    given, layout, free = invented
    workers = answers_of(given, layout, free, 500.0)
    census = modes.Census(np.arange(len(workers)), given.group, workers)
    origin = np.arange(len(workers)) % 30
    out = modes.held_out(pd.Series([str(each) for each in range(30)]))
    assert 0 < out.sum() < 15
    found = modes.fit(census, given, out, origin, "test")
    assert 1.0 / found.free[0] == pytest.approx(SCALE, rel=1e-3)
    assert found.free == pytest.approx(free, abs=5e-3)
    shares = found.shares
    assert shares["model"].to_numpy() == pytest.approx(shares["observed"].to_numpy(), abs=1e-4)
    assert (found.errors["points"] < 0.05).all()
    table = found.table
    by_area = area_constants(table).reshape(4, -1)
    by_group, slopes = occupation_constants(table), density_slopes(table)
    by_area, by_group, slopes = (
        each - each[Mode.PUBLIC_TRANSPORT] for each in (by_area, by_group, slopes)
    )
    assert by_area[Mode.CAR, layout.areas] == pytest.approx(
        SCALE * free[2 : 2 + layout.areas.size], abs=0.02
    )
    assert by_group[Mode.WALK, 1:] == pytest.approx(SCALE * free[-8:-4], abs=0.02)
    assert slopes[Mode.CAR] == pytest.approx(SCALE * free[-4:-2], abs=0.02)


def test_an_area_that_is_left_out_whole_has_the_mean_of_the_others(invented) -> None:
    """A city of one commune, say, which the checksum of its code leaves out."""
    given, layout, free = invented
    workers = answers_of(given, layout, free, 500.0)
    census = modes.Census(np.arange(len(workers)), given.group, workers)
    out = np.array([False, True])
    table = modes.fit(census, given, out, (given.area == 2).astype(int), "test").table
    car, train = (area_constants(table).reshape(4, -1)[mode] for mode in (Mode.CAR, 0))
    assert (car - train)[2] == pytest.approx((car - train)[:2].mean(), abs=1e-3)
    assert abs((car - train)[2]) > 0.1


def test_constants_and_tastes_add_nothing_to_a_journey_in_the_mean(invented) -> None:
    """A mean over many drawn tastes: of all, of an area pair, of an occupation, and by density."""
    given, layout, free = invented
    n, rng = len(given.area), np.random.default_rng(5)
    common = modes.levels(free, layout, given, np.ones(n))
    by_area, by_group, by_density = (
        SCALE * (of_mode - of_all)
        for of_mode, of_all in zip(layout.constants(free), common, strict=True)
    )
    constant = by_area[:, given.area].T + by_group[:, given.group].T + given.density @ by_density.T
    drawn = 300
    taste = SCALE * rng.gumbel(size=(drawn, n, 4))
    has_car = (rng.uniform(size=(drawn, n)) < given.share_car).astype(int)
    utility = given.utility[has_car, np.arange(n)]
    best = (utility + constant + taste).argmax(axis=-1)[..., None]
    added = np.take_along_axis(constant + taste, best, axis=-1)[..., 0].mean(axis=0)
    assert added.mean() == pytest.approx(0.0, abs=0.02)
    for of in (given.area, given.group):
        mean = np.bincount(of, added)[: of.max() + 1] / np.maximum(np.bincount(of), 1)
        assert mean == pytest.approx(0.0, abs=0.06)
    for density in given.density.T:
        assert np.mean(density * added) == pytest.approx(0.0, abs=0.06)


def census_of(land: Territory) -> pd.DataFrame:
    flows = land.flows[~land.flows["at_home"]]
    table = pd.DataFrame(
        {
            "origin": flows["commune_code"], "destination": flows["workplace_code"],
            "csp": flows["csp"], "workers": flows["workers"].astype(float),
        }
    )  # fmt: skip
    shares = {"TC": 0.5, "VP": 0.35, "NM": 0.15}
    return pd.concat(
        [
            table.assign(mode=name, workers=share * table["workers"])
            for name, share in shares.items()
        ],
        ignore_index=True,
    )


def test_a_fitted_territory_has_the_shares_of_the_census(land: Territory) -> None:
    p = resolve(dt.date(2014, 1, 1))
    census = modes.read_census(land, census_of(land))
    sections, segments = land.od.road.sections, land.od.transit.segments
    ratio, ride_min = sections["base_ratio"].to_numpy(float), np.zeros(len(segments))
    given = modes.alternatives(land, census, p, ride_min, ratio)
    total = census.workers.sum(axis=1, keepdims=True)
    layout = modes.Layout(np.unique(given.area))
    free = np.zeros(layout.size)
    free[0] = 1.0 / SCALE
    answered = modes.Census(census.pair, census.group, answers_of(given, layout, free, 1.0) * total)
    origin = land.od.pairs["commune"].to_numpy(np.int64)[census.pair]
    out = modes.held_out(land.communes["code"])
    found = modes.fit(answered, given, out, origin, "test")
    assert set(found.shares["communes"]) == {"fitted", "left out"}
    for _, part in found.shares.groupby("communes"):
        assert part["model"].to_numpy() == pytest.approx(part["observed"].to_numpy(), abs=0.02)
    by_home = pd.DataFrame(answered.workers).groupby(origin).sum()
    learnt, left = (by_home[out[by_home.index] == each] for each in (False, True))
    share = learnt.sum() / learnt.sum().sum()
    expected = np.outer(left.sum(axis=1), share)
    points = 100.0 * np.abs(left.to_numpy() - expected).sum(axis=0) / left.sum().sum()
    told = found.errors.set_index("communes").loc["left out", "points_without_model"]
    assert told.to_numpy() == pytest.approx(points)
    assert "Held" not in fit_text(found) and "Not counted" not in fit_text(found)
    terms = set(found.table["term"])
    assert terms == {"mu_mode", "area", "occupation", "density_home", "density_work"}
    assert set(found.table["origin"]) <= {"", *AREA_TYPES}
    assert set(found.table["occupation"]) <= {"", *OCCUPATION_GROUPS}


def test_a_fit_and_a_validation_of_a_territory_need_no_extra() -> None:
    code = (
        "import sys; sys.modules['shapely'] = sys.modules['pyproj'] = None\n"
        "import sim77.analysis.modes.fit, sim77.analysis.supply_check.measures"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_scale_that_no_run_takes_is_held_at_the_end_of_its_range(land: Territory) -> None:
    # The same shares everywhere: times tell next to nothing.
    census = census_of(land)
    elsewhere = census.iloc[:1].assign(destination="99999", workers=0.25 * census["workers"].sum())
    answers = pd.concat([census, elsewhere])
    found = modes.fit_modes(land, answers, resolve(dt.date(2014, 1, 1)), "test")
    assert f"{elsewhere['workers'].sum():,.0f} workers of the answers (20.0%)" in fit_text(found)
    assert 1.0 / found.free[0] == pytest.approx(load_parameters()["mu_mode"].high)
    assert "Held at the end of its range, 1 to 5" in fit_text(found)
    assert "Further off by commune than one share for all: public transport" in fit_text(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "bike"}, "have 'bike' in the column 'mode', expected TC, VP, NM"),
        ({"workers": None}, "lack the column 'workers'"),
    ],
)
def test_answers_of_another_form_are_refused(land, change, message) -> None:
    table = census_of(land).assign(**change)
    if change.get("workers", 1) is None:
        table = table.drop(columns="workers")
    with pytest.raises(TerritoryError, match=message):
        modes.read_census(land, table)


def test_a_part_has_the_traffic_of_the_whole(
    land: Territory, land_scopes: Path, tmp_path: Path
) -> None:
    part = cut_territory(land, tmp_path / "part", ["20"], LABELS, land_scopes)
    assert set(part.communes["department"].astype(str)) == {"20"}
    mine = land.flows["commune_code"].isin(part.communes["code"])
    assert part.flows["workers"].sum() == land.flows.loc[mine, "workers"].sum()
    whole = CommuteModel("no-telecentres", territory=land, workplaces=land.workplace_zones)
    cut = CommuteModel("no-telecentres", territory=part, workplaces=part.workplace_zones)
    of_whole, of_part = (each.world.find_start(each.effects) for each in (whole, cut))
    assert 0 < of_part.loads.simulated.sum() < of_whole.loads.simulated.sum()
    assert of_part.loads.riders == pytest.approx(of_whole.loads.riders, abs=1e-3)
    assert of_part.loads.volume == pytest.approx(of_whole.loads.volume, abs=1e-3)


def test_what_cannot_be_cut_is_refused(land: Territory, land_scopes: Path, tmp_path: Path) -> None:
    with pytest.raises(TerritoryError, match="its départements are 10, 20"):
        cut_territory(land, tmp_path / "x", ["33"], LABELS, land_scopes)
    scopes = tmp_path / "scopes.csv"
    scopes.write_text("prefix,scope,label_fr,label_en\n10,here,Ici,Here\n", encoding="utf-8")
    with pytest.raises(TerritoryError, match=r"scopes.csv: no 'prefix' fits the workplace 2"):
        cut_territory(land, tmp_path / "x", ["20"], LABELS, scopes)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").touch()
    with pytest.raises(TerritoryError, match="there"):
        cut_territory(land, tmp_path / "there", ["20"], LABELS, land_scopes)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["scopes.csv", "there"]


def test_a_cut_that_fails_leaves_nothing_and_touches_nothing(
    land: Territory, land_scopes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part.partial").mkdir()

    def fails(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TransitTables, "write", fails)
    with pytest.raises(TerritoryError, match=r"part cannot be written: no space is left"):
        cut_territory(land, tmp_path / "part", ["20"], LABELS, land_scopes)
    assert [each.name for each in tmp_path.iterdir()] == ["part.partial"]


def test_a_workplace_has_its_scope_in_whatever_order_the_table_is(
    land: Territory, tmp_path: Path
) -> None:
    turned = tmp_path / "turned"
    shutil.copytree(land.folder, turned)
    table = pd.read_csv(turned / "workplaces.csv", dtype=str, keep_default_na=False)
    table[::-1].to_csv(turned / "workplaces.csv", index=False)
    scopes = tmp_path / "scopes.csv"
    text = "prefix,scope,label_fr,label_en\n1,near,Près,Near\n2,far,Loin,Far\n"
    scopes.write_text(text, encoding="utf-8")
    part = cut_territory(load_territory(turned), tmp_path / "part", ["20"], LABELS, scopes)
    assert set(part.workplaces["code"].str[0] + part.workplaces["zone"]) == {"1near", "2far"}


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("workers", -1.0, r"-1\.0.* in the column 'workers', expected a number from 0 to 1e9"),
        ("workers", "y", "'y' in the column 'workers'"),
        ("csp", 9, "9.* in the column 'csp', expected a number from 1 to 6"),
        ("csp", None, "have a blank in row 1 in the column 'csp', expected a number from 1 to 6"),
        ("mode", None, "have a blank in row 1 in the column 'mode', expected TC, VP, NM"),
        ("origin", "99999", "have no pair of home and workplace of the territory"),
    ],
)
def test_wrong_answers_of_a_census_are_told(
    column: str, value: object, sentence: str, land: Territory
) -> None:
    pair = land.od.pairs.iloc[0]
    answers = pd.DataFrame({
        "origin": [land.communes["code"].iloc[pair["commune"]]],
        "destination": [land.workplaces["code"].iloc[pair["workplace"]]],
        "mode": ["VP"], "csp": [3], "workers": [10.0],
    })  # fmt: skip
    assert modes.read_census(land, answers).workers.sum() == 10.0
    assert modes.read_census(land, answers.astype({"csp": str})).workers.sum() == 10.0
    with pytest.raises(TerritoryError, match=sentence):
        modes.read_census(land, answers.assign(**{column: [value]}))


@pytest.mark.parametrize(
    ("name", "modes_told"),
    [
        ("FD_MOBPRO_2014.csv", {"2": "NM", "3": "NM", "4": "VP", "5": "TC"}),
        ("FD_MOBPRO_2019.csv", {"2": "NM", "3": "NM", "4": "NM", "5": "VP", "6": "TC"}),
    ],
)
def test_a_detail_file_answers_too(
    land: Territory, tmp_path: Path, name: str, modes_told: dict[str, str]
) -> None:
    flows = land.flows[~land.flows["at_home"]].drop_duplicates(["commune", "workplace"]).head(9)
    rows = ["COMMUNE;ARM;DCLT;CS1;TRANS;IPONDI", "33063;Z;33063;3;4;7", "10002;Z;10001;Z;4;7"]
    pairs = zip(flows["commune_code"], flows["workplace_code"], strict=True)
    for place, (home, work) in enumerate(pairs):
        # Each code of TRANS weighs something else.
        rows += [f"{home};Z;{work};{1 + place % 6};{code};{code}.5" for code in ("1", *modes_told)]
    (tmp_path / name).write_text("\n".join(rows) + "\n", "utf-8")
    answers = modes.read_answers(tmp_path / name, land)
    assert len(answers) == len(flows) * len(set(modes_told.values()))
    told = answers.groupby("mode")["workers"].sum() / len(flows)
    assert told.to_dict() == {
        mode: sum(int(code) + 0.5 for code, answer in modes_told.items() if answer == mode)
        for mode in modes_told.values()
    }
    assert modes.read_census(land, answers).workers.sum() == answers["workers"].sum()
    table = pd.read_csv(tmp_path / name, sep=";", dtype=str).astype({"IPONDI": float})
    table.to_parquet(tmp_path / "same.parquet")
    if "2014" in name:
        again = modes.read_answers(tmp_path / "same.parquet", land)
        pd.testing.assert_frame_equal(again, answers)
    (tmp_path / name).write_text("\n".join(rows[:2]) + "\n", "utf-8")
    with pytest.raises(TerritoryError, match="nobody in it lives and works in the territory"):
        modes.read_answers(tmp_path / name, land)
    (tmp_path / "other.csv").write_text("a;b\n1;2\n", "utf-8")
    with pytest.raises(TerritoryError, match="has the columns a, b, but INSEE's file has COMMUNE"):
        modes.read_answers(tmp_path / "other.csv", land)
