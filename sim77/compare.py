"""What a policy changes: two scenarios side by side, with the same people, tastes and shocks.

Both runs of a pair share every draw (`sim77.draws`), so a difference between them is the policy's
and its interval over seeds is narrow; one can also ask *who* switched, from what to what. Effects
are means over paired seeds with 95 % intervals of Student's t; the unpaired interval, which two
independent experiments would give, stands beside.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import pandas as pd

import sim77
from sim77.compare_tables import LEVEL, comparison_tables
from sim77.errors import ResultError
from sim77.model import checked_scale, checked_zones
from sim77.pair import PairOutcome, Request, run_pair
from sim77.scenario import Scenario, load_scenario
from sim77.territory import load_territory

MOST_SEEDS = 1000
TABLES = ("effects", "switches", "switches_by_group", "communes", "groups", "weekdays", "equity")


@dataclass(frozen=True)
class Comparison:
    """Effects of going from scenario A to scenario B; means are over paired seeds and days.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        By the names in `TABLES`; each is also an attribute, such as ``comparison.effects``.
    manifest : dict
        Scenarios, seeds, what differs, versions, time.
    """

    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.tables[name]
        raise AttributeError(f"A comparison has no '{name}'.")

    def effect(self, indicator: str) -> pd.Series:
        """Return one row of ``effects`` by the name of its indicator."""
        rows = self.tables["effects"].set_index("indicator")
        if indicator not in rows.index:
            raise ResultError(f"The comparison has no indicator '{indicator}'.")
        return rows.loc[indicator]


def compare(
    a: str | Scenario,
    b: str | Scenario,
    *,
    seeds: int = 10,
    first_seed: int = 1,
    scale: float = 1.0,
    start: dt.date | None = None,
    end: dt.date | None = None,
    overrides: Mapping[str, float] | None = None,
    workplaces: str | Sequence[str] = ("paris",),
    territory: str | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare scenario B with scenario A over paired seeds.

    Parameters
    ----------
    a, b : str or Scenario
        Scenarios of one period, unless `start` and `end` are given.
    seeds : int
        Paired replications; at least 2 for an interval.
    first_seed : int
        The seeds are ``first_seed``, ``first_seed + 1``, ….
    scale : float
        Share of the workers simulated.
    start, end : datetime.date, optional
        First and last day; those of `a` by default.
    overrides : mapping of str to float, optional
        Registry parameters that differ in both scenarios.
    workplaces : str or sequence of str
        Workplace zones in scope.
    territory : path, optional
        Seine-et-Marne by default.
    processes : int, optional
        Processes that share the seeds; the cores of the machine by default.
    progress : callable, optional
        Called as ``progress(seeds_done, seeds)``.

    Returns
    -------
    Comparison
    """
    began = time.perf_counter()
    request = _request(a, b, scale, start, end, overrides, workplaces, territory)
    if not 1 <= seeds <= MOST_SEEDS:
        raise ResultError(f"The number of seeds must be from 1 to {MOST_SEEDS}, not {seeds}.")
    numbers = list(range(first_seed, first_seed + seeds))
    found: dict[int, PairOutcome] = {}
    for seed, outcome in _outcomes(request, numbers, processes or os.cpu_count() or 1):
        found[seed] = outcome
        if progress is not None:
            progress(len(found), seeds)
    outcomes = [found[seed] for seed in numbers]
    tables = comparison_tables(outcomes, load_territory(territory))
    return Comparison(tables, _manifest(request, numbers, time.perf_counter() - began))


def _request(
    a: str | Scenario,
    b: str | Scenario,
    scale: float,
    start: dt.date | None,
    end: dt.date | None,
    overrides: Mapping[str, float] | None,
    workplaces: str | Sequence[str],
    territory: str | None,
) -> Request:
    """Check what is asked for and make it small enough to send to another process."""
    first, second = load_scenario(a), load_scenario(b)
    if start is None and end is None and (first.start, first.end) != (second.start, second.end):
        raise ResultError(
            f"'{first.name}' runs from {first.start} to {first.end} and '{second.name}' from "
            f"{second.start} to {second.end}: give --from and --to to compare them."
        )
    if overrides:
        first, second = (
            each.with_(parameters={**each.parameters, **overrides}) for each in (first, second)
        )
    return Request(
        a=first,
        b=second,
        scale=checked_scale(scale),
        start=start or first.start,
        end=end or first.end,
        workplaces=checked_zones(workplaces),
        territory=territory,
    )


def _outcomes(
    request: Request, seeds: list[int], processes: int
) -> Iterator[tuple[int, PairOutcome]]:
    """Run the pairs, here if there is one, else in processes of one thread each."""
    if len(seeds) == 1 or processes == 1:
        for seed in seeds:
            yield seed, run_pair(request, seed)
        return
    with ProcessPoolExecutor(min(processes, len(seeds)), mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(run_pair, request, seed, 1): seed for seed in seeds}
        for job in as_completed(jobs):
            yield jobs[job], job.result()


def _manifest(request: Request, seeds: list[int], seconds: float) -> dict[str, Any]:
    def described(scenario: Scenario) -> dict[str, str]:
        return {
            "name": scenario.name,
            "label_fr": scenario.label_fr,
            "label_en": scenario.label_en,
            "hash": scenario.hash,
        }

    territory = load_territory(request.territory)
    return {
        "sim77": sim77.__version__,
        "a": described(request.a),
        "b": described(request.b),
        "seeds": seeds,
        "scale": request.scale,
        "workplaces": list(request.workplaces),
        "start": request.start.isoformat(),
        "end": request.end.isoformat(),
        "territory": {"name": territory.name, "hash": territory.hash},
        "level": LEVEL,
        "seconds": round(seconds, 2),
    }
