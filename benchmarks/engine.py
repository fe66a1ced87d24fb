"""Measure how fast and how big the model is; ``make bench`` prints these tables.

Every figure comes from this run on this machine. A row is a year at full scale with everything on:
all feedback, booking with refusals, half days, all indicators. *Floor* is a loop that only makes
the same draws and turns them into errors (`floor`), for the choosers at work of the same run.
"""

import datetime as dt
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.floor import draw_errors
from sim77.model import CommuteModel
from sim77.population import Population
from sim77.run import peak_memory_mb
from sim77.warmup import warm_up

SCENARIOS = ("network-2014", "hybrid-2022", "everybody-allowed")
SCOPES = {"91,000": "paris", "608,000": "paris,inner-ring,within,outer-ring"}
REPEATS = 3
COLUMNS = (
    "scenario", "workers", "seconds", "M worker-days/s", "floor M/s", "x floor", "choosing",
    "home/day", "centre/day", "half/day", "refused/day", "peak MB",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the table of the engine."""

    scenario: str
    workers: int
    seconds: float
    days: int
    floor_seconds: float
    share_choosing: float
    counts: tuple[float, ...]

    def cells(self) -> list[str]:
        """Return the row as texts in the order of `COLUMNS`."""
        worker_days = self.workers * self.days / 1e6
        return [
            self.scenario, f"{self.workers:,}", f"{self.seconds:.2f}",
            f"{worker_days / self.seconds:.1f}", f"{worker_days / self.floor_seconds:.1f}",
            f"{self.seconds / self.floor_seconds:.1f}", f"{self.share_choosing:.1%}",
            *(f"{count:,.1f}" for count in self.counts), f"{peak_memory_mb():.0f}",
        ]  # fmt: skip


def measure(scenario: str, scope: str, population: Population | None) -> tuple[Row, Population]:
    """Run a scenario's year and the floor of the same run; the best of `REPEATS`."""
    seconds = np.inf
    for _ in range(REPEATS):
        model = CommuteModel(scenario, workplaces=scope, population=population)
        population = model.population
        began = time.perf_counter()
        while model.running:
            model.step()
        seconds = min(seconds, time.perf_counter() - began)
    totals = model.recorder.kinds_of_worker.sum(axis=(0, 1))
    days = len(model.days)
    choosing = model.recorder.day_values[:, 0].sum()
    refused = model.recorder.centres[:, :, 6].sum()
    counts = (totals[5], totals[6], totals[3] + totals[4], refused)
    row = Row(
        scenario=scenario,
        workers=population.low.size,
        seconds=seconds,
        days=days,
        floor_seconds=floor_seconds(model),
        share_choosing=choosing / totals[0],
        counts=tuple(count / days for count in counts),
    )
    return row, population


def floor_seconds(model: CommuteModel) -> float:
    """Time the draws of a year: the choosers at work on the last day, on every day of the run."""
    choosers = model.effects.choosers
    at_work = choosers.worker[model.columns.kind[choosers.worker] >= 0]
    rows = choosers.reach[model.columns.chooser[at_work]]
    low, high = model.population.low[at_work], model.population.high[at_work]
    first = model.reach.start[rows]
    slots = model.reach.start[rows + 1] - first
    out = np.empty(at_work.size)
    best = np.inf
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        for day in model.days:
            draw_errors(
                low, high, slots, first, model.sites.key, model.reach.centre,
                np.uint32(day.toordinal()), np.uint32(model.draw_seed), model.parameters.mu_remote,
                out,
            )  # fmt: skip
        best = min(best, time.perf_counter() - began)
    mean_at_work = model.recorder.day_values[:, 0].mean() / at_work.size
    return best * mean_at_work


def command_seconds(*arguments: str) -> float:
    """Time a command of the program, best of `REPEATS`."""
    best = np.inf
    for _ in range(REPEATS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sim77", *arguments], check=True, capture_output=True)
        best = min(best, time.perf_counter() - began)
    return best


def object_model_rate() -> tuple[float, float]:
    """Return worker-days per second of the object-per-worker model, and the engine's on the same.

    The same rules, scenario and sample; the engine's figure is at full scale in `measure`.
    """
    from tests.oracle.compare import plain_year_rate

    return plain_year_rate()


def table(header: tuple[str, ...], rows: list[list[str]]) -> str:
    """Lay texts out in columns."""
    widths = [max(len(row[place]) for row in [list(header), *rows]) for place in range(len(header))]
    lines = [
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in [list(header), *rows]
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    warm_up()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {dt.date.today()}")
    rows = []
    for scope in SCOPES.values():
        population = None
        for scenario in SCENARIOS:
            row, population = measure(scenario, scope, population)
            rows.append(row.cells())
    print(table(COLUMNS, rows))
    print(f"sim77 --help: {command_seconds('--help'):.2f} s")
    print(f"sim77 run network-2014, quiet, no files: {command_seconds('run', '--quiet'):.2f} s")


if __name__ == "__main__":
    main()
