"""Calls as people write them: a file without a main guard, standard input, the prompt, a notebook.

Each goes to worker processes, which must not import what the user runs.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim77.territory.territory import Territory

pytestmark = pytest.mark.cli

PATIENCE_S = 300
BEGIN = 'import sim77\nprint("once:", __name__)\n'
END = 'print("all is well")\n'

COMPARE_AND_SWEEP = """\
from datetime import date
spring = {"start": date(2014, 3, 3), "end": date(2014, 3, 5)}
how = {"seeds": 2, "scale": 0.02, "processes": 2, **spring}
compared = sim77.compare("no-telecentres", "network-2014", **how)
assert compared.effect("desks_occupied")["effect"] > 0
from sim77.analysis.sweep import Study, run_study
levers, design = {"price_day": {"low": 0, "high": 20}}, {"method": "lhs", "samples": 4}
period = {"from": "2014-03-03", "to": "2014-03-05"}
model = {"scenario": "network-2014", "period": period, "scale": 0.02, "outcomes": ["remote_days"]}
sweep = run_study(Study(**model, levers=levers, design=design), "sweep", workers=1)
assert len(sweep.table()) == 4 and len(sweep.failures()) == 0
"""
SITE_AND_CALIBRATE = """\
from sim77.analysis.siting.options import Options
from sim77.analysis.siting.run import find_sites
few = {"days": 3, "evaluations": 4, "fresh_seeds": 2, "random": 2}
options = Options(1, sizes=(3, 6), **few)
where = {"scenario": "no-telecentres", "territory": TERRITORY, "overrides": {"burn_in_days": 2}}
assert len(find_sites(options, **where, workers=1).plan) == 1
from sim77.analysis.calibrate.calibrate import calibrate
from sim77.analysis.calibrate.study import study_of
size = {"scale": 0.01, "check_scale": 0.0, "population": 4, "generations": 1}
fit = {"title": {"en": "few"}, "anchors": ["2022"], "free": {"theta": {}}, "most_evaluations": 40}
found = calibrate(study_of(fit | size, "few"), "calibration", workers=1)
assert len(found.generations) == 1
"""


def _python(*words: str) -> Callable[[str, Path], str]:
    """Return a way to run a program: as ``python WORDS``, which reads it from standard input."""

    def run(program: str, folder: Path) -> str:
        done = subprocess.run(
            [sys.executable, *words], input=program, capture_output=True, text=True, cwd=folder,
            timeout=PATIENCE_S,
        )  # fmt: skip
        # The prompt shows its own greeting there.
        assert "Error" not in done.stderr and "arning" not in done.stderr, done.stderr
        return done.stdout

    return run


def _script(program: str, folder: Path) -> str:
    (folder / "mine.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "mine.py"], capture_output=True, text=True, cwd=folder, timeout=PATIENCE_S
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _notebook(program: str, folder: Path) -> str:
    # Imported late: all that collect the tests would wait seconds for it.
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(program)])
    at = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=PATIENCE_S, resources=at).execute()
    outputs = notebook.cells[0].outputs
    assert {each.get("name") for each in outputs} == {"stdout"}, outputs
    return "".join(each.text for each in outputs)


WAYS = {"script": _script, "stdin": _python("-"), "prompt": _python("-i"), "notebook": _notebook}


@pytest.mark.parametrize(
    ("way", "calls"),
    [
        pytest.param("script", COMPARE_AND_SWEEP, id="script-compare-sweep"),
        pytest.param(
            "script", SITE_AND_CALIBRATE, id="script-site-calibrate", marks=pytest.mark.long
        ),
        # A process imports for seconds: one makes all calls.
        *(
            pytest.param(
                way, COMPARE_AND_SWEEP + SITE_AND_CALIBRATE, id=way, marks=pytest.mark.long
            )
            for way in WAYS
            if way != "script"
        ),
    ],
)
def test_it_works_without_a_main_guard(
    way: str, calls: str, tmp_path: Path, small_territory: Territory
) -> None:
    program = BEGIN + calls.replace("TERRITORY", repr(str(small_territory.folder))) + END
    shown = WAYS[way](program, tmp_path)
    assert shown.split("\n") == ["once: __main__", "all is well", ""]
