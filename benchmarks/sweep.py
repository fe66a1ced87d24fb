"""Measure the runner of studies: seconds a run, efficiency, overhead and memory.

``python -m benchmarks.sweep [RUNS]``, RUNS being those of the longest study (default 10000). The
study is 60 days of 2014 at 10 % of the workers, unpaired, a Latin hypercube of three factors.
Every figure comes from this run on this machine.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numba
import psutil

from sim77.analysis.sweep import Study, run_study
from sim77.analysis.sweep.evaluate import simulate
from sim77.runs.cluster import open_cluster, run_batches

TIMED_RUNS, REPEATS = 200, 3
FEW_RUNS, MANY_RUNS = 100, 10_000
NO_OP_RUNS = 2000
WORKERS = 2


def study(runs: int) -> Study:
    """Return the study that is timed."""
    return Study(
        scenario="network-2014",
        outcomes=["remote_days", "co2e_travel_kg", "travel_min_per_worker"],
        levers={"price_day": {"low": 0, "high": 20}},
        uncertainties={"theta": {}, "asc_half": {}},
        design={"method": "lhs", "samples": runs},
        period={"from": "2014-03-03", "to": "2014-05-28"},
        scale=0.1,
    )


def nothing(point: dict[str, Any], seed: int) -> dict[str, float]:
    """Return at once: what remains is the runner's own time."""
    return {"y": 0.0}


class Peak:
    """The greatest memory of this process and of its children together, sampled."""

    def __init__(self) -> None:
        self.driver_mb = self.workers_mb = 0.0
        self._process = psutil.Process()

    def look(self) -> None:
        """Take one sample; workers are counted with what each has."""
        mb = 1e6
        self.driver_mb = max(self.driver_mb, self._process.memory_info().rss / mb)
        total = 0.0
        for child in self._process.children(recursive=True):
            try:
                total += child.memory_info().rss / mb
            except psutil.NoSuchProcess:
                continue
        self.workers_mb = max(self.workers_mb, total)


@contextmanager
def watched() -> Iterator[Peak]:
    """Sample memory five times a second."""
    peak, ended = Peak(), threading.Event()

    def look() -> None:
        while not ended.wait(0.2):
            peak.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def seconds_a_run(workers: int) -> float:
    """Return wall seconds a run of warm processes, a thread each; the best of `REPEATS`."""
    numba.set_num_threads(1)
    timed = study(TIMED_RUNS)
    specs = [timed.evaluation(point, 0) for point in range(timed.n_points)]
    best = float("inf")
    with open_cluster(workers) as cluster:
        for _ in run_batches(cluster, simulate, specs[:20], batch_size=5):
            pass
        for _ in range(REPEATS):
            began = time.perf_counter()
            for _ in run_batches(cluster, simulate, specs, total=len(specs)):
                pass
            best = min(best, (time.perf_counter() - began) / TIMED_RUNS)
    return best


def overhead_ms() -> float:
    """Return the milliseconds a run of the whole runner, store included, around an empty run."""

    def seconds(runs: int, folder: str) -> float:
        empty = Study(
            evaluator="benchmarks.sweep:nothing", outcomes=["y"],
            levers={"x": {"low": 0, "high": 1}}, design={"method": "lhs", "samples": runs},
        )  # fmt: skip
        began = time.perf_counter()
        run_study(empty, Path(folder) / str(runs), workers=1)
        return time.perf_counter() - began

    with TemporaryDirectory() as folder:
        # The start of the cluster is in both.
        few, many = seconds(1, folder), seconds(NO_OP_RUNS + 1, folder)
    return 1000 * (many - few) / NO_OP_RUNS


def whole_study(runs: int) -> tuple[float, Peak]:
    """Return the seconds and the peak memory of a study from beginning to end."""
    with TemporaryDirectory() as folder, watched() as peak:
        began = time.perf_counter()
        done = run_study(study(runs), Path(folder) / "store", workers=WORKERS)
        seconds = time.perf_counter() - began
        assert len(done.table()) == runs
    return seconds, peak


def main() -> None:
    """Print all figures beside their targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=MANY_RUNS, metavar="RUNS")
    runs = parser.parse_args().runs
    # Memory first: the runs that are timed in this process would count as the driver's.
    peaks = {}
    for count in (FEW_RUNS, runs):
        seconds, peaks[count] = whole_study(count)
        print(
            f"{count:,} runs                                {seconds / 60:.1f} min, peak memory: "
            f"driver {peaks[count].driver_mb:.0f} MB, workers {peaks[count].workers_mb:.0f} MB"
        )
    growth = [
        getattr(peaks[runs], name) / getattr(peaks[FEW_RUNS], name) - 1
        for name in ("driver_mb", "workers_mb")
    ]
    print(
        f"growth of peak memory                     driver {growth[0]:+.0%}, "
        f"workers {growth[1]:+.0%} (target below 10 %)"
    )
    alone, shared = seconds_a_run(0), seconds_a_run(WORKERS)
    efficiency = alone / (WORKERS * shared)
    print(f"seconds a run, in this process            {alone:.3f}")
    print(f"seconds a run, {WORKERS} workers                  {shared:.3f}")
    print(f"efficiency                                {efficiency:.0%} (target 90 %)")
    print(f"overhead a run                            {overhead_ms():.1f} ms (target below 10 ms)")
    print(
        f"projected time of 10,000 runs             {shared * MANY_RUNS / 60:.1f} min (target 15)"
    )


if __name__ == "__main__":
    main()
