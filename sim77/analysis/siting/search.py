"""Improve a plan by simulation: variable neighbourhood search with common random numbers.

From the static optimum, round by round: of all plans that differ in one move (module `moves`) the
most promising ones are screened with one seed; the moves that help are also made together, as far
as they go together; the best plans are run with all training seeds, and the best of them becomes
the current plan if it is better. Where rounds bring nothing more, the search goes on from the best
plan so far with two moves made at once, good or bad, then with three, and so on, and begins again
with two after each better plan (Mladenović and Hansen 1997): a plan that no single move improves is
often not the best one. Every comparison is between runs of the same seeds, all that is drawn is
drawn from the first training seed, and no choice depends on which run ends first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim77.analysis.siting.candidates import Candidates, Plan
from sim77.analysis.siting.evaluate import OBJECTIVE_COLUMN, Progress, Simulator
from sim77.analysis.siting.moves import Move, desk_moves, swaps, together
from sim77.analysis.siting.static import Problem

WIDTH = 10
"""Plans screened in a round."""
PROMOTED = 2
"""At most so many of them are run with the other seeds."""
PATIENCE = 2
"""Rounds without a better plan after which the search goes on from elsewhere."""
SHAKEN_FROM = 30
"""The most promising moves, of which some are drawn to go on from elsewhere."""

START, TOGETHER, SHAKE = "start", "together", "shake"


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
    climber = _Climber(problem, simulator, objective, seeds, evaluations)
    climber.begin(start)
    best, current, idle, moves_at_once = start, start, 0, 2
    while climber.left > 0:
        if progress is not None:
            progress(evaluations - climber.left, evaluations)
        better = climber.try_round(current)
        if better is not None:
            current, idle = better, 0
        elif idle + 1 < PATIENCE:
            idle += 1
            continue
        elif moves_at_once > len(start):
            break
        else:
            current, idle = climber.shaken(best, moves_at_once), 0
            moves_at_once += 1
        # Moves made at once may be better as they are, before any round from there.
        if climber.gain(current) > climber.gain(best):
            best, moves_at_once = current, 2
    if progress is not None:
        progress(evaluations, evaluations)
    return Search(best, climber.gain(best), tuple(climber.steps))


class _Climber:
    """The state of a search."""

    def __init__(
        self,
        problem: Problem,
        simulator: Simulator,
        objective: str,
        seeds: Sequence[int],
        evaluations: int,
    ) -> None:
        self.problem, self.simulator, self.seeds = problem, simulator, tuple(seeds)
        self.column = OBJECTIVE_COLUMN[objective]
        self.steps: list[Step] = []
        self._tried: set[Plan] = set()
        self._round = 0
        self._last = simulator.runs + evaluations
        self._random = np.random.default_rng(self.seeds[0])

    @property
    def left(self) -> int:
        """Plans that a round may still screen, what their promotion costs taken off."""
        return self._last - self.simulator.runs - 1 - PROMOTED * (len(self.seeds) - 1)

    def gain(self, plan: Plan) -> float:
        """Return the mean gain of a plan over the training seeds."""
        return float(np.mean([self._gain_of(plan, seed) for seed in self.seeds]))

    def screening(self, plan: Plan) -> float:
        """Return the gain of a plan with the first seed."""
        return self._gain_of(plan, self.seeds[0])

    def _gain_of(self, plan: Plan, seed: int) -> float:
        return self.simulator.gains(plan, seed)[self.column]

    def begin(self, start: Plan) -> None:
        """Run the base scenario and the plan to begin with."""
        self.simulator.run([(), start], self.seeds)
        self._record(Move(START, start, 0.0), promoted=True, taken=True)

    def try_round(self, current: Plan) -> Plan | None:
        """Screen plans, promote the best, and return the best one if it is better."""
        moves = self._promising(current, min(WIDTH, self.left))
        if not moves:
            return None
        self._round += 1
        self._screen(moves)
        helping = [move for move in self._sorted(moves)
                   if self.screening(move.plan) > self.screening(current)]  # fmt: skip
        both = together(self.problem, current, [move.plan for move in helping])
        if both not in self._tried | {current}:
            moves.append(Move(TOGETHER, both, sum(move.promise for move in helping)))
            self._screen(moves[-1:])
            helping = self._sorted([*helping, moves[-1]])
        promoted = helping[:PROMOTED]
        self.simulator.run([move.plan for move in promoted], self.seeds)
        best = max(promoted, key=lambda move: (self.gain(move.plan), move.plan), default=None)
        better = best is not None and self.gain(best.plan) > self.gain(current)
        for move in self._sorted(moves):
            self._record(move, promoted=move in promoted, taken=better and move is best)
        return best.plan if best is not None and better else None

    def shaken(self, plan: Plan, number: int) -> Plan:
        """Make some promising moves at once, whatever they bring, and run the plan."""
        moves = self._promising(plan, SHAKEN_FROM, again=True)
        order = self._random.permutation(len(moves))[:number]
        self._round += 1
        found = Move(SHAKE, together(self.problem, plan, [moves[k].plan for k in order]), 0.0)
        self.simulator.run([found.plan], self.seeds)
        self._tried.add(found.plan)
        self._record(found, promoted=True, taken=True)
        return found.plan

    def _screen(self, moves: Sequence[Move]) -> None:
        self.simulator.run([move.plan for move in moves], self.seeds[:1])
        self._tried |= {move.plan for move in moves}

    def _sorted(self, moves: Sequence[Move]) -> list[Move]:
        return sorted(moves, key=lambda move: (-self.screening(move.plan), move.plan))

    def _promising(self, current: Plan, width: int, *, again: bool = False) -> list[Move]:
        """Return the moves to try, half of them in space, half of desks while there are any.

        Plans that have been tried are left out, unless `again`.
        """
        run = self.simulator.measures(current, self.seeds[0])
        found = self.simulator.gains(current, self.seeds[0])
        worth = max(found[self.column] / max(found["use"], 1.0), 1e-6)
        by_kind = [
            sorted(
                (move for move in moves if again or move.plan not in self._tried),
                key=lambda move: (-move.promise, move.plan),
            )
            for moves in (
                swaps(self.problem, current), desk_moves(self.problem, current, run, worth),
            )
        ]  # fmt: skip
        of_desks = by_kind[1][: width // 2]
        return by_kind[0][: width - len(of_desks)] + of_desks

    def _record(self, move: Move, *, promoted: bool, taken: bool) -> None:
        gain = self.gain(move.plan) if promoted else float("nan")
        screening = self.screening(move.plan)
        self.steps.append(Step(self._round, move.kind, move.plan, screening, gain, taken))


def runners_up(search: Search, candidates: Candidates, most: int, static: Plan) -> list[Plan]:
    """Return the best plans tried that have one other commune than the plan found.

    Parameters
    ----------
    search : Search
    candidates : Candidates
        Not used to choose, only to break ties in the order of the territory.
    most : int
    static : Plan
        Left out: it is judged under its own name.

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
    plans = [found[code][1] for code in order]
    return [plan for plan in plans if plan != static][:most]
