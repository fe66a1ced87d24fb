"""Measure the browser app: ``python -m benchmarks.app`` prints these figures, from this machine.

Server and browser share the cores. A figure is the worst of its repeats.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
VIEWERS, REPEATS = 10, 5
FIGURES = ".s77-kf"


def wait_for(holds: Callable[[], Any], seconds: float = 180.0) -> float:
    """Return the seconds until a condition is true."""
    began = time.perf_counter()
    while not holds():
        if time.perf_counter() - began > seconds:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.01)
    return time.perf_counter() - began


def start() -> tuple[subprocess.Popen[str], str]:
    """Start the app at full scale on any free port."""
    words = [sys.executable, "-u", "-m", "sim77", "app", "--port", "0", "--no-open"]
    process = subprocess.Popen([*words, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found = re.search(r"http://localhost:\d+", process.stdout.readline())
    assert found
    return process, found.group(0)


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def figures(page: Any) -> str:
    """Return the key figures as they are shown; empty before there are any."""
    text = str(page.locator(FIGURES).inner_text()) if page.locator(FIGURES).count() else ""
    return text if re.search(r"\d", text) else ""


def move(page: Any, lever: str, value: float) -> None:
    """Move a lever as a hand does."""
    page.locator(f'.s77-lever[data-lever="{lever}"] input[type=range]').first.evaluate(
        """(input, value) => {
            const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
            set.call(input, value);
            input.dispatchEvent(new Event("input", {bubbles: true}));
            input.dispatchEvent(new Event("change", {bubbles: true}));
        }""",
        str(value),
    )


def release(page: Any, desks: int) -> float:
    """Return the seconds from moving the number of desks to other figures on screen."""
    before = figures(page)
    move(page, "desks", desks)
    return wait_for(lambda: figures(page) != before and bool(figures(page)))


def click_ms(page: Any) -> float:
    """Return the milliseconds until a click on the language shows."""
    began = time.perf_counter()
    language = str(page.locator("html").get_attribute("lang"))
    page.get_by_role("button", name="Français" if language == "en" else "English").click()
    wait_for(lambda: page.locator("html").get_attribute("lang") != language)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Print every figure."""
    from playwright.sync_api import sync_playwright

    process, url = start()
    query = f"{url}/?view=explore&lang=en"
    draws = random.Random(1)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=list(SWITCHES)
            )
            page = browser.new_page()
            page.goto(query)
            wait_for(lambda: bool(figures(page)))
            rows = []
            for _ in range(REPEATS):
                began = time.perf_counter()
                other = browser.new_context().new_page()
                other.goto(query)
                wait_for(lambda other=other: bool(figures(other)))
                rows.append(time.perf_counter() - began)
                other.context.close()
            print(f"first full picture, warm server    {max(rows):6.2f} s (3 wanted)")
            desks = draws.sample(range(2, 60), REPEATS + VIEWERS + 1)
            rows = [release(page, desks.pop()) for _ in range(REPEATS)]
            print(f"lever release to both on screen    {max(rows):6.2f} s (3 wanted)")
            move(page, "desks", desks.pop())
            rows = [click_ms(page) for _ in range(2 * REPEATS)]
            print(f"click answered while a run is on   {max(rows):6.0f} ms (100 wanted)")
            before = memory_mb(process.pid)
            pages = [browser.new_context().new_page() for _ in range(VIEWERS)]
            for each in pages:
                each.goto(query)
            for each in pages:
                wait_for(lambda each=each: bool(figures(each)))
            grown = (memory_mb(process.pid) - before) / VIEWERS
            print(f"memory of the server a viewer      {grown:6.1f} MB (30 at most)")
            seen = [figures(each) for each in pages]
            began = time.perf_counter()
            for each in pages:
                move(each, "desks", desks.pop())
            for each, old in zip(pages, seen, strict=True):
                wait_for(lambda each=each, old=old: figures(each) not in ("", old))
            taken = time.perf_counter() - began
            print(f"ten viewers, each their own        {taken:6.1f} s (30 wanted)")
            browser.close()
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
