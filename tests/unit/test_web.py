"""The script that ships is what its sources give; `make web` rebuilds it and compares the bytes."""

import hashlib
from pathlib import Path

import pytest

from sim77.app.assets import script

pytestmark = pytest.mark.unit

SOURCES = Path(__file__).resolve().parents[2] / "web" / "src"


def test_the_built_script_is_made_from_the_present_sources() -> None:
    found = hashlib.sha256()
    for path in sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.js")):
        found.update(f"{path}\n".encode() + (SOURCES / path).read_bytes())
    first = script().splitlines()[0]
    assert first.endswith(f"sha256 {found.hexdigest()}"), "run make web-build"
