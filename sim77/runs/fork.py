"""Forks: a model's state saved and resumed bit for bit, so that many policies share one past.

`gather` turns a model into named arrays and a few plain values; `save` writes them to one file
(NumPy's ``.npz``, no pickle), `resume` and `copy` put them back into a model made anew. Given
another scenario, the model goes on under that one: same past, different future. Watchers are not
part of the state, and neither are Mesa's own random generators, which no rule of sim77 uses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim77.core.errors import ResultError, ScenarioError
from sim77.core.version import __version__
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population
from sim77.engine.state import FORMAT, fill, gather
from sim77.runs.execute import RunSpec, start_model
from sim77.scenario.scenario import PolicyState, Scenario, SiteState, load_scenario
from sim77.territory.territory import Territory, load_territory

ABOUT = "about"

_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class ForkedScenario(Scenario):
    """A scenario with another one's past; its own fields are those of the future.

    Attributes
    ----------
    past, future : Scenario
        What holds before `since`, and from then on.
    since : datetime.date
    """

    past: Scenario = None  # type: ignore[assignment]
    future: Scenario = None  # type: ignore[assignment]
    since: dt.date = dt.date.min

    @classmethod
    def join(cls, past: Scenario, future: Scenario, since: dt.date) -> ForkedScenario:
        """Return `past` until the day before `since` and `future` from then on."""
        own = {each.name: getattr(future, each.name) for each in fields(Scenario)}
        return cls(**own, past=past, future=future, since=since)

    def __hash__(self) -> int:
        return hash(self.hash)

    @cached_property
    def hash(self) -> str:
        """The sha256, in hexadecimal, of both scenarios and the day between them."""
        text = f"{self.past.hash} {self.since} {self.future.hash}"
        return hashlib.sha256(text.encode()).hexdigest()

    def state_on(self, day: dt.date, territory: Territory) -> PolicyState:
        """Return what holds on a day."""
        return (self.past if day < self.since else self.future).state_on(day, territory)

    def to_yaml(self) -> str:
        """Write the future, with a remark on the past that no scenario file can hold."""
        remark = f"# Before {self.since} another scenario held: {self.past.name}, {self.past.hash}."
        return f"{remark}\n{self.future.to_yaml()}"


# The three things a user does ---------------------------------------------------------------------


def save(model: CommuteModel, path: str | Path) -> Path:
    """Write a model's state to one file, to be resumed later or elsewhere.

    Parameters
    ----------
    model : CommuteModel
        Between two days; it is not changed.
    path : path
        The file; one that exists is replaced.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    target = Path(path)
    partial = target.with_name(target.name + ".partial")
    arrays, about = gather(model)
    about["scenarios"] = _chain(model.scenario)
    packed = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    try:
        with partial.open("wb") as file:
            np.savez(file, **{**arrays, ABOUT: packed})  # type: ignore[arg-type]
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ResultError(f"Cannot write {target}: {error.strerror or error}.") from error
    return target


def resume(
    path: str | Path,
    *,
    scenario: str | Scenario | None = None,
    territory: Territory | str | None = None,
) -> CommuteModel:
    """Return the model that `save` wrote, ready for its next day.

    Parameters
    ----------
    path : path
    scenario : str or Scenario, optional
        What holds from the next day on; the same scenario goes on if left out. The last day stays.
    territory : Territory or path, optional
        Where the tables are now, if not where they were.

    Returns
    -------
    CommuteModel

    Raises
    ------
    ResultError
        If the file is damaged, or was written by another version or for another territory.
    """
    arrays, about = _read(Path(path))
    if (about["format"], about["sim77"]) != (FORMAT, __version__):
        raise ResultError(
            f"{path} was saved by sim77 {about['sim77']} (format {about['format']}); this is "
            f"{__version__} (format {FORMAT}), which may compute other numbers."
        )
    if not isinstance(territory, Territory):
        territory = load_territory(territory or about["territory"]["folder"])
    if territory.hash != about["territory"]["hash"]:
        raise ResultError(
            f"{path} was saved for the territory '{about['territory']['name']}', whose tables are "
            f"not those of {territory.folder}."
        )
    try:
        past = _scenario_of(about["scenarios"])
        return _restored(arrays, about, past, scenario, territory)
    except (*_UNREADABLE, TypeError) as error:
        raise ResultError(f"{path} is damaged: its parts do not fit together.") from error


def copy(model: CommuteModel, scenario: str | Scenario | None = None) -> CommuteModel:
    """Return a second model in the same state, under another scenario from the next day on.

    Parameters
    ----------
    model : CommuteModel
        Not changed; both share its population, which no day changes.
    scenario : str or Scenario, optional
        The same scenario goes on if left out.

    Returns
    -------
    CommuteModel
    """
    arrays, about = gather(model)
    return _restored(
        arrays, about, model.scenario, scenario, model.territory, population=model.population
    )


def _restored(
    arrays: dict[str, np.ndarray],
    about: dict[str, Any],
    past: Scenario,
    scenario: str | Scenario | None,
    territory: Territory,
    population: Population | None = None,
) -> CommuteModel:
    """Make a model of the same past, and put the state into it."""
    first, end = (dt.date.fromisoformat(about[key]) for key in ("start", "end"))
    scenario = past if scenario is None else _with_past(past, load_scenario(scenario), about, end)
    spec = RunSpec(
        scenario, seed=about["seed"], scale=about["scale"], workplaces=about["workplaces"],
        start=first, end=end, territory=territory,
    )  # fmt: skip
    model = start_model(spec, population)
    _apply_policies(model, past, about)
    fill(model, arrays, about)
    return model


def _apply_policies(model: CommuteModel, past: Scenario, about: dict[str, Any]) -> None:
    """Let the policies of the past take effect in their order, and last those in force.

    What operators and employers had made of the policies by then is part of the state, because it
    is not what they have made of them since: that takes effect on the next day.
    """
    for day in model.days[: about["scalars"]["_next"]]:
        if not model.world.still_holds(model.effects, day):
            model._apply_policies(day)
    in_force = about["in_force"]
    day = dt.date.fromisoformat(in_force["day"])
    state = replace(
        past.state_on(day, model.territory),
        sites=tuple(SiteState(**site) for site in in_force["sites"]),
        coverage_floor=tuple(tuple(row) for row in in_force["coverage_floor"]),
    )
    if state != model.state or day != model.effects.day:
        model._apply_policies(day, state)


def _with_past(
    past: Scenario, future: Scenario, about: dict[str, Any], end: dt.date
) -> ForkedScenario:
    """Join the scenarios on the day after the last one simulated."""
    if not about["scalars"]["_next"]:
        raise ScenarioError(
            f"Nothing of '{past.name}' has been simulated yet: run '{future.name}' from its start."
        )
    if not about["scalars"]["running"]:
        raise ScenarioError(
            f"The saved run has reached its last day, {end}: no day is left for '{future.name}'."
        )
    last = dt.date.fromisoformat(about["scalars"]["day"])
    return ForkedScenario.join(past, future, last + dt.timedelta(days=1))


# Scenarios and files ------------------------------------------------------------------------------


def _chain(scenario: Scenario) -> list[dict[str, str | None]]:
    """Return the scenarios of a fork's past and its future as texts, in order."""
    if isinstance(scenario, ForkedScenario):
        last = {"since": scenario.since.isoformat(), "yaml": scenario.future.to_yaml()}
        return [*_chain(scenario.past), {**last, "hash": scenario.future.hash}]
    return [{"since": None, "yaml": scenario.to_yaml(), "hash": scenario.hash}]


def _scenario_of(chain: list[dict[str, Any]]) -> Scenario:
    """Read back what `_chain` wrote; a scenario that reads back differently is a ValueError."""
    whole: Scenario | None = None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        for link in chain:
            file.write_text(link["yaml"], encoding="utf-8")
            scenario = load_scenario(file)
            if scenario.hash != link["hash"]:
                raise ValueError(scenario.name)
            if whole is None:
                whole = scenario
            else:
                since = dt.date.fromisoformat(link["since"])
                whole = ForkedScenario.join(whole, scenario, since)
    if whole is None:
        raise ValueError(ABOUT)
    return whole


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a file that `save` wrote; the archive's checksums find damage."""
    if not path.is_file():
        raise ResultError(f"There is no saved model {path}.")
    if not zipfile.is_zipfile(path):
        raise ResultError(f"{path} is damaged, or is no model saved by sim77.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays.pop(ABOUT).tobytes())
        missing = {"format", "sim77", "territory", "scenarios", "scalars"} - about.keys()
    except (*_UNREADABLE, AttributeError) as error:
        raise ResultError(f"{path} is damaged, or is no model saved by sim77.") from error
    if missing:
        raise ResultError(f"{path} is no model saved by sim77: it has no {sorted(missing)[0]}.")
    return arrays, about
