"""Known parameters come back: from the closed form, and from what the model's own workers chose."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.estimate.estimate import Estimation, estimate
from sim77.core.units import OCCUPATION_GROUPS, PLAN_KINDS, WEEKDAYS, Plan
from sim77.engine.choice.utility import nested_logit_shares
from sim77.engine.model import CommuteModel
from sim77.engine.supply.access_cache import legs_to_telecentres
from sim77.registry.parameters import load_parameters
from tests.conftest import EVERYBODY_ALLOWED

from .runs import (
    ALL_EMPLOYERS_ALIKE,
    ALWAYS_AT_WORK,
    NEVER_BINDS,
    NO_MEMORY,
    scenario_of,
    with_desks,
)

pytestmark = pytest.mark.science

TRUE = {
    "theta": 0.7, "mu_remote": 0.5, "asc_home_managers": -2.4, "asc_home_clerical": -3.0,
    "asc_tc_telecentre": -0.6, "asc_half": -0.4, "b_fibre": 0.4, "g_habit": 0.5,
    "b_weekday_monday": 0.1, "b_weekday_tuesday": -0.2, "b_weekday_wednesday": 0.0,
    "b_weekday_thursday": -0.15, "b_weekday_friday": 0.25, "beta_cost_per_eur": -0.2,
    "sd_taste_home": 0.0, "sd_taste_telecentre": 0.0, "corr_taste": 0.0,
}  # fmt: skip
GROUPS = ("managers", "clerical")
MOST_CENTRES = 3  # workers of the model with more in reach are not asked
PLANS = ("office", "home", "telecentre", "telecentre", "half", "half")


def made_up_survey(
    n_persons: int, n_days: int, seed: int, values: Mapping[str, float]
) -> pd.DataFrame:
    """Draw choices from the closed form, one worker after the other; four in ten have two centres.

    Utilities are written out from the model's equations, apart from the code under test.
    """
    p, draw = {**TRUE, **values}, np.random.default_rng(seed)
    bt, m_access = -0.033, load_parameters()["multiplier_access_telecentre"].value
    rows = []
    for person in range(n_persons):
        group, fibre = GROUPS[draw.integers(2)], int(draw.integers(2))
        minutes = round(draw.uniform(80, 280))
        off_peak, eur = round(minutes * draw.uniform(0.75, 0.95)), float(draw.choice([0, 0, 6]))
        access, price = [round(a) for a in draw.uniform(6, 60, 2)], float(draw.choice([0, 8, 15]))
        two, last = draw.random() < 0.4, ""
        z = draw.standard_normal(2)
        rho = p["corr_taste"]
        taste_home = p["sd_taste_home"] * z[0]
        taste_tc = p["sd_taste_telecentre"] * (rho * z[0] + np.sqrt(1 - rho**2) * z[1])
        for day in range(n_days):
            weekday = WEEKDAYS[day % 5]
            bonus, home = p[f"b_weekday_{weekday}"], p[f"asc_home_{group}"]
            habit = {kind: p["g_habit"] * (kind == last) for kind in PLAN_KINDS}
            way = [bt * m_access * a for a in access]
            cost = p["beta_cost_per_eur"]
            place = home + p["asc_tc_telecentre"] + taste_tc
            full = [home + taste_home + p["b_fibre"] * fibre + bonus + habit["home"]]
            full += [place + bonus + p["theta"] * (w + cost * price) + habit["telecentre"]
                     for w in way]  # fmt: skip
            half = [p["asc_half"] + 0.5 * (place + bonus) + habit["half"]
                    + p["theta"] * (bt * off_peak + w + cost * (eur + 0.5 * price))
                    for w in way]  # fmt: skip
            office = p["theta"] * (bt * minutes + cost * eur) + habit["office"]
            if not two:
                full[2] = half[1] = -np.inf
            nests = [np.array(full), np.array(half)]
            shares = np.concatenate(nested_logit_shares(office, nests, p["mu_remote"]))
            taken = draw.choice(6, p=shares / shares.sum())
            rows.append({
                "person": person, "weekday": weekday, "occupation": group,
                "available": "office half home telecentre", "chosen": PLANS[taken],
                "chosen_centre": 2 if taken in (3, 5) else 1, "travel_perceived_min": minutes,
                "off_peak_perceived_min": off_peak, "travel_eur": eur,
                "access_min": access[0], "access_min_2": access[1] if two else None,
                "price_day_eur": price, "price_day_eur_2": price,
                "price_half_day_eur": price / 2, "price_half_day_eur_2": price / 2,
                "fibre": fibre, "last_plan": last,
            })  # fmt: skip
            last = PLANS[taken]
    return pd.DataFrame(rows)


def z_scores(found: Estimation, true: Mapping[str, float]) -> pd.Series:
    """Print estimates beside the truth; return how many standard errors they are off."""
    table = found.table.set_index("parameter")
    truth = pd.Series({name: true[name] for name in table.index})
    z = (table["estimate"] - truth) / table["se"]
    shown = pd.DataFrame({"true": truth, "estimate": table["estimate"], "se": table["se"], "z": z})
    print(f"{found.method}: {found.n_days} days of {found.n_persons} persons\n{shown.round(3)}")
    return z


def assert_recovered(z: pd.Series) -> None:
    """No estimate is 3 standard errors off, and together they are off as chance has it.

    Estimates are correlated, so the mean square is not a chi-square; 2 is beyond what it reaches.
    """
    assert z.abs().max() < 3.0
    assert (z**2).mean() < 2.0


@pytest.fixture(scope="module")
def made_up() -> pd.DataFrame:
    return made_up_survey(700, 10, 1, {})


def test_the_nested_logit_recovers_what_its_choices_were_drawn_from(made_up: pd.DataFrame) -> None:
    found = estimate(made_up, free=["beta_cost_per_eur"])
    assert_recovered(z_scores(found, TRUE))
    assert found.starts_agreeing == found.starts
    # It can fail: the nest is told from none, and travel from half as much again.
    table = found.table.set_index("parameter")
    assert table.loc["mu_remote", "high"] < 0.8
    assert table.loc["theta", "high"] < 1.0


def test_standard_errors_are_the_spread_of_the_estimates() -> None:
    """Over many small surveys, the deviation of an estimate is its mean standard error."""
    liked = {"asc_tc_telecentre": 0.3, "asc_half": 0.2}  # so that all plans are taken by many
    runs = [
        estimate(made_up_survey(120, 5, 100 + seed, liked), hold=["b_weekday", "g_habit"])
        for seed in range(24)
    ]
    for name in ("theta", "asc_home_managers", "mu_remote"):
        rows = [run.table.set_index("parameter").loc[name] for run in runs]
        spread = np.std([row["estimate"] for row in rows], ddof=1)
        for kind in ("se", "se_classical"):
            ratio = np.mean([row[kind] for row in rows]) / spread
            print(f"{name} {kind}: mean {ratio:.2f} times the spread")
            # 24 runs tell a standard deviation within 15 % (one sigma).
            assert 0.6 < ratio < 1.5


def test_the_mixed_logit_recovers_tastes() -> None:
    pytest.importorskip("xlogit")
    true = {**TRUE, "mu_remote": 1.0, "sd_taste_home": 1.2, "sd_taste_telecentre": 1.4,
            "corr_taste": 0.5, "asc_tc_telecentre": 0.3}  # fmt: skip
    survey = made_up_survey(300, 10, 2, true)
    found = estimate(survey, "mixed", n_draws=100)
    assert found.converged
    assert_recovered(z_scores(found, true))
    assert found.parameters["mu_remote"] == 1.0
    # It can fail: without the tastes the same table fits far worse, and travel weighs less.
    plain = estimate(survey, "nested")
    assert found.log_likelihood > plain.log_likelihood + 50
    theta = [each.table.set_index("parameter").loc["theta", "estimate"] for each in (found, plain)]
    assert theta[1] < theta[0]


# The model's own workers --------------------------------------------------------------------

STILL = {
    **NO_MEMORY, **ALWAYS_AT_WORK, **EVERYBODY_ALLOWED, **ALL_EMPLOYERS_ALIKE,
    "mu_mode": 0.0, "sd_taste_home": 0.0, "sd_taste_telecentre": 0.0, "utility_per_service": 0.0,
    "theta": 0.7, "mu_remote": 0.5, "asc_half": 1.2, "asc_tc_telecentre": 0.8,
    "asc_tc_coworking": 0.5, "g_habit": 0.4,
    **{f"asc_home_{group}": -6.0 + 0.2 * n for n, group in enumerate(OCCUPATION_GROUPS)},
}  # fmt: skip


def survey_of_the_model(parameters: Mapping[str, float], scale: float) -> pd.DataFrame:
    """Run the whole model and write down, as a survey would, what its workers met and chose."""
    start, end = dt.date(2020, 9, 7), dt.date(2020, 9, 18)
    scenario = with_desks(scenario_of("hybrid-2022", start, end, parameters), 2_000)
    model = CommuteModel(scenario, seed=1, scale=scale)
    days: list[pd.DataFrame] = []

    def look(model: CommuteModel, phase: str) -> None:
        if phase == "choose":
            days.append(_day(model))

    model.observers.append(look)
    while model.running:
        model.step()
    return pd.concat(days, ignore_index=True)


def _day(model: CommuteModel) -> pd.DataFrame:
    w, p, choice_sets, offer = (
        model.columns,
        model.parameters,
        model.choice_sets,
        model.memory.centres.offer,
    )
    choosers, markets = model.effects.choosers, model.memory.markets
    rows = np.flatnonzero(w.kind[choosers.worker] >= 0)
    i = choosers.worker[rows]
    market = w.market[i]
    peak, off = (
        (utility[market] + w.taste[i]).max(axis=1) for utility in (markets.office, markets.half)
    )
    first, last = (
        choice_sets.start[choosers.choice_set[rows]],
        choice_sets.start[choosers.choice_set[rows] + 1],
    )
    access = legs_to_telecentres(model.territory, model.sites.row, p)
    left = w.allowance[i].astype(int) - w.used[i]
    coming = w.present[i] & model.memory.settings.coming
    table: dict[str, Any] = {
        "person": i,
        "weekday": WEEKDAYS[model.memory.settings.weekday],
        "occupation": np.array(OCCUPATION_GROUPS)[model.population.group[i]],
        "chosen": np.array(PLAN_KINDS)[w.kind[i]],
        "chosen_centre": np.maximum(w.alternative[i], 0) + 1,
        # A survey takes a day at most; one in some thousands is farther in perceived minutes.
        "travel_perceived_min": np.minimum(peak / p.beta_time_per_min, 1440.0),
        "off_peak_perceived_min": np.minimum(off / p.beta_time_per_min, 1440.0),
        "fibre": choosers.fibre[rows].round(9),
        "last_plan": np.append(PLAN_KINDS, "")[w.last_kind[i]],
        "half_days_left": left,
        "working_days_left": [int(bits).bit_count() for bits in coming],
    }
    for alternative in range(MOST_CENTRES):
        name = "" if alternative == 0 else f"_{alternative + 1}"
        here = first + alternative < last
        entry = np.where(here, first + alternative, 0)
        k = choice_sets.centre[entry]
        home, car = model.population.commune[i], model.population.car_available[i].astype(int)
        felt_min = 2.0 * access.perceived_min[home, car, k]
        spent = choice_sets.travel[Plan.TELECENTRE, entry] / p.theta
        spent = spent - p.beta_time_per_min * p.multiplier_access_telecentre * felt_min
        paid = choosers.share_paid[rows]
        table[f"access_min{name}"] = np.where(here, 2.0 * choice_sets.minutes[entry], np.nan)
        table[f"access_perceived_min{name}"] = np.where(here, felt_min, np.nan)
        table[f"access_eur{name}"] = np.maximum(spent / p.beta_cost_per_eur, 0.0)
        table[f"price_day_eur{name}"] = paid * offer.price_day[k]
        table[f"price_half_day_eur{name}"] = paid * offer.price_half[k]
        table[f"centre_kind{name}"] = np.array(["telecentre", "coworking"])[model.sites.kind[k]]
    whole = np.where(last > first, "home telecentre", "home")
    plans = np.where(left >= 2, np.char.add("office ", whole), "office")
    half = np.where((left >= 1) & (last > first), " half", "")
    table["available"] = np.char.add(plans, half)
    frame = pd.DataFrame(table)
    return frame[(frame["available"] != "office") & (last - first <= MOST_CENTRES)]


def truth_of(parameters: Mapping[str, float]) -> dict[str, float]:
    return {**{name: each.value for name, each in load_parameters().items()}, **parameters}


def test_what_the_model_chose_gives_its_parameters_back() -> None:
    parameters = {**STILL, **NEVER_BINDS, "g_habit": 0.4}
    found = estimate(survey_of_the_model(parameters, 0.01))
    true = truth_of(parameters)
    # The estimate lets weekdays sum to nothing: their mean is part of what home is worth.
    weekdays = [f"b_weekday_{weekday}" for weekday in WEEKDAYS]
    mean = np.mean([true[name] for name in weekdays])
    true |= {name: true[name] - mean for name in weekdays}
    true |= {name: true[name] + mean for name in true if name.startswith("asc_home_")}
    assert_recovered(z_scores(found, true))


@pytest.mark.long
def test_an_allowance_that_binds_biases_unless_its_remainder_is_in_the_survey() -> None:
    """An allowance holds back most who travel furthest, so travel seems to matter little.

    On days on which none need be kept for later, it does not.
    """
    two_days = {name: 0.0 for name in NEVER_BINDS} | {"share_allowance_4": 1.0}
    parameters = {**STILL, **two_days, "g_habit": 0.0}
    survey = survey_of_the_model(parameters, 0.1)
    # Independents decide for themselves; they have no allowance to run out of.
    survey = survey[survey["occupation"] != "independents"].drop(columns="last_plan")
    text = estimate(survey)
    assert "weekdays_held" in [note.name for note in text.notes]
    assert_recovered(z_scores(text, truth_of(parameters)))
    silent = estimate(
        survey.drop(columns=["half_days_left", "working_days_left"]), hold=["b_weekday"]
    )
    z = z_scores(silent, truth_of(parameters))
    assert z["theta"] < -5.0 and z["mu_remote"] < -5.0 and z["asc_half"] < -5.0
