"""A telecentre that moves nearer never loses users: static demand and runs, over its distance."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from sim77.analysis.siting.candidates import Candidates
from sim77.analysis.siting.demand import expected_demand
from sim77.core.geography import EARTH_RADIUS_KM
from sim77.core.units import Plan
from sim77.engine.columns import sites_of_run
from sim77.engine.model import CommuteModel
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    ALWAYS_AT_WORK,
    MANY_DESKS,
    NEVER_BINDS,
    NO_MEMORY,
    trace,
)

pytestmark = pytest.mark.science

START, END = dt.date(2014, 9, 8), dt.date(2014, 9, 12)
STEP_KM = 0.02
KM = np.arange(0.1, 30.0, STEP_KM)
RUN_KM = (0.1, 0.2, 0.4, 1.0, 1.48, 1.52, 3.0, 3.6, 4.9, 5.1, 8.0, 12.0)
LIKED = {
    **NO_MEMORY, **EVERYBODY_ALLOWED, **ALWAYS_AT_WORK, **NEVER_BINDS,
    "exogenous_share_urban": 0.0, "exogenous_share_rural": 0.0,
    "asc_tc_telecentre": 1.5, "asc_tc_coworking": 1.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def swept(small_territory: Territory) -> Territory:
    """Telecentres north of the first commune, half of whose workers have a car, at any distance."""
    home = small_territory.communes.iloc[0]
    like = small_territory.telecentres.head(1)
    centres = like.loc[like.index.repeat(KM.size)].reset_index(drop=True)
    return replace(
        small_territory,
        telecentres=centres.assign(
            telecentre_id=[f"at-{round(km * 1000)}-m" for km in KM],
            # The border of the commune lies on the way: it must not show.
            commune_code=np.where(KM < 4.0, home["code"], "elsewhere"),
            opening_date="",
            lat=home["lat"] + np.degrees(KM / EARTH_RADIUS_KM),
            lon=home["lon"],
        ),
        hash="telecentres at every distance",
    )


def scenario(*names: str, max_access_min: float) -> Scenario:
    areas = ("core", "inner", "outer_urban", "outer_rural")
    cars = dict.fromkeys((f"car_at_hand_{each}" for each in areas), 0.5)
    return Scenario(
        *("sweep", "", "", "", ""), start=START, end=END,
        parameters={**LIKED, **cars, "max_access_min": max_access_min},
        network=tuple(SiteSpec(name, desks=MANY_DESKS) for name in names),
        outside_ranges=True,
    )  # fmt: skip


@pytest.mark.parametrize("max_access_min", [load_parameters()["max_access_min"].value, 1e3])
def test_expected_users_never_fall_as_a_centre_moves_nearer(
    swept: Territory, max_access_min: float
) -> None:
    model = CommuteModel(scenario(max_access_min=max_access_min), territory=swept, seed=1)
    while model.running:
        model.step()
    people = model.population.car_available[model.population.commune == 0]
    assert 0 < people.sum() < people.size
    nothing = np.zeros((KM.size, 1))
    names = list(swept.telecentres["telecentre_id"])
    sites = sites_of_run(swept, names, model.parameters.same_place_km)
    candidates = Candidates(sites.ids, sites.ids, sites, (1,), nothing, nothing, nothing)
    use = expected_demand(model, candidates).use[0]
    assert use[0] > 1.0
    change = np.diff(use)
    assert (change <= 1e-9).all()
    # No step but where the centre leaves the reach of people without a car, and of the others.
    # On foot, the steepest way, a step costs so much utility; of users it takes at most a share of
    # 1 - exp(-V / mu).
    p = model.parameters
    walked_min = 2.0 * 60.0 * p.detour_factor * STEP_KM / p.walk_speed_kmh
    lost = p.theta * -p.beta_time_per_min * p.multiplier_access_telecentre
    lost *= p.multiplier_walk * walked_min
    jumps = np.flatnonzero(-change > (1.0 - np.exp(-lost / p.mu_remote)) * use[:-1] + 1e-9)
    print(f"a step takes at most {1.0 - np.exp(-lost / p.mu_remote):.3f}, jumps {KM[jumps]}")
    assert jumps.size == (0 if max_access_min > 100 else 2)


def test_users_never_fall_as_a_centre_moves_nearer(swept: Territory) -> None:
    users = []
    for km in RUN_KM:
        # One name, hence one set of draws, wherever the centre is.
        row = swept.telecentres.iloc[[np.abs(KM - km).argmin()]]
        moved = replace(
            swept, telecentres=row.assign(telecentre_id="centre"), hash=f"a centre at {km} km"
        )
        run = trace(scenario("centre", max_access_min=1e3), seed=1, territory=moved)
        here = run.model.population.commune == 0
        # Whole and half days: of a farther centre a half day may be the first to be given up.
        users.append(int(np.isin(run.kind[:, here], (Plan.TELECENTRE, Plan.HALF)).sum()))
    print(dict(zip(RUN_KM, users, strict=True)))
    assert users[0] > users[-1] > 0
    assert (np.diff(users) <= 0).all()
