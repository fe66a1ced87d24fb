"""Run a scenario from its first day to its last and keep the result."""

from __future__ import annotations

import datetime as dt
import platform
import re
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from sim77.core.errors import RunInterrupted
from sim77.core.version import __version__
from sim77.engine.model import CommuteModel
from sim77.runs.execute import Progress, RunSpec, finish, start_model
from sim77.runs.results import Result, tables_of
from sim77.runs.warmup import ensure_compiled
from sim77.scenario.parts import idle_changes
from sim77.scenario.posterior import Posterior
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

_LINUX_STATUS = Path("/proc/self/status")
_LIBRARIES = ("mesa", "numba", "numpy", "pandas", "holidays")


def run(
    scenario: str | Scenario = "network-2014",
    *,
    scale: float = 1.0,
    seed: int = 1,
    start: dt.date | None = None,
    end: dt.date | None = None,
    overrides: Mapping[str, float] | None = None,
    posterior: str | Path | Posterior | None = None,
    workplaces: str | Sequence[str] | None = None,
    territory: Territory | str | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : str or Scenario
        A scenario, its name or the path of its file.
    scale : float
        Share of the workers simulated, in (0, 1].
    seed : int
        Seed of every draw.
    start, end : datetime.date, optional
        First and last day; the scenario's by default.
    overrides : mapping of str to float, optional
        Registry parameters that differ from their values, from the first day on, whatever the
        scenario and the posterior say.
    posterior : str, path or Posterior, optional
        Parameters that neither the scenario nor `overrides` set are those of the draw that goes
        with the seed: of ``"shipped"``, or of a file that ``sim77 calibrate`` leaves.
    workplaces : str or sequence of str, optional
        Workplace zones in scope; those that the territory takes by default.
    territory : Territory or path, optional
        Seine-et-Marne by default.
    progress : callable, optional
        Called as ``progress(days_done, days)`` when the model is ready, then after each day.

    Returns
    -------
    Result

    Raises
    ------
    Sim77Error
        If anything asked for is unknown or out of range, in one sentence.
    RunInterrupted
        If the run is stopped from the keyboard.
    """
    spec = RunSpec(
        scenario, seed=seed, scale=scale, workplaces=workplaces, start=start, end=end,
        territory=territory, overrides=overrides, posterior=posterior,
    )  # fmt: skip
    ensure_compiled()
    began = time.perf_counter()
    model = start_model(spec)
    try:
        finish(model, progress)
    except KeyboardInterrupt as error:
        raise RunInterrupted(
            f"Stopped after {len(model.recorder.days)} of {len(model.days)} days; nothing was "
            "written."
        ) from error
    tables = tables_of(model)
    return Result(tables, manifest_of(spec, model, time.perf_counter() - began))


def manifest_of(spec: RunSpec, model: CommuteModel, seconds: float) -> dict[str, Any]:
    """Return what is needed to make a run again, and what it took.

    Parameters
    ----------
    spec : RunSpec
    model : CommuteModel
        After its last day.
    seconds : float
        Time from the call to the tables.

    Returns
    -------
    dict
    """
    drawn = {}
    if spec.posterior is not None:
        draw = {"draw": spec.posterior.index_for(spec.seed)}
        drawn["posterior"] = spec.posterior.described() | draw
    return {
        "sim77": __version__,
        "scenario": described(model.scenario, model.days[0], model.days[-1]),
        "seed": spec.seed,
        **spec.described(),
        "start": model.days[0].isoformat(),
        "end": model.days[-1].isoformat(),
        "days": len(model.days),
        "simulated_workers": model.population.low.size,
        "persons_not_represented": model.population.unrepresented,
        **drawn,
        "cost": {
            "seconds": round(seconds, 3),
            "peak_memory_mb": round(peak_memory_mb(), 1),
            "seconds_by_phase": {name: round(value, 6) for name, value in model.seconds.items()},
        },
        **made_with(),
    }


def made_with() -> dict[str, Any]:
    """Return the versions of what computes, and the time."""
    return {
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "made": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
    }


_version = cache(version)  # reads a file each time


def described(scenario: Scenario, start: dt.date, end: dt.date) -> dict[str, Any]:
    """Return what identifies a scenario, its text, and what of it is on no simulated day."""
    return {
        "name": scenario.name,
        "label_fr": scenario.label_fr,
        "label_en": scenario.label_en,
        "hash": scenario.hash,
        "yaml": scenario.to_yaml(),
        "outside_its_period": not scenario.start <= start <= end <= scenario.end,
        "idle_changes": [
            {"date": change.date.isoformat(), "lever": change.lever}
            for change in idle_changes(scenario.changes, start, end)
        ],
    }


def peak_memory_mb() -> float:
    """Return the greatest memory this process has held, in megabytes.

    Where the system keeps no such figure (macOS), it is what the process holds now.
    """
    if _LINUX_STATUS.exists():
        peak = re.search(r"^VmHWM:\s*(\d+) kB", _LINUX_STATUS.read_text(encoding="utf-8"), re.M)
        if peak is not None:
            return int(peak[1]) * 1024 / 1e6
    held = psutil.Process().memory_info()
    return getattr(held, "peak_wset", held.rss) / 1e6
