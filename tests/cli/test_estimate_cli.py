"""``sim77 estimate``: a template, a table, an overlay that runs, and one sentence for a mistake."""

import json
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.cli import main
from sim77.engine.choice.utility import nested_logit_shares
from sim77.registry.parameters import load_parameters
from sim77.report.estimate import FILES
from sim77.scenario.scenario import load_scenario

pytestmark = pytest.mark.cli


def write_survey(path: Path, asc_home: float = -2.4) -> Path:
    """Write 600 made-up days; home, office or a centre, drawn from the closed form."""
    draw, rows = np.random.default_rng(5), []
    for person in range(200):
        minutes, access = round(draw.uniform(60, 240)), round(draw.uniform(5, 50))
        for weekday in ("monday", "tuesday", "friday"):
            office = 0.6 * -0.033 * minutes
            centre = asc_home - 0.2 + 0.6 * -0.033 * 1.5 * access
            shares = nested_logit_shares(office, [np.array([asc_home, centre])], 0.6)
            chosen = draw.choice(["office", "home", "telecentre"], p=np.concatenate(shares))
            rows.append((person, weekday, "managers", "office home telecentre", chosen,
                         minutes, access))  # fmt: skip
    names = ("person", "weekday", "occupation", "available", "chosen", "travel_perceived_min",
             "access_min")  # fmt: skip
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def test_an_estimate_is_written_said_and_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    survey, out = write_survey(tmp_path / "survey.csv"), tmp_path / "out"
    assert main.main(["estimate", str(survey), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "600 days of 200 persons" in shown and "theta" in shown and "rho²" in shown
    assert {path.name for path in out.iterdir()} == set(FILES)
    assert (out / "summary.txt").read_text(encoding="utf-8").strip() in shown
    # The command that is printed is one that runs.
    command = next(line for line in shown.splitlines() if line.strip().startswith("sim77 run"))
    words = shlex.split(command)[1:]
    assert words == ["run", str(out / "overlay.yaml")]
    week = ["--from", "2022-03-07", "--to", "2022-03-08", "--scale", "0.01", "--quiet"]
    assert main.main([*words, *week]) == 0
    scenario, table = load_scenario(out / "overlay.yaml"), pd.read_csv(out / "estimates.csv")
    for row in table.itertuples():
        assert scenario.parameters[row.parameter] == pytest.approx(row.estimate, rel=1e-5)
    assert scenario.parameters["sd_taste_home"] == 0.0
    assert scenario.network == load_scenario("hybrid-2022").network
    # One that extends a file does so from wherever it is written to.
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("extends: hybrid-2022\n", encoding="utf-8")
    there = ["estimate", str(survey), "--scenario", "mine.yaml", "--out", "there/it"]
    assert main.main(there) == 0
    assert load_scenario("there/it/overlay.yaml").network == scenario.network
    capsys.readouterr()
    # Standing files are not replaced unasked.
    assert main.main(["estimate", str(survey), "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main.main(["estimate", str(survey), "--out", str(out), "--overwrite"]) == 0


def test_without_a_folder_the_command_sets_every_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey = write_survey(tmp_path / "survey.csv")
    assert main.main(["estimate", str(survey), "--scenario", "network-2014"]) == 0
    shown = capsys.readouterr().out
    words = shlex.split(shown.strip().splitlines()[-1])[1:]
    assert words[:2] == ["run", "network-2014"] and "--set" in words
    week = ["--from", "2014-03-03", "--to", "2014-03-04", "--scale", "0.01", "--quiet"]
    assert main.main([*words, *week]) == 0


def test_what_is_outside_its_range_is_flagged_and_runs_from_the_overlay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey, out = write_survey(tmp_path / "survey.csv", asc_home=0.4), tmp_path / "out"
    assert load_parameters()["asc_home_managers"].high < 0.0
    assert main.main(["estimate", str(survey)]) == 0
    shown = capsys.readouterr().out
    assert "Outside the registry's range (*): asc_home_managers" in shown
    assert shown.strip().splitlines()[-1].strip().startswith("sim77 run OVERLAY.yaml")
    assert main.main(["estimate", str(survey), "--out", str(out)]) == 0
    text = (out / "overlay.yaml").read_text(encoding="utf-8")
    assert "outside_ranges: true" in text and "asc_home_managers" in text.splitlines()[2]
    assert load_scenario(out / "overlay.yaml").parameters["asc_home_managers"] > 0.0


def test_json_says_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    survey = write_survey(tmp_path / "survey.csv")
    assert main.main(["estimate", str(survey), "--json", "--hold", "mu_remote"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["converged"] and content["n_days"] == 600
    assert content["held"]["mu_remote"] == load_parameters()["mu_remote"].value
    names = [row["parameter"] for row in content["estimates"]]
    assert names == ["theta", "asc_home_managers", "asc_tc_telecentre"]
    assert content["log_likelihood"] > content["log_likelihood_null"]


def test_the_template_is_written_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.csv"
    assert main.main(["estimate", "--template", str(path)]) == 0
    assert path.read_text(encoding="utf-8").startswith("person,weekday,occupation,available")
    assert main.main(["estimate", "--template", str(path)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "sim77 estimate needs a survey, or --template"),
        (["none.csv"], "the survey none.csv is not there"),
        (["none.csv", "--method", "nest"], "unknown method 'nest'. Did you mean 'nested'?"),
        (["SURVEY", "--scenario", "hybird-2022"], "unknown scenario 'hybird-2022'. Did you mean"),
        (["SURVEY", "--hold", "tehta"], "'tehta' is not estimated from this survey. Did you mean"),
        (["SURVEY", "--method", "mixed", "--hold", "mu_remote"], "the mixed logit has mu_remote"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey = str(write_survey(tmp_path / "survey.csv"))
    assert main.main(["estimate", *(survey if word == "SURVEY" else word for word in words)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"sim77: {sentence}")
    assert shown.err.count("\n") == 1
