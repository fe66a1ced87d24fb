"""Worker processes of this machine, which share the tasks of one that drives them.

A worker is a plain ``python`` that imports what its tasks name and never the file that the user
runs, so that comparisons and studies work in a script without a main guard, from standard input, at
the prompt and in a notebook. The pools of the standard library import that file; loky's do not, but
their workers (3.7) outlive a driver that is killed, and each prints a traceback when Ctrl-C comes
while they start. Here a worker ends with the pipe that its tasks come through.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any

from sim77.core.errors import Sim77Error

ONE_THREAD = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of processes that share the cores of a machine."""

_COMMAND = ("-P", "-c", "from sim77.runs.processes import serve; serve()")
_AWAY_FROM_THE_TERMINAL: dict[str, Any] = {"start_new_session": True}
"""Or Ctrl-C would go to the workers too."""
if sys.platform == "win32":
    _AWAY_FROM_THE_TERMINAL = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}


class ProcessDiedError(Sim77Error):
    """A worker process has ended before its task."""


class Processes(Executor):
    """Worker processes, each with one task at a time; one that dies is replaced.

    Parameters
    ----------
    count : int
        Processes at most; each starts when there is a task for it.
    environment : mapping of str to str, optional
        Variables that differ from those of this process.
    """

    def __init__(self, count: int, environment: Mapping[str, str] | None = None):
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="sim77-process")
        path = os.pathsep.join(each or os.getcwd() for each in sys.path)
        self._environment = os.environ | {"PYTHONPATH": path} | dict(environment or {})
        self._lock = threading.Lock()
        self._all: list[subprocess.Popen[bytes]] = []
        self._idle: list[subprocess.Popen[bytes]] = []
        self._closed = False

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called in a worker process.

        Parameters
        ----------
        function : callable
            Importable there, and so in a module.
        *args, **kwargs
            What it is called with; they are pickled, as is what it returns or raises.

        Returns
        -------
        concurrent.futures.Future
            Ends with `ProcessDiedError` if the process does.
        """
        return self._threads.submit(self._do, pickle.dumps((function, args, kwargs)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End all processes, whatever they are doing."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._all:
            process.communicate()

    def _do(self, task: bytes) -> Any:
        """Have a task done by a process that has none; called in a thread of its own."""
        process = self._take()
        try:
            pickle.dump(task, _pipe(process.stdin))
            _pipe(process.stdin).flush()
            answer = pickle.load(_pipe(process.stdout))
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise ProcessDiedError(f"{self._bury(process)} before its task was done.") from error
        with self._lock:
            self._idle.append(process)
        done, value = pickle.loads(answer)
        if not done:
            raise value
        return value

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise ProcessDiedError("the worker processes have been stopped.")
            if self._idle:
                return self._idle.pop()
            process = subprocess.Popen(
                [sys.executable, *_COMMAND], env=self._environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, **_AWAY_FROM_THE_TERMINAL,
            )  # fmt: skip
            self._all.append(process)
            return process

    def _bury(self, process: subprocess.Popen[bytes]) -> str:
        """Forget a process that has died, and say what ended it."""
        process.kill()
        process.communicate()
        with self._lock:
            if not self._closed:
                self._all.remove(process)
        return f"a worker process {_ending(process.returncode)}"


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None
    return end


# In the worker -----------------------------------------------------------------------------


def serve() -> None:
    """Do tasks until the driver closes their pipe or ends; the main function of a worker."""
    received, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a task reads or prints must not come between tasks and answers.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(received, tasks), daemon=True).start()
    while True:
        pickle.dump(_answer(tasks.get()), answers)
        answers.flush()


def _receive(received: IO[bytes], tasks: SimpleQueue[bytes]) -> None:
    """Take tasks from the pipe; when it ends, end the process in the middle of whatever it does."""
    with suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            tasks.put(pickle.load(received))
    os._exit(0)


def _answer(task: bytes) -> bytes:
    """Return whether a task was done, and its value or error, pickled."""
    try:
        function, args, kwargs = pickle.loads(task)
        return pickle.dumps((True, function(*args, **kwargs)))
    except Exception as error:
        if not isinstance(error, Sim77Error):
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return pickle.dumps((False, error))
