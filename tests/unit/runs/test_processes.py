"""Worker processes do what they are given, tell how they end, and leave nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import psutil
import pytest

from sim77.core.errors import ResultError
from sim77.runs.processes import ProcessDiedError, Processes
from tests import sweep_functions

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60.0

DRIVER = """
from sim77.runs.processes import Processes
from tests import sweep_functions

with Processes(2) as processes:
    for each in [processes.submit(sweep_functions.sleeps, 600) for _ in range(2)]:
        each.result()
"""


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.syspath_prepend(str(ROOT))
    with Processes(2) as processes:
        yield processes


def test_what_a_task_prints_and_reads_is_not_taken_for_its_answer(
    two: Processes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert two.submit(sweep_functions.talks, "once").result(PATIENCE_S) == ""
    assert capfd.readouterr() == ("", "once\n")


def test_a_task_that_fails_says_where_and_a_users_mistake_only_what(two: Processes) -> None:
    with pytest.raises(ResultError, match="too many") as mistake:
        two.submit(sweep_functions.fails, ResultError("too many")).result(PATIENCE_S)
    assert not hasattr(mistake.value, "__notes__")
    with pytest.raises(KeyError) as fault:
        two.submit(sweep_functions.fails, KeyError("x")).result(PATIENCE_S)
    assert "sweep_functions.py" in fault.value.__notes__[0]


def test_a_process_that_is_killed_costs_its_own_task_and_is_replaced(two: Processes) -> None:
    lost, other = (two.submit(sweep_functions.sleeps, seconds) for seconds in (600, 2))
    victim = _workers(psutil.Process(), 2)[0]
    victim.kill()
    wait([lost, other], PATIENCE_S, return_when="FIRST_COMPLETED")
    ended = [each for each in (lost, other) if each.done()]
    assert len(ended) == 1
    with pytest.raises(ProcessDiedError, match="was ended by SIGKILL before its task was done"):
        ended[0].result()
    again = {two.submit(sweep_functions.pid).result(PATIENCE_S) for _ in range(3)}
    assert victim.pid not in again


def test_closing_ends_a_task_that_is_under_way() -> None:
    began = time.monotonic()
    with Processes(1) as one:
        task = one.submit(sweep_functions.sleeps, 600)
        _workers(psutil.Process(), 1)
    assert time.monotonic() - began < PATIENCE_S
    assert isinstance(task.exception(), ProcessDiedError)
    assert not [each for each in psutil.Process().children() if _is_worker(each)]


def test_workers_end_with_a_driver_that_is_killed() -> None:
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    workers = _workers(psutil.Process(driver.pid), 2)
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(workers, PATIENCE_S)
    assert not alive


def _is_worker(process: psutil.Process) -> bool:
    return "sim77.runs.processes" in " ".join(process.cmdline())


def _workers(driver: psutil.Process, count: int) -> list[psutil.Process]:
    """Wait until a driver has so many workers at work, and return them."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = [each for each in driver.children() if _is_worker(each)]
        if len(found) == count:
            return found
        time.sleep(0.02)
    raise AssertionError("there are no workers")
