"""Playback: the days already sent go by in the page, and the server is not asked anything."""

from typing import Any

import pytest

from tests.app.conftest import Server, wait_for
from tests.app.journeys import fills, open_page, query_of, settled

pytestmark = pytest.mark.app

LAST = "Friday 3 October 2014"


class Watched:
    """A page whose clock the test turns, and all that it sends to the server."""

    def __init__(self, page: Any, server: Server, view: str):
        self.page, self.sent = page, list[Any]()
        page.on("websocket", self._listen)
        page.on("request", lambda request: self.sent.append(request.url))
        open_page(page, server, f"view={view}&lang=en&by=day&day=2014-09-22")
        settled(page)
        page.clock.install()
        page.clock.pause_at(page.evaluate("Date.now() + 1000"))

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", lambda frame: self.sent.append(frame))

    def date(self) -> str:
        return str(self.page.locator(".s77-date-now").inner_text())

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def plays(self, milliseconds: int) -> None:
        self.page.clock.run_for(milliseconds)


@pytest.mark.parametrize("view", ["explore", "compare"])
def test_playback_shows_the_days_and_costs_the_server_nothing(
    page: Any, server: Server, view: str
) -> None:
    seen = Watched(page, server, view)
    layer = ".s77-communes" if view == "explore" else ".s77-big .s77-communes"
    assert seen.date() == "Monday 22 September 2014"
    # Whatever the opening of the page still had to tell.
    seen.plays(500)
    first, text = fills(page, layer), len(seen.sent)
    seen.press("Play")
    maps = {first}
    for milliseconds in (200, 200, 200, 200, 260):
        seen.plays(milliseconds)
        maps.add(fills(page, layer))
    assert seen.date() == "Monday 29 September 2014", "five working days a second"
    assert len(maps) > 2
    assert seen.sent[text:] == []
    seen.press("Pause")
    where = seen.date()
    seen.plays(1000)
    assert seen.date() == where
    # Where it stopped is told once, so that the address leads back there.
    wait_for(lambda: "day=2014-09-2" in query_of(page) and "day=2014-09-22" not in query_of(page))


def test_steps_speeds_and_the_date_are_in_the_hand(page: Any, server: Server) -> None:
    seen = Watched(page, server, "explore")
    seen.press("Day after")
    assert seen.date() == "Tuesday 23 September 2014"
    seen.press("Day before")
    assert seen.date() == "Monday 22 September 2014"
    seen.press("× 1")
    seen.press("Play")
    seen.plays(1100)
    assert seen.date() == "Tuesday 23 September 2014"
    seen.press("× 20")
    seen.plays(200)
    later = seen.date()
    assert later not in ("Tuesday 23 September 2014", LAST), "faster, and not yet at the end"
    seen.plays(1000)
    assert seen.date() == LAST
    assert page.get_by_role("button", name="Play", exact=True).first.is_visible(), (
        "it ends by itself"
    )
    slider = page.locator(".s77-dateslider")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert seen.date() == "Thursday 2 October 2014"
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    assert seen.date() == "Monday 22 September 2014"
    page.locator(".s77-mapbox").first.focus()
    page.keyboard.press("Space")
    seen.plays(300)
    assert seen.date() != "Monday 22 September 2014", "the space bar plays"
