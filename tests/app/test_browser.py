"""The page as a whole in a real browser: numbers, viewers, addresses, servers that stop."""

import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import sim77
from sim77.app.state.address import decode
from sim77.app.state.state import Checker
from sim77.app.words import say
from sim77.cli.main import main
from tests.app.conftest import Server, launched, wait_for
from tests.app.journeys import drag, figure, open_page, query_of, settled, watch

pytestmark = pytest.mark.app


def children_of(server: Server) -> list[str]:
    """Return the processes that a server has started."""
    pid, direct = server.process.pid, list[str]()
    # A process is started by a thread: look at the children of all of them.
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            direct += file.read().split()
    return sorted(set(direct))


def test_the_page_opens_asks_nobody_else_and_two_viewers_do_not_see_each_other(
    page: Any, browser: Any, server: Server
) -> None:
    wrong = watch(page)
    asked = open_page(page, server, "view=explore&lang=en&l.price_day=0")
    other = browser.new_context().new_page()
    open_page(other, server, "view=explore&lang=fr&b=network-2014-observed")
    wait_for(lambda: figure(page, "Desks in use"))
    wait_for(lambda: "Postes occupés" in other.locator(".s77-kf").inner_text())
    assert "l.price_day=0" in query_of(page)
    assert "network-2014-observed" in query_of(other) and "price_day" not in query_of(other)
    other.context.close()
    foreign = [
        url for url in asked
        if not url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))
    ]  # fmt: skip
    assert foreign == []
    assert wrong == []
    assert page.title() == "sim77"


def test_a_lever_dragged_shows_what_the_command_line_gives(
    page: Any, server: Server, checker: Checker, tmp_path: Path
) -> None:
    """Dragged to a value drawn again each time: no result can have been prepared."""
    open_page(page, server)
    settled(page)
    before = figure(page, "Desks in use")
    share = random.Random().uniform(0.1, 0.9)
    drag(page, '.s77-lever[data-lever="desks"] input[type=range]', share)
    wait_for(lambda: "l.desks=" in query_of(page))
    assert decode(query_of(page), checker)[1] == []
    page.get_by_role("button", name="Share", exact=True).click()
    command = page.get_by_role("textbox", name="Command line", exact=True).last
    wait_for(lambda: "sim77 compare" in command.input_value())
    files = page.locator("textarea[aria-label^='YAML']")
    for text in files.all():
        name = str(text.get_attribute("aria-label")).removeprefix("YAML: ")
        (tmp_path / name).write_text(text.input_value(), encoding="utf-8")
    words = shlex.split(command.input_value())
    page.keyboard.press("Escape")
    done = subprocess.run(
        [sys.executable, "-m", *words, "--out", "out"], cwd=tmp_path, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(Path(sim77.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = float(sim77.load(tmp_path / "out").effect("desks_occupied")["b"])

    def right() -> bool:
        shown = figure(page, "Desks in use")
        decimals = len(shown.partition(".")[2])
        return bool(shown) and abs(float(shown) - expected) <= 0.51 * 10.0**-decimals

    wait_for(right)
    # With the interval of the level, which a single draw has not.
    wait_for(lambda: " to " in page.locator(".s77-kf").inner_text())
    assert figure(page, "Desks in use") != before


@pytest.mark.long
def test_a_tab_closed_or_a_browser_killed_in_mid_run_leaves_nothing(
    playwright: Any, server: Server
) -> None:
    def threads() -> int:
        # Threads that served files end once they have been idle and another file is asked for.
        with urllib.request.urlopen(f"{server.url}/static/ansi.js") as file:
            file.read()
        return len(os.listdir(f"/proc/{server.process.pid}/task"))

    def visit(seed: int) -> Any:
        tab = mine.new_page()
        tab.goto(f"{server.url}/?view=explore&lang=en&seed={seed}")
        wait_for(lambda: tab.locator("svg path").count() >= 507)
        return tab

    mine = launched(playwright)
    tab = visit(900)
    settled(tab)
    tab.close()
    time.sleep(2.5)
    before = threads()
    # In the middle of runs whose seeds nobody has asked for before.
    visit(901).close()
    visit(902)
    processes = mine.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    os.kill(next(each["id"] for each in processes if each["type"] == "browser"), signal.SIGKILL)
    wait_for(lambda: threads() <= before + 1, 30)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("lang=en&day=2014-99-99&b=<script>alert(1)</script>", "Unknown scenario"),
        ("b=%FF%FF", "abîmée"),
    ],
)
def test_a_bad_address_gets_a_message_and_a_page(
    page: Any, server: Server, query: str, says: str
) -> None:
    """What is said of all other mistakes is in test_address.py."""
    wrong = watch(page)
    open_page(page, server, f"view=explore&{query}")
    wait_for(lambda: says in page.locator(".s77-banners").inner_text())
    # The page is not frozen: it goes where it is told to.
    page.get_by_role("button", name=re.compile("Compare|Comparer")).first.click()
    wait_for(lambda: "view=" not in query_of(page))
    assert wrong == []


@pytest.mark.long
def test_a_restarted_server_finds_the_state_in_the_address(page: Any) -> None:
    first = Server()
    open_page(page, first, "view=explore&lang=en&l.price_day=7&close=melun")
    settled(page)
    shown, query = figure(page, "Desks in use"), query_of(page)
    orphans = children_of(first)
    first.stop(signal.SIGKILL)
    wait_for(lambda: not any(os.path.exists(f"/proc/{each}") for each in orphans))
    lost = page.locator(".s77-lost")
    wait_for(lambda: lost.inner_text().endswith("The year on screen can still be read."))
    assert figure(page, "Desks in use") == shown, "the year on screen can still be read"
    # Nothing covers the page, not even after the host's own message: it takes clicks.
    page.get_by_role("button", name="Français").click(timeout=2000)
    wait_for(lambda: "Connexion perdue" in lost.inner_text())
    page.get_by_role("button", name="English").click(timeout=2000)
    with page.expect_event("load"):
        second = Server(first.port)
    try:
        settled(page)
        assert lost.count() == 0
        assert (figure(page, "Desks in use"), query_of(page)) == (shown, query)
    finally:
        computing = children_of(second)
        second.stop()
    assert computing
    wait_for(lambda: not any(os.path.exists(f"/proc/{each}") for each in computing), 10)


def test_a_port_in_use_is_told_in_one_sentence(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", "--no-open", "--port", str(server.port)]) == 2
    told = capsys.readouterr().err
    assert told.strip().count("\n") == 0
    assert f"port {server.port}" in told


def test_a_missing_asset_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from sim77.app import server as app_server

    monkeypatch.setattr(app_server, "_solara_files", lambda: [tmp_path / "solara-vuetify.js"])
    with pytest.raises(app_server.ServerError, match=r"solara-vuetify\.js of solara-assets"):
        app_server.check_installation()


def test_a_page_that_is_not_there_is_told_in_both_languages(server: Server) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{server.url}/nowhere")
    told = refused.value.read().decode()
    assert (refused.value.code, told.splitlines()) == (
        404, [say("fr", "unknown_page"), say("en", "unknown_page")],
    )  # fmt: skip


def test_nothing_of_the_host_is_read_before_the_page_is_there(page: Any, server: Server) -> None:
    # Without its scripts' answer the host waits for ever, and shows what it shows while it waits.
    page.route_web_socket("**/*", lambda _: None)
    page.goto(f"{server.url}/?lang=fr")
    page.locator("#loader-container").wait_for()
    assert page.locator("body").inner_text().strip() == ""
