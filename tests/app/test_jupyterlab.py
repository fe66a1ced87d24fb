"""Every panel in a real JupyterLab, in a real browser: drawn, without an error, in both themes."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.conftest import launched, wait_for
from tests.app.small import END, SCALE, SEEDS, START

pytestmark = [pytest.mark.app, pytest.mark.long]

CELLS = (
    f"""
import datetime as dt
import sim77
from sim77.app.panels import compare_panel, figures_panel, map_panel, year_panel
scope = dict(scale={SCALE}, start=dt.{START!r}, end=dt.{END!r})
result = sim77.run("network-2014", **scope)
both = sim77.compare("no-telecentres", "network-2014", seeds={SEEDS}, processes=1, **scope)
""".replace("dt.datetime", "dt"),
    'map_panel(result, "share_remote", language="en")',
    'figures_panel(result, language="en")',
    'year_panel(result, "telecentre", language="en")',
    'compare_panel(both, language="en")',
    'map_panel(both, language="en")',
    'figures_panel(both, language="fr")',
)
HOMES = (
    "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR",
)  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a folder with the notebook, and return its address."""
    # Imported late: all that collect the tests would wait seconds for it.
    import nbformat

    home = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in CELLS])
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, home / "panels.ipynb")
    words = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        "--port=0", "--IdentityProvider.token=", "--expose-app-in-browser",
        f"--ServerApp.root_dir={home}",
    ]  # fmt: skip
    env = {**os.environ, **{name: str(home / name.lower()) for name in HOMES}}
    started = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, cwd=home
    )
    assert started.stdout is not None
    said: list[str] = []
    for line in started.stdout:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        raise AssertionError("".join(said))
    # What is still said has to be read: a full pipe stops whoever writes into it.
    threading.Thread(target=said.extend, args=(started.stdout,), daemon=True).start()
    yield found.group(0)
    started.terminate()
    started.wait(20)


@pytest.fixture(scope="module")
def notebook(playwright: Any, lab: str) -> Iterator[Any]:
    """The notebook after all its cells were run; errors of the page are kept in ``wrong``."""
    opened = launched(playwright)
    page = opened.new_context(viewport={"width": 1366, "height": 3600}).new_page()
    page.set_default_timeout(180_000)  # beside other long tests on two cores
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on(
        "console",
        lambda message: page.wrong.append(message.text) if message.type == "error" else None,
    )
    page.goto(f"{lab}/doc/tree/panels.ipynb")
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
        "?.connectionStatus === 'connected'"
    )
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.locator(".jp-CodeCell .s77-root").nth(len(CELLS) - 2).wait_for()
    yield page
    opened.close()


def panel(page: Any, number: int) -> Any:
    """Return the panel of a cell, counted from the first that shows one."""
    return page.locator(".jp-CodeCell").nth(number + 1).locator(".s77-root")


def painted(root: Any) -> int:
    """Count the communes that have a colour."""
    return int(root.locator("path[data-row]:not(.s77-none)").count())


def test_the_maps_show_communes_telecentres_and_trains(notebook: Any) -> None:
    for number, trains in ((0, True), (4, False)):
        root = panel(notebook, number)
        wait_for(lambda: painted(root) > 300)  # noqa: B023  (called at once)
        assert root.locator("[data-site]:visible").count() >= 12
        assert (root.locator("[data-segment]").count() > 0) == trains
        assert root.get_by_text("riders standing").count() == trains
    assert notebook.wrong == []


def test_the_figures_are_all_there(notebook: Any) -> None:
    root = panel(notebook, 1)
    for label in ("Minutes of travel", "CO₂e of travel", "Line R, places", "Desks in use"):
        message = root.locator(".s77-k", has_text=label).locator(".s77-v").inner_text()
        assert re.search(r"\d", message), (label, message)
    assert root.locator(".s77-loadbar").count() > 5
    assert root.locator(".s77-sitebox tbody tr").count() == 12
    assert root.get_by_text("Over the period: mean of 10 days", exact=True).count() == 1
    both = panel(notebook, 5)
    heading = both.locator(".s77-plan h3").inner_text()
    assert re.search(r"Où travaillent les [1-9][\d\s]* actifs", heading), heading
    assert both.locator(".s77-loadbar").count() == 0
    assert both.locator(".s77-range").count() == 4
    root.locator("button.s77-totable").first.click()
    root.get_by_role("dialog").get_by_text("Montigny-sur-Loing").first.wait_for()
    notebook.keyboard.press("Escape")
    assert notebook.wrong == []


def test_the_year_is_drawn_and_plays(notebook: Any) -> None:
    root = panel(notebook, 2)
    assert root.locator("rect[data-day]").count() == 10
    root.get_by_role("button", name="Play").click()
    root.get_by_text(re.compile(r"(Monday|Tuesday|Wednesday|Thursday|Friday) ")).first.wait_for()
    assert root.locator("button", has_text="Levers").count() == 0
    assert notebook.wrong == []


def test_a_comparison_is_shown_whole_and_offers_nothing_it_cannot_do(notebook: Any) -> None:
    root = panel(notebook, 3)
    for heading in ("What differs", "Effect of B compared with A", "Who wins, who loses"):
        root.get_by_role("heading", name=heading).wait_for()
    root.get_by_text("because of it").first.wait_for()
    wait_for(lambda: painted(root) > 900)
    for label in ("Swap A and B", "Change a lever", "play"):
        assert root.get_by_role("button", name=label).count() == 0
    assert root.locator(".s77-scenarios select").count() == 0
    left, right = (root.locator(".s77-sankey text.s77-t2").nth(at).bounding_box() for at in (0, 1))
    assert left["x"] + left["width"] < right["x"]
    root.locator(".s77-big path[data-row='1']").click(force=True)
    menu = root.locator(".s77-menu")
    menu.get_by_text("workers, wherever they work", exact=True).wait_for()
    assert menu.get_by_role("button").count() == 1
    notebook.keyboard.press("Escape")
    # A whole screen of it, not a column of several.
    assert 500 < root.bounding_box()["height"] < 900
    assert notebook.wrong == []


def test_keys_typed_on_a_map_are_no_commands_of_the_notebook(notebook: Any) -> None:
    cells = notebook.locator(".jp-CodeCell").count()
    panel(notebook, 0).locator(".s77-mapbox").focus()
    for key in ("a", "b", "d", "d", "ArrowDown"):
        notebook.keyboard.press(key)
    notebook.wait_for_timeout(300)
    assert notebook.locator(".jp-CodeCell").count() == cells
    assert panel(notebook, 0).locator(".s77-mapbox").evaluate("e => e === document.activeElement")
    assert notebook.wrong == []


def test_the_panels_follow_the_theme_and_the_width_of_the_notebook(notebook: Any) -> None:
    themes = "[...document.querySelectorAll('.s77-root')].map((each) => each.dataset.theme)"
    assert set(notebook.evaluate(themes)) == {"light"}
    change = "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
    notebook.evaluate(change)
    wait_for(lambda: set(notebook.evaluate(themes)) == {"dark"})
    notebook.set_viewport_size({"width": 760, "height": 3600})
    wait_for(lambda: notebook.locator(".s77-root.s77-narrow").count() == len(CELLS) - 1)
    notebook.wait_for_timeout(500)
    for number in range(len(CELLS) - 1):
        root = panel(notebook, number)
        wide, inside = root.evaluate("e => [e.clientWidth, e.scrollWidth]")
        assert inside <= wide + 1, number
    # The grid of the year is in sight down to its last day.
    strip, grid = (
        panel(notebook, 2).locator(each).bounding_box()
        for each in (".s77-yr", "rect[data-day='9']")
    )
    assert grid["y"] + grid["height"] <= strip["y"] + strip["height"]
    assert notebook.wrong == []
