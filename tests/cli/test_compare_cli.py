"""``sim77 compare``: a readable text, a folder of tables with a page, one-sentence mistakes."""

import json
from pathlib import Path

import pytest

from sim77.analysis.compare.comparison import TABLES
from sim77.cli import main

pytestmark = pytest.mark.cli

PAIR = ("compare", "hybrid-2022", "free-desks")
QUICK = ("--scale", "0.05", "--from", "2022-09-05", "--to", "2022-09-09", "--processes", "1")

MISTAKES = {
    ("compare", "hybrid-2022"): "the following arguments are required: B. See: ",
    ("compare", "hybrid-2022", "free-desk"): "unknown scenario 'free-desk'. Did you mean",
    ("compare", "hybrid-2022", "network-2014"): "'hybrid-2022' runs from 2022-01-01 to 2022-12-31 ",
    (*PAIR, "--seeds", "0"): "The number of seeds must be a whole number from 1 to 1000, not 0.",
    (*PAIR, "--seed", "3"): "sim77 compare does not take '--seed'. Did you mean '--seeds'?",
    (
        *PAIR,
        "--scale",
        "2",
    ): "The scale must be a number above 0 and at most 1, such as 0.1, not 2.0.",
    (*PAIR, "--lang", "de"): "unknown lang 'de'.",
    (*PAIR, "--set", "thta=1"): "",
    (
        *PAIR,
        "--processes",
        "0",
    ): "The number of processes must be a whole number from 1 to 1000, not 0.",
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


def test_a_comparison_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main.main([*PAIR, *QUICK, "--seeds", "2", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert lines[0].startswith("A Hybrid work, 2022 → B Free desks, 2022. From 5 September to")
    assert lines[1] == "Seine-et-Marne, workplace: Paris."
    assert 12 <= len(lines) <= 24
    for text in ("Telecentre users", "Travel time saved", "CO₂e in all, rebound included",
                 "buses and access", "Peak load", "Bookings refused", "Workers' surplus",
                 "Spending kept", "Who changes", "home → telecentre",
                 "Same draws in A and B"):  # fmt: skip
        assert text in shown
    names = {path.name for path in out.iterdir()}
    assert names == {
        "manifest.json", "compare.html",
        *(f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")),
    }  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["kind"], manifest["seeds"]) == ("comparison", [1, 2])
    assert main.main([*PAIR, *QUICK, "--seeds", "2", "--out", str(out)]) == 2
    assert "add --overwrite" in capsys.readouterr().err
    again = [*PAIR, *QUICK, "--seeds", "1", "--out", str(out), "--overwrite", "--quiet"]
    assert main.main(again) == 0
    assert capsys.readouterr().out == ""


def test_one_seed_and_french(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*PAIR, *QUICK, "--seeds", "1", "--lang", "fr", "--set", "theta=0.5"]) == 0
    shown = capsys.readouterr().out.replace("\u202f", " ")
    assert "Une seule graine : pas d’intervalle" in shown
    assert "Usagers des télécentres" in shown
    assert "non significatif" not in shown


def test_a_shipped_territory_is_known_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for words in ([], ["--territory", "seine-et-marne"]):
        assert main.main([*PAIR, *QUICK, "--seeds", "2", *words]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] != ""


def test_a_folder_that_holds_something_else_is_refused_before_the_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    assert main.main([*PAIR, "--seeds", "1000", "--out", str(tmp_path)]) == 2
    assert "is not empty and holds no sim77 result" in capsys.readouterr().err
