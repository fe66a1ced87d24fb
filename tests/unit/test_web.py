"""The scripts that ship are what their sources give; `make web` builds them again and compares."""

import hashlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "web" / "src"


@pytest.mark.parametrize("built", ["sim77/app/static/app.js", "sim77/report/templates/page.js"])
def test_a_built_script_is_made_from_the_present_sources(built: str) -> None:
    found = hashlib.sha256()
    for path in sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.js")):
        found.update(f"{path}\n".encode() + (SOURCES / path).read_bytes())
    last = (ROOT / built).read_text(encoding="utf-8").splitlines()[-1]
    assert last.endswith(f"sha256 {found.hexdigest()}"), "run make web-build"


def test_pictures_wait_for_what_the_app_has() -> None:
    """A class that the app has no longer keeps the pictures waiting until they give up."""
    text = (ROOT / "benchmarks" / "screenshots.py").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.js"))
    waited = set(re.findall(r"s77-[a-z]+", text)) - set(re.findall(r"s77-[a-z]+", scripts))
    assert waited <= {"s77-telecentre"}, "made of the kind of a plan"
