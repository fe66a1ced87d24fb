"""All that a run remembers from one day to the next, as one tree.

A fork (`sim77.runs.fork`) is a copy of this tree: `pack` turns it into arrays and plain values and
`unpack` makes it again, both led by the declared types of the fields. A new field of a part, or a
new part, is saved without a word elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from sim77.engine import home_based
from sim77.engine.arrays import (
    Centres,
    Choosers,
    Markets,
    OfficeMinutes,
    Settings,
    Subscriptions,
    Trips,
    Workers,
)
from sim77.engine.axes import axes
from sim77.engine.choice.allowance import NEVER_BINDS
from sim77.engine.learning import TeamMemory
from sim77.engine.organisations.employers import Employers, QuarterLedger
from sim77.engine.organisations.operators import MonthLedger, Operators
from sim77.engine.population.population import Population
from sim77.engine.recorder import Recorder
from sim77.engine.supply.network import Background, Loads
from sim77.engine.supply.pairs import PairTables
from sim77.engine.world import Effects
from sim77.registry.parameters import FrozenDict, ParameterSet
from sim77.scenario.policy import PolicyState

FORMAT = 14
"""To be raised when the meaning of the saved state changes."""


@dataclass
class CentreDay:
    """The telecentres on the last day, and what is known of them; first axis the centres.

    Attributes
    ----------
    colocation : numpy.ndarray of float64
        Desks occupied on an average day of last week, at full scale.
    occupied_last_week : numpy.ndarray of float64
        The same summed over the days of this week so far.
    mobile_expected : numpy.ndarray
        Visits expected of mobile staff.
    desks, exogenous, refusals, turned_away : numpy.ndarray of int64
        Desks, users who are not simulated, bookings refused, and persons who preferred the centre
        and got no desk anywhere, at the scale of the run.
    mobile_users, free_desks : numpy.ndarray of int64, shape (n_sites, 2)
        In the morning and in the afternoon.
    subscriptions : numpy.ndarray
        Held this month.
    known : numpy.ndarray of float64, shape (n_sites, n_communes)
        Share of a commune's workers who know each (`sim77.engine.organisations.awareness`).
    known_around : numpy.ndarray of float64
        The mean of that over the residents in reach.
    announced : numpy.ndarray of bool
        Whether each has opened, on the first day or since.
    offer : Centres
        What the centres offer this week.
    """

    colocation: np.ndarray
    occupied_last_week: np.ndarray
    mobile_expected: np.ndarray
    desks: np.ndarray
    exogenous: np.ndarray
    refusals: np.ndarray
    turned_away: np.ndarray
    mobile_users: np.ndarray
    free_desks: np.ndarray
    subscriptions: np.ndarray
    known: np.ndarray
    known_around: np.ndarray
    announced: np.ndarray
    offer: Centres = field(init=False)

    @classmethod
    def empty(cls, known: np.ndarray, announced: np.ndarray) -> CentreDay:
        """Return what there is before the first day: nobody anywhere."""
        n_sites = len(known)
        colocation, occupied, mobile, subscriptions, around = np.zeros((5, n_sites))
        desks, exogenous, refusals, turned_away = np.zeros((4, n_sites), dtype=np.int64)
        visitors, free = np.zeros((2, n_sites, 2), dtype=np.int64)
        return cls(
            colocation, occupied, mobile, desks, exogenous, refusals, turned_away, visitors, free,
            subscriptions, known, around, announced,
        )  # fmt: skip


@dataclass
class Memory:
    """All that a run remembers.

    Attributes
    ----------
    day : datetime.date
        The last day simulated.
    effects : Effects
        What the policies in force do.
    columns : Workers
        What the workers are and remember.
    home_based : Workers
        The same of those who work at home for themselves.
    teams : TeamMemory
        What they remember of their teams.
    trips : Trips
        The journeys of the last day.
    office_min : OfficeMinutes
    background : Background
        Traffic that no simulated worker makes.
    loads : Loads
        Of trains and roads on the last day.
    expected_min : numpy.ndarray of float64
        Perceived minutes that crowding and full trains are expected to add on each segment.
    expected_ratio : numpy.ndarray of float64
        Loaded over free-flow minutes expected on each section.
    centres : CentreDay
    subscriptions : Subscriptions
        Held this month.
    operators : Operators
    employers : Employers
    month_ledger : MonthLedger
        Of the telecentres, this month so far.
    quarter_ledger : QuarterLedger
        Of the employers, this quarter so far.
    outputs : numpy.ndarray of float64, shape (n_communes, N_KINDS_OF_WORKER, N_OUTPUTS)
        Of the last day.
    refusal_loss : numpy.ndarray, shape (n_communes, N_KINDS_OF_WORKER)
        What was lost for want of desks on the last day, weighted, in utils
        (`sim77.engine.booking_kernels.book`).
    recorder : Recorder
    visited : numpy.ndarray of int64
        Workers who may do anything but go to the office, or did lately, in order: those with an
        allowance, those who are isolated, and those with bookings this month.
    settings : Settings
        Numbers of the last day.
    markets : Markets
        Travel utilities of the last day.
    month : int
        In which the subscriptions have been settled, -1 for none yet.
    week : datetime.date
        Monday of the week of the last day.
    centres_met : bool
        Whether the workers know the centres that they should know this month.
    week_valued : bool
        Whether the value of the rest of the week holds.
    weekdays_done : int
        Weekdays simulated this week, as bits.
    days_done : int
        Their number.
    """

    day: dt.date
    effects: Effects
    columns: Workers = field(metadata=axes("", "alternative"))
    home_based: Workers = field(metadata=axes("", "alternative"))
    teams: TeamMemory
    trips: Trips
    office_min: OfficeMinutes
    background: Background
    loads: Loads
    expected_min: np.ndarray
    expected_ratio: np.ndarray
    centres: CentreDay = field(metadata=axes("site"))
    subscriptions: Subscriptions
    operators: Operators = field(metadata=axes("site"))
    employers: Employers
    month_ledger: MonthLedger = field(metadata=axes("site"))
    quarter_ledger: QuarterLedger
    outputs: np.ndarray
    refusal_loss: np.ndarray
    recorder: Recorder
    visited: np.ndarray = field(init=False, default_factory=lambda: np.empty(0, dtype=np.int64))
    settings: Settings = field(init=False)
    markets: Markets = field(init=False)
    month: int = -1
    week: dt.date = dt.date.min
    centres_met: bool = False
    week_valued: bool = False
    weekdays_done: int = 0
    days_done: int = 0

    @property
    def choosers(self) -> Choosers:
        """Workers with an allowance."""
        return self.effects.choosers

    def as_run(self, state: PolicyState) -> PolicyState:
        """Return the policies of a day with what operators and employers have made of them."""
        state = self.operators.applied_to(state)
        floor = self.employers.floor
        return replace(state, coverage_floor=floor) if floor else state

    @property
    def seekers_of_desks(self) -> tuple[tuple[Workers, Choosers], tuple[Workers, Choosers]]:
        """Commuters with those of them who have an allowance, and the same of who works at home."""
        return (self.columns, self.choosers), (self.home_based, self.effects.home_based)

    def keep_week_values(self, before: Effects) -> None:
        """Let who might choose before, and still may, keep the value of a day of this week."""
        of_old = before.choosers, before.home_based
        for (w, new), old in zip(self.seekers_of_desks, of_old, strict=True):
            place, value = w.chooser[old.worker], old.week_value.copy()
            new.week_value[:] = np.nan
            new.week_value[place[place >= 0]] = value[place >= 0]

    def follow_policies(self) -> None:
        """Give the workers the allowances and mode tastes that the policies in force leave them."""
        effects = self.effects
        w = self.columns = self.columns._replace(taste=effects.taste)
        w.allowance[:] = effects.rights.half_days
        w.chooser[:] = -1
        w.chooser[self.choosers.worker] = np.arange(self.choosers.worker.size)
        self.teams.follow(self.choosers.worker)
        stay, mine = self.home_based, self.effects.home_based.worker
        stay.allowance[:], stay.chooser[:] = 0, -1
        stay.allowance[mine], stay.chooser[mine] = NEVER_BINDS, np.arange(mine.size)
        stay.isolation[:] = home_based.lasting_isolation(self.effects.parameters)
        before = self.visited
        lately = before[(w.isolation[before] > 0.0) | w.asked_eur[before].any(axis=1)]
        visited = np.zeros(w.kind.size, dtype=np.bool_)
        visited[self.choosers.worker], visited[lately] = True, True
        self.visited = np.flatnonzero(visited)
        self.centres_met = self.week_valued = False


# Saving and reading back -------------------------------------------------------------------


@dataclass(frozen=True)
class Packed:
    """A memory as arrays by name and as values that JSON can hold.

    Attributes
    ----------
    arrays : dict of str to numpy.ndarray
        Not copied. Days not yet recorded are left out.
    content : dict
        The tree; an array is its name, one of the population (which no day changes) that of its
        column.
    """

    arrays: dict[str, np.ndarray]
    content: dict[str, Any]


def pack(memory: Memory, population: Population) -> Packed:
    """Return a memory as arrays and plain values."""
    packer = _Packer(population, len(memory.recorder.days))
    content = packer.pack(memory, "memory", ())
    return Packed(packer.arrays, content)


def unpack(packed: Packed, fresh: Memory, population: Population, sites: Sequence[str]) -> Memory:
    """Return the memory that was packed, for another model of the same people and days.

    Parameters
    ----------
    packed : Packed
    fresh : Memory
        Of that model before its first day. It may have other telecentres: those that have been
        open come first, in the same order, in both (`sim77.engine.world.sites_in_order`), and
        new ones stay as they are in `fresh`.
    population : Population
    sites : sequence of str
        Telecentres of the packed memory.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the parts do not fit together.
    """
    memory: Memory = _Unpacker(packed.arrays, fresh, population, sites).read(
        Memory, packed.content, fresh, ()
    )
    if memory.columns.kind.size != population.low.size:
        raise ValueError(memory.columns.kind.size)
    return memory


def _axes_of(owner: Any, name: str, outer: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the axes of a field stand for; a field that says nothing inherits."""
    metadata: Mapping[str, Any]
    if is_dataclass(owner):
        metadata = next(each.metadata for each in fields(owner) if each.name == name)
    else:
        (metadata,) = getattr(owner.__annotations__.get(name), "__metadata__", ({},))
    return metadata.get("axes", outer)


class _Packer:
    def __init__(self, population: Population, days_done: int):
        self.arrays: dict[str, np.ndarray] = {}
        self._fixed = {id(each): name for name, each in vars(population).items()}
        self._days_done = days_done

    def pack(self, value: Any, name: str, along: tuple[str, ...]) -> Any:
        if isinstance(value, np.ndarray):
            if id(value) in self._fixed:
                return self._fixed[id(value)]
            self.arrays[name] = value[: self._days_done] if along[:1] == ("day",) else value
            return name
        if isinstance(value, PairTables):
            return None  # of the territory: whoever reads it back has the same
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, Mapping | ParameterSet):
            return [
                [self.pack(key, "", ()), self.pack(each, f"{name}.{key}", along)]
                for key, each in value.items()
            ]
        names = _field_names(type(value))
        if names:
            return {
                each: self.pack(
                    getattr(value, each), f"{name}.{each}", _axes_of(type(value), each, along)
                )
                for each in names
            }
        if isinstance(value, tuple | list):
            return [self.pack(each, f"{name}.{n}", along) for n, each in enumerate(value)]
        return value


class _Unpacker:
    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        fresh: Memory,
        population: Population,
        sites: Sequence[str],
    ):
        self._arrays, self._population, self._sites = arrays, population, sites
        ids = fresh.operators.ids
        self._n_sites = len(ids)
        self._places = [(n, sites.index(name)) for n, name in enumerate(ids) if name in sites]

    def read(self, kind: Any, content: Any, fresh: Any, along: tuple[str, ...]) -> Any:
        if isinstance(fresh, PairTables):
            return fresh
        if kind is Any:
            kind = type(fresh)
        origin = get_origin(kind)
        if np.ndarray in (kind, origin):
            return self._array(content, fresh, along)
        if origin is UnionType:
            given = next(each for each in get_args(kind) if each is not type(None))
            return None if content is None else self.read(given, content, fresh, along)
        if kind is dt.date:
            return dt.date.fromisoformat(content)
        if kind is ParameterSet:
            return ParameterSet(dict(content))
        if origin in (dict, FrozenDict):
            *key_kinds, value_kind = get_args(kind)
            key_kind = key_kinds[0] if key_kinds else str
            return origin(
                {
                    self.read(key_kind, key, None, ()): self.read(value_kind, each, None, along)
                    for key, each in content
                }
            )
        if origin is list:
            return [self.read(get_args(kind)[0], each, None, along) for each in content]
        if origin is tuple:
            # Names of telecentres are those of the other model.
            if along[:1] == ("site",):
                return fresh
            inner = get_args(kind)[0]
            return tuple(self.read(inner, each, None, along) for each in content)
        names = _field_names(kind)
        if not names:
            return kind(content)
        types = get_type_hints(kind)
        values = {
            name: self.read(
                types[name], content[name], getattr(fresh, name, None), _axes_of(kind, name, along)
            )
            for name in names
        }
        if hasattr(kind, "_make"):
            return kind(**values)
        made = object.__new__(kind)
        for name, value in values.items():
            object.__setattr__(made, name, value)
        return made

    def _array(self, name: str, fresh: np.ndarray | None, along: tuple[str, ...]) -> np.ndarray:
        if name not in self._arrays:
            return np.asarray(getattr(self._population, name))
        array = np.array(self._arrays[name])
        for axis, what in enumerate(along[: array.ndim]):
            if not what:
                continue
            size = self._n_sites if fresh is None else fresh.shape[axis]
            shape = (*array.shape[:axis], size, *array.shape[axis + 1 :])
            whole = np.zeros_like(array, shape=shape)
            if what == "site":
                if array.shape[axis] != len(self._sites):
                    raise ValueError(name)
                if fresh is not None and fresh.shape == shape:
                    whole[:] = fresh
                for to, at in self._places:
                    np.moveaxis(whole, axis, 0)[to] = np.moveaxis(array, axis, 0)[at]
            else:
                kept = (*[slice(None)] * axis, slice(min(size, array.shape[axis])))
                whole[kept] = array[kept]
            array = whole
        return array


def _field_names(kind: Any) -> tuple[str, ...]:
    """Return the fields of a dataclass or a named tuple; none of anything else."""
    if is_dataclass(kind):
        return tuple(each.name for each in fields(kind))
    return getattr(kind, "_fields", ())
