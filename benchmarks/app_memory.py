"""Measure what the app's compute process holds: ``python -m benchmarks.app_memory``.

Each move is a new number of desks: its first answer, then the same refined by a second seed, as in
the app. One move in ten also asks what would have changed a worker's day, which forks models. The
exit status is 1 if the process holds more than 10 % more after the last move than after the 20th.

Words after the command: ``--moves 200 --scale 0.1 --period 2014-01-01..2014-12-31``.
"""

import argparse
import datetime as dt
import sys
import threading
import time
from typing import Any

import psutil

from sim77.app.compute.jobs import ComparisonRequest, Job, Pair
from sim77.app.engine import Engine
from sim77.app.explore.sides import Scope
from sim77.app.levers.policies import with_levers
from sim77.scenario.scenario import load_scenario

WARM, MOST_GROWTH = 20, 0.10
_PATIENCE_S = 600.0


def answered(engine: Engine, job: Job) -> dict[str, Any]:
    """Wait for the answer to a job and return its parts by name."""
    done, parts = threading.Event(), dict[str, Any]()

    def listen(name: str, content: Any) -> None:
        parts[name] = content
        if name in ("done", "failed"):
            done.set()

    engine.submit("bench", job, listen)
    if not done.wait(_PATIENCE_S) or "failed" in parts:
        sys.exit(f"no answer: {parts.get('failed', 'it took too long')}")
    return parts


def compute_process() -> psutil.Process:
    """Return the process that an engine of this one has started."""
    found = psutil.Process().children()
    return next(each for each in found if "spawn_main" in " ".join(each.cmdline()))


def resident_mb(process: psutil.Process) -> float:
    """Return the memory that a process holds."""
    return float(process.memory_info().rss / 1e6)


def moved(engine: Engine, number: int, scope: Scope) -> None:
    """Move the levers as a viewer does, to where nobody has had them yet."""
    b = with_levers(load_scenario("network-2014"), {"desks": 1 + number, "price_day": number % 60})
    pair = Pair(load_scenario("no-telecentres"), b, scope)
    answered(engine, pair)
    answered(engine, Pair(pair.a, pair.b, scope, seeds=2))
    if number % 10 == 0:
        drawn = answered(engine, ComparisonRequest(pair, "workers_of_commune", (
            ("commune", "77186"), ("day", ""), ("lang", "en"),
        )))["answer"]["rows"]  # fmt: skip
        asked = (("day", ""), ("lang", "en"), ("side", "b"), ("worker", drawn[0]["identity"]))
        answered(engine, ComparisonRequest(pair, "what_if", asked))


def main() -> None:
    """Print what the process holds as the moves go by."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--period", default="2014-01-01..2014-12-31")
    words = parser.parse_args()
    if words.moves < WARM:
        parser.error(f"expected {WARM} moves or more: growth is counted from the {WARM}th on.")
    start, end = map(dt.date.fromisoformat, words.period.split(".."))
    engine, held, began = Engine(), dict[int, float](), time.perf_counter()
    try:
        for number in range(1, words.moves + 1):
            moved(engine, number, Scope(1, start, end, words.scale, ("paris",), None))
            held[number] = resident_mb(compute_process())
            if number in (1, 5, 10, WARM) or number % 20 == 0:
                print(
                    f"move {number:4}: compute process {held[number]:7.0f} MB, "
                    f"server {resident_mb(psutil.Process()):6.0f} MB, "
                    f"{time.perf_counter() - began:6.0f} s, load {psutil.getloadavg()[0]:.1f}",
                    flush=True,
                )
    finally:
        engine.close()
    growth = max(list(held.values())[WARM - 1 :]) / held[WARM] - 1.0
    print(f"growth from move {WARM} to {words.moves}: {growth:+.1%} at most, wanted 10 %")
    if growth > MOST_GROWTH:
        sys.exit("missed: the compute process grows")


if __name__ == "__main__":
    main()
