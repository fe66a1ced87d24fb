"""A second real territory: Yvelines, cut out of the region without a line of code for it."""

from pathlib import Path

import pytest

import sim77
from sim77.cli.main import main
from sim77.territory.territory import load_territory

pytestmark = [pytest.mark.cli, pytest.mark.long]

SCOPES = """prefix,scope,label_fr,label_en,default
75,paris,Paris,Paris,1
78,yvelines,Yvelines,Yvelines,1
9,elsewhere,Ailleurs,elsewhere,0
77,elsewhere,Ailleurs,elsewhere,0
"""
SCENARIO = """name: two-centres
label: {fr: "Deux télécentres", en: "Two telecentres"}
period: {from: 2022-03-07, to: 2022-03-11}
parameters: {share_considering_employees: 0.3}  # a tenth of the people for five days
network:
  - {id: new-78517, desks: 40}  # Rambouillet
  - {id: new-78361, desks: 40}  # Mantes-la-Jolie
"""


@pytest.fixture(scope="module")
def yvelines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("second") / "yvelines"
    scopes = folder.parent / "scopes.csv"
    scopes.write_text(SCOPES, encoding="utf-8")
    words = ["territory", "cut", "ile-de-france", str(folder), "--residents", "78"]
    labels = ["--label-fr", "Yvelines", "--label-en", "Yvelines"]
    assert main([*words, "--scopes", str(scopes), *labels]) == 0
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "two-centres.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def test_its_people_are_those_of_the_census(yvelines: Path) -> None:
    land, region = load_territory(yvelines), load_territory("ile-de-france")
    assert main(["territory", "check", str(yvelines)]) == 0
    home = region.communes["code"].str.startswith("78").to_numpy()
    in_region = region.flows[home[region.flows["commune"].to_numpy()]]["workers"].sum()
    assert land.flows["workers"].sum() == in_region > 500_000
    assert land.communes["code"].str.startswith("78").all()


def test_it_runs_compares_and_is_searched(
    yvelines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["--territory", str(yvelines), "--scale", "0.1"]
    assert main(["run", "two-centres", *there, "--out", str(tmp_path / "run")]) == 0
    run = sim77.load(tmp_path / "run")
    assert run.telecentres["worker_days"].min() > 0.0
    assert {"J", "N", "L"} <= set(run.tables["lines"]["line"])
    words = ["compare", "hybrid-2022-no-telecentres", "two-centres", *there, "--seeds", "2"]
    words += ["--from", "2022-03-07", "--to", "2022-03-11"]
    assert main([*words, "--out", str(tmp_path / "compare")]) == 0
    effects = sim77.load(tmp_path / "compare").effects.set_index("indicator")["effect"]
    assert effects["centre_users"] > 0.0
    words = ["site", *there, "--scenario", "two-centres", "--sites", "1", "--desks", "20"]
    few = ["--days", "5", "--evaluations", "2", "--seeds", "2", "--random", "2"]
    assert main([*words, *few, "--out", str(tmp_path / "site")]) == 0
    assert "only 73% of the territory's commuters are simulated" in capsys.readouterr().out
