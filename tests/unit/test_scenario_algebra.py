"""Scenarios added and compared in words."""

import datetime as dt

import pytest

from sim77.core.errors import ScenarioError
from sim77.scenario.scenario import Change, Scenario, SiteSpec, load_scenario, scenario_names

pytestmark = pytest.mark.unit


def scenario(name: str, *changes: Change, network: tuple = (), **values: object) -> Scenario:
    return Scenario(
        name=name,
        label_fr=f"{name} (fr)",
        label_en=f"{name} (en)",
        description_fr="",
        description_en="",
        start=values.pop("start", dt.date(2014, 1, 1)),
        end=dt.date(2014, 12, 31),
        network=network,
        changes=changes,
        **values,
    )


def change(lever: str, value: object = None, date: str = "2014-02-03", **more: object) -> Change:
    return Change(dt.date.fromisoformat(date), lever, value, **more)


# Sums --------------------------------------------------------------------------------------


def test_a_sum_has_the_second_on_top_and_the_period_of_the_first() -> None:
    a = scenario(
        "a",
        change("strike", 0.5),
        network=(SiteSpec("mill"), SiteSpec("barn", desks=5)),
        parameters={"theta": 0.5, "g_peer": 0.4},
    )
    b = scenario(
        "b",
        change("road_toll", 5),
        network=(SiteSpec("barn", desks=9), SiteSpec("quay")),
        parameters={"theta": 0.7},
        start=dt.date(2013, 1, 1),
    )
    both = a + b
    assert (both.name, both.start, both.end) == ("a+b", a.start, a.end)
    assert both.label_en == "a (en) + b (en)" and both.label_fr == "a (fr) + b (fr)"
    assert dict(both.parameters) == {"theta": 0.7, "g_peer": 0.4}
    assert both.network == (SiteSpec("mill"), SiteSpec("barn", desks=9), SiteSpec("quay"))
    assert [each.lever for each in both.changes] == ["strike", "road_toll"]


def test_what_both_say_is_said_once() -> None:
    a = scenario("a", change("strike", 0.5), network=(SiteSpec("mill"),))
    assert (a + a).hash == a.hash
    assert (a + scenario("nothing")).hash == a.hash == (scenario("nothing") + a).hash
    with pytest.raises(TypeError):
        a + 3  # type: ignore[operator]


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_added_to_itself_is_itself(name: str) -> None:
    found = load_scenario(name)
    assert (found + found).hash == found.hash


def test_two_values_for_one_lever_and_date_clash() -> None:
    a = scenario("a", change("road_toll", 2), change("strike", 0.5))
    b = scenario("b", change("strike", 0.7))
    with pytest.raises(
        ScenarioError,
        match=r"^'a' and 'b' clash: 'strike' is 0\.5 from 2014-02-03 in 'a' \(changes\[1\]\) "
        r"and 0\.7 in 'b' \(changes\[0\]\)\.$",
    ):
        a + b
    later = scenario("later", change("strike", 0.7, "2014-02-04"))
    assert len((a + later).changes) == 3
    under_another_name = scenario("n", change("navigo", 80))
    with pytest.raises(ScenarioError, match="clash: 'parameter:navigo_month_eur' is 80"):
        under_another_name + scenario("p", change("parameter:navigo_month_eur", 90))


def test_a_site_that_opens_in_both_is_told_with_both_places() -> None:
    a = scenario("a", network=(SiteSpec("mill"),))
    b = scenario("b", change("strike", 0.5), change("open_telecentre", target="mill"))
    with pytest.raises(
        ScenarioError,
        match=r"'a' and 'b' cannot be added: 'b' changes\[1\]: telecentre 'mill' opens on "
        r"2014-02-03 but is open from the start \('a' network\[0\]\)",
    ):
        a + b


def test_names_with_a_plus_are_added() -> None:
    both = load_scenario("toll-5-euros + anchor-tuesday")
    assert both == load_scenario("toll-5-euros") + load_scenario("anchor-tuesday")
    assert {each.lever for each in both.changes} == {"road_toll", "anchor_weekdays"}
    with pytest.raises(ScenarioError, match="unknown scenario 'toll-6-euros'"):
        load_scenario("toll-6-euros+anchor-tuesday")
    with pytest.raises(ScenarioError, match="clash"):
        load_scenario("free-desks+subsidised-desks")


# Differences -------------------------------------------------------------------------------


def test_nothing_differs_from_itself() -> None:
    for name in scenario_names():
        assert load_scenario(name).diff(load_scenario(name)) == ()


def test_differences_are_told_in_words() -> None:
    a = scenario(
        "a",
        change("strike", 0.5, until=dt.date(2014, 2, 5)),
        change("price_day", 5, target="mill"),
        network=(SiteSpec("mill"), SiteSpec("barn")),
        parameters={"theta": 0.5, "g_peer": 0.4},
    )
    b = scenario(
        "b",
        change("strike", 0.5),
        change("anchor_weekdays", ["tuesday", "thursday"]),
        change("close_telecentre", date="2014-06-02", target="mill"),
        network=(SiteSpec("mill"), SiteSpec("quay", opening=dt.date(2014, 3, 3), desks=8)),
        parameters={"theta": 0.7, "mu_mode": 1.5},
        start=dt.date(2014, 1, 6),
    )
    assert [str(each) for each in a.diff(b)] == [
        "period: 2014-01-01 to 2014-12-31 → 2014-01-06 to 2014-12-31",
        "theta: 0.5 factor → 0.7 factor",
        "g_peer: 0.4 util/share → as in the registry",
        "mu_mode: as in the registry → 1.5 util",
        "barn: open from the start → none",
        "quay: none → opening 2014-03-03, desks 8",
        "strike from 2014-02-03: 0.5 until 2014-02-05 → 0.5",
        "price_day (mill) from 2014-02-03: 5 € → none",
        "anchor_weekdays from 2014-02-03: none → [tuesday, thursday]",
        "close_telecentre (mill) from 2014-06-02: none → done",
    ]
    french = [each.text("fr") for each in a.diff(b)]
    assert french[0] == "période : 2014-01-01 au 2014-12-31 → 2014-01-06 au 2014-12-31"
    assert french[2].endswith(" : 0.4 util/share → comme au registre")
    assert french[5] == "télécentre quay : rien → ouverture 2014-03-03, postes 8"
    assert french[8].endswith("à partir du 2014-02-03 : rien → [mardi, jeudi]")
    assert a.diff(b)[4].text() == "telecentre barn: open from the start → none"


def test_a_difference_turned_round() -> None:
    a, b = load_scenario("hybrid-2022"), load_scenario("toll-5-euros")
    (there,), (back,) = a.diff(b), b.diff(a)
    assert (there.mine, there.theirs) == (back.theirs, back.mine) == ("", "5 €")
