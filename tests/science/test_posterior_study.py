"""Studies and searches of sites whose parameters are drawn: which draw, what parts, what words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77.analysis.siting.assess import draws_of_parameters
from sim77.analysis.siting.options import Options
from sim77.analysis.siting.run import find_sites
from sim77.analysis.sweep import Study, load_study
from sim77.analysis.sweep.results import Sweep, half_width
from sim77.analysis.sweep.runner import run_study
from sim77.core.errors import ResultError, StudyError
from sim77.core.variance import half_widths, variance_parts
from sim77.report.study.page import write_study_report
from sim77.scenario.posterior import TABLE, load_posterior
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.science

QUICK = {"burn_in_days": 2.0}
OUTCOMES = ["remote_days", "telecentre"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("posterior") / "posterior.csv"
    draws = "theta,asc_tc_telecentre\n0.4,-3\n0.6,-0.5\n0.8,-1\n0.5,-2\n0.7,-1.5\n"
    path.write_text(draws, encoding="utf-8")
    provenance = f"{TABLE}: {load_posterior(path).hash}\nseed: 1\n"
    path.with_suffix(".yaml").write_text(provenance, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def study(tiny_scenario: Scenario, small_territory: Territory, file: Path) -> Study:
    return Study(
        scenario=tiny_scenario.with_(parameters=QUICK), posterior=file, seeds_per_draw=2,
        levers={"price_day": {"values": [5, 20]}}, replications=6, outcomes=OUTCOMES,
        territory=small_territory.folder, period={"from": "2014-09-08", "to": "2014-09-10"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sweep(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return run_study(study, tmp_path_factory.mktemp("sweep") / "out", workers=0)


def test_seeds_in_a_row_share_a_draw_at_every_point(sweep: Sweep, file: Path) -> None:
    posterior = load_posterior(file)
    leaders = [1, 1, 3, 3, 5, 5]
    for _, runs in sweep.table().groupby("design"):
        assert runs["seed"].tolist() == [1, 2, 3, 4, 5, 6]
        assert runs["draw"].tolist() == [posterior.index_for(seed) for seed in leaders]


def test_the_parts_are_those_of_the_runs(sweep: Sweep) -> None:
    runs = sweep.table()
    values = runs[OUTCOMES].to_numpy().reshape(2, 3, 2, len(OUTCOMES))
    found, parts = sweep.variance_parts(), variance_parts(values)
    assert found["outcome"].tolist() == OUTCOMES
    for name in ("sampling", "parameter", "scenario"):
        np.testing.assert_allclose(found[name], getattr(parts, name))
        np.testing.assert_allclose(found[f"{name}_share"], getattr(parts.shares(), name))
    assert found[["points", "draws", "seeds_per_draw"]].to_numpy().tolist() == [[2, 3, 2]] * 2
    points = sweep.points("telecentre")
    means = values[:, :, :, 1].mean(axis=2)
    np.testing.assert_allclose(points["mean"], means.mean(axis=1))
    half = half_width(means.std(axis=1, ddof=1), np.array([3, 3]))
    np.testing.assert_allclose(points["high"] - points["mean"], half)
    assert points["n"].tolist() == [6, 6]


def test_the_store_stands_alone_and_knows_its_draws(sweep: Sweep, study: Study, file: Path) -> None:
    kept = load_study(sweep.folder)
    assert kept.draws is not None and study.draws is not None
    assert kept.draws.posterior.hash == study.draws.posterior.hash
    assert kept.draws.posterior.provenance["seed"] == 1
    assert [kept.point_key(i) for i in range(2)] == [study.point_key(i) for i in range(2)]
    other = replace(study, seeds_per_draw=3), replace(study, posterior=None, seeds_per_draw=1)
    assert len({each.point_key(0) for each in (study, *other)}) == 3


def test_the_page_shows_the_parts(sweep: Sweep, tmp_path: Path) -> None:
    text = write_study_report(sweep, tmp_path / "page.html").read_text(encoding="utf-8")
    for message in ("Where the variance comes from", "D’où vient la variance",
                 "3 draws of 2 seeds", "draws of 5"):  # fmt: skip
        assert message in text.replace("\u202f", " "), message
    parts = pd.read_csv(tmp_path / "page-tables" / "variance-parts.csv")
    np.testing.assert_allclose(parts["parameter"], sweep.variance_parts()["parameter"])


def test_parts_that_cannot_be_told_apart_are_refused(
    study: Study, sweep: Sweep, tmp_path: Path
) -> None:
    plain = replace(sweep, study=replace(study, seeds_per_draw=1))
    with pytest.raises(ResultError, match="seeds_per_draw of 2 or more"):
        plain.variance_parts()
    uncertain = replace(study, uncertainties={"mu_remote": {}}, design={"levels": 2})
    with pytest.raises(ResultError, match="'mu_remote' varies with the points"):
        replace(sweep, study=uncertain).variance_parts()
    few = run_study(replace(study, replications=2), tmp_path / "few", workers=0)
    with pytest.raises(ResultError, match="fewer than two draws"):
        few.variance_parts()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replications": 5}, "seeds_per_draw: 5 replications cannot be shared out 2 to a draw"),
        ({"posterior": None}, "seeds_per_draw: .* there is no posterior"),
        ({"seeds_per_draw": 0}, "seeds_per_draw: expected a whole number from 1, not 0"),
        ({"uncertainties": {"theta": {}}}, "posterior: 'theta' is varied as a factor already"),
        ({"posterior": "nowhere.csv"}, "posterior: there is no posterior file"),
    ],
)
def test_a_study_that_cannot_draw_is_told(given: dict, message: str, study: Study) -> None:
    with pytest.raises(StudyError, match=message):
        replace(study, **given)


def test_a_dated_column_and_a_factor_of_the_same_parameter_are_refused(
    study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "dated.csv"
    path.write_text("share_covered_managers@2022-01-01\n0.5\n", encoding="utf-8")
    with pytest.raises(StudyError, match="'share_covered_managers' is varied as a factor already"):
        replace(study, posterior=path, uncertainties={"share_covered_managers": {}})


# Sites ---------------------------------------------------------------------------------------


def test_plans_are_judged_under_the_draws_of_the_fresh_seeds(
    tiny_scenario: Scenario, small_territory: Territory, file: Path
) -> None:
    options = Options(
        sites=1, sizes=(3, 6), days=3, evaluations=4, fresh_seeds=3, random=1, draws=2
    )
    base = tiny_scenario.with_(network=(), parameters=QUICK)
    found = find_sites(
        options, base, posterior=file, territory=str(small_territory.folder), workers=0
    )
    posterior = load_posterior(file)
    taken = found.manifest["posterior"]["draw_of_seed"]
    assert taken == [posterior.index_for(seed) for seed in options.fresh]
    runs = found.runs[found.runs["plan"] == "improved"]["surplus_eur"].to_numpy()
    row = found.gains("improved")
    assert row["surplus_eur_high"] - row["surplus_eur"] == pytest.approx(
        float(half_widths(runs[:, None]).whole)
    )
    drawn = [posterior.draw(posterior.index_for(options.seed + number)) for number in range(2)]
    regret = found.regret.drop_duplicates("draw")
    assert regret["theta"].tolist() == [values["theta"] for values in drawn]
    assert "asc_tc" not in regret and "mu_remote" in regret
    text = sim77.text(found)
    assert (
        "draw of the parameters from the posterior" in text and "Behaviour calibrated" not in text
    )


def test_ranges_are_drawn_for_what_the_posterior_lacks(file: Path) -> None:
    alone, both = draws_of_parameters(4, 1), draws_of_parameters(4, 1, load_posterior(file))
    gone = {"asc_tc", "theta"}
    assert set(both) == (set(alone) - gone) | {"theta", "asc_tc_telecentre"}
    assert list(draws_of_parameters(0, 1, load_posterior(file))) == list(both)
