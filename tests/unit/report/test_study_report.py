"""The page of a study: whole, offline, in two languages, its numbers those of the tables."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.discovery.condition import parse_condition
from sim77.analysis.discovery.discovery import Box
from sim77.analysis.sweep.factors import SCENARIO, Factor
from sim77.analysis.sweep.file import default_store
from sim77.analysis.sweep.outcome_direction import better_of
from sim77.analysis.sweep.results import Sweep
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.core.errors import ResultError
from sim77.registry.levers import levers
from sim77.registry.parameters import load_parameters
from sim77.report.charts import Bar, bars, shades_of
from sim77.report.locale import LANGUAGES, decimals_for, locales
from sim77.report.study.facts import StudyFacts, curve_of, facts_of
from sim77.report.study.page import _pairs, factor_data, write_study_report
from sim77.report.study.tables import rule_text
from sim77.report.study.text import (
    box_text,
    factor_label,
    interval_text,
    limit_text,
    order_text,
    scores_tied,
    tidy,
    unit_text,
    value_text,
)
from sim77.scenario.scenario import load_scenario
from sim77.territory.example import EXAMPLE
from sim77.territory.territory import load_territory
from tests.pages import Page
from tests.wording import faults, page_faults

pytestmark = pytest.mark.unit

EFFECT = "effect_co2e_travel_kg"
FR, EN = locales("summary", "study")


def planted(folder: Path, design: dict, levers: dict, outcomes: list[str]) -> Sweep:
    study = Study(
        evaluator="tests.analysis_functions:planted_plainly", levers=levers, design=design,
        replications=2, outcomes=outcomes, title={"fr": "Postes & prix", "en": "Desks & price"},
        question={"fr": "Où cela aide-t-il ?", "en": "Where does it help?"},
    )  # fmt: skip
    return run_study(study, folder, workers=0)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    levers = {
        "desks": {"low": 1, "high": 40, "unit": "desks"},
        "price": {"low": 0, "high": 20, "unit": "€"},
        "leaflets": {"values": ["none", "<many>"]},
    }
    folder = tmp_path_factory.mktemp("page") / "out"
    return planted(folder, {"method": "lhs", "samples": 160}, levers, [EFFECT])


@pytest.fixture(scope="module")
def path(sweep: Sweep, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study_report(sweep, tmp_path_factory.mktemp("html") / "page.html")


@pytest.fixture(scope="module")
def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, Page]:
    """A grid of two levers, of which the page draws a table of colours and regrets."""
    levers = {"desks": {"values": [5, 20]}, "price": {"values": [3, 15]}}
    folder = tmp_path_factory.mktemp("grid")
    sweep = planted(folder / "out", {"method": "grid"}, levers, [EFFECT, "effect_chance"])
    return sweep, Page(write_study_report(sweep, folder / "g.html").read_text(encoding="utf-8"))


# The page ----------------------------------------------------------------------------------


def test_the_page_needs_nothing_else(page: Page) -> None:
    assert {each for each in page.addresses if not each.startswith(("#", "data:"))} == set()
    assert len(page.ids) == len(set(page.ids))
    assert "<many>" in page.text["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_answers_and_says_how_it_knows(page: Page, language: str) -> None:
    # What follows the last language is the script.
    text = " ".join(page.text[language].replace("\u202f", " ").split()).partition('"use strict"')[0]
    sentence = {
        "fr": ["Postes & prix", "Où cela aide-t-il", "320", "Borgonovo 2007", "Quasi-p", "PRIM",
               "Les tirages aléatoires", "hypercube latin", "EMA workbench", "Kwakkel", "≥", "≤"],
        "en": ["Desks & price", "Where does it help", "320", "Borgonovo 2007", "Quasi-p", "PRIM",
               "Random draws explain", "Latin hypercube", "EMA workbench", "Kwakkel", "≥", "≤"],
    }  # fmt: skip
    for each in sentence[language]:
        assert each in text, each
    for untold in ("{", "}", "nan", "None"):
        assert untold not in text, untold


def test_the_box_is_told_in_words(page: Page) -> None:
    text = " ".join(page.text["en"].split())
    found = re.search(r"When (.+?), the policy lowers “CO₂e of travel” at (\d+)% of the", text)
    assert found is not None
    limits = found[1]
    assert re.search(r"“desks” is at least 1[0-6]\S* desks", limits)
    assert re.search(r"“price” is at most (8|9|10)\S* €", limits)
    assert "leaflets" not in limits
    assert int(found[2]) > 80
    french = " ".join(page.text["fr"].split())
    assert re.search(r"Quand .*desks.» vaut au moins 1[0-6]\S* postes", french)


def test_a_page_takes_nothing_away(sweep: Sweep, tmp_path: Path) -> None:
    mine = tmp_path / "p-tables" / "thesis.csv"
    mine.parent.mkdir()
    mine.write_text("precious")
    write_study_report(sweep, tmp_path / "p.html")
    assert mine.read_text() == "precious" and (mine.parent / "outcomes.csv").is_file()
    # But for what it found itself under another condition.
    found = mine.parent / f"{EFFECT}-prim.csv"
    assert found.is_file()
    write_study_report(sweep, tmp_path / "p.html", where=f"{EFFECT} < -1e9")
    assert not found.exists() and mine.read_text() == "precious"


def test_every_csv_that_the_page_names_is_there(path: Path, page: Page) -> None:
    for language in LANGUAGES:
        named = set(re.findall(r"page-tables/[\w.-]+\.csv", page.text[language]))
        assert len(named) >= 6
        for name in named:
            assert not pd.read_csv(path.parent / name).empty


def test_the_table_of_outcomes_is_that_of_the_runs(path: Path, sweep: Sweep) -> None:
    table = pd.read_csv(path.parent / "page-tables" / "outcomes.csv").set_index("name")
    runs = sweep.table()
    assert table.loc[EFFECT, "mean"] == pytest.approx(runs[EFFECT].mean())
    by_point = runs.groupby("design")[EFFECT].mean()
    assert table.loc[EFFECT, "least"] == pytest.approx(by_point.min())
    by_seed = runs.groupby("seed")[EFFECT].mean()
    # Student's t with one degree of freedom.
    half = 12.706205 * by_seed.std(ddof=1) / np.sqrt(2)
    assert table.loc[EFFECT, "high"] == pytest.approx(by_seed.mean() + half)


def test_the_page_and_its_tables_are_the_same_each_time(
    grid: tuple[Sweep, Page], tmp_path: Path
) -> None:
    first, second = (
        write_study_report(grid[0], tmp_path / folder / "page.html") for folder in ("a", "b")
    )
    assert first.read_bytes() == second.read_bytes()
    for table in (tmp_path / "a" / "page-tables").iterdir():
        assert table.read_bytes() == (tmp_path / "b" / "page-tables" / table.name).read_bytes()


def test_a_grid_has_colours_and_regrets(grid: tuple[Sweep, Page]) -> None:
    sweep, page = grid
    text = " ".join(page.text["en"].split())
    assert "By both levers" in text
    assert "A grid gives no Sobol indices" in text
    assert "Least risky combination" in text
    best = facts_of(sweep).findings[0].regret
    assert isinstance(best, pd.DataFrame)
    assert best.iloc[0][["desks", "price"]].tolist() == [20.0, 3.0]


def test_pairs_of_a_sobol_design_are_drawn_the_greatest_first(tmp_path: Path) -> None:
    pi = float(np.pi)
    study = Study(
        evaluator="tests.sweep_functions:ishigami", outcomes=["y"],
        uncertainties={name: {"low": -pi, "high": pi} for name in ("x1", "x2", "x3")},
        design={"method": "sobol", "samples": 256, "second_order": True},
    )  # fmt: skip
    sweep = run_study(study, tmp_path / "out", workers=0)
    table = (facts := facts_of(sweep)).findings[0].sensitivity
    _, lead, _, chart = _pairs(facts, table[table["order"] == "second"], EN)
    # Of Ishigami's function x1 and x3 alone act together: 0.24 of the variance.
    assert chart.rows[0].name == "x1 × x3"
    assert len(chart.rows) == 3
    assert "3 of 3" in lead.text and "above 0: 1." in lead.text
    page = Page(write_study_report(sweep, tmp_path / "p.html").read_text(encoding="utf-8"))
    assert "Factors that act in pairs" in page.text["en"]
    assert "Facteurs qui agissent à deux" in page.text["fr"]


def test_a_condition_of_ones_own(grid: tuple[Sweep, Page], tmp_path: Path) -> None:
    sweep, _ = grid
    facts = facts_of(sweep, f"{EFFECT} < -1 & effect_chance > -9")
    assert facts.findings[0].condition.text == f"{EFFECT} < -1 & effect_chance > -9"
    with pytest.raises(ResultError, match="no outcome 'effect'"):
        facts_of(sweep, "effect < 0")
    with pytest.raises(ResultError, match="an HTML file"):
        write_study_report(sweep, tmp_path / "page.pdf")


def test_a_plain_outcome_has_no_threshold_of_its_own(tmp_path: Path) -> None:
    study = Study(
        evaluator="tests.sweep_functions:noisy", outcomes=["y"],
        uncertainties={"x": {"low": 0, "high": 1}}, design={"method": "lhs", "samples": 24},
    )  # fmt: skip
    sweep = run_study(study, tmp_path / "out", workers=0)
    assert facts_of(sweep).findings[0].box == "condition"
    given = facts_of(sweep, "y < 0.5").findings[0]
    assert given.condition is not None
    # A single factor: the workbench's CART stumbles over it without help.
    assert isinstance(given.leaves, pd.DataFrame)
    assert given.leaves["rule"].str.startswith("x ").all()
    text = Page(write_study_report(sweep, tmp_path / "p.html").read_text(encoding="utf-8")).text
    assert "Without a baseline, say what is looked for" in text["en"]


def test_much_noise_is_warned_of(page: Page, grid: tuple[Sweep, Page]) -> None:
    assert "(2 runs a point)" in page.text["en"] and "do not rely on" not in page.text["en"]
    # Its second outcome is chance alone.
    assert "do not rely on" in grid[1].text["en"]


def test_a_store_without_runs_is_said(tmp_path: Path) -> None:
    study = Study(
        evaluator="tests.sweep_functions:not_finite", outcomes=["y"],
        uncertainties={"x": {"low": 0, "high": 1}}, design={"method": "lhs", "samples": 4},
    )  # fmt: skip
    sweep = run_study(study, tmp_path / "out", workers=0)
    with pytest.raises(ResultError, match="no finished run of the study gives 'y'"):
        write_study_report(sweep, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("of_centres", [True, False])
def test_a_study_of_centres_says_whom_its_scope_leaves_out(
    of_centres: bool, tmp_path: Path
) -> None:
    study = Study(
        scenario="hybrid-2022", levers={"price_day": {"values": [5, 20]}}, scale=0.02,
        replications=2, outcomes=["refusals" if of_centres else "remote_days"],
        period={"from": "2022-03-01", "to": "2022-03-02"},
    )  # fmt: skip
    sweep = run_study(study, tmp_path / "out", workers=0)
    read = Page(write_study_report(sweep, tmp_path / "p.html").read_text(encoding="utf-8"))
    said = {"fr": "seuls 15 % des actifs du territoire", "en": "only 15% of the territory’s"}
    for language in LANGUAGES:
        text = re.sub("[\u00a0\u202f]", " ", read.text[language]).replace("'", "’")
        assert (said[language] in text) == of_centres


def test_where_the_runs_of_a_study_are_looked_for() -> None:
    assert default_store(Path("experiments/desks/study.yaml")) == Path("out/desks")
    assert default_store(Path("studies/prices.yaml")) == Path("out/prices")
    assert default_store(Path("experiments/desks/study.yml")) == Path("out/desks")


# Words -------------------------------------------------------------------------------------


def test_every_word_of_one_language_is_in_the_other() -> None:
    for key, french in FR.words.items():
        gaps = re.findall(r"{(\w+)}", french)
        assert sorted(gaps) == sorted(re.findall(r"{(\w+)}", EN.words[key])), key


def test_every_unit_of_the_registries_has_its_french() -> None:
    from sim77.registry.indicators import described
    from sim77.runs.effects import worker_indicators

    daily = {described(name).daily_unit for name in worker_indicators()}
    of_factors = {each.unit for each in (*load_parameters().values(), *levers().values())}
    told = {unit: (unit_text(unit, FR), unit_text(unit, EN)) for unit in daily | of_factors}
    alike = {english for french, english in told.values() if french == english}
    words = {text for text in alike if re.search(r"[a-z]{5}", text)}
    assert words == {"minutes", "€/litre"}  # the same word in both languages


@pytest.mark.parametrize(
    ("outcome", "better"),
    [
        ("effect_co2e_travel_kg", "lower"),
        ("baseline_refusals", "lower"),
        ("travel_min", "lower"),
        ("effect_remote_days", ""),
        ("effect_cost_saved_eur", "higher"),
        ("cost_eur", "lower"),
    ],
)
def test_which_direction_is_better(outcome: str, better: str) -> None:
    assert better_of(outcome) == better


def test_a_blank_unit_leaves_no_gap() -> None:
    assert tidy("réduit de 3  en moyenne (de 1 à 2 ) .") == "réduit de 3 en moyenne (de 1 à 2)."
    assert tidy("from 1 to 2; then") == "from 1 to 2; then"


# Charts ------------------------------------------------------------------------------------


def points_of(x: object, y: object) -> pd.DataFrame:
    return pd.DataFrame({"x": x, "mean": y})


def test_a_curve_averages_by_value() -> None:
    curve = curve_of(points_of([1.0, 1.0, 2.0], [2.0, 4.0, 7.0]), "x")
    assert curve.mean.tolist() == [3.0, 7.0]
    assert curve.n.tolist() == [2, 1]
    assert curve.high[0] == pytest.approx(3.0 + 12.706205 * np.sqrt(2.0) / np.sqrt(2.0))
    assert np.isnan(curve.low[1])
    texts = curve_of(points_of(["b", "a", "b"], [1.0, 5.0, 3.0]), "x")
    assert (texts.names, texts.mean.tolist()) == (("a", "b"), [5.0, 2.0])


def test_points_of_one_block_of_a_design_are_no_independent_ones() -> None:
    # Each of four base rows stands there ten times, all but alike.
    base = np.array([1.0, 4.0, 2.0, 9.0])
    points = points_of(np.ones(40), np.repeat(base, 10))
    curve = curve_of(points, "x", np.repeat(np.arange(4), 10))
    alone = curve_of(points_of(np.ones(4), base), "x")
    assert curve.mean == pytest.approx(alone.mean) and curve.n.tolist() == [40]
    assert curve.high == pytest.approx(alone.high)
    assert curve_of(points, "x").high[0] < 0.4 * alone.high[0] + 0.6 * alone.mean[0]


def test_a_curve_of_many_values_has_eight_bins_with_as_many_points() -> None:
    x = np.arange(80.0)
    curve = curve_of(points_of(x, 2.0 * x), "x")
    assert curve.n.tolist() == [10] * 8
    assert curve.mean == pytest.approx(2.0 * curve.x)


def test_a_panel_is_given_every_point_and_the_means_of_the_curve() -> None:
    random = np.random.default_rng(1)
    points = points_of(random.uniform(0, 20, 60), random.normal(0, 1, 60))
    curve = curve_of(points, "x")
    data = factor_data(points, "x", curve)
    assert data["points"] == list(zip(points["x"], points["mean"], strict=True))
    assert [mean["x"] for mean in data["means"]] == curve.x.tolist()
    assert [mean["high"] for mean in data["means"]] == curve.high.tolist()
    assert list(data["texts"]) == []
    texts = points_of(["b", "a", "b"], [1.0, 5.0, 3.0])
    data = factor_data(texts, "x", curve_of(texts, "x"))
    assert list(data["texts"]) == ["a", "b"]
    assert [(mean["x"], mean["mean"]) for mean in data["means"]] == [("a", 5.0), ("b", 2.0)]


def test_of_many_points_a_thousand_are_drawn_and_the_means_are_those_of_all() -> None:
    random = np.random.default_rng(1)
    points = points_of(random.uniform(0, 20, 3000), random.normal(0, 1, 3000))
    curve = curve_of(points, "x")
    data = factor_data(points, "x", curve)
    assert len(data["points"]) == 1000
    assert set(data["points"]) <= set(zip(points["x"], points["mean"], strict=True))
    assert [mean["mean"] for mean in data["means"]] == curve.mean.tolist()


def test_colours_turn_at_zero_only_where_signs_differ() -> None:
    both = shades_of(np.array([[-4.0, 0.1], [2.0, 7.0]]))
    assert both["prefix"] == "v"
    assert [-each for each in reversed(both["breaks"])] == list(both["breaks"])
    assert sum(each <= 0.1 for each in both["breaks"]) == 3
    one = shades_of(np.array([[1.0, 2.0, 3.0, 9.0]]))
    assert one["prefix"] == "q"
    classes = [sum(each <= value for each in one["breaks"]) for value in (1.0, 9.0)]
    assert classes[0] < classes[1]


def test_bars_carry_their_values_and_intervals() -> None:
    rows = bars([("a", [Bar(2.0, 1.0, 4.0)]), ("b", [Bar(-1.0)])])
    first, second = (row.tracks[0].data for row in rows)
    assert first == {"marks": [("share", 0.0, 2.0), ("whisker", 1.0, 4.0)]}
    assert second["marks"][0] == ("share", 0.0, -1.0)
    assert "ends" not in first
    nan = float("nan")
    assert interval_text(2.0, 1.0, 4.0, EN, 1) == "2.0 (1.0 to 4.0)"
    assert interval_text(-1.0, nan, nan, EN, 1) == "−1.0"


def test_decimals_give_three_digits() -> None:
    assert [decimals_for(value) for value in (1234.0, 12.3, 0.0123, 0.0)] == [0, 1, 4, 0]


# Words and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["page", "grid"])
def test_the_words_and_numbers_of_the_pages_are_plain(
    which: str, language: str, request: pytest.FixtureRequest
) -> None:
    found = request.getfixturevalue(which)
    page = found if isinstance(found, Page) else found[1]
    assert page_faults(page.text, language) == []


def test_parameters_moved_together_are_told_by_their_labels() -> None:
    given = {"together": ["asc_tc_telecentre", "asc_tc_coworking"], "low": -2, "high": 0}
    study = Study(scenario="network-2014", uncertainties={"asc_centre": given}, outcomes=["home"])
    for locale in (FR, EN):
        message = factor_label(study.factors[0], locale)
        assert "asc_centre" not in message
        assert faults(message, locale.language) == []


def test_the_page_says_whether_factors_can_be_put_in_order() -> None:
    def said(*rows: tuple[float, float, float]) -> str:
        return order_text(pd.DataFrame(rows, columns=["index", "low", "high"]), EN)

    apart, near, far = (0.8, 0.7, 0.9), (0.75, 0.6, 0.85), (0.1, 0.0, 0.2)
    assert "matters most" in said(apart, far) and "do not say" not in said(apart, far)
    assert "first 2 factors overlap" in said(apart, near, far)
    assert "all factors overlap" in said(apart, near)
    assert said(apart) == ""


def test_scores_whose_intervals_overlap_are_not_said_to_be_in_order() -> None:
    rows = {
        "co2": [("a", 0.7, 0.6, 0.8), ("b", 0.3, 0.2, 0.4)],
        "users": [("a", 0.5, 0.3, 0.7), ("b", 0.4, 0.25, 0.55), ("c", 0.1, 0.0, 0.2)],
    }
    scores = pd.DataFrame(
        [(outcome, *row) for outcome, group in rows.items() for row in group],
        columns=["outcome", "factor", "score", "low", "high"],
    )
    told = scores_tied(scores, ["co2", "users"], EN, short=False)
    assert "which matters most, for: users" in told
    assert "co2" not in told.lower()
    assert scores_tied(scores, ["co2"], EN, short=False) == ""
    assert scores_tied(scores, ["users"], EN, short=False).startswith("For all outcomes")


@pytest.mark.parametrize(
    ("whole", "rule", "said"),
    [
        # Limits lie between values that were tried: 3, 6, 12, 25.
        (True, "desks > 9.0 & desks <= 18.5", "desks from 10 to 18 desks"),
        (True, "desks <= 9.0", "desks ≤ 9 desks"),
        (True, "desks > 18.5", "desks ≥ 19 desks"),
        (False, "desks > 9.0 & desks <= 18.5", "desks from 9.00 to 18.5 desks"),
        (False, "desks > 18.5", "desks > 18.5 desks"),
    ],
)
def test_limits_of_whole_numbers_are_whole(whole: bool, rule: str, said: str) -> None:
    factor = Factor("desks", True, 3.0, 25.0, unit="desks", label_en="desks", whole=whole)
    facts = cast("StudyFacts", SimpleNamespace(sweep=SimpleNamespace(factors=[factor])))
    assert rule_text(facts, rule, EN) == said
    row = {"values": [], "low": 9.2, "high": 18.8, "range_low": 3.0, "range_high": 25.0}
    assert limit_text(factor, row, EN) == f"from {'10 to 18' if whole else '9.2 to 18.8'} desks"
    assert limit_text(factor, row | {"high": np.nan}, EN) == f"≥ {'10' if whole else '9.2'} desks"


def test_limits_of_shares_are_percentages() -> None:
    factor = Factor("remote", False, 0.04, 0.2, unit="share", label_en="remote days")
    facts = cast("StudyFacts", SimpleNamespace(sweep=SimpleNamespace(factors=[factor])))
    assert rule_text(facts, "remote <= 0.1223", EN) == "Remote days ≤ 12.2%"
    row = {"values": [], "low": 0.0723, "high": np.nan, "range_low": 0.04, "range_high": 0.2}
    assert limit_text(factor, row, EN) == "≥ 7.2%"
    assert value_text(facts, factor, 0.04, EN) == "4%"


def test_a_scenario_of_another_territory_is_called_by_its_label() -> None:
    study = SimpleNamespace(where=load_territory(EXAMPLE))
    facts = cast("StudyFacts", SimpleNamespace(sweep=SimpleNamespace(study=study)))
    factor = Factor("scenario", False, 0.0, 1.0, ("both-centres",), kind=SCENARIO)
    label = load_scenario("both-centres", study.where).label_en
    assert value_text(facts, factor, "both-centres", EN) == label != "both-centres"


def test_a_few_of_thousands_are_not_none() -> None:
    limits = pd.DataFrame({"factor": []})
    condition = parse_condition("effect_co2e_travel_kg < 0", ["effect_co2e_travel_kg"])
    french, english = locales("study")
    for base, said in ((1 / 5632, "0.018% of the 5,632"), (0.0, "0% of the"), (0.21, "21% of the")):
        box = Box(condition, limits, 1.0, base, 1.0, base, 0.0, 1.0, 5632, 5632)
        assert said in box_text(None, box, english), base
        assert said.replace("%", "\u202f%").split(" ")[0].replace(".", ",") in box_text(
            None, box, french
        )
