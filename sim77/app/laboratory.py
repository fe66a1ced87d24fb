"""What computes: finished runs and pairs kept in caches of a fixed size, in a process of its own.

`serve` is the main function of that process. It answers one job at a time and looks, after each
simulated day, whether the job has been called off.
"""

from __future__ import annotations

import gc
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from sim77.analysis.sweep.evaluate import territory_at
from sim77.app.comparing import comparison_of, encode_comparison, pair_key
from sim77.app.geography import Geography
from sim77.app.payload import SidePayload, encode_side
from sim77.app.sides import Scope, Side, pair_outcome, run_side, side_key
from sim77.core.errors import Sim77Error
from sim77.runs.pair import PairOutcome, Request, run_pair
from sim77.scenario.scenario import Scenario

SIDES_KEPT, PAYLOADS_KEPT, OUTCOMES_KEPT = 5, 24, 60
_SECONDS_BETWEEN_REPORTS = 0.25

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class Pair:
    """A comparison asked for: the first answer with one seed, then one more seed a job.

    Attributes
    ----------
    a, b : Scenario
    scope : Scope
        Its seed is the first.
    seeds : int
        How many paired seeds the answer has to have; 1 for the first answer.
    """

    a: Scenario
    b: Scenario
    scope: Scope
    seeds: int = 1

    @property
    def key(self) -> tuple[str, int]:
        """What decides the answer."""
        return pair_key(self.a, self.b, self.scope), self.seeds


@dataclass(frozen=True)
class Question:
    """Something asked about a comparison that is not its numbers; see `sim77.app.why`.

    Attributes
    ----------
    pair : Pair
    kind : str
        A name of `sim77.app.why.ANSWERS`.
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
class StudyQuestion:
    """Something asked about stored studies; see `sim77.app.study_answers`.

    Attributes
    ----------
    kind : str
        A name of `sim77.app.study_answers.ANSWERS`.
    given : tuple of (str, str or tuple)
        What is asked, checked, with the stamps of the folders read.
    """

    kind: str
    given: tuple[tuple[str, Any], ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """What decides the answer."""
        return self.kind, self.given


Job = Pair | Question | StudyQuestion


class CalledOff(Exception):  # noqa: N818  (nobody wants the answer any more: no error)
    """The job has been called off."""


class Kept(Generic[K, V]):
    """The last few values used, by key."""

    def __init__(self, most: int):
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value, which counts as used; None if it is not kept."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        """Keep a value, and forget the one not used for longest if there are too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._values)


class Laboratory:
    """Runs, compares and explains; everything it has done lately is kept.

    Parameters
    ----------
    territory : str, optional
        Folder of another territory than the shipped one.
    """

    def __init__(self, territory: str | None = None):
        self.geography = Geography(territory_at(territory))
        self.sides: Kept[str, Side] = Kept(SIDES_KEPT)
        self._payloads: Kept[str, SidePayload] = Kept(PAYLOADS_KEPT)
        self._outcomes: Kept[tuple[str, int], PairOutcome] = Kept(OUTCOMES_KEPT)

    def answer(
        self,
        job: Job,
        tell: Callable[[str, Any], None],
        called_off: Callable[[], bool] = lambda: False,
    ) -> None:
        """Do a job.

        Parameters
        ----------
        job : Pair, Question or StudyQuestion
        tell : callable
            Called with the name and the content of each part of the answer as it is ready:
            ``progress`` (share done), ``side`` (`SidePayload`), ``compare`` or ``answer`` (dict).
        called_off : callable
            Asked after each simulated day; `CalledOff` is raised when it says True.
        """
        progress = Progress(tell, called_off)
        if isinstance(job, Question):
            from sim77.app.why import ANSWERS

            tell("answer", ANSWERS[job.kind](self, job.pair, dict(job.given), progress))
        elif isinstance(job, StudyQuestion):
            from sim77.app.study_answers import answer

            tell("answer", answer(job.kind, self.geography, dict(job.given)))
        elif job.seeds == 1:
            self._first(job, tell, progress)
        else:
            self._refine(job, tell, progress)

    def side(self, scenario: Scenario, scope: Scope, progress: Progress) -> Side:
        """Return a finished run, from the cache if it is kept."""
        key = side_key(scenario, scope)
        found = self.sides.get(key)
        return found or self.sides.put(key, run_side(scenario, scope, progress))

    def _payload(self, side: Side, scope: Scope) -> SidePayload:
        key = side_key(side.model.scenario, scope)
        found = self._payloads.get(key)
        return found or self._payloads.put(key, encode_side(side, scope, self.geography))

    def _first(self, job: Pair, tell: Callable[[str, Any], None], progress: Progress) -> None:
        """Answer with one seed: both sides, then what they tell about each other."""
        missing = [
            each for each in (job.a, job.b) if self.sides.get(side_key(each, job.scope)) is None
        ]
        progress.parts = max(len(missing), 1)
        sides = []
        for scenario in (job.a, job.b):
            sides.append(self.side(scenario, job.scope, progress))
            tell("side", self._payload(sides[-1], job.scope))
        key = pair_key(job.a, job.b, job.scope)
        found = self._outcomes.get((key, job.scope.seed))
        outcome = found or self._outcomes.put((key, job.scope.seed), pair_outcome(*sides))
        tell("compare", self._compare(job, [outcome]))

    def _refine(self, job: Pair, tell: Callable[[str, Any], None], progress: Progress) -> None:
        """Answer with several seeds, those that are not kept run as `sim77.compare` runs them."""
        key, first = pair_key(job.a, job.b, job.scope), job.scope.seed
        request = Request(
            job.a, job.b, job.scope.scale, job.scope.start, job.scope.end, job.scope.workplaces,
            job.scope.territory,
        )  # fmt: skip
        outcomes = []
        progress.parts = job.seeds
        for part, seed in enumerate(range(first, first + job.seeds)):
            progress.part = part
            found = self._outcomes.get((key, seed))
            # The first answer did not measure the claims, if the pair tests any.
            lacks = found is not None and not found.measures and _tests_claims(job)
            if found is None or lacks:
                found = self._outcomes.put((key, seed), run_pair(request, seed, progress=progress))
                free_ended_models()
            outcomes.append(found)
        tell("compare", self._compare(job, outcomes))

    def _compare(self, job: Pair, outcomes: list[PairOutcome]) -> dict[str, Any]:
        comparison = comparison_of(job.a, job.b, job.scope, outcomes, self.geography)
        return encode_comparison(comparison, self.geography)


def _tests_claims(job: Pair) -> bool:
    """Say whether telecentres are what B has and A has not, as `sim77.runs.pair.run_pair` does."""
    has = [
        bool(each.network) or any(change.lever == "open_telecentre" for change in each.changes)
        for each in (job.a, job.b)
    ]
    return has == [False, True]


class Progress:
    """Called after each day: tells how far a job is, and ends it if it has been called off."""

    def __init__(self, tell: Callable[[str, Any], None], called_off: Callable[[], bool]):
        self._tell, self._called_off = tell, called_off
        self.parts, self.part = 1, 0
        self._told = time.monotonic()

    def __call__(self, done: int, days: int) -> None:
        """Note that so many days of the present run are done."""
        if self._called_off():
            raise CalledOff
        # Each report makes work for server and browser, which share the cores with the run.
        if time.monotonic() - self._told >= _SECONDS_BETWEEN_REPORTS:
            self._told = time.monotonic()
            self._tell("progress", min((self.part + done / days) / self.parts, 1.0))
        if done == days:
            self.part += 1


def serve(connection: Connection, territory: str | None) -> None:
    """Answer jobs until the other end is closed; the main function of the compute process.

    Parameters
    ----------
    connection : Connection
        Jobs come as ``("job", number, Job)`` and are called off by ``("off", number)``; answers
        go as ``(number, name, content)`` and end with ``done``, ``off`` or ``failed``.
    territory : str or None
    """
    _step_back()
    laboratory = Laboratory(territory)
    # What the libraries hold is set aside, which makes each collection short. Not later: a model
    # set aside with it would never be freed.
    gc.collect()
    gc.freeze()
    while True:
        try:
            word, number, job = connection.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        if word == "job":
            try:
                _do(laboratory, connection, number, job)
            except (BrokenPipeError, EOFError, OSError, KeyboardInterrupt):
                return


def _do(laboratory: Laboratory, connection: Connection, number: int, job: Job) -> None:
    def tell(name: str, content: Any) -> None:
        connection.send((number, name, content))

    def called_off() -> bool:
        off = False
        while connection.poll():
            word, which, _ = connection.recv()
            off = off or (word == "off" and which == number)
        return off

    try:
        laboratory.answer(job, tell, called_off)
    except CalledOff:
        tell("off", None)
    except Sim77Error as error:
        tell("failed", str(error))
    except (BrokenPipeError, EOFError, OSError):
        raise
    except Exception:  # whatever it was, the viewer is told and the next job is answered
        traceback.print_exc()
        tell("failed", "")
    else:
        tell("done", None)
    finally:
        free_ended_models()


def free_ended_models() -> None:
    """Free the models that nobody holds any more.

    A model and its agents, recorder and steps refer to each other, so that only the collector
    frees them. Left alone it counts objects, and a model is few objects with many megabytes of
    arrays: hundreds of dead ones would be kept.
    """
    gc.collect()


def _step_back() -> None:
    """Let the server and the browser, on the same cores, go first."""
    import os

    if hasattr(os, "nice"):
        os.nice(2)
