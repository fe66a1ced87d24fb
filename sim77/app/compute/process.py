"""What computes pairs: finished runs and comparisons kept in caches of a fixed size."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sim77.app.compare.comparing import comparison_of, encode_comparison, pair_key
from sim77.app.compute.jobs import Pair, Progress
from sim77.app.explore.payload import SidePayload, encode_side
from sim77.app.explore.sides import Scope, Side, pair_outcome, run_side, side_key
from sim77.engine.scope import days_of_run
from sim77.engine.world import sites_in_order
from sim77.report.geography import Geography
from sim77.runs.pair import PairOutcome, run_pair, tests_claims
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory, load_territory

SIDES_CACHED, PAYLOADS_CACHED, OUTCOMES_CACHED = 5, 24, 60
TERRITORIES_CACHED = 4

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
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


@lru_cache(maxsize=TERRITORIES_CACHED)
def _geography_of(territory: Territory) -> Geography:
    return Geography(territory)


def geography_on(territory: str | None) -> Geography:
    """Return a territory, given as to `load_territory`, and the frame of its map."""
    return _geography_of(load_territory(territory))


class WorkerProcess:
    """Runs, compares and explains, each job on its territory; all it has done lately is kept."""

    def __init__(self) -> None:
        self.sides: RecentlyUsed[str, Side] = RecentlyUsed(SIDES_CACHED)
        self._payloads: RecentlyUsed[str, SidePayload] = RecentlyUsed(PAYLOADS_CACHED)
        self._outcomes: RecentlyUsed[tuple[str, int], PairOutcome] = RecentlyUsed(OUTCOMES_CACHED)

    def compare(self, job: Pair, tell: Callable[[str, Any], None], progress: Progress) -> None:
        """Compare a pair; tell ``side`` (`SidePayload`) and ``compare`` (dict) as they come."""
        if job.seeds == 1:
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
        return found or self._payloads.put(
            key, encode_side(side, scope, geography_on(scope.territory))
        )

    def _first(self, job: Pair, tell: Callable[[str, Any], None], progress: Progress) -> None:
        """Answer with one seed: both sides, then what they tell about each other."""
        missing = [
            each for each in (job.a, job.b) if self.sides.get(side_key(each, job.scope)) is None
        ]
        progress.parts = max(len(missing), 1)
        sides = []
        for scenario in (job.a, job.b):
            sides.append(self.side(scenario, job.scope, progress))
            if not job.follows:
                tell("side", self._payload(sides[-1], job.scope))
        if job.follows:  # both at once: a month stays on the screen until then
            for side in sides:
                tell("side", self._payload(side, job.scope))
        key = pair_key(job.a, job.b, job.scope)
        found = self._outcomes.get((key, job.scope.seed))
        outcome = found or self._outcomes.put((key, job.scope.seed), pair_outcome(*sides))
        tell("compare", self._compare(job, [outcome]))

    def _refine(self, job: Pair, tell: Callable[[str, Any], None], progress: Progress) -> None:
        """Answer with several seeds, those that are not kept run as `sim77.compare` runs them."""
        key, first = pair_key(job.a, job.b, job.scope), job.scope.seed
        pair = job.scope.pair(job.a, job.b)
        outcomes = []
        progress.parts = job.seeds
        for part, seed in enumerate(range(first, first + job.seeds)):
            progress.part = part
            found = self._outcomes.get((key, seed))
            # The first answer did not measure the claims, if the pair tests any.
            lacks = found is not None and not found.measures and _tests_claims(job)
            if found is None or lacks:
                outcome = run_pair(pair.with_seed(seed), progress=progress)
                found = self._outcomes.put((key, seed), outcome)
                free_ended_models()
            outcomes.append(found)
        tell("compare", self._compare(job, outcomes))

    def _compare(self, job: Pair, outcomes: list[PairOutcome]) -> dict[str, Any]:
        geography = geography_on(job.scope.territory)
        comparison = comparison_of(job.a, job.b, job.scope, outcomes, geography)
        return encode_comparison(comparison, geography)


def _tests_claims(job: Pair) -> bool:
    territory, scope = geography_on(job.scope.territory).territory, job.scope
    days = days_of_run(job.a, scope.start, scope.end)
    return tests_claims(*(sites_in_order(each, territory, days) for each in (job.a, job.b)))


def free_ended_models() -> None:
    """Free the models that nobody holds any more.

    A model and its agents, recorder and steps refer to each other, so that only the collector
    frees them. Left alone it counts objects, and a model is few objects with many megabytes of
    arrays: hundreds of dead ones would be kept.
    """
    gc.collect()
