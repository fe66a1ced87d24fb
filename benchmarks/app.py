"""Measure the browser app at full scale: ``python -m benchmarks.app`` prints these figures.

Server, compute process and headless Chromium share the cores of this machine. Times are taken in
the page itself: from the click, the release or the opening to the frame that shows the answer. Each
row says worst and median of its repeats and the load of the machine when it was measured; on a
machine that does other work they are upper bounds. The exit status is 1 if a figure is missed.

Words after the command go to ``sim77 app``: ``python -m benchmarks.app --scale 0.1``.
"""

import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import psutil

from benchmarks import app_page as in_page
from sim77.app.levers.policies import with_levers
from sim77.scenario.scenario import load_scenario

SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
VIEWERS, REPEATS, PLAYED_S = 10, 5, 6.0
VIEWS = ("compare", "explore")
PATIENCE_MS = 300_000


class Bench:
    """The server, the browser, and what has been found so far.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    server : psutil.Process
    url : str
    """

    def __init__(self, browser: Any, server: psutil.Process, url: str):
        self.browser, self.server, self.url = browser, server, url
        self.missed: list[str] = []
        self._draws = random.Random(1)
        self._desks = list(range(2, 60))
        self._draws.shuffle(self._desks)

    def open(self, view: str, desks: int | None = None) -> Any:
        """Open a page as a viewer of their own and wait until its first comparison is painted."""
        page = self.browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        lever = "" if desks is None else f"&l.desks={desks}"
        page.add_init_script(in_page.TOOLS)
        page.goto(f"{self.url}/?view={view}&lang=en{lever}", wait_until="commit")
        return page

    def new_desks(self) -> int:
        """Return a number of desks that nobody has asked for yet."""
        return self._desks.pop()

    def tell(
        self, what: str, values: list[float], unit: str, wanted: float, *, least: bool = False
    ) -> None:
        """Print a row, and note it if its worst value is not as wanted."""
        worst = min(values) if least else max(values)
        met = worst >= wanted if least else worst <= wanted
        if not met:
            self.missed.append(what)
        bound = "at least" if least else "at most"
        print(
            f"{what:<46}{worst:9.2f}{median(values):9.2f} {unit:<9}{bound:>9} {wanted:<6g}"
            f"{'met' if met else 'MISSED':>7}{psutil.getloadavg()[0]:7.1f}",
            flush=True,
        )

    @contextmanager
    def cpu(self) -> Iterator[dict[str, float]]:
        """Count the CPU seconds that the server, its runs and the browser take meanwhile."""
        spent: dict[str, float] = {}
        before = self._cpu_now()
        yield spent
        for part, seconds in self._cpu_now().items():
            spent[part] = seconds - before[part]

    def _cpu_now(self) -> dict[str, float]:
        runs = self.server.children(recursive=True)
        mine = {each.pid for each in runs} | {self.server.pid}
        others = psutil.Process().children(recursive=True)
        parts = {
            "server": [self.server], "runs": runs,
            "browser": [each for each in others if each.pid not in mine],
        }  # fmt: skip
        return {part: sum(map(_seconds, processes)) for part, processes in parts.items()}


def _seconds(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


@contextmanager
def serving(more: list[str]) -> Iterator[tuple[psutil.Process, str]]:
    """Start the app on any free port, and stop it, also when this process is asked to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    words = [sys.executable, "-u", "-m", "sim77", "app", "--port", "0", "--no-open"]
    process = subprocess.Popen([*words, *more], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.search(r"http://localhost:\d+", process.stdout.readline())
        assert found
        yield psutil.Process(process.pid), found.group(0)
    finally:
        process.terminate()
        process.wait(20)


def resident_mb(process: psutil.Process) -> float:
    """Return the memory that a process holds."""
    return float(process.memory_info().rss / 1e6)


# Figures --------------------------------------------------------------------------------------


def first_pictures(bench: Bench) -> None:
    """Time from opening the address to the first full picture, the server being warm."""
    for view in VIEWS:
        times = []
        for _ in range(REPEATS):
            page = bench.open(view)
            times.append(page.evaluate(in_page.FIRST_PICTURE) / 1000)
            page.context.close()
        bench.tell(f"first full picture, {view}", times, "s", 3)


def lever_releases(bench: Bench) -> None:
    """Time from letting a lever go to both runs and their difference on screen."""
    for view in VIEWS:
        page = bench.open(view)
        page.evaluate(in_page.FIRST_PICTURE)
        times, spent = [], []
        for _ in range(REPEATS):
            # Half of the releases fall into the refinement of the answer before, as in use.
            with bench.cpu() as seconds:
                times.append(page.evaluate(in_page.RELEASE, bench.new_desks()) / 1000)
            spent.append(seconds)
        bench.tell(f"lever release to both runs on screen, {view}", times, "s", 3)
        middle = {part: median(each[part] for each in spent) for part in spent[0]}
        message = ", ".join(f"{part} {seconds:.2f}" for part, seconds in middle.items())
        print(f"    CPU seconds meanwhile (median): {message}", flush=True)
        page.context.close()


def clicks(bench: Bench) -> None:
    """Time from a click to the frame that answers it, while a run is on."""
    page = bench.open("explore")
    page.evaluate(in_page.FIRST_PICTURE)
    times: dict[str, list[float]] = {"language": [], "theme": [], "day": []}
    for _ in range(REPEATS):
        page.evaluate(in_page.RELEASE_ONLY, bench.new_desks())
        for kind in times:
            x, y = page.evaluate(in_page.BUTTON, kind)
            page.mouse.click(x, y)
            times[kind].append(page.evaluate(in_page.CLICKED))
        page.evaluate(in_page.ANSWERED)
    for kind, found in times.items():
        bench.tell(f"click on {kind} answered while a run is on", found, "ms", 100)
    page.context.close()


def playback(bench: Bench) -> None:
    """Count the frames a second of playback at its greatest speed, and what it costs the server."""
    for view in VIEWS:
        page = bench.open(view)
        page.evaluate(in_page.FIRST_PICTURE)
        page.evaluate(in_page.IDLE)
        with bench.cpu() as spent:
            found = page.evaluate(in_page.PLAY, PLAYED_S)
        bench.tell(f"frames a second in playback, {view}", found["rates"], "1/s", 20, least=True)
        rate = median(found["rates"])
        print(
            f"    60 on a laptop: {rate:.0f} here; {found['days']} days shown in {PLAYED_S:g} s; "
            f"CPU seconds of the server {spent['server'] + spent['runs']:.2f}, "
            f"of the browser {spent['browser']:.2f}",
            flush=True,
        )
        page.context.close()


def ten_viewers(bench: Bench) -> None:
    """Let ten viewers move a lever at once; each must get their own results, in little memory."""
    # Warm up what the first viewers of all make, so that only the viewers are counted.
    before = resident_mb(bench.server)
    pages = [bench.open("explore") for _ in range(VIEWERS)]
    for page in pages:
        page.evaluate(in_page.FIRST_PICTURE)
    desks = [bench.new_desks() for _ in pages]
    for page, number in zip(pages, desks, strict=True):
        page.evaluate(in_page.RELEASE_ONLY, number)
    times = [page.evaluate(in_page.ANSWERED) / 1000 for page in pages]
    bench.tell("ten viewers at once, each answered after", times, "s", 30)
    shown = [page.evaluate(in_page.COMPARED) for page in pages]
    scenario = load_scenario("network-2014")
    own = [with_levers(scenario, {"desks": number}).hash for number in desks]
    right = [key.endswith(f"|{mine}") for key, mine in zip(shown, own, strict=True)]
    if not all(right):
        bench.missed.append("each viewer their own results")
    print(f"    viewers who see their own results: {sum(right)} of {VIEWERS}", flush=True)
    grown = (resident_mb(bench.server) - before) / VIEWERS
    bench.tell("memory of the server a viewer", [grown], "MB", 30)
    held = sum(map(resident_mb, bench.server.children(recursive=True)))
    print(f"    memory of the server {resident_mb(bench.server):.0f} MB, of its runs {held:.0f} MB")
    for page in pages:
        page.context.close()


def main() -> None:
    """Print every figure."""
    from playwright.sync_api import sync_playwright

    with serving(sys.argv[1:]) as (server, url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(SWITCHES)
        )
        bench = Bench(browser, server, url)
        began = time.perf_counter()
        page = bench.open("compare")
        page.evaluate(in_page.FIRST_PICTURE)
        cold = time.perf_counter() - began
        page.evaluate(in_page.IDLE)
        page.context.close()
        print(
            f"{os.cpu_count()} cores, Python {platform.python_version()}, Chromium "
            f"{browser.version}, load {psutil.getloadavg()[0]:.1f}; first picture of a cold server "
            f"{cold:.1f} s"
        )
        print(f"{'':46}{'worst':>9}{'median':>9} {'':9}{'wanted':>16}{'':7}{'load':>7}")
        for figure in (first_pictures, lever_releases, clicks, playback, ten_viewers):
            figure(bench)
        browser.close()
    if bench.missed:
        sys.exit(f"missed: {', '.join(bench.missed)}")


if __name__ == "__main__":
    main()
