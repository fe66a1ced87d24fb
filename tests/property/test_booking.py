"""Booking: the kernel is a serial dictatorship, worked out here one worker at a time."""

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.engine import booking
from sim77.registry.parameters import load_parameters

from ..hand_made import Day, make_day
from .plain_choice import (
    CENTRE,
    HALF,
    HOME,
    OFFICE,
    PARAMETERS,
    kind_and_alternative,
    random_day,
)

pytestmark = pytest.mark.property

SEEDS = st.integers(0, 2**32 - 1)


@dataclass
class Morning:
    """Who got what, and what is left."""

    taken: dict[int, tuple[int, int]]
    free: np.ndarray
    refusals: Counter[int]


def serve(day: Day, order: list[int], free: np.ndarray) -> Morning:
    """Let one worker after the other take the best plan that is still feasible."""
    w, choice_sets, weekday = day.w, day.choice_sets, day.settings.weekday
    free, taken, refusals = free.copy(), {}, Counter()
    for i in order:
        plans = day.totals(i)
        row = day.choosers.choice_set[i]
        centres = choice_sets.centre[choice_sets.start[row] : choice_sets.start[row + 1]]
        n_plans = 2 + 2 * centres.size
        total = (plans.value + plans.error + plans.opportunity_cost)[:n_plans]
        refused_by = set()
        for plan in np.argsort(-total, kind="stable"):
            kind, alternative = kind_and_alternative(int(plan), n_plans)
            if alternative < 0:
                taken[i] = (kind, alternative)
                break
            own_half = int(w.afternoon[i]) >> weekday & 1
            halves = (0, 1) if kind == CENTRE else (own_half,)
            if all(free[centres[alternative], half] > 0 for half in halves):
                free[centres[alternative], list(halves)] -= 1
                taken[i] = (kind, alternative)
                break
            refused_by.add(int(centres[alternative]))
        refusals.update(refused_by)
    return Morning(taken, free, refusals)


def order_of_service(day: Day, seekers: np.ndarray) -> list[int]:
    """Subscribers of any centre first, then by the draw of worker and day, then by identity."""
    w, s = day.w, day.settings

    def key(i: int) -> tuple[int, ...]:
        low, high = int(w.low[i]), int(w.high[i])
        word = draws.block(s.seed, Purpose.BOOKING_ORDER, low, high, s.day)[0]
        return (0 if w.subscribed[i] else 1, word, high, low)

    return sorted((int(i) for i in seekers), key=key)


@settings(max_examples=80, deadline=None)
@given(
    seed=SEEDS,
    n_workers=st.integers(1, 60),
    n_centres=st.integers(1, 5),
    most_desks=st.integers(0, 6),
)
def test_booking_is_a_serial_dictatorship(seed, n_workers, n_centres, most_desks):
    rng = np.random.default_rng(seed)
    day = random_day(rng, n_workers, n_centres, mu=0.6)
    day.like(day.choosers.lasting[HOME], day.choosers.lasting[CENTRE] + 2.0)
    day.w.subscribed[rng.random(n_workers) < 0.7] = 0
    # Desks taken half the day only come of half-day users: mornings and afternoons differ here.
    free = rng.integers(0, most_desks + 1, size=(n_centres, 2))
    day.choose()
    before = [
        (int(kind), int(alternative))
        for kind, alternative in zip(day.w.kind, day.w.alternative, strict=True)
    ]
    seekers = np.flatnonzero(day.w.alternative >= 0)
    expected_order = order_of_service(day, seekers)
    order = booking.service_order(
        day.settings.seed, day.settings.day, seekers, day.w.low[seekers], day.w.high[seekers],
        day.w.subscribed[seekers] > 0,
    )  # fmt: skip
    assert order.tolist() == expected_order
    expected = serve(day, expected_order, free)
    refusals = np.zeros(n_centres, dtype=np.int64)
    turned_away, loss = day.book(order, free, refusals)
    after = [
        (int(kind), int(alternative))
        for kind, alternative in zip(day.w.kind, day.w.alternative, strict=True)
    ]
    assert after == [expected.taken.get(i, before[i]) for i in range(n_workers)]
    assert (free == expected.free).all()
    assert refusals.tolist() == [expected.refusals[k] for k in range(n_centres)]
    gave_up = [one for one, two in zip(before, after, strict=True) if one != two and two[1] < 0]
    assert turned_away.sum() == len(gave_up) <= refusals.sum()
    # Who has the plan preferred loses nothing, everybody else something.
    moved = {int(day.w.commune[i]) for i in range(n_workers) if before[i] != after[i]}
    assert set(np.flatnonzero(loss > 0.0)) == moved
    assert (loss >= 0.0).all()
    event(f"somebody refused: {refusals.sum() > 0}")
    event(f"somebody refused went to another centre: {_moved_on(before, after)}")


def _moved_on(before: list, after: list) -> bool:
    return any(one != two and two[1] >= 0 for one, two in zip(before, after, strict=True))


def one_centre_for(n_workers: int) -> Day:
    """Everybody wants half days at the one centre, then whole days there, then the office."""
    day = random_day(np.random.default_rng(1), n_workers, 1, mu=1.0)
    day.w.allowance[:], day.w.used[:], day.w.subscribed[:] = 10, 0, 0
    day.choosers.choice_set[:], day.choosers.anchor[:], day.choosers.closed[:] = 0, 0, 0
    day.centres.open[:], day.w.familiar[:] = True, 1
    day.like(home=-1e3, centre=1e3)
    return day.weighing(**{**PARAMETERS, "asc_half": 600.0})


def test_a_worker_refused_twice_at_a_centre_counts_once():
    day = one_centre_for(5)
    day.w.afternoon[:] = 0
    day.choose()
    assert (day.w.kind == HALF).all()
    free, refusals = np.array([[2, 2]]), np.zeros(1, dtype=np.int64)
    day.book(np.arange(5), free, refusals)
    # Two have the mornings; the others ask in vain for a morning and for a day, and go to work.
    assert day.w.kind.tolist() == [HALF, HALF, OFFICE, OFFICE, OFFICE]
    assert refusals.tolist() == [3]
    assert free.tolist() == [[0, 2]]


def test_who_finds_no_desk_has_asked_for_one():
    day = one_centre_for(5)
    day.choose()
    assert (day.w.kind == HALF).all()
    day.book(np.arange(5), np.array([[1, 1]]), np.zeros(1, dtype=np.int64))
    assert (day.w.kind == OFFICE).any()
    np.testing.assert_allclose(day.w.asked_eur[:, 0], day.centres.price_half[0], rtol=1e-6)


def test_mornings_and_afternoons_are_booked_apart():
    day = one_centre_for(4)
    day.w.afternoon[:] = [0, 31, 0, 31]
    day.choose()
    free, refusals = np.array([[1, 1]]), np.zeros(1, dtype=np.int64)
    day.book(np.arange(4), free, refusals)
    assert day.w.kind.tolist() == [HALF, HALF, OFFICE, OFFICE]
    assert free.tolist() == [[0, 0]]


def test_as_many_centres_as_may_be_in_reach_are_known_and_subscribed():
    most = int(load_parameters()["max_centres"].high)
    day = make_day(2, most)
    assert most <= np.iinfo(day.w.familiar.dtype).bits
    assert most <= np.iinfo(day.w.subscribed.dtype).bits
    booked = np.zeros((1, most))
    booked[0, -1] = 1000.0
    sets = SimpleNamespace(start=np.array([0, 0, most]), centre=np.arange(most))
    posted = SimpleNamespace(
        open=np.ones(most, dtype=bool), price_month_eur=np.full(most, 200.0)
    )  # fmt: skip
    bits = booking.subscriptions_earned(booked, np.array([0]), np.array([1]), sets, posted)
    assert bits.tolist() == [1 << (most - 1)]


def test_a_subscriber_is_served_before_everybody_else():
    day = one_centre_for(40)
    day.choose()
    day.w.subscribed[33] = 1
    seekers = np.arange(40)
    order = booking.service_order(
        day.settings.seed, day.settings.day, seekers, day.w.low, day.w.high, day.w.subscribed > 0
    )
    assert order[0] == 33
    free, refusals = np.zeros((1, 2), dtype=np.int64), np.zeros(1, dtype=np.int64)
    free[:] = 1
    day.book(order, free, refusals)
    assert day.w.kind[33] == HALF


@given(
    seed=SEEDS,
    desks=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    share=st.floats(0.0, 1.0),
    day=st.integers(700_000, 800_000),
)
@settings(deadline=None)
def test_users_from_outside_sit_where_the_conventions_say(seed, desks, share, day):
    keys = np.arange(100, 100 + len(desks), dtype=np.uint32)
    found = booking.exogenous_users(seed, keys, np.array(desks), np.full(len(desks), share), day)
    for key, n, taken in zip(keys, desks, found, strict=True):
        words = [
            draws.block(seed, Purpose.EXOGENOUS_USERS, int(key), 0, day, desk // 4)[desk % 4]
            for desk in range(n)
        ]
        assert taken == sum((word + 0.5) / 2**32 < share for word in words)


@given(
    seed=SEEDS,
    desks=st.integers(0, 40),
    scale=st.floats(0.001, 0.999),
    day=st.integers(700_000, 800_000),
)
def test_a_sample_has_its_share_of_the_desks(seed, desks, scale, day):
    keys = np.array([123], dtype=np.uint32)
    found = booking.desks_today(seed, keys, np.array([desks]), day, scale)[0]
    u = (draws.block(seed, Purpose.SAMPLED_DESKS, 123, 0, day)[0] + 0.5) / 2**32
    assert found == int(np.floor(scale * desks + u))
    assert booking.desks_today(seed, keys, np.array([desks]), day, 1.0)[0] == desks


def test_sampled_desks_are_unbiased():
    keys = np.array([123], dtype=np.uint32)
    days = range(700_000, 704_000)
    mean = np.mean([booking.desks_today(1, keys, np.array([7]), day, 0.15)[0] for day in days])
    assert mean == pytest.approx(0.15 * 7, abs=0.02)
