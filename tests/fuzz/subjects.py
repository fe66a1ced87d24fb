"""What is given hostile input: valid samples, how they are changed, and who reads them."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote

import yaml

import sim77
from sim77.analysis.calibrate.study import load_study as load_calibration
from sim77.analysis.estimate.estimate import estimate, template
from sim77.analysis.estimate.survey import read_survey
from sim77.analysis.sweep.evaluate import simulate
from sim77.analysis.sweep.file import load_study
from sim77.app.compute.jobs import StudyRequest
from sim77.app.guard import is_readable
from sim77.app.options import Options
from sim77.app.session import Session
from sim77.app.state.address import decode
from sim77.app.state.state import Checker
from sim77.app.story.story import load_story, shipped_stories
from sim77.app.studies.answers import answer
from sim77.app.studies.folders import SHIPPED, Catalogue
from sim77.report.geography import Geography
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import check_territory, load_territory, write_example
from tests.fuzz.cases import Files, Subject
from tests.fuzz.mutations import (
    Change,
    changed_text,
    changed_tree,
)
from tests.unit.analysis.test_estimate_fit import random_survey

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(sim77.__file__).parent
DAY = dt.date(2014, 9, 8)


# Scenarios ------------------------------------------------------------------------------------


@lru_cache
def _scenarios() -> tuple[Files, ...]:
    own = sorted((PACKAGE / "scenario" / "library").glob("*.yaml"))
    return tuple({"scenario.yaml": each.read_bytes()} for each in own)


def _read_scenario(folder: Path) -> Scenario:
    found = load_scenario(folder / "scenario.yaml")
    # What is shown of a scenario and what is computed of it must be one.
    assert found.to_yaml() and found.hash
    return found


def _run_scenario(folder: Path, found: Scenario) -> None:
    _run(found, found.start, found.start + dt.timedelta(min((found.end - found.start).days, 3)))


def _run(scenario: Scenario, start: dt.date = DAY, end: dt.date = DAY) -> None:
    sim77.run(scenario, scale=0.001, start=start, end=end, overrides={"burn_in_days": 1})


# Studies --------------------------------------------------------------------------------------


@lru_cache
def _studies() -> tuple[Files, ...]:
    found: list[Files] = []
    for file in sorted((ROOT / "experiments").glob("*/study.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        day = {"from": "2014-09-08", "to": "2014-09-08"}
        content |= {"scale": 0.001, "replications": 2, "period": day}
        beside = {each.name: each.read_bytes() for each in file.parent.glob("*.yaml")}
        found.append(beside | {file.name: yaml.safe_dump(content, sort_keys=False).encode()})
    beside = {"points.csv": b"theta\n0.7\n0.8\n"}
    content |= {
        "scenario": "network-2014",
        "baseline": "no-telecentres",
        "uncertainties": {"theta": {"low": 0.5, "high": 1.0}},
        "design": {"method": "table", "file": "points.csv"},
    }
    content.pop("levers", None)
    found.append(beside | {"study.yaml": yaml.safe_dump(content, sort_keys=False).encode()})
    return tuple(found)


def _read_study(folder: Path) -> Any:
    study = load_study(folder)
    for text in ("title", "question"):
        study.text(text, "fr")
    study.warnings()
    study.point_key(0)
    study.evaluation(study.n_points - 1, 0)
    study.save(folder)
    return load_study(folder)


def _run_study(folder: Path, study: Any) -> None:
    first, last = study.days
    if study.evaluator or study.scale > 0.002 or (last - first).days > 7:
        return
    simulate(study.evaluation(0, 0))


@lru_cache
def _calibrations() -> tuple[Files, ...]:
    files = sorted((ROOT / "calibration").glob("*/study.yaml"))
    return tuple({"study.yaml": each.read_bytes()} for each in files)


# Territories ----------------------------------------------------------------------------------


@lru_cache
def _territories() -> tuple[Files, ...]:
    with TemporaryDirectory() as name:
        folder = write_example(Path(name))
        kinds = ("*.csv", "*.parquet", "territory.yaml", "scenarios/*", "transit/*.*", "road/*.*")
        files = [each for kind in kinds for each in folder.glob(kind) if each.suffix != ".md"]
        return ({str(each.relative_to(folder)): each.read_bytes() for each in files},)


def _read_territory(folder: Path) -> Any:
    problems = check_territory(folder)
    assert all("\n" not in each for each in problems), "a problem of several lines"
    if problems:
        return None
    territory = load_territory(folder)
    return territory, [load_scenario(name, territory) for name in territory.scenarios]


def _run_territory(folder: Path, found: Any) -> None:
    if found is not None:
        territory, scenarios = found
        sim77.run(scenarios[0], territory=territory, start=DAY, end=DAY,
                  workplaces=("paris", "within"), overrides={"burn_in_days": 1})  # fmt: skip


# Surveys and posteriors -----------------------------------------------------------------------


@lru_cache
def _surveys() -> tuple[Files, ...]:
    return tuple(
        {"survey.csv": table.to_csv(index=False).encode()}
        for table in (template(), random_survey())
    )


def _run_survey(folder: Path, found: Any) -> None:
    sim77.text(estimate(folder / "survey.csv", hold=["mu_remote"]))


@lru_cache
def _posteriors() -> tuple[Files, ...]:
    shipped = {
        each.name: each.read_bytes() for each in (PACKAGE / "scenario" / "data").glob("posterior.*")
    }
    few = b"".join(shipped["posterior.csv"].splitlines(keepends=True)[:12])
    return {"posterior.csv": few}, shipped


def _read_posterior(folder: Path) -> Any:
    found = load_posterior(folder / "posterior.csv")
    found.described()
    return found.under(load_scenario("network-2014"), 1)


# Stories --------------------------------------------------------------------------------------


@lru_cache
def _checker() -> Checker:
    return Checker(load_territory())


@lru_cache
def _stories() -> tuple[Files, ...]:
    files = sorted((PACKAGE / "app" / "stories" / "seine-et-marne").glob("*.yaml"))
    return tuple({"story.yaml": each.read_bytes()} for each in files)


def _read_story(folder: Path) -> None:
    story = load_story(str(folder / "story.yaml"), _checker())
    story.payload()
    story.to_yaml()


# The app --------------------------------------------------------------------------------------

_QUERIES = (
    "a=no-telecentres&b=network-2014&lang=en&view=compare&seed=3&by=year&show=home",
    "b=network-21&l.price_day=5&l.anchor_weekdays=tuesday&open=77379:12:2014-10-01&close=melun",
    "l.strike=2014-12-01..2014-12-05:0.3&day=2014-11-18&place=commune:77186&worker=1-2&speed=2.5",
    "view=studies&study=co2-uncertainties&outcome=effect_co2e_travel_kg&where=<0&f.theta=0.1..0.2",
    "story=network-tour&scene=2&theme=dark&v=1&made=0.1.0~a~b",
)
_STATE = {
    "scenario_a": "no-telecentres", "scenario_b": "network-2014", "seed": 2, "lang": "en",
    "levers": {"price_day": 5, "anchor_weekdays": [1], "lockdown": True,
               "strike": [{"from": "2014-12-01", "until": "2014-12-05", "value": 0.3}]},
    "sites": {"opened": [{"commune": "77379", "desks": 12, "from": "2014-10-01"}],
              "closed": ["melun"]},
    "by": "year", "indicator": "home", "day": "2014-11-18", "speed": 5, "view": "explore",
    "place": {"kind": "commune", "id": "77186"}, "rev": 4, "filters": {"theta": [0.1, 0.2]},
    "where": "<0",
}  # fmt: skip
_SCENE = {
    "title": {"fr": "Un", "en": "One"}, "text": {"fr": "Deux", "en": "Two {diff.home}"},
    "scenario_b": "network-21", "levers": {"price_day": 5}, "picture": "map_b", "zoom": 2,
    "highlight": {"communes": ["77186"], "line": "A"},
}  # fmt: skip
_STORY = {"title": {"fr": "T", "en": "T"}, "scenes": [_SCENE]}
_ASK = {"type": "ask", "id": 1}
_STUDY = {"study": "co2-uncertainties", "outcome": "effect_co2e_travel_kg"}
_MESSAGES = (
    {"type": "set", "state": _STATE},
    {"type": "set", "state": _STATE},
    {"type": "set", "state": {"story": "network-tour", "scene": 2}},
    {"type": "retry"},
    {"type": "cancel"},
    _ASK | {"kind": "reproduce"},
    _ASK | {"kind": "export", "format": "csv", "table": "communes"},
    _ASK | {"kind": "story_parse", "text": yaml.safe_dump(_STORY)},
    _ASK | {"kind": "story_save", "story": _STORY},
    _ASK | {"kind": "workers_of_commune", "commune": "77186", "day": "2014-11-18"},
    _ASK | {"kind": "users_of_telecentre", "telecentre": "melun", "day": "2014-11-18"},
    _ASK | {"kind": "explain", "worker": "1-2", "day": "2014-11-18"},
    _ASK | {"kind": "what_if", "worker": "1-2", "side": "b", "day": "2014-11-18"},
    _ASK | {"kind": "study_list"},
    _ASK | {"kind": "study", **_STUDY},
    _ASK | {"kind": "study_matters", **_STUDY},
    _ASK | {"kind": "study_conditions", **_STUDY},
    _ASK | {"kind": "study_conditions", **_STUDY, "where": "<-100"},
    _ASK | {"kind": "study_regret", "study": "desk-capacity-price"},
)


def _addresses() -> tuple[Files, ...]:
    return tuple({"address": each.encode()} for each in _QUERIES)


def _change_address(rng: random.Random, name: str, content: bytes) -> Change:
    """Change values and parts of an address, or its text."""
    if rng.random() < 0.3:
        return changed_text(rng, content)
    parts = [each.partition("=")[::2] for each in content.decode().split("&")]
    message, tree = changed_tree(rng, {key: unquote(value) for key, value in parts})
    if not isinstance(tree, dict):
        tree = {"a": tree}
    pairs = (f"{quote(str(key))}={quote(str(value))}" for key, value in tree.items())
    return message, "&".join(pairs).encode("utf-8", "replace")


def _read_address(folder: Path) -> Any:
    query = (folder / "address").read_bytes().decode("utf-8", "replace")
    state, problems = decode(query, _checker())
    json.dumps([state.payload(), [each.payload() for each in problems]])
    return state.scenarios()


def _run_address(folder: Path, found: tuple[Scenario, Scenario]) -> None:
    _run(found[1])


def _messages() -> tuple[Files, ...]:
    return tuple({"message.json": json.dumps(each).encode()} for each in _MESSAGES)


class _Engine:
    """In place of the engine: keeps what it is asked to compute."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def submit(self, viewer: str, job: Any, listener: object) -> None:
        hash(job.key)
        self.jobs.append(job)

    def outbox(self, deliver: object) -> object:
        return deliver

    def cancel(self, viewer: str) -> None:
        """Take note of nothing."""

    drop = cancel


class _Shown:
    """In place of the widget: everything written to it must be what a message can hold."""

    def __init__(self) -> None:
        for name in ("status", "compare", "side_a", "side_b", "answer", "banner", "scene"):
            object.__setattr__(self, name, {})

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "boot":
            json.dumps(value)
        object.__setattr__(self, name, value)


class _Raising(logging.Handler):
    """What the app only logs, so that a viewer sees no more than that it failed, is a finding."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            raise record.exc_info[1]


@lru_cache
def _parts() -> tuple[Geography, Options]:
    logging.getLogger("sim77.app").addHandler(_Raising())
    catalogue = Catalogue(None, SHIPPED)
    options = Options(0.001, DAY, DAY, 1, stories=shipped_stories(_checker()), studies=catalogue)
    return Geography(load_territory()), options


def _read_message(folder: Path) -> Any:
    geography, options = _parts()
    engine = _Engine()
    session = Session(engine, geography, options, _Shown(), "lang=en")  # type: ignore[arg-type]
    text = (folder / "message.json").read_bytes().decode("utf-8", "replace")
    if is_readable(text):
        session.hear(json.loads(text))
    return engine.jobs[1:]


def _run_message(folder: Path, jobs: list[Any]) -> None:
    geography, _ = _parts()
    for job in jobs:
        if isinstance(job, StudyRequest):
            json.dumps(answer(job.kind, geography, dict(job.given)))
        elif hasattr(job, "b"):
            _run(job.b)


SUBJECTS: Mapping[str, Subject] = {
    "scenario": Subject(_scenarios, _read_scenario, _run_scenario),
    "study": Subject(_studies, _read_study, _run_study),
    "territory": Subject(_territories, _read_territory, _run_territory),
    "survey": Subject(_surveys, lambda folder: read_survey(folder / "survey.csv"), _run_survey),
    "posterior": Subject(_posteriors, _read_posterior),
    "story": Subject(_stories, _read_story),
    "calibration": Subject(_calibrations, lambda folder: load_calibration(folder / "study.yaml")),
    "address": Subject(_addresses, _read_address, _run_address, _change_address),
    "message": Subject(_messages, _read_message, _run_message),
}
