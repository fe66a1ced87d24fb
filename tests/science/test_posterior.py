"""Runs and comparisons whose parameters are drawn: the draw of a seed, on both sides the same."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77.analysis.compare.comparison import Comparison, compare, load_comparison
from sim77.core.errors import ResultError
from sim77.core.variance import half_widths, variance_parts
from sim77.report.compare.page import command, write_compare_html
from sim77.runs.execute import RunSpec
from sim77.runs.pair import PairSpec, run_pair
from sim77.runs.run import run
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.science

# So many that draws differ by more than seeds, so few that desks are free.
SOME_CONSIDER = {"share_considering_employees": 0.2, "share_considering_independents": 0.2}
CHEAP = {"price_day_eur": 10.0, "price_half_day_eur": 5.0}
DRAWS = "weight,theta,asc_tc_telecentre\n1,0.4,-8\n2,0.6,-3\n1,0.8,-1.5\n0,0.5,-4.5\n"
SEEDS = 6


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("posterior") / "posterior.csv"
    path.write_text(DRAWS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pair(tiny_scenario: Scenario) -> tuple[Scenario, Scenario]:
    a = tiny_scenario.with_(parameters={**tiny_scenario.parameters, **SOME_CONSIDER})
    return a, a.with_(name="cheap", parameters={**a.parameters, **CHEAP})


@pytest.fixture(scope="module")
def drawn(pair: tuple[Scenario, Scenario], file: Path, small_territory: Territory) -> Comparison:
    return compare(
        *pair, seeds=SEEDS, posterior=file, processes=1, territory=small_territory.folder
    )


def test_a_run_takes_the_draw_of_its_seed(
    tiny_scenario: Scenario, file: Path, small_territory: Territory
) -> None:
    posterior = load_posterior(file)
    for seed in (1, 2):
        values = posterior.draw(posterior.index_for(seed))
        given = {"seed": seed, "territory": small_territory}
        got = run(tiny_scenario, posterior=file, **given)
        pd.testing.assert_frame_equal(got.days, run(tiny_scenario, overrides=values, **given).days)
        assert got.manifest["posterior"] == {
            "name": str(file), "hash": posterior.hash, "n_draws": 4,
            "parameters": ["theta", "asc_tc_telecentre"], "draw": posterior.index_for(seed),
        }  # fmt: skip
        assert f"draw {posterior.index_for(seed)} of the posterior" in sim77.text(got)
    set_too = run(tiny_scenario, posterior=file, overrides={"theta": 0.5}, **given)
    assert "theta: 0.5" in set_too.manifest["scenario"]["yaml"]


def test_another_process_takes_the_same_draws(file: Path) -> None:
    code = (
        "import sys; from sim77.scenario.posterior import load_posterior; "
        "p = load_posterior(sys.argv[1]); print(p.hash, [p.index_for(s) for s in range(50)])"
    )
    message = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    here = load_posterior(file)
    assert message.stdout.split(" ", 1) == [
        here.hash,
        f"{[here.index_for(seed) for seed in range(50)]}\n",
    ]


def test_both_sides_of_a_pair_have_the_draw_of_the_first_seed_of_their_draw(
    pair: tuple[Scenario, Scenario], drawn: Comparison, file: Path, small_territory: Territory
) -> None:
    posterior = load_posterior(file)
    taken = drawn.manifest["posterior"]
    leaders = [1, 1, 3, 3, 5, 5]
    assert taken["seeds_per_draw"] == 2
    assert taken["draw_of_seed"] == [posterior.index_for(seed) for seed in leaders]
    a, b = pair
    effects = []
    for seed, index in zip(range(1, SEEDS + 1), taken["draw_of_seed"], strict=True):
        values = posterior.draw(index)
        sides = (
            RunSpec(each, seed=seed, overrides=values, territory=small_territory) for each in (a, b)
        )
        outcome = run_pair(PairSpec(*sides))
        effects.append(float(np.diff(outcome.other["centre_users"])[0]))
    by_draw = np.array(effects).reshape(3, 2)
    row, half = drawn.effect("centre_users"), half_widths(by_draw)
    parts = variance_parts(by_draw[None])
    expected = {
        "effect": by_draw.mean(), "low": by_draw.mean() - half.whole,
        "high": by_draw.mean() + half.whole, "sampling_variance": parts.sampling,
        "parameter_variance": parts.parameter, "sampling_half_width": half.sampling,
        "parameter_half_width": half.parameter, "draws": 3, "seeds": SEEDS,
        "draws_same_sign": (by_draw.mean(axis=1) * by_draw.mean() > 0.0).sum(),
    }  # fmt: skip
    for name, value in expected.items():
        assert row[name] == pytest.approx(float(value), rel=1e-9, abs=1e-12), name
    assert row["parameter_half_width"] > 0.0


def test_a_posterior_of_one_draw_is_those_parameters_set(
    pair: tuple[Scenario, Scenario], tmp_path: Path, small_territory: Territory
) -> None:
    values = {"theta": 0.6, "asc_tc_telecentre": -0.5}
    file = tmp_path / "one.csv"
    pd.DataFrame([values]).to_csv(file, index=False)
    given = {"seeds": 4, "processes": 1, "territory": small_territory.folder}
    drawn = compare(*pair, posterior=file, seeds_per_draw=1, **given)
    fixed = compare(*pair, overrides=values, **given)
    same = ["indicator", "unit", "a", "b", "effect", "seeds"]
    pd.testing.assert_frame_equal(drawn.effects[same], fixed.effects[same])
    # An interval of one more draw, and one of the mean: of four pairs twice as wide, and a bit.
    half = [each.effects["high"] - each.effects["effect"] for each in (drawn, fixed)]
    np.testing.assert_allclose(half[0], half[1] * np.sqrt(5.0), atol=1e-9)
    assert "parameter_share" not in drawn.effects


def test_what_a_scenario_sets_is_what_it_compares(
    pair: tuple[Scenario, Scenario], file: Path, small_territory: Territory
) -> None:
    sharper = pair[0].with_(name="sharper", parameters={"theta": 0.9})
    found = compare(
        pair[0], sharper, seeds=4, posterior=file, processes=1, territory=small_territory.folder
    )
    (difference,) = found.manifest["differences"]
    assert (difference["name"], difference["after"]) == ("theta", {"value": 0.9})
    assert found.effect("home")["effect"] != 0.0


def test_page_and_text_say_what_was_drawn(
    drawn: Comparison, small_territory: Territory, tmp_path: Path
) -> None:
    write_compare_html(drawn, small_territory, tmp_path / "compare.html")
    text = (tmp_path / "compare.html").read_text(encoding="utf-8")
    name = drawn.manifest["posterior"]["name"]
    for message in (
        "draws 3, seeds per draw 2", "tirages 3, graines par tirage 2",
        "Where the uncertainty comes from", "D’où vient l’incertitude",
        drawn.manifest["posterior"]["hash"],
    ):  # fmt: skip
        assert re.search(re.escape(message).replace(r"\ ", r"\s"), text), message
    # The words of the registry's own parameters are not said of drawn ones.
    assert "Behaviour calibrated" not in sim77.text(drawn)
    assert "Variance due to parameters" in sim77.text(drawn)
    assert "draws 3, seeds per draw 2" in sim77.text(drawn)
    agreed = drawn.effect("centre_users")["draws_same_sign"]
    assert f"Draws with the sign of the mean     Telecentre users {agreed} of 3" in sim77.text(
        drawn
    )
    assert "Draws with the sign of the mean" in text
    shipped = dict.fromkeys("ab", True)
    assert f"--posterior {name} --seeds-per-draw 2" in command(
        drawn.manifest, small_territory, shipped
    )
    sim77.save(drawn, tmp_path / "kept")
    again = load_comparison(tmp_path / "kept")
    pd.testing.assert_frame_equal(again.effects, drawn.effects)
    assert again.manifest["posterior"] == drawn.manifest["posterior"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seeds": 5}, "5 seeds cannot be shared evenly .* take 4 seeds, or one seed per draw"),
        ({"seeds": 2}, "take 4 seeds"),
        ({"seeds": 1}, "take 4 seeds"),
        (
            {"seeds": 4, "seeds_per_draw": 0},
            "seeds per draw must be a whole number from 1 to 1000, not 0",
        ),
        ({"seeds": 4, "seeds_per_draw": 2, "posterior": None}, "name a posterior"),
    ],
)
def test_seeds_that_cannot_be_shared_out_are_told(
    given: dict, message: str, pair: tuple[Scenario, Scenario], file: Path
) -> None:
    with pytest.raises(ResultError, match=message):
        compare(*pair, **{"posterior": file, **given})
