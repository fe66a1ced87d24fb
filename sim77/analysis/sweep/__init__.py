"""Studies of many runs: designs, a runner, a store in Parquet, and what they show.

>>> from sim77.analysis.sweep import Study
>>> study = Study(scenario="network-2014", outcomes=["remote_days"], levers={"price_day": {}},
...               design={"method": "lhs", "samples": 8})
>>> study.n_points
8
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim77.analysis.sweep.file import load_study
    from sim77.analysis.sweep.results import Sweep, load_sweep
    from sim77.analysis.sweep.runner import run_study
    from sim77.analysis.sweep.study import Study

__all__ = ["Study", "Sweep", "load_study", "load_sweep", "run_study"]

_HOME = {
    "Study": "sim77.analysis.sweep.study",
    "Sweep": "sim77.analysis.sweep.results",
    "load_study": "sim77.analysis.sweep.file",
    "load_sweep": "sim77.analysis.sweep.results",
    "run_study": "sim77.analysis.sweep.runner",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'sim77.analysis.sweep' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)
