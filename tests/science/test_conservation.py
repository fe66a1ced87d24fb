"""What goes in comes out: riders, worker-days, and in every table parts that add up."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from sim77.core.calendar import working_days
from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS, PLAN_KINDS, WEEKDAYS, Mode, Plan
from sim77.engine.model import CommuteModel
from sim77.registry.indicators import indicators
from sim77.runs.results import Result, tables_of
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    scenario_of,
    with_desks,
)

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 1), dt.date(2022, 3, 15)
BUSY = {**EVERYBODY_ALLOWED, "asc_tc_telecentre": 0.0, "asc_half": 0.5}
PLANS = [*OFFICE_COLUMNS, *HALF_COLUMNS, "home", "telecentre"]
# Indicators that are no sum over workers.
NOT_ADDITIVE = (
    "share_remote", "share_of_remote_in_telecentre", "share_office_by_public_transport",
    "minutes_saved_per_worker", "travel_min_per_worker", "mean_fatigue", "mean_isolation",
)  # fmt: skip


@dataclass
class Run:
    """A run, its tables, and what was seen on each day."""

    model: CommuteModel
    tables: Result
    seen: list[dict[str, np.ndarray]]


def seated(model: CommuteModel) -> np.ndarray:
    """Count who sits in each centre in the morning and in the afternoon, person by person."""
    people = model.memory.centres.exogenous[:, None] + model.memory.centres.mobile_users
    for at in model.home_based_at_centres[1]:
        people[at] += 1  # all day
    w, centre = model.columns, model.centre_today
    for row in np.flatnonzero(centre >= 0):
        afternoon = int(w.afternoon[row]) >> model.day.weekday() & 1
        halves = [afternoon] if w.kind[row] == Plan.HALF else [0, 1]
        people[centre[row], halves] += 1
    return people


def look(model: CommuteModel) -> dict[str, np.ndarray]:
    """Return loads as the model has them, and travellers counted person by person."""
    w, tables = model.columns, model.network.tables
    riders = np.zeros(model.network.n_segments)
    drivers = np.zeros(model.network.n_sections)
    for row in np.flatnonzero(w.kind == Plan.OFFICE):
        shares = {Mode.PUBLIC_TRANSPORT: (tables.rides, riders), Mode.CAR: (tables.drives, drivers)}
        if w.mode[row] in shares:
            incidence, total = shares[w.mode[row]]
            matrix = incidence.by_row
            mine = slice(*matrix.indptr[w.market[row] : w.market[row] + 2])
            total[matrix.indices[mine]] += w.weight[row] * matrix.data[mine]
    return {
        "accounts": model.memory.outputs.sum(axis=(0, 1)),
        "passing": riders,
        "drivers": drivers,
        "riders": model.memory.loads.riders.copy(),
        "share_others": model.parameters[f"others_riding_{WEEKDAYS[model.day.weekday()]}"],
        "simulated": model.memory.loads.simulated,
        "volume": model.memory.loads.volume,
        "free": model.memory.centres.free_desks.copy(),
        "taken": model.memory.centres.desks[:, None] - model.memory.centres.free_desks,
        "seated": seated(model),
    }


@pytest.fixture(
    scope="module",
    params=[
        {"scale": 0.1},
        {"scale": 0.05, "workplaces": ("paris", "inner-ring", "within", "outer-ring")},
    ],
    ids=["paris", "all workplaces"],
)
def run(request: pytest.FixtureRequest) -> Run:
    scenario = with_desks(scenario_of("hybrid-2022", START, END, BUSY), 5)
    model = CommuteModel(scenario, seed=2, **request.param)
    seen = []
    while model.running:
        model.step()
        seen.append(look(model))
    return Run(model, Result(tables_of(model)), seen)


def sums_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a table that are sums over workers."""
    return [name for name in indicators() if name in frame and name not in NOT_ADDITIVE]


def test_who_rides_is_on_every_segment_of_the_path(run):
    for day in run.seen:
        peak = run.model.parameters.share_peak_hour * day["passing"]
        assert day["simulated"] == pytest.approx(peak, rel=1e-6, abs=1e-6)
        others = day["share_others"] * run.model.memory.background.riders
        assert day["riders"] - day["simulated"] == pytest.approx(others)
    assert len({float(day["share_others"]) for day in run.seen}) == len(WEEKDAYS)


def test_who_drives_is_on_the_road(run):
    p = run.model.parameters
    for day in run.seen:
        peak = p.share_peak_hour_road * day["drivers"] / p.car_occupancy
        assert day["volume"] == pytest.approx(peak + run.model.memory.background.vehicles)


def test_worker_days_by_plan_add_up_to_worker_days_at_work(run):
    for name in ("days", "communes", "groups", "communes_by_day"):
        frame = run.tables.tables[name]
        precision = 1e-4 if name == "communes_by_day" else 1e-9
        by_plan = frame[PLANS].sum(axis=1)
        assert by_plan.to_numpy() == pytest.approx(frame["workers_at_work"], rel=precision)
        half_days = 2 * (frame["home"] + frame["telecentre"])
        half_days += frame[list(HALF_COLUMNS)].sum(axis=1)
        assert frame["remote_half_days"].to_numpy() == pytest.approx(half_days, rel=precision)
    assert (run.tables.days["half_public_transport"] > 0).any()


def test_communes_and_kinds_of_worker_add_up_to_the_days(run):
    days = run.tables.days
    names = sums_of(run.tables.groups)
    assert len(names) > 40
    for parts in (run.tables.communes, run.tables.groups):
        assert parts[names].sum().to_numpy() == pytest.approx(days[names].sum(), rel=1e-9)
    by_day = run.tables.communes_by_day.groupby("date")
    for name in sums_of(run.tables.communes_by_day):
        assert by_day[name].sum().to_numpy() == pytest.approx(days[name], rel=1e-4)


def test_shares_lie_between_the_shares_of_the_parts_and_add_up_weighted(run):
    days, communes = run.tables.days, run.tables.communes
    for name, weight in (
        ("share_remote", "workers_at_work"),
        ("share_of_remote_in_telecentre", "remote_days"),
        ("minutes_saved_per_worker", "workers_at_work"),
        ("mean_fatigue", "workers_at_work"),
    ):
        total = (days[name] * days[weight]).sum() / days[weight].sum()
        parts = (communes[name] * communes[weight]).sum() / communes[weight].sum()
        assert parts == pytest.approx(total)
    for name in (
        "share_remote",
        "share_of_remote_in_telecentre",
        "share_office_by_public_transport",
    ):
        for frame in (days, communes, run.tables.groups):
            assert frame[name].between(0, 1).all()


def test_workers_add_up_to_the_days(run):
    workers, days = run.tables.workers, run.tables.days
    for kind in PLAN_KINDS:
        columns = [name for name in PLANS if name.startswith(kind)]
        total = (workers["weight"] * workers[f"days_{kind}"]).sum()
        assert total == pytest.approx(days[columns].sum().sum(), rel=1e-5)
    saved = (workers["weight"] * workers["minutes_saved"]).sum()
    assert saved == pytest.approx(days["minutes_saved"].sum(), rel=1e-4)
    assert run.tables.communes["workers"].sum() == pytest.approx(workers["weight"].sum(), rel=1e-5)


def test_telecentres_add_up_to_the_days(run):
    by_day, days = run.tables.telecentres_by_day, run.tables.days
    per_day = by_day.groupby("date")[["whole_days", "half_days", "refusals"]].sum()
    assert per_day["whole_days"].to_numpy() == pytest.approx(days["telecentre"])
    assert per_day["half_days"].to_numpy() == pytest.approx(days[list(HALF_COLUMNS)].sum(axis=1))
    assert per_day["refusals"].to_numpy() == pytest.approx(days["refusals"])
    assert days["refusals"].sum() > 0
    borne = days["desk_price_eur"].sum()
    # Centres are paid the posted price, by the worker or by the employer.
    assert by_day["revenue_workers_eur"].sum() >= borne > 0
    total = by_day.groupby("telecentre_id", sort=False).sum(numeric_only=True)
    centres = run.tables.telecentres.set_index("telecentre_id")
    bookings = total["whole_days"] + 0.5 * total["half_days"]
    for found, expected in (
        (centres["worker_days"], bookings),
        (centres["refusals"], total["refusals"]),
        (centres["revenue_workers_eur"], total["revenue_workers_eur"]),
        (centres["revenue_others_eur"], total["revenue_others_eur"]),
    ):
        assert found.to_numpy() == pytest.approx(expected.loc[centres.index])


def test_desks_taken_are_desks_there(run):
    by_day = run.tables.telecentres_by_day
    for half in ("occupied_morning", "occupied_afternoon"):
        assert (by_day[half] <= by_day["desks"] + 1e-9).all()
        assert (by_day[half] >= by_day["exogenous_users"] - 1e-9).all()
    for day in run.seen:
        assert (day["free"] >= 0).all()
        assert np.array_equal(day["taken"], day["seated"])
    assert run.tables.telecentres["share_occupied"].between(0, 1).all()


def test_lines_are_their_fullest_segments_and_segments_the_mean_day(run):
    lines, segments = run.tables.lines, run.tables.segments
    recorded = run.model.recorder.segments
    fullest = np.concatenate(run.model.network.peak_segments(recorded[:, :, 0].mean(axis=0)))
    per_day = lines.groupby("date", sort=False)["simulated_riders"].sum()
    assert per_day.to_numpy() == pytest.approx(recorded[:, fullest, 1].sum(axis=1))
    assert segments["peak_riders"].to_numpy() == pytest.approx(recorded[:, :, 0].mean(axis=0))
    factor = segments["peak_riders"] / segments["places"]
    assert segments["load_factor"].to_numpy() == pytest.approx(factor)
    assert (segments["seats"] <= segments["places"]).all()
    assert (run.tables.sections["travel_time_ratio"] >= 1).all()


def test_what_a_day_adds_up_to_is_what_is_recorded(run):
    recorder = run.model.recorder
    for n, day in enumerate(run.seen):
        assert recorder.communes[n].sum(axis=0) == pytest.approx(day["accounts"])
        assert recorder.kinds_of_worker[n].sum(axis=0) == pytest.approx(day["accounts"])


def test_weeks_count_the_same_half_days_as_the_days(run):
    weeks, days = run.tables.weeks, run.tables.days
    monday = days["date"] - pd.to_timedelta(days["date"].dt.day_of_week, unit="D")
    expected = days["remote_half_days"].groupby(monday).sum()
    found = weeks.groupby("week")["remote_half_days"].sum()
    # Those that the run cuts are left out.
    simulated = set(days["date"].dt.date)
    whole = [
        week for week in expected.index
        if set(working_days(week.date(), week.date() + dt.timedelta(days=4))) <= simulated
    ]  # fmt: skip
    assert found.index.tolist() == whole and 0 < len(whole) < len(expected)
    assert found.to_numpy() == pytest.approx(expected[whole].to_numpy())
    assert (weeks["remote_one_day_or_more"] <= weeks["remote_some_time"] + 1e-9).all()
    assert (weeks["remote_some_time"] <= weeks["workers"] + 1e-9).all()


def test_nobody_saves_more_than_the_journey(run):
    days = run.tables.days
    journeys = days["travel_min"] + days["minutes_saved"]  # had all been at the office
    assert (days["minutes_saved"] < journeys).all()
    assert (days["minutes_saved_in_telecentre"] < days["minutes_saved"]).all()


def test_emissions_add_up_by_source(run):
    days, p = run.tables.days, run.model.parameters
    cars = days["car_km"] / p.car_occupancy + days["station_car_km"] + days["centre_car_km"]
    travel = (
        cars * p.car_kg_co2e_per_km
        + days["rail_km"] * p.rail_kg_co2e_per_km
        + days["bus_km"] * p.bus_kg_co2e_per_km
    )
    parts = days[["co2e_car_kg", "co2e_rail_kg", "co2e_access_kg"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(days["co2e_travel_kg"])
    assert parts.to_numpy() == pytest.approx(travel)
    remote = days["home"] + days["telecentre"] + 0.5 * (days[list(HALF_COLUMNS)].sum(axis=1))
    assert days["remote_days"].to_numpy() == pytest.approx(remote)
