"""``sim77 site``: a readable text, a folder, one-sentence mistakes."""

from pathlib import Path

import pytest

from sim77.cli import main
from sim77.territory.territory import Territory

pytestmark = pytest.mark.cli

SITE = ("site", "--sites", "2")
MISTAKES = {
    ("site",): "the following arguments are required: --sites. See: sim77 site --help",
    ("site", "--sites", "600"): "--sites must be from 1 to 488, the communes without one, not 600.",
    (*SITE, "--budget", "9000"): "a budget of 9,000 € a year is too small for 2 sites: ",
    (*SITE, "--scenario", "hybrid-2202"): "unknown scenario 'hybrid-2202'. Did you mean",
    (
        *SITE,
        "--desks",
        "5;10",
    ): "--desks takes whole numbers with commas, like 5,10,20, not '5;10'.",
    (*SITE, "--set", "theta"): "--set takes name=value, not 'theta'.",
    (*SITE, "--days", "900"): "the scenario 'hybrid-2022' has fewer than 900 working days",
    (*SITE, "--seeds", "1"): "--seeds: expected a whole number from 2 to 1000, not 1.",
    (*SITE, "--desks", "5,0"): "--desks: expected a whole number from 1 to 2000, not 0.",
    (*SITE, "--objective", "sum"): "unknown objective 'sum'.",
}


@pytest.mark.parametrize(("words", "sentence"), MISTAKES.items(), ids=lambda each: str(each)[-40:])
def test_a_mistake_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"sim77: {sentence}")
    assert shown.err.count("\n") == 1


def test_a_search_is_told_and_kept(
    tmp_path: Path, small_territory: Territory, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = [
        "site", "--sites", "1", "--scenario", "no-telecentres", "--desks", "3,6",
        "--territory", str(small_territory.folder), "--days", "3", "--evaluations", "4",
        "--seeds", "2", "--random", "2", "--workers", "0", "--set", "burn_in_days=2",
        "--out", str(out),
    ]  # fmt: skip
    assert main.main([*words, "--dry-run"]) == 0
    # Four of the search; base, plan, optimum, five runners-up and two random ones, two seeds each.
    assert capsys.readouterr().out.startswith("Up to 24 runs, about 1 min")
    assert not out.exists()
    assert main.main(words) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("Open one telecentre of ")
    assert "Random networks" in shown.out
    assert shown.err.startswith("Up to ")
    assert {"plan.yaml", "site.html", "manifest.json", "plans.csv"} <= {
        path.name for path in out.iterdir()
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert main.main(["run", str(out / "plan.yaml"), *words[7:9], "--to", "2014-01-10"]) == 0
    assert main.main(words) == 2
    assert "holds a result already" in capsys.readouterr().err
