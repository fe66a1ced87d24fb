"""Signs of what workers do: journeys, rules, strikes, fares, isolation, colleagues, fibre."""

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest

from sim77.core.units import OCCUPATION_GROUPS, WEEKDAYS, Mode, Plan
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.arrays import JOURNEY
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import INDEPENDENTS
from sim77.engine.recorder import SECTION_COLUMNS
from sim77.runs.effects import derived
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    ALWAYS_AT_WORK,
    MANY_DESKS,
    NEVER_BINDS,
    NO_HALF_DAYS,
    NO_MEMORY,
    SEEDS,
    Trace,
    days_by_kind,
    paired,
    people_of_one_pair,
    scenario_of,
    show,
    trace,
    with_desks,
)

pytestmark = pytest.mark.science

START, END = dt.date(2022, 3, 14), dt.date(2022, 3, 25)
LONG_BEFORE = dt.date(2021, 1, 1)
OFFICE, HALF, HOME, CENTRE = range(4)


def hybrid(parameters=None, start=START, end=END, **fields) -> Scenario:
    parameters = {"burn_in_days": 5.0, **(parameters or {})}
    return scenario_of("hybrid-2022", start, end, parameters, **fields)


def remote_days(model: CommuteModel) -> float:
    days = days_by_kind(model)
    return days[HOME] + days[CENTRE] + 0.5 * days[HALF]


def slower(territory: Territory) -> Territory:
    """Return a territory whose trains and roads take ten minutes longer."""
    transit, road = territory.od.transit, territory.od.road
    rides = transit.pairs.assign(ivt_min=transit.pairs["ivt_min"] + 10.0)
    drives = road.pairs.assign(free_flow_min=road.pairs["free_flow_min"] + 10.0)
    od = replace(
        territory.od,
        transit=replace(transit, pairs=rides),
        road=replace(road, pairs=drives),
    )
    return replace(territory, od=od, hash=f"{territory.hash} slower")


def test_sign_4_longer_journeys_more_remote_days(shipped_territory):
    as_is, slow = (
        paired({"": hybrid()}, remote_days, scale=0.03, territory=territory)[""]
        for territory in (shipped_territory, slower(shipped_territory))
    )
    assert show("remote days", slow - as_is) > 0


def test_sign_4_who_cannot_work_away_goes_to_the_office_whatever_the_journey(shipped_territory):
    runs = [
        trace(hybrid(), seed=1, scale=0.1, territory=territory)
        for territory in (shipped_territory, slower(shipped_territory))
    ]
    fixed = runs[0].model.rights.half_days == 0
    assert fixed.sum() > 1000
    for run in runs:
        assert np.isin(run.kind[:, fixed], (Plan.NOT_AT_WORK, Plan.OFFICE)).all()
    assert np.array_equal(runs[0].kind[:, fixed], runs[1].kind[:, fixed])


def test_sign_5_a_lower_cap_fewer_remote_days_and_nobody_beyond_it():
    caps = (6, 4, 2)
    scenarios = {
        cap: hybrid(changes=(Change(LONG_BEFORE, "allowance_half_days", cap),)) for cap in caps
    }
    found = paired(scenarios, remote_days, scale=0.03)
    assert show("from 6 to 4 half-days", found[4] - found[6]) < 0
    assert show("from 4 to 2 half-days", found[2] - found[4]) < 0
    for cap, scenario in scenarios.items():
        run = trace(scenario, seed=1, scale=0.05)
        employees = run.model.population.group != INDEPENDENTS
        assert run.used[:, employees].max() == cap
        assert (run.used <= run.model.columns.allowance).all()


def test_sign_6_an_option_more_adds_no_commuting_kilometre():
    """Exact, worker-day by worker-day: rebound, relocation and half days are off."""
    parameters = {**NO_MEMORY, **NEVER_BINDS, **NO_HALF_DAYS}
    with_centres = with_desks(hybrid(parameters), MANY_DESKS)
    before, after = (
        trace(scenario, seed=1, scale=0.5)
        for scenario in (with_centres.with_(network=()), with_centres)
    )
    commutes = [run.kind == Plan.OFFICE for run in (before, after)]
    assert not (commutes[1] & ~commutes[0]).any()
    assert (before.mode[commutes[1]] == after.mode[commutes[1]]).all()
    columns = [OUTPUT_COLUMNS.index(name) for name in ("rail_km", "car_km", "station_car_km")]
    km = [run.model.recorder.communes[:, :, columns] for run in (before, after)]
    assert (km[1] <= km[0] + 1e-9).all()
    assert km[1].sum() < km[0].sum() - 100


def test_sign_7_on_a_telecentre_day_a_rail_commuter_may_drive():
    """Vehicle trips rise for those who walk to their station, though kilometres fall."""
    run = trace(with_desks(hybrid({"asc_tc_telecentre": 0.0}), MANY_DESKS), seed=1, scale=0.5)
    model = run.model
    journey = model.effects.travel
    by_train = journey.journey[model.population.market, Mode.PUBLIC_TRANSPORT]
    drives_to_station = by_train[:, JOURNEY.index("station_car_km")] > 0
    rail_commuters = (run.mode == Mode.PUBLIC_TRANSPORT) & (run.kind == Plan.TELECENTRE)
    assert (rail_commuters & ~drives_to_station).sum() > 100
    centre_car_km = model.recorder.communes[:, :, OUTPUT_COLUMNS.index("centre_car_km")].sum()
    saved_km = by_train[:, JOURNEY.index("rail_km")][None, :] * rail_commuters
    print(f"{rail_commuters.sum()} such days; {centre_car_km:.0f} km driven to centres by all")
    assert centre_car_km > 0
    assert saved_km.sum() * model.population.weight.mean() > centre_car_km


@pytest.mark.parametrize("lever", ["train_frequency", "train_capacity"])
def test_sign_9_more_trains_or_room_more_days_at_the_office(lever):
    as_is = with_desks(hybrid(EVERYBODY_ALLOWED), MANY_DESKS)
    better = as_is.with_(changes=(Change(LONG_BEFORE, lever, 1.5, target="all"),))
    found = paired({"as is": as_is, "better": better}, days_by_kind, scale=0.03)
    change = found["better"] - found["as is"]
    assert show("office days", change[:, OFFICE]) > 0
    assert show("telecentre days", change[:, CENTRE]) < 0
    assert show("home days", change[:, HOME]) < 0


# Strikes (sign 10) -------------------------------------------------------------------------

STRIKE = Change(dt.date(2022, 3, 21), "strike", 0.4, until=dt.date(2022, 3, 25))
BEFORE, DURING, JUST_AFTER, LATER = slice(0, 5), slice(5, 10), slice(10, 13), slice(27, 30)


def strike_pair(parameters) -> dict[str, Scenario]:
    period = {"start": dt.date(2022, 3, 14), "end": dt.date(2022, 4, 22)}
    return {
        "calm": hybrid(parameters, **period),
        "strike": hybrid(parameters, **period, changes=(STRIKE,)),
    }


@pytest.mark.long
def test_sign_10_a_strike_fills_homes_and_roads_and_is_felt_afterwards():
    def daily(model: CommuteModel) -> np.ndarray:
        accounts = model.recorder.communes.sum(axis=1)
        names = ("office_car", "remote_half_days")
        columns = [accounts[:, OUTPUT_COLUMNS.index(name)] for name in names]
        ratio = model.recorder.sections[:, :, SECTION_COLUMNS.index("travel_time_ratio")]
        return np.column_stack((*columns, ratio.mean(axis=1)))

    found = paired(strike_pair({}), daily, scale=0.05)
    change = found["strike"] - found["calm"]
    assert (change[:, BEFORE] == 0).all()
    during, just_after, later = (
        change[:, days].mean(axis=1) for days in (DURING, JUST_AFTER, LATER)
    )
    for place, name in enumerate(("car days", "remote half-days", "travel-time ratio")):
        assert show(f"{name} during", during[:, place]) > 0
        show(f"{name} just after", just_after[:, place])
        show(f"{name} later", later[:, place])
        # Day by day: who remembers full trains stays at home, who was at home for days goes out,
        # and a mean over days of both signs may be nothing.
        left, faded = (
            np.abs(change[:, days, place].mean(axis=0)).max() for days in (JUST_AFTER, LATER)
        )
        assert faded < left < during[:, place].mean()
        assert (just_after[:, place] != 0).any(), "habit and learning must keep a trace"


def test_sign_10_without_memory_a_strike_leaves_no_trace():
    runs = [trace(each, seed=1, scale=0.1) for each in strike_pair(NO_MEMORY).values()]
    for name in ("kind", "mode", "centre"):
        calm, strike = (getattr(run, name) for run in runs)
        assert np.array_equal(calm[BEFORE], strike[BEFORE])
        assert np.array_equal(calm[DURING.stop :], strike[DURING.stop :])
    assert not np.array_equal(runs[0].kind[DURING], runs[1].kind[DURING])


# Fares (sign 11) ---------------------------------------------------------------------------


def test_sign_11_the_price_of_a_pass_changes_no_choice():
    """With a monthly pass one more remote day saves no fare: exact."""
    fare = load_scenario("fare-2015").with_(
        start=dt.date(2015, 9, 7), end=dt.date(2015, 9, 18), outside_ranges=True
    )
    runs = [
        trace(each, seed=1, scale=0.2)
        for each in (fare, fare.with_(parameters={"navigo_month_eur": 113.2}))
    ]
    for name in ("kind", "mode", "centre", "used"):
        assert np.array_equal(*(getattr(run, name) for run in runs))
    cost = [
        run.model.recorder.communes[:, :, OUTPUT_COLUMNS.index("cost_eur")].sum() for run in runs
    ]
    assert cost[0] == cost[1]
    sums = [
        derived(run.model.recorder.communes.sum(axis=(0, 1)), run.model.parameters) for run in runs
    ]
    passes, surplus = (
        sums[1][name] - sums[0][name] for name in ("pass_cost_eur", "consumer_surplus_eur")
    )
    assert passes > 0.0
    assert surplus == pytest.approx(-passes), "workers lose what passes cost them more"
    shown = [run.model.recorder.day_values[:, 1] for run in runs]
    assert (shown[0] == 70.0).all() and (shown[1] == 113.2).all()


# Isolation (sign 12) -----------------------------------------------------------------------

ALL_ALIKE = {
    **NO_MEMORY, **NEVER_BINDS, **EVERYBODY_ALLOWED, **ALWAYS_AT_WORK, **NO_HALF_DAYS,
    **{f"car_at_hand_{area}": 1.0 for area in ("core", "inner", "outer_urban", "outer_rural")},
    **{f"b_weekday_{weekday}": 0.0 for weekday in WEEKDAYS},
    "sd_taste_home": 0.0, "sd_taste_telecentre": 0.0, "mu_mode": 0.0,
    "share_agreements_paying": 0.0, "asc_tc_telecentre": 0.0, "asc_tc_coworking": 0.0,
    **{f"asc_home_{group}": -3.5 for group in
       ("managers", "intermediate", "clerical", "manual", "independents")},
}  # fmt: skip


def away_from_home_after_runs(run: Trace, longest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many had just spent n days at home in a row, and how many then went out."""
    days_at_home = np.zeros(run.kind.shape[1], dtype=np.int64)
    cases, went_out = np.zeros((2, longest + 1))
    for yesterday, today in zip(run.kind[:-1], run.kind[1:], strict=True):
        days_at_home = np.where(yesterday == Plan.HOME, days_at_home + 1, 0)
        length = np.minimum(days_at_home, longest)
        cases += np.bincount(length, minlength=longest + 1)
        went_out += np.bincount(length[today != Plan.HOME], minlength=longest + 1)
    return cases[1:], went_out[1:]


@pytest.mark.parametrize("g_isolation", [0.0, 0.6])
def test_sign_12_long_runs_of_home_days_drive_people_out(shipped_territory, g_isolation):
    chelles = people_of_one_pair(shipped_territory, "Chelles", "75112", 3000)
    # A memory of days, so that what was before a run does not decide how long it lasts.
    memory = {"g_isolation": g_isolation, "isolation_retention": 0.7}
    often = {f"asc_home_{group}": 0.0 for group in OCCUPATION_GROUPS}  # long runs are many
    scenario = with_desks(hybrid({**ALL_ALIKE, **memory, **often}), MANY_DESKS)
    cases, out = np.zeros((2, 4))
    for seed in SEEDS:
        counts = away_from_home_after_runs(trace(scenario, seed=seed, territory=chelles), 4)
        cases, out = cases + counts[0], out + counts[1]
    share = out / cases
    error = np.sqrt(share * (1 - share) / cases)
    print(f"g {g_isolation}: out after 1 to 4 days at home {share.round(4)} ± {error.round(4)}")
    steps, noise = np.diff(share), np.hypot(error[1:], error[:-1])
    if g_isolation > 0:
        assert (steps > 2 * noise).all()
    else:
        assert (np.abs(steps) < 4 * noise).all()


# Colleagues (sign 13) ----------------------------------------------------------------------


@pytest.mark.long
def test_sign_13_colleagues_bring_people_in_and_sharpen_the_week():
    """The profile sharpens in logits: attendance itself also moves towards 1."""
    period = {"start": dt.date(2022, 3, 7), "end": dt.date(2022, 4, 1)}
    strengths = (0.0, 0.5, 1.0)
    parameters = {**EVERYBODY_ALLOWED, **NEVER_BINDS, "g_norm": 0.0, "burn_in_days": 20.0}
    scenarios = {g: hybrid({**parameters, "g_peer": g}, **period) for g in strengths}

    def attendance(model: CommuteModel) -> np.ndarray:
        accounts = model.recorder.communes.sum(axis=1)
        remote = accounts[:, OUTPUT_COLUMNS.index("remote_half_days")] / 2
        at_work = accounts[:, OUTPUT_COLUMNS.index("workers_at_work")]
        weekday = np.array([day.weekday() for day in model.recorder.days])
        return np.array(
            [1 - remote[weekday == n].sum() / at_work[weekday == n].sum() for n in range(5)]
        )

    found = paired(scenarios, attendance, scale=0.05)
    for weaker, stronger in itertools.pairwise(strengths):
        label = f"g_peer from {weaker} to {stronger}"
        change = found[stronger].mean(axis=1) - found[weaker].mean(axis=1)
        assert show(f"{label}: attendance", change) > 0
        logits = {g: np.log(found[g] / (1 - found[g])) for g in (weaker, stronger)}
        sharper = np.ptp(logits[stronger], axis=1) - np.ptp(logits[weaker], axis=1)
        assert show(f"{label}: spread of the week in logits", sharper) > 0


# Fibre (sign 19) ---------------------------------------------------------------------------


def test_sign_19_fibre_takes_no_home_day_away_and_changes_nothing_where_it_is(shipped_territory):
    """Exact, worker-day by worker-day, with nothing that binds or is remembered."""
    communes = shipped_territory.communes.copy()
    sooner = np.arange(len(communes)) % 2 == 0
    not_yet_wired = (communes["fibre_start"] > "2015-03-14").to_numpy()  # a year before the run
    communes.loc[sooner, "fibre_start"] = "2014-01-01"
    wired: Territory = replace(
        shipped_territory, communes=communes, hash=f"{shipped_territory.hash} wired"
    )
    # In 2016 half of the communes are still without.
    period = {"start": dt.date(2016, 3, 14), "end": dt.date(2016, 3, 25)}
    parameters = {**NO_MEMORY, **NEVER_BINDS, **EVERYBODY_ALLOWED, "b_fibre": 0.8}
    scenario = with_desks(hybrid(parameters, **period), MANY_DESKS)
    before, after = (
        trace(scenario, seed=1, scale=0.2, territory=each) for each in (shipped_territory, wired)
    )
    gains = (sooner & not_yet_wired)[before.model.population.commune]
    at_home = [run.kind == Plan.HOME for run in (before, after)]
    print(f"{gains.sum()} gain; home days {at_home[0][:, gains].sum()} → "
          f"{at_home[1][:, gains].sum()}")  # fmt: skip
    assert not (at_home[0] & ~at_home[1]).any()
    assert at_home[1][:, gains].sum() > at_home[0][:, gains].sum()
    for name in ("kind", "mode", "centre"):
        one, two = (getattr(run, name)[:, ~gains] for run in (before, after))
        assert np.array_equal(one, two)
