"""Every view as a person sees it: readable in both themes and on each screen, whole, not blank."""

import io
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from tests.app.conftest import Server
from tests.app.journeys import CLIPPED, settled, watch

pytestmark = pytest.mark.app

PROJECTOR, LAPTOP, PHONE = (1920, 1080), (1366, 768), (390, 844)
VIEWS = {
    "explore": "view=explore&by=day&day=2014-09-30",
    "compare": "view=compare",
    "why": "view=why&place=commune:77288&day=2014-09-30",
    "present": "view=present&story=network-tour&scene=1",
    "shelf": "view=studies",
    "sweep": "view=studies&study=rural-survival",
    "sites": "view=studies&study=next-nine-sites",
}
THERE = {
    "why": ".s77-sentences p",
    "present": ".s77-scenetext h1",
    "shelf": ".s77-card",
    "sweep": ".s77-scatter circle",
    "sites": ".s77-planlist button",
}
"""What shows that a view which waits for an answer has it."""


def grave(page: Any) -> list[str]:
    """Return what axe finds serious or critical, with the elements it is about."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:240]}"
        for each in found if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]  # fmt: skip


def is_blank(picture: bytes) -> bool:
    """Say whether a picture is all of one colour, or nearly so."""
    image = Image.open(io.BytesIO(picture)).convert("RGB").quantize(64)
    counts = sorted((count for count, _ in image.getcolors()), reverse=True)
    return len(counts) < 8 or counts[0] > 0.985 * sum(counts)


def clipped(page: Any) -> list[str]:
    """Return the texts that are cut off, once what follows a new size has been drawn."""
    for _ in range(8):
        found = list(page.evaluate(CLIPPED))
        if not found:
            break
        page.wait_for_timeout(250)
    return found


def show(page: Any, server: Server, view: str) -> None:
    """Open a view in French and wait until it is whole."""
    page.goto(f"{server.url}/?lang=fr&{VIEWS[view]}")
    if view in ("explore", "compare", "why"):
        settled(page)
    if view == "why":
        # Of who may choose there is more to see.
        page.locator(".s77-personlist button", has_text="j/sem. permis").first.click()
    if view in THERE:
        page.locator(THERE[view]).first.wait_for()


def set_size(page: Any, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function(f"innerWidth === {size[0]}")


OVER_EACH_OTHER = """(rows) => rows.filter((row) => {
  const boxes = [...row.querySelectorAll(".s77-barlabel, .s77-barvalue")].map((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getBoundingClientRect();
  });
  return boxes[0].right > boxes[1].left + 1;
}).map((row) => row.textContent)"""


def obstacles_beside_names(page: Any) -> None:
    """What stands in the way of a plan is not written over its name."""
    page.locator(".s77-plans .s77-obstacle").first.wait_for()
    for size in (LAPTOP, PHONE):
        set_size(page, size)
        assert page.locator(".s77-plans li").evaluate_all(OVER_EACH_OTHER) == []


def unit_clear_of_the_last_number(page: Any) -> None:
    """A long unit of a legend leaves room for the number before it."""
    page.get_by_role("button", name="moyenne").first.click()
    gap = """() => {
      const [last, unit] = [...document.querySelectorAll(".s77-leg .s77-breaks span")].slice(-2);
      return unit.getBoundingClientRect().left - last.getBoundingClientRect().right;
    }"""
    names = page.locator(".s77-ind option").evaluate_all("(all) => all.map((one) => one.value)")
    for name in names:
        page.locator(".s77-ind select").select_option(name)
        page.wait_for_function(f"document.querySelector('.s77-ind select').value === '{name}'")
        page.wait_for_timeout(50)
        assert page.evaluate(gap) > 2, name


def names_of_rows_in_sight(page: Any) -> None:
    """A wide table on a phone keeps the names of its rows where they are."""
    set_size(page, PHONE)
    page.locator(".s77-effects button:text-is('tableau')").first.click()
    body = page.locator(".s77-dialog-body")
    body.wait_for()
    place = "(one) => ['left', 'right'].map((edge) => one.getBoundingClientRect()[edge])"
    name = body.locator("tbody th").first
    before = name.evaluate(place)
    assert body.evaluate("(one) => (one.scrollLeft = 200, one.scrollLeft)") > 50
    left, right = name.evaluate(place)
    assert 0 <= left <= before[0]
    # It covers the numbers that pass below it, and leaves room for them.
    assert right < 0.6 * PHONE[0]
    dialog = name.evaluate("(one) => getComputedStyle(one.closest('dialog')).backgroundColor")
    for part in ("null", "'::before'"):
        assert name.evaluate(f"(one) => getComputedStyle(one, {part}).backgroundColor") == dialog


OF_ONE_VIEW = {
    "why": obstacles_beside_names,
    "explore": unit_clear_of_the_last_number,
    "compare": names_of_rows_in_sight,
}
"""What must hold of one view besides what must hold of all."""


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_readable_whole_and_not_blank(page: Any, server: Server, view: str) -> None:
    wrong = watch(page)
    show(page, server, view)
    for size in (PROJECTOR, PHONE, LAPTOP):
        set_size(page, size)
        assert clipped(page) == [], size
        # Nothing is wider than the window, once the layout has followed it.
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=15_000)
    for theme in ("light", "dark"):
        page.wait_for_function(f"document.querySelector('.s77-root').dataset.theme === '{theme}'")
        assert not is_blank(page.screenshot()), theme
        assert grave(page) == [], theme
        if theme == "light":
            page.keyboard.press("d")
    if view in OF_ONE_VIEW:
        OF_ONE_VIEW[view](page)
    assert wrong == []


def test_what_is_wrong_with_a_page_is_found(page: Any, server: Server) -> None:
    """Planted: a text cut off, another too pale, and a page without anything."""
    page.goto("about:blank")
    assert is_blank(page.screenshot())
    show(page, server, "shelf")
    assert clipped(page) == []
    page.evaluate(
        """() => document.querySelector(".s77-root h1").insertAdjacentHTML("afterend",
        `<p style="overflow:hidden;width:3em;white-space:nowrap">A text that is cut off</p>
        <p style="color:#BBB;background:#FFF">A text that is too pale</p>`)"""
    )
    assert clipped(page) == ["A text that is cut off"]
    assert [each for each in grave(page) if each.startswith("color-contrast")]
