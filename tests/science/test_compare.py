"""A comparison of two scenarios: nothing where nothing differs, sums that add up, narrow pairs."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import sim77
from sim77.analysis.compare.comparison import Comparison, compare
from sim77.core.errors import ParameterError, ResultError, ScenarioError
from sim77.core.units import HALF_COLUMNS, OFFICE_COLUMNS, PLAN_KINDS
from sim77.engine.arrays import JOURNEY
from sim77.engine.recorder import SEGMENT_COLUMNS
from sim77.report.compare.findings import Findings
from sim77.runs.execute import RunSpec, each_day, start_model
from sim77.runs.measures import day_of, mean_office_min
from sim77.runs.pair import PairSpec, Transitions, line_means, outcome_of, run_pair
from sim77.runs.run import run
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory
from tests import sweep_functions

pytestmark = pytest.mark.science

PRICE_CUT = {
    "price_day_eur": 12.0, "price_half_day_eur": 6.5, "price_hour_eur": 3.0,
    "price_month_eur": 150.0,
}  # fmt: skip
"""By a fifth. What an effect varies by grows with it, and desks are full: for days at centres a cut
by a third leaves pairs hardly ten times less variable than unpaired runs."""
AUTUMN = {"start": dt.date(2022, 9, 5), "end": dt.date(2022, 10, 28)}  # 40 working days
FORTNIGHT = {"start": dt.date(2022, 9, 5), "end": dt.date(2022, 9, 16)}
SEEDS = 8
DESKS = 2000
WEEK = {"start": dt.date(2022, 9, 5), "end": dt.date(2022, 9, 9)}


@pytest.fixture(scope="module")
def cut() -> Comparison:
    """Cheaper desks in hybrid-2022, for a tenth of its workers."""
    hybrid = load_scenario("hybrid-2022")
    cheaper = hybrid.with_(name="cut", parameters=PRICE_CUT)
    return compare(hybrid, cheaper, seeds=SEEDS, scale=0.1, processes=1, **AUTUMN)


@pytest.fixture(scope="module")
def tiny(tiny_scenario: Scenario, small_territory: Territory) -> Comparison:
    """Another price on a small territory."""
    cheaper = tiny_scenario.with_(name="cheaper", parameters=PRICE_CUT)
    return compare(tiny_scenario, cheaper, seeds=3, processes=1, territory=small_territory.folder)


def matrix(comparison: Comparison) -> pd.DataFrame:
    return comparison.transitions.pivot(index="from", columns="to", values="worker_days_per_day")


# Nothing, and sums -------------------------------------------------------------------------


def test_the_same_scenario_twice_has_no_effect_at_all() -> None:
    same = compare("hybrid-2022", "hybrid-2022", seeds=2, scale=0.2, processes=1, **WEEK)
    for name in ("effects", "communes", "groups", "weekdays", "weeks"):
        table = same.tables[name]
        assert (table[["effect", "low", "high"]] == 0.0).to_numpy().all(), name
        assert (table["a"] == table["b"]).all(), name
    assert (same.equity[["gain_min_per_day", "low", "high"]] == 0.0).to_numpy().all()
    moved = same.transitions[same.transitions["from"] != same.transitions["to"]]
    assert (moved[["worker_days_per_day", "minutes_saved_per_day"]] == 0.0).to_numpy().all()
    assert same.transitions["worker_days_per_day"].sum() > 10_000
    assert same.manifest["differences"] == []
    sites = same.telecentres
    for column in (name for name in sites if str(name).endswith("_a")):
        assert (sites[column] == sites[f"{column[:-2]}_b"]).all()


def test_a_weekday_outside_the_period_is_in_no_table() -> None:
    day = WEEK["start"] + dt.timedelta(days=1)
    found = compare(
        "hybrid-2022-no-telecentres",
        "hybrid-2022",
        seeds=2,
        scale=0.02,
        processes=1,
        start=day,
        end=day,
    )
    assert set(found.weekdays["weekday"]) == {"tuesday"}


def test_a_mode_that_nobody_takes_is_in_no_table(tiny: Comparison) -> None:
    for table in (tiny.effects, tiny.communes, tiny.weekdays):
        counts = {name for name in table["indicator"] if name in (*OFFICE_COLUMNS, *HALF_COLUMNS)}
        assert {"office_public_transport", "office_car"} <= counts
        assert not any(name.endswith(("_bicycle", "_walk")) for name in counts)


@pytest.mark.parametrize("side", ["a", "b"])
def test_the_switch_matrix_adds_up_to_the_plans_of_both_runs(side: str, cut: Comparison) -> None:
    sums = matrix(cut).sum(axis=1 if side == "a" else 0)
    effects = cut.effects.set_index("indicator")[side]
    plans = {
        "office": effects.reindex(OFFICE_COLUMNS).sum(),
        "half": effects.reindex(HALF_COLUMNS).sum(),
        "home": effects["home"],
        "telecentre": effects["telecentre"],
    }
    for kind in PLAN_KINDS:
        assert sums[kind] == pytest.approx(plans[kind], rel=1e-9)
    assert sums.sum() == pytest.approx(effects["workers_at_work"], rel=1e-9)


def test_the_switch_matrix_is_the_sum_of_those_of_the_groups(cut: Comparison) -> None:
    columns = ["worker_days_per_day", "minutes_saved_per_day"]
    by_group = cut.transitions_by_group.groupby(["from", "to"])[columns].sum()
    whole = cut.transitions.set_index(["from", "to"])[columns]
    np.testing.assert_allclose(by_group.loc[whole.index], whole, rtol=1e-9, atol=1e-9)


def test_minutes_of_those_who_change_and_of_the_others_are_the_effect(cut: Comparison) -> None:
    total = cut.transitions["minutes_saved_per_day"].sum()
    assert total == pytest.approx(cut.effect("minutes_saved")["effect"], rel=1e-6)


@pytest.mark.parametrize("name", ["communes", "groups"])
def test_parts_add_up_to_the_whole(name: str, cut: Comparison) -> None:
    table = cut.tables[name]
    summed = ["workers_at_work", "telecentre", "minutes_saved", "co2e_travel_kg"]
    if name == "groups":
        table = table[table["employer_size"] == "all"]
        assert "co2e_total_kg" not in set(table["indicator"])  # no group has the desks
    else:
        summed.append("co2e_total_kg")
    for indicator in summed:
        parts = table.loc[table["indicator"] == indicator, "effect"].sum()
        whole = cut.effect(indicator)
        assert parts == pytest.approx(whole["effect"], abs=1e-9 * abs(whole["a"]))


def test_one_side_of_a_pair_is_the_run_of_that_seed() -> None:
    alone = run("hybrid-2022", seed=3, scale=0.2, **WEEK).days
    pair = compare("hybrid-2022", "free-desks", seeds=1, first_seed=3, scale=0.2, **WEEK)
    for name in ("office_public_transport", "home", "telecentre", "minutes_saved", "co2e_total_kg"):
        assert pair.effect(name)["a"] == pytest.approx(alone[name].mean(), rel=1e-9)
    assert pair.effect("refusals")["a"] == pytest.approx(alone["refusals"].mean())


# Intervals ---------------------------------------------------------------------------------


def variance_ratio(effect: pd.Series) -> float:
    """Return how much more two unpaired experiments vary, from the half-widths."""
    paired = (effect["high"] - effect["low"]) / student.ppf(0.975, SEEDS - 1)
    unpaired = (effect["unpaired_high"] - effect["unpaired_low"]) / student.ppf(
        0.975, 2 * SEEDS - 2
    )
    return float((unpaired / paired) ** 2)


def test_pairs_vary_ten_times_less_than_unpaired_runs(cut: Comparison) -> None:
    effect = cut.effect("telecentre")
    ratio = variance_ratio(effect)
    print(f"telecentre days: {effect['effect']:+.1f} a day, variance {ratio:.0f} times below")
    assert effect["low"] > 0
    assert ratio >= 10.0
    for name in ("remote_days", "co2e_travel_kg", "consumer_surplus_eur"):
        assert variance_ratio(cut.effect(name)) >= 10.0, name


def test_expected_and_sampled_counts_agree() -> None:
    """With desks for all nobody is refused, so that what is preferred is what is done.

    Given the state of a day workers choose independently: sampled less expected has a variance
    below the expected count, and the days and seeds add up.
    """
    hybrid = load_scenario("hybrid-2022")
    many = hybrid.with_(network=tuple(replace(site, desks=DESKS) for site in hybrid.network))
    found = compare(many, many.with_(parameters=PRICE_CUT), seeds=2, processes=1, **FORTNIGHT)
    effects = found.effects.set_index("indicator")
    worker_days = 2 * found.manifest["days"]
    for side in ("a", "b"):
        assert effects.loc["refusals", side] == 0.0
        sampled = {
            "home": effects.loc["home", side],
            "telecentre": effects.loc["telecentre", side],
            "half": effects[side].reindex(HALF_COLUMNS).sum(),
        }
        for kind, each in sampled.items():
            expected = effects.loc[f"expected_{kind}", side]
            z = (each - expected) * np.sqrt(worker_days / expected)
            print(f"{side} {kind}: sampled {each:.1f}, expected {expected:.1f} a day, z {z:+.1f}")
            assert abs(z) < 4.0


def test_one_seed_has_no_interval_and_says_so(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    one = compare(
        tiny_scenario, tiny_scenario.with_(parameters=PRICE_CUT), seeds=1,
        territory=small_territory.folder,
    )  # fmt: skip
    ends = ["low", "high", "unpaired_low", "unpaired_high"]
    assert one.effects[ends].isna().to_numpy().all()
    assert one.effects["effect"].notna().all()
    assert "single seed: no interval" in sim77.text(one, "en")
    assert "Une seule graine : pas d" in sim77.text(one, "fr").replace("\u202f", " ")


# What it does not depend on ----------------------------------------------------------------


def same_tables(first: Comparison, second: Comparison) -> None:
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name], check_exact=True)


def test_processes_change_nothing(
    tiny: Comparison, tiny_scenario: Scenario, small_territory: Territory
) -> None:
    cheaper = tiny_scenario.with_(name="cheaper", parameters=PRICE_CUT)
    options = {"seeds": 3, "territory": small_territory.folder}
    same_tables(tiny, compare(tiny_scenario, cheaper, processes=2, **options))


def test_a_process_that_dies_is_told_in_one_sentence(
    tiny_scenario: Scenario, small_territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim77.runs.pool.run_pair", sweep_functions.dies)
    with pytest.raises(ResultError, match=r"was ended by SIGKILL .* if memory has run out"):
        compare(
            tiny_scenario, tiny_scenario, seeds=2, processes=2, territory=small_territory.folder
        )


def test_threads_change_nothing(tiny_scenario: Scenario, small_territory: Territory) -> None:
    sides = (tiny_scenario, tiny_scenario.with_(parameters=PRICE_CUT))
    pair = PairSpec(*(RunSpec(each, territory=small_territory) for each in sides))
    one, two = (run_pair(pair, threads) for threads in (1, 2))
    assert (one.by_day == two.by_day).all()
    assert (one.transitions == two.transitions).all()
    assert (one.transition_minutes == two.transition_minutes).all()


def test_swapping_a_and_b_turns_the_effects_round(
    tiny: Comparison, tiny_scenario: Scenario, small_territory: Territory
) -> None:
    cheaper = tiny_scenario.with_(name="cheaper", parameters=PRICE_CUT)
    swapped = compare(
        cheaper, tiny_scenario, seeds=3, processes=1, territory=small_territory.folder
    )
    assert (swapped.effects["a"] == tiny.effects["b"]).all()
    assert (swapped.effects["effect"] == -tiny.effects["effect"]).all()
    assert (matrix(swapped) == matrix(tiny).T).to_numpy().all()
    assert tiny.effects["effect"].ne(0.0).any()


def test_people_who_differ_by_scenario_are_drawn_for_each(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    carless = tiny_scenario.with_(
        parameters={
            f"car_at_hand_{area}": 0.0 for area in ("core", "inner", "outer_urban", "outer_rural")
        }
    )
    found = compare(tiny_scenario, carless, seeds=1, territory=small_territory.folder)
    assert found.effect("office_car")["b"] == 0.0
    assert found.effect("office_car")["a"] > 0.0


# Mistakes ----------------------------------------------------------------------------------


def test_periods_that_differ_are_one_sentence() -> None:
    with pytest.raises(ResultError, match=r"^'hybrid-2022' runs from 2022-01-01 .* to compare "):
        compare("hybrid-2022", "network-2014")
    with pytest.raises(ResultError, match=r"give start and end \(--from and --to\)"):
        compare("hybrid-2022", "network-2014", start=dt.date(2014, 1, 2))


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        ({"b": "free-desk"}, ScenarioError, "Did you mean 'free-desks'"),
        ({"seeds": 0}, ResultError, "from 1 to 1000, not 0"),
        ({"scale": 0.0}, ResultError, "above 0 and at most 1"),
        ({"workplaces": "pari"}, ResultError, "Did you mean 'paris'"),
        ({"overrides": {"thta": 1.0}}, ParameterError, "theta"),
    ],
)
def test_other_mistakes_are_one_sentence(given: dict, error: type, sentence: str) -> None:
    with pytest.raises((error, ScenarioError), match=sentence) as caught:
        compare(**{"a": "hybrid-2022", "b": "free-desks", "scale": 0.05, **WEEK, **given})
    assert "\n" not in str(caught.value)


def test_who_travels_far_is_told_by_all_days_and_not_by_the_last_one(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    """A strike on the last day weighs in equity as on any other."""
    last = tiny_scenario.end
    strike = Change(last, "strike", 0.3, until=last)
    spec = RunSpec(tiny_scenario.with_(changes=(strike,)), territory=small_territory)
    models = [start_model(spec) for _ in range(2)]
    of_days: list[np.ndarray] = []
    for _ in each_day(*models):
        w, journey = models[0].columns, models[0].memory.trips.journey
        of_days.append(journey[w.market, w.office_mode, JOURNEY.index("travel_min")])
    mean = np.mean(of_days, axis=0)
    assert mean_office_min(models[0]) == pytest.approx(mean)
    assert (of_days[-1] > mean + 5.0).any(), "the strike does not show"
    found = outcome_of(1, models, [], Transitions(), {})
    there = w.weight * w.days_by_kind.any(axis=0)
    assert found.decile_commute_min @ found.decile_workers == pytest.approx(mean @ there)


def test_who_is_away_all_the_time_neither_gains_nor_loses(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    """A week in which half are on holiday: the gain is that of the others, on a day at work."""
    half_away = tiny_scenario.with_(parameters={"absence_september": 0.5})
    none = half_away.with_(name="none", parameters={"share_teleworkable_managers": 0.0})
    first, last = tiny_scenario.start, tiny_scenario.start + dt.timedelta(days=4)
    models = [
        start_model(RunSpec(each, start=first, end=last, territory=small_territory))
        for each in (none, half_away)
    ]
    travelled, days = np.zeros((2, models[0].columns.kind.size)), 0
    for _ in each_day(*models):
        rows = np.flatnonzero(models[0].columns.kind >= 0)
        days += np.isin(np.arange(travelled.shape[1]), rows)
        for total, model in zip(travelled, models, strict=True):
            total[rows] += day_of(model, rows)["travel_min"]
    at_work, weight = days > 0, models[0].columns.weight
    assert 0.3 < at_work.mean() < 0.7
    own = (travelled[0] - travelled[1])[at_work] / days[at_work]
    found = outcome_of(1, models, [], Transitions(), {})
    assert found.decile_workers.sum() == weight[at_work].sum()
    mean = found.decile_gain_min @ found.decile_workers / found.decile_workers.sum()
    assert mean == pytest.approx(np.average(own, weights=weight[at_work]), rel=0.02) and mean > 1.0


def test_who_changes_mode_travelled_by_the_mode_of_each_day(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    """What a policy of some days does to equity is what it does to travel on these days."""
    days = (tiny_scenario.start, tiny_scenario.end)
    barred = Change(days[0], "low_emission_zone", 1.0, until=days[0] + (days[1] - days[0]) / 2)
    b = tiny_scenario.with_(name="barred", changes=(barred,))
    models = [start_model(RunSpec(each, territory=small_territory)) for each in (tiny_scenario, b)]
    sums = np.zeros((2, models[0].columns.kind.size))
    for _ in each_day(*models):
        for total, model in zip(sums, models, strict=True):
            w, journey = model.columns, model.memory.trips.journey
            total += journey[w.market, w.office_mode, JOURNEY.index("travel_min")]
    for total, model in zip(sums, models, strict=True):
        assert mean_office_min(model) == pytest.approx(total / len(model.days))
    changed = np.abs(sums[1] - sums[0]) > 20.0
    assert changed.any(), "nobody has left the car for other modes, and come back"
    assert (models[0].columns.office_mode == models[1].columns.office_mode)[changed].all()


def test_riders_are_compared_at_one_place(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    """Where the line is fullest in A, also when it is fullest elsewhere in B."""
    spec = RunSpec(tiny_scenario, territory=small_territory)
    a, b = (start_model(spec) for _ in range(2))
    for _ in each_day(a, b):
        pass
    line = a.network.lines[0]
    (first, second, *_) = np.flatnonzero(a.network.line == 0)
    for model, riders in ((a, (900.0, 100.0)), (b, (700.0, 800.0))):
        model.recorder.segments[:, :, SEGMENT_COLUMNS.index("peak_riders")] = 1.0
        model.recorder.segments[:, [first, second], SEGMENT_COLUMNS.index("peak_riders")] = riders
    found = outcome_of(1, [a, b], [], Transitions(), {}).other
    assert found[f"peak_riders_{line}"].tolist() == [900.0, 700.0]
    assert line_means(b)[f"peak_riders_{line}"] == 800.0
    full = found[f"load_factor_{line}"]
    assert full[0] > full[1] > 0.0


def test_a_sample_of_a_handful_leaves_deciles_empty_without_a_warning(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    spec = RunSpec(tiny_scenario, territory=small_territory, scale=0.02)
    models = [start_model(spec) for _ in range(2)]
    assert models[0].columns.kind.size < 10
    for _ in each_day(*models):
        pass
    found = outcome_of(1, models, [], Transitions(), {})
    assert (np.isnan(found.decile_gain_min) == (found.decile_workers == 0)).all()


def test_more_trains_are_time_gained_everywhere(
    small_territory: Territory, tiny_scenario: Scenario
) -> None:
    """Also where staying at home avoids less travel than before."""
    more = Change(tiny_scenario.start, "train_frequency", 2.0, target="all")
    b = tiny_scenario.with_(name="more-trains", changes=(more,))
    pair = compare(tiny_scenario, b, seeds=2, processes=1, territory=small_territory)
    assert (
        pair.effect("travel_min")["effect"] < 0.0 > pair.effect("time_cost_official_eur")["effect"]
    )
    gains = Findings(pair).group_gains()
    assert max(gains.values(), key=lambda each: abs(each.effect)).effect > 0.0
    assert pair.equity["gain_min_per_day"] @ pair.equity["workers"] > 0.0
