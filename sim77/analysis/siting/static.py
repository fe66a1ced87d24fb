"""The exact optimum of the static problem: a p-median with capacities, solved by HiGHS.

Choose `n_sites` communes and a number of desks for each within a yearly budget, and send each
commune's demand to new sites, so that the sum of ``value x share sent`` is greatest::

    max  sum_ij v_ij x_ij + sum_js f_js y_js
    s.t. sum_j x_ij <= 1                       a commune is served once
         x_ij <= sum_s y_js                    only by a site that is open
         sum_i u_ij x_ij <= sum_s k_js y_js    no more use than free desks
         sum_s y_js <= 1,  sum_js y_js = n,  sum_js c_js y_js <= budget,  y binary

after Hakimi (1964) and ReVelle and Swain (1970), with the capacities of the facility-location
problem. ``v_ij`` and ``u_ij`` come from `sim77.analysis.siting.demand`. What it leaves out is what
the simulation adds: a choice between two new sites, days on which more people come than on average,
the co-location effect, crowding, teams and habit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from sim77.analysis.siting.candidates import Candidates, Plan, Site, plan_of
from sim77.analysis.siting.demand import CandidateDemand
from sim77.core.errors import StudyError

NEGLIGIBLE = 1e-4
"""Pairs of commune and site below this share of the greatest value are left out."""


GAP = 1e-3
"""The solver stops once no plan can be better by more than this share."""


NODES = 500
"""Many more than it takes as a rule: some 20 for nine sites in Seine-et-Marne."""

CHEAPER = 1e-6
"""Share of the best candidate's value that the whole budget counts for: of equal plans the cheaper
one is taken."""


@dataclass(frozen=True)
class Problem:
    """The static problem.

    Attributes
    ----------
    candidates : Candidates
    value : numpy.ndarray, shape (n_communes, n_candidates)
        What a candidate alone brings to a commune on a day, in the unit of the objective; not
        negative.
    use : numpy.ndarray, shape (n_communes, n_candidates)
        Expected desks used on a day.
    fixed : numpy.ndarray, shape (n_candidates, n_sizes)
        What opening a site adds a day, whoever comes.
    n_sites : int
    budget_eur_per_year : float
    """

    candidates: Candidates
    value: np.ndarray
    use: np.ndarray
    fixed: np.ndarray
    n_sites: int
    budget_eur_per_year: float


@dataclass(frozen=True)
class Optimum:
    """What the solver found.

    Attributes
    ----------
    plan : Plan
    value : float
        Of the objective, a day.
    gap : float
        How far above it another solution could be, relative to it; 0: it is the optimum.
    """

    plan: Plan
    value: float
    gap: float


def check_budget(candidates: Candidates, n_sites: int, budget_eur_per_year: float) -> None:
    """Raise `StudyError` if the sites cannot be opened at all."""
    n = len(candidates.codes)
    if not 1 <= n_sites <= n:
        raise StudyError(f"--sites must be from 1 to {n}, the communes without one, not {n_sites}.")
    least = float(np.sort(candidates.cost_eur_per_year[:, 0])[:n_sites].sum())
    if least > budget_eur_per_year:
        raise StudyError(
            f"a budget of {budget_eur_per_year:,.0f} € a year is too small for {n_sites} sites: "
            f"the cheapest cost {least:,.0f} € a year together."
        )


def problem_of(
    candidates: Candidates,
    demand: CandidateDemand,
    objective: str,
    n_sites: int,
    budget_eur_per_year: float,
    working_days_per_year: float,
) -> Problem:
    """Put together the static problem of an objective (`sim77.analysis.siting.evaluate`)."""
    check_budget(candidates, n_sites, budget_eur_per_year)
    fixed = np.zeros_like(candidates.cost_eur_per_year)
    value = {"use": demand.use, "minutes": demand.minutes}.get(objective, demand.surplus_eur)
    if objective == "net":
        value = value + demand.paid_eur
        a_day = candidates.cost_eur_per_year / working_days_per_year
        fixed = candidates.others_eur_per_day - a_day
    return Problem(
        candidates, np.maximum(value, 0.0), demand.use, fixed, n_sites, budget_eur_per_year
    )


def solve(problem: Problem, nodes: int = NODES) -> Optimum:
    """Solve the static problem with HiGHS.

    Parameters
    ----------
    problem : Problem
    nodes : int
        Nodes of the search tree after which the best plan so far is returned, with its gap. (A
        limit in seconds would make the plan depend on the machine.)

    Returns
    -------
    Optimum

    Raises
    ------
    StudyError
        If there is no plan.
    """
    model = _Model(problem)
    found = milp(
        -model.gain, constraints=model.constraints(), bounds=Bounds(0.0, 1.0),
        integrality=model.integer, options={"node_limit": nodes, "mip_rel_gap": GAP},
    )  # fmt: skip
    if found.x is None:
        raise StudyError(f"the static problem has no plan: {found.message}")
    open_sites = np.argwhere(found.x[: model.n_y].reshape(problem.fixed.shape) > 0.5)
    names, sizes = problem.candidates.codes, problem.candidates.sizes
    plan = plan_of(Site(names[j], sizes[s]) for j, s in open_sites)
    gap = abs(float(found.mip_gap)) if found.mip_gap is not None else 0.0
    return Optimum(plan, static_value(problem, plan), gap)


class _Model:
    """The matrices of the problem: first all y, then x of the pairs that matter."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n_y = problem.fixed.size
        floor = NEGLIGIBLE * max(problem.value.max(initial=0.0), 1e-300)
        self.i, self.j = np.nonzero(problem.value > floor)
        self.v, self.u = problem.value[self.i, self.j], problem.use[self.i, self.j]
        cost = problem.candidates.cost_eur_per_year / problem.budget_eur_per_year
        cheaper = CHEAPER * problem.value.sum(axis=0).max(initial=0.0) * cost
        self.gain = np.concatenate(((problem.fixed - cheaper).ravel(), self.v))
        self.integer = np.concatenate((np.ones(self.n_y), np.zeros(self.v.size)))

    def constraints(self) -> list[LinearConstraint]:
        problem = self.problem
        n, sizes = problem.fixed.shape
        pairs, x = np.arange(self.v.size), self.n_y + np.arange(self.v.size)
        y = np.arange(self.n_y)
        site_of_y = y // sizes
        width = self.n_y + self.v.size

        def rows(
            *parts: tuple[np.ndarray, np.ndarray, np.ndarray], n_rows: int
        ) -> sparse.csr_array:
            row, column, data = (np.concatenate(each) for each in zip(*parts, strict=True))
            return sparse.csr_array((data, (row, column)), shape=(n_rows, width))

        once = rows((self.i, x, np.ones(x.size)), n_rows=problem.value.shape[0])
        y_of_pair = (self.j[:, None] * sizes + np.arange(sizes)).ravel()
        is_open = rows(
            (pairs, x, np.ones(x.size)),
            (pairs.repeat(sizes), y_of_pair, -np.ones(y_of_pair.size)),
            n_rows=pairs.size,
        )
        desks = rows(
            (self.j, x, self.u), (site_of_y, y, -problem.candidates.free_desks.ravel()), n_rows=n
        )
        one_size = rows((site_of_y, y, np.ones(y.size)), n_rows=n)
        cost = problem.candidates.cost_eur_per_year.ravel() / problem.budget_eur_per_year
        zero = np.zeros(y.size, dtype=int)
        count = rows((zero, y, np.ones(y.size)), n_rows=1)
        budget = rows((zero, y, cost), n_rows=1)
        n_sites = problem.n_sites
        return [
            LinearConstraint(once, -np.inf, 1.0),
            LinearConstraint(is_open, -np.inf, 0.0),
            LinearConstraint(desks, -np.inf, 0.0),
            LinearConstraint(one_size, -np.inf, 1.0),
            LinearConstraint(count, n_sites, n_sites),
            LinearConstraint(budget, -np.inf, 1.0),
        ]


def static_value(problem: Problem, plan: Plan) -> float:
    """Return the value of a plan in the static problem, its demand sent where it is worth most."""
    places = [problem.candidates.at(site) for site in plan]
    j = np.array([place for place, _ in places])
    fixed = sum(problem.fixed[place] for place in places)
    desks = np.array([problem.candidates.free_desks[place] for place in places])
    value, use = problem.value[:, j], problem.use[:, j]
    best = value.argmax(axis=1)
    rows = np.arange(best.size)
    wanted = np.bincount(best, weights=use[rows, best], minlength=j.size)
    if (wanted <= desks).all():
        return float(value[rows, best].sum() + fixed)
    some = np.flatnonzero(value.max(axis=1) > 0.0)
    v, u, n = value[some], use[some], some.size
    once = sparse.kron(sparse.eye_array(n), np.ones((1, j.size)))
    by_site = sparse.csr_array(
        (u.ravel(), (np.tile(np.arange(j.size), n), np.arange(u.size))), shape=(j.size, u.size)
    )
    found = linprog(
        -v.ravel(),
        A_ub=sparse.vstack([once, by_site]),
        b_ub=np.concatenate((np.ones(n), desks)),
        bounds=(0.0, 1.0),
    )
    return float(-found.fun + fixed)


def quick_values(problem: Problem, plans: list[Plan]) -> np.ndarray:
    """Return about what plans are worth in the static problem, to rank many of them, (n_plans,).

    Each commune goes to the site that is worth most to it, and a site that too many want gives
    each the share that its desks allow.
    """
    values = np.empty(len(plans))
    rows = np.arange(problem.value.shape[0])
    for number, plan in enumerate(plans):
        places = [problem.candidates.at(site) for site in plan]
        j = np.array([place for place, _ in places])
        value = problem.value[:, j]
        best = value.argmax(axis=1)
        use = np.bincount(best, weights=problem.use[rows, j[best]], minlength=j.size)
        got = np.bincount(best, weights=value[rows, best], minlength=j.size)
        desks = np.array([problem.candidates.free_desks[place] for place in places])
        served = np.minimum(1.0, desks / np.maximum(use, 1e-12))
        values[number] = (got * served).sum() + sum(problem.fixed[place] for place in places)
    return values
