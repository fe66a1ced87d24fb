"""What viewers ask to be computed, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim77.app.compare.comparing import pair_key
from sim77.app.explore.sides import Scope
from sim77.scenario.scenario import Scenario

_SECONDS_BETWEEN_REPORTS = 0.25


@dataclass(frozen=True)
class Pair:
    """A comparison asked for: the first answer with one seed, then one more seed a job.

    Of a large territory a month of the period is answered first, and the whole period follows.

    Attributes
    ----------
    a, b : Scenario
    scope : Scope
        Its seed is the first.
    seeds : int
        How many paired seeds the answer has to have; 1 for the first answer.
    follows : bool
        An answer is on the screen already, for a month: others go first.
    """

    a: Scenario
    b: Scenario
    scope: Scope
    seeds: int = 1
    follows: bool = False

    @property
    def refines(self) -> bool:
        """Whether something is on the screen already."""
        return self.follows or self.seeds > 1

    @property
    def key(self) -> tuple[str, int]:
        """What decides the answer."""
        return pair_key(self.a, self.b, self.scope), self.seeds


@dataclass(frozen=True)
class ComparisonRequest:
    """Something asked about a comparison that is not its numbers; see `sim77.app.why.answers`.

    Attributes
    ----------
    pair : Pair
    kind : str
        A name of `sim77.app.why.answers.ANSWERS`.
    given : tuple of (str, str or int)
        What is asked, checked.
    """

    pair: Pair
    kind: str
    given: tuple[tuple[str, Any], ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """What decides the answer."""
        return (*self.pair.key, self.kind, self.given)


@dataclass(frozen=True)
class StudyRequest:
    """Something asked about stored studies; see `sim77.app.studies.answers`.

    Attributes
    ----------
    kind : str
        A name of `sim77.app.studies.answers.ANSWERS`.
    territory : str or None
        On whose map it is drawn.
    given : tuple of (str, str or tuple)
        What is asked, checked, with the stamps of the folders read.
    """

    kind: str
    territory: str | None
    given: tuple[tuple[str, Any], ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """What decides the answer."""
        return self.kind, self.territory, self.given


Job = Pair | ComparisonRequest | StudyRequest


class Cancelled(Exception):  # noqa: N818  (nobody wants the answer any more: no error)
    """The job has been called off."""


class Progress:
    """Called after each day: tells how far a job is, and ends it if it has been called off."""

    def __init__(self, tell: Callable[[str, Any], None], cancelled: Callable[[], bool]):
        self._tell, self._cancelled = tell, cancelled
        self.parts, self.part = 1, 0
        self._reported = time.monotonic()

    def __call__(self, done: int, days: int) -> None:
        """Note that so many days of the present run are done."""
        if self._cancelled():
            raise Cancelled
        # Each report makes work for server and browser, which share the cores with the run.
        if time.monotonic() - self._reported >= _SECONDS_BETWEEN_REPORTS:
            self._reported = time.monotonic()
            self._tell("progress", min((self.part + done / days) / self.parts, 1.0))
        if done == days:
            self.part += 1
