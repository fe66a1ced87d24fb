"""Files that users write: a hostile or mistaken one is told in one sentence with file and line."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim77 import Sim77Error
from sim77.analysis.calibrate.study import load_study as load_calibration
from sim77.analysis.sweep import Study, load_study
from sim77.app.state.state import Checker
from sim77.app.story.story import load_story
from sim77.cli.main import main
from sim77.cli.schema import KINDS
from sim77.core.schema import ReadBy
from sim77.core.yaml_file import load_yaml
from sim77.runs.run import run
from sim77.scenario.parts import FIRST_YEAR, LAST_YEAR
from sim77.scenario.scenario import load_scenario, scenario_names
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]

GOOD = {
    "scenario": """\
name: mine
period: {from: 2014-01-01, to: 2014-12-31}
parameters: {theta: 0.5}
network: [melun]
changes:
  - {date: 2014-02-03, lever: strike, value: 0.5}
""",
    "study": """\
scenario: network-2014
levers: {desks: {low: 1, high: 20, target: all}}
uncertainties: {theta: {}}
design: {method: lhs, samples: 8}
period: {from: 2014-03-03, to: 2014-03-07}
replications: 3
outcomes: [remote_days]
scale: 0.1
""",
    "calibration": """\
title: {en: t}
anchors: ["2022"]
free:
  theta: {}
population: 40
centres: {scenario: hybrid-2022, from: 2022-03-07, to: 2022-04-01}
""",
    "story": """\
title: {fr: Essai, en: Trial}
scenes:
  - title: {fr: Un, en: One}
    zoom: 2
""",
}

SCALE = "a number above 0 and at most 1, such as 0.1, not "
YEARS = "is outside of 2010 to 2030, the years that the model covers"
ROWS = [
    ("study", "scale: 0.1", "scale: 0,1", f"line 8, scale: The scale must be {SCALE}'0,1'."),
    ("study", "scale: 0.1", "scale: .nan", f"line 8, scale: The scale must be {SCALE}nan."),
    ("study", "scale: 0.1", "scale: true", f"line 8, scale: The scale must be {SCALE}True."),
    ("study", "scale: 0.1", "seed: 1.5", "line 8, seed: expected a whole number from 0 to 4294"),
    ("study", "scale: 0.1", "seed: .inf", "line 8, seed: expected a whole number"),
    ("study", "scale: 0.1", "most_runs: 9,5", "from 1, not '9,5'. Write 9.5, with a point."),
    (
        "study",
        "scale: 0.1",
        "workplaces: [mars]",
        "line 8, workplaces: Unknown workplace zone 'mars'",
    ),
    ("study", "scale: 0.1", "workplaces: 5", "line 8, workplaces: expected a list"),
    ("study", "scale: 0.1", "posterior: [shipped]", "line 8, posterior: expected the name of a f"),
    ("study", "scale: 0.1", "territory: nowhere", "line 8, territory: "),
    ("study", "scale: 0.1", "title: [a]", "line 8, title: expected names with values, not ['a']."),
    ("study", "scale: 0.1", "1: 2", "the key 1 is not a text."),
    ("study", "scenario: network-2014", "scenario: []", "line 1, scenario: expected one scenario"),
    ("study", "scenario: network-2014", "scenario: [5]", "scenario[0]: expected the name of a sc"),
    ("study", "method: lhs", "method: [lhs]", "line 4, design.method: unknown design ['lhs']. Di"),
    ("study", "samples: 8", "samples: 8.5", "line 4, design.samples: expected a whole number"),
    ("study", "{from: 2014-03-03, to: 2014-03-07}", "2014", "line 5, period: expected names with"),
    ("study", "from: 2014-03-03", "from: {a: b}", "line 5, period.from: {'a': 'b'} is not a date"),
    ("study", "from: 2014-03-03", "from: 0001-01-01", f"line 5, period.from: 0001-01-01 {YEARS}"),
    ("study", "to: 2014-03-07", "to: 2099-03-07", f"line 5, period.to: 2099-03-07 {YEARS}"),
    ("study", ", to: 2014-03-07", "", "line 5, period.to: a period needs a 'to'."),
    ("study", "low: 1", "low: 1.5", "levers.desks: the range 1.5 to 20 of 'desks' must be of whol"),
    ("study", "low: 1, high: 20", "values: [5.5]", "'desks' is 5.5, expected a whole number"),
    ("study", "low: 1", "low: .nan", "line 2, levers.desks.low: expected a number, not nan."),
    ("study", "theta: {}", "theta: {vals: [1]}", "theta.vals: unknown key 'vals'. Did you mean"),
    ("study", "theta: {}", "theta: {values: 5}", "values: expected a list of one or more, not 5"),
    ("study", "theta: {}", "theta: [a]", "uncertainties.theta: expected names with values"),
    ("study", "replications: 3", "replications: [3]", "line 6, replications: expected a whole"),
    ("study", "replications: 3", "replications: {at_least: 3}", "at_least and at_most go with 'u"),
    ("study", "[remote_days]", "remote_days", "line 7, outcomes: expected a list of one or more"),
    ("study", "[remote_days]", "[{by: day}]", "line 7, outcomes[0].indicator: an outcome needs an"),
    ("study", GOOD["study"], "", "expected names with values, not nothing."),
    (
        "scenario",
        "name: mine",
        "name: out/mine",
        "line 1, name: 'out/mine' is not the name of a scen",
    ),
    ("scenario", "name: mine", "name: [a]", "line 1, name: expected a text; put it in quotation"),
    (
        "scenario",
        "from: 2014-01-01",
        "from: 1800-01-01",
        f"line 2, period.from: 1800-01-01 {YEARS[:9]}",
    ),
    ("scenario", "to: 2014-12-31", "to: 2099-12-31", f"line 2, period.to: 2099-12-31 {YEARS}"),
    ("scenario", "date: 2014-02-03", "date: 2099-02-03", f"changes[0].date: 2099-02-03 {YEARS}"),
    ("scenario", "theta: 0.5", "theta: .nan", "parameter 'theta' is nan, expected 0.3 to 1"),
    ("scenario", "theta: 0.5", "theta: .inf", "parameter 'theta' is inf, expected 0.3 to 1"),
    ("scenario", "{theta: 0.5}", "[theta]", "line 3, parameters: expected names with values"),
    ("scenario", "value: 0.5", "value: .nan", "line 6, changes[0].value: 'strike' is nan"),
    ("scenario", "[melun]", "[{id: melun, desks: 5.5}]", "network[0].desks: 'desks' is 5.5, expec"),
    ("scenario", "[melun]", "[5]", "line 4, network[0]: expected names with values, not 5."),
    ("scenario", "[melun]", "[{id: melun, opening: 1800-01-01}]", f"opening: 1800-01-01 {YEARS}"),
    ("calibration", "40", "40.5", "line 5, population: expected a whole number from 4 to 10000"),
    ("calibration", '["2022"]', "[[2022]]", "line 2, anchors[0]: unknown anchor year [2022]. Did"),
    ("calibration", "theta: {}", "theta: {low: a}", "line 4, free.theta.low: expected a number"),
    ("calibration", "theta: {}", "theta: 5", "line 4, free.theta: expected names with values"),
    ("calibration", "theta: {}", "thetta: {}", "line 4, free.thetta: unknown parameter 'thetta'"),
    ("calibration", "2022-03-07", "soon", "line 6, centres.from: 'soon' is not a date"),
    ("calibration", GOOD["calibration"], "[]", "expected names with values, not []."),
    ("story", "zoom: 2", "zoom: .nan", "line 4, scenes[0].zoom: scene 1: a zoom from 1 to 14"),
    ("story", "zoom: 2", "picture: [load]", "line 4, scenes[0].picture: scene 1: unknown picture"),
    ("story", "zoom: 2", "levers: 5", "line 3, scenes[0]: scene 1: "),
    ("story", "zoom: 2", "day: 0001-01-01", "scene 1: "),
    (
        "story",
        "zoom: 2",
        "text: {fr: '{x}', en: b}",
        "line 4, scenes[0].text: scene 1: the text",
    ),
    ("story", "scenes:", "scene:", 'line 2, scene: unknown part "scene".'),
]


@pytest.fixture(scope="module")
def load() -> dict[str, Callable[[str], Any]]:
    checker = Checker(load_territory())
    return {
        "scenario": load_scenario,
        "study": load_study,
        "calibration": load_calibration,
        "story": lambda path: load_story(path, checker),
    }


@pytest.mark.parametrize(("kind", "old", "new", "text"), ROWS)
def test_a_mistake_is_one_sentence_with_file_and_line(
    kind: str, old: str, new: str, text: str, load: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD[kind], encoding="utf-8")
    load[kind](str(path))
    assert old in GOOD[kind]
    path.write_text(GOOD[kind].replace(old, new), encoding="utf-8")
    with pytest.raises(Sim77Error) as caught:
        load[kind](str(path))
    sentence = str(caught.value)
    assert sentence.startswith(str(path)) and text in sentence and "\n" not in sentence


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_in_another_encoding_is_told(kind: str, load: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(f"# un\n{GOOD[kind]}# caf\u00e9\n".encode("latin-1"))
    with pytest.raises(Sim77Error, match=r"mine\.yaml, line \d+: this is not UTF-8"):
        load[kind](str(path))


def test_python_is_told_as_files_are() -> None:
    with pytest.raises(
        Sim77Error, match=r"^most_runs: expected a whole number from 1, not '15'\.$"
    ):
        Study(scenario="network-2014", outcomes=("remote_days",), most_runs="15")
    with pytest.raises(Sim77Error, match=r"^replications: expected a whole number from 1"):
        Study(scenario="network-2014", outcomes=("remote_days",), replications=2.5)
    with pytest.raises(Sim77Error, match=r"^design\.method: unknown design 1"):
        Study(scenario="network-2014", outcomes=["remote_days"], design={"method": 1})


def _shipped(kind: str) -> list[Path]:
    return {
        "scenario": sorted((ROOT / "sim77/scenario/library").glob("*.yaml")),
        "study": sorted((ROOT / "experiments").rglob("study.yaml")),
        "calibration": sorted((ROOT / "calibration").rglob("study.yaml")),
        "story": sorted((ROOT / "sim77/app/stories").glob("*/*.yaml")),
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_editors_get_a_schema_that_every_shipped_file_keeps(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", kind]) == 0
    schema = json.loads(capsys.readouterr().out)
    # Imported late: all that collect the tests would wait seconds for it.
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert _shipped(kind)
    for path in _shipped(kind):
        found = [each.message for each in validator.iter_errors(load_yaml(path.read_text("utf-8")))]
        assert not found, (path, found)
    assert main(["schema", kind, "--out", str(tmp_path / "s.json")]) == 0
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8")) == schema


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("scenario", "theta: 0.5", "theta: 5"),
        ("scenario", "theta: 0.5", "thetta: 0.5"),
        ("scenario", "value: 0.5", "value: 5"),
        ("scenario", "lever: strike", "lever: strikes"),
        ("scenario", "value: 0.5", "value: 0.5, target: A"),
        ("scenario", "lever: strike", "lever: agreements, target: independents"),
        ("study", "scale: 0.1", "scale: 2"),
        ("study", "method: lhs", "method: [lhs]"),
        ("study", "low: 1", "low: a"),
        ("calibration", "40", "4.5"),
        ("story", "zoom: 2", "zoom: 20"),
    ],
)
def test_the_schema_of_editors_marks_mistakes(
    kind: str, old: str, new: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["schema", kind])
    import jsonschema

    validator = jsonschema.Draft202012Validator(json.loads(capsys.readouterr().out))
    assert validator.is_valid(load_yaml(GOOD[kind]))
    assert not validator.is_valid(load_yaml(GOOD[kind].replace(old, new)))


def test_the_years_covered_hold_every_shipped_scenario() -> None:
    for name in scenario_names():
        scenario = load_scenario(name)
        assert dt.date(FIRST_YEAR, 1, 1) <= scenario.start <= scenario.end
        assert scenario.end <= dt.date(LAST_YEAR, 12, 31)


def test_a_field_that_may_be_missing_is_described_on_python_3_11_too() -> None:
    """There a union hashes what it is made of."""
    assert hash(ReadBy(int, {"type": "integer"})) is not None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"seed": 1.5}, "The seed must be a whole number from 0 to 4294967295, not 1.5."),
        ({"seed": "1"}, "The seed must be a whole number from 0 to 4294967295, not '1'."),
        ({"seed": float("nan")}, "The seed must be a whole number"),
        ({"scale": "0.1"}, "The scale must be a number above 0 and at most 1"),
        ({"scale": 1e-9}, "none of the 90,960 workers is simulated; take 0.001 or more"),
        ({"workplaces": [5]}, "Unknown workplace zone 5."),
        ({"start": dt.date(1800, 1, 1)}, "1800-01-01 is outside of 2010 to 2030"),
    ],
)
def test_a_run_from_python_is_told_too(given: dict[str, Any], text: str) -> None:
    with pytest.raises(Sim77Error) as caught:
        run("network-2014", **given)
    assert text in str(caught.value)
