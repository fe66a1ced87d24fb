"""Improve a plan by simulation: local search with common random numbers.

From the static optimum, round by round: of all plans that differ in one move (another commune for
a site, more or fewer desks, desks from one site to another) the most promising ones are screened
with one seed; those that beat the current plan, or come near, are run with all training seeds, and
the best of them becomes the current plan if it is better. What looks promising is told by the
static problem for a move in space, and by the desks wanted and left empty for a move of desks.
Every comparison is between runs of the same seeds, and no choice depends on which run ends first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim77.sweep.siting_candidates import Candidates, Plan, Site, plan_of
from sim77.sweep.siting_evaluate import OBJECTIVE_COLUMN, SITE_COLUMNS, Progress, Simulator
from sim77.sweep.siting_static import Problem, quick_values

WIDTH = 10
"""Plans screened in a round."""
PROMOTED = 3
"""At most so many of them are run with the other seeds."""
PATIENCE = 3
"""Rounds without a better plan after which the search stops."""

SWAP, DESKS = "swap", "desks"
_USERS, _REFUSALS = SITE_COLUMNS.index("users"), SITE_COLUMNS.index("refusals")


FILLED = 0.7
"""Share of desks that workers fill at most, others being there, to guess what a move brings."""

_Resizing = tuple[Site, int, float]
"""A site, another number of desks, and what this may bring."""


class Move(NamedTuple):
    """A plan that differs in one move, and what the move may bring, in the objective's unit."""

    kind: str
    plan: Plan
    promise: float


@dataclass(frozen=True)
class Step:
    """One plan that the search has tried.

    Attributes
    ----------
    round : int
        0: the plan it began with.
    kind : str
        How it differs from the current plan of the round.
    plan : Plan
    screening : float
        Gain with the first training seed.
    gain : float
        Mean gain over all training seeds; nan if it was not promoted.
    taken : bool
        Whether it became the current plan.
    """

    round: int
    kind: str
    plan: Plan
    screening: float
    gain: float
    taken: bool


@dataclass(frozen=True)
class Search:
    """What the search found.

    Attributes
    ----------
    plan : Plan
    gain : float
        Mean over the training seeds: too high as a forecast, because it was chosen for it.
    steps : tuple of Step
        In the order tried.
    """

    plan: Plan
    gain: float
    steps: tuple[Step, ...]


class _Climber:
    """The state of a search."""

    def __init__(
        self, problem: Problem, simulator: Simulator, objective: str, seeds: Sequence[int]
    ) -> None:
        self.problem, self.simulator, self.seeds = problem, simulator, tuple(seeds)
        self.column = OBJECTIVE_COLUMN[objective]
        self.steps: list[Step] = []

    def gain(self, plan: Plan, seeds: Sequence[int]) -> float:
        return float(np.mean([self.simulator.gains(plan, seed)[self.column] for seed in seeds]))

    def try_round(self, number: int, current: Plan, moves: list[Move]) -> Plan | None:
        """Run a round; return the better plan, or None."""
        first, best = self.seeds[:1], None
        self.simulator.run([move.plan for move in moves], first)
        screened = sorted(moves, key=lambda move: (-self.gain(move.plan, first), move.plan))
        near = 0.9 * self.gain(current, first) if self.gain(current, first) > 0 else -np.inf
        promoted = [move for move in screened if self.gain(move.plan, first) >= near][:PROMOTED]
        self.simulator.run([move.plan for move in promoted], self.seeds)
        if promoted:
            top = max(promoted, key=lambda move: (self.gain(move.plan, self.seeds), move.plan))
            if self.gain(top.plan, self.seeds) > self.gain(current, self.seeds):
                best = top.plan
        for move in screened:
            self.record(number, move.kind, move.plan, move in promoted, move.plan == best)
        return best

    def record(self, number: int, kind: str, plan: Plan, promoted: bool, taken: bool) -> None:
        gain = self.gain(plan, self.seeds) if promoted else float("nan")
        self.steps.append(Step(number, kind, plan, self.gain(plan, self.seeds[:1]), gain, taken))


def improve(
    problem: Problem,
    simulator: Simulator,
    start: Plan,
    objective: str,
    seeds: Sequence[int],
    evaluations: int,
    progress: Progress | None = None,
) -> Search:
    """Improve a plan by simulation.

    Parameters
    ----------
    problem : Problem
        The static problem: the candidates, the budget, and what moves look promising.
    simulator : Simulator
    start : Plan
    objective : str
        One of `OBJECTIVES`.
    seeds : sequence of int
        Training seeds; the first one screens.
    evaluations : int
        Simulated runs, those of the base scenario and of the start included.
    progress : callable, optional

    Returns
    -------
    Search
    """
    climber = _Climber(problem, simulator, objective, seeds)
    before = simulator.runs
    simulator.run([(), start], seeds)
    climber.record(0, "start", start, True, True)
    current, tried, idle, number = start, {start}, 0, 0
    while idle < PATIENCE:
        left = evaluations - (simulator.runs - before)
        width = min(WIDTH, left - PROMOTED * (len(seeds) - 1))
        if progress is not None:
            progress(evaluations - max(left, 0), evaluations)
        if width < 1:
            break
        number += 1
        moves = _promising(climber, current, tried, width)
        if not moves:
            break
        tried |= {move.plan for move in moves}
        better = climber.try_round(number, current, moves)
        current, idle = (better, 0) if better else (current, idle + 1)
    if progress is not None:
        progress(evaluations, evaluations)
    return Search(current, climber.gain(current, seeds), tuple(climber.steps))


def _promising(climber: _Climber, current: Plan, tried: set[Plan], width: int) -> list[Move]:
    """Return the moves to try, half of them in space, half of desks while there are any."""
    swaps = _swaps(climber.problem, current)
    desks = _desk_moves(climber, current)
    untried = [
        sorted(
            (move for move in moves if move.plan not in tried),
            key=lambda move: (-move.promise, move.plan),
        )
        for moves in (swaps, desks)
    ]
    of_desks = untried[1][: width // 2]
    return untried[0][: width - len(of_desks)] + of_desks


def _fits(problem: Problem, plan: Plan) -> bool:
    return problem.candidates.cost_of(plan) <= problem.budget_eur_per_year * (1.0 + 1e-9)


def _swaps(problem: Problem, current: Plan) -> list[Move]:
    """Move one site to another commune, with the desks it has or, if too dear, the next fewer."""
    taken = {site.commune for site in current}
    plans = []
    for site in current:
        others = [each for each in current if each != site]
        for code in problem.candidates.codes:
            if code in taken:
                continue
            plan = _largest(problem, others, code, site.desks)
            if plan is not None:
                plans.append(plan)
    promise = quick_values(problem, [*plans, current])
    return [
        Move(SWAP, plan, float(value - promise[-1]))
        for plan, value in zip(plans, promise, strict=False)
    ]


def _largest(problem: Problem, others: list[Site], code: str, desks: int) -> Plan | None:
    for size in reversed(problem.candidates.sizes):
        if size <= desks:
            plan = plan_of([*others, Site(code, size)])
            if _fits(problem, plan):
                return plan
    return None


def _desk_moves(climber: _Climber, current: Plan) -> list[Move]:
    """Move desks, as use and refusals of the last run suggest: more, fewer, from one to another."""
    problem = climber.problem
    up, down = _resizings(climber, current)
    changes = [({site: size}, loss) for site, size, loss in down]
    for site, size, gain in up:
        others = [each for each in down if each[0] != site]
        changes.append(({site: size}, gain))
        changes += [({site: size, other: fewer}, gain + loss) for other, fewer, loss in others]
        changes.append(_paid_by_others(problem, current, (site, size, gain), others))
    moves: dict[Plan, float] = {}
    for sizes_of, promise in changes:
        plan = _resized(current, sizes_of)
        if _fits(problem, plan):
            moves.setdefault(plan, promise)
    return [Move(DESKS, plan, promise) for plan, promise in moves.items()]


def _resizings(climber: _Climber, current: Plan) -> tuple[list[_Resizing], list[_Resizing]]:
    """List the next greater and all smaller numbers of desks of each site."""
    sizes, run = (
        climber.problem.candidates.sizes,
        climber.simulator.measures(current, climber.seeds[0]),
    )
    worth = _worth_of_a_day(climber, current)
    up, down = [], []
    for site in current:
        use = run.sites[run.ids.index(site.telecentre_id)]
        place = sizes.index(site.desks)
        for more in sizes[place + 1 : place + 2]:
            served = min(use[_REFUSALS], FILLED * (more - site.desks))
            up.append((site, more, worth * served))
        for fewer in sizes[:place]:
            down.append((site, fewer, -worth * max(use[_USERS] - FILLED * fewer, 0.0)))
    return up, down


def _paid_by_others(
    problem: Problem, current: Plan, more: _Resizing, down: list[_Resizing]
) -> tuple[dict[Site, int], float]:
    """Give one site more desks and take desks where least is lost for a euro, until it is paid."""
    cost = problem.candidates.cost_of

    def lost_per_euro(each: _Resizing) -> tuple[float, Site, int]:
        site, fewer, loss = each
        return -loss / (cost((site,)) - cost((Site(site.commune, fewer),))), site, fewer

    site, size, promise = more
    sizes_of = {site: size}
    for other, fewer, loss in sorted(down, key=lost_per_euro):
        if _fits(problem, _resized(current, sizes_of)):
            break
        if other not in sizes_of:
            sizes_of[other] = fewer
            promise += loss
    return sizes_of, promise


def _resized(current: Plan, sizes_of: Mapping[Site, int]) -> Plan:
    return plan_of(Site(site.commune, sizes_of.get(site, site.desks)) for site in current)


def _worth_of_a_day(climber: _Climber, current: Plan) -> float:
    """Objective by worker-day in a centre under the current plan; at least a little above 0."""
    found = climber.simulator.gains(current, climber.seeds[0])
    return max(found[climber.column] / max(found["use"], 1.0), 1e-6)


def runners_up(search: Search, candidates: Candidates, most: int) -> list[Plan]:
    """Return the best plans tried that have one other commune than the plan found.

    Parameters
    ----------
    search : Search
    candidates : Candidates
        Not used to choose, only to break ties in the order of the territory.
    most : int

    Returns
    -------
    list of Plan
        The best first, one for each other commune, by their gain with the first training seed.
    """
    chosen = {site.commune for site in search.plan}
    found: dict[str, tuple[float, Plan]] = {}
    for step in search.steps:
        other = {site.commune for site in step.plan} - chosen
        if len(other) != 1:
            continue
        code = other.pop()
        if code not in found or step.screening > found[code][0]:
            found[code] = (step.screening, step.plan)
    order = sorted(found, key=lambda code: (-found[code][0], candidates.place(code)))
    return [found[code][1] for code in order[:most]]
