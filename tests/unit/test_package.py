"""``import sim77``: light, and the same names whatever was imported before."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import sim77

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sim77.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert not isinstance(getattr(sim77, name), ModuleType)


def test_a_module_does_not_take_the_place_of_the_function_of_its_name() -> None:
    program = "import sim77.runs.run; assert callable(sim77.run); from sim77 import run; run"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = sim77.runn


def test_importing_loads_nothing_else() -> None:
    program = "import sys, sim77; print([name for name in sys.modules if 'sim77.' in name])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_citation_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sim77.__version__}\n" in citation
