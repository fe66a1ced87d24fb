"""Somebody simulated, whether they commute or work at home for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim77.analysis.explain.person import Person, find_worker, person_of, works_at_home
from sim77.app.explore.sides import Side
from sim77.app.explore.trace import RunTrace
from sim77.engine import home_based
from sim77.engine.arrays import Workers
from sim77.engine.choice.allowance import Entitlements
from sim77.engine.model import CommuteModel


@dataclass(frozen=True)
class Someone:
    """One of those simulated, the same in A and B.

    Attributes
    ----------
    row : int
        Among the workers, or among those who work at home.
    at_home : bool
    """

    row: int
    at_home: bool = False

    def trace(self, side: Side) -> RunTrace:
        """Return what people of this kind did."""
        return side.at_home if self.at_home else side.trace

    def codes(self, side: Side) -> np.ndarray:
        """Return what this person did, day by day (`RunTrace.codes`)."""
        return self.trace(side).codes[:, self.row]

    def person(self, model: CommuteModel) -> Person:
        """Describe them."""
        return person_of(model, self.row, self.at_home)

    def rights(self, model: CommuteModel) -> Entitlements:
        """Return the rights of people of this kind."""
        if self.at_home:
            return home_based.rights_of(model.world.home_based, model.parameters)
        return model.rights

    def columns(self, model: CommuteModel) -> Workers:
        """Return the columns of people of this kind."""
        return model.memory.home_based if self.at_home else model.columns


def days_that_differ(a: Side, b: Side, people: Sequence[Someone]) -> np.ndarray:
    """Count the days on which each does something else in B than in A, (n_people,)."""
    days = np.zeros(len(people), dtype=np.int64)
    for at_home in (False, True):
        places = [place for place, each in enumerate(people) if each.at_home == at_home]
        rows = [people[place].row for place in places]
        in_a, in_b = (Someone(0, at_home).trace(side).codes[:, rows] for side in (a, b))
        days[places] = (in_a != in_b).sum(axis=0)
    return days


def find_someone(model: CommuteModel, identity: str) -> Someone:
    """Find whom an identity names (`sim77.analysis.explain.person`)."""
    return Someone(find_worker(model, identity), works_at_home(identity))
