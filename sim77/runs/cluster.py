"""Where runs are computed: in this process, in processes of this machine, or on a Dask cluster.

`run_batches` sends runs in batches of a second or two, only a few ahead of what has been done, and
gives back each value as it comes. A run that fails gives a `Failure`; so does a run that ends its
worker process, which is found by running the batch that died again one by one.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numba

from sim77.core.errors import Sim77Error, StudyError
from sim77.core.extras import needs
from sim77.core.machine import usable_cores
from sim77.core.version import __version__
from sim77.runs.processes import ONE_THREAD, ProcessDiedError, Processes
from sim77.runs.warmup import ensure_compiled

if TYPE_CHECKING:
    with needs("sweep"):
        from distributed import Client

Item = TypeVar("Item")

BATCH_SECONDS = 2.0
"""A task aims at this: long against Dask's milliseconds, short against the patience of a person."""
LARGEST_BATCH = 512
TASKS_AHEAD = 2
"""Tasks sent for each thread of the cluster: one at work and one waiting."""
CONNECT_SECONDS = 5.0

_KILLED = "KilledWorker"
_LOST = "the connection to the Dask scheduler was lost: start it again and give the same command."
_QUIET = ("distributed", "tornado.application", "asyncio")


@dataclass(frozen=True)
class Failure:
    """What a run ended with instead of a value.

    Attributes
    ----------
    error_type : str
        Class of the exception; ``KilledWorker``, as Dask says, if the worker process died.
    message : str
    item : object
        What was to be computed.
    """

    error_type: str
    message: str
    item: Any


@dataclass(frozen=True)
class Cluster:
    """An open cluster.

    Attributes
    ----------
    executor : concurrent.futures.Executor or None
        None: everything runs in this process.
    workers : int
        Worker processes of this machine.
    client : distributed.Client or None
        If it is a Dask cluster, which may grow and shrink.
    """

    executor: Executor | None = None
    workers: int = 0
    client: Client | None = None

    @property
    def threads(self) -> int:
        """Runs that are computed at once now (0 while a Dask cluster has no worker)."""
        if self.client is not None:
            return sum(self.client.nthreads().values())
        return max(self.workers, 1)


@contextmanager
def open_cluster(workers: int | None = None, scheduler: str | None = None) -> Iterator[Cluster]:
    """Open a cluster, and close it whatever happens.

    Parameters
    ----------
    workers : int, optional
        Processes on this machine, one thread each; by default one a core. 0: none, everything runs
        one after the other in this process, with the same results.
    scheduler : str, optional
        Address of the scheduler of a cluster that runs already, like ``tcp://10.0.0.7:8786``.

    Yields
    ------
    Cluster

    Raises
    ------
    StudyError
        If no scheduler answers there, or its workers have another version of sim77.
    """
    if scheduler is not None:
        with _silence(), _connected(scheduler) as client:
            yield Cluster(client.get_executor(pure=False), client=client)
        return
    ensure_compiled()
    if workers == 0:
        yield Cluster()
        return
    workers = workers or usable_cores()
    with Processes(workers, ONE_THREAD if workers > 1 else {}) as processes:
        yield Cluster(processes, workers)


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    with needs("sweep"):
        from distributed import Client
        from distributed.comm import CommClosedError, parse_address, parse_host_port
        from distributed.comm.registry import get_backend

    try:
        # Of what is no address Dask makes half a client that fails again when it is dropped.
        protocol, host = parse_address(address)
        get_backend(protocol)
        parse_host_port(host)
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise StudyError(
            f"no Dask scheduler answers at '{address}', expected an address like "
            "tcp://127.0.0.1:8786."
        ) from error
    with client:
        for worker, version in client.run(_version, on_error="return").items():
            if isinstance(version, Exception):
                raise StudyError(f"worker {worker} cannot use sim77: {version}.") from version
            if version != __version__:
                raise StudyError(
                    f"worker {worker} has sim77 {version}, expected {__version__} as here."
                )
        try:
            yield client
        except Exception as error:
            # What a client without a scheduler raises depends on what it was asked for; one that
            # has just lost it still takes itself for connected.
            lost = client.status != "running" or isinstance(error, CommClosedError)
            if isinstance(error, Sim77Error) or not lost:
                raise
            raise StudyError(_LOST) from error


def _version() -> str:
    return __version__


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Dask's notes on starting, stopping and lost workers off the terminal."""
    with needs("sweep"):
        import distributed  # noqa: F401  (it gives its loggers levels of their own)

    loggers = [
        logging.getLogger(name)
        for name in list(logging.root.manager.loggerDict)
        if name.startswith(_QUIET)
    ]
    before = [(logger, logger.level) for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


# In the worker -----------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
"""Compiled loops with threads of their own must not run twice at once in a process."""


def _attempt(function: Callable[[Item], Any], item: Item) -> Any:
    try:
        return function(item)
    except Exception as error:
        return Failure(type(error).__name__, str(error), None)


def _tidy_up() -> None:
    """Free the model that has just ended.

    Model and agents refer to each other, so that only the collector frees them, and left alone it
    waits until dozens are dead. What the libraries hold is set aside once, which makes a
    collection take under a millisecond.
    """
    gc.collect()
    _set_libraries_aside()


@lru_cache(maxsize=1)
def _set_libraries_aside() -> None:
    gc.freeze()


def _run_batch(
    function: Callable[[Item], Any], items: list[Item], one_thread: bool
) -> tuple[float, list[Any]]:
    """Return the seconds that a batch took, and its values in order."""
    with _one_at_a_time:
        if one_thread:
            numba.set_num_threads(1)
        began = time.perf_counter()
        values = []
        for item in items:
            values.append(_attempt(function, item))
            _tidy_up()
        return time.perf_counter() - began, values


# In the driver -----------------------------------------------------------------------------

_Batch = list[tuple[int, Any]]


class _Pace:
    """How many runs make a task of `BATCH_SECONDS`, learned from the tasks that have ended."""

    def __init__(self, fixed: int | None, total: int | None) -> None:
        self._fixed, self._left = fixed, total
        self._size = 1

    def take(self, threads: int) -> int:
        """Return the size of the next batch; towards the end there is one for every thread."""
        size = self._fixed or self._size
        if self._left is not None and self._fixed is None:
            size = min(size, max(1, self._left // (TASKS_AHEAD * max(threads, 1))))
            self._left -= size
        return size

    def learn(self, seconds: float, runs: int) -> None:
        wanted = BATCH_SECONDS * runs / max(seconds, 1e-6)
        self._size = int(max(1, min(wanted, 4 * max(self._size, runs), LARGEST_BATCH)))


def run_batches(
    cluster: Cluster,
    function: Callable[[Item], Any],
    items: Iterable[Item],
    batch_size: int | None = None,
    total: int | None = None,
) -> Generator[tuple[int, Any], None, None]:
    """Compute `function` of each item on a cluster, and yield the values as they come.

    Parameters
    ----------
    cluster : Cluster
    function : callable
        Importable by the workers; what it raises becomes a `Failure`.
    items : iterable
        Taken a few batches ahead of what has been done, so that any number fits in memory.
    batch_size : int, optional
        Items a task; by default as many as take `BATCH_SECONDS`.
    total : int, optional
        How many items there are, so that the last batches are shared evenly.

    Yields
    ------
    tuple of int and object
        Position of the item, and its value or a `Failure`; in no certain order.

    Raises
    ------
    StudyError
        If the cluster goes away, or its workers cannot import what they need.
    """
    if cluster.executor is None:
        for index, item in enumerate(items):
            value = _attempt(function, item)
            yield index, _with_item(value, item)
        return
    yield from _Dispatch(cluster, cluster.executor, function, _Pace(batch_size, total)).run(items)


def _with_item(value: Any, item: Any) -> Any:
    return replace(value, item=item) if isinstance(value, Failure) else value


class _Dispatch:
    """Sends batches to a cluster and collects them."""

    def __init__(
        self, cluster: Cluster, executor: Executor, function: Callable[[Any], Any], pace: _Pace
    ) -> None:
        self._cluster, self._executor = cluster, executor
        self._function, self._pace = function, pace
        self._running: dict[Future[Any], _Batch] = {}
        self._suspects: _Batch = []
        self._threads, self._looked = 0, -60.0

    def run(self, items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        numbered = iter(enumerate(items))
        try:
            self._fill(numbered)
            while self._running:
                for future in wait(self._running, return_when=FIRST_COMPLETED).done:
                    yield from self._take(future)
                self._fill(numbered)
            for suspect in self._suspects:
                yield suspect[0], self._alone(suspect)
        finally:
            for future in self._running:
                future.cancel()

    def _fill(self, numbered: Iterator[tuple[int, Any]]) -> None:
        threads = self._threads_now()
        while len(self._running) < TASKS_AHEAD * max(threads, 1):
            batch = list(islice(numbered, self._pace.take(threads)))
            if not batch:
                return
            self._running[self._submit(batch)] = batch

    def _threads_now(self) -> int:
        """Threads of the cluster, which may grow and shrink; asked for every few seconds."""
        if time.monotonic() - self._looked > CONNECT_SECONDS:
            self._threads, self._looked = self._cluster.threads, time.monotonic()
        return self._threads

    def _submit(self, batch: _Batch) -> Future[Any]:
        items = [item for _, item in batch]
        one_thread = self._cluster.workers != 1
        return self._executor.submit(_run_batch, self._function, items, one_thread)

    def _take(self, future: Future[Any]) -> Iterator[tuple[int, Any]]:
        batch = self._running.pop(future)
        if _error_of(future) is None:
            seconds, values = future.result()
            self._pace.learn(seconds, len(batch))
            for (index, item), value in zip(batch, values, strict=True):
                yield index, _with_item(value, item)
        else:
            self._suspects.extend(batch)

    def _alone(self, suspect: tuple[int, Any]) -> Any:
        """Run one item with nothing else at work, so that only it can have ended the worker."""
        _, item = suspect
        future = self._submit([suspect])
        wait([future])
        error = _error_of(future)
        if error is None:
            return _with_item(future.result()[1][0], item)
        if isinstance(error, ProcessDiedError) or type(error).__name__ == _KILLED:
            return Failure(_KILLED, "the run ended its worker process", item)
        return Failure(type(error).__name__, str(error), item)


def _error_of(future: Future[Any]) -> BaseException | None:
    """Return what kept a batch from ending; raise if it is the cluster and not a run."""
    try:
        error = future.exception()
    except CancelledError as lost:
        raise StudyError(_LOST) from lost
    if isinstance(error, ImportError):
        raise StudyError(f"the workers cannot import what a run needs: {error}.") from error
    return error
