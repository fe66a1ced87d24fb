"""A report page in a real browser: language, theme, maps by keyboard, tables that sort."""

from pathlib import Path
from typing import Any

import pytest

from sim77.report.run.page import write_summary_html
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
    shown.locator(".slot").first.focus()
    page.keyboard.press("ArrowRight")
    name = shown.locator(".tip:visible b").inner_text()
    assert name in small_territory.communes["name"].tolist()
    assert shown.locator(".live").inner_text().startswith(f"{name}, ")
    page.keyboard.press("Escape")
    assert shown.locator(".tip:visible").count() == 0
    heads = shown.locator("thead th:has(button)")
    for way, sign in (("descending", -1), ("ascending", 1)):
        heads.nth(1).locator("button").evaluate("(button) => button.click()")
        assert heads.nth(1).get_attribute("aria-sort") == way
        texts = heads.nth(1).evaluate(SORTED)
        numbers = [float(each.replace(",", "")) for each in texts]
        assert numbers == sorted(numbers, key=lambda number: sign * number)
        assert len(set(numbers)) > 1
    assert wrong == []
