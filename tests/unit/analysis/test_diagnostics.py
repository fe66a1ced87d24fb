"""Gates of the diagnostics pass what is right and fail what is not, on numbers made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sim77 import text
from sim77.analysis.calibrate import recovery, sbc
from sim77.analysis.calibrate.adjust import Draws, adjusted, moved
from sim77.analysis.calibrate.conclusions import CENTRES_TRIED, centre_ends, summarised
from sim77.analysis.calibrate.identify import allowed_ends, verdicts
from sim77.analysis.calibrate.study import CalibrationStudy, study_of
from sim77.analysis.calibrate.surrogate import fit_surrogate, values_at
from sim77.analysis.calibrate.synthetic import outer_points, prior_points
from sim77.analysis.calibrate.verdict import Verdict, least_covered
from sim77.core.errors import StudyError
from sim77.registry.parameters import load_parameters
from sim77.report.calibration.diagnostics import diagnostics_locale, parameter_sentence
from sim77.report.locale import locales

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def study() -> CalibrationStudy:
    return study_of(
        {
            "title": {"en": "x"},
            "anchors": ["2022"],
            "free": {"theta": {}, "g_peer": {}, "g_norm": {}},
            "at_most": {"sum": ["g_peer", "g_norm"], "value": 1.3},
        },
        "x",
    )


def test_an_end_is_called_by_the_share_that_centres_do_hold_there() -> None:
    shares = 1.6 * np.exp(CENTRES_TRIED)
    ends = centre_ends(list(shares))
    assert list(ends) == ["0.25 %", "1 %"]
    assert 1.6 * np.exp(list(ends.values())) == pytest.approx([0.25, 1.0])
    ends = centre_ends(list(0.25 * shares))
    assert list(ends) == ["0.25 %", "0.4 %"]
    assert ends["0.4 %"] == CENTRES_TRIED[-1] == load_parameters()["asc_tc_telecentre"].high


def test_outer_truths_are_outside_the_middle_half_and_allowed(study: CalibrationStudy) -> None:
    points = outer_points(study, 20)
    for free in study.free:
        place = (np.array([each[free.name] for each in points]) - free.low) / (free.high - free.low)
        assert ((place <= 0.25) | (place >= 0.75)).all()
        for ten in (place[:10], place[10:]):  # each ten lies on both sides and not at one end
            assert 3 <= (ten < 0.5).sum() <= 7
            assert np.abs(np.quantile(np.where(ten < 0.5, 2 * ten, 2 * ten - 1), 0.5) - 0.5) < 0.3
    assert all(study.allows(each) for each in points)
    assert outer_points(study, 3) == points[:3]
    assert prior_points(study, 5) == prior_points(study, 9)[:5]


def _intervals(rng: np.random.Generator, shrunk: float, shifted: float = 0.0) -> pd.DataFrame:
    """Ten truths whose posteriors are normal with a standard deviation of 0.1."""
    truth = rng.uniform(0.0, 1.0, 10)
    mean = truth + shifted + rng.normal(0.0, 0.1, 10)
    half = shrunk * 1.2816 * 0.1
    return pd.DataFrame({
        "replicate": np.arange(1, 11), "parameter": "theta", "truth": truth, "mean": mean,
        "low": mean - half, "high": mean + half, "width_ratio": 0.35,
        "covered": np.abs(mean - truth) <= half,
    })  # fmt: skip


def test_recovery_fails_intervals_that_are_too_narrow_or_shifted() -> None:
    rng = np.random.default_rng(1)
    often = {
        name: np.mean([recovery.judged(_intervals(rng, *given)).passed for _ in range(300)])
        for name, given in (("right", (1.0,)), ("narrow", (0.4,)), ("shifted", (1.0, 0.3)))
    }
    assert often["right"] > 0.97, often
    assert often["narrow"] < 0.4, often
    assert often["shifted"] < 0.05, often


def test_recovery_expects_five_of_ten_and_judges_only_what_is_narrowed() -> None:
    assert least_covered(10) == 5
    table = _intervals(np.random.default_rng(2), 1.0)
    wide = table.assign(parameter="g_norm", width_ratio=0.9, covered=False)
    both = recovery.judged(pd.concat([table, wide]))
    assert both.passed
    assert both.counts["passed"].tolist() == [True, None]
    alone = recovery.judged(wide)
    assert not alone.passed
    assert "narrow no parameter" in _recovery_text(alone)
    failed = recovery.judged(table.assign(covered=False))
    assert "“weight of travel in the choice of the place” 0 of 10" in _recovery_text(failed)


def _recovery_text(found: recovery.Recovery) -> str:
    return text(Verdict("recovery", found.passed, {"recovery_counts": found.counts}, {}))


def _ranked(draws: np.ndarray, truths: np.ndarray) -> sbc.RankTest:
    ranks = (draws < truths[:, None]).mean(axis=1)
    bins = sbc.bins_for(len(truths))
    return sbc.judged(pd.DataFrame({
        "truth": np.arange(len(truths)), "parameter": "theta", "value": truths, "rank": ranks,
        "bin": np.minimum((ranks * bins).astype(int), bins - 1),
    }))  # fmt: skip


@pytest.mark.parametrize(
    ("width", "shift", "shape"),
    [(1.0, 0.0, "uniform"), (0.5, 0.0, "too_narrow"), (2.0, 0.0, "too_wide"),
     (1.0, -0.7, "too_low"), (1.0, 0.7, "too_high")],
)  # fmt: skip
def test_ranks_name_what_is_wrong_with_posteriors(width: float, shift: float, shape: str) -> None:
    rng = np.random.default_rng(3)
    # Prior N(0, 1), one observation with error N(0, 1): the posterior is N(y / 2, 1/2).
    truths = rng.normal(size=100)
    wording = truths + rng.normal(size=100)
    middle, sd = wording / 2.0 + shift * np.sqrt(0.5), width * np.sqrt(0.5)
    found = _ranked(middle[:, None] + sd * rng.normal(size=(100, 400)), truths)
    assert found.counts["shape"].tolist() == [shape]
    assert found.passed == (shape == "uniform")
    sentence = text(Verdict("sbc", found.passed, {"sbc_counts": found.counts}, {}))
    held = found.counts["held_80"].item()
    assert ("passed" in sentence) == found.passed
    assert {"too_narrow": held < 0.6, "too_wide": held > 0.95}.get(shape, 0.6 < held < 0.95)
    message = f"those of 80% hold {100 * held:.0f}% of the truths" in sentence
    assert message == (shape in ("too_narrow", "too_wide"))
    assert ("p < 0.001" in sentence) == (not found.passed)


@pytest.mark.parametrize(
    ("held", "least", "most"), [(0.8, 0.0, 0.03), (0.75, 0.0, 0.1), (0.65, 0.4, 0.7)]
)
def test_a_hundred_truths_find_what_the_docs_say(held: float, least: float, most: float) -> None:
    """Among four parameters, intervals of 80 % that hold some other share of the truths."""
    rng = np.random.default_rng(6)
    narrow = norm.ppf(0.9) / norm.ppf(0.5 + held / 2.0)
    found = []
    for _ in range(200):
        rank = norm.cdf(rng.normal(0.0, narrow, 100))
        ranks = pd.DataFrame({"parameter": "theta", "rank": rank})
        ranks["bin"] = (ranks["rank"] * sbc.bins_for(100)).astype(int)
        found.append(sbc.judged(ranks).counts["p_value"].item() < sbc.CHANCE / 4)
    assert least <= np.mean(found) <= most


def test_adjusted_draws_are_the_posterior_of_a_known_case() -> None:
    rng = np.random.default_rng(4)
    place = rng.uniform(size=(4000, 2))
    errors = rng.normal(0.0, 0.05, 4000)
    misses = np.column_stack([(place[:, 0] - 0.6 + errors) / 0.05, np.zeros(4000)])
    draws = adjusted(place, misses, 0.1)
    mean = draws.weights @ draws.place
    sd = np.sqrt(draws.weights @ (draws.place - mean) ** 2)
    assert mean[0] == pytest.approx(0.6, abs=0.01)
    assert sd[0] == pytest.approx(0.05, rel=0.15)
    assert sd[1] == pytest.approx(np.sqrt(1 / 12), rel=0.1), "nothing is said of the second"
    assert draws.rank(np.array([0.0, 1.0])) == pytest.approx([0.0, 1.0], abs=1e-3)


def test_draws_along_a_line_that_few_draws_fix_are_wide_enough() -> None:
    """Twenty statistics, fifty draws: their intervals hold what a fifty-first would be."""
    rng = np.random.default_rng(8)
    slopes, weights = rng.normal(size=20) / np.sqrt(20.0), np.full(50, 0.02)
    held = []
    for _ in range(600):
        misses = rng.normal(size=(51, 20))
        logit = misses @ slopes + rng.normal(size=51)
        draws = moved(1.0 / (1.0 + np.exp(-logit[:50, None])), misses[:50] - misses[50], weights)
        true = 1.0 / (1.0 + np.exp(-logit[50]))
        held.append(0.1 < Draws(draws, weights).rank(np.array([true])).item() < 0.9)
    assert 0.72 < np.mean(held) < 0.85, "taking the line as known holds two in three"


def _curves() -> pd.DataFrame:
    shapes = {
        "theta": [3.0, 1.0, 2.0], "g_peer": [2.0, 1.0, 1.1], "g_norm": [1.1, 1.0, 2.0],
        "g_habit": [1.1, 1.0, 1.2],
    }  # fmt: skip
    return pd.DataFrame([
        {"parameter": name, "value": value, "distance": distance, "best": 1.0}
        for name, distances in shapes.items()
        for value, distance in zip((0.0, 0.5, 1.0), distances, strict=True)
    ])  # fmt: skip


def test_profiles_say_which_ends_the_data_exclude() -> None:
    curves = _curves()
    widths = pd.DataFrame({"parameter": curves["parameter"].unique()}).assign(
        prior_low=0.0, prior_high=1.0, mean=0.5, low=0.1, high=0.9, width_ratio=0.8
    )
    found = verdicts(curves, widths)
    assert found["verdict"].tolist() == [
        "identified", "bounded_below", "bounded_above", "not_identified"
    ]  # fmt: skip
    assert [allowed_ends(curves, name)["value"].tolist() for name in widths["parameter"]] == [
        [0.5, 0.5], [0.5, 1.0], [0.0, 0.5], [0.0, 1.0]
    ]  # fmt: skip
    second = found.to_dict("records")[1]
    told = parameter_sentence(second, diagnostics_locale("en"))
    assert "exclude low values of “pull of teammates at the office”" in told


def test_the_stand_in_finds_a_valley_and_knows_its_error(study: CalibrationStudy) -> None:
    rng = np.random.default_rng(5)
    place = rng.uniform(size=(300, 3))
    place = place[[study.allows(values_at(study, each)) for each in place]]

    def misses(x: np.ndarray) -> np.ndarray:
        return np.column_stack([4.0 * (x[:, 0] + x[:, 1] - 0.8), 2.0 * (x[:, 1] - 0.5) ** 2])

    surrogate = fit_surrogate(study, place, misses(place))
    assert surrogate.error < 0.05
    found = surrogate.nearest(0, 0.1, place)
    assert found[0] == 0.1
    best = min(np.square(misses(np.array([[0.1, y, 0.0]]))).sum() for y in np.linspace(0, 1, 101))
    assert np.square(misses(found[None, :])).sum() == pytest.approx(best, abs=0.02)
    assert study.allows(values_at(study, found))


def test_the_stand_in_comes_back_inside_bounds_that_holding_a_parameter_breaks(
    study: CalibrationStudy,
) -> None:
    """With g_norm at its top, 0.8, none of the points keeps g_peer + g_norm at most 1.3."""
    place = np.random.default_rng(6).uniform((0.0, 0.9, 0.0), (1.0, 1.0, 0.3), (200, 3))

    def misses(x: np.ndarray) -> np.ndarray:
        return np.column_stack([3.0 * (x[:, 1] - 0.95), x[:, 0] - 0.5])

    surrogate = fit_surrogate(study, place, misses(place))
    found = surrogate.nearest(2, 1.0, place)
    values = values_at(study, found)
    assert study.allows(values)
    # The best that is allowed lies on the bound, with g_peer as large as it may be.
    assert values["g_norm"] == pytest.approx(0.8)
    assert values["g_peer"] == pytest.approx(0.5, abs=0.01)
    assert found[0] == pytest.approx(0.5, abs=0.05)
    narrow = replace(study, sum_at_most=0.5)
    with pytest.raises(StudyError, match=r"has g_norm at 0\.8: check its ranges"):
        replace(surrogate, study=narrow).nearest(2, 1.0, place)


def test_the_ends_of_a_prior_are_places_that_a_study_allows() -> None:
    """Also where rounding would pass an end: -0.28 + 1.18 is more than 0.9 in floating point."""
    weekdays = {"monday": {}, "wednesday": {}, "friday": {}, "tuesday": {}, "thursday": {}}
    free = {f"b_weekday_{name}": entry for name, entry in weekdays.items()}
    study = study_of({"title": {"en": "x"}, "anchors": ["2022"], "free": free}, "x")
    for place in (np.zeros(5), np.ones(5)):
        assert study.allows(values_at(study, place))


def test_a_conclusion_that_changes_sign_is_named() -> None:
    rows = [
        ("co2e_travel_2014", "solved", "solved", -5.0, 1.0),
        ("co2e_travel_2014", "theta", "high", 4.0, 1.0),
        ("remote_share_2014", "solved", "solved", 3.0, 0.1),
        ("remote_share_2014", "theta", "high", 4.0, 0.1),
        ("minutes_saved_2014", "solved", "solved", -0.5, 1.0),
        ("minutes_saved_2014", "theta", "high", 2.0, 1.0),
    ]
    units = {"co2e": "kg CO2e a day", "remo": "percent of days at work", "minu": "minutes a day"}
    table = pd.DataFrame([
        {"conclusion": name, "unit": units[name[:4]], "parameter": parameter, "end": end,
         "mean": mean, "low": mean - half, "high": mean + half}
        for name, parameter, end, mean, half in rows
    ])  # fmt: skip
    found = summarised(table)
    assert found["changes_sign"].tolist() == [True, False, False], "the last is within its noise"
    verdict = Verdict("conclusions", None, {"sensitivity": found, "conclusions": table}, {})
    message = text(verdict).splitlines()
    assert "CO₂e of travel, 2014" in message[0]
    unsure = (
        "Not told from zero everywhere: “Effect of telecentres on travel time saved, 2014”, at 1"
    )
    assert f"{unsure} of 2 points." in message[0]
    assert "changes sign" in message[1]
    assert "dans le choix du lieu\u202f» au plus haut" in text(verdict, "fr").splitlines()[2]


def test_every_sentence_is_there_in_both_languages() -> None:
    french, english = (locale.words for locale in locales("diagnostics"))
    assert french.keys() == english.keys()
    assert all(french[key] and english[key] for key in french)


@pytest.mark.parametrize(
    ("key", "value", "wording"),
    [
        (
            "recovery",
            {"popullation": 5},
            "recovery.popullation: unknown key .* mean 'population'",
        ),
        ("sbc", {"free": ["thetta"]}, "sbc.free: 'thetta' is not free"),
        ("sbc", {"simulations": 3}, "expected a whole number from 20"),
    ],
)
def test_reduced_problems_are_checked(key: str, value: dict, wording: str) -> None:
    content = {"title": {"en": "x"}, "anchors": ["2022"], "free": {"theta": {}}, key: value}
    with pytest.raises(StudyError, match=wording):
        study_of(content, "x")


def test_reduced_problems_leave_the_calibration_as_it_is(study: CalibrationStudy) -> None:
    other = replace(study, recovery={"scale": 0.02}, sbc={"free": ["theta"], "scale": 0.03})
    assert other.hash == study.hash
    assert other.for_recovery().scale == 0.02
    assert [each.name for each in other.for_sbc().free] == ["theta"]
    assert other.for_sbc().sum_of == ()
