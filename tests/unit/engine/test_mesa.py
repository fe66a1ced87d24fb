"""The model is a Mesa model: steps, agent sets, data collector, batch runs, workers."""

import copy
import datetime as dt
import warnings

import mesa
import numpy as np
import pandas as pd
import pytest

from sim77.core.errors import ResultError, ScenarioError
from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.model import CommuteModel

pytestmark = pytest.mark.unit

START, END = dt.date(2014, 7, 1), dt.date(2014, 7, 4)


@pytest.fixture(scope="module")
def model() -> CommuteModel:
    model = CommuteModel("network-2014", scale=0.02, start=START, end=END)
    while model.running:
        model.step()
    return model


def test_it_is_a_mesa_model_that_stops_by_itself(model):
    assert isinstance(model, mesa.Model)
    assert model.steps == 4
    assert not model.running
    model.step()
    assert len(model.recorder.days) == 4


def test_the_data_collector_holds_the_days(model):
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == 4
    assert frame["workers_at_work"].to_numpy() == pytest.approx(
        model.recorder.communes[:, :, 0].sum(axis=1)
    )


def test_employers_centres_lines_sections_and_communes_are_agent_sets(model):
    sizes = {
        "employers": model.population.employer_heads.size,
        "telecentres": 11,  # Fontainebleau opens in October
        "lines": 30,
        "sections": len(model.territory.od.road.sections),
        "communes": 507,
    }
    kinds = (mesa.agent.AgentSet, type(mesa.Model().agents))
    for name, size in sizes.items():
        agents = getattr(model, name)
        assert isinstance(agents, kinds)
        assert len(agents) == size
    open_today = {site.telecentre_id for site in model.state.sites}
    assert {each.telecentre_id for each in model.telecentres if each.is_open} == open_today
    assert model.employers.agg("heads", sum) == (model.population.employer >= 0).sum()
    assert model.communes.agg("residents", sum) == len(model.workers)
    line = model.lines.select(lambda each: each.name == "A")[0]
    assert 0.5 < line.load_factor < 1.2
    section = model.sections[0]
    assert section.name == "A1/A3 south"
    assert section.volume_veh_per_hour == model.memory.loads.volume[0]
    assert section.expected_ratio >= 1.0
    at_office = (model.columns.kind[model.population.employer >= 0] == 0).sum()
    assert model.employers.agg("at_office", sum) == at_office


def test_a_model_without_telecentres_has_an_empty_set():
    model = CommuteModel("no-telecentres", scale=0.01, start=START, end=START)
    assert len(model.telecentres) == 0


def test_workers_count_select_group_and_aggregate(model):
    workers = model.workers
    groups = workers.groupby("group")
    assert set(groups) == set(OCCUPATION_GROUPS)
    assert sum(len(group) for group in groups.values()) == len(workers)
    managers = workers.select(group="managers")
    assert len(managers) == workers.count(group="managers") == len(groups["managers"])
    assert managers.agg("weight", np.sum) == pytest.approx(groups["managers"].get("weight").sum())
    assert len(workers.select(at_most=5)) == 5
    slow = workers[:50].select(lambda worker: worker.group == "managers")
    assert len(slow) == workers[:50].count(group="managers")
    frame = workers.to_frame(names=True)
    assert (frame["group"] == "managers").sum() == len(managers)


def test_a_worker_is_an_agent_with_named_attributes(model):
    worker = model.workers[17]
    assert worker.group in OCCUPATION_GROUPS
    assert worker.commune_code.startswith("77")
    assert worker.plan in ("office", "half", "home", "telecentre", "not-at-work")
    assert worker in model.workers
    assert worker in model.workers.select(group=worker.group)
    with pytest.raises(AttributeError, match="Did you mean 'group'"):
        _ = worker.groop


def test_batch_run_runs_it_unchanged():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = mesa.batch_run(
            CommuteModel,
            {
                "scenario": ["no-telecentres", "network-2014"],
                "scale": 0.01,
                "start": [START],
                "end": [END],
            },
            iterations=1,
            display_progress=False,
        )
    assert {row["scenario"] for row in rows} == {"no-telecentres", "network-2014"}
    assert all(row["workers_at_work"] > 0 for row in rows)


def test_workers_may_be_copied_and_no_value_is_looked_for_that_nobody_has(model):
    assert copy.copy(model.workers[17]).unique_id == model.workers[17].unique_id
    with pytest.raises(ResultError, match="No worker has 'manager' as group"):
        model.workers.select(group="manager")


def test_days_of_a_run_are_given_as_dates_texts_or_midnights():
    days = (START, START.isoformat(), pd.Timestamp(START))
    first, *others = (
        CommuteModel("network-2014", scale=0.001, start=day, end=START) for day in days
    )
    assert all(each.days == first.days == [START] for each in others)
    with pytest.raises(ScenarioError, match="is not a date, expected YYYY-MM-DD"):
        CommuteModel("network-2014", scale=0.001, end=pd.Timestamp(2014, 7, 4, 12))


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"seed": -1}, ResultError, "from 0 to 4294967295"),
        ({"scale": 0.0}, ResultError, "above 0 and at most 1"),
        ({"workplaces": "pariss"}, ResultError, "Did you mean 'paris'"),
        ({"end": "2014-7-4"}, ScenarioError, "'2014-7-4' is not a date, expected YYYY-MM-DD"),
        ({"start": END, "end": START}, ScenarioError, "must start before it ends"),
        (
            {"start": dt.date(2014, 7, 5), "end": dt.date(2014, 7, 6)},
            ScenarioError,
            "no working day",
        ),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        CommuteModel("network-2014", **{"scale": 0.01, **arguments})
