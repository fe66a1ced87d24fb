"""``sim77 calibrate`` and its diagnostics: sentences and exit codes, with nothing computed."""

from pathlib import Path

import pandas as pd
import pytest

from sim77.analysis.calibrate.diagnose import FOLDER, Diagnosis
from sim77.analysis.calibrate.verdict import Verdict
from sim77.cli.main import USAGE_ERROR, main

pytestmark = pytest.mark.cli

STUDY = Path(__file__).resolve().parents[2] / "calibration" / "2022"


def _said(passed: bool | None) -> list[Verdict]:
    """Return a verdict in whose words no number counts: the data narrow no parameter."""
    counts = pd.DataFrame({"parameter": ["theta"], "replicates": [2], "identified": [False]})
    return [Verdict("recovery", passed, {"recovery_counts": counts}, {})]


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (None, 0), (False, 1)])
def test_the_exit_code_is_the_gate(
    passed: bool | None,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[str, int | None]] = []

    def answered(name: str) -> None:
        def diagnose(_: Diagnosis, number: int | None = None) -> list[Verdict]:
            asked.append((name, number))
            return _said(passed)

        monkeypatch.setattr(Diagnosis, name, diagnose)

    for name in ("recovery", "sbc", "profiles", "conclusions"):
        answered(name)
    given = [
        "calibrate",
        str(STUDY),
        "--out",
        str(tmp_path),
        "--conclusions",
        "--recovery",
        "--sbc",
    ]
    assert main([*given, "40"]) == code
    assert asked == [("recovery", None), ("sbc", 40), ("conclusions", None)]
    out = capsys.readouterr().out
    assert "the data narrow no parameter" in out and str(tmp_path / FOLDER) in out


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (["--recovery", "1"], "--recovery takes 2 truths or more, not 1"),
        (["--profiles"], "expected what the calibration itself leaves there: run it first"),
        (["--conclusions"], "expected what the calibration itself leaves there: run it first"),
    ],
)
def test_what_cannot_be_diagnosed_is_told(
    given: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(STUDY), "--out", str(tmp_path), *given]) == USAGE_ERROR
    assert text in capsys.readouterr().err
