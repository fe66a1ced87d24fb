"""A value that a parameter cannot take is refused wherever parameters come in."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import sim77
from sim77.analysis.sweep import Study
from sim77.app.state import Checker
from sim77.cli.main import main
from sim77.core.errors import Sim77Error
from sim77.registry.parameters import load_parameters, resolve
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Change, load_scenario
from sim77.territory.territory import load_territory

pytestmark = pytest.mark.unit

DAY = dt.date(2022, 3, 1)
REFUSED = {
    "g_peer": (1.09, r"g_peer \+ g_norm .*1\.3"),
    "team_size": (5.5, "team_size' is 5.5, expected a whole number"),
}
"""By name, a value inside its range that is refused all the same, and what is said."""


def scenario_file(name: str, value: float, folder: Path) -> None:
    file = folder / "mine.yaml"
    file.write_text(f"extends: hybrid-2022\nparameters: {{{name}: {value}}}\n", encoding="utf-8")
    load_scenario(file)


def dated_change_in_a_file(name: str, value: float, folder: Path) -> None:
    change = f"{{date: 2022-03-01, lever: 'parameter:{name}', value: {value}}}"
    file = folder / "mine.yaml"
    file.write_text(f"extends: hybrid-2022\nchanges:\n  - {change}\n", encoding="utf-8")
    load_scenario(file)


def dated_change(name: str, value: float, folder: Path) -> None:
    load_scenario("hybrid-2022").with_(changes=(Change(DAY, f"parameter:{name}", value),))


def scenario(name: str, value: float, folder: Path) -> None:
    load_scenario("hybrid-2022").with_(parameters={name: value})


def resolved(name: str, value: float, folder: Path) -> None:
    resolve(DAY, {name: value})


def run(name: str, value: float, folder: Path) -> None:
    sim77.run("hybrid-2022", overrides={name: value}, scale=0.001)


def compare(name: str, value: float, folder: Path) -> None:
    sim77.compare("hybrid-2022", "toll-5-euros", overrides={name: value}, seeds=1, scale=0.001)


def posterior(name: str, value: float, folder: Path) -> None:
    file = folder / "posterior.csv"
    file.write_text(f"{name}\n{value}\n", encoding="utf-8")
    load_posterior(file)


def study(name: str, value: float, folder: Path) -> None:
    Study(
        scenario="hybrid-2022", outcomes=["remote_days"], uncertainties={name: {"values": [value]}},
        design={"method": "grid"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "door",
    [
        scenario_file, dated_change_in_a_file, dated_change, scenario, resolved, run, compare,
        posterior, study,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_sentence(
    door: Callable[[str, float, Path], None], name: str, tmp_path: Path
) -> None:
    value, text = REFUSED[name]
    assert load_parameters()[name].low < value < load_parameters()[name].high
    with pytest.raises(Sim77Error, match=text):
        door(name, value, tmp_path)


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_refuses_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    value, text = REFUSED[name]
    assert main(["run", "hybrid-2022", "--set", f"{name}={value}", "--scale", "0.001"]) != 0
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1 and re.search(text, error)


@pytest.mark.parametrize("name", REFUSED)
def test_the_app_refuses_it(name: str) -> None:
    value, _ = REFUSED[name]
    checker = Checker(load_territory())
    state, problems = checker.check({"levers": {f"parameter:{name}": value}})
    assert state.levers.get(f"parameter:{name}") != value
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
    with pytest.raises(
        Sim77Error, match=rf"g_peer \+ g_norm is {1.1 + load_parameters()['g_norm'].value:g}"
    ):
        load_scenario("hybrid-2022").with_(changes=(low_till_june, higher))
