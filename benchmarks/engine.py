"""Measure how fast and how big the model is; ``make bench`` prints these tables.

Every figure comes from this run on this machine. A row is a year at full scale with everything on:
all feedback, booking with refusals, half days, all indicators. *Floor* is a loop that only makes
draws like those of the choices and turns them into errors (`floor`), for the choosers at work of
the same run. What the market for desks costs, and with it all who only use centres, is the
difference between a network and the same year without telecentres.
*Set-up* is all that comes before the first day, people and burn-in included; *processor s* is the
time of all processors in the year, which other programs disturb less than its seconds.
``--territory`` measures the engine on another territory only.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.floor import draw_errors
from sim77.core.units import HALF_COLUMNS
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import CENTRE_COLUMNS
from sim77.registry.indicators import of_all_modes
from sim77.runs.run import peak_memory_mb
from sim77.runs.warmup import warm_up
from sim77.scenario.scenario import load_scenario
from tests.oracle.compare import plain_model

SCENARIOS = (
    "no-telecentres", "network-2014", "hybrid-2022-no-telecentres", "hybrid-2022",
    "everybody-allowed",
)  # fmt: skip
SCOPES = ("paris", "paris,inner-ring,within,outer-ring")
REGION, OF_REGION = "ile-de-france", ("network-2014", "hybrid-2022")
REPEATS = 3
MANY = 1_000_000
"""Workers of whom one year is enough: it lasts long, and differs little from the next."""
WIDTH = 9
"""Of a figure in the table, at least."""
PLAIN_SCALE, PLAIN_START, PLAIN_END = 0.01, dt.date(2022, 3, 7), dt.date(2022, 3, 18)
COLUMNS = (
    "scenario", "workers", "set-up s", "seconds", "processor s", "M worker-days/s", "floor M/s",
    "x floor", "choosing", "home/day", "centre/day", "half/day", "refused/day", "peak MB",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of the table of the engine."""

    scenario: str
    workers: int
    setup_seconds: float
    seconds: float
    processor_seconds: float
    days: int
    floor_seconds: float
    share_choosing: float
    counts: tuple[float, ...]

    def cells(self) -> list[str]:
        """Return the row as texts in the order of `COLUMNS`."""
        worker_days = self.workers * self.days / 1e6
        return [
            self.scenario, f"{self.workers:,}", f"{self.setup_seconds:.2f}", f"{self.seconds:.2f}",
            f"{self.processor_seconds:.2f}", f"{worker_days / self.seconds:.1f}",
            f"{worker_days / self.floor_seconds:.1f}",
            f"{self.seconds / self.floor_seconds:.1f}", f"{self.share_choosing:.1%}",
            *(f"{count:,.1f}" for count in self.counts), f"{peak_memory_mb():.0f}",
        ]  # fmt: skip


def measure(scenario: str, territory: str | None, scope: str | None) -> Row:
    """Run a scenario's year and the floor of the same run; the best of `REPEATS`."""
    seconds = processor_seconds = np.inf
    began = time.perf_counter()
    model = CommuteModel(scenario, territory=territory, workplaces=scope)
    setup_seconds, population = time.perf_counter() - began, model.population
    repeats = 1 if population.low.size > MANY else REPEATS
    for repeat in range(repeats):
        if repeat > 0:
            model = CommuteModel(
                scenario, territory=model.territory, workplaces=scope, population=population
            )
        began, processor_began = time.perf_counter(), time.process_time()
        while model.running:
            model.step()
        seconds = min(seconds, time.perf_counter() - began)
        processor_seconds = min(processor_seconds, time.process_time() - processor_began)
    totals = model.recorder.kinds_of_worker.sum(axis=(0, 1))
    days = len(model.days)
    choosing = model.recorder.day_values[:, 0].sum()
    refused = model.recorder.centres[:, :, CENTRE_COLUMNS.index("refusals")].sum()
    total = dict(zip(OUTPUT_COLUMNS, totals, strict=True))
    half = of_all_modes(total, HALF_COLUMNS)
    counts = (total["home"], total["telecentre"], half, refused)
    return Row(
        scenario=scenario,
        workers=population.low.size,
        setup_seconds=setup_seconds,
        seconds=seconds,
        processor_seconds=processor_seconds,
        days=days,
        floor_seconds=floor_seconds(model, repeats),
        share_choosing=choosing / totals[0],
        counts=tuple(count / days for count in counts),
    )


def floor_seconds(model: CommuteModel, repeats: int) -> float:
    """Time the draws of a year: the choosers at work on the last day, on every day of the run.

    The best of as many times as the year; a day more, not timed, compiles the loop.
    """
    choosers = model.effects.choosers
    at_work = choosers.worker[model.columns.kind[choosers.worker] >= 0]
    rows = choosers.choice_set[model.columns.chooser[at_work]]
    low, high = model.population.low[at_work], model.population.high[at_work]
    first = model.choice_sets.start[rows]
    alternatives = model.choice_sets.start[rows + 1] - first
    out = np.empty(at_work.size)
    best = np.inf
    for repeat in range(repeats + 1):
        began = time.perf_counter()
        for day in model.days[: None if repeat else 1]:
            draw_errors(
                low, high, alternatives, first, model.sites.key, model.choice_sets.centre,
                np.uint32(day.toordinal()), np.uint32(model.draw_seed), model.parameters.mu_remote,
                out,
            )  # fmt: skip
        if repeat:
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


def object_model() -> str:
    """Compare the plain object-per-worker model of the tests with the engine on one sample."""
    scenario = load_scenario("hybrid-2022").with_(start=PLAIN_START, end=PLAIN_END)
    engine = CommuteModel(scenario, scale=PLAIN_SCALE)
    plain = plain_model(scenario, engine)
    worker_days = len(plain.workers) * len(engine.days)
    began = time.perf_counter()
    while plain.coming_days:
        plain.step()
    rate = worker_days / (time.perf_counter() - began)
    return (
        f"object-per-worker model, hybrid-2022, {len(plain.workers):,} workers, "
        f"{len(engine.days)} days: {rate / 1e6:.4f} M worker-days/s"
    )


def print_table(header: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    """Print texts in columns, each row as soon as it is there."""
    widths = [max(map(len, SCENARIOS)), *(max(len(name), WIDTH) for name in header[1:])]
    for row in chain([header], rows):
        line = "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        print(line, flush=True)


def measured_apart(scenario: str, territory: str | None, scope: str | None = None) -> list[str]:
    """Measure a row in a process of its own, so that its peak memory is its own."""
    options = {"--scenario": scenario, "--territory": territory, "--workplace": scope}
    given = [each for name, value in options.items() if value is not None for each in (name, value)]
    command = [sys.executable, "-m", "benchmarks.engine", *given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout))


def main() -> None:
    """Print the tables; with a scenario, one row as JSON."""
    parser = argparse.ArgumentParser(description="Measure how fast and how big the model is.")
    parser.add_argument("--territory", help="name or folder; its engine only, in its own scope")
    parser.add_argument("--scenario", help="one row only, as JSON")
    parser.add_argument("--workplace", metavar="ZONES", help="of that row")
    chosen = parser.parse_args()
    if chosen.scenario:
        row = measure(chosen.scenario, chosen.territory, chosen.workplace)
        print(json.dumps(row.cells()))
        return
    warm_up()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {dt.date.today()}")
    if chosen.territory:
        print_table(COLUMNS, (measured_apart(each, chosen.territory) for each in SCENARIOS))
        return
    asked: list[tuple[str, str | None, str | None]] = [
        *((each, None, scope) for scope in SCOPES for each in SCENARIOS),
        *((each, REGION, None) for each in OF_REGION),
    ]
    print_table(COLUMNS, (measured_apart(*each) for each in asked))
    print(object_model())
    print(f"sim77 --help: {command_seconds('--help'):.2f} s")
    with TemporaryDirectory() as folder:
        seconds = command_seconds("run", "--quiet", "--overwrite", "--out", f"{folder}/run")
    for seeds in ("1", "10"):
        pair = ("compare", "no-telecentres", "network-2014", "--quiet", "--seeds", seeds)
        print(f"sim77 compare, full-scale year, seeds {seeds}: {command_seconds(*pair):.1f} s")
    print(f"sim77 run network-2014 with all files and summary.html: {seconds:.2f} s")


if __name__ == "__main__":
    main()
