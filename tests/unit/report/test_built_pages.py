"""What a run, a comparison and an explanation say of a territory made from public files."""

import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest

import sim77
from sim77.report.geography import Geography, downstream
from sim77.report.locale import locale_of
from sim77.report.names import line_labels, zone_names
from sim77.report.run.about import calibrated_elsewhere
from sim77.report.run.facts import facts_of
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import Territory, load_territory
from tests.conftest import EVERYBODY_ALLOWED

pytestmark = pytest.mark.unit

DAYS = {"start": dt.date(2014, 9, 8), "end": dt.date(2014, 9, 12)}
SHIPPED_PLACES = re.compile(r"Paris|Seine-et-Marne|Île-de-France")


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    both = {
        name: Scenario(
            *(name, "", "", "", ""), **DAYS, parameters=EVERYBODY_ALLOWED, network=network,
            outside_ranges=True,
        )
        for name, network in (("none", ()), ("mill", (SiteSpec("mill"),)))
    }  # fmt: skip
    return both


@pytest.fixture(scope="module")
def result(scenarios: dict[str, Scenario], busy_territory: Territory) -> sim77.Result:
    return sim77.run(scenarios["mill"], territory=busy_territory)


def shown_text(page: Path, language: str) -> str:
    """Return the words of a page in one language; what the reader is given to copy is left out."""
    html = page.read_text(encoding="utf-8")
    main = re.search(rf'<main[^>]*lang="{language}".*?</main>', html, re.S)
    assert main, language
    body = re.sub(r"<(script|style|pre|code|details).*?</\1>", " ", main[0], flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_page_of_a_run_names_the_territory_and_its_fullest_segments(
    result: sim77.Result, tmp_path: Path
) -> None:
    page = sim77.save(result, tmp_path / "run") / "summary.html"
    segments = result.segments
    fullest = segments.loc[segments["load_factor"].idxmax()]
    for language, place in (("fr", "Contrée"), ("en", "Land")):
        text = shown_text(page, language)
        assert not SHIPPED_PLACES.search(text), SHIPPED_PLACES.search(text)
        assert f"{place}. " in text
        assert f"{fullest['from_stop']} → {fullest['to_stop']}" in text
        assert "ODbL 1.0" in text
        assert "Made-up gtfs" in page.read_text(encoding="utf-8")
    assert "lieu de travail : Centre, Autour et Au-delà" in shown_text(page, "fr").replace(
        "\u202f", " "
    )
    modes = re.search(r"Trips to the office(.*?)CO₂e", shown_text(page, "en"))
    assert modes
    assert len(re.findall(r"public transport|car|bicycle|walking|on foot", modes[1])) == 4
    assert modes[1].count("%") == 4
    assert "the files of the territory say (Land, 2014)" in shown_text(page, "en")


def test_the_text_of_a_run_says_the_fullest_segment_of_each_line_and_all_modes(
    result: sim77.Result,
) -> None:
    text = sim77.text(result)
    names = line_labels(load_territory(result.manifest["territory"]["folder"]), locale_of("en"))
    for line, mine in result.segments.groupby("line"):
        load = f"{100 * mine['load_factor'].max():.0f}%"
        assert f"{names[str(line)]} ({load})" in text, (line, load)
    for mode in ("by public transport", "by car", "by bicycle", "on foot"):
        assert f"% {mode}" in text
    assert "flows, trains and roads are the territory's" in text


def test_the_page_of_a_comparison_names_the_territory(
    scenarios: dict[str, Scenario], busy_territory: Territory, tmp_path: Path
) -> None:
    found = sim77.compare(
        scenarios["none"], scenarios["mill"], seeds=2, territory=busy_territory.folder
    )
    page = sim77.save(found, tmp_path / "both") / "compare.html"
    text = shown_text(page, "en")
    assert "Land. " in text
    assert "the files of the territory say (Land, 2014)" in text
    assert re.search(r"peak load of trains", sim77.text(found), re.I)


def test_a_route_is_a_line_from_end_to_end_through_its_fullest_segment(
    result: sim77.Result, busy_territory: Territory
) -> None:
    facts = facts_of(result, busy_territory)
    assert len(facts.routes) == len(busy_territory.lines)
    loads = []
    for route in facts.routes:
        part = facts.segments.iloc[list(route.rows)]
        assert part["from_stop"].tolist()[1:] == part["to_stop"].tolist()[:-1]
        stops = [*part["from_stop"], part["to_stop"].iloc[-1]]
        assert len(set(stops)) == len(stops)
        of_line = facts.segments[facts.segments["line"] == route.line]
        loads.append(part["load_factor"].max())
        assert loads[-1] == of_line["load_factor"].max()
    assert loads == sorted(loads, reverse=True)


def test_the_map_has_every_commune_and_segment(busy_territory: Territory) -> None:
    data = Geography(busy_territory).payload()
    segments = busy_territory.od.transit.segments
    flows = busy_territory.flows
    commuters = flows.loc[~flows["at_home"], "workers"].sum()
    assert sum(data["communes"]["workers"]) == commuters
    assert all(path.count("z") == 1 for path in data["communes"]["path"])
    assert data["centre"] is None
    assert [each["to"] for each in data["rail"]] == segments["to_stop"].tolist()
    place = np.array([[each["x1"], each["y1"]] for each in data["rail"]])
    start = segments[["from_lon", "from_lat"]].to_numpy()
    assert place == pytest.approx(Geography(busy_territory).place(start))
    for row, after in enumerate(downstream(segments)):
        if after >= 0:
            assert row in segments["upstream"].iloc[after]
            assert segments["to_stop"].iloc[after] != segments["from_stop"].iloc[row]


def test_lines_and_zones_are_called_what_the_territory_calls_them(
    busy_territory: Territory,
) -> None:
    english, french = locale_of("en"), locale_of("fr")
    zones = busy_territory.workplace_zones
    assert zone_names(busy_territory, zones, english) == "centre, around and beyond"
    assert zone_names(busy_territory, zones[:1], french) == "Centre"
    labels = line_labels(busy_territory, english)
    assert set(labels) == set(busy_territory.lines["line"])
    assert all(len(label) > 1 for label in labels.values())


def test_values_replaced_and_constants_not_fitted_are_told(
    scenarios: dict[str, Scenario], busy_territory: Territory, built_territory: Territory
) -> None:
    plain = scenarios["none"].with_(parameters={"theta": 0.9})
    said = {
        land: sim77.text(sim77.run(plain, territory=land.folder, scale=0.1, **DAYS))
        for land in (busy_territory, built_territory)
    }
    assert all(
        "other than the registry's" in text and "theta 0.9" in text for text in said.values()
    )
    not_fitted = ["Mode constants are not fitted" in text for text in said.values()]
    assert not_fitted == [False, True]


def test_a_territory_is_said_to_be_calibrated_elsewhere_unless_by_a_posterior_of_its_own(
    small_territory: Territory, shipped_territory: Territory
) -> None:
    words, own = locale_of("en", "summary"), {"name": "mine/posterior.csv"}
    assert calibrated_elsewhere(shipped_territory, None, words) == []
    (said,) = calibrated_elsewhere(small_territory, {"name": "shipped"}, words)
    assert "calibrated on another territory" in said
    assert calibrated_elsewhere(small_territory, own, words) == []
