"""Operators' accounts and reactions, employers' desks, and agreements that spread."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.core.units import SERVICES
from sim77.engine.organisations.employers import (
    Employers,
    QuarterLedger,
    desks_needed,
    desks_next_quarter,
    saving_per_desk_eur,
    spread_coverage,
)
from sim77.engine.organisations.operators import (
    DayUse,
    MonthLedger,
    Operators,
    Posted,
    SiteAccounts,
    desks_added,
    month_accounts,
    posted,
    price_step,
    site_traits,
)
from sim77.registry.parameters import FrozenDict, ParameterSet, resolve
from sim77.scenario.policy import PolicyState, SiteState
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

WORKING_DAYS = 20
ROUND = {
    "centre_desk_cost_eur_per_year": 7200.0,
    "centre_cost_factor_rural": 0.5,
    "room_hire_desks_per_room": 10.0,
    "room_hire_share": 0.25,
    "room_hire_eur_per_half_day": 40.0,
    "service_reception_eur_per_year": 12000.0,
    "service_cafeteria_eur_per_year": 2400.0,
    "operator_reserve_eur": 20000.0,
}
REACTIONS = ("operator_exit", "operator_growth", "operator_pricing")
shares = st.floats(0.0, 1.0)


def numbers(**overrides: float) -> ParameterSet:
    return resolve(dt.date(2015, 6, 1), {**ROUND, **overrides})


def state_of(*sites: SiteState, parameters: ParameterSet | None = None, **on: Any) -> PolicyState:
    return PolicyState(
        parameters=parameters or numbers(),
        sites=sites,
        trains_factor=FrozenDict(),
        capacity_factor=FrozenDict(),
        share_trains=1.0,
        anchor_weekdays=(),
        lockdown=False,
        allowance_half_days=None,
        **on,
    )


def site(name: str, desks: int = 20, price: float = 15.0, **subsidy: float) -> SiteState:
    return SiteState(name, desks, price, 8.0, 4.0, 180.0, **subsidy)


def traits_of(*area: str, offered: tuple[str, ...] = (), rooms: int = 0) -> Any:
    rows = {name: [int(name in offered)] * len(area) for name in SERVICES}
    return site_traits(pd.DataFrame({"area": area, "rooms_for_hire": rooms, **rows}))


def use_of(n: int, **given_use: list[float]) -> DayUse:
    return DayUse(*(np.array(given_use.get(name, [0.0] * n)) for name in DayUse._fields))


def sold(
    ids: list[str],
    sites: list[SiteState],
    others: list[float],
    days: int = 20,
    hours_per_desk: float = 0.1,
) -> MonthLedger:
    """A month in which others take so many desks a day at the posted price."""
    ledger, offer = MonthLedger(len(ids), WORKING_DAYS), posted(ids, sites)
    paid = [desks * price for desks, price in zip(others, offer.price_day_eur, strict=True)]
    hours = [hours_per_desk * desks for desks in offer.desks]
    for _ in range(days):
        ledger.add_day(
            offer,
            use_of(
                len(ids),
                others=others,
                revenue_others_eur=paid,
                visitor_hours=hours,
                day_eur=offer.price_day_eur.tolist(),
            ),
        )
    return ledger


def test_the_accounts_of_a_month_are_those_computed_by_hand() -> None:
    traits = traits_of(
        "urban", "rural", offered=("service_reception", "service_cafeteria"), rooms=1
    )
    offer = posted(
        ["town", "village"],
        [
            site("town", subsidy_desk_month_eur=10.0, subsidy_day_eur=2.0),
            site("village", desks=10, price=10.0),
        ],
    )
    use = use_of(
        2,
        whole_days=[4.0, 1.0],
        half_days=[2.0, 0.0],
        others=[5.0, 1.0],
        visitor_hours=[0.1 * 20, 0.1 * 10],
        subscriptions=[3.0, 0.0],
        revenue_workers_eur=[46.0, 10.0],
        revenue_others_eur=[75.0, 10.0],
        day_eur=[15.0, 9.0],
    )
    ledger = MonthLedger(2, WORKING_DAYS)
    for _ in range(WORKING_DAYS):
        ledger.add_day(offer, use)
    accounts = month_accounts(ledger, traits, np.array([-100.0, 0.0]), numbers())
    expected = {
        "revenue_workers_eur": [920.0, 200.0],
        "revenue_others_eur": [1500.0 + 0.1 * 20 * 20 * 4, 200.0 + 0.1 * 10 * 20 * 4],
        "revenue_subscriptions_eur": [3 * 180.0, 0.0],
        "revenue_rooms_eur": [2 * 20 * 2 * 0.25 * 40.0, 1 * 20 * 2 * 0.25 * 40.0],
        "subsidy_eur": [20 * 10.0 + 200 * 2.0, 0.0],
        "cost_eur": [20 * 600.0 + 1200.0, 0.5 * (10 * 600.0 + 1200.0)],
        "margin_eur": [3920.0 + 600.0 - 13200.0, 880.0 - 3600.0],
        "cumulated_eur": [-8780.0, -2720.0],
        "occupancy": [10 / 20, 2 / 10],
        "break_even_occupancy": [13200 / (15 * 20 * 20), 3600 / (9 * 10 * 20)],
        "subsidy_needed_eur": [13200.0 - 3920.0, 3600.0 - 880.0],
        "subsidy_needed_per_desk_day_eur": [9280 / 200, 2720 / 40],
    }
    assert set(expected) == set(SiteAccounts._fields)
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(accounts, name), values, err_msg=name)


def test_the_subsidy_needed_makes_the_margin_zero_and_is_zero_with_a_profit() -> None:
    traits = traits_of("rural")
    ledger = sold(["village"], [site("village")], [6.0])
    needed = month_accounts(ledger, traits, np.zeros(1), numbers()).subsidy_needed_eur
    helped = sold(["village"], [site("village", subsidy_desk_month_eur=needed[0] / 20)], [6.0])
    accounts = month_accounts(helped, traits, np.zeros(1), numbers())
    assert accounts.margin_eur[0] == pytest.approx(0.0, abs=1e-9)
    assert accounts.subsidy_needed_eur == pytest.approx(needed)
    full = sold(["village"], [site("village", price=60.0)], [20.0])
    assert month_accounts(full, traits, np.zeros(1), numbers()).subsidy_needed_eur[0] == 0.0


def test_at_break_even_occupancy_day_passes_pay_the_cost() -> None:
    only_desks = numbers(centre_desk_cost_eur_per_year=6300.0)

    def month(desks: float) -> SiteAccounts:
        ledger = sold(["town"], [site("town", price=40.0)], [desks], hours_per_desk=0.0)
        return month_accounts(ledger, traits_of("urban"), np.zeros(1), only_desks)

    at = month(1.0)
    desks = 20 * at.break_even_occupancy[0]
    accounts = month(desks)
    assert accounts.margin_eur[0] == pytest.approx(0.0, abs=1e-9)
    assert accounts.occupancy == pytest.approx(accounts.break_even_occupancy)


def test_half_a_month_costs_and_is_subsidised_half() -> None:
    helped = numbers(centre_subsidy_eur_per_year=24000.0)
    desk = [site("town", subsidy_desk_month_eur=50.0)]
    months = [sold(["town"], desk, [0.0], days) for days in (10, 20)]
    half, full = (month_accounts(each, traits_of("urban"), np.zeros(1), helped) for each in months)
    assert full.cost_eur[0] == 12000.0 and half.cost_eur[0] == 6000.0
    assert full.subsidy_eur[0] == 3000.0 and half.subsidy_eur[0] == 1500.0


def test_free_desks_and_closed_sites_have_accounts_without_numbers_that_mislead() -> None:
    ids = ["free", "closed", "unused"]
    ledger = sold(ids, [site("free", price=0.0), site("unused")], [3.0, 3.0, 0.0])
    accounts = month_accounts(ledger, traits_of("urban", "urban", "urban"), np.zeros(3), numbers())
    assert np.isinf(accounts.break_even_occupancy[0])
    assert np.isnan(accounts.break_even_occupancy[1]) and np.isnan(accounts.occupancy[1])
    assert accounts.cost_eur[1] == accounts.margin_eur[1] == accounts.revenue_others_eur[1] == 0.0
    assert np.isinf(accounts.subsidy_needed_per_desk_day_eur[2])


def test_a_column_left_out_of_the_table_means_no_service() -> None:
    traits = site_traits(pd.DataFrame({"area": ["rural", "urban"]}))
    assert traits.rural.tolist() == [True, False]
    assert traits.services.shape == (2, len(SERVICES))
    assert not traits.services.any() and not traits.rooms_for_hire.any()


def test_the_shipped_table_has_traits(shipped_territory: Territory) -> None:
    traits = site_traits(shipped_territory.telecentres)
    assert traits.rural.sum() == (shipped_territory.telecentres["area"] == "rural").sum()
    assert set(np.unique(traits.services)) <= {0.0, 1.0}


@given(desks=st.integers(1, 300), low=shares, high=shares)
def test_only_full_centres_grow_by_a_desk_or_more_and_never_beyond_the_maximum(
    desks: int, low: float, high: float
) -> None:
    p = numbers()
    occupancy = np.array(sorted((low, high)))
    more = desks_added(np.array([desks, desks]), occupancy, p)
    assert more[0] <= more[1]
    assert (more >= 0).all()
    assert ((more > 0) == ((occupancy > p.operator_target_occupancy) & (desks < 100))).all()
    assert (desks + more <= max(desks, p.operator_max_desks)).all()


@pytest.mark.parametrize(("desks", "added"), [(2, 1), (20, 4), (95, 5), (100, 0), (120, 0)])
def test_desks_added_by_hand(desks: int, added: int) -> None:
    assert desks_added(np.array([desks]), np.array([0.9]), numbers())[0] == added


@given(price=st.floats(0.0, 60.0), low=shares, high=shares)
def test_a_price_moves_one_step_within_its_bounds_and_never_towards_them_from_outside(
    price: float, low: float, high: float
) -> None:
    p = numbers()
    occupancy = np.array(sorted((low, high)))
    new = price * price_step(np.array([price, price]), occupancy, p)
    assert new[0] <= new[1] + 1e-12
    assert (new <= max(price, p.operator_price_high_eur) + 1e-9).all()
    assert (new >= min(price, p.operator_price_low_eur) - 1e-9).all()
    step = p.operator_price_step
    assert (new <= price * (1 + step) + 1e-9).all() and (new >= price * (1 - step) - 1e-9).all()
    between = (occupancy <= p.operator_target_occupancy) & (occupancy >= p.operator_low_occupancy)
    assert (new[between] == price).all()


@pytest.mark.parametrize(
    ("price", "occupancy", "new"),
    [
        (20.0, 0.9, 21.0),
        (20.0, 0.2, 19.0),
        (20.0, 0.5, 20.0),
        (24.5, 0.9, 25.0),
        (10.2, 0.1, 10.0),
        (0.0, 0.9, 0.0),
        (40.0, 0.9, 40.0),
        (5.0, 0.1, 5.0),
        (20.0, np.nan, 20.0),
    ],
)
def test_prices_by_hand(price: float, occupancy: float, new: float) -> None:
    step = price_step(np.array([price]), np.array([occupancy]), numbers())
    assert price * step[0] == pytest.approx(new)


def test_with_the_switches_off_nothing_changes_but_the_books() -> None:
    sites = (site("empty"), site("full"))
    state = state_of(*sites)
    operators = Operators(["empty", "full"], traits_of("urban", "urban"))
    for month in range(1, 6):
        before = operators.applied_to(state)
        month_end(operators, sold(["empty", "full"], list(sites), [0.0, 20.0]), state)
        assert before is state and operators.applied_to(state) is state
        assert not operators.closed.any() and not operators.desks_added.any()
        assert operators.price_factor.tolist() == [1.0, 1.0]
        assert operators.accounts.cumulated_eur[0] == pytest.approx(month * (160.0 - 12000.0))


def month_end(operators: Operators, ledger: MonthLedger, state: PolicyState) -> None:
    """What the model and its agents do at the end of a month."""
    operators.close_accounts(ledger, state.parameters)
    operators.decide(slice(None), state)


def run_months(
    operators: Operators, state: PolicyState, others: list[float], months: int
) -> list[PolicyState]:
    """Policies after each month; who is closed sells nothing."""
    seen = []
    for _ in range(months):
        today = operators.applied_to(state)
        month_end(operators, sold(list(operators.ids), list(today.sites), others), today)
        seen.append(operators.applied_to(state))
    return seen


def test_a_centre_closes_once_its_loss_passes_the_reserve_and_never_reopens() -> None:
    state = state_of(site("empty"), site("paid", subsidy_desk_month_eur=900.0), operator_exit=True)
    operators = Operators(["empty", "paid"], traits_of("urban", "urban"))
    seen = run_months(operators, state, [0.0, 0.0], 4)
    names = [[each.telecentre_id for each in day.sites] for day in seen]
    # 160 € of visitors' hours less 12 000 € a month: the second month passes 20 000 €.
    assert names == [["empty", "paid"], ["paid"], ["paid"], ["paid"]]
    assert operators.cumulated_eur[0] == pytest.approx(2 * (160.0 - 12000.0))
    assert operators.closed.tolist() == [True, False]
    reopened = state_of(site("empty", price=25.0), operator_growth=True)
    assert operators.applied_to(reopened).sites == ()
    run_months(operators, reopened, [20.0, 0.0], 2)
    assert operators.closed.tolist() == [True, False] and not operators.desks_added.any()


def test_a_loss_before_exit_is_allowed_counts_when_it_is() -> None:
    empty = site("empty")
    operators = Operators(["empty"], traits_of("urban"))
    run_months(operators, state_of(empty), [0.0], 3)
    assert not operators.closed[0]
    run_months(operators, state_of(empty, operator_exit=True), [0.0], 1)
    assert operators.closed[0]


def test_a_centre_that_closes_takes_no_other_decision() -> None:
    everything = dict.fromkeys(REACTIONS, True)
    state = state_of(site("full"), **everything)
    operators = Operators(["full"], traits_of("urban"))
    operators.cumulated_eur[:] = -50000.0
    month_end(operators, sold(["full"], [site("full")], [20.0]), state)
    assert operators.closed[0]
    assert operators.desks_added[0] == 0 and operators.price_factor[0] == 1.0


def test_full_centres_grow_and_their_desks_come_on_top_of_the_scenario_s() -> None:
    state = state_of(site("full"), site("quiet"), operator_growth=True)
    operators = Operators(["full", "quiet"], traits_of("urban", "urban"))
    seen = run_months(operators, state, [20.0, 5.0], 2)
    # 20 desks, all sold: 4 more; then 20 of 24 sold: 5 more (0.2 x 24, rounded).
    assert [[each.desks for each in day.sites] for day in seen] == [[24, 20], [29, 20]]
    enlarged = operators.applied_to(state_of(site("full", desks=40), site("quiet")))
    assert [each.desks for each in enlarged.sites] == [49, 20]


def test_desks_and_prices_of_the_next_day() -> None:
    state = state_of(
        site("full"), site("empty"), operator_growth=True, operator_pricing=True, operator_exit=True
    )
    operators = Operators(["full", "empty"], traits_of("urban", "urban"))
    ledger = sold(["full", "empty"], list(state.sites), [20.0, 0.0])
    month_end(operators, ledger, state)
    np.testing.assert_allclose(operators.price_factor, [1.05, 0.95])
    full, empty = operators.applied_to(state).sites
    assert (full.desks, empty.desks) == (24, 20)
    assert full.price_day_eur == pytest.approx(15.75)
    assert empty.price_half_day_eur == pytest.approx(7.6)
    assert full.price_hour_eur == pytest.approx(4.2)
    assert full.price_month_eur == pytest.approx(189.0)
    month_end(operators, sold(["full", "empty"], [full, empty], [24.0, 0.0]), state)
    assert operators.closed.tolist() == [False, True]
    assert [each.desks for each in operators.applied_to(state).sites] == [29]


@settings(max_examples=50, deadline=None)
@given(
    others=st.lists(st.floats(0.0, 20.0), min_size=3, max_size=3),
    on=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_operators_who_decide_one_by_one_decide_as_all_at_once(
    others: list[float], on: list[bool]
) -> None:
    ids = ["a", "b", "c"]
    state = state_of(*map(site, ids), **dict(zip(REACTIONS, on, strict=True)))
    together, alone = (Operators(ids, traits_of("urban", "rural", "rural")) for _ in range(2))
    for _ in range(4):
        ledger = sold(ids, list(together.applied_to(state).sites), others)
        month_end(together, ledger, state)
        alone.close_accounts(ledger, state.parameters)
        for row in (2, 0, 1):
            alone.decide(slice(row, row + 1), state)
        assert alone.applied_to(state) == together.applied_to(state)


def test_a_day_at_a_site_that_is_closed_adds_nothing() -> None:
    ledger = MonthLedger(1, WORKING_DAYS)
    busy = use_of(1, **{name: [9.0] for name in DayUse._fields})
    ledger.add_day(posted(["town"], ()), busy)
    sums = [value for value in vars(ledger).values() if isinstance(value, np.ndarray)]
    assert len(sums) == 13 and not np.any(sums)
    assert isinstance(ledger.posted, Posted)


# Employers ---------------------------------------------------------------------------------------


def quarter(
    attendance: list[list[float]], days: list[int], working_days: int = 250
) -> QuarterLedger:
    ledger = QuarterLedger(len(attendance), working_days)
    ledger.half_days[:] = np.multiply(2, attendance)
    ledger.days[:] = days
    return ledger


def test_a_ledger_adds_the_weekdays_simulated() -> None:
    ledger = QuarterLedger(2, 250)
    units = np.array([[4, 6, 2, 9, 2], [0, 1, 2, 9, 0]])
    ledger.add_week(units, 0b10111)
    ledger.add_week(units, 0b00010)
    assert ledger.days.tolist() == [1, 2, 1, 0, 1]
    assert ledger.attendance_sum.tolist() == [[2, 6, 1, 0, 1], [0, 1, 1, 0, 0]]


def test_desks_needed_follow_the_busiest_weekday() -> None:
    attendance = np.array([[60.0, 72.0, 48.0, 0.0, 12.0], [120.0] * 5, [0.0] * 5])
    needed = desks_needed(attendance, np.full(5, 12), np.array([10, 10, 10]), 1.1)
    np.testing.assert_allclose(needed, [6.6, 10.0, 0.0])


def test_weekdays_never_simulated_do_not_count_and_without_any_all_desks_stay() -> None:
    attendance = np.array([[6.0, 4.0, 0.0, 0.0, 0.0]])
    needed = desks_needed(attendance, np.array([2, 1, 0, 0, 0]), np.array([10]), 1.0)
    assert needed.tolist() == [4.0]
    assert desks_needed(0.0 * attendance, np.zeros(5), np.array([10]), 1.1).tolist() == [10.0]


@given(
    attendance=st.lists(st.floats(0.0, 120.0), min_size=5, max_size=5),
    more=st.floats(0.0, 10.0),
    reserve=st.floats(1.0, 1.3),
)
def test_desks_needed_grow_with_attendance_and_lie_between_none_and_all(
    attendance: list[float], more: float, reserve: float
) -> None:
    days, heads = np.full(5, 12), np.array([10])
    one = desks_needed(np.array([attendance]), days, heads, reserve)
    two = desks_needed(np.array([attendance]) + more, days, heads, reserve)
    assert 0.0 <= one[0] <= two[0] <= 10.0


@given(leased=st.floats(0.0, 50.0), needed=st.floats(0.0, 50.0), share=st.floats(0.02, 1.0))
def test_leases_go_up_at_once_and_down_as_they_end(
    leased: float, needed: float, share: float
) -> None:
    new = desks_next_quarter(np.array([leased]), np.array([needed]), share)[0]
    assert new >= needed
    if needed >= leased:
        assert new == needed
    else:
        assert new == pytest.approx(leased - share * (leased - needed))


def test_employers_who_adapt_give_up_desks_and_save_by_hand() -> None:
    p = numbers(
        desk_cost_eur_per_year=12000.0,
        desk_property_share=0.5,
        desk_property_share_saved=0.5,
        desk_reserve_factor=1.0,
        lease_share_reviewed_per_quarter=0.5,
    )
    assert saving_per_desk_eur(p) == 3000.0
    employers = Employers(np.array([10, 4]))
    state = state_of(parameters=p, employer_adapts=True)
    ledger = quarter([[75.0] * 5, [50.0] * 5], [25, 12, 13, 12, 13], working_days=300)
    ledger.half_days[0, :] = np.array([12, 10, 10, 10, 4]) * ledger.days
    ledger.half_days[1, :] = 8 * ledger.days
    coverage = np.full((4, 5), 0.2)
    employers.quarter_end(ledger, coverage, state)
    np.testing.assert_allclose(employers.desks_needed, [6.0, 4.0])
    np.testing.assert_allclose(employers.desks_leased, [8.0, 4.0])
    np.testing.assert_allclose(employers.saving_eur, [0.0, 0.0])
    np.testing.assert_allclose(employers.possible_saving_eur, [0.25 * 3000.0 * 4.0, 0.0])
    employers.quarter_end(ledger, coverage, state)
    np.testing.assert_allclose(employers.saving_eur, [0.25 * 3000.0 * 2.0, 0.0])
    np.testing.assert_allclose(employers.desks_leased, [7.0, 4.0])
    assert employers.floor == ()


def test_employers_switched_off_count_what_they_could_save_and_change_nothing() -> None:
    employers = Employers(np.array([10]))
    ledger = quarter([[24.0] * 5], [12] * 5)
    for _ in range(3):
        employers.quarter_end(ledger, np.full((4, 5), 0.2), state_of())
    assert employers.desks_leased.tolist() == [10.0]
    np.testing.assert_allclose(employers.desks_needed, [2.2])
    assert employers.saving_eur.tolist() == [0.0]
    assert employers.possible_saving_eur[0] > 0.0
    assert not employers.coverage_floor.any() and employers.floor == ()


def test_agreements_spread_by_hand() -> None:
    coverage = np.array([[0.2, 0.5, 0.0, 1.0], [0.1, 0.1, 0.0, 0.4]])
    # (1 - F)(p + q F) of F = 0.2, 0.5, 0, 1 with p = 0.01, q = 0.1.
    reached = np.array([0.2 + 0.8 * 0.03, 0.5 + 0.5 * 0.06, 0.0, 1.0])
    new = spread_coverage(coverage, 0.01, 0.1)
    np.testing.assert_allclose(new[0], reached)
    np.testing.assert_allclose(new[1], [0.1 * 1.12, 0.1 * 1.06, 0.0, 0.4])


@given(
    low=st.lists(shares, min_size=4, max_size=4),
    high=st.lists(shares, min_size=4, max_size=4),
    p=st.floats(0.0, 0.02),
    q=st.floats(0.02, 0.15),
)
def test_coverage_never_shrinks_never_passes_one_and_keeps_the_order_of_classes(
    low: list[float], high: list[float], p: float, q: float
) -> None:
    coverage = np.column_stack((np.minimum(low, high), np.maximum(low, high)))
    new = spread_coverage(coverage, p, q)
    assert (new >= coverage).all() and (new <= 1.0).all()
    if coverage[:, 0].max() > 1e-6:
        assert new[:, 0].max() <= new[:, 1].max() + 1e-12


def test_the_quarter_s_adopters_are_a_share_of_those_without_an_agreement() -> None:
    coverage = np.full((4, 5), 0.3)
    new = spread_coverage(coverage, 0.001, 0.08)[0, 0]
    u = (np.arange(100_000) + 0.5) / 100_000
    had, has = u < 0.3, u < new
    assert not (had & ~has).any()
    probability = (has & ~had).sum() / (~had).sum()
    assert probability == pytest.approx(0.001 + 0.08 * 0.3, abs=2e-5)


def test_the_floor_only_rises_whatever_the_dated_shares_do() -> None:
    employers = Employers(np.array([10]))
    ledger, state = quarter([[24.0] * 5], [12] * 5), state_of(agreements_spread=True)
    dated = [np.full((4, 5), share) for share in (0.2, 0.2, 0.75, 0.1)]
    floors = [np.zeros((4, 5))]
    for each in dated:
        in_force = np.maximum(each, floors[-1])
        employers.quarter_end(ledger, each, state)
        floors.append(employers.coverage_floor)
        assert (floors[-1] > in_force).all() and (floors[-1] <= 1.0).all()
    assert (np.diff([floor[0, 0] for floor in floors]) > 0).all()
    assert employers.floor == tuple(map(tuple, floors[-1].tolist()))
    assert hash(employers.floor) == hash(tuple(map(tuple, floors[-1].tolist())))


@pytest.mark.parametrize("rows", [slice(0, 1), slice(1, 3), np.array([2, 0])])
def test_an_employer_who_decides_alone_leaves_the_others_alone(rows: Any) -> None:
    employers = Employers(np.array([10, 20, 30]))
    employers.desks_needed = employers.heads / 2
    state = state_of(employer_adapts=True)
    employers.decide(rows, state)
    mine = np.zeros(3, dtype=bool)
    mine[rows] = True
    assert (employers.desks_leased[mine] < employers.heads[mine]).all()
    assert (employers.desks_leased[~mine] == employers.heads[~mine]).all()
