"""The engine against the plain model: worker for worker, day for day, with everything on."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from .compare import (
    CLOSES,
    END,
    OPENS,
    differences,
    engine_model,
    plain_model,
    stressed_scenario,
)
from .plain_model import Day, PlainModel
from .plain_worker import HALF, HOME, NOT_AT_WORK, OFFICE, TELECENTRE

pytestmark = pytest.mark.oracle

SHOWN = 20


@dataclass
class Run:
    """What both models did; the plain one says what happened on the way."""

    plain: PlainModel
    days: list[Day] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    allowances: set[int] = field(default_factory=set)
    habits: Counter[bool] = field(default_factory=Counter)
    presence: set[float] = field(default_factory=set)
    norm: set[float] = field(default_factory=set)
    fibre: set[float] = field(default_factory=set)
    colocation: set[float] = field(default_factory=set)
    strike_min: list[float] = field(default_factory=list)
    crowded: bool = False


@pytest.fixture(scope="module")
def run() -> Run:
    scenario = stressed_scenario()
    engine = engine_model(scenario)
    run = Run(plain_model(scenario, engine))
    while run.plain.coming_days:
        before = [worker.last_kind for worker in run.plain.workers]
        engine.step()
        run.plain.step()
        run.found += differences(engine, run.plain.today)
        take_note(run, before)
    return run


def take_note(run: Run, kinds_before: list[int | None]) -> None:
    plain = run.plain
    run.days.append(plain.today)
    run.allowances |= {worker.allowance for worker in plain.workers}
    run.presence |= {worker.presence[2] for worker in plain.workers}
    run.norm |= {worker.norm for worker in plain.workers}
    run.fibre |= {plain.fibre(worker.commune) for worker in plain.workers}
    run.colocation |= set(plain.colocation.values())
    run.habits.update(
        kind == worker.kind
        for kind, worker in zip(kinds_before, plain.workers, strict=True)
        if worker.at_work
    )
    if plain.state.share_trains < 1:
        on_strike, normal = plain.outlook_today.rail_min, plain.network.uncrowded_min
        run.strike_min.append(max(on_strike[name] - normal(name) for name in on_strike))
    run.crowded |= any(
        minutes > plain.network.uncrowded_min(name) + 1
        for name, minutes in plain.today.rail_min.items()
    )


def test_the_engine_agrees_with_the_plain_model(run):
    shown = "\n".join(run.found[:SHOWN])
    assert not run.found, f"{len(run.found)} differences, the first are\n{shown}"
    assert len(run.days) >= 60
    assert run.days[-1].date == END
    assert 600 <= len(run.plain.workers) <= 1000


def test_every_kind_of_plan_and_mode_occurred(run):
    kinds = Counter(kind for day in run.days for kind in day.kind)
    assert set(kinds) == {NOT_AT_WORK, OFFICE, HALF, HOME, TELECENTRE}
    assert min(kinds.values()) >= 100, kinds
    modes = Counter(
        (kind, mode)
        for day in run.days
        for kind, mode in zip(day.kind, day.mode, strict=True)
        if kind in (OFFICE, HALF)
    )
    assert set(modes) == {(OFFICE, 0), (OFFICE, 1), (HALF, 0), (HALF, 1)}


def test_desks_were_refused_sold_and_subscribed_to(run):
    assert sum(sum(day.refusals.values()) for day in run.days) > 1000
    assert any(len(refused) > 1 for day in run.days for refused in day.refused)
    assert any(day.subscribers for day in run.days)
    assert any(sum(day.exogenous.values()) for day in run.days)
    only_one_half = [m != a for day in run.days for m, a in day.booked.values()]
    assert any(only_one_half)
    assert len(run.colocation) > 10


def test_the_dynamics_were_on(run):
    assert {2, 4, 5, 6, 10} <= run.allowances
    assert run.habits[True] > 1000
    assert run.habits[False] > 1000
    assert len(run.presence) > 20
    assert len(run.norm) > 20
    assert any(0 < share < 1 for share in run.fibre)
    assert max(max(day.isolation) for day in run.days) > 1
    assert run.crowded
    first, last = run.days[0].travel_time_ratio, run.days[-1].travel_time_ratio
    assert all(abs(first[name] - last[name]) > 1e-6 for name in first)


def test_the_policies_took_effect(run):
    by_date = {str(day.date): day for day in run.days}
    employees = np.array([not worker.independent for worker in run.plain.workers])

    def kinds(date: str) -> np.ndarray:
        return np.array(by_date[date].kind)

    assert len(run.strike_min) == 3
    assert min(run.strike_min) > 1
    assert set(kinds("2015-05-26")[employees]) == {NOT_AT_WORK, OFFICE}
    assert HOME in kinds("2015-05-27")[employees]
    assert OPENS not in by_date["2015-05-26"].desks
    assert any(sum(day.booked.get(OPENS, (0, 0))) for day in run.days)
    assert CLOSES in by_date["2015-06-10"].desks
    assert CLOSES not in by_date["2015-06-11"].desks
    assert OFFICE in kinds("2015-07-06")
    assert set(kinds("2015-07-07")) <= {NOT_AT_WORK, HOME, TELECENTRE}
    assert OFFICE in kinds("2015-07-10")
