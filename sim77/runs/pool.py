"""Pairs of runs shared by processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed

from sim77.core.errors import ResultError
from sim77.runs.pair import PairOutcome, PairSpec, run_pair
from sim77.runs.processes import ONE_THREAD, ProcessDiedError, Processes
from sim77.runs.warmup import ensure_compiled


def run_pairs(jobs: Sequence[PairSpec], processes: int) -> Iterator[tuple[int, PairOutcome]]:
    """Run pairs in processes of one thread each, and yield each outcome as it comes.

    Parameters
    ----------
    jobs : sequence of PairSpec
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
    with Processes(min(processes, len(jobs)), ONE_THREAD) as pool:
        places = {pool.submit(run_pair, pair, 1): place for place, pair in enumerate(jobs)}
        try:
            for job in as_completed(places):
                yield places[job], job.result()
        except ProcessDiedError as error:
            raise ResultError(
                f"{str(error).rstrip('.')}: if memory has run out, ask for fewer processes or a "
                "smaller scale."
            ) from error
