"""How many processes a command starts where it is not told."""

import os
from pathlib import Path

import pytest

from sim77.core.machine import usable_cores

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000\n", 8), ("200000 100000\n", 2), ("50000 100000\n", 1),
        ("250000 100000\n", 3), ("1600000 100000\n", 8),
    ],
)  # fmt: skip
def test_a_container_may_have_a_part_of_the_cores(quota: str, cores: int, tmp_path: Path) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    assert usable_cores(file) == cores


def test_elsewhere_there_is_no_quota(tmp_path: Path) -> None:
    assert usable_cores(tmp_path / "cpu.max") == 8
