"""Fixtures of the app's tests: a running server, a browser, and sessions without a browser."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("solara", reason="the app is not installed")

from sim77.app.engine import Engine
from sim77.app.options import Options
from sim77.app.session import Session
from sim77.app.state.state import Checker
from sim77.app.story.story import shipped_stories
from sim77.report.geography import Geography
from tests.app.small import END, SCALE, SEEDS, START

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Server:
    """The app as a process of its own, on a port of its own."""

    def __init__(self, port: int = 0, *more: str):
        words = [
            sys.executable, "-u", "-m", "sim77", "app", "--port", str(port), "--no-open",
            "--scale", str(SCALE), "--seeds", str(SEEDS), "--period", f"{START}..{END}",
            *more,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "SOLARA_KERNEL_CULL_TIMEOUT": "1s"},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said: list[str] = []
        found = None
        while found is None:
            self.said.append(self.process.stdout.readline())
            assert self.said[-1], "".join(self.said)
            found = re.search(r"(http://[^/\s]+:(\d+))\S*", self.said[-1])
        self.port, self.url, self.way_in = int(found.group(2)), found.group(1), found.group(0)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()
    assert "Traceback" not in "".join(running.said), "".join(running.said)[-2000:]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium found")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


def launched(playwright: Any) -> Any:
    """Start a Chromium of one's own."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))


@pytest.fixture(scope="session")
def browser(playwright: Any) -> Iterator[Any]:
    opened = launched(playwright)
    yield opened
    opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    refused: list[str] = []
    context.on(
        "console",
        lambda message: (
            refused.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()
    assert refused == []


class Shown:
    """In place of the widget: keeps what the browser would be told."""

    def __init__(self) -> None:
        self.boot: dict[str, Any] = {}
        self.status: dict[str, Any] = {}
        self.compare: dict[str, Any] = {}
        self.side_a: dict[str, Any] = {}
        self.side_b: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.banner: dict[str, Any] = {}
        self.scene: dict[str, Any] = {}


def wait_for(holds: Callable[[], Any], seconds: float = 90.0) -> Any:
    """Return what a condition gives as soon as it is true; asked less often as time goes by.

    Asking takes a browser its time, of which a long wait for a simulation leaves none to spare.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        found = holds()
        if found:
            return found
        time.sleep(min(max(0.02, waited / 10.0), 0.1))
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="session")
def geography(shipped_territory: Any) -> Geography:
    return Geography(shipped_territory)


@pytest.fixture(scope="session")
def checker(shipped_territory: Any) -> Checker:
    return Checker(shipped_territory)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    running = Engine()
    yield running
    running.close()


@pytest.fixture
def open_session(
    engine: Engine, geography: Geography, checker: Checker
) -> Iterator[Callable[..., Session]]:
    opened: list[Session] = []
    options = Options(SCALE, START, END, SEEDS, stories=shipped_stories(checker))

    def make(query: str = "") -> Session:
        opened.append(Session(engine, geography, options, Shown(), query))
        return opened[-1]

    yield make
    for session in opened:
        session.close()
