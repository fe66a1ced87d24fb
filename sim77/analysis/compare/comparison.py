"""What a policy changes: two scenarios side by side, with the same people, tastes and shocks.

Both runs of a pair share every draw (`sim77.core.draws`), so a difference between them is the
policy's and its interval over seeds is narrow; one can also ask *who* switched, from what to what.
Effects are means over paired seeds with 95 % intervals of Student's t; the unpaired interval, which
two independent experiments would give, stands beside. With a posterior, seeds take draws of the
parameters, both sides of a pair the same one, and intervals hold what the parameters leave open.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim77.analysis.claims.claims import register, table_of
from sim77.analysis.compare.tables import LEVEL, comparison_tables
from sim77.core.errors import ResultError, RunInterrupted, nearest
from sim77.core.machine import usable_cores
from sim77.core.version import __version__
from sim77.engine.scope import checked_seed, checked_whole, days_of_run
from sim77.runs.execute import Progress, RunSpec
from sim77.runs.pair import PairOutcome, PairSpec, run_pair
from sim77.runs.pool import run_pairs
from sim77.runs.run import described, made_with
from sim77.runs.store import COMPARISON, KIND, check_columns, read_tables
from sim77.scenario.posterior import Posterior, SeedDraws, load_posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory

MOST_SEEDS = 1000
MOST_PROCESSES = 1000
SEEDS_PER_DRAW = 2
"""Of a posterior, by default: the fewest that tell chance from parameters."""

TABLES = (
    "effects", "transitions", "transitions_by_group", "communes", "groups", "weekdays", "weeks",
    "equity", "telecentres", "claims",
)  # fmt: skip


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
        raise AttributeError(f"A comparison has no '{name}'.{nearest(name, TABLES)}")

    def __repr__(self) -> str:
        about, of = self.manifest, "without a manifest"
        if about:
            of = (
                f"of {about['a']['name']} with {about['b']['name']}, {about['start']} to "
                f"{about['end']}, {len(about['seeds'])} seeds, scale {about['scale']:g}"
            )
        return f"<sim77 comparison {of}: {', '.join(self.tables)}>"

    def effect(self, indicator: str) -> pd.Series:
        """Return one row of ``effects`` by the name of its indicator."""
        names = self.tables["effects"]["indicator"].tolist()
        if indicator not in names:
            raise ResultError(
                f"The comparison has no indicator '{indicator}'.{nearest(indicator, names)}"
            )
        return self.tables["effects"].iloc[names.index(indicator)]


def load_comparison(folder: str | Path) -> Comparison:
    """Read a comparison back; `sim77.load` reads whatever a folder holds.

    Parameters
    ----------
    folder : path
        Made by ``sim77 compare`` or `sim77.save`.

    Returns
    -------
    Comparison

    Raises
    ------
    ResultError
        If the folder is not a complete comparison, or one of an earlier version.
    """
    found = Comparison(*read_tables(Path(folder), TABLES, COMPARISON))
    check_columns(folder, "telecentres", found.telecentres, ("user_days_per_day_a",))
    return found


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
    posterior: str | Path | Posterior | None = None,
    seeds_per_draw: int | None = None,
    workplaces: str | Sequence[str] | None = None,
    territory: Territory | str | Path | None = None,
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
    posterior : str, path or Posterior, optional
        Parameters that neither a scenario nor `overrides` set are drawn: from ``"shipped"``, or
        from a file that ``sim77 calibrate`` leaves.
    seeds_per_draw : int, optional
        So many seeds in a row take the draw that goes with the first of them; 2 by default. With 1
        there is an interval, but chance and parameters are not told apart in it.
    workplaces : str or sequence of str, optional
        Workplace zones in scope; those that the territory takes by default.
    territory : Territory or path, optional
        Seine-et-Marne by default.
    processes : int, optional
        Processes that share the seeds; the cores of the machine by default.
    progress : callable, optional
        Called as ``progress(days_done, days)``, with the days of all pairs together.

    Returns
    -------
    Comparison

    Raises
    ------
    Sim77Error
        If anything asked for is unknown, out of range or cannot be compared, in one sentence.
    RunInterrupted
        If it is stopped from the keyboard.
    """
    began = time.perf_counter()
    pair = _pair(a, b, scale, start, end, overrides, workplaces, territory)
    checked_whole("number of seeds", seeds, 1, MOST_SEEDS)
    if processes is not None:
        checked_whole("number of processes", processes, 1, MOST_PROCESSES)
    numbers = list(range(checked_seed(first_seed), first_seed + seeds))
    checked_seed(numbers[-1])
    draws = _draws(posterior, seeds_per_draw, numbers)
    pairs = [_drawn(pair.with_seed(seed), draws) for seed in numbers]
    outcomes = _outcomes(pairs, processes or usable_cores(), progress)
    alike = None if draws is None else draws.seeds_per_draw
    tables = comparison_tables(outcomes, load_territory(territory), alike)
    tables["claims"] = claims_of(pair.b.scenario.name, outcomes, alike)
    seconds = time.perf_counter() - began
    manifest = manifest_of(pair, outcomes, dict(overrides or {}), seconds)
    if draws is not None:
        manifest["posterior"] = draws.described(numbers)
    return Comparison(tables, manifest)


def _pair(
    a: str | Scenario,
    b: str | Scenario,
    scale: float,
    start: dt.date | None,
    end: dt.date | None,
    overrides: Mapping[str, float] | None,
    workplaces: str | Sequence[str] | None,
    territory: Territory | str | Path | None,
) -> PairSpec:
    """Check what is asked for and make it small enough to send to another process."""
    known = load_territory(territory)
    sent = territory if isinstance(territory, Territory) else known.reference
    first, second = load_scenario(a, known), load_scenario(b, known)
    if (start is None and first.start != second.start) or (end is None and first.end != second.end):
        raise ResultError(
            f"'{first.name}' runs from {first.start} to {first.end} and '{second.name}' from "
            f"{second.start} to {second.end}: give start and end (--from and --to) to compare them."
        )
    days_of_run(first, start, end)
    if overrides:
        first, second = (each.with_(parameters=overrides) for each in (first, second))
    return PairSpec(
        *(
            RunSpec(
                each, scale=scale, workplaces=workplaces, start=start or first.start,
                end=end or first.end, territory=sent,
            )
            for each in (first, second)
        )
    )  # fmt: skip


def _draws(
    posterior: str | Path | Posterior | None, seeds_per_draw: int | None, seeds: list[int]
) -> SeedDraws | None:
    """Return the draws of a comparison, or say why seeds cannot be shared out so."""
    if posterior is None:
        if seeds_per_draw is not None:
            raise ResultError("Seeds per draw are those of a posterior's draws: name a posterior.")
        return None
    each = SEEDS_PER_DRAW if seeds_per_draw is None else seeds_per_draw
    checked_whole("number of seeds per draw", each, 1, MOST_SEEDS)
    if each > 1 and (len(seeds) % each or len(seeds) == each):
        raise ResultError(
            f"{len(seeds)} seeds cannot be shared evenly between two draws of the posterior or "
            f"more, {each} to a draw: take {max(2, len(seeds) // each) * each} seeds, or one seed "
            "per draw."
        )
    return SeedDraws(load_posterior(posterior), seeds[0], each)


def _drawn(pair: PairSpec, draws: SeedDraws | None) -> PairSpec:
    """Return a pair with the draw that goes with its seed in both scenarios."""
    if draws is None:
        return pair
    return PairSpec(
        *(replace(each, scenario=draws.under(each.scenario, each.seed)) for each in pair)
    )


def _outcomes(
    pairs: Sequence[PairSpec], processes: int, progress: Progress | None
) -> list[PairOutcome]:
    """Run the pairs, here if there is one, else in processes of one thread each."""
    found: dict[int, PairOutcome] = {}
    here = len(pairs) == 1 or processes == 1

    def show(done: int, days: int) -> None:
        if progress is not None:
            progress(len(found) * days + done, len(pairs) * days)

    def here_one_by_one() -> Iterator[tuple[int, PairOutcome]]:
        for place, pair in enumerate(pairs):
            yield place, run_pair(pair, progress=show)

    try:
        for place, outcome in here_one_by_one() if here else run_pairs(pairs, processes):
            found[place] = outcome
            show(0, len(outcome.days))
    except KeyboardInterrupt as error:
        raise RunInterrupted(
            f"Stopped after {len(found)} of {len(pairs)} pairs of runs; nothing was written."
        ) from error
    return [found[place] for place in range(len(pairs))]


def claims_of(
    policy: str, outcomes: list[PairOutcome], seeds_per_draw: int | None = None
) -> pd.DataFrame:
    """Return the verdicts on what is said of telecentres; no rows if the pair tests none."""
    found = {policy: [outcome.measures for outcome in outcomes if outcome.measures]}
    table = table_of(
        register().claims.values(), found, every_pair=True, seeds_per_draw=seeds_per_draw
    )
    return table if outcomes[0].measures else table.iloc[:0]


def manifest_of(
    pair: PairSpec, outcomes: list[PairOutcome], overrides: dict[str, float], seconds: float
) -> dict[str, Any]:
    """Return what was compared, with which seeds and versions, and what it took."""
    a, b = pair.a.scenario, pair.b.scenario
    return {
        KIND: COMPARISON,
        "sim77": __version__,
        "a": described(a, pair.a.start, pair.a.end),
        "b": described(b, pair.b.start, pair.b.end),
        # The period is left out: both are run on one.
        "differences": [asdict(each) for each in a.diff(b) if each.kind != "period"],
        "overrides": overrides,
        "seeds": [outcome.seed for outcome in outcomes],
        **pair.a.described(),
        "days": len(outcomes[0].days),
        "level": LEVEL,
        "cost": {"seconds": round(seconds, 2)},
        **made_with(),
    }
