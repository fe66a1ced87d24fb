"""Try the wheel as whoever installs it gets it, outside of the repository.

``python tools/try_wheel.py`` builds the wheel and installs it into an empty environment for the
lowest and one for the highest Python of its range that are on this machine, with the newest
versions that its metadata allow: bare first, then with one extra after the other. Each time what
the extra is for is done, small; before, the command must say in one sentence what to install. Both
Pythons are tried at the same time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3", "/usr/bin/python3")
WHICH = "import sys, venv, ensurepip; print(*sys.version_info[:2], sys.executable)"
IN_RANGE = range(11, 14)
"""Minor versions of Python 3; ``requires-python`` says the same, and so does pip."""
MOST_MB = 40.0
"""Of the wheel, with both territories in it."""
MOST_SECONDS = 900
"""Of one command; the first run compiles."""

DAYS = "--from 2014-09-01 --to 2014-09-05"
COMMANDS = {
    "": [
        f"compare no-telecentres network-2014 --scale 0.02 --seeds 2 {DAYS} --out compare",
        f"run network-2014 --scale 0.02 {DAYS} --out run",
        f"claims --scale 0.02 --seeds 1 {DAYS}",
        "story network-tour --html story.html --scale 0.02 --seeds 1",
        "sweep study.yaml --out sweep",
        "site --sites 1 --scale 0.02 --days 5 --evaluations 4 --seeds 2 --random 2 --out site",
        "territory example land",
    ],
    "sweep": ["report sweep"],
    "calibrate": [
        "calibrate calibration --quick --out fit",
        "validate fit --quick --draws 2",
        "report fit",
    ],
    "estimate": ["estimate survey.csv --method mixed --draws 20"],
    "app": ["app --port 0 --no-open"],
    "notebook": [],
    "territory": [
        "territory build built --zones land/inputs/zones.csv --shapes land/inputs/shapes.geojson "
        "--flows land/inputs/flows.csv --modes land/inputs/modes.csv --gtfs land/inputs/gtfs.zip "
        "--lines land/inputs/lines.csv --roads land/inputs/roads.parquet "
        "--axes land/inputs/axes.csv --scopes land/inputs/scopes.csv "
        "--sources land/inputs/sources.csv --telecentres land/inputs/telecentres.csv "
        "--day 2014-03-18 --base-year 2014 --label-fr Pays --label-en Land",
    ],
}
"""What can be done without an extra, and what with each."""

COMPILES, COUNTED = "compiles its inner loops", "compiling: 100%"
"""The first command says so once and counts to the end. Each of its worker processes would do it
again for what is not there when they start, and so would a later command."""

STUDY = """\
scenario: network-2014
levers:
  price_day: {low: 0, high: 20, target: all}
design: {method: lhs, samples: 8}
replications: 1
period: {from: 2014-09-01, to: 2014-09-05}
scale: 0.02
outcomes: [telecentre_users_per_day]
"""
QUICK = "quick: {scale: 0.02, check_scale: 0, population: 6, generations: 1, most_evaluations: 12}"
NOTEBOOK = """\
import nbclient, nbformat
cell = nbformat.v4.new_code_cell("import sim77; print(sim77.run(scale=0.02).summary())")
book = nbformat.v4.new_notebook(cells=[cell])
book = nbclient.NotebookClient(book, kernel_name="python3").execute()
assert "telecentre" in book.cells[0].outputs[0]["text"]
"""


class WheelError(Exception):
    """Something is not as it should be for whoever installs the wheel."""


class Installation:
    """An environment of its own with the wheel, and a folder to work in.

    Parameters
    ----------
    python : str
        The interpreter it is made with.
    wheel : Path
    folder : Path
        To be made.
    """

    def __init__(self, python: str, wheel: Path, folder: Path) -> None:
        self._wheel, self._place = wheel, folder / "work"
        subprocess.run([python, "-m", "venv", str(folder / "env")], check=True)
        self._bin = folder / "env" / ("Scripts" if sys.platform == "win32" else "bin")
        # Nothing of the repository or of its environment is to be found from here.
        hidden = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NUMBA_CACHE_DIR"}
        self._environment = {k: v for k, v in os.environ.items() if k not in hidden}
        self._place.mkdir()
        _write_inputs(self._place)

    def install(self, extra: str) -> None:
        """Install the wheel, with an extra."""
        what = f"{self._wheel}[{extra}]" if extra else str(self._wheel)
        self.do("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what)

    def do(self, *words: str, code: int = 0) -> str:
        """Run a program of the environment, which must end with a code; return what it says."""
        done = subprocess.run(
            [self._bin / words[0], *words[1:]], cwd=self._place, env=self._environment,
            capture_output=True, text=True, encoding="utf-8", timeout=MOST_SECONDS,
        )  # fmt: skip
        message = done.stdout + done.stderr
        if done.returncode != code or "Traceback" in message:
            raise WheelError(f"{' '.join(words)} ended with {done.returncode}:\n{message}")
        return message

    def sim77(self, command: str, code: int = 0) -> str:
        """Run a command of sim77; the app is served until it has answered."""
        if command.startswith("app ") and code == 0:
            return self._serve(command)
        return self.do("sim77", *command.split(), code=code)

    def _serve(self, command: str) -> str:
        with subprocess.Popen(
            [self._bin / "sim77", *command.split()], cwd=self._place, env=self._environment,
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
        ) as server:  # fmt: skip
            try:
                assert server.stdout is not None
                sentence = server.stdout.readline()
                address = re.search(r"http://\S+", sentence)
                if address is None:
                    raise WheelError(f"{command} said no address but: {sentence}")
                with urllib.request.urlopen(address[0], timeout=300) as answer:
                    return str(answer.read(), "utf-8")
            finally:
                server.terminate()


def _write_inputs(place: Path) -> None:
    (place / "study.yaml").write_text(STUDY, encoding="utf-8")
    (place / "calibration").mkdir()
    study = (ROOT / "calibration" / "2022" / "study.yaml").read_text(encoding="utf-8")
    study, found = re.subn(r"(?m)^quick: .*$", QUICK, study)
    assert found == 1
    (place / "calibration" / "study.yaml").write_text(study, encoding="utf-8")
    rows = ["person,weekday,occupation,available,chosen,travel_perceived_min"]
    for person in range(120):
        minutes = 60 + 37 * person % 180
        for day, weekday in enumerate(("monday", "tuesday", "friday")):
            chosen = "home" if (minutes + 61 * (person + day)) % 240 > 150 else "office"
            rows.append(f"{person},{weekday},managers,office home,{chosen},{minutes}")
    (place / "survey.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def try_with(python: str, version: str, wheel: Path, folder: Path) -> None:
    """Install the wheel for a Python, and do all that each extra is for."""

    def timed(what: str, do: Callable[..., object], *arguments: str) -> str:
        began = time.monotonic()
        said = do(*arguments)
        print(f"  Python {version} {time.monotonic() - began:6.1f} s  {what}", flush=True)
        return str(said)

    here = Installation(python, wheel, folder)
    for extra, commands in COMMANDS.items():
        wanted = f'pip install "sim77[{extra}]"'
        if extra and wanted not in here.sim77("doctor"):
            raise WheelError(f"sim77 doctor does not say: {wanted}")
        for command in commands[:1] if extra else []:
            if not here.sim77(command, code=2).rstrip().endswith(f"{wanted}."):
                raise WheelError(f"without its extra, {command} does not say: {wanted}.")
        timed(f"install {extra or 'sim77'}", here.install, extra)
        for command in commands:
            said, first = timed(command, here.sim77, command), command == COMMANDS[""][0]
            if said.count(COMPILES) != first or (first and COUNTED not in said):
                raise WheelError(f"{command} compiles where it should not, or in silence:\n{said}")
    timed("a notebook", here.do, "python", "-c", NOTEBOOK)
    message = here.sim77("doctor")
    if "not installed" in message or "without" in message:
        raise WheelError(f"with all extras, sim77 doctor says:\n{message}")


def works_with(version: str, python: str, wheel: Path, folder: Path) -> bool:
    """Try the wheel with a Python, and print what is wrong."""
    print(f"{wheel.name} with Python {version} ({python})", flush=True)
    try:
        try_with(python, version, wheel, folder)
    except (WheelError, subprocess.SubprocessError) as error:
        print(f"The wheel does not work with Python {version}: {error}", flush=True)
        return False
    return True


def pythons() -> dict[str, str]:
    """Return the lowest and the highest Python of the range that work here, by version."""
    found: dict[tuple[int, int], str] = {}
    for name in PYTHONS:
        try:
            message = subprocess.run(
                [name, "-c", WHICH], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        major, minor, path = message.stdout.strip().split(maxsplit=2)
        if int(major) == 3 and int(minor) in IN_RANGE:
            found.setdefault((3, int(minor)), path)
    ends = sorted({min(found), max(found)})
    return {f"{major}.{minor}": found[major, minor] for major, minor in ends}


def main() -> int:
    """Try the wheel with each Python; 1 if anything is wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sim77-wheel-") as folder:
        place = Path(folder)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
        subprocess.run([*command, folder, str(ROOT)], check=True)
        [wheel] = place.glob("*.whl")
        size_mb = wheel.stat().st_size / 1e6
        if size_mb > MOST_MB:
            print(f"The wheel has {size_mb:.1f} MB, expected at most {MOST_MB:g}.")
            return 1
        tried = pythons()
        # At the same time: much of it is one process that waits for an index or compiles.
        with ThreadPoolExecutor(len(tried)) as pool:
            trials = [
                pool.submit(works_with, version, python, wheel, place / version)
                for version, python in tried.items()
            ]
        if not all(trial.result() for trial in trials):
            return 1
    names = " and ".join(tried)
    minutes = (time.monotonic() - began) / 60
    print(
        f"The wheel ({size_mb:.1f} MB) works with Python {names}, bare and with every extra "
        f"({minutes:.0f} min)."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
