"""Who is explained: workers by row or identity, the same in every scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim77.core.errors import ResultError, nearest
from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS
from sim77.engine.model import CommuteModel
from sim77.engine.population.flows import FlowRows, flow_rows

AT_HOME = "home"
"""In an identity, the workplace of who works at home for themselves."""
IDENTITY = re.compile(rf"(\w{{5}})-(\w{{5}}|{AT_HOME})-([1-6])-(\d{{1,7}})", re.ASCII)
_EXAMPLE = f"77186-{AT_HOME}-3-12 (works at home) or 77186-75112-3-12"
_NUMBER_BITS = 26  # the running number is in the lowest


@dataclass(frozen=True)
class Person:
    """Who is explained; the same in every scenario.

    Attributes
    ----------
    number : int
        Place among all in scope, by home, place of work and occupation; not a row of columns.
    identity : str
        ``HOME-WORK-category-number``: codes of home and work, census category, running number;
        WORK is `AT_HOME` for who works at home for themselves.
    commune, zone, group, size : str
        Name of the commune; workplace zone, occupation group and employer size (``none``).
    works : tuple of str
        Weekdays worked.
    car : bool
        A car is at hand.
    workplace : str
        Name of the place of work.
    zone_labels : mapping of str to str
        What the territory calls the zone, by language.
    at_home : bool
        Works at home for themselves.
    """

    number: int
    identity: str
    commune: str
    zone: str
    group: str
    size: str
    works: tuple[str, ...]
    car: bool
    workplace: str
    zone_labels: Mapping[str, str]
    at_home: bool = False


class _Place(NamedTuple):
    """Where somebody is in the flows: row of the home commune, identity words."""

    commune: int
    high: int
    low: int


def works_at_home(worker: int | str) -> bool:
    """Say whether an identity is of somebody who works at home."""
    match = IDENTITY.fullmatch(str(worker).strip())
    return match is not None and match[2] == AT_HOME


def find_worker(model: CommuteModel, worker: int | str) -> int:
    """Return the row in a model's columns of a worker, or among those who work at home.

    Parameters
    ----------
    model : CommuteModel
    worker : int or str
        Number among all workers in scope at full scale, or the identity.
    """
    at_home = works_at_home(worker)
    flows = _Flows(model, at_home)
    text = str(worker).strip()
    match = IDENTITY.fullmatch(text)
    if match is None and not text.isdecimal():
        raise ResultError(f"A worker is a number, or an identity like {_EXAMPLE}, not '{worker}'.")
    place = flows.by_number(int(text)) if match is None else flows.by_identity(text, match.groups())
    people = model.world.home_based if at_home else model.population
    first, end = people.commune_start[place.commune : place.commune + 2]
    mine = (people.low[first:end] == place.low) & (people.high[first:end] == place.high)
    rows = first + np.flatnonzero(mine)
    if rows.size == 0:
        near = ""
        if end > first:
            near = f"; of the same commune worker {flows.named(int(first))[0]} is"
        raise ResultError(
            f"Worker {worker} is not in the sample at scale {model.scale:g}{near}; at scale 1 "
            "everybody is simulated."
        )
    if at_home and model.memory.home_based.chooser[rows[0]] < 0:
        raise ResultError(
            f"{text} works at home, but not at a desk (an assumption): there is nothing to choose."
        )
    return int(rows[0])


def person_of(model: CommuteModel, row: int, at_home: bool = False) -> Person:
    """Describe the worker in a row of a model's columns, or of those who work at home."""
    territory = model.territory
    people = model.world.home_based if at_home else model.population
    number, identity = _Flows(model, at_home).named(row)
    zone = territory.workplace_zones[people.zone[row]]
    workplace = int(people.destination[row])
    return Person(
        number=number,
        identity=identity,
        commune=str(territory.communes["name"].iloc[people.commune[row]]),
        zone=zone,
        group=OCCUPATION_GROUPS[people.group[row]],
        size=(*EMPLOYER_SIZES, "none")[people.size[row]],
        works=tuple(name for bit, name in enumerate(WEEKDAYS) if people.works[row] >> bit & 1),
        car=bool(people.car_available[row]),
        workplace=str(territory.workplaces["name"].iloc[workplace]),
        zone_labels=territory.od.settings["scopes"][zone],
        at_home=at_home,
    )


def _row_of(codes: list[str], code: str, what: str) -> int:
    if code not in codes:
        raise ResultError(f"There is no {what} '{code}'.{nearest(code, codes)}")
    return codes.index(code)


def _beyond(number: int, count: int, zones: tuple[str, ...]) -> ResultError:
    return ResultError(
        f"There is no worker {number}: numbers go from 0 to {count - 1} for workplaces "
        f"{', '.join(zones)}."
    )


class _Flows:
    """The workers of a territory's flows, by home, workplace and census category."""

    def __init__(self, model: CommuteModel, at_home: bool):
        self.model, self.at_home = model, at_home
        self.people = model.world.home_based if at_home else model.population
        self.rows: FlowRows = flow_rows(model.territory, at_home)
        self.category = self.rows.low.astype(np.int64) >> 27 & 7
        in_scope = [at_home or name in model.zones for name in model.territory.workplace_zones]
        self.workers = np.where(np.array(in_scope)[self.rows.zone], self.rows.workers, 0)

    def _place(self, group: int, number: int) -> _Place:
        rows = self.rows
        return _Place(
            int(rows.commune[group]), int(rows.high[group]), int(rows.low[group]) + number
        )

    def by_number(self, number: int) -> _Place:
        """Find a row of the population at full scale."""
        ends = self.workers.cumsum()
        if not 0 <= number < ends[-1]:
            raise _beyond(number, int(ends[-1]), self.model.zones)
        group = int(np.searchsorted(ends, number, side="right"))
        return self._place(group, number - int(ends[group] - self.workers[group]))

    def by_identity(self, text: str, parts: tuple[str, ...]) -> _Place:
        """Find an identity, or say why there is none."""
        home, work, category, digits = parts
        territory, number = self.model.territory, int(digits)
        commune = _row_of([str(code) for code in territory.communes["code"]], home, "commune")
        codes = [str(code) for code in territory.workplaces["code"]]
        there = _row_of(codes, home if self.at_home else work, "workplace")
        zone = territory.workplaces["zone"].iloc[there]
        if not self.at_home and zone not in self.model.zones:
            raise ResultError(
                f"Worker {text} is out of scope, which is workplaces {', '.join(self.model.zones)}."
            )
        groups = self._alike(commune, there, int(category))
        count = int(self.workers[groups].sum())
        if number >= count:
            known = f"numbers go from 0 to {count - 1}" if count else "nobody does"
            raise ResultError(
                f"There is no worker {text}: of category {category} living in {home} and working "
                f"{'at home' if self.at_home else f'in {work}'}, {known}."
            )
        ends = self.workers[groups].cumsum()
        place = int(np.searchsorted(ends, number, side="right"))
        group = int(groups[place])
        return self._place(group, number - int(ends[place] - self.workers[group]))

    def _alike(self, commune: int, there: int, category: int) -> np.ndarray:
        """Return the groups of a home, workplace and category; at home, wherever the work is.

        The census has some who work elsewhere and need not travel.
        """
        rows = self.rows
        same = (rows.commune == commune) & (self.category == category)
        return np.flatnonzero(same & (self.at_home | (rows.destination == there)))

    def named(self, row: int) -> tuple[int, str]:
        """Return the number at full scale and the identity of a row of the model."""
        people, territory = self.people, self.model.territory
        low = int(people.low[row])
        number = low & ((1 << _NUMBER_BITS) - 1)
        mine = (self.rows.high == people.high[row]) & (self.rows.low == low - number)
        group = int(np.flatnonzero(mine)[0])
        home = territory.communes["code"].iloc[self.rows.commune[group]]
        work = territory.workplaces["code"].iloc[self.rows.destination[group]]
        work = AT_HOME if self.at_home else work
        alike = self._alike(
            int(self.rows.commune[group]), int(self.rows.destination[group]),
            int(self.category[group]),
        )  # fmt: skip
        before = int(self.workers[alike[alike < group]].sum())
        identity = f"{home}-{work}-{self.category[group]}-{before + number}"
        return int(self.workers[:group].sum()) + number, identity
