"""The market for desks: what cannot be gamed, who pays, who comes, how a centre becomes known."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.core.geography import crow_fly_km
from sim77.core.units import OCCUPATION_GROUPS, Plan
from sim77.engine.aggregation import DESK_PRICE_EUR, WEEK_VALUE_EUR
from sim77.engine.arrays import ChoiceSets
from sim77.engine.booking import subscriptions_earned
from sim77.engine.columns import considers_centres
from sim77.engine.model import CommuteModel
from sim77.engine.organisations import awareness
from sim77.engine.organisations.operators import posted
from sim77.engine.places import place_keys
from sim77.engine.recorder import CENTRE_COLUMNS
from sim77.registry.parameters import ParameterSet, load_parameters
from sim77.scenario.policy import SiteState
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.territory import Territory, load_territory
from tests.conftest import EVERYBODY_CONSIDERS

pytestmark = pytest.mark.science

Column = Callable[[str], np.ndarray]
START, END = dt.date(2022, 3, 7), dt.date(2022, 3, 18)
SEEDS = range(1, 11)
LIKED = {
    **EVERYBODY_CONSIDERS,
    **{f"share_covered_{group}": 0.8 for group in ("managers", "intermediate", "independents")},
    "asc_tc_telecentre": 0.5,
    "exogenous_share_urban": 0.0,
}


def towns(territory: Territory, parts: int, *openings: str) -> Territory:
    """Return a territory where each of two communes has a centre, cut into so many.

    Without dates of opening, of the first parts in order, they are established.
    """
    like = territory.telecentres.iloc[[0]]
    rows = []
    for name in ("99001", "99002"):
        home = territory.communes.set_index("code").loc[name]
        for part in range(parts):
            rows.append(
                like.assign(
                    telecentre_id=f"{name}-{part}", commune_code=name,
                    opening_date=dict(enumerate(openings)).get(part, ""),
                    lat=home["lat"], lon=home["lon"],
                )
            )  # fmt: skip
    table = pd.concat(rows, ignore_index=True)
    return replace(territory, telecentres=table, hash=f"cut into {parts} {openings}")


def on_a_border(territory: Territory, codes: list[str]) -> Territory:
    """Return a territory with centres at one spot, each said to lie in one of some communes."""
    here = territory.communes.set_index("code").loc[["99001", "99002"]].mean(numeric_only=True)
    like = territory.telecentres.iloc[0]
    table = pd.DataFrame([
        {
            **like, "telecentre_id": f"part-{n}", "commune_code": code, "opening_date": "",
            "lat": here["lat"], "lon": here["lon"],
        }
        for n, code in enumerate(codes)
    ]).astype(territory.telecentres.dtypes.to_dict())  # fmt: skip
    return replace(territory, telecentres=table, hash=f"on a border, {codes}")


def run(territory: Territory, names: list[str], desks: int, seed: int, **others: Any) -> Column:
    """Return what is recorded of all centres together by day, by name of column."""
    scenario = Scenario(
        *("market", "", "", "", ""), start=START, end=others.pop("end", END),
        # A week before the first day is enough for what differences are measured on.
        parameters=LIKED | {"burn_in_days": 5.0} | others.pop("parameters", {}),
        network=tuple(SiteSpec(name, desks=desks) for name in names), outside_ranges=True, **others,
    )  # fmt: skip
    model = CommuteModel(scenario, territory=territory, seed=seed)
    while model.running:
        model.step()
    sums = model.recorder.centres.sum(axis=1)
    return lambda name: sums[:, CENTRE_COLUMNS.index(name)]


def use(territory: Territory, names: list[str], desks: int, seed: int, **others: Any) -> float:
    """Return days at all centres, half days counting a half."""
    column = run(territory, names, desks, seed, **others)
    days = column("whole_days") + 0.5 * column("half_days") + column("home_based_users")
    return float(days.sum())


NEW = "2021-09-01"
"""An opening so late that few know of it in the days that are simulated."""


@pytest.mark.parametrize(
    ("parts", "openings"),
    [
        (2, []),
        (4, []),
        pytest.param(2, [NEW] * 2, id="new"),
        pytest.param(2, [NEW, "2022-03-14"], id="one-after-the-other"),
    ],
)
def test_a_centre_cut_into_parts_at_its_place_draws_what_it_drew(
    small_territory: Territory, parts: int, openings: list[str]
) -> None:
    whole, cut = (
        [
            use(territory, list(territory.telecentres["telecentre_id"]), desks, seed)
            for seed in SEEDS
        ]
        for territory, desks in (
            (towns(small_territory, 1, *openings[:1]), 40),
            (towns(small_territory, parts, *openings), 40 // parts),
        )
    )
    change = np.sum(cut) / np.sum(whole) - 1.0
    print(f"{np.sum(whole):.0f} worker-days, cut into {parts}: {change:+.3f}")
    assert np.mean(whole) > 10.0
    assert abs(change) < 0.05


def test_a_new_site_joins_what_is_known_and_takes_nothing_from_it(
    small_territory: Territory,
) -> None:
    """Undated next to a centre that few know, and dated next to one that all know."""
    names, beside, seeds = ["99001-0", "99002-0"], ["new-99001", "new-99002"], SEEDS[:10]

    def all_seeds(land: Territory, open_sites: list[str], desks: int) -> float:
        return sum(use(land, open_sites, desks, seed) for seed in seeds)

    # Other services draw some people, whoever knows the place.
    few_know, all_know = (
        all_seeds(land, [*names, *beside], 20) / all_seeds(land, names, 40)
        for land in (towns(small_territory, 1, NEW), towns(small_territory, 1))
    )
    print(f"with new sites beside {few_know:.3f} where few know the place, {all_know:.3f} else")
    assert few_know == pytest.approx(all_know, rel=0.05)
    one, two = (towns(small_territory, 1), towns(small_territory, 2, "", NEW))
    alone = all_seeds(one, names, 40)
    second = all_seeds(two, list(two.telecentres["telecentre_id"]), 40)
    print(f"{alone:.0f} worker-days, {second:.0f} with a second one that has a date")
    assert second > 0.98 * alone


def test_a_centre_cut_into_parts_earns_what_it_earned(small_territory: Territory) -> None:
    """Of its parts each user has one, hence a subscription: nobody pays more by the day instead."""
    sums = {}
    for parts in (1, 4):
        land = towns(small_territory, parts)
        names = list(land.telecentres["telecentre_id"])
        columns = [
            run(land, names, 40 // parts, seed, end=dt.date(2022, 4, 29)) for seed in SEEDS[:5]
        ]
        sums[parts] = {
            name: float(sum(column(name).sum() for column in columns))
            for name in ("subscribers", "revenue_workers_eur", "revenue_others_eur")
        }
    print(sums)
    assert sums[1]["subscribers"] > 100
    assert sums[4] == pytest.approx(sums[1], rel=0.02, abs=100.0)


def test_a_centre_cut_along_a_border_of_communes_draws_what_it_drew(
    small_territory: Territory,
) -> None:
    whole, cut = (
        [
            use(
                on_a_border(small_territory, codes), [f"part-{n}" for n in range(len(codes))],
                40 // len(codes), seed,
            )
            for seed in SEEDS
        ]
        for codes in (["99001"], ["99001", "99002"])
    )  # fmt: skip
    change = np.sum(cut) / np.sum(whole) - 1.0
    print(f"{np.sum(whole):.0f} worker-days, cut along a border: {change:+.3f}")
    assert np.mean(whole) > 20.0
    assert abs(change) < 0.05


def test_two_centres_ten_kilometres_apart_are_hardly_touched(small_territory: Territory) -> None:
    """Those of different places share no error: the scale of a place's nest changes nothing."""
    land, names = towns(small_territory, 1), ["99001-0", "99002-0"]
    one, other = (
        sum(use(land, names, 40, seed, parameters={"mu_place": mu_place}) for seed in SEEDS)
        for mu_place in (0.02, 1.0)
    )
    assert one == pytest.approx(other, rel=0.03)


ALL_PAID = {
    "share_agreements_paying": 1.0, "employer_ceiling_eur_per_day": 1e6,
    "employer_budget_eur_per_month": 1e9, "share_covered_independents": 0.0,
    "asc_own_account": -1e6, "mobile_visits_per_resident_at_work": 0.0, "price_month_eur": 1e9,
}  # fmt: skip


def test_a_price_of_0_equals_an_employer_who_pays_all(small_territory: Territory) -> None:
    land, names = towns(small_territory, 1), ["99001-0", "99002-0"]
    for seed in SEEDS:
        free, paid = (
            use(land, names, 40, seed, parameters=ALL_PAID | prices)
            for prices in (
                {"price_day_eur": 0.0, "price_half_day_eur": 0.0, "price_hour_eur": 0.0},
                {"price_day_eur": 60.0, "price_half_day_eur": 40.0, "price_hour_eur": 15.0},
            )
        )
        assert free == paid > 0.0


def test_a_dearer_day_that_nobody_pays_changes_nothing(small_territory: Territory) -> None:
    """Two half-days cost less: who subscribes, and so who comes, goes by what is paid."""
    recorded = {}
    for price in (16.0, 60.0):
        column = run(
            towns(small_territory, 1), ["99001-0", "99002-0"], 40, 1, end=dt.date(2022, 5, 31),
            parameters={"price_day_eur": price, "price_half_day_eur": 8.0},
        )  # fmt: skip
        recorded[price] = {name: column(name) for name in CENTRE_COLUMNS}
        assert column("subscribers").any()
    assert all(
        np.array_equal(recorded[16.0][name], recorded[60.0][name]) for name in CENTRE_COLUMNS
    )


def test_whoever_paid_as_much_by_the_half_day_as_a_month_costs_subscribes() -> None:
    one_centre = ChoiceSets(
        np.array([0, 0, 1]), np.zeros(1, dtype=np.int64), *(np.zeros((4, 1)) for _ in range(3)),
        np.zeros(1, dtype=np.int8), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    offer = posted(["here"], [SiteState("here", 10, 15.0, 8.0, 4.0, 187.0)])
    half_days = np.array([[23 * 8.0], [24 * 8.0]], dtype=np.float32)
    found = subscriptions_earned(
        half_days, np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.bool_), one_centre, offer
    )
    assert found.tolist() == [0, 1]


EMPLOYEES_ALONE = {
    "share_agreements_paying": 1.0, "share_covered_independents": 0.0, "asc_own_account": -1e6,
    "mobile_visits_per_resident_at_work": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("who", [EMPLOYEES_ALONE, {"exogenous_share_urban": 0.1}])
def test_four_times_the_price_brings_no_three_times_the_revenue(
    small_territory: Territory, who: dict[str, float]
) -> None:
    """Also of those whose employers all pay: without ceiling and budget they would not mind."""

    def revenue(factor: float) -> float:
        prices = {
            "price_day_eur": 15.0 * factor, "price_half_day_eur": 8.0 * factor,
            "price_hour_eur": 4.0 * factor, "price_month_eur": 187.0 * factor,
            **who,
        }  # fmt: skip
        total = 0.0
        for seed in SEEDS:
            column = run(
                towns(small_territory, 1), ["99001-0", "99002-0"], 40, seed, parameters=prices
            )
            total += column("revenue_workers_eur").sum() + column("revenue_others_eur").sum()
        return total

    cheap, dear = revenue(1.0), revenue(4.0)
    print(f"revenue {cheap:.0f} at 15 EUR a day, {dear:.0f} at 60")
    assert 0.0 < dear < 3.0 * cheap


@pytest.mark.parametrize("parts", [2, 4])
def test_mobile_staff_come_no_more_to_a_centre_cut_into_parts(
    small_territory: Territory, parts: int
) -> None:
    expected = []
    for pieces in (1, parts):
        land = towns(small_territory, pieces)
        names = land.telecentres["telecentre_id"]
        network = tuple(SiteSpec(name, desks=40 // pieces) for name in names)
        scenario = Scenario(*("mobile", "", "", "", ""), start=START, end=START, network=network)
        model = CommuteModel(scenario, territory=land)
        model.step()
        expected.append(float(model.memory.centres.mobile_expected.sum()))
    assert expected[0] > 0.0
    assert expected[1] == pytest.approx(expected[0], rel=0.05)


def test_visitors_by_the_hour_mind_the_price_of_an_hour(small_territory: Territory) -> None:
    nobody_else = {
        **dict.fromkeys(EVERYBODY_CONSIDERS, 0.0), "mobile_visits_per_resident_at_work": 0.0,
    }  # fmt: skip
    paid = []
    for factor in (1.0, 4.0, 0.25):
        prices = {"price_hour_eur": 4.0 * factor}  # that of a day stays
        scenario = Scenario(
            *("visitors", "", "", "", ""), start=START, end=END, outside_ranges=True,
            parameters=LIKED | nobody_else | prices | {"visitor_hours_per_desk_day": 1.0},
            network=(SiteSpec("99001-0", desks=40),),
        )  # fmt: skip
        model = CommuteModel(scenario, territory=towns(small_territory, 1))
        while model.running:
            model.step()
        paid.append(float(model.memory.operators.accounts.revenue_others_eur.sum()))
    assert paid[1] / paid[0] == pytest.approx(4.0 * np.exp(-0.5 * 3.0))
    # Hours are no share: at a low price a desk sells more than one a day.
    assert paid[2] / paid[0] == pytest.approx(0.25 * np.exp(-0.5 * -0.75))


def test_a_new_centre_becomes_known_and_promotion_helps(small_territory: Territory) -> None:
    land, end = towns(small_territory, 1), dt.date(2023, 3, 31)
    opens = {"changes": (Change(dt.date(2022, 3, 8), "open_telecentre", 40, target="99002-0"),)}
    known = {}
    alone = {"awareness_elsewhere": 1.0, "awareness_colleagues": 0.0}
    for promoted in (0.02, 0.2):
        column = run(
            land, [], 40, 1, end=end, **opens,
            parameters={"awareness_innovation_per_month": promoted, **alone},
        )  # fmt: skip
        known[promoted] = column("known")
        users = column("whole_days") + 0.5 * column("half_days") + column("home_based_users")
        assert known[promoted][0] == users[0] == 0.0
        assert known[promoted][1] == pytest.approx(promoted)
        assert (np.diff(known[promoted]) >= 0.0).all()
        quarter = 60
        assert users[-quarter:].sum() > users[:quarter].sum()
    share = 0.02
    for _ in range(12):  # first days of months
        share += (1.0 - share) * (0.02 + 0.12 * share)
    assert known[0.02][-1] == pytest.approx(share)
    assert known[0.2][-1] > 0.9


def known_on(
    land: Territory, day: dt.date, begins: dt.date, *changes: Change, opening: dt.date | None = None
) -> float:
    """Return the mean share of residents around who know the towns' centre on a day."""
    network = (SiteSpec("99001-0", desks=40, opening=opening),) if opening else ()
    scenario = Scenario(
        *("known", "", "", "", ""), start=begins, end=day, network=network, changes=changes
    )
    model = CommuteModel(scenario, territory=land)
    while model.running:
        model.step()
    assert model.day == day
    return float(model.memory.centres.known_around[0])


MAY_3, JUNE_1, JULY_1 = dt.date(2022, 5, 3), dt.date(2022, 6, 1), dt.date(2022, 7, 1)


@pytest.mark.parametrize(
    "begins", [dt.date(2022, 4, 4), MAY_3, dt.date(2022, 5, 23), JUNE_1, JULY_1]
)
@pytest.mark.parametrize("by_change", [True, False], ids=["change", "network"])
def test_how_many_know_a_centre_does_not_depend_on_the_day_a_run_begins(
    small_territory: Territory, begins: dt.date, by_change: bool
) -> None:
    """A promotion before the run, and an opening by a change, count from their own dates."""
    land = towns(small_territory, 1)
    opens = Change(MAY_3, "open_telecentre", 40, target="99001-0")
    told = Change(dt.date(2022, 6, 13), "promotion", 0.3, until=dt.date(2022, 6, 24))
    if by_change:
        found = known_on(land, JULY_1, begins, opens, told)
    else:
        found = known_on(land, JULY_1, begins, told, opening=MAY_3)
    assert found == pytest.approx(known_on(land, JULY_1, dt.date(2022, 4, 4), opens, told))
    assert found < 0.5


def test_a_centre_that_opens_again_is_known_since_its_first_opening(
    small_territory: Territory,
) -> None:
    land = towns(small_territory, 1)
    again = (
        Change(dt.date(2022, 6, 7), "close_telecentre", target="99001-0"),
        Change(dt.date(2022, 6, 10), "open_telecentre", 40, target="99001-0"),
    )
    begins = dt.date(2022, 5, 23)
    found = known_on(land, JULY_1, begins, *again, opening=MAY_3)
    assert found == pytest.approx(known_on(land, JULY_1, begins, opening=MAY_3))
    network = (SiteSpec("99001-0", desks=40),)
    old = replace(land, telecentres=land.telecentres.assign(opening_date="2022-05-03"))
    scenario = Scenario(
        *("again", "", "", "", ""), start=begins, end=begins, network=network, changes=again
    )
    assert CommuteModel(scenario, territory=old).world.opened == [MAY_3]


def test_a_promotion_acts_as_long_as_it_lasts(small_territory: Territory) -> None:
    land = towns(small_territory, 1)
    opens = Change(MAY_3, "open_telecentre", 40, target="99001-0")

    def after(first: int, last: int) -> float:
        told = Change(dt.date(2022, 6, first), "promotion", 0.5, until=dt.date(2022, 6, last))
        return known_on(land, JULY_1, dt.date(2022, 5, 2), opens, told)

    none = known_on(land, JULY_1, dt.date(2022, 5, 2), opens)
    one_day, one_week, all_month = after(1, 1), after(13, 17), after(1, 30)
    assert none < one_day < one_week < all_month
    days = 21  # of June 2022, Whit Monday not among them
    assert one_day - none == pytest.approx((all_month - none) / days)
    assert one_week - none == pytest.approx(5 * (all_month - none) / days)


def test_it_is_known_first_at_home_then_by_neighbours_and_colleagues(
    small_territory: Territory,
) -> None:
    """Who works where nobody lives in reach hears less from colleagues, so it spreads slower."""
    communes = small_territory.communes
    row = int(np.flatnonzero(small_territory.sites["telecentre_id"] == "bourg")[0])
    home = small_territory.sites["commune_code"].iloc[row]
    values = {name: each.value for name, each in load_parameters().items()}

    def after_a_year(**changed: float) -> np.ndarray:
        p = ParameterSet({**values, **changed})
        around = awareness.surroundings(small_territory, [row], p)
        innovation = p.awareness_innovation_per_month
        nobody, opens = np.zeros((1, len(communes))), np.array([True])
        known = awareness.announced(nobody, opens, around, innovation, p)
        for _ in range(12):
            known = awareness.spread(known, np.array([True]), around, innovation, p)
        return known[0]

    here = (communes["code"] == home).to_numpy()
    known, told = after_a_year(), after_a_year(awareness_elsewhere=1.0)
    assert 0.0 < known[~here].max() < known[here] < told[here]
    assert (known < told)[known > 0.0].all()
    of_colleagues = awareness.colleagues_by_commune(small_territory)
    assert np.allclose(of_colleagues.sum(axis=1), 1.0)
    neighbours_only = after_a_year(awareness_colleagues=0.0)
    assert known[here] < neighbours_only[here]
    # Outside, colleagues from the centre's own commune bring the news.
    nobody_else = after_a_year(awareness_elsewhere=0.0, awareness_colleagues=0.0)
    by_colleagues = after_a_year(awareness_elsewhere=0.0)
    assert nobody_else[~here].max() == 0.0 < by_colleagues[~here].max()


def test_employers_who_pay_tell_their_staff(small_territory: Territory) -> None:
    opens = {"changes": (Change(dt.date(2022, 3, 8), "open_telecentre", 40, target="99002-0"),)}
    unknown = {"awareness_innovation_per_month": 0.0, "asc_own_account": -1e3}
    users = {
        share: run(
            towns(small_territory, 1), [], 40, 1, **opens,
            parameters={**unknown, "share_agreements_paying": share},
        )("whole_days").sum()
        for share in (0.0, 1.0)
    }  # fmt: skip
    assert users[0.0] == 0.0 < users[1.0]


@pytest.mark.parametrize("kind", ["employees", "independents"])
def test_only_those_who_consider_a_centre_come_whatever_it_costs(
    small_territory: Territory, kind: str
) -> None:
    """Who never does has none, also where it is free, better than home and paid by the employer."""
    free = {"price_day_eur": 0.0, "price_half_day_eur": 0.0, "price_hour_eur": 0.0}
    others = {"employees": "independents", "independents": "employees"}[kind]
    scenario = Scenario(
        *("considered", "", "", "", ""), start=START, end=END, network=(SiteSpec("99001-0"),),
        parameters={
            **LIKED, **free, "asc_tc_telecentre": 3.0, "share_agreements_paying": 1.0,
            f"share_considering_{kind}": 0.3, f"share_considering_{others}": 0.0,
        },
        outside_ranges=True,
    )  # fmt: skip
    model = CommuteModel(scenario, territory=towns(small_territory, 1))
    while model.running:
        model.step()
    m = model.memory
    mine, w = m.choosers, m.columns
    independent = model.population.group[mine.worker] == OCCUPATION_GROUPS.index("independents")
    of_kind = independent if kind == "independents" else ~independent
    considering = mine.considers[of_kind].mean()
    assert considering == pytest.approx(0.3, abs=3.5 * (0.21 / of_kind.sum()) ** 0.5)
    assert not mine.considers[~of_kind].any()
    there = w.days_by_kind[[Plan.HALF, Plan.TELECENTRE]].sum(axis=0)
    assert there[mine.worker[~mine.considers]].sum() == 0
    at_home = m.recorder.centres[:, :, CENTRE_COLUMNS.index("home_based_users")].sum()
    came = {"employees": there[mine.worker[mine.considers]].sum(), "independents": at_home}
    assert came[kind] > 0
    assert m.effects.home_based.considers.any() == (at_home > 0) == (kind == "independents")


def test_whoever_considers_a_centre_still_does_when_more_people_do(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    model = CommuteModel(tiny_scenario, territory=small_territory)
    everybody = np.arange(model.population.low.size)
    values = {name: each.value for name, each in load_parameters().items()}
    before = np.zeros(everybody.size, dtype=np.bool_)
    for share in (0.0, 0.2, 0.7, 1.0):
        p = ParameterSet({**values, **dict.fromkeys(EVERYBODY_CONSIDERS, share)})
        now = considers_centres(model.population, everybody, p)
        assert (now | ~before).all()
        assert now.mean() == pytest.approx(share, abs=0.1)
        before = now


def test_an_established_centre_is_known_by_all(small_territory: Territory) -> None:
    column = run(towns(small_territory, 1), ["99001-0", "99002-0"], 40, 1)
    assert (column("known") == 2.0).all()


def test_people_who_work_at_home_come_alone_when_no_commuter_may(
    small_territory: Territory,
) -> None:
    nobody = {f"share_covered_{group}": 0.0 for group in OCCUPATION_GROUPS}
    column = run(
        towns(small_territory, 1), ["99001-0", "99002-0"], 40, 1,
        parameters=nobody | {"asc_own_account": 1.0},
    )  # fmt: skip
    assert column("whole_days").sum() == column("half_days").sum() == 0.0
    assert column("home_based_users").sum() > 0.0
    assert column("revenue_workers_eur").sum() > 0.0


def test_isolation_of_who_works_at_home_is_no_matter_of_days(small_territory: Territory) -> None:
    """A day at a centre leaves them as it found them, and so leaves the reason for the next."""
    later = dt.date(2022, 3, 14)
    model = CommuteModel(
        Scenario(
            *("alone", "", "", "", ""), start=START, end=END, outside_ranges=True, parameters=LIKED,
            network=(SiteSpec("99001-0", desks=400),),
            changes=(Change(later, "parameter:isolation_retention", 0.8),),
        ),
        territory=towns(small_territory, 1),
    )  # fmt: skip
    users = 0
    while model.running:
        model.step()
        stock = 10.0 if model.day < later else 5.0
        np.testing.assert_allclose(model.memory.home_based.isolation, stock)
        users += model.home_based_at_centres[0].size
    assert users > 0


def test_who_asks_in_vain_all_month_subscribes(small_territory: Territory) -> None:
    """One desk for many: somebody who seldom got it has it from the next month on."""
    model = CommuteModel(
        Scenario(
            *("full", "", "", "", ""), start=dt.date(2022, 3, 1), end=dt.date(2022, 5, 31),
            outside_ranges=True, parameters=LIKED | {"g_isolation": 1.5},
            network=(SiteSpec("99001-0", desks=1),),
        ),
        territory=towns(small_territory, 1),
    )  # fmt: skip
    while model.running:
        model.step()
        assert model.home_based_at_centres[0].size + model.at_centres[0].size <= 1
    # Not more than one can have had the desk on most days.
    columns = model.columns, model.memory.home_based
    assert sum((w.subscribed > 0).sum() for w in columns) > 1


def test_a_dearer_desk_costs_people_at_home_what_they_pay_more_for_it(
    small_territory: Territory,
) -> None:
    """The derivative of the surplus by the price is the expected use (Roy's identity)."""
    still = {
        **LIKED, **{f"share_covered_{group}": 0.0 for group in OCCUPATION_GROUPS},
        "g_colocation": 0.0, "price_month_eur": 5000.0,
    }  # fmt: skip
    names = ["99001-0", "99002-0"]
    territory = towns(small_territory, 1)
    surplus, days = np.zeros(2), np.zeros(2)
    for seed in SEEDS:
        for place, price in enumerate((5.0, 6.0)):
            model = CommuteModel(
                Scenario(
                    *("dear", "", "", "", ""), start=START, end=END, outside_ranges=True,
                    parameters={
                        **still, "price_day_eur": price, "price_half_day_eur": price,
                        "price_hour_eur": price,
                    },
                    network=tuple(SiteSpec(name, desks=400) for name in names),
                ),
                territory=territory, seed=seed,
            )  # fmt: skip
            while model.running:
                model.step()
            surplus[place] += model.recorder.kinds_of_worker[:, :, WEEK_VALUE_EUR].sum()
            column = CENTRE_COLUMNS.index("home_based_users")
            days[place] += model.recorder.centres[:, :, column].sum()
            paid = model.recorder.kinds_of_worker[:, :, DESK_PRICE_EUR].sum()
            column = CENTRE_COLUMNS.index("revenue_workers_eur")
            assert paid == pytest.approx(model.recorder.centres[:, :, column].sum())
    assert days[0] > days[1] > 100.0
    assert surplus[0] - surplus[1] == pytest.approx(days.mean() * 1.0, rel=0.1)


def test_a_place_is_named_whatever_the_order_of_the_table(small_territory: Territory) -> None:
    """Two known centres of two communes, so near that they are one place."""
    like, code = small_territory.telecentres.iloc[[0]], small_territory.communes["code"]
    table = pd.concat([like] * 2, ignore_index=True)
    table["telecentre_id"], table["commune_code"] = ["one", "other"], [code[0], code[1]]
    keys = []
    for order in ([0, 1], [1, 0]):
        land = replace(
            small_territory, telecentres=table.iloc[order].reset_index(drop=True),
            hash=f"places {order}",
        )  # fmt: skip
        by_id = dict(zip(land.sites["telecentre_id"], place_keys(land, 2.0), strict=True))
        assert by_id["one"] == by_id["other"]
        keys.append(by_id)
    assert keys[0] == keys[1]


@pytest.mark.parametrize("name", ["seine-et-marne", "ile-de-france"])
def test_a_new_site_next_door_to_a_known_centre_is_in_its_place(name: str) -> None:
    land = load_territory(name)
    sites, keys, n_known = land.sites, place_keys(land, 2.0), len(land.telecentres)
    lat, lon = sites["lat"].to_numpy(), sites["lon"].to_numpy()
    apart_km = crow_fly_km(lat[n_known:, None], lon[n_known:, None], lat[:n_known], lon[:n_known])
    near = apart_km.min(axis=1) <= 2.0
    assert near.sum() > 10
    assert (keys[n_known:][near] == keys[apart_km[near].argmin(axis=1)]).all()
    assert not np.isin(keys[n_known:][~near], keys[:n_known]).any()


def test_bookings_of_who_stops_considering_centres_do_not_count_later(
    small_territory: Territory,
) -> None:
    changes = tuple(
        Change(dt.date(2022, 4, 1), f"parameter:{name}", load_parameters()[name].low)
        for name in EVERYBODY_CONSIDERS
    )
    scenario = Scenario(
        *("fewer", "", "", "", ""), start=dt.date(2022, 3, 21), end=dt.date(2022, 4, 1),
        outside_ranges=True, parameters=LIKED, changes=changes,
        network=(SiteSpec("99001-0", desks=40), SiteSpec("99002-0", desks=40)),
    )  # fmt: skip
    model = CommuteModel(scenario, territory=towns(small_territory, 1))
    while len(model.recorder.days) < len(model.days) - 1:
        model.step()
    before = int((model.columns.asked_eur > 0.0).any(axis=1).sum())
    model.step()
    asked = np.flatnonzero((model.columns.asked_eur > 0.0).any(axis=1))
    assert set(asked) <= set(model.at_centres[0])
    assert asked.size < before
