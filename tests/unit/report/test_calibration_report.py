"""The page of a calibration: offline, two languages, failures first, what is missing said."""

import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from docs.generator.validation import validation_page
from sim77.analysis.calibrate.centres import CENTRES, CentreRange
from sim77.analysis.calibrate.result import Calibration
from sim77.analysis.validate.rows import checks
from sim77.analysis.validate.validate import Validation
from sim77.cli import main
from sim77.core.errors import Sim77Error, StudyError
from sim77.registry.parameters import load_parameters
from sim77.report.calibration.facts import is_calibration, read_calibration
from sim77.report.calibration.names import row_label
from sim77.report.calibration.page import _mark, report_locales, write_calibration_report
from sim77.report.calibration.text import (
    calibration_text,
    model_text,
    observed_text,
    validation_text,
)
from sim77.report.locale import LANGUAGES
from tests.calibration_folder import MISSED, MISSED_TARGET, add_diagnostics, make_calibration
from tests.pages import Page
from tests.wording import faults, page_faults

pytestmark = pytest.mark.unit

FR, EN = report_locales()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_calibration(tmp_path_factory.mktemp("calibration") / "2022")


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page(write_calibration_report(folder).read_text(encoding="utf-8"))


def text_of(page: Page, language: str) -> str:
    """Return what a page says in a language; what follows the last one is the script."""
    text = page.text[language].replace("\u202f", " ")
    return " ".join(text.split()).partition('"use strict"')[0]


@pytest.mark.parametrize(
    ("value", "error", "model", "observed", "simulated"),
    [
        (22.0, 3.3, 25.32, "22.00 ± 3.30%", "25.32%"),
        (22.0, 3.3, 25.4, "22.0 ± 3.3%", "25.4%"),
        (1.5, 0.225, 1.726, "1.500 ± 0.225%", "1.726%"),
        (1.5, 0.225, 1.72, "1.50 ± 0.23%", "1.72%"),
    ],
)
def test_a_miss_by_a_hair_has_the_decimals_that_show_it(
    value: float, error: float, model: float, observed: str, simulated: str
) -> None:
    row = {"value": value, "error": error, "unit": "percent of employees"}
    row |= dict.fromkeys(("model", "low", "high"), model)
    assert (observed_text(row, EN), model_text(row, EN)) == (observed, simulated)


def test_the_page_needs_nothing_else(page: Page) -> None:
    assert {each for each in page.addresses if not each.startswith(("#", "data:"))} == set()
    assert len(page.ids) == len(set(page.ids))
    assert "Trial calibration & <more>" in page.text["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_in_its_language(page: Page, language: str) -> None:
    text = text_of(page, language)
    sentence = {
        "fr": ["Cibles ajustées tenues : 20 sur 21", "manquées : 2 sur 44", "1 sur 3",
               "Que trouve-t-on", "Pas encore exécuté : sim77 calibrate … --recovery",
               "Aucune observation ne dit à quelle fréquence", "f00d", "3 210 s", "1.2.3",
               "Accords, à partir de 2022", "constante du domicile", "cadres"],
        "en": ["20 of 21 fitted targets are met", "2 of 44 observations", "1 of 3",
               "What is found", "Not run yet: sim77 calibrate … --recovery",
               "No observation says how often telecentres are used", "f00d", "3,210 s", "1.2.3",
               "Agreements, from 2022", "constant of home", "managers"],
    }  # fmt: skip
    for each in sentence[language]:
        assert each in text, each
    for untold in ("{", "}", "nan", "None", "inf"):
        assert not re.search(rf"(?<![\w]){re.escape(untold)}(?![\w])", text), untold


@pytest.mark.parametrize("locale", [FR, EN], ids=LANGUAGES)
def test_failures_are_told_before_anything_passes(page: Page, locale) -> None:
    text = text_of(page, locale.language)
    passes = text.index(locale.words["passes"].replace("\u202f", " "))
    for name in MISSED:
        side = "above" if MISSED[name] > 0 else "below"
        meaning = locale.words[f"{side} {name}"].replace("\u202f", " ")
        assert text.index(row_label(name, locale).replace("\u202f", " ")) < passes
        assert text.index(meaning) < passes
    for each in checks()[1]:
        assert locale.words[f"reason {each.reason}"].replace("\u202f", " ") in text


@pytest.mark.parametrize("locale", [FR, EN], ids=LANGUAGES)
def test_a_missed_target_says_what_it_means(page: Page, folder: Path, locale) -> None:
    means = locale.words[f"above {MISSED_TARGET}"].replace("\u202f", " ")
    text = text_of(page, locale.language)
    assert text.count(means) == 1
    assert text.index(row_label(MISSED_TARGET, locale).replace("\u202f", " ")) < text.index(means)
    if locale is EN:
        assert means in validation_page(folder.parent)


def test_a_target_missed_at_the_point_retained_alone_shows_its_figure(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one")
    targets = pd.read_csv(folder / "targets.csv")
    row = targets["target"] == "telework_days_3plus_2017"
    targets.loc[row, ["value", "error", "model", "low", "high", "check", "met"]] = [
        29.3, 4.4, 28.2, 25.1, 29.2, 35.1, False,
    ]  # fmt: skip
    targets.to_csv(folder / "targets.csv", index=False)
    figure = "At the point retained: 35.1%, outside the error. Too many teleworkers of three days"
    text = text_of(Page(write_calibration_report(folder).read_text(encoding="utf-8")), "en")
    assert figure in text and text.count("outside the error") == 1
    page = validation_page(folder.parent)
    line = next(each for each in page.splitlines() if each.startswith("- Three days or more, 2017"))
    assert f"28.2% (25.1 to 29.2) in the model. {figure}" in line


def test_a_calibration_that_was_not_validated_says_so(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one", validated=False)
    text = text_of(Page(write_calibration_report(folder).read_text(encoding="utf-8")), "en")
    assert "has still to be run" in text and "sim77 validate FOLDER" in text


def test_a_constant_of_centres_that_could_not_be_spread_is_told(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one")
    text = text_of(Page(write_calibration_report(folder).read_text(encoding="utf-8")), "en")
    assert "goes from −1.50 to 0.00 in them" in text
    about = folder / "validation.json"
    about.write_text(about.read_text().replace("-1.5", "0.0"))
    text = text_of(Page(write_calibration_report(folder).read_text(encoding="utf-8")), "en")
    assert "is held at the end of its range (0.00)" in text


def test_a_thin_posterior_is_called_thin(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one", particles=10)
    text = text_of(Page(write_calibration_report(folder).read_text(encoding="utf-8")), "en")
    assert "Beware: the 10 weighted draws are worth only 10 independent ones. Below 30" in text


def test_diagnostics_are_shown_as_far_as_they_are_there(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one")
    add_diagnostics(folder)
    page = Page(write_calibration_report(folder).read_text(encoding="utf-8"))
    text = text_of(page, "fr")
    assert "réussite Vérités connues retrouvées : sur 10 vérités connues" in text
    assert "pour information Aucune des 1 conclusions" in text
    assert "diagnostics/recovery_counts.csv" in text
    assert "Pas encore exécuté : sim77 calibrate … --sbc" in text
    assert "Diagnostic en échec" not in text


def test_a_failed_diagnostic_stands_under_the_headline(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "failing")
    add_diagnostics(folder)
    summary = folder / "diagnostics" / "diagnostics.yaml"
    text = summary.read_text(encoding="utf-8")
    summary.write_text(text.replace("passed: true", "passed: false"), encoding="utf-8")
    page = Page(write_calibration_report(folder).read_text(encoding="utf-8"))
    assert "Diagnostic en échec : Retrouver des vérités connues." in text_of(page, "fr")
    assert "A diagnostic has failed: Recovery of known truths." in text_of(page, "en")


def test_a_mark_stands_where_the_miss_is() -> None:
    row = {"value": 10.0, "error": 2.0, "model": 12.0, "low": 11.0, "high": 13.0,
           "expects": "at_least", "unit": "percent"}  # fmt: skip

    (track,) = _mark(row, "x", float("nan"), "met", [], EN).tracks
    marks = {kind: values for kind, *values in track.data["marks"]}
    assert track.data["ends"] == (2.0, 18.0)
    assert marks["dot"] == [12.0]
    assert marks["agree"] == [8.0, 18.0]
    assert marks["whisker"] == [11.0, 13.0]
    assert np.isnan(marks["ring"]).all()


def test_parameters_moved_together_are_read_from_the_study_where_the_manifest_is_older(
    tmp_path: Path,
) -> None:
    folder = make_calibration(tmp_path / "one")
    manifest = folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"free"', '"older"'), encoding="utf-8")
    assert read_calibration(folder).free["asc_home"] == ("asc_home",)
    (folder / "study.yaml").write_text(
        "title: {en: x}\nanchors: ['2022']\n"
        "free: {asc_home: {together: [asc_home_managers, asc_home_clerical]}, theta: {}}\n"
    )
    assert read_calibration(folder).free["asc_home"] == ("asc_home_managers", "asc_home_clerical")


def test_what_is_missing_is_told_in_one_sentence(tmp_path: Path) -> None:
    folder = make_calibration(tmp_path / "one")
    (folder / "widths.csv").unlink()
    assert is_calibration(folder) and not is_calibration(tmp_path)
    with pytest.raises(StudyError, match=r"has no widths.csv, expected the folder of a finished"):
        write_calibration_report(folder)
    (folder / "widths.csv").write_text("")
    with pytest.raises(StudyError, match="cannot be read"):
        write_calibration_report(folder)
    with pytest.raises(StudyError, match=r"expected a name like x.html, not .*page.pdf"):
        write_calibration_report(make_calibration(tmp_path / "two"), tmp_path / "page.pdf")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("targets.csv", "target,use\nx,fit\n", "its table targets.csv has no column 'family'"),
        ("validation.csv", "row,model\nx,1\n", "its table validation.csv has no column 'verdict'"),
        ("manifest.json", "{}", "manifest.json does not say 'seed'"),
        (
            "posterior.csv",
            "weight,distance,theta\n1,2,\n",
            "posterior.csv, row 1 of draws: 'theta' is blank, expected a number",
        ),
    ],
)
def test_another_form_of_a_file_is_told_in_one_sentence(
    name: str, content: str, message: str, tmp_path: Path
) -> None:
    folder = make_calibration(tmp_path / "one")
    (folder / name).write_text(content)
    with pytest.raises(Sim77Error, match=message):
        write_calibration_report(folder)


def test_a_study_is_told_from_a_calibration_by_its_content(tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text("anchors: [2017]\n")
    assert is_calibration(tmp_path)
    study.write_text("title: no anchors\nnote: |\n  anchors: none\n")
    assert not is_calibration(tmp_path)
    study.write_text("")
    assert not is_calibration(tmp_path)
    study.write_bytes("title: époques\n".encode("latin-1"))
    with pytest.raises(StudyError, match="not UTF-8"):
        is_calibration(tmp_path)


def test_the_command_makes_the_page_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["report", str(folder), "--out", str(tmp_path / "p.html")]) == 0
    assert str(tmp_path / "p.html") in capsys.readouterr().out
    assert (tmp_path / "p.html").read_bytes() == write_calibration_report(folder).read_bytes()
    assert main.main(["report", str(folder), "--where", "x < 1"]) == 2
    assert "--where is for the runs of a sweep" in capsys.readouterr().err
    assert main.main(["validate", str(tmp_path)]) == 2
    assert "has no posterior.csv" in capsys.readouterr().err


def test_the_page_of_the_documentation_tells_failures_first(folder: Path) -> None:
    text = validation_page(folder.parent)
    assert text.index("**Missed**") < text.index("**Not contradicted**")
    assert "sim77/analysis/validate/targets_validation.csv" in text
    for check in checks()[0]:
        assert EN.words[f"whose {check.name}"] in text.replace("\\|", "|")
    assert "No calibration has been shipped" in validation_page(folder / "nothing")


def test_tables_of_the_page_have_all_rows(page: Page, folder: Path) -> None:
    rows = pd.read_csv(folder / "targets.csv")
    for language, locale in zip(LANGUAGES, (FR, EN), strict=True):
        text = text_of(page, language)
        for name in rows["target"]:
            assert text.count(row_label(name, locale).replace("\u202f", " ")) >= 2, name


# Words and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_and_numbers_of_the_page_are_plain(page: Page, language: str) -> None:
    assert page_faults(page.text, language) == []


def test_a_missed_observation_is_told_by_its_name_and_what_it_bounds(folder: Path) -> None:
    table = read_calibration(folder).validation
    assert table is not None
    row = table["model"].notna() & (table["verdict"] == "fail")
    row &= row.cumsum() == 1
    given = {"row": "closed_buronomade", "expects": "at_least", "value": 1.0, "error": 0.15}
    table.loc[row, [*given, "unit", "model", "low", "high"]] = [
        *given.values(), "flag: 1 yes", 0.0, 0.0, 0.0,
    ]  # fmt: skip
    message = validation_text(Validation(table, pd.DataFrame(), {}))
    line = "Buro’nomade has closed (1: yes): at least 1.00 (± 0.15) observed, 0.00 in the model"
    assert line in message
    assert faults(message, "en") == []


def found(folder: Path, centres: CentreRange | None = None) -> Calibration:
    """Return the calibration of a folder, as far as a text tells of it."""
    facts = read_calibration(folder)
    posterior = SimpleNamespace(widths=facts.widths, effective=100.0)
    of_run = {"posterior": posterior, "folder": folder, "centres": centres}
    return cast("Calibration", SimpleNamespace(targets=facts.targets, **of_run))


def page_with(folder: Path, copy: Path, **said: object) -> Page:
    """Return the page of a calibration whose manifest says something else."""
    shutil.copytree(folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | said), encoding="utf-8")
    return Page(write_calibration_report(copy).read_text(encoding="utf-8"))


def test_the_territory_is_named_and_the_commands_are_about_it(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    elsewhere = text_of(page_with(folder, tmp_path / "copy", territory="ile-de-france"), "en")
    assert "TerritoryÎle-de-France " in elsewhere
    assert " --territory ile-de-france --out out/again" in elsewhere
    here = text_of(page, "en")
    assert "TerritorySeine-et-Marne " in here and "--territory" not in here


@pytest.mark.parametrize("language", LANGUAGES)
def test_full_centres_are_told_and_no_others(folder: Path, tmp_path: Path, language: str) -> None:
    """Draws in which nothing is known of centres would look like all others."""
    most = load_parameters()[CENTRES[0]].high
    spread, full = (
        calibration_text(found(folder, CentreRange(low, most)), language)
        for low in (most - 1.0, most)
    )
    assert calibration_text(found(folder), language) == spread
    (more,) = set(full.splitlines()) - set(spread.splitlines())
    assert ("0,25" if language == "fr" else "0.25%") in more
    assert faults(full, language) == []
    its_page = page_with(folder, tmp_path / "full", centres={"low": most, "high": most})
    assert " ".join(more.replace("\u202f", " ").split()) in text_of(its_page, language)
    begin = " ".join(more.split()[:8])
    other = page_with(folder, tmp_path / "spread", centres={"low": most - 1.0, "high": most})
    assert begin not in text_of(other, language)


def test_parameters_are_told_by_their_labels(folder: Path) -> None:
    widths = read_calibration(folder).widths
    message = calibration_text(found(folder))
    hardly = next(
        line for line in message.splitlines() if line.startswith("The data hardly narrow")
    )
    assert "constant of home" in message
    assert all(f"({name})" in message for name in widths["parameter"])
    assert hardly.endswith("; show every conclusion over that range.")
    assert faults(message, "en") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("year", ["2014", "2022"])
def test_the_pages_that_ship_are_plain(year: str, language: str, tmp_path: Path) -> None:
    shipped = Path(__file__).resolve().parents[3] / "calibration" / year
    written = write_calibration_report(shipped, tmp_path / "report.html")
    page = Page(written.read_text(encoding="utf-8"))
    assert page_faults(page.text, language) == []
