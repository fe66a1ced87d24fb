"""sim77: who works where on which day, and what follows for trains, roads, centres and people.

The public names below are imported when first used, so that ``import sim77`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim77.analysis.compare.comparison import Comparison, compare
    from sim77.analysis.explain.explain import explain, explain_last_day
    from sim77.analysis.loading import load
    from sim77.core.errors import Sim77Error
    from sim77.core.version import __version__
    from sim77.engine.model import CommuteModel
    from sim77.registry.parameters import load_parameters
    from sim77.report.output import save, text
    from sim77.runs.results import Result
    from sim77.runs.run import run
    from sim77.scenario.scenario import Scenario, load_scenario, scenario_names
    from sim77.territory.territory import Territory, load_territory

__all__ = [
    "CommuteModel",
    "Comparison",
    "Result",
    "Scenario",
    "Sim77Error",
    "Territory",
    "__version__",
    "compare",
    "explain",
    "explain_last_day",
    "load",
    "load_parameters",
    "load_scenario",
    "load_territory",
    "run",
    "save",
    "scenario_names",
    "text",
]

_HOME = {
    "CommuteModel": "sim77.engine.model",
    "__version__": "sim77.core.version",
    "Comparison": "sim77.analysis.compare.comparison",
    "Result": "sim77.runs.results",
    "Scenario": "sim77.scenario.scenario",
    "Sim77Error": "sim77.core.errors",
    "Territory": "sim77.territory.territory",
    "compare": "sim77.analysis.compare.comparison",
    "explain": "sim77.analysis.explain.explain",
    "explain_last_day": "sim77.analysis.explain.explain",
    "load": "sim77.analysis.loading",
    "load_parameters": "sim77.registry.parameters",
    "load_scenario": "sim77.scenario.scenario",
    "load_territory": "sim77.territory.territory",
    "run": "sim77.runs.run",
    "save": "sim77.report.output",
    "scenario_names": "sim77.scenario.scenario",
    "text": "sim77.report.output",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'sim77' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
