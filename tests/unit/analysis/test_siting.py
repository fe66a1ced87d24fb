"""New sites in any commune, candidates, random networks, moves, verdicts, and the page's words."""

import datetime as dt
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77 import CommuteModel
from sim77.analysis.loading import load
from sim77.analysis.siting import search
from sim77.analysis.siting.assess import draws_of_parameters, judge, random_plans
from sim77.analysis.siting.candidates import (
    Plan,
    base_scenario,
    find_candidates,
    first_days,
    plan_of,
    usual_budget_eur,
)
from sim77.analysis.siting.demand import CandidateDemand
from sim77.analysis.siting.evaluate import (
    _INDICATORS,
    GAINS,
    SITE_COLUMNS,
    Measures,
    gains,
    measure,
)
from sim77.analysis.siting.moves import swaps
from sim77.analysis.siting.options import Options
from sim77.analysis.siting.result import PLAN, Siting
from sim77.analysis.siting.run import find_sites
from sim77.analysis.siting.search import Search, Step, runners_up
from sim77.analysis.siting.static import problem_of, quick_values, static_value
from sim77.core.errors import ScenarioError, StudyError
from sim77.registry.parameters import resolve
from sim77.report.locale import LANGUAGES, words_by_language
from sim77.report.siting.text import Facts, behind_line, locale_of, plan_name
from sim77.report.tables import records
from sim77.runs.execute import RunSpec
from sim77.scenario.scenario import Change, Scenario, SiteSpec, load_scenario
from sim77.territory.sites import NEW_DESKS, new_id
from sim77.territory.territory import Territory, load_territory
from tests.pages import Page
from tests.wording import faults, page_faults

pytestmark = pytest.mark.unit


# The door: a new telecentre in any commune -------------------------------------------------


def test_sites_are_the_telecentres_and_one_in_each_commune(shipped_territory: Territory) -> None:
    sites, table = shipped_territory.sites, shipped_territory.telecentres
    assert len(sites) == len(table) + len(shipped_territory.communes)
    pd.testing.assert_frame_equal(sites.iloc[: len(table)], table)
    new = sites.set_index("telecentre_id").loc[new_id("77131")]
    commune = shipped_territory.communes.set_index("code").loc["77131"]
    assert (new["lat"], new["lon"]) == (commune["lat"], commune["lon"])
    assert (new["desks"], new["assumed"], new["kind"]) == (NEW_DESKS, 1, "telecentre")


def test_a_territory_without_telecentres_has_sites(small_territory: Territory) -> None:
    bare = replace(small_territory, telecentres=small_territory.telecentres[:0])
    assert list(bare.sites["telecentre_id"]) == [new_id(code) for code in bare.communes["code"]]


def test_a_scenario_runs_with_a_new_site(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    scenario = tiny_scenario.with_(network=(SiteSpec("bourg"), SiteSpec("new-99003", desks=7)))
    model = CommuteModel(scenario, territory=small_territory)
    model.step()
    assert model.sites.ids == ("bourg", "new-99003")
    assert model.memory.centres.desks.tolist() == [12, 7]
    with pytest.raises(ScenarioError, match=r"unknown telecentre 'new-99009'. Did you mean 'new-9"):
        tiny_scenario.with_(network=(SiteSpec("new-99009"),)).check(small_territory)


# Candidates and plans ----------------------------------------------------------------------


def test_communes_with_a_telecentre_are_no_candidates(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    kept = find_candidates(tiny_scenario, small_territory, (20, 5))
    assert kept.codes == ("99003",) and kept.sizes == (5, 20)
    scratch = base_scenario(
        tiny_scenario, tiny_scenario.start, tiny_scenario.end, from_scratch=True
    )
    everywhere = find_candidates(scratch, small_territory, (5, 20))
    assert everywhere.codes == tuple(small_territory.communes["code"])


def test_what_a_site_costs_is_what_its_operator_will_pay(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    candidates = find_candidates(tiny_scenario, small_territory, (10,))
    p = tiny_scenario.state_on(tiny_scenario.start, small_territory).parameters
    services = (
        p.service_meeting_rooms_eur_per_year
        + p.service_videoconference_eur_per_year
        + p.space_confidential_eur_per_year
    )
    whole = p.centre_fixed_cost_eur_per_year + 10 * p.centre_desk_cost_eur_per_year + services
    assert candidates.cost_of(plan_of([("99003", 10)])) == pytest.approx(whole)
    assert usual_budget_eur(candidates, 3) == pytest.approx(3 * whole)


def test_runs_take_place_on_the_first_days_of_march() -> None:
    start, end = first_days(load_scenario("hybrid-2022"), 20)
    assert (start.isoformat(), end.isoformat()) == ("2022-03-07", "2022-04-01")
    with pytest.raises(StudyError, match="fewer than 900 working days"):
        first_days(load_scenario("hybrid-2022"), 900)


def test_random_networks_spend_the_budget_and_no_more(shipped_territory: Territory) -> None:
    candidates = find_candidates(load_scenario("hybrid-2022"), shipped_territory)
    budget = usual_budget_eur(candidates, 9)
    plans = random_plans(candidates, 9, budget, 20, seed=3)
    assert plans == random_plans(candidates, 9, budget, 20, seed=3)
    assert len(set(plans)) == 20
    step = np.diff(candidates.cost_eur_per_year, axis=1)
    for plan in plans:
        assert len({site.commune for site in plan}) == 9
        assert budget - step.max() < candidates.cost_of(plan) <= budget
    tight = float(np.sort(candidates.cost_eur_per_year[:, 0])[:9].sum())
    assert candidates.cost_of(random_plans(candidates, 9, tight, 1, seed=1)[0]) <= tight


def test_a_swap_keeps_the_budget_and_the_number_of_sites(shipped_territory: Territory) -> None:
    candidates = find_candidates(load_scenario("hybrid-2022"), shipped_territory)
    rng = np.random.default_rng(1)
    use = rng.random((50, len(candidates.codes)))
    problem = problem_of(candidates, CandidateDemand(use, use, use, use), "use", 2, 120e3, 251.0)
    current = plan_of([(candidates.codes[0], 10), (candidates.codes[1], 5)])
    moves = swaps(problem, current)
    assert len(moves) > len(candidates.codes)
    for move in moves[::50]:
        assert candidates.cost_of(move.plan) <= 120e3
        assert len(set(move.plan) & set(current)) == 1
        assert move.promise == pytest.approx(
            np.subtract(*quick_values(problem, [move.plan, current]))
        )


def test_the_static_optimum_is_no_runner_up_too(shipped_territory: Territory) -> None:
    candidates = find_candidates(load_scenario("hybrid-2022"), shipped_territory)
    plans = [plan_of([(code, 10), (candidates.codes[9], 5)]) for code in candidates.codes[:4]]
    steps = [
        Step(1, "swap", plan, screening, math.nan, False)
        for plan, screening in zip(plans, (9.0, 3.0, 2.0, 1.0), strict=True)
    ]
    search = Search(plans[0], 9.0, tuple(steps))
    assert runners_up(search, candidates, 2, static=plans[0]) == plans[1:3]
    assert runners_up(search, candidates, 2, static=plans[1]) == plans[2:4]


def test_moves_made_at_once_are_kept_where_they_are_better(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there, away = (plan_of([("77001", 10), (f"7700{k}", 10)]) for k in (2, 3, 4))

    class Climber:
        """No round helps; two moves at once do."""

        steps: tuple[()] = ()

        def __init__(self, *_: object) -> None:
            self.left = 6

        def begin(self, start: Plan) -> None:
            pass

        def try_round(self, current: Plan) -> None:
            self.left -= 1

        def shaken(self, plan: Plan, number: int) -> Plan:
            return there if number == 2 and plan == here else away

        def gain(self, plan: Plan) -> float:
            return {here: 1.0, there: 2.0, away: 0.0}[plan]

    monkeypatch.setattr(search, "_Climber", Climber)
    unread: Any = None
    found = search.improve(unread, unread, here, "surplus", (1,), 6)
    assert (found.plan, found.gain) == (there, 2.0)


def test_quick_values_never_promise_more_than_the_static_problem(
    shipped_territory: Territory,
) -> None:
    candidates = find_candidates(load_scenario("hybrid-2022"), shipped_territory)
    rng = np.random.default_rng(2)
    use = rng.gamma(0.5, 1.0, (40, len(candidates.codes)))
    problem = problem_of(
        candidates, CandidateDemand(use, 8 * use, use, use), "surplus", 4, 1e6, 251.0
    )
    plans = random_plans(candidates, 4, 300e3, 6, seed=1)
    exact = np.array([static_value(problem, plan) for plan in plans])
    assert (quick_values(problem, plans) <= exact * (1 + 1e-9)).all()


# Verdicts ----------------------------------------------------------------------------------


def _measures(**values: float) -> Measures:
    names = (*_INDICATORS, "subscriptions_eur", "subsidy_eur", "use")
    zero = dict.fromkeys(names, 0.0)
    return Measures(zero | values, (), np.zeros((0, 8)))


def test_a_plan_gains_surplus_and_margins_less_what_employers_pay() -> None:
    base = _measures(centre_users=100.0, consumer_surplus_eur=-500.0)
    plan = _measures(
        centre_users=130.0, refusals=99.0, consumer_surplus_eur=-100.0,
        centre_margin_eur=-90.0,
        centre_revenue_workers_eur=40.0, subscriptions_eur=10.0, desk_price_eur=30.0,
        subscription_eur=5.0,
    )  # fmt: skip
    found = gains(plan, base)
    assert found["surplus_eur"] == pytest.approx(400.0)
    assert found["employers_eur"] == pytest.approx(15.0)
    assert found["net_eur"] == pytest.approx(400.0 - 90.0 - 15.0)
    assert tuple(found) == GAINS


def test_a_subsidy_is_no_gain_but_a_transfer(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    first = tiny_scenario.start
    given = Change(first, "subsidy_desk", 50.0, target="all")
    paid = measure(
        RunSpec(tiny_scenario.with_(name="paid", changes=(given,)), territory=small_territory)
    )
    plain = measure(RunSpec(tiny_scenario, territory=small_territory))
    found = gains(paid, plain)
    assert found["margin_eur"] > 1.0
    assert found["net_eur"] == pytest.approx(0.0, abs=1e-9)


def test_a_year_costs_the_same_whatever_the_days_of_the_run(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    def found(start: dt.date, end: dt.date) -> Measures:
        return measure(RunSpec(tiny_scenario, start=start, end=end, territory=small_territory))

    cost, margin = (SITE_COLUMNS.index(name) for name in ("cost_eur", "margin_eur"))
    # April 2014 has 21 working days, May 19 and July 22.
    one, *others = (
        found(dt.date(2014, *start), dt.date(2014, *end))
        for start, end in (((4, 1), (4, 30)), ((5, 12), (5, 23)), ((6, 23), (7, 25)))
    )
    p, sites = resolve(dt.date(2014, 4, 1)), small_territory.sites
    here = sites.set_index("telecentre_id").loc[list(one.ids)]
    factor = np.where(here["area"] == "rural", p.centre_cost_factor_rural, 1.0)
    least = factor * (
        p.centre_fixed_cost_eur_per_year + here["desks"] * p.centre_desk_cost_eur_per_year
    )
    a_year = one.sites[:, cost] * p.working_days_per_month * 12
    opened = one.sites[:, cost] > 0
    assert opened.sum() == 2
    assert (a_year[opened] >= least[opened] * (1 - 1e-12)).all()
    for other in others:
        np.testing.assert_allclose(other.sites[:, cost], one.sites[:, cost], rtol=1e-12)
        assert other.values["centre_margin_eur"] == pytest.approx(other.sites[:, margin].sum())


def test_plans_are_judged_by_pairs() -> None:
    a, b = ([dict.fromkeys(GAINS, float(x)) for x in row] for row in ((10, 20, 30), (7, 18, 26)))
    table = judge({"improved": a, "static": b}, "improved", "use").set_index("plan")
    assert table.loc["static", "behind"] == pytest.approx(3.0)
    # Student's t with 2 degrees of freedom, 4.3027, times 1 / sqrt(3).
    assert table.loc["static", "behind_low"] == pytest.approx(3.0 - 4.3027 / 3**0.5, abs=1e-4)
    assert table.loc["improved", "behind_high"] == 0.0


def test_draws_of_parameters_are_a_latin_hypercube() -> None:
    draws = draws_of_parameters(8, seed=1)
    assert np.unique(((draws["asc_tc"] + 4.0) / 4.0 * 8).astype(int)).size == 8
    assert draws.equals(draws_of_parameters(8, seed=1))
    assert draws_of_parameters(0, seed=1).empty


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"objective": "surpluss"}, "unknown objective 'surpluss'. Did you mean 'surplus'?"),
        ({"fresh_seeds": 1}, "expected a whole number from 2 to 1000, not 1."),
        ({"sizes": (0, 5)}, "expected a whole number from 1 to 2000, not 0."),
        ({"budget": math.nan}, "expected a number above 0, not nan."),
        ({"days": 2.5}, "expected a whole number from 1 to 5000, not 2.5."),
    ],
)
def test_a_wrong_option_is_one_sentence(wrong: dict[str, object], sentence: str) -> None:
    (name,) = wrong
    at = re.escape(f"{name}[0]: " if name == "sizes" else f"{name}: ")
    with pytest.raises(StudyError, match=at + re.escape(sentence)):
        Options(sites=2, **wrong)


# A whole search, small ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def siting(tiny_scenario: Scenario, small_territory: Territory) -> Siting:
    options = Options(
        sites=2, budget=400e3, from_scratch=True, sizes=(3, 9), days=3, evaluations=10,
        training_seeds=2, fresh_seeds=2, random=3, draws=2,
    )  # fmt: skip
    return _search(options, tiny_scenario, small_territory)


def _search(options: Options, scenario: Scenario, territory: Territory) -> Siting:
    quick = {"burn_in_days": 2.0}
    return find_sites(
        options, scenario, overrides=quick, territory=str(territory.folder), workers=0
    )


def test_a_search_judges_all_plans_on_seeds_it_has_not_seen(siting: Siting) -> None:
    kinds = siting.plans["kind"].value_counts()
    assert kinds["random"] == 3
    assert kinds["improved"] == kinds["static"] == kinds["existing"] == 1
    assert not set(siting.manifest["seeds"]["training"]) & set(siting.runs["seed"])
    assert len(siting.plan) == 2
    assert siting.plans["cost_eur_per_year"].max() <= 400e3
    assert (siting.regret["regret"] >= 0.0).all()
    assert siting.regret.groupby("draw")["regret"].min().eq(0.0).all()
    assert siting.sites["is_new"].sum() == 2


def test_the_same_search_finds_the_same(
    siting: Siting, tiny_scenario: Scenario, small_territory: Territory
) -> None:
    options = Options(**{**siting.manifest["options"], "sizes": (3, 9)})
    again = _search(options, tiny_scenario, small_territory)
    for name, table in siting.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])


def test_a_search_is_written_read_back_and_its_plan_runs(siting: Siting, tmp_path: Path) -> None:
    out = sim77.save(siting, tmp_path / "site")
    back = load(out)
    assert isinstance(back, Siting)
    assert back.plan == siting.plan
    assert sim77.text(back, "fr") == sim77.text(siting, "fr")
    scenario = load_scenario(out / PLAN)
    assert {site.telecentre_id: site.desks for site in scenario.network} == {
        new_id(code): desks for code, desks in siting.plan.items()
    }
    scenario.check(load_territory(siting.manifest["territory"]["folder"]))
    page = Page((out / "site.html").read_text(encoding="utf-8"))
    assert not [each for each in page.addresses if not each.startswith(("#", "data:"))]
    for language in LANGUAGES:
        assert words_by_language("site")[language]["new_sites"] in page.text[language]
        assert len([row for lang, row in page.rows if lang == language and row[0] == "c"]) == 3
    drawn = page.maps["maps"]["d"]
    numbered = [site for site in drawn["sites"] if site["number"]]
    assert sorted(site["id"] for site in numbered) == sorted(map(new_id, siting.plan))
    for site in numbered:
        assert page.rows["en", f"t{site['row']}"][0] == f"{site['number']}. {site['name']}"
    candidates = siting.candidates.set_index("commune_code")
    for layer, column in zip(drawn["layers"], ("surplus_eur", "use"), strict=True):
        for place, code in enumerate(page.maps["geography"]["communes"]["code"]):
            known = code in candidates.index
            assert (place in layer["veil"]) != known
            assert drawn["rows"][place] == (candidates.index.get_loc(code) if known else None)
            expected = pytest.approx(candidates.loc[code, column], rel=1e-5) if known else None
            assert layer["values"][place] == expected


def test_the_text_says_what_to_open(siting: Siting) -> None:
    text = sim77.text(siting)
    assert text.startswith("Open 2 telecentres, ")
    named = ("Static optimum", "Random networks", "Accounts", "Regret", "telecentres assumed")
    assert [each for each in named if each not in text] == []


def test_both_languages_have_the_same_words_with_the_same_figures() -> None:
    french, english = (words_by_language("site")[language] for language in LANGUAGES)
    assert french.keys() == english.keys()
    for key in french:
        names = [sorted(re.findall(r"\{(\w+)\}", words[key])) for words in (french, english)]
        assert names[0] == names[1], key


# Words and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_and_numbers_of_page_and_text_are_plain(
    siting: Siting, language: str, tmp_path: Path
) -> None:
    page = Page((sim77.save(siting, tmp_path / "site") / "site.html").read_text(encoding="utf-8"))
    assert page_faults(page.text, language) == []
    assert faults(sim77.text(siting, language), language) == []


@pytest.mark.parametrize(
    ("behind", "french", "english"),
    [
        ((-3.0, -15.0, 9.0), " : différence non significative, +3 €/jour (95 % : −9 à +15)",
         ": no clear difference, +3 € a day (95%: −9 to +15)"),
        ((12.0, 9.0, 15.0), " : −12 €/jour par rapport au plan retenu (95 % : −15 à −9)",
         ": −12 € a day compared with the plan found (95%: −15 to −9)"),
    ],
)  # fmt: skip
def test_a_runner_up_says_once_how_it_differs(
    behind: tuple[float, float, float], french: str, english: str, siting: Siting
) -> None:
    facts = Facts(siting)
    row = records(facts.of_kind("runner-up"))[0]
    row |= dict(zip(("behind", "behind_low", "behind_high"), behind, strict=True))
    for language, expected in (("fr", french), ("en", english)):
        message = behind_line(facts, row, locale_of(language)).replace("\u202f", " ")
        assert message.endswith(expected), message


def test_random_networks_have_a_name(siting: Siting) -> None:
    facts = Facts(siting)
    drawn = records(facts.of_kind("random"))[0]
    assert re.fullmatch(r"Random network \d+", plan_name(facts, drawn, locale_of("en")))
    assert re.fullmatch(r"Réseau au hasard n° \d+", plan_name(facts, drawn, locale_of("fr")))
