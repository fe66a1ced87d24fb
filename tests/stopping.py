"""Runs ``sim77`` and stops it with a real signal at one moment: ``python -m tests.stopping …``.

The words are the signal, the moment, and those of the command. A moment is the name of a function
and which of its calls counts: ``sim77.analysis.calibrate.evaluations:evaluate@3``. The process gets
the signal when that call begins; in a moment of the form ``…@3.`` when it has ended.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sim77.cli.main import main


def stopping(function: Callable[..., Any], at: int, after: bool, by: int) -> Callable[..., Any]:
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


if __name__ == "__main__":
    by, moment, *words = sys.argv[1:]
    where, _, at = moment.partition("@")
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    stopped = stopping(getattr(owner, name), int(at.rstrip(".")), at.endswith("."), int(by))
    setattr(owner, name, stopped)
    sys.exit(main(words))
