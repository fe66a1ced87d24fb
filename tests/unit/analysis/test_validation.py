"""Validation rows: each is compared or listed, none is seen by a fit, and a row can fail."""

import ast
import datetime as dt
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import norm

from sim77.analysis.calibrate.tables import drawn
from sim77.analysis.calibrate.targets import (
    calibration_rows,
    observations,
    read_rows,
)
from sim77.analysis.validate import validate as validating
from sim77.analysis.validate.measures import MEASURES, Seen, closed_by, years_open
from sim77.analysis.validate.rows import (
    AT_LEAST,
    AT_MOST,
    FAIL,
    NOT_COMPARABLE,
    PASS,
    checks,
    tie_checks,
    validation_rows,
    validation_runs,
)
from sim77.analysis.validate.validate import (
    Task,
    _sites_open,
    observe,
    task_of,
    validate,
    validation_table,
)
from sim77.core.errors import Sim77Error, StudyError
from sim77.core.units import Mode
from sim77.engine.recorder import SEGMENT_COLUMNS
from sim77.engine.supply.loads import Incidence
from sim77.registry.parameters import resolve
from sim77.report.calibration.names import PAGES, parameter_label
from sim77.report.calibration.text import whose
from sim77.report.locale import LANGUAGES, locale_of, words_by_language
from sim77.runs.run import run
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[3] / "sim77"


# The list ----------------------------------------------------------------------------------


def test_every_validation_row_is_compared_or_listed_with_a_reason() -> None:
    tied, left = checks()
    assert sorted(each.name for each in (*tied, *left)) == sorted(validation_rows().index)
    assert not set(validation_rows().index) & set(calibration_rows().index)
    used = {name for each in tied for name in (each.run, each.relative_to) if name}
    assert used == set(validation_runs())
    assert {each.measure for each in tied} - {"sites_open"} == set(MEASURES)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_row_is_told_in_words(language: str) -> None:
    words = words_by_language("validation", "calibration")[language]
    tied, left = checks()
    for check in tied:
        assert words[f"row {check.name}"] and words[f"whose {check.name}"]
        for side, unbounded in (("above", AT_LEAST), ("below", AT_MOST)):
            assert (f"{side} {check.name}" in words) == (check.expects != unbounded), check.name
    for each in left:
        assert words[f"row {each.name}"] and words[f"reason {each.reason}"]
    for target in observations()[0]:
        assert words[f"row {target.name}"] and words[f"who {target.whose}"]
        assert words[f"family {target.family}"] and words[f"use_{target.use}"]
        if target.use != "compare":
            text = "solve" if target.use == "solve" else target.name
            assert words[f"above {text}"] and words[f"below {text}"]


def test_runs_start_on_days_that_their_scenario_knows() -> None:
    for each in validation_runs().values():
        territory = load_territory(each.territory)
        assert load_scenario(each.scenario, territory).state_on(each.start, territory)
        assert each.start < each.end and 0.0 < each.scale <= 1.0


HEAD = "id,value,unit,error,error_source,year,geography,source_title,source_url,note"
ROW = "a,10,percent,1.5,ours,2022,France,INSEE,http://x,"


def _tied(**changes: object) -> dict:
    entry = {"measure": "days_mean", "run": "one", "expects": "within"}
    return {"tied": {"a": {**entry, **changes}}, "not_tied": []}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_tied(measure="days_men"), "which does not exist. Did you mean 'days_mean'?"),
        (_tied(run="two"), "the run 'two'"),
        (_tied(expects="roughly"), "the expects 'roughly'"),
        (_tied(mix="78"), "the mix '78'"),
        (_tied(in_view=["thetta"]), "the in_view 'thetta', which does not exist. Did you mean 'th"),
        ({"tied": {}, "not_tied": []}, "does not mention 'a', expected a measure or a reason"),
        (
            {"tied": {}, "not_tied": [{"reason": "r", "rows": ["b"]}]},
            "'b', which is not a validation",
        ),
        ({**_tied(), "not_tied": [{"reason": "r", "rows": ["a"]}]}, "the row 'a' twice"),
    ],
)
def test_a_wrong_list_is_refused(content: dict, message: str) -> None:
    with pytest.raises(StudyError) as text:
        tie_checks(read_rows(f"{HEAD}\n{ROW}\n", "mine.csv"), content, ("one",), "mine.yaml")
    assert message in str(text.value)


def test_a_row_tells_which_assumed_values_were_chosen_with_it_in_view() -> None:
    seen = {each.name: each.in_view for each in checks()[0] if each.in_view}
    assert seen["cdc_minutes_saved_per_telecentre_day"] == ("sd_taste_telecentre",)
    assert "rail_low_day_friday_2022" not in seen
    for language in LANGUAGES:
        locale = locale_of(language, *PAGES)
        for name, parameters in seen.items():
            for each in parameters:
                assert parameter_label(each, locale) in whose(name, locale)


def test_centres_of_a_departement_are_those_of_its_communes() -> None:
    (check,) = (each for each in checks()[0] if each.name == "open_77_telecentres_2022")
    anywhere = replace(check, options={**check.options, "department": ""})
    # Hubstart, in Roissy-en-France, is in the scenario too.
    assert [_sites_open(each, None) for each in (check, anywhere)] == [20.0, 21.0]


# No fit sees them --------------------------------------------------------------------------


def imported(module: str) -> set[str]:
    """Return all modules of the package that a module imports, inside functions too, and theirs."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [each.name for each in node.names if each.name.startswith("sim77")]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim77"):
                waiting.append(str(node.module))
                # What is imported from a package may be a module of it.
                package = Path(*str(node.module).split("."))
                waiting += [
                    f"{node.module}.{each.name}"
                    for each in node.names
                    if (PACKAGE.parent / package / f"{each.name}.py").is_file()
                ]
    return seen


def test_no_module_on_the_path_of_a_calibration_reads_validation_rows() -> None:
    path = imported("sim77.analysis.calibrate.calibrate")
    assert {
        "sim77.analysis.calibrate.targets",
        "sim77.analysis.calibrate.abc",
        "sim77.analysis.calibrate.observe",
    } <= path
    assert not [name for name in path if name.startswith("sim77.analysis.calibrate.valid")]
    for name in path:
        source = Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
        assert "targets_validation" not in source, name
        assert "validations.yaml" not in source, name


def test_the_walk_along_imports_finds_who_does() -> None:
    assert "sim77.analysis.validate.rows" in imported("sim77.cli.validate")


# Verdicts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expects", "agreeing", "failing"),
    [("within", (8.6, 11.4), (8.4, 11.6)), (AT_LEAST, (8.6, 99.0), (8.4,)),
     (AT_MOST, (-5.0, 11.4), (11.6,))],
)  # fmt: skip
def test_a_row_passes_or_fails(expects: str, agreeing: tuple, failing: tuple) -> None:
    content = _tied(expects=expects)
    check = tie_checks(read_rows(f"{HEAD}\n{ROW}\n", "x"), content, ("one",), "x")[0][0]
    assert [check.verdict(x) for x in agreeing] == [PASS] * len(agreeing)
    assert [check.verdict(x) for x in failing] == [FAIL] * len(failing)


def draws_around(misses: dict[str, float], n: int = 8) -> pd.DataFrame:
    """Return draws that agree with every row but some, which miss by so many errors."""
    spread = np.linspace(-0.2, 0.2, n)
    rows = {
        check.name: check.value + check.error * (spread + misses.get(check.name, 0.0))
        for check in checks()[0]
    }
    return pd.DataFrame({"draw": range(n), "seed": range(n), "asc_tc": -2.0, **rows})


def test_failures_come_first_and_the_greatest_before_the_others() -> None:
    missing = {"telework_days_mean_france_2024": 1.1, "closed_buronomade": -3.0}
    table = validation_table(draws_around(missing))
    assert table["row"].tolist()[:2] == ["closed_buronomade", "telework_days_mean_france_2024"]
    assert table["verdict"].value_counts().to_dict() == {
        PASS: len(checks()[0]) - 2, FAIL: 2, NOT_COMPARABLE: len(checks()[1]),
    }  # fmt: skip
    first, second = table.iloc[0], table.iloc[1]
    assert first["misses"] == pytest.approx(2.0) and first["surely"]
    assert second["misses"] == pytest.approx(0.1) and not second["surely"]
    assert table[table["verdict"] == NOT_COMPARABLE]["model"].isna().all()


@pytest.mark.parametrize(("n", "least"), [(12, 0.83), (39, 0.88)])
def test_the_interval_holds_the_next_draw_about_as_often_as_it_says(n: int, least: float) -> None:
    check, rng = checks()[0][0], np.random.default_rng(1)
    draws, held = draws_around({}, n), []
    for _ in range(100):
        draws[check.name] = rng.normal(size=n)
        row = validation_table(draws).set_index("row").loc[check.name]
        held.append(norm.cdf(row["high"]) - norm.cdf(row["low"]))
    assert np.mean(held) > least


def test_a_draw_with_nothing_to_count_is_left_out_and_none_is_told() -> None:
    draws = draws_around({})
    draws.loc[0, "cdc_minutes_saved_per_telecentre_day"] = np.nan
    table = validation_table(draws).set_index("row")
    assert np.isfinite(table.at["cdc_minutes_saved_per_telecentre_day", "model"])
    draws["cdc_minutes_saved_per_telecentre_day"] = np.nan
    with pytest.raises(StudyError, match="has anything to compare with 'cdc_minutes"):
        validation_table(draws)


# Measures ----------------------------------------------------------------------------------


def test_a_run_says_of_trains_what_its_tables_say() -> None:
    region = validation_runs()["region-2019"]
    task = task_of(region, {}, seed=3, scale=0.1)
    found = observe(task)
    days = run(
        region.scenario, territory=region.territory, scale=task.spec.scale, seed=3,
        start=region.start, end=region.end,
        workplaces=load_territory(region.territory).workplace_zones,
    ).days  # fmt: skip
    riders = (days["office_public_transport"] + days["half_public_transport"]).mean()
    assert found["ridership_vs_2019_2022"] == pytest.approx(riders)


def test_a_station_has_riders_but_fewer_than_all_trains() -> None:
    task = task_of(validation_runs()["spring-2019"], {}, seed=3, scale=0.05)
    seen = validating._seen(validation_runs()["spring-2019"], task)
    riders = MEASURES["rail_riders"](seen, {})
    passengers = MEASURES["station_passengers"](seen, {"station": "Coulommiers"})
    assert 0.0 < passengers < 2.0 * 251.0 * riders


def test_a_network_of_the_region_is_found_among_its_own_scenarios() -> None:
    region = validation_runs()["region-2016"]
    assert region.territory == "ile-de-france"
    sites = task_of(region, {}, seed=3, scale=0.1).spec.scenario.state_on(
        region.start, load_territory(region.territory)
    ).sites  # fmt: skip
    assert len(sites) == 81


def test_the_region_is_asked_for_the_ways_to_work_of_its_residents() -> None:
    task = task_of(validation_runs()["region-2017"], {}, seed=3, scale=0.1)
    found = observe(task)
    # Shares of the whole and of parts of it: cars in the region, trains from Paris and around it.
    assert found["share_over_60min_idf_2008"] < found["share_over_45min_idf_2008"]
    assert found["share_over_45min_idf_2008"] + found["share_under_30min_idf_2008"] < 100.0
    assert 30.0 < found["commute_min_mean_idf_2019"] < 45.0
    assert found["pt_share_inner_ring_2011"] < found["pt_share_paris_2011"]
    seen = validating._seen(validation_runs()["region-2017"], task)
    territory, people = seen.model.territory, seen.model.population
    home = territory.communes["code"].str[:2].to_numpy(dtype=object)[people.commune]
    parisian = home == "75"
    by_train = (seen.mode == Mode.PUBLIC_TRANSPORT)[parisian]
    weight = seen.weight[parisian]
    share = 100.0 * weight[by_train].sum() / weight.sum()
    assert found["pt_share_paris_2011"] == pytest.approx(share)
    everywhere = MEASURES["mode_share"](seen, {"mode": "car"})
    assert found["car_share_idf_2008"] == pytest.approx(everywhere) != pytest.approx(share)


def _line() -> SimpleNamespace:
    """A run of two days: 60 riders from A to B, 90 on to C, 30 of another line from A to C."""
    segments = pd.DataFrame({
        "line": ["X", "X", "Y"], "from_stop": ["A", "B", "A"], "to_stop": ["B", "C", "C"],
    })  # fmt: skip
    peak = np.zeros((2, 3, len(SEGMENT_COLUMNS)))
    peak[:, :, SEGMENT_COLUMNS.index("simulated_riders")] = [[20, 40, 10], [40, 50, 20]]
    model = SimpleNamespace(
        territory=SimpleNamespace(od=SimpleNamespace(transit=SimpleNamespace(segments=segments))),
        recorder=SimpleNamespace(days=[0, 1], segments=peak),
        parameters=SimpleNamespace(share_peak_hour=0.5),
    )
    return SimpleNamespace(model=model)


def test_riders_of_a_line_and_of_a_station_are_those_of_its_segments() -> None:
    seen, measure = _line(), MEASURES["line_passengers"]
    assert measure(seen, {"line": "X", "to_stop": "C"}) == pytest.approx(2 * 90)
    assert measure(seen, {"line": "X", "to_stop": "C", "from_stops": ["A"]}) == 0.0
    get_on = MEASURES["station_passengers"]
    assert get_on(seen, {"station": "A"}) == pytest.approx(2 * 251 * 90)
    assert get_on(seen, {"station": "B"}) == pytest.approx(2 * 251 * 30)
    assert get_on(seen, {"station": "C"}) == pytest.approx(2 * 251 * 120)


def _branch(riders: list[float], trains: list[float], staying: float) -> SimpleNamespace:
    """A line from A by B and C to D, of trains with 100 seats; a share rides on from B to C."""
    segments = pd.DataFrame({
        "segment": [0, 1, 2], "line": "X", "from_stop": ["A", "B", "C"],
        "to_stop": ["B", "C", "D"], "peak_riders": riders, "trains_per_hour": trains,
        "seats": 100.0 * np.array(trains),
    })  # fmt: skip
    # Those of the first market get on at A, those of the second at B.
    shares = csr_matrix([[1.0, staying, staying], [0.0, 1.0, 1.0]])
    model = SimpleNamespace(
        network=SimpleNamespace(tables=SimpleNamespace(rides=Incidence.of(shares))),
        at_office=SimpleNamespace(travellers=np.array([[10.0, 90.0]])),
    )
    return SimpleNamespace(model=model, tables={"segments": segments})


@pytest.mark.parametrize(
    ("riders", "trains", "staying", "stand"),
    [
        ([210.0, 210.0, 210.0], [2.0, 2.0, 2.0], 1.0, 1.0),
        ([210.0, 190.0, 210.0], [2.0, 2.0, 2.0], 1.0, 0.0),
        # Four trains from B on, of which two begin there, empty.
        ([210.0, 390.0, 390.0], [2.0, 4.0, 4.0], 1.0, 1.0),
        ([210.0, 390.0, 390.0], [2.0, 4.0, 4.0], 0.9, 0.0),
        ([210.0, 900.0, 900.0], [2.0, 4.0, 4.0], 0.9, 0.0),
        ([240.0, 390.0, 210.0], [2.0, 4.0, 2.0], 0.9, 1.0),
    ],
)
def test_passengers_stand_in_the_trains_that_come_from_the_first_stop(
    riders: list[float], trains: list[float], staying: float, stand: float
) -> None:
    seen = _branch(riders, trains, staying)
    options = {"line": "X", "stops": ["A", "B", "C", "D"]}
    assert MEASURES["passengers_stand"](seen, options) == stand


def test_stops_that_follow_each_other_have_a_segment() -> None:
    with pytest.raises(KeyError):
        seen = _branch([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], 1.0)
        MEASURES["passengers_stand"](seen, {"line": "X", "stops": ["A", "C"]})


def test_the_places_that_rows_name_are_those_of_the_timetable() -> None:
    segments = load_territory(None).od.transit.segments
    stops = set(segments["to_stop"])
    named = [each.options for each in checks()[0]]
    assert {each["to_stop"] for each in named if "to_stop" in each} <= stops
    assert {each["station"] for each in named if "station" in each} <= stops
    assert {stop for each in named for stop in each.get("from_stops", ())} <= stops


def _centre(open_days: list[bool]) -> SimpleNamespace:
    """A run of one centre that is open on some of its days."""
    days = [dt.date(2015, 1, 1) + dt.timedelta(days=k) for k in range(len(open_days))]
    return SimpleNamespace(
        model=SimpleNamespace(recorder=SimpleNamespace(days=days)),
        site_rows=lambda _: np.array([0]),
        centre=lambda _: np.array(open_days)[:, None],
    )


def test_the_life_of_a_centre() -> None:
    closed = _centre([False] * 10 + [True] * 366 + [False] * 30)
    assert years_open(closed, {}) == pytest.approx(365 / 365.25)
    assert closed_by(closed, {"day": dt.date(2016, 6, 30)}) == 1.0
    assert closed_by(closed, {"day": dt.date(2015, 6, 30)}) == 0.0
    assert closed_by(_centre([True] * 20), {"day": dt.date(2016, 6, 30)}) == 0.0


# The whole ---------------------------------------------------------------------------------


def test_draws_are_even_by_weight_and_always_the_same() -> None:
    posterior = pd.DataFrame({"weight": [0.0, 0.5, 0.25, 0.25], "theta": range(4)})
    assert drawn(posterior, 4).tolist() == [1, 1, 2, 3]


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Runs that give the observations back, in place of the model; the tasks they were given."""
    tasks: list[Task] = []

    def gives(task: Task) -> dict[str, float]:
        tasks.append(task)
        mine = (each for each in checks()[0] if task.run in (each.run, each.relative_to))
        return {each.name: each.value if not each.relative_to else 1.0 for each in mine}

    def share(task: Task) -> float:
        return float(0.001 * np.exp(task.spec.overrides["asc_tc_telecentre"] + 4.0))

    monkeypatch.setattr(validating, "observe", gives)
    monkeypatch.setattr(validating, "centre_share", share)
    return tasks


def test_each_draw_has_its_seed_its_era_and_its_constant_of_centres(
    canned: list[Task], tmp_path: Path
) -> None:
    values = {"weight": [0.5, 0.5], "distance": [1.0, 1.0], "theta": [0.4, 0.6]}
    eras = {"share_covered_managers@2017-01-01": [0.2, 0.3],
            "share_covered_managers@2022-01-01": [0.7, 0.8]}  # fmt: skip
    pd.DataFrame(values | eras).to_csv(tmp_path / "posterior.csv", index=False)
    found = validate(tmp_path, draws=2, workers=0)
    assert len(canned) == 2 * len(validation_runs())
    for task in canned:
        late = validation_runs()[task.run].start >= dt.date(2021, 1, 1)
        covered = resolve(task.spec.start, task.spec.overrides)["share_covered_managers"]
        assert (covered > 0.45) == late
        assert (task.spec.seed == validating.SEED) == (task.spec.overrides["theta"] == 0.4)
    low, high = found.about["asc_tc"]
    assert low == pytest.approx(np.log(2.5) - 4.0) and high == pytest.approx(np.log(10.0) - 4.0)
    assert found.draws["asc_tc"].between(low, high).all() and found.draws["asc_tc"].nunique() == 2
    kept = pd.read_csv(tmp_path / "validation.csv")
    failed = kept[kept["verdict"] == FAIL]["row"].tolist()
    assert failed == ["ridership_vs_2019_2022", "open_77_telecentres_2022"]
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize(
    ("draws", "message"),
    [(1, "number of draws must be a whole number from 2"), (2, "no posterior")],
)
def test_a_wrong_folder_is_told(draws: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(Sim77Error, match=message):
        validate(tmp_path, draws=draws, workers=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it is empty"),
        ("a,b\n1,2\n", "'weight'"),
        ("weight,theta\n1,0.4\n1,\n", "row 2 of draws: 'theta' is blank, expected a number"),
    ],
)
def test_a_posterior_that_is_none_is_told(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "posterior.csv").write_text(content)
    with pytest.raises(StudyError, match=message):
        validating.read_posterior(tmp_path)


@pytest.mark.long
def test_a_validation_at_a_small_scale_gives_every_row_a_value(tmp_path: Path) -> None:
    pd.DataFrame({"weight": [0.5, 0.5], "theta": [0.5, 0.6]}).to_csv(
        tmp_path / "posterior.csv", index=False
    )
    found = validate(tmp_path, draws=2, scale=0.05, workers=0)
    compared = found.table[found.table["verdict"] != NOT_COMPARABLE]
    assert np.isfinite(compared["model"]).all()


def seen_at_centres(visits: list[tuple[str, int]]) -> Seen:
    """Return a run in which persons 0 and 1, employees, and 2 and 3 came on some days."""
    day, person = zip(*visits, strict=True)
    table = pd.DataFrame({
        "day": [dt.date.fromisoformat(each).toordinal() for each in day],
        "person": person, "site": 0,
    })  # fmt: skip
    return cast(
        Seen,
        SimpleNamespace(
            visits=SimpleNamespace(table=table), weight_of_visitors=np.array([1.0, 1.0, 2.0, 1.0]),
            employee=np.array([True, True]),
        ),
    )  # fmt: skip


def test_independents_are_counted_once_a_month_and_by_weight() -> None:
    seen = seen_at_centres([
        ("2016-03-07", 0), ("2016-03-08", 2), ("2016-03-09", 2), ("2016-04-04", 2),
    ])  # fmt: skip
    assert MEASURES["users_independent"](seen, {}) == pytest.approx(100.0 * 4.0 / 5.0)
    assert MEASURES["users_mainly_independent"](seen, {}) == 1.0


def test_who_comes_often_is_told_by_the_days_of_a_week() -> None:
    week = [(f"2016-03-{day:02}", 2) for day in (7, 8, 13)]  # Monday, Tuesday, Sunday
    seen = seen_at_centres([*week, ("2016-03-14", 2), ("2016-03-07", 1), ("2016-03-10", 3)])
    assert MEASURES["users_often"](seen, {"days": 3}) == pytest.approx(100.0 * 2.0 / 6.0)
