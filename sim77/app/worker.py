"""The compute process: one job at a time, and after each simulated day a look whether it is off."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from sim77.app.compute.jobs import Cancelled, ComparisonRequest, Job, Progress, StudyRequest
from sim77.app.compute.process import WorkerProcess, free_ended_models, geography_on
from sim77.app.studies import answers as study_answers
from sim77.app.why import answers as why_answers
from sim77.core.errors import Sim77Error


def answer(
    worker_process: WorkerProcess,
    job: Job,
    tell: Callable[[str, Any], None],
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Do a job.

    Parameters
    ----------
    worker_process : WorkerProcess
    job : Pair, ComparisonRequest or StudyRequest
    tell : callable
        Called with the name and the content of each part of the answer as it is ready:
        ``progress`` (share done), ``side`` (`SidePayload`), ``compare`` or ``answer`` (dict).
    cancelled : callable
        Asked after each simulated day; `Cancelled` is raised when it says True.
    """
    progress = Progress(tell, cancelled)
    match job:
        case ComparisonRequest(pair, kind, given):
            tell("answer", why_answers.ANSWERS[kind](worker_process, pair, dict(given), progress))
        case StudyRequest(kind, territory, given):
            tell("answer", study_answers.answer(kind, geography_on(territory), dict(given)))
        case _:
            worker_process.compare(job, tell, progress)


def serve(connection: Connection) -> None:
    """Answer jobs until the other end is closed; the main function of the compute process.

    Parameters
    ----------
    connection : Connection
        Jobs come as ``("job", number, Job)`` and are called off by ``("off", number, None)``;
        answers go as ``(number, name, content)`` and end with ``done``, ``off`` or ``failed``.
    """
    _step_back()
    worker_process = WorkerProcess()
    # What the libraries hold is set aside, which makes each collection short. Not later: a model
    # set aside with it would never be freed.
    gc.collect()
    gc.freeze()
    while True:
        try:
            word, number, job = connection.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        if word == "job":
            try:
                _do(worker_process, connection, number, job)
            except (BrokenPipeError, EOFError, OSError, KeyboardInterrupt):
                return


def _do(worker_process: WorkerProcess, connection: Connection, number: int, job: Job) -> None:
    def tell(name: str, content: Any) -> None:
        connection.send((number, name, content))

    def cancelled() -> bool:
        off = False
        while connection.poll():
            word, which, _ = connection.recv()
            off = off or (word == "off" and which == number)
        return off

    try:
        answer(worker_process, job, tell, cancelled)
    except Cancelled:
        tell("off", None)
    except Sim77Error as error:
        tell("failed", str(error))
    except (BrokenPipeError, EOFError, OSError):
        raise
    except Exception:  # whatever it was, the viewer is told and the next job is answered
        traceback.print_exc()
        tell("failed", "")
    else:
        tell("done", None)
    finally:
        free_ended_models()


def _step_back() -> None:
    """Let the server and the browser, on the same cores, go first."""
    if hasattr(os, "nice"):
        os.nice(2)
