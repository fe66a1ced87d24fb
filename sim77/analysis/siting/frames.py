"""The tables of a search for sites, from what its stages return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from sim77.analysis.siting.candidates import Candidates, Plan
from sim77.analysis.siting.demand import CandidateDemand
from sim77.analysis.siting.search import Search
from sim77.analysis.siting.static import Problem, static_value
from sim77.engine.organisations.operators import MONTHS_PER_YEAR
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory


def days_per_year(parameters: ParameterSet) -> float:
    """Return the working days of a year, over which operators spread their costs."""
    return MONTHS_PER_YEAR * float(parameters.working_days_per_month)


def described(judged: pd.DataFrame, plans: Mapping[str, Plan], problem: Problem) -> pd.DataFrame:
    """Add to each plan judged its kind, cost, desks and value in the static problem."""
    rows = []
    for name in judged["plan"]:
        plan = plans.get(name)
        kind = str(name).rstrip("0123456789").rstrip("-")
        row: dict[str, object] = {"plan": name, "kind": kind}
        row |= dict.fromkeys(("cost_eur_per_year", "desks", "static_value"), float("nan"))
        if plan is not None:
            row["cost_eur_per_year"] = problem.candidates.cost_of(plan)
            row["desks"] = float(sum(site.desks for site in plan))
            row["static_value"] = static_value(problem, plan)
        rows.append(row)
    return pd.DataFrame(rows).merge(judged, on="plan", how="left", sort=False)


def sites_of_plans(plans: Mapping[str, Plan], candidates: Candidates) -> pd.DataFrame:
    """List the sites of every plan."""
    rows = [
        {
            "plan": name,
            "commune_code": site.commune,
            "name": candidates.names[candidates.place(site.commune)],
            "desks": site.desks,
            "cost_eur_per_year": candidates.cost_of((site,)),
        }
        for name, plan in plans.items()
        for site in plan
    ]
    return pd.DataFrame(rows)


def accounts(
    used: pd.DataFrame, plan: Plan, territory: Territory, parameters: ParameterSet
) -> pd.DataFrame:
    """Add to the use of each telecentre where it is and how long it would last.

    Parameters
    ----------
    used : pandas.DataFrame
        From `sim77.analysis.siting.evaluate.Simulator.sites_of`.
    plan : Plan
    territory : Territory
    parameters : ParameterSet

    Returns
    -------
    pandas.DataFrame
        With ``years_to_closing``, the operator's reserve over the loss of a year; inf without one.
    """
    frame = used.copy()
    known = territory.sites.set_index("telecentre_id").loc[frame["telecentre_id"]]
    for place, column in enumerate(("name", "commune_code", "lat", "lon"), start=1):
        frame.insert(place, column, known[column].to_numpy())
    margin = days_per_year(parameters) * frame["margin_eur"].to_numpy()
    reserve = np.full_like(margin, parameters.operator_reserve_eur)
    frame["margin_eur_per_year"] = margin
    frame["years_to_closing"] = np.divide(
        reserve, -margin, out=np.full_like(margin, np.inf), where=margin < 0
    )
    frame["is_new"] = frame["telecentre_id"].isin([site.telecentre_id for site in plan])
    return frame


def tried(search: Search) -> pd.DataFrame:
    """List the plans that the search has tried, in order."""
    rows = [
        {
            "round": step.round,
            "move": step.kind,
            "gain_first_seed": step.screening,
            "gain": step.gain,
            "taken": step.taken,
            "sites": " ".join(f"{site.commune}:{site.desks}" for site in step.plan),
        }
        for step in search.steps
    ]
    return pd.DataFrame(rows)


def alone(demand: CandidateDemand, candidates: Candidates, territory: Territory) -> pd.DataFrame:
    """Return what a centre alone would bring in each candidate commune, and its cost."""
    communes = territory.communes.set_index("code").loc[list(candidates.codes)]
    frame = pd.DataFrame(
        {
            "commune_code": candidates.codes,
            "name": candidates.names,
            "lat": communes["lat"].to_numpy(),
            "lon": communes["lon"].to_numpy(),
            **{name: values.sum(axis=0) for name, values in asdict(demand).items()},
        }
    )
    for size, cost in zip(candidates.sizes, candidates.cost_eur_per_year.T, strict=True):
        frame[f"cost_{size}_desks_eur_per_year"] = cost
    return frame


def by_seed(gained: Mapping[str, list[dict[str, float]]], seeds: Sequence[int]) -> pd.DataFrame:
    """List the gains of every plan by seed."""
    rows = [
        {"plan": name, "seed": seed} | gain
        for name, gains in gained.items()
        for seed, gain in zip(seeds, gains, strict=True)
    ]
    return pd.DataFrame(rows)
