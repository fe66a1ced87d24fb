"""Processes that try cases, one at a time each, and are ended when a case hangs or grows."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from sim77.core.errors import Sim77Error
from tests.fuzz.cases import Case, Files, Subject, make_case

MOST_SECONDS = 30.0
MOST_BYTES = 3 * 2**30
MOST_LETTERS = 1000
"""Of a sentence that tells what is wrong."""

_OURS = (f"{os.sep}sim77{os.sep}", os.path.join("tests", "fuzz"))
_WRITES = {
    "os.remove": 0, "os.rename": 1, "os.mkdir": 0, "os.rmdir": 0, "os.truncate": 0,
    "os.symlink": 1, "os.link": 1, "shutil.rmtree": 0, "os.chmod": 0,
}  # fmt: skip
_NEVER = ("os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "socket.connect")


@dataclass(frozen=True)
class Finding:
    """What came of a case and should not have.

    Attributes
    ----------
    number : int
        Of the case.
    subject : str
    kind : str
        An exception's type, or ``hang``, ``memory``, ``process died``, ``file touched``,
        ``long sentence``, ``several lines``.
    place : str
        File, line and function.
    told : str
        The message, cut.
    change : str
        What was done to the sample.
    size : int
        Bytes of the changed input.
    trace : str
    """

    number: int
    subject: str
    kind: str
    place: str
    told: str
    change: str
    size: int
    trace: str = ""


@dataclass(frozen=True)
class Asked:
    """Which cases are tried: of which subjects (a module with ``SUBJECTS``), seed and kind."""

    seed: int
    only: str = ""
    subjects: str = "tests.fuzz.subjects"
    most_seconds: float = MOST_SECONDS
    most_bytes: int = MOST_BYTES

    def case(self, number: int) -> Case:
        return make_case(self.all, self.seed, number, self.only)

    @property
    def all(self) -> Mapping[str, Subject]:
        found: Mapping[str, Subject] = importlib.import_module(self.subjects).SUBJECTS
        return found


def try_cases(numbers: list[int], asked: Asked, processes: int) -> Iterator[list[Finding]]:
    """Try cases and yield what was found in each, in no order."""
    context = multiprocessing.get_context("spawn")
    left = list(reversed(numbers))
    workers: list[_Worker] = []
    try:
        while left or any(each.number is not None for each in workers):
            while left and len(workers) < processes:
                workers.append(_Worker(context, asked))
            for worker in workers:
                if worker.number is None and left and worker.ready:
                    worker.give(left.pop())
            wait([worker.pipe for worker in workers], timeout=0.2)
            for worker in list(workers):
                found = worker.look()
                if found is not None:
                    yield found
                if worker.ended:
                    worker.close()
                    workers.remove(worker)
    finally:
        for worker in workers:
            worker.close()


class _Worker:
    """One process, seen from the one that started it."""

    def __init__(self, context: Any, asked: Asked):
        self.pipe, inner = context.Pipe()
        self.process = context.Process(target=_serve, args=(inner, asked), daemon=True)
        self.process.start()
        inner.close()
        self.watched = psutil.Process(self.process.pid)
        self.asked = asked
        self.number: int | None = None
        self.since = time.monotonic()
        self.ready = self.ended = False

    def give(self, number: int) -> None:
        self.number, self.since = number, time.monotonic()
        self.pipe.send(number)

    def look(self) -> list[Finding] | None:
        """Return what is known of its case by now."""
        try:
            if self.pipe.poll():
                found: list[Finding] | None = self.pipe.recv()
                if not self.ready:
                    self.ready = True
                    return None
                self.number = None
                return found
            if self.number is None:
                return None
            if time.monotonic() - self.since > self.asked.most_seconds:
                return self._end("hang")
            if self.watched.memory_info().rss > self.asked.most_bytes:
                return self._end("memory")
        except (EOFError, ConnectionError, psutil.NoSuchProcess):
            return self._end("process died")
        return None

    def _end(self, kind: str) -> list[Finding]:
        self.ended = True
        if self.number is None:
            raise RuntimeError("a process ended before its first case")
        case = self.asked.case(self.number)
        size = sum(map(len, case.files.values()))
        self.number = None
        return [Finding(case.number, case.subject, kind, "", "", case.told, size)]

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


# In the process --------------------------------------------------------------------------------


def _serve(pipe: Connection, asked: Asked) -> None:
    """Try the cases that come by the pipe."""
    # What samples need is loaded and compiled first, so that no case pays for it.
    for name, subject in asked.all.items():
        for sample in subject.samples() if asked.only in ("", name) else ():
            with TemporaryDirectory() as folder:
                _write(Path(folder), sample)
                found = subject.read(Path(folder))
                with suppress(Sim77Error):  # a sample may be too small for what comes after
                    subject.run(Path(folder), found)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    watch = _Watch()
    pipe.send([])
    while True:
        case = asked.case(pipe.recv())
        pipe.send(_try_case(case, asked.all[case.subject], watch))


def _try_case(case: Case, subject: Subject, watch: _Watch) -> list[Finding]:
    """Try one case in this process."""
    found = []
    size = sum(map(len, case.files.values()))

    def note(kind: str, place: str, told: str, trace: str = "") -> None:
        found.append(
            Finding(case.number, case.subject, kind, place, told[:300], case.told, size, trace)
        )

    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, case.files)
        with watch.over(folder):
            try:
                read = subject.read(folder)
                if case.goes_on:
                    subject.run(folder, read)
            except Sim77Error as error:
                sentence = str(error)
                if "\n" in sentence or "\r" in sentence:
                    note("several lines", _place(error), repr(sentence))
                if len(sentence) > MOST_LETTERS:
                    note("long sentence", _place(error), sentence)
            except BaseException as error:
                trace = "".join(traceback.format_exception(error, limit=-12))
                note(type(error).__name__, _place(error), str(error), trace)
        for event, path in watch.touched:
            note("file touched", event, path)
    return found


def _write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def _place(error: BaseException) -> str:
    """Return the innermost line of ours that an exception came through."""
    frames = traceback.extract_tb(error.__traceback__)
    for own in _OURS:
        for frame in reversed(frames):
            if own in frame.filename:
                name = "/".join(Path(frame.filename).parts[-3:])
                return f"{name}:{frame.lineno} {frame.name}"
    return "elsewhere"


class _Watch:
    """Sees every file opened for writing, and every file made, moved or taken away."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.touched: list[tuple[str, str]] = []
        sys.addaudithook(self._hook)

    def over(self, folder: Path) -> _Watch:
        self.folder, self.touched = os.path.realpath(folder), []
        return self

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(self, *about: object) -> None:
        self.folder = None

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if not writes and not (isinstance(mode, str) and set(mode) & set("wax+")):
                return
        elif event in _WRITES:
            path = arguments[_WRITES[event]]
        elif event.startswith(_NEVER):
            self.touched.append((event, repr(arguments)[:200]))
            return
        else:
            return
        if isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        inside = f"{real}{os.sep}".startswith(f"{self.folder}{os.sep}")
        if not inside and "__pycache__" not in real and real != os.devnull:
            self.touched.append((event, real))
