"""Run a study: what is missing, in the order of its seeds, into its store, until it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sim77.analysis.sweep.evaluate import SECONDS, simulate
from sim77.analysis.sweep.file import load_study
from sim77.analysis.sweep.results import Sweep, half_width, load_sweep
from sim77.analysis.sweep.store import DRAW, POINT, RUN_ID, SEED, SweepStore, open_store
from sim77.analysis.sweep.store import run_id as name_of
from sim77.analysis.sweep.study import Study
from sim77.core.errors import RunInterrupted, StudyError, nearest
from sim77.runs.cluster import Cluster, Failure, open_cluster, run_batches

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]
Run = tuple[int, int]
"""Design point and replication, both from 0."""

_RUNS_TIMED = 3


def run_study(
    study: Study | str | Path,
    out: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    repair: bool = False,
    only: str = "",
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Sweep:
    """Do the runs of a study that its store lacks.

    Parameters
    ----------
    study : Study or path
    out : path
        The store; the runs that it holds already are not done again.
    workers : int, optional
        Processes on this machine, by default one a core; 0: none, all happens here.
    scheduler : str, optional
        Address of a Dask scheduler.
    retry_failed : bool
        Do the runs that have failed again; otherwise they count as done.
    repair : bool
        Set aside what of the store is damaged and do its runs again; otherwise it is refused.
    only : str
        A condition on factors that chooses design points, like ``"price_day < 10"``.
    progress : callable, optional
        Called as ``progress(done, runs)``.
    tell : callable, optional
        Called with sentences for the user.

    Returns
    -------
    Sweep

    Raises
    ------
    StudyError
        If the study, the store or the cluster is not as it must be.
    RunInterrupted
        If it is stopped from the keyboard; what is done is stored.
    """
    # Measured: Arrow's own allocator keeps tens of megabytes that the system's gives back. pandas
    # holds text in Arrow too, so that the choice is for the whole process and stays.
    pa.set_memory_pool(pa.system_memory_pool())
    study = study if isinstance(study, Study) else load_study(study)
    chosen = chosen_points(study, only)
    folder = Path(out)
    if scheduler is not None:
        # A wrong address leaves no folder behind.
        with open_cluster(workers, scheduler):
            pass
    sweeper: _Sweeper | None = None
    try:
        # The cluster is opened by the first run that is missing: often there is none.
        with open_store(folder, study, repair=repair) as store, ExitStack() as opened:
            if store.changed and tell is not None:
                tell(
                    f"{folder / store.changed[0]} has changed since the last sweep: the runs are "
                    "those of the study as it is now."
                )
            sweeper = _Sweeper(study, store, chosen, retry_failed, progress, tell)
            sweeper.run(lambda: opened.enter_context(open_cluster(workers, scheduler)))
    except KeyboardInterrupt as error:
        done = sweeper.done if sweeper else 0
        raise RunInterrupted(
            f"Stopped; runs stored in {folder}: {done:,}. The same command goes on from there."
        ) from error
    return load_sweep(folder)


def chosen_points(study: Study, only: str) -> list[int]:
    """Return the numbers of the design points that a condition on the factors chooses."""
    if not only:
        return list(range(study.n_points))
    try:
        found = study.points.eval(only, engine="python")
    except pd.errors.UndefinedVariableError as error:
        name = str(error).split("'")[1]
        raise StudyError(
            f"'{only}' names '{name}', which is no factor.{nearest(name, study.factor_names)}"
        ) from error
    except Exception as error:
        names = ", ".join(study.factor_names)
        raise StudyError(
            f"'{only}' is not a condition on the factors ({names}): {str(error).rstrip('.')}."
        ) from error
    names = ", ".join(study.factor_names)
    if not isinstance(found, pd.Series) or found.dtype != np.bool_:
        raise StudyError(
            f"'{only}' is a value, expected a condition on the factors ({names}), like "
            f"'{study.factor_names[0]} < 1'."
        )
    if not found.any():
        raise StudyError(f"no point of the design fits '{only}'.")
    return [int(number) for number in found.index[found]]


def time_one_run(study: Study) -> float:
    """Return the seconds that a run takes, from doing two here and timing the second."""
    for design in (0, study.n_points - 1):
        values = simulate(study.evaluation(design, 0))
    seconds = values[SECONDS]
    assert isinstance(seconds, float)
    return seconds


def in_words(seconds: float) -> str:
    """Write a duration as a person says it."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class _Sweeper:
    """Does what is missing, wave by wave, and puts it into the store."""

    def __init__(
        self,
        study: Study,
        store: SweepStore,
        chosen: list[int],
        retry_failed: bool,
        progress: Progress | None,
        tell: Tell | None,
    ) -> None:
        self._study, self._store, self._chosen = study, store, chosen
        self._progress, self._tell = progress, tell
        self._keys = {design: study.point_key(design) for design in chosen}
        self._stored = store.stored()
        self._settled = self._stored | (set() if retry_failed else store.failed())
        self._seconds: list[float] = []
        self._cluster: Cluster | None = None

    @property
    def done(self) -> int:
        """Runs in the store."""
        return len(self._stored)

    def run(self, cluster: Callable[[], Cluster]) -> None:
        """Do all waves, on a cluster that is opened when the first run is missing."""
        for wave in self._waves():
            missing = self._missing(wave)
            self._show(len(wave) - len(missing), len(wave))
            if missing:
                self._cluster = self._cluster or cluster()
                self._say_if_empty(self._cluster)
                self._run(self._cluster, missing, len(wave))

    def _waves(self) -> Iterator[list[Run]]:
        """Yield lists of runs, each ordered by seed, so that a population serves many runs.

        With a fixed number of replications there is one wave. Otherwise whether a point gets
        another replication depends on those it has and on nothing else.
        """
        repeats = self._study.repeats
        yield [(design, r) for r in range(repeats.at_least) for design in self._chosen]
        if repeats.fixed:
            return
        wide = self._chosen
        for r in range(repeats.at_least, repeats.at_most):
            values = self._values(repeats.outcome)
            wide = [design for design in wide if self._is_wide(values[design], r)]
            if not wide:
                return
            yield [(design, r) for design in wide]

    def _values(self, outcome: str) -> dict[int, dict[int, float]]:
        """Return an outcome of each chosen point by replication, from the store."""
        self._store.flush()
        found: dict[str, dict[int, float]] = defaultdict(dict)
        table = self._store.runs((POINT, SEED, outcome))
        for point, seed, value in zip(*(column.to_pylist() for column in table), strict=True):
            found[point][seed - self._study.seed] = value
        return {design: found[key] for design, key in self._keys.items()}

    def _is_wide(self, values: dict[int, float], replication: int) -> bool:
        """Say whether the replications before this one leave the interval too wide."""
        before = np.array([values[r] for r in sorted(values) if 0 <= r < replication])
        # Seeds of one draw of a posterior are no independent cases; their means are.
        each = self._study.seeds_per_draw
        means = before[: before.size // each * each].reshape(-1, each).mean(axis=1)
        if means.size < 2:
            return True
        half = half_width(np.std(means, ddof=1), np.array(means.size))
        return bool(half > self._study.repeats.half_width)

    def _missing(self, wave: list[Run]) -> list[Run]:
        """Return the runs that are neither stored nor failed.

        Two points with the same content have the same name, and one run serves both.
        """
        runs: dict[str, Run] = {}
        for run in wave:
            name = self._name(run)
            if name not in self._settled:
                runs.setdefault(name, run)
        return list(runs.values())

    def _run(self, cluster: Cluster, runs: list[Run], size: int) -> None:
        specs = (self._study.evaluation(*run) for run in runs)
        with closing(run_batches(cluster, simulate, specs, total=len(runs))) as computed:
            for done, (index, value) in enumerate(computed, start=1):
                self._keep(runs[index], value)
                left = len(runs) - done
                self._show(size - left, size)
                self._estimate(cluster, left)

    def _keep(self, run: Run, value: Any) -> None:
        name = self._name(run)
        self._settled.add(name)
        row = self._identity(run)
        if isinstance(value, Failure):
            failed = {"error_type": value.error_type, "message": value.message}
            self._store.add_failure(row | failed)
            return
        self._stored.add(name)
        self._seconds.append(value[SECONDS])
        del self._seconds[:-_RUNS_TIMED]
        self._store.add_run(row | value)

    def _identity(self, run: Run) -> dict[str, Any]:
        design, replication = run
        study, seed = self._study, self._study.seed + replication
        row = {RUN_ID: self._name(run), POINT: self._keys[design], SEED: seed}
        if study.draws is not None:
            row[DRAW] = study.draws.index_for(seed)
        return row | study.point(design)

    def _name(self, run: Run) -> str:
        return name_of(self._keys[run[0]], self._study.seed + run[1])

    def _show(self, done: int, total: int) -> None:
        if self._progress is not None:
            self._progress(done, total)

    def _say_if_empty(self, cluster: Cluster) -> None:
        if self._tell is not None and cluster.threads == 0:
            self._tell("The cluster has no worker yet: the runs wait for the first one.")

    def _estimate(self, cluster: Cluster, left: int) -> None:
        """Say once, after the first few runs, how long the rest will take."""
        if self._tell is None or len(self._seconds) < _RUNS_TIMED:
            return
        threads = max(cluster.threads, 1)
        seconds = min(self._seconds) * left / threads
        self._tell(
            f"About {in_words(seconds)} for the other {left:,} runs on {threads} "
            f"{'process' if threads == 1 else 'processes'}: an estimate from the first runs."
        )
        self._tell = None
