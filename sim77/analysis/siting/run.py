"""Where to open the next telecentres: from the static optimum to a plan judged on fresh seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim77.analysis.siting import frames
from sim77.analysis.siting.assess import (
    draws_of_parameters,
    judge,
    random_plans,
    regret,
)
from sim77.analysis.siting.candidates import (
    Plan,
    base_scenario,
    find_candidates,
    first_days,
    scenario_with,
    usual_budget_eur,
)
from sim77.analysis.siting.demand import CandidateDemand, expected_demand
from sim77.analysis.siting.evaluate import (
    OBJECTIVE_COLUMN,
    Simulator,
    gains,
)
from sim77.analysis.siting.options import Options
from sim77.analysis.siting.result import Siting
from sim77.analysis.siting.search import Search, improve, runners_up
from sim77.analysis.siting.static import (
    Optimum,
    Problem,
    check_budget,
    problem_of,
    solve,
)
from sim77.core.machine import usable_cores
from sim77.core.version import __version__
from sim77.engine.model import CommuteModel
from sim77.runs.cluster import open_cluster
from sim77.runs.execute import RunSpec, execute
from sim77.runs.run import described, made_with
from sim77.runs.store import KIND, SITING
from sim77.scenario.posterior import Posterior, load_posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import load_territory

STATIC, IMPROVED, EXISTING = "static", "improved", "existing"
RANDOM, RUNNER_UP = "random", "runner-up"
RUNNERS_UP = 5
REGRET_RANDOM = 1
"""Random networks, the best ones, whose regret is told beside that of the two plans."""

Stage = Callable[[str, int, int], None]
"""Told the stage at work, what is done of it and what there is in all."""


def find_sites(
    options: Options,
    scenario: str | Scenario = "hybrid-2022",
    *,
    scale: float = 1.0,
    workplaces: str | Sequence[str] | None = None,
    overrides: Mapping[str, float] | None = None,
    posterior: str | Path | Posterior | None = None,
    territory: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    stage: Stage | None = None,
) -> Siting:
    """Find where to open telecentres.

    Parameters
    ----------
    options : Options
    scenario : str or Scenario
        What is there already.
    scale : float
        Share of the workers simulated; below 1 desks and refusals are biased.
    workplaces : str or sequence of str
    overrides : mapping of str to float, optional
        Parameters to replace.
    posterior : str, path or Posterior, optional
        Plans are judged on fresh seeds that have a draw each, the same for all plans, and the
        regret takes its parameters from there; the search keeps to the registry's values.
    territory : str, optional
        Folder of another territory.
    workers, scheduler : optional
        Where runs are computed (`sim77.runs.cluster.open_cluster`).
    stage : callable, optional
        Progress.

    Returns
    -------
    Siting

    Raises
    ------
    StudyError
        If the sites cannot be opened within the budget, or an option is out of bounds.
    """
    began = time.perf_counter()
    finder = _finder(options, scenario, scale, workplaces, overrides, posterior, territory)
    finder.stage = stage or _silent
    with open_cluster(workers, scheduler) as cluster:
        finder.threads = cluster.threads
        found = finder.find(Simulator(cluster, finder.spec))
    found.manifest["cost"]["seconds"] = round(time.perf_counter() - began, 1)
    return found


def expected_search(
    options: Options,
    scenario: str | Scenario = "hybrid-2022",
    *,
    scale: float = 1.0,
    workplaces: str | Sequence[str] | None = None,
    overrides: Mapping[str, float] | None = None,
    posterior: str | Path | Posterior | None = None,
    territory: str | None = None,
    workers: int | None = None,
) -> tuple[int, float]:
    """Check a search as `find_sites` does, and say how many runs it may make and how long.

    Parameters
    ----------
    options, scenario, scale, workplaces, overrides, posterior, territory, workers
        As in `find_sites`.

    Returns
    -------
    tuple of int and float
        Runs, and the seconds that they take, from timing one here; the static optimum comes
        besides.
    """
    finder = _finder(options, scenario, scale, workplaces, overrides, posterior, territory)
    finder.threads = max(usable_cores() if workers is None else workers, 1)
    finder.run_base()
    return finder.most_runs(), finder.expected_seconds


def _finder(
    options: Options,
    scenario: str | Scenario,
    scale: float,
    workplaces: str | Sequence[str] | None,
    overrides: Mapping[str, float] | None,
    posterior: str | Path | Posterior | None,
    territory: str | None,
) -> _Finder:
    whole = load_scenario(scenario, load_territory(territory)).with_(
        parameters=dict(overrides or {})
    )
    first, last = first_days(whole, options.days)
    spec = RunSpec(
        whole, seed=options.seed, scale=scale, workplaces=workplaces, start=first, end=last,
        territory=territory,
    )  # fmt: skip
    return _Finder(options, spec, None if posterior is None else load_posterior(posterior))


def _silent(name: str, done: int, total: int) -> None:
    """Tell nobody."""


class _Finder:
    """One search, step by step."""

    def __init__(self, options: Options, spec: RunSpec, posterior: Posterior | None) -> None:
        self.options, self.whole = options, spec.scenario
        self.posterior = posterior
        self.stage: Stage = _silent
        self.threads, self.expected_seconds = 1, 0.0
        self.territory = spec.places
        self.base = base_scenario(
            self.whole, spec.start, spec.end, from_scratch=options.from_scratch
        )
        self.spec = replace(spec, scenario=self.base)
        self.candidates = find_candidates(self.base, self.territory, options.sizes)
        self.budget = options.budget or usual_budget_eur(self.candidates, options.sites)
        check_budget(self.candidates, options.sites, self.budget)
        parameters = self.base.state_on(spec.start, self.territory).parameters
        self.days_per_year = frames.days_per_year(parameters)

    def find(self, simulator: Simulator) -> Siting:
        problem, demand, optimum = self.static()
        search = improve(
            problem, simulator, optimum.plan, self.options.objective, self.options.training,
            self.options.evaluations, lambda done, total: self.stage("search", done, total),
        )  # fmt: skip
        plans = self.plans(optimum, search)
        fresh, bases = self.options.fresh, self.drawn(self.base)
        jobs = [(plan, seed, bases[seed]) for seed in fresh for plan in ((), *plans.values())]
        simulator.run_all(jobs, lambda done, total: self.stage("judge", done, total))
        gained = {
            name: [simulator.gains(plan, seed, bases[seed]) for seed in fresh]
            for name, plan in plans.items()
        }
        if self.options.from_scratch:
            gained[EXISTING] = self.existing(simulator)
        column = OBJECTIVE_COLUMN[self.options.objective]
        judged = judge(gained, IMPROVED, column, drawn=self.posterior is not None)
        tables = {
            "plans": frames.described(judged, plans, problem),
            "plan_sites": frames.sites_of_plans(plans, self.candidates),
            "sites": self.accounts(simulator, plans[IMPROVED]),
            "runs": frames.by_seed(gained, fresh),
            "search": frames.tried(search),
            "candidates": frames.alone(demand, self.candidates, self.territory),
            "regret": self.regrets(simulator, plans, judged),
        }
        return Siting(tables, self.manifest(optimum, search, simulator.runs, plans))

    # Stages ------------------------------------------------------------------------------

    def static(self) -> tuple[Problem, CandidateDemand, Optimum]:
        """Solve the static problem from the state in which a run of the base network ends."""
        self.stage("static", 0, 2)
        model = self.run_base()
        self.stage("expect", round(self.expected_seconds), self.most_runs())
        demand = expected_demand(model, self.candidates)
        problem = problem_of(
            self.candidates, demand, self.options.objective, self.options.sites, self.budget,
            self.days_per_year,
        )  # fmt: skip
        self.stage("static", 1, 2)
        optimum = solve(problem)
        self.stage("static", 2, 2)
        return problem, demand, optimum

    def run_base(self) -> CommuteModel:
        """Run the base network, and note how long all runs will take."""
        execute(self.spec)  # compiles and builds what is kept
        began = time.perf_counter()
        model = execute(self.spec)
        seconds = time.perf_counter() - began
        self.expected_seconds = seconds * self.most_runs() / max(self.threads, 1)
        return model

    def most_runs(self) -> int:
        """Return how many runs there may be in all."""
        options = self.options
        judged = (3 + RUNNERS_UP + options.random) * options.fresh_seeds
        return options.evaluations + judged + options.draws * (3 + REGRET_RANDOM)

    def plans(self, optimum: Optimum, search: Search) -> dict[str, Plan]:
        """Return all plans to judge, by name."""
        drawn = random_plans(
            self.candidates, self.options.sites, self.budget, self.options.random,
            self.options.seed,
        )  # fmt: skip
        others = runners_up(search, self.candidates, RUNNERS_UP, optimum.plan)
        return {
            IMPROVED: search.plan,
            STATIC: optimum.plan,
            **{f"{RUNNER_UP}-{n}": plan for n, plan in enumerate(others, start=1)},
            **{f"{RANDOM}-{n:02d}": plan for n, plan in enumerate(drawn, start=1)},
        }

    def drawn(self, scenario: Scenario) -> dict[int, Scenario]:
        """Return a scenario by fresh seed, under the draw that goes with each if there is one."""
        return {
            seed: scenario if self.posterior is None else self.posterior.under(scenario, seed)
            for seed in self.options.fresh
        }

    def existing(self, simulator: Simulator) -> list[dict[str, float]]:
        """Return the gains, by fresh seed, of the network that a search from scratch replaces."""
        owns = self.drawn(self.whole.with_(start=self.spec.start, end=self.spec.end))
        simulator.run_all([((), seed, own) for seed, own in owns.items()])
        return [
            gains(simulator.measures((), seed, owns[seed]), simulator.measures((), seed, base))
            for seed, base in self.drawn(self.base).items()
        ]

    def regrets(
        self, simulator: Simulator, plans: dict[str, Plan], judged: pd.DataFrame
    ) -> pd.DataFrame:
        """Run the main plans and the best random ones under draws of the uncertain parameters."""
        column = OBJECTIVE_COLUMN[self.options.objective]
        drawn = judged[judged["plan"].str.startswith(RANDOM)]
        best = drawn.sort_values(column, ascending=False, kind="stable")["plan"][:REGRET_RANDOM]
        chosen = {name: plans[name] for name in (IMPROVED, STATIC, *best)}
        draws = draws_of_parameters(self.options.draws, self.options.seed, self.posterior)
        return regret(
            simulator, chosen, draws, self.options.fresh[0], self.options.objective,
            lambda done, total: self.stage("regret", done, total), self.posterior,
        )  # fmt: skip

    def accounts(self, simulator: Simulator, plan: Plan) -> pd.DataFrame:
        """Return use and books of every telecentre under a plan."""
        used = simulator.sites_of(plan, self.drawn(self.base))
        parameters = self.base.state_on(self.spec.start, self.territory).parameters
        return frames.accounts(used, plan, self.territory, parameters)

    def manifest(
        self, optimum: Optimum, search: Search, runs: int, plans: dict[str, Plan]
    ) -> dict[str, Any]:
        drawn = {}
        if self.posterior is not None:
            taken = [self.posterior.index_for(seed) for seed in self.options.fresh]
            drawn["posterior"] = self.posterior.described() | {"draw_of_seed": taken}
        period = self.spec.start, self.spec.end
        return {
            KIND: SITING,
            "sim77": __version__,
            "options": asdict(self.options) | {"sizes": list(self.options.sizes)},
            "budget_eur_per_year": self.budget,
            "recommended": IMPROVED,
            "scenario": described(self.scenario_of(plans[IMPROVED]), *period),
            "from": described(self.whole, *period),
            "static": {"value": optimum.value, "gap": optimum.gap},
            "search": {"gain_in_training": search.gain, "plans": len(search.steps)},
            "seeds": {
                "training": list(self.options.training), "fresh": list(self.options.fresh),
            },
            **self.spec.described(),
            "days": self.options.days,
            "cost": {"runs": runs},
            **drawn,
            **made_with(),
        }  # fmt: skip

    def scenario_of(self, plan: Plan) -> Scenario:
        """Return a plan as a scenario of its own, over the whole period."""
        base = base_scenario(
            self.whole, self.whole.start, self.whole.end, from_scratch=self.options.from_scratch
        )
        sites = ", ".join(
            f"{self.candidates.names[self.candidates.place(site.commune)]} ({site.desks})"
            for site in plan
        )
        name = f"{self.whole.name}-{len(plan)}-sites"
        return scenario_with(base, plan).with_(
            name=name,
            label_fr=f"{self.whole.label_fr}, {len(plan)} sites ouverts",
            label_en=f"{self.whole.label_en}, {len(plan)} sites opened",
            description_fr=f"Télécentres à ouvrir (postes) : {sites}. Trouvés par sim77 site.",
            description_en=f"Telecentres to open (desks): {sites}. Found by sim77 site.",
        )
