"""Levers: complete entries, ends of the range, and signs that can be tested."""

import datetime as dt
import re

import pytest

from sim77.core.errors import ScenarioError
from sim77.registry.indicators import indicators
from sim77.registry.levers import Lever, lever, lever_groups, levers, read_levers
from sim77.registry.parameters import load_parameters
from sim77.scenario.policy import check_sets, value_in
from sim77.scenario.scenario import Change, lever_ends, scenario_names
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.unit

# Kept by operators and employers month by month, not among the indicators of a day.
OF_ACCOUNTS = {"margin_eur", "desks_leased"}
DATE = r"\d{4}(-\d{2}(-\d{2})?)?"


def bare(name: str) -> Lever:
    return levers()[name]


@pytest.mark.parametrize("name", levers())
def test_a_lever_is_complete(name: str) -> None:
    found = bare(name)
    assert found.name == name and found.group in lever_groups()
    assert found.label_fr and found.label_en and found.label_fr != found.label_en
    assert found.source_fr and found.source_en
    if found.kind in ("number", "integer"):
        assert found.unit and found.low is not None and found.high is not None
        assert found.low < found.high
    if found.neutral is not None:
        assert found.checked(found.neutral) == found.neutral


@pytest.mark.parametrize("name", levers())
def test_real_instances_have_a_date_and_a_source(name: str) -> None:
    for each in bare(name).instances:
        assert re.fullmatch(f"{DATE}(/{DATE})?", each.date), each
        assert each.what_fr and each.what_en and each.source


def test_every_chapter_of_the_policies_is_there() -> None:
    assert {each.group for each in levers().values()} == set(lever_groups())
    without = {name for name, each in levers().items() if not each.instances}
    never_done = {
        "price_hour", "fuel_price", "road_toll", "fibre_start", "desk_paid_part",
        "employer_ceiling", "employer_budget",
    }  # fmt: skip
    assert {name for name in without if bare(name).group != "reactions"} == never_done


@pytest.mark.parametrize("name", levers())
def test_signs_are_of_known_indicators_in_a_shipped_scenario(name: str) -> None:
    found = bare(name)
    assert found.expected_signs and found.test_case is not None
    assert set(found.expected_signs) <= {*indicators(), *OF_ACCOUNTS}
    assert set(found.expected_signs.values()) <= {-1, 0, 1}
    assert found.test_case.scenario in scenario_names()


@pytest.mark.parametrize("name", levers())
def test_the_ends_differ_in_the_lever_alone(name: str) -> None:
    low, high = lever_ends(name)
    assert low.hash != high.hash
    (only,) = low.diff(high)
    assert (only.kind, only.name) == ("change", name)
    territory = load_territory()
    for end in (low, high):
        end.check(territory)
        assert end.changes == () or end.changes[-1].date == end.start
    states = [each.state_on(each.start, territory) for each in (low, high)]
    assert states[0] != states[1]


def test_ends_of_levers_without_a_number() -> None:
    assert bare("anchor_weekdays").bounds == ((), (0, 1, 2, 3, 4))
    assert bare("lockdown").bounds == (False, True)
    assert bare("close_telecentre").bounds == (None, None)
    assert bare("road_toll").bounds == (0, 10)
    with pytest.raises(ScenarioError, match="'parameter:theta' says no sign"):
        lever_ends("parameter:theta")
    with pytest.raises(ScenarioError, match="unknown lever 'toll'"):
        lever_ends("toll")


TOLL = """
groups:
  road: {fr: "Route", en: "Road"}
levers:
  road_toll:
    group: road
    sets: road_toll_eur
    value: number
    unit: €/day
    low: 0
    high: 10
    target: nothing
    label: {fr: "péage", en: "toll"}
    source: {fr: "supposé", en: "assumed"}
    expected_signs: {car_km: -1}
    test_case: {scenario: hybrid-2022}
    control: {shown: panel, step: 0.1, decimals: 1}
"""


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ("    group: road\n", "", "a lever needs a 'group'"),
        ("group: road", "group: rode", r"unknown group 'rode'. Did you mean 'road'\?"),
        ("    sets: road_toll_eur\n", "", "a lever needs 'sets'"),
        ("    value: number\n", "", "a lever such as this needs a 'value'"),
        ("value: number", "value: text", "unknown kind of value 'text'"),
        ("    high: 10\n", "", "needs a 'high'"),
        ("    target: nothing\n", "", "needs a 'target'"),
        (', en: "toll"', "", "a text needs an 'en'"),
        ("    expected_signs: {car_km: -1}\n", "", "a lever needs 'expected_signs'"),
        (", decimals: 1", "", "the control of a number needs a 'decimals'"),
        ("shown: panel, ", "", "a control needs a 'shown'"),
        ("    source:", "    sauce: x\n    source:", "unknown key 'sauce'. Did you mean 'source'"),
        ("sets: road_toll_eur", "sets: parameters.toll", "which no state of a day holds"),
        ("sets: road_toll_eur", "sets: sites.price", "Did you mean 'sites.price_day_eur'"),
        ("sets: road_toll_eur", "sets: road_tol_eur", "sets 'road_tol_eur', which no state of a "
         r"day holds. Did you mean 'road_toll_eur'\?"),
    ],
)  # fmt: skip
def test_a_lever_without_all_that_it_needs_is_refused(before: str, after: str, text: str) -> None:
    assert before in TOLL
    with pytest.raises(ScenarioError, match=text):
        check_sets(read_levers(TOLL.replace(before, after))[1])


def test_two_levers_that_set_the_same_are_refused() -> None:
    entry = TOLL.partition("levers:\n")[2]
    check_sets(read_levers(TOLL)[1])
    with pytest.raises(ScenarioError, match="'road_toll' and 'toll' both set 'road_toll_eur'"):
        check_sets(read_levers(TOLL + entry.replace("road_toll:", "toll:"))[1])


@pytest.mark.parametrize(
    "name", [name for name, each in levers().items() if each.control.shown != "nowhere"]
)
def test_a_state_says_what_a_lever_is_set_to(name: str) -> None:
    found, territory = bare(name), load_territory()
    values = [value_in(each.state_on(each.start, territory), found) for each in lever_ends(name)]
    assert values == list(found.bounds)


def test_every_parameter_is_a_lever() -> None:
    found = lever("parameter:theta")
    assert (found.low, found.high, found.unit) == (0.3, 1.0, "factor")
    assert found.parameter == "theta" and levers()["strike"].parameter is None
    assert all(lever(f"parameter:{name}").label_fr for name in load_parameters())


def test_a_lever_on_a_parameter_has_its_range() -> None:
    navigo, price = lever("navigo"), load_parameters()["navigo_month_eur"]
    assert navigo.parameter == "navigo_month_eur"
    assert (navigo.low, navigo.high, navigo.unit) == (price.low, price.high, price.unit)


@pytest.mark.parametrize(
    ("name", "value", "target", "text"),
    [
        ("strike", 0, None, "'strike' is 0, expected a number from 0.05 to 1"),
        ("staggered_days", 5, None, "'staggered_days' is 5, expected a whole number from 0 to 4"),
        ("staggered_days", 1.5, None, "'staggered_days' is 1.5, expected a whole number"),
        ("low_emission_zone", 30, None, "'low_emission_zone' is 30, expected a number from 0 to 1"),
        ("fibre_start", 3, "77001", "'fibre_start' takes no value, not 3"),
        ("fibre_start", None, None, "'fibre_start' has no target: add 'target:' and a commune"),
        ("fibre_start", None, "all", "'fibre_start' is for one commune, not for 'all'"),
        ("open_telecentre", 9, "all", "'open_telecentre' is for one telecentre, not for 'all'"),
        (
            "agreements",
            2,
            None,
            "'agreements' has no target: add 'target:' and an employer size, occupation group",
        ),
        ("agreements", 2, "manager", r"for 'manager', .*Did you mean 'managers'\?"),
        (
            "agreements",
            2,
            "independents",
            r"^target: 'agreements' is for 'independents', who have "
            r"no employer to agree with: change 'parameter:share_covered_independents'\.$",
        ),
        ("operator_exit", 1, None, "'operator_exit' is 1, expected true or false"),
        ("desk_paid_share", 0.9, None, None),
    ],
)
def test_a_value_or_a_target_out_of_place(
    name: str, value: object, target: str | None, text: str | None
) -> None:
    if text is None:  # a parameter's plausible interval is the scenario's to check
        assert Change(dt.date(2014, 2, 3), name, value, target=target).value == value
        return
    with pytest.raises(ScenarioError, match=text):
        Change(dt.date(2014, 2, 3), name, value, target=target)
