"""Compiled loops on several threads at once.

A loop is called for a run of rows, ``first`` to ``last``, without Python's lock. It writes only
these rows and shares no sum, so that neither the number of threads nor how rows are shared can be
seen in a result. Numba's own parallel loops would do the same, but take three times as long to
compile with the named tuples of the engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numba as nb
import numpy as np

Runs = list[tuple[int, int]]
"""First row of each run of rows, and the first after it."""

_GRAIN = 20_000
"""Workers, or markets, whose turn in a loop takes longer than to call a thread."""
_RUNS_OF_A_THREAD = 4
"""More than one: a thread whose core is wanted elsewhere does fewer."""
_BLOCK = 1 << 15
"""Rows of which all that is worked out between stays in the processor's cache."""


def in_runs(kernel: Callable, rows: Runs, *arguments: Any) -> list:
    """Call ``kernel(*arguments, first, last)`` for each run of rows; return what it returns.

    Parameters
    ----------
    kernel : callable
        A compiled loop, or a function of NumPy's, that frees Python's lock.
    rows : Runs
        See `even_runs`, `weighed_runs` and `blocks`.
    *arguments
        Of the kernel, before the rows.
    """
    if len(rows) == 1:
        return [kernel(*arguments, *rows[0])]
    return list(_pool(nb.get_num_threads()).map(lambda run: kernel(*arguments, *run), rows))


def even_runs(size: int, grain: int = _GRAIN) -> Runs:
    """Cut `size` rows into runs of equal length.

    Parameters
    ----------
    size : int
    grain : int
        The fewest rows that are worth a call of their own.
    """
    count = _count(size, grain)
    return list(pairwise(size * n // count for n in range(count + 1)))


def blocks(size: int) -> Runs:
    """Cut `size` rows into short runs, for functions that make arrays on their way.

    Such arrays of millions of rows cost more time to get memory for than to fill.
    """
    return [(first, min(first + _BLOCK, size)) for first in range(0, size, _BLOCK)]


def columns_in_blocks(
    make: Callable[[slice], tuple[np.ndarray, ...]], size: int
) -> list[np.ndarray]:
    """Return the columns, of `size` rows, of which ``make(rows)`` returns some; see `blocks`."""
    begin = make(slice(0, _BLOCK))
    columns = [np.empty((size, *part.shape[1:]), part.dtype) for part in begin]
    for column, part in zip(columns, begin, strict=True):
        column[:_BLOCK] = part

    def fill(first: int, last: int) -> None:
        for column, part in zip(columns, make(slice(first, last)), strict=True):
            column[first:last] = part

    in_runs(fill, blocks(size)[1:])
    return columns


def weighed_runs(start: np.ndarray, grain: int = _GRAIN) -> Runs:
    """Cut rows into runs of about equal weight.

    Parameters
    ----------
    start : integer array, shape (n_rows + 1,)
        Weight of all rows before each, and of all.
    grain : int
        The least weight that is worth a call of its own.
    """
    weight, rows = int(start[-1]), start.size - 1
    count = _count(weight, grain)
    ends = np.searchsorted(start, [weight * n // count for n in range(1, count)])
    return list(pairwise([0, *ends.tolist(), rows]))


def _count(size: int, grain: int) -> int:
    threads = nb.get_num_threads()
    if threads == 1 or size < 2 * grain:
        return 1
    return min(size // grain, threads * _RUNS_OF_A_THREAD)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="sim77-loop")


if hasattr(os, "register_at_fork"):
    # A forked process has none of the threads.
    os.register_at_fork(after_in_child=_pool.cache_clear)
