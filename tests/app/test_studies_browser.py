"""Studies in a real browser: open, filter, look, share, export, and what a mistake says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77.analysis.sweep.results import load_sweep
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory
from tests.app import stored
from tests.app.conftest import Server, wait_for

pytestmark = pytest.mark.app


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, tiny_scenario: Scenario,
    small_territory: Territory, shipped_territory: Territory,
) -> Path:  # fmt: skip
    made = tmp_path_factory.mktemp("stored")
    stored.make_studies(made)
    stored.real_sweep(made / stored.REAL)
    found = stored.small_siting(tiny_scenario, small_territory)
    sim77.save(stored.moved(found, shipped_territory), made / stored.SITES)
    return made


@pytest.fixture(scope="module")
def studies(folder: Path) -> Iterator[Server]:
    running = Server(0, "--studies", str(folder))
    yield running
    running.stop()
    assert "Traceback" not in "".join(running.said), "".join(running.said)[-2000:]


def show(page: Any, server: Server, query: str = "", lang: str = "en") -> list[str]:
    """Open the view, and return what goes wrong in the page from now on."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{server.url}/?view=studies&lang={lang}&{query}")
    page.locator(".s77-studies").wait_for()
    return wrong


def query_of(page: Any) -> str:
    return str(page.evaluate("decodeURIComponent(location.search)"))


def dots(page: Any, kind: str = "") -> int:
    return int(page.locator(f".s77-scatter g{kind} > circle").count())


def pull(page: Any, factor: str, which: int, value: float) -> None:
    """Move a handle of a filter as a hand would."""
    page.locator(f'fieldset[data-factor="{factor}"] input').nth(which).evaluate(
        """(input, value) => {
            const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
            own.set.call(input, value);
            input.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        str(value),
    )


def test_a_study_is_chosen_from_the_shelf(page: Any, studies: Server) -> None:
    wrong = show(page, studies)
    cards = page.locator(".s77-card")
    wait_for(lambda: cards.count() >= 6)
    catalogue = page.locator(".s77-shelf").inner_text()
    assert "4 of 12 runs" in catalogue
    assert "other versions of the program" in catalogue
    assert f'"{stored.DAMAGED}" is damaged' in catalogue
    page.locator(f".s77-card[data-study={stored.PLANTED}] button").click()
    wait_for(lambda: dots(page) == 120)
    assert page.locator("h1").inner_text() == stored.QUESTION["en"]
    assert f"study={stored.PLANTED}" in query_of(page)
    page.locator(".s77-back").click()
    wait_for(lambda: cards.count() >= 6)
    wait_for(lambda: "study=" not in query_of(page))
    assert wrong == []


@pytest.mark.long
def test_filters_keep_points_and_stand_in_the_address(
    page: Any, studies: Server, folder: Path
) -> None:
    wrong = show(page, studies, f"study={stored.PLANTED}")
    wait_for(lambda: dots(page) == 120)
    pull(page, "desks", 0, 20)
    page.locator(".s77-filters label", has_text="none").locator("input").click()
    points = load_sweep(folder / stored.PLANTED).points(stored.EFFECT)
    kept = points[(points["desks"] >= 20) & (points["leaflets"] == "<many>")]
    wait_for(
        lambda: (
            f"{len(kept)} kept of 120 points shown" in page.locator(".s77-studyside").inner_text()
        )
    )
    assert dots(page, ".s77-left-out") == 120 - len(kept)
    wait_for(lambda: "f.desks=20..40" in query_of(page) and "f.leaflets=<many>" in query_of(page))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    wait_for(lambda: dots(page, ".s77-left-out") == 120 - len(kept))
    assert wrong == []


def test_points_are_read_by_mouse_and_by_keys(page: Any, studies: Server, folder: Path) -> None:
    show(page, studies, f"study={stored.PLANTED}&factor=price")
    wait_for(lambda: dots(page) == 120)
    points = load_sweep(folder / stored.PLANTED).points(stored.EFFECT)
    first = points.loc[points["price"].idxmin()]
    tip = page.locator(".s77-scatterbox .s77-tip")

    def told() -> bool:
        # The server may still send the chart again, which closes what it told of a point.
        page.locator(".s77-scatterbox").focus()
        page.keyboard.press("Home")
        return bool(tip.is_visible())

    wait_for(told)
    assert f"{first['mean']:.2f}".lstrip("-") in tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.locator(".s77-scatter g > circle").first.hover(force=True)
    wait_for(tip.is_visible)


def test_bars_condition_and_regret_come_with_their_tables(page: Any, studies: Server) -> None:
    wrong = show(page, studies, f"study={stored.PLANTED}")
    wait_for(lambda: page.locator(".s77-sensitivity .s77-bars li").count() == 3)
    names = page.locator(".s77-sensitivity .s77-barlabel").all_inner_texts()
    assert set(names[:2]) == {"Desks", "Price"} or set(names[:2]) == {"desks", "price"}
    page.locator(".s77-sensitivity .s77-barlabel").nth(2).click()
    wait_for(lambda: "factor=" in query_of(page))
    wait_for(lambda: page.locator(".s77-limits li").count() >= 2)
    assert "desks" in page.locator(".s77-box").inner_text().lower()
    assert dots(page, ".s77-inbox") > 0
    page.locator(".s77-where input").fill("-1,5")
    page.locator(".s77-where input").press("Enter")
    wait_for(lambda: "where=<-1.5" in query_of(page))
    page.locator(".s77-leaves .s77-totable").click()
    wait_for(lambda: page.locator("dialog table tbody tr").count() >= 2)
    page.keyboard.press("Escape")
    page.goto(f"{studies.url}/?view=studies&lang=en&study={stored.GRID}")
    wait_for(lambda: page.locator(".s77-regret tbody tr").count() == 6)
    assert wrong == []


def test_a_real_sweep_shows_its_effects_in_french(page: Any, studies: Server, folder: Path) -> None:
    wrong = show(page, studies, f"study={stored.REAL}", lang="fr")
    page.get_by_text(re.compile(r"Un échantillon\s?: 1,0\s?% des actifs")).first.wait_for()
    wait_for(lambda: dots(page) == 2)
    # With the space that a French question mark wants.
    assert page.locator("h1").inner_text() == stored.QUESTION["fr"].replace(" ?", "\u202f?")
    box = page.locator(".s77-scatterbox")
    before = box.get_attribute("aria-label")
    page.locator("select[data-choice=outcome]").select_option("home")
    wait_for(lambda: box.get_attribute("aria-label") != before)
    wait_for(lambda: "outcome=home" in query_of(page))
    page.get_by_role("button", name="tableau").first.click()
    mean = load_sweep(folder / stored.REAL).points("home")["mean"].max()
    decimals = max(0, 2 - int(np.floor(np.log10(mean))))
    shown = page.locator("dialog tbody").inner_text().replace("\u202f", "")
    assert f"{mean:.{decimals}f}".replace(".", ",") in shown
    assert wrong == []


def test_the_search_for_sites_is_a_map_with_its_plans(page: Any, studies: Server) -> None:
    wrong = show(page, studies, f"study={stored.SITES}")
    wait_for(lambda: page.locator(".s77-rings .s77-ring").count() >= 2)
    assert page.locator(".s77-communes path:not(.s77-none)").count() == 3
    plans = page.locator(".s77-planlist button")
    assert plans.first.get_attribute("aria-pressed") == "true"
    plans.nth(1).click()
    assert plans.nth(1).get_attribute("aria-pressed") == "true"
    assert page.locator(".s77-sites tbody tr").count() == 2
    assert "random networks" in page.locator(".s77-plansfig").inner_text()
    # Its picture has the names of the plans and the heads of the tables, though both are buttons.
    page.locator(".s77-tools").get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    picture = Path(download.value.path()).read_text(encoding="utf-8")
    assert ">refusals" in picture
    for plan in plans.all():
        assert f">{plan.inner_text().split()[0]}" in picture
    assert wrong == []


def test_the_tables_of_a_study_are_saved(page: Any, studies: Server, folder: Path) -> None:
    show(page, studies, f"study={stored.GRID}&f.desks=20..30")
    wait_for(lambda: page.locator(".s77-regret tbody tr").count() == 6)
    page.locator(".s77-tools").get_by_role("button", name="Export").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Points (CSV)").click()
    table = pd.read_csv(saved.value.path())
    points = load_sweep(folder / stored.GRID).points(stored.EFFECT)
    kept = points[points["desks"] >= 20]
    assert table["mean"].tolist() == pytest.approx(kept["mean"].tolist(), rel=1e-6)
    assert "sim77 sweep study.yaml" in page.locator("dialog textarea").first.input_value()
    with page.expect_download() as picture:
        page.get_by_role("button", name="SVG").click()
    assert "<circle" in Path(picture.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("query", "lang", "says"),
    [
        ("study=nowhere", "en", 'Unknown study: "nowhere"'),
        (f"study={stored.DAMAGED}", "fr", "abîmée ou incomplète"),
        (f"study={stored.GRID}&outcome=colour", "en", 'no outcome "colour"'),
        (f"study={stored.GRID}&f.colour=1..2", "fr", "pas de facteur « colour »"),
    ],
)
def test_a_mistake_is_a_sentence_in_the_language_of_the_page(
    page: Any, studies: Server, query: str, lang: str, says: str
) -> None:
    wrong = show(page, studies, query, lang)

    def told() -> bool:
        text = page.locator(".s77-root").inner_text()
        return says in text.replace("\u202f", " ")

    wait_for(told)
    assert wrong == []
