"""Workers as agents: an `AgentSet`-like view over the model's columns.

``model.workers`` counts, selects, groups, aggregates and iterates like a Mesa ``AgentSet``, and
``model.workers[i]`` is one worker with named attributes, while their state stays in arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.errors import ResultError, nearest
from sim77.core.units import EMPLOYER_SIZES, MODES, OCCUPATION_GROUPS, PLAN_KINDS
from sim77.engine.population.population import categories, population_frame
from sim77.engine.view import ModelView


def _of_today(model: ModelView) -> dict[str, np.ndarray]:
    columns, rights = model.columns, model.rights
    return {
        "teleworkable": rights.teleworkable,
        "covered": rights.covered,
        "allowance_half_days": rights.half_days,
        "half_days_left": np.maximum(columns.allowance - columns.used, 0),
        "isolation": columns.isolation,
        "plan": columns.kind,
        "mode": columns.mode,
        "telecentre": model.centre_today,
        "minutes_saved": columns.minutes_saved,
    }


_NAMES = {
    "group": OCCUPATION_GROUPS,
    "size": (*EMPLOYER_SIZES, "none"),
    "plan": (*PLAN_KINDS, "not-at-work"),
    "mode": MODES,
}


def _names(model: ModelView) -> dict[str, tuple[str, ...]]:
    """Return the names behind the columns that hold indices."""
    return {"zone": model.territory.workplace_zones, **_NAMES}


class Worker:
    """One worker; attributes are the columns of `WorkerSet.to_frame`, names in place of indices.

    Parameters
    ----------
    model : ModelView
    index : int
        Row in the model's columns.
    """

    __slots__ = ("index", "model")

    def __init__(self, model: ModelView, index: int):
        self.model = model
        self.index = index

    @property
    def unique_id(self) -> tuple[int, int]:
        """Identity words, the same in every scope, scale and scenario."""
        return int(self.model.population.high[self.index]), int(
            self.model.population.low[self.index]
        )

    def __getattr__(self, name: str) -> Any:
        if name in self.__slots__ or name.startswith("__"):
            raise AttributeError(name)  # of one that is being copied
        value = WorkerSet(self.model).get(name)[self.index]
        names = _names(self.model)
        if name in names:
            return names[name][value]
        return value.item() if isinstance(value, np.generic) else value

    def __repr__(self) -> str:
        return (
            f"Worker {self.index} of the run: {self.group}, lives in {self.commune_code}, works in "
            f"{self.zone}"
        )


class WorkerSet:
    """Workers of a model, or some of them.

    Parameters
    ----------
    model : ModelView
    rows : numpy.ndarray of int, optional
        Rows in the model's columns; everybody by default.
    """

    def __init__(self, model: ModelView, rows: np.ndarray | None = None):
        self.model = model
        self.rows = np.arange(model.population.low.size) if rows is None else rows

    def __len__(self) -> int:
        return self.rows.size

    def __iter__(self) -> Iterator[Worker]:
        return (Worker(self.model, int(row)) for row in self.rows)

    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return WorkerSet(self.model, self.rows[position])
        return Worker(self.model, int(self.rows[position]))

    def __contains__(self, worker: object) -> bool:
        return isinstance(worker, Worker) and worker.index in self.rows

    @property
    def attributes(self) -> list[str]:
        """Names that `get`, `agg`, `groupby` and single workers understand."""
        return [*self._fixed(), "commune_code", *_of_today(self.model)]

    def _fixed(self) -> dict[str, np.ndarray]:
        return self.model.population.worker_columns()

    def get(self, name: str) -> np.ndarray:
        """Return one attribute of these workers as an array, shape (len(self),)."""
        fixed = self._fixed()
        if name in fixed:
            return fixed[name][self.rows]
        if name == "commune_code":
            return self.model.territory.communes["code"].to_numpy()[
                self.model.population.commune[self.rows]
            ]
        today = _of_today(self.model)
        if name in today:
            return today[name][self.rows]
        raise AttributeError(f"A worker has no '{name}'.{nearest(name, self.attributes)}")

    def select(
        self,
        filter_func: Callable[[Worker], bool] | None = None,
        at_most: float = np.inf,
        **equal: Any,
    ) -> WorkerSet:
        """Return the workers who pass a test, at most so many.

        Parameters
        ----------
        filter_func : callable, optional
            Called with each worker (slow for many).
        at_most : int or float
            A number of workers, or a share of them if below 1.
        **equal
            Attributes and the values they must have, such as ``group="managers"`` (fast).

        Returns
        -------
        WorkerSet
        """
        rows, names = self.rows, _names(self.model)
        for name, wanted in equal.items():
            value = wanted
            if name in names and isinstance(wanted, str):
                known = tuple(names[name])
                if wanted not in known:
                    raise ResultError(
                        f"No worker has '{wanted}' as {name}.{nearest(wanted, known)}"
                    )
                value = known.index(wanted)
            if name in ("size", "plan") and value == len(names[name]) - 1:
                value = -1
            rows = rows[WorkerSet(self.model, rows).get(name) == value]
        if filter_func is not None:
            rows = np.array(
                [row for row in rows if filter_func(Worker(self.model, int(row)))], dtype=np.int64
            )
        limit = int(at_most * rows.size) if at_most < 1 else at_most
        return WorkerSet(self.model, rows if np.isinf(limit) else rows[: int(limit)])

    def count(self, **equal: Any) -> int:
        """Return how many workers have these attributes."""
        return len(self.select(**equal))

    def agg(self, name: str, func: Callable[[np.ndarray], Any]) -> Any:
        """Return `func` of one attribute of these workers."""
        return func(self.get(name))

    def groupby(self, name: str) -> dict[Any, WorkerSet]:
        """Return the workers by the value of one attribute, names in place of indices."""
        values, names = self.get(name), _names(self.model)
        groups = {}
        for value in np.unique(values):
            key = names[name][value] if name in names else value
            groups[key] = WorkerSet(self.model, self.rows[values == value])
        return groups

    def map(self, func: Callable[[Worker], Any]) -> list[Any]:
        """Return `func` of each worker."""
        return [func(worker) for worker in self]

    def to_frame(self, *, names: bool = False) -> pd.DataFrame:
        """Return these workers as a table, one row a worker, today's state included.

        Parameters
        ----------
        names : bool
            Names in place of the indices of group, zone, size, plan and mode.

        Returns
        -------
        pandas.DataFrame
        """
        frame = population_frame(self.model.population, self.model.territory)
        frame = frame.assign(**_of_today(self.model)).iloc[self.rows].reset_index(drop=True)
        if names:
            for name, values in _names(self.model).items():
                frame[name] = categories(frame[name].to_numpy() % len(values), values)
        return frame
