"""Evaluating the model for a calibration: in parallel, and never twice.

What a run of the anchor years gives is kept in a SQLite file as soon as it is there, by what was
asked. A calibration that was killed asks the same again (its proposals are seeded) and finds the
answers, so nothing is lost but the runs under way.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sim77.analysis.calibrate.observe import Summary, anchor_run, summarise
from sim77.core.errors import StudyError
from sim77.registry.parameters import FrozenDict, defaults_hash, on_any_date
from sim77.runs.cluster import Cluster, Failure, open_cluster, run_batches
from sim77.runs.execute import RunSpec

Plain = dict[str, dict[str, list]]


@dataclass(frozen=True)
class Evaluation:
    """Runs of anchor years that differ by the year only; small enough to send to another process.

    Attributes
    ----------
    runs : mapping of str to RunSpec
        By anchor year.
    """

    runs: Mapping[str, RunSpec]

    @property
    def key(self) -> str:
        """The sha256 of what is asked, defaults in use included, in hexadecimal."""
        spec = next(iter(self.runs.values()))
        parameters = sorted(spec.overrides.items())
        defaults = defaults_hash(on_any_date(spec.overrides))
        years = [
            (name, each.scenario.hash, str(each.start), str(each.end))
            for name, each in self.runs.items()
        ]
        content = [parameters, years, spec.scale, spec.seed, defaults]
        if spec.territory is not None:
            content.append(spec.places.hash)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def evaluation_of(
    parameters: Mapping[str, float],
    anchors: Sequence[str],
    scale: float,
    seed: int,
    territory: str | None = None,
) -> Evaluation:
    """Return the runs of anchor years with some parameters."""
    runs = {
        name: anchor_run(name, parameters, scale=scale, seed=seed, territory=territory)
        for name in anchors
    }
    return Evaluation(FrozenDict(runs))


def evaluate(evaluation: Evaluation) -> Plain:
    """Run the anchor years; the function that workers call.

    Returns
    -------
    dict of str to dict
        `Summary.to_plain` by anchor year.
    """
    return {name: summarise(spec).to_plain() for name, spec in evaluation.runs.items()}


class Keyed(Protocol):
    """What can be computed and kept: anything with a key of its own."""

    @property
    def key(self) -> str:
        """Name of the answer in the file."""


class ResultCache:
    """Answers kept in a file, and computed when missing.

    Parameters
    ----------
    path : path
        The SQLite file; made if it is not there.
    cluster : Cluster
        Where runs are computed (`sim77.runs.cluster`).

    Attributes
    ----------
    requested, computed : int
        Questions asked, and those not found in the file, by this object.
    """

    def __init__(self, path: str | Path, cluster: Cluster):
        self._cluster = cluster
        check_database(path, "delete it, and what it held is computed again")
        try:
            self._file = sqlite3.connect(path)
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, tallies TEXT)"
            )
        except sqlite3.Error as error:
            raise StudyError(f"cannot use '{path}' to store evaluations: {error}.") from error
        self.requested, self.computed = 0, 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def plain(self, function: Callable[[Any], Any], wanted: Sequence[Keyed]) -> list[Any]:
        """Return what `function` gives for each question, as JSON holds it.

        Parameters
        ----------
        function : callable
            Importable by the workers; one function a file.
        wanted : sequence
            Each with a ``key``; `function` is called with it.

        Raises
        ------
        StudyError
            If a run fails.
        """
        self.requested += len(wanted)
        missing = {each.key: each for each in wanted if self._cached(each.key) is None}
        self.computed += len(missing)
        items = list(missing.values())
        for index, value in run_batches(self._cluster, function, items, total=len(items)):
            if isinstance(value, Failure):
                raise StudyError(f"a run failed: {value.message.rstrip('.')}.")
            self._store(items[index].key, value)
        return [self._read(each.key) for each in wanted]

    def _cached(self, key: str) -> str | None:
        row = self._file.execute("SELECT tallies FROM answers WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _store(self, key: str, value: Any) -> None:
        with self._file:
            self._file.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, json.dumps(value))
            )

    def _read(self, key: str) -> Any:
        cached = self._cached(key)
        if cached is None:
            raise StudyError("an evaluation is missing: the file of evaluations was changed.")
        return json.loads(cached)


def check_database(path: str | Path, remedy: str) -> None:
    """Raise if a SQLite file is there and damaged.

    Parameters
    ----------
    path : path
    remedy : str
        What can be done, as the end of a sentence.

    Raises
    ------
    StudyError
    """
    if not Path(path).exists():
        return
    try:
        with closing(sqlite3.connect(path)) as file:
            (found,) = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:  # locked, or not allowed to be read
        raise StudyError(f"cannot use '{path}': {error}.") from error
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise StudyError(f"'{path}' is damaged ({found}): {remedy}.")


class Evaluations(ResultCache):
    """Runs of anchor years, kept as `ResultCache` keeps them."""

    def __call__(self, wanted: Sequence[Evaluation]) -> list[dict[str, Summary]]:
        """Return the summaries of each question by anchor year.

        Raises
        ------
        StudyError
            If a run fails.
        """
        return [
            {name: Summary.from_plain(plain) for name, plain in each.items()}
            for each in self.plain(evaluate, wanted)
        ]


@contextmanager
def open_evaluations(
    path: str | Path, workers: int | None = None, scheduler: str | None = None
) -> Iterator[Evaluations]:
    """Open a file of evaluations with a cluster of its own, and close both.

    Parameters
    ----------
    path : path
    workers, scheduler : optional
        As in `sim77.runs.cluster.open_cluster`.

    Yields
    ------
    Evaluations
    """
    with open_cluster(workers, scheduler) as cluster:
        evaluations = Evaluations(path, cluster)
        try:
            yield evaluations
        finally:
            evaluations.close()
