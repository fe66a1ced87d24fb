"""The study file of a calibration: what is free, within which ranges, and how hard to look.

::

    title: {fr: …, en: …}
    question: {fr: …, en: …}
    anchors: ["2017", "2022"]      # years whose rows are fitted, with one behaviour for all
    free:                          # prior: uniform over the registry's range, or a part of it
      theta: {}
      asc_home: {together: [asc_home_managers, asc_home_clerical], low: -4, high: -1}
      b_friday: {together: [b_weekday_friday]}
    at_most: {sum: [g_peer, g_norm], value: 1.3}
    first_guess: {share_covered_managers@2017-01-01: 0.17}   # agreements to start from, see below
    keep: {theta: 0.4, asc_home: -1.2, b_friday: 0.3}   # ships while it is as good, see below
    scale: 0.1                     # share of the residents at work that is simulated
    seed: 1
    population: 100                # particles a generation
    generations: 6                 # at most; ends once half an error each is reached
    most_evaluations: 3000         # stop after so many, with the last whole generation
    check_scale: 0.5               # the solved point is run once more, at this scale, another seed
    centres: {scenario: hybrid-2022, from: 2022-03-07, to: 2022-04-01}   # see `centres`
    territory: ile-de-france       # another than Seine-et-Marne: its name, or a folder from here
    quick: {scale: 0.02, population: 12, generations: 2, most_evaluations: 80}   # --quick
    recovery: {scale: 0.02, population: 40, generations: 4, most_evaluations: 600}   # --recovery
    sbc: {free: [theta, b_friday], scale: 0.02, simulations: 400, truths: 100, kept: 0.2}   # --sbc

The last two are the reduced problems of `recovery` and `sbc`: what is not free there keeps its
registry value.

What can be solved for is solved for every value of what is free and is not named here: agreements
(`agreements`). They are solved from ``first_guess``: who is covered in the runs, and the allowances
that the solution is drawn to. It is written down in the study and not read from the registry, whose
values are those that a calibration has left. Constants of modes and their scale are fitted with the
territory (`sim77.analysis.modes`) and stay as they are.

One point of a posterior ships. ``keep`` names one to stay with where it is inside 90 % of every
parameter and no typical draw meets the observations better: two releases should not differ by which
of many near equals was drawn.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sim77.analysis.calibrate.observe import ANCHORS
from sim77.analysis.calibrate.schema import CalibrationFile, Effort, FreeEntry
from sim77.analysis.sweep.entries import MisplacedError, at
from sim77.core.errors import StudyError, nearest
from sim77.core.schema import Part, validated
from sim77.core.yaml_file import placed, read_yaml
from sim77.registry.parameters import FrozenDict, defaults_hash, load_parameters, on_any_date
from sim77.territory.territory import Territory, load_territory, territory_names

STUDY_FILE = "study.yaml"


@dataclass(frozen=True)
class Free:
    """A free parameter: one number, given to one or more parameters of the registry.

    Attributes
    ----------
    name : str
    parameters : tuple of str
    low, high : float
        Ends of the uniform prior.
    """

    name: str
    parameters: tuple[str, ...]
    low: float
    high: float


@dataclass(frozen=True)
class CentresRun:
    """The run in which the use of telecentres is read (`sim77.analysis.calibrate.centres`).

    Attributes
    ----------
    scenario : str
    start, end : datetime.date
        First and last day.
    """

    scenario: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class CalibrationStudy:
    """A calibration as asked for; see the module for the keys."""

    title: Mapping[str, str]
    question: Mapping[str, str]
    anchors: tuple[str, ...]
    free: tuple[Free, ...]
    sum_of: tuple[str, ...] = ()
    sum_at_most: float = 0.0
    first_guess: Mapping[str, float] = field(default_factory=FrozenDict)
    keep: Mapping[str, float] = field(default_factory=FrozenDict)
    scale: float = 0.1
    check_scale: float = 0.5
    seed: int = 1
    population: int = 100
    generations: int = 6
    most_evaluations: int = 3000
    centres: CentresRun | None = None
    territory: str | None = None
    quick: Mapping[str, float] = field(default_factory=FrozenDict)
    recovery: Mapping[str, float] = field(default_factory=FrozenDict)
    sbc: Mapping[str, Any] = field(default_factory=FrozenDict)

    @cached_property
    def names(self) -> list[str]:
        """What is free, in the order of arrays of points."""
        return [each.name for each in self.free]

    @cached_property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The low and the high ends of the priors, (n_free,) each."""
        return (
            np.array([each.low for each in self.free]),
            np.array([each.high for each in self.free]),
        )

    def points(self, values: np.ndarray) -> list[dict[str, float]]:
        """Return values of what is free by name, of an array (n, n_free)."""
        return [dict(zip(self.names, row, strict=True)) for row in values.tolist()]

    def place_of(self, values: np.ndarray) -> np.ndarray:
        """Return places in the priors, 0 to 1, of values of what is free, (..., n_free)."""
        low, high = self.ends
        return (values - low) / (high - low)

    def values_at(self, place: np.ndarray) -> np.ndarray:
        """Return the values of what is free at places in the priors, (..., n_free)."""
        low, high = self.ends
        return np.asarray(low + place * (high - low))

    @cached_property
    def hash(self) -> str:
        """The sha256, in hexadecimal, of all that changes numbers."""
        names = ("anchors", "sum_of", "sum_at_most", *Effort.model_fields)
        content = {name: getattr(self, name) for name in names}
        content["free"] = [[x.name, x.parameters, x.low, x.high] for x in self.free]
        content["first_guess"] = dict(self.first_guess)
        if self.keep:
            content["keep"] = dict(self.keep)
        if self.centres is not None:
            run = self.centres
            content["centres"] = [run.scenario, str(run.start), str(run.end)]
        if self.territory is not None:
            content["territory"] = load_territory(self.territory).name
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def defaults_hash(self) -> str:
        """The sha256, in hexadecimal, of the registry's values that the study leaves in use."""
        spread = self.spread({each.name: each.low for each in self.free})
        return defaults_hash(on_any_date([*self.first_guess, *spread]))

    @cached_property
    def ranges_solved(self) -> dict[str, list[float]]:
        """The registry's ranges of agreements, within which they are solved."""
        return {
            name: [entry.low, entry.high]
            for name, entry in load_parameters().items()
            if name.startswith(("share_covered_", "share_allowance_"))
        }

    def quickened(self) -> CalibrationStudy:
        """Return the reduced calibration of ``--quick``."""
        changes: dict[str, Any] = dict(self.quick)
        return replace(self, centres=None, **changes)

    def for_recovery(self) -> CalibrationStudy:
        """Return the reduced calibration of ``--recovery``; its solved point is not run again."""
        changes: dict[str, Any] = {"check_scale": 0.0, **self.recovery}
        return replace(self, centres=None, keep=FrozenDict(), **changes)

    def for_sbc(self) -> CalibrationStudy:
        """Return the reduced problem of ``--sbc``: fewer free parameters, a smaller sample."""
        names = self.sbc.get("free") or self.names
        free = tuple(each for each in self.free if each.name in names)
        whole = all(name in names for name in self.sum_of)
        return replace(
            self,
            free=free,
            sum_of=self.sum_of if whole else (),
            keep=FrozenDict(),
            scale=self.sbc.get("scale", self.scale),
        )

    def spread(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return registry parameters for values of what is free."""
        return {each: float(values[free.name]) for free in self.free for each in free.parameters}

    def allows(self, values: Mapping[str, float]) -> bool:
        """Say whether the values keep their ranges and the sum that is bounded."""
        known = load_parameters()
        return min(self.slack(values), default=0.0) >= 0.0 and all(
            known[name].low <= values[free.name] <= known[name].high
            for free in self.free
            for name in free.parameters
        )

    def slack(self, values: Mapping[str, float]) -> list[float]:
        """Return by how much the values keep the bound on a sum; below 0 it is broken."""
        return [self.sum_at_most - sum(values[name] for name in self.sum_of)] if self.sum_of else []


def load_study(path: str | Path) -> CalibrationStudy:
    """Read and check the study file of a calibration, or the one in a folder.

    Raises
    ------
    StudyError
        If a key, a parameter, an anchor year or a range is not possible, in one sentence.
    """
    file = Path(path) / STUDY_FILE if Path(path).is_dir() else Path(path)
    text, content = read_yaml(file, StudyError)
    return study_of(content, str(file), text)


def study_of(content: Any, where: str, text: str = "") -> CalibrationStudy:
    """Return the study that a mapping describes, checked.

    Parameters
    ----------
    content : mapping
    where : str
        The file, for what is said of mistakes.
    text : str
        Of the file, for their lines.
    """
    try:
        return _checked(validated(CalibrationFile, content, MisplacedError), Path(where).parent)
    except MisplacedError as error:
        place = placed(text, error.path)
        raise StudyError(f"{where}{', ' if place else ''}{place}: {error.message}") from None


def _checked(given: CalibrationFile, folder: Path) -> CalibrationStudy:
    with at("territory"):
        shipped = given.territory is None or given.territory in territory_names()
        # A folder begins where the study lies, as in a sweep.
        territory = load_territory(given.territory if shipped else folder / str(given.territory))
    free = []
    for name, entry in given.free.items():
        with at("free", name):
            free.append(_free(name, entry, territory))
            _check_distinct(free)
    names = [each.name for each in free]
    for place, named in (
        (("at_most", "sum"), given.at_most.sum if given.at_most else ()),
        (("sbc", "free"), given.sbc.free or ()),
    ):
        for name in named:
            if name not in names:
                raise MisplacedError(f"'{name}' is not free.{nearest(name, names)}", place)
    found = CalibrationStudy(
        title=_said(given.title),
        question=_said(given.question),
        anchors=tuple(name for name in ANCHORS if name in given.anchors),
        free=tuple(free),
        sum_of=tuple(given.at_most.sum) if given.at_most else (),
        sum_at_most=given.at_most.value if given.at_most else 0.0,
        first_guess=FrozenDict(given.first_guess),
        keep=FrozenDict(given.keep),
        centres=CentresRun(**given.centres.model_dump()) if given.centres else None,
        territory=territory.reference,
        quick=_said(given.quick),
        recovery=_said(given.recovery),
        sbc=_said(given.sbc),
        **given.model_dump(include=set(Effort.model_fields), exclude_unset=True),
    )
    if found.keep:
        with at("keep"):
            _check_point(found)
    return found


def _said(part: Part | None) -> FrozenDict[Any]:
    return FrozenDict(part.model_dump(exclude_unset=True) if part else {})


def _free(name: str, entry: FreeEntry, territory: Territory) -> Free:
    parameters = tuple(entry.together or (name,))
    for each in parameters:
        if each not in load_parameters():
            raise StudyError(f"unknown parameter '{each}'.{nearest(each, load_parameters())}")
        if load_parameters()[each].values:
            raise StudyError(f"'{each}' is solved for: leave it out.")
        if each in territory.parameters:
            raise StudyError(f"'{each}' is fitted with the territory: leave it out.")
    lowest = max(load_parameters()[each].low for each in parameters)
    highest = min(load_parameters()[each].high for each in parameters)
    low = lowest if entry.low is None else entry.low
    high = highest if entry.high is None else entry.high
    if not lowest <= low < high <= highest:
        raise StudyError(
            f"the prior is {low:g} to {high:g}, expected a part of the registry's range, "
            f"{lowest:g} to {highest:g}."
        )
    return Free(name, parameters, low, high)


def _check_point(study: CalibrationStudy) -> None:
    for name in study.keep:
        if name not in study.names:
            raise MisplacedError(f"'{name}' is not free.{nearest(name, study.names)}", (name,))
    for each in study.free:
        if each.name not in study.keep:
            raise StudyError(
                f"a value of '{each.name}' is missing, expected one of each that is free."
            )
        if not each.low <= study.keep[each.name] <= each.high:
            raise StudyError(
                f"'{each.name}' is {study.keep[each.name]:g}, expected a value in its prior, "
                f"{each.low:g} to {each.high:g}."
            )
    if not study.allows(study.keep):
        raise StudyError(
            f"{' + '.join(study.sum_of)} is more than {study.sum_at_most:g}, as at_most says."
        )


def _check_distinct(free: Sequence[Free]) -> None:
    named = [each for one in free for each in one.parameters]
    twice = next((each for each in named if named.count(each) > 1), None)
    if twice is not None:
        raise StudyError(f"'{twice}' is free twice, expected once.")
