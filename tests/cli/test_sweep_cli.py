"""``sim77 sweep``: what it says, where it writes, and its exit codes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import sim77
from sim77.cli.main import INTERRUPTED, USAGE_ERROR, main

pytestmark = pytest.mark.cli

ROOT = Path(__file__).resolve().parents[2]
NOISY = """\
title: {fr: "Bruit", en: "Noise"}
evaluator: tests.sweep_functions:noisy
levers: {x: {low: 0, high: 1}}
design: {method: lhs, samples: 10}
replications: 2
outcomes: [y]
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT))
    file = tmp_path / "noise" / "study.yaml"
    file.parent.mkdir()
    file.write_text(NOISY, encoding="utf-8")
    return file


def test_a_study_runs_resumes_and_says_where(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "noise/study.yaml", "--workers", "0", "--only", "x < 0.5"]) == 0
    wording = capsys.readouterr().out
    assert "Noise" in wording and "10 runs: 5 points (lhs, 1 factor) by 2 replications." in wording
    assert "10 runs are in out/noise" in wording
    assert main(["sweep", "out/noise", "--workers", "0"]) == 0
    assert "20 runs are in out/noise" in capsys.readouterr().out
    assert len(sim77.load("out/noise").table()) == 20


def test_points_that_miss_the_precision_asked_for_are_told(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spread = "levers: {x: {values: [0, 1]}, spread: {values: [0, 1, 5]}}\ndesign: {method: grid}"
    until = "{until: {outcome: y, half_width: 2}, at_least: 2, at_most: 4}"
    study.write_text(
        f"evaluator: tests.sweep_functions:noisy\n{spread}\nreplications: {until}\noutcomes: [y]\n",
        encoding="utf-8",
    )
    assert main(["sweep", "noise/study.yaml", "--workers", "0"]) == 0
    sentence = "2 of 6 points did not reach ±2 of y with 4 replications."
    assert capsys.readouterr().out.splitlines()[-1] == sentence
    assert sim77.load("out/noise").n_imprecise == 2
    assert main(["report", "out/noise"]) == 0
    (page,) = Path("out").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert (
        "2 of 6 points did not reach the precision asked for, ±2.00 of “y”, with 4 seeds." in text
    )
    easy = study.read_text(encoding="utf-8").replace("width: 2", "width: 200")
    study.write_text(easy, encoding="utf-8")
    capsys.readouterr()
    assert main(["sweep", "noise/study.yaml", "--workers", "0", "--out", "out/wide"]) == 0
    assert "did not reach" not in capsys.readouterr().out


def test_a_damaged_store_is_told_in_one_sentence_and_repaired(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine too all runs are in one shard.
    monkeypatch.setattr("sim77.analysis.sweep.store._SECONDS_AT_RISK", (600.0, 600.0))
    assert main(["sweep", "noise/study.yaml", "--workers", "0"]) == 0
    whole = sim77.load("out/noise").table().drop(columns="seconds")
    shard = next(Path("out/noise/runs").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:1000])
    capsys.readouterr()
    assert main(["sweep", "out/noise", "--workers", "0"]) == USAGE_ERROR
    sentence = f"sim77: {shard} is damaged or from elsewhere"
    mend = "sim77 sweep out/noise --repair sets it aside and does missing runs again.\n"
    assert capsys.readouterr().err == f"{sentence}: {mend}"
    # What only reads says it once, and goes on with what is sound: here there is nothing.
    main(["report", "out/noise"])
    wording = capsys.readouterr().err
    assert wording.startswith(f"{sentence}, and left out: {mend}") and wording.count("\n") == 2
    assert main(["sweep", "out/noise", "--workers", "0", "--repair"]) == 0
    assert sim77.load("out/noise").table().drop(columns="seconds").equals(whole)
    assert [each.name for each in Path("out/noise/damaged").iterdir()] == [shard.name]


def test_a_dry_run_runs_nothing(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "noise/study.yaml", "--dry-run"]) == 0
    assert "estimate" in capsys.readouterr().out
    assert not Path("out").exists()
    assert main(["sweep", "noise/study.yaml", "--workers", "0", "--quiet"]) == 0
    stored = sim77.load("out/noise").n_runs
    assert main(["sweep", "noise/study.yaml", "--dry-run"]) == 0
    assert f"Of these {stored} are in out/noise already." in capsys.readouterr().out


def test_the_exit_code_and_the_last_line_tell_of_failures(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study.write_text(NOISY.replace(":noisy", ":fails_in_part"), encoding="utf-8")
    assert main(["sweep", "noise/study.yaml", "--workers", "0"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "10 runs failed: sim77 sweep out/noise --retry-failed does them again."
    Path("mended").touch()
    monkeypatch.setenv("SIM77_TEST_MENDED", "mended")
    assert main(["sweep", "noise", "--workers", "0"]) == 1
    assert main(["sweep", "noise", "--workers", "0", "--retry-failed"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "nowhere"], "cannot be read"),
        (["sweep", "noise", "--only", "z < 1"], "names 'z', which is no factor. Known: x."),
        (["sweep", "noise", "--only", "x <"], "not a condition on the factors (x)"),
        (["sweep", "noise", "--only", "1"], "'1' is a value, expected a condition"),
        (["sweep", "noise", "--only", "x"], "'x' is a value, expected a condition"),
        (
            ["sweep", "noise", "--workers", "-1"],
            "argument --workers: expected from 0 to 1000, not -1",
        ),
        (["sweep", "noise", "--scheduler", "tcp://127.0.0.1:9"], "no Dask scheduler answers"),
        (["sweep", "noise", "--scheduler", "xyz://node:1"], "scheduler answers at 'xyz://node:1'"),
        (["sweep", "noise", "--workers", "2", "--scheduler", "tcp://h:1"], "not allowed with"),
        (["sweep", "noise", "--retry"], "Did you mean '--retry-failed'"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: list[str], message: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == USAGE_ERROR
    (sentence,) = capsys.readouterr().err.splitlines()
    assert message in sentence


COMPARE = ["compare", "no-telecentres", "network-2014", "--seeds", "2", "--processes", "2"]


@pytest.mark.parametrize("words", [["sweep", "noise", "--workers", "2"], COMPARE])
def test_ctrl_c_while_the_workers_start_is_one_sentence_and_leaves_none(
    words: list[str], study: Path
) -> None:
    driver = started(words)
    process, end = psutil.Process(driver.pid), time.monotonic() + 120
    while not (workers := process.children()) and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(driver.pid, signal.SIGINT)
    _, wording = driver.communicate(timeout=120)
    (sentence,) = wording.splitlines()
    assert sentence.startswith("sim77: Stopped")
    assert driver.returncode == INTERRUPTED
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert workers and not alive


def started(words: list[str]) -> "subprocess.Popen[str]":
    """Start a command in a group of its own, all of which gets signals, as from a keyboard."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim77", *words], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def test_ctrl_c_keeps_what_is_done_and_says_so(study: Path) -> None:
    study.write_text(
        NOISY.replace(":noisy", ":slow").replace("samples: 10", "samples: 2000"), encoding="utf-8"
    )
    driver = started(["sweep", "noise", "--workers", "1"])
    runs, end = Path("out/noise/runs"), time.monotonic() + 120
    while not list(runs.glob("*.parquet")) and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(driver.pid, signal.SIGINT)
    _, wording = driver.communicate(timeout=120)
    assert driver.returncode == INTERRUPTED
    (sentence,) = wording.splitlines()
    stored = len(sim77.load("out/noise").table())
    assert 0 < stored < 4000
    assert sentence == (
        f"sim77: Stopped; runs stored in out/noise: {stored:,}. "
        "The same command goes on from there."
    )
