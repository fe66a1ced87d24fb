"""Why: what would have changed a day is what runs with that change from their first day say."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.person import find_worker
from sim77.app.compute.jobs import Pair, Progress
from sim77.app.compute.process import WorkerProcess
from sim77.app.explore.sides import Scope
from sim77.app.levers.policies import with_levers
from sim77.app.session import Session
from sim77.app.why.answers import explain, users_of_telecentre, worker, workers_of_commune
from sim77.app.why.people import find_someone
from sim77.app.why.what_if import Situation, _base, _day_of, changes_of, what_if
from sim77.core.units import PLAN_KINDS
from sim77.engine.model import CommuteModel
from sim77.report.locale import LANGUAGES
from sim77.scenario.scenario import Scenario, load_scenario
from tests.app.conftest import wait_for
from tests.app.small import END, SCALE, START

pytestmark = pytest.mark.app

DAY = dt.date(2014, 9, 30)
MONDAY = dt.date(2014, 9, 29)
COMMUNES = ("77186", "77288", "77284", "77445", "77083", "77373", "77305", "77333")


@pytest.fixture(scope="module")
def pair() -> Pair:
    a, b = (load_scenario(name) for name in ("hybrid-2022-no-telecentres", "hybrid-2022"))
    period = {"start": START, "end": END}
    return Pair(a.with_(**period), b.with_(**period), Scope(1, START, END, SCALE, ("paris",), None))


@pytest.fixture(scope="module")
def worker_process() -> WorkerProcess:
    return WorkerProcess()


@pytest.fixture
def quiet() -> Progress:
    return Progress(lambda name, content: None, lambda: False)


def covered_worker(worker_process: WorkerProcess, pair: Pair, quiet: Progress) -> str:
    """Return somebody who may work away from the office and is at work on the day."""
    for commune in COMMUNES:
        given = {"commune": commune, "day": DAY.isoformat()}
        for row in workers_of_commune(worker_process, pair, given, quiet)["rows"]:
            there = next(each for each in row["week"] if each["day"] == DAY.isoformat())["b"]
            if there and row["allowance_half_days_b"] > 2:
                return str(row["identity"])
    raise AssertionError("no covered worker in the sample")


def plan_of(scenario: Scenario, scope: Scope, identity: str) -> tuple[str, str]:
    """Run a scenario from its first day and return what a worker does on the day."""
    model = CommuteModel(
        scenario, seed=scope.seed, scale=scope.scale, start=scope.start, end=DAY
    )  # fmt: skip
    observer = Observer(DAY, [find_worker(model, identity)])
    model.observers.append(observer)
    while model.running:
        model.step()
    assert observer.found[0].chosen is not None
    return observer.found[0].chosen.key


def test_each_change_is_what_a_whole_run_with_it_gives(
    worker_process: WorkerProcess, pair: Pair, quiet: Progress
) -> None:
    identity = covered_worker(worker_process, pair, quiet)
    given = {"worker": identity, "day": DAY.isoformat(), "side": "b"}
    text = what_if(worker_process, pair, given, quiet)
    assert text["monday"] == MONDAY.isoformat()
    assert (text["plan"]["kind"], text["plan"]["telecentre"]) == plan_of(
        pair.b, pair.scope, identity
    )
    assert len(text["rows"]) >= 3
    _, model = _base(pair.b, pair.scope, DAY, quiet)
    day = _day_of(model, DAY, find_someone(model, identity), quiet)
    changes = {each.name: each for each in changes_of(Situation(day, DAY, model))}
    for row in text["rows"]:
        change = changes[row["name"]]
        moved = {
            name: [{"from": MONDAY.isoformat(), "until": None, "value": value}]
            for name, value in change.levers.items()
        }
        opened = [{"commune": change.opens, "desks": 10, "from": MONDAY.isoformat()}]
        other = with_levers(pair.b, moved, opened if change.opens else [])
        key = plan_of(other, pair.scope, identity)
        assert (row["plan"]["kind"], row["plan"]["telecentre"]) == key, row["name"]
        assert row["same"] == (key == (text["plan"]["kind"], text["plan"]["telecentre"]))
        assert 0.0 <= row["share"] <= 1.0
        assert all("{" not in row[language] for language in LANGUAGES)


def test_a_week_without_a_past_is_run_from_its_first_day(
    worker_process: WorkerProcess, pair: Pair, quiet: Progress
) -> None:
    identity = covered_worker(worker_process, pair, quiet)
    given = {"worker": identity, "day": START.isoformat(), "side": "b"}
    text = what_if(worker_process, pair, given, quiet)
    assert text["plan"] is None or text["plan"]["kind"] in PLAN_KINDS
    assert text["rows"]
    assert {each["name"] for each in text["rows"]} <= {"free_desk", "pays_alone", "more_days",
        "fewer_days", "centre_at_home", "roomy_trains", "dear_fuel", "more_desks"}  # fmt: skip


def test_a_page_is_told_what_would_have_changed_it(open_session: Callable[..., Session]) -> None:
    session = open_session("a=no-telecentres&b=network-2014")
    wait_for(lambda: session.widget.compare)

    def ask(number: int, **message: Any) -> dict[str, Any]:
        session.hear({"type": "ask", "id": number, **message})
        return wait_for(lambda: session.widget.answer.get("id") == number and session.widget.answer)

    drawn = ask(1, kind="workers_of_commune", commune="77288", day="")
    worker = drawn["rows"][0]["identity"]
    person = ask(2, kind="worker", worker=worker, day="")
    day = next(each for each in person["week"] if each["day"] == person["day"])
    assert day["b"] is not None, "without a day, one at work is told of"
    text = ask(3, kind="what_if", worker=worker, day=person["day"], side="b")
    assert text["plan"]["kind"] == day["b"]["kind"]
    assert text["rows"]
    assert ask(4, kind="what_if", worker="nobody", side="b")["error"]["key"] == "unknown_worker"


def test_who_works_at_home_is_among_the_users_and_is_explained(
    worker_process: WorkerProcess,
    pair: Pair,
    quiet: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those who work at home are made keen on centres, so that the sample has some."""
    keen = {"asc_own_account": 3.0, "asc_tc_telecentre": -4.0, "asc_tc_coworking": -4.0}
    pair = replace(pair, b=pair.b.with_(parameters=dict(pair.b.parameters) | keen))
    asked = {"telecentre": "coulommiers", "day": DAY.isoformat()}
    drawn = users_of_telecentre(worker_process, pair, asked, quiet)
    someone = next(row for row in drawn["rows"] if row["at_home"])
    assert someone["visits"] > 0
    assert "-home-" in someone["identity"]
    asked = {"worker": someone["identity"], "day": "", "telecentre": ""}
    told = worker(worker_process, pair, asked, quiet)
    assert told["year"]["a"]["days"]["telecentre"] == 0
    assert told["year"]["b"]["days"]["telecentre"] >= someone["visits"]
    assert told["year"]["b"]["days"]["office"] == 0
    asked = {"worker": someone["identity"], "day": told["day"]}
    explained = explain(worker_process, pair, asked, quiet)["sides"]["b"]
    kinds = {plan["kind"] for plan in explained["plans"]}
    assert kinds == {"home", "telecentre"}
    (home,) = [plan for plan in explained["plans"] if plan["reference"]]
    assert (home["kind"], home["minutes"]) == ("home", 0.0)
    day = next(each for each in told["week"] if each["day"] == told["day"])
    (chosen,) = [plan for plan in explained["plans"] if plan["chosen"]]
    assert (chosen["kind"], chosen["telecentre"]) == (day["b"]["kind"], day["b"]["telecentre"])
    changed = what_if(worker_process, pair, asked | {"side": "b"}, quiet)
    names = {each["name"] for each in changed["rows"]}
    assert names
    assert names <= {"free_desk", "more_desks", "centre_at_home"}
    # Without the visit the first day would be told of, on which not all of them come.
    monkeypatch.setattr("sim77.app.why.answers._telling_day", lambda a, b, who: 0)
    for row in drawn["rows"]:
        asked = {"worker": row["identity"], "day": "", "telecentre": "coulommiers"}
        told = worker(worker_process, pair, asked, quiet)
        (day,) = (each for each in told["week"] if each["day"] == told["day"])
        assert day["b"]["telecentre"] == "coulommiers", "a visitor is told of on the day of a visit"
