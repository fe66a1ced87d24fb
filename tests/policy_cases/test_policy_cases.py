"""Policy cases: one worker on one day under one policy, and the chances of each plan.

The cases are YAML files beside this one, written by people who know policies (`README.md`). Here
their words become a territory with one commune, one worker, one workplace, one row a mode and at
most one telecentre, on which the engine runs that day; the chances are those with which it prefers
each kind of plan, before desks are booked.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import sparse

from sim77.core import draws
from sim77.core.geography import EARTH_RADIUS_KM
from sim77.core.units import (
    EMPLOYER_SIZES,
    MODES,
    MONTHS,
    NO_EMPLOYER,
    OCCUPATION_GROUPS,
    PLAN_KINDS,
    SERVICES,
    WEEKDAYS,
)
from sim77.engine.choice.terms import TERMS
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population, build_population
from sim77.engine.supply.pair_travel import PairTravel
from sim77.registry.parameters import load_parameters
from sim77.scenario.parts import Change, SiteSpec
from sim77.scenario.scenario import Scenario
from sim77.territory.built import OriginDestination
from sim77.territory.example import EXAMPLE
from sim77.territory.territory import Territory, load_territory
from tests.conftest import EVERYBODY_CONSIDERS

pytestmark = pytest.mark.science

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*.yaml"))
ROUNDED: dict[str, float] = yaml.safe_load((FOLDER / "rounded.yml").read_text(encoding="utf-8"))
KEYS = {
    "": {"case", "given", "expect"},
    "given": {"date", "worker", "journey", "employer", "centre", "policy"},
    "worker": {
        "group", "can_work_remotely", "coming_days", "half_days_used",
        "likes_home", "likes_centres", "isolated_days", "car_older_than", "fibre_start",
    },
    "journey": {"rail", "car"},
    "rail": {"minutes", "wait"},
    "car": {"minutes", "km"},
    "employer": {"allowance_half_days", "pays_desk", "team_at_office"},
    "centre": {"kind", "minutes", "services", "price_day", "price_half_day"},
    "expect": {"office", "half", "home", "telecentre", "within"},
}  # fmt: skip
BARE: dict[str, float] = {
    # Nothing but what a case says: nobody parks, nobody is absent, no days before the first.
    "parking_min": 0.0,
    **{f"absence_{month}": 0.0 for month in MONTHS},
    "burn_in_days": 0,
    **EVERYBODY_CONSIDERS,
    # Nobody has anything but feet to go to the centre.
    **dict.fromkeys(("access_car_extra_min", "bicycle_extra_min", "bus_stop_walk_min"), 1e6),
}
VALUES = {name: each.value for name, each in load_parameters().items()} | ROUNDED | BARE
NEVER = dt.date(2100, 1, 1)
NO_TRAIN_MIN = 10_000.0
FAR_DEGREES = 15.0
"""Of latitude, between home and workplace: nobody walks or cycles there."""
SEED = 1
ALIKE = 2
"""Workers who stand for the one of a case, each with an employer and a team of their own: a table
of one row is stored by row and by column at once, and Numba would compile all kernels again."""


def part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part of a case, empty if it is not told, and refuse words nobody reads."""
    found = whole.get(name) or {}
    unknown = set(found) - KEYS[name]
    assert not unknown, f"'{name}' has no {sorted(unknown)}: known are {sorted(KEYS[name])}"
    return dict(found)


def scenario_of(given: dict[str, Any]) -> Scenario:
    """Return the day of the case with its policies."""
    day = given["date"]
    centre, employer = part(given, "centre"), part(given, "employer")
    prices = {name: centre[name] for name in ("price_day", "price_half_day") if name in centre}
    allowance = employer.get("allowance_half_days", 0)
    return Scenario(
        *("case", "", "", "", ""),
        start=day,
        end=day,
        network=(SiteSpec("centre", **prices),) if centre else (),
        changes=tuple(Change(**{"date": day, **each}) for each in given.get("policy") or ()),
        parameters={
            **ROUNDED,
            **BARE,
            **{f"share_allowance_{each}": float(each == allowance) for each in (2, 4, 6)},
            "share_allowance_10": float(allowance not in (2, 4, 6)),
        },
        outside_ranges=True,
    )


def degrees(km: float) -> float:
    """Return the degrees of latitude of a distance."""
    return float(np.degrees(km / EARTH_RADIUS_KM))


def territory_of(given: dict[str, Any]) -> Territory:
    """Return the world of the case: one home, one workplace too far to walk, one row a mode."""
    whole, worker = load_territory(EXAMPLE), part(given, "worker")
    journey, centre = part(given, "journey"), part(given, "centre")
    rail, car = part(journey, "rail"), part(journey, "car")
    paris = whole.workplaces[whole.workplaces["zone"] == "paris"].head(1)
    here = {"lon": paris["lon"].iloc[0], "lat": paris["lat"].iloc[0] - FAR_DEGREES}
    walked_km = centre.get("minutes", 0) / 60 * VALUES["walk_speed_kmh"] / VALUES["detour_factor"]
    services = int(centre.get("services", VALUES["reference_services"]))
    flow = whole.flows.head(1).assign(commune=0, workplace=0, workers=ALIKE)
    return replace(
        whole,
        communes=whole.communes.head(1).assign(
            **here,
            area_km2=1e-9,
            fibre_start=str(worker.get("fibre_start", NEVER)),
        ),
        workplaces=paris.reset_index(drop=True),
        # Two who work at home change nothing, and the kernels are those of any other territory.
        flows=pd.concat([flow, flow.assign(at_home=True, csp=2)], ignore_index=True),
        telecentres=whole.telecentres.head(1).assign(
            **{**here, "lat": here["lat"] - degrees(walked_km)},
            telecentre_id="centre",
            kind=centre.get("kind", "telecentre"),
            **{name: int(number < services) for number, name in enumerate(SERVICES)},
        ),
        od=modes_of(whole.od, rail, car),
        hash=f"policy case {given}",
    )


def modes_of(od: OriginDestination, rail: dict[str, Any], car: dict[str, Any]) -> OriginDestination:
    """Return the only pair of home and workplace: a train with a wait, a road, no constants."""
    wait = float(rail.get("wait", 0.0))
    transit = od.transit.pairs.head(2).assign(**dict.fromkeys(od.transit.pairs, 0.0))
    transit = transit.assign(ivt_min=float(rail.get("minutes", NO_TRAIN_MIN)), wait_min=wait)
    waits = np.zeros((2, len(od.transit.lines)))
    waits[:, 0] = wait
    road = od.road.pairs.head(1).assign(
        free_flow_min=float(car.get("minutes", 0)), km=float(car.get("km", 0))
    )
    return replace(
        od,
        pairs=pd.DataFrame({"commune": [0], "workplace": [0]}),
        transit=replace(
            od.transit,
            pairs=transit,
            paths=sparse.csr_matrix((2, len(od.transit.segments))),
            waits=sparse.csr_matrix(waits),
        ),
        road=replace(od.road, pairs=road, paths=sparse.csr_matrix((1, len(od.road.sections)))),
        base_loads=od.base_loads.head(0),
        mode_choice=od.mode_choice.head(0),
    )


def worker_of(given: dict[str, Any], territory: Territory, scenario: Scenario) -> Population:
    """Return the one worker of the case."""
    worker, employer = part(given, "worker"), part(given, "employer")
    anybody = build_population(
        territory,
        scenario.state_on(given["date"], territory).parameters,
        seed=SEED,
        zones=("paris",),
    )
    can, pays = worker.get("can_work_remotely", True), employer.get("pays_desk", False)
    car = bool(part(part(given, "journey"), "car"))
    days = [given["date"].weekday(), *map(WEEKDAYS.index, worker.get("coming_days", ()))]
    assert all(each > days[0] for each in days[1:]), "coming_days are after the day"
    independent = worker["group"] == "independents"
    assert independent or employer, "who is no independent needs an employer"
    # The draw that says how old a car is goes with the identity: take the one that fits.
    ids = np.arange(20_000, dtype=np.uint32)
    age = draws.units(SEED, draws.Purpose.BARRED_CAR, ids, np.full_like(ids, anybody.high[0]))
    fits = np.abs(age[:, 0] - (1.0 - worker.get("car_older_than", 0.0))).argmin()
    columns: dict[str, Any] = {
        "low": ids[fits],
        "high": anybody.high[0],
        "group": OCCUPATION_GROUPS.index(worker["group"]),
        "size": NO_EMPLOYER if independent else EMPLOYER_SIZES.index("public"),
        "employer": NO_EMPLOYER if independent else range(ALIKE),
        "team": NO_EMPLOYER if independent else range(ALIKE),
        "works": sum(1 << each for each in days),
        "car_available": car,
        "market_car": [car] * len(anybody.market_car),
        "gumbel_mode": np.zeros((ALIKE, len(MODES))),
        "z_home": worker.get("likes_home", 0.0) / VALUES["sd_taste_home"],
        "z_telecentre": worker.get("likes_centres", 0.0) / VALUES["sd_taste_telecentre"],
        "u_teleworkable": 0.0 if can else 1.0,
        "u_covered": 0.0 if employer.get("allowance_half_days", 1) else 1.0,
        "u_allowance": 0.5,
        "u_pays": 0.0 if pays else 1.0,
        "u_anchor": 0.5,
        "team_size": 1,
        "employer_heads": 1,
        "employer_size": EMPLOYER_SIZES.index("public"),
        "employer_zone": 0,
    }
    return replace(
        anybody,
        **{
            name: np.full(np.shape(value) or ALIKE, value, dtype=getattr(anybody, name).dtype)
            for name, value in columns.items()
        },
    )


def chances(given: dict[str, Any]) -> dict[str, float]:
    """Run the day of a case; return the probability of each kind of plan."""
    unknown = set(given) - KEYS["given"]
    assert not unknown, f"'given' has no {sorted(unknown)}: known are {sorted(KEYS['given'])}"
    worker, employer = part(given, "worker"), part(given, "employer")
    scenario, territory = scenario_of(given), territory_of(given)
    population = worker_of(given, territory, scenario)
    model = CommuteModel(scenario, territory=territory, population=population, seed=SEED)
    found: list[np.ndarray] = []

    def watch(model: CommuteModel, phase: str) -> None:
        if phase == "start_week":
            model.columns.used[:] = worker.get("half_days_used", 0)
            model.columns.isolation[:] = worker.get("isolated_days", 0.0)
            colleagues = model.memory.teams.of_employer
            colleagues[:, 1] = 1000
            colleagues[:, 0] = 2000 * employer.get("team_at_office", 1.0)
        elif phase == "choose":
            found.append(model.expected_by_kind())

    model.observers.append(watch)
    model.step()
    return dict(zip(PLAN_KINDS, map(float, found[0] / ALIKE), strict=True))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_policy_case(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(case) == KEYS[""], f"{path.name} needs case, given and expect, and nothing else"
    expected = part(case, "expect")
    within = expected.pop("within", 0.001)
    found = chances(case["given"])
    assert sum(found.values()) == pytest.approx(1.0)
    wrong = {
        plan: f"{found[plan]:.4f}, expected {share}"
        for plan, share in expected.items()
        if abs(found[plan] - share) > within
    }
    assert not wrong, f"{case['case']}: {wrong}"


def test_the_cases_cover_what_policies_move() -> None:
    assert len(CASES) >= 12
    texts = "".join(path.read_text(encoding="utf-8") for path in CASES)
    for word in (
        "price_day", "pays_desk: true", "allowance_half_days", "anchor_weekdays", "fibre_advance",
        "close_telecentre", "lockdown", "strike", "road_toll", "low_emission_zone", "fuel_price",
    ):  # fmt: skip
        assert word in texts


def test_a_word_that_nobody_reads_is_told() -> None:
    given = {"date": dt.date(2022, 6, 10), "worker": {"grup": "managers"}}
    with pytest.raises(AssertionError, match=r"'worker' has no \['grup'\]"):
        chances(given)


@pytest.mark.parametrize(
    ("mistake", "name"), [("toll", "17-toll-of-five-euros"), ("isolation", "21-two-days-alone")]
)
def test_a_sign_turned_round_in_the_engine_turns_a_case_red(mistake, name, monkeypatch) -> None:
    toll, isolation = PairTravel.with_toll, TERMS["isolation"]
    if mistake == "toll":
        monkeypatch.setattr(PairTravel, "with_toll", lambda self, eur, p: toll(self, -eur, p))
    else:
        monkeypatch.setitem(TERMS, "isolation", replace(isolation, sign=-isolation.sign))
    with pytest.raises(AssertionError, match="expected"):
        test_policy_case(FOLDER / f"{name}.yaml")
