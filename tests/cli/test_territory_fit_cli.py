"""``sim77 territory fit``."""

from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest

from sim77.analysis.modes.morning import morning_of
from sim77.cli.main import main
from sim77.territory.built import BASE_LOADS
from sim77.territory.territory import Territory

pytestmark = pytest.mark.cli


@pytest.fixture
def words(busy_territory: Territory, tmp_path: Path) -> list[str]:
    """The command on a copy of the busy territory, with answers and counts."""
    copytree(busy_territory.folder, tmp_path / "land")
    by_mode = morning_of(busy_territory).travellers.sum(axis=0)
    pairs = busy_territory.od.pairs
    home, work = (
        places["code"].to_numpy(str)[pairs[end]]
        for places, end in (
            (busy_territory.communes, "commune"), (busy_territory.workplaces, "workplace"),
        )
    )  # fmt: skip
    answers = pd.DataFrame({"origin": home, "destination": work, "csp": 3})
    shares = {"TC": by_mode[:, 0], "VP": by_mode[:, 1], "NM": by_mode[:, 2:].sum(axis=1)}
    pd.concat(
        [answers.assign(mode=mode, workers=workers) for mode, workers in shares.items()]
    ).to_parquet(tmp_path / "answers.parquet", index=False)
    stops = busy_territory.od.transit.segments.drop_duplicates(["line", "from_stop"])
    pd.DataFrame({"station": stops["from_stop"], "line": stops["line"], "boardings": 5_000}).to_csv(
        tmp_path / "counts.csv", index=False
    )
    return [
        "territory", "fit", str(tmp_path / "land"),
        "--answers", str(tmp_path / "answers.parquet"), "--boardings", str(tmp_path / "counts.csv"),
        "--source", "Made up",
    ]  # fmt: skip


def test_the_riders_that_counts_ask_for_are_told_by_line(
    words: list[str], busy_territory: Territory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    shown = capsys.readouterr().out
    told = shown.partition("over those who commute, by line:")[2]
    assert all(f"\n{line} " in told for line in busy_territory.lines["line"])
    assert f"land/{BASE_LOADS}, which is derived from counts.csv now: credit its source" in told


def test_wrong_counts_leave_the_territory_as_it_was(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {path: path.read_bytes() for path in (tmp_path / "land").rglob("*") if path.is_file()}
    counts = tmp_path / "counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8") + "Nowhere,A,3\n", encoding="utf-8")
    assert main(words) == 2
    assert "counts.csv has station 'Nowhere' of line 'A'" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in files} == files


def test_answers_that_depend_on_nothing_leave_the_territory_as_it_was(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, modes = tmp_path / "answers.parquet", tmp_path / "land" / "mode_choice.csv"
    before = modes.read_bytes()
    pd.read_parquet(file).assign(workers=10.0).to_parquet(file)
    assert main(words) == 2
    assert "do not depend on times and euros" in capsys.readouterr().err
    assert modes.read_bytes() == before


def test_answers_that_are_not_there_are_told(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answers.parquet").unlink()
    assert main(words) == 2
    assert "answers.parquet: there is no such file." in capsys.readouterr().err


def test_a_territory_that_ships_is_not_written_to(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words[2] = "ile-de-france"
    assert main(words) == 2
    assert "'ile-de-france' is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("workers", [0.0, float("inf")])
def test_answers_without_numbers_of_people_are_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: float
) -> None:
    file = tmp_path / "answers.parquet"
    pd.read_parquet(file).assign(workers=workers).to_parquet(file)
    assert main(words) == 2
    assert "workers" in capsys.readouterr().err


def test_the_coefficients_and_their_source_are_shown(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "Coefficients, utils (source: Made up):" in shown
    table = pd.read_csv(tmp_path / "land" / "mode_choice.csv")
    managers = table[(table["occupation"] == "managers") & (table["mode"] == "car")]["value"]
    line = next(each for each in shown.splitlines() if each.startswith("occupation managers"))
    assert f"{managers.iloc[0]:.3f}" in line.split()


def test_an_empty_source_leaves_the_territory_as_it_was(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {path: path.read_bytes() for path in (tmp_path / "land").rglob("*") if path.is_file()}
    assert main([*words[:-1], " "]) == 2
    assert "expected a text, not an empty one" in capsys.readouterr().err
    assert files == {path: path.read_bytes() for path in files}
