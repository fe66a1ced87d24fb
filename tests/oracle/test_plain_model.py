"""The plain model by itself: it may import only tables and draws, and it must make sense."""

import ast
import datetime as dt
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.core import draws
from sim77.registry.parameters import resolve
from sim77.territory.territory import load_territory

from .plain_model import PlainModel
from .plain_worker import HALF, HOME, NOT_AT_WORK, OFFICE, TELECENTRE, WEEKDAYS

pytestmark = pytest.mark.oracle

ALLOWED = {"sim77.core.draws", "sim77.registry.parameters", "sim77.territory.territory"}
FIRST, LAST = dt.date(2014, 9, 8), dt.date(2014, 9, 19)
OVERRIDES = {
    **{f"share_teleworkable_{group}": 1.0 for group in ("managers", "intermediate")},
    **{f"share_covered_{group}": 1.0 for group in ("managers", "intermediate")},
    "asc_half": 2.0,
    "share_considering_employees": 1.0,
    "share_considering_independents": 1.0,
}


@dataclass(frozen=True)
class Site:
    telecentre_id: str
    desks: int = 6
    price_day_eur: float = 10.0
    price_half_day_eur: float = 6.0
    price_hour_eur: float = 4.0
    price_month_eur: float = 187.0


@dataclass(frozen=True)
class Policies:
    parameters: Any
    sites: tuple[Site, ...]
    trains_factor: dict[str, float] = field(default_factory=dict)
    capacity_factor: dict[str, float] = field(default_factory=dict)
    share_trains: float = 1.0
    share_cars_barred: float = 0.0
    road_toll_eur: float = 0.0
    anchor_weekdays: tuple[int, ...] = ()
    lockdown: bool = False
    obligation_days: int = 0
    allowance_half_days: int | None = None


def invented_workers(count: int) -> pd.DataFrame:
    """A worker table out of plain draws, teams of eight and employers of two teams."""
    territory = load_territory()
    number = np.arange(count)
    pairs = territory.od.pairs
    zone = territory.workplaces["zone"].to_numpy()[pairs["workplace"]]
    into_centre = pairs[zone == territory.central_zone]
    mine = into_centre.iloc[number * 71 % len(into_centre)]
    commune = mine["commune"].to_numpy()
    high, low = commune.astype(np.uint32), number.astype(np.uint32)

    def u(purpose: draws.Purpose, lanes: int = 1) -> np.ndarray:
        return draws.units(5, purpose, low, high, lanes=lanes)

    independent = u(draws.Purpose.SAMPLE)[:, 0] < 0.1
    gumbel = -np.log(-np.log(u(draws.Purpose.MODE_TASTE, 4)))
    normal = u(draws.Purpose.PLACE_TASTE, 2) * 4 - 2
    agreement = u(draws.Purpose.EMPLOYER_AGREEMENT, 4)[number // 16]
    own = u(draws.Purpose.INDEPENDENT, 4)
    columns = {
        "worker_low": low,
        "worker_high": high,
        "commune": commune,
        "destination": mine["workplace"].to_numpy(),
        "core_job": True,
        "group": np.where(independent, 4, number % 4),
        "size": np.where(independent, -1, number // 16 % 5),
        "employer": np.where(independent, -1, number // 16),
        "team": np.where(independent, -1, number // 8),
        "car_available": u(draws.Purpose.CAR)[:, 0] < 0.8,
        "weight": 150.0,
        "gumbel_public_transport": gumbel[:, 0],
        "gumbel_car": gumbel[:, 1],
        "gumbel_bicycle": gumbel[:, 2],
        "gumbel_walk": gumbel[:, 3],
        "z_home": normal[:, 0],
        "z_telecentre": normal[:, 1],
        "u_teleworkable": u(draws.Purpose.TELEWORKABLE)[:, 0],
        "u_covered": np.where(independent, own[:, 0], agreement[:, 0]),
        "u_allowance": np.where(independent, own[:, 1], agreement[:, 1]),
        "u_pays": np.where(independent, own[:, 2], agreement[:, 2]),
        "u_anchor": agreement[:, 3],
    }
    off = u(draws.Purpose.WEEKDAYS)[:, 0]
    for weekday, name in enumerate(WEEKDAYS):
        columns[f"works_{name}"] = (off > 0.2) | (number % 5 != weekday)
    return pd.DataFrame(columns)


def policies(**changes: Any) -> Policies:
    open_sites = load_territory().telecentres.telecentre_id
    sites = tuple(Site(name) for name in open_sites)
    return replace(Policies(resolve(FIRST, OVERRIDES, check_ranges=False), sites), **changes)


def plain_model(state: Policies, workers: pd.DataFrame | None = None) -> PlainModel:
    return PlainModel(
        invented_workers(160) if workers is None else workers,
        load_territory(),
        lambda day: state,
        overrides=OVERRIDES,
        start=FIRST,
        end=LAST,
        seed=1,
        scale=1.0,
    )


@pytest.fixture(scope="module")
def days() -> list[tuple[PlainModel, Any]]:
    model = plain_model(policies())
    found = []
    while model.coming_days:
        model.step()
        found.append((model, model.today))
    return found


def test_the_plain_model_imports_draws_parameters_and_tables_only():
    for file in Path(__file__).parent.glob("plain_*.py"):
        imported = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module == "sim77.core":
                imported |= {f"sim77.core.{name.name}" for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(node.module)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, f"{file.name} reaches outside tests/oracle"
        of_sim77 = {name for name in imported if name.split(".")[0] in ("sim77", "tests")}
        assert of_sim77 <= ALLOWED, f"{file.name}: {of_sim77 - ALLOWED}"
        assert "importlib" not in imported


def test_every_plan_is_carried_out_by_somebody(days):
    kinds = {kind for _, day in days for kind in day.kind}
    assert kinds == {NOT_AT_WORK, OFFICE, HALF, HOME, TELECENTRE}
    assert {mode for _, day in days for mode in day.mode} >= {0, 1}
    assert len(days) == 10


def test_desks_and_half_days_are_enough(days):
    for model, day in days:
        for centre, (morning, afternoon) in day.booked.items():
            assert max(morning, afternoon) <= day.desks[centre] - day.exogenous[centre]
        for worker, left in zip(model.workers, day.half_days_left, strict=True):
            assert 0 <= left <= worker.allowance
        halves = sum(morning + afternoon for morning, afternoon in day.booked.values())
        assert halves == sum({HALF: 1, TELECENTRE: 2}.get(kind, 0) for kind in day.kind)


def test_trains_are_no_quicker_than_empty_ones(days):
    for _, day in days:
        assert min(day.rail_min.values()) >= 0
        assert max(day.rail_min.values()) > 0
        assert min(day.travel_time_ratio.values()) >= 1
        carried = zip(day.carried, day.rail_load.values(), strict=True)
        assert all(0 <= riders <= wanted for riders, wanted in carried)


def test_an_allowance_that_never_binds_values_each_day_by_itself():
    model = plain_model(policies(allowance_half_days=10), invented_workers(20))
    worker = next(w for w in model.workers if w.allowance == 10 and w.centres and not w.absent)
    model.day = dt.date(2014, 9, 8)
    model.rest_of_week = [model.day + dt.timedelta(days=n) for n in range(5)]
    model.valued_on = model.day
    worker.value_week()
    days = worker.own_days(model.rest_of_week)
    gains = [worker.remote_gains(day.weekday()) for day in days]
    alone = sum(math.log(1 + math.exp(full) + math.exp(half)) for full, half in gains)
    assert worker.week_value[10, len(days)] == pytest.approx(alone, abs=1e-12)
    assert worker.week_value[2, len(days)] < alone


def test_a_lockdown_keeps_the_teleworkable_away_and_an_anchor_day_brings_them_in():
    model = plain_model(policies(lockdown=True, anchor_weekdays=(0,)))
    model.step()
    for worker in model.workers:
        if worker.at_work:
            assert (worker.kind in (HOME, TELECENTRE)) == worker.teleworkable
    model = plain_model(policies(anchor_weekdays=(0,)))
    model.step()
    assert all(w.kind == OFFICE for w in model.workers if w.at_work and not w.independent)
    model.step()
    assert any(w.kind == HOME for w in model.workers if not w.independent)
