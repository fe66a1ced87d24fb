"""The address holds the whole state, gives it back, and is never trusted."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.app.engine import Engine
from sim77.app.levers.policies import with_levers
from sim77.app.options import Options
from sim77.app.session import Session
from sim77.app.state.address import LONGEST, decode, encode, versions
from sim77.app.state.state import Checker, State
from sim77.app.words import words
from sim77.registry.levers import levers
from sim77.report.geography import Geography
from sim77.scenario.scenario import Change, load_scenario
from sim77.territory.territory import Territory, load_territory
from tests.app.conftest import Shown
from tests.app.small import SCALE

pytestmark = pytest.mark.app

CHECKER = Checker(load_territory())
NUMBERS = [
    name for name, each in levers().items()
    if each.kind in ("number", "integer") and each.low is not None
    and name not in ("open_telecentre", "strike")
]  # fmt: skip


def value_of(name: str) -> st.SearchStrategy:
    each = levers()[name]
    if each.kind == "integer":
        return st.integers(int(each.low or 0), int(each.high or 0))
    return st.floats(each.low, each.high).map(lambda value: value + 0.0)


moved = st.lists(st.sampled_from(NUMBERS), unique=True, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: value_of(name) for name in names})
)
others = {"anchor_weekdays": [0, 3], "lockdown": True}
strikes = st.just([{"from": "2014-12-01", "until": "2014-12-05", "value": 0.3}])


@settings(max_examples=40, deadline=None)
@given(moved, st.booleans(), st.sampled_from(["fr", "en"]), st.integers(0, 10**6), st.data())
def test_a_state_comes_back_from_its_address(
    numbers: dict, strike: bool, lang: str, seed: int, data: st.DataObject
) -> None:
    given_state = {
        "levers": numbers | (others | {"strike": data.draw(strikes)} if strike else {}),
        "sites": {"opened": [{"commune": "77379", "desks": 12}], "closed": ["melun"]},
        "lang": lang,
        "seed": seed,
        "view": "explore",
        "by": "typical week",
        "day": "2014-11-18",
        "place": {"kind": "commune", "id": "77186"},
    }  # fmt: skip
    state, problems = CHECKER.check(given_state)
    assert problems == []
    again, problems = decode(encode(state, CHECKER.territory), CHECKER)
    assert problems == []
    assert again.payload() == state.payload()
    assert [each.hash for each in again.scenarios()] == [each.hash for each in state.scenarios()]


@pytest.mark.parametrize(
    ("query", "key", "word"),
    [
        ("l.prx=3", "unknown_lever", "prx"),
        ("l.price_day=900", "lever_bounded", "price_day"),
        ("l.price_day=abc", "unknown_lever", "price_day"),
        ("l.open_telecentre=10", "unknown_lever", "open_telecentre"),
        ("l.desks=nan", "bad_lever", "desks"),
        ("l.strike=2014-13-01..2014-12-05=0.5", "bad_day", "2014-13-01"),
        ("l.strike=2014-12-09..2014-12-05=0.5", "bad_period", "strike"),
        ("a=../../etc/passwd", "unknown_scenario", "../../etc/passwd"),
        ("seed=-1", "bad_seed", "-1"),
        ("seed=99999999999999999999", "bad_seed", "9999"),
        ("view=<script>alert(1)</script>", "unknown_view", "script"),
        ("lang=de", "unknown_language", "de"),
        ("show=happiness", "unknown_indicator", "happiness"),
        ("open=77999:20", "unknown_commune", "77999"),
        ("open=77379:1e9", "bad_desks", "1e9"),
        ("close=nowhere", "unknown_site", "nowhere"),
        ("place=commune:00000", "unknown_place", "00000"),
        ("place=telecentre:77186", "unknown_place", "77186"),
        ("worker=1;drop", "unknown_worker", "1;drop"),
        ("day=tomorrow", "bad_day", "tomorrow"),
        ("zzz=1", "unknown_key", "zzz"),
        ("seed=1&seed=2", "address_twice", "seed"),
        ("v=9", "address_format", "9"),
        ("made=0.0~x~y", "version_differs", "0.0~x~y"),
        ("b=%FF%FE", "address_damaged", "%FF"),
        ("&".join(f"k{n}=1" for n in range(200)), "address_damaged", "k0"),
        ("l." + quote("😀" * 10) + "=1", "unknown_lever", "😀"),
    ],
)
def test_a_wrong_word_is_named_and_the_rest_is_loaded(query: str, key: str, word: str) -> None:
    state, problems = decode(query if "damaged" in key else f"theme=dark&{query}", CHECKER)
    assert key in [each.key for each in problems]
    found = next(each for each in problems if each.key == key)
    assert word in found.word
    if "damaged" not in key:
        assert state.theme == "dark"
    for language in ("fr", "en"):
        assert words()[language][key].format(word=found.word, detail=found.detail)
    assert "<" not in found.word


@pytest.mark.parametrize(
    ("query", "language", "says"),
    [
        ("l.prx=1", "en", 'unknown lever: "prx"'),
        ("l.price_day=9999", "en", "nearest bound"),
        ("l.price_day=9999", "fr", "hors de son intervalle"),
        ("made=0.0~a~b", "en", "another version"),
        ("&".join(f"l.a{n}=1" for n in range(200)), "en", "damaged"),
        ("open=77379:9999999&close=atlantis", "en", "number of desks"),
        ("place=commune:99999&worker=nobody", "en", "Unknown place"),
        ("l.strike=2014-10-01..2014-09-01=0.3", "en", "ends before it begins"),
    ],
)
def test_a_wrong_word_is_told_in_the_language_of_the_page(
    open_session: Callable[..., Session], query: str, language: str, says: str
) -> None:
    banner = open_session(f"view=explore&lang={language}&{query}").widget.banner
    sentence = words()[language][banner["key"]].format(**banner["args"])
    assert says in sentence


def test_an_address_that_is_too_long_opens_the_default_page() -> None:
    state, (problem,) = decode("b=" + "x" * LONGEST, CHECKER)
    assert (state, problem.key) == (State(), "address_too_long")


def test_a_number_too_large_for_a_computer_is_no_number() -> None:
    large = 10**400
    state, problems = CHECKER.check({"scene": large, "filters": {"theta": [0, large]}})
    assert state == State()
    assert {each.key for each in problems} == {"bad_scene", "bad_filter"}


def test_a_value_out_of_range_is_brought_to_its_nearest_bound() -> None:
    state, _ = decode("l.price_day=900", CHECKER)
    assert state.levers["price_day"] == levers()["price_day"].high


def test_levers_that_make_no_scenario_are_left_out() -> None:
    query = "l.strike=2014-12-01..2014-12-05=0.5;2014-12-01..2014-12-05=0.7&theme=dark"
    state, problems = decode(query, CHECKER)
    assert [each.key for each in problems] == ["bad_policy"]
    assert (state.levers, state.theme) == ({}, "dark")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_no_text_at_all_raises(query: str) -> None:
    state, _ = decode(query, CHECKER)
    state.scenarios()


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda each: st.lists(each, max_size=3)
        | st.dictionaries(st.text(max_size=4), each, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(sorted(State.__dataclass_fields__)),
)  # fmt: skip
def test_nothing_a_browser_sends_raises(value: object, name: str) -> None:
    state, _ = CHECKER.check({name: value})
    state.scenarios()
    # What is kept of it is accepted again as it is.
    again, more = CHECKER.check(vars(state))
    assert again == state and not more


def test_a_scenario_of_another_period_is_told_by_its_label_and_dates_in_full(
    engine: Engine, geography: Geography
) -> None:
    query = "b=years-2012-2024&lang=fr"
    session = Session(engine, geography, Options(SCALE, seeds=1), Shown(), query)
    session.close()
    label = load_scenario("years-2012-2024").label_fr
    dates = "1er janvier 2014 – 31 décembre 2014"
    assert session.widget.banner["args"] == {"word": label, "detail": dates}


def test_a_scenario_run_on_days_that_it_does_not_have_is_told(
    engine: Engine, geography: Geography
) -> None:
    for query, told in (
        ("a=no-telecentres&b=network-2014", False),
        ("b=hybrid-2022&lang=fr", True),
    ):
        options = Options(SCALE, dt.date(2014, 9, 1), dt.date(2014, 9, 26), seeds=1)
        session = Session(engine, geography, options, Shown(), query)
        session.close()
        assert ("args" in session.widget.banner) == told
    label = load_scenario("hybrid-2022").label_fr
    dates = "1er septembre 2014 – 26 septembre 2014"
    assert session.widget.banner["args"] == {"word": label, "detail": dates}


def test_the_versions_are_those_of_what_decides_numbers(shipped_territory: Territory) -> None:
    made = versions(shipped_territory)
    assert shipped_territory.hash.startswith(made["data_hash"])
    assert encode(State(), shipped_territory).endswith("~".join(made.values()))


def test_a_lever_of_one_target_holds_whatever_the_scenario_plans_for_all(
    shipped_territory: Territory,
) -> None:
    planned = load_scenario("network-2014").with_(
        changes=(Change(dt.date(2014, 6, 2), "price_day", 5.0, target="all"),)
    )
    moved = with_levers(planned, {"price_day@hubstart": 18.0})
    for day, others in ((dt.date(2014, 3, 3), 15.0), (dt.date(2014, 6, 2), 5.0)):
        sites = moved.state_on(day, shipped_territory).sites
        prices = {each.telecentre_id: each.price_day_eur for each in sites}
        assert prices.pop("hubstart") == 18.0
        assert set(prices.values()) == {others}


def test_a_scenario_with_levers_moved_is_named_so() -> None:
    plain, one, two = (
        State(levers=levers).scenarios()[1]
        for levers in ({}, {"price_day": 2.0}, {"price_day": 2.0, "employer_budget": 80.0})
    )
    assert (one.label_fr, one.label_en) == (
        f"{plain.label_fr}, avec 1 changement", f"{plain.label_en}, with 1 change",
    )  # fmt: skip
    assert two.label_fr == f"{plain.label_fr}, avec 2 changements"
    assert len({each.hash for each in (plain, one, two)}) == 3
