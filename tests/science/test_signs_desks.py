"""Signs of what telecentres are and cost: desks, prices, distance, subsidies, halves of days."""

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest

from sim77.core.units import Mode, Plan
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import CENTRE_COLUMNS, SEGMENT_COLUMNS
from sim77.registry.parameters import load_parameters
from sim77.runs.results import tables_of
from sim77.scenario.scenario import Scenario, SiteSpec
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    MANY_DESKS,
    NEVER_BINDS,
    NO_FEEDBACK,
    NO_HALF_DAYS,
    NO_MEMORY,
    days_by_kind,
    finished,
    paired,
    people_of,
    refusals,
    scenario_of,
    show,
    with_desks,
)

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 14), dt.date(2022, 3, 25)
OFFICE, HALF, HOME, CENTRE = range(4)


def hybrid(parameters=None, **fields) -> Scenario:
    parameters = {"burn_in_days": 5.0, **(parameters or {})}
    return scenario_of("hybrid-2022", START, END, parameters, **fields)


@pytest.fixture(scope="module")
def south(shipped_territory: Territory) -> Territory:
    """The workers of the south-east, at full scale so that desks are as many as they are."""
    code = shipped_territory.communes["code"]
    south_east = code[shipped_territory.communes["lat"] < 48.5].tolist()
    return people_of(shipped_territory, code=south_east)


def refusals_and_days(model: CommuteModel) -> np.ndarray:
    return np.array([refusals(model), days_by_kind(model)[CENTRE]])


POPULAR = {"asc_tc_telecentre": -2.4, "asc_tc_coworking": -2.4}
# Where desks are so few that most are refused, more of them make habitués who come back, and users
# who attract others: so demand grows with capacity. Other things equal means without that.
FIRST_ROUND = {"g_habit": 0.0, "g_colocation": 0.0}


@pytest.mark.parametrize(
    ("desks", "parameters"),
    [
        pytest.param((1, 2, 4), {**POPULAR, **FIRST_ROUND}, marks=pytest.mark.long),
        pytest.param((4, 8), POPULAR, marks=pytest.mark.long),
        ((4, 8), {}),
    ],
)
def test_sign_1_more_desks_no_more_refusals_and_no_fewer_telecentre_days(south, desks, parameters):
    scenarios = {n: with_desks(hybrid(parameters), n) for n in desks}
    found = paired(scenarios, refusals_and_days, territory=south)
    for fewer, more in itertools.pairwise(desks):
        refused, days = (found[more] - found[fewer]).T
        print(f"{fewer} desks: refusals, days at centres {found[fewer].mean(axis=0)}")
        assert show("refusals", refused) < 0
        assert show("telecentre days", days) > 0


def test_sign_2_a_higher_price_sends_people_home_and_to_the_office():
    """Home takes more than its share of those who choose: it is nearer in the nest."""
    cheap = hybrid({**NO_HALF_DAYS, "share_agreements_paying": 0.0, "price_day_eur": 10.0,
                    "asc_tc_telecentre": -0.8, "asc_tc_coworking": -0.8})  # fmt: skip
    cheap = with_desks(cheap, MANY_DESKS)
    dear = cheap.with_(parameters={"price_day_eur": 25.0})

    def measure(model: CommuteModel) -> np.ndarray:
        choosing = model.columns.allowance > 0
        return model.columns.days_by_kind[:, choosing] @ model.columns.weight[choosing]

    found = paired({"cheap": cheap, "dear": dear}, measure, scale=0.03)
    change = found["dear"] - found["cheap"]
    base = found["cheap"].mean(axis=0)
    assert show("telecentre days", change[:, CENTRE]) < 0
    assert show("home days", change[:, HOME]) > 0
    assert show("office days", change[:, OFFICE]) > 0
    gain = change.mean(axis=0)
    to_home = gain[HOME] / (gain[HOME] + gain[OFFICE])
    share_home = base[HOME] / (base[HOME] + base[OFFICE])
    print(f"home takes {to_home:.2f} of what centres lose; of the rest it has {share_home:.2f}")
    assert to_home > share_home


def moved(territory: Territory, site: str, km: float) -> Territory:
    """Put a telecentre so far north of Provins."""
    table = territory.telecentres.copy()
    row = table.index[table["telecentre_id"] == site][0]
    provins = territory.communes.set_index("name").loc["Provins"]
    table.loc[row, "lat"] = provins["lat"] + km / 111.2
    table.loc[row, "lon"] = provins["lon"]
    # Out of every commune, so that distances are from the commune's point for all.
    table.loc[row, "commune_code"] = "95527"
    return replace(territory, telecentres=table, hash=f"{territory.hash} {site} {km}")


def test_sign_3_a_nearer_centre_is_used_more_and_none_comes_from_too_far(shipped_territory):
    provins = people_of(shipped_territory, name="Provins")
    scenario = hybrid({**EVERYBODY_ALLOWED, **NO_FEEDBACK, "asc_tc_telecentre": 0.0})
    scenario = scenario.with_(network=(SiteSpec("assumed_provins", desks=150),))
    used = {}
    for km in (2.0, 8.0, 25.0):
        territory = moved(provins, "assumed_provins", km)
        used[km] = paired({km: scenario}, lambda m: days_by_kind(m)[[CENTRE, HALF]].sum(),
                          territory=territory)[km]  # fmt: skip
    means = [days.mean() for days in used.values()]
    print({km: round(mean, 1) for km, mean in zip(used, means, strict=True)})
    assert all(near > far for near, far in itertools.pairwise(means))
    assert means[-1] == 0.0
    # With the same draws it holds in each run too, not only on the mean.
    assert (np.diff(np.array(list(used.values())), axis=0) <= 0).all()


def test_sign_3_nothing_jumps_where_people_stop_walking(shipped_territory):
    scenario = hybrid({**EVERYBODY_ALLOWED, **NO_MEMORY, "asc_tc_telecentre": 0.0})
    scenario = scenario.with_(network=(SiteSpec("assumed_provins", desks=150),))
    provins = people_of(shipped_territory, name="Provins")
    used = [
        days_by_kind(finished(scenario, territory=moved(provins, "assumed_provins", km)))[
            [CENTRE, HALF]
        ].sum()
        for km in (0.5, 1.48, 1.52, 3.0)
    ]
    print(f"centre days at 0.5, 1.48, 1.52 and 3 km: {used}")
    near, here, beyond, far = used
    assert near > here >= beyond > far
    assert beyond > 0.9 * here


def test_sign_15_half_days_cut_the_peak_and_no_kilometre():
    """Who splits the day makes the journey to Paris all the same (Stiles and Smart 2021)."""
    whole = with_desks(hybrid({**NO_FEEDBACK, **NO_HALF_DAYS}), MANY_DESKS)
    halves = whole.with_(parameters={"asc_half": 1.0})

    def measure(model: CommuteModel) -> np.ndarray:
        loads = model.recorder.segments[:, :, SEGMENT_COLUMNS.index("simulated_riders")]
        accounts = model.recorder.communes.sum(axis=(0, 1))
        km = accounts[[OUTPUT_COLUMNS.index("rail_km"), OUTPUT_COLUMNS.index("car_km")]].sum()
        minutes = accounts[OUTPUT_COLUMNS.index("travel_min")]
        return np.array([loads.sum(), days_by_kind(model)[HALF], km, minutes])

    found = paired({"whole": whole, "halves": halves}, measure, scale=0.03)
    change = found["halves"] - found["whole"]
    assert show("peak riders", change[:, 0]) < 0
    assert show("half days", change[:, 1]) > 0
    assert show("person-km to the office and back", change[:, 2]) > 0
    assert show("minutes of travel", change[:, 3]) > 0


def test_sign_15_a_half_day_by_train_saves_nobody_minutes_or_kilometres():
    """Exact, worker-day by worker-day. By car the off-peak road is quicker: see the next test."""
    halves = with_desks(hybrid({**NO_FEEDBACK, "asc_half": 1.0}), MANY_DESKS)
    saved = {mode: [] for mode in (Mode.PUBLIC_TRANSPORT, Mode.CAR)}

    def look(model: CommuteModel) -> None:
        w = model.columns
        half = np.flatnonzero(w.kind == Plan.HALF)
        for mode in saved:
            rows = half[(w.mode[half] == mode) & (w.office_mode[half] == mode)]
            gained = w.minutes_saved[rows] - before[0][rows]
            saved[mode].append(gained)
        before[0] = w.minutes_saved.copy()

    model = CommuteModel(halves, seed=1, scale=0.3)
    before = [model.columns.minutes_saved.copy()]
    while model.running:
        model.step()
        look(model)
    by_rail, by_car = (np.concatenate(each) for each in saved.values())
    print(f"minutes saved by a half day: rail {by_rail.mean():.1f}, car {by_car.mean():.1f}")
    assert by_rail.size > 100 and by_car.size > 10
    assert (by_rail <= 0).all()


def test_sign_16_a_subsidy_fills_the_centres():
    """Part of sign 16: desks made free are used more, and the workers' money falls away."""
    posted = with_desks(hybrid({"share_agreements_paying": 0.0}), MANY_DESKS)
    free = posted.with_(
        network=tuple(
            replace(site, price_day=0.0, price_half_day=0.0, price_month=0.0)
            for site in posted.network
        )
    )

    def measure(model: CommuteModel) -> np.ndarray:
        column = CENTRE_COLUMNS.index
        centres = model.recorder.centres.sum(axis=(0, 1))
        occupied = centres[column("occupied_morning")] + centres[column("occupied_afternoon")]
        return np.array([occupied, centres[column("revenue_workers_eur")]])

    found = paired({"posted": posted, "free": free}, measure, scale=0.03)
    occupied, revenue = (found["free"] - found["posted"]).T
    assert show("desks occupied", occupied) > 0
    assert (revenue < 0).all()


# What is counted of desks --------------------------------------------------------------------

ALL_TAKEN = {
    "exogenous_share_urban": 1.0, "exogenous_share_rural": 1.0, "exogenous_price_elasticity": 0.0,
}  # fmt: skip


def sums_of(model: CommuteModel, *names: str) -> list[float]:
    accounts = model.recorder.communes.sum(axis=(0, 1))
    return [float(accounts[OUTPUT_COLUMNS.index(name)]) for name in names]


def test_desks_that_nobody_gets_are_worth_nothing():
    """The value of a week counts wishes as granted; what is lost day by day takes all of it off."""
    liked = {"asc_tc_telecentre": 0.0, "asc_tc_coworking": 0.0}
    parameters = {**NO_MEMORY, **NEVER_BINDS, **liked, **ALL_TAKEN}
    found = {}
    for name in ("hybrid-2022", "hybrid-2022-no-telecentres"):
        scenario = scenario_of(name, START, END, parameters)
        found[name] = sums_of(
            finished(scenario, seed=1, scale=0.2),
            "week_value_eur",
            "refusal_loss_eur",
            "telecentre",
        )
    (wished, lost, there), (without, nothing_lost, _) = found.values()
    print(f"worth {wished - without:.0f} € if granted, {lost:.0f} € lost")
    assert there == nothing_lost == 0.0
    assert lost == pytest.approx(wished - without, rel=0.02)


@pytest.mark.parametrize("parameters", [ALL_TAKEN, POPULAR], ids=["unused", "used"])
def test_a_desk_takes_energy_while_it_is_open(south, parameters):
    scenario = with_desks(hybrid(parameters), 20)
    tables = tables_of(finished(scenario, territory=south))
    days, p = tables["days"], load_parameters()
    used = days["telecentre"].sum() + days["home_based_days"].sum()
    assert used > 100.0 if parameters is POPULAR else used < 10.0
    assert (days["desks_open"] == 20 * len(scenario.network)).all()
    # Who works at home on their own account spares at home what a day there takes.
    energy_kwh = (days["home"] - days["home_based_days"]) * p["home_kwh_per_day"].value
    energy_kwh += days["desks_open"] * p["centre_kwh_per_desk_day"].value
    assert days["energy_kwh"].to_numpy() == pytest.approx(energy_kwh.to_numpy())
    # Desks are in the commune of their centre or, outside the territory, in the nearest; no group
    # of workers has them.
    communes = tables["communes"].set_index("commune_code")["desks_open"]
    assert communes.sum() == days["desks_open"].sum()
    sites = tables["telecentres"].query("days_open > 0")["commune_code"]
    inside = sites.isin(communes.index)
    assert 0 < inside.sum() < len(sites)
    assert (communes[sites[inside]] >= 20 * len(days)).all()
    assert "energy_kwh" not in tables["groups"]
