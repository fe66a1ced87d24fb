"""A value that a parameter cannot take is refused wherever parameters come in."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import sim77
from sim77.analysis.sweep import Study
from sim77.app.state.state import Checker
from sim77.cli.main import main
from sim77.core.errors import Sim77Error
from sim77.registry.parameters import load_parameters, resolve
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Change, load_scenario
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.unit

DAY = dt.date(2022, 3, 1)
REFUSED = {
    "g_peer": ({"g_peer": 1.09, "g_norm": 0.3}, r"g_peer \+ g_norm .*1\.3"),
    "team_size": ({"team_size": 5.5}, "team_size' is 5.5, expected a whole number"),
}
"""Values inside their ranges that are refused all the same, and what is said."""
Values = Mapping[str, float]


def scenario_file(values: Values, folder: Path) -> None:
    file = folder / "mine.yaml"
    file.write_text(f"extends: hybrid-2022\nparameters: {json.dumps(values)}\n", encoding="utf-8")
    load_scenario(file)


def dated_change_in_a_file(values: Values, folder: Path) -> None:
    changes = [
        f"  - {{date: 2022-03-01, lever: 'parameter:{name}', value: {value}}}"
        for name, value in values.items()
    ]
    file = folder / "mine.yaml"
    file.write_text("\n".join(["extends: hybrid-2022", "changes:", *changes, ""]), encoding="utf-8")
    load_scenario(file)


def dated_change(values: Values, folder: Path) -> None:
    changes = (Change(DAY, f"parameter:{name}", value) for name, value in values.items())
    load_scenario("hybrid-2022").with_(changes=tuple(changes))


def scenario(values: Values, folder: Path) -> None:
    load_scenario("hybrid-2022").with_(parameters=values)


def resolved(values: Values, folder: Path) -> None:
    resolve(DAY, values)


def run(values: Values, folder: Path) -> None:
    sim77.run("hybrid-2022", overrides=values, scale=0.001)


def compare(values: Values, folder: Path) -> None:
    sim77.compare("hybrid-2022", "toll-5-euros", overrides=values, seeds=1, scale=0.001)


def posterior(values: Values, folder: Path) -> None:
    file = folder / "posterior.csv"
    rows = (",".join(map(str, row)) for row in (values, values.values()))
    file.write_text("\n".join([*rows, ""]), encoding="utf-8")
    load_posterior(file)


def study(values: Values, folder: Path) -> None:
    Study(
        scenario="hybrid-2022", outcomes=["remote_days"], design={"method": "grid"},
        uncertainties={name: {"values": [value]} for name, value in values.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    "door",
    [
        scenario_file, dated_change_in_a_file, dated_change, scenario, resolved, run, compare,
        posterior, study,
    ],
)  # fmt: skip
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_one_sentence(
    door: Callable[[Values, Path], None], case: str, tmp_path: Path
) -> None:
    values, text = REFUSED[case]
    for name, value in values.items():
        assert load_parameters()[name].low < value < load_parameters()[name].high
    with pytest.raises(Sim77Error, match=text):
        door(values, tmp_path)


@pytest.mark.parametrize("case", REFUSED)
def test_the_command_line_refuses_it(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    values, text = REFUSED[case]
    given = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    assert main(["run", "hybrid-2022", *given, "--scale", "0.001"]) != 0
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and re.search(text, error)


@pytest.mark.parametrize("case", REFUSED)
def test_the_app_refuses_it(case: str) -> None:
    values, _ = REFUSED[case]
    levers = {f"parameter:{name}": value for name, value in values.items()}
    state, problems = Checker(load_territory()).check({"levers": levers})
    assert state.levers != levers
    assert problems


def test_thought_experiments_may_go_beyond_the_evidence_but_not_halve_a_person() -> None:
    bold = load_scenario("hybrid-2022").with_(outside_ranges=True)
    assert bold.with_(parameters={"g_peer": 1.0}).parameters["g_peer"] == 1.0
    with pytest.raises(Sim77Error, match="expected a whole number"):
        bold.with_(parameters={"team_size": 5.5})


def test_a_sum_is_looked_at_on_every_day() -> None:
    calm = load_scenario("hybrid-2022").with_(parameters={"g_norm": 0.1})
    higher = Change(DAY, "parameter:g_peer", 1.1)
    assert calm.with_(changes=(higher,)).changes == (higher,)
    later = Change(dt.date(2022, 6, 1), "parameter:g_norm", 0.5)
    with pytest.raises(Sim77Error, match=r"changes\[1\].value: g_peer \+ g_norm is 1.6"):
        calm.with_(changes=(higher, later))
    # What holds the sum down ends in June.
    low_till_june = Change(dt.date(2022, 1, 3), "parameter:g_norm", 0.1, until=dt.date(2022, 6, 1))
    firm = load_scenario("hybrid-2022").with_(parameters={"g_norm": 0.3})
    with pytest.raises(Sim77Error, match=r"g_peer \+ g_norm is 1.4"):
        firm.with_(changes=(low_till_june, higher))
