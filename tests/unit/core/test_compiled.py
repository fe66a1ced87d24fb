"""A kernel is compiled again when what it is made from has changed in another file."""

import subprocess
import sys
from pathlib import Path

import grimp
import numba as nb
import numpy as np
import pytest

from sim77.engine.sources import KERNEL_SOURCES
from tests.property.plain_choice import random_day

pytestmark = pytest.mark.unit

KERNEL = """
import numba as nb
import made_from

part = nb.njit(cache=True)(made_from.part)

@nb.njit(cache=True)
def kernel(x):
    return part(x) + 1
"""
RUN = """
import kernel, made_from
from sim77.core.compiled import drop_stale

if {dropped}:
    drop_stale([made_from, kernel])
print(kernel.kernel(1), sum(kernel.kernel.stats.cache_hits.values()))
"""


def result_of(folder: Path, part: str, *, dropped: bool) -> tuple[int, int]:
    """Return what the kernel gives, and how often it was found compiled, in a new process."""
    (folder / "made_from.py").write_text(f"def part(x):\n    return {part}\n", encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-c", RUN.format(dropped=dropped)],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    value, hits = found.split()
    return int(value), int(hits)


def test_a_change_in_another_file_compiles_the_kernel_again(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL, encoding="utf-8")
    assert result_of(tmp_path, "10 * x", dropped=True) == (11, 0)
    assert result_of(tmp_path, "10 * x", dropped=True) == (11, 1)
    assert result_of(tmp_path, "20 * x", dropped=False) == (11, 1), "Numba looks at other files now"
    assert result_of(tmp_path, "20 * x", dropped=True) == (21, 0)
    assert result_of(tmp_path, "20 * x", dropped=True) == (21, 1)


def test_all_that_the_kernels_are_made_from_is_looked_at() -> None:
    names = {module.__name__ for module in KERNEL_SOURCES}
    imports = grimp.build_graph("sim77")
    kernels = {
        module.__name__
        for module in KERNEL_SOURCES
        if any(isinstance(each, nb.core.dispatcher.Dispatcher) for each in vars(module).values())
    }
    assert "sim77.engine.booking_kernels" in kernels and "sim77.engine.aggregation" in kernels
    made_from = {each for name in kernels for each in imports.find_upstream_modules(name)}
    assert names == kernels | made_from


@pytest.mark.parametrize("few", [(1, 3), (30, 1), (1, 1)])
def test_one_worker_or_one_centre_compiles_nothing_more(few: tuple[int, int]) -> None:
    """An array of one column lies in memory as one of one row does, which is another type."""
    types = [[nb.typeof(each) for each in random_day(np.random.default_rng(1), *size, mu=0.6)]
             for size in (few, (30, 3))]  # fmt: skip
    assert types[0] == types[1]
