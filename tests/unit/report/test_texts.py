"""Every kind of result has a text in French and in English, with the same figures."""

import datetime as dt
import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import sim77
from sim77.analysis.calibrate.result import Calibration
from sim77.analysis.calibrate.study import load_study
from sim77.analysis.calibrate.tables import SolvedPosterior
from sim77.analysis.calibrate.verdict import Verdict
from sim77.analysis.claims.claims import Claims
from sim77.analysis.compare.comparison import Comparison
from sim77.analysis.estimate.estimate import Estimation, estimate
from sim77.analysis.explain.explain import Explanation, explain
from sim77.analysis.loading import load
from sim77.analysis.siting.result import Siting
from sim77.analysis.validate.validate import Validation
from sim77.core.errors import ResultError
from sim77.report.calibration.facts import read_calibration
from sim77.report.explain.format import GROUP_OF, ExplanationFormat
from sim77.report.locale import LANGUAGES
from sim77.report.output import TEXTS
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory
from tests.calibration_folder import make_calibration
from tests.unit.analysis.test_claims import a_claim, table_of
from tests.unit.analysis.test_estimate_fit import random_survey
from tests.wording import faults

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def makers(
    tiny_scenario: Scenario, small_territory: Territory, tmp_path_factory: pytest.TempPathFactory
) -> dict[type, Callable[[], object]]:
    """What makes a result of each kind."""
    folder = make_calibration(tmp_path_factory.mktemp("texts") / "calibration")
    found = read_calibration(folder)
    posterior = SolvedPosterior(found.posterior, pd.DataFrame(), {}, {}, found.widths, 1234.5)
    study = load_study(ROOT / "calibration" / "2022")
    days = {"start": tiny_scenario.start, "end": tiny_scenario.start + dt.timedelta(days=4)}
    here = {"territory": small_territory, **days}
    other = tiny_scenario.with_(name="other", network=())
    counts = pd.DataFrame([
        {"parameter": name, "covered": 7, "replicates": 10, "identified": name == "theta",
         "passed": True}
        for name in ("theta", "g_peer")
    ])  # fmt: skip
    claims = table_of(
        [a_claim(73, year=2014)],
        {"pair": [{"minutes_saved_per_telecentre_day": each} for each in (29.0, 31.0)]},
    )
    return {
        Calibration: lambda: Calibration(study, folder, posterior, found.targets, []),
        Claims: lambda: Claims(claims, small_territory),
        Comparison: lambda: sim77.compare(
            other, tiny_scenario, seeds=2, **here | {"territory": small_territory.folder}
        ),
        Estimation: lambda: estimate(random_survey(), hold=["mu_remote"]),
        Explanation: lambda: explain(tiny_scenario, 3, days["end"], **here),
        sim77.Result: lambda: sim77.run(tiny_scenario, **here),
        Siting: lambda: load(ROOT / "sim77" / "analysis" / "data" / "studies" / "next-nine-sites"),
        Validation: lambda: Validation(found.validation, pd.DataFrame(), {}),
        Verdict: lambda: Verdict("recovery", True, {"recovery_counts": counts}, {}),
    }


def numbers_in(text: str, language: str) -> list[float]:
    """Return the numbers of a text without their signs, from the least."""
    group, point = {"fr": ("\u202f", ","), "en": (",", ".")}[language]
    plain = re.sub(rf"(?<=\d){group}(?=\d{{3}})", "", text)
    found = re.findall(rf"\d+(?:{re.escape(point)}\d+)?", plain)
    return sorted(float(each.replace(point, ".")) for each in found)


@pytest.mark.parametrize("kind", TEXTS, ids=lambda kind: kind.__name__)
def test_a_kind_of_result_has_a_text_in_both_languages(
    kind: type, makers: dict[type, Callable[[], object]]
) -> None:
    result = makers[kind]()
    assert type(result) is kind
    french, english = (sim77.text(result, language) for language in LANGUAGES)
    assert faults(french, "fr") == faults(english, "en") == []
    assert not re.search(r"\b(?:the|and|with|days)\b", french)
    assert not re.search(r"\b(?:sont|dans|jours)\b", english)
    assert numbers_in(french, "fr") == numbers_in(english, "en")
    with pytest.raises(ResultError, match="Unknown language 'de'"):
        sim77.text(result, "de")


def test_a_conclusion_says_where_it_is_lowest_and_highest() -> None:
    sensitivity = pd.DataFrame([
        {"conclusion": "minutes_saved_2022", "unit": "minutes a day", "solved": 641.0,
         "lowest": -18.0, "highest": 2315.0, "at_lowest": "posterior 42",
         "at_highest": "asc_tc 1 %", "changes_sign": False},
    ])  # fmt: skip
    points = pd.DataFrame({"conclusion": ["minutes_saved_2022"], "low": [9.0], "high": [19.0]})
    tables = {"sensitivity": sensitivity, "conclusions": points}
    verdict = Verdict("conclusions", None, tables, {})
    french, english = (sim77.text(verdict, language) for language in LANGUAGES)
    assert "de −18 (tirage a posteriori) à 2\u202f315 (centres à 1" in french
    assert "from −18 (a draw of the posterior) to 2,315 (centres at 1%" in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_comparison_of_the_notebooks_still_has_a_text_and_a_page(
    language: str, tmp_path: Path
) -> None:
    found = load(ROOT / "experiments" / "notebooks" / "data" / "comparison")
    text = sim77.text(found, language)
    assert faults(text, language) == []
    page = sim77.save(found, tmp_path / "again") / "compare.html"
    # Only those who work in Paris: some of the others might want desks too, by no means all.
    scope = {
        "fr": "seuls 15 % des actifs du territoire sont simulés ; une partie des autres",
        "en": "only 15% of the territory’s commuters are simulated; some of the others",
    }
    for said in (text, page.read_text(encoding="utf-8")):
        plain = html.unescape(said).replace("\u202f", " ").replace("\u00a0", " ").replace("'", "’")
        assert scope[language] in plain


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_reasons_of_an_explanation_add_up(language: str) -> None:
    minutes = {
        "journey": 409.0, "centre_way": -312.0, "weekday": 208.0, "price": -143.0, "norm": 31.0,
        "habit": -91.0, "half": 5.0,
    }  # fmt: skip
    fmt = ExplanationFormat(language)
    said = fmt.weighed(minutes).split(", ")
    assert len(said) == 6 and said[-1].startswith(fmt.words["group_others"])
    numbers = [float(each.rsplit(" ", 1)[1].replace("\N{MINUS SIGN}", "-")) for each in said]
    assert sum(numbers) == pytest.approx(sum(minutes.values()))


@pytest.fixture(scope="module")
def two_sides(tiny_scenario: Scenario, small_territory: Territory) -> Explanation:
    """A worker's day under two scenarios of one label, alike in all but their names."""
    named = tiny_scenario.with_(label_fr="Réseau", label_en="Network")
    other = named.with_(name="other")
    return explain(named, 3, named.start, against=other, territory=small_territory)


def test_scenarios_with_one_label_are_told_apart_by_their_names(two_sides: Explanation) -> None:
    text = " ".join(sim77.text(two_sides, "en").split())
    assert "Scenario “Network (tiny)”" in text
    assert "Under “Network (other)”" in text
    assert "best first: “Network (tiny)”" in text
    alone = sim77.text(replace(two_sides, against=None), "en")
    assert "“Network”" in alone and "(tiny)" not in alone


def test_nothing_differs_only_where_no_plan_does(two_sides: Explanation) -> None:
    there = two_sides.against
    assert there is not None and there.day.chosen is not None
    *plans, last = there.day.plans
    assert last.key not in (there.day.office.key, there.day.chosen.key)
    dearer = replace(last.terms[0], utils=last.terms[0].utils - there.day.utils_per_min)
    moved = replace(last, terms=(dearer, *last.terms[1:]))
    nothing, others = "Nothing differs for this person", "Plans or modes that are not chosen differ"
    for shown, said, unsaid in (
        ((*plans, last), nothing, others),
        ((*plans, moved), others, nothing),
        (tuple(plans), others, nothing),
    ):
        against = replace(there, day=replace(there.day, plans=shown))
        text = " ".join(sim77.text(replace(two_sides, against=against), "en").split())
        assert said in text and unsaid not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_together_are_not_called_as_one_of_them(language: str) -> None:
    words = ExplanationFormat(language).words
    together = [group for group, terms in Counter(GROUP_OF.values()).items() if terms > 1]
    labels = {words[f"term_{term}"] for term in GROUP_OF}
    assert not [group for group in together if words[f"group_{group}"] in labels]
