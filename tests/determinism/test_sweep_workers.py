"""A study gives the same rows on any cluster, in any order, and however often it is killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil
import pytest
from distributed.comm import CommClosedError

from sim77.analysis.sweep import Study, load_study, load_sweep, run_study
from sim77.core.errors import StudyError
from sim77.runs.cluster import open_cluster
from tests import sweep_functions

pytestmark = pytest.mark.determinism

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0

SLOW = """\
evaluator: tests.sweep_functions:slow
levers: {x: {low: 0, high: 1}}
design: {method: lhs, samples: 128}
replications: 2
outcomes: [y]
"""
REAL = """\
scenario: network-2014
baseline: no-telecentres
levers: {price_day: {low: 0, high: 20}}
uncertainties: {theta: {}}
design: {method: lhs, samples: 10}
replications: 2
period: {from: 2014-03-03, to: 2014-03-05}
scale: 0.02
outcomes: [remote_days, co2e_travel_kg, {indicator: remote_days, by: commune}]
"""


@pytest.fixture(autouse=True)
def workers_find_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT))


def study_file(folder: Path, text: str) -> Path:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def rows(folder: Path) -> pd.DataFrame:
    """All that is stored, lists included, but for the time it took."""
    frame = pd.concat([pd.read_parquet(path) for path in (folder / "runs").glob("*.parquet")])
    assert frame["run_id"].is_unique
    frame = frame.sort_values("run_id").drop(columns="seconds").reset_index(drop=True)
    for name in [name for name in frame if "_by_" in str(name)]:
        frame[name] = frame[name].map(tuple)
    return frame


def command(file: Path, out: Path, *options: str) -> list[str]:
    words = ["sweep", str(file), "--out", str(out), "--quiet", *options]
    return [sys.executable, "-m", "sim77", *words]


def wait_until(happens: object, seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not happens():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing has happened"
        time.sleep(0.02)


def killed_run(file: Path, out: Path, after_s: float) -> None:
    """Start a study, kill its driver some time after its workers are there, and look for them."""
    driver = subprocess.Popen(command(file, out, "--workers", "2"), stderr=subprocess.DEVNULL)
    process, workers = psutil.Process(driver.pid), []
    end = time.monotonic() + PATIENCE_S
    while driver.poll() is None and time.monotonic() < end:
        workers = process.children(recursive=True)
        if sum("sim77.runs.processes" in " ".join(each.cmdline()) for each in workers) >= 2:
            break
        time.sleep(0.02)
    time.sleep(after_s)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE_S)
    assert not alive, "a worker outlives the driver"


def kill_and_resume(tmp_path: Path, text: str, kills: int, within_s: float) -> None:
    file, out = study_file(tmp_path, text), tmp_path / "killed"
    moments = random.Random(77)
    for _ in range(kills):
        killed_run(file, out, moments.uniform(0.0, within_s))
    whole = load_study(file)
    with pytest.MonkeyPatch.context() as patch:
        # Its rows are those of `noisy`, which does not take its time.
        patch.setattr("tests.sweep_functions.slow", sweep_functions.noisy)
        run_study(whole, tmp_path / "whole", workers=0)
    done = subprocess.run(command(file, out, "--workers", "2"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert rows(out).equals(rows(tmp_path / "whole"))
    assert len(load_sweep(out).table()) == whole.most_replicated


@pytest.mark.long
def test_killed_in_real_runs_it_ends_with_the_same_rows(tmp_path: Path) -> None:
    kill_and_resume(tmp_path, REAL, kills=1, within_s=8.0)


@pytest.mark.long
def test_killed_three_times_it_ends_with_the_same_rows(tmp_path: Path) -> None:
    kill_and_resume(tmp_path, SLOW.replace("128", "512"), kills=3, within_s=6.0)


@contextmanager
def dask_cluster(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a scheduler and two workers as one would; yield the scheduler and its address."""
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    started = []
    try:
        for words in (
            ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
            ["worker", "--host", "127.0.0.1", "--nworkers", "2", "--nthreads", "1",
             "--no-dashboard"],
        ):  # fmt: skip
            started.append(
                subprocess.Popen(
                    [*dask, *words, "--scheduler-file", str(file)],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                )
            )  # fmt: skip
            wait_until(file.is_file)
        yield json.loads(file.read_text())["address"], started[0]
    finally:
        for process in reversed(started):
            os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(timeout=PATIENCE_S)


@pytest.mark.long
def test_rows_do_not_depend_on_where_they_are_computed(tmp_path: Path) -> None:
    file = study_file(tmp_path, REAL.replace("samples: 10", "samples: 6"))
    with dask_cluster(tmp_path) as (address, _):
        out = tmp_path / "elsewhere"
        done = subprocess.run(
            command(file, out, "--scheduler", address), capture_output=True, text=True
        )
    run_study(file, tmp_path / "here", workers=0)
    run_study(file, tmp_path / "parts", workers=0, only="price_day > 12")
    run_study(file, tmp_path / "parts", workers=0)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    expected = rows(tmp_path / "here")
    assert len(expected) == 12
    assert expected.equals(rows(tmp_path / "parts"))
    assert expected.equals(rows(tmp_path / "elsewhere"))


def test_a_lost_scheduler_is_told_in_one_sentence(tmp_path: Path) -> None:
    file, out = study_file(tmp_path, SLOW.replace("128", "2048")), tmp_path / "out"
    with dask_cluster(tmp_path) as (address, scheduler):
        # What a call gives in the moment before the client notices: an OSError, but of no file.
        with pytest.raises(StudyError, match="was lost"), open_cluster(scheduler=address):
            raise CommClosedError("in <TCP (closed) ConnectionPool.ncores>: reset by peer")
        driver = subprocess.Popen(
            command(file, out, "--scheduler", address), stderr=subprocess.PIPE, text=True
        )
        wait_until(lambda: list((out / "runs").glob("*.parquet")))
        scheduler.kill()
        _, message = driver.communicate(timeout=PATIENCE_S)
    assert message == (
        "sim77: the connection to the Dask scheduler was lost: start it again and give the same "
        "command.\n"
    )
    assert driver.returncode == 2
    assert 0 < len(load_sweep(out).table()) < 4096


def test_a_run_that_kills_its_worker_is_found_and_costs_no_other(tmp_path: Path) -> None:
    study = Study(
        evaluator="tests.sweep_functions:kills_in_part", outcomes=["y"],
        levers={"x": {"low": 0, "high": 1}}, design={"method": "grid", "levels": 11},
    )  # fmt: skip
    sweep = run_study(study, tmp_path / "s", workers=2)
    assert len(sweep.table()) == 10
    (failure,) = sweep.failures().to_dict("records")
    assert failure["x"] == 1.0 and failure["error_type"] == "KilledWorker"
    assert failure["message"] == "the run ended its worker process"
