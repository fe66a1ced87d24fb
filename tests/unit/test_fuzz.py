"""The fuzz command finds what it looks for, makes a case again, and finds nothing in sim77."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.pool import Asked, try_cases
from tests.fuzz.subjects import SUBJECTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.unit
def test_planted_faults_are_found_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    asked = Asked(1, subjects="tests.fuzz.planted", most_seconds=5.0, most_bytes=2**29)
    found = [each for findings in try_cases(list(range(6)), asked, 2) for each in findings]
    kinds = {(each.subject, each.kind) for each in found}
    assert kinds == {
        ("_raises", "AssertionError"), ("_hangs", "hang"), ("_dies", "process died"),
        ("_grows", "memory"), ("_writes_elsewhere", "file touched"),
    }  # fmt: skip
    raised = next(each for each in found if each.kind == "AssertionError")
    assert raised.place.endswith("_raises") and raised.change == "file: spoilt"


@pytest.mark.unit
def test_a_case_is_the_same_whenever_it_is_made() -> None:
    asked = Asked(7)
    for number in range(3 * len(SUBJECTS)):
        case = asked.case(number)
        assert case == asked.case(number) and case != Asked(8).case(number)


@pytest.mark.long
def test_hostile_input_is_told_in_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--cases", "450", "--seed", "1"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "450 cases" in done.stdout
