"""Entitlements are kept from one policy to the next while all that they read stays."""

import datetime as dt
from dataclasses import astuple, replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from sim77.core import draws
from sim77.core.units import OCCUPATION_GROUPS, Plan
from sim77.engine.choice.allowance import entitlements, same_rights
from sim77.engine.columns import taste_for_home
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population, _agreement_draws
from sim77.registry.parameters import resolve
from sim77.scenario.scenario import Change, PolicyState, load_scenario

pytestmark = pytest.mark.unit


class Read:
    """A state that remembers which of its fields were read."""

    def __init__(self, state: PolicyState):
        self._state, self.names = state, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(self._state, name)


@pytest.mark.parametrize("lockdown", [False, True])
def test_a_field_that_entitlements_read_changes_them(lockdown: bool) -> None:
    model = CommuteModel("hybrid-2022", scale=0.002, end=dt.date(2022, 1, 3))
    state = replace(
        load_scenario("hybrid-2022").state_on(dt.date(2022, 3, 7), model.territory),
        lockdown=lockdown,
        staggered_days=1,
    )
    read = Read(state)
    entitlements(model.population, cast(PolicyState, read))
    assert read.names >= {"parameters", "lockdown"}
    for name in read.names:
        other = replace(state, **{name: object()})
        assert not same_rights(state, other), name
    assert same_rights(state, replace(state, road_toll_eur=state.road_toll_eur + 1.0))


def test_entitlements_of_many_are_those_of_the_few_among_them() -> None:
    model = CommuteModel(end=dt.date(2014, 1, 3))
    people, state = model.population, replace(model.state, obligation_days=2, staggered_days=1)
    last = slice(people.low.size - 50, None)
    few = replace(
        people,
        **{
            name: column[last]
            for name, column in vars(people).items()
            if isinstance(column, np.ndarray) and column.shape == people.low.shape
        },
    )
    many = astuple(entitlements(people, state))
    for column, expected in zip(many, astuple(entitlements(few, state)), strict=True):
        np.testing.assert_array_equal(column[last], expected)


def test_only_an_agreement_pays_for_desks() -> None:
    """In a lockdown who has none may stay away too, and pays alone."""
    model = CommuteModel("network-2014", scale=0.01, end=dt.date(2014, 1, 2))
    state = load_scenario("network-2014").state_on(dt.date(2014, 1, 2), model.territory)
    rights = entitlements(model.population, replace(state, lockdown=True))
    may = rights.closed != 0
    assert (may & ~rights.covered).any() and (rights.share_paid < 1.0).any()
    assert (rights.share_paid[~rights.covered] == 1.0).all()


def test_an_obligation_gives_no_day_on_which_the_office_is_open() -> None:
    """Not for a closed day that is a holiday or a day off either: beyond it agreements hold."""
    week = dt.date(2022, 4, 18)  # Easter Monday
    scenario = load_scenario("hybrid-2022").with_(
        start=week, end=week + dt.timedelta(days=4), outside_ranges=True,
        parameters={f"share_covered_{group}": 0.0 for group in OCCUPATION_GROUPS}
        | {"share_following_obligation": 1.0},
        changes=(Change(week, "telework_obligation", 3),),
    )  # fmt: skip
    model, away = CommuteModel(scenario, scale=0.02), 0
    while model.running:
        model.step()
        w, choosers = model.columns, model.memory.choosers
        mine = choosers.worker
        remote = w.kind[mine] > Plan.OFFICE
        closed = choosers.closed >> model.day.weekday() & 1 == 1
        assert not (remote & ~closed).any()
        away += int(remote.sum())
    assert away > 100


def test_a_draw_that_rounds_up_to_1_is_no_endless_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some employer of a region has one in a hundred runs: draws are kept in 32 bits."""
    monkeypatch.setattr(
        draws, "units", lambda _, __, low, ___, *, lanes: np.full((low.size, lanes), 1.0 - 1e-12)
    )
    one = np.array([7], dtype=np.uint32)
    two = np.array([1, 2], dtype=np.uint32)
    drawn = _agreement_draws(1, one, np.array([0, -1]), two, two, lanes=4)
    people = SimpleNamespace(u_allowance=drawn[1], z_home=np.zeros(2, dtype=np.float32))
    taste = taste_for_home(cast(Population, people), np.arange(2), resolve(dt.date(2022, 1, 3)))
    assert np.isfinite(taste).all() and taste[1] > 4.0
