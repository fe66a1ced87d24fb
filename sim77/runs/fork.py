"""Forks: a model's state saved and resumed bit for bit, so that many policies share one past.

A fork is a copy of what a model remembers (`sim77.engine.state.Memory`) in another model of the
same run. `save` writes it to one file (NumPy's ``.npz``, no pickle), `resume` and `copy` give it to
a new model. Given another scenario, that model goes on under it: same past, different future.
Observers are not copied, and neither are Mesa's own random generators, which no rule of sim77 uses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim77.core.errors import ResultError, ScenarioError, why
from sim77.core.files import replacing
from sim77.core.version import __version__
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population
from sim77.engine.scope import whole_run_parameters
from sim77.engine.state import FORMAT, Packed, pack, unpack
from sim77.runs.execute import RunSpec, start_model
from sim77.scenario.scenario import PolicyState, Scenario, load_scenario
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

    def with_(self, **values: Any) -> Scenario:
        """Raise `ScenarioError`: it would not be said whose values change."""
        raise ScenarioError(
            f"'{self.name}' has the past of '{self.past.name}': change the two before one goes on "
            "from the other."
        )

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
    packed = pack(model.memory, model.population)
    about = _about(model) | {"scenarios": _chain(model.scenario), "memory": packed.content}
    text = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    try:
        with replacing(target) as partial, partial.open("wb") as file:
            np.savez(file, allow_pickle=False, **{**packed.arrays, ABOUT: text})
    except OSError as error:
        raise ResultError(f"Cannot write {target}: {why(error)}.") from error
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
    territory = load_territory(territory or about["territory"]["folder"])
    if territory.hash != about["territory"]["hash"]:
        raise ResultError(
            f"{path} was saved for the territory '{about['territory']['name']}', whose tables are "
            f"not those of {territory.folder}."
        )
    try:
        past = _scenario_of(about["scenarios"])
        return _restored(Packed(arrays, about["memory"]), about, past, scenario, territory)
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
    packed = pack(model.memory, model.population)
    return _restored(
        packed, _about(model), model.scenario, scenario, model.territory, model.population
    )


def _about(model: CommuteModel) -> dict[str, Any]:
    """Return what says which run a model does, and how far it is."""
    territory = model.territory.as_read
    return {
        "format": FORMAT,
        "sim77": __version__,
        "seed": model.draw_seed,
        "scale": model.scale,
        "workplaces": list(model.zones),
        "start": model.days[0].isoformat(),
        "end": model.days[-1].isoformat(),
        "day": model.day.isoformat(),
        "begun": bool(model.recorder.days),
        "running": model.running,
        "sites": list(model.sites.ids),
        "territory": {
            "name": territory.name,
            "hash": territory.hash,
            "folder": territory.reference,
        },
    }


def _restored(
    packed: Packed,
    about: dict[str, Any],
    past: Scenario,
    scenario: str | Scenario | None,
    territory: Territory,
    population: Population | None = None,
) -> CommuteModel:
    """Make a model of the same past, and give it what was remembered."""
    if scenario is not None:
        past = _with_past(past, load_scenario(scenario, territory), territory, about)
    first, last = (dt.date.fromisoformat(about[key]) for key in ("start", "end"))
    spec = RunSpec(
        past, seed=about["seed"], scale=about["scale"], workplaces=about["workplaces"],
        start=first, end=last, territory=territory,
    )  # fmt: skip
    model = start_model(spec, population)
    model.go_on_from(unpack(packed, model.memory, model.population, about["sites"]))
    return model


def _with_past(
    past: Scenario, future: Scenario, territory: Territory, about: dict[str, Any]
) -> ForkedScenario:
    """Join the scenarios on the day after the last one simulated."""
    if not about["begun"]:
        raise ScenarioError(
            f"Nothing of '{past.name}' has been simulated yet: run '{future.name}' from its start."
        )
    if not about["running"]:
        raise ScenarioError(
            f"The saved run has reached its last day, {about['end']}: no day is left for "
            f"'{future.name}'."
        )
    if past.new_lines != future.new_lines:
        raise ScenarioError(
            f"'{future.name}' cannot go on from '{past.name}': new lines run from the first day of "
            "a run, so both must have the same."
        )
    since = dt.date.fromisoformat(about["day"]) + dt.timedelta(days=1)
    before, after = (each.state_on(since, territory).parameters for each in (past, future))
    for name, why_one in whole_run_parameters().items():
        if before[name] != after[name]:
            raise ScenarioError(
                f"'{future.name}' cannot go on from '{past.name}' with {after[name]:g} for the "
                f"parameter '{name}', which is {before[name]:g} there: {why_one}."
            )
    return ForkedScenario.join(past, future, since)


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
        raise ResultError(f"{path} is damaged, or is not a model saved by sim77.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays.pop(ABOUT).tobytes())
        missing = {"format", "sim77", "territory", "scenarios", "memory"} - about.keys()
    except (*_UNREADABLE, AttributeError) as error:
        raise ResultError(f"{path} is damaged, or is not a model saved by sim77.") from error
    if missing:
        raise ResultError(f"{path} is not a model saved by sim77: it has no {sorted(missing)[0]}.")
    return arrays, about
