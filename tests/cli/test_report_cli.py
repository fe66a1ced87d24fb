"""``sim77 report``: a page from a store, one-sentence mistakes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.cli import main
from tests.calibration_folder import make_calibration

pytestmark = pytest.mark.cli

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = [
    "pyabc", "sqlalchemy", "SALib", "sklearn", "dask", "distributed", "ema_workbench", "xlogit",
    "solara", "anywidget", "ipywidgets", "ipykernel",
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    study = Study(
        evaluator="tests.sweep_functions:noisy", uncertainties={"x": {"values": [0, 1, 2]}},
        replications=2, outcomes=["y"],
    )  # fmt: skip
    run_study(study, tmp_path / "out", workers=0)
    return tmp_path / "out"


def test_a_page_is_written_beside_the_runs(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["report", str(store)]) == 0
    assert str(store / "report.html") in capsys.readouterr().out
    assert (store / "report.html").stat().st_size > 50_000
    assert (store / "report-tables" / "outcomes.csv").is_file()
    # The store is still one: the page is no part of it.
    assert main.main(["report", str(store), "--out", str(store.parent / "p.html")]) == 0
    assert (store.parent / "p-tables" / "outcomes.csv").is_file()


def test_the_file_of_a_study_leads_to_its_runs(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = store.parent / "mine.yaml"
    study.write_bytes((store / "study.yaml").read_bytes())
    monkeypatch.chdir(store.parent)
    (store.parent / "runs").mkdir()
    store.rename(store.parent / "mine")
    Path("out").mkdir()
    Path("mine").rename("out/mine")
    assert main.main(["report", "mine.yaml"]) == 0
    assert Path("out/mine/report.html").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{store}/no"], "there is no study or folder"),
        (["{store}/study.yaml"], "holds no runs, and out/out neither: run sim77 sweep"),
        (["{store}", "--out", "page.pdf"], "expected a name like x.html, not 'page.pdf'."),
        (["{store}", "--where", "z < 0"], "the study has no outcome 'z'."),
        (["{store}", "--where", "y"], "a condition is written like"),
        (["{store}", "--where", ""], "a condition is written like"),
        (["{store}", "--lang", "fr"], "sim77 report does not take '--lang'."),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    words: list[str],
    sentence: str,
    store: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(store.parent.parent)
    assert main.main(["report", *(word.format(store=store) for word in words)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert sentence in shown.err
    assert shown.err.count("\n") == 1


def test_a_calibration_is_read_where_only_what_runs_need_is_installed(tmp_path: Path) -> None:
    """Its page and its draws need no sampler, no Dask and nothing else of the extras."""
    posterior = ROOT / "calibration" / "2022" / "posterior.csv"
    make_calibration(tmp_path / "found")
    program = f"""
import sys
sys.modules.update(dict.fromkeys({EXTRAS}))  # as if they were not there
from sim77.cli.main import main
sys.exit(main(["report", "found"]) or main([
    "run", "network-2014", "--posterior", {str(posterior)!r}, "--scale", "0.005",
    "--to", "2014-01-31", "--out", "run",
]))"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "found" / "report.html").stat().st_size > 50_000
    assert (tmp_path / "run" / "manifest.json").is_file()
