"""Runs of the whole model for the science tests: what everybody did, and paired differences."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim77.core.units import EMPLOYER_SIZES
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import CENTRE_COLUMNS
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_CONSIDERS

SEEDS = range(1, 11)

# Expected times stay as they are at the start, nobody minds what others do or did.
NO_FEEDBACK = {
    **dict.fromkeys(("learning_weight", "g_peer", "g_norm", "g_colocation"), 0.0),
    "price_month_eur": 1e6,
    "employer_budget_eur_per_month": 1e9,
    # Mobile staff who sit down at another centre leave a desk free at this one.
    "mobile_visits_per_resident_at_work": 0.0,
}
# Nor what they did themselves: days before the first one leave no trace.
NO_MEMORY = {**NO_FEEDBACK, "g_isolation": 0.0, "g_habit": 0.0, "burn_in_days": 0.0}

NO_ANCHORS = {f"share_agreements_anchor_{day}": 0.0 for day in ("tuesday", "thursday")}
NEVER_BINDS = {
    **NO_ANCHORS,
    **dict.fromkeys(("share_allowance_2", "share_allowance_4", "share_allowance_6"), 0.0),
    "share_allowance_10": 1.0,
}
ALWAYS_AT_WORK = {
    **NO_ANCHORS,
    "share_five_days": 1.0,
    "share_four_days": 0.0,
    "share_three_days": 0.0,
    **{f"absence_{dt.date(2014, month, 1):%B}".lower(): 0.0 for month in range(1, 13)},
}
ALL_EMPLOYERS_ALIKE = {f"coverage_factor_{size.replace('-', '_')}": 1.0 for size in EMPLOYER_SIZES}
NO_HALF_DAYS = {"asc_half": -1e3}
MANY_DESKS = 2000


def scenario_of(
    name: str, start: dt.date, end: dt.date, parameters: Mapping[str, float] = {}, **fields: Any
) -> Scenario:
    """Return a shipped scenario with another period and parameters outside their ranges allowed.

    A week before the first day is enough for what differences are measured on, and everybody
    considers a telecentre, so that few workers show what they do there.
    """
    return load_scenario(name).with_(
        start=start, end=end, outside_ranges=True,
        parameters={"burn_in_days": 5.0, **EVERYBODY_CONSIDERS, **parameters}, **fields,
    )  # fmt: skip


def with_desks(scenario: Scenario, desks: int) -> Scenario:
    """Return a scenario with so many desks at each site of its network."""
    return scenario.with_(network=tuple(replace(site, desks=desks) for site in scenario.network))


def without_site(scenario: Scenario, name: str) -> Scenario:
    sites = tuple(site for site in scenario.network if site.telecentre_id != name)
    assert len(sites) == len(scenario.network) - 1
    return scenario.with_(network=sites)


def people_of(territory: Territory, **where: Any) -> Territory:
    """Return a territory in which only the communes with these attributes have workers.

    A small part of the département at full scale: desks are as many as they are.
    """
    communes = territory.communes
    chosen = np.ones(len(communes), dtype=bool)
    for column, value in where.items():
        chosen &= communes[column].isin([value] if isinstance(value, str) else value).to_numpy()
    assert chosen.any()
    flows = territory.flows.copy()
    flows.loc[~flows["commune_code"].isin(communes["code"][chosen]), "workers"] = 0
    return replace(territory, flows=flows, hash=f"{territory.hash} {sorted(where.items())}")


def people_of_one_pair(territory: Territory, home: str, work: str, workers: int) -> Territory:
    """Return a territory of so many managers with one home and one workplace.

    No mode has a constant, so that what a mode is worth follows from its minutes and euros alone.
    """
    flows = territory.flows.assign(workers=0)
    codes = territory.communes.set_index("name")["code"]
    mine = (flows["commune_code"] == codes[home]) & (flows["workplace_code"] == work)
    mine &= (flows["csp"] == 3) & ~flows["at_home"]
    assert mine.sum() == 1
    flows.loc[mine, "workers"] = workers
    od = replace(territory.od, mode_choice=territory.od.mode_choice.head(0))
    return replace(territory, flows=flows, od=od, hash=f"{territory.hash} {home} {work} {workers}")


@dataclass
class Trace:
    """What every worker did on every reported day; arrays of shape (n_days, n_workers).

    ``kind`` and ``mode`` are -1 for who is not at work, ``centre`` is a row of the territory's
    telecentres or -1, ``used`` the remote half-days of the week so far.
    """

    kind: np.ndarray
    mode: np.ndarray
    centre: np.ndarray
    used: np.ndarray
    model: CommuteModel

    @property
    def at_work(self) -> np.ndarray:
        return self.kind >= 0


def trace(scenario: Scenario, on_day: Callable[[CommuteModel], None] | None = None, **options: Any):
    """Run a scenario and keep what everybody did on each day."""
    model = CommuteModel(scenario, **options)
    rows = np.append(model.sites.row, -1)
    days: dict[str, list[np.ndarray]] = {name: [] for name in ("kind", "mode", "centre", "used")}
    while model.running:
        model.step()
        for name, values in (
            ("kind", model.columns.kind),
            ("mode", np.where(model.columns.kind >= 0, model.columns.mode, -1)),
            ("centre", rows[model.centre_today]),
            ("used", model.columns.used),
        ):
            days[name].append(values.copy())
        if on_day is not None:
            on_day(model)
    return Trace(**{name: np.array(values) for name, values in days.items()}, model=model)


def finished(scenario: Scenario, **options: Any) -> CommuteModel:
    """Run a scenario to its end."""
    model = CommuteModel(scenario, **options)
    while model.running:
        model.step()
    return model


Measure = Callable[[CommuteModel], np.ndarray]


def paired(
    scenarios: Mapping[str, Scenario], measure: Measure, *, seeds: range = SEEDS, **options: Any
) -> dict[str, np.ndarray]:
    """Measure scenarios with the same seeds.

    Returns
    -------
    dict of str to numpy.ndarray
        Measures by scenario, shape (n_seeds, …).
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in scenarios}
    for seed in seeds:
        population = None
        for name, scenario in scenarios.items():
            model = finished(scenario, seed=seed, population=population, **options)
            population = model.population
            found[name].append(np.asarray(measure(model), dtype=np.float64))
    return {name: np.array(values) for name, values in found.items()}


def show(label: str, difference: np.ndarray) -> float:
    """Print the mean of paired differences with its standard error; return the mean."""
    mean = float(difference.mean())
    error = float(difference.std(ddof=1) / np.sqrt(difference.size))
    print(f"{label}: {mean:+.4g} ± {error:.2g} over {difference.size} seeds")
    return mean


def refusals(model: CommuteModel) -> float:
    """Return refusals since the start, all centres together."""
    return float(model.recorder.centres[:, :, CENTRE_COLUMNS.index("refusals")].sum())


def days_by_kind(model: CommuteModel) -> np.ndarray:
    """Return person-days since the start by kind: office, half, home, telecentre."""
    return model.columns.days_by_kind @ model.columns.weight
