"""Scenarios added and compared, and what differs in words."""

import datetime as dt
import json
from dataclasses import asdict

import pytest

from sim77.core.errors import ScenarioError
from sim77.registry.levers import Lever, levers
from sim77.registry.parameters import Parameter, load_parameters
from sim77.registry.units import unit_texts
from sim77.report.compare.differences import in_words
from sim77.scenario.algebra import Difference
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


@pytest.mark.parametrize(
    ("first", "until", "days"),
    [
        ("2015-01-05", None, "2015-01-05"),
        ("2013-12-05", "2013-12-20", "2013-12-05 to 2013-12-20"),
        ("2014-05-01", "2014-05-01", "2014-05-01 to 2014-05-01"),
        ("2014-02-08", "2014-02-09", "2014-02-08 to 2014-02-09"),
    ],
)
def test_a_change_that_falls_on_no_working_day_of_the_sum_is_refused(
    first: str, until: str | None, days: str
) -> None:
    b = scenario("b", change("strike", 0.5, first, until=until))
    with pytest.raises(ScenarioError) as refused:
        scenario("a") + b
    assert str(refused.value) == (
        f"'a' and 'b' cannot be added: 'strike' of 'b' holds from {days}, on no working day of 'a',"
        " which lasts from 2014-01-01 to 2014-12-31."
    )


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
    # As a manifest gives them back.
    found = [Difference(**json.loads(json.dumps(asdict(each)))) for each in a.diff(b)]
    assert [tuple(in_words(each, "en")) for each in found] == [
        ("period", "from 1 January 2014 to 31 December 2014",
         "from 6 January 2014 to 31 December 2014"),
        (label("theta", "en"), "0.5", "0.7"),
        (label("g_peer", "en"), "0.4 util/share", "as in the registry"),
        (label("mu_mode", "en"), "as in the registry", "1.5 util"),
        ("telecentre barn", "open from the start", "none"),
        ("telecentre quay", "none", "opening on 3 March 2014, capacity 8 desks"),
        ("strike: share of trains that run, from 3 February 2014", "50% until 5 February 2014",
         "50%"),
        ("price of a day (mill), from 3 February 2014", "5 €", "not changed"),
        ("anchor days at the office, from 3 February 2014", "no day", "Tuesday, Thursday"),
        ("close a telecentre (mill), from 2 June 2014", "no", "done"),
    ]  # fmt: skip
    assert [tuple(in_words(each, "fr", {"barn": "La Grange"})) for each in found] == [
        ("période", "du 1er janvier 2014 au 31 décembre 2014",
         "du 6 janvier 2014 au 31 décembre 2014"),
        (label("theta", "fr"), "0,5", "0,7"),
        (label("g_peer", "fr"), "0,4 util/part", "comme au registre"),
        (label("mu_mode", "fr"), "comme au registre", "1,5 util"),
        ("télécentre La Grange", "ouvert dès le début", "rien"),
        ("télécentre quay", "rien", "ouverture le 3 mars 2014, capacité 8 postes"),
        ("grève : part des trains qui circulent, à partir du 3 février 2014",
         "50\u202f% jusqu’au 5 février 2014", "50\u202f%"),
        ("prix de la journée (mill), à partir du 3 février 2014", "5 €", "non modifié"),
        ("jours de présence obligatoire, à partir du 3 février 2014", "aucun jour",
         "mardi, jeudi"),
        ("fermer un télécentre (mill), à partir du 2 juin 2014", "non", "fait"),
    ]  # fmt: skip


def label(parameter: str, language: str) -> str:
    return str(getattr(load_parameters()[parameter], f"label_{language}"))


@pytest.mark.parametrize("named", [*load_parameters().values(), *levers().values()])
def test_every_unit_is_written_in_french(named: Parameter | Lever) -> None:
    symbols = {"1", "km", "h", "min", "util", "€", "L", "100 km", "litre"}
    as_it_is = set(named.unit.split("/")) <= symbols or named.unit in ("", "weekdays")
    assert named.unit in unit_texts() or as_it_is or named.unit.startswith("share")


def test_a_difference_turned_round() -> None:
    a, b = load_scenario("hybrid-2022"), load_scenario("toll-5-euros")
    (there,), (back,) = a.diff(b), b.diff(a)
    assert (there.before, there.after) == (back.after, back.before) == (None, {"value": 5.0})
