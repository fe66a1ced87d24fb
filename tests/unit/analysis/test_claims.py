"""The claims register: complete entries, one rule for verdicts, and measures that add up."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

import sim77
from sim77.analysis.claims.claims import (
    NOT_SUPPORTED,
    OUTSIDE,
    SUPPORTED,
    UNDECIDED,
    Claim,
    Claims,
    claim_of,
    interval,
    register,
    table_of,
    verdict,
)
from sim77.cli import main
from sim77.core.errors import ResultError
from sim77.core.units import HALF_COLUMNS
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import centres_by_column
from sim77.registry.levers import levers
from sim77.registry.parameters import load_parameters
from sim77.runs.measures import (
    ALL,
    ANY_HALF_DAY,
    HALF_DAY,
    MEASURES,
    OFFICE_DAY,
    SHARES,
    PairSeen,
    UserDays,
    day_of,
)
from sim77.scenario.scenario import Scenario, scenario_names
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

TESTED = [claim for claim in register().claims.values() if claim.measure]


def a_claim(number: float, sense: str = "about", **more: object) -> Claim:
    text = {"en": "It is so.", "fr": "C'est ainsi."}
    entry = {
        "text": text, "number": number, "sense": sense, "unit": text, "whose": "somebody",
        "source": "a book", "measure": "minutes_saved_per_telecentre_day", **more,
    }  # fmt: skip
    return claim_of("it", entry, ("pair",), tolerance=0.2)


# The register


@pytest.mark.parametrize("claim", register().claims.values(), ids=lambda claim: claim.name)
def test_a_claim_is_complete(claim: Claim) -> None:
    assert bool(claim.measure) != bool(claim.outside)
    assert claim.low <= claim.number <= claim.high
    for texts in (claim.text, claim.unit, claim.outside or claim.condition):
        assert set(texts) == {"fr", "en"} and all(texts.values())
    assert set(claim.positive) == set(claim.negative) <= {"fr", "en"}
    # A claim of direction says in words which way its number points.
    if claim.measure and claim.number == 0.0:
        assert claim.positive, "its sign would have to be guessed"
    assert claim.whose and claim.source
    assert claim.measure in ("", *MEASURES)
    assert set(claim.pairs) <= set(register().pairs)
    for name in claim.assumes:
        assert load_parameters()[name].confidence in ("A", "D", "U"), name


def test_the_pairs_are_shipped_scenarios() -> None:
    assert {each for pair in register().pairs.values() for each in pair} <= set(scenario_names())


# The rule


@pytest.mark.parametrize(
    ("sense", "number", "low", "high", "expected"),
    [
        ("about", 73, 70, 75, SUPPORTED),
        ("about", 73, 80, 90, UNDECIDED),
        ("about", 73, 100, 110, NOT_SUPPORTED),
        ("about", 73, 10, 20, NOT_SUPPORTED),
        ("about", 73, 40, 120, UNDECIDED),
        ("at_least", 5, 5, 6, SUPPORTED),
        ("at_least", 5, 4, 6, UNDECIDED),
        ("at_least", 5, 3, 4, NOT_SUPPORTED),
        ("at_most", 5, 4, 5, SUPPORTED),
        ("at_most", 5, 5.1, 6, NOT_SUPPORTED),
        ("above", 0, 0.1, 1, SUPPORTED),
        ("above", 0, -1, 1, UNDECIDED),
        ("above", 0, 0, 0, NOT_SUPPORTED),
        ("below", 0, -2, -1, SUPPORTED),
        ("below", 0, -1, 1, UNDECIDED),
        ("below", 0, 0, 0, NOT_SUPPORTED),
        ("below", 0, 1, 2, NOT_SUPPORTED),
        ("about", 73, math.nan, math.nan, UNDECIDED),
    ],
)
def test_the_rule(sense: str, number: float, low: float, high: float, expected: str) -> None:
    assert verdict(a_claim(number, sense), low, high) == expected


def test_what_the_model_cannot_tell_is_outside_whatever_the_numbers() -> None:
    claim = a_claim(13, outside={"en": "no", "fr": "non"})
    assert verdict(claim, 13, 13) == OUTSIDE


def test_up_to_a_number_is_no_less_true_of_less() -> None:
    claim = register().claims["time_saved_80"]
    found = [verdict(claim, mean - 1, mean + 1) for mean in (20, 60, 80, 90)]
    assert found == [SUPPORTED, SUPPORTED, UNDECIDED, NOT_SUPPORTED]


def test_a_stated_interval_replaces_the_tolerance() -> None:
    assert (a_claim(1.75, low=1.5, high=2).low, a_claim(1.75, low=1.5, high=2).high) == (1.5, 2)
    assert (a_claim(-10).low, a_claim(-10).high) == (-12, -8)


def test_an_unknown_sense_is_named() -> None:
    with pytest.raises(ResultError, match=r"unknown sense 'abowt'\. Did you mean 'about'\?"):
        a_claim(1, "abowt")


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.name)
def test_changing_the_number_flips_the_verdict(claim: Claim) -> None:
    """Runs at the claim's number support it; the same runs do not when it claims far otherwise."""
    inside = claim.number + {"above": 1.0, "below": -1.0}.get(claim.sense, 0.0)
    seeds = [{claim.measure: inside + wobble} for wobble in (-1e-3, 0.0, 1e-3)]
    if claim.sense in ("at_least", "at_most"):
        shift = 0.1 if claim.sense == "at_least" else -0.1
        seeds = [{claim.measure: each[claim.measure] + shift} for each in seeds]
    far = 1000.0 * (1.0 if claim.sense in ("about", "at_least", "above") else -1.0)
    moved = replace(
        claim,
        number=claim.number + far,
        low=claim.low + far,
        high=claim.high + far,
    )
    measured = {name: seeds for name in claim.pairs}
    assert set(table_of([claim], measured)["verdict"]) == {SUPPORTED}
    assert set(table_of([moved], measured)["verdict"]) == {NOT_SUPPORTED}


def test_the_interval_is_students_and_leaves_out_seeds_without_an_observation() -> None:
    mean, low, high = interval([1.0, math.nan, 3.0])
    assert mean == 2.0
    assert high - mean == pytest.approx(12.7062, abs=1e-3)
    assert mean - low == pytest.approx(high - mean)
    assert math.isnan(interval([1.0])[1])
    assert all(math.isnan(each) for each in interval([math.nan]))


def test_the_interval_of_a_share_ends_where_shares_do() -> None:
    measure = "percent_of_telecentre_days_by_independents"
    claims = [a_claim(62.0, measure=measure), a_claim(62.0)]
    row, other = table_of(
        claims, {"pair": [{measure: x, claims[1].measure: x} for x in (97.0, 100.0)]}
    ).to_dict("records")
    assert (row["mean"], row["high"]) == (98.5, 100.0)
    assert other["low"] == row["low"] < 97.0
    assert other["high"] > 100.0
    assert set(MEASURES) > SHARES
    single = table_of(claims[:1], {"pair": [{measure: 97.0}]})
    assert single[["low", "high"]].isna().all(axis=None)


# The measures


@pytest.fixture(scope="module")
def without(tiny_scenario: Scenario) -> Scenario:
    return replace(tiny_scenario, name="without", network=())


def test_days_of_single_workers_add_up_to_the_account(
    eventful_scenario: Scenario, small_territory: Territory
) -> None:
    # The kilometres of those who work at home are in the account and of no worker.
    scenario = eventful_scenario.with_(
        parameters={**eventful_scenario.parameters, "asc_own_account": -1e6}, outside_ranges=True
    )
    model = CommuteModel(scenario, territory=small_territory)
    seen = 0
    while model.running:
        model.step()
        rows = np.flatnonzero(model.columns.kind >= 0)
        day = day_of(model, rows)
        seen += int((model.columns.alternative >= 0).sum())
        for name in (
            "workers_at_work", *HALF_COLUMNS, "home", "telecentre", "remote_half_days",
            "travel_min", "rail_km", "car_km", "station_car_km", "bus_km", "active_km", "cost_eur",
            "fatigue", "centre_car_km", "desk_price_eur",
        ):  # fmt: skip
            total = model.recorder.totals[OUTPUT_COLUMNS.index(name)]
            assert model.columns.weight[rows] @ day[name] == pytest.approx(total, abs=1e-9), name
        # Of the desks open at a centre its commuters have the part that they are of its users.
        at = centres_by_column(model.recorder.centres[len(model.recorder.days) - 1][None])
        part = at["worker_days"] / np.maximum(at["occupied"], 0.5)
        expected = (at["desks"] * part).sum()
        assert model.columns.weight[rows] @ day["desks_open"] == pytest.approx(expected)
    assert seen > 0


def test_users_days_compare_with_the_same_persons_day_without_centres(
    tiny_scenario: Scenario, without: Scenario, small_territory: Territory
) -> None:
    liked = {"asc_tc_telecentre": 0.0, "asc_tc_coworking": 0.0, "asc_half": 0.0}
    a, b = (
        CommuteModel(each.with_(parameters={**each.parameters, **liked}), territory=small_territory)
        for each in (without, tiny_scenario)
    )
    users, days, commutes, half_days = UserDays(), 0, 0, 0
    while a.running:
        a.step()
        b.step()
        users.see(a, b)
        at_centre = b.columns.kind == 3
        days += int(at_centre.sum())
        commutes += int((at_centre & (a.columns.kind == 0)).sum())
        half_days += int((b.columns.kind == 1).sum())
    assert users.sums[ANY_HALF_DAY]["days"] == half_days > users.sums[HALF_DAY]["days"] > 0
    assert days > commutes > 0
    assert users.sums[ALL]["days"] == days
    assert users.sums[OFFICE_DAY]["days"] == commutes
    assert users.per_day("minutes", OFFICE_DAY) > users.per_day("minutes")


def test_a_pair_without_a_difference_has_no_effect_and_one_with_centres_has_users(
    tiny_scenario: Scenario, without: Scenario, small_territory: Territory
) -> None:
    def measured(*scenarios: Scenario) -> dict[str, float]:
        a, b = (CommuteModel(each, territory=small_territory) for each in scenarios)
        pair = _seen(a, b)
        return {name: of(pair) for name, of in MEASURES.items()}

    same = measured(without, without)
    for name, value in same.items():
        if name.endswith(("_change", "_percent")):
            assert value == 0.0, name
    assert math.isnan(same["minutes_saved_per_telecentre_day"])
    other = measured(without, tiny_scenario)
    assert other.keys() == MEASURES.keys()
    assert 0.0 < other["percent_of_work_in_telecentres"] < 100.0
    assert (
        other["percent_of_workers_using_telecentres"]
        <= other["percent_of_teleworkers_using_telecentres"]
        <= 100.0
    )


def _seen(a: CommuteModel, b: CommuteModel) -> PairSeen:
    users = UserDays()
    while a.running:
        a.step()
        b.step()
        users.see(a, b)
    return PairSeen(a, b, users)


def test_euros_a_month_are_of_the_months_simulated_a_begun_one_in_part(
    tiny_scenario: Scenario, without: Scenario, small_territory: Territory
) -> None:
    # Ten days of a September of 22, the last one of it among them, and October's first three.
    first, last = dt.date(2014, 9, 17), dt.date(2014, 10, 3)
    # Whoever comes once subscribes the month after, who works at home stays there.
    few = {"price_month_eur": 30.0, "asc_own_account": -1e6, "asc_tc_telecentre": 0.0}
    a, b = (
        CommuteModel(
            each.with_(parameters={**each.parameters, **few}),
            territory=small_territory, start=first, end=last,
        )
        for each in (without, tiny_scenario)
    )  # fmt: skip
    seen = _seen(a, b)
    paid = b.recorder.communes[:, :, OUTPUT_COLUMNS.index("subscription_eur")].sum()
    assert seen.users.subscriptions_eur == pytest.approx(paid) and paid > 0.0
    days = b.columns.days_by_kind
    users = b.columns.weight[(days[1] > 0) | (days[3] > 0)].sum()
    saved = seen.users.sums[ALL]["eur"] + seen.users.sums[ANY_HALF_DAY]["eur"] - paid
    months = 10 / 22 + 3 / 23
    found = MEASURES["eur_saved_per_user_and_month"](seen)
    assert found == pytest.approx(saved / (users * months))


def test_persons_of_a_week_are_those_of_whole_weeks(
    tiny_scenario: Scenario, without: Scenario, small_territory: Territory
) -> None:
    def seen(first: dt.date, last: dt.date) -> PairSeen:
        a, b = (
            CommuteModel(each, territory=small_territory, start=first, end=last)
            for each in (without, tiny_scenario)
        )
        return _seen(a, b)

    # From a Thursday to a Tuesday, with one whole week between.
    cut = seen(dt.date(2014, 9, 4), dt.date(2014, 9, 16))
    (week,) = cut.b.recorder.weeks.values()
    workers, some_time = week.sum(axis=0)[:2]
    assert cut.users.persons_weeks[1:] == pytest.approx([some_time, workers])
    none = seen(dt.date(2014, 9, 11), dt.date(2014, 9, 16))
    assert math.isnan(MEASURES["percent_of_workers_using_telecentres"](none))


# The texts


def test_the_text_says_range_verdict_and_source_in_both_languages(
    shipped_territory: Territory,
) -> None:
    claims = [
        a_claim(73, year=2014),
        a_claim(13, measure="", outside={"en": "no output", "fr": "rien"}),
    ]
    names = ["one", "two"]
    claims = [replace(claim, name=name) for claim, name in zip(claims, names, strict=True)]
    measure = "minutes_saved_per_telecentre_day"
    table = table_of(claims, {"pair": [{measure: 29.0}, {measure: 31.0}]})
    english, french = (
        " ".join(sim77.text(Claims(table, shipped_territory, 0.5), language).split())
        for language in ("en", "fr")
    )
    assert "claimed: about 73" in english and "from 58.4 to 87.6 supports it" in english
    assert "NOT SUPPORTED: pair, 30.0 (95%: 17.3 to 42.7), the model gives less" in english
    assert "OUTSIDE THE MODEL: no output" in english
    assert "source: somebody, a book, 2014" in english
    assert "sample of 50%" in english
    assert "Workers in scope: Seine-et-Marne, workplace in one of these zones: Paris." in english
    assert "only 15% of the territory's commuters are simulated" in english.replace("’", "'")
    assert "NON CONFIRMÉE : pair, 30,0 (95 % : 17,3 à 42,7), le modèle donne moins" in french
    with pytest.raises(ResultError, match="Unknown language 'de'"):
        sim77.text(Claims(table, shipped_territory), "de")


def test_a_claim_tells_how_many_seeds_it_is_judged_by(shipped_territory: Territory) -> None:
    claims = [replace(a_claim(73, measure=name), name=name) for name in ("often", "rarely")]
    measures = [{"often": 29.0, "rarely": math.nan}]
    measures += [{"often": each, "rarely": each} for each in (30.0, 31.0)]
    table = table_of(claims, {"pair": measures})
    assert table["seeds"].tolist() == [3, 2]
    shown = " ".join(sim77.text(Claims(table, shipped_territory), "en").split())
    assert shown.count("over 2 of the 3 seeds") == 1
    assert "interval over 3 paired seeds" in shown
    draws = table_of(claims, {"pair": measures + measures[1:2]}, seeds_per_draw=2)
    assert draws["seeds"].tolist() == [4, 2]


def test_the_command_prints_every_claim(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("claims", "--seeds", "1", "--scale", "0.02", "--from", "2014-12-01", "--to")
    pair = ("--scenario-pair", "no-telecentres", "network-2014")
    assert main.main((*words, "2014-12-05", *pair)) == 0
    shown = capsys.readouterr().out
    for name in register().claims:
        assert f"[{name}]" in shown
    told = " ".join(shown.split())
    assert "UNDECIDED: “Network announced for 2014” compared with “No telecentres”" in told
    assert "over 1 paired seeds" not in told, "one seed has no interval to be judged by"


def test_what_is_not_measured_is_a_verdict_of_its_own(shipped_territory: Territory) -> None:
    claims = [replace(a_claim(73, measure=name), name=name) for name in ("often", "never")]
    table = table_of(
        claims, {"pair": [{"often": x, "never": math.nan} for x in (60.0, 80.0, 70.0)]}
    )
    shown = " ".join(sim77.text(Claims(table, shipped_territory), "en").split())
    assert "UNDECIDED: 1; NOT MEASURED: 1" in shown


def test_claims_are_tested_on_another_territory_with_its_own_scenarios(
    small_territory: Territory, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("claims", "--seeds", "1", "--from", "2014-12-01", "--to", "2014-12-05")
    own = ("--scenario-pair", "no-telecentres", "both-centres")
    territory = ("--territory", str(small_territory.folder))
    assert main.main((*words, *own, *territory)) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "both-centres" in shown
    assert "Workers in scope: Invented land, workplace in one of these zones: Paris." in shown


@pytest.mark.parametrize("language", ["en", "fr"])
def test_claims_and_levers_name_no_centre_of_one_territory(language: str) -> None:
    texts = [
        part[language]
        for claim in register().claims.values()
        for part in (claim.text, claim.condition)
        if part
    ]
    texts += [getattr(lever, f"label_{language}") for lever in levers().values()]
    assert not [text for text in texts if "Paris" in text]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seeds", "0"), "The number of seeds must be a whole number from 1 to 1000, not 0."),
        (("--lang", "de"), "unknown lang 'de'."),
        (("--scenario-pair", "no-telecentres", "hybrid-2022"), "'no-telecentres' runs from"),
        (("--scenario-pair", "no-telecentre", "hybrid-2022"), "unknown scenario"),
        (("--scenario-pair", "network-2013", "network-2014"), "'network-2013' has some from"),
        (("--scenario-pair", "no-telecentres", "no-telecentres"), "'no-telecentres' has none from"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(("claims", *words)) == 2
    shown = capsys.readouterr().err
    assert sentence.lower() in shown.lower()
    assert shown.count("\n") == 1


def test_a_pair_of_other_years_is_left_out() -> None:
    from sim77.analysis.claims.claims import check_claims

    of_riders = [claim for claim in TESTED if claim.measure == "peak_riders_percent"]
    day = dt.date(2014, 3, 3)
    found = check_claims(seeds=1, scale=0.01, start=day, end=day, processes=1, claims=of_riders)
    assert list(found.table["pair"]) == ["network-2014"]
    day = dt.date(2031, 3, 3)
    with pytest.raises(ResultError, match="No claim is tested from 2031-03-03 to 2031-03-03"):
        check_claims(seeds=1, start=day, end=day, claims=of_riders)


def test_the_period_of_a_pair_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    from sim77.analysis.claims.claims import check_claims

    day = dt.date(2014, 3, 3)
    of_riders = [claim for claim in TESTED if claim.measure == "peak_riders_percent"]
    claims = check_claims(
        seeds=2, scale=0.01, start=day, end=day, processes=1,
        pair=("no-telecentres", "hybrid-2022"), claims=of_riders,
    )  # fmt: skip
    assert list(claims.table["pair"]) == ["hybrid-2022"]
    assert list(claims.table["seeds"]) == [2]
    more = Claims(claims.table.assign(seeds=5), claims.territory)
    told = ["Too few seeds to conclude" in sim77.text(each, "en") for each in (claims, more)]
    assert told == [True, False]


def test_a_territory_without_the_scenarios_of_the_claims_is_told_what_to_do(
    small_territory: Territory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(small_territory.folder)
    assert main.main(["claims", "--territory", folder, "--seeds", "1"]) == 2
    said = capsys.readouterr().err
    assert "test them on two of its own, with --scenario-pair A B. (network-2014, line" in said
    assert len(said.splitlines()) == 1
