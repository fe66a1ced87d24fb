"""App, library and command line give the same numbers, digit by digit."""

import csv
import datetime as dt
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim77
from sim77.analysis.claims.claims import register, table_of
from sim77.app.compare.comparing import encode_claim, level_breaks
from sim77.app.explore.payload import encode_side, months_open
from sim77.app.explore.sides import Scope, pair_outcome, run_side
from sim77.app.export.files import TABLES
from sim77.app.session import Session
from sim77.cli.main import main
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.report.tables import records
from sim77.runs.pair import run_pair
from sim77.scenario.scenario import Scenario, load_scenario
from tests.app.conftest import wait_for
from tests.app.small import END, SCALE, SEEDS, START
from tests.conftest import EVERYBODY_CONSIDERS

pytestmark = pytest.mark.app

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(sim77.__file__).parents[1])}
TELL = "print(json.dumps(dict(comparison.effects[['indicator', 'effect']].values.tolist())))"
SEEDED = random.Random(77)
QUERY = (
    f"l.price_day={SEEDED.uniform(0, 30):.2f}&l.desks={SEEDED.randint(1, 60)}&open=77379:15&seed=3"
)


@pytest.fixture
def refined(open_session: Callable[..., Session]) -> Session:
    session = open_session(QUERY)
    wait_for(lambda: session.widget.status.get("seeds") == SEEDS)
    assert not session.widget.banner
    return session


def ask(session: Session, **message: Any) -> dict[str, Any]:
    session.widget.answer = {}
    session.hear({"type": "ask", "id": 1, **message})
    return wait_for(lambda: session.widget.answer)


def test_app_library_and_command_line_agree(
    refined: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = ask(refined, kind="reproduce")
    for name, text in sentence["files"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    a, b = refined.state.scenarios()
    compared = sim77.compare(
        a, b, seeds=SEEDS, first_seed=3, scale=SCALE, start=START, end=END, processes=1
    )
    shown = {row["name"]: row for row in refined.widget.compare["effects"]}
    for row in compared.effects.to_dict("records"):
        if row["indicator"] not in shown:
            # The first answer, which the others join, does without expected values.
            assert row["indicator"].startswith("expected_")
            continue
        mine = shown[row["indicator"]]
        for key in ("a", "b", "effect", "low", "high"):
            shown_as = "diff" if key == "effect" else key
            assert mine[shown_as] == row[key], (row["indicator"], key)
    # The levels that the figures show are those of one seed, the first.
    run = sim77.run(b, seed=3, scale=SCALE, start=START, end=END)
    summary = refined.widget.side_b["summary"]
    days = run.days
    assert summary["telecentre"] == pytest.approx(days["telecentre"].mean(), rel=1e-12)
    assert summary["co2e_travel_kg"] == pytest.approx(days["co2e_travel_kg"].mean(), rel=1e-12)
    words = sentence["command_run"].split()
    assert words[0] == "sim77"
    monkeypatch.chdir(tmp_path)
    assert main([*words[1:], "--out", "out"]) == 0
    again = sim77.load(tmp_path / "out")
    assert again.days["co2e_travel_kg"].to_numpy() == pytest.approx(
        days["co2e_travel_kg"].to_numpy(), rel=0, abs=0
    )
    assert again.manifest["scenario"]["hash"] == b.hash


def test_the_python_snippet_gives_the_same(refined: Session, tmp_path: Path) -> None:
    sentence = ask(refined, kind="reproduce")
    for name, text in sentence["files"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = f"{sentence['python']}\nimport json\n{TELL}".splitlines()
    script = "\n".join(["if __name__ == '__main__':", *(f"    {line}" for line in lines)])
    (tmp_path / "again.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True,
        env=ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    effects = json.loads(done.stdout.splitlines()[-1])
    assert {row["name"]: row["diff"] for row in refined.widget.compare["effects"]} == effects


def test_what_the_browser_decodes_is_what_the_run_holds(geography: Any) -> None:
    scope = Scope(1, START, END, SCALE, ("paris",), None)
    side = run_side(load_scenario("network-2014"), scope)
    sent = encode_side(side, scope, geography)
    assert 0.0 < sent.meta["share_in_scope"] < 1.0  # of workplaces in Paris alone
    assert sent.meta["zones"] == {"fr": "Paris", "en": "Paris"}
    fields = {(each["what"], each["name"]): each for each in sent.meta["fields"]}

    def decoded(what: str, name: str) -> np.ndarray:
        field = fields[what, name]
        count = int(np.prod(field["shape"]))
        codes = np.frombuffer(sent.data, f"<{field['dtype']}", count, field["start"])
        values = field["offset"] + field["scale"] * codes.astype(float)
        if field["dtype"] != "f4":
            values[codes == np.iinfo(codes.dtype).max] = np.nan
        return values.reshape(field["shape"])

    accounts = side.model.recorder.communes
    at_work = accounts[:, :, OUTPUT_COLUMNS.index("workers_at_work")]
    saved = accounts[:, :, OUTPUT_COLUMNS.index("minutes_saved")] / np.where(
        at_work > 0, at_work, np.nan
    )
    mine = decoded("commune", "minutes_saved_per_worker")
    step = fields["commune", "minutes_saved_per_worker"]["scale"]
    assert np.array_equal(np.isnan(mine), np.isnan(saved))
    assert np.nanmax(np.abs(mine - saved)) <= 0.51 * step
    assert decoded("day", "telecentre")[:, 0] == pytest.approx(
        accounts[:, :, OUTPUT_COLUMNS.index("telecentre")].sum(axis=1), rel=1e-6
    )
    # Users of telecentres as a comparison counts them.
    users = sum(decoded("day", name) for name in ("telecentre", "half", "home_based")).mean()
    assert users == pytest.approx(side.summary()["centre_users"], rel=1e-6)
    riders = side.model.recorder.segments[:, :, 0]
    assert np.abs(decoded("segment", "peak_riders") - riders).max() <= 0.5
    for field in sent.meta["fields"]:
        assert field["start"] % 4 == 0
        assert field["start"] + field["length"] <= len(sent.data)


def test_a_few_workers_are_told_with_their_week_and_their_reasons(refined: Session) -> None:
    drawn = ask(refined, kind="workers_of_commune", commune="77186", day="2014-09-30")
    assert 0 < len(drawn["rows"]) <= 8 <= drawn["simulated"]
    person = drawn["rows"][0]["identity"]
    sentence = ask(refined, kind="worker", worker=person, day="2014-09-30")
    assert [each["day"] for each in sentence["week"]][1] == "2014-09-30"
    why = ask(refined, kind="explain", worker=person, day="2014-09-30")
    for letter in "ab":
        today = next(each for each in sentence["week"] if each["day"] == "2014-09-30")[letter]
        chosen = [each["kind"] for each in why["sides"][letter]["plans"] if each["chosen"]]
        assert chosen == ([today["kind"]] if today else [])
    assert set(why["text"]) == {"fr", "en"}


def test_exports_hold_what_is_shown(refined: Session) -> None:
    table = ask(refined, kind="export", format="csv", table="communes")
    assert len(table["text"].splitlines()) == 508
    shapes = json.loads(ask(refined, kind="export", format="geojson")["text"])
    assert len(shapes["features"]) == 507
    first = shapes["features"][0]["properties"]
    place = refined.geography.territory.communes["code"].tolist().index(first["commune_code"])
    layer = refined.widget.compare["communes"]["share_remote"]
    assert first["share_remote_diff"] == layer["diff"][place]
    assert "error" in ask(refined, kind="export", format="exe")


def test_a_table_is_in_the_language_of_its_viewer(open_session: Callable[..., Session]) -> None:
    heads = {}
    for language in ("fr", "en"):
        session = open_session(f"lang={language}&seed=3")
        wait_for(lambda session=session: session.widget.compare)
        for table in TABLES:
            text = ask(session, kind="export", format="csv", table=table)["text"]
            head, *rows = list(csv.reader(io.StringIO(text)))
            heads[language, table] = head
            assert rows and {len(row) for row in rows} == {len(head)}
            assert len(set(head)) == len(head)
    assert heads["en", "communes"][2] == "travel_min_per_worker_a"
    assert heads["fr", "communes"][2] == "Minutes de trajet par actif (min), A"
    assert heads["fr", "effects"][:3] == ["nom", "unité", "A"]
    for table in TABLES:
        assert not [each for each in heads["fr", table] if "_" in each]


def test_the_first_answer_is_that_of_a_pair_run_in_step() -> None:
    scope = Scope(5, START, END, SCALE, ("paris",), None)
    a, b = (
        load_scenario(name).with_(parameters=EVERYBODY_CONSIDERS)
        for name in ("hybrid-2022-no-telecentres", "hybrid-2022")
    )
    mine = pair_outcome(run_side(a, scope), run_side(b, scope))
    step = run_pair(scope.pair(a, b))
    assert mine.transitions == pytest.approx(step.transitions, rel=1e-12)
    assert mine.transition_minutes == pytest.approx(step.transition_minutes, rel=1e-4, abs=0.5)
    assert mine.transitions[:, 0, 3].sum() > 0
    for name in ("by_day", "communes", "kinds_of_worker", "sites", "decile_gain_min", "gini"):
        assert np.array_equal(getattr(mine, name), getattr(step, name)), name


@pytest.mark.parametrize(
    ("name", "seeds", "verdict", "found"),
    [
        ("half_days_save_no_time", (-9.9, -9.9), "Oui", "9,9 minutes de plus par jour"),
        ("co2_down_car", (686.0, 686.0), "Oui",
         "686 kg de CO₂e évités par an, un jour par semaine"),
        ("rural_without_a_model", (12.0, 12.0), "Oui", "12 % des coûts couverts"),
        ("co2_down", (40.0, 40.0), "Effet négligeable", "40 kg de CO₂e de plus par jour"),
        ("co2_down", (400.0, 400.0), "Non", "400 kg de CO₂e de plus par jour"),
        ("peak_relief", (-0.00012, -0.00012), "Effet négligeable",
         "0,00012 % de voyageurs de moins à l’heure de pointe"),
    ],
)  # fmt: skip
def test_what_a_claim_of_direction_finds_says_which_way(
    name: str, seeds: tuple[float, ...], verdict: str, found: str
) -> None:
    claim = register().claims[name]
    table = table_of([claim], {"network-2014": [{claim.measure: each} for each in seeds]})
    told = encode_claim(records(table)[0])
    assert (told["verdict_fr"], told["found_fr"]) == (verdict, found)
    assert told["text_fr"].startswith(f"{found}, ")


def test_a_map_on_which_most_places_have_nothing_has_classes_for_the_others() -> None:
    levels = np.concatenate([np.zeros(750), np.geomspace(0.002, 0.27, 50)])
    breaks, decimals = level_breaks(levels)
    assert set(np.digitize(levels, breaks)) == set(range(6))
    assert decimals == 2
    assert level_breaks(np.zeros(9))[0] == (1.0, 2.0, 3.0, 4.0, 5.0)


def test_a_year_at_a_centre_costs_the_same_after_two_weeks_as_after_a_month(geography: Any) -> None:
    scenario = load_scenario("hybrid-2022")

    def costs(last: int) -> dict[str, float]:
        scope = Scope(1, dt.date(2022, 3, 1), dt.date(2022, 3, last), SCALE, ("paris",), None)
        sent = encode_side(run_side(scenario, scope), scope, geography)
        return {each["id"]: each["cost_eur"] for each in sent.meta["telecentres"]}

    whole = costs(31)
    assert whole and min(whole.values()) > 0.0
    assert costs(14) == pytest.approx(whole)


def test_a_year_at_a_centre_costs_the_same_if_it_opened_in_mid_run(geography: Any) -> None:
    """Bringing the costs of two weeks of a month to a year as if of a month would halve them."""
    scenario = load_scenario("network-2014")
    site = scenario.network[0]
    late = replace(scenario, network=(replace(site, opening=dt.date(2014, 9, 15)),))
    always = replace(scenario, network=(replace(site, opening=None),))

    def costs(which: Scenario) -> list[float]:
        scope = Scope(1, dt.date(2014, 9, 1), dt.date(2014, 9, 30), SCALE, ("paris",), None)
        side = run_side(which, scope)
        sent = encode_side(side, scope, geography).meta["telecentres"]
        assert [each["id"] for each in sent] == [site.telecentre_id]
        return [each["cost_eur"] for each in sent]

    assert costs(late) == pytest.approx(costs(always))


def test_a_site_that_was_never_open_has_no_months_to_divide_by() -> None:
    days = [dt.date(2014, 9, 1), dt.date(2014, 9, 2)]
    months = months_open(days, np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert months[0] == pytest.approx(2 / 22)
    assert np.isnan(months[1])
