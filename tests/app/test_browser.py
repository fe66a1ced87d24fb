"""Journeys in a real browser."""

import os
import random
import re
import signal
import time
from typing import Any

import pytest

import sim77
from sim77.app.address import decode
from sim77.app.state import Checker
from tests.app.conftest import Server, wait_for
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app


def open_page(page: Any, server: Server, query: str = "view=explore&lang=en") -> list[str]:
    """Open the app, wait for its first results, and return every address asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/?{query}")
    wait_for(lambda: page.locator("svg path").count() >= 507)
    return asked


def figure(page: Any, label: str) -> str:
    """Return the number under a key figure's label, as it is shown."""
    text = page.locator(".s77-kf").inner_text()
    found = re.search(re.escape(label) + r"\s+(?:A\s+)?([−\d][\d.,]*)", text)
    return found.group(1).replace(",", "").replace("−", "-") if found else ""


def children_of(server: Server) -> list[str]:
    """Return the processes that a server has started."""
    pid, direct = server.process.pid, list[str]()
    # A process is started by a thread: look at the children of all of them.
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            direct += file.read().split()
    return sorted(set(direct))


def query_of(page: Any) -> str:
    return str(page.evaluate("location.search")).removeprefix("?")


def test_the_page_opens_with_every_commune_and_asks_nobody_else(page: Any, server: Server) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    asked = open_page(page, server)
    wait_for(lambda: figure(page, "Desks in use"))
    foreign = [
        url for url in asked
        if not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))
    ]  # fmt: skip
    assert foreign == []
    assert wrong == []
    assert page.title() == "sim77"


def test_a_lever_moved_shows_what_the_library_gives(
    page: Any, server: Server, checker: Checker
) -> None:
    open_page(page, server)
    before = wait_for(lambda: figure(page, "Desks in use"))
    value = random.Random().randint(1, 25)
    slider = page.locator('.s77-lever[data-lever="desks"] input[type=range]').first
    slider.evaluate(
        """(input, value) => {
            const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
            setter.call(input, value);
            input.dispatchEvent(new Event("input", {bubbles: true}));
            input.dispatchEvent(new Event("change", {bubbles: true}));
        }""",
        str(value),
    )
    wait_for(lambda: "l.desks=" in query_of(page))
    state, problems = decode(query_of(page), checker)
    assert problems == []
    _, b = state.scenarios()
    run = sim77.run(b, seed=1, scale=SCALE, start=START, end=END)
    use = run.tables["telecentres_by_day"]
    desks = 0.5 * (use["occupied_morning"] + use["occupied_afternoon"])
    expected = float(desks.groupby(use["date"]).sum().mean())

    def right() -> bool:
        shown = figure(page, "Desks in use")
        decimals = len(shown.partition(".")[2])
        return bool(shown) and abs(float(shown) - expected) <= 0.51 * 10.0**-decimals

    wait_for(right, 30)
    assert figure(page, "Desks in use") != before


def test_two_viewers_do_not_see_each_other(page: Any, browser: Any, server: Server) -> None:
    open_page(page, server, "view=explore&lang=en&l.price_day=0")
    other = browser.new_context().new_page()
    open_page(other, server, "view=explore&lang=fr&b=network-2014-observed")
    wait_for(lambda: figure(page, "Desks in use"))
    wait_for(lambda: "Postes occupés" in other.locator(".s77-kf").inner_text())
    assert "l.price_day=0" in query_of(page)
    assert "network-2014-observed" in query_of(other)
    assert "price_day" not in query_of(other)
    other.context.close()


def test_a_tab_closed_in_mid_run_leaves_nothing(browser: Any, server: Server) -> None:
    def threads() -> set[str]:
        folder = f"/proc/{server.process.pid}/task"
        return set(os.listdir(folder))

    warm = browser.new_context().new_page()
    open_page(warm, server)
    wait_for(lambda: figure(warm, "Desks in use"))
    warm.context.close()
    time.sleep(2.5)
    before = len(threads())
    for seed in (901, 902):
        tab = browser.new_context().new_page()
        open_page(tab, server, f"view=explore&lang=en&seed={seed}")
        tab.context.close()
    wait_for(lambda: len(threads()) <= before + 1, 30)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("lang=en&l.prx=1", 'unknown lever: "prx"'),
        ("lang=fr&l.prx=1", "levier inconnu"),
        ("lang=en&b=<script>alert(1)</script>", "Unknown scenario"),
        ("lang=en&l.price_day=9999", "nearest bound"),
        ("lang=en&made=0.0~a~b", "another version"),
        ("b=%FF%FF", "abîmée"),
    ],
)
def test_a_bad_address_gets_a_message_and_a_page(
    page: Any, server: Server, query: str, says: str
) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    open_page(page, server, f"view=explore&{query}")
    wait_for(lambda: says in page.locator(".s77-banners").inner_text())
    assert wrong == []


def test_a_restarted_server_finds_the_state_in_the_address(page: Any) -> None:
    first = Server()
    open_page(page, first, "view=explore&lang=en&l.price_day=7&close=melun")
    wait_for(lambda: figure(page, "Desks in use"))
    shown, query = figure(page, "Desks in use"), query_of(page)
    first.stop(signal.SIGKILL)
    assert figure(page, "Desks in use") == shown, "the year on screen can still be read"
    second = Server(first.port)
    try:
        page.reload()
        wait_for(lambda: figure(page, "Desks in use"))
        assert (figure(page, "Desks in use"), query_of(page)) == (shown, query)
    finally:
        computing = children_of(second)
        second.stop()
    assert computing
    wait_for(lambda: not any(os.path.exists(f"/proc/{each}") for each in computing), 10)


def test_a_port_in_use_is_told_in_one_sentence(server: Server) -> None:
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "sim77", "app", "--no-open", "--port", str(server.port)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert f"port {server.port}" in done.stderr


def test_a_missing_asset_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from sim77.app import server as app_server

    monkeypatch.setattr(app_server, "_solara_files", lambda: [tmp_path / "solara-vuetify.js"])
    with pytest.raises(app_server.ServerError, match=r"solara-vuetify\.js of solara-assets"):
        app_server.check_installation()
