"""The summary page and the figures for notebooks say what the tables hold, and nothing else."""

import datetime as dt
import itertools
import re
import shlex
import string
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim77.cli.main import build_parser
from sim77.report.locale import LANGUAGES, Numbers, words_by_language
from sim77.report.map import INDICATORS
from sim77.report.routes import routes_by_line
from sim77.report.run.about import command
from sim77.report.run.facts import LEAST_WORKERS, estimated_counts, year_of
from sim77.report.run.page import write_summary_html
from sim77.report.run.tables import LEAST_RIDERS
from sim77.report.scales import nice_ceiling, nice_step, round_breaks
from sim77.runs.results import Result
from sim77.runs.run import run
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory, load_territory, write_example
from tests.pages import Page, number
from tests.wording import page_faults

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[3] / "sim77"


def page_of(result: Result, territory: Territory, folder: Path) -> tuple[Page, str]:
    path = folder / "summary.html"
    write_summary_html(result, territory, path)
    text = path.read_text(encoding="utf-8")
    return Page(text), text


@pytest.fixture(scope="module")
def result(tiny_scenario: Scenario, small_territory: Territory) -> Result:
    return run(tiny_scenario, territory=small_territory)


@pytest.fixture(scope="module")
def shipped_result() -> Result:
    two_weeks = {"start": dt.date(2014, 10, 6), "end": dt.date(2014, 10, 17)}
    return run("network-2014", scale=0.1, **two_weeks)


@pytest.fixture(scope="module")
def page(result: Result, small_territory: Territory, tmp_path_factory) -> tuple[Page, str]:
    return page_of(result, small_territory, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def shipped_page(
    shipped_result: Result, shipped_territory: Territory, tmp_path_factory
) -> tuple[Page, str]:
    return page_of(shipped_result, shipped_territory, tmp_path_factory.mktemp("shipped"))


# The page stands alone ---------------------------------------------------------------------


@pytest.mark.parametrize("which", ["page", "shipped_page"])
def test_nothing_is_fetched_from_anywhere(which: str, request: pytest.FixtureRequest) -> None:
    page, text = request.getfixturevalue(which)
    assert all(each.startswith(("#", "data:")) for each in page.addresses)
    assert all(each.startswith(("data:", "#")) for each in re.findall(r"url\(([^)]*)", text))
    assert not re.search(r"@import|\bfetch\(|XMLHttpRequest|<iframe|<object|\bimport\(", text)
    assert "default-src 'none'" in text


@pytest.mark.parametrize("which", ["page", "shipped_page"])
def test_the_page_is_well_formed(which: str, request: pytest.FixtureRequest) -> None:
    page, text = request.getfixturevalue(which)
    assert len(set(page.ids)) == len(page.ids)
    for anchor in page.addresses:
        assert anchor.startswith("data:") or anchor[1:] in page.ids
    assert text.startswith("<!doctype html>")
    assert page.tags.count("main") == len(LANGUAGES)
    assert not re.search(r"\bnan\b|None|\binf\b|Undefined", re.sub(r"<script>.*?</script>|"
                         r"<style>.*?</style>", "", text, flags=re.DOTALL))  # fmt: skip


def test_the_page_is_small(shipped_page: tuple[Page, str]) -> None:
    assert len(shipped_page[1].encode()) < 1_500_000


# Words -------------------------------------------------------------------------------------


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_figures() -> None:
    french, english = (words_by_language()[language] for language in LANGUAGES)
    assert list(french) == list(english)
    for key in french:
        assert fields(french[key]) == fields(english[key]), key
        assert bool(french[key]) == bool(english[key]), key


def test_no_french_line_can_begin_with_a_mark() -> None:
    assert not [text for text in words_by_language()["fr"].values() if re.search(r" [;:!?%]", text)]


def test_every_word_is_used() -> None:
    templates = (f"report/templates/{name}.html.j2" for name in ("page", "blocks"))
    sources = [
        *(PACKAGE / "report").glob("*.py"),
        *(PACKAGE / "report" / "run").glob("*.py"),
        *(PACKAGE / name for name in templates),
    ]
    text = " ".join(path.read_text(encoding="utf-8") for path in sources)
    # Put together from the name of what they say.
    made = re.compile(r"^(f|zone|m|d|line|mode|unit_by|seen)_|_unit$")
    names = set(re.findall(r"[\w-]+", text))
    unused = [
        key
        for key in words_by_language()["fr"]
        if not made.search(key) and key not in names and key.removeprefix("c_") not in names
    ]
    assert set(unused) <= {"under-10", "10-49", "50-249", "250-plus", "public", "managers",
                           "intermediate", "clerical", "manual", "independents"}  # fmt: skip


# Numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "french", "english"),
    [
        (lambda n: n.count(9684.4), "9\u202f684", "9,684"),
        (lambda n: n.fixed(-0.94, 1), "\u22120,9", "\u22120.9"),
        (lambda n: n.fixed(-0.04, 1), "0,0", "0.0"),
        (lambda n: n.fixed(float("nan")), "–", "–"),
        (lambda n: n.significant(0.01234), "0,012", "0.012"),
        (lambda n: n.significant(9.98), "10", "10"),
        (lambda n: n.rounded(75425, 3), "75\u202f400", "75,400"),
        (lambda n: n.rounded(0.0), "0", "0"),
        (lambda n: n.percent(0.106, 1), "10,6\u202f%", "10.6%"),
        (lambda n: n.percent(0.0104), "1,0\u202f%", "1.0%"),
        (lambda n: n.date(dt.date(2014, 10, 1)), "1er octobre 2014", "1 October 2014"),
        (
            lambda n: n.period(dt.date(2014, 3, 3), dt.date(2014, 4, 30)),
            "Du 3 mars au 30 avril 2014",
            "From 3 March to 30 April 2014",
        ),
        (
            lambda n: n.period(dt.date(2014, 11, 3), dt.date(2015, 1, 30)),
            "Du 3 novembre 2014 au 30 janvier 2015",
            "From 3 November 2014 to 30 January 2015",
        ),
        (lambda n: n.period(dt.date(2014, 1, 2), dt.date(2014, 12, 31)), "En 2014", "In 2014"),
        (
            lambda n: n.period(dt.date(2014, 1, 2), dt.date(2016, 12, 30)),
            "De 2014 à 2016",
            "From 2014 to 2016",
        ),
        (
            lambda n: n.period(dt.date(2014, 3, 3), dt.date(2014, 3, 3)),
            "Le 3 mars 2014",
            "On 3 March 2014",
        ),
    ],
)
def test_numbers_and_dates_are_written_as_people_write_them(written, french, english) -> None:
    assert (written(Numbers("fr")), written(Numbers("en"))) == (french, english)


@pytest.mark.parametrize("values", [[], [0.0] * 9, [3.0], np.linspace(0.2, 6.1, 99), [5e4, 9e5]])
def test_breaks_are_five_rising_round_numbers(values) -> None:
    breaks, decimals = round_breaks(np.array(values, dtype=float))
    assert len(breaks) == 5
    assert all(low < high for low, high in itertools.pairwise(breaks))
    assert all(round(value, decimals) == value for value in breaks)


@pytest.mark.parametrize("value", [1e-4, 0.7, 1.0, 3.1, 99.0, 46_800.0])
def test_axes_end_at_or_just_above_the_greatest_value(value: float) -> None:
    assert value <= nice_step(value) * 1.001
    assert value <= nice_ceiling(value) * 1.001 <= 1.6 * value


# The page says what the tables hold --------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_communes_equal_the_table(
    language: str, shipped_page: tuple[Page, str], shipped_result: Result
) -> None:
    few = facts_few(shipped_result)
    assert 0 < few.sum() < len(few)
    for row, commune in enumerate(shipped_result.communes.to_dict("records")):
        name, workers, share, saved, travel, *_ = shipped_page[0].rows[language, f"c{row}"]
        assert name == commune["name"].replace("'", "’")
        if few[row]:
            assert {share, saved, travel} == {"–"}
        if commune["workers"] == 0:
            assert workers == "–"  # of a sample: nobody is known to be there, or not
            continue
        assert number(workers, language) == pytest.approx(commune["workers"], abs=0.51)
        if few[row]:
            continue
        assert number(share, language) == pytest.approx(100 * commune["share_remote"], abs=0.051)
        assert number(saved, language) == pytest.approx(
            commune["minutes_saved_per_worker"], abs=0.051
        )
        assert number(travel, language) == pytest.approx(commune["travel_min_per_worker"], abs=0.51)


def facts_few(result: Result) -> np.ndarray:
    drawn = result.workers["commune_code"].astype(str).value_counts()
    codes = result.communes["commune_code"]
    return np.array([drawn.get(code, 0) < LEAST_WORKERS for code in codes])


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_telecentres_and_segments_equal_the_tables(
    language: str,
    shipped_page: tuple[Page, str],
    shipped_result: Result,
    shipped_territory: Territory,
) -> None:
    labels = shipped_territory.site_labels
    for row, site in enumerate(shipped_result.telecentres.to_dict("records")):
        name, _, *markets = shipped_page[0].rows[language, f"t{row}"]
        names = (
            "desks days_open share_occupied share_occupied_by_workers worker_days home_based_days "
            "refusals"
        )
        factors = (1, 1, 100, 100, 1, 1, 1)
        expected = [site[key] * by for key, by in zip(names.split(), factors, strict=True)]
        assert name == labels[site["telecentre_id"]][language]
        assert [number(market, language) for market in markets] == pytest.approx(expected, abs=0.51)
    for row, segment in enumerate(shipped_result.segments.to_dict("records")):
        if segment["simulated_riders"] < LEAST_RIDERS:
            assert (language, f"s{row}") not in shipped_page[0].rows
            continue
        markets = shipped_page[0].rows[language, f"s{row}"]
        assert markets[1:3] == [segment["from_stop"], segment["to_stop"]]
        assert number(markets[4], language) == pytest.approx(segment["peak_riders"], abs=0.51)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_and_key_figures_are_those_of_the_result(
    language: str, page: tuple[Page, str], result: Result
) -> None:
    numbers, total, days = Numbers(language), result.days.sum(numeric_only=True), len(result.days)
    text = page[0].text[language]
    away = (total["home"] + total["telecentre"]) / days
    assert f" {numbers.rounded(away)} " in text.split("\n")[2]
    assert f" {numbers.rounded(total['workers_at_work'] / days, 3)} " in text.split("\n")[2]
    assert numbers.significant(total["remote_days"] / days) in text
    assert numbers.percent(total["remote_days"] / total["workers_at_work"]) in text
    assert numbers.count(result.communes["workers"].sum()) in text
    assert result.manifest["scenario"]["hash"] in text
    assert "estim" in text


def test_a_week_is_the_ratio_of_its_sums(shipped_result: Result) -> None:
    year = year_of(shipped_result.days)
    first = shipped_result.days[shipped_result.days["date"] < "2014-10-13"]
    assert year.mondays == [dt.date(2014, 10, 6), dt.date(2014, 10, 13)]
    ratio = first["remote_days"].sum() / first["workers_at_work"].sum()
    assert year.weekly[0] == pytest.approx(ratio, rel=1e-12)
    assert year.daily.shape == (2, 5)
    assert np.isfinite(year.daily).all()


def test_weeks_without_work_and_days_outside_the_run_are_blank(shipped_result: Result) -> None:
    days = shipped_result.days
    gap = days[(days["date"] < "2014-10-08") | (days["date"] > "2014-10-15")].copy()
    gap.loc[gap["date"] > "2014-10-15", "date"] += np.timedelta64(14, "D")
    year = year_of(gap)
    assert len(year.mondays) == 4
    assert np.isfinite(year.weekly).tolist() == [True, False, False, True]
    assert np.isfinite(year.daily).sum() == len(gap)


def test_every_line_has_a_route_through_its_fullest_segment(
    shipped_result: Result, shipped_territory: Territory
) -> None:
    segments = shipped_result.segments
    routes = routes_by_line(segments)
    assert sorted(route.line for route in routes) == sorted(shipped_territory.lines["line"])
    for route in routes:
        mine = segments[segments["line"] == route.line]
        assert mine["load_factor"].idxmax() in route.rows
        stops = segments.iloc[list(route.rows)]
        assert stops["to_stop"].tolist()[:-1] == stops["from_stop"].tolist()[1:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_charts_are_given_the_values_of_the_tables(
    language: str, shipped_page: tuple[Page, str], shipped_result: Result
) -> None:
    days, segments = shipped_result.days, shipped_result.segments
    (year,) = shipped_page[0].charts(language, "year")
    assert year["days"] == days["date"].dt.strftime("%Y-%m-%d").tolist()
    assert year["values"] == pytest.approx(100 * days["share_remote"].to_numpy(), rel=1e-5)
    assert [week for week, _ in year["weeks"]] == ["2014-10-06", "2014-10-13"]
    weekly = 100 * year_of(days).weekly
    assert [value for _, value in year["weeks"]] == pytest.approx(weekly, rel=1e-5)
    profiles = shipped_page[0].charts(language, "profile")
    assert len(profiles) == segments["line"].nunique()
    for profile in profiles:
        part = segments.iloc[[each["row"] for each in profile["segments"]]]
        names = {"riders": "peak_riders", "capacity": "seats", "places": "places"}
        for name, column in names.items():
            assert profile[name] == pytest.approx(part[column].to_numpy(), rel=1e-5)
        assert part["line"].nunique() == 1
        assert profile["to"] == part["to_stop"].iloc[-1]
    ((*parts,),) = shipped_page[0].declared(language, "stack")
    assert [kind for kind, _ in parts] == ["office", "home", "telecentre", "half"]
    assert sum(share for _, share in parts) == pytest.approx(1.0, abs=1e-5)


def test_a_commune_without_an_outline_is_a_circle(result: Result, tmp_path: Path) -> None:
    folder = write_example(tmp_path / "bare")
    (folder / "communes.geojson").unlink()
    read, _ = page_of(result, load_territory(folder), tmp_path)
    assert all("a" in path for path in read.maps["geography"]["communes"]["path"])


def test_the_map_is_given_outlines_or_points_and_the_values_of_the_table(
    page: tuple[Page, str], shipped_page: tuple[Page, str], result: Result, shipped_result: Result
) -> None:
    for (read, _), of, communes in ((shipped_page, shipped_result, 507), (page, result, 3)):
        geography, data = read.maps["geography"], read.maps["maps"]["d"]
        printed = of.communes["name"].str.replace("'", "’")
        assert geography["communes"]["name"] == printed.tolist()
        assert len([path for path in geography["communes"]["path"] if path]) == communes
        few = facts_few(of)
        for (_, column, factor), layer in zip(INDICATORS, data["layers"], strict=True):
            shown = [value for value in layer["values"] if value is not None]
            expected = factor * of.communes[column].to_numpy()[~few]
            assert shown == pytest.approx(expected, rel=1e-5, abs=1e-9)
            assert layer["veil"] == np.flatnonzero(few).tolist()
            assert [value is None for value in layer["values"]] == few.tolist()
        sites = of.telecentres.to_dict("records")
        assert [site["name"] for site in data["sites"]] == [site["name"] for site in sites]
        assert [site["row"] for site in data["sites"]] == list(range(len(sites)))
        assert not any("a" in path for path in geography["communes"]["path"])
    rails = shipped_page[0].maps["maps"]["d"]["rails"]
    riders = shipped_result.segments["peak_riders"].to_numpy()
    assert rails["riders"] == pytest.approx(riders, rel=1e-5)
    assert riders.max() <= rails["most"] <= 1.6 * riders.max()
    assert len(shipped_page[0].maps["geography"]["rail"]) == len(riders)


def test_what_is_estimated_is_counted_from_the_tables(
    shipped_result: Result, shipped_territory: Territory
) -> None:
    counts = estimated_counts(shipped_result, shipped_territory)
    sites = shipped_result.telecentres
    assert counts["d_desks"] == (int(sites["desks_estimated"].sum()), len(sites))
    assert counts["d_capacity"] == (30, 30)


# Other scopes, other results ---------------------------------------------------------------


def test_a_scenario_without_telecentres_says_so(
    tiny_scenario: Scenario, small_territory: Territory, tmp_path: Path
) -> None:
    bare = run(tiny_scenario.with_(network=(), changes=()), territory=small_territory)
    page, text = page_of(bare, small_territory, tmp_path)
    for language in LANGUAGES:
        assert words_by_language()[language]["no_telecentres"] in page.text[language]
    assert 'data-row="t0"' not in text


def test_other_workplaces_samples_and_strikes_are_told(
    small_territory: Territory, eventful_scenario: Scenario, tmp_path: Path
) -> None:
    given = {"territory": small_territory, "workplaces": ("within", "outer-ring"), "scale": 0.5}
    page, _ = page_of(run(eventful_scenario, **given), small_territory, tmp_path)
    assert "lieu de travail\u202f: Grande couronne et Les trois communes" in page.text["fr"]
    assert "do not go to their workplace" in page.text["en"]
    assert "50%" in page.text["en"]
    (year,) = page.charts("fr", "year")
    assert "grève" in [name for _, name in year["flags"]]


def test_a_run_of_several_years_is_told_by_year_and_one_of_a_year_is_not(
    small_territory: Territory, tiny_scenario: Scenario, tmp_path: Path
) -> None:
    # The week of 2 January 2014 begins in 2013: it is no year of its own.
    one = run(
        tiny_scenario, start=dt.date(2014, 1, 2), end=dt.date(2014, 1, 31),
        territory=small_territory,
    )  # fmt: skip
    page, _ = page_of(one, small_territory, tmp_path)
    words = words_by_language()["en"]
    assert words["years_lead"] not in page.text["en"]
    # Four weeks are not shown as the year.
    assert words["period"] in page.text["en"] and words["year"] not in page.text["en"]
    # Of three calendar years one is whole: a January under obligation is no mean of 2022.
    parts, whole = (
        run(tiny_scenario, start=start, end=end, scale=0.5, territory=small_territory)
        for start, end in (
            (dt.date(2020, 12, 1), dt.date(2022, 1, 31)),
            (dt.date(2020, 1, 1), dt.date(2023, 1, 31)),
        )
    )
    page, _ = page_of(parts, small_territory, tmp_path)
    assert words["years_lead"] not in page.text["en"]
    page, _ = page_of(whole, small_territory, tmp_path)
    for language in LANGUAGES:
        words, text = words_by_language()[language], page.text[language]
        assert words["years_lead"] in text and words["years_scope"] in text
        assert words["seen_occasional"] in text
        assert words["period"] in text
    assert "Managers, France" in page.text["en"] and "52.2%" in page.text["en"]


def test_a_single_day_is_a_page(
    small_territory: Territory, tiny_scenario: Scenario, tmp_path: Path
) -> None:
    day = dt.date(2014, 9, 10)
    result = run(tiny_scenario, start=day, end=day, territory=small_territory)
    page, _ = page_of(result, small_territory, tmp_path)
    assert "Le 10 septembre 2014, " in page.text["fr"]


def test_names_are_escaped(result: Result, small_territory: Territory, tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>&\''
    tables = dict(result.tables)
    for table, column in (("communes", "name"), ("telecentres", "name"), ("segments", "from_stop")):
        tables[table] = tables[table].assign(**{column: evil})
    scenario = {**result.manifest["scenario"], "name": evil, "label_fr": evil, "label_en": evil}
    territory = replace(small_territory, communes=small_territory.communes.assign(name=evil))
    poisoned = Result(tables, {**result.manifest, "scenario": scenario})
    page, text = page_of(poisoned, territory, tmp_path)
    assert "<script>alert" not in text
    assert page.tags.count("script") == 1
    assert page.rows["fr", "c0"][0] == evil


def test_the_command_line_gives_the_run_again(
    shipped_result: Result, shipped_territory: Territory, small_territory: Territory
) -> None:
    line = command(shipped_result.manifest, shipped_territory, "network-2014")
    given = build_parser().parse_args(shlex.split(line)[1:])
    assert (given.scenario, given.seed, given.scale) == ("network-2014", 1, 0.1)
    assert (given.start, given.end) == (dt.date(2014, 10, 6), dt.date(2014, 10, 17))
    assert (given.workplace, given.territory) == (None, None)
    elsewhere = command(shipped_result.manifest, small_territory, "network-2014")
    assert str(small_territory.folder) in shlex.split(elsewhere)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_and_numbers_of_the_page_are_plain(page: tuple[Page, str], language: str) -> None:
    assert page_faults(page[0].text, language) == []
