"""`sim77 doctor` holds the installation against the metadata of the package."""

from pathlib import Path

import pytest

from sim77.cli import main

pytestmark = pytest.mark.cli

METADATA = """Metadata-Version: 2.4
Name: sim77
Version: 0.1.0
Requires-Python: <3.0
Requires-Dist: numpy<1
Requires-Dist: pandas
Requires-Dist: a-package-that-nobody-has>=2
Requires-Dist: pyarrow; python_version < '3'
Requires-Dist: pandas; extra == 'sweep'
Requires-Dist: another-that-nobody-has; extra == 'calibrate'
Requires-Dist: pandas; extra == 'calibrate'
Requires-Dist: another-that-nobody-has; extra == 'estimate'
Requires-Dist: numpy<1; extra == 'app'
"""


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    """Return the exit code, and what is said of each thing by its first word."""
    code = main.main(["doctor"])
    shown = capsys.readouterr()
    assert shown.err == ""
    lines = [line.split(maxsplit=2) for line in shown.out.splitlines()]
    return code, {name: f"{verdict} {rest}" for verdict, name, rest in lines}


def test_all_is_well_where_everything_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    code, message = doctor(capsys)
    assert code == 0
    about = "sensitivity analysis, scenario discovery and Dask clusters"
    assert message["sweep"] == f"ok ({about}): installed"
    assert message["mesa"].startswith("ok 3.") and "pyyaml" in message


def test_versions_out_of_range_and_missing_extras_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sim77-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    code, message = doctor(capsys)
    assert code == 1
    assert (
        message["Python"].startswith("WRONG 3.")
        and "not among the versions <3.0" in message["Python"]
    )
    assert message["numpy"].endswith('is not among the versions <1: pip install "numpy<1"')
    assert message["a-package-that-nobody-has"].startswith("WRONG is not installed: pip install")
    assert message["pandas"].startswith("ok ") and "pyarrow" not in message
    assert message["sweep"].endswith(": installed")
    assert message["calibrate"].endswith(
        ': without another-that-nobody-has: pip install "sim77[calibrate]"'
    )
    assert message["estimate"].startswith("ok ")
    assert message["estimate"].endswith(': not installed: pip install "sim77[estimate]"')
    assert message["app"].startswith("WRONG ") and "<1" in message["app"]
