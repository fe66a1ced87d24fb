"""Pairs of runs shared by processes of this machine.

A pool of plain processes and not the runner of studies (`sim77.sweep`): it starts sooner, and
comparisons need no Dask, which comes with ``sim77[sweep]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from sim77.errors import ResultError
from sim77.pair import PairOutcome, Request, run_pair
from sim77.warmup import ensure_compiled

Job = tuple[Request, int]
"""What is compared, and the seed."""


def run_pairs(jobs: Sequence[Job], processes: int) -> Iterator[tuple[int, PairOutcome]]:
    """Run pairs in processes of one thread each, and yield each outcome as it comes.

    Parameters
    ----------
    jobs : sequence of (Request, int)
    processes : int
        More than there are jobs are not started.

    Yields
    ------
    tuple of int and PairOutcome
        Position of the job, and what it found; in no certain order.

    Raises
    ------
    ResultError
        If a process dies, as when memory runs out.
    """
    ensure_compiled()
    pool = ProcessPoolExecutor(min(processes, len(jobs)), mp_context=get_context("spawn"))
    try:
        places = {
            pool.submit(run_pair, request, seed, 1): place
            for place, (request, seed) in enumerate(jobs)
        }
        for job in as_completed(places):
            yield places[job], job.result()
    except BrokenProcessPool as error:
        raise ResultError(
            f"one of {min(processes, len(jobs))} processes has died, as when memory runs out: ask "
            "for fewer processes or a smaller scale."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
