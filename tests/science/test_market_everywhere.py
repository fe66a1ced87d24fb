"""What must hold of the market for desks in any place: on both territories that ship, 20 seeds."""

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.core.units import Plan
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population, build_population
from sim77.engine.recorder import CENTRE_COLUMNS
from sim77.engine.scope import checked_zones
from sim77.scenario.scenario import Change, Scenario, SiteSpec, load_scenario
from sim77.territory.territory import Territory, load_territory

pytestmark = [pytest.mark.science, pytest.mark.long]

SEEDS = range(1, 21)
SCALES = {"seine-et-marne": 0.05, "ile-de-france": 0.005}
"""About as many people each; over all seeds, tens of thousands of days at centres."""
START, SECOND_DAY, END = (dt.date(2022, 3, day) for day in (7, 8, 11))
# So many desks that samples of them have some.
SETTING = {
    "burn_in_days": 5.0, "share_considering_employees": 0.5, "share_considering_independents": 0.5,
}  # fmt: skip
DESKS, AMPLE_DESKS = 20, 400


@cache
def base_of(name: str) -> Scenario:
    """Return the telecentres of 2014 in a week of 2022, each with as many desks."""
    scenario = load_scenario("network-2014")
    network = tuple(SiteSpec(site.telecentre_id, desks=DESKS) for site in scenario.network)
    return scenario.with_(
        start=START, end=END, network=network, parameters=SETTING, outside_ranges=True
    )


@cache
def people(name: str, seed: int) -> Population:
    """Return the people of a seed, whom no change of this module touches: made once."""
    land = load_territory(name)
    first = base_of(name).state_on(START, land).parameters
    return build_population(
        land, first, seed=seed, scale=SCALES[name], zones=checked_zones(None, land)
    )


def sums(
    territory: Territory, name: str, scenario: Scenario, seed: int, *, anew: bool = False
) -> dict[str, float]:
    """Return users and refusals of all centres, half days counting a half."""
    known = None if anew else people(name, seed)
    model = CommuteModel(
        scenario, territory=territory, seed=seed, scale=SCALES[name], population=known
    )
    while model.running:
        model.step()
    found = model.recorder.centres.sum(axis=(0, 1))
    of = {each: float(found[CENTRE_COLUMNS.index(each)]) for each in CENTRE_COLUMNS}
    users = of["whole_days"] + 0.5 * of["half_days"] + of["home_based_users"]
    return {"users": users, "refusals": of["refusals"]}


def total(name: str, scenario: Scenario) -> dict[str, float]:
    """Return sums over all seeds."""
    land = load_territory(name)
    each = [sums(land, name, scenario, seed) for seed in SEEDS]
    return {key: sum(one[key] for one in each) for key in each[0]}


@cache
def base_total(name: str) -> dict[str, float]:
    return total(name, base_of(name))


def with_ample_desks(name: str, **values: float) -> Scenario:
    network = tuple(replace(site, desks=AMPLE_DESKS) for site in base_of(name).network)
    return base_of(name).with_(parameters=SETTING | values, network=network)


@cache
def ample_total(name: str) -> dict[str, float]:
    return total(name, with_ample_desks(name))


BETTER = {
    "nearer": {"multiplier_access_telecentre": 0.5},
    "cheaper": {"price_day_eur": 5.0, "price_half_day_eur": 3.0, "price_hour_eur": 1.5},
    "considered by more employees": {"share_considering_employees": 0.8},
    "considered by more independents": {"share_considering_independents": 0.8},
}


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("change", BETTER)
def test_nearer_cheaper_and_more_considered_centres_lose_no_users(name: str, change: str) -> None:
    # Where desks are full, who comes is who is served first, and visitors mind the price too.
    users = total(name, with_ample_desks(name, **BETTER[change]))["users"]
    print(f"{name}, {change}: {ample_total(name)['users']:.0f} to {users:.0f} worker-days")
    assert 0.0 < ample_total(name)["users"] < users


@pytest.mark.parametrize("name", SCALES)
def test_twice_the_desks_lose_no_users_and_refuse_no_more(name: str) -> None:
    network = tuple(replace(site, desks=2 * DESKS) for site in base_of(name).network)
    larger = total(name, base_of(name).with_(network=network))
    assert larger["users"] >= base_total(name)["users"]
    assert larger["refusals"] <= base_total(name)["refusals"]


@pytest.mark.parametrize("name", SCALES)
def test_a_better_known_centre_loses_no_users(name: str) -> None:
    def opened(known: float) -> float:
        new = tuple(
            Change(SECOND_DAY, "open_telecentre", DESKS, target=site.telecentre_id)
            for site in base_of(name).network
        )
        known_at_first = SETTING | {
            "awareness_innovation_per_month": known,
            "awareness_elsewhere": 1.0,
        }
        scenario = base_of(name).with_(network=(), changes=new, parameters=known_at_first)
        return total(name, scenario)["users"]

    assert opened(0.1) < opened(0.9)


@pytest.mark.parametrize("name", SCALES)
def test_centres_cut_in_two_at_their_places_draw_what_they_drew(name: str) -> None:
    land, whole = load_territory(name), with_ample_desks(name)
    halves = [
        land.telecentres.assign(telecentre_id=land.telecentres["telecentre_id"] + part)
        for part in ("-a", "-b")
    ]
    cut = replace(land, telecentres=pd.concat(halves, ignore_index=True), hash=f"{land.hash} cut")
    network = tuple(
        SiteSpec(site.telecentre_id + part, desks=AMPLE_DESKS // 2)
        for site in whole.network
        for part in ("-a", "-b")
    )
    users = sum(sums(cut, name, whole.with_(network=network), seed)["users"] for seed in SEEDS)
    change = users / ample_total(name)["users"] - 1.0
    print(f"{name}: {ample_total(name)['users']:.0f} worker-days, cut in two {change:+.3f}")
    assert abs(change) < 0.05


# Whoever else pays a price stays away, or minds none: their desks would count for who comes.
PAID_BY_EMPLOYERS = {
    "share_agreements_paying": 1.0, "share_price_paid_by_agreement": 1.0,
    "employer_ceiling_eur_per_day": 1e6, "employer_budget_eur_per_month": 1e9,
    "share_covered_independents": 0.0, "asc_own_account": -1e6, "price_month_eur": 1e9,
    "mobile_visits_per_resident_at_work": 0.0, "exogenous_price_elasticity": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("name", SCALES)
def test_a_price_of_0_equals_an_employer_who_pays_all(name: str) -> None:
    land, prices = load_territory(name), ("price_day_eur", "price_half_day_eur", "price_hour_eur")
    for seed in SEEDS[:3]:  # what is the same is so in each
        free, paid = (
            sums(land, name, base_of(name).with_(
                parameters=SETTING | PAID_BY_EMPLOYERS | dict(zip(prices, eur, strict=True))
            ), seed)
            for eur in ((0.0, 0.0, 0.0), (60.0, 40.0, 15.0))
        )  # fmt: skip
        assert free == paid
        assert paid["users"] > 0.0


def finished(name: str, scenario: Scenario, seed: int, **given: Any) -> CommuteModel:
    """Return a model after its last day."""
    model = CommuteModel(
        scenario, territory=load_territory(name), seed=seed, scale=SCALES[name], **given
    )
    while model.running:
        model.step()
    return model


@pytest.mark.parametrize("name", SCALES)
def test_all_closed_is_none(name: str) -> None:
    base = base_of(name)
    closed = tuple(
        Change(START, "close_telecentre", target=site.telecentre_id) for site in base.network
    )
    for seed in SEEDS:
        none, shut = (
            finished(name, scenario, seed, population=people(name, seed))
            for scenario in (base.with_(network=()), base.with_(changes=closed))
        )
        assert np.array_equal(none.recorder.communes, shut.recorder.communes), seed
        days = shut.columns.days_by_kind.sum(axis=1)
        assert days[Plan.HOME] > days[Plan.HALF] == days[Plan.TELECENTRE] == 0


@pytest.mark.parametrize("name", SCALES)
def test_the_order_of_a_table_is_nothing(name: str) -> None:
    land, base = load_territory(name), base_of(name)
    shuffled = land.telecentres.sample(frac=1.0, random_state=3).reset_index(drop=True)
    other = replace(land, telecentres=shuffled, hash=f"{land.hash} shuffled")
    for seed in SEEDS:
        assert sums(other, name, base, seed, anew=True) == sums(land, name, base, seed), seed


@pytest.mark.parametrize("name", SCALES)
def test_a_wider_scope_brings_more_users(name: str) -> None:
    land = load_territory(name)
    assert land.default_zones in ((land.central_zone,), land.workplace_zones)
    column, users = CENTRE_COLUMNS.index("whole_days"), np.zeros(2)
    for seed in SEEDS:
        for place, zones in enumerate(((land.central_zone,), land.workplace_zones)):
            known = people(name, seed) if zones == land.default_zones else None
            model = finished(name, base_of(name), seed, workplaces=zones, population=known)
            users[place] += model.recorder.centres[:, :, column].sum()
    print(f"{name}: {users[0]:.0f} to {users[1]:.0f} worker-days")
    assert 0.0 < users[0] < users[1]
