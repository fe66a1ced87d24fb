"""Run the engine and the plain model side by side, and say where they differ."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sim77.engine import observation
from sim77.engine.aggregation import DESKS_OPEN, REFUSAL_LOSS_EUR, SUBSCRIPTION_EUR
from sim77.engine.arrays import JOURNEY
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import population_frame
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.territory import Territory, load_territory

from .plain_model import Day, PlainModel
from .plain_worker import NOT_AT_WORK

START, END = dt.date(2015, 4, 13), dt.date(2015, 7, 17)
SEED = 7

EMPLOYEES = ("managers", "intermediate", "clerical", "manual")
EVERYTHING_ON = {
    **{f"share_teleworkable_{group}": 1.0 for group in (*EMPLOYEES, "independents")},
    # In the core of a city more of them can work remotely.
    "share_teleworkable_clerical": 0.6,
    "share_teleworkable_independents": 0.8,
    **{f"share_covered_{group}": 1.0 for group in (*EMPLOYEES, "independents")},
    # Of these, more who live far from their work.
    "share_covered_manual": 0.7,
    "odds_covered_per_10_km": 1.2,
    **{f"share_allowance_{half_days}": 0.25 for half_days in (2, 4, 6, 10)},
    "asc_home_managers": -1.0,
    "asc_home_manual": -1.8,
    "share_considering_employees": 0.8,
    "share_considering_independents": 0.7,
    "asc_tc_telecentre": 0.8,
    "asc_tc_coworking": 0.6,
    "asc_half": 1.0,
    "g_isolation": 0.4,
    "g_colocation": 0.25,
    "b_fibre": 1.0,
    "g_habit": 0.4,
    "price_month_eur": 45.0,
    # Employers that pay reach their ceiling each day, and their budget in a month.
    "share_agreements_paying": 0.6,
    "employer_ceiling_eur_per_day": 9.0,
    "employer_budget_eur_per_month": 40.0,
    "mobile_visits_per_resident_at_work": 0.1,
}
DESKS = 300


def change(date: str, lever: str, value: Any = None, **others: Any) -> Change:
    until = others.pop("until", None)
    return Change(
        dt.date.fromisoformat(date),
        lever,
        value,
        until=until and dt.date.fromisoformat(until),
        **others,
    )


BUSY_SCALE = 0.03
"""Share of the workers of the busy territory, about 600."""
OPENS, CLOSES = "forge", "mill"


def busy_scenario() -> Scenario:
    """Everybody may work away, desks are few, and policies change in the middle of weeks."""
    return Scenario(
        *("busy", "", "", "", ""),
        start=START,
        end=END,
        # The forge and the mill are 6.7 km apart: one place.
        parameters={**EVERYTHING_ON, "asc_half": 1.9, "same_place_km": 7.0},
        network=(
            # One is seldom full, so that its users are more in one week than in another.
            SiteSpec("barn", desks=6 * DESKS),
            *(SiteSpec(name, desks=DESKS) for name in ("dock", CLOSES, "new-10001")),
        ),
        changes=(
            change("2015-04-13", "road_toll", 2.0),
            change("2015-04-13", "low_emission_zone", 0.3, until="2015-06-05"),
            change("2015-04-20", "train_frequency", 0.6, target="S", until="2015-06-12"),
            change("2015-05-05", "anchor_weekdays", (1,), until="2015-06-05"),
            change("2015-05-19", "strike", 0.3, until="2015-05-21"),
            change("2015-05-27", "open_telecentre", DESKS, target=OPENS),
            change("2015-06-01", "fuel_price", 3.0),
            change("2015-06-03", "price_day", 3.0, target="all"),
            change("2015-06-08", "promotion", 0.6, until="2015-06-19"),
            change("2015-06-09", "train_capacity", 0.7, target="R"),
            change("2015-06-11", "close_telecentre", target=CLOSES),
            change("2015-06-17", "allowance_half_days", 5, until="2015-06-25"),
            change("2015-06-18", "road_toll", 6.0),
            change("2015-06-24", "train_frequency", 1.8, target="R"),
            change("2015-06-30", "telework_obligation", 2, until="2015-07-06"),
            change("2015-07-02", "parameter:g_peer", 0.2),
            change("2015-07-07", "lockdown", True, until="2015-07-09"),
        ),
        outside_ranges=True,
    )


def new_year_scenario() -> Scenario:
    """The same at the turn of a year, when agreements become more: they are as on their path."""
    busy, dated = busy_scenario(), load_parameters()
    return replace(
        busy,
        start=dt.date(2015, 12, 28),
        end=dt.date(2016, 1, 8),
        parameters={
            **{name: value for name, value in busy.parameters.items() if not dated[name].path},
            "burn_in_days": 5.0,
        },
        changes=(),
    )


def shipped_scenario() -> Scenario:
    """The same of Seine-et-Marne, for a week and a half."""
    names = load_territory().telecentres.telecentre_id
    return Scenario(
        *("shipped", "", "", "", ""),
        start=START,
        end=START + dt.timedelta(days=9),
        parameters=EVERYTHING_ON,
        network=tuple(SiteSpec(name, desks=DESKS) for name in names),
        changes=(
            change("2015-04-13", "train_frequency", 0.7, target="P"),
            change("2015-04-15", "train_capacity", 0.8, target="R"),
            change("2015-04-16", "strike", 0.4, until="2015-04-17"),
            change("2015-04-17", "telework_obligation", 2),
        ),
        outside_ranges=True,
    )


def engine_model(
    scenario: Scenario, scale: float, territory: Territory | None = None
) -> CommuteModel:
    return CommuteModel(scenario, seed=SEED, scale=scale, territory=territory)


def plain_model(
    scenario: Scenario, engine: CommuteModel, kind: type[PlainModel] = PlainModel
) -> PlainModel:
    """Make a plain model of the engine's workers: their table is all it is told of the engine."""
    territory = engine.territory
    return kind(
        engine.workers.to_frame(),
        territory,
        lambda day: scenario.state_on(day, territory),
        overrides={**territory.parameters, **scenario.parameters},
        start=scenario.start,
        end=scenario.end,
        seed=SEED,
        scale=engine.scale,
        home_based=population_frame(engine.world.home_based, territory),
    )


def differences(engine: CommuteModel, day: Day) -> Iterator[str]:
    """Say what differs after a day: choices exactly, numbers within rounding."""
    workers = engine.workers
    at_work = np.array(day.kind) != NOT_AT_WORK
    centre_names = [
        engine.sites.ids[row] if row >= 0 else None for row in workers.get("telecentre")
    ]
    exact = {
        "plan": (workers.get("plan"), day.kind),
        "mode": (np.where(at_work, workers.get("mode"), -1), np.where(at_work, day.mode, -1)),
        "telecentre": (centre_names, day.centre),
        "half-days left": (workers.get("half_days_left"), day.half_days_left),
    }
    for name, (of_engine, of_plain) in exact.items():
        for row, (one, other) in enumerate(zip(of_engine, of_plain, strict=True)):
            if one != other:
                yield f"{day.date}: {name} of worker {row} is {one}, plain {other}"
    yield from home_based_differences(engine, day)
    yield from centre_differences(engine, day)
    market, mode = engine.columns.market, engine.columns.office_mode
    office_min = engine.memory.trips.journey[market, mode, JOURNEY.index("travel_min")]
    close = {
        "isolation": (workers.get("isolation"), day.isolation),
        "expected minutes by rail": (engine.memory.expected_min, list(day.rail_min.values())),
        "expected ratio by road": (
            engine.memory.expected_ratio,
            list(day.travel_time_ratio.values()),
        ),
        "peak load": (engine.memory.loads.riders, list(day.rail_load.values())),
        "riders carried": (observation.segments(engine)[:, 0], day.carried),
        "wait for room": (engine.memory.loads.wait_min, day.queue_min),
        "subscriptions": (
            [engine.memory.outputs[:, :, SUBSCRIPTION_EUR].sum()],
            [day.subscriptions_eur],
        ),
        "loss by refusals": (
            engine.memory.outputs[:, :, REFUSAL_LOSS_EUR].sum(axis=1),
            [day.refusal_loss_eur.get(code, 0.0) for code in engine.territory.communes["code"]],
        ),
        "open desks": (
            [engine.memory.outputs[:, :, DESKS_OPEN].sum()],
            [sum(day.desks.values()) / engine.scale],
        ),
        "minutes of an office day": (
            np.where(at_work, office_min, 0.0),
            np.where(at_work, day.office_min, 0.0),
        ),
    }
    for name, (of_engine, of_plain) in close.items():
        gap = np.abs(np.asarray(of_engine) - np.asarray(of_plain))
        if not np.all(gap <= 1e-9 * (1 + np.abs(of_plain))):
            yield f"{day.date}: {name} differs by up to {gap.max():.3g}, at {gap.argmax()}"


def home_based_differences(engine: CommuteModel, day: Day) -> Iterator[str]:
    columns, (users, at) = engine.memory.home_based, engine.home_based_at_centres
    centre = dict(zip(users.tolist(), at.tolist(), strict=True))
    choosers = engine.effects.home_based
    mine = dict(zip(choosers.worker.tolist(), choosers.week_value.tolist(), strict=True))
    for i, (kind, name, isolation, worth) in enumerate(day.home_based):
        if i not in mine:
            continue
        if abs(mine[i] - worth) > 1e-9:
            yield f"{day.date}: a day is worth {mine[i]} to {i} at home, plain {worth}"
        taken = engine.sites.ids[centre[i]] if i in centre else None
        of_engine = int(columns.kind[i]), taken
        if of_engine != (kind, name) or abs(columns.isolation[i] - isolation) > 1e-9:
            yield f"{day.date}: {i} at home does {of_engine}, plain {kind, name}"


def centre_differences(engine: CommuteModel, day: Day) -> Iterator[str]:
    found = engine.memory.centres
    for row, name in enumerate(engine.sites.ids):
        mobile = found.mobile_users[row]
        taken = found.desks[row] - found.free_desks[row] - found.exogenous[row] - mobile
        not_served = found.refusals[row], found.turned_away[row]
        of_engine = found.desks[row], found.exogenous[row], *mobile, *taken, *not_served
        of_plain = (
            day.desks.get(name, 0),
            day.exogenous.get(name, 0),
            *day.mobile.get(name, (0, 0)),
            *day.booked.get(name, (0, 0)),
            day.refusals[name],
            day.turned_away[name],
        )
        if tuple(map(int, of_engine)) != of_plain:
            yield f"{day.date}: {name} has {of_engine}, plain {of_plain}"
