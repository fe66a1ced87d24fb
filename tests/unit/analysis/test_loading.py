"""`sim77.load` reads what ships without a warning, and says what it would take else."""

import warnings
from pathlib import Path

import pytest

import sim77
from sim77.analysis.loading import SHIPPED
from sim77.core.errors import ResultError

pytestmark = pytest.mark.unit

NOTEBOOKS = Path(__file__).resolve().parents[3] / "experiments" / "notebooks" / "data"


@pytest.mark.parametrize("name", [each.name for each in sorted(SHIPPED.iterdir())])
def test_a_study_that_ships_is_whole_and_named_in_a_line(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = sim77.load(name)
        if hasattr(study, "table"):
            assert len(study.table())
    assert len(repr(study)) < 500


@pytest.mark.parametrize("name", ["run", "comparison", "sweep"])
def test_what_the_notebooks_read_is_whole(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sim77.load(NOTEBOOKS / name)
        if hasattr(found, "table"):
            assert len(found.table())
    assert len(repr(found)) < 500


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("desk-capacity-prize", "Did you mean 'desk-capacity-price'"),
        (3, "Expected a folder or the name of a study, not 3"),
    ],
)
def test_what_is_not_there_is_one_sentence(wanted: object, sentence: str) -> None:
    with pytest.raises(ResultError, match=sentence):
        sim77.load(wanted)
