"""Compile the kernels ahead of the first run, so that nobody waits for them twice.

Numba compiles a kernel when it is first called and keeps it on disk. On a new machine, or with
another version of sim77, that is a minute or two before the first day: it is said before it begins,
and shown while it goes on. Where the kernels are on disk nothing is said.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Collection
from functools import cache
from typing import Any

from numba.core import event
from numba.core.dispatcher import Dispatcher
from tqdm import tqdm

from sim77.engine.model import CommuteModel
from sim77.engine.sources import KERNEL_SOURCES
from sim77.runs.execute import RunSpec, execute

BEGINS = (
    "sim77 compiles its inner loops for this machine, once: that takes a minute or two, and later "
    "runs begin at once."
)
_SECONDS_BETWEEN_LINES = 10.0
"""Where no terminal shows the progress as a bar, as in a notebook or a log."""


class CompilingShown(event.Listener):
    """Says on standard error which of the kernels is being compiled.

    Parameters
    ----------
    kernels : collection of numba.core.dispatcher.Dispatcher
        Those that count; what they use of Numba's own does not.
    """

    def __init__(self, kernels: Collection[Dispatcher]) -> None:
        self._awaited = {id(each) for each in kernels}
        self._total = len(kernels)
        self._bar: tqdm | None = None

    def on_start(self, event: Any) -> None:
        """Count a kernel when its compilation begins; the first one is announced."""
        kernel = event.data["dispatcher"]
        if id(kernel) not in self._awaited:
            return
        self._awaited.remove(id(kernel))
        if self._bar is None:
            print(BEGINS, file=sys.stderr, flush=True)
            terminal = sys.stderr.isatty()
            self._bar = tqdm(
                total=self._total, desc="compiling", unit=" kernels", file=sys.stderr,
                leave=not terminal, mininterval=0.0 if terminal else _SECONDS_BETWEEN_LINES,
            )  # fmt: skip
        self._bar.update()

    def on_end(self, event: Any) -> None:
        """Do nothing: kernels are counted when they begin."""

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


@cache
def ensure_compiled() -> None:
    """Compile what is not on disk yet, and show that; a moment's work where all is there.

    To be called before the first model of a process is made, and before worker processes start,
    which would each compile everything.
    """
    found = {
        id(each): each
        for module in KERNEL_SOURCES
        for each in vars(module).values()
        if isinstance(each, Dispatcher)
    }
    shown = CompilingShown(found.values())
    try:
        with event.install_listener("numba:compile", shown):
            warm_up()
    finally:
        shown.close()


def warm_up() -> None:
    """Call every kernel, in a whole week of a small sample, which has a row of weeks."""
    a_week = RunSpec(scale=0.01, start=dt.date(2014, 6, 30), end=dt.date(2014, 7, 4))
    execute(a_week, observers=[_expect])


def _expect(model: CommuteModel, phase: str) -> None:
    """Call the kernel that only comparisons call."""
    if phase == "choose":
        model.expected_by_kind()
