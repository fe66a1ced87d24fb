"""The utility of a day plan is written once: a sign changed in its table reaches every reader.

A day is run on which everybody remembers the same, whatever the table says: what then differs,
differs because of the table.
"""

import datetime as dt
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pytest

from docs.generator.odd import terms_part
from sim77.analysis.estimate.design import HELD_UNLESS_ASKED, make_design
from sim77.analysis.estimate.mixed import components
from sim77.analysis.estimate.survey import check_survey
from sim77.analysis.explain.terms import Day
from sim77.analysis.siting.candidates import find_candidates
from sim77.analysis.siting.demand import expected_demand
from sim77.core.units import ACCESS_MODES, PLAN_KINDS, WEEKDAYS
from sim77.engine.choice.terms import TERMS
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import population_frame
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

from ..oracle.compare import differences
from ..oracle.plain_model import PlainModel

pytestmark = pytest.mark.science

SEED = 7
PARAMETERS = {
    "g_colocation": 0.3, "asc_own_account": -1.0, "mobile_visits_per_resident_at_work": 0.0,
}  # fmt: skip
# A new site has had no users yet and the value of a week leaves habit out.
# `own_account` is of those who work at home, whom the readers of workers' days do not know.
NOT_READ = {
    "static siting": {"habit", "colocation", "own_account"},
    "estimation": {"services", "colocation", "own_account"},
    "kernels": {"own_account"},
    "explanation": {"own_account"},
}


def one_day(territory: Territory, scenario: Scenario) -> dict[str, Any]:
    """Run a day after a last week that is given; return what the readers say."""
    day = scenario.with_(end=scenario.start, parameters={**PARAMETERS, "burn_in_days": 0.0})
    model = CommuteModel(day, territory=territory, seed=SEED)
    found: dict[str, Any] = {}

    def watch(model: CommuteModel, phase: str) -> None:
        if phase == "start_week":
            model.columns.isolation[:], model.columns.last_kind[:] = 1.5, np.arange(260) % 4
            model.memory.centres.colocation[:] = 5.0
        elif phase == "value_week":
            model.memory.choosers.norm[:] = 0.5
        elif phase == "choose":
            found["kernels"] = model.expected_by_kind()
            demand = expected_demand(model, find_candidates(day, territory, (10,)))
            found["static siting"] = np.stack((demand.use, demand.surplus_eur))
        elif phase == "book":
            found["explanation"] = explained(model)

    model.observers.append(watch)
    model.step()
    return found


WAYS_TO_A_CENTRE = {f"centre_access_{mode}" for mode in ACCESS_MODES}
"""How an explanation names the way to a centre."""
NOT_IN_THE_TABLE = {"chance_office", "chance_away", "chance_place", "saving"}
"""What an explanation tells besides the utility of a plan."""


def explained(model: CommuteModel) -> dict[str, float]:
    """Add up each term over the plans of the workers with an allowance."""
    day, total = Day(model), dict.fromkeys(TERMS, 0.0)
    for i in model.memory.choosers.worker:
        for plan in (plan for some in day.plans(int(i)) for plan in some):
            for term in plan.terms:
                name = "centre_access" if term.name in WAYS_TO_A_CENTRE else term.name
                if name not in NOT_IN_THE_TABLE:
                    # A journey is told by its parts.
                    total[name if name in TERMS else "journey"] += float(term.utils)
    return total


def survey() -> pd.DataFrame:
    """Draw a table with every column."""
    draw, n = np.random.default_rng(1), 200
    return pd.DataFrame(
        {
            "person": [f"p{number // 5:02}" for number in range(n)],
            "weekday": np.array(WEEKDAYS)[np.arange(n) % 5],
            "occupation": draw.choice(["managers", "clerical"], n // 5).repeat(5),
            "available": "office half home telecentre",
            "chosen": draw.choice(PLAN_KINDS, n),
            "last_plan": draw.choice(PLAN_KINDS, n),
            **{
                name: draw.uniform(1.0, 20.0, n).round(2)
                for name in (
                    "travel_perceived_min", "travel_eur", "access_min", "access_eur",
                    "price_day_eur", "price_half_day_eur", "isolation_days",
                )
            },
            **{
                name: draw.uniform(0.0, 1.0, n).round(2)
                for name in ("fibre", "presence_share", "norm_share")
            },
        }
    )  # fmt: skip


def estimation() -> np.ndarray:
    """Return the design of the survey and the loadings of its tastes."""
    design = make_design(check_survey(survey()), free=HELD_UNLESS_ASKED)
    assert not set(design.held) & set(HELD_UNLESS_ASKED)
    return np.concatenate((design.x.ravel(), components(design)[1].ravel()))


def first_disagreement(territory: Territory, scenario: Scenario) -> list[str]:
    """Run engine and oracle side by side until they differ."""
    # A week before the first day is past enough for whatever looks back.
    days = scenario.with_(
        end=scenario.start + dt.timedelta(days=3), parameters={**PARAMETERS, "burn_in_days": 5.0}
    )
    engine = CommuteModel(days, territory=territory, seed=SEED)
    plain = PlainModel(
        engine.workers.to_frame(), territory, lambda day: days.state_on(day, territory),
        overrides={**territory.parameters, **days.parameters}, start=days.start, end=days.end,
        seed=SEED, scale=1.0,
        home_based=population_frame(engine.world.home_based, territory),
    )  # fmt: skip
    while plain.coming_days:
        engine.step()
        plain.step()
        if found := list(islice(differences(engine, plain.record()), 1)):
            return found
    return []


@pytest.fixture(scope="module")
def as_written(small_territory: Territory, tiny_scenario: Scenario) -> dict[str, Any]:
    """What every reader says of the table as it is; the oracle agrees."""
    assert first_disagreement(small_territory, tiny_scenario) == []
    found = one_day(small_territory, tiny_scenario)
    return {**found, "estimation": estimation(), "ODD page": terms_part()}


@pytest.mark.parametrize("name", TERMS)
def test_a_sign_changed_in_the_table_reaches_every_reader(
    name: str, as_written: dict[str, Any], small_territory: Territory, tiny_scenario: Scenario,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(TERMS, name, replace(TERMS[name], sign=-TERMS[name].sign))
    found = one_day(small_territory, tiny_scenario)
    found |= {"estimation": estimation(), "ODD page": terms_part()}
    explanation = found.pop("explanation")
    if name not in NOT_READ["explanation"]:
        assert explanation[name] == pytest.approx(-as_written["explanation"][name]) != 0.0
    deaf = {
        reader
        for reader, reading in found.items()
        if name not in NOT_READ.get(reader, ()) and np.array_equal(reading, as_written[reader])
    }
    assert not deaf
    assert first_disagreement(small_territory, tiny_scenario), "the oracle agrees with the mistake"
