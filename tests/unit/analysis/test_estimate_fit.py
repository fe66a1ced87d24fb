"""The likelihoods: exact where theory says so, and what cannot be told is named."""

import builtins
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.estimate.design import ChoiceDesign, _Terms, make_design, registry_values
from sim77.analysis.estimate.estimate import estimate, template
from sim77.analysis.estimate.mixed import (
    _xlogit_fit,
    components,
    draws_of,
    fit_mixed,
    simulated_log_likelihood,
)
from sim77.analysis.estimate.nested import differentiate, fit_nested, log_likelihood
from sim77.analysis.estimate.survey import check_survey
from sim77.core.errors import StudyError
from sim77.core.extras import MissingExtraError
from sim77.engine.choice.utility import nested_logit_shares
from sim77.registry.parameters import load_parameters

pytestmark = pytest.mark.unit

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def random_survey(n_persons: int = 60, n_days: int = 5, seed: int = 1) -> pd.DataFrame:
    """Draw a table in which every plan is taken at random, and nothing is left out."""
    draw = np.random.default_rng(seed)
    person, day = np.divmod(np.arange(n_persons * n_days), n_days)
    n = person.size
    of_person = {
        "occupation": draw.choice(["managers", "clerical"], n_persons),
        "travel_perceived_min": draw.uniform(60, 250, n_persons).round(),
        "travel_eur": draw.choice([0.0, 7.0], n_persons),
        "access_min": draw.uniform(5, 40, n_persons).round(),
        "access_min_2": draw.uniform(5, 40, n_persons).round(),
        "centre_kind_2": np.full(n_persons, "coworking"),
        "fibre": draw.integers(0, 2, n_persons),
    }
    return pd.DataFrame(
        {
            "person": [f"p{number:03}" for number in person],
            "weekday": np.array(WEEK)[day % 5],
            "available": "office half home telecentre",
            "chosen": draw.choice(["office", "half", "home", "telecentre"], n),
            "chosen_centre": draw.integers(1, 3, n),
            **{name: values[person] for name, values in of_person.items()},
        }
    )


@pytest.fixture(scope="module")
def design() -> ChoiceDesign:
    return make_design(check_survey(random_survey()))


def point_of(design: ChoiceDesign, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.4, len(design.names))


@pytest.mark.parametrize("mu", [1.0, 0.6, 0.3])
def test_the_likelihood_is_the_models_closed_form(design: ChoiceDesign, mu: float) -> None:
    point = point_of(design)
    utility = design.fixed + design.x @ point
    for day in range(0, design.n_days, 17):
        nests = [utility[day, design.nest == nest] for nest in (1, 2)]
        shares = np.concatenate(nested_logit_shares(utility[day, 0], nests, mu))
        expected = np.log(shares[design.chosen[day]])
        assert log_likelihood(design, point, mu)[0][day] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("mu", [1.0, 0.45])
def test_the_gradient_of_the_nested_logit_is_right(design: ChoiceDesign, mu: float) -> None:
    point = np.append(point_of(design), mu)
    _, by_utility, by_mu = log_likelihood(design, point[:-1], mu)
    gradient = np.append(np.einsum("nj,njk->k", by_utility, design.x), by_mu.sum())
    for index in range(point.size):
        step = np.zeros_like(point)
        step[index] = 1e-5
        ends = [log_likelihood(design, each[:-1], each[-1])[0].sum()
                for each in (point + step, point - step)]  # fmt: skip
        assert gradient[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-5)


def test_the_gradient_of_the_mixed_logit_is_right(design: ChoiceDesign) -> None:
    names, loading = components(design)
    draws = draws_of(design.n_persons, 40, len(names), seed=1)
    point = np.append(point_of(design), [0.7, 0.5, 0.9])
    scores = simulated_log_likelihood(design, loading, draws, point)[1].sum(axis=0)
    for index in range(point.size):
        step = np.zeros_like(point)
        step[index] = 1e-5
        ends = [simulated_log_likelihood(design, loading, draws, each)[0].sum()
                for each in (point + step, point - step)]  # fmt: skip
        assert scores[index] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-5)


def test_without_tastes_the_mixed_logit_is_the_logit(design: ChoiceDesign) -> None:
    names, loading = components(design)
    draws = draws_of(design.n_persons, 7, len(names), seed=1)
    point = point_of(design)
    mixed = simulated_log_likelihood(design, loading, draws, np.append(point, np.zeros(3)))[0]
    assert mixed == pytest.approx(design.by_person(log_likelihood(design, point, 1.0)[0]))


def test_xlogit_and_our_likelihood_agree_on_value_and_scores(design: ChoiceDesign) -> None:
    """Two programs, the same draws: what xlogit maximises is what the errors are made from."""
    pytest.importorskip("xlogit")
    names, loading = components(design)
    start = fit_nested(design, hold_mu=1.0).values
    model = _xlogit_fit(design, names, loading, start, 60, seed=1)
    fit = fit_mixed(design, 60, seed=1)
    assert fit.log_likelihood == pytest.approx(model.loglikelihood, abs=1e-6)
    theirs = design.by_person(model.grad_n)
    n_terms = len(design.names)
    ours = np.delete(theirs, np.arange(n_terms, n_terms + 3), axis=1)  # without the means
    np.testing.assert_allclose(fit.scores, ours, atol=1e-6)


def test_more_draws_or_another_stretch_change_little_and_the_same_nothing(
    design: ChoiceDesign,
) -> None:
    pytest.importorskip("xlogit")
    first, again, other = (fit_mixed(design, 60, seed=seed) for seed in (1, 1, 2))
    assert (first.values == again.values).all()
    assert not (first.values == other.values).all()
    assert first.log_likelihood == pytest.approx(other.log_likelihood, abs=2.0)


def test_weights_count_persons_several_times() -> None:
    """A person of weight 2 counts like two persons of weight 1 with the same days."""
    table = random_survey(40)
    first = table["person"] < "p020"
    twice = pd.concat([table, table[first].assign(person=table["person"] + "-again")])
    weighted = table.assign(weight=np.where(first, 2.0, 1.0))
    found = [
        estimate(each, hold=["b_weekday", "mu_remote"]).table["estimate"]
        for each in (twice, weighted)
    ]
    np.testing.assert_allclose(*found, atol=2e-4)


def test_the_order_of_rows_changes_nothing() -> None:
    table = random_survey(40)
    mixed_up = table.sample(frac=1.0, random_state=1)
    hold = ["mu_remote"]  # plans taken at random tell no nest
    found = [estimate(each, hold=hold).table["estimate"] for each in (table, mixed_up)]
    np.testing.assert_allclose(*found, atol=1e-4)


def test_a_freed_cost_is_divided_by_theta() -> None:
    values = registry_values(("theta", "beta_cost_per_eur"), np.array([0.5, -0.1]))
    assert values == {"theta": 0.5, "beta_cost_per_eur": -0.2}


def test_components_make_deviations_and_a_correlation() -> None:
    names = ("taste_shared", "taste_home", "taste_centre")
    values = registry_values(names, np.array([1.0, -1.0, np.sqrt(3.0)]))
    expected = {"sd_taste_home": np.sqrt(2), "sd_taste_telecentre": 2.0}
    expected["corr_taste"] = 1.0 / (2.0 * np.sqrt(2))
    assert values == pytest.approx(expected)


def test_held_terms_are_as_registered_and_enter_the_utility() -> None:
    table = random_survey().assign(presence_share=0.5)
    held = make_design(check_survey(table), hold=["b_fibre", "asc_half"])
    assert held.held["b_fibre"] == load_parameters()["b_fibre"].value
    assert held.held["g_peer"] == load_parameters()["g_peer"].value
    home = (table.sort_values("person", kind="stable")["fibre"] * held.held["b_fibre"]).to_numpy()
    np.testing.assert_allclose(held.fixed[:, 1], home)
    np.testing.assert_allclose(held.fixed[:, 0], 0.5 * held.held["g_peer"])


def test_hessians_are_symmetric_differences() -> None:
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    found = differentiate(lambda x: matrix @ x, np.array([3.0, 100.0]))
    np.testing.assert_allclose(found, matrix, atol=1e-8)


def table_with(**values: Any) -> pd.DataFrame:
    return random_survey().assign(**values)


def some_never(plan: str) -> pd.DataFrame:
    table = random_survey()
    table.loc[table["chosen"] == plan, "chosen"] = "home"
    return table


def a_group_that_never_goes() -> pd.DataFrame:
    table = random_survey()
    stays = (table["occupation"] == "clerical") & (table["chosen"] == "office")
    table.loc[stays, "chosen"] = "home"
    return table


UNTOLD = {
    "fibre": (table_with(fibre=1), {}, "'fibre' is 1.0 in every row, so b_fibre cannot"),
    "minutes": (
        table_with(travel_perceived_min=100, travel_eur=0),
        {},
        "takes the same minutes and euros in every row, so theta cannot be estimated",
    ),
    "half": (some_never("half"), {}, "nobody chose the plan 'half', so asc_half cannot"),
    "telecentre": (some_never("telecentre"), {}, "nobody chose the plan 'telecentre', so asc_tc_"),
    "group": (a_group_that_never_goes(), {}, "the group 'clerical' never chose the office"),
    "cost": (
        table_with(travel_eur=0),
        {"free": ["beta_cost_per_eur"], "hold": ["mu_remote"]},
        "the survey does not tell beta_cost_per_eur from the rest",
    ),
    "free what is free": (random_survey(), {"free": ["theta"]}, "'theta' is not held by default"),
    "free without column": (
        random_survey(),
        {"free": ["g_norm"]},
        "no column of the survey identifies",
    ),
    "hold nothing known": (random_survey(), {"hold": ["asc_hafl"]}, "Did you mean 'asc_half'?"),
    "hold all": (
        random_survey(),
        {"hold": ["theta", "asc_home", "asc_tc", "asc_half", "b_weekday", "b_fibre"]},
        "every parameter is held",
    ),
    "weights": (
        table_with(weight=np.arange(300)),
        {},
        "person 'p000' has several weights, expected one",
    ),
    "method": (random_survey(), {"method": "mixt"}, "unknown method 'mixt'. Did you mean 'mixed'?"),
    "mixed and held": (
        random_survey(),
        {"method": "mixed", "hold": ["asc_tc"]},
        "asc_tc_telecentre is held, but the mixed logit estimates the constants",
    ),
    "mixed with single days": (
        random_survey(n_days=1, n_persons=300),
        {"method": "mixed"},
        "every person has one day only",
    ),
    "draws": (random_survey(), {"method": "mixed", "n_draws": 0}, "a whole number from 1"),
}


@pytest.mark.parametrize("name", UNTOLD)
def test_what_a_survey_cannot_tell_is_named(name: str) -> None:
    table, options, sentence = UNTOLD[name]
    with pytest.raises(StudyError) as caught:
        estimate(table, **options)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_that_say_the_same_are_named_together() -> None:
    """Fibre with all clerical workers and none else cannot be told from their constant."""
    table = random_survey()
    table["available"] = "office home"
    table["chosen"] = np.where(table["chosen"] == "office", "office", "home")
    table["fibre"] = 1.0 * (table["occupation"] == "clerical")
    with pytest.raises(StudyError) as caught:
        estimate(table, hold=["mu_remote"])
    message = str(caught.value)
    assert "asc_home_clerical" in message and "b_fibre" in message
    assert "asc_home_managers" not in message and "theta" not in message


def test_one_way_of_being_away_tells_no_nest() -> None:
    table = random_survey()
    table["available"] = "office home"
    table["chosen"] = np.where(table["chosen"] == "office", "office", "home")
    with pytest.raises(StudyError, match="mu_remote cannot be estimated"):
        estimate(table)
    found = estimate(table, hold=["mu_remote"])
    assert found.held["mu_remote"] == load_parameters()["mu_remote"].value


def test_the_template_is_too_small_and_that_is_told() -> None:
    with pytest.raises(StudyError, match=r"cannot be estimated|does not tell"):
        estimate(template())


def test_without_xlogit_one_sentence_says_what_to_install(
    design: ChoiceDesign, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name == "xlogit":
            raise ModuleNotFoundError(name, name=name)
        return real(name, *rest, **named)

    monkeypatch.delitem(sys.modules, "xlogit", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "sim77\[estimate\]"'):
        fit_mixed(design, 5)


def test_utilities_are_those_of_the_equations() -> None:
    """One day by hand: theta, minutes, euros, the centre's way and price, and the halves."""
    day = check_survey(template().iloc[[3]])
    value = {name: each.value for name, each in load_parameters().items()}
    x = {name: column[0] for name, column in _Terms(day, value, cost_is_free=False).all()}
    bt, bc, ma = (value[name] for name in (
        "beta_time_per_min", "beta_cost_per_eur", "multiplier_access_telecentre"))  # fmt: skip
    way, car = bt * ma * 32 + bc * 0.6, -0.8
    expected = [bt * 150 + car, 0.0, way + bc * 15, bt * 120 + car + way + bc * 8]
    np.testing.assert_allclose(x["theta"], expected)
    for name, row in (("asc_home_clerical", [0, 1, 1, 0.5]), ("asc_tc_telecentre", [0, 0, 1, 0.5]),
                      ("asc_half", [0, 0, 0, 1]), ("b_weekday_friday", [0, 1, 1, 0.5]),
                      ("b_fibre", [0, 1, 0, 0]), ("g_habit", [0, 1, 0, 0]),
                      ("g_peer", [0.6, 0, 0, 0.3]), ("g_norm", [0, 0.3, 0.3, 0.15]),
                      ("g_isolation", [0, 0, 0, 0])):  # fmt: skip
        np.testing.assert_allclose(x.pop(name), row, err_msg=name)
    assert x.keys() == {"theta"}


def test_without_perceived_minutes_to_a_centre_physical_ones_count_and_that_is_told() -> None:
    value = {name: each.value for name, each in load_parameters().items()}

    def of_theta(table: pd.DataFrame) -> np.ndarray:
        return dict(_Terms(check_survey(table), value, cost_is_free=False).all())["theta"]

    table = template()
    physical = of_theta(table.drop(columns="access_perceived_min"))
    same = of_theta(table.assign(access_perceived_min=table["access_min"]))
    np.testing.assert_array_equal(physical, same)
    assert (of_theta(table)[:, 2] < physical[:, 2]).all()
    notes = {note.name for note in make_design(check_survey(random_survey())).notes}
    assert "physical_minutes" in notes
