"""The app on a territory made from public files, the menu of territories, and their addresses."""

import datetime as dt
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim77.app import options as how
from sim77.app.boot import boot_of
from sim77.app.compute.jobs import Pair
from sim77.app.engine import Engine
from sim77.app.options import Options, choices, labels, scope_of, typical_month, workers_of
from sim77.app.session import Session
from sim77.app.state.address import decode, encode, territory_in
from sim77.app.state.state import Checker, State, default_state
from sim77.report.geography import Geography
from sim77.territory.territory import Territory, load_territory
from tests.app.conftest import Server, Shown, wait_for
from tests.app.journeys import query_of, settled, watch
from tests.built import write_built, write_busy

pytestmark = pytest.mark.app

SHIPPED_PLACES = re.compile(r"Paris|Seine-et-Marne|Île-de-France")
ABOUT = re.compile(r".{0,40}(?:Paris|Seine-et-Marne|Île-de-France).{0,40}")
WITHOUT_QUOTATIONS = """(root) => {
  const copy = root.cloneNode(true);
  // The menu names other territories; the registry's levers of a real city keep their names.
  const others = ".s77-territory, .s77-lever, .s77-claims, style";
  copy.querySelectorAll(others).forEach((one) => one.remove());
  return copy.textContent;
}"""
NETWORK = """
name: mill
label: {fr: "Le moulin", en: "The mill"}
period: {from: 2014-09-01, to: 2014-10-31}
network: [{id: mill}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    above = tmp_path_factory.mktemp("menu")
    made = write_busy(write_built(above / "plain"), above / "land")
    (made / "scenarios").mkdir()
    (made / "scenarios" / "mill.yaml").write_text(NETWORK, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def built(folder: Path) -> Iterator[Server]:
    running = Server(0, "--territory", str(folder))
    yield running
    running.stop()
    assert "Traceback" not in "".join(running.said), "".join(running.said)[-2000:]


# Addresses ---------------------------------------------------------------------------------


def test_an_address_names_its_territory(busy_territory: Territory) -> None:
    checker = Checker(busy_territory, ("land", "seine-et-marne"))
    query = encode(default_state(busy_territory), busy_territory)
    assert territory_in(f"?{query}") == "land"
    assert decode(query, checker)[1] == []
    # An address from before there were several is one of the app's own territory.
    assert decode(query.replace("territory=land&", ""), checker)[1] == []
    assert territory_in("a=network-2014") == territory_in("%%%&&=") == ""


def test_a_territory_may_be_named_by_a_folder_of_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    options = Options(territory=folder.name, territories=choices(folder.name))
    assert labels(options)["land"] == {"fr": "Contrée", "en": "Land"}


def test_without_a_line_no_figure_is_about_one(busy_territory: Territory) -> None:
    bare = replace(busy_territory, lines=busy_territory.lines[:0])
    shown = boot_of(Geography(bare), Options())["key_figures"]
    assert shown == ["travel_min_per_worker", "co2e_travel_kg", "desks_occupied"]


def test_an_unknown_territory_is_named_with_the_known_ones(shipped_territory: Territory) -> None:
    checker = Checker(shipped_territory, ("land", "seine-et-marne"))
    state, problems = decode("territory=seine-et-marn&seed=7", checker)
    assert [(each.key, each.word) for each in problems] == [("unknown_territory", "seine-et-marn")]
    assert problems[0].detail == "land, seine-et-marne"
    assert state.seed == 7


# A large territory -------------------------------------------------------------------------


def test_a_large_territory_is_answered_by_a_sample_of_a_month(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(territory=str(folder), territories=choices(str(folder)))
    territory = load_territory(str(folder))
    state = default_state(territory)
    assert (state.scenario_a, state.scenario_b) == ("no-telecentres", "mill")
    scope = scope_of(state, options)
    assert (scope.scale, scope.start.month, scope.end.month) == (1.0, 1, 12)
    assert scope.workplaces == territory.default_zones
    shown = boot_of(Geography(territory), options)
    assert shown["sample"] is None and not shown["few_desks"]
    assert "desks_occupied" in shown["key_figures"]

    monkeypatch.setattr(how, "MOST_WORKERS", 1000)
    monkeypatch.setattr(how, "SAMPLE_WORKERS", 300)
    workers = workers_of(territory)
    assert workers == territory.flows.query("not at_home")["workers"].sum() > 1000
    scope = scope_of(state, options)
    assert scope.scale == pytest.approx(300 / workers, rel=0.05)
    assert (scope.start, scope.end) == (dt.date(2014, 9, 1), dt.date(2014, 9, 30))
    shown = boot_of(Geography(territory), options)
    assert shown["few_desks"] and "desks_occupied" not in shown["key_figures"]
    sample = shown["sample"]
    command = shlex.join(["sim77", "app", "--scale", "1", "--territory", str(folder)])
    assert sample == {"share": scope.scale, "workers": workers, "whole": command}
    whole = scope_of(state, options, whole=True)
    assert (whole.start.month, whole.end.month, whole.scale) == (1, 12, scope.scale)
    # Who asks for a scale or a period gets it.
    asked = Options(1.0, territory=str(folder))
    assert scope_of(state, asked).scale == 1.0
    assert scope_of(state, asked).end.month == 12
    week = Options(start=dt.date(2014, 3, 3), end=dt.date(2014, 3, 7), territory=str(folder))
    assert scope_of(state, week).end == dt.date(2014, 3, 7)


class Screen(Shown):
    """Remembers each comparison with the days of its sides, and each status."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, bool]] = []
        self.compared: list[tuple[str, str, str, str]] = []
        self.written: list[str] = []

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if value and name in ("status", "side_a", "side_b"):
            self.written.append(name)
        if name == "status" and value:
            self.said.append((value["phase"], value.get("month", False)))
        if name == "compare" and value:
            days = [side["days"] for side in (self.side_a, self.side_b)]
            self.compared.append((*(each[0] for each in days), *(each[-1] for each in days)))


def test_the_whole_period_follows_the_month_that_answers_first(
    folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(how, "MOST_WORKERS", 1000)
    monkeypatch.setattr(how, "SAMPLE_WORKERS", 300)
    options = Options(seeds=2, territory=str(folder))
    screen = Screen()
    session = Session(engine, Geography(load_territory(str(folder))), options, screen)
    september = (*["2014-09-01"] * 2, *["2014-09-30"] * 2)
    year = (*["2014-01-02"] * 2, *["2014-12-31"] * 2)

    def settled() -> bool:
        return screen.said[-1] == ("idle", False)

    wait_for(settled)
    # The year with one pair, then with two; both sides change at once.
    assert screen.compared == [september, year, year]
    assert screen.status["seeds"] == 2
    # Of the year once, with nothing between its two sides.
    _, place = (n for n, name in enumerate(screen.written) if name == "side_a")
    assert screen.written[place + 1] == "side_b"
    phases = list(dict.fromkeys(screen.said))
    assert phases == [
        ("computing", True), *[each for each in phases if each == ("queued", True)],
        ("refining", True), ("refining", False), ("idle", False),
    ]  # fmt: skip
    assert session.scope().end.month == 12
    # What is chosen next is answered by a month again.
    screen.compared.clear()
    session.hear({"type": "set", "state": {"seed": 8}})
    assert session.scope().end.month == 9
    wait_for(lambda: settled() and len(screen.compared) == 3)
    assert screen.compared == [september, year, year]
    session.close()


def test_the_rest_of_a_period_waits_behind_first_answers(folder: Path) -> None:
    territory = load_territory(str(folder))
    state, options = default_state(territory), Options(territory=str(folder))
    pair = Pair(*state.scenarios(territory), scope_of(state, options))
    assert not pair.refines
    assert replace(pair, follows=True).refines and replace(pair, seeds=2).refines
    # The same numbers, whoever waits for them.
    assert replace(pair, follows=True).key == pair.key


@pytest.mark.parametrize(
    ("period", "month"),
    [
        ((dt.date(2014, 1, 1), dt.date(2014, 12, 31)), (2014, 9)),
        ((dt.date(2012, 9, 3), dt.date(2013, 12, 31)), (2013, 9)),
        ((dt.date(2014, 1, 1), dt.date(2014, 4, 29)), (2014, 3)),
    ],
)
def test_a_typical_month_is_september_or_the_last_whole_one(
    period: tuple[dt.date, dt.date], month: tuple[int, int]
) -> None:
    first, last = typical_month(*period)
    assert (first.year, first.month, first.day) == (*month, 1)
    assert last + dt.timedelta(days=1) == (first + dt.timedelta(days=32)).replace(day=1)
    week = dt.date(2014, 9, 22), dt.date(2014, 9, 26)
    assert typical_month(*week) == week


def test_choices_are_the_shipped_ones_and_the_one_given(folder: Path) -> None:
    assert choices(None)["seine-et-marne"] is None
    assert choices(str(folder)) == choices(None) | {"land": str(folder)}


# In a browser ------------------------------------------------------------------------------


def show(page: Any, server: Server, query: str, lang: str = "en") -> Any:
    page.goto(f"{server.url}/?lang={lang}&{query}")
    page.locator(".s77-root .s77-view").wait_for()
    return page.locator(".s77-root")


@pytest.mark.long
def test_every_view_opens_without_a_word_about_another_place(page: Any, built: Server) -> None:
    wrong = watch(page)
    for language in ("en", "fr"):
        for view in ("explore", "compare", "why", "present", "studies"):
            root = show(page, built, f"view={view}", language)
            if view in ("explore", "compare"):
                wait_for(lambda: page.locator(".s77-communes path:not(.s77-none)").count() > 3)
            text = root.evaluate(WITHOUT_QUOTATIONS)
            assert not SHIPPED_PLACES.search(text), (view, ABOUT.findall(text))
            label = {"en": "Territory", "fr": "Territoire"}[language]
            assert page.get_by_label(label, exact=True).count() == 1
    assert wrong == []


def test_the_map_and_the_loads_follow_the_segments_of_its_lines(
    page: Any, built: Server, folder: Path
) -> None:
    root = show(page, built, "view=explore")
    settled_small(page)
    assert page.locator("path[data-row]").count() == 12
    od = load_territory(folder).od
    assert od is not None
    assert page.locator(".s77-rail.s77-line line").count() == len(od.transit.segments)
    choice = root.get_by_label("Line", exact=True)
    ways = choice.locator("option").all_inner_texts()
    # From the outer end of each line on, to the terminus.
    assert ways == ["R, Ablon – Gare", "S, Est – Draveil"]
    assert page.locator("svg[aria-label^='Map of the 12 communes: Land, ']").count() == 1


def test_a_worker_of_it_can_be_asked_why(page: Any, built: Server) -> None:
    wrong = watch(page)
    root = show(page, built, "view=why&place=commune:10004")
    root.locator("button[data-worker]").first.click()
    wait_for(lambda: "worker=10004-" in query_of(page))
    root.get_by_text("To the office and back").first.wait_for(state="attached")
    assert wrong == []


def test_the_menu_opens_another_territory_and_the_address_keeps_it(
    page: Any, built: Server
) -> None:
    wrong = watch(page)
    show(page, built, "view=explore&seed=3")
    menu = page.get_by_label("Territory", exact=True)
    assert menu.input_value() == "land"
    assert "territory=land" in query_of(page)
    assert {"Land", "Seine-et-Marne"} <= set(menu.locator("option").all_inner_texts())
    menu.select_option("seine-et-marne")
    wait_for(lambda: page.locator("path[data-row]").count() == 507)
    settled(page)
    assert "territory=seine-et-marne" in query_of(page)
    assert "view=explore" in query_of(page)
    assert page.get_by_text("Line R, places taken at the peak").count()
    # The address alone opens it again, and the other one is still there.
    page.reload()
    wait_for(lambda: page.locator("path[data-row]").count() == 507)
    page.get_by_label("Territory", exact=True).select_option("land")
    wait_for(lambda: page.locator("path[data-row]").count() == 12)
    settled_small(page)
    assert wrong == []


def test_an_unknown_territory_gets_one_sentence(page: Any, built: Server) -> None:
    show(page, built, "view=explore&territory=seine-et-marn")
    banner = page.locator(".s77-banner")
    banner.wait_for()
    assert banner.count() == 1
    said = 'Unknown territory: "seine-et-marn". Known territories: '
    assert said in banner.inner_text()
    assert page.get_by_label("Territory", exact=True).input_value() == "land"


def test_a_sample_is_said_on_every_view_that_shows_it(page: Any, built: Server) -> None:
    note = page.locator(".s77-sample")
    for view in ("explore", "compare"):
        show(page, built, f"view={view}")
        note.wait_for()
        assert re.match(r"A sample: 5\.0% of [\d,]+ workers", note.inner_text())
    # Stored studies have a scale of their own, which their page tells.
    page.locator('.s77-tabs [data-view="studies"]').click()
    wait_for(lambda: not note.is_visible())


def settled_small(page: Any) -> None:
    """Wait until all draws are in and nothing is being computed."""
    wait_for(lambda: page.locator(".s77-communes path:not(.s77-none)").count() > 3)
    wait_for(lambda: page.locator(".s77-progress.s77-on").count() == 0)


def test_the_default_of_seine_et_marne_stays(shipped_territory: Territory) -> None:
    scope = scope_of(State(), Options())
    assert (scope.scale, scope.workplaces, scope.territory) == (1.0, ("paris",), None)
    assert boot_of(Geography(shipped_territory), Options())["sample"] is None
