"""A study: what is varied, how, how often, and what is kept; checked whole before anything runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sim77.analysis.sweep.designs import Design, design_size, make_design
from sim77.analysis.sweep.entries import (
    MisplacedError,
    at,
    at_factor,
    check_overlaps,
    checked_repeats,
    listed,
)
from sim77.analysis.sweep.evaluate import Evaluation
from sim77.analysis.sweep.factors import (
    LEVER,
    PARAMETERS,
    SCENARIO,
    Factor,
    FactorValue,
    make_factor,
    scenario_factor,
    with_parameters,
)
from sim77.analysis.sweep.outcomes import OF_WHOLE_WEEKS, Outcome, biased_in_a_sample, checked
from sim77.analysis.sweep.schema import MOST_RUNS, Repeats, StudyFile
from sim77.core.calendar import has_whole_week
from sim77.core.errors import StudyError, nearest
from sim77.core.files import replace_file, replace_text
from sim77.core.schema import validated
from sim77.engine.scope import checked_zones
from sim77.registry.parameters import FrozenDict, bounded_sums, load_parameters, split_date
from sim77.runs.execute import RunSpec
from sim77.scenario.parts import MisplacedError as MisplacedInScenario
from sim77.scenario.posterior import SeedDraws, load_posterior, posterior_at, posterior_files
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory, territory_names

_RESERVED = ("design", "replication", "seed", "draw", "seconds", "point", "run_id")
STUDY_FILE = "study.yaml"
INPUTS = "inputs"


@dataclass(frozen=True, eq=False)
class Study:
    """A study; the arguments are the keys of a study file (docs/sweeps.md).

    Attributes
    ----------
    scenario : str, Scenario, or a sequence of these
        Several become a factor called ``scenario``.
    outcomes : sequence
        Names of indicators, or ``{"indicator": …, "by": …}``.
    baseline : str, Scenario or None
        Every run is paired with it: the same seed and uncertainties, none of the levers.
    levers, uncertainties : mapping
        Factors by name (`sim77.analysis.sweep.factors.make_factor`).
    design : mapping
        Of `sim77.analysis.sweep.designs.Design`; a full grid by default.
    replications : int or mapping
        A number, or ``{"until": {"outcome", "half_width"}, "at_least", "at_most"}``.
    period : mapping or None
        ``from`` and ``to``, both included; the scenario's by default.
    scale : float
    workplaces : sequence of str, optional
        Those that the territory takes by default, if left out.
    seed : int
        Replication r has the seed ``seed + r``, the same for every point.
    most_runs : int
        A larger study is refused.
    territory : str, Path or None
        Folder of another territory than Seine-et-Marne.
    posterior : str, Path or None
        ``shipped``, or a file of `sim77.scenario.posterior.load_posterior`; replications take draws
        of it.
    seeds_per_draw : int
        So many replications in a row take the same draw; from 2 on chance and parameters can be
        told apart (`sim77.analysis.sweep.results.Sweep.variance_parts`).
    evaluator : str
        ``package.module:function`` to call in place of the model.
    title, question : mapping or str
        In ``fr`` and ``en``.
    folder : Path
        Where relative paths begin.

    Raises
    ------
    StudyError
        If anything is unknown, out of range or too large, in one sentence.
    """

    scenario: Any = None
    outcomes: Sequence[Any] = ()
    baseline: Any = None
    levers: Mapping[str, Any] = field(default_factory=dict)
    uncertainties: Mapping[str, Any] = field(default_factory=dict)
    design: Mapping[str, Any] = field(default_factory=dict)
    replications: Any = 1
    period: Any = None
    scale: float = 1.0
    workplaces: Sequence[str] | None = None
    seed: int = 1
    most_runs: int = MOST_RUNS
    territory: str | Path | None = None
    posterior: str | Path | None = None
    seeds_per_draw: int = 1
    evaluator: str = ""
    title: Any = ""
    question: Any = ""
    folder: Path = Path(".")

    def __post_init__(self) -> None:
        check_study(self)

    # What it says, in its types --------------------------------------------------------------

    @cached_property
    def given(self) -> StudyFile:
        """What it was given, each value checked on its own."""
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        content.pop("folder")
        return validated(StudyFile, content, MisplacedError)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """What varies: scenarios, then levers, then uncertainties."""
        free, found = bool(self.evaluator), []
        if len(self.scenario_names) > 1:
            found.append(scenario_factor(self.scenario_names))
        for key, is_lever in (("levers", True), ("uncertainties", False)):
            for name, entry in (getattr(self.given, key) or {}).items():
                with at(key, name):
                    given = entry.model_dump(exclude_unset=True)
                    found.append(make_factor(name, given, is_lever=is_lever, free=free))
        check_overlaps(found)
        return tuple(found)

    @property
    def factor_names(self) -> list[str]:
        """The names of the factors, in order."""
        return [factor.name for factor in self.factors]

    @cached_property
    def kept(self) -> tuple[Outcome, ...]:
        """The outcomes kept of each run."""
        found = []
        for index, entry in enumerate(self.given.outcomes):
            with at("outcomes", index):
                outcome = Outcome(entry.indicator, entry.by)
                if not self.evaluator:
                    checked(outcome, self.where)
                elif not outcome.is_scalar:
                    raise StudyError(
                        f"an evaluator gives single numbers: '{entry.indicator}' cannot be asked "
                        f"by '{entry.by}'."
                    )
                found.append(outcome)
        return tuple(dict.fromkeys(found))

    @cached_property
    def scalars(self) -> tuple[str, ...]:
        """The columns of scalar outcomes, in order: with a baseline three for each."""
        names = [each.name for each in self.kept if each.is_scalar]
        if self.base is None:
            return tuple(names)
        return (
            *names,
            *(f"baseline_{name}" for name in names),
            *(f"effect_{name}" for name in names),
        )

    @cached_property
    def lists(self) -> tuple[tuple[str, Outcome], ...]:
        """The columns of outcomes that are lists, and what they hold."""
        found = [(each.name, each) for each in self.kept if not each.is_scalar]
        if self.base is not None:
            found += [(f"baseline_{name}", each) for name, each in found]
        return tuple(found)

    @cached_property
    def plan(self) -> Design:
        """The design."""
        with at("design"):
            given = self.given.design.model_dump(exclude_unset=True)
            if "file" in given:
                given["file"] = self.path(given["file"])
            return Design(**given)

    @cached_property
    def repeats(self) -> Repeats:
        """The replications."""
        with at("replications"):
            return checked_repeats(self.given.replications)

    @cached_property
    def where(self) -> Territory:
        """The territory."""
        with at("territory"):
            given = self.territory
            if given is None or given in territory_names():
                return load_territory(given)
            return load_territory(self.path(given))

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """The scopes that the workers work in."""
        with at("workplaces"):
            return checked_zones(self.given.workplaces, self.where)

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios, in order; none if another function is evaluated."""
        if self.scenario is None:
            return ()
        with at("scenario"):
            return tuple(self._scenario(each) for each in listed(self.scenario))

    @property
    def scenario_names(self) -> list[str]:
        """The names of the scenarios."""
        return [scenario.name for scenario in self.scenarios]

    @cached_property
    def base(self) -> Scenario | None:
        """The paired baseline."""
        if self.baseline is None:
            return None
        with at("baseline"):
            return self._scenario(self.baseline)

    @cached_property
    def draws(self) -> SeedDraws | None:
        """The draws of the posterior by seed."""
        if self.posterior is None:
            return None
        with at("posterior"):
            found = load_posterior(posterior_at(self.posterior, Path(self.folder)))
        return SeedDraws(found, self.seed, self.seeds_per_draw)

    @cached_property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day."""
        period = self.given.period
        if period is None:
            found = {(each.start, each.end) for each in self.scenarios}
            if len(found) != 1:
                raise MisplacedError(
                    "the scenarios differ in theirs: give from and to.", ("period",)
                )
            return found.pop()
        if period.end < period.start:
            raise MisplacedError(
                f"the last day, {period.end}, is before the first, {period.start}.", ("period",)
            )
        return period.start, period.end

    def _run(self, scenario: Scenario, seed: int) -> RunSpec:
        first, last = self.days
        return RunSpec(
            scenario, seed=seed, scale=self.given.scale, workplaces=self.zones,
            start=first, end=last, territory=self.where.reference,
        )  # fmt: skip

    # Its points and runs ---------------------------------------------------------------------

    @cached_property
    def _made(self) -> tuple[pd.DataFrame, np.ndarray]:
        with at("design"):
            return make_design(self.factors, self.plan)

    @property
    def points(self) -> pd.DataFrame:
        """The design points, one row each and one column a factor."""
        return self._made[0]

    @property
    def sample(self) -> np.ndarray:
        """Point numbers in the order of the design's sample."""
        return self._made[1]

    @property
    def n_points(self) -> int:
        """How many design points there are."""
        return len(self.points)

    @property
    def most_replicated(self) -> int:
        """How many runs there are if every point is replicated as often as may be."""
        return self.n_points * self.repeats.at_most

    def point(self, design: int) -> dict[str, FactorValue]:
        """Return the values of the factors at a design point."""
        values = self.points.iloc[design]
        return {
            each.name: str(values[each.name]) if each.is_text else float(values[each.name])
            for each in self.factors
        }

    def evaluation(self, design: int, replication: int) -> Evaluation:
        """Return one evaluation.

        Parameters
        ----------
        design : int
            Number of the point.
        replication : int
            From 0.
        """
        return self.evaluation_at(self.point(design), replication)

    def evaluation_at(self, point: Mapping[str, FactorValue], replication: int) -> Evaluation:
        """Return one evaluation at any values of the factors, in the design or not.

        Parameters
        ----------
        point : mapping of str to float or str
            A value for each factor.
        replication : int
            From 0.
        """
        seed = self.seed + replication
        if self.evaluator:
            return Evaluation(
                seed, point=FrozenDict(point), evaluator=self.evaluator, expected=self.scalars
            )
        scenario, base = self.sides(point)
        if self.draws is not None:
            scenario = self.draws.under(scenario, seed)
            base = self.draws.under(base, seed) if base is not None else None
        baseline = None if base is None else self._run(base, seed)
        return Evaluation(seed, self._run(scenario, seed), baseline, self.kept, FrozenDict(point))

    def point_key(self, design: int) -> str:
        """Return a hash of all that decides the numbers of a point's runs, but the seed."""
        point = self.point(design)
        content: dict[str, Any] = {"evaluator": self.evaluator, "outcomes": self.scalars}
        if self.evaluator:
            content["point"] = point
        else:
            scenario, base = self.sides(point)
            first, last = self.days
            content |= {
                "scenario": scenario.hash, "baseline": base.hash if base else None,
                "from": str(first), "to": str(last), "scale": self.given.scale,
                "workplaces": self.zones, "lists": [name for name, _ in self.lists],
                "posterior": self.draws.posterior.hash if self.draws else None,
                "seeds_per_draw": self.seeds_per_draw,
            }  # fmt: skip
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def sides(self, point: Mapping[str, FactorValue]) -> tuple[Scenario, Scenario | None]:
        """Return the scenario and the baseline of a point, without a draw of the posterior."""
        chosen = str(point.get(SCENARIO, self.scenario_names[0]))
        scenario, base = self.scenarios[self.scenario_names.index(chosen)], self.base
        scenario = self._moved(scenario, self.factors, point)
        if base is not None:
            base = self._moved(base, [each for each in self.factors if not each.is_lever], point)
        return scenario, base

    def _moved(
        self, scenario: Scenario, factors: Sequence[Factor], point: Mapping[str, FactorValue]
    ) -> Scenario:
        """Return a scenario with factors at the values of a point; parameters all at once."""
        values = {
            name: float(point[factor.name])
            for factor in factors
            if factor.kind == PARAMETERS
            for name in factor.sets
        }
        scenario = with_parameters(scenario, values)
        for factor in factors:
            if factor.kind == LEVER:
                with at_factor(factor):
                    scenario = factor.apply(scenario, point[factor.name], self.days[0])
        return scenario

    # Its words and files ---------------------------------------------------------------------

    def warnings(self) -> list[str]:
        """Return what a user should know before running it, a sentence each."""
        biased = biased_in_a_sample(self.kept) if self.scale < 1.0 and not self.evaluator else []
        if not biased:
            return []
        return [
            f"At scale {self.scale:g} outcomes about desks, refusals and occupancy are biased "
            f"({', '.join(biased)}); run them at scale 1."
        ]

    def path(self, name: str | Path) -> Path:
        """Return a path of the study, relative ones from its folder."""
        return Path(self.folder) / name

    def _scenario(self, given: Any) -> Scenario:
        if isinstance(given, Scenario):
            return given
        file = self.path(given)
        own = None if self.territory is None else self.where
        return load_scenario(file if os.path.isfile(file) else given, own)

    def text(self, key: str, language: str) -> str:
        """Return the ``title`` or the ``question`` in a language, or in the other, or nothing."""
        found = getattr(self, key)
        if isinstance(found, Mapping):
            return str(found.get(language) or next(iter(found.values()), ""))
        return str(found or "")

    def save(self, folder: Path) -> None:
        """Write the study to a folder with copies of the files it reads: it stands alone then."""
        save_study(self, folder)


# Checking it ------------------------------------------------------------------------------------


def check_study(study: Study) -> None:
    """Raise `StudyError` at the first mistake in a study.

    Parameters
    ----------
    study : Study
    """
    _check_seeds_per_draw(study)
    if study.evaluator.startswith("__main__:"):
        with at("evaluator"):
            raise StudyError(
                f"'{study.evaluator}' is in the file or notebook that is run, which worker "
                "processes do not import: put the function into a module beside it."
            )
    if not study.evaluator:
        _check_model(study)
    elif study.scenario is not None or study.baseline is not None or study.posterior is not None:
        raise StudyError("a study of an evaluator has no scenario, baseline or posterior.")
    kept = [each.name for each in study.kept]
    taken = next((name for name in study.factor_names if name in (*_RESERVED, *kept)), None)
    if taken is not None:
        raise StudyError(f"a factor cannot be called '{taken}': the table has such a column.")
    _check_until(study)
    _check_size(study)
    if not study.evaluator:
        _check_sums(study)
        _check_scenarios(study)


def _check_seeds_per_draw(study: Study) -> None:
    each = study.given.seeds_per_draw
    if each == 1:
        return
    with at("seeds_per_draw"):
        if study.posterior is None:
            raise StudyError("these are seeds of a posterior's draws, but there is no posterior.")
        if study.repeats.fixed and study.repeats.at_least % each:
            raise StudyError(
                f"{study.repeats.at_least} replications cannot be shared out {each} to a draw."
            )


def _check_model(study: Study) -> None:
    if study.scenario is None:
        raise StudyError("a study needs a scenario.")
    _ = study.where, study.zones
    if len(set(study.scenario_names)) < len(study.scenarios):
        raise MisplacedError("two scenarios have the same name.", ("scenario",))
    weekly = next((each.name for each in study.kept if each.name in OF_WHOLE_WEEKS), None)
    if weekly and not has_whole_week(*study.days):
        raise MisplacedError(
            f"'{weekly}' is of whole weeks, and none lies in these days.", ("period",)
        )
    if study.draws is not None:
        moved = {name for factor in study.factors for name in factor.sets}
        names = {split_date(key)[0] for key in study.draws.posterior.parameters}
        twice = next((name for name in sorted(names) if name in moved), None)
        if twice is not None:
            raise MisplacedError(f"'{twice}' is varied as a factor already.", ("posterior",))


def _check_until(study: Study) -> None:
    outcome = study.repeats.outcome
    if outcome and outcome not in study.scalars:
        raise MisplacedError(
            f"'{outcome}' is not an outcome of the study.{nearest(outcome, study.scalars)}",
            ("replications", "until", "outcome"),
        )


def _check_size(study: Study) -> None:
    size = design_size(study.factors, study.plan) * study.repeats.at_most
    if size <= study.most_runs:
        size = study.most_replicated
    if size > study.most_runs:
        raise StudyError(
            f"the study has {size:,} runs, more than most_runs, {study.most_runs:,}: take fewer "
            "points or replications, or raise most_runs."
        )


def _check_sums(study: Study) -> None:
    """Refuse ranges in which parameters add up to more than the evidence allows."""
    drawn = study.draws.posterior.parameters if study.draws else ()
    draws = study.draws.posterior.values if study.draws else np.zeros((1, 0))
    ends = {name: factor.high for factor in study.factors for name in factor.sets}
    for names, at_most in bounded_sums():
        if not {*ends, *drawn} & set(names):
            continue
        for scenario in (*study.scenarios, *([study.base] if study.base else [])):
            own = {name: load_parameters()[name].value for name in names}
            fixed = own | dict(scenario.parameters) | ends
            total = sum(
                draws[:, drawn.index(name)] if name in drawn else np.full(len(draws), fixed[name])
                for name in names
            )
            if np.max(total) > at_most + 1e-9:
                raise StudyError(
                    f"the ranges let {' + '.join(names)} reach {np.max(total):g}, but the evidence "
                    f"bounds the sum by {at_most:g}: give them a lower 'high'."
                )


def _check_scenarios(study: Study) -> None:
    """Apply the ends or values of each factor once, so that no mistake waits for its run."""
    first = {each.name: each.levels(2)[0] for each in study.factors}
    points = [first]
    points += [{**first, f.name: value} for f in study.factors for value in f.levels(2)]
    day = study.days[0]
    for point in points:
        for side in study.sides(point):
            if side is not None:
                _check_names(study, side)
                side.state_on(day, study.where)


def _check_names(study: Study, side: Scenario) -> None:
    """Refuse names that the territory lacks, at the factor whose change has them."""
    try:
        side.check(study.where)
    except MisplacedInScenario as error:
        if error.path[0] != "changes":
            raise
        change = side.changes[int(error.path[1])]
        for factor in study.factors:
            if factor.sets == (change.lever,) and factor.target == change.target:
                with at_factor(factor):
                    raise
        raise


# Writing it -------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return a value as YAML writes it."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Outcome):
        return {"indicator": value.indicator, "by": value.by}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, dt.date | Path) else value


def save_study(study: Study, folder: Path) -> None:
    """Write a study to a folder with copies of the files it reads, so that it stands alone.

    Parameters
    ----------
    study : Study
    folder : Path
    """
    content = {each.name: getattr(study, each.name) for each in fields(study)}
    content.pop("folder")

    def kept(name: str, copy: bytes) -> str:
        (folder / INPUTS).mkdir(parents=True, exist_ok=True)
        replace_file(folder / INPUTS / name, copy)
        return f"{INPUTS}/{name}"

    def named(given: Any, scenario: Scenario, role: str) -> str:
        if isinstance(given, str) and not os.path.isfile(study.path(given)):
            return given
        return kept(f"{role}-{scenario.name}.yaml", scenario.to_yaml().encode())

    if study.scenarios:
        pairs = zip(listed(study.scenario), study.scenarios, strict=True)
        names = [named(given, scenario, "scenario") for given, scenario in pairs]
        content["scenario"] = names if len(names) > 1 else names[0]
    if study.base is not None:
        content["baseline"] = named(study.baseline, study.base, "baseline")
    if study.plan.file is not None:
        file = kept(f"points-{study.plan.file.name}", study.plan.file.read_bytes())
        content["design"] = {**study.design, "file": file}
    if study.posterior is not None:
        table, *beside = posterior_files(posterior_at(study.posterior, Path(study.folder)))
        for path in beside:
            kept(f"posterior-{path.name}", path.read_bytes())
        content["posterior"] = kept(f"posterior-{table.name}", table.read_bytes())
    if study.territory is not None:
        content["territory"] = study.where.reference
    default = {each.name: each.default for each in fields(study)}
    nothing: tuple[Any, ...] = (None, "", {}, [], ())
    shown = {
        key: plain(value)
        for key, value in content.items()
        if value != default[key] and value not in nothing
    }
    text = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)
    replace_text(folder / STUDY_FILE, text)
