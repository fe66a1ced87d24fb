"""Scenarios: what holds on a day, hashes, files, and one sentence for every mistake."""

import datetime as dt
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.core.errors import ScenarioError, Sim77Error
from sim77.registry.levers import levers
from sim77.registry.parameters import change_dates, load_parameters
from sim77.scenario.parts import restated
from sim77.scenario.scenario import (
    Change,
    PolicyState,
    Scenario,
    SiteSpec,
    load_scenario,
    scenario_names,
)
from sim77.territory.territory import Territory, load_territory, write_example

pytestmark = pytest.mark.unit

SHIPPED = {
    "no-telecentres",
    "network-2013",
    "network-2014",
    "network-2014-observed",
    "network-21",
    "hybrid-2022",
    "hybrid-2022-no-telecentres",
    "everybody-allowed",
    "fare-2015",
    "strike-2019",
    "lockdown-2020",
    "allowance-1-day",
    "allowance-2-days",
    "allowance-3-days",
    "anchor-tuesday",
    "free-desks",
    "law-2012",
    "openings-2013",
    "fare-2015-zones",
    "toll-5-euros",
    "low-emission-zone",
    "staggered-days",
    "years-2012-2024",
    "subsidised-desks",
    "fibre-early",
}

TOWN: Any = SimpleNamespace(
    sites=pd.DataFrame({"telecentre_id": ["mill", "barn", "quay"], "desks": [10, 20, 5]}),
    lines=pd.DataFrame({"line": ["A", "R"]}),
    communes=pd.DataFrame({"code": ["77001", "77002"]}),
    parameters={},
    hash="town",
)

BASE = Scenario(
    name="test",
    label_fr="essai",
    label_en="test",
    description_fr="",
    description_en="",
    start=dt.date(2014, 1, 1),
    end=dt.date(2014, 12, 31),
    network=(SiteSpec("mill"), SiteSpec("barn", opening=dt.date(2014, 3, 3), desks=8)),
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def with_changes(*changes: Change) -> Scenario:
    return BASE.with_(changes=changes)


def on(scenario: Scenario, text: str) -> PolicyState:
    return scenario.state_on(day(text), TOWN)


def open_on(scenario: Scenario, text: str) -> dict[str, int]:
    return {site.telecentre_id: site.desks for site in on(scenario, text).sites}


# Shipped -----------------------------------------------------------------------------------


def test_the_shipped_scenarios_are_those_expected() -> None:
    assert set(scenario_names()) == SHIPPED


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_is_complete_and_resolves_on_each_of_its_dates(
    name: str, tmp_path: Path
) -> None:
    scenario = load_scenario(name)
    territory = load_territory()
    assert scenario.name == name
    for language in ("fr", "en"):
        assert getattr(scenario, f"label_{language}")
        assert getattr(scenario, f"description_{language}")
    scenario.check(territory)
    assert (tmp_path / "again.yaml").write_text(scenario.to_yaml(), encoding="utf-8")
    again = load_scenario(tmp_path / "again.yaml")
    for since in (dt.date.min, scenario.start, scenario.end, *scenario.breaks):
        assert scenario.state_on(since, territory) == again.state_on(since, territory)
    for change in scenario.changes:
        assert change.source


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_writing_and_reading_back_gives_the_same_scenario(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    path = tmp_path / "again.yaml"
    path.write_text(scenario.to_yaml(), encoding="utf-8")
    again = load_scenario(path)
    assert again == scenario
    assert again.hash == scenario.hash


def test_the_announced_network_has_twelve_sites_by_the_end_of_2014() -> None:
    scenario, territory = load_scenario("network-2014"), load_territory()

    def count(text: str) -> int:
        return len(scenario.state_on(day(text), territory).sites)

    assert [count(each) for each in ("2014-01-01", "2014-01-15", "2014-07-01", "2014-12-31")] == [
        4,
        5,
        11,
        12,
    ]


def test_the_observed_network_changes_when_the_period_reaches_its_dates() -> None:
    scenario, territory = load_scenario("network-2014-observed"), load_territory()

    def ids(text: str) -> set[str]:
        return {site.telecentre_id for site in scenario.state_on(day(text), territory).sites}

    assert len(ids("2014-12-31")) == 8
    assert ids("2015-12-31") - ids("2016-01-01") == {"buronomade", "nomade_office"}
    assert "coulommiers" in ids("2017-03-20") - ids("2017-03-19")


def test_dated_facts_of_the_shipped_scenarios() -> None:
    territory = load_territory()

    def state(name: str, text: str) -> PolicyState:
        return load_scenario(name).state_on(day(text), territory)

    assert state("fare-2015", "2015-08-31").parameters.navigo_month_eur == 116.50
    assert state("fare-2015", "2015-09-01").parameters.navigo_month_eur == 70.0
    strike = [state("strike-2019", each).share_trains for each in ("2019-12-04", "2019-12-05")]
    assert strike == [1.0, 0.5]
    assert state("strike-2019", "2020-01-20").share_trains == 0.5
    assert state("strike-2019", "2020-01-21").share_trains == 1.0
    assert not state("lockdown-2020", "2020-03-16").lockdown
    assert state("lockdown-2020", "2020-05-10").lockdown
    assert not state("lockdown-2020", "2020-05-11").lockdown
    # As on the path of years.
    for name in ("lockdown-2020", "years-2012-2024"):
        rules = [state(name, each).obligation_days for each in ("2020-10-29", "2020-10-30")]
        assert rules == [0, 4]
    allowances = [
        state(f"allowance-{days}", "2022-02-01").allowance_half_days
        for days in ("1-day", "2-days", "3-days")
    ]
    assert allowances == [2, 4, 6]
    assert state("hybrid-2022", "2022-02-01").allowance_half_days is None
    assert state("hybrid-2022", "2022-02-01").parameters.share_covered_managers == (
        load_parameters()["share_covered_managers"].value_on(dt.date(2022, 2, 1))
    )
    assert state("anchor-tuesday", "2022-02-01").anchor_weekdays == (1,)
    for site in state("free-desks", "2022-02-01").sites:
        assert site.price_day_eur == site.price_half_day_eur == 0.0
        assert site.price_hour_eur == site.price_month_eur == 0.0
    everybody = state("everybody-allowed", "2014-02-01").parameters
    assert everybody.share_teleworkable_manual == everybody.share_covered_manual == 1.0


# A day -------------------------------------------------------------------------------------


def test_sites_open_and_close_on_their_dates_and_come_by_id() -> None:
    scenario = BASE.with_(
        network=(
            SiteSpec("mill", closing=day("2014-06-02")),
            SiteSpec("barn", opening=day("2014-03-03"), desks=8),
        )
    )
    assert open_on(scenario, "2014-03-02") == {"mill": 10}
    assert open_on(scenario, "2014-03-03") == {"barn": 8, "mill": 10}
    assert open_on(scenario, "2014-06-01") == {"barn": 8, "mill": 10}
    assert open_on(scenario, "2014-06-02") == {"barn": 8}
    assert list(open_on(scenario, "2014-05-01")) == ["barn", "mill"]


def test_changes_open_and_close_sites() -> None:
    scenario = with_changes(
        Change(day("2014-02-03"), "open_telecentre", target="quay"),
        Change(day("2014-04-01"), "close_telecentre", target="mill", until=day("2014-04-30")),
        Change(day("2014-09-01"), "close_telecentre", target="quay"),
        Change(day("2014-10-01"), "open_telecentre", 30, target="quay"),
    )
    assert open_on(scenario, "2014-02-02") == {"mill": 10}
    assert open_on(scenario, "2014-02-03") == {"mill": 10, "quay": 5}
    assert open_on(scenario, "2014-04-01") == {"barn": 8, "quay": 5}
    assert open_on(scenario, "2014-05-01") == {"barn": 8, "mill": 10, "quay": 5}
    assert open_on(scenario, "2014-09-01") == {"barn": 8, "mill": 10}
    assert open_on(scenario, "2014-10-01") == {"barn": 8, "mill": 10, "quay": 30}


def test_it_may_close_and_open_again_on_one_day_in_either_order() -> None:
    first = Change(day("2014-02-03"), "open_telecentre", 30, target="quay", until=day("2014-06-01"))
    then = Change(day("2014-06-02"), "open_telecentre", 20, target="quay")
    for some in ((first, then), (then, first)):
        scenario = with_changes(*some)
        assert open_on(scenario, "2014-06-01")["quay"] == 30
        assert open_on(scenario, "2014-06-02")["quay"] == 20


def test_what_changes_before_a_centre_opens_holds_when_it_does() -> None:
    for opening in (
        Change(day("2014-06-02"), "open_telecentre", 30, target="quay"),
        Change(day("2014-05-01"), "open_telecentre", 30, target="quay"),
    ):
        scenario = with_changes(
            Change(day("2014-05-01"), "price_day", 5, target="all"),
            Change(day("2014-05-01"), "subsidy_desk", 100, target="all"),
            Change(day("2014-05-02"), "price_hour", 2, target="quay"),
            Change(day("2014-05-01"), "desks", 7, target="all"),
            opening,
        )
        (quay,) = (
            site for site in on(scenario, "2014-06-02").sites if site.telecentre_id == "quay"
        )
        assert (quay.price_day_eur, quay.price_hour_eur) == (5.0, 2.0)
        assert (quay.desks, quay.subsidy_desk_month_eur) == (30, 100.0)


def test_a_change_of_one_target_restated_wins_over_later_ones_for_all() -> None:
    mine = Change(day("2014-02-03"), "price_day", 18, target="mill", until=day("2014-09-01"))
    others = [
        Change(day("2014-03-03"), "price_day", 5, target="all"),
        Change(day("2014-04-01"), "price_hour", 2, target="all"),
        Change(day("2014-07-01"), "price_day", 8, target="all"),
        Change(day("2014-10-01"), "price_day", 9, target="all"),
    ]
    again = restated(mine, others)
    assert [(each.date, each.value, each.until) for each in again] == [
        (day("2014-03-03"), 18.0, mine.until), (day("2014-07-01"), 18.0, mine.until),
    ]  # fmt: skip
    prices = {
        text: on(with_changes(mine, *others, *again), text).sites[-1].price_day_eur
        for text in ("2014-03-03", "2014-07-01", "2014-09-02", "2014-10-01")
    }
    assert list(prices.values()) == [18.0, 18.0, 8.0, 9.0]
    next_own = Change(day("2014-06-02"), "price_day", 20, target="mill")
    assert [each.date for each in restated(mine, [*others, next_own])] == [day("2014-03-03")]
    assert restated(others[0], others) == []


def test_desks_and_prices_of_one_or_of_all() -> None:
    scenario = with_changes(
        Change(day("2014-04-01"), "desks", 40, target="mill"),
        Change(day("2014-05-01"), "price_day", 5, target="all"),
        Change(day("2014-06-02"), "price_day", 6.5, target="barn", until=day("2014-06-30")),
    ).with_(parameters={"price_half_day_eur": 6})
    assert open_on(scenario, "2014-04-01") == {"barn": 8, "mill": 40}

    def prices(text: str) -> dict[str, float]:
        return {site.telecentre_id: site.price_day_eur for site in on(scenario, text).sites}

    assert prices("2014-04-01") == {"barn": 15.0, "mill": 15.0}
    assert prices("2014-05-01") == {"barn": 5.0, "mill": 5.0}
    assert prices("2014-06-02") == {"barn": 6.5, "mill": 5.0}
    assert prices("2014-07-01") == {"barn": 5.0, "mill": 5.0}
    assert {site.price_half_day_eur for site in on(scenario, "2014-07-01").sites} == {6.0}
    own = BASE.with_(network=(SiteSpec("mill", price_day=20),))
    assert on(own, "2014-07-01").sites[0].price_day_eur == 20.0


def test_trains_of_one_line_or_of_all() -> None:
    scenario = with_changes(
        Change(day("2014-02-03"), "train_frequency", 1.5, target="all"),
        Change(day("2014-03-03"), "train_frequency", 0.5, target="R"),
        Change(day("2014-03-03"), "train_capacity", 2, target="A"),
    )
    assert on(scenario, "2014-01-02").trains_factor == {"A": 1.0, "R": 1.0}
    assert on(scenario, "2014-02-03").trains_factor == {"A": 1.5, "R": 1.5}
    assert on(scenario, "2014-03-03").trains_factor == {"A": 1.5, "R": 0.5}
    assert on(scenario, "2014-03-03").capacity_factor == {"A": 2.0, "R": 1.0}


def test_parameters_change_for_good_or_for_a_time() -> None:
    scenario = with_changes(
        Change(day("2014-02-03"), "parameter:theta", 0.4),
        Change(day("2014-03-03"), "parameter:theta", 0.9, until=day("2014-03-07")),
    ).with_(parameters={"theta": 0.5})
    found = [on(scenario, each).parameters.theta for each in ("2014-01-02", "2014-02-03")]
    found += [on(scenario, each).parameters.theta for each in ("2014-03-07", "2014-03-08")]
    assert found == [0.5, 0.4, 0.9, 0.4]


def test_of_two_changes_the_later_date_wins() -> None:
    scenario = with_changes(
        Change(day("2014-05-01"), "allowance_half_days", 6),
        Change(day("2014-02-03"), "allowance_half_days", 4),
    )
    assert on(scenario, "2014-03-03").allowance_half_days == 4
    assert on(scenario, "2014-05-02").allowance_half_days == 6


def test_on_one_day_a_target_of_its_own_wins_over_all() -> None:
    barn = Change(day("2014-05-01"), "price_day", 6, target="barn")
    everybody = Change(day("2014-05-01"), "price_day", 5, target="all")
    for some in ((barn, everybody), (everybody, barn)):
        prices = [site.price_day_eur for site in on(with_changes(*some), "2014-05-01").sites]
        assert prices == [6.0, 5.0]
    assert with_changes(barn, everybody).hash == with_changes(everybody, barn).hash


def test_a_change_dated_before_the_start_holds_from_the_first_day() -> None:
    scenario = with_changes(Change(day("2013-05-01"), "strike", 0.5, until=day("2014-01-03")))
    assert on(scenario, "2014-01-02").share_trains == 0.5
    assert on(scenario, "2014-01-04").share_trains == 1.0


def test_levers_that_hold_one_value() -> None:
    when = day("2014-02-03")
    state = on(
        with_changes(
            Change(when, "road_toll", 5),
            Change(when, "low_emission_zone", 0.3),
            Change(when, "staggered_days", 2),
            Change(when, "fibre_advance", -30),
            Change(when, "operator_exit"),
            Change(when, "agreements_spread", True),
            Change(when, "subsidy_desk", 100, target="all"),
            Change(when, "subsidy_day", 10, target="mill"),
            Change(when, "fibre_start", target="77002"),
        ),
        "2014-02-03",
    )
    assert (state.road_toll_eur, state.share_cars_barred) == (5.0, 0.3)
    assert (state.staggered_days, state.fibre_advance_days) == (2, -30)
    assert state.operator_exit and state.agreements_spread
    assert not (state.employer_adapts or state.operator_growth or state.operator_pricing)
    (mill,) = state.sites
    assert (mill.subsidy_desk_month_eur, mill.subsidy_day_eur) == (100.0, 10.0)
    assert dict(state.fibre_start) == {"77002": when}


def test_nothing_said_is_neutral() -> None:
    state = on(BASE, "2014-02-03")
    assert (state.road_toll_eur, state.share_cars_barred, state.share_trains) == (0.0, 0.0, 1.0)
    assert (state.staggered_days, state.fibre_advance_days) == (0, 0)
    assert set(state.agreements_factor.values()) == {1.0} and not state.fibre_start
    assert state.sites[0].subsidy_desk_month_eur == state.sites[0].subsidy_day_eur == 0.0
    neutral = {
        name: each.neutral
        for name, each in levers().items()
        if each.neutral is not None and each.target == "nothing"
    }
    same = with_changes(*(Change(day("2014-02-03"), *each) for each in neutral.items()))
    assert on(same, "2014-02-03") == state


def test_agreements_by_size_by_group_or_for_all() -> None:
    state = on(
        with_changes(
            Change(day("2014-02-03"), "agreements", 2, target="all"),
            Change(day("2014-03-03"), "agreements", 1, target="under-10"),
            Change(day("2014-03-03"), "agreements", 0, target="manual"),
        ),
        "2014-04-01",
    )
    sizes = {"under-10": 1.0, "10-49": 2.0, "50-249": 2.0, "250-plus": 2.0, "public": 2.0}
    assert dict(state.agreements_factor) == {**sizes, "manual": 0.0}


def test_a_lever_by_another_name_sets_the_parameter() -> None:
    state = on(with_changes(Change(day("2014-02-03"), "navigo", 80)), "2014-02-03")
    assert state.parameters.navigo_month_eur == 80.0
    assert state == on(
        with_changes(Change(day("2014-02-03"), "parameter:navigo_month_eur", 80)), "2014-02-03"
    )
    with pytest.raises(ScenarioError, match="'navigo' is 8, expected a number from 50 to 130"):
        with_changes(Change(day("2014-02-03"), "navigo", 8))


def test_a_fuel_price_is_paid_by_the_kilometre() -> None:
    dear = on(with_changes(Change(day("2014-02-03"), "fuel_price", 2.4)), "2014-02-03")
    # 0.15 €/km + 5.6 L/100 km x (2.40 - 1.40) €/L
    assert dear.parameters.car_cost_eur_per_km == pytest.approx(0.15 + 0.056)
    same = with_changes(Change(day("2014-02-03"), "fuel_price", 1.4))
    assert on(same, "2014-02-03").parameters.car_cost_eur_per_km == pytest.approx(0.15)


def test_anchor_days_by_name_or_number() -> None:
    scenario = with_changes(Change(day("2014-02-03"), "anchor_weekdays", ["Thursday", 1]))
    assert on(scenario, "2014-01-02").anchor_weekdays == ()
    assert on(scenario, "2014-02-03").anchor_weekdays == (1, 3)


LEVER_VALUES: dict[str, list[tuple[Any, str | None]]] = {
    "strike": [(0.05, None), (0.5, None)],
    "lockdown": [(True, None), (False, None)],
    "allowance_half_days": [(0, None), (7, None), (10, None)],
    "anchor_weekdays": [((), None), ((1, 4), None)],
    "train_frequency": [(0.5, "A"), (2.0, "all")],
    "train_capacity": [(1.5, "R")],
    "desks": [(1, "mill"), (50, "all")],
    "price_month": [(0.0, "barn"), (200.0, "all")],
    "parameter:g_peer": [(0.0, None), (0.8, None)],
}


@st.composite
def changes(draw: st.DrawFn) -> Change:
    name = draw(st.sampled_from(sorted(LEVER_VALUES)))
    value, target = draw(st.sampled_from(LEVER_VALUES[name]))
    first = draw(st.dates(day("2013-12-01"), day("2014-12-31")))
    last = draw(st.none() | st.integers(0, 200).map(lambda n: first + dt.timedelta(days=n)))
    return Change(first, name, value, last, target)


SOME_CHANGES = st.lists(changes(), max_size=6, unique_by=lambda change: change.sets)


@pytest.mark.property
@given(SOME_CHANGES, st.dates(day("2013-11-01"), day("2015-09-30")))
def test_the_state_is_a_pure_function_of_the_day(some: list[Change], when: dt.date) -> None:
    scenario = BASE.with_(changes=tuple(some))
    state = scenario.state_on(when, TOWN)
    for other in (day("2014-12-31"), day("2014-01-01")):
        scenario.state_on(other, TOWN)
    fresh = pickle.loads(pickle.dumps(scenario))
    assert fresh == scenario and fresh.hash == scenario.hash
    assert fresh.state_on(when, TOWN) == state == scenario.state_on(when, TOWN)
    dates = {each.date for each in some} | {each.until for each in some if each.until}
    known = {*dates, day("2014-03-03"), *change_dates()}
    yesterday = when - dt.timedelta(days=1)
    if not known & {when, yesterday}:
        assert scenario.state_on(yesterday, TOWN) == state


@pytest.mark.property
@settings(deadline=None)  # the first file loads what describes scenarios
@given(SOME_CHANGES)
def test_any_scenario_survives_its_file(some: list[Change]) -> None:
    scenario = BASE.with_(changes=tuple(some), parameters={"theta": 0.5})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_text(scenario.to_yaml(), encoding="utf-8")
        assert load_scenario(path) == scenario


# Hash and copies ---------------------------------------------------------------------------


def test_the_hash_covers_what_changes_numbers_and_no_text() -> None:
    message = BASE.with_(name="other", label_fr="x", description_en="y")
    noted = BASE.with_(network=(SiteSpec("mill", note="n"), BASE.network[1]))
    ordered = BASE.with_(network=BASE.network[::-1])
    for same in (message, noted, ordered, BASE.with_(parameters={})):
        assert same.hash == BASE.hash
    changed = with_changes(Change(day("2014-02-03"), "strike", 0.5))
    hashes = {
        BASE.hash,
        changed.hash,
        with_changes(Change(day("2014-02-04"), "strike", 0.5)).hash,
        BASE.with_(parameters={"theta": 0.5}).hash,
        BASE.with_(start=day("2014-01-02")).hash,
        BASE.with_(end="2014-12-30").hash,
        BASE.with_(network=BASE.network[:1]).hash,
        BASE.with_(network=(SiteSpec("mill", desks=11), BASE.network[1])).hash,
    }
    assert len(hashes) == 8
    whole = with_changes(Change(day("2014-02-03"), "price_day", 5, target="all"))
    assert whole.hash == with_changes(Change(day("2014-02-03"), "price_day", 5.0, None, "all")).hash


def test_the_hash_is_the_same_in_another_process() -> None:
    code = (
        "from sim77.scenario.scenario import load_scenario; print(load_scenario('free-desks').hash)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == load_scenario("free-desks").hash


def test_a_copy_adds_parameters_and_leaves_the_original() -> None:
    first = BASE.with_(parameters={"theta": 0.5})
    second = first.with_(parameters={"g_peer": 0.1}, start="2014-02-01")
    assert dict(second.parameters) == {"theta": 0.5, "g_peer": 0.1}
    assert dict(first.parameters) == {"theta": 0.5}
    assert second.start == day("2014-02-01")
    assert load_scenario(second) is second
    assert BASE.with_(network=["mill"]).network == (SiteSpec("mill"),)
    with pytest.raises(ScenarioError, match=r"no 'parameter'\. Did you mean 'parameters'\?"):
        BASE.with_(parameter={"theta": 0.5})


def test_a_thought_experiment_may_leave_the_ranges() -> None:
    with pytest.raises(
        ScenarioError, match="parameters: parameter 'mu_mode' is 0, expected 1 to 5"
    ):
        BASE.with_(parameters={"mu_mode": 0})
    free = BASE.with_(parameters={"mu_mode": 0}, outside_ranges=True)
    assert on(free, "2014-02-03").parameters.mu_mode == 0.0
    change = Change(day("2014-02-03"), "parameter:mu_mode", 0)
    with pytest.raises(ScenarioError, match=r"changes\[0\]\.value: 'parameter:mu_mode' is 0"):
        with_changes(change)
    assert on(free.with_(changes=(change,)), "2014-02-03").parameters.mu_mode == 0.0


# Mistakes ----------------------------------------------------------------------------------

HEAD = "name: mine\nperiod: {from: 2014-01-01, to: 2014-12-31}\n"  # two lines

MISTAKES = {
    "unknown key": ("nme: x\n" + HEAD, r"line 1, nme: unknown key 'nme'\. Did you mean 'name'\?"),
    "syntax": (HEAD + "network: [mill\nchanges: x: y\n", r"line \d: "),
    "twice": (HEAD + "name: again\n", r"line 3: the key 'name' is given twice"),
    "no period": ("name: x\n", "period: the period has no 'from'"),
    "bad date": (
        "period: {from: 2014-13-01, to: 2014-12-31}\n",
        r"line 1, period\.from: '2014-13-01' is not a date, expected YYYY-MM-DD",
    ),
    "number for a date": ("period: {from: 2014, to: 2014-12-31}\n", "2014 is not a date"),
    "date order": (
        "period: {from: 2014-12-31, to: 2014-01-01}\n",
        "line 1, period: the last day, 2014-01-01, is before the first, 2014-12-31",
    ),
    "unknown parameter": (
        HEAD + "parameters:\n  thta: 0.5\n",
        r"line 3, parameters: unknown parameter 'thta'\. Did you mean 'theta'\?",
    ),
    "parameter range": (
        HEAD + "parameters: {theta: 3}\n",
        r"'theta' is 3, expected 0\.3 to 1 \(unit: factor",
    ),
    "parameter text": (
        HEAD + "parameters: {theta: much}\n",
        "'theta' is 'much', expected a number",
    ),
    "network no list": (HEAD + "network: mill\n", "line 3, network: expected a list, not 'mill'"),
    "site key": (
        HEAD + "network:\n  - mill\n  - {id: barn, opens: 2014-02-01}\n",
        r"line 5, network\[1\]\.opens: unknown key 'opens'\. Did you mean 'opening'\?",
    ),
    "site without id": (HEAD + "network: [{desks: 4}]\n", "a telecentre needs an 'id'"),
    "site desks": (HEAD + "network: [{id: mill, desks: 0}]\n", r"'desks' is 0, expected a whole"),
    "site date": (HEAD + "network: [{id: mill, opening: soon}]\n", "'soon' is not a date"),
    "change key": (
        HEAD + "changes:\n  - {date: 2014-02-01, lever: strike, valeu: 0.5}\n",
        r"line 4, changes\[0\]\.valeu: unknown key 'valeu'\. Did you mean 'value'\?",
    ),
    "change without lever": (HEAD + "changes: [{date: 2014-02-01}]\n", "a change needs a 'lever'"),
    "unknown lever": (
        HEAD + "changes: [{date: 2014-02-01, lever: strikes, value: 0.5}]\n",
        r"unknown lever 'strikes'\. Did you mean 'strike'\?",
    ),
    "unknown lever's parameter": (
        HEAD + "changes: [{date: 2014-02-01, lever: 'parameter:thta', value: 0.5}]\n",
        r"unknown parameter 'thta'\. Did you mean 'theta'\?",
    ),
    "lever range": (
        HEAD + "changes: [{date: 2014-02-01, lever: allowance_half_days, value: 14}]\n",
        r"'allowance_half_days' is 14, expected a whole number from 0 to 10 \(half-days a week\)",
    ),
    "lever without value": (
        HEAD + "changes: [{date: 2014-02-01, lever: strike}]\n",
        r"'strike' is None, expected a number from 0\.05 to 1",
    ),
    "flag": (
        HEAD + "changes: [{date: 2014-02-01, lever: lockdown, value: 3}]\n",
        "'lockdown' is 3, expected true or false",
    ),
    "weekday": (
        HEAD + "changes: [{date: 2014-02-01, lever: anchor_weekdays, value: [tuseday]}]\n",
        r"'tuseday', expected monday to friday\. Did you mean 'tuesday'\?",
    ),
    "weekday list": (
        HEAD + "changes: [{date: 2014-02-01, lever: anchor_weekdays, value: tuesday}]\n",
        "expected a list of weekdays",
    ),
    "no value wanted": (
        HEAD + "network: [mill]\n"
        "changes: [{date: 2014-02-01, lever: close_telecentre, target: mill, value: 2}]\n",
        "takes no value, not 2",
    ),
    "target missing": (
        HEAD + "changes: [{date: 2014-02-01, lever: price_day, value: 5}]\n",
        "'price_day' has no target: add 'target:' and a telecentre or all.",
    ),
    "target too many": (
        HEAD + "changes: [{date: 2014-02-01, lever: strike, value: 0.5, target: A}]\n",
        "'strike' takes no target",
    ),
    "until": (
        HEAD + "changes: [{date: 2014-02-01, until: 2014-01-31, lever: strike, value: 0.5}]\n",
        r"changes\[0\]\.until: 2014-01-31 is before the change's date, 2014-02-01 "
        r"\(line 3, changes\[0\]\.date\)",
    ),
    "until on another line": (
        HEAD + "changes:\n  - lever: strike\n    value: 0.5\n"
        "    date: 2014-02-01\n    until: 2014-01-31\n",
        r"line 7, changes\[0\]\.until: .* \(line 6, changes\[0\]\.date\)",
    ),
    "two values": (
        HEAD + "changes:\n  - {date: 2014-02-01, lever: strike, value: 0.5}\n"
        "  - {date: 2014-03-01, lever: strike, value: 0.7}\n"
        "  - {date: 2014-02-01, lever: strike, value: 0.6}\n",
        r"line 6, changes\[2\]\.value: 'strike' is 0\.6 from 2014-02-01 but 0\.5 from the same day "
        r"\(line 4, changes\[0\]\.value\)",
    ),
    "two values under two names": (
        HEAD + "changes:\n  - {date: 2014-02-01, lever: navigo, value: 80}\n"
        "  - {date: 2014-02-01, lever: 'parameter:navigo_month_eur', value: 90}\n",
        r"line 5, changes\[1\]\.value: 'parameter:navigo_month_eur' is 90 .* but 80 from the same "
        r"day \(line 4, changes\[0\]\.value\)",
    ),
    "two values for one target": (
        HEAD + "network: [mill]\nchanges:\n"
        "  - {date: 2014-02-01, lever: price_day, value: 5, target: mill}\n"
        "  - {date: 2014-02-01, lever: price_day, value: 6, target: mill}\n",
        r"'price_day' for 'mill' is 6 .* \(line 5, changes\[0\]\.value\)",
    ),
    "closed on the day it opens": (
        HEAD + "network:\n  - id: mill\n    opening: 2014-05-05\n    closing: 2014-05-05\n",
        r"line 6, network\[0\]\.closing: telecentre 'mill' closes on 2014-05-05, the day it opens "
        r"\(line 4, network\[0\]\)",
    ),
    "allowance of seven days": (
        HEAD + "changes: [{date: 2014-02-01, lever: allowance_half_days, value: 14}]\n",
        r"line 3, changes\[0\]\.value: .* is 14, expected a whole number from 0 to 10",
    ),
    "size of employer": (
        HEAD + "changes: [{date: 2014-02-01, lever: agreements, value: 2, target: publik}]\n",
        r"target: 'agreements' is for 'publik', expected an employer size, .*mean 'public'\?",
    ),
    "price of nobody": (
        HEAD + "network: [mill]\n"
        "changes: [{date: 2014-02-01, lever: price_day, value: 5, target: mil}]\n",
        r"'mil' is neither in the network nor opened by a change\. Did you mean 'mill'\?",
    ),
    "closed before open": (
        HEAD + "network:\n  - {id: mill, opening: 2014-05-05}\n"
        "changes:\n  - {date: 2014-02-03, lever: close_telecentre, target: mill}\n",
        r"line 6, changes\[0\]: telecentre 'mill' is closed on 2014-02-03 before it opens on "
        r"2014-05-05 \(line 4, network\[0\]\)",
    ),
    "closing before opening": (
        HEAD + "network:\n  - {id: mill, opening: 2014-05-05, closing: 2014-02-03}\n",
        r"line 4, network\[0\]\.closing: telecentre 'mill' is closed on 2014-02-03 before it opens",
    ),
    "opens twice": (
        HEAD + "network: [mill, barn]\n"
        "changes: [{date: 2014-02-03, lever: open_telecentre, target: mill}]\n",
        r"line 4, changes\[0\]: .* opens on 2014-02-03 but is open from the start "
        r"\(line 3, network\[0\]\)",
    ),
    "listed twice": (
        HEAD + "network: [mill, barn, mill]\n",
        r"network\[2\]: telecentre 'mill' is listed already \(line 3, network\[0\]\)\.$",
    ),
    "share in percent": (
        HEAD + "changes: [{date: 2014-02-01, lever: desk_paid_share, value: 50}]\n",
        r"value: 'desk_paid_share' is 50, expected a number from 0\.05 to 0\.6 \(share\)\.$",
    ),
    "share outside the range of its parameter": (
        HEAD + "changes: [{date: 2014-02-01, lever: desk_paid_share, value: 0.9}]\n",
        r"value: 'desk_paid_share' is 0\.9, expected a number from 0\.05 to 0\.6 \(share\)\.$",
    ),
    "closed twice": (
        HEAD + "network: [{id: mill, closing: 2014-02-03}]\n"
        "changes: [{date: 2014-03-03, lever: close_telecentre, target: mill}]\n",
        r"'mill' is closed on 2014-03-03 after it closed \(line 3, network\[0\]\.closing\)",
    ),
    "closed never open": (
        HEAD + "changes: [{date: 2014-03-03, lever: close_telecentre, target: mill}]\n",
        "'mill' is closed but neither in the network nor opened by a change",
    ),
    "parent unknown": (
        HEAD + "extends: network-2041\n",
        r"line 3, extends: unknown scenario 'network-2041'\. Did you mean 'network-2014'\?",
    ),
    "not names": ("- a\n- b\n", "expected names with values"),
    "empty": ("", "expected names with values, not nothing"),
    "label": (HEAD + "label: {fr: a, de: b}\n", r"label\.de: unknown key 'de'"),
    "outside": (
        HEAD + "outside_ranges: 2\n",
        "line 3, outside_ranges: expected true or false, not 2",
    ),
    "object": (
        HEAD + "parameters: !!python/object/apply:os.system ['true']\n",
        "line 3: the tag '",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_file_is_told_in_one_sentence_with_its_place(
    mistake: str, tmp_path: Path
) -> None:
    text, expected = MISTAKES[mistake]
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=expected) as caught:
        load_scenario(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message and message.rstrip("?").endswith((".", "'"))


def test_an_unknown_scenario_or_file_is_told() -> None:
    with pytest.raises(ScenarioError, match=r"'network-2041'\. Did you mean 'network-2014'\?"):
        load_scenario("network-2041")
    with pytest.raises(ScenarioError, match=r"there is no scenario file mine\.yaml\."):
        load_scenario("mine.yaml")
    with pytest.raises(ScenarioError, match=r"^unknown scenario 'xxx"):
        load_scenario("x" * 5000)


def test_a_file_may_extend_a_shipped_scenario_or_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(
        "extends: hybrid-2022\nparameters: {theta: 0.5}\n"
        "changes: [{date: 2022-02-01, lever: allowance_half_days, value: 4}]\n",
        encoding="utf-8",
    )
    child = tmp_path / "child.yaml"
    child.write_text(
        "extends: parent.yaml\nparameters: {g_peer: 0.1}\n"
        "network: [melun]\nperiod: {to: 2022-06-30}\n"
        "changes: [{date: 2022-03-01, lever: allowance_half_days, value: 6}]\n",
        encoding="utf-8",
    )
    found = load_scenario(child)
    assert (found.name, found.start, found.end) == ("child", day("2022-01-01"), day("2022-06-30"))
    assert dict(found.parameters) == {"theta": 0.5, "g_peer": 0.1}
    assert found.network == (SiteSpec("melun"),)
    assert [each.value for each in found.changes] == [4, 6]
    child.write_text(child.read_text("utf-8").replace("value: 6", "value: 60"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"child\.yaml, line 5, changes\[0\]\.value: "):
        load_scenario(child)


def test_a_mistake_against_the_parent_names_both(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: network-2014\n"
        "changes: [{date: 2014-05-01, lever: close_telecentre, target: melun}]\n",
        encoding="utf-8",
    )
    with pytest.raises(
        ScenarioError,
        match=r"line 2, changes\[0\]: .* opens on 2014-07-01 \(the parent's network\[8\]\)",
    ):
        load_scenario(path)


def test_a_scenario_cannot_extend_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: mine.yaml\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="extends itself"):
        load_scenario(path)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"network": (SiteSpec("mil"),)},
            r"network\[0\]: unknown telecentre 'mil'\. Did you mean 'mill'\?",
        ),
        (
            {"changes": (Change(day("2014-02-03"), "open_telecentre", target="key"),)},
            r"changes\[0\]\.target: unknown telecentre 'key'",
        ),
        (
            {"changes": (Change(day("2014-02-03"), "train_frequency", 2, target="Z"),)},
            r"changes\[0\]\.target: unknown line 'Z'\. Known: A, R\.",
        ),
        (
            {"changes": (Change(day("2014-02-03"), "fibre_start", target="77003"),)},
            r"changes\[0\]\.target: unknown commune '77003'\.",
        ),
    ],
)
def test_names_the_territory_does_not_have_are_told(values: dict[str, Any], expected: str) -> None:
    scenario = BASE.with_(**values)
    with pytest.raises(ScenarioError, match=expected):
        scenario.state_on(day("2014-01-02"), TOWN)
    with pytest.raises(ScenarioError, match=expected):
        scenario.check(TOWN)


def test_a_mistake_in_python_names_the_part() -> None:
    with pytest.raises(Sim77Error, match="period: the last day"):
        BASE.with_(end=day("2013-01-01"))
    with pytest.raises(Sim77Error, match=r"period\.to: 'x' is not a date"):
        BASE.with_(end="x")
    with pytest.raises(Sim77Error, match="value: 'strike' is 2"):
        Change(day("2014-02-03"), "strike", 2)
    with pytest.raises(Sim77Error, match="lever: a lever is named by a text"):
        Change(day("2014-02-03"), 3)  # type: ignore[arg-type]


# --- scenarios of another territory -------------------------------------------------------------


@pytest.fixture
def other(tmp_path: Path) -> Territory:
    return load_territory(write_example(tmp_path / "other"))


def test_a_territory_has_scenarios_of_its_own_and_the_shipped_ones_that_fit(
    other: Territory,
) -> None:
    own = ("both-centres", "both-centres-free", "express-line", "three-centres")
    found = scenario_names(other)
    assert found[: len(own)] == own
    assert set(found[len(own) :]) == {"hybrid-2022-no-telecentres", "law-2012", "no-telecentres"}
    assert scenario_names(load_territory()) == scenario_names()
    free = load_scenario("both-centres-free+law-2012", other)
    assert [site.telecentre_id for site in free.network] == ["bourg", "village"]
    assert free.name == "both-centres-free+law-2012"


def test_the_network_of_the_region_is_known_places_and_assumed_ones() -> None:
    region = load_territory("ile-de-france")
    network = load_scenario("network-idf", region)
    assert network.name in scenario_names(region)
    assert network.name not in scenario_names(load_territory())
    sites = region.sites.set_index("telecentre_id")
    placed = sites.loc[[site.telecentre_id for site in network.network]]
    known = placed[placed["assumed"] == 0]
    assert len(known) == 15 and known["source"].isin(region.sources["source_id"]).all()
    assert {"telecentres-assumed", "assumption"} == set(placed["source"]) - set(known["source"])
    sited = placed[placed["source"] == "assumption"]
    assert len(sited) == 60 and sited["commune_code"].is_unique
    assert not set(sited["commune_code"]) & set(placed["commune_code"][:21])
    assert {site.desks for site in network.network[21:]} == {20}


def test_a_scenario_of_a_territory_is_named_with_its_line_when_it_does_not_fit(
    other: Territory,
) -> None:
    with pytest.raises(ScenarioError, match=r"'both-center'\. Did you mean 'both-centres'\?"):
        load_scenario("both-center", other)
    with pytest.raises(
        ScenarioError, match=r"network-2014, line 8, network.* 'hubstart'.* itself: both-centres, "
    ):
        load_scenario("network-2014", other)
    file = other.folder / "scenarios" / "three-centres.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("new-99003", "new-99004"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"three-centres.yaml, line 7, .*Did you mean 'new-"):
        scenario_names(other)


def test_one_of_a_territory_stands_before_a_shipped_one_and_a_file_before_both(
    other: Territory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = other.folder / "scenarios"
    text = (folder / "both-centres.yaml").read_text(encoding="utf-8")
    (folder / "law-2012.yaml").write_text(text, encoding="utf-8")
    again = load_territory(other.folder)
    assert load_scenario("law-2012", again).hash == load_scenario("both-centres", again).hash
    monkeypatch.chdir(tmp_path)
    moved = text.replace("2014-12-31", "2014-06-30")
    (tmp_path / "both-centres").write_text(moved, encoding="utf-8")
    assert load_scenario("both-centres", again).end == dt.date(2014, 6, 30)


def test_a_scenario_of_another_territory_is_known_by_name() -> None:
    with pytest.raises(ScenarioError, match=r"It is one of ile-de-france: add --territory"):
        load_scenario("grand-paris-15-south", load_territory())
