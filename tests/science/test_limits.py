"""Where theory knows the answer: the whole model, on one commune, with all but one thing off."""

import datetime as dt

import numpy as np
import pytest

from sim77.core.units import OCCUPATION_GROUPS, SERVICES, WEEKDAYS, Mode, Plan
from sim77.engine.choice.utility import logit
from sim77.engine.model import CommuteModel
from sim77.engine.supply.access_cache import legs_to_telecentres
from sim77.engine.supply.mode_constants import occupation_constants
from sim77.scenario.scenario import Scenario, SiteSpec
from tests.conftest import EVERYBODY_ALLOWED

from .one_place import OnePlace, chi_square, exact_week, z_score
from .runs import (
    ALWAYS_AT_WORK,
    MANY_DESKS,
    NEVER_BINDS,
    NO_HALF_DAYS,
    NO_MEMORY,
    people_of_one_pair,
    refusals,
    scenario_of,
    trace,
)

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 7), dt.date(2022, 4, 1)  # four weeks without a holiday
WEEK_END = dt.date(2022, 3, 11)
SITES = ("buronomade", "sandbox212")

CAR_AT_HAND = {
    f"car_at_hand_{area}": 1.0 for area in ("core", "inner", "outer_urban", "outer_rural")
}
ONE_KIND_OF_WORKER = {
    **NO_MEMORY, **EVERYBODY_ALLOWED, **ALWAYS_AT_WORK,
    **CAR_AT_HAND,
    "sd_taste_home": 0.0, "sd_taste_telecentre": 0.0, "mu_mode": 0.0, "b_fibre": 0.0,
    "utility_per_service": 0.0,
    "share_agreements_paying": 0.0,
}  # fmt: skip
ALL_ZERO = {
    **ONE_KIND_OF_WORKER, **NEVER_BINDS, **NO_HALF_DAYS,
    **{f"asc_home_{group}": 0.0 for group in OCCUPATION_GROUPS},
    **{f"b_weekday_{weekday}": 0.0 for weekday in WEEKDAYS},
    "mu_remote": 1.0, "mu_place": 1.0, "utility_per_service": 0.0, "asc_tc_telecentre": 0.0,
    "asc_tc_coworking": 0.0,
}  # fmt: skip


def one_commune(parameters, sites=SITES, end=END, **fields) -> Scenario:
    network = tuple(SiteSpec(name, desks=MANY_DESKS) for name in sites)
    return scenario_of("no-telecentres", START, end, parameters, network=network, **fields)


@pytest.fixture(scope="module")
def serris(shipped_territory):
    """Nine hundred managers of Serris, where there are two telecentres, with one workplace."""
    return people_of_one_pair(shipped_territory, "Serris", "75112", 900)


@pytest.mark.parametrize(
    "time_is_nothing",
    [
        pytest.param({"theta": 1e-12}, id="theta"),
        pytest.param({"beta_time_per_min": 0.0, "beta_cost_per_eur": 0.0}, id="betas"),
    ],
)
def test_sign_20_with_every_utility_at_zero_all_plans_are_as_likely(serris, time_is_nothing):
    run = trace(one_commune({**ALL_ZERO, **time_is_nothing}), seed=1, territory=serris)
    assert (run.model.columns.allowance == 10).all() and refusals(run.model) == 0
    start, centre = run.model.choice_sets.start, run.model.choice_sets.centre
    row = 2 * run.model.population.commune[0] + 1
    rows = run.model.sites.row[centre[start[row] : start[row + 1]]]
    assert rows.size == len(SITES)
    counts = [(run.kind == Plan.OFFICE).sum(), (run.kind == Plan.HOME).sum()]
    counts += [((run.kind == Plan.TELECENTRE) & (run.centre == each)).sum() for each in rows]
    assert sum(counts) == run.kind.size
    z = z_score(chi_square(np.array(counts), np.full(4, 0.25)))
    print(f"{counts}: z {z:+.2f}")
    assert abs(z) < 4
    # Exact: every utility is 0, but for rounding.
    assert (run.model.memory.centres.offer.attraction == 0).all() and (
        np.abs(run.model.choice_sets.travel) < 1e-9
    ).all()
    place = place_of(run.model)
    assert all(np.abs(nest).max() < 1e-9 for nest in place.utilities(0)[:2])


def test_sign_20_without_remote_plans_the_model_is_the_mode_choice(shipped_territory):
    """Tastes for modes are drawn once: the shares over workers are a logit of scale mu_mode."""
    mu_mode = 2.0
    scenario = scenario_of(
        "no-telecentres", START, dt.date(2022, 3, 11),
        {**NO_MEMORY, **ALWAYS_AT_WORK, "mu_mode": mu_mode,
         **{f"share_covered_{group}": 0.0 for group in OCCUPATION_GROUPS}},
    )  # fmt: skip
    run = trace(scenario, seed=1, territory=shipped_territory)
    assert (run.kind == Plan.OFFICE).all()
    model, people = run.model, run.model.population
    assert (run.mode == run.mode[0]).all(), "nobody tosses a coin each morning"
    travel, market = model.effects.travel, people.market
    utility = travel.utility(model.memory.expected_min, model.memory.expected_ratio)[market]
    by_group = occupation_constants(shipped_territory.od.mode_choice).T
    utility = utility + by_group[people.group]
    best = (utility + mu_mode * people.gumbel_mode.astype(np.float64)).argmax(axis=1)
    with_car = people.car_available
    assert np.array_equal(run.mode[0][with_car], best[with_car])
    share_car = logit(utility / mu_mode)[with_car, Mode.CAR]
    drives = run.mode[0][with_car] == Mode.CAR
    spread = np.sqrt((share_car * (1 - share_car)).sum())
    z = (drives.sum() - share_car.sum()) / spread
    print(
        f"{drives.mean():.4f} of those with a car drive, logit {share_car.mean():.4f}, z {z:+.2f}"
    )
    assert abs(z) < 4
    wrong = logit(utility / (1.1 * mu_mode))[with_car, Mode.CAR]
    assert abs(drives.sum() - wrong.sum()) > 4 * spread


def place_of(model: CommuteModel) -> OnePlace:
    """Read the numbers of the one commune off the model: parameters, times, legs to centres."""
    p, travel = model.parameters, model.effects.travel
    uncrowded = model.network.uncrowded_min
    people, choice_sets = model.population, model.choice_sets
    row = 2 * people.commune[0] + 1
    entries = slice(choice_sets.start[row], choice_sets.start[row + 1])
    sites = model.territory.telecentres.iloc[model.sites.row[choice_sets.centre[entries]]]
    services = sites[list(SERVICES)].to_numpy(dtype=np.float64).sum(axis=1)
    quality = p.utility_per_service * (services - p.reference_services)
    access = legs_to_telecentres(model.territory, model.sites.row, p)
    felt_min = access.perceived_min[people.commune[0], 1, choice_sets.centre[entries]]
    km, by_car = choice_sets.km[entries], choice_sets.mode[entries] == 1
    peak = travel.utility(model.memory.expected_min, model.memory.expected_ratio)[0]
    off_peak = travel.off_peak_utility(uncrowded, p)[0]
    # Without tastes all take the best mode; whatever is not public transport stands for the car.
    (v_rail, v_car), (v_rail_off_peak, v_car_off_peak) = (
        (each[0], each[1:].max()) for each in (peak, off_peak)
    )
    return OnePlace(
        theta=p.theta, mu=p.mu_remote, mu_place=p.mu_place,
        town=tuple(np.unique(sites["commune_code"], return_inverse=True)[1]),
        b_time=p.beta_time_per_min, b_cost=p.beta_cost_per_eur,
        m_access=p.multiplier_access_telecentre,
        v_rail=v_rail, v_car=v_car,
        v_rail_off_peak=v_rail_off_peak, v_car_off_peak=v_car_off_peak,
        t_rail=0.0, t_car=0.0,
        asc_home=p.asc_home_managers, taste_home=0.0, taste_centre=0.0, asc_half=p.asc_half,
        asc_centre=tuple(quality + [p[f"asc_tc_{kind}"] for kind in sites["kind"]]),
        access_min=tuple(felt_min),
        access_eur=tuple(np.where(by_car, km * p.car_cost_eur_per_km, 0.0)),
        price_day=(p.price_day_eur,) * km.size, price_half=(p.price_half_day_eur,) * km.size,
        b_weekday=tuple(p.array("b_weekday", WEEKDAYS)),
    )  # fmt: skip


CHOOSY = {
    **ONE_KIND_OF_WORKER,
    **{f"asc_home_{group}": -4.2 for group in OCCUPATION_GROUPS},
    "asc_tc_telecentre": 2.2, "asc_tc_coworking": 1.6, "asc_half": 1.2, "mu_place": 0.2,
}  # fmt: skip


@pytest.mark.parametrize("half_days", [10, 4, 2])
def test_the_whole_model_gives_the_exact_shares_of_a_week(serris, half_days):
    """From tables to choices: what the kernels are tested for, the model hands them rightly."""
    allowance = {f"share_allowance_{n}": float(n == half_days) for n in (2, 4, 6, 10)}
    counts, employees = 0, 0
    # A week each: which of the telecentres at a place one likes lasts, so that weeks depend on it.
    for seed in range(1, 49):
        run = trace(one_commune({**CHOOSY, **allowance}, end=WEEK_END), seed=seed, territory=serris)
        assert refusals(run.model) == 0
        mine = run.model.population.employer >= 0  # independents have ten half-days anyway
        place = place_of(run.model)
        plans = plans_of(run, place)[:, mine].reshape(-1, 5, mine.sum())
        n_plans = 2 + 2 * len(place.asc_centre)
        counts = counts + np.array(
            [np.bincount(plans[:, day].ravel(), minlength=n_plans) for day in range(5)]
        )
        employees += mine.sum()
    week = exact_week(place, half_days, range(5))
    scores = [
        z_score(chi_square(found, shares)) for found, shares in zip(counts, week.plans, strict=True)
    ]
    print(f"{half_days} half-days, {counts.sum()} worker-days: z {np.round(scores, 2)}")
    assert np.abs(scores).max() < 4
    wrong = exact_week(place.changed("theta", 1.1), half_days, range(5))
    assert (
        max(
            z_score(chi_square(found, shares))
            for found, shares in zip(counts, wrong.plans, strict=True)
        )
        > 6
    )


def plans_of(run, place: OnePlace) -> np.ndarray:
    """Return the plans in the order office, home, whole days, half days by site."""
    model = run.model
    row = 2 * model.population.commune[0] + 1
    choice_sets = model.choice_sets
    sites = model.sites.row[choice_sets.centre[choice_sets.start[row] : choice_sets.start[row + 1]]]
    alternative = np.full(len(model.territory.telecentres) + 1, -1)
    alternative[sites] = np.arange(sites.size)
    at = alternative[run.centre]
    plans = np.where(run.kind == Plan.HOME, 1, 0)
    plans = np.where(run.kind == Plan.TELECENTRE, 2 + at, plans)
    return np.where(run.kind == Plan.HALF, 2 + sites.size + at, plans)
