"""A calibration ends with the same bytes wherever it was stopped, and so do its diagnostics."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import cycle
from pathlib import Path

import psutil
import pytest

from sim77.analysis.calibrate.abc import DATABASE
from sim77.analysis.calibrate.calibrate import EVALUATIONS_FILE, STATE_FILE
from sim77.cli.main import INTERRUPTED, USAGE_ERROR, main
from sim77.core.files import locked
from tests.stopping import stopped

pytestmark = pytest.mark.determinism

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0
STUDY = """
title: {en: small, fr: petit}
anchors: ["2022"]
free:
  asc_home: {together: [asc_home_managers, asc_home_clerical], low: -4, high: -1}
  b_friday: {together: [b_weekday_friday]}
scale: 0.005
check_scale: 0.005
population: 6
generations: 2
most_evaluations: 80
recovery: {most_evaluations: 60}
sbc: {free: [b_friday], scale: 0.005, simulations: 24, truths: 20, kept: 0.5}
"""
TABLES = {"posterior.csv", "posterior.parquet", "targets.csv", "widths.csv", "solved.yaml"}
TIMED = {"manifest.json", "report.html", "diagnostics.yaml"}
"""They say when they were made and how long it took."""

EVALUATION = "sim77.analysis.calibrate.evaluations:evaluate"
COMMIT = "sqlalchemy.orm:Session.commit"
WRITTEN, RENAMED = "sim77.core.files:to_disk", "sim77.core.files:os.replace"

BEFORE_THE_FIRST_GENERATION = f"{EVALUATION}@3"
IN_THE_SECOND = f"{EVALUATION}@7"
IN_THE_LAST_STEP = "sim77.analysis.calibrate.calibrate:settled@1."

CALIBRATION = (
    f"{WRITTEN}@1",  # of study.json, which has not its name
    "sim77.analysis.calibrate.evaluations:sqlite3.connect@1.",
    # The database is begun in three transactions, and gets its name after them.
    f"{COMMIT}@1", f"{COMMIT}@2", f"{COMMIT}@2.", f"{COMMIT}@3.", f"{RENAMED}@1.",
    BEFORE_THE_FIRST_GENERATION,
    "sim77.analysis.calibrate.profile:solve_agreements@3",
    f"{COMMIT}@1", f"{COMMIT}@1.",  # the first generation is not there yet, and is there
    f"{EVALUATION}@3",
    f"{COMMIT}@1", f"{COMMIT}@1.",  # the second
    f"{EVALUATION}@2",  # of particles that were moved
    "scipy.optimize:lsq_linear@5",
    "sim77.analysis.calibrate.calibrate:checked_point@1",
    f"{WRITTEN}@1", f"{RENAMED}@2", f"{RENAMED}@4.", f"{RENAMED}@6", f"{WRITTEN}@13",  # tables
)  # fmt: skip
"""One after the other: each is met where the one before has left it."""

INTERRUPTED_AT = (
    f"{RENAMED}@1", f"{COMMIT}@2.",
    BEFORE_THE_FIRST_GENERATION, f"{COMMIT}@1", f"{COMMIT}@1.", IN_THE_LAST_STEP, f"{RENAMED}@3",
    f"{WRITTEN}@13",
)  # fmt: skip

RECOVERY = (
    f"{EVALUATION}@2",  # a truth is surveyed
    f"{COMMIT}@2.", f"{EVALUATION}@2",  # before the first generation of its calibration
    f"{COMMIT}@1.",
    "sim77.analysis.calibrate.recovery:calibrate@2",
    f"{COMMIT}@3.", f"{COMMIT}@2", f"{RENAMED}@3",
    "sim77.analysis.calibrate.diagnose:replace_text@2",
)  # fmt: skip

RANKS = (
    f"{EVALUATION}@5", "sim77.analysis.calibrate.sbc:rank_of@4",
    "sim77.analysis.calibrate.sbc:rank_of@4.", "sim77.analysis.calibrate.diagnose:replace_text@1.",
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("study") / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    return file


def words(study: Path, out: Path, *more: str, workers: int = 0) -> list[str]:
    given = ["calibrate", str(study), "--out", str(out), "--workers", str(workers), "--quiet"]
    return [*given, *more]


@pytest.fixture(scope="module")
def undisturbed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    assert main(words(study, out)) == 0
    assert {file.name for file in out.iterdir()} >= TABLES
    return out


def stop(by: signal.Signals, moment: str, command: Sequence[str]) -> None:
    """Run a command that gets a signal at a moment, and see that it ends by it."""
    code, said = stopped(by, moment, command, PATIENCE_S)
    assert code == (INTERRUPTED if by == signal.SIGINT else -by), f"{moment}: {code}, {said}"
    if by == signal.SIGINT:
        assert said == stopped_sentence(Path(command[3]))


def stopped_sentence(out: Path) -> str:
    return (
        f"sim77: Stopped; evaluations stored in {out}: {evaluated(out)}. "
        "The same command goes on from there.\n"
    )


def evaluated(folder: Path) -> int:
    """Return how many evaluations a folder holds, those of its diagnostics included."""
    found = 0
    for path in folder.rglob(EVALUATIONS_FILE):
        with closing(sqlite3.connect(path)) as file:
            if file.execute("SELECT name FROM sqlite_master").fetchall():
                found += int(file.execute("SELECT COUNT(*) FROM answers").fetchone()[0])
    return found


def tables(folder: Path) -> dict[str, bytes]:
    """Return what a calibration leaves for people and programs, but for what tells the time."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
        and file.name not in TIMED
        and file.suffix in (".csv", ".parquet", ".yaml", ".json", ".tmp")
    }


def differing(one: Path, other: Path) -> list[str]:
    """Return the names of files that are not the same to the byte."""
    here, there = tables(one), tables(other)
    return sorted(name for name in here | there if here.get(name) != there.get(name))


@pytest.mark.long
def test_killed_and_interrupted_it_ends_with_the_same_bytes(
    study: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = words(study, out)
    stop(signal.SIGKILL, BEFORE_THE_FIRST_GENERATION, command)
    assert evaluated(out) == 2
    assert (out / DATABASE).is_file()
    stop(signal.SIGINT, IN_THE_SECOND, command)
    assert not (out / "posterior.csv").exists()
    stop(signal.SIGKILL, IN_THE_LAST_STEP, command)
    assert main(command) == 0
    assert differing(out, undisturbed) == []
    assert evaluated(out) == evaluated(undisturbed), "something was run for nothing"


@pytest.mark.long
@pytest.mark.parametrize(
    ("by", "moments"),
    [(signal.SIGKILL, CALIBRATION), (signal.SIGINT, INTERRUPTED_AT)],
    ids=["SIGKILL", "SIGINT"],
)
def test_stopped_at_every_kind_of_moment_it_ends_with_the_same_bytes(
    by: signal.Signals, moments: Sequence[str], study: Path, undisturbed: Path, tmp_path: Path
) -> None:
    command = words(study, tmp_path / "out")
    for moment in moments:
        stop(by, moment, command)
    assert main(command) == 0
    assert differing(tmp_path / "out", undisturbed) == []
    assert evaluated(tmp_path / "out") == evaluated(undisturbed)


@pytest.mark.long
@pytest.mark.parametrize(
    ("requested", "moments"),
    [(("--recovery", "2"), RECOVERY), (("--sbc", "20"), RANKS)],
    ids=["recovery", "sbc"],
)
def test_stopped_diagnostics_end_with_the_same_bytes(
    requested: Sequence[str], moments: Sequence[str], study: Path, tmp_path: Path
) -> None:
    for by, moment in zip(cycle((signal.SIGKILL, signal.SIGINT)), moments, strict=False):
        stop(by, moment, words(study, tmp_path / "stopped", *requested))
    codes = {main(words(study, tmp_path / out, *requested)) for out in ("stopped", "undisturbed")}
    assert len(codes) == 1
    assert differing(tmp_path / "stopped", tmp_path / "undisturbed") == []
    assert evaluated(tmp_path / "stopped") == evaluated(tmp_path / "undisturbed")


@pytest.mark.long
def test_ctrl_c_at_the_keyboard_stops_the_workers_too(
    study: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for least in (1, 10):
        # In a group of its own, all of which gets the signal, as from a keyboard.
        driver = subprocess.Popen(
            [sys.executable, "-m", "sim77", *words(study, out, workers=2)],
            cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + PATIENCE_S
        while not (out / DATABASE).is_file() or evaluated(out) < least:
            assert driver.poll() is None and time.monotonic() < end, "it was to be stopped"
            time.sleep(0.02)
        workers = psutil.Process(driver.pid).children(recursive=True)
        os.killpg(driver.pid, signal.SIGINT)
        _, message = driver.communicate(timeout=PATIENCE_S)
        assert (driver.returncode, message) == (INTERRUPTED, stopped_sentence(out))
        assert not psutil.wait_procs(workers, timeout=PATIENCE_S)[1]
    assert main(words(study, out)) == 0
    assert differing(out, undisturbed) == []


@pytest.mark.long
@pytest.mark.parametrize("name", [DATABASE, EVALUATIONS_FILE, STATE_FILE])
def test_what_is_damaged_is_told_and_made_again(
    name: str,
    study: Path,
    undisturbed: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    whole = (out / name).read_bytes()
    (out / name).write_bytes(whole[: len(whole) // 2])
    assert main(words(study, out)) == USAGE_ERROR
    (sentence,) = capsys.readouterr().err.splitlines()
    assert f"'{out / name}' is damaged" in sentence
    assert "delete it, and " in sentence
    (out / name).unlink()
    assert main(words(study, out)) == 0
    assert differing(out, undisturbed) == []


@pytest.mark.long
def test_a_folder_has_one_calibration_at_a_time_and_of_one_study(
    study: Path, undisturbed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(undisturbed):
        assert main(words(study, undisturbed)) == USAGE_ERROR
    assert "another process is writing to" in capsys.readouterr().err
    other = tmp_path / "study.yaml"
    other.write_text(STUDY.replace("population: 6", "population: 7"), encoding="utf-8")
    for more in ((), ("--recovery",), ("--sbc",), ("--profiles",)):
        assert main(words(other, undisturbed, *more)) == USAGE_ERROR
        (sentence,) = capsys.readouterr().err.splitlines()
        assert "holds a calibration of another study" in sentence, more
