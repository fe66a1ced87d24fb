"""``--posterior`` on the command line: which one, and one sentence when it is wrong."""

import json
from pathlib import Path

import pytest

import sim77
from sim77.cli import main
from sim77.scenario.posterior import load_posterior

pytestmark = pytest.mark.cli

STUDY = """\
scenario: no-telecentres
levers: {navigo: {values: [70, 100]}}
replications: 4
period: {from: 2014-09-08, to: 2014-09-08}
scale: 0.02
outcomes: [remote_days]
"""
QUICK = ("--scale", "0.02", "--from", "2022-09-05", "--to", "2022-09-06")
COMMANDS = {
    "run": ("run", "hybrid-2022"),
    "compare": ("compare", "hybrid-2022", "free-desks", "--seeds", "4"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "posterior.csv"
    path.write_text("weight,theta\n1,0.4\n1,0.6\n", encoding="utf-8")
    return path


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("theta\n4\n", "row 1 of draws: parameter 'theta' is 4, expected 0.3 to 1 "),
        ("thetta\n0.4\n", "unknown parameter 'thetta'. Did you mean 'theta'?"),
        ("theta,weight\n0.4,-1\n", "the weights of the posterior "),
        ("theta\n", "has no draw"),
    ],
)
def test_a_wrong_posterior_is_one_sentence(
    name: str, text: str, sentence: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, encoding="utf-8")
    assert main.main([*COMMANDS[name], "--posterior", str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert sentence in shown.err


def test_a_word_that_is_no_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["run", "--posterior", "network-2014"]) == 2
    assert "there is no posterior file 'network-2014'" in capsys.readouterr().err


def test_a_run_says_which_draw_it_took(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [*COMMANDS["run"], *QUICK, "--seed", "3", "--posterior", str(file), "--quiet"]
    assert main.main([*words, "--out", str(out)]) == 0
    drawn = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["posterior"]
    posterior = load_posterior(file)
    assert (drawn["hash"], drawn["draw"]) == (posterior.hash, posterior.index_for(3))
    page = (out / "summary.html").read_text(encoding="utf-8")
    assert posterior.hash in page and "Behaviour calibrated" not in page


def test_a_comparison_tells_chance_from_parameters(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*COMMANDS["compare"], *QUICK, "--processes", "1", "--posterior", str(file)]
    assert main.main(words) == 0
    shown = capsys.readouterr().out
    assert "draws 2, seeds per draw 2" in shown
    assert "Variance due to parameters" in shown


def test_a_study_takes_the_posterior_of_the_command_line(
    study: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["sweep", str(study), "--workers", "0", "--out", str(out), "--posterior", str(file)]
    assert main.main([*words, "--seeds-per-draw", "3"]) == 2
    assert "4 replications cannot be shared out 3 to a draw" in capsys.readouterr().err
    assert main.main([*words, "--seeds-per-draw", "2"]) == 0
    sweep = sim77.load(out)
    assert sweep.study.draws.posterior.hash == load_posterior(file).hash
    assert sweep.variance_parts()["draws"].tolist() == [2]
    # The folder goes on by what it was begun with, though the file is gone.
    file.unlink()
    assert main.main(["sweep", str(out), "--workers", "0"]) == 0


@pytest.mark.parametrize("command", [["sweep"], ["site", "--sites", "2", "--workers", "0"]])
def test_sweep_and_site_tell_a_wrong_posterior(
    command: list[str], study: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("theta\n4\n", encoding="utf-8")
    given = [str(study)] if command == ["sweep"] else []
    assert main.main([*command, *given, "--posterior", str(file)]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert "row 1 of draws: parameter 'theta' is 4, expected 0.3 to 1 " in shown.err
