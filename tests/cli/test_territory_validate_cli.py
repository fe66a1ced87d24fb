"""``sim77 territory validate``."""

from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest

from sim77.cli.main import main
from sim77.territory.territory import Territory

pytestmark = pytest.mark.cli


@pytest.fixture
def land(busy_territory: Territory, tmp_path: Path) -> Path:
    folder = tmp_path / "land"
    copytree(busy_territory.folder, folder)
    (folder / "observed").mkdir()
    (folder / "observed/published.csv").write_text(
        "measure,of,value,tolerance,bound,basis,source_id,note_fr,note_en\n"
        "own_commune_share,,50,50,within,input,here,,\n"
        "crow_fly_distance,all/mean,900,1,within,unseen,here,Trop loin.,Too far.\n",
        encoding="utf-8",
    )
    (folder / "observed/sources.csv").write_text(
        "source_id,text,licence,url\nhere,Made up,none,\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(
    ("language", "lead", "why"),
    [("en", "1 of 2 rows", "Too far."), ("fr", "1 sur 2", "Trop loin.")],
)
def test_failures_are_shown_first_with_their_reason(
    land: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, lead: str,
    why: str,
) -> None:  # fmt: skip
    file = tmp_path / "rows.csv"
    words = ["territory", "validate", str(land), "--lang", language, "--table", str(file)]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert lead in shown.splitlines()[0]
    assert why in shown.partition("50")[0]
    assert pd.read_csv(file)["verdict"].tolist() == ["fail", "pass"]
    file.write_text("mine")
    assert main(words) == 2
    assert "add --overwrite to replace it" in capsys.readouterr().err and file.read_text() == "mine"
    assert main([*words, "--overwrite"]) == 0


def test_a_territory_without_observations_is_a_mistake(
    busy_territory: Territory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    words = ["territory", "validate", str(busy_territory.folder), "--table", str(file)]
    assert main(words) == 2
    assert "has no folder 'observed'" in capsys.readouterr().err
    assert not file.exists()
