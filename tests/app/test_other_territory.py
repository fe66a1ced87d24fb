"""The app and its stories on a territory without the shipped telecentres, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim77.app.options import Options
from sim77.app.state.state import Checker, State, default_state, has_shipped_places
from sim77.app.story.story import shipped_stories
from sim77.app.story_page import write_story
from sim77.app.words import words
from sim77.cli.main import main
from sim77.territory.territory import Territory, load_territory, write_example
from tests.app.conftest import Server, wait_for
from tests.app.journeys import query_of
from tests.app.small import END, START

pytestmark = pytest.mark.app

STORY = """
title: {fr: "Deux bureaux", en: "Two offices"}
scenes:
  - title: {fr: "L'effet", en: "The effect"}
    text: {fr: "{effect:travel_min} min par jour", en: "{effect:travel_min} min a day"}
    picture: difference
    highlight: {communes: ["99001"], telecentres: [bourg], line: T}
  - title: {fr: "La ligne", en: "The line"}
    text: {fr: "{b:load_factor_T%}", en: "{b:load_factor_T%}"}
    scenario_b: three-centres
    picture: load
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_example(tmp_path_factory.mktemp("other") / "pays")


@pytest.fixture(scope="module")
def other(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Studies that whoever runs the tests has stored in `out` are not looked at.
    studies = str(tmp_path_factory.mktemp("studies"))
    running = Server(0, "--scale", "1", "--territory", str(folder), "--studies", studies)
    assert "Shipped stories and studies about other territories" in "".join(running.said)
    yield running
    running.stop()
    assert "Traceback" not in "".join(running.said), "".join(running.said)[-2000:]


@pytest.fixture
def wrong(page: Any) -> list[str]:
    """What goes wrong in the page from now on."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console", lambda message: found.append(message.text) if message.type == "error" else None
    )
    return found


def show(page: Any, server: Server, query: str) -> Any:
    page.goto(f"{server.url}/?lang=en&{query}")
    page.locator(".s77-root .s77-view").wait_for()
    return page.locator(".s77-root")


def test_what_is_shown_first_fits_the_territory(
    small_territory: Territory, shipped_territory: Territory
) -> None:
    checker = Checker(small_territory)
    default, problems = checker.check({})
    assert (default.scenario_a, default.scenario_b) == ("no-telecentres", "both-centres")
    assert problems == []
    assert shipped_stories(checker) == {}
    assert not has_shipped_places(small_territory)
    assert Checker(shipped_territory).check({}) == (State(), [])
    assert has_shipped_places(shipped_territory)
    # The region has the places of Seine-et-Marne, and a network of its own, which comes first.
    region = default_state(load_territory("ile-de-france"))
    assert (region.scenario_a, region.scenario_b) == ("no-telecentres", "network-idf")


def test_every_view_opens(page: Any, other: Server, wrong: list[str]) -> None:
    root = show(page, other, "view=compare")
    root.get_by_text("Effect of B compared with A").wait_for()
    root.get_by_text("Line T, places taken at the peak").wait_for()
    root = show(page, other, "view=explore")
    root.get_by_text("Line T, places taken at the peak").wait_for()
    # A few tonnes a year of 260 people are kilograms a day.
    key = root.locator(".s77-k", has_text="CO₂e of travel")
    wait_for(lambda: re.search(r"[\d,]+\s*kg/day", key.inner_text()))
    assert page.locator("path[data-row]").count() == 3
    assert page.locator("svg[aria-label^='Map of the 3 communes: Invented land, ']").count() == 1
    show(page, other, "view=present").get_by_text("No story yet").wait_for()
    assert words()["en"]["left_out"] in page.locator(".s77-root").inner_text()
    root = show(page, other, "view=studies")
    root.get_by_text("No study is stored here").wait_for()
    commands = root.locator("pre").inner_text().splitlines()
    assert len(commands) == 2 and all(" --territory " in each for each in commands)
    assert words()["en"]["left_out"] in root.inner_text()
    root = show(page, other, "view=why&place=commune:99001")
    root.get_by_text(re.compile("People: 150 simulated, .* 8 drawn")).wait_for()
    page.get_by_role("button", name="Invented land").wait_for()
    root.locator("button[data-worker]").first.click()
    wait_for(lambda: "worker=99001-" in query_of(page))
    root.get_by_text("To the office and back").first.wait_for(state="attached")
    assert wrong == []


def test_a_new_line_is_drawn_named_and_shown_by_load(
    page: Any, other: Server, wrong: list[str]
) -> None:
    root = show(page, other, "view=explore&b=express-line")
    added = root.locator(".s77-newline[data-segment]")
    wait_for(lambda: added.count() == 4)
    root.locator(".s77-legmore").get_by_text("Line X (new)").wait_for()
    added.first.hover(force=True)
    tip = root.locator(".s77-tip")
    wait_for(lambda: tip.is_visible() and "Line X (new)" in tip.inner_text())
    added.first.click(force=True)
    wait_for(lambda: "place=line:X%2F" in query_of(page) or "place=line:X/" in query_of(page))
    lines = root.locator(".s77-load").locator("xpath=ancestor::figure").locator("select")
    wait_for(lambda: lines.evaluate("(one) => one.value").startswith("X/"))
    assert lines.locator("option", has_text="Line X, Bourg").count() == 1
    # Without the line neither map nor list has it.
    root = show(page, other, "view=explore&b=no-telecentres")
    wait_for(lambda: root.locator(".s77-rail line[data-segment]").count() > 0)
    wait_for(lambda: lines.locator("option").count() > 0)
    assert root.locator(".s77-newline[data-segment]").count() == 0
    assert lines.locator("option", has_text="Line X").count() == 0
    assert wrong == []


def test_compare_draws_the_lines_that_b_adds(page: Any, other: Server, wrong: list[str]) -> None:
    root = show(page, other, "view=compare&a=no-telecentres&b=express-line")
    small = root.locator(".s77-small-map")
    wait_for(lambda: small.nth(1).locator(".s77-newline").count() == 4)
    assert small.nth(0).locator(".s77-newline").count() == 0
    assert root.locator(".s77-big .s77-newline[x1]").count() == 4
    root.locator(".s77-biglegend").get_by_text("Line X (new)").wait_for()
    assert (
        root.locator(".s77-added line").first.evaluate("(one) => getComputedStyle(one).strokeWidth")
        == "3px"
    )
    assert wrong == []


def test_a_story_of_its_own_is_one_page(
    page: Any, folder: Path, tmp_path: Path, wrong: list[str]
) -> None:
    story = tmp_path / "deux.yaml"
    story.write_text(STORY, encoding="utf-8")
    options = Options(start=START, end=END, seeds=1, territory=str(folder))
    made = write_story(str(story), tmp_path / "deux.html", options)
    page.goto(f"{made.as_uri()}?lang=fr")
    page.get_by_text("min par jour").first.wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="La ligne").wait_for()
    assert wrong == []


def test_the_shipped_story_says_why_it_cannot_be_told(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["story", "network-tour", "--html", str(tmp_path / "s.html")]
    assert main([*words, "--territory", str(folder)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "'network-tour' tells of Seine-et-Marne, not of" in said


def test_what_share_says_gives_the_numbers_again(other: Server, folder: Path, page: Any) -> None:
    show(page, other, "view=compare&b=three-centres")
    page.get_by_role("button", name="Share", exact=True).click()
    command = page.get_by_role("textbox", name="Command line", exact=True).last
    wait_for(lambda: "sim77 compare" in command.input_value())
    said = command.input_value()
    assert said.startswith("sim77 compare no-telecentres three-centres "), said
    assert said.endswith(f"--territory {folder}")
