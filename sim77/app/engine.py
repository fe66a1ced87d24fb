"""The queue between viewers and the compute process: bounded, shared, the latest request wins.

Each viewer has at most one comparison and one question of each kind waiting. Viewers who ask for
the same share one job. Jobs are done one at a time: first answers before questions before
refinements, which give way to anything else that comes.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from sim77.app.compute.jobs import ComparisonRequest, Job, Pair, StudyRequest
from sim77.app.compute.process import RecentlyUsed
from sim77.app.explore.payload import SidePayload
from sim77.app.worker import serve
from sim77.core.errors import ResultError
from sim77.runs.warmup import ensure_compiled

MOST_WAITING = 64
ANSWERS_KEPT, SIDES_CACHED = 40, 40


log = logging.getLogger("sim77.app")
_FIRST, _ASKED, _REFINED = range(3)
_SECONDS_AT_FIRST = 4.0
_REST_SECONDS = 1.0
"""How long the cores are left to the browsers that draw a first answer, before it is refined."""
_CLOSING_SECONDS = 3.0

Listener = Callable[[str, Any], None]


class QueueFullError(ResultError):
    """So many viewers wait that no more can be taken."""


@dataclass
class Ticket:
    """A job that waits or is under way, and who wants its answer.

    Attributes
    ----------
    number : int
        In order of arrival.
    job : Pair, ComparisonRequest or StudyRequest
    listeners : dict
        By viewer, what is called with the name and content of each part of the answer.
    began : float
        When it was last begun.
    lost : bool
        The compute process has ended over it once; a second time it fails.
    replies : list
        The parts of the answer so far.
    sent, off : bool
        The compute process has been given it; it has been called off before that.
    """

    number: int
    job: Job
    listeners: dict[str, Listener]
    began: float = 0.0
    lost: bool = False
    replies: list[tuple[str, Any]] = field(default_factory=list)
    sent: bool = False
    off: bool = False

    @property
    def priority(self) -> int:
        """Lower goes first."""
        if not isinstance(self.job, Pair):
            return _ASKED
        return _REFINED if self.job.refines else _FIRST


class Outbox:
    """Parts of answers on their way to one viewer, delivered in order by whichever thread is free.

    Parameters
    ----------
    dispatchers : ThreadPoolExecutor
    deliver : callable
        Called with name and content of each part; it may be slow.
    """

    def __init__(self, dispatchers: ThreadPoolExecutor, deliver: Listener):
        self._dispatchers, self._deliver = dispatchers, deliver
        self._lock = threading.Lock()
        self._parts: deque[tuple[str, Any]] = deque()
        self._busy = False

    def __call__(self, name: str, content: Any) -> None:
        """Take a part; it is delivered later."""
        with self._lock:
            self._parts.append((name, content))
            if self._busy:
                return
            self._busy = True
        try:
            self._dispatchers.submit(self._empty)
        except RuntimeError:
            self._busy = False  # the server is closing

    def _empty(self) -> None:
        while True:
            with self._lock:
                if not self._parts:
                    self._busy = False
                    return
                part = self._parts.popleft()
            try:
                self._deliver(*part)
            except Exception:  # the parts that follow are still delivered
                log.exception("a part of an answer could not be delivered")


class Engine:
    """Takes jobs of all viewers to one compute process."""

    def __init__(self) -> None:
        ensure_compiled()
        self._numbers = itertools.count(1)
        self._condition = threading.Condition(threading.RLock())
        self._waiting: list[Ticket] = []
        self._current: Ticket | None = None
        self._answers: RecentlyUsed[tuple[Any, ...], list[tuple[str, Any]]] = RecentlyUsed(
            ANSWERS_KEPT
        )
        self._sides: RecentlyUsed[str, SidePayload] = RecentlyUsed(SIDES_CACHED)
        self._seconds = _SECONDS_AT_FIRST
        self._rest_until = 0.0
        self._closed = False
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        # Slow connections of viewers must hold up neither the queue nor each other.
        self._dispatchers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="sim77-post")
        self._thread = threading.Thread(target=self._run, name="sim77-engine", daemon=True)
        self._thread.start()

    # What viewers do -----------------------------------------------------------------------

    def submit(self, viewer: str, job: Job, listener: Listener) -> None:
        """Ask for an answer; an earlier request of the same viewer and kind is given up.

        Parameters
        ----------
        viewer : str
        job : Pair, ComparisonRequest or StudyRequest
        listener : callable
            It must return at once. Called from another thread with the name and the
            content of each part: ``queued`` (a dict with ``position`` and ``eta_s``),
            ``progress``, ``restarted``, ``side``, ``compare``, ``answer``, and in the end ``done``
            or ``failed``.

        Raises
        ------
        QueueFullError
            If too many wait.
        """
        with self._condition:
            self._give_up(viewer, type(job))
            cached = self._answers.get(job.key)
            if cached is None:
                ticket = self._ticket_for(job)
                if ticket is None:
                    if len(self._waiting) >= MOST_WAITING:
                        raise QueueFullError("too many viewers are waiting; try again in a minute.")
                    ticket = Ticket(next(self._numbers), job, {})
                    self._waiting.append(ticket)
                ticket.listeners[viewer] = listener
                parts = list(ticket.replies)
                self._make_way(ticket)
                self._condition.notify_all()
            else:
                parts = [*cached, ("done", None)]
            for name, content in parts:
                listener(name, content)
        self._tell_places()

    def outbox(self, deliver: Listener) -> Outbox:
        """Return a listener that hands parts on to a slower one, in their order."""
        return Outbox(self._dispatchers, deliver)

    def drop(self, viewer: str) -> None:
        """Give up what a viewer has asked for, who leaves or stays, unless others want it."""
        with self._condition:
            for kind in (Pair, ComparisonRequest, StudyRequest):
                self._give_up(viewer, kind)
        self._tell_places()

    def close(self) -> None:
        """End the compute process and every thread."""
        with self._condition:
            self._closed = True
            self._waiting.clear()
            self._condition.notify_all()
            process, connection = self._process, self._connection
        if connection is not None:
            connection.close()
        if process is not None:
            process.terminate()
            process.join(_CLOSING_SECONDS)
        self._thread.join(_CLOSING_SECONDS)
        self._dispatchers.shutdown(wait=False, cancel_futures=True)

    # The queue -----------------------------------------------------------------------------

    def _ticket_for(self, job: Job) -> Ticket | None:
        tickets = [*self._waiting, *([self._current] if self._current else [])]
        return next((each for each in tickets if each.job.key == job.key and each.listeners), None)

    def _give_up(self, viewer: str, kind: type) -> None:
        for ticket in [*self._waiting]:
            if isinstance(ticket.job, kind):
                ticket.listeners.pop(viewer, None)
                if not ticket.listeners:
                    self._waiting.remove(ticket)
        current = self._current
        if current is not None and isinstance(current.job, kind):
            current.listeners.pop(viewer, None)
            if not current.listeners:
                self._call_off(current)

    def _make_way(self, ticket: Ticket) -> None:
        """Call off a refinement that is under way; it is taken up again afterwards."""
        current = self._current
        if current is not None and current.priority == _REFINED and ticket.priority < _REFINED:
            self._call_off(current)

    def _call_off(self, ticket: Ticket) -> None:
        if not ticket.sent:
            # The process is only being started: it could not know what it is to leave.
            ticket.off = True
        elif self._connection is not None:
            # If the process is gone, `_run` finds out and starts another.
            with suppress(OSError):
                self._connection.send(("off", ticket.number, None))

    def _tell_places(self) -> None:
        """Tell everybody who waits how many are before them and about how long it takes."""
        with self._condition:
            ordered = self._in_order()
            before = 1 if self._current is not None and self._current.priority != _REFINED else 0
            listening = [
                (
                    listener,
                    {"position": before + place, "eta_s": (before + place + 1) * self._seconds},
                )
                for place, ticket in enumerate(ordered)
                if ticket.priority != _REFINED
                for listener in ticket.listeners.values()
            ]
            for listener, place in listening:
                listener("queued", place)

    def _in_order(self) -> list[Ticket]:
        return sorted(self._waiting, key=lambda each: (each.priority, each.number))

    # The thread that talks to the process --------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._condition:
                ticket = self._next()
                if ticket is None:
                    return
                self._waiting.remove(ticket)
                self._current, ticket.began = ticket, time.monotonic()
            try:
                self._do(ticket)
            except (EOFError, OSError):
                self._after_a_crash(ticket)
            except Exception:  # the viewers are told, and the next job is done
                log.exception("a job could not be done")
                self._tell(ticket, "failed", "")
            with self._condition:
                self._current = None
            self._tell_places()

    def _next(self) -> Ticket | None:
        """Wait for a job and return it; None once the engine is closed."""
        while not self._closed:
            first = next(iter(self._in_order()), None)
            rest = self._rest_until - time.monotonic()
            if first is None:
                self._condition.wait()
            elif first.priority == _REFINED and rest > 0.0:
                self._condition.wait(rest)
            else:
                return first
        return None

    def _do(self, ticket: Ticket) -> None:
        connection = self._started()
        with self._condition:
            if ticket.off:
                self._put_back(ticket)
                return
            # Under the lock: nothing else may be sent in the middle of it.
            connection.send(("job", ticket.number, ticket.job))
            ticket.sent = True
        while True:
            number, name, content = connection.recv()
            if number != ticket.number:
                continue
            with self._condition:
                if name == "off":
                    self._put_back(ticket)
                    return
                if name == "side":
                    content = self._one_copy(content)
                if name in ("side", "compare", "answer"):
                    ticket.replies.append((name, content))
                if name == "done":
                    self._answers.put(ticket.job.key, ticket.replies)
                    if ticket.priority == _FIRST:
                        now = time.monotonic()
                        self._seconds += 0.3 * (now - ticket.began - self._seconds)
                        self._rest_until = now + _REST_SECONDS
                self._tell(ticket, name, content)
            if name in ("done", "failed"):
                return

    def _put_back(self, ticket: Ticket) -> None:
        """Let a job wait again that was called off, if anybody wants it: others go first."""
        ticket.sent = ticket.off = False
        ticket.replies.clear()
        if ticket.listeners:
            self._waiting.append(ticket)

    def _one_copy(self, side: SidePayload) -> SidePayload:
        """Return the side that is kept already, if this one is the same: answers share it."""
        key = str(side.meta["key"])
        return self._sides.get(key) or self._sides.put(key, side)

    def _started(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._connection is None:
            context = get_context("spawn")
            mine, theirs = context.Pipe()
            process = context.Process(
                target=serve, args=(theirs,), name="sim77-compute", daemon=True
            )
            process.start()
            theirs.close()
            with self._condition:
                self._process, self._connection = process, mine
                if self._closed:
                    mine.close()
        connection = self._connection
        assert connection is not None
        return connection

    def _after_a_crash(self, ticket: Ticket) -> None:
        """Do a job again, in a new process, over which the process has ended; but only once."""
        with self._condition:
            if self._connection is not None:
                self._connection.close()
            self._process = self._connection = None
            if self._closed or not ticket.listeners:
                return
            again, ticket.lost = not ticket.lost, True
            if again:
                self._put_back(ticket)
            self._tell(ticket, "restarted" if again else "failed", "")

    def _tell(self, ticket: Ticket, name: str, content: Any) -> None:
        with self._condition:
            for listener in ticket.listeners.values():
                listener(name, content)
