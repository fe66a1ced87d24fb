"""The process that runs a study needs as much memory for many runs as for few."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim77.runs.cluster import open_cluster, run_batches

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
MOST_GROWTH = 0.10
"""Of the peak memory, between 100 and 10,000 runs: what `benchmarks.sweep` asks for."""

PEAK = """
import sys

from benchmarks.sweep import study
from sim77.runs.run import peak_memory_mb
from sim77.analysis.sweep import run_study, runner
from tests.sweep_functions import stands_in

runner.simulate = stands_in
runs = int(sys.argv[2])
sweep = run_study(study(runs), sys.argv[1], workers=1)
assert len(sweep.table()) == sweep.n_runs == runs
print(peak_memory_mb())
"""


class Item:
    """What a run is made from."""


def seen(item: Item) -> bool:
    """Stand in for a run."""
    return True


def test_runs_that_are_done_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    runs = 200
    with open_cluster(1) as cluster:
        done = run_batches(cluster, seen, (Item() for _ in range(runs)), batch_size=1)
        assert sum(value for _, value in done) == runs
        gc.collect()
        assert sum(type(each) is Item for each in gc.get_objects()) < runs / 4


@pytest.mark.long
def test_peak_memory_does_not_grow_with_the_runs(tmp_path: Path) -> None:
    few, many = (peak(runs, tmp_path / str(runs)) for runs in (100, 10_000))
    assert many < (1 + MOST_GROWTH) * few


def peak(runs: int, out: Path) -> float:
    """Return the peak memory, in megabytes, of a process that runs a study and reads its table."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(out), str(runs)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)
