"""Take pictures of every view to look at: ``python -m benchmarks.screenshots OUT``.

Each view in three sizes, light and dark, French and English, as PNG files in the folder OUT. On a
phone the whole page is taken, not only the screen. Words that are not its own go to ``sim77 app``.
"""

import argparse
import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from benchmarks.app import SWITCHES, serving
from sim77.app.studies.folders import SHIPPED

SIZES = {"projector": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
THEMES, LANGUAGES = ("light", "dark"), ("fr", "en")
PATIENCE_MS = 300_000
READY = """() => document.querySelector(".s77-root h1") &&
!document.querySelector(".s77-root.s77-busy, .s77-progress.s77-on")"""


def views() -> dict[str, str]:
    """Return the query of each view by name: one a kind of study, and each of their shelf."""
    found = {
        "explore": "view=explore&day=2014-11-18",
        "compare": "view=compare",
        "why": "view=why&place=commune:77284&day=2014-11-18",
        "present-1": "view=present&story=network-tour&scene=1",
        "present-4": "view=present&story=network-tour&scene=4",
        "studies": "view=studies",
    }
    studies = sorted(each.name for each in SHIPPED.iterdir() if each.is_dir())
    return found | {f"study-{name}": f"view=studies&study={name}" for name in studies}


def open_worker(page: Any) -> None:
    """Open a worker of the commune, one who goes to a telecentre if there is one."""
    people = page.locator(".s77-personlist button")
    people.first.wait_for()
    chosen = people.filter(has=page.locator(".s77-telecentre"))
    (chosen if chosen.count() else people).first.click()
    page.locator(".s77-sentences p").first.wait_for()
    page.locator(".s77-changes li").first.wait_for()


def open_study(page: Any) -> None:
    """Wait until a study and all that the analyses say of it are there."""
    page.locator(".s77-scatter circle, .s77-planlist button").first.wait_for()
    page.wait_for_function("!document.querySelector('.s77-part > figure > [role=status]')")


def take(browser: Any, url: str, query: str, size: str, file: Path) -> None:
    """Open a page, wait until it shows its results, and keep its picture."""
    width, height = SIZES[size]
    phone = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/?{query}")
    page.wait_for_function(READY)
    if "view=why" in query:
        open_worker(page)
    elif "study=" in query:
        open_study(page)
    # What is drawn on a later frame, and fonts.
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(1000)
    page.wait_for_function(READY)
    page.screenshot(path=file, full_page=phone)
    context.close()


def wanted() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line; a choice takes several words, parted by commas."""
    parser = argparse.ArgumentParser(prog="benchmarks.screenshots", description=__doc__)
    parser.add_argument("out", type=Path)
    for name, known in (
        ("views", views()), ("sizes", SIZES), ("themes", THEMES), ("languages", LANGUAGES),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=_some_of(list(known)), default=list(known))
    parser.add_argument("--url", help="of an app that runs already")
    return parser.parse_known_args()


def _some_of(known: list[str]) -> Callable[[str], list[str]]:
    def words(text: str) -> list[str]:
        for word in text.split(","):
            if word not in known:
                raise argparse.ArgumentTypeError(f"'{word}' is none of {', '.join(known)}")
        return text.split(",")

    return words


def pictures(options: argparse.Namespace) -> Iterator[tuple[str, str, Path]]:
    """Return query, size and file of each picture."""
    queries = views()
    for view, size, theme, language in itertools.product(
        options.views, options.sizes, options.themes, options.languages
    ):
        query = f"{queries[view]}&theme={theme}&lang={language}"
        yield query, size, options.out / f"{view}-{size}-{theme}-{language}.png"


def main() -> None:
    """Take all pictures that are asked for."""
    from playwright.sync_api import sync_playwright

    options, more = wanted()
    options.out.mkdir(parents=True, exist_ok=True)
    running = nullcontext((None, options.url)) if options.url else serving(more)
    with running as (_, url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(SWITCHES)
        )
        for query, size, file in pictures(options):
            began = time.perf_counter()
            take(browser, url, query, size, file)
            print(f"{file}  {time.perf_counter() - began:.1f} s", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
