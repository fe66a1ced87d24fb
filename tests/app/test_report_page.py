"""Report pages in a real browser: language, theme, maps by keyboard, tables that sort, charts."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from sim77.report.charts import heat, shades_of
from sim77.report.locale import locales
from sim77.report.page import (
    Chart,
    Code,
    Group,
    Heading,
    Page,
    Prose,
    Raw,
    Row,
    Section,
    Shown,
    Track,
    Tracks,
    write_page,
)
from sim77.report.run.page import write_summary_html
from sim77.report.study.facts import curve_of
from sim77.report.study.page import factor_data
from sim77.report.tables import Table
from sim77.runs.run import run
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.app

SORTED = """(head) => [...head.closest("table").tBodies[0].rows]
  .map((row) => row.cells[head.cellIndex].textContent.trim())"""


def test_a_report_page_answers(
    page: Any, tiny_scenario: Scenario, small_territory: Territory, tmp_path: Path
) -> None:
    path, wrong = tmp_path / "summary.html", []
    write_summary_html(run(tiny_scenario, territory=small_territory), small_territory, path)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{path.as_uri()}#fr,light")
    root = page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("data-theme")) == ("fr", "light")
    page.locator("#theme").click()
    page.locator("[data-language=en]").first.click()
    page.goto("about:blank")
    page.goto(path.as_uri())
    # A choice is kept for the next page.
    assert (root.get_attribute("lang"), root.get_attribute("data-theme")) == ("en", "dark")
    shown = page.locator("main[lang=en]")
    shown.locator(".slot .s77-mapbox").first.focus()
    page.keyboard.press("ArrowRight")
    tip = shown.locator(".s77-tip:visible")
    name = tip.locator("b").first.inner_text()
    assert name in small_territory.communes["name"].tolist()
    said = shown.locator(".slot [aria-live]").inner_text()
    assert said.startswith(f"{name}, ")
    # The tip says what the row of the table says of the indicator that is shown.
    row = shown.locator("tr[data-row^=c]", has=page.locator(f"th:text-is('{name}')"))
    assert all(text in said for text in row.locator("td").all_text_contents()[:2])
    page.keyboard.press("Escape")
    assert tip.count() == 0
    shown.locator(".find").fill(other := small_territory.communes["name"].iloc[-1])
    assert tip.locator("b").first.inner_text() == other
    heads = shown.locator("thead th:has(button)")
    for way, sign in (("descending", -1), ("ascending", 1)):
        heads.nth(1).locator("button").evaluate("(button) => button.click()")
        assert heads.nth(1).get_attribute("aria-sort") == way
        texts = heads.nth(1).evaluate(SORTED)
        numbers = [float(each.replace(",", "")) for each in texts]
        assert numbers == sorted(numbers, key=lambda number: sign * number)
        assert len(set(numbers)) > 1
    assert wrong == []


@pytest.mark.parametrize(
    ("cells", "down"),
    [
        (["+12", "−3", "+0.5", "0"], ["+12", "+0.5", "0", "−3"]),
        (["12 desks", "9 desks", "100 desks"], ["100 desks", "12 desks", "9 desks"]),
        (["12% (<)", "9%", "30%"], ["30%", "12% (<)", "9%"]),
        (
            [
                Markup(f'<time datetime="2014-{day}">{text}</time>')
                for day, text in (
                    ("01-06", "6 January"), ("03-10", "10 March"), ("02-03", "3 February"),
                )
            ],
            ["10 March", "3 February", "6 January"],
        ),
    ],
)  # fmt: skip
def test_a_column_sorts_by_what_its_cells_say(
    page: Any, tmp_path: Path, cells: list[str], down: list[str]
) -> None:
    blocks = [Shown(Table(("name", "value"), [("x", each) for each in cells]), "t")]
    pages = [
        Page(locale, "t", "t", "t", "", [Section("about", "t", blocks)])
        for locale in locales("summary")
    ]
    write_page(tmp_path / "page.html", "run", pages)
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("[data-language=en]").first.click()
    head = page.locator("main[lang=en] thead th:has(button)").nth(1)
    for expected in (down, down[::-1]):
        head.locator("button").evaluate("(button) => button.click()")
        assert head.evaluate(SORTED) == expected


# Charts ------------------------------------------------------------------------------------

INSIDE = """(svg) => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("rect, circle, path, line, polyline, polygon, text")]
    .filter((one) => getComputedStyle(one).display !== "none")
    .filter((one) => one.getBBox().width + one.getBBox().height > 0)
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
    .filter(([{ left, right, top, bottom }]) => left < box.left - 2 || right > box.right + 2
      || top < box.top - 2 || bottom > box.bottom + 2)
    .map(([, what]) => what);
}"""


def opened(page: Any, path: Path, width: int, language: str) -> Any:
    """Open a page with all its folds open, at a width, and return its main part."""
    wrong: list[str] = []
    page.set_viewport_size({"width": width, "height": 900})
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{path.as_uri()}#{language},light")
    page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    main = page.locator(f"main[lang={language}]")
    main.locator("[data-chart] svg").last.wait_for()
    assert wrong == []
    return main


@pytest.fixture(scope="module")
def run_page(
    eventful_scenario: Scenario, small_territory: Territory, tmp_path_factory: Any
) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("run") / "summary.html"
    write_summary_html(run(eventful_scenario, territory=small_territory), small_territory, path)
    yield path


@pytest.mark.parametrize(("width", "language"), [(1366, "en"), (390, "fr")])
def test_all_charts_of_a_run_are_drawn_inside_their_frames(
    page: Any, run_page: Path, width: int, language: str
) -> None:
    main = opened(page, run_page, width, language)
    charts = main.locator("[data-chart]")
    assert charts.count() > 1
    for at in range(charts.count()):
        assert charts.nth(at).locator("svg").count() == 1
        assert charts.nth(at).locator("svg").evaluate(INSIDE) == []
    for name in ("stack", "legend", "key", "track"):
        empty = main.locator(f"[data-{name}]").evaluate_all(
            "(all) => all.filter((one) => !one.childElementCount).length"
        )
        assert (name, empty) == (name, 0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_printed_page_says_of_what_it_is_and_fills_its_sheets(page: Any, run_page: Path) -> None:
    page.emulate_media(media="print")
    shown = opened(page, run_page, 794, "fr")  # an A4 sheet
    assert page.locator(".scen:visible").count() == 1
    assert page.locator(".seg:visible, .tools:visible, #theme:visible").count() == 0
    breaks = "(e) => getComputedStyle(e).breakInside"
    # A section that is longer than what is left of a sheet goes on on the next; its map does not.
    assert shown.locator("section").first.evaluate(breaks) == "auto"
    assert shown.locator(".frame").first.evaluate(breaks) == "avoid"
    height_of_sheet = 1123
    assert shown.locator(".frame").first.bounding_box()["height"] < 0.8 * height_of_sheet


def test_what_is_drawn_is_what_the_page_declares(page: Any, run_page: Path) -> None:
    main = opened(page, run_page, 1366, "en")
    year = json.loads(main.locator("[data-chart*='\"year\"']").get_attribute("data-chart"))
    svg = main.locator("[data-chart*='\"year\"'] svg")
    assert svg.locator("[data-day]").count() == len(year["days"])
    shades = [sum(value >= each for each in year["breaks"]) for value in year["values"]]
    classes = svg.locator("[data-day]").evaluate_all("(all) => all.map((one) => one.classList[0])")
    assert classes == [f"s77-g{shade}" for shade in shades]
    assert svg.locator(".s77-flag").count() == len(year["flags"]) > 0
    for host in main.locator("[data-chart*='\"profile\"']").all():
        data = json.loads(host.get_attribute("data-chart"))
        heights = host.locator(".s77-loadbar").evaluate_all(
            "(all) => all.map((one) => Number(one.getAttribute('height')))"
        )
        riders = data["riders"]
        largest = max(riders)
        # A line that nobody rides has bars without height.
        tall = max(heights) / largest if largest else 0.0
        assert heights == pytest.approx([tall * each for each in riders], abs=0.11)
    for row in main.locator(".tracks li").all():
        left = row.locator(".s77-barshare").evaluate("(one) => parseFloat(one.style.left)")
        assert left == pytest.approx(0.0)
    rows = main.locator(".tracks").first.locator("[data-track]")
    values = [json.loads(each.get_attribute("data-track"))["marks"][0][2] for each in rows.all()]
    wide = rows.locator(".s77-barshare").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().width)"
    )
    assert wide == pytest.approx([max(wide) * each / max(values) for each in values], abs=1.0)


def test_the_map_is_painted_with_what_the_page_declares(page: Any, run_page: Path) -> None:
    main = opened(page, run_page, 1366, "en")
    data = json.loads(page.locator("[data-maps]").get_attribute("data-maps"))["maps"]["d"]
    for scale, layer in enumerate(data["layers"]):
        main.locator(".show").select_option(str(scale))
        classes = main.locator(".s77-communes path").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('class'))"
        )
        assert classes == [
            "s77-none" if value is None
            else f"s77-{layer['prefix']}{sum(value >= each for each in layer['breaks'])}"
            for value in layer["values"]
        ]  # fmt: skip
        veil = main.locator(".s77-veil").get_attribute("d")
        assert veil.count("M") == len(layer["veil"])
    assert main.locator(".slot .s77-ring").count() == len(data["sites"])
    widths = main.locator(".slot .s77-line line").evaluate_all(
        "(all) => all.map((one) => parseFloat(one.style.getPropertyValue('--w')))"
    )
    riders = data["rails"]["riders"]
    assert len(widths) == len(riders)
    # Half-unit steps: wider for more riders, never thinner.
    for one, other in itertools.combinations(range(len(riders)), 2):
        if riders[one] > riders[other]:
            assert widths[one] >= widths[other]


def test_the_other_kinds_of_chart_are_drawn(page: Any, tmp_path: Path) -> None:
    """A page made of one chart of each kind, from plain numbers."""
    effect = {"value": 2.0, "interval": (1.0, 3.0), "unpaired": (-4.0, 8.0), "noise": False}
    values = np.array([[-3.0, 0.1], [2.0, np.nan]])
    points = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "mean": [1.0, 3.0, 2.0, 5.0]})
    kinds = [
        Chart("weeks", {"days": ["2014-09-01", "2014-09-08", "2014-09-15"],
                        "mean": [1.0, -2.0, 3.0], "low": [0.0, -3.0, 2.0],
                        "high": [2.0, -1.0, 4.0]}, "weeks"),
        Chart("factor", factor_data(points, "x", curve_of(points, "x")), "factor"),
        Chart("density", {"low": 0.0, "high": 1.0, "density": [0.0, 0.5, 2.0, 1.5], "mean": 0.6,
                          "interval": (0.3, 0.9)}, "density"),
        Chart("flows", {"names": {"office": "Office", "home": "Home", "telecentre": "Centre"},
                        "heads": {"left": "A", "right": "B", "middle": ""},
                        "flows": [("office", "home", 30.0, "one"),
                                  ("home", "telecentre", 10.0, "two")]},
              "flows"),
    ]  # fmt: skip
    blocks = [
        *kinds,
        Raw(Markup('<label><input type="checkbox" class="wider">wider</label>')),
        Tracks([Row("effect", [Track({"effect": effect})])], "effects"),
        heat(values, ["a", "b"], ["x", "y"], 1, locales()[1], "heat", unit=""),
    ]
    path = tmp_path / "kinds.html"
    pages = [Page(each, "x", "x", "x", "x", [Section("about", "x", blocks)]) for each in locales()]
    write_page(path, "run", pages)
    main = opened(page, path, 1366, "en")
    for host in main.locator("[data-chart]").all():
        assert host.locator("svg").evaluate(INSIDE) == []
    svg = {kind: main.locator(f"[data-chart*='\"kind\":\"{kind}\"'] svg")
           for kind in ("weeks", "factor", "density", "flows")}  # fmt: skip
    assert len(svg["weeks"].locator("polyline").get_attribute("points").split()) == 3
    assert len(svg["weeks"].locator("polygon").get_attribute("points").split()) == 6
    assert svg["factor"].locator(".s77-designpoint").count() == len(points)
    assert svg["density"].locator(".s77-densitybar").count() == 3
    assert svg["flows"].locator(".s77-ribbon").count() == 2
    thick = (
        svg["flows"]
        .locator(".s77-ribbon")
        .evaluate_all("(all) => all.map((one) => Number(one.getAttribute('stroke-width')))")
    )
    assert thick[0] == pytest.approx(3.0 * thick[1], rel=0.01)
    # The unpaired interval is drawn only when it is asked for.
    assert main.locator(".s77-effband").count() == 1
    assert main.locator(".s77-freeband").count() == 0
    main.locator(".wider").check()
    assert main.locator(".s77-freeband").count() == 1
    cells = main.locator(".heat td").evaluate_all("(all) => all.map((one) => one.className)")
    breaks = shades_of(values)["breaks"]
    expected = [f"s77-v{sum(each <= value for each in breaks)}" for value in (-3.0, 0.1, 2.0)]
    assert cells == [*expected, "s77-none"]


def test_nothing_is_cut_off_without_a_sign_and_headings_stand_apart(
    page: Any, tmp_path: Path
) -> None:
    wide = Table(["Commune", *["Voyageurs"] * 9], [["Melun", *["1 234"] * 9]] * 60)
    blocks = [
        Prose("Une même échelle pour toutes.", "small"),
        Group("", [Heading("Qui télétravaille"), Shown(wide, "Communes", folded=False)]),
        Raw(Markup('<div class="tools"><label><input list="x" placeholder="Trouver une commune">'
                   '<datalist id="x"><option value="Melun"></datalist></label></div>')),
        Code("sim77 site --scenario hybrid-2022 --sites 3 --budget 243000 --objective surplus"),
        Chart("density", {"low": 0.0, "high": 1.0, "density": [0.5, 2.0], "mean": 0.6,
                          "interval": (0.3, 0.9)}, "density"),
    ]  # fmt: skip
    path = tmp_path / "narrow.html"
    pages = [Page(each, "x", "x", "x", "x", [Section("about", "x", blocks)]) for each in locales()]
    write_page(path, "run", pages)
    main = opened(page, path, 390, "fr")
    assert main.locator("pre").evaluate("(one) => one.scrollWidth <= one.clientWidth")
    shades = main.locator(".scroll").evaluate("(one) => getComputedStyle(one).backgroundImage")
    assert shades.count("linear-gradient") == 4, "two that hide the shades at the end, two shades"
    gap = main.locator("h3", has_text="Qui").evaluate("""(one) => {
      const before = one.parentElement.previousElementSibling.getBoundingClientRect();
      return one.getBoundingClientRect().top - before.bottom;
    }""")
    assert gap >= 10
    page.set_viewport_size({"width": 1366, "height": 900})
    assert main.locator(".tools input").evaluate("""(one) => {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = getComputedStyle(one).font;
      const arrow = 24, sides = 2 * parseFloat(getComputedStyle(one).paddingLeft);
      return pen.measureText(one.placeholder).width + sides + arrow <= one.offsetWidth;
    }""")
