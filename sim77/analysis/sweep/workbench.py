"""The EMA workbench, imported late: it loads much, and only discovery and its adapter need it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def importing_workbench() -> Iterator[None]:
    """Import in this block from the EMA workbench, quietly and quickly.

    The workbench asks for the whole stack at each method that it defines, to learn the name of the
    class around it. Python reads the source of every frame for that: seconds below a test runner,
    half a minute where much is imported. Here it is given the two frames that it looks at.

    Raises
    ------
    MissingExtraError
        If the workbench is not installed.
    """
    whole_stack = inspect.getouterframes
    inspect.getouterframes = _two_frames
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about optional evaluators that are not installed
            yield
    finally:
        inspect.getouterframes = whole_stack


def _two_frames(frame: FrameType, context: int = 1) -> list[inspect.FrameInfo]:
    """Stand in for `inspect.getouterframes`: a frame and the one around it, without their source.

    Parameters
    ----------
    frame : frame
    context : int
        Not used: no source is read.
    """
    return [
        inspect.FrameInfo(each, each.f_code.co_filename, each.f_lineno, each.f_code.co_name,
                          None, None)
        for each in (frame, frame.f_back)
        if each is not None
    ]  # fmt: skip
