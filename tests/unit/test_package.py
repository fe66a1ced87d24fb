"""``import sim77``: light, and the same names whatever was imported before."""

import pkgutil
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


def test_no_module_has_the_name_of_a_public_function() -> None:
    found = {module.name for module in pkgutil.iter_modules(sim77.__path__)}
    assert found
    assert found & {*sim77.__all__} == set()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = sim77.runn


def test_importing_loads_nothing_else_and_sets_no_variable() -> None:
    program = """
import os, sys
before = dict(os.environ)
import sim77
print([name for name in sys.modules if "sim77." in name], dict(os.environ) == before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] True\n"


def test_the_citation_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sim77.__version__}\n" in citation
