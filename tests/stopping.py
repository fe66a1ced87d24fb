"""Runs ``sim77`` in a process of its own and stops it with a real signal at one moment.

A moment is the name of a function and which of its calls counts:
``sim77.analysis.calibrate.evaluations:evaluate@3``. The process gets the signal when that call
begins; in a moment of the form ``…@3.`` when it has ended.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sim77.cli.main import main

# A server that has imported all and loaded the compiled loops once forks the processes.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__, "sim77.analysis.calibrate.diagnose", "tests.warmed"])


def stopped(by: int, moment: str, words: Sequence[str], patience_s: float) -> tuple[int, str]:
    """Run a command that gets a signal at a moment; return its exit code and what it says."""
    with tempfile.NamedTemporaryFile("r+", encoding="utf-8") as said:
        process = _PROCESSES.Process(target=_run, args=(by, moment, words, said.name))
        process.start()
        process.join(patience_s)
        if process.exitcode is None:  # killed by the test, it must not pass for one that was hit
            process.kill()
            raise TimeoutError(f"{moment} was not reached in {patience_s:g} s")
        return process.exitcode, Path(said.name).read_text(encoding="utf-8")


def _run(by: int, moment: str, words: Sequence[str], said: str) -> None:
    with open(said, "w", encoding="utf-8") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    where, _, at = moment.partition("@")
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    setattr(owner, name, _stopping(getattr(owner, name), int(at.rstrip(".")), at[-1] == ".", by))
    sys.exit(main(words))


def _stopping(function: Callable[..., Any], at: int, after: bool, by: int) -> Callable[..., Any]:
    calls = []

    def call(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == at and not after:
            os.kill(os.getpid(), by)
        found = function(*given, **named)
        if len(calls) == at and after:
            os.kill(os.getpid(), by)
        return found

    return call
