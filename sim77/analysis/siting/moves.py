"""Plans that differ from another in one move, and what the move may bring.

A move in space sends a site to another commune; a move of desks gives a site more, or fewer, or
takes from some what another gets. What looks promising is told by the static problem for a move in
space, and by the desks wanted and left empty for a move of desks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim77.analysis.siting.candidates import Plan, Site, plan_of
from sim77.analysis.siting.evaluate import SITE_COLUMNS, Measures
from sim77.analysis.siting.static import Problem, quick_values

SWAP, DESKS = "swap", "desks"

FILLED = 0.7
"""Share of desks that workers fill at most, others being there, to guess what a move brings."""

_USERS, _REFUSALS = SITE_COLUMNS.index("users"), SITE_COLUMNS.index("refusals")
_Resizing = tuple[Site, int, float]
"""A site, another number of desks, and what this may bring."""


class Move(NamedTuple):
    """A plan that differs in one move, and what the move may bring, in the objective's unit."""

    kind: str
    plan: Plan
    promise: float


def fits(problem: Problem, plan: Plan) -> bool:
    """Say whether the budget pays a plan."""
    return problem.candidates.cost_of(plan) <= problem.budget_eur_per_year * (1.0 + 1e-9)


def swaps(problem: Problem, current: Plan) -> list[Move]:
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
            if fits(problem, plan):
                return plan
    return None


def desk_moves(problem: Problem, current: Plan, run: Measures, worth: float) -> list[Move]:
    """Move desks, as use and refusals of a run suggest: more, fewer, from one to another.

    Parameters
    ----------
    problem : Problem
    current : Plan
    run : Measures
        Of the current plan.
    worth : float
        What a worker-day in a centre brings, in the objective's unit.
    """
    up, down = _resizings(problem, current, run, worth)
    changes = [({site: size}, loss) for site, size, loss in down]
    for site, size, gain in up:
        others = [each for each in down if each[0] != site]
        changes.append(({site: size}, gain))
        changes += [({site: size, other: fewer}, gain + loss) for other, fewer, loss in others]
        changes.append(_paid_by_others(problem, current, (site, size, gain), others))
    moves: dict[Plan, float] = {}
    for sizes_of, promise in changes:
        plan = _resized(current, sizes_of)
        if fits(problem, plan):
            moves.setdefault(plan, promise)
    return [Move(DESKS, plan, promise) for plan, promise in moves.items()]


def _resizings(
    problem: Problem, current: Plan, run: Measures, worth: float
) -> tuple[list[_Resizing], list[_Resizing]]:
    """List the next greater and all smaller numbers of desks of each site."""
    sizes = problem.candidates.sizes
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
        if fits(problem, _resized(current, sizes_of)):
            break
        if other not in sizes_of:
            sizes_of[other] = fewer
            promise += loss
    return sizes_of, promise


def _resized(current: Plan, sizes_of: Mapping[Site, int]) -> Plan:
    return plan_of(Site(site.commune, sizes_of.get(site, site.desks)) for site in current)


def together(problem: Problem, current: Plan, plans: Sequence[Plan]) -> Plan:
    """Make at once the moves that lead to plans, in their order, as far as they go together.

    A move is left out if a site that it changes is gone already, if another one opens in the same
    commune, or if the budget does not pay it besides the others.

    Parameters
    ----------
    problem : Problem
    current : Plan
    plans : sequence of Plan
        Each differs from the current one in one move.
    """
    found = current
    for plan in plans:
        out, into = set(current) - set(plan), set(plan) - set(current)
        if not out <= set(found):
            continue
        more = plan_of((set(found) - out) | into)
        if len({site.commune for site in more}) == len(current) and fits(problem, more):
            found = more
    return found
