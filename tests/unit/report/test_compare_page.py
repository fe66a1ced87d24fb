"""The page and the text of a comparison say what its tables hold, also when that is nothing."""

import datetime as dt
import math
import re
import shlex
import string
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim77
from sim77.analysis.claims.claims import register, table_of
from sim77.analysis.compare.comparison import TABLES, Comparison, compare, load_comparison
from sim77.cli.main import build_parser
from sim77.core.errors import ResultError
from sim77.registry.indicators import described, indicators_shown
from sim77.report.compare.differences import what_differs
from sim77.report.compare.findings import Effect, Findings
from sim77.report.compare.map import difference_breaks, maps_of
from sim77.report.compare.page import command, write_compare_html
from sim77.report.compare.tables import deciles_table, unit_of
from sim77.report.compare.text import (
    drawn_text,
    interval_of,
    locale_of,
    measure_of_claim,
    title,
    value_of,
)
from sim77.report.locale import LANGUAGES, NOTHING, words_by_language
from sim77.runs.store import MANIFEST
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory
from tests.pages import Page, number
from tests.wording import faults, page_faults

pytestmark = pytest.mark.unit

PACKAGE = Path(__file__).resolve().parents[3] / "sim77"
MAPPED = indicators_shown("page_map")[0]
TWO_WEEKS = {"start": dt.date(2014, 10, 6), "end": dt.date(2014, 10, 17)}


@pytest.fixture(scope="module")
def found() -> Comparison:
    """The network of 2014 on a tenth of the workers."""
    pair = ("no-telecentres", "network-2014")
    return compare(*pair, seeds=3, scale=0.1, processes=1, **TWO_WEEKS)


@pytest.fixture(scope="module")
def page(found: Comparison, shipped_territory: Territory, tmp_path_factory) -> tuple[Page, str]:
    return page_of(found, shipped_territory, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def small(tiny_scenario: Scenario, small_territory: Territory) -> Comparison:
    """Three communes without outlines, where one telecentre is closed in B."""
    closed = tiny_scenario.with_(name="closed", network=tiny_scenario.network[:1])
    options = {"seeds": 3, "processes": 1, "territory": small_territory.folder}
    return compare(tiny_scenario, closed, **options)


def test_the_table_by_tenth_is_b_less_a_as_those_beside_it(found: Comparison) -> None:
    rows = deciles_table(Findings(found), locale_of("en")).rows
    for row, gain in zip(rows, found.equity["gain_min_per_day"], strict=True):
        diff, low, high = (float(cell.replace("−", "-")) for cell in row[3:])
        assert diff == pytest.approx(-gain, rel=0.1, abs=1e-6)
        assert low <= diff <= high


def page_of(comparison: Comparison, territory: Territory, folder: Path) -> tuple[Page, str]:
    path = folder / "compare.html"
    write_compare_html(comparison, territory, path)
    text = path.read_text(encoding="utf-8")
    return Page(text), text


def with_effects(
    comparison: Comparison, indicator: str = "travel_min", **columns: float
) -> Comparison:
    """Return the comparison with another effect, on travel time saved by default."""
    effects = comparison.effects.copy()
    effects.loc[effects["indicator"] == indicator, list(columns)] = list(columns.values())
    return Comparison({**comparison.tables, "effects": effects}, comparison.manifest)


# The page stands alone ---------------------------------------------------------------------


def test_nothing_is_fetched_from_anywhere(page: tuple[Page, str]) -> None:
    read, text = page
    assert all(each.startswith(("#", "data:")) for each in read.addresses)
    assert all(each.startswith(("data:", "#")) for each in re.findall(r"url\(([^)]*)", text))
    assert not re.search(r"@import|\bfetch\(|XMLHttpRequest|<iframe|<object|\bimport\(", text)
    assert "default-src 'none'" in text
    assert read.tags.count("script") == 1


def test_the_page_says_of_which_days_it_is(page: tuple[Page, str], found: Comparison) -> None:
    start, end = (dt.date.fromisoformat(found.manifest[key]) for key in ("start", "end"))
    for language in LANGUAGES:
        assert locale_of(language).numbers.period(start, end) in page[0].text[language]


def test_the_page_is_well_formed_and_small(page: tuple[Page, str]) -> None:
    read, text = page
    assert len(set(read.ids)) == len(read.ids)
    for anchor in read.addresses:
        assert anchor.startswith("data:") or anchor[1:] in read.ids
    assert read.tags.count("main") == len(LANGUAGES)
    shown = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not re.search(r"\bnan\b|None|\binf\b|Undefined|[+−]nan", shown)
    assert len(text.encode()) < 1_500_000


# Words -------------------------------------------------------------------------------------


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_figures() -> None:
    french, english = (words_by_language("compare")[language] for language in LANGUAGES)
    assert list(french) == list(english)
    for key in french:
        assert fields(french[key]) == fields(english[key]), key
        assert bool(french[key]) == bool(english[key]), key
    assert not [text for text in french.values() if re.search(r" [;:!?%»]|« ", text)]


def test_every_word_is_used() -> None:
    templates = (f"report/templates/{name}.html.j2" for name in ("page", "blocks"))
    sources = [
        *(PACKAGE / "report" / "compare").glob("*.py"),
        *(PACKAGE / "analysis" / "compare").glob("*.py"),
        *(PACKAGE / name for name in templates),
    ]
    text = " ".join(path.read_text(encoding="utf-8") for path in sources)
    names = set(re.findall(r"[\w-]+", text))
    # Put together from the name of what they say.
    made = re.compile(r"^(un|v|k|m|end|c|x|map|text)_|^r_[ab]$")
    unused = [
        key
        for key in words_by_language("compare")["fr"]
        if key not in names and not made.search(key)
    ]
    assert unused == []


def test_every_effect_has_a_name_and_a_unit_in_both_languages(found: Comparison) -> None:
    for name in found.effects["indicator"]:
        message = described(name)
        assert (
            message.label_fr and message.label_en and "{" not in message.label_fr + message.label_en
        )
        assert all(unit_of(name, locale_of(language)) for language in LANGUAGES)


# Titles ------------------------------------------------------------------------------------

A_YEAR = ("Réseau annoncé pour 2014", "Sans télécentres")


@pytest.mark.parametrize(
    ("columns", "french", "english"),
    [
        (
            {"effect": -33.2, "low": -61.0, "high": -5.0},
            "économiser en tout 33 minutes",
            "people at work 33 min",
        ),
        ({"effect": -1.0, "low": -1.1, "high": -0.9}, "en tout 1,0 minute ", "1.0 minutes"),
        (
            {"effect": -6e3, "low": -7e3, "high": -5e3},
            "économiser en tout 100 heures",
            "work 100 hours",
        ),
        ({"effect": 33.2, "low": 5, "high": 61}, "perdre en tout 33 minutes", "costs the"),
        (
            {"effect": 9.0, "low": -5.0, "high": 23.0},
            "ne change pas de façon significative",
            "no clear change",
        ),
        ({"effect": 0.0, "low": 0.0, "high": 0.0}, "ne change pas le temps", "does not change"),
    ],
)
def test_the_title_is_honest(
    columns: dict[str, float], french: str, english: str, found: Comparison
) -> None:
    findings = Findings(with_effects(found, **columns))
    message = {language: title(findings, locale_of(language)) for language in LANGUAGES}
    assert french in message["fr"].replace("\u202f", " ")
    assert english in message["en"]
    assert all(name in message["fr"] for name in A_YEAR)


@pytest.mark.parametrize(
    ("seeds", "columns", "french"),
    [
        (1, {"effect": -33.2, "low": math.nan, "high": math.nan}, "Premier indice (1 tirage)"),
        (2, {"effect": -33.2, "low": -900.0, "high": 833.0}, "(2 tirages) : rien ne dit encore"),
        (2, {"effect": -33.2, "low": -61.0, "high": -5.0}, "fait économiser en tout 33 minutes"),
        (3, {"effect": -33.2, "low": -900.0, "high": 833.0}, "ne change pas de façon"),
    ],
)
def test_few_draws_are_no_finding(
    seeds: int, columns: dict[str, float], french: str, found: Comparison
) -> None:
    effects = with_effects(found, **columns)
    few = Comparison(effects.tables, {**found.manifest, "seeds": list(range(seeds))})
    message = title(Findings(few), locale_of("fr")).replace("\u202f", " ").replace("\u00a0", " ")
    assert french in message
    # Who changes may lose where all others together gain: of these two weeks the runs say which.
    whole = seeds == 2 and "économiser" in french
    assert sum(f"{verb} en moyenne" in message for verb in ("gagnent", "perdent")) == whole


@pytest.mark.parametrize(
    ("changed", "french", "english"),
    [
        (0.6, "Moins d’un actif par jour travaille", "Less than one worker"),
        (1.2, "Un actif par jour travaille", "One worker a day works"),
        (2.4, "2 d’entre eux travaillent", "2 of them work"),
    ],
)
def test_one_worker_is_told_in_the_singular(
    changed: float, french: str, english: str, found: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Findings, "changed", changed)
    findings = Findings(with_effects(found, effect=9.0, low=-5.0, high=23.0))
    assert french in title(findings, locale_of("fr"))
    assert english in title(findings, locale_of("en"))


def test_a_sample_is_told_at_the_head(page: tuple[Page, str]) -> None:
    read, _ = page
    for language, words in {"fr": "Un échantillon", "en": "A sample: "}.items():
        assert read.text[language].count(words) == 1
        head, _, _ = read.text[language].partition(
            words_by_language("compare")[language]["differs"]
        )
        assert words in head


def test_the_page_says_in_words_which_way_is_a_gain(page: tuple[Page, str]) -> None:
    read, _ = page
    said = {
        "fr": "+ : gagne du temps avec B, − : en perd",
        "en": "+: gains time with B, −: loses it",
    }
    for language, words in said.items():
        assert words in read.text[language].replace("\u202f", " ")


def test_without_an_interval_the_title_gives_the_figure_and_the_page_warns(
    found: Comparison, shipped_territory: Territory, tmp_path: Path
) -> None:
    one = compare("no-telecentres", "network-2014", seeds=1, scale=0.05, **TWO_WEEKS)
    read, _ = page_of(one, shipped_territory, tmp_path)
    assert "No interval" in read.text["en"] or "no interval" in read.text["en"]
    assert words_by_language("compare")["en"]["one_seed"] in read.text["en"]
    assert "no clear change" not in read.text["en"].split("What was claimed")[0]


def test_identical_scenarios_are_told_as_such(shipped_territory: Territory, tmp_path: Path) -> None:
    same = compare("network-2014", "network-2014", seeds=2, scale=0.05, processes=1, **TWO_WEEKS)
    read, _ = page_of(same, shipped_territory, tmp_path)
    assert "A et B sont identiques" in read.text["fr"]
    assert "Nobody works somewhere else." in read.text["en"]
    assert not any(read.charts(language, "flows") for language in LANGUAGES)
    assert sim77.text(same, "en").count("\n") == 1
    assert "A and B are identical" in sim77.text(same, "en")


# Figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "value", "interval"),
    [
        ((33.27, 4.9, 61.7), "+33", "+5 to +62"),
        ((69281.0, 64148.0, 74413.0), "+69,000", "+64,000 to +74,000"),
        ((-11670.0, -11958.0, -11383.0), "−11,700", "−12,000 to −11,400"),
        ((3.8, 3.4, 4.2), "+3.8", "+3.4 to +4.2"),
        ((0.0008, -0.0015, 0.0031), "+0.0008", "−0.0015 to +0.0031"),
        ((0.0, -2.0, 2.0), "0.0", "−2.0 to +2.0"),
        ((0.0, 0.0, 0.0), "0", ""),
        ((5.25, float("nan"), float("nan")), "+5.2", ""),
    ],
)
def test_effects_are_no_finer_than_their_intervals(
    effect: tuple[float, float, float], value: str, interval: str
) -> None:
    message, locale = Effect(0.0, 0.0, *effect), locale_of("en")
    assert (value_of(message, locale), interval_of(message, locale)) == (value, interval)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_communes_equal_the_table(
    language: str, page: tuple[Page, str], found: Comparison, shipped_territory: Territory
) -> None:
    findings = Findings(found)
    layers = maps_of(findings, shipped_territory).layers
    assert 0 < findings.few.sum() < len(findings.few)
    for row, name in enumerate(findings.names):
        markets = page[0].rows[language, f"c{row}"]
        assert markets[0] == name
        if findings.few[row]:
            assert set(markets[2:]) == {NOTHING}
            continue
        for place, layer in enumerate(layers):
            a, b, effect, _ = (
                number(market.replace("+", ""), language)
                for market in markets[2 + 4 * place : 6 + 4 * place]
            )
            table = found.communes[found.communes["indicator"] == layer.indicator]
            truth = table.iloc[row]
            factor = 100.0 if layer.indicator == "share_remote" else 1.0
            assert [a, b] == pytest.approx(
                [truth[side] * factor for side in "ab"],
                abs=0.51 * 10.0 ** -(layer.scale.decimals + 1),
            )
            assert effect == pytest.approx(
                truth["effect"] * factor, abs=0.51 * 10.0 ** -(layer.decimals + 1)
            )


def test_communes_that_say_nothing_are_veiled(page: tuple[Page, str], found: Comparison) -> None:
    few = Findings(found).few
    for place, name in enumerate(indicators_shown("page_map")):
        table = found.communes[found.communes["indicator"] == name]
        noise = (table["low"] <= 0) & (table["high"] >= 0)
        expected = {row for row in range(len(few)) if few[row] or noise.iloc[row]}
        assert set(page[0].maps["maps"]["d"]["layers"][place]["veil"]) == expected


def test_gains_are_teal_and_losses_brown_on_every_map(
    found: Comparison, shipped_territory: Territory
) -> None:
    drawn = maps_of(Findings(found), shipped_territory)
    few = Findings(found).few
    for layer, data in zip(drawn.layers, drawn.data["maps"]["d"]["layers"], strict=True):
        assert data["prefix"] == "v"
        for row, value in enumerate(data["values"]):
            if few[row]:
                assert np.isnan(value)
                continue
            # Classes 0 to 6 of the difference, from the greatest loss to the greatest gain.
            kind = sum(value >= each for each in data["breaks"])
            gain = layer.good * layer.effects[row].effect
            if gain > layer.breaks[-1]:
                assert kind == 6
            if gain < layer.breaks[0]:
                assert kind == 0
            if gain == 0.0:
                assert kind == 3


@pytest.mark.parametrize("side", ["a", "b"])
def test_the_maps_of_the_sides_are_given_their_values(
    side: str, page: tuple[Page, str], found: Comparison
) -> None:
    few = Findings(found).few
    layers = page[0].maps["maps"][side]["layers"]
    for name, data in zip(indicators_shown("page_map"), layers, strict=True):
        table = found.communes[found.communes["indicator"] == name]
        known = [value for value in data["values"] if value is not None]
        factor = 100.0 if name == "share_remote" else 1.0
        expected = factor * table[side].to_numpy()[~few]
        assert known == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ribbons_are_those_who_change(
    language: str, page: tuple[Page, str], found: Comparison
) -> None:
    moved = found.transitions[
        (found.transitions["from"] != found.transitions["to"])
        & (found.transitions["worker_days_per_day"] > 0)
    ]
    (flows,) = page[0].charts(language, "flows")
    drawn = [tuple(flow[:3]) for flow in flows["flows"]]
    columns = ["from", "to", "worker_days_per_day"]
    assert sorted(flow[:2] for flow in drawn) == sorted(
        moved[columns[:2]].itertuples(index=False, name=None)
    )
    assert sum(flow[2] for flow in drawn) == pytest.approx(
        moved["worker_days_per_day"].sum(), rel=1e-4
    )
    assert {name for flow in drawn for name in flow[:2]} <= set(flows["names"])
    changed = locale_of(language).numbers.significant(moved["worker_days_per_day"].sum())
    assert f"{changed} " in page[0].text[language]
    own = found.effects.set_index("indicator").loc["home_based_days", "effect"]
    assert own > 1
    head = {"fr": f"à leur compte : +{own:.0f} par jour", "en": f"themselves: +{own:.0f} a day"}
    for text in (page[0].text[language], sim77.text(found, language)):
        assert head[language] in text.replace("\u202f", " ").replace("\xa0", " ")


def test_telecentres_are_those_of_both_sides(page: tuple[Page, str], found: Comparison) -> None:
    sites = found.telecentres
    assert set(sites["days_open_a"]) == {0}
    for row, site in enumerate(sites.to_dict("records")):
        name, _, desks, *_ = page[0].rows["en", f"t{row}"]
        printed = site["name"].replace("'", "’")
        assert (name, number(desks, "en")) == (printed, pytest.approx(site["desks_b"], abs=1))
    maps = page[0].maps["maps"]
    assert [len(maps[name]["sites"]) for name in ("a", "b", "d")] == [0, len(sites), len(sites)]
    for drawn, site in zip(maps["b"]["sites"], sites.to_dict("records"), strict=True):
        assert (drawn["name"], drawn["desks"]) == (
            site["name"],
            pytest.approx(site["desks_b"], rel=1e-5),
        )
        used = site["desks_occupied_b"] / site["desks_b"]
        assert drawn["share"] == pytest.approx(used, rel=1e-5)


def test_a_telecentre_closed_in_b_is_a_dashed_ring(
    small: Comparison, small_territory: Territory, tmp_path: Path
) -> None:
    read, text = page_of(small, small_territory, tmp_path)
    status = {name: [site["status"] for site in data["sites"]]
              for name, data in read.maps["maps"].items()}  # fmt: skip
    assert status == {"a": ["open"] * 2, "b": ["open"], "d": ["open", "closed"]}
    assert "dashed: closed in B" in read.text["en"]
    assert len(read.maps["geography"]["communes"]["path"]) == 3
    assert "claims-en" not in text


# Naming is careful -------------------------------------------------------------------------


def test_of_many_communes_without_an_effect_hardly_any_is_named(found: Comparison) -> None:
    random = np.random.default_rng(7)
    seeds, communes = 10, 507
    table = found.communes[found.communes["indicator"] == MAPPED].copy()
    table["simulated_workers"] = 100
    named = 0
    for _ in range(20):
        draws = random.normal(size=(seeds, communes))
        mean, half = draws.mean(axis=0), 2.262 * draws.std(axis=0, ddof=1) / np.sqrt(seeds)
        table = table.assign(effect=mean, low=mean - half, high=mean + half)
        tables = {**found.tables, "communes": pd.concat((table, at_work(table)))}
        manifest = {**found.manifest, "seeds": list(range(seeds))}
        findings = Findings(Comparison(tables, manifest))
        assert ((table["low"] > 0) | (table["high"] < 0)).sum() > 5
        named += any(findings.surest(MAPPED, sign, 1) for sign in (1.0, -1.0))
    assert named <= 4


def at_work(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(indicator="workers_at_work", a=100.0, b=100.0)


def test_a_true_effect_is_named(found: Comparison) -> None:
    random = np.random.default_rng(7)
    draws = random.normal(size=(10, 507))
    draws[:, 3] += 12.0
    mean, half = draws.mean(axis=0), 2.262 * draws.std(axis=0, ddof=1) / np.sqrt(10)
    table = found.communes[found.communes["indicator"] == MAPPED].copy()
    table = table.assign(simulated_workers=100, effect=mean, low=mean - half, high=mean + half)
    tables = {**found.tables, "communes": pd.concat((table, at_work(table)))}
    findings = Findings(Comparison(tables, {**found.manifest, "seeds": list(range(10))}))
    assert [row for row, _ in findings.surest(MAPPED, 1.0, 1)] == [3]
    # As sure, but of next to nothing: not named.
    tables["communes"] = tables["communes"].assign(a=1e6, b=1e6)
    findings = Findings(Comparison(tables, {**found.manifest, "seeds": list(range(10))}))
    assert findings.surest(MAPPED, 1.0, 1) == []


def test_those_who_change_gain_what_the_headline_says_or_nothing_is_said_of_it(
    found: Comparison,
) -> None:
    """With a new line, those who stay gain most: what a few others lose is not its effect."""
    theirs = Findings(found).minutes_each * Findings(found).changed
    assert theirs != 0.0
    for times, told in ((1.0, True), (100.0, False), (-1.0, False)):
        table = found.effects.copy()
        travel = table["indicator"] == "travel_min"
        change = -times * theirs
        low, high = sorted((0.9 * change, 1.1 * change))
        table.loc[travel, ["effect", "low", "high"]] = change, low, high
        manifest = {**found.manifest, "seeds": list(range(1, 11))}
        findings = Findings(Comparison({**found.tables, "effects": table}, manifest))
        assert ("on average" in title(findings, locale_of("en"))) == told


# Others ------------------------------------------------------------------------------------


def test_what_differs_is_told(page: tuple[Page, str], found: Comparison) -> None:
    assert len(found.manifest["differences"]) == 12
    assert "Hubstart" in page[0].text["en"]
    hybrid, territory = load_scenario("hybrid-2022"), load_territory()
    rows = [asdict(each) for each in hybrid.diff(load_scenario("toll-5-euros"))]
    (message,) = what_differs(rows, territory, "fr")
    assert (message["a"], message["b"], message["note"]) == ("0 €/jour", "5 €/jour", "")
    fewer = hybrid.with_(network=hybrid.network[2:])
    (message,) = what_differs([asdict(each) for each in hybrid.diff(fewer)], territory, "en")
    gone = dict(territory.sites[["telecentre_id", "name"]].to_numpy())
    names = [gone[site.telecentre_id].split(" (")[0] for site in hybrid.network[:2]]
    assert (message["a"], message["b"], message["note"]) == ("2", "0", ", ".join(names))


def test_telecentres_that_open_after_the_period_are_told_apart() -> None:
    territory, network = load_territory(), load_scenario("network-2014")
    rows = [asdict(each) for each in load_scenario("no-telecentres").diff(network)]
    openings = sorted(str(site.opening) for site in network.network if site.opening)
    first, later = openings[0], sum(each > openings[0] for each in openings)
    assert later > 1
    (message,) = what_differs(rows, territory, "en", end=first)
    assert int(message["b"]) == len(network.network) - later
    assert message["note"].endswith(f" · {later} open after the period")
    (whole,) = what_differs(rows, territory, "en", end="2014-12-31")
    assert (whole["b"], "after" in whole["note"]) == (str(len(network.network)), False)


def test_what_moves_nothing_in_the_period_is_told_last_and_as_such() -> None:
    territory, network = load_territory(), load_scenario("network-2014")
    rows = [asdict(each) for each in network.diff(load_scenario("years-2012-2024"))]
    told = what_differs(rows, territory, "en", start="2014-01-01", end="2014-12-31")
    idle = [row["name"] for row in told if "without effect" in row["note"]]
    assert any("lockdown" in name for name in idle)
    assert any("Digital Village" in name for name in idle), "open since 2013, or always"
    assert not any("Nomade Office" in name for name in idle), "opens in October, not in July"
    assert [row["name"] for row in told[-len(idle) :]] == idle
    in_2020 = what_differs(rows, territory, "en", start="2020-01-01", end="2020-12-31")
    (lockdown,) = (row for row in in_2020 if "lockdown" in row["name"])
    assert lockdown["note"] == ""


def test_claims_are_told_with_their_verdicts(page: tuple[Page, str], found: Comparison) -> None:
    assert len(found.claims) > 20
    for row in found.claims.to_dict("records"):
        shown, said = (
            re.sub("[\u00a0\u202f]", " ", text) for text in (page[0].text["fr"], row["text_fr"])
        )
        assert said in shown
        assert row["text_en"] in page[0].text["en"]


def test_scenarios_with_one_label_are_told_apart_by_their_names(
    small: Comparison, small_territory: Territory, tmp_path: Path
) -> None:
    label = {"label_fr": "Réseau", "label_en": "Network"}
    sides = {side: {**small.manifest[side], **label} for side in "ab"}
    alike = Comparison(small.tables, {**small.manifest, **sides})
    head = sim77.text(alike, "en").splitlines()[0]
    assert head.startswith("A Network (tiny) → B Network (closed).")
    read, _ = page_of(alike, small_territory, tmp_path)
    for name in ("tiny", "closed"):
        assert f"Réseau ({name})" in title(Findings(alike), locale_of("fr"))
        assert f"Network ({name})" in read.text["en"]


def test_names_are_escaped(small: Comparison, small_territory: Territory, tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>&\''
    tables = dict(small.tables)
    for name in ("communes", "telecentres"):
        tables[name] = tables[name].assign(name=evil)
    scenario = {**small.manifest["b"], "name": evil, "label_fr": evil, "label_en": evil}
    territory = replace(small_territory, communes=small_territory.communes.assign(name=evil))
    poisoned = Comparison(tables, {**small.manifest, "b": scenario})
    read, text = page_of(poisoned, territory, tmp_path)
    assert "<script>alert" not in text
    assert read.tags.count("script") == 1
    assert read.rows["fr", "c0"][0] == evil


def test_the_command_line_gives_the_comparison_again(
    found: Comparison, shipped_territory: Territory, small_territory: Territory
) -> None:
    shipped = {"a": True, "b": True}
    manifest = {**found.manifest, "overrides": {"theta": 0.5}}
    given = build_parser().parse_args(
        shlex.split(command(manifest, shipped_territory, shipped))[1:]
    )
    assert (given.a, given.b, given.seeds, given.scale) == (
        "no-telecentres", "network-2014", 3, 0.1
    )  # fmt: skip
    assert (given.start, given.end) == (TWO_WEEKS["start"], TWO_WEEKS["end"])
    assert (given.overrides, given.territory) == ({"theta": 0.5}, None)
    elsewhere = command(manifest, small_territory, {"a": False, "b": True})
    assert "no-telecentres.yaml" in elsewhere
    assert str(small_territory.folder) in shlex.split(elsewhere)


def test_a_comparison_is_saved_and_read_back(small: Comparison, tmp_path: Path) -> None:
    folder = sim77.save(small, tmp_path / "out")
    again = sim77.load(folder)
    assert isinstance(again, Comparison)
    assert again.manifest == small.manifest
    for name in TABLES:
        table = small.tables[name]
        assert (
            (folder / f"{name}.csv").read_text(encoding="utf-8").startswith(f'"{table.columns[0]}')
        )
        pd.testing.assert_frame_equal(again.tables[name], table, check_dtype=False)
    assert sim77.text(again) == sim77.text(small)
    assert (folder / "compare.html").is_file()
    with pytest.raises(ResultError, match="--overwrite"):
        sim77.save(small, folder)
    sim77.save(again, folder, overwrite=True)
    with pytest.raises(ResultError, match="holds a comparison, not a run"):
        sim77.runs.results.load_result(folder)


def test_damage_is_one_sentence(small: Comparison, tmp_path: Path) -> None:
    folder = sim77.save(small, tmp_path / "out")
    (folder / "effects.parquet").write_bytes(b"nothing")
    with pytest.raises(ResultError, match="is damaged") as caught:
        load_comparison(folder)
    assert "\n" not in str(caught.value)
    (folder / MANIFEST).write_text('{"kind": "comparisson"}', encoding="utf-8")
    with pytest.raises(ResultError, match="Did you mean 'comparison'"):
        sim77.load(folder)
    (folder / MANIFEST).write_text("[", encoding="utf-8")
    with pytest.raises(ResultError, match="is damaged"):
        sim77.load(folder)


def test_unknown_names_are_one_sentence(small: Comparison) -> None:
    with pytest.raises(ResultError, match="Did you mean 'refusals'"):
        small.effect("refusal")
    with pytest.raises(AttributeError, match="Did you mean 'effects'"):
        _ = small.effect_s
    with pytest.raises(ResultError, match="Unknown language 'de'"):
        sim77.text(small, "de")


# Words and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_and_numbers_of_page_and_text_are_plain(
    page: tuple[Page, str], found: Comparison, language: str
) -> None:
    assert page_faults(page[0].text, language) == []
    assert faults(sim77.text(found, language), language) == []


@pytest.mark.parametrize(
    ("columns", "french", "english"),
    [
        (
            {"effect": -3.0, "low": -15.0, "high": 9.0},
            "changement non significatif : −3 €/jour (95 % : −15 à +9)",
            "no clear change: −3 € a day (95%: −15 to +9)",
        ),
        (
            {"effect": -3.0, "low": -5.2, "high": -0.8},
            "−3,0 €/jour (95 % : −5,2 à −0,8)",
            "−3.0 € a day (95%: −5.2 to −0.8)",
        ),
        ({"effect": -1e-11, "low": -1e-11, "high": -1e-11}, "aucun changement", "no change"),
        (
            {"effect": 0.0002, "low": 0.00019, "high": 0.00021},
            "+0,00020 €/jour (95 % : +0,00019 à +0,00021)",
            "+0.00020 € a day (95%: +0.00019 to +0.00021)",
        ),
    ],
)
def test_an_effect_is_told_in_plain_words(
    columns: dict[str, float], french: str, english: str, found: Comparison
) -> None:
    changed = with_effects(found, indicator="consumer_surplus_eur", **columns)
    for language, expected in (("fr", french), ("en", english)):
        message = sim77.text(changed, language).replace("\u202f", " ").replace("’", "'")
        name = "Surplus des actifs" if language == "fr" else "Workers' surplus"
        line = next(each for each in message.splitlines() if each.strip().startswith(name))
        assert line.split(name)[1].strip() == expected


@pytest.mark.parametrize(("without", "told"), [(-398.0, True), (-436.0, False)])
def test_the_surplus_is_told_without_presence_too_where_that_matters(
    without: float, told: bool, found: Comparison, shipped_territory: Territory, tmp_path: Path
) -> None:
    """Two policies under which people do the same may differ by presence alone."""
    changed = found
    for name, effect in (
        ("consumer_surplus_eur", -446.0),
        ("consumer_surplus_without_presence_eur", without),
    ):
        changed = with_effects(changed, name, effect=effect, low=effect - 9, high=effect + 9)
    shown = "Surplus, presence left out"
    assert (shown in sim77.text(changed)) == told
    page, _ = page_of(changed, shipped_territory, tmp_path)
    # The table of all effects has it anyway.
    assert page.text["en"].count(shown) == 1 + told


def test_few_draws_of_a_posterior_are_said_to_be_few(found: Comparison) -> None:
    drawn = {"name": "shipped", "seeds_per_draw": 2}
    few = Comparison(found.tables, {**found.manifest, "posterior": drawn, "seeds": [1, 2, 3, 4]})
    message = drawn_text(Findings(few), locale_of("en"))
    assert "draws 2, seeds per draw 2" in message
    assert (
        "With fewer than 10 draws, intervals are very wide: --seeds 20 gives 10 draws." in message
    )


def test_differences_are_coloured_no_finer_than_the_levels_bear() -> None:
    fine, _ = difference_breaks(np.array([2e-5, 1e-5]), (1.0, 5.0))
    assert fine[-1] == pytest.approx(1e-3)
    assert difference_breaks(np.array([2e-5]), ())[0][-1] == pytest.approx(2e-5)
    assert difference_breaks(np.array([0.4]), (1.0, 5.0))[0][-1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("mean", "half", "least", "message"),
    [(-0.00012, 0.0, 0.1, "Tiny: −0.00012% of riders"), (-2.0, 0.0, 0.1, "−2.0% of riders"),
     (35.0, 0.0, 0.0, "+35% of riders"), (1.0, 9.0, 5.0, "+1.0% of riders (−8.0 to 10.0)"),
     (35.0, np.nan, 0.0, "+35% of riders (one seed, without an interval)")],
)  # fmt: skip
def test_a_claim_says_how_surely_its_number_is_known(
    mean: float, half: float, least: float, message: str
) -> None:
    row = {
        "mean": mean, "low": mean - half, "high": mean + half, "number": 0.0, "claim_low": -np.inf,
        "claim_high": 0.0, "claim_least": least, "sense": "below", "verdict": "supported",
        "unit_en": "% of riders",
    }  # fmt: skip
    assert measure_of_claim(row, locale_of("en")) == message


def test_a_claim_that_the_validation_finds_overstated_says_so() -> None:
    claim = register().claims["time_saved_73"]
    more, fewer = (
        table_of([claim], {"network-2014": [{claim.measure: mean + n} for n in (-1.0, 1.0)]})
        for mean in (115.0, 20.0)
    )
    said = [
        measure_of_claim(table.to_dict("records")[0], locale_of(language))
        for table in (more, fewer) for language in ("fr", "en")
    ]  # fmt: skip
    assert [claim.caution[each] in said[n] for n, each in enumerate(("fr", "en"))] == [True, True]
    assert [claim.caution[each] in said[n] for n, each in enumerate(("fr", "en"), 2)] == [False] * 2


@pytest.mark.parametrize(
    ("name", "french", "english"),
    [
        (
            "time_saved_73",
            "à comparer à 73\u00a0±\u00a020\u202f%",
            "to compare with 73\u00a0±\u00a020%",
        ),
        ("time_saved_80", "", ""),
    ],
)
def test_a_verdict_shows_what_it_compares_with(name: str, french: str, english: str) -> None:
    """51 minutes beside "73 minutes: undecided" would contradict it without the tolerance."""
    claim = register().claims[name]
    table = table_of([claim], {"network-2014": [{claim.measure: mean} for mean in (34.0, 68.0)]})
    row = table.to_dict("records")[0]
    for language, wanted in (("fr", french), ("en", english)):
        said = measure_of_claim(row, locale_of(language))
        assert wanted in said
        assert wanted or "±" not in said
