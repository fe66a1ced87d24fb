"""Say where the time of a moved lever goes: ``python -m benchmarks.app_stages`` prints a table.

Everything happens in this process, at full scale, as the app's compute process does it. CPU seconds
are those of all threads; on a busy machine they say more than the seconds on the clock.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psutil

from sim77.app.compare.comparing import comparison_of, encode_comparison
from sim77.app.compute.process import geography_on
from sim77.app.explore.payload import encode_side
from sim77.app.explore.sides import Scope, pair_outcome, run_side
from sim77.app.levers.policies import with_levers
from sim77.runs.execute import start_model
from sim77.scenario.scenario import load_scenario

DESKS = (7, 11, 23, 31, 47)


class Stages:
    """Wall and CPU seconds by stage, in the order in which they first come."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall.setdefault(name, []).append(time.perf_counter() - wall)
        self.cpu.setdefault(name, []).append(time.process_time() - cpu)

    def table(self) -> str:
        """Return the median of each stage, and their sum."""
        rows = [(name, median(self.cpu[name]), median(self.wall[name])) for name in self.wall]
        shown = [(cpu, wall) for name, cpu, wall in rows if not name.startswith(" ")]
        total = ("all of it", sum(cpu for cpu, _ in shown), sum(wall for _, wall in shown))
        lines = [f"{name:<40}{cpu:8.2f}{wall:8.2f}" for name, cpu, wall in (*rows, total)]
        return "\n".join([f"{'':40}{'CPU s':>8}{'wall s':>8}", *lines])


def main() -> None:
    """Move the number of desks a few times and print the medians."""
    a, b = load_scenario("no-telecentres"), load_scenario("network-2014")
    scope, stages = Scope(1, a.start, a.end, 1.0, ("paris",), None), Stages()
    geography = geography_on(scope.territory)
    kept = run_side(a, scope)
    encode_side(kept, scope, geography)
    for desks in DESKS:
        moved = with_levers(b, {"desks": desks})
        with stages.stage("  of the run: until its first day"):
            start_model(scope.run(moved))
        with stages.stage("run B's year, with its diary"):
            side = run_side(moved, scope)
        with stages.stage("encode B's year for the browser"):
            payload = encode_side(side, scope, geography)
        with stages.stage("who does what instead of what"):
            outcome = pair_outcome(kept, side)
        with stages.stage("tables of the comparison"):
            comparison = comparison_of(a, moved, scope, [outcome], geography)
        with stages.stage("encode the comparison"):
            text = encode_comparison(comparison, geography)
    print(f"{os.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}")
    print(stages.table())
    sizes = (len(payload.data), len(json.dumps(payload.meta)), len(json.dumps(text)))
    print("sent to a browser: {:,} bytes of B's year, {:,} that describe it, {:,} of the comparison"
          .format(*sizes))  # fmt: skip


if __name__ == "__main__":
    main()
