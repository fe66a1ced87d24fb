"""The command line: exit codes, one sentence for a mistake, and a light start."""

import subprocess
import sys
from pathlib import Path

import pytest

import sim77
from sim77.cli import main
from sim77.cli.arguments import Command
from sim77.cli.info import no_arguments
from sim77.core.errors import ParameterError, RunInterrupted, nearest

pytestmark = pytest.mark.cli

ROOT = Path(__file__).resolve().parents[2]

MISTAKES = {
    ("rnu",): "unknown command 'rnu'. Did you mean 'run'?",
    ("territory", "chekc", "x"): "unknown command 'chekc'. Did you mean 'check'?",
    ("territory",): "sim77 territory needs one of: check, example, build, fit, validate, cut.",
    ("territory", "check"): "the following arguments are required: FOLDER. See: ",
    ("run", "--sede", "1"): "sim77 run does not take '--sede'. Did you mean '--seed'?",
    ("run", "a", "b"): "sim77 run does not take 'b'.",
    (
        "run",
        "--from",
        "1/9/2014",
    ): "argument --from: expected a date like 2014-09-01, not '1/9/2014'.",
    ("run", "--set", "theta"): "--set takes name=value, not 'theta'.",
    ("run", "--set", "theta=low"): "--set theta takes a number, not 'low'.",
    (
        "run",
        "--workplace",
        "paris,inner",
    ): "Unknown workplace zone 'inner'. Did you mean 'inner-ring'?",
    ("run", "--scale", "all"): "argument --scale: expected a number like 0.1, not 'all'.",
    ("app", "--port", "99999"): "--port takes a number from 0 (any that is free) to 65535, not 99",
    ("app", "--port", "-1"): "--port takes a number from 0 (any that is free) to 65535, not -1.",
    ("app", "--host", "nowhere.invalid"): "The app cannot listen on nowhere.invalid, port 8765 (",
}


@pytest.mark.parametrize(("words", "sentence"), MISTAKES.items(), ids=lambda each: str(each)[:40])
def test_a_mistake_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"sim77: {sentence}")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (ParameterError("theta must be 0 to 2, not 9."), 2, "theta must be 0 to 2, not 9."),
        (RunInterrupted("stopped on 2014-03-01."), 130, "stopped on 2014-03-01."),
        (KeyboardInterrupt(), 130, "interrupted before the end."),
        (
            PermissionError(13, "Permission denied", "/x"),
            2,
            "'/x' could not be read or written: Permission denied.",
        ),
        (
            OSError("Error writing bytes to file."),
            2,
            "a file could not be read or written: Error writing bytes to file.",
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_a_handler_raises_becomes_a_sentence(
    error: BaseException,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: object) -> int:
        raise error

    command = Command("fail", "fail", no_arguments, fail)
    monkeypatch.setattr(main, "COMMANDS", (command,))
    assert main.main(["fail"]) == code
    assert capsys.readouterr().err == f"sim77: {sentence}\n"


def test_run_reads_its_arguments() -> None:
    words = "run s.yaml --scale 0.1 --seed 7 --from 2014-01-06 --set theta=0.5 --set mu_mode=2"
    arguments = main._parse([*words.split(), "--workplace", "paris,within"])
    assert arguments.scenario == "s.yaml"
    assert (arguments.scale, arguments.seed) == (0.1, 7)
    assert (arguments.start.isoformat(), arguments.end) == ("2014-01-06", None)
    assert dict(arguments.overrides) == {"theta": 0.5, "mu_mode": 2.0}
    assert arguments.workplace == ["paris", "within"]
    again = main._parse([*words.split(), "--workplace", "paris", "--workplace", "within"])
    assert again.workplace == arguments.workplace


def test_the_program_shows_a_mistake_without_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim77", "rnu"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "sim77: unknown command 'rnu'. Did you mean 'run'?\n"


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"]])
def test_help_loads_no_scientific_library(words: list[str]) -> None:
    program = (
        "import sys\n"
        "from sim77.cli.main import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0\n"
        "print(sorted({'mesa', 'numba', 'pandas', 'numpy', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_words_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 0
    shown = capsys.readouterr().out
    assert all(command.name in shown for command in main.COMMANDS)


def test_nearest_names_one_or_lists_a_few() -> None:
    assert nearest("asc_tc_coworkin", ["asc_tc_coworking", "theta"]).endswith("'asc_tc_coworking'?")
    assert nearest("zzz", [f"name{number}" for number in range(10)]).endswith(" and 2 more.")
    assert nearest("zzz", []) == ""


HOSTILE = {
    "run network-2014 --scale 0,1": "--scale: expected a number like 0.1, not '0,1'. See: ",
    "run network-2014 --scale nan": "--scale: expected a number like 0.1, not 'nan'",
    "run network-2014 --scale 1e-9": "none of the 90,960 workers is simulated; take 0.001 or more",
    "run network-2014 --scale 0": "The scale must be a number above 0 and at most 1",
    "run network-2014 --seed 1.5": "--seed: expected a whole number, not '1.5'",
    "run network-2014 --seed 4294967296": "The seed must be a whole number from 0 to 4294967295",
    "run network-2014 --from 0001-01-01": "0001-01-01 is outside of 2010 to 2030, the years that",
    "run network-2014 --to 2099-01-01": "2099-01-01 is outside of 2010 to 2030",
    "run network-2014 --from 1800-01-01": "1800-01-01 is outside of 2010 to 2030",
    "run network-2014 --set theta=nan": "parameter 'theta' is nan, expected 0.3 to 1",
    "run network-2014 --set theta=inf": "parameter 'theta' is inf, expected 0.3 to 1",
    "compare no-telecentres network-2014 --from 1800-01-01": "1800-01-01 is outside of 2010",
    "compare no-telecentres network-2014 --seeds 2 --first-seed 4294967295": "not 4294967296",
    "compare no-telecentres network-2014 --processes -1": "must be a whole number from 1 to 1000",
    "claims --to 2099-01-01": "2099-01-01 is outside of 2010 to 2030",
    "site --sites 2 --budget nan": "--budget: expected a number like 0.1, not 'nan'",
    "site --sites 2 --budget -5": "budget: expected a number above 0, not -5.0.",
    "site --sites 0": "sites: expected a whole number from 1 to 1000, not 0.",
    "site --sites 2 --days 0": "days: expected a whole number from 1 to 5000, not 0.",
    "site --sites 2 --workers -1": "--workers: expected from 0 to 1000, not -1",
    "site --sites 2 --desks 99999999": "--desks: expected a whole number from 1 to 2000",
    "app --seeds 0": "The number of seeds must be a whole number from 1 to 50, not 0.",
    "app --period 1800-01-01..1800-02-01": "1800-01-01 is outside of 2010 to 2030",
    "estimate nothing.csv --draws 0": "The number of draws must be a whole number from 1",
    "run net\nwork": "unknown scenario 'net\\nwork'",
}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_value_is_one_sentence(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(words.split(" ")) == 2
    message = capsys.readouterr().err
    assert HOSTILE[words] in message and message.count("\n") == 1 and message.startswith("sim77: ")


def test_a_territory_is_complete_with_its_scenarios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pays"
    assert main.main(["territory", "example", str(folder)]) == 0
    assert main.main(["territory", "check", str(folder)]) == 0
    assert capsys.readouterr().out.endswith(f"{folder} is a complete territory.\n")
    assert main.main(["scenarios", "--territory", str(folder)]) == 0
    assert "three-centres" in capsys.readouterr().out
    assert main.main(["territory", "example", str(folder)]) == 2
    assert "is not empty (it holds README.md, base_loads.parquet" in capsys.readouterr().err
    scenario = folder / "scenarios" / "three-centres.yaml"
    text = scenario.read_text(encoding="utf-8")
    scenario.write_text(text.replace("new-99003", "vile"), encoding="utf-8")
    assert main.main(["territory", "check", str(folder)]) == 1
    message = capsys.readouterr().out
    assert message.count("\n") == 1
    assert f"{scenario}, line 7, network[2]: unknown telecentre 'vile'. " in message


FEW = ["--scale", "0.01", "--from", "2022-03-09", "--to", "2022-03-10"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "network-2014+toll-5-euros"],
         "'network-2014' and 'toll-5-euros' cannot be added: 'road_toll' of 'toll-5-euros' holds "
         "from 2022-01-01, on no working day of 'network-2014', which lasts from 2014-01-01 to "
         "2014-12-31."),
        (["run", "hybrid-2022", "--out", ""], "--out is empty: expected a folder."),
        (["run", "--set", "theta=0.5", "--set", "theta=0.6"], "--set theta is given twice. See: "),
        (["territory", "check", "nowhere"], "'nowhere' is no folder; a territory is a folder of"),
    ],
)  # fmt: skip
def test_what_would_do_nothing_or_something_else_is_told(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(words) == 2
    found = capsys.readouterr()
    assert found.out == "" and found.err.startswith(f"sim77: {sentence}")
    assert found.err.count("\n") == 1


def test_a_schema_replaces_no_file_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("precious")
    words = ["schema", "scenario", "--out", str(file)]
    assert main.main(words) == 2
    assert file.read_text() == "precious"
    assert "is there already; add --overwrite" in capsys.readouterr().err
    assert main.main([*words, "--overwrite"]) == 0
    assert "sim77 scenario" in file.read_text(encoding="utf-8")
    assert main.main(["schema", "scenario", "--out", str(tmp_path)]) == 2


def test_a_sample_is_said_and_dates_are_dates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main.main(["run", "hybrid-2022", *FEW, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "A sample: 947 workers simulated (1.0%)" in shown
    # Two days are no week: no share of workers at least one day a week.
    assert "of days worked\n" in shown
    first = (out / "days.csv").read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith("2022-03-09,")
    assert repr(sim77.load(out)).startswith("<sim77 run of hybrid-2022, 2022-03-09 to 2022-03-10")
    words = ["compare", "hybrid-2022", "hybrid-2022-no-telecentres", *FEW, "--seeds", "2"]
    assert main.main(words) == 0
    assert "A sample: 1.0% of workers simulated" in capsys.readouterr().out
