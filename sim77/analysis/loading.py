"""Read back whatever a folder holds: a run, a comparison, a study or a search for sites."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim77.analysis.compare.comparison import Comparison, load_comparison
from sim77.analysis.siting.result import Siting, load_siting
from sim77.analysis.sweep.results import Sweep, load_sweep
from sim77.core.errors import ResultError, nearest
from sim77.runs.results import Result, load_result
from sim77.runs.store import COMPARISON, RUN, SITING, SWEEP, kind_of, read_manifest

SHIPPED = Path(__file__).parent / "data" / "studies"
"""The studies that come with sim77, a folder each."""


_READERS: dict[str, Callable[[str | Path], Result | Comparison | Sweep | Siting]] = {
    RUN: load_result,
    COMPARISON: load_comparison,
    SWEEP: load_sweep,
    SITING: load_siting,
}


def load(folder: str | Path) -> Result | Comparison | Sweep | Siting:
    """Read a result back.

    Parameters
    ----------
    folder : path
        Made by ``sim77 run``, ``sim77 compare``, ``sim77 sweep`` or ``sim77 site``; or the name of
        a study that comes with sim77, such as ``desk-capacity-price``.

    Returns
    -------
    Result, Comparison, Sweep or Siting

    Raises
    ------
    ResultError
        If there is no such folder or study, or the folder is not a complete result.
    """
    if not isinstance(folder, str | Path):
        raise ResultError(f"Expected a folder or the name of a study, not {folder!r}.")
    if not Path(folder).exists():
        studies = [each.name for each in sorted(SHIPPED.iterdir())]
        if str(folder) not in studies:
            raise ResultError(
                f"{folder}: there is no such folder, and no study of that name comes with sim77."
                f"{nearest(str(folder), studies)}"
            )
        folder = SHIPPED / folder
    kind = kind_of(read_manifest(Path(folder)))
    if kind not in _READERS:
        raise ResultError(f"{folder} holds no kind of result: '{kind}'.{nearest(kind, _READERS)}")
    return _READERS[kind](folder)
