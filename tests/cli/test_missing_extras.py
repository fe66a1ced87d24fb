"""Without an extra a command says in one sentence what to install, and leaves nothing behind."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_estimate_cli import write_survey

pytestmark = pytest.mark.cli

ROOT = Path(__file__).resolve().parents[2]

STUDY = """
scenario: network-2014
levers:
  price_day: {low: 0, high: 20, target: all}
design: {method: METHOD, samples: 4}
replications: 1
period: {from: 2014-09-01, to: 2014-09-05}
scale: 0.01
outcomes: [telecentre_users_per_day]
"""

COMMANDS = {
    "sweep lhs.yaml --out out/runs --quiet --scheduler tcp://127.0.0.1:9": "sweep",
    "sweep sobol.yaml --out out --quiet --workers 0": "sweep",
    "sweep morris.yaml --out out --quiet --workers 0": "sweep",
    "site --sites 2 --scale 0.01 --days 5 --out out/plans --scheduler tcp://127.0.0.1:9": "sweep",
    f"report {ROOT}/sim77/analysis/data/studies/rural-survival --out page.html": "sweep",
    f"calibrate {ROOT}/calibration/2022 --quick --out out/fit": "calibrate",
    "estimate survey.csv --method mixed --out out/fit": "estimate",
    "app --port 0 --no-open": "app",
}
FUNCTIONS = {
    "from sim77.app.panels import map_panel": "app",
    "from sim77.analysis.sweep.ema import as_ema_model; as_ema_model('lhs.yaml')": "sweep",
}
NEEDS_NONE = (
    "run network-2014 --scale 0.01 --from 2014-09-01 --to 2014-09-01 --quiet",
    "sweep lhs.yaml --out runs --quiet --workers 2",
)

BARE = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import packages_distributions
from packaging.utils import canonicalize_name
from sim77.cli.doctor import requirements
from sim77.core.extras import EXTRAS

optional = {canonicalize_name(each.name) for extra in EXTRAS for each in requirements(extra)}
modules = {
    module for module, names in packages_distributions().items()
    if optional & {canonicalize_name(name) for name in names}
} - sys.stdlib_module_names

class Without:
    # A finder that does not find them.
    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in modules:
            return self._finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]

from sim77.cli.main import main

def told(words):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words.split())
    return code, out.getvalue(), err.getvalue()

def raised(program):
    try:
        exec(program, {})
    except ImportError as error:
        return type(error).__name__, str(error)

commands, functions = json.loads(sys.argv[1])
print(json.dumps({
    **{words: told(words) for words in commands},
    **{program: raised(program) for program in functions},
}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    for method in ("lhs", "sobol", "morris"):
        (folder / f"{method}.yaml").write_text(STUDY.replace("METHOD", method), encoding="utf-8")
    write_survey(folder / "survey.csv")
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """What a Python says that finds none of the packages of extras."""
    asked = json.dumps([[*COMMANDS, *NEEDS_NONE], [*FUNCTIONS]])
    done = subprocess.run(
        [sys.executable, "-c", BARE, asked], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_says_what_to_install(words: str, told: dict[str, Any]) -> None:
    code, out, err = told[words]
    assert (code, out) == (2, "")
    [sentence] = err.splitlines()
    assert sentence.startswith("sim77: ")
    assert sentence.endswith(f': pip install "sim77[{COMMANDS[words]}]".')


@pytest.mark.parametrize("program", FUNCTIONS)
def test_so_does_a_function(program: str, told: dict[str, Any]) -> None:
    name, sentence = told[program]
    assert name == "MissingExtraError"
    assert sentence.endswith(f': pip install "sim77[{FUNCTIONS[program]}]".')


@pytest.mark.parametrize("words", NEEDS_NONE)
def test_what_needs_no_extra_works_without(words: str, told: dict[str, Any]) -> None:
    code, _, err = told[words]
    assert (code, err) == (0, "")


def test_nothing_is_left(told: dict[str, Any], folder: Path) -> None:
    written = {path.name for path in folder.iterdir()}
    assert written == {"lhs.yaml", "sobol.yaml", "morris.yaml", "survey.csv", "runs"}
