"""The survey's format: what is wrong is told in one sentence, with its line."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.estimate.estimate import template
from sim77.analysis.estimate.survey import COLUMNS, check_survey, read_survey
from sim77.core.errors import StudyError

pytestmark = pytest.mark.unit


def changed(row: int, **values: object) -> pd.DataFrame:
    """Return the template with other values in one row, its first line being 2."""
    table = template().astype(object)
    for name, value in values.items():
        table.loc[row, name] = value
    return table


WRONG = {
    "missing column": (template().drop(columns="weekday"), "no column 'weekday' (day of the week)"),
    "misspelt column": (
        template().rename(columns={"chosen": "choosen"}),
        "no column 'chosen' (plan taken). Did you mean 'choosen'?",
    ),
    "unknown column": (template().rename(columns={"fibre": "fiber"}), "Did you mean 'fibre'?"),
    "no minutes": (
        template().drop(columns=["travel_perceived_min", "off_peak_perceived_min"]),
        "has neither of the columns 'travel_perceived_min' and 'travel_min'",
    ),
    "two minutes": (template().assign(travel_min=100), "has both of the columns"),
    "half a pair": (template().drop(columns="half_days_left"), "but not 'half_days_left'"),
    "unknown plan": (
        changed(1, available="office hme telecentre"),
        "line 3: 'available' names the plan 'hme'. Did you mean 'home'?",
    ),
    "unknown chosen": (changed(0, chosen="ofice"), "line 2: 'chosen' is 'ofice'. Did you mean"),
    "unknown group": (changed(3, occupation="manager"), "line 5: 'occupation' is 'manager'. Did"),
    "not available": (
        changed(2, chosen="telecentre"),
        "line 4: the chosen plan 'telecentre' is not among those available (office home).",
    ),
    "one plan": (changed(0, available="office"), "line 2: 'available' is 'office', expected two"),
    "negative minutes": (
        changed(2, travel_perceived_min=-5),
        "line 4: 'travel_perceived_min' is '-5', expected a number from 0 to 1440",
    ),
    "no number": (changed(1, access_eur="a lot"), "line 3: 'access_eur' is 'a lot', expected a"),
    "infinite": (changed(1, travel_eur="inf"), "line 3: 'travel_eur' is 'inf'"),
    "centre without minutes": (
        changed(1, access_min=""),
        "line 3: the plan 'telecentre' is chosen but 'access_min' is empty",
    ),
    "open without minutes": (
        changed(0, access_min="", available="office home telecentre"),
        "line 2: the plan 'telecentre' is available but 'access_min' is empty",
    ),
    "unknown centre": (
        changed(1, chosen_centre=2),
        "line 3: centre 2 was chosen but 'access_min_2' is empty or missing.",
    ),
    "nobody": (changed(1, person=""), "line 3: 'person' is empty."),
    "no rows": (template().iloc[:0], "has no rows"),
    "all days bind": (template().assign(half_days_left=1), "has no day on which the allowance"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_sentence(name: str) -> None:
    table, sentence = WRONG[name]
    with pytest.raises(StudyError) as caught:
        check_survey(table)
    message = str(caught.value)
    assert sentence in message
    assert "\n" not in message and message[-1] in ".?"


def test_the_template_is_a_survey_and_shows_the_whole_format(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    template().to_csv(path, index=False)
    survey = read_survey(path)
    assert list(survey.frame["chosen"]) == list(template()["chosen"])
    assert survey.n_centres == 1 and survey.left_out == 0
    physical = {"travel_min", "off_peak_min"}
    assert set(template().columns) == COLUMNS.keys() - physical


def test_semicolons_and_decimal_commas_read_the_same(tmp_path: Path) -> None:
    template().to_csv(tmp_path / "a.csv", index=False)
    template().to_csv(tmp_path / "b.csv", index=False, sep=";", decimal=",")
    frames = [read_survey(tmp_path / name).frame for name in ("a.csv", "b.csv")]
    pd.testing.assert_frame_equal(*frames)
    assert frames[1]["access_eur"].eq(0.6).all()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty, expected a heading"),
        (b"person,weekday\n1,monday,office\n", "has a row with more cells than its heading"),
        (b"person\n\xff\xfe\n", "is not UTF-8 text"),
        (b"person,weekday,occupation,available,chosen,travel_perceived_min\n", "has no rows"),
    ],
)
def test_a_file_that_is_no_survey_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(content)
    with pytest.raises(StudyError, match=sentence):
        read_survey(path)
    with pytest.raises(StudyError, match="is not there, expected a CSV file"):
        read_survey(tmp_path / "none.csv")


def test_days_on_which_the_allowance_could_bind_are_left_out() -> None:
    table = template()
    table["half_days_left"], table["working_days_left"] = [10, 7, 4, 2], [4, 3, 1, 0]
    survey = check_survey(table)
    assert survey.left_out == 1  # 7 half-days left for 4 days: one could be short
    assert list(survey.frame["weekday"]) == ["monday", "thursday", "friday"]


def test_rows_of_a_person_come_together_and_own_columns_are_left_alone() -> None:
    table = template().iloc[[0, 2, 1, 3]].assign(note_of_mine="x")
    survey = check_survey(table)
    assert list(survey.frame["person"]) == ["ada", "ada", "ben", "ben"]
    assert not survey.has("note_of_mine")
    assert np.allclose(survey.number("off_peak_perceived_min"), [170, 170, 120, 120])


def test_the_documentation_names_every_column_and_no_other() -> None:
    text = (Path(__file__).parents[3] / "docs" / "estimate.md").read_text(encoding="utf-8")
    table = text.partition("## The table")[2].partition("\n\nA second centre")[0]
    named = set()
    for line in table.splitlines():
        if line.startswith("| `"):
            named |= {word.strip("` ") for word in line.split("|")[1].split(",")}
    assert named == COLUMNS.keys()
