"""Read back whatever a folder holds: a run or a comparison."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim77.compare import Comparison, load_comparison
from sim77.errors import ResultError, nearest
from sim77.results import Result, load_result
from sim77.store import COMPARISON, RUN, kind_of, read_manifest

_READERS: dict[str, Callable[[str | Path], Result | Comparison]] = {
    RUN: load_result,
    COMPARISON: load_comparison,
}


def load(folder: str | Path) -> Result | Comparison:
    """Read a result back.

    Parameters
    ----------
    folder : path
        Made by ``sim77 run`` or ``sim77 compare``.

    Returns
    -------
    Result or Comparison

    Raises
    ------
    ResultError
        If the folder is not a complete result.
    """
    kind = kind_of(read_manifest(Path(folder)))
    if kind not in _READERS:
        raise ResultError(f"{folder} holds no kind of result: '{kind}'.{nearest(kind, _READERS)}")
    return _READERS[kind](folder)
