"""The plan of a day runs the day, is what the ODD page says, and is what a profile times."""

import datetime as dt

import pytest

from docs.generator.markdown import DocumentationError
from docs.generator.odd import phases_part
from sim77.cli import main
from sim77.core.units import Plan
from sim77.engine.model import PHASES, CommuteModel
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

NAMES = [phase.name for phase in PHASES]


def test_a_day_is_the_plan_in_its_order(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    model = CommuteModel(tiny_scenario, territory=small_territory)
    seen: list[str] = []
    model.observers.append(lambda _, phase: seen.append(phase))
    model.step()
    assert seen == NAMES
    assert list(model.seconds) == ["setup", *NAMES]
    assert all(value > 0.0 for value in model.seconds.values())


def test_a_phase_left_out_of_the_plan_is_left_out_of_the_day(
    tiny_scenario: Scenario, small_territory: Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = tuple(phase for phase in PHASES if phase.name != "book")
    monkeypatch.setattr("sim77.engine.model.PHASES", without)
    booked: list[int] = []
    monkeypatch.setattr(CommuteModel, "_book", lambda self: booked.append(1))
    CommuteModel(tiny_scenario, territory=small_territory)
    assert booked == []


def test_the_documentation_prints_the_plan() -> None:
    lines = phases_part().splitlines()
    assert [line.split("`")[1] for line in lines] == NAMES
    for line, phase in zip(lines, PHASES, strict=True):
        assert line.endswith(phase.description)


def test_a_phase_without_a_description_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docs.generator.odd.PHASES", (PHASES[0]._replace(description=""),))
    with pytest.raises(DocumentationError, match="the phase 'policies' has no description"):
        phases_part()


def test_a_profile_has_a_row_for_each_phase_and_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["run", "network-2014", "--scale", "0.01", "--from", "2014-09-08", "--to", "2014-09-09"]
    assert main.main(words) == 0
    plain = capsys.readouterr().out.splitlines()
    assert main.main([*words, "--profile"]) == 0
    profiled = capsys.readouterr().out.splitlines()
    same = [line for line in plain if "computed in" not in line]
    table = [line for line in profiled if line not in plain and "computed in" not in line]
    assert [line for line in profiled if line in same] == same
    assert [line.split()[0] for line in table] == ["phase", "before", *NAMES, "all"]
    assert len(table[NAMES.index("choose") + 2].split()) == 3


def test_a_run_goes_on_when_the_last_one_loses_the_right_to_choose() -> None:
    revoked = Change(dt.date(2022, 3, 7), "allowance_half_days", 0)
    scenario = load_scenario("hybrid-2022").with_(changes=(revoked,))
    few = {"scale": 0.001, "seed": 3}  # without an independent who may choose
    model = CommuteModel(scenario, **few, start=dt.date(2022, 3, 1), end=dt.date(2022, 4, 4))
    while model.running:
        model.step()
    assert model.memory.choosers.worker.size == 0 < model.memory.visited.size
    assert (model.columns.kind[model.columns.kind >= 0] == Plan.OFFICE).all()
